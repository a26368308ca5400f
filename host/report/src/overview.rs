//! The sheet as a whole: its columns, its counts, and where each client is.

use std::collections::HashMap;

use scoresheet_domain::{
    ClientId, MetricId,
    sheet::{Band, ClientRow, MetricCell, Scoresheet},
};

use crate::figures::counted;

/// A metric of the sheet.
pub(crate) struct Column<'a> {
    /// Its id.
    pub(crate) id: &'a MetricId,
    /// Its name.
    pub(crate) name: &'a str,
    /// Whether any of its figures is made up.
    pub(crate) stub: bool,
}

/// The sheet as a whole.
pub(crate) struct Overview<'a> {
    /// Every metric that a client has, in the sheet's order.
    pub(crate) columns: Vec<Column<'a>>,
    places: HashMap<&'a ClientId, usize>,
    clients: &'a [ClientRow],
}

impl<'a> Overview<'a> {
    /// Of a sheet.
    pub(crate) fn of(sheet: &'a Scoresheet) -> Self {
        let mut columns: Vec<Column<'a>> = Vec::new();
        let mut known: HashMap<&MetricId, usize> = HashMap::new();
        for cell in sheet.clients.iter().flat_map(|client| &client.metrics) {
            let at = *known.entry(&cell.id).or_insert_with(|| {
                columns.push(Column { id: &cell.id, name: &cell.name, stub: false });
                columns.len() - 1
            });
            columns[at].stub |= cell.stub;
        }
        let places = sheet.clients.iter().enumerate().map(|(at, client)| (&client.id, at)).collect();
        Self { columns, places, clients: &sheet.clients }
    }

    /// The client's metrics, a place for each column.
    pub(crate) fn cells<'b>(&self, client: &'b ClientRow) -> Vec<Option<&'b MetricCell>> {
        // Nearly always a client has every metric, in the sheet's order.
        self.columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let there = client.metrics.get(at).filter(|cell| cell.id == *column.id);
                there.or_else(|| client.metrics.iter().find(|cell| cell.id == *column.id))
            })
            .collect()
    }

    /// Where a client stands on the sheet, if it does.
    pub(crate) fn place(&self, id: &ClientId) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// A client of the sheet.
    pub(crate) fn client(&self, id: &ClientId) -> Option<&'a ClientRow> {
        self.place(id).map(|at| &self.clients[at])
    }

    /// How many clients there are, and in which bands: `6 clients: 2 healthy, 1 watch, 1 at-risk, 2 without a score`.
    pub(crate) fn counts(&self) -> String {
        let of = |band: Option<Band>| self.clients.iter().filter(|client| client.engagement.band == band).count();
        let bands = [
            (of(Some(Band::Healthy)), Band::Healthy.as_str()),
            (of(Some(Band::Watch)), Band::Watch.as_str()),
            (of(Some(Band::AtRisk)), Band::AtRisk.as_str()),
            (of(None), "without a score"),
        ];
        let told: Vec<String> =
            bands.iter().filter(|(count, _)| *count > 0).map(|(count, band)| format!("{count} {band}")).collect();
        let clients = counted(self.clients.len(), "client");
        if told.is_empty() { clients } else { format!("{clients}: {}", told.join(", ")) }
    }
}

/// Whether a made-up figure is part of the client's engagement score; false where there is none.
pub(crate) fn has_stub(client: &ClientRow) -> bool {
    client.engagement.score.is_some() && client.metrics.iter().any(|cell| cell.stub && cell.score.is_some())
}
