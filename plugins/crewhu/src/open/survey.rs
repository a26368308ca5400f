//! What is looked at of a survey, and nothing else.

use std::borrow::Cow;

use scoresheet_sdk::{ClientRef, Instant, json::Value, text, time};

use crate::response::Reason;

/// A survey's JSON, read field by field. Each field is read in one place of the component, since it is in several of the
/// program. Its comment, its contacts, addresses and employees are never taken out of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Survey<'a>(pub(crate) &'a Value);

impl<'a> Survey<'a> {
    /// Its id, where it has one that can be stored.
    #[inline(never)]
    pub(crate) fn id(self) -> Option<&'a str> {
        self.0.get("_id")?.as_str().filter(|id| text::is_usable_id(id))
    }

    /// The client's id, where one is given that can be stored.
    pub(crate) fn client_id(self) -> Option<Cow<'a, str>> {
        let customer = self.0.get("customer_data")?;
        ["id", "ID"].iter().find_map(|field| {
            match customer.get(field)? {
                Value::String(id) => Some(Cow::Borrowed(id.as_str())),
                Value::Number(id) => id.as_i64().map(|id| Cow::Owned(id.to_string())),
                _ => None,
            }
            .filter(|id| text::is_usable_id(id))
        })
    }

    /// The client's name, where one is given.
    #[inline(never)]
    pub(crate) fn client_name(self) -> Option<&'a str> {
        self.0.get("customer_data")?.get("name")?.as_str().filter(|name| text::is_usable_name(name))
    }

    /// Its customer's id and name, as far as they are given; `None` if neither is.
    #[inline(never)]
    pub(crate) fn client(self) -> Option<ClientRef> {
        let id = self.client_id().map(|id| id.into_owned());
        let name = self.client_name().map(|name| name.trim().to_owned());
        (id.is_some() || name.is_some()).then_some(ClientRef { id, name })
    }

    /// When it was answered: an error where it was not, or where nobody can read when.
    #[inline(never)]
    pub(crate) fn closed(self) -> Result<Instant, Reason> {
        match self.0.get("closed") {
            None | Some(Value::Null) => Err(Reason::Incomplete),
            Some(Value::String(text)) if text.trim().is_empty() => Err(Reason::Incomplete),
            Some(other) => other.as_str().and_then(time::parse).ok_or(Reason::NoTime),
        }
    }

    /// When it was first opened, where that can be read.
    pub(crate) fn opened(self) -> Option<Instant> {
        self.0.get("_created_at")?.as_str().and_then(time::parse)
    }

    /// Whether CrewHu no longer counts it.
    pub(crate) fn is_inactive(self) -> bool {
        self.0.get("inactive").and_then(Value::as_bool) == Some(true)
    }

    /// Its rating on the scale from 1 to 5: 3 + rating × 2/5, where the rating is "5", "0" or "-5".
    #[inline(never)]
    pub(crate) fn score(self) -> Result<f64, Reason> {
        let rating = match self.0.get("rating") {
            None | Some(Value::Null) => return Err(Reason::ScoreMissing),
            Some(Value::String(text)) if text.trim().is_empty() => return Err(Reason::ScoreMissing),
            Some(Value::String(text)) => match text.trim() {
                "5" => Some(5.0),
                "0" => Some(0.0),
                "-5" => Some(-5.0),
                _ => None,
            },
            Some(other) => other.as_f64().filter(|rating| [5.0, 0.0, -5.0].contains(rating)),
        };
        rating.map(|rating| 3.0 + rating * 2.0 / 5.0).ok_or(Reason::ScoreOutOfRange)
    }

    /// What the customer and the company have tagged it with.
    pub(crate) fn tags(self) -> impl Iterator<Item = &'a str> {
        ["surveyTagsCustomer", "surveyTagsCompany"]
            .into_iter()
            .filter_map(move |list| self.0.get(list)?.as_array())
            .flatten()
            // A tag may come as an object of its own; its name is what people see.
            .filter_map(|tag| tag.as_str().or_else(|| tag.get("name")?.as_str()))
            .filter(|tag| !tag.trim().is_empty())
    }

    /// Whether it says nothing but its rating, as a mail scanner's does.
    pub(crate) fn is_bare(self) -> bool {
        let has_comment =
            self.0.get("comment").and_then(Value::as_str).is_some_and(|comment| !comment.trim().is_empty());
        !has_comment && self.tags().next().is_none()
    }
}
