//! A page of a source's clients.

use scoresheet_domain::{ClientPage, Cursor, SourceClient};

use super::{MAX_NAME_BYTES, Seen, client_name, cursors, retain, source_id};
use crate::{
    bindings::accellis::scoresheet::types as wit,
    convert::{At, Broken, Checked, at_most},
    limits::Limits,
    text,
};

/// The most identifiers, and the most domains, of one client.
const MAX_WORDS: usize = 100;
const MAX_WORD_BYTES: usize = 256;

/// Checks a page that was fetched with `own`.
pub(crate) fn client_page(given: wit::ClientPage, own: Option<&Cursor>, limits: &Limits) -> Checked<ClientPage> {
    at_most("items", given.items.len(), limits.page_items as usize)?;
    let items = given
        .items
        .into_iter()
        .enumerate()
        .map(|(index, given)| client(At { list: "items", index }, given))
        .collect::<Checked<Vec<_>>>()?;
    let keep = first_ones(&items)?;
    Ok(ClientPage {
        items: retain(items, &keep),
        next: cursors(given.next, own)?,
        read: given.read,
        total: given.total,
    })
}

fn client(at: At<'_>, given: wit::SourceClient) -> Checked<SourceClient> {
    at_most(&at.field("identifiers"), given.identifiers.len(), MAX_WORDS)?;
    at_most(&at.field("domains"), given.domains.len(), MAX_WORDS)?;
    at_most(&at.field("attributes"), given.attributes.len(), MAX_WORDS)?;
    Ok(SourceClient {
        id: source_id(given.id, || at.field("id"))?,
        name: client_name(given.name, || at.field("name"))?,
        active: given.active,
        identifiers: given.identifiers.into_iter().filter_map(identifier).collect(),
        domains: given.domains.into_iter().filter_map(domain).collect(),
        attributes: attributes(at, given.attributes)?,
    })
}

/// Attributes that a metric will see: each name once, and short values.
fn attributes(at: At<'_>, given: Vec<wit::Pair>) -> Checked<Vec<(String, String)>> {
    let mut attributes: Vec<(String, String)> = Vec::with_capacity(given.len());
    for wit::Pair { name, value } in given {
        let (tidied, value) = (text::name(name.clone()), text::name(value));
        let right = if tidied.is_empty() || tidied.len() > MAX_WORD_BYTES {
            "an attribute's name has 1 to 256 bytes"
        } else if attributes.iter().any(|(known, _)| *known == tidied) {
            "each attribute may stand once"
        } else if value.len() > MAX_NAME_BYTES {
            "an attribute's value has at most 1,000 bytes"
        } else {
            attributes.push((tidied, value));
            continue;
        };
        return Err(Broken::text(at.field("attributes"), &name, right));
    }
    Ok(attributes)
}

/// An identifier only ever helps to match: one that cannot is left out, and not a reason to
/// refuse the client.
fn identifier(given: String) -> Option<String> {
    let word = text::name(given);
    (!word.is_empty() && word.len() <= MAX_WORD_BYTES).then_some(word)
}

/// The same for a domain; people write all sorts of things where a domain is asked for.
fn domain(given: String) -> Option<String> {
    let domain = text::name(given).to_lowercase();
    let domain = domain.trim_end_matches('.');
    let fits = domain.contains('.')
        && domain.len() <= 253
        && domain
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_'));
    fits.then(|| domain.to_owned())
}

fn first_ones(items: &[SourceClient]) -> Checked<Vec<bool>> {
    let mut seen = Seen::new(items.len());
    items
        .iter()
        .enumerate()
        .map(|(index, client)| {
            let id = client.id.as_str();
            seen.first(id, client).map_err(|conflict| conflict.broken(At { list: "items", index }, id))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(id: &str, name: &str) -> wit::SourceClient {
        wit::SourceClient {
            id: id.into(),
            name: name.into(),
            active: true,
            identifiers: vec![" A-17 ".into(), "\u{0}".into()],
            domains: vec![
                "Acme.COM.".into(),
                "n/a".into(),
                "info@acme.com".into(),
                "localhost".into(),
                "münchen.de".into(),
            ],
            attributes: vec![wit::Pair { name: "seats".into(), value: " 12\n".into() }],
        }
    }

    fn page(items: Vec<wit::SourceClient>) -> Checked<ClientPage> {
        client_page(
            wit::ClientPage { items, next: Vec::new(), read: 7, total: Some(9) },
            None,
            &Limits { page_items: 3, ..Limits::default() },
        )
    }

    #[test]
    fn a_right_page_passes_and_is_tidied() {
        let page = page(vec![given("1", "Acme,\tInc. "), given("2", "Zoë")]).expect("right");
        assert_eq!(page.items[0].name, "Acme, Inc.");
        assert_eq!(page.items[0].identifiers, ["A-17"]);
        assert_eq!(page.items[0].domains, ["acme.com", "münchen.de"]);
        assert_eq!(page.items[1].id.as_str(), "2");
        assert_eq!(page.items[0].attributes, [("seats".to_owned(), "12".to_owned())]);
        assert_eq!((page.read, page.total), (7, Some(9)));
        let page = self::page(vec![given("3", "\u{1b}[31mA/B\u{202e} <b>&\u{7}")]).expect("mended");
        assert_eq!(page.items[0].name, "A/B <b>&");
    }

    #[test]
    fn the_same_client_twice_is_one_and_another_is_a_conflict() {
        let twice = page(vec![given("1", "Acme"), given("2", "B"), given("1", "Acme")]).expect("the same");
        assert_eq!(twice.items.len(), 2);
        let conflict = page(vec![given("1", "Acme"), given("1", "Other")]).expect_err("another").to_string();
        assert!(conflict.starts_with("items[1].id is '1': another record"), "{conflict}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let many = (0..4).map(|n| given(&n.to_string(), "x")).collect();
        for (items, expected) in [
            (vec![given("", "x")], "items[0].id is '': source client id '' is empty"),
            (vec![given("a\n", "x")], "items[0].id is 'a': source client id 'a\\n' holds a control character"),
            (vec![given("1", "x"), given("2", " \u{0}")], "items[1].name is empty: a client has a name"),
            (vec![given("1", &"x".repeat(1001))], "items[0].name is 1001 bytes long: at most 1,000 are allowed"),
            (many, "items is 4 entries long: at most 3 are allowed"),
        ] {
            assert_eq!(page(items).expect_err(expected).to_string(), expected);
        }
        let long = page(vec![given(&"x".repeat(257), "x")]).expect_err("too long").to_string();
        assert!(long.starts_with("items[0].id is 'xxx") && long.ends_with("is longer than 256 bytes"), "{long}");
        let mut wordy = given("1", "x");
        wordy.domains = vec!["a.b".into(); 101];
        assert!(page(vec![wordy]).is_err());
        let pair = |name: &str, value: &str| wit::Pair { name: name.into(), value: value.into() };
        for (attributes, expected) in [
            (vec![pair("a", "1"), pair("a", "2")], "items[0].attributes is 'a': each attribute may stand once"),
            (vec![pair(" ", "1")], "items[0].attributes is '': an attribute's name has 1 to 256 bytes"),
            (vec![pair("a", &"x".repeat(1001))], "items[0].attributes is 'a': an attribute's value has at most"),
        ] {
            let message = page(vec![wit::SourceClient { attributes, ..given("1", "x") }]).expect_err(expected);
            assert!(message.to_string().starts_with(expected), "{message}");
        }
    }
}
