//! A whole answer as a tree, for rows that hold objects and lists of their own.

use serde_json::Value;

use super::{page, repair};
use crate::{Failure, Request, Response, fetch};

/// Reads an answer of JSON whole, an object or a list, however deep the server nests within reason (128 levels).
///
/// The tree takes several times the memory of the text, so [`read_page`](super::read_page) is the one for rows whose
/// fields are plain. Tokens that some servers write instead of JSON are repaired in the same way.
///
/// # Errors
/// [`Failure::InvalidResponse`], which says what came instead, or where it breaks off.
pub fn read_document(request: &Request, response: &Response) -> Result<Value, Failure> {
    read(response).map_err(|why| Failure::InvalidResponse(format!("{}: the answer {why}", fetch::name(request))))
}

/// One place for it: every copy of the parser weighs some kilobytes in a component.
#[inline(never)]
pub(crate) fn tree(json: &str) -> serde_json::Result<Value> {
    serde_json::from_str(json)
}

fn read(response: &Response) -> Result<Value, String> {
    let json = page::text_of(response)?;
    let error = match tree(json) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    match repair::repair(json) {
        Some(repaired) => tree(&repaired.json)
            .map_err(|error| page::broken(&error, repaired.place(page::offset(&repaired.json, &error)))),
        None => Err(page::broken(&error, page::offset(json, &error))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{fetch::get, testing};

    fn read(body: &str) -> Result<Value, String> {
        read_document(&get("p", &[]), &testing::response(200, body)).map_err(|failure| match failure {
            Failure::InvalidResponse(message) => message,
            other => panic!("expected an invalid response, got {other:?}"),
        })
    }

    #[test]
    fn reads_objects_and_lists() {
        assert_eq!(read(" [1, {\"a\": [true]}]"), Ok(json!([1, {"a": [true]}])));
        assert_eq!(read("\u{feff}{}"), Ok(json!({})));
        assert_eq!(read("{\"a\": NaN, \"b\": \"\\ud83d\"}"), Ok(json!({"a": null, "b": "\u{fffd}"})));
    }

    #[test]
    fn says_what_came_instead() {
        for (body, expected) in [
            ("", "is empty, not a page of JSON (application/json)"),
            ("<html>", "is not a page of JSON but begins '<html>' (application/json)"),
            ("5", "is not a page of JSON but begins '5' (application/json)"),
            ("[1, {\"a\"", "is JSON that breaks off at byte 8"),
            ("[NaN, NaN, {", "is JSON that breaks off at byte 12"),
            ("[] []", "is broken JSON at byte 4: trailing characters"),
        ] {
            assert_eq!(read(body), Err(format!("GET p: the answer {expected}")), "{body}");
        }
        let deep = read(&"[".repeat(100_000)).expect_err("too deep");
        assert!(deep.contains("recursion limit exceeded"), "{deep}");
    }
}
