//! What `score` gets.

use scoresheet_sdk::{Failure, settings::Settings};

use crate::response::{OVERALL_BARE, TYPES};

/// JSON Schema (draft 2020-12) of [`MetricSettings`].
pub(crate) const METRIC_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Support Engagement Satisfaction",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "min_responses": {
      "type": "integer",
      "minimum": 1,
      "default": 1,
      "description": "Fewer responses in the window give no score."
    },
    "half_life_days": {
      "type": "number",
      "exclusiveMinimum": 0,
      "description": "A response of this age weighs half of one given at the window's end. Without it all weigh the same."
    },
    "types": {
      "type": "array",
      "items": { "type": "string", "enum": ["overall", "resolution", "communication", "timeliness"] },
      "minItems": 1,
      "uniqueItems": true,
      "default": ["overall", "resolution", "communication", "timeliness"],
      "description": "Which CSAT types count."
    },
    "drop_suspected_bots": {
      "type": "boolean",
      "default": true,
      "description": "With api = 'open': leave out surveys that one customer answered within 45 seconds of each other without comment or tag, as mail scanners do."
    }
  }
}"#;

/// What `score` gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MetricSettings {
    /// Fewer responses give no score; at least 1.
    pub(crate) min_responses: u32,
    /// The age at which a response weighs half, in days; none: all weigh the same.
    pub(crate) half_life_days: Option<f64>,
    /// Whether the type of this index counts.
    pub(crate) types: [bool; TYPES.len()],
    /// Whether what looks like a mail scanner's answers is left out.
    pub(crate) drop_suspected_bots: bool,
}

impl MetricSettings {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let mut settings = Settings::parse(text)?;
        let min_responses = settings.whole("min_responses", 1..=u64::MAX, 1);
        let half_life_days = settings.positive_if_given("half_life_days");
        let types = settings.some_of("types", &TYPES);
        let drop_suspected_bots = settings.flag("drop_suspected_bots", true);
        settings.finish(Self {
            // More than four billion responses cannot be reached either way.
            min_responses: u32::try_from(min_responses).unwrap_or(u32::MAX),
            half_life_days,
            types: std::array::from_fn(|kind| types.contains(&kind)),
            drop_suspected_bots,
        })
    }

    /// Whether observations of this kind count.
    pub(crate) fn counts(&self, kind: u16) -> bool {
        // A bare one is about the service overall like any other.
        let about = if kind == OVERALL_BARE { 0 } else { kind };
        self.types.get(usize::from(about)).copied().unwrap_or(false)
    }
}
