//! One field of a row, whatever its type.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::text;

/// The largest whole number up to which `f64` has them all.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// A field's value; texts are borrowed from the page unless they hold escapes.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Scalar<'a> {
    /// The row does not have the field.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number from 0 up.
    Natural(u64),
    /// A whole number below 0.
    Negative(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A list or an object; what it holds was skipped.
    Compound,
}

impl<'a> Scalar<'a> {
    /// Whether the row says nothing here: the field is absent or null.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Absent | Self::Null)
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where JSON wrote it as a number.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match *self {
            Self::Natural(number) => Some(number as f64),
            Self::Negative(number) => Some(number as f64),
            Self::Float(number) => Some(number),
            _ => None,
        }
    }

    /// The count, where it is a whole number from 0 up, written as a number or as digits.
    #[must_use]
    pub fn as_natural(&self) -> Option<u64> {
        match self {
            Self::Natural(number) => Some(*number),
            Self::Float(number) => whole(*number).filter(|number| *number >= 0).map(i64::unsigned_abs),
            Self::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        }
    }

    /// The value for a [`Rejection`](crate::Rejection) of an enum's field.
    #[must_use]
    pub fn enum_value(&self) -> Option<String> {
        self.as_text().map_or_else(|| self.plain_value(), text::enum_value)
    }

    /// The value for a [`Rejection`](crate::Rejection) of a field that holds a number or a time.
    #[must_use]
    pub fn number_value(&self) -> Option<String> {
        self.as_text().map_or_else(|| self.plain_value(), text::number_value)
    }

    fn plain_value(&self) -> Option<String> {
        match self {
            Self::Bool(value) => Some(value.to_string()),
            other => other.as_number().and_then(|number| text::number_value(&number.to_string())),
        }
    }

    /// The id, where it is a text, or a whole number that JSON has not rounded.
    #[must_use]
    pub fn into_id(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            other => other.as_id().map(|id| id.into_owned().into()),
        }
    }

    /// The same, borrowed where it is a text.
    #[must_use]
    pub fn as_id(&self) -> Option<Cow<'_, str>> {
        match *self {
            Self::Text(ref text) => Some(Cow::Borrowed(text)),
            Self::Natural(number) => Some(number.to_string().into()),
            Self::Negative(number) => Some(number.to_string().into()),
            Self::Float(number) => whole(number).map(|number| number.to_string().into()),
            _ => None,
        }
    }
}

fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < LARGEST_EXACT).then_some(number as i64)
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor).map(|scalar: Scalar<'de>| scalar)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Natural(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(value).map_or(Scalar::Negative(value), Scalar::Natural))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Compound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Compound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Scalar<'_> {
        serde_json::from_str(json).expect("JSON")
    }

    #[test]
    fn reads_any_value() {
        for (json, expected) in [
            ("null", Scalar::Null),
            ("true", Scalar::Bool(true)),
            ("4", Scalar::Natural(4)),
            ("-4", Scalar::Negative(-4)),
            ("4.5", Scalar::Float(4.5)),
            ("18446744073709551616", Scalar::Float(18_446_744_073_709_551_616.0)),
            ("\"a\"", Scalar::Text("a".into())),
            ("\"\\u0041\"", Scalar::Text("A".into())),
            ("[1, [2], {}]", Scalar::Compound),
            ("{\"a\": [{}]}", Scalar::Compound),
        ] {
            assert_eq!(read(json), expected, "{json}");
        }
        assert!(matches!(read("\"a\""), Scalar::Text(Cow::Borrowed(_))));
    }

    #[test]
    fn rejected_values_of_fields() {
        const LONG: &str = "100000000000000000000000000000000000000…";
        for (json, as_enum, as_number) in [
            ("null", None, None),
            ("{}", None, None),
            ("true", Some("true"), Some("true")),
            ("6", Some("6"), Some("6")),
            ("-1", Some("-1"), Some("-1")),
            ("0.5", Some("0.5"), Some("0.5")),
            ("1e300", Some(LONG), Some(LONG)),
            ("\"mood\"", Some("mood"), None),
            ("\"4,5\"", None, Some("4,5")),
        ] {
            assert_eq!(read(json).enum_value().as_deref(), as_enum, "{json}");
            assert_eq!(read(json).number_value().as_deref(), as_number, "{json}");
        }
        assert_eq!(Scalar::Absent.enum_value(), None);
    }

    #[test]
    fn reads_counts_and_ids() {
        for (json, count, id) in [
            ("17", Some(17), Some("17")),
            ("-17", None, Some("-17")),
            ("17.0", Some(17), Some("17")),
            ("1e3", Some(1_000), Some("1000")),
            ("-0.0", Some(0), Some("0")),
            ("17.5", None, None),
            ("9007199254740993", Some(9_007_199_254_740_993), Some("9007199254740993")),
            ("9007199254740993.0", None, None),
            ("99999999999999999999", None, None),
            ("\"17\"", Some(17), Some("17")),
            ("\"+17\"", None, Some("+17")),
            ("\"\"", None, Some("")),
            ("\"c-1\"", None, Some("c-1")),
            ("true", None, None),
            ("null", None, None),
            ("{}", None, None),
        ] {
            assert_eq!(read(json).as_natural(), count, "{json}");
            assert_eq!(read(json).as_id().as_deref(), id, "{json}");
            assert_eq!(read(json).into_id().as_deref(), id, "{json}");
        }
    }
}
