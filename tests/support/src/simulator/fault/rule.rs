//! When a fault strikes: the rules in force, and their counts.

use std::sync::Arc;

use super::Fault;

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// At every request it fits.
    Always,
    /// At so many requests it fits; the next ones are well.
    Count(u64),
}

/// A fault and when it strikes: at every request, until the builder methods say less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRule {
    fault: Arc<Fault>,
    path_prefix: String,
    page: Option<u32>,
    from_nth: u64,
    times: Times,
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> Self {
        Self { fault: Arc::new(fault), path_prefix: String::new(), page: None, from_nth: 1, times: Times::Always }
    }
}

impl FaultRule {
    /// Only at paths that begin so: `/api/v1/csat`.
    #[must_use]
    pub fn on(self, path_prefix: &str) -> Self {
        Self { path_prefix: path_prefix.to_owned(), ..self }
    }

    /// Only at requests for this page; a request that names none is for page 1.
    #[must_use]
    pub fn page(self, page: u32) -> Self {
        Self { page: Some(page), ..self }
    }

    /// Only from the nth request (from 1) on that path and page fit.
    #[must_use]
    pub fn from_nth(self, nth: u64) -> Self {
        Self { from_nth: nth, ..self }
    }

    /// Only so many times.
    #[must_use]
    pub fn times(self, times: Times) -> Self {
        Self { times, ..self }
    }

    /// Whether it closes the port at once, and not from some request on.
    pub(in crate::simulator) fn refuses_at_once(&self) -> bool {
        *self.fault == Fault::Refused && self.path_prefix.is_empty() && self.page.is_none() && self.from_nth <= 1
    }

    fn fits(&self, path: &str, page: u32) -> bool {
        path.starts_with(&self.path_prefix) && self.page.is_none_or(|wanted| wanted == page)
    }
}

/// The rules in force, with their counts.
#[derive(Debug, Default)]
pub(in crate::simulator) struct ActiveFaults(Vec<Counted>);

#[derive(Debug)]
struct Counted {
    rule: FaultRule,
    /// Requests that path and page fitted.
    fitted: u64,
    /// Times it struck.
    struck: u64,
}

impl ActiveFaults {
    pub(in crate::simulator) fn new(rules: Vec<FaultRule>) -> Self {
        Self(rules.into_iter().map(|rule| Counted { rule, fitted: 0, struck: 0 }).collect())
    }

    /// The fault that strikes at this request, of the first rule that applies, and how often that rule has struck by
    /// now, this time included.
    pub(in crate::simulator) fn take_due(&mut self, path: &str, page: u32) -> Option<(Arc<Fault>, u64)> {
        let mut chosen = None;
        // Every rule counts the request, whichever of them strikes.
        for counted in self.0.iter_mut().filter(|counted| counted.rule.fits(path, page)) {
            counted.fitted += 1;
            let due = counted.fitted >= counted.rule.from_nth
                && match counted.rule.times {
                    Times::Always => true,
                    Times::Count(times) => counted.struck < times,
                };
            if due && chosen.is_none() {
                counted.struck += 1;
                chosen = Some((Arc::clone(&counted.rule.fault), counted.struck));
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rules: Vec<FaultRule>, requests: &[(&str, u32)], expected: &[Option<u16>]) {
        let mut active = ActiveFaults::new(rules);
        let struck: Vec<Option<u16>> = requests
            .iter()
            .map(|(path, page)| match active.take_due(path, *page) {
                Some((fault, _)) => match *fault {
                    Fault::Status(status) => Some(status),
                    _ => None,
                },
                None => None,
            })
            .collect();
        assert_eq!(struck, expected);
    }

    #[test]
    fn strikes_when_the_rule_says() {
        let scores = "/api/v1/csat/scores";
        check(vec![Fault::Status(503).times(Times::Count(2))], &[(scores, 1); 3], &[Some(503), Some(503), None]);
        check(
            vec![Fault::Status(503).on("/api/v1/csat").page(2)],
            &[("/api/v1/clients", 2), (scores, 1), (scores, 2)],
            &[None, None, Some(503)],
        );
        check(
            vec![Fault::Status(500).from_nth(2).times(Times::Count(1)), Fault::Status(502).from_nth(3)],
            &[(scores, 1); 4],
            &[None, Some(500), Some(502), Some(502)],
        );
    }
}
