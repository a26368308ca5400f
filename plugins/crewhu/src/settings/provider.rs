//! What `check`, `clients` and `pull` get.

use scoresheet_sdk::{Failure, settings::Settings};

use crate::response::TYPES;

/// The API dialects that the provider speaks, as the setting `api` names them.
const APIS: [&str; 2] = ["guide", "open"];

/// JSON Schema (draft 2020-12) of [`ProviderSettings`].
///
/// What was added since the first version has no default: defaults are filled in before the settings' digest is
/// taken, and another digest would make everybody's stored answers another source's.
pub(crate) const PROVIDER_SCHEMA: &str = r##"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "CrewHu",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "company_id": {
      "type": "string",
      "pattern": "\\S",
      "description": "The company's id at CrewHu, as CREWHU_COMPANY_ID gives it. Not needed with api = 'open'."
    },
    "api": {
      "type": "string",
      "enum": ["guide", "open"],
      "default": "guide",
      "description": "The dialect: 'guide' is the API of CrewHu's integration guide, 'open' CrewHu's published Open API, which takes its token in the header X_CREWHU_APITOKEN."
    },
    "page_size": {
      "type": "integer",
      "minimum": 1,
      "maximum": 1000,
      "default": 1000,
      "description": "Rows to ask for on a page; the server may give fewer."
    },
    "type_tags": {
      "type": "object",
      "additionalProperties": false,
      "description": "With api = 'open': the tags that make a survey one of a CSAT type, such as { timeliness = ['Response Time'] }. All others are overall.",
      "properties": {
        "overall": { "$ref": "#/$defs/tags" },
        "resolution": { "$ref": "#/$defs/tags" },
        "communication": { "$ref": "#/$defs/tags" },
        "timeliness": { "$ref": "#/$defs/tags" }
      }
    }
  },
  "if": { "properties": { "api": { "const": "open" } }, "required": ["api"] },
  "else": { "required": ["company_id"] },
  "$defs": {
    "tags": {
      "type": "array",
      "items": { "type": "string", "pattern": "\\S" },
      "uniqueItems": true
    }
  }
}"##;

/// The dialect to speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// CrewHu's integration guide.
    Guide {
        /// Whose data: the MSP's own id at CrewHu.
        company_id: String,
    },
    /// CrewHu's Open API, whose token says whose data.
    Open(TypeTags),
}

/// What `check`, `clients` and `pull` get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProviderSettings {
    pub(crate) api: Api,
    /// Rows to ask for on a page, 1 to 1000.
    pub(crate) page_size: u64,
}

impl ProviderSettings {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let mut settings = Settings::parse(text)?;
        let is_open = settings.one_of("api", &APIS) == 1;
        let company_id = if is_open { settings.text("company_id") } else { Some(settings.required_text("company_id")) };
        let page_size = settings.whole("page_size", 1..=1_000, 1_000);
        let tags = TypeTags { by_type: settings.lists("type_tags", TYPES) };
        if let Some(tag) = tags.ambiguous() {
            settings.note("type_tags", format!("'{tag}' stands under two types: one survey has one type"));
        }
        let api = if is_open { Api::Open(tags) } else { Api::Guide { company_id: company_id.unwrap_or_default() } };
        settings.finish(Self { api, page_size })
    }
}

/// Which tags make a survey one of which type; the case of plain letters and spaces around a tag do not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TypeTags {
    by_type: [Vec<String>; TYPES.len()],
}

impl TypeTags {
    /// The type of a survey with these tags, as an index of [`TYPES`]. Where its tags stand for several types, the
    /// later one of those is it: overall is what says least. The order of the tags does not matter.
    pub(crate) fn type_of<'a>(&self, tags: impl Iterator<Item = &'a str>) -> u16 {
        tags.map(|tag| self.type_of_tag(tag).unwrap_or(0)).max().unwrap_or(0)
    }

    fn type_of_tag(&self, tag: &str) -> Option<u16> {
        let stands = |tags: &Vec<String>| tags.iter().any(|own| is_same(own, tag));
        (0..).zip(&self.by_type).find(|(_, tags)| stands(tags)).map(|(index, _)| index)
    }

    /// A tag that stands under two types.
    fn ambiguous(&self) -> Option<&str> {
        let mut all = (0..).zip(&self.by_type).flat_map(|(index, tags)| tags.iter().map(move |tag| (index, tag)));
        all.find(|(index, tag)| self.type_of_tag(tag) != Some(*index)).map(|(_, tag)| tag.as_str())
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}
