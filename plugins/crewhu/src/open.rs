//! CrewHu's Open API (help centre, article 360002286094): a cheap probe, and surveys page by page.
//!
//! There is no filter by date and no list of clients: every pull reads every survey. Of a survey only its id, its times,
//! its rating, its tags and its customer's id and name are read; of a comment only whether there is one.

mod api;
mod cursor;
mod shape;
mod survey;
mod surveys;

use scoresheet_sdk::{Failure, Host, ObservationPage, Window};

use self::surveys::Surveys;
pub(crate) use self::{
    api::{Open, SURVEY, SurveyPage, USER},
    survey::Survey,
};
use crate::{Cursor, Kind, settings::TypeTags};

/// A page of surveys: those of the window and these kinds.
pub(crate) fn pull(
    host: &dyn Host,
    page_size: u64,
    tags: &TypeTags,
    kinds: &[Kind],
    window: Window,
    page: Option<Cursor>,
) -> Result<ObservationPage<Cursor>, Failure> {
    let cursor = page.unwrap_or_default();
    let page = Open::new(host).surveys(cursor.page(), page_size)?;
    let next = cursor::following(cursor, &page)?;
    let mut surveys = Surveys::new(window, host.now(), kinds, tags);
    for row in &page.rows {
        surveys.take(row);
    }
    let read = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
    let (items, rejected) = surveys.finish();
    Ok(ObservationPage { items, rejected, next, read, total: page.total })
}

#[cfg(test)]
mod tests;
