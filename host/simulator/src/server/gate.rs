//! What every request passes: the log, faults, latency, the rate limit, the key.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, Query, Request, State},
    http::Version,
    middleware::Next,
    response::Response,
};

use super::{
    answer, dialect,
    effect::{self, Met},
    fault::Fault,
    log::LoggedRequest,
    routes,
    state::Shared,
    wire::{Ending, Place, Plan, Wire},
};

/// The fault that a page has to be bent by, for the routes.
#[derive(Clone)]
pub(super) struct Struck(pub(super) Arc<Fault>);

/// Answers, or lets a route answer.
pub(super) async fn gate(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    mut request: Request,
    next: Next,
) -> Response {
    // Everything that depends on the order of arrival happens before the first wait.
    let in_flight = shared.in_flight();
    let path = request.uri().path().to_owned();
    let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()).unwrap_or_default();
    let page = query
        .iter()
        .find(|(name, _)| name == "page" || name == "step")
        .and_then(|(_, page)| page.parse().ok())
        .unwrap_or(1);
    let served = shared.dialect.serves(&path);
    let authorization = dialect::credential(&path, request.headers());
    let authorised = shared.authorises(&path, authorization.as_deref());
    let struck = shared.faults().strike(&path, page);
    let instead = struck.as_ref().and_then(|(fault, nth)| effect::instead(fault, *nth));
    let fault = struck.map(|(fault, _)| fault);
    let number = shared.log().begin(LoggedRequest {
        method: request.method().to_string(),
        path,
        query,
        status: None,
        authorization_ok: authorised,
    });
    let plan = fault.as_deref().map_or(Plan::Whole, effect::plan);
    let plan = match plan {
        Plan::Whole => Plan::Whole,
        _ if request.version() == Version::HTTP_2 => Plan::BreakOff(Place::BeforeHead, Ending::Reset),
        plan => plan,
    };
    wire.plan(plan);
    if fault.as_deref() == Some(&Fault::Refused) {
        shared.door().shut();
    }
    let admitted = if instead.is_none() { shared.limiter().admit(Instant::now()) } else { Ok(()) };

    shared.pause(shared.latency + fault.as_deref().map_or(Duration::ZERO, effect::delay)).await;

    let response = match (instead, admitted) {
        (Some(response), _) => response,
        (None, Err(seconds)) => answer::rate_limited("too many requests in this minute", &seconds.to_string()),
        (None, Ok(())) => {
            if let Some(fault) = &fault {
                request.extensions_mut().insert(Struck(Arc::clone(fault)));
            }
            let response = match (served, authorised) {
                (false, _) => routes::not_found().await,
                (true, false) => answer::unauthorised(),
                (true, true) => next.run(request).await,
            };
            match &fault {
                Some(fault) => {
                    let met = Met { authorization, page, stopping: shared.stopping(), in_flight };
                    effect::afterwards(fault, response, met).await
                }
                None => response,
            }
        }
    };
    if plan.answers() {
        shared.log().finish(number, response.status().as_u16());
    }
    response
}
