//! Ten thousand clients against as many source clients.

use scoresheet_domain::{Client, SourceClient};

use super::{
    ClientMapping, Wanted, map, suggest,
    testing::{client, source},
};

/// Names like companies', made of syllables and words that many share; every second one misspelled at the source.
fn world(size: u32) -> (Vec<Client>, Vec<SourceClient>) {
    const STARTS: [&str; 16] = [
        "Bel", "Cor", "Dan", "Fal", "Gar", "Hol", "Jor", "Kel", "Lan", "Mor", "Nor", "Pel", "Ros", "Sal", "Tor", "Win",
    ];
    const MIDDLES: [&str; 14] = ["a", "bro", "chi", "den", "fa", "go", "le", "mi", "no", "pe", "ri", "so", "ta", "ve"];
    const ENDS: [&str; 12] =
        ["ham", "ton", "field", "moor", "stone", "ford", "by", "wick", "gate", "mere", "dale", "worth"];
    const TRADES: [&str; 8] = ["Dental", "Plumbing", "Law", "Group", "Clinic", "Partners", "Construction", "Bakery"];
    let name = |n: u32| {
        let pick = |list: &[&'static str], by: u32| list[((n / by) as usize).wrapping_mul(7) % list.len()];
        let word = format!("{}{}{}", pick(&STARTS, 1), pick(&MIDDLES, 16), pick(&ENDS, 224));
        format!("{word} {} {}", pick(&MIDDLES, 3).to_uppercase() + pick(&ENDS, 5), pick(&TRADES, 2))
    };
    let slip = |name: &str, at: usize| -> String {
        name.char_indices().filter(|(index, _)| *index != at).map(|(_, c)| c).collect()
    };
    let clients = (0..size).map(|n| client(&format!("c{n:05}"), &[&name(n)])).collect();
    let sources = (0..size)
        .map(|n| source(&format!("s{n:05}"), &if n % 10 == 0 { name(n) } else { slip(&name(n), 3 + (n % 4) as usize) }))
        .collect();
    (clients, sources)
}

#[test]
fn a_thousand_slips_are_found_again() {
    let (clients, sources) = world(1_000);
    let mapping = map(&clients, &sources, &[], false);
    let found = suggest(&clients, &sources, &[], &mapping, Wanted { each: 1, ..Wanted::ALL });
    let unmapped = mapping.clients.values().filter(|outcome| **outcome == ClientMapping::Unmapped).count();
    let right = found.iter().filter(|near| near.client.as_str()[1..] == near.source.as_str()[1..]).count();
    assert!(unmapped >= 850, "{unmapped} are unmapped");
    assert!(right * 100 >= unmapped * 95, "{right} of {unmapped}");
}

/// `cargo test --release -p scoresheet-engine ten_thousand_against -- --ignored --nocapture`
#[test]
#[ignore = "takes seconds; a figure for a person"]
fn ten_thousand_against_ten_thousand() {
    let (clients, sources) = world(10_000);
    let began = std::time::Instant::now();
    let mapping = map(&clients, &sources, &[], false);
    let mapped = began.elapsed();
    let found = suggest(&clients, &sources, &[], &mapping, Wanted::ALL);
    let all = began.elapsed();
    let unmapped = mapping.clients.values().filter(|outcome| **outcome == ClientMapping::Unmapped).count();
    let right = found.iter().filter(|near| near.client.as_str()[1..] == near.source.as_str()[1..]).count();
    let told = format!(
        "{unmapped} unmapped of 10,000, {right} suggested rightly; mapped in {mapped:?}, with {} suggestions in {all:?}",
        found.len()
    );
    assert!(all.as_secs() < 10 && right * 100 >= unmapped * 80, "{told}");
    // Shown with --nocapture, as a test's panic message is.
    std::io::Write::write_all(&mut std::io::stderr(), format!("{told}\n").as_bytes()).expect("stderr");
}
