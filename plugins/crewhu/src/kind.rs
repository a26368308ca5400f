//! Kinds of observation.

scoresheet_sdk::kinds! {
    /// What a response is about.
    pub enum Kind {
        /// The service as a whole.
        Overall = "overall",
        /// How a problem was solved.
        Resolution = "resolution",
        /// How people talked to the customer.
        Communication = "communication",
        /// How quickly it went.
        Timeliness = "timeliness",
        /// The service as a whole, in a survey of the Open API without comment or tag: a mail scanner's may look like it.
        OverallBare = "overall-bare",
    }
}

/// The CSAT types, as the API and the settings name them. A survey that is [`Kind::OverallBare`] is of the type overall.
pub(crate) const TYPES: [(&str, Kind); 4] = [
    ("overall", Kind::Overall),
    ("resolution", Kind::Resolution),
    ("communication", Kind::Communication),
    ("timeliness", Kind::Timeliness),
];
