//! `scoresheet demo`: a whole run on a simulated CrewHu in this process, through the real gateway, into a real store.

use std::{sync::Arc, time::Duration};

use scoresheet::{
    SheetOptions, SyncOptions,
    config::{Config, ConfigSource, FixedEnvironment},
    report::{Format, Options},
};
use scoresheet_simulator::{
    Server, SimulatorOptions,
    data::{World, WorldOptions},
};

use crate::{
    args::DemoArgs,
    commands::{Context, sync},
    exit::{Done, Failure, Outcome},
    progress,
};

/// What the simulated CrewHu asks for. Made up, and worth nothing anywhere else.
const API_KEY: &str = "demo-key";
const COMPANY_ID: &str = "demo-msp";

/// The same every time: a demonstration should not surprise whoever gives it.
const SEED: u64 = 20_261_101;

const SHEET: &str = r#"
[sheet]
name = "Client engagement (demo)"

[store]
url = "sqlite://demo.db"

[clients]
file = "clients.csv"

[providers.crewhu]
base_url = "${CREWHU_BASE_URL}"
auth = { bearer = "${CREWHU_API_KEY}" }
settings = { company_id = "${CREWHU_COMPANY_ID}", page_size = 100 }

[providers.connectwise-tickets]
settings = { clients = [CLIENTS], seed = 7 }

[providers.connectwise-time]
settings = { clients = [CLIENTS], seed = 7 }

[providers.connectwise-agreements]
settings = { clients = [CLIENTS], seed = 7 }

[[metrics]]
id = "support-engagement-satisfaction"
name = "Support Engagement Satisfaction"
provider = "crewhu"
weight = 2.0

[[metrics]]
id = "help-desk-usage"
name = "Help Desk Usage"
provider = "connectwise-tickets"

[[metrics]]
id = "project-engagement"
name = "Project Engagement"
provider = "connectwise-time"

[[metrics]]
id = "agreement-coverage"
name = "Agreement Coverage"
provider = "connectwise-agreements"
"#;

/// Starts the simulator on a free port, runs everything against it, and takes it down again.
pub(crate) async fn run(context: &Context, args: &DemoArgs) -> Outcome {
    let failed = |error: &dyn std::fmt::Display| Failure::Failed(format!("the demo could not start: {error}"));
    let folder = tempfile::Builder::new().prefix("scoresheet-demo-").tempdir().map_err(|error| failed(&error))?;
    // The made-up answers reach up to midnight: the sheet is today's, and the same all day.
    let as_of = midnight(context.clock.now());
    let until = chrono::DateTime::from_timestamp_millis(as_of.millis()).unwrap_or_default();
    let world = World::generate(WorldOptions {
        seed: SEED,
        clients: args.clients as usize,
        days: 400,
        until,
        dirty_share: 0.08,
        mean_responses_per_client_per_30_days: 9.0,
    });
    std::fs::write(folder.path().join("clients.csv"), world.roster_csv()).map_err(|error| failed(&error))?;
    let names: Vec<String> = world
        .roster()
        .iter()
        .filter(|client| client.active)
        .map(|client| serde_json::Value::from(client.name.as_str()).to_string())
        .collect();
    let server = Server::start(SimulatorOptions {
        api_key: API_KEY.to_owned(),
        company_id: COMPANY_ID.to_owned(),
        latency: Duration::from_millis(20),
        ..SimulatorOptions::new(world)
    })
    .await
    .map_err(|error| failed(&error))?;

    let mut environment = FixedEnvironment::default();
    environment.set("CREWHU_API_KEY", API_KEY);
    environment.set("CREWHU_COMPANY_ID", COMPANY_ID);
    environment.set("CREWHU_BASE_URL", server.base_url());
    let source = ConfigSource::Text {
        name: "demo".to_owned(),
        text: SHEET.replace("CLIENTS", &names.join(", ")),
        base_dir: folder.path().to_owned(),
    };
    let config = Config::load(source, &environment)?;
    let app = context.unless_interrupted(context.builder(config).environment(Arc::new(environment)).open()).await?;

    let note = |text: &str| context.output.note(text);
    note(&format!(
        "A simulated CrewHu with {} clients answers at {}; everything else is the real thing: gateway, sandbox, store.",
        args.clients,
        server.base_url()
    ));
    let sync_options = SyncOptions { as_of: Some(as_of), ..SyncOptions::default() };
    let report = sync::with_progress(context, &app, &sync_options).await?;
    if report.interrupted() {
        return Err(Failure::Interrupted("interrupted".to_owned()));
    }
    for line in progress::summary(&report) {
        note(&format!("  {line}"));
    }
    note("");
    let options = SheetOptions { as_of: Some(as_of), ..SheetOptions::default() };
    let made = app.generate(&options, &context.cancel).await?;
    let format = if context.output.json { Format::Json } else { Format::Table };
    let options = Options { color: context.output.color, width: context.output.width(), detail: None };
    format.write(&made, &options, &mut std::io::stdout().lock())?;
    if format == Format::Table {
        context.output.data(CLOSING)?;
    }
    drop(app);
    server.shutdown().await;
    Ok(if report.problems().next().is_some() { Done::WithFailures } else { Done::Well })
}

/// The beginning of an instant's day, in UTC.
fn midnight(now: scoresheet::Instant) -> scoresheet::Instant {
    scoresheet::Instant::from_millis(now.millis() - now.millis().rem_euclid(scoresheet::DAY_MS))
}

const CLOSING: &str = "
What is made up: CrewHu is simulated, and the three ConnectWise providers are stubs that invent their figures.
What is real: the HTTP, the sandboxed components, the database, the mapping and every sum.

Next:
  scoresheet init      write a commented scoresheet.toml
  scoresheet check     with CREWHU_API_KEY and CREWHU_COMPANY_ID set: test your own connection
  scoresheet run       your own sheet
";
