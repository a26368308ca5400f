//! What must hold for figures of the past.

use crate::{Failure, Figure, Past, Period, Provider, history::by_scoring};

/// Asserts that a provider's [`Provider::figures`] are what its [`Provider::score`] measures in each period, but for
/// intervals that nobody looks at. For authors who override it, in a test over whatever samples may come.
///
/// # Panics
/// Where they are not.
pub fn figures_are_scores<P: Provider>(metric: &str, settings: &str, periods: &[Period], subjects: &[Past]) {
    let scored = by_scoring(periods, subjects, |window, subjects| P::score(metric, settings, window, subjects));
    let found = P::figures(metric, settings, periods, subjects);
    let looked_at = |figures: Result<Vec<Option<Figure>>, Failure>| {
        figures.map(|figures| {
            let each = figures.into_iter().zip(periods.iter().cycle());
            let seen = |(figure, period): (Option<Figure>, &Period)| {
                figure.map(|it| if period.interval { it } else { Figure { interval: None, ..it } })
            };
            each.map(seen).collect::<Vec<_>>()
        })
    };
    let count = subjects.len() * periods.len();
    assert!(found.as_ref().is_ok_and(|found| found.len() == count) || found.is_err(), "not a figure for each period");
    assert_eq!(looked_at(found), looked_at(scored), "{metric} with {settings} in {periods:?} of {subjects:?}");
}
