//! What the simulator serves: clients, answers, and the truth about both. Pure: no I/O, no clock.

mod cast;
mod dirt;
mod expected;
mod generate;
mod names;
mod random;
mod roster;
mod row;
mod selection;
mod survey;
mod world;

pub use dirt::PERSONAL_DATA_MARK;
pub use expected::Expected;
pub use roster::{RosterClient, Tie};
pub use row::{Meaning, Reason, ResponseType, Row};
pub use survey::{ExpectedSurveys, Survey, SurveyMeaning};
pub use world::{SimClient, World, WorldOptions};
