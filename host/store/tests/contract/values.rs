//! What is stored comes back bit for bit: figures never pass through text, and text is stored as it is.

use std::collections::BTreeMap;

use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use scoresheet_domain::{EntryKind, Instant, Observation, When};

use crate::support::*;

/// Records generated; each has figures and texts of its own.
const CASES: usize = 600;

/// Every finite double but -0.0, which SQLite stores as 0.0. The domain takes no other.
fn figure() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |value| value.is_finite() && value.to_bits() != 1 << 63)
}

pub(crate) async fn values_are_stored_bit_for_bit(place: &dyn Place) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let time = Instant::MIN.millis()..Instant::MAX.millis();
    let of = (figure(), time.clone(), time, any::<String>(), any::<String>());
    let cases = vec(of, CASES).new_tree(&mut runner).expect("values").current();
    let mut expected = BTreeMap::new();
    let mut page = Vec::new();
    for (value, one, other, id, name) in cases {
        let (start, end) = (one.min(other), one.max(other));
        let when = if start == end { When::At(at(start)) } else { When::During(window(start, end)) };
        let item = Observation { id: id.as_str().into(), client: by_name(&name), when, kind: 0, value };
        // The later record of an id is kept.
        expected.insert(id, (format!("named {name}"), start, end, value.to_bits()));
        page.push(item);
    }
    let (store, crewhu) = (place.open().await, scope("crewhu"));
    pull(&store, &crewhu, ever(), false, items(page)).await;
    let mut expected: Vec<_> = expected.into_values().collect();
    expected.sort();
    let rows = read(&place.open().await, &crewhu, ever()).await;
    let mut stored: Vec<_> =
        rows.into_iter().map(|(client, _, start, end, value)| (client, start, end, value.to_bits())).collect();
    stored.sort();
    assert_eq!(stored.len(), expected.len());
    for (stored, expected) in stored.iter().zip(&expected) {
        assert_eq!(stored, expected);
    }
    for score in [1.0, 1.0 + f64::EPSILON, 4.333_333_333_333_333, 5.0 - f64::EPSILON * 4.0, 0.1 + 0.2 + 1.0] {
        let added = add_entry(&store, entry("acme", "gut", EntryKind::Manual, score)).await;
        let read = place.open().await.entries(true).await.expect("entries").pop().expect("an entry");
        assert_eq!((read.score.to_bits(), read.id), (score.to_bits(), added.id));
    }
}
