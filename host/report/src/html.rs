//! A sheet as one self-contained page.
//!
//! The page is written in parts, a client at a time, so that a sheet of ten thousand clients needs no more memory than
//! one of ten. The templates are in `templates/`; askama escapes what they show, and [`Harmless`] stands behind them.

mod axis;
mod chart;
mod client;
mod page;
mod plot;

use std::{fmt::Write as _, io};

use askama::Template as _;
use scoresheet_domain::sheet::Scoresheet;

use self::{
    client::ClientPart,
    page::{Head, Tail},
};
use crate::{Options, ReportError, overview::Overview, text::Harmless};

/// Writes one self-contained HTML file: an overview (call list, problems, all clients), a section for each client with
/// charts, and how to read it.
///
/// It loads nothing and has no script. Printed on A4, a client with thirteen metrics and a year of months takes at most
/// two pages.
pub(crate) fn write(sheet: &Scoresheet, _: &Options, out: &mut dyn io::Write) -> Result<(), ReportError> {
    let overview = Overview::of(sheet);
    let mut door = Harmless::new(out);
    let mut part = String::new();
    Head::of(sheet, &overview).render_into(&mut part).map_err(io::Error::other)?;
    door.pass(|door| door.write_str(&part))?;
    for (at, client) in sheet.clients.iter().enumerate() {
        part.clear();
        ClientPart::of(client, at).render_into(&mut part).map_err(io::Error::other)?;
        door.pass(|door| door.write_str(&part))?;
    }
    part.clear();
    Tail::of(sheet).render_into(&mut part).map_err(io::Error::other)?;
    Ok(door.pass(|door| door.write_str(&part))?)
}
