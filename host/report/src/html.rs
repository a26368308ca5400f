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
use crate::{overview::Overview, text::Harmless};

/// One self-contained HTML file: an overview (whom to call first, what is wrong, all clients), a part for each client
/// with charts, and how to read it.
///
/// It asks for nothing outside itself and has no script. Printed on A4, a client with thirteen metrics and a year of
/// months takes two pages at most.
///
/// # Panics
/// Never: memory takes everything, and everything is UTF-8.
#[must_use]
pub fn html(sheet: &Scoresheet) -> String {
    let mut page = Vec::new();
    write_html(sheet, &mut page).expect("memory takes everything");
    String::from_utf8(page).expect("everything written is UTF-8")
}

/// Writes what [`html`] gives, a client at a time.
///
/// # Errors
/// What the writer says.
pub fn write_html(sheet: &Scoresheet, writer: &mut impl io::Write) -> io::Result<()> {
    let overview = Overview::of(sheet);
    let mut door = Harmless::new(writer);
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
    door.pass(|door| door.write_str(&part))
}
