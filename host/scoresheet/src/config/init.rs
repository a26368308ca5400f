//! The `scoresheet.toml` that `scoresheet init` writes.

/// A commented configuration that works as soon as `CREWHU_API_KEY` and `CREWHU_COMPANY_ID` are set.
#[must_use]
pub fn init_template() -> &'static str {
    include_str!("init.toml")
}
