//! Remedies: what the operator can do about a problem, as data, and their one wording.
//!
//! A caller that is no terminal (a web page) reads the variants. `Display` words a remedy as the command to run.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    failure::Failure,
    id::{ClientId, MetricId, ProviderName, SourceId},
    time::Instant,
};

/// What the operator can do about a problem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "remedy")]
pub enum Remedy {
    /// Check that the credential is valid.
    CheckCredential {
        /// Provider that uses it.
        provider: ProviderName,
        /// Environment variable or file that holds it, if known.
        credential: Option<String>,
    },
    /// Grant the credential the missing permission.
    GrantPermission {
        /// Provider that needs it.
        provider: ProviderName,
        /// Environment variable or file that holds the credential, if known.
        credential: Option<String>,
    },
    /// Check the base URL and the settings: the source has no such address.
    CheckAddress {
        /// Provider with this base URL.
        provider: ProviderName,
    },
    /// Wait for the rate limit, and lower ours if it happens often.
    Wait {
        /// Provider whose source limits the rate.
        provider: ProviderName,
        /// When the source accepts requests again, if it says.
        until: Option<Instant>,
        /// `requests_per_minute` as configured, if it is.
        requests_per_minute: Option<u32>,
    },
    /// Retry later: the source is unavailable.
    RetryLater {
        /// Provider whose source it is.
        provider: ProviderName,
    },
    /// Check whether the base URL leads to the source: its response was invalid.
    CheckResponses {
        /// Provider with this base URL.
        provider: ProviderName,
    },
    /// Correct the settings.
    CorrectSettings {
        /// Provider with these settings.
        provider: ProviderName,
    },
    /// Report a failure of the component to its author.
    ReportToAuthor {
        /// Provider that runs the component.
        provider: ProviderName,
    },
    /// Sync.
    Sync {
        /// Provider to sync.
        provider: ProviderName,
    },
    /// Sync the window of a sheet that looks further back than a sync does by default.
    SyncWindow,
    /// Confirm a large deletion with a full sync, after a look at the source.
    ConfirmFullSync {
        /// Provider to sync.
        provider: ProviderName,
    },
    /// Shorten the lookback or extend the retention period.
    ShortenLookback,
    /// Set the clock.
    SetClock,
    /// Map a client to a source client.
    Map {
        /// Roster client, if known.
        client: Option<ClientId>,
        /// Provider of the source client.
        provider: ProviderName,
        /// Source client, if there is a candidate.
        source: Option<SourceId>,
    },
    /// Clear a decision about a deleted source client, or map the client to another.
    ClearOrMap {
        /// Roster client.
        client: ClientId,
        /// Provider of the source client.
        provider: ProviderName,
    },
    /// Correct a client's name at the source.
    CorrectClientName {
        /// Provider whose source it is.
        provider: ProviderName,
    },
    /// Set a manual score.
    SetManualScore {
        /// Client to score.
        client: ClientId,
        /// Metric to score.
        metric: MetricId,
    },
}

impl Remedy {
    /// Remedy for a failed call to a provider. `credential` names the variable or file that holds its credential.
    #[must_use]
    pub fn for_failure(provider: &ProviderName, failure: &Failure, credential: Option<&str>) -> Self {
        let provider = provider.clone();
        let credential = credential.map(str::to_owned);
        match failure {
            Failure::Unauthorized(_) => Self::CheckCredential { provider, credential },
            Failure::Forbidden(_) => Self::GrantPermission { provider, credential },
            Failure::NotFound(_) => Self::CheckAddress { provider },
            Failure::RateLimited(_) => Self::Wait { provider, until: None, requests_per_minute: None },
            Failure::Unavailable(_) | Failure::Cancelled => Self::RetryLater { provider },
            Failure::InvalidResponse(_) => Self::CheckResponses { provider },
            Failure::Settings(_) => Self::CorrectSettings { provider },
            Failure::Component(_) | Failure::Other(_) => Self::ReportToAuthor { provider },
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |provider: &ProviderName, credential: &Option<String>| {
            credential.clone().unwrap_or_else(|| format!("the credential in [providers.{provider}] auth"))
        };
        match self {
            Self::CheckCredential { provider, credential } => {
                let key = key(provider, credential);
                write!(f, "check that {key} is current; then run 'scoresheet check {provider}'")
            }
            Self::GrantPermission { provider, credential } => {
                let key = key(provider, credential);
                write!(f, "give {key} the missing permission; 'scoresheet check {provider}' says which")
            }
            Self::CheckAddress { provider } => write!(
                f,
                "check the base URL and the settings of {provider}: another base URL or another dialect; then run 'scoresheet check {provider}'"
            ),
            Self::Wait { provider, until, requests_per_minute } => {
                let when = until.map_or_else(|| "again later".to_owned(), |until| format!("after {until}"));
                let set = requests_per_minute.map(|set| format!(" (it is {set})")).unwrap_or_default();
                write!(
                    f,
                    "run 'scoresheet sync' {when}; where it happens often, lower requests_per_minute{set} in [providers.{provider}] limits"
                )
            }
            Self::RetryLater { provider } => {
                write!(f, "try again later; 'scoresheet check {provider}' tests the connection; what was stored stands")
            }
            Self::CheckResponses { provider } => write!(
                f,
                "check the base URL of {provider}: something else may be answering there; if it persists, the source's API has changed"
            ),
            Self::CorrectSettings { provider } => write!(f, "correct the settings in [providers.{provider}]"),
            Self::ReportToAuthor { provider } => write!(
                f,
                "report this to the author of the provider; 'scoresheet provider info {provider}' says which version it is"
            ),
            Self::Sync { provider } => write!(f, "run 'scoresheet sync --provider {provider}'"),
            Self::SyncWindow => f.write_str("run 'scoresheet run' with the same --as-of and --lookback"),
            Self::ConfirmFullSync { provider } => {
                write!(f, "look at the source; if it is right, run 'scoresheet sync --provider {provider} --full'")
            }
            Self::ShortenLookback => f.write_str("look back less far, or keep observations for longer"),
            Self::SetClock => f.write_str("set the clock right, then run 'scoresheet sync'"),
            Self::Map { client, provider, source } => {
                let client = client.as_ref().map_or_else(|| "CLIENT".to_owned(), |id| word(id.as_str()));
                let source = source.as_ref().map_or("SOURCE", SourceId::as_str);
                write!(f, "scoresheet mapping set {client} {}", word(&format!("{provider}:{source}")))
            }
            Self::ClearOrMap { client, provider } => {
                let word = word(client.as_str());
                write!(
                    f,
                    "scoresheet mapping clear {word} {provider}, if that is right; or scoresheet mapping set {word} {provider}:SOURCE"
                )
            }
            Self::CorrectClientName { provider } => {
                write!(f, "correct the client's name at {provider}, then run 'scoresheet sync'")
            }
            Self::SetManualScore { client, metric } => {
                write!(f, "scoresheet manual set {} {metric} SCORE", word(client.as_str()))
            }
        }
    }
}

/// A word of a shell command, quoted if needed.
fn word(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:@/+".contains(&b)) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider() -> ProviderName {
        ProviderName::new("crewhu").expect("a provider's name")
    }

    fn client(id: &str) -> ClientId {
        ClientId::new(id).expect("a client id")
    }

    /// One of each variant, with optional fields present and absent.
    fn all() -> Vec<Remedy> {
        let provider = provider();
        let credential = Some("CREWHU_API_KEY".to_owned());
        let until = Some(Instant::parse("2026-11-01T08:30:00Z").expect("a time"));
        let source = SourceId::new("c 1").expect("a source id");
        let metric = MetricId::new("gut-instinct").expect("a metric id");
        vec![
            Remedy::CheckCredential { provider: provider.clone(), credential: credential.clone() },
            Remedy::CheckCredential { provider: provider.clone(), credential: None },
            Remedy::GrantPermission { provider: provider.clone(), credential },
            Remedy::CheckAddress { provider: provider.clone() },
            Remedy::Wait { provider: provider.clone(), until, requests_per_minute: Some(60) },
            Remedy::Wait { provider: provider.clone(), until: None, requests_per_minute: None },
            Remedy::RetryLater { provider: provider.clone() },
            Remedy::CheckResponses { provider: provider.clone() },
            Remedy::CorrectSettings { provider: provider.clone() },
            Remedy::ReportToAuthor { provider: provider.clone() },
            Remedy::Sync { provider: provider.clone() },
            Remedy::SyncWindow,
            Remedy::ConfirmFullSync { provider: provider.clone() },
            Remedy::ShortenLookback,
            Remedy::SetClock,
            Remedy::Map { client: Some(client("Joe's")), provider: provider.clone(), source: Some(source) },
            Remedy::Map { client: None, provider: provider.clone(), source: None },
            Remedy::ClearOrMap { client: client("acme"), provider: provider.clone() },
            Remedy::CorrectClientName { provider },
            Remedy::SetManualScore { client: client("acme"), metric },
        ]
    }

    #[test]
    fn remedies_in_words() {
        let words: Vec<String> = all().iter().map(Remedy::to_string).collect();
        insta::assert_snapshot!(words.join("\n"));
    }

    #[test]
    fn json_round_trip_keeps_every_remedy() {
        for remedy in all() {
            let json = serde_json::to_string(&remedy).expect("JSON");
            assert_eq!(serde_json::from_str::<Remedy>(&json).expect("a remedy"), remedy, "{json}");
        }
    }
}
