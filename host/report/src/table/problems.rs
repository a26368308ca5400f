//! What is wrong with a sheet, each with what to do about it: grouped, and not too many.

use std::collections::{BTreeMap, BTreeSet};

use scoresheet_domain::{Problem, ProblemKind, ProviderName, Remedy, sheet::Scoresheet};

use super::{
    paint::Tint,
    text::{clean, paragraph},
};
use crate::{Options, figures::counted};

/// So many problems are shown; the others are counted.
const SHOWN: usize = 10;

/// The problems, by kind and provider; empty where there are none.
pub(super) fn problems(sheet: &Scoresheet, options: &Options) -> String {
    if sheet.problems.is_empty() {
        return String::new();
    }
    let mut groups: BTreeMap<(ProblemKind, Option<&ProviderName>), Vec<&Problem>> = BTreeMap::new();
    for problem in &sheet.problems {
        groups.entry((problem.kind, problem.provider.as_ref())).or_default().push(problem);
    }
    let shares = share(&groups.values().map(Vec::len).collect::<Vec<_>>());
    let mut text = format!("{}\n", Tint::Strong.on(&counted(sheet.problems.len(), "problem")));
    for (((kind, provider), problems), share) in groups.iter().zip(&shares) {
        if *share == 0 {
            continue;
        }
        let provider = provider.map_or_else(String::new, |provider| format!(" · {provider}"));
        let count = if problems.len() > 1 { format!(" ({})", problems.len()) } else { String::new() };
        let heading = format!("{}{provider}{count}", kind.as_str());
        text.push_str(&format!("{}\n", tint(*kind).on(&heading)));
        text.push_str(&group(sheet, &problems[..*share], options));
    }
    let hidden = sheet.problems.len() - shares.iter().sum::<usize>();
    if hidden > 0 {
        text.push_str(&format!("and {hidden} more (--json shows all)\n"));
    }
    text
}

/// The problems of one kind; a remedy that several share stands once, after the last of them.
fn group(sheet: &Scoresheet, problems: &[&Problem], options: &Options) -> String {
    let remedies: BTreeSet<&Remedy> = problems.iter().map(|problem| &problem.remedy).collect();
    let shared = remedies.len() == 1;
    let mut text = String::new();
    for (index, problem) in problems.iter().enumerate() {
        let message = format!("{}{}", who(sheet, problem), clean(&problem.message));
        text.push_str(&paragraph(&message, options.width, "  ", "  "));
        text.push('\n');
        if !shared || index + 1 == problems.len() {
            // Not wrapped: it may be a command to copy.
            text.push_str(&format!("    → {}\n", clean(&problem.remedy.to_string())));
        }
    }
    text
}

/// The client in front of a message that does not name it.
fn who(sheet: &Scoresheet, problem: &Problem) -> String {
    let Some(id) = &problem.client else { return String::new() };
    let name = sheet.clients.iter().find(|client| client.id == *id).map(|client| client.name.as_str());
    if problem.message.contains(id.as_str()) || name.is_some_and(|name| problem.message.contains(name)) {
        String::new()
    } else {
        format!("{}: ", clean(name.unwrap_or(id.as_str())))
    }
}

/// How many of each group are shown: one of each first, then the rest in order.
fn share(sizes: &[usize]) -> Vec<usize> {
    let mut left = SHOWN;
    let mut shares: Vec<usize> = sizes
        .iter()
        .map(|size| {
            let first = (*size).min(1).min(left);
            left -= first;
            first
        })
        .collect();
    for (share, size) in shares.iter_mut().zip(sizes).filter(|(share, _)| **share > 0) {
        let more = (size - *share).min(left);
        *share += more;
        left -= more;
    }
    shares
}

/// What only waits for a decision is milder than what failed.
fn tint(kind: ProblemKind) -> Tint {
    match kind {
        ProblemKind::Unmapped | ProblemKind::Ambiguous | ProblemKind::Stale | ProblemKind::RateLimited => {
            Tint::Middling
        }
        _ => Tint::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn every_group_is_seen_before_one_is_seen_whole() {
        assert_eq!(share(&[3, 2]), [3, 2]);
        assert_eq!(share(&[1, 30, 2]), [1, 8, 1]);
        assert_eq!(share(&[20]), [10]);
        assert_eq!(share(&[2; 12]), [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    }
}
