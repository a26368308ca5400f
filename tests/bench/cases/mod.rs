//! The rows of the table, each in its module.

mod component;
mod first_answer;
mod generate;
mod growth;
mod latency;
mod next_day;
mod python;
mod sync;
mod year;

use crate::{Failed, args::Wanted, report::CaseReport};

/// A row of the table.
pub(crate) struct Case {
    /// Its name there.
    pub(crate) id: &'static str,
    /// What it sets beside what.
    pub(crate) what: &'static str,
    /// Measures it.
    pub(crate) run: fn(&Wanted, &mut CaseReport<'_>) -> Result<(), Failed>,
}

/// All of them, in order.
pub(crate) const ALL: &[Case] = &[
    component::CASE,
    sync::CASE,
    latency::CASE,
    python::CASE,
    generate::CASE,
    year::CASE,
    first_answer::CASE,
    growth::CASE,
    next_day::CASE,
];
