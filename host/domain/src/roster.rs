//! The roster: the MSP's clients, from CSV.
//!
//! Columns `id` and `name` are needed; `type`, `active`, `seats`, and with `;` between several `domain`, `aliases` and
//! `identifiers` mean something; any further column is kept for the metrics.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::{client::Client, id::ClientId};

/// A line of a roster that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct RosterProblem {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// Reads a roster.
///
/// # Errors
/// Every line that cannot be used, together.
pub fn parse(bytes: &[u8]) -> Result<Vec<Client>, Vec<RosterProblem>> {
    // Spreadsheets write a byte-order mark before UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(str::to_lowercase).collect(),
        Err(error) => return Err(vec![RosterProblem { line: 1, message: error.to_string() }]),
    };
    let mut problems = Vec::new();
    for needed in ["id", "name"] {
        if !header.iter().any(|column| column == needed) {
            problems.push(RosterProblem {
                line: 1,
                message: format!("the header has no column '{needed}': it needs at least id,name"),
            });
        }
    }
    for (index, column) in header.iter().enumerate() {
        if header[..index].contains(column) {
            problems.push(RosterProblem { line: 1, message: format!("the column '{column}' stands twice") });
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }

    let mut clients = Vec::new();
    let mut lines_by_id = BTreeMap::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                match client(&header, &record) {
                    Ok(client) => match lines_by_id.entry(client.id.clone()) {
                        Entry::Vacant(free) => {
                            free.insert(line);
                            clients.push(client);
                        }
                        Entry::Occupied(first) => problems.push(RosterProblem {
                            line,
                            message: format!("the id '{}' stands on line {} already", client.id, first.get()),
                        }),
                    },
                    Err(message) => problems.push(RosterProblem { line, message }),
                }
            }
            Err(error) => problems.push(RosterProblem {
                line: error.position().map_or(0, csv::Position::line),
                message: match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("{len} fields where the header has {expected_len}")
                    }
                    csv::ErrorKind::Utf8 { .. } => "not UTF-8: save the file as UTF-8".to_owned(),
                    _ => error.to_string(),
                },
            }),
        }
    }
    if problems.is_empty() { Ok(clients) } else { Err(problems) }
}

fn client(header: &[String], record: &csv::StringRecord) -> Result<Client, String> {
    let field = |column: &str| {
        header.iter().position(|name| name == column).and_then(|at| record.get(at)).filter(|text| !text.is_empty())
    };
    let list = |column: &str| -> Vec<String> {
        field(column)
            .map(|text| text.split(';').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect())
            .unwrap_or_default()
    };
    let id = ClientId::new(field("id").unwrap_or_default()).map_err(|error| error.to_string())?;
    let name = field("name").ok_or_else(|| format!("client '{id}' has no name"))?;
    if name.chars().any(char::is_control) {
        return Err(format!("the name of client '{id}' holds a control character"));
    }
    let active = match field("active").map(str::to_lowercase).as_deref() {
        None | Some("true" | "yes" | "y" | "1" | "active") => true,
        Some("false" | "no" | "n" | "0" | "inactive") => false,
        Some(other) => return Err(format!("active is '{other}': give true or false")),
    };
    if let Some(seats) = field("seats")
        && !seats.parse::<f64>().is_ok_and(|seats| seats.is_finite() && seats >= 0.0)
    {
        return Err(format!("seats is '{seats}': give a number, 0 or more"));
    }
    let attributes = header
        .iter()
        .zip(record)
        .filter(|(column, value)| {
            !value.is_empty() && !["id", "name", "active", "domain", "aliases"].contains(&column.as_str())
        })
        .map(|(column, value)| (column.clone(), value.to_owned()))
        .collect();
    Ok(Client {
        id,
        name: name.to_owned(),
        kind: field("type").map(str::to_owned),
        active,
        domains: list("domain").iter().map(|domain| domain.to_lowercase()).collect(),
        aliases: list("aliases"),
        attributes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_column() {
        let clients = parse(
            "\u{feff}Id,Name,Type,Active,Domain,Aliases,Seats,region\n\
             acme,\"Acme, Inc.\",legal,yes,Acme.com,ACME; Acme Holdings ,25,north\n\
             beta,Beta,,no,,,,\n"
                .as_bytes(),
        )
        .expect("a roster");
        assert_eq!(clients.len(), 2);
        let acme = &clients[0];
        assert_eq!((acme.id.as_str(), acme.name.as_str(), acme.active), ("acme", "Acme, Inc.", true));
        assert_eq!(acme.kind.as_deref(), Some("legal"));
        assert_eq!(acme.domains, ["acme.com"]);
        assert_eq!(acme.aliases, ["ACME", "Acme Holdings"]);
        let attributes: Vec<_> = acme.attributes.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(attributes, [("type", "legal"), ("seats", "25"), ("region", "north")]);
        assert!(!clients[1].active);
    }

    #[test]
    fn identifiers_are_listed_and_stay_a_column() {
        let clients = parse(b"id,name,Identifiers,identifier\na,Acme,DE 123; X-9 ;,7\nb,Beta,,\n").expect("a roster");
        assert_eq!(clients[0].identifiers().collect::<Vec<_>>(), ["DE 123", "X-9", "7"]);
        assert_eq!(clients[0].attributes[0].0, "identifiers");
        assert_eq!(clients[1].identifiers().count(), 0);
    }

    #[test]
    fn tells_everything_that_is_wrong_with_its_line() {
        let problems = parse(b"id,name,active,seats\na,Acme,maybe,\na,,,\n,Nobody,,\nb,Beta,,x\nc,Ceta\n")
            .expect_err("a bad roster");
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 2: active is 'maybe': give true or false",
                "line 3: client 'a' has no name",
                "line 4: client id '' is empty",
                "line 5: seats is 'x': give a number, 0 or more",
                "line 6: 2 fields where the header has 4",
            ]
        );
        let twice = parse(b"id,name\na,Acme\na,Other\n").expect_err("twice");
        assert_eq!(twice[0].to_string(), "line 3: the id 'a' stands on line 2 already");
        assert_eq!(
            parse(b"key,name\n").expect_err("no id")[0].to_string(),
            "line 1: the header has no column 'id': it needs at least id,name"
        );
    }
}
