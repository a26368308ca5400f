//! The MSP's own view of the clients: its names, types and seats, and how they meet the source's.

use super::cast::{ROSTER_ONLY, ROSTER_ONLY_FROM};

/// By what a client of the roster meets its source client. The names follow the guide's matching rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tie {
    /// The same name, letter by letter.
    Exact,
    /// The same name after normalisation: case, accents, punctuation, `&`, `St.`, "first" and their kin.
    Normalised,
    /// The same name after normalisation and without the legal form or the leading "The".
    WithoutLegalForm,
    /// One of the roster's aliases, by any of the rules above.
    Alias,
    /// Nothing: a person has to say so, or there is no source client at all.
    Unmatched,
}

/// A client as the MSP's roster has it, and beside that the truth about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterClient {
    /// The roster's id; unique.
    pub id: String,
    /// The name as the MSP spells it.
    pub name: String,
    /// The kind of business: "legal", "dental".
    pub kind: String,
    /// Whether it is still a client.
    pub active: bool,
    /// Its web domain.
    pub domain: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Workplaces.
    pub seats: u32,
    /// The truth: the source's id of this client, where the source has it. Not in the CSV.
    pub source_id: Option<String>,
    /// The truth: by what the two meet. Not in the CSV.
    pub tie: Tie,
}

impl RosterClient {
    /// A client whose id and domain follow from its name; `number` stands in where the name has no Latin letters.
    pub(super) fn named(name: &str, number: usize) -> Self {
        let slug = slug(name, number);
        Self {
            domain: format!("{slug}.example"),
            id: slug,
            name: name.to_owned(),
            kind: "other".to_owned(),
            active: true,
            aliases: vec![],
            seats: 10,
            source_id: None,
            tie: Tie::Unmatched,
        }
    }
}

/// The client that only the roster knows, where a world of so many clients has it.
pub(super) fn roster_only(clients: usize) -> Option<RosterClient> {
    let (name, kind, seats) = ROSTER_ONLY;
    (clients >= ROSTER_ONLY_FROM).then(|| RosterClient { kind: kind.to_owned(), seats, ..RosterClient::named(name, 0) })
}

/// The roster as CSV: `id,name,type,active,domain,aliases,seats`, aliases with `;` between.
pub(super) fn csv(roster: &[RosterClient]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |record: [&str; 7]| writer.write_record(record).expect("memory takes every record of seven fields");
    write(["id", "name", "type", "active", "domain", "aliases", "seats"]);
    for client in roster {
        write([
            &client.id,
            &client.name,
            &client.kind,
            if client.active { "true" } else { "false" },
            &client.domain,
            &client.aliases.join(";"),
            &client.seats.to_string(),
        ]);
    }
    let bytes = writer.into_inner().expect("memory can always be flushed");
    String::from_utf8(bytes).expect("the fields were UTF-8, and so are commas and quotes")
}

/// Lower-case letters and digits with single hyphens between.
fn slug(name: &str, number: usize) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') && c != '\'' {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.len() < 3 { format!("client-{number}") } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_the_name() {
        let id = |name| RosterClient::named(name, 14).id;
        assert_eq!(id("Kessler, Whitman & Roe"), "kessler-whitman-roe");
        assert_eq!(id("O'Malley Plumbing, LLC."), "omalley-plumbing-llc");
        assert_eq!(id("山本製作所"), "client-14");
    }

    #[test]
    fn the_csv_quotes_what_needs_it() {
        let acme =
            RosterClient { aliases: vec!["ACME".into(), "A \"B\"".into()], ..RosterClient::named("Acme, Inc.", 1) };
        assert_eq!(
            csv(&[acme]),
            "id,name,type,active,domain,aliases,seats\n\
             acme-inc,\"Acme, Inc.\",other,true,acme-inc.example,\"ACME;A \"\"B\"\"\",10\n"
        );
    }
}
