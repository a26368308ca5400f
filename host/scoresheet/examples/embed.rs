//! The engine inside another program: register components, sync with progress, generate, read outcomes.
//!
//! ```sh
//! CREWHU_API_KEY=… CREWHU_COMPANY_ID=… cargo run --release --example embed
//! ```
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use scoresheet::{
    CancellationToken, Engine, OutcomeKind, SheetOptions, SyncEvent, SyncOptions,
    config::{Config, ConfigSource, ProcessEnvironment},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let source = ConfigSource::EnvironmentOnly;
    let mut builder = Engine::builder(Config::load(source, &ProcessEnvironment)?);
    // From bytes the program carries; `component_file` takes a path instead.
    for component in scoresheet_bundle::components() {
        builder = builder.component(component.name, component.bytes);
    }
    let engine = builder.open().await?;

    // Cancelled from anywhere: what was committed stays, and the next sync goes on.
    let cancel = CancellationToken::new();
    let report = engine
        .sync(
            &SyncOptions::default(),
            &|event| {
                if let SyncEvent::Page { provider, pages, pending, .. } = event {
                    println!("{provider}: {pages} of {} pages", pages + pending);
                }
            },
            &cancel,
        )
        .await?;
    for problem in report.problems() {
        println!("{}: {} → {}", problem.kind.as_str(), problem.message, problem.remedy);
    }

    let sheet = engine.generate(&SheetOptions::default(), &cancel).await?;
    for row in &sheet.clients {
        for cell in row.metrics.iter().filter(|cell| cell.outcome == OutcomeKind::Measured) {
            println!("{}: {} {:?} ({})", row.name, cell.name, cell.score, cell.explanation.join("; "));
        }
    }
    Ok(())
}
