//! Pages of JSON, read as a stream: no tree is built, and fields that nobody asks for cost no more than skipping them.
//!
//! A source is not trusted to send what its documentation says. Whatever stands in a row, the row is read as far as
//! it goes and never fails its page; what is wrong with the page itself is told with the place.

mod page;
mod repair;
mod row;
mod scalar;

pub use page::{Page, Pagination, Rows, read_page};
pub use scalar::Scalar;
