//! How each provider does: its last sync, its requests, its key, its component's use of what it may use.

use scoresheet_engine::{EngineError, ProviderUsage};
use scoresheet_runtime::Limits;

use crate::{
    facade::Engine,
    info::ProviderInfo,
    views::health::{HealthFailure, KeyHealth, LimitHealth, ProviderHealth},
};

/// How far back a connection's use is told, in days; the access log may go back less far.
const USE_DAYS: i64 = 30;

/// From which share of its limit on a figure is worth a word, in percent.
const NEAR_LIMIT_PERCENT: u64 = 80;

impl LimitHealth {
    /// All limits of one call, with the most that one call used of each, where that is known by the limit's own name.
    #[must_use]
    pub fn all(limits: &Limits, used: Option<&serde_json::Map<String, serde_json::Value>>) -> Vec<Self> {
        let limit = |row: scoresheet_runtime::Row| {
            let (name, per_unit, unit) = match row.name {
                "http_calls" => ("requests_per_call", 1, row.unit),
                "http_bytes" => ("http_mib", 1 << 20, "MiB"),
                "answer_bytes" => ("answer_mib", 1 << 20, "MiB"),
                "log_bytes" => ("log_kib", 1 << 10, "KiB"),
                name => (name, 1, row.unit),
            };
            let used = used.and_then(|used| used.get(row.name)).and_then(serde_json::Value::as_u64);
            Self { name, limit: row.value.div_ceil(per_unit), used: used.map(|used| used.div_ceil(per_unit)), unit }
        };
        limits.rows().into_iter().map(limit).collect()
    }
}

impl Engine {
    /// The health of every configured provider, by name, from the store alone.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn health(&self) -> Result<Vec<ProviderHealth>, EngineError> {
        let now = self.now();
        let store = self.inner.store();
        let mut quality = self.inner.quality(now).await?;
        let mut all = Vec::with_capacity(self.infos.len());
        for info in &self.infos {
            let (name, instance) = self.inner.provider(&info.name)?;
            let record = store.provider_data(&instance.scope).await?.sync;
            let since = info.base_url.is_some().then(|| now.plus_days(-USE_DAYS));
            let usage = store.usage(name, since, 0).await?;
            let (key, limits) = (self.key(info, &usage), limits_of(info, &usage));
            let warnings = warnings(&info.name, key.as_ref(), &limits);
            all.push(ProviderHealth {
                provider: info.name.clone(),
                stub: info.description.as_ref().is_some_and(|description| description.stub),
                base_url: info.base_url.clone(),
                last_attempt: record.last_attempt,
                last_success: record.last_success,
                failure: record.failure.map(|failure| HealthFailure {
                    kind: failure.kind.as_str(),
                    message: failure.message,
                    remedy: failure.remedy.to_string(),
                }),
                requests: usage.requests.map(Into::into),
                key,
                limits,
                warnings,
                data: quality.remove(name).map(Into::into),
            });
        }
        Ok(all)
    }

    /// What a person should see to before it fails, a sentence each: the warnings of [`Engine::health`] without the
    /// rest of it, of which the requests take time to sum up.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn warnings(&self) -> Result<Vec<String>, EngineError> {
        let mut all = Vec::new();
        for info in &self.infos {
            let (name, _) = self.inner.provider(&info.name)?;
            let usage = self.inner.store().usage(name, None, 0).await?;
            let (key, limits) = (self.key(info, &usage), limits_of(info, &usage));
            all.extend(warnings(&info.name, key.as_ref(), &limits));
        }
        Ok(all)
    }

    /// What one call of a provider may use, and the most that one call used in the last run.
    ///
    /// # Errors
    /// [`EngineError::UnknownProvider`], [`EngineError::Store`].
    pub async fn limits(&self, provider: &str) -> Result<Vec<LimitHealth>, EngineError> {
        let (name, _) = self.inner.provider(provider)?;
        match self.infos.iter().find(|info| info.name == provider) {
            Some(info) => Ok(limits_of(info, &self.inner.store().usage(name, None, 0).await?)),
            None => Ok(Vec::new()),
        }
    }

    fn key(&self, info: &ProviderInfo, usage: &ProviderUsage) -> Option<KeyHealth> {
        let now = self.now();
        let key = usage.credential.as_ref()?;
        Some(KeyHealth {
            fingerprint: key.fingerprint.clone(),
            since: key.first_seen,
            age_days: (now.millis() - key.first_seen.millis()).div_euclid(scoresheet_domain::time::DAY_MS),
            max_age_days: info.max_key_age_days,
        })
    }
}

fn limits_of(info: &ProviderInfo, usage: &ProviderUsage) -> Vec<LimitHealth> {
    let used = usage.limits.as_ref().and_then(|json| serde_json::from_str::<serde_json::Map<_, _>>(json).ok());
    LimitHealth::all(&info.limits, used.as_ref())
}

/// What of these is worth a word about a provider.
fn warnings(provider: &str, key: Option<&KeyHealth>, limits: &[LimitHealth]) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(key) = key
        && let Some(max) = key.max_age_days
        && key.age_days >= i64::from(max)
    {
        warnings.push(format!(
                "{provider}: the key has been the same for {} days, and max_key_age_days is {max}; make a new one at the source, \
                 and put it where the old one is read from",
                key.age_days
            ));
    }
    for limit in limits {
        if let Some(used) = limit.used
            && limit.limit > 0
            && used.saturating_mul(100) >= limit.limit.saturating_mul(NEAR_LIMIT_PERCENT)
        {
            warnings.push(format!(
                "{provider}: a call used {used} of {} {} ({}); raise the limit before it fails",
                limit.limit, limit.unit, limit.name
            ));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use scoresheet_domain::Instant;

    use super::*;

    fn told(age_days: i64, used: u64) -> Vec<String> {
        let key = KeyHealth {
            fingerprint: "00".to_owned(),
            since: Instant::from_millis(0),
            age_days,
            max_age_days: Some(90),
        };
        let limit = LimitHealth { name: "memory_mib", limit: 64, used: Some(used), unit: "MiB" };
        warnings("crewhu", Some(&key), &[limit])
    }

    #[test]
    fn limits_go_by_the_configurations_names() {
        let used = serde_json::json!({"http_bytes": 1_048_577, "memory_mib": 2});
        let all = LimitHealth::all(&Limits::default(), used.as_object());
        let told: Vec<String> =
            all.iter().map(|limit| format!("{} {:?}/{} {}", limit.name, limit.used, limit.limit, limit.unit)).collect();
        assert!(told.contains(&"http_mib Some(2)/64 MiB".to_owned()), "{told:?}");
        assert!(told.contains(&"memory_mib Some(2)/64 MiB".to_owned()), "{told:?}");
        let configured = serde_json::to_value(crate::config::ProviderLimits::default()).expect("JSON");
        for limit in &all {
            assert_eq!(configured[limit.name].as_u64(), Some(limit.limit), "{}", limit.name);
        }
    }

    #[test]
    fn an_old_key_and_a_limit_that_is_near_are_worth_a_word() {
        assert!(told(89, 51).is_empty());
        let warnings = told(90, 52);
        assert!(warnings[0].starts_with("crewhu: the key has been the same for 90 days"), "{warnings:?}");
        assert_eq!(warnings[1], "crewhu: a call used 52 of 64 MiB (memory_mib); raise the limit before it fails");
        assert_eq!(warnings.len(), 2);
    }
}
