//! The two endpoints of the `open` dialect.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::Extensions,
    response::Response,
};

use super::{
    dialect::Envelope,
    page::{EditPage, Page},
    response,
    routes::{Parameters, Refusal, count, permitted},
    state::{Permission, Shared},
};

/// Rows in a page where the request does not say.
const DEFAULT_LIMIT: u32 = 100;

/// Who works at the MSP, of which nobody should want to know anything.
pub(super) async fn user() -> Response {
    response::json(r#"[{"_id":"u-1","active":true}]"#)
}

pub(super) async fn surveys(
    State(shared): State<Arc<Shared>>,
    Query(query): Parameters,
    extensions: Extensions,
) -> Response {
    let answered = || {
        let step = count(&query, "step", 1)?;
        let limit = count(&query, "limit", DEFAULT_LIMIT)?.min(shared.max_per_page);
        permitted(&shared, Permission::Csat)?;
        let surveys = shared.surveys();
        let mut page = Page::new(surveys.len(), step, limit);
        if let Some(EditPage(edit)) = extensions.get() {
            edit(&mut page, step);
        }
        Ok(response::json(wrapped(&page, step, shared.envelope, |text, index| text.push_str(surveys[index].json()))))
    };
    answered().unwrap_or_else(Refusal::answer)
}

fn wrapped(page: &Page, step: u32, envelope: Envelope, write: impl FnMut(&mut String, usize)) -> String {
    let list = page.to_json(true, write);
    match envelope {
        Envelope::BareArray => list,
        Envelope::Items => format!(r#"{{"items":{list}}}"#),
        Envelope::DataAndTotal => format!(r#"{{"data":{list},"total":{}}}"#, page.total),
        Envelope::SurveysAndHasMore => {
            format!(r#"{{"surveys":{list},"hasMore":{}}}"#, u64::from(step) < page.total_pages)
        }
    }
}
