//! Each fault of pages that change and of what their rows say, as a client meets it.

use scoresheet_simulator::{Row, SimulatorOptions, World};
use scoresheet_test_support::{EchoedPage, Fault, FaultySimulator, NameForm};
use serde_json::{Value, json};

use crate::support::{CLIENTS, HEALTH, SCORES, client, faulty, ids, json, options, start, time};

/// The ids of every page that the server says there is, up to so many.
async fn read_through(server: &FaultySimulator, per_page: &str, most: u64) -> (Vec<String>, u64) {
    let (mut seen, mut number) = (Vec::new(), 1);
    loop {
        let page = json(server, SCORES, &[("page", &number.to_string()), ("per_page", per_page)]).await;
        assert_eq!(page["pagination"]["page"], number);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        if page["pagination"]["total_pages"].as_u64().expect("a number") <= number || number == most {
            return (seen, number);
        }
        number += 1;
    }
}

#[tokio::test]
async fn pages_drift_while_they_are_read() {
    let server = faulty([Fault::DriftingPages { rows: 1 }]).await;
    let (seen, pages) = read_through(&server, "3", 100).await;
    assert_eq!((seen.join(" ").as_str(), pages), ("r-1 r-2 r-3 r-3 r-4 r-5 r-5 r-6 r-7", 3), "rows come again");
    server.set_faults([Fault::DriftingPages { rows: -1 }]);
    let (seen, pages) = read_through(&server, "3", 100).await;
    assert_eq!((seen.join(" ").as_str(), pages), ("r-1 r-2 r-3 r-5 r-6 r-7", 2), "r-4 is missed");
}

#[tokio::test]
async fn pages_with_new_rows_never_end() {
    let server = faulty([Fault::EndlessPages]).await;
    let (seen, pages) = read_through(&server, "2", 20).await;
    assert_eq!((pages, seen.len()), (20, 40));
    let different: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert_eq!(different.len(), 40, "each row is a new one");
    server.set_faults([Fault::SamePageForever { echo: EchoedPage::Asked }]);
    let (seen, _) = read_through(&server, "2", 3).await;
    assert_eq!(seen.join(" "), "r-1 r-2 r-1 r-2 r-1 r-2", "while these are the same ones");
}

#[tokio::test]
async fn every_row_was_answered_in_the_future() {
    let server = faulty([Fault::FutureDates { days: 36_500 }]).await;
    let page = json(&server, SCORES, &[]).await;
    let expected: Vec<Value> = (0..7).map(|hour| json!(format!("2126-09-07T0{hour}:00:00Z"))).collect();
    let times: Vec<Value> =
        page["data"].as_array().expect("rows").iter().map(|row| row["responded_at"].clone()).collect();
    assert_eq!(times, expected);
}

#[tokio::test]
async fn every_row_has_an_odd_score() {
    let server = faulty(Vec::<Fault>::new()).await;
    for score in [json!(0), json!(6), json!(-1), json!(4.5), json!("5"), json!(null), json!(true), json!([4])] {
        server.set_faults([Fault::Scores(score.clone())]);
        let page = json(&server, SCORES, &[]).await;
        let rows = page["data"].as_array().expect("rows");
        assert_eq!(rows.len(), 7);
        assert!(rows.iter().all(|row| row["score"] == score), "{score}");
        assert!(json(&server, CLIENTS, &[]).await["data"][0].get("score").is_none(), "a client has none");
    }
}

#[tokio::test]
async fn names_are_written_as_nobody_expects_them() {
    let at = time("2026-10-01T00:00:00Z");
    let rows = vec![Row::rating("r-1", "c-1", at, 4.0).with("client_name", "M\u{fc}ller")];
    let world = World::from_parts(vec![client("c-1", "Mu\u{308}ller")], rows);
    let server = start(options(world)).await;
    for (form, expected) in [(NameForm::Nfc, "M\u{fc}ller"), (NameForm::Nfd, "Mu\u{308}ller")] {
        server.set_faults([Fault::Names(form)]);
        assert_eq!(json(&server, CLIENTS, &[]).await["data"][0]["name"], expected);
        assert_eq!(json(&server, SCORES, &[]).await["data"][0]["client_name"], expected);
    }
    for (form, held) in [
        (NameForm::Nul, "\0"),
        (NameForm::Html, "<script>"),
        (NameForm::Formula, "=HYPERLINK("),
        (NameForm::Ansi, "\u{1b}[31m"),
        (NameForm::Rtl, "\u{202e}"),
    ] {
        server.set_faults([Fault::Names(form)]);
        let clients = json(&server, CLIENTS, &[]).await;
        let name = clients["data"][0]["name"].as_str().expect("a name");
        assert!(name.contains(held) && name.contains("ller"), "{form:?}: {name:?}");
    }
}

#[tokio::test]
async fn a_wrong_clock_shows_in_the_head_and_in_the_rows() {
    let server = faulty(Vec::<Fault>::new()).await;
    let date = async || {
        let mut raw = crate::support::Raw::connect(&server).await;
        let answer = raw.get(HEALTH).await.expect("an answer");
        let line = answer.lines().find_map(|line| line.strip_prefix("date: ")).expect("a date");
        chrono::DateTime::parse_from_rfc2822(line).expect("a date as HTTP writes it").timestamp()
    };
    let right = date().await;
    server.set_faults([Fault::ClockAhead { seconds: 86_400 }]);
    let (wrong, later) = (date().await, {
        server.set_faults(Vec::<Fault>::new());
        date().await
    });
    assert!((right + 86_400..=later + 86_400).contains(&wrong), "{right} {wrong} {later}");
    server.set_faults([Fault::ClockAhead { seconds: 3_600 }]);
    assert_eq!(json(&server, SCORES, &[]).await["data"][0]["responded_at"], "2026-10-01T01:00:00Z");
    server.set_faults([Fault::ClockAhead { seconds: -3_600 }]);
    assert_eq!(json(&server, SCORES, &[]).await["data"][0]["responded_at"], "2026-09-30T23:00:00Z");
}

#[tokio::test]
async fn bare_lists_have_odd_rows_too() {
    let bare = SimulatorOptions { bare_arrays: true, ..options(crate::support::small_world()) };
    let server = start(bare).await;
    server.set_faults([Fault::Scores(json!("4.5"))]);
    assert_eq!(json(&server, SCORES, &[]).await[6]["score"], "4.5");
}
