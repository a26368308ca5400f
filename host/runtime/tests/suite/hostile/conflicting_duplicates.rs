//! Two records of one id that say different things.

use super::Case;
use crate::common::image::{self, Ticket};

pub(super) fn cases() -> Vec<Case> {
    vec![Case::pull("items[1].id is 't1': another record of this page has the same id and other content", |guest| {
        let tickets = [Ticket::USUAL, Ticket { value: 3.0, ..Ticket::USUAL }];
        format!("i32.const {}", image::page_of(&mut guest.image, &tickets))
    })]
}
