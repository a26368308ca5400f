//! Settings of the provider.

use scoresheet_sdk::{Problem, Settings};
use serde::Deserialize;

use crate::Kind;

/// Settings of the CrewHu provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[cfg_attr(
    test,
    schemars(
        title = "CrewHu",
        extend("if" = {"properties": {"api": {"const": "open"}}, "required": ["api"]}, "else" = {"required": ["company_id"]})
    )
)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderSettings {
    /// The company's id at CrewHu, as in CREWHU_COMPANY_ID. Not needed with api = 'open'.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "String", regex(pattern = r"\S")))]
    company_id: Option<String>,
    /// The dialect: 'guide' is the API of CrewHu's integration guide, 'open' CrewHu's published Open API, which takes its
    /// token in the header X_CREWHU_APITOKEN.
    api: Api,
    /// Rows to request per page; the server may return fewer.
    #[cfg_attr(test, schemars(range(min = 1, max = 1000), extend("x-tuning" = true)))]
    pub(crate) page_size: u64,
    /// With api = 'open': the tags that make a survey one of a CSAT type, such as { timeliness = ['Response Time'] }. All
    /// others are overall.
    #[serde(skip_serializing_if = "TypeTags::is_empty")]
    type_tags: TypeTags,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Api {
    #[default]
    Guide,
    Open,
}

/// The API to use, with what only this one needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect<'a> {
    /// CrewHu's integration guide.
    Guide {
        /// The MSP's own id at CrewHu.
        company_id: &'a str,
    },
    /// CrewHu's Open API, whose token identifies the company.
    Open(&'a TypeTags),
}

impl Default for ProviderSettings {
    fn default() -> Self {
        Self { company_id: None, api: Api::Guide, page_size: 1_000, type_tags: TypeTags::default() }
    }
}

impl ProviderSettings {
    pub(crate) fn dialect(&self) -> Dialect<'_> {
        match self.api {
            // It is required, see `problems`.
            Api::Guide => Dialect::Guide { company_id: self.company_id.as_deref().unwrap_or_default() },
            Api::Open => Dialect::Open(&self.type_tags),
        }
    }
}

impl Settings for ProviderSettings {
    const SCHEMA: &'static str = include_str!("../../schema/provider.json");

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.api == Api::Guide && self.company_id.is_none() {
            problems.push(Problem::new("/company_id", "is required with api = 'guide'"));
        }
        if let Some(tag) = self.type_tags.ambiguous() {
            let message = format!("'{tag}' is listed under two types, but a survey has one type");
            problems.push(Problem::new("/type_tags", message));
        }
        problems
    }
}

/// Which tags make a survey one of which type. Case of ASCII letters and surrounding spaces are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize, schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TypeTags {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(inner(regex(pattern = r"\S")), extend("uniqueItems" = true)))]
    overall: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(inner(regex(pattern = r"\S")), extend("uniqueItems" = true)))]
    resolution: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(inner(regex(pattern = r"\S")), extend("uniqueItems" = true)))]
    communication: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(inner(regex(pattern = r"\S")), extend("uniqueItems" = true)))]
    timeliness: Vec<String>,
}

impl TypeTags {
    /// The type of a survey with these tags. If they stand for several types, it is the later one of [`Kind`]: overall
    /// says least. The order of the tags does not matter.
    pub(crate) fn type_of<'a>(&self, tags: impl Iterator<Item = &'a str>) -> Kind {
        tags.map(|tag| self.type_of_tag(tag).unwrap_or(Kind::Overall)).max().unwrap_or(Kind::Overall)
    }

    fn by_type(&self) -> [(Kind, &[String]); 4] {
        [
            (Kind::Overall, &self.overall),
            (Kind::Resolution, &self.resolution),
            (Kind::Communication, &self.communication),
            (Kind::Timeliness, &self.timeliness),
        ]
    }

    fn type_of_tag(&self, tag: &str) -> Option<Kind> {
        let lists = |tags: &[String]| tags.iter().any(|own| is_same(own, tag));
        self.by_type().into_iter().find(|(_, tags)| lists(tags)).map(|(kind, _)| kind)
    }

    /// A tag that is listed under two types.
    fn ambiguous(&self) -> Option<&str> {
        let by_type = self.by_type();
        let mut all = by_type.into_iter().flat_map(|(kind, tags)| tags.iter().map(move |tag| (kind, tag)));
        all.find(|(kind, tag)| self.type_of_tag(tag) != Some(*kind)).map(|(_, tag)| tag.as_str())
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}
