//! How to read a sheet, for those who talk to clients: one text for every form.

/// A part of the guide: what it is about, and what there is to know, a paragraph each.
pub(crate) struct Entry {
    /// What it is about.
    pub(crate) term: &'static str,
    /// What there is to know.
    pub(crate) text: &'static str,
}

/// The guide.
pub(crate) const GUIDE: [Entry; 11] = [
    Entry {
        term: "Scores",
        text: "Every metric is a score from 1 (poor) to 5 (good). Beside it stands the figure that it was made from, with \
               its unit, and a sentence on how. A metric without a figure has no score; it is never counted as a zero.",
    },
    Entry {
        term: "Engagement score and bands",
        text: "The engagement score is the mean of the client's scores, each counted by its weight. The band says what it \
               means: healthy, watch (keep an eye on it) or at-risk (act now). It is decided on the exact score; what \
               you see is rounded.",
    },
    Entry {
        term: "Coverage",
        text: "Coverage is the share of the weight that has a score. Where too little of it has one, there is no \
               engagement score: half a picture would look like a whole one. A metric that does not apply to a client \
               is left out of coverage altogether.",
    },
    Entry {
        term: "Outcomes",
        text: "Measured: computed from a source. Overridden: a person set another score and said why; the computed one \
               stands beside it. Manual: entered by hand. No data: too few answers, or the period was never fetched. \
               Unmapped: the source does not know which of its clients this is. Not applicable: the metric means \
               nothing for this client. Failed: the source could not be read.",
    },
    Entry {
        term: "Samples and rejected records",
        text: "Samples are the records that counted. Rejected ones were left out, by reason, so that nothing is lost \
               without a word. Where older records count for less, the sheet says how many new ones they would equal.",
    },
    Entry {
        term: "95 % interval",
        text: "With few answers a mean could easily have come out differently. The interval says between which figures \
               it would lie in 95 of 100 such cases. A wide one asks for caution; it never changes the score.",
    },
    Entry {
        term: "Trend",
        text: "Each dot is a month, the dashed line is the mean of three months, a hollow dot is a month that is not over \
               yet, and a missing month is a gap. Improving and declining mean that this period differs from the one \
               before by more than chance explains (5 % test); steady, that it does not; unclear, that there is too \
               little to tell.",
    },
    Entry {
        term: "Against its type",
        text: "A client is compared with the clients of its type, where at least five have a figure. The box is the \
               middle half of them, the line in it the median, the diamond this client, the dashed line the target. \
               Below or above means outside the middle half.",
    },
    Entry {
        term: "Stub",
        text: "Figures marked stub are made up, by a stand-in for a source that is not connected yet. Do not show them to \
               a client, nor any score that they are part of.",
    },
    Entry {
        term: "Stale",
        text: "Figures marked stale are older than they should be: the last fetch failed or is overdue. They are what was \
               known then.",
    },
    Entry {
        term: "Overrides and entered scores",
        text: "Both carry who, when and why, and an override until when. Ask that person before you argue with the score.",
    },
];
