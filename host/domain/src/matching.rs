//! When two company names are the same: exact, normalised, without legal form.
