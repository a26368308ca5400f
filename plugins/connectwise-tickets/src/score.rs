//! Help Desk Usage: how much a client uses the help desk, in tickets per 30 days.

use scoresheet_sdk::{
    Case, Failure, Outcome, Score,
    numbers::{clamp_to_scale, per_30_days},
    stub, text,
};

use crate::{Kind, settings::MetricSettings};

/// One client's outcome. No ticket at all is an answer: 1.
pub(crate) fn score(settings: &MetricSettings, case: &Case<'_, Kind>) -> Result<Outcome, Failure> {
    let samples = u32::try_from(case.samples().count()).unwrap_or(u32::MAX);
    let tickets = f64::from(samples);
    let empty = || Failure::Other("the window is empty".to_owned());
    let value = per_30_days(tickets, case.window()).ok_or_else(empty)?;

    let seats = seats(case);
    let score = match seats {
        Some(seats) => of_seat(settings, value / seats),
        None => clamp_to_scale((value / settings.tickets_per_point).floor()),
    };
    let explanation = stub::explanation(case, || {
        let noun = if samples == 1 { "ticket" } else { "tickets" };
        let how = match seats {
            Some(seats) => format!("{:.2} for each of {seats} seats", value / seats),
            None => format!("{} make a point", settings.tickets_per_point),
        };
        format!("{samples} {noun}, {value:.2} in 30 days, {how}: {score}")
    });
    Ok(Outcome::Measured(Score { score, value, samples, effective_samples: tickets, interval: None, explanation }))
}

/// The client's seats, if the roster or the source has a number above 0.
fn seats(case: &Case<'_, Kind>) -> Option<f64> {
    text::decimal(case.attribute("seats")?).filter(|seats| *seats > 0.0)
}

fn of_seat(settings: &MetricSettings, per_seat: f64) -> f64 {
    // The steps around the middle belong to it: 0.25 and 0.5 are both moderate use.
    let [few, moderate, moderate_still, many] = settings.per_seat_steps;
    match per_seat {
        rate if rate < few => 1.0,
        rate if rate < moderate => 2.0,
        rate if rate <= moderate_still => 3.0,
        rate if rate <= many => 4.0,
        _ => 5.0,
    }
}

#[cfg(test)]
mod tests {
    use scoresheet_sdk::{Sample, Window, numbers::DAY_MS, testing};

    use super::*;
    use crate::{METRIC, Tickets};

    fn scored(settings: &str, days: i64, tickets: usize, seats: Option<&str>) -> Result<Score, Failure> {
        let ticket = Sample { at: 1, until: 1, value: 1.0, kind: Kind::Ticket };
        let case = testing::case(Window { start: 0, end: days * DAY_MS }, &vec![ticket; tickets]);
        let attributes = seats.map(|seats| testing::attribute("seats", seats)).into_iter().collect();
        match testing::score_one::<Tickets>(METRIC, settings, attributes, case)? {
            Outcome::Measured(score) => Ok(score),
            other => panic!("expected a score, got {other:?}"),
        }
    }

    #[test]
    fn two_tickets_make_a_point() {
        for (days, tickets, value, score) in [
            (30, 0, 0.0, 1.0),
            (30, 1, 1.0, 1.0),
            (30, 3, 3.0, 1.0),
            (30, 4, 4.0, 2.0),
            (30, 9, 9.0, 4.0),
            (30, 10, 10.0, 5.0),
            (30, 99, 99.0, 5.0),
            (60, 10, 5.0, 2.0),
            (90, 24, 8.0, 4.0),
            (15, 4, 8.0, 4.0),
        ] {
            let got = scored("{}", days, tickets, None).expect("a score");
            assert_eq!((got.value, got.score), (value, score), "{tickets} in {days} days");
            assert_eq!((got.samples as usize, got.effective_samples as usize), (tickets, tickets));
        }
        assert_eq!(scored(r#"{"tickets_per_point": 0.5}"#, 30, 2, None).expect("a score").score, 4.0);
    }

    #[test]
    fn seats_make_it_tickets_per_seat() {
        for (tickets, seats, score) in [
            (0, "8", 1.0),
            (1, "8", 2.0),
            (1, "9", 1.0),
            (2, "8", 3.0),
            (4, "8", 3.0),
            (5, "8", 4.0),
            (8, "8", 4.0),
            (9, "8", 5.0),
            (1, " 2 ", 3.0),
            // What is no number of seats is not used.
            (9, "0", 4.0),
            (9, "-8", 4.0),
            (9, "many", 4.0),
            (9, "inf", 4.0),
            (9, "", 4.0),
        ] {
            let got = scored("{}", 30, tickets, Some(seats)).expect("a score");
            assert_eq!(got.score, score, "{tickets} tickets, {seats:?} seats");
            assert_eq!(got.value, tickets as f64, "the unit stays tickets per 30 days");
        }
        let steps = r#"{"per_seat_steps": [1, 2, 3, 4]}"#;
        assert_eq!(scored(steps, 30, 8, Some("8")).expect("a score").score, 2.0);
    }

    #[test]
    fn explains_itself_and_says_that_it_is_a_stub() {
        let lines = |tickets, seats| scored("{}", 60, tickets, seats).expect("a score").explanation;
        let note = "stub: these figures are made up";
        assert_eq!(lines(1, None), ["1 ticket, 0.50 in 30 days, 2 make a point: 1", note]);
        assert_eq!(lines(9, Some("10")), ["9 tickets, 4.50 in 30 days, 0.45 for each of 10 seats: 3", note]);
    }

    #[test]
    fn refuses_what_cannot_be_scored() {
        assert!(matches!(scored("{}", 0, 1, None), Err(Failure::Other(_))));
        assert!(matches!(scored(r#"{"x": 1}"#, 30, 1, None), Err(Failure::Settings(_))));
        assert!(matches!(testing::score::<Tickets>("gut-instinct", "{}", &[], &[]), Err(Failure::Other(_))));
    }
}
