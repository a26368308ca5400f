//! The middleware around the simulator's router: it logs each request and applies the fault that is due.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, Query, Request, State},
    http::Version,
    middleware::Next,
    response::Response,
};
use scoresheet_simulator::{Api, EditPage};

use super::{
    effect::{self, FaultedRequest},
    log::LoggedRequest,
    page,
    state::{Shared, pause},
    wire::{Ending, Place, Plan, Wire},
};

/// Responds with a fault, or lets the router respond and changes its response.
pub(super) async fn gate(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    mut request: Request,
    next: Next,
) -> Response {
    // Everything that depends on the order of arrival happens before the first wait.
    let in_flight = shared.begin_request();
    let path = request.uri().path().to_owned();
    let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()).unwrap_or_default();
    let page = query
        .iter()
        .find(|(name, _)| name == "page" || name == "step")
        .and_then(|(_, page)| page.parse().ok())
        .unwrap_or(1);
    let credential = Api::credential(&path, request.headers());
    let authorization_ok = shared.api.authorizes(&path, credential.as_deref());
    let due = shared.faults().take_due(&path, page);
    let instead = due.as_ref().and_then(|(fault, nth)| effect::instead(fault, *nth));
    let fault = due.map(|(fault, _)| fault);
    let number = shared.log().begin(LoggedRequest {
        method: request.method().to_string(),
        path,
        query,
        status: None,
        authorization_ok,
    });
    let plan = match fault.as_deref().map_or(Plan::Whole, effect::plan) {
        Plan::Whole => Plan::Whole,
        _ if request.version() == Version::HTTP_2 => Plan::BreakOff(Place::BeforeHead, Ending::Reset),
        plan => plan,
    };
    wire.plan(plan);
    if fault.as_deref().is_some_and(effect::closes_port) {
        shared.port.close();
    }

    let response = match instead {
        Some(response) => {
            shared.api.delay().await;
            response
        }
        None => {
            if let Some(fault) = &fault {
                let fault = Arc::clone(fault);
                let edit = move |made: &mut _, asked| page::edit(made, &fault, asked);
                request.extensions_mut().insert(EditPage(Arc::new(edit)));
            }
            next.run(request).await
        }
    };
    pause(fault.as_deref().map_or(Duration::ZERO, effect::delay), &shared.stopping).await;
    let response = match &fault {
        Some(fault) => {
            let request = FaultedRequest { credential, page, stopping: shared.stopping.clone(), in_flight };
            effect::afterwards(fault, response, request).await
        }
        None => response,
    };
    if plan.sends_response() {
        shared.log().finish(number, response.status().as_u16());
    }
    response
}
