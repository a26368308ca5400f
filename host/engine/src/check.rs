//! Testing connections, step by step.

use std::time::{Duration, Instant as Clock};

use scoresheet_domain::{CheckStep, Failure, Instant, ProviderName, Remedy};
use tokio_util::sync::CancellationToken;

use crate::{engine::Engine, error::EngineError, ports::RunContext, remedy};

/// How a provider's connection does.
#[derive(Clone, Debug)]
pub struct ConnectionCheck {
    /// The provider.
    pub provider: ProviderName,
    /// Whether its figures are made up.
    pub stub: bool,
    /// What was tried, in order.
    pub steps: Vec<CheckStep>,
    /// How long it took in all.
    pub took: Duration,
}

impl ConnectionCheck {
    /// Whether every step went well.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.steps.iter().all(|step| step.outcome.is_ok())
    }
}

impl Engine {
    /// Tests one provider's connection, or all. Reads the source; of the store it writes nothing but which requests
    /// there were, where nobody else is writing.
    ///
    /// # Errors
    /// [`EngineError::UnknownProvider`]. A connection that fails is in the result.
    pub async fn check(
        &self,
        provider: Option<&str>,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<Vec<ConnectionCheck>, EngineError> {
        let chosen: Vec<_> = match provider {
            Some(name) => vec![self.provider(name)?],
            None => self.providers.iter().collect(),
        };
        let mut checks = Vec::with_capacity(chosen.len());
        // One after the other, so that the times told are each connection's own.
        for (name, instance) in chosen {
            let began = Clock::now();
            let run = RunContext { now, cancel: cancel.clone() };
            let mut steps = match instance.provider.check(&run, &instance.settings.to_string()).await {
                Ok(steps) => steps,
                Err(Failure::Cancelled) if cancel.is_cancelled() => return Err(EngineError::Cancelled),
                Err(failure) => vec![CheckStep {
                    title: "Provider".to_owned(),
                    detail: "the provider could not carry out its check".to_owned(),
                    remedy: Some(Remedy::for_failure(name, &failure, instance.credential.as_deref()).to_string()),
                    outcome: Err(failure),
                }],
            };
            let took = began.elapsed();
            let at = remedy::after(now, took);
            for step in &mut steps {
                // The provider knows neither the time nor what the operator allows.
                let wait = step.outcome.as_ref().err().and_then(|failure| remedy::wait(name, instance, failure, at));
                if let (Some(wait), Some(remedy)) = (wait, &mut step.remedy) {
                    *remedy = wait.to_string();
                }
            }
            let stub = instance.provider.description().stub;
            checks.push(ConnectionCheck { provider: name.clone(), stub, steps, took });
        }
        if let Ok(lease) = self.lease("check", now, &CancellationToken::new()).await {
            self.attend(now).await;
            lease.release().await;
        }
        Ok(checks)
    }
}
