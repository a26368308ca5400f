//! What happened, of one client and kind: a quarter of the room that the samples would take as they are.
//!
//! There may be millions, and they are read once, in the order in which they came. So each is written behind the one
//! before: how much later it was, and its figure, where that is a rating or a count in one byte.

use std::fmt;

use scoresheet_domain::Instant;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::EventSample;

/// Events, in the order in which they were put here.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Events {
    written: Vec<u8>,
    count: usize,
    /// The time of the last one, in milliseconds.
    last_ms: i64,
}

/// Stands before a figure that has to be written in full.
const IN_FULL: u8 = u8::MAX;

/// What most take: three bytes for the time to the one before, where that is up to three days, and one for the figure.
const USUAL_BYTES: usize = 4;

impl Events {
    /// Adds one.
    pub fn push(&mut self, event: EventSample) {
        let at_ms = event.at.millis();
        // Both lie within the years 1 to 9999, so neither the difference nor what is made of it is too large.
        let later_ms = at_ms - self.last_ms;
        self.last_ms = at_ms;
        self.count += 1;
        let code = if later_ms % 1_000 == 0 { folded(later_ms / 1_000) << 1 } else { (folded(later_ms) << 1) | 1 };
        // Ten bytes for the time and nine for the figure at the most, written at once.
        let mut bytes = [0; 19];
        let mut length = number_into(&mut bytes, code);
        match half_units(event.value) {
            Some(half_units) => bytes[length] = half_units,
            None => {
                bytes[length] = IN_FULL;
                bytes[length + 1..length + 9].copy_from_slice(&event.value.to_le_bytes());
                length += 8;
            }
        }
        self.written.extend_from_slice(&bytes[..=length]);
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, events: usize) {
        self.written.reserve(events * USUAL_BYTES);
    }

    /// Gives back the room that is left.
    pub fn shrink_to_fit(&mut self) {
        self.written.shrink_to_fit();
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many bytes they take, room that is left included.
    #[must_use]
    pub const fn room(&self) -> usize {
        self.written.capacity()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = EventSample> + Clone + '_ {
        let (mut rest, mut at_ms) = (&self.written[..], 0);
        (0..self.count).map(move |_| {
            let code = read_number(&mut rest);
            let unit_ms = if code & 1 == 0 { 1_000 } else { 1 };
            at_ms += unfolded(code >> 1) * unit_ms;
            EventSample { at: Instant::from_millis(at_ms), value: read_figure(&mut rest) }
        })
    }
}

/// Seven bits a byte, the lowest first; the last byte has no top bit. Gives how many bytes it took.
fn number_into(bytes: &mut [u8], mut number: u64) -> usize {
    let mut length = 0;
    while number >= 0x80 {
        bytes[length] = (number & 0x7f) as u8 | 0x80;
        number >>= 7;
        length += 1;
    }
    bytes[length] = number as u8;
    length + 1
}

/// Small numbers of either sign become small ones without.
const fn folded(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

const fn unfolded(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// The figure in halves, where it is a whole number of them, and few.
fn half_units(value: f64) -> Option<u8> {
    let half_units = value * 2.0;
    // A number below 0 becomes 0, and minus nothing is no nothing.
    let byte = half_units as u8;
    (byte < IN_FULL && f64::from(byte).to_bits() == half_units.to_bits()).then_some(byte)
}

fn read_number(rest: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = take::<1>(rest)[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return number;
        }
        shift += 7;
    }
}

fn read_figure(rest: &mut &[u8]) -> f64 {
    match take::<1>(rest)[0] {
        IN_FULL => f64::from_le_bytes(take(rest)),
        half_units => f64::from(half_units) / 2.0,
    }
}

fn take<const BYTES: usize>(rest: &mut &[u8]) -> [u8; BYTES] {
    let (taken, behind) = rest.split_first_chunk().expect("as much was written as is counted");
    *rest = behind;
    *taken
}

impl Extend<EventSample> for Events {
    fn extend<I: IntoIterator<Item = EventSample>>(&mut self, events: I) {
        for event in events {
            self.push(event);
        }
    }
}

impl FromIterator<EventSample> for Events {
    fn from_iter<I: IntoIterator<Item = EventSample>>(events: I) -> Self {
        let mut collected = Self::default();
        collected.extend(events);
        collected
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

// As a list, so that what is kept of a sheet says what it was made from and not how that was held.
impl Serialize for Events {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Events {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<EventSample>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(millis: i64, value: f64) -> EventSample {
        EventSample { at: Instant::from_millis(millis), value }
    }

    #[test]
    fn ratings_of_whole_seconds_take_four_bytes() {
        let day = 86_400_000;
        let events: Events = (0..100).map(|n| event(1_790_000_000_000 + n * day, 4.5)).collect();
        // The first one's time counts from 1970.
        assert_eq!(events.written.len(), 6 + 99 * 4);
        assert_eq!((events.len(), events.is_empty()), (100, false));
        assert!(Events::default().is_empty());
    }

    #[test]
    fn figures_are_what_they_were_to_the_last_bit() {
        let figures = [
            0.0,
            -0.0,
            0.5,
            1.0,
            4.25,
            126.5,
            127.0,
            127.5,
            128.0,
            -0.5,
            -1.0,
            0.1,
            f64::MIN_POSITIVE,
            1e15,
            f64::MAX,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ];
        let events: Events = figures.iter().map(|value| event(0, *value)).collect();
        let read: Vec<u64> = events.iter().map(|event| event.value.to_bits()).collect();
        assert_eq!(read, figures.map(f64::to_bits));
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(
            events in prop::collection::vec((any::<i64>(), prop_oneof![any::<i16>().prop_map(|n| f64::from(n) / 2.0), any::<f64>()]), 0..40),
            whole_seconds in any::<bool>(),
        ) {
            let unit = if whole_seconds { 1_000 } else { 1 };
            let events: Vec<EventSample> = events.iter().map(|(at, value)| event(at / unit * unit, *value)).collect();
            let held: Events = events.iter().copied().collect();
            let told = |event: &EventSample| (event.at, event.value.to_bits());
            prop_assert_eq!(held.iter().map(|event| told(&event)).collect::<Vec<_>>(), events.iter().map(told).collect::<Vec<_>>());
            prop_assert_eq!(held.len(), events.len());
        }

        #[test]
        fn it_is_kept_as_a_list(events in prop::collection::vec((-10_000_i64..10_000, 0.0..5.0_f64), 0..10)) {
            let events: Vec<EventSample> = events.iter().map(|(at, value)| event(*at, *value)).collect();
            let held: Events = events.iter().copied().collect();
            let json = serde_json::to_string(&held).expect("JSON");
            prop_assert_eq!(&json, &serde_json::to_string(&events).expect("JSON"));
            prop_assert_eq!(serde_json::from_str::<Events>(&json).expect("events"), held);
        }
    }
}
