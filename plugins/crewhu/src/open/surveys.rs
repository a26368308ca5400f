//! Which surveys of a page count, and why the others do not.

use std::collections::HashMap;

use scoresheet_sdk::{Instant, Observation, Rejection, When, Window, json::Value};

use super::Survey;
use crate::{
    response::{CLOCK_SKEW_MS, OVERALL_BARE, Reason},
    settings::TypeTags,
};

/// A page's surveys of one window, of every client or of one.
pub(super) struct Surveys<'a> {
    window: Window,
    now: Instant,
    client: Option<&'a str>,
    tags: &'a TypeTags,
    read: Vec<Verdict>,
    /// Where each id stood last: the later row of an id stands, whatever becomes of it.
    last: HashMap<String, usize>,
}

enum Verdict {
    Counts(Observation),
    Rejected(Rejection),
    PassedOver,
}

impl<'a> Surveys<'a> {
    pub(super) fn new(window: Window, now: Instant, client: Option<&'a str>, tags: &'a TypeTags) -> Self {
        Self { window, now, client, tags, read: Vec::new(), last: HashMap::new() }
    }

    /// Takes the next row in.
    pub(super) fn take(&mut self, row: &Value) {
        let survey = Survey(row);
        if let Some(id) = survey.id() {
            self.last.insert(id.to_owned(), self.read.len());
        }
        let verdict = self.judge(survey);
        self.read.push(verdict);
    }

    /// What counts and what does not, each id once.
    pub(super) fn finish(self) -> (Vec<Observation>, Vec<Rejection>) {
        let (mut items, mut rejected) = (Vec::new(), Vec::new());
        for (index, verdict) in self.read.into_iter().enumerate() {
            let stands = |id: &str| self.last.get(id) == Some(&index);
            match verdict {
                Verdict::Counts(item) if stands(&item.id) => items.push(item),
                Verdict::Rejected(item) if item.id.as_deref().is_none_or(stands) => rejected.push(item),
                _ => {}
            }
        }
        (items, rejected)
    }

    fn judge(&self, survey: Survey<'_>) -> Verdict {
        let closed = survey.closed();
        // One that was opened and never answered belongs to the time at which it was opened.
        let at = closed.ok().or_else(|| survey.opened().filter(|_| closed == Err(Reason::Incomplete)));
        let is_future = at.is_some_and(|at| at > self.now.saturating_add(CLOCK_SKEW_MS));
        let is_outside = at.is_some_and(|at| at < self.window.start || at >= self.window.end);
        let is_anothers = self.client.is_some_and(|only| survey.client_id().is_some_and(|id| id != only));
        if (is_outside && !is_future) || is_anothers {
            return Verdict::PassedOver;
        }

        let id = survey.id().map(str::to_owned);
        let client = survey.client();
        // One after the other: the first reason that fits is the one given.
        let found = if id.is_none() {
            Err(Reason::NoId)
        } else if client.is_none() {
            Err(Reason::NoClient)
        } else if survey.is_inactive() {
            Err(Reason::Inactive)
        } else if is_future {
            Err(Reason::Future)
        } else {
            closed.and_then(|at| survey.score().map(|value| (at, value)))
        };
        match (found, id, client) {
            (Ok((at, value)), Some(id), Some(client)) => {
                let kind = if survey.is_bare() { OVERALL_BARE } else { self.tags.type_of(survey.tags()) };
                Verdict::Counts(Observation { id, client, when: When::At(at), kind, value })
            }
            (Err(reason), id, client) => {
                Verdict::Rejected(Rejection { id, client, at, reason: reason.id().to_owned() })
            }
            // Without an id or a client there is a reason.
            (Ok(_), ..) => Verdict::PassedOver,
        }
    }
}
