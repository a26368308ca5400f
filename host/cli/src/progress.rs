//! What a person sees while a sync goes on: bars on a terminal, nothing elsewhere.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use scoresheet::{ProviderName, RejectedValue, SyncEvent, SyncReport};

use crate::output::Output;

/// One line a provider, on stderr.
pub(crate) struct SyncProgress {
    bars: MultiProgress,
    by_provider: Mutex<HashMap<ProviderName, ProgressBar>>,
    shown: bool,
}

impl SyncProgress {
    /// Bars where stderr is a terminal and a person wants them.
    pub(crate) fn new(output: Output) -> Self {
        let shown = !output.quiet && console::Term::stderr().is_term();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bars: MultiProgress::with_draw_target(target), by_provider: Mutex::default(), shown }
    }

    /// Takes in what happened.
    pub(crate) fn event(&self, event: &SyncEvent) {
        if !self.shown {
            return;
        }
        match event {
            SyncEvent::Clients { provider, count } => {
                self.bar(provider, |bar| bar.set_message(format!("{count} clients")))
            }
            SyncEvent::Window { provider, window, resumed } => self.bar(provider, |bar| {
                let from = window.start.to_string();
                let how = if *resumed { "going on from" } else { "from" };
                bar.set_message(format!("{how} {}", from.get(..10).unwrap_or(&from)));
            }),
            SyncEvent::Page { provider, pages, pending, .. } => self.bar(provider, |bar| {
                bar.set_length(pages + pending);
                bar.set_position(*pages);
            }),
            SyncEvent::Done(done) => self.bar(&done.provider, |bar| {
                let word = match (&done.problem, done.interrupted) {
                    (Some(problem), _) => format!("failed: {}", problem.kind.as_str()),
                    (None, true) => "interrupted".to_owned(),
                    (None, false) => format!("{} observations", done.observations),
                };
                bar.finish_with_message(word);
            }),
        }
    }

    /// Takes the bars off the screen.
    pub(crate) fn finish(&self) {
        // A terminal that cannot be cleared is left as it is.
        let _ = self.bars.clear();
    }

    fn bar(&self, provider: &ProviderName, change: impl FnOnce(&ProgressBar)) {
        // A panic while the lock was held leaves a map that is as good as before.
        let mut bars = self.by_provider.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let bar = bars.entry(provider.clone()).or_insert_with(|| {
            let bar = self.bars.add(ProgressBar::new(1));
            if let Ok(style) = ProgressStyle::with_template("{prefix:24} {bar:24} {pos}/{len} pages  {msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(provider.to_string());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        change(bar);
    }
}

/// A sync in words, a line a provider.
pub(crate) fn summary(report: &SyncReport) -> Vec<String> {
    report
        .providers
        .iter()
        .map(|done| {
            let name = if done.stub { format!("{} (stub)", done.provider) } else { done.provider.to_string() };
            if let Some(problem) = &done.problem {
                return format!(
                    "{name}: failed, {}\n  → {}",
                    strip(&problem.message, done.provider.as_str()),
                    problem.remedy
                );
            }
            let mut parts = vec![
                plural(done.clients, "client"),
                plural(done.observations, "observation"),
                plural(done.pages, "page"),
            ];
            if done.rejected > 0 {
                parts.push(format!("{} rejected", done.rejected));
            }
            if done.withdrawn > 0 {
                parts.push(format!("{} withdrawn", done.withdrawn));
            }
            if done.interrupted {
                parts.push("interrupted".to_owned());
            }
            let mut line = format!("{name}: {}", parts.join(", "));
            for rejected in &done.rejections {
                line.push_str(&format!("\n  rejected: {}", rejection(rejected)));
            }
            line
        })
        .collect()
}

/// `12 × incomplete: status = "open"`.
pub(crate) fn rejection(rejected: &RejectedValue) -> String {
    let what = match (&rejected.field, &rejected.value) {
        (Some(field), Some(value)) => format!(": {field} = {value:?}"),
        (Some(field), None) => format!(": {field}"),
        (None, _) => String::new(),
    };
    format!("{} × {}{what}", rejected.count, rejected.reason)
}

fn strip<'a>(message: &'a str, provider: &str) -> &'a str {
    message.strip_prefix(provider).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(message)
}

pub(crate) fn plural(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
