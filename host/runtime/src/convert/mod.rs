//! Between the contract's types and the domain's, and every check of what a component gives.
//!
//! What comes out of here is as the description and the contract say, so nothing further on
//! checks it again. What breaks the contract names the field, what was found there and what
//! would be right; text that is only shown is made fit to be shown instead.

mod description;
mod failure;
mod input;
mod page;
mod score;

use std::fmt::Display;

pub(crate) use description::{description, spec};
pub(crate) use failure::{check_steps, failure};
pub(crate) use input::{Chunk, chunks, window};
pub(crate) use page::{PullRequest, client_page, observation_page};
pub(crate) use score::outcomes;
use scoresheet_domain::Failure;

use crate::text;

/// A field that breaks the contract.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {found}: {right}")]
pub(crate) struct Broken {
    field: String,
    found: String,
    right: String,
}

impl Broken {
    /// A field by its path, what was found there, ready to show, and what would be right.
    fn new(field: impl Display, found: impl Display, right: impl Display) -> Self {
        Self { field: field.to_string(), found: found.to_string(), right: right.to_string() }
    }

    /// The same for a text.
    fn text(field: impl Display, found: &str, right: impl Display) -> Self {
        Self::new(field, text::quoted(found), right)
    }
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        Self::Component(format!("its answer breaks the contract: {broken}"))
    }
}

type Checked<T> = Result<T, Broken>;

/// Where a field stands: `items[3].value`. Written only when something is wrong there.
#[derive(Clone, Copy)]
struct At<'a> {
    list: &'a str,
    index: usize,
}

impl At<'_> {
    fn field(self, name: &str) -> String {
        format!("{}[{}].{name}", self.list, self.index)
    }
}

impl Display for At<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[{}]", self.list, self.index)
    }
}

fn at_most(field: &str, len: usize, max: usize) -> Checked<()> {
    if len <= max {
        Ok(())
    } else {
        Err(Broken::new(field, format!("{len} entries long"), format!("at most {max} are allowed")))
    }
}

/// The largest figure that anybody is believed, either way: further up sums lose whole units, and overflow.
const MAX_FIGURE: f64 = 1e15;

fn figure(value: f64, field: impl FnOnce() -> String) -> Checked<f64> {
    // The comparison is wrong for NaN too.
    if value.abs() <= MAX_FIGURE {
        return Ok(value);
    }
    let right = if value.is_finite() { "it must lie within ±1e15" } else { "it must be a finite number" };
    // In full, 1e308 would fill several lines.
    Err(Broken::new(field(), format_args!("{}", Shown(value)), right))
}

/// A number in a few characters.
struct Shown(f64);

impl Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_finite() && self.0.abs() >= 1e15 { write!(f, "{:e}", self.0) } else { write!(f, "{}", self.0) }
    }
}
