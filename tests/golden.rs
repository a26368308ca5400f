//! Compares what the binary prints in 30 seeded worlds with what was recorded: `tests/golden/DIFFERENCES.md`.

mod corpus;
mod normalise;
mod recorder;
mod scenario;
mod setup;
mod text;
mod worlds;

use futures_util::{StreamExt as _, stream};
use scoresheet::config::{Environment as _, ProcessEnvironment};
use setup::Spec;

/// Worlds that are played side by side.
const CONCURRENCY: usize = 3;

/// With `GOLDEN_RECORD=1` the files are rewritten; with `GOLDEN_WORLD=7` only world 7 is played.
#[tokio::test(flavor = "multi_thread")]
async fn recorded_worlds_are_unchanged() {
    let variable = |name: &str| ProcessEnvironment.var(name).filter(|value| !value.is_empty());
    let is_recording = variable("GOLDEN_RECORD").is_some();
    assert!(!is_recording || variable("CI").is_none(), "the corpus is never recorded in CI");
    let only = variable("GOLDEN_WORLD").map(|number| number.parse::<usize>().expect("a world's number"));
    let chosen = Spec::all().filter(|spec| only.is_none_or(|number| number == spec.number));
    let play = |spec: Spec| async move { (spec, tokio::spawn(scenario::play(spec)).await.expect("a played world")) };
    let played: Vec<_> = stream::iter(chosen).map(play).buffered(CONCURRENCY).collect().await;
    assert!(!played.is_empty(), "there is no world {only:?}");
    // The same difference in several worlds is told once.
    let mut worlds_by_difference: Vec<(String, Vec<String>)> = Vec::new();
    for (spec, sections) in &played {
        if is_recording {
            corpus::record(spec, sections);
        }
        for difference in corpus::differences(spec, sections) {
            let world = spec.number.to_string();
            match worlds_by_difference.iter_mut().find(|(known, _)| *known == difference) {
                Some((_, worlds)) => worlds.push(world),
                None => worlds_by_difference.push((difference, vec![world])),
            }
        }
    }
    let told =
        worlds_by_difference.iter().map(|(difference, worlds)| format!("world {}: {difference}", worlds.join(", ")));
    let told = told.collect::<Vec<_>>().join("\n");
    assert!(
        told.is_empty(),
        "the output differs from tests/golden/worlds; where that is intended, see tests/golden/DIFFERENCES.md\n{told}"
    );
}
