//! Numbers that look random and are the same for ever.
//!
//! SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014), seeded with the FNV-1a
//! hash of a key. Both are written out because a library's generators may change from version to version, and the
//! figures of a stub must not: stored sheets are computed again from them.

/// A stream of numbers that depends on its key alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random(u64);

impl Random {
    /// The stream of this key. The parts are kept apart: `["ab", "c"]` is another key than `["a", "bc"]`.
    #[must_use]
    pub fn keyed(parts: &[&[u8]]) -> Self {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let mut hash = OFFSET;
        for part in parts {
            for byte in (part.len() as u64).to_le_bytes().iter().chain(*part) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
            }
        }
        Self(hash)
    }

    /// The next 64 bits.
    #[expect(clippy::should_implement_trait, reason = "an endless stream of draws is no collection to iterate over")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The next whole number below `bound`; 0 where the bound is 0. Its bias, below `bound` in 2⁶⁴, is of no account.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// True in `share` of all cases, 0 to 1.
    pub fn happens(&mut self, share: f64) -> bool {
        // 53 bits fill an f64 exactly.
        ((self.next() >> 11) as f64) < share * (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_splitmix64() {
        // The reference implementation's first outputs for the seed 1234567.
        let mut random = Random(1_234_567);
        let first: [u64; 5] = std::array::from_fn(|_| random.next());
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn a_key_is_all_that_counts() {
        assert_eq!(Random::keyed(&[b"ab", b"c"]), Random::keyed(&[b"ab", b"c"]));
        assert_ne!(Random::keyed(&[b"ab", b"c"]), Random::keyed(&[b"a", b"bc"]));
        assert_ne!(Random::keyed(&[b"a"]), Random::keyed(&[b"a", b""]));
    }

    #[test]
    fn draws_keep_to_their_bounds() {
        let mut random = Random::keyed(&[b"bounds"]);
        let draws: Vec<u64> = (0..1_000).map(|_| random.below(3)).collect();
        for value in 0..3 {
            let share = draws.iter().filter(|draw| **draw == value).count();
            assert!((250..420).contains(&share), "{value}: {share}");
        }
        assert_eq!(random.below(0), 0);
        let happened = (0..1_000).filter(|_| random.happens(0.25)).count();
        assert!((200..300).contains(&happened), "{happened}");
        assert!((0..100).all(|_| random.happens(1.0)));
        assert!((0..100).all(|_| !random.happens(0.0)));
    }
}
