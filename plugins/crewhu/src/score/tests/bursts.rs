//! Which answers look like a mail scanner's.

use super::*;

/// The ratings that count of samples given as seconds, kind and rating; and what the explanation says was left out.
fn counted(settings: &str, samples: &[(i64, u16, f64)]) -> (u32, f64, Option<String>) {
    let samples: Vec<_> = samples
        .iter()
        .map(|(seconds, kind, value)| Sample {
            at: seconds * 1_000,
            until: seconds * 1_000,
            value: *value,
            kind: *kind,
        })
        .collect();
    let window = Window { start: 0, end: DAY_MS };
    match score_one(settings, testing::case(window, &samples)) {
        Outcome::Measured(score) => {
            let left_out = score.explanation.iter().find(|line| line.contains("not counted")).cloned();
            (score.samples, score.value, left_out)
        }
        Outcome::NoData(short) => (short.have, 0.0, Some(short.detail)),
        other => panic!("expected a score, got {other:?}"),
    }
}

const BARE: u16 = Kind::OverallBare as u16;
const WHY: &str =
    "answered within 45 seconds of each other, without comment or tag, as mail scanners do and people do not";

#[test]
fn bare_answers_close_to_each_other_are_left_out() {
    let burst = [(100, BARE, 5.0), (105, BARE, 3.0), (150, BARE, 1.0), (500, BARE, 1.0), (900, 0, 5.0)];
    assert_eq!(counted("{}", &burst), (2, 3.0, Some(format!("3 not counted: {WHY}"))));
    assert_eq!(counted(r#"{"drop_suspected_bots": false}"#, &burst), (5, 3.0, None));
}

#[test]
fn forty_five_seconds_are_close_and_one_more_is_not() {
    assert_eq!(counted("{}", &[(0, BARE, 5.0), (45, BARE, 1.0), (900, 0, 4.0)]).0, 1);
    assert_eq!(counted("{}", &[(0, BARE, 5.0), (46, BARE, 1.0), (900, 0, 4.0)]).0, 3);
    // In a chain each is close to the next.
    assert_eq!(counted("{}", &[(0, BARE, 5.0), (40, BARE, 1.0), (80, BARE, 3.0), (900, 0, 4.0)]).0, 1);
    assert_eq!(counted("{}", &[(7, BARE, 5.0), (7, BARE, 1.0), (900, 0, 4.0)]).0, 1);
}

#[test]
fn an_answer_with_a_comment_or_a_tag_is_a_persons() {
    // Nor does it make a bare one beside it suspect.
    assert_eq!(counted("{}", &[(0, BARE, 5.0), (1, 0, 1.0), (2, 3, 3.0)]), (3, 3.0, None));
}

#[test]
fn what_is_left_out_is_told_where_nothing_is_left_too() {
    let burst = [(100, BARE, 5.0), (105, BARE, 1.0)];
    let detail = format!("no responses in the window; 2 more not counted: {WHY}");
    assert_eq!(counted("{}", &burst), (0, 0.0, Some(detail)));
    let detail = format!("0 of the 3 responses needed; 2 more not counted: {WHY}");
    assert_eq!(counted(r#"{"min_responses": 3}"#, &burst), (0, 0.0, Some(detail)));
    // Of a type that does not count there is nothing to leave out.
    let detail = "no responses in the window".to_owned();
    assert_eq!(counted(r#"{"types": ["timeliness"]}"#, &burst), (0, 0.0, Some(detail)));
}
