//! Where each of many series stands, by its id: asked once for every observation of a window.

use hashbrown::HashMap;

const PAGE: usize = 1_024;

/// No series has this place.
const NOWHERE: u32 = u32::MAX;

/// Places by id. Ids are about consecutive, so a page of places is looked up in a short list and the place in the
/// page, all of which stays in the processor's cache; whatever ids there are, it takes no more than a page for each.
#[derive(Default)]
pub(super) struct Slots(HashMap<i64, Box<[u32; PAGE]>>);

impl Slots {
    /// Gives an id its place, below `u32::MAX`.
    pub(super) fn insert(&mut self, id: i64, place: u32) {
        let (page, at) = split(id);
        self.0.entry(page).or_insert_with(|| Box::new([NOWHERE; PAGE]))[at] = place;
    }

    /// The place of this id.
    pub(super) fn get(&self, id: i64) -> Option<u32> {
        let (page, at) = split(id);
        self.0.get(&page).map(|page| page[at]).filter(|place| *place != NOWHERE)
    }
}

const fn split(id: i64) -> (i64, usize) {
    (id.div_euclid(PAGE as i64), id.rem_euclid(PAGE as i64) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_its_own_place() {
        let ids = [i64::MIN, -1_025, -1_024, -1, 0, 1, 1_023, 1_024, 5_000_000_000, i64::MAX];
        let mut slots = Slots::default();
        for (place, id) in (0..).zip(ids) {
            slots.insert(id, place);
        }
        for (place, id) in (0..).zip(ids) {
            assert_eq!(slots.get(id), Some(place), "{id}");
        }
        for id in [i64::MIN + 1, -2, 2, 1_025, 4_999_999_999, i64::MAX - 1] {
            assert_eq!(slots.get(id), None, "{id}");
        }
    }
}
