//! How the sheet's JSON is laid out: spread over lines for a person, in about as many as there is to see.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// Further in, nothing is spread: a metric's keys are.
const DEEPEST: usize = 5;

/// Further out than this even an object in an object is spread: the sheet's own keys are.
const OUTERMOST: usize = 2;

/// So many spaces at once.
const SPACES: &[u8] = b"                ";

/// Spreads the sheet, its clients and their metrics, a key a line; what a metric holds beside figures and texts stands
/// on one line, and so does an object in an object. A trend alone would be eighty lines, and the sheet of a large MSP is
/// three times as long with all of them.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// What is open, outermost first.
    open: Vec<Open>,
    /// Whether the value that was just closed, or is about to be, holds anything.
    filled: bool,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    is_object: bool,
    spread: bool,
}

impl Layout {
    /// That of a row by itself: in a list that is in the sheet.
    pub(super) fn of_a_row() -> Self {
        let outer = |is_object| Open { is_object, spread: true };
        Self { open: vec![outer(true), outer(false)], filled: false }
    }

    fn begin(&mut self, is_object: bool) {
        let depth = self.open.len() + 1;
        let spread = self.open.last().is_none_or(|outer| {
            let nested = is_object && outer.is_object && depth > OUTERMOST;
            outer.spread && depth <= DEEPEST && !nested
        });
        self.open.push(Open { is_object, spread });
        self.filled = false;
    }

    fn end<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let closed = self.open.pop();
        if std::mem::replace(&mut self.filled, true) && closed.is_some_and(|closed| closed.spread) {
            self.line(writer)?;
        }
        Ok(())
    }

    fn next<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        let spread = self.open.last().is_some_and(|open| open.spread);
        match (first, spread) {
            (true, false) => Ok(()),
            (false, false) => writer.write_all(b", "),
            (true, true) => self.line(writer),
            (false, true) => {
                writer.write_all(b",")?;
                self.line(writer)
            }
        }
    }

    fn line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        writer.write_all(&SPACES[..(2 * self.open.len()).min(SPACES.len())])
    }
}

impl Formatter for Layout {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(false);
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer)?;
        writer.write_all(b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(true);
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer)?;
        writer.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;
    use serde_json::{Value, json};

    use super::*;

    fn laid_out(value: &Value) -> String {
        let mut json = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut json, Layout::default());
        value.serialize(&mut serializer).expect("memory");
        String::from_utf8(json).expect("text")
    }

    #[test]
    fn a_sheet_is_spread_down_to_the_keys_of_its_metrics() {
        let sheet = json!({
            "clients": [
                {
                    "id": "acme",
                    "engagement": { "score": 4.2, "band": "healthy" },
                    "metrics": [{
                        "score": 4, "rejected": {}, "explanation": ["one", "two"],
                        "trend": { "previous": null, "months": [{ "month": "2026-01" }, { "month": "2026-02" }] }
                    }],
                },
                { "id": "none", "metrics": [] }
            ],
            "review": { "call": [], "well": [{ "id": "acme" }] },
            "problems": [],
        });
        insta::assert_snapshot!(laid_out(&sheet), @r#"
        {
          "clients": [
            {
              "id": "acme",
              "engagement": {"score": 4.2, "band": "healthy"},
              "metrics": [
                {
                  "score": 4,
                  "rejected": {},
                  "explanation": ["one", "two"],
                  "trend": {"previous": null, "months": [{"month": "2026-01"}, {"month": "2026-02"}]}
                }
              ]
            },
            {
              "id": "none",
              "metrics": []
            }
          ],
          "review": {
            "call": [],
            "well": [
              {
                "id": "acme"
              }
            ]
          },
          "problems": []
        }
        "#);
        assert_eq!(serde_json::from_str::<Value>(&laid_out(&sheet)).expect("JSON"), sheet);
    }

    #[test]
    fn anything_else_is_json_too() {
        for value in
            [json!(null), json!([]), json!({}), json!([[[[[[[1, {"a": {}}], []]]]]]]), json!({"a": {"b": {"c": [1]}}})]
        {
            let text = laid_out(&value);
            assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value, "{text}");
        }
    }
}
