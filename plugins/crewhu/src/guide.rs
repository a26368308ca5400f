//! The API of CrewHu's integration guide: three calls, two of which return pages.

use scoresheet_sdk::{
    ClientPage, Failure, Host, ObservationPage, Window, fetch,
    json::{Page, Rows, read_page},
    time,
};

use crate::{Cursor, Kind, client::Clients, response::Responses};

/// Where the responses are.
pub(crate) const SCORES: &str = "api/v1/csat/scores";

/// Where the API says whether it is there.
pub(crate) const HEALTH: &str = "api/v1/health";

/// A page of clients.
pub(crate) fn clients(
    host: &dyn Host,
    company_id: &str,
    page_size: u64,
    page: Option<Cursor>,
) -> Result<ClientPage<Cursor>, Failure> {
    let cursor = page.unwrap_or_default();
    let page = Guide::new(host, company_id).clients(cursor.page(), page_size, Clients::default)?;
    let next = cursor.following(page.pagination.pages(), None);
    let read = page.rows.read();
    Ok(ClientPage { items: page.rows.finish(host, cursor.page()), next, read, total: page.pagination.total })
}

/// A page of the window's responses.
pub(crate) fn pull(
    host: &dyn Host,
    company_id: &str,
    page_size: u64,
    kinds: &[Kind],
    window: Window,
    page: Option<Cursor>,
) -> Result<ObservationPage<Cursor>, Failure> {
    let cursor = page.unwrap_or_default();
    let room = usize::try_from(page_size).unwrap_or(0);
    let start = || Responses::new(window, host.now(), kinds, room);
    let page = Guide::new(host, company_id).scores(window, cursor.page(), page_size, start)?;
    if let Some(problem) = page.rows.problem() {
        return Err(Failure::InvalidResponse(format!("GET {SCORES}, page {}: {problem}", cursor.page())));
    }
    let next = cursor.following(page.pagination.pages(), None);
    let read = page.rows.read();
    let (items, rejected) = page.rows.finish();
    Ok(ObservationPage { items, rejected, next, read, total: page.pagination.total })
}

/// The API, for one company.
#[derive(Clone, Copy)]
pub(crate) struct Guide<'a> {
    host: &'a dyn Host,
    company_id: &'a str,
}

impl<'a> Guide<'a> {
    pub(crate) fn new(host: &'a dyn Host, company_id: &'a str) -> Self {
        Self { host, company_id }
    }

    /// Whether the API is there and takes the key; gives the answer's status.
    pub(crate) fn health(&self) -> Result<u16, Failure> {
        fetch::fetch(self.host, &fetch::get(HEALTH, &[])).map(|response| response.status)
    }

    /// A page of clients; pages count from 1.
    pub(crate) fn clients<R: Rows>(
        &self,
        page: u64,
        page_size: u64,
        start: impl Fn() -> R,
    ) -> Result<Page<R>, Failure> {
        self.page("api/v1/clients", &[], page, page_size, start)
    }

    /// A page of the responses that were given in `window`; pages count from 1.
    pub(crate) fn scores<R: Rows>(
        &self,
        window: Window,
        page: u64,
        page_size: u64,
        start: impl Fn() -> R,
    ) -> Result<Page<R>, Failure> {
        let (from, to) = (time::format(window.start), time::format(window.end));
        self.page(SCORES, &[("from", &from), ("to", &to)], page, page_size, start)
    }

    fn page<R: Rows>(
        &self,
        path: &str,
        filter: &[(&str, &str)],
        page: u64,
        page_size: u64,
        start: impl Fn() -> R,
    ) -> Result<Page<R>, Failure> {
        let (page_text, size_text) = (page.to_string(), page_size.to_string());
        let mut query = vec![("company_id", self.company_id)];
        query.extend(filter);
        query.extend([("page", page_text.as_str()), ("per_page", size_text.as_str())]);

        let request = fetch::get(path, &query);
        let response = fetch::fetch(self.host, &request)?;
        let read = read_page(&request, &response, start)?;
        match read.pagination.page {
            Some(got) if got != page => {
                Err(Failure::InvalidResponse(format!("GET {path}: asked for page {page}, got page {got}")))
            }
            _ => Ok(read),
        }
    }
}
