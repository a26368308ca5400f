//! A kind of observation that it does not declare or that was not asked for, an empty id, a name that nobody sees.

use super::Case;
use crate::common::image::{self, Ticket};

pub(super) fn cases() -> Vec<Case> {
    [
        (Ticket { kind: 2, ..Ticket::USUAL }, "items[0].kind is 2: the description has 2 kinds, counted from 0"),
        (Ticket { kind: 1, ..Ticket::USUAL }, "items[0].kind is 1: only these were asked for: 0"),
        (Ticket { id: "", ..Ticket::USUAL }, "items[0].id is '': a record's id must not be empty"),
        (Ticket { id: "a\x1b[2J\nb", ..Ticket::USUAL }, "items[0].id is 'a b': it must not hold control characters"),
        (Ticket { client: "\u{202e}", by_name: true, ..Ticket::USUAL }, "items[0].client.name is empty"),
        (Ticket { client: "../../etc/\0passwd", ..Ticket::USUAL }, "items[0].client.id is '../../etc/passwd'"),
    ]
    .into_iter()
    .map(|(ticket, says)| {
        Case::pull(says, |guest| format!("i32.const {}", image::page_of(&mut guest.image, &[ticket])))
    })
    .collect()
}
