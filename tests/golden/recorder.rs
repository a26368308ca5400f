//! Runs commands of the binary in one world, and keeps what each printed, reduced to data.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State};
use scoresheet_test_support::FaultySimulator;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    normalise::{self, Scrub, digits},
    text::{self, Vocabulary},
};
use crate::common::{Place, Ran};

/// The providers of the corpus.
pub(crate) const PROVIDERS: [&str; 4] = ["crewhu", "connectwise-tickets", "connectwise-time", "connectwise-agreements"];

/// Output of fewer bytes is written however often it comes.
const MIN_SHARED: usize = 200;

/// What one command printed, reduced to data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// The command and its exit code.
    pub(crate) title: String,
    /// Lines of data.
    pub(crate) body: String,
}

/// A folder of its own with the binary in it, and everything that was recorded there.
pub(crate) struct Recorder {
    /// Whether requests may have been cancelled.
    is_racing: bool,
    /// Where the commands run.
    pub(crate) place: Place,
    sections: Vec<Section>,
    /// Every title and what its command printed.
    outputs: Vec<(String, String)>,
    scrub: Scrub,
    hook: Hook,
    vocabulary: Vocabulary,
    day: String,
}

impl Recorder {
    /// A place that reaches the simulator and a webhook.
    pub(crate) async fn start(server: &FaultySimulator, is_racing: bool) -> Self {
        let hook = Hook::start().await;
        let mut place = Place::reaching(server);
        place.set("USER", "ada");
        place.set("OPS_WEBHOOK_URL", &hook.url);
        let folder = place.folder.path();
        let real = folder.canonicalize().expect("the folder");
        let scrub = Scrub::new(vec![
            (real.display().to_string(), "FOLDER"),
            (folder.display().to_string(), "FOLDER"),
            (server.base_url().to_owned(), "SOURCE"),
            (server.base_url().replace("http://", ""), "SOURCE"),
        ]);
        let vocabulary = Vocabulary::new(&[]);
        Self {
            is_racing,
            place,
            sections: Vec::new(),
            outputs: Vec::new(),
            scrub,
            hook,
            vocabulary,
            day: String::new(),
        }
    }

    /// Sets the time of the commands from here on.
    pub(crate) fn set_clock(&mut self, time: &str) {
        self.place.set("SCORESHEET_CLOCK", time);
        self.day = time[5..10].to_owned();
    }

    /// Sets what names, ids and sentences the text formats may show.
    pub(crate) fn set_vocabulary(&mut self, documents: &[&Value]) {
        self.vocabulary = Vocabulary::new(documents);
    }

    /// Runs a command with `--json` and records its output; null where it printed none.
    pub(crate) async fn json(&mut self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        let ran = self.place.run(&arguments).await;
        let mut value = if ran.stdout.trim().is_empty() { Value::Null } else { ran.json() };
        if self.is_racing && arguments[0] == "health" {
            // How many requests there were depends on which were cancelled.
            value.as_array_mut().into_iter().flatten().for_each(|provider| provider["requests"] = "ANY".into());
        }
        let body = if value.is_null() { String::new() } else { normalise::json(&value, &self.scrub) };
        self.keep(&arguments, &ran, body);
        value
    }

    /// Runs a command with `--json` whose list has no order of its own.
    pub(crate) async fn json_unordered(&mut self, arguments: &[&str]) {
        let arguments = [arguments, &["--json"]].concat();
        let ran = self.place.run(&arguments).await;
        let mut lines: Vec<String> = match ran.json() {
            Value::Array(items) => items.iter().map(|item| normalise::json(item, &self.scrub)).collect(),
            other => vec![normalise::json(&other, &self.scrub)],
        };
        lines.sort_unstable();
        self.keep(&arguments, &ran, lines.concat());
    }

    /// Records the audit log. Providers are synced side by side, so their entries of one sync are put in one order.
    pub(crate) async fn audit(&mut self) {
        let arguments = ["audit", "--limit", "1000", "--json"];
        let ran = self.place.run(&arguments).await;
        let Value::Array(mut entries) = ran.json() else { panic!("a list: {ran:?}") };
        let numbers: Vec<Value> = entries.iter().map(|entry| entry["seq"].clone()).collect();
        let of_provider = |entry: &Value| PROVIDERS.iter().any(|name| entry["subject"] == **name);
        for run in entries.chunk_by_mut(|one, next| of_provider(one) && of_provider(next) && one["at"] == next["at"]) {
            run.sort_by_key(|entry| entry["subject"].to_string());
        }
        for (entry, number) in entries.iter_mut().zip(numbers) {
            entry["seq"] = number;
        }
        self.keep(&arguments, &ran, normalise::json(&entries.into(), &self.scrub));
    }

    /// Runs a command that prints for people, and records the tokens of its output.
    pub(crate) async fn text(&mut self, arguments: &[&str]) {
        let ran = self.place.run(arguments).await;
        let body = self.vocabulary.text(&ran.stdout, &self.scrub);
        self.keep(arguments, &ran, body);
    }

    /// Generates the sheet in one of the formats, and records it.
    pub(crate) async fn sheet(&mut self, format: &str) {
        let arguments = ["generate", "--format", format, "--output", "sheet"];
        let ran = self.place.run(&arguments).await;
        let bytes = std::fs::read(self.place.path("sheet")).expect("a sheet");
        std::fs::remove_file(self.place.path("sheet")).expect("it can go");
        let body = if format == "xlsx" {
            self.vocabulary.workbook(bytes, &self.scrub)
        } else {
            let text = String::from_utf8(bytes).expect("UTF-8");
            match format {
                "json" => normalise::json(&serde_json::from_str(&text).expect("JSON"), &self.scrub),
                "csv" => text::csv(&text, &self.scrub),
                "md" => self.vocabulary.markdown(&text, &self.scrub),
                "html" => self.vocabulary.html(&text, &self.scrub),
                _ => self.vocabulary.text(&text, &self.scrub),
            }
        };
        self.keep(&arguments, &ran, body);
    }

    fn keep(&mut self, arguments: &[&str], ran: &Ran, output: String) {
        let command = self.scrub.apply(&arguments.join(" "));
        let title = format!("{} {command} = {}", self.day, ran.code);
        let earlier = self.sections.iter().filter(|section| section.title.starts_with(&title)).count();
        let title = if earlier > 0 { format!("{title} ({})", earlier + 1) } else { title };
        // The same output again is not written again.
        let same = self.outputs.iter().find(|(_, known)| *known == output && output.len() > MIN_SHARED);
        let mut body = same.map_or_else(|| output.clone(), |(title, _)| format!("same as {title}\n"));
        self.outputs.push((title.clone(), output));
        for line in self.scrub.apply(&ran.stderr).lines().map(digits).filter(|line| !line.is_empty()) {
            body.push_str(&format!("! {line}\n"));
        }
        for payload in self.hook.take() {
            body.push_str(&format!("> {}", normalise::json(&payload, &self.scrub)));
        }
        self.sections.push(Section { title, body });
    }

    /// Everything that was recorded.
    pub(crate) fn finish(self) -> Vec<Section> {
        self.sections
    }
}

type Payloads = Arc<Mutex<Vec<Value>>>;

/// A receiver of webhooks on this machine.
struct Hook {
    url: String,
    payloads: Payloads,
    serving: JoinHandle<()>,
}

impl Hook {
    async fn start() -> Self {
        let payloads = Payloads::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let app = Router::new().fallback(receive).with_state(Arc::clone(&payloads));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self { url, payloads, serving }
    }

    /// What was received since the last call, in an order that does not depend on timing.
    fn take(&self) -> Vec<Value> {
        let mut payloads = std::mem::take(&mut *self.payloads.lock().expect("not poisoned"));
        payloads.sort_by_key(|payload| (payload["alert"].as_i64(), payload["event"].to_string()));
        for payload in &mut payloads {
            // The idempotency key.
            payload["id"] = "ID".into();
        }
        payloads
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(State(payloads): State<Payloads>, Json(payload): Json<Value>) {
    payloads.lock().expect("not poisoned").push(payload);
}
