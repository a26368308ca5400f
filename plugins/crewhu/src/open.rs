//! CrewHu's Open API (help centre, article 360002286094): a cheap probe, and surveys page by page.
//!
//! There is no filter by date and no list of clients: whatever is asked, every survey is read. Of a survey nothing but
//! its id, its times, its rating, its tags and whose it is is looked at; that a comment is there is seen, and not what
//! it says.

mod api;
mod clients;
mod cursor;
mod shape;
mod survey;
mod surveys;

use scoresheet_sdk::{Failure, Host, ObservationPage, Window};

pub(crate) use self::api::{Open, SURVEY, SurveyPage, USER};
pub(crate) use self::clients::clients;
pub(crate) use self::survey::Survey;
use self::{cursor::SurveyCursor, surveys::Surveys};
use crate::settings::TypeTags;

/// One page of surveys: those of the window, of every client or of one.
pub(crate) fn pull(
    host: &dyn Host,
    page_size: u64,
    tags: &TypeTags,
    window: Window,
    client: Option<&str>,
    page: Option<&[u8]>,
) -> Result<ObservationPage, Failure> {
    let cursor = SurveyCursor::decode(page)?;
    let page = Open::new(host).surveys(cursor.step(), page_size)?;
    let next = cursor.following(&page)?;
    let mut surveys = Surveys::new(window, host.now(), client, tags);
    for row in &page.rows {
        surveys.take(row);
    }
    let total = page.total;
    let (items, rejected) = surveys.finish();
    Ok(ObservationPage { items, rejected, next, total })
}

#[cfg(test)]
mod tests;
