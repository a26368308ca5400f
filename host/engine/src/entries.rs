//! What persons enter: scores over computed ones, and those of manual metrics. Which of them counts is said in
//! `scoresheet_domain::entry`; how it stands on a sheet is left to `generate`.

use scoresheet_domain::{
    ClientId, Entry, EntryKind, Instant, MetricId, ProviderName,
    entry::{EntryState, states},
};

use crate::{
    definition::MetricSource,
    engine::{Engine, find_client},
    error::{EngineError, closest},
    ports::UserChange,
};

/// A reason or a note has at most so many characters: it stands on sheets.
pub const MAX_TEXT_CHARS: usize = 500;

/// A score to put over a computed one.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOverride {
    /// The client's id.
    pub client: String,
    /// The sheet's id of the metric, which a provider computes.
    pub metric: String,
    /// 1 to 5.
    pub score: f64,
    /// Why, on one line of at most [`MAX_TEXT_CHARS`].
    pub reason: String,
    /// From when on it holds, which may be a past or a coming day; where there is none, from now on.
    pub from: Option<Instant>,
    /// Until when, half-open; where there is none, until it is taken back.
    pub until: Option<Instant>,
}

/// A score of a manual metric.
#[derive(Clone, Debug, PartialEq)]
pub struct NewScore {
    /// The client's id.
    pub client: String,
    /// The sheet's id of the metric, which has no provider.
    pub metric: String,
    /// 1 to 5.
    pub score: f64,
    /// What its author wants to say beside it, on one line of at most [`MAX_TEXT_CHARS`].
    pub note: Option<String>,
    /// The day that it is of, and from which on it holds: now or before. Where there is none, now.
    pub at: Option<Instant>,
}

/// What was entered, and whether it counts.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ListedEntry {
    /// What was entered.
    #[serde(flatten)]
    pub entry: Entry,
    /// Whether it counts now.
    pub state: EntryState,
}

/// Why nothing was entered. Each is the caller's to mend.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EntryRefusal {
    /// The scale is 1 to 5.
    #[error("{0} is no score: give a number from 1 to 5, for example 3.5")]
    Score(f64),
    /// An override says why.
    #[error("an override needs a reason: say in a few words why the computed score does not hold")]
    NoReason,
    /// The reason or note is too long for a sheet.
    #[error("the {what} is {chars} characters long: write {MAX_TEXT_CHARS} at most")]
    TooLong {
        /// "reason" or "note".
        what: &'static str,
        /// How long it is.
        chars: usize,
    },
    /// The reason or note holds what no line does.
    #[error("the {what} holds a control character, such as a line break or a tab: write it on one line")]
    Control {
        /// "reason" or "note".
        what: &'static str,
    },
    /// It would hold at no time.
    #[error("an override from {from} cannot end at {until}: let it end later, or begin earlier")]
    Empty {
        /// Its beginning.
        from: Instant,
        /// Its end.
        until: Instant,
    },
    /// What will be seen of a client nobody knows yet.
    #[error("a score cannot be entered for {at}, which has not come: it is {now} now")]
    Future {
        /// What was asked for.
        at: Instant,
        /// The clock.
        now: Instant,
    },
    /// The metric has no computed score.
    #[error(
        "metric '{0}' is entered by hand, so there is no computed score to override: enter it with 'scoresheet manual'"
    )]
    Manual(MetricId),
    /// The metric is not entered.
    #[error(
        "the score of metric '{metric}' comes from {provider}, so it is not entered by hand: put one over it with \
         'scoresheet override', which keeps the computed one beside yours"
    )]
    Computed {
        /// The metric.
        metric: MetricId,
        /// Who computes it.
        provider: ProviderName,
    },
}

impl Engine {
    /// Puts a score over the computed one. Earlier ones stay, and count again once this one has ended.
    ///
    /// # Errors
    /// [`EngineError`] where a name is unknown, what is to be entered is refused ([`EntryRefusal`]), or the store is in
    /// use or fails; then nothing was entered.
    pub async fn override_score(&self, new: &NewOverride, now: Instant) -> Result<Entry, EngineError> {
        let (client, metric) = self.place(&new.client, &new.metric, EntryKind::Override).await?;
        check_score(new.score)?;
        let reason = line("reason", &new.reason)?.ok_or(EntryRefusal::NoReason)?;
        let from = new.from.unwrap_or(now);
        if let Some(until) = new.until.filter(|until| *until <= from) {
            return Err(EntryRefusal::Empty { from, until }.into());
        }
        let entry = Entry {
            id: 0,
            client,
            metric,
            kind: EntryKind::Override,
            score: new.score,
            author: self.user.clone(),
            reason: Some(reason),
            at: now,
            from,
            until: new.until,
            cleared: None,
        };
        self.add_entry(entry, now).await
    }

    /// Enters a score of a manual metric. Earlier ones stay, for the sheets of their days.
    ///
    /// # Errors
    /// As [`Engine::override_score`].
    pub async fn enter_score(&self, new: &NewScore, now: Instant) -> Result<Entry, EngineError> {
        let (client, metric) = self.place(&new.client, &new.metric, EntryKind::Manual).await?;
        check_score(new.score)?;
        let note = line("note", new.note.as_deref().unwrap_or_default())?;
        let from = new.at.unwrap_or(now);
        if from > now {
            return Err(EntryRefusal::Future { at: from, now }.into());
        }
        let entry = Entry {
            id: 0,
            client,
            metric,
            kind: EntryKind::Manual,
            score: new.score,
            author: self.user.clone(),
            reason: note,
            at: now,
            from,
            until: None,
            cleared: None,
        };
        self.add_entry(entry, now).await
    }

    /// Takes all scores back that stand over a computed one, so that it counts again; gives how many there were.
    ///
    /// # Errors
    /// [`EngineError`] where nothing stands there and a name is unknown or the metric is a manual one, or the store is in
    /// use or fails; then nothing was taken back.
    pub async fn clear_override(&self, client: &str, metric: &str, now: Instant) -> Result<u64, EngineError> {
        self.clear_entries(client, metric, EntryKind::Override, now).await
    }

    /// Takes all scores of a manual metric back that were entered for a client; gives how many there were.
    ///
    /// # Errors
    /// As [`Engine::clear_override`], the other way round.
    pub async fn clear_score(&self, client: &str, metric: &str, now: Instant) -> Result<u64, EngineError> {
        self.clear_entries(client, metric, EntryKind::Manual, now).await
    }

    /// What was entered, of one kind or of both, by client, metric and the order in which it was entered: what holds or
    /// will; where all is asked for, also what has ended or was taken back.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn entries(
        &self,
        kind: Option<EntryKind>,
        all: bool,
        now: Instant,
    ) -> Result<Vec<ListedEntry>, EngineError> {
        let entries = self.sheet_store().entries(all).await?;
        let states = states(&entries, now);
        let mut listed: Vec<ListedEntry> = entries
            .into_iter()
            .zip(states)
            .map(|(entry, state)| ListedEntry { entry, state })
            .filter(|listed| kind.is_none_or(|kind| listed.entry.kind == kind))
            .filter(|listed| all || listed.state != EntryState::Ended)
            .collect();
        // They come by number, which a stable sort leaves among those of one client and metric.
        listed.sort_by(|a, b| (&a.entry.client, &a.entry.metric).cmp(&(&b.entry.client, &b.entry.metric)));
        Ok(listed)
    }

    async fn add_entry(&self, entry: Entry, now: Instant) -> Result<Entry, EngineError> {
        let id = self.apply(UserChange::AddEntry(entry.clone()), now).await?;
        Ok(Entry { id: id.and_then(|id| i64::try_from(id).ok()).unwrap_or_default(), ..entry })
    }

    async fn clear_entries(
        &self,
        client: &str,
        metric: &str,
        kind: EntryKind,
        now: Instant,
    ) -> Result<u64, EngineError> {
        let standing = self.sheet_store().entries(false).await?;
        let its =
            |entry: &&Entry| entry.kind == kind && entry.client.as_str() == client && entry.metric.as_str() == metric;
        // What stands can be taken back, whether or not its client and its metric still stand on the sheet.
        if let Some(entry) = standing.iter().find(its) {
            let change = UserChange::ClearEntries(entry.client.clone(), entry.metric.clone(), kind);
            return Ok(self.apply(change, now).await?.unwrap_or_default());
        }
        let roster = self.roster().await?;
        find_client(&roster.clients, client)?;
        self.metric_for(metric, kind)?;
        Ok(0)
    }

    /// Whose score of what is entered, where both stand on the sheet and the metric is one of this kind.
    async fn place(&self, client: &str, metric: &str, kind: EntryKind) -> Result<(ClientId, MetricId), EngineError> {
        let roster = self.roster().await?;
        let client = find_client(&roster.clients, client)?;
        if !client.active {
            return Err(EngineError::InactiveClient(client.id.clone()));
        }
        Ok((client.id.clone(), self.metric_for(metric, kind)?.clone()))
    }

    fn metric_for(&self, id: &str, kind: EntryKind) -> Result<&MetricId, EngineError> {
        let metrics = &self.sheet.metrics;
        let metric =
            metrics.iter().find(|metric| metric.id.as_str() == id).ok_or_else(|| EngineError::UnknownMetric {
                id: id.to_owned(),
                near: closest(id, metrics.iter().map(|metric| &metric.id)),
                known: metrics.iter().map(|metric| metric.id.clone()).collect(),
            })?;
        match (&metric.source, kind) {
            (MetricSource::Manual { .. }, EntryKind::Override) => Err(EntryRefusal::Manual(metric.id.clone()).into()),
            (MetricSource::Provider { provider, .. }, EntryKind::Manual) => {
                Err(EntryRefusal::Computed { metric: metric.id.clone(), provider: provider.clone() }.into())
            }
            _ => Ok(&metric.id),
        }
    }
}

fn check_score(score: f64) -> Result<(), EntryRefusal> {
    // No NaN lies within.
    if (1.0..=5.0).contains(&score) { Ok(()) } else { Err(EntryRefusal::Score(score)) }
}

/// A person's words without the space around them; none where there are none.
fn line(what: &'static str, text: &str) -> Result<Option<String>, EntryRefusal> {
    let text = text.trim();
    let chars = text.chars().count();
    if chars > MAX_TEXT_CHARS {
        return Err(EntryRefusal::TooLong { what, chars });
    }
    if text.chars().any(char::is_control) {
        return Err(EntryRefusal::Control { what });
    }
    Ok((chars > 0).then(|| text.to_owned()))
}
