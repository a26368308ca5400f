//! Parses labelled pairs of names from CSV: left, right, 0 or 1.

/// An invalid line of a file of pairs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct PairsProblem {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong, and what is valid.
    pub message: String,
}

/// Parses labelled pairs: the left name, the right name, and whether they are the same (1, true) or not (0, false).
///
/// The first line is a header with any names, unless its third field is a label.
///
/// # Errors
/// All invalid lines.
pub fn parse_pairs(bytes: &[u8]) -> Result<Vec<(String, String, bool)>, Vec<PairsProblem>> {
    // Spreadsheets write a byte-order mark before UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut pairs = Vec::new();
    let mut problems = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let message = match error.kind() {
                    csv::ErrorKind::Utf8 { .. } => "not UTF-8: save the file as UTF-8".to_owned(),
                    _ => error.to_string(),
                };
                problems.push(PairsProblem { line: error.position().map_or(0, csv::Position::line), message });
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let fields: Vec<&str> = record.iter().collect();
        let [left, right, third] = fields[..] else {
            problems.push(PairsProblem {
                line,
                message: format!("{} where there are three: left,right,0 or 1", count(fields.len())),
            });
            continue;
        };
        match label(third) {
            Some(same) => pairs.push((left.to_owned(), right.to_owned(), same)),
            None if index == 0 => {}
            None => problems.push(PairsProblem { line, message: format!("the label is '{third}': give 1 or 0") }),
        }
    }
    if problems.is_empty() { Ok(pairs) } else { Err(problems) }
}

fn count(fields: usize) -> String {
    if fields == 1 { "1 field".to_owned() } else { format!("{fields} fields") }
}

fn label(field: &str) -> Option<bool> {
    match field.trim().to_ascii_lowercase().as_str() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(left: &str, right: &str, same: bool) -> (String, String, bool) {
        (left.to_owned(), right.to_owned(), same)
    }

    #[test]
    fn reads_any_header_or_none() {
        let expected = vec![pair("Acme, Inc.", "Acme", true), pair("Acme", "Beta", false)];
        for header in ["", "\u{feff}", "a,b,c\n", "\u{feff}Name_x,Name_y,Targets\r\n", "\"left\",\"right\",\"same?\"\n"]
        {
            let text = format!("{header}\"Acme, Inc.\",Acme,1\nAcme,Beta, FALSE \n");
            assert_eq!(parse_pairs(text.as_bytes()), Ok(expected.clone()), "{header:?}");
        }
        assert_eq!(parse_pairs(b""), Ok(Vec::new()));
    }

    #[test]
    fn reports_all_invalid_lines() {
        let problems = parse_pairs(b"left,right,same\nAcme,Beta\nAcme,Beta,yes\n\"a\nb\",c,1\nA\xff,b,1\nx\na,b,1,d\n")
            .expect_err("wrong");
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 2: 2 fields where there are three: left,right,0 or 1",
                "line 3: the label is 'yes': give 1 or 0",
                "line 6: not UTF-8: save the file as UTF-8",
                "line 7: 1 field where there are three: left,right,0 or 1",
                "line 8: 4 fields where there are three: left,right,0 or 1",
            ]
        );
    }
}
