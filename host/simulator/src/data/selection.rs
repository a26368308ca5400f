//! The rows that a request asks for, found without touching the others.

use std::ops::Range;

/// Positions of rows within a world, in the order in which they are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Two stretches of the world, one after the other: rows of the window, rows of every window.
    Stretches(Range<usize>, Range<usize>),
    /// These, one by one.
    Listed(Vec<u32>),
}

impl Selection {
    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Stretches(first, second) => first.len() + second.len(),
            Self::Listed(positions) => positions.len(),
        }
    }

    /// The position of the row of this index; `index` is less than [`Self::len`].
    pub(crate) fn position(&self, index: usize) -> usize {
        match self {
            Self::Stretches(first, second) if index >= first.len() => second.start + index - first.len(),
            Self::Stretches(first, _) => first.start + index,
            Self::Listed(positions) => positions[index] as usize,
        }
    }
}
