//! `mapping`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use scoresheet_domain::{
    ClientId, SourceId,
    mapping::{Rule, Verdict},
};
use scoresheet_engine::{MappingOverview, mapping};
use scoresheet_matching::{self as matching, Conclusion, NameRule};
use serde::Serialize;

use super::view;

/// The mapping of a provider.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProviderMapping {
    /// Whether the provider's figures are made up.
    pub stub: bool,
    /// Outcome for each client, by id.
    pub clients: BTreeMap<String, ClientMapping>,
    /// Source clients that unmapped clients may be.
    pub suggestions: Vec<Suggestion>,
    /// Source clients that no client is mapped to.
    pub unmapped_sources: Vec<SourceId>,
    /// Decisions of users.
    pub decisions: Vec<ListedDecision>,
}

/// The mapping of a client.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub enum ClientMapping {
    /// Mapped.
    Mapped {
        /// Source clients it is mapped to.
        sources: Vec<Link>,
    },
    /// Several source clients match equally well.
    Ambiguous {
        /// Rule by which they match.
        #[schemars(with = "String")]
        rule: Rule,
        /// The source clients.
        candidates: Vec<SourceId>,
    },
    /// No source client matches.
    Unmapped {},
}

view! {
    /// A source client that a client is mapped to.
    Link from mapping::Link {
        /// The source client.
        source: SourceId,
        /// Rule by which it matches.
        #[schemars(with = "String")]
        rule: Rule,
        /// Why it matches, in words.
        evidence: String,
    }
}

view! {
    /// A source client that an unmapped client may be.
    Suggestion from mapping::Suggestion {
        /// The client.
        client: ClientId,
        /// The source client.
        source: SourceId,
        /// Similarity, 50 to 100.
        score: u8,
        /// What is similar, in words.
        evidence: String,
    }
}

/// A decision of a user.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ListedDecision {
    /// The client.
    pub client: ClientId,
    /// The source client.
    pub source: SourceId,
    /// Whether they are the same.
    pub same: bool,
}

impl From<&mapping::ClientMapping> for ClientMapping {
    fn from(mapping: &mapping::ClientMapping) -> Self {
        match mapping {
            mapping::ClientMapping::Mapped(links) => {
                Self::Mapped { sources: links.iter().cloned().map(Link::from).collect() }
            }
            mapping::ClientMapping::Ambiguous { rule, candidates } => {
                Self::Ambiguous { rule: *rule, candidates: candidates.clone() }
            }
            mapping::ClientMapping::Unmapped => Self::Unmapped {},
        }
    }
}

impl ProviderMapping {
    /// The mapping of each provider, by name.
    #[must_use]
    pub fn all(overview: &MappingOverview) -> BTreeMap<String, Self> {
        let view = |provider: &scoresheet_engine::ProviderMapping| Self {
            stub: provider.stub,
            clients: (provider.mapping.clients.iter())
                .map(|(client, mapping)| (client.to_string(), mapping.into()))
                .collect(),
            suggestions: provider.mapping.suggestions.iter().cloned().map(Suggestion::from).collect(),
            unmapped_sources: provider.mapping.unmapped_sources.clone(),
            decisions: (provider.decisions.iter())
                .map(|decision| ListedDecision {
                    client: decision.client.clone(),
                    source: decision.source.clone(),
                    same: decision.verdict == Verdict::Same,
                })
                .collect(),
        };
        overview.providers.iter().map(|(name, provider)| (name.to_string(), view(provider))).collect()
    }
}

/// A suggestion with both names.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NamedSuggestion {
    /// The client.
    pub client: ClientId,
    /// Its name.
    pub name: String,
    /// The source client.
    pub source: SourceId,
    /// Its name.
    pub source_name: Option<String>,
    /// Similarity, 50 to 100.
    pub score: u8,
    /// What is similar, in words.
    pub evidence: String,
}

/// `mapping set` and `mapping reject`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Decision {
    /// The client.
    pub client: ClientId,
    /// The provider.
    pub provider: String,
    /// The source client.
    pub source: SourceId,
    /// Whether they are the same.
    pub same: bool,
}

/// `mapping clear`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cleared {
    /// The client.
    pub client: String,
    /// How many decisions were cleared.
    pub cleared: u64,
}

/// `mapping explain`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Comparison {
    /// The first name.
    pub left: String,
    /// The second name.
    pub right: String,
    /// `match`, `suggestion` or `no-match`.
    #[schemars(with = "String")]
    pub conclusion: Conclusion,
    /// Rule that matched.
    #[schemars(with = "Option<String>")]
    pub rule: Option<NameRule>,
    /// The rules in order, up to the one that matched.
    pub steps: Vec<Step>,
    /// Similarity of the names, if no rule matched.
    pub similarity: Option<Similarity>,
}

/// The similarity of two names.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Similarity {
    /// 0 to 100.
    pub score: u8,
    /// What is similar, in words.
    pub evidence: Vec<String>,
}

view! {
    /// One rule applied to two names.
    Step from matching::Step {
        /// The rule.
        #[schemars(with = "String")]
        rule: NameRule,
        /// Keys of the first name under this rule.
        left: Vec<String>,
        /// Keys of the second name under this rule.
        right: Vec<String>,
        /// Legal forms in the first name.
        left_forms: Vec<String>,
        /// Legal forms in the second name.
        right_forms: Vec<String>,
        /// Whether the rule matches.
        matches: bool,
        /// Why, in words.
        reason: String,
    }
}

impl From<matching::Comparison> for Comparison {
    fn from(comparison: matching::Comparison) -> Self {
        Self {
            left: comparison.left,
            right: comparison.right,
            conclusion: comparison.conclusion,
            rule: comparison.rule,
            steps: comparison.steps.into_iter().map(Step::from).collect(),
            similarity: comparison.similarity.map(|it| Similarity { score: it.score, evidence: it.evidence }),
        }
    }
}

view! {
    /// `mapping evaluate`.
    Evaluation from matching::Evaluation {
        /// How many pairs were compared.
        pairs: usize,
        /// How many of them a rule matches.
        matched: usize,
        /// Share of the matched pairs that are the same.
        precision: Option<f64>,
        /// Share of the same pairs that are matched.
        recall: Option<f64>,
        /// Pairs that were matched but are different.
        wrong: Vec<(String, String)>,
        /// Pairs that are the same but were not matched.
        missed: Vec<(String, String)>,
        /// How many of the missed pairs are suggested.
        suggested: usize,
    }
}
