//! Abbreviations of metrics' names, each different from the others.

use crate::table::text::truncate;

/// An abbreviation for each name: the initials of its words ("Help Desk Usage" as HDU), or the
/// beginning of a single word ("Procurement" as Pro).
pub(super) fn abbreviate(names: &[String]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for name in names {
        let words = words(name);
        let short = match words.as_slice() {
            [] => "?".to_owned(),
            [word] => word.chars().take(3).collect(),
            words => words.iter().take(4).filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect(),
        };
        // The second "CS" becomes "CS2".
        let different = (2..).map(|n| format!("{short}{n}")).find(|candidate| !taken.contains(candidate));
        taken.push(if taken.contains(&short) { different.unwrap_or(short) } else { short });
    }
    taken.iter().map(|short| truncate(short, 6).into_owned()).collect()
}

/// The words of a name; a capital within a word begins another ("LifeCycle").
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.push(c);
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_its_own() {
        let names = [
            "Help Desk Usage",
            "First Touch",
            "Strategic Review",
            "Cross Selling",
            "Project Engagement",
            "Procurement",
            "Support Engagement Satisfaction",
            "Invoices / AR",
            "LifeCycle",
            "Client Success",
            "Procurements",
            "客户满意度",
            "",
        ];
        let short = abbreviate(&names.map(str::to_owned));
        assert_eq!(short, ["HDU", "FT", "SR", "CS", "PE", "Pro", "SES", "IA", "LC", "CS2", "Pro2", "客户满", "?"]);
    }
}
