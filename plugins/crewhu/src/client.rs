//! Rows of the clients call.

use scoresheet_sdk::{
    Host, Level, SourceClient,
    json::{Rows, Scalar},
    paging::last_of_each_id,
    text,
};

/// A page's clients.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    read: Vec<SourceClient>,
    rows: u32,
}

impl Rows for Clients {
    fn fields(&self) -> &'static [&'static str] {
        &["id", "name", "active"]
    }

    fn take(&mut self, row: Option<&mut [Scalar<'_>]>) {
        self.rows += 1;
        let Some([id, name, active]) = row else { return };
        let Some(id) = std::mem::take(id).into_id().filter(|id| text::is_usable_id(id)) else { return };
        let name = name.as_text().filter(|name| text::is_usable_name(name)).unwrap_or(&id).to_owned();
        self.read.push(SourceClient {
            id: id.into_owned(),
            name,
            // Only a plain `false` retires a client; one too many on the list is a lesser evil than one missing.
            active: *active != Scalar::Bool(false),
            identifiers: Vec::new(),
            domains: Vec::new(),
            attributes: Vec::new(),
        });
    }
}

impl Clients {
    /// Rows so far, used or not.
    pub(crate) fn read(&self) -> u32 {
        self.rows
    }

    /// The clients, each id once: where it stood twice, the later row. Logs how many rows were of no use.
    pub(crate) fn finish(self, host: &dyn Host, page: u64) -> Vec<SourceClient> {
        let skipped = (self.rows as usize).saturating_sub(self.read.len());
        if skipped > 0 {
            let rows = self.rows;
            host.log(Level::Warn, &format!("page {page} of the clients: {skipped} of {rows} rows have no usable id"));
        }
        let ids: Vec<Option<&str>> = self.read.iter().map(|client| Some(client.id.as_str())).collect();
        let stand = last_of_each_id(&ids);
        self.read.into_iter().zip(stand).filter_map(|(client, stands)| stands.then_some(client)).collect()
    }
}

#[cfg(test)]
mod tests {
    use scoresheet_sdk::{
        ClientPage, Cursor, Failure,
        testing::{ScriptedHost, clients},
    };

    use crate::CrewHu;

    const SETTINGS: &str = r#"{"company_id": "msp-1", "page_size": 3}"#;
    const CLIENTS: &str = "api/v1/clients";

    fn read(host: &ScriptedHost, cursor: Option<&[u8]>) -> ClientPage<Cursor> {
        clients::<CrewHu>(host, SETTINGS, cursor).expect("a page")
    }

    fn shown(page: &ClientPage<Cursor>) -> Vec<(&str, &str, bool)> {
        page.items.iter().map(|client| (client.id.as_str(), client.name.as_str(), client.active)).collect()
    }

    #[test]
    fn reads_clients_however_they_are_written() {
        let body = r#"[{"id": "c-1", "name": "Acme, Inc.", "active": true}, {"id": 2, "name": " B\u0009 ", "active": false},
            {"id": "c-3", "active": null, "employees": [1, 2]}, {"id": "c-4", "name": 5, "active": "false"}]"#;
        let host = ScriptedHost::at(0).json(CLIENTS, &[], body);
        let page = read(&host, None);
        assert_eq!(
            shown(&page),
            [("c-1", "Acme, Inc.", true), ("2", " B\t ", false), ("c-3", "c-3", true), ("c-4", "c-4", true)]
        );
        assert!(page.items.iter().all(|client| client.identifiers.is_empty() && client.domains.is_empty()));
        assert!(page.next.is_empty());
        assert_eq!((page.read, page.total), (4, None));
        assert!(host.log_lines().is_empty());
        assert_eq!(host.request_lines(), ["GET api/v1/clients?company_id=msp-1&page=1&per_page=3"]);
    }

    #[test]
    fn rows_without_an_id_are_skipped_and_logged() {
        let body = r#"[{"name": "A"}, null, {"id": ""}, {"id": "c\u0000"}, {"id": {}}, {"id": "c-1"}]"#;
        let host = ScriptedHost::at(0).json(CLIENTS, &[], body);
        assert_eq!(shown(&read(&host, None)), [("c-1", "c-1", true)]);
        assert_eq!(host.log_lines(), ["warn: page 1 of the clients: 5 of 6 rows have no usable id"]);
    }

    #[test]
    fn the_later_row_of_an_id_stands() {
        let body = r#"[{"id": 1, "name": "old"}, {"id": "1", "name": "new"}, {"id": 2}]"#;
        let host = ScriptedHost::at(0).json(CLIENTS, &[], body);
        assert_eq!(shown(&read(&host, None)), [("1", "new", true), ("2", "2", true)]);
    }

    #[test]
    fn the_first_page_hands_out_the_others() {
        let envelope = |page: u64, pages: &str| {
            format!(r#"{{"data": [{{"id": {page}}}], "pagination": {{"page": {page}, "total_pages": {pages}}}}}"#)
        };
        let host = ScriptedHost::at(0)
            .json(CLIENTS, &[("page", "1")], &envelope(1, "3"))
            .json(CLIENTS, &[("page", "2")], &envelope(2, "3"))
            .json(CLIENTS, &[("page", "3")], &envelope(3, "4"));
        let first = read(&host, None);
        assert_eq!((first.next.len(), first.read), (2, 1));
        assert!(read(&host, Some(&first.next[0])).next.is_empty());
        // The source grew by a page while it was read.
        assert_eq!(read(&host, Some(&first.next[1])).next.len(), 1);

        let host = ScriptedHost::at(0).json(CLIENTS, &[], &envelope(1, "1000000000"));
        assert_eq!(read(&host, None).next.len(), 1_000);
        let host = ScriptedHost::at(0).json(CLIENTS, &[], &envelope(1, "0"));
        assert!(read(&host, None).next.is_empty());
    }

    #[test]
    fn what_is_no_page_fails() {
        for (body, expected) in [
            (r#"{"clients": []}"#, "is an object without `data`; it holds `clients`"),
            ("<html>", "is not a page of JSON but begins '<html>' (application/json)"),
            (r#"{"data": [{"id": "c-1""#, "is JSON that breaks off at byte 22"),
        ] {
            let host = ScriptedHost::at(0).json(CLIENTS, &[], body);
            let failure = clients::<CrewHu>(&host, SETTINGS, None).expect_err("no page");
            assert_eq!(failure, Failure::InvalidResponse(format!("GET api/v1/clients: the answer {expected}")));
        }
    }
}
