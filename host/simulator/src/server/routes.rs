//! All routes, and the three endpoints of the `guide` dialect.

use std::{fmt::Write as _, str::FromStr, sync::Arc};

use axum::{
    Router,
    extract::{Query, State},
    http::{Extensions, StatusCode},
    middleware,
    response::Response,
    routing::get,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::{
    gate::gate,
    open,
    page::{EditPage, Page},
    response,
    state::{Permission, Shared},
};
use crate::data::SimClient;

/// All routes, behind the gate.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/v1/health", get(health))
        .route("/api/v1/clients", get(clients))
        .route("/api/v1/csat/scores", get(scores))
        .route("/api/v1/user", get(open::user))
        .route("/api/v1/survey", get(open::surveys))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), gate))
        .with_state(shared)
}

/// Rows in a page where the request does not say.
const DEFAULT_PER_PAGE: u32 = 100;

/// The decoded query.
pub(super) type Parameters = Query<Vec<(String, String)>>;

async fn health() -> Response {
    response::json(r#"{"status":"ok"}"#)
}

async fn clients(State(shared): State<Arc<Shared>>, Query(query): Parameters, extensions: Extensions) -> Response {
    let answered = || {
        let asked = Asked::parse(&query, &shared)?;
        permitted(&shared, Permission::Clients)?;
        let world = shared.world();
        let clients = world.clients();
        Ok(asked.list(&shared, &extensions, clients.len(), |text, index| write_client(text, index, &clients[index])))
    };
    answered().unwrap_or_else(Refusal::answer)
}

async fn scores(State(shared): State<Arc<Shared>>, Query(query): Parameters, extensions: Extensions) -> Response {
    let answered = || {
        let asked = Asked::parse(&query, &shared)?;
        let (from, until) = (time(&query, "from")?, time(&query, "to")?);
        if let (Some(from), Some(until)) = (from, until)
            && from > until
        {
            return Err(Refusal::parameter("'from' lies after 'to'"));
        }
        permitted(&shared, Permission::Csat)?;
        if historical(from, until) {
            permitted(&shared, Permission::DateRanges)?;
        }
        let world = shared.world();
        let selection = world.select(from, until, value(&query, "client_id"));
        Ok(asked.list(&shared, &extensions, selection.len(), |text, index| {
            text.push_str(world.responses()[selection.position(index)].json());
        }))
    };
    answered().unwrap_or_else(Refusal::answer)
}

pub(super) async fn not_found() -> Response {
    response::error(StatusCode::NOT_FOUND, "not_found", "there is no such resource")
}

async fn method_not_allowed() -> Response {
    response::error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this resource can only be read, by GET")
}

/// What both lists understand.
struct Asked {
    page: u32,
    per_page: u32,
}

impl Asked {
    /// The company first: who asks for another's data learns nothing else.
    fn parse(query: &[(String, String)], shared: &Shared) -> Result<Self, Refusal> {
        match value(query, "company_id") {
            None => return Err(Refusal::parameter("'company_id' is missing")),
            Some(company) if company != shared.company_id => {
                return Err(Refusal::AnothersCompany);
            }
            Some(_) => {}
        }
        Ok(Self {
            page: count(query, "page", 1)?,
            per_page: count(query, "per_page", DEFAULT_PER_PAGE)?.min(shared.max_per_page),
        })
    }

    fn list(
        &self,
        shared: &Shared,
        extensions: &Extensions,
        total: usize,
        write: impl FnMut(&mut String, usize),
    ) -> Response {
        let mut page = match (shared.bare_arrays, self.page) {
            (false, number) => Page::new(total, number, self.per_page),
            (true, 1) => Page::whole(total),
            // One page is all there is.
            (true, _) => Page { rows: vec![], ..Page::whole(total) },
        };
        if let Some(EditPage(edit)) = extensions.get() {
            edit(&mut page, self.page);
        }
        response::json(page.to_json(shared.bare_arrays, write))
    }
}

/// Why a request is refused.
pub(super) enum Refusal {
    Parameter(String),
    AnothersCompany,
    Lacking(Permission),
}

impl Refusal {
    fn parameter(message: impl Into<String>) -> Self {
        Self::Parameter(message.into())
    }

    pub(super) fn answer(self) -> Response {
        match self {
            Self::Parameter(message) => response::error(StatusCode::BAD_REQUEST, "invalid_parameter", &message),
            Self::AnothersCompany => {
                response::error(StatusCode::FORBIDDEN, "forbidden", "the key does not belong to this company")
            }
            Self::Lacking(permission) => response::forbidden(permission),
        }
    }
}

/// Whether it takes the permission to query history: the range is long, or open at one end.
fn historical(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> bool {
    match (from, until) {
        (Some(from), Some(until)) => until - from > TimeDelta::days(31),
        (None, None) => false,
        _ => true,
    }
}

pub(super) fn permitted(shared: &Shared, permission: Permission) -> Result<(), Refusal> {
    if shared.permissions().grant(permission) { Ok(()) } else { Err(Refusal::Lacking(permission)) }
}

fn value<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// A whole number from 1.
pub(super) fn count(query: &[(String, String)], name: &str, default: u32) -> Result<u32, Refusal> {
    let Some(text) = value(query, name) else { return Ok(default) };
    u32::from_str(text)
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| Refusal::parameter(format!("'{name}' is not a whole number from 1")))
}

/// RFC 3339; UTC where there is no offset.
fn time(query: &[(String, String)], name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = value(query, name) else { return Ok(None) };
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc()))
        .map(Some)
        .map_err(|_| Refusal::parameter(format!("'{name}' is not a time as RFC 3339 writes it")))
}

/// `active` is left out of every fifth client that is: absent means true.
fn write_client(text: &mut String, index: usize, client: &SimClient) {
    // Writing to a String cannot fail; a JSON value displays as JSON.
    let _ = write!(text, "{{\"id\":{},\"name\":{}", quoted(&client.id), quoted(&client.name));
    if !(client.active && index % 5 == 4) {
        let _ = write!(text, ",\"active\":{}", client.active);
    }
    text.push('}');
}

fn quoted(text: &str) -> serde_json::Value {
    text.into()
}
