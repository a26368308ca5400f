//! Whether a page's rows are answers at all: a field that CrewHu renamed makes every row one to be rejected, and that must
//! be loud, because the figures that are stored would go with it.

use scoresheet_sdk::json::Scalar;

/// From so many rows on their likeness is no chance.
const ENOUGH_ROWS: u64 = 10;

/// Counts what rows lack.
#[derive(Debug, Default)]
pub(super) struct Shape {
    rows: u64,
    no_objects: u64,
    without_id: u64,
    without_client: u64,
    without_time: u64,
    /// Rows that are not marked as begun only: those have no score yet.
    finished: u64,
    finished_without_score: u64,
}

impl Shape {
    /// Counts a row that is no object.
    pub(super) fn see_no_object(&mut self) {
        self.rows += 1;
        self.no_objects += 1;
    }

    /// Counts a row by the fields that are not there; one that is null is there.
    pub(super) fn see(
        &mut self,
        id: &Scalar<'_>,
        (client_id, client_name): (&Scalar<'_>, &Scalar<'_>),
        score: &Scalar<'_>,
        responded_at: &Scalar<'_>,
        status: &Scalar<'_>,
    ) {
        let absent = |field: &Scalar<'_>| u64::from(matches!(field, Scalar::Absent));
        self.rows += 1;
        self.without_id += absent(id);
        self.without_client += absent(client_id) & absent(client_name);
        self.without_time += absent(responded_at);
        let finished = u64::from(status.as_text() != Some("incomplete"));
        self.finished += finished;
        self.finished_without_score += finished & absent(score);
    }

    /// What no row has that every answer should have; none where the rows look like answers.
    pub(super) fn problem(&self) -> Option<String> {
        if self.rows > 0 && self.no_objects == self.rows {
            return Some(format!("none of the {} rows is an object", self.rows));
        }
        let lacking = [
            ("id", self.without_id, self.rows),
            ("client_id and no client_name", self.without_client, self.rows),
            ("responded_at", self.without_time, self.rows),
            ("score", self.finished_without_score, self.finished),
        ];
        let (field, _, of) = lacking.into_iter().find(|(_, without, of)| *of >= ENOUGH_ROWS && without == of)?;
        Some(format!("none of the {of} answers has a {field}: was a field renamed? what is stored stands"))
    }
}
