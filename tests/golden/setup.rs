//! What a world of the corpus consists of: the simulated source, the roster and the configuration.

use chrono::Duration;
use scoresheet_simulator::{Dialect, Envelope, Row, SimClient, SimulatorOptions, World, WorldOptions};
use scoresheet_test_support::FaultySimulator;

use super::worlds::{self, Api, Extra, Head, Roster, WORLDS};
use crate::common::{CANARY, COMPANY, as_of_chrono};

/// The metric that every world has.
pub(crate) const METRIC: &str = "support-engagement-satisfaction";

/// The names of all metrics of the corpus.
pub(crate) const METRIC_NAMES: [&str; 7] = [
    "Support Engagement Satisfaction",
    "Timeliness",
    "Help Desk Usage",
    "Project Engagement",
    "Agreement Coverage",
    "Gut Instinct",
    "LifeCycle",
];

/// A roster client that only [`Extra::Unmapped`] has, and the source client that is the same.
pub(crate) const LONELY: (&str, &str) = ("prairie-rose", "c-902");

/// A world of the corpus.
#[derive(Clone, Copy)]
pub(crate) struct Spec {
    /// Its position in the table, from 1.
    pub(crate) number: usize,
    row: worlds::Row,
}

impl Spec {
    /// Every world of the table.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (1..).zip(WORLDS).map(|(number, row)| Self { number, row })
    }

    /// Whether the world has this extra.
    pub(crate) fn has(&self, extra: Extra) -> bool {
        self.row.9.contains(&extra)
    }

    /// Whether the source fails in one of the syncs.
    pub(crate) fn has_fault(&self) -> bool {
        use Extra::{BrokenPage, EmptySource, RenamedField, Unauthorized};
        [BrokenPage, EmptySource, RenamedField, Unauthorized].into_iter().any(|fault| self.has(fault))
    }

    /// Where the roster comes from.
    pub(crate) fn roster(&self) -> Roster {
        self.row.6
    }

    /// The path prefix of the answers at the source.
    pub(crate) fn answers_path(&self) -> &'static str {
        match self.row.5 {
            Api::Guide => "/api/v1/csat",
            Api::Open(_) => "/api/v1/survey",
        }
    }

    /// The row of the table, in words.
    pub(crate) fn describe(&self) -> String {
        let (seed, clients, days, rate, dirty, api, roster, head, metric, extras) = self.row;
        format!(
            "seed {seed}, {clients} clients, {days} days, rate {rate}, dirty {dirty}, {api:?}, roster {roster:?}, \
             head {head:?}, metric {{{metric}}}, {extras:?}"
        )
    }

    /// The source as it is on the first morning.
    pub(crate) fn world(&self) -> World {
        let (seed, clients, days, rate, dirty, ..) = self.row;
        let world = World::generate(WorldOptions {
            seed,
            clients,
            days,
            dirty_share: dirty,
            mean_responses_per_client_per_30_days: rate,
            ..WorldOptions::new(as_of_chrono())
        });
        let (mut clients, mut rows) = (world.clients().to_vec(), world.responses().to_vec());
        let mut add = |id: &str, name: &str, scores: &[f64]| {
            clients.push(SimClient { id: id.to_owned(), name: name.to_owned(), active: true });
            rows.extend((0..).zip(scores).map(|(at, score)| answer(id, name, at, *score)));
        };
        if self.has(Extra::Ambiguous) {
            add("c-901", "Brandt and Sons INC.", &[2.0, 3.0, 1.0]);
        }
        if self.has(Extra::Unmapped) {
            add(LONELY.1, "Prairie Rose Academy", &[4.0, 5.0, 3.0, 5.0]);
            add("c-903", "Test Account - Do Not Use", &[1.0]);
        }
        World::from_parts(clients, rows)
    }

    /// The source on the second morning: edited, deleted and new answers, a renamed, an inactive and a new client.
    pub(crate) fn changed(&self) -> World {
        let world = self.world();
        let mut clients = world.clients().to_vec();
        clients[1].name = "Fairlawn Dental Partners".to_owned();
        clients[3].active = false;
        clients.push(SimClient { id: "c-904".to_owned(), name: "Newcomer Bakery".to_owned(), active: true });
        let mut rows = Vec::new();
        for (number, row) in world.responses().iter().enumerate() {
            match number % 9 {
                0 => {}
                4 => rows.push(row.clone().scored(1, 1.0)),
                _ => rows.push(row.clone()),
            }
        }
        rows.extend((0..6).map(|at| answer("c-904", "Newcomer Bakery", at, 5.0)));
        World::from_parts(clients, rows)
    }

    /// A running simulator of the first morning's source.
    pub(crate) async fn serve(&self) -> FaultySimulator {
        let (dialect, envelope) = match self.row.5 {
            Api::Guide => (Dialect::Guide, Envelope::BareArray),
            Api::Open(envelope) => (Dialect::Open, envelope),
        };
        let options = SimulatorOptions {
            api_key: CANARY.to_owned(),
            company_id: COMPANY.to_owned(),
            dialect,
            envelope,
            ..SimulatorOptions::new(self.world())
        };
        FaultySimulator::start(options).await.expect("a simulator")
    }

    /// The roster as CSV. Without one, the source's clients are the sheet's.
    pub(crate) fn roster_csv(&self) -> String {
        let (seed, clients, days, ..) = self.row;
        let world = World::generate(WorldOptions { seed, clients, days, ..WorldOptions::new(as_of_chrono()) });
        let mut lines = vec!["id,name,type,active,domain,aliases,seats,contract".to_owned()];
        for (number, client) in world.roster().iter().enumerate() {
            // Nobody in the roster has the fourth source client.
            if self.has(Extra::Unmapped) && number == 3 {
                continue;
            }
            let kind = if self.has(Extra::Benchmarks) && number > 1 { "legal" } else { &client.kind };
            let (id, name, domain, seats) =
                (&client.id, client.name.replace('"', "\"\""), &client.domain, client.seats);
            let (aliases, active) = (client.aliases.join(";"), client.active);
            lines.push(format!("{id},\"{name}\",{kind},{active},{domain},{aliases},{seats},tier-{}", number % 3));
        }
        if self.has(Extra::Unmapped) {
            lines.push(format!("{},Prairie Rose Montessori,education,true,,,16,", LONELY.0));
        }
        if self.has(Extra::Ambiguous) {
            lines.push("brandt-sons,Brandt & Sons Inc,legal,true,,,3,".to_owned());
        }
        lines.push("former-client,Former Client,legal,false,,,2,".to_owned());
        lines.join("\n") + "\n"
    }

    /// The configuration file.
    pub(crate) fn configuration(&self) -> String {
        let mut text = self.head();
        if self.roster() == Roster::File {
            text += "[clients]\nfile = \"clients.csv\"\n";
        }
        if self.has(Extra::Retention) {
            text += "[retention]\nobservations_days = 95\naccess_days = 10\nsheets_days = 40\n";
        }
        text += &self.providers();
        if self.has(Extra::Groups) {
            text += "[[groups]]\nid = \"service\"\nname = \"Service quality\"\nweight = 3.0\n\
                     [[groups]]\nid = \"business\"\nweight = 1.5\n";
        }
        text += &self.metrics();
        if self.has(Extra::Alerts) {
            text += ALERTS;
        }
        text
    }

    fn head(&self) -> String {
        let (sheet, sync) = match self.row.7 {
            Head::Plain => ("", ""),
            Head::Quarter => (
                "name = \"Quarterly review\"\nlookback_days = 90\nmin_coverage = 0.25\n\
                 bands = { healthy = 4.4, watch = 3.6 }\n",
                "",
            ),
            Head::Short => ("lookback_days = 14\ntrend_months = 6\ntrend_min_responses = 2\n", ""),
            Head::NoTrends => ("trend_months = 0\n", "overlap_days = 3\n"),
            Head::Long => ("min_coverage = 0.3\ntrend_months = 18\ntrend_min_responses = 3\n", ""),
            Head::Strict => ("min_coverage = 1.0\n", "backfill_days = 60\noverlap_days = 20\n"),
        };
        let targets = if self.has(Extra::Targets) { "targets = { legal = 4.2, dental = 3.0 }\n" } else { "" };
        format!("[sheet]\n{sheet}{targets}[sync]\n{sync}")
    }

    fn providers(&self) -> String {
        let pages = if self.has(Extra::Pages) || self.has(Extra::BrokenPage) { ", page_size = 20" } else { "" };
        let (auth, settings) = match self.row.5 {
            Api::Guide => ("bearer = \"${CREWHU_API_KEY}\"", "company_id = \"${CREWHU_COMPANY_ID}\""),
            Api::Open(_) => (
                "header = { name = \"X_CREWHU_APITOKEN\", value = \"${CREWHU_API_KEY}\" }",
                "api = \"open\", type_tags = { timeliness = [\"Response Time\"], resolution = [\"Issue Resolution\"] }",
            ),
        };
        let mut text = format!(
            "[providers.crewhu]\nbase_url = \"${{CREWHU_BASE_URL}}\"\nauth = {{ {auth} }}\nmax_key_age_days = 10\n\
             settings = {{ {settings}{pages} }}\n"
        );
        if self.has(Extra::Stubs) {
            let names = "\"Kessler, Whitman & Roe\", \"Brandt & Sons, Inc.\", \"City of Fairlawn\", \
                         \"Lakeside Orthodontics\", \"Ridgewood Foundation\", \"Nobody Inc\"";
            for name in ["connectwise-tickets", "connectwise-time", "connectwise-agreements"] {
                text += &format!("[providers.{name}]\nsettings = {{ clients = [{names}], seed = {} }}\n", self.number);
            }
        }
        text
    }

    fn metrics(&self) -> String {
        let group = |id: &str| if self.has(Extra::Groups) { format!("group = \"{id}\"\n") } else { String::new() };
        let targets = if self.has(Extra::Targets) { "targets = { legal = 4.5, manufacturing = 3.5 }\n" } else { "" };
        let mut text = format!(
            "[[metrics]]\nid = \"{METRIC}\"\nname = \"Support Engagement Satisfaction\"\nprovider = \"crewhu\"\n\
             weight = 2.0\n{}{targets}settings = {{ {} }}\n",
            group("service"),
            self.row.8
        );
        if self.has(Extra::Second) {
            text += &format!(
                "[[metrics]]\nid = \"timely\"\nname = \"Timeliness\"\nprovider = \"crewhu\"\nmetric = \"{METRIC}\"\n\
                 lookback_days = 90\n{}settings = {{ types = [\"timeliness\"], min_responses = 2 }}\n",
                group("service")
            );
        }
        if self.has(Extra::Stubs) {
            text += &format!(
                "[[metrics]]\nid = \"help-desk-usage\"\nprovider = \"connectwise-tickets\"\n{}\
                 [[metrics]]\nid = \"project-engagement\"\nprovider = \"connectwise-time\"\nweight = 0.5\n\
                 [[metrics]]\nid = \"agreement-coverage\"\nprovider = \"connectwise-agreements\"\n\
                 settings = {{ renewal_days = 200 }}\n",
                group("business")
            );
        }
        if self.has(Extra::Manual) {
            text += &format!(
                "[[metrics]]\nid = \"gut-instinct\"\nmanual = true\nweight = 2.0\n{}\
                 [[metrics]]\nid = \"lifecycle\"\nname = \"LifeCycle\"\nmanual = true\nstale_after_days = 20\n\
                 client_types = [\"legal\", \"dental\"]\n",
                group("business")
            );
        }
        text
    }
}

/// An alert rule of each kind, and the channel that gets them all.
const ALERTS: &str = r#"[channels.ops]
kind = "webhook"
url = "${OPS_WEBHOOK_URL}"
[[alerts]]
id = "low"
kind = "floor"
at = 4.0
clears_above = 4.2
[[alerts]]
id = "low-metric"
kind = "floor"
at = 3.5
metrics = ["*"]
[[alerts]]
id = "slipping"
kind = "drop"
by = 0.2
metrics = ["support-engagement-satisfaction"]
[[alerts]]
id = "declining"
kind = "decline"
[[alerts]]
id = "old"
kind = "stale"
[[alerts]]
id = "sources"
kind = "connection"
[[alerts]]
id = "who"
kind = "mapping"
"#;

/// An answer every fourth day before the world's end.
fn answer(client: &str, name: &str, number: i64, score: f64) -> Row {
    let at = as_of_chrono() - Duration::hours(30 + 96 * number);
    Row::rating(&format!("x-{client}-{number}"), client, at, score).with("client_name", name)
}
