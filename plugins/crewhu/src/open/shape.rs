//! Whether a page's rows are surveys at all: a field that CrewHu renamed makes every row one to be rejected, and that
//! must be loud, because the figures that are stored would go with it.

use scoresheet_sdk::json::Value;

use super::Survey;
use crate::response::Reason;

/// From so many rows on their likeness is no chance.
const ENOUGH_ROWS: usize = 10;

/// What no row has that every survey should have; none where the rows look like surveys.
pub(crate) fn problem(rows: &[Value]) -> Option<String> {
    if !rows.is_empty() && !rows.iter().any(Value::is_object) {
        return Some(format!("none of the {} rows is an object", rows.len()));
    }
    let is_given = |row: &Value, field: &str| row.get(field).is_some_and(|value| !value.is_null());
    let all: Vec<&Value> = rows.iter().collect();
    let chosen = |choose: &dyn Fn(&Value) -> bool| -> Vec<&Value> { rows.iter().filter(|row| choose(row)).collect() };
    // One that was opened and not answered has neither a rating nor a time; one of the two alone is odd in all rows.
    let rated = chosen(&|row| is_given(row, "rating"));
    let answered = chosen(&|row| is_given(row, "closed"));
    let with_customer = chosen(&|row| is_given(row, "customer_data"));
    let none = |of: &[&Value], has: &dyn Fn(&Value) -> bool| of.len() >= ENOUGH_ROWS && !of.iter().any(|row| has(row));

    let lacking = if none(&all, &|row| row.get("_id").is_some()) {
        Some((&all, "_id"))
    } else if none(&all, &|row| row.get("customer_data").is_some()) {
        Some((&all, "customer_data"))
    } else if none(&with_customer, &|row| Survey(row).client().is_some()) {
        Some((&with_customer, "customer_data with an id or a name"))
    } else if none(&all, &|row| row.get("closed").is_some() || row.get("rating").is_some()) {
        Some((&all, "closed and no rating"))
    } else if none(&rated, &|row| row.get("closed").is_some()) {
        Some((&rated, "closed"))
    } else if none(&answered, &|row| row.get("rating").is_some()) {
        Some((&answered, "rating"))
    } else {
        None
    };
    if let Some((of, field)) = lacking {
        return Some(format!(
            "none of the {} surveys has a {field}: was a field renamed? what is stored stands",
            of.len()
        ));
    }
    let is_on_the_scale = |row: &Value| Survey(row).score() != Err(Reason::ScoreOutOfRange);
    none(&rated, &is_on_the_scale).then(|| {
        let rated = rated.len();
        format!("none of the {rated} ratings is 5, 0 or -5: has CrewHu another scale? what is stored stands")
    })
}
