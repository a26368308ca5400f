//! Kinds of observation as a type of the provider.

/// Kinds of observation. Use [`kinds!`](crate::kinds) to define an enum of them; a provider whose kinds depend on its
/// settings uses `u16`, the index into [`Description::kinds`](crate::Description).
pub trait Kind: Copy + PartialEq + 'static {
    /// Names in order of index; empty if they depend on settings.
    const NAMES: &'static [&'static str];

    /// Index into [`Description::kinds`](crate::Description).
    fn index(self) -> u16;

    /// The kind with this index.
    fn from_index(index: u16) -> Option<Self>;

    /// The names as [`Description::kinds`](crate::Description) wants them.
    #[must_use]
    fn names() -> Vec<String> {
        Self::NAMES.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Every index, for a [`Metric`](crate::Metric) that is computed from all kinds.
    #[must_use]
    fn indexes() -> Vec<u16> {
        (0..).take(Self::NAMES.len()).collect()
    }
}

impl Kind for u16 {
    const NAMES: &'static [&'static str] = &[];

    fn index(self) -> u16 {
        self
    }

    fn from_index(index: u16) -> Option<Self> {
        Some(index)
    }
}

/// Defines an enum of kinds with the name of each: `kinds! { enum Kind { Ticket = "ticket" } }`.
#[macro_export]
macro_rules! kinds {
    ($(#[$meta:meta])* $vis:vis enum $enum:ident { $($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        $vis enum $enum {
            $($(#[$doc])* $variant),+
        }

        impl $crate::Kind for $enum {
            const NAMES: &'static [&'static str] = &[$($name),+];

            fn index(self) -> u16 {
                self as u16
            }

            fn from_index(index: u16) -> Option<Self> {
                [$(Self::$variant),+].get(usize::from(index)).copied()
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    kinds! {
        enum Example {
            Ticket = "ticket",
            Hours = "project-hours",
        }
    }

    #[test]
    fn enum_variants_are_indexes_into_the_names() {
        assert_eq!(Example::names(), ["ticket", "project-hours"]);
        assert_eq!(Example::indexes(), [0, 1]);
        assert_eq!(Example::from_index(1), Some(Example::Hours));
        assert_eq!((Example::Ticket.index(), Example::Hours.index()), (0, 1));
        assert_eq!(Example::from_index(2), None);
        assert_eq!((u16::from_index(7), 7_u16.index()), (Some(7), 7));
    }
}
