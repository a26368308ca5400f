//! Pages of JSON, read as a stream: no tree is built, and fields that nobody asks for cost no more than skipping them.
//! Answers whose rows hold objects and lists of their own are read as a tree instead ([`read_document`]).
//!
//! A source is not trusted to send what its documentation says. Whatever stands in a row, the row is read as far as
//! it goes and never fails its page; what is wrong with the page itself is told with the place.

/// A scalar where a list or an object was looked for: passed over, and told as `false`.
macro_rules! scalars_are_not_it {
    () => {
        scalars_are_not_it!(visit_bool(bool), visit_u64(u64), visit_i64(i64), visit_f64(f64), visit_str(&str));
    };
    ($($visit:ident($value:ty)),+) => {
        fn visit_unit<E>(self) -> Result<bool, E> {
            Ok(false)
        }
        $(
            fn $visit<E>(self, _: $value) -> Result<bool, E> {
                Ok(false)
            }
        )+
    };
}

mod document;
mod page;
mod repair;
mod row;
mod scalar;

pub use document::read_document;
pub(crate) use document::tree;
pub use page::{Page, Pagination, Rows, read_page};
pub use scalar::Scalar;
pub use serde_json::Value;
