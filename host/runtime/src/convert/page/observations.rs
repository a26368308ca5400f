//! A page of observations.

use scoresheet_domain::{
    ClientRef, Cursor, Description, Instant, Observation, ObservationPage, Rejection, When, Window,
};

use super::{Seen, client_name, cursors, record_id, retain, rise_apart, source_id};
use crate::{
    bindings::accellis::scoresheet::types as wit,
    convert::{At, Broken, Checked, at_most, figure},
    limits::Limits,
    text,
};

/// Characters of a rejected record's field and value, which are shown.
const MAX_FIELD: usize = 64;
const MAX_VALUE: usize = 40;

/// What was asked for, which the answer is held against.
#[derive(Clone, Copy)]
pub(crate) struct PullRequest<'a> {
    /// The window.
    pub(crate) window: Window,
    /// The kinds.
    pub(crate) kinds: &'a [u16],
    /// The page; the first where there is none.
    pub(crate) page: Option<&'a Cursor>,
}

/// Checks a page.
pub(crate) fn observation_page(
    given: wit::ObservationPage,
    asked: PullRequest<'_>,
    description: &Description,
    limits: &Limits,
) -> Checked<ObservationPage> {
    at_most("items", given.items.len(), limits.page_items as usize)?;
    at_most("rejected", given.rejected.len(), limits.page_items as usize)?;
    let items = given
        .items
        .into_iter()
        .enumerate()
        .map(|(index, given)| observation(At { list: "items", index }, given, asked, description))
        .collect::<Checked<Vec<_>>>()?;
    let rejected = given
        .rejected
        .into_iter()
        .enumerate()
        .map(|(index, given)| rejection(At { list: "rejected", index }, given, description))
        .collect::<Checked<Vec<_>>>()?;
    let (items, rejected) = first_ones(items, rejected)?;
    Ok(ObservationPage {
        items,
        rejected,
        next: cursors(given.next, asked.page)?,
        read: given.read,
        total: given.total,
    })
}

fn observation(
    at: At<'_>,
    given: wit::Observation,
    asked: PullRequest<'_>,
    description: &Description,
) -> Checked<Observation> {
    let kinds = description.kinds.len();
    if usize::from(given.kind) >= kinds {
        let right = format!("the description has {kinds} kinds, counted from 0");
        return Err(Broken::new(at.field("kind"), given.kind, right));
    }
    if !asked.kinds.contains(&given.kind) {
        let wanted: Vec<String> = asked.kinds.iter().map(u16::to_string).collect();
        let right = format!("only these were asked for: {}", wanted.join(", "));
        return Err(Broken::new(at.field("kind"), given.kind, right));
    }
    Ok(Observation {
        id: record_id(given.id, || at.field("id"))?,
        client: client_ref(at, given.client)?,
        when: when(at, given.when, asked.window)?,
        kind: given.kind,
        value: figure(given.value, || at.field("value"))?,
    })
}

fn rejection(at: At<'_>, given: wit::Rejection, description: &Description) -> Checked<Rejection> {
    let reason = description.rejections.iter().position(|reason| *reason == given.reason);
    let Some(reason) = reason.and_then(|index| u16::try_from(index).ok()) else {
        let right = format!("the description's reasons are {}", text::quoted(&description.rejections.join(", ")));
        return Err(Broken::text(at.field("reason"), &given.reason, right));
    };
    let shown = |text: Option<String>, max| text.map(|text| text::line(&text, max)).filter(|text| !text.is_empty());
    Ok(Rejection {
        id: given.id.map(|id| record_id(id, || at.field("id"))).transpose()?,
        client: given.client.map(|client| client_ref(at, client)).transpose()?,
        at: given.at.map(Instant::from_millis),
        reason,
        field: shown(given.field, MAX_FIELD),
        value: shown(given.value, MAX_VALUE),
    })
}

fn client_ref(at: At<'_>, given: wit::ClientRef) -> Checked<ClientRef> {
    let id = given.id.map(|id| source_id(id, || at.field("client.id"))).transpose()?;
    let name = given.name.map(|name| client_name(name, || at.field("client.name"))).transpose()?;
    ClientRef::new(id, name).ok_or_else(|| Broken::new(at.field("client"), "empty", "it has an id, a name, or both"))
}

fn when(at: At<'_>, given: wit::When, window: Window) -> Checked<When> {
    let when = match given {
        wit::When::At(at) => When::At(Instant::from_millis(at)),
        wit::When::Since(at) => When::Since(Instant::from_millis(at)),
        wit::When::During(given) => {
            let own = Window { start: Instant::from_millis(given.start), end: Instant::from_millis(given.end) };
            if own.is_empty() {
                return Err(Broken::new(at.field("when"), own, "it must begin before it ends"));
            }
            When::During(own)
        }
    };
    if when.touches(window) {
        return Ok(when);
    }
    let found = match when {
        When::At(instant) => instant.to_string(),
        When::Since(instant) => format!("since {instant}"),
        When::During(own) => own.to_string(),
    };
    Err(Broken::new(at.field("when"), found, format!("only what touches the window {window} was asked for")))
}

/// What a page says under one id.
#[derive(Clone, Copy, PartialEq)]
enum Record<'a> {
    Counts(&'a Observation),
    Rejected(&'a Rejection),
}

impl<'a> Record<'a> {
    /// A rejected record without an id is only ever counted.
    fn id(self) -> Option<&'a str> {
        match self {
            Self::Counts(item) => Some(&item.id),
            Self::Rejected(item) => item.id.as_deref(),
        }
    }
}

/// The records, each of which stands once.
fn first_ones(items: Vec<Observation>, rejected: Vec<Rejection>) -> Checked<(Vec<Observation>, Vec<Rejection>)> {
    if rise_apart(&items, |item| &item.id, &rejected, |item| item.id.as_deref()) {
        return Ok((items, rejected));
    }
    let (keep_items, keep_rejected) = which_are_first(&items, &rejected)?;
    Ok((retain(items, &keep_items), retain(rejected, &keep_rejected)))
}

fn which_are_first<'a>(items: &'a [Observation], rejected: &'a [Rejection]) -> Checked<(Vec<bool>, Vec<bool>)> {
    let mut seen = Seen::new(items.len() + rejected.len());
    let mut first = |list, index, record: Record<'a>| match record.id() {
        None => Ok(true),
        Some(id) => seen.first(id, record).map_err(|conflict| conflict.broken(At { list, index }, id)),
    };
    let mut keep_items = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        keep_items.push(first("items", index, Record::Counts(item))?);
    }
    let mut keep_rejected = Vec::with_capacity(rejected.len());
    for (index, item) in rejected.iter().enumerate() {
        keep_rejected.push(first("rejected", index, Record::Rejected(item))?);
    }
    Ok((keep_items, keep_rejected))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn described() -> Description {
        Description {
            stub: true,
            data_version: 1,
            metrics: Vec::new(),
            kinds: vec!["a".into(), "b".into(), "c".into()],
            rejections: vec!["incomplete".into(), "odd".into()],
        }
    }

    fn by_id(id: &str) -> wit::ClientRef {
        wit::ClientRef { id: Some(id.into()), name: None }
    }

    fn by_name(name: &str) -> wit::ClientRef {
        wit::ClientRef { id: None, name: Some(name.into()) }
    }

    fn item(id: &str) -> wit::Observation {
        wit::Observation { id: id.into(), client: by_id("c1"), when: wit::When::At(5 * DAY), kind: 1, value: 4.0 }
    }

    fn rejected(id: Option<&str>) -> wit::Rejection {
        wit::Rejection {
            id: id.map(str::to_owned),
            client: Some(by_name(" Acme\n")),
            at: Some(i64::MAX),
            reason: "odd".into(),
            field: Some("status\u{7}".into()),
            value: Some("x".repeat(50)),
        }
    }

    fn page(items: Vec<wit::Observation>, rejected: Vec<wit::Rejection>) -> Checked<ObservationPage> {
        let window = Window { start: Instant::from_millis(0), end: Instant::from_millis(10 * DAY) };
        let asked = PullRequest { window, kinds: &[0, 1], page: None };
        let given = wit::ObservationPage { items, rejected, next: vec![vec![1]], read: 8, total: Some(9) };
        observation_page(given, asked, &described(), &Limits { page_items: 3, ..Limits::default() })
    }

    #[test]
    fn a_right_page_passes() {
        let page = page(vec![item("1")], vec![rejected(Some("2")), rejected(None)]).expect("right");
        assert_eq!(page.items[0].when, When::At(Instant::from_millis(5 * DAY)));
        assert_eq!(page.rejected[0].reason, 1);
        assert_eq!(page.rejected[0].at, Some(Instant::MAX));
        assert_eq!(page.rejected[0].client, Some(ClientRef::from_name("Acme")));
        assert_eq!((page.next.len(), page.read, page.total), (1, 8, Some(9)));
        assert_eq!(page.rejected[0].field.as_deref(), Some("status"));
        assert_eq!(page.rejected[0].value.as_ref().expect("a value").chars().count(), 40, "cut");
    }

    #[test]
    fn states_overlap_the_window_and_events_lie_in_it() {
        let passes = |when: wit::When| page(vec![wit::Observation { when, ..item("1") }], Vec::new());
        let during = |start: i64, end: i64| wit::When::During(wit::Window { start, end });
        for right in [
            wit::When::At(0),
            wit::When::At(10 * DAY - 1),
            wit::When::Since(i64::MIN),
            wit::When::Since(9 * DAY),
            during(-DAY, 1),
            during(i64::MIN, i64::MAX),
            during(10 * DAY - 1, i64::MAX),
        ] {
            assert!(passes(right).is_ok(), "{right:?}");
        }
        for (wrong, expected) in [
            (wit::When::At(10 * DAY), "items[0].when is 1970-01-11T00:00:00Z: only what touches the window"),
            (wit::When::At(-1), "only what touches the window [1970-01-01T00:00:00Z, 1970-01-11T00:00:00Z) was asked"),
            (wit::When::At(i64::MAX), "is 9999-12-31T23:59:59.999Z: only"),
            (wit::When::Since(10 * DAY), "is since 1970-01-11T00:00:00Z: only"),
            (during(-2, -1), "only what touches"),
            (during(5, 5), "it must begin before it ends"),
            (during(6, 5), "it must begin before it ends"),
        ] {
            let message = passes(wrong).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}\nshould say\n{expected}");
        }
    }

    #[test]
    fn the_same_record_twice_is_one_and_another_is_a_conflict() {
        let twice = page(vec![item("1"), item("1")], vec![rejected(Some("2")), rejected(Some("2"))]).expect("the same");
        assert_eq!((twice.items.len(), twice.rejected.len()), (1, 1));
        let without_id = page(Vec::new(), vec![rejected(None), rejected(None)]).expect("counted");
        assert_eq!(without_id.rejected.len(), 2);

        let other = wit::Observation { value: 3.0, ..item("1") };
        let conflict = page(vec![item("1"), other], Vec::new()).expect_err("another value").to_string();
        assert!(conflict.starts_with("items[1].id is '1': another record of this page"), "{conflict}");
        let both = page(vec![item("1")], vec![rejected(Some("1"))]).expect_err("counts and does not").to_string();
        assert!(both.starts_with("rejected[0].id is '1'"), "{both}");
    }

    #[test]
    fn a_client_has_an_id_a_name_or_both() {
        let both = wit::ClientRef { id: Some("c1".into()), name: Some("Acme ".into()) };
        let page = page(vec![wit::Observation { client: both, ..item("1") }], Vec::new()).expect("right");
        let client = &page.items[0].client;
        assert_eq!((client.id().map(|id| id.as_str()), client.name()), (Some("c1"), Some("Acme")));
    }

    #[test]
    fn what_is_wrong_is_named() {
        type Change = fn(&mut wit::Observation);
        let cases: [(Change, &str); 16] = [
            (|o| o.id = String::new(), "items[0].id is '': a record's id must not be empty"),
            (|o| o.id = "x".repeat(257), "at most 256 bytes are allowed"),
            (|o| o.id = "a\0".into(), "items[0].id is 'a': it must not hold control characters"),
            (|o| o.kind = 3, "items[0].kind is 3: the description has 3 kinds, counted from 0"),
            (|o| o.kind = 2, "items[0].kind is 2: only these were asked for: 0, 1"),
            (|o| o.client.id = None, "items[0].client is empty: it has an id, a name, or both"),
            (|o| o.value = f64::NAN, "items[0].value is NaN: it must be a finite number"),
            (|o| o.value = f64::NEG_INFINITY, "items[0].value is -inf"),
            (|o| o.value = 1e308, "items[0].value is 1e308: it must lie within ±1e15"),
            (|o| o.value = -1e16, "items[0].value is -1e16: it must lie within ±1e15"),
            (|o| o.id = "\u{1b}[2Jx".into(), "items[0].id is 'x': it must not hold control characters"),
            (|o| o.client = by_id(&"c".repeat(257)), "items[0].client.id is 'ccc"),
            (|o| o.client = by_id("a\u{7}b"), "items[0].client.id is 'ab': source client id"),
            (|o| o.client = by_id(" c"), "items[0].client.id is 'c': source client id ' c' begins"),
            (|o| o.client = by_name("\t"), "items[0].client.name is empty"),
            (|o| o.client = by_name(&"x".repeat(1001)), "items[0].client.name is 1001 bytes long"),
        ];
        for (change, expected) in cases {
            let mut wrong = item("1");
            change(&mut wrong);
            let message = page(vec![wrong], Vec::new()).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}\nshould say\n{expected}");
        }
        let long = wit::Observation { id: "é".repeat(5_000), ..item("1") };
        let message = page(vec![long], Vec::new()).expect_err("too long").to_string();
        assert!(message.chars().count() < 200, "what was found is told shortly: {message}");
        let largest = wit::Observation { value: -1e15, ..item("1") };
        assert!(page(vec![largest], Vec::new()).is_ok());
        let unknown = wit::Rejection { reason: "other".into(), ..rejected(None) };
        let message = page(Vec::new(), vec![unknown]).expect_err("no such reason").to_string();
        assert_eq!(message, "rejected[0].reason is 'other': the description's reasons are 'incomplete, odd'");
        let many = page((0..4).map(|n| item(&n.to_string())).collect(), Vec::new());
        assert_eq!(many.expect_err("too many").to_string(), "items is 4 entries long: at most 3 are allowed");
    }
}
