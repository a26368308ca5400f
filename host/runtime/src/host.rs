//! What a guest may call: `http` and `run`, and their absence where a call is pure.

use scoresheet_gateway as gateway;
use wasmtime::component::{HasData, Linker};

use crate::{
    bindings::accellis::scoresheet::{
        http::{self, HttpError, Method, Request, Response},
        run::{self, Level},
        types::{self, Pair},
    },
    error::RuntimeError,
    refusal::Refusal,
    state::{GaveUp, Http, State},
    text,
};

/// The longest line that is logged, in characters.
const MAX_LOG_LINE: usize = 2_000;

/// What `source` is linked to.
pub(crate) fn source_linker(engine: &wasmtime::Engine) -> Result<Linker<State>, RuntimeError> {
    link(engine, |linker| {
        http::add_to_linker::<State, State>(linker, |state| state)?;
        run::add_to_linker::<State, State>(linker, |state| state)
    })
}

/// What `metrics` is linked to: `http` and `run` stop whoever calls them.
pub(crate) fn pure_linker(engine: &wasmtime::Engine) -> Result<Linker<State>, RuntimeError> {
    link(engine, |linker| {
        http::add_to_linker::<State, Pure>(linker, |_| Pure)?;
        run::add_to_linker::<State, Pure>(linker, |_| Pure)
    })
}

fn link(
    engine: &wasmtime::Engine,
    own: impl FnOnce(&mut Linker<State>) -> wasmtime::Result<()>,
) -> Result<Linker<State>, RuntimeError> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)
        .and_then(|()| types::add_to_linker::<State, State>(&mut linker, |state| state))
        .and_then(|()| own(&mut linker))
        .map_err(|error| RuntimeError::Linker(error.to_string()))?;
    Ok(linker)
}

impl types::Host for State {}

impl http::Host for State {
    async fn send(&mut self, request: Request) -> wasmtime::Result<Result<Response, HttpError>> {
        Ok(self.http.send(request).await)
    }

    async fn relative(&mut self, link: String) -> wasmtime::Result<Result<String, String>> {
        Ok(match &self.http.connection {
            Some(connection) => connection.relative(&link),
            None => Err("this provider has no connection".to_owned()),
        })
    }
}

impl Http {
    async fn send(&mut self, request: Request) -> Result<Response, HttpError> {
        let Some(connection) = self.connection.clone() else {
            return Err(HttpError::Denied("this provider has no connection".to_owned()));
        };
        if !self.calls.take(1) {
            return Err(self.spent(format!("more than {} requests in one call", self.calls.whole())));
        }
        let too_much = format!("more than {} bytes over HTTP in one call", self.bytes.whole());
        if !self.bytes.take(request.body.as_ref().map_or(0, Vec::len) as u64) {
            return Err(self.spent(too_much));
        }
        match connection.send(to_gateway(request), self.deadline, &self.cancel).await {
            Ok(response) if self.bytes.take(response.body.len() as u64) => {
                Ok(Response { status: response.status, headers: to_pairs(response.headers), body: response.body })
            }
            Ok(_) => Err(self.spent(too_much)),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&mut self, error: gateway::HttpError) -> HttpError {
        match error {
            gateway::HttpError::Denied(why) => HttpError::Denied(why),
            gateway::HttpError::Timeout => {
                self.gave_up = Some(GaveUp::Deadline);
                HttpError::Timeout
            }
            gateway::HttpError::Network(why) => HttpError::Network(why),
            gateway::HttpError::TooLarge(bytes) => HttpError::TooLarge(bytes),
            gateway::HttpError::BudgetExceeded(why) => {
                self.gave_up = Some(GaveUp::Connection(why.clone()));
                HttpError::BudgetExceeded(why)
            }
            gateway::HttpError::Cancelled => {
                self.gave_up = Some(GaveUp::Cancelled);
                HttpError::Cancelled
            }
        }
    }

    fn spent(&mut self, why: String) -> HttpError {
        self.gave_up = Some(GaveUp::Budget(why.clone()));
        HttpError::BudgetExceeded(why)
    }
}

fn to_gateway(request: Request) -> gateway::Request {
    let pairs = |pairs: Vec<Pair>| pairs.into_iter().map(|Pair { name, value }| (name, value)).collect();
    gateway::Request {
        method: match request.method {
            Method::Get => gateway::Method::Get,
            Method::Post => gateway::Method::Post,
        },
        path: request.path,
        query: pairs(request.query),
        headers: pairs(request.headers),
        body: request.body,
    }
}

fn to_pairs(headers: Vec<(String, String)>) -> Vec<Pair> {
    headers.into_iter().map(|(name, value)| Pair { name, value }).collect()
}

impl run::Host for State {
    async fn log(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        let log = &mut self.log;
        if !(log.lines.take(1) && log.bytes.take(message.len() as u64)) {
            log.dropped += 1;
            return Ok(());
        }
        let (provider, message) = (log.provider.as_str(), text::line(&message, MAX_LOG_LINE));
        match level {
            Level::Debug => tracing::debug!(target: "scoresheet::component", provider, "{message}"),
            Level::Info => tracing::info!(target: "scoresheet::component", provider, "{message}"),
            Level::Warn => tracing::warn!(target: "scoresheet::component", provider, "{message}"),
            Level::Error => tracing::error!(target: "scoresheet::component", provider, "{message}"),
        }
        Ok(())
    }

    async fn now(&mut self) -> wasmtime::Result<i64> {
        Ok(self.now.millis())
    }
}

/// The absence of `http` and `run`.
struct Pure;

impl HasData for Pure {
    type Data<'a> = Self;
}

impl http::Host for Pure {
    async fn send(&mut self, _: Request) -> wasmtime::Result<Result<Response, HttpError>> {
        Err(Refusal::Impure("http.send").into())
    }

    async fn relative(&mut self, _: String) -> wasmtime::Result<Result<String, String>> {
        Err(Refusal::Impure("http.relative").into())
    }
}

impl run::Host for Pure {
    async fn log(&mut self, _: Level, _: String) -> wasmtime::Result<()> {
        Err(Refusal::Impure("run.log").into())
    }

    async fn now(&mut self) -> wasmtime::Result<i64> {
        Err(Refusal::Impure("run.now").into())
    }
}
