//! When a fault applies: the active rules and their counters.

use std::sync::Arc;

use super::Fault;

/// How often a fault applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// To every request it matches.
    Always,
    /// To the first n requests it matches.
    Count(u64),
}

/// A fault and when it applies: to every request, unless the builder methods narrow it down.
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
    /// Only for paths with this prefix: `/api/v1/csat`.
    #[must_use]
    pub fn on(self, path_prefix: &str) -> Self {
        Self { path_prefix: path_prefix.to_owned(), ..self }
    }

    /// Only for requests of this page; a request without a page number is for page 1.
    #[must_use]
    pub fn page(self, page: u32) -> Self {
        Self { page: Some(page), ..self }
    }

    /// Only from the nth matching request on, counted from 1.
    #[must_use]
    pub fn from_nth(self, nth: u64) -> Self {
        Self { from_nth: nth, ..self }
    }

    /// Only this often.
    #[must_use]
    pub fn times(self, times: Times) -> Self {
        Self { times, ..self }
    }

    /// Whether it closes the port at once, and not from some request on.
    pub(in crate::simulator) fn refuses_at_once(&self) -> bool {
        *self.fault == Fault::Refused && self.path_prefix.is_empty() && self.page.is_none() && self.from_nth <= 1
    }

    fn matches(&self, path: &str, page: u32) -> bool {
        path.starts_with(&self.path_prefix) && self.page.is_none_or(|wanted| wanted == page)
    }
}

/// The active rules, with their counters.
#[derive(Debug, Default)]
pub(in crate::simulator) struct ActiveFaults(Vec<Counted>);

#[derive(Debug)]
struct Counted {
    rule: FaultRule,
    /// Requests whose path and page matched.
    matched: u64,
    /// How often the fault was applied.
    applied: u64,
}

impl ActiveFaults {
    pub(in crate::simulator) fn new(rules: Vec<FaultRule>) -> Self {
        Self(rules.into_iter().map(|rule| Counted { rule, matched: 0, applied: 0 }).collect())
    }

    /// The fault of the first rule that is due for this request, and how often that rule was applied, this time included.
    pub(in crate::simulator) fn take_due(&mut self, path: &str, page: u32) -> Option<(Arc<Fault>, u64)> {
        let mut chosen = None;
        // Every rule counts the request, whichever of them strikes.
        for counted in self.0.iter_mut().filter(|counted| counted.rule.matches(path, page)) {
            counted.matched += 1;
            let due = counted.matched >= counted.rule.from_nth
                && match counted.rule.times {
                    Times::Always => true,
                    Times::Count(times) => counted.applied < times,
                };
            if due && chosen.is_none() {
                counted.applied += 1;
                chosen = Some((Arc::clone(&counted.rule.fault), counted.applied));
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
        let statuses: Vec<Option<u16>> = requests
            .iter()
            .map(|(path, page)| match active.take_due(path, *page) {
                Some((fault, _)) => match *fault {
                    Fault::Status(status) => Some(status),
                    _ => None,
                },
                None => None,
            })
            .collect();
        assert_eq!(statuses, expected);
    }

    #[test]
    fn fault_is_due_when_its_rule_says() {
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
