//! The 30 worlds of the golden corpus, one row each.

use scoresheet_simulator::Envelope;

/// The API dialect of the simulated CrewHu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// The dialect of the integration guide.
    Guide,
    /// The Open API, with its surveys in this envelope.
    Open(Envelope),
}

/// Where the roster comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Roster {
    /// No roster: the source's own clients stand in.
    None,
    /// `[clients] file`.
    File,
    /// `clients import`.
    Imported,
}

/// The `[sheet]` and `[sync]` sections of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Defaults only.
    Plain,
    /// A lookback of 90 days, other bands, a low minimum coverage.
    Quarter,
    /// A lookback of 14 days, 6 trend months, 2 responses for a direction.
    Short,
    /// No trends.
    NoTrends,
    /// A low minimum coverage, 18 trend months and 3 responses for a direction.
    Long,
    /// A full minimum coverage, a backfill of 60 days and an overlap of 20.
    Strict,
}

/// What a world has besides CrewHu and one metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    /// The three ConnectWise stubs: events (tickets, time) and states (agreements).
    Stubs,
    /// A second CrewHu metric, of one response type over 90 days.
    Second,
    /// Overrides: current, later, superseded, ended, cleared.
    Overrides,
    /// Manual metrics with current, old and cleared scores, one for legal clients only.
    Manual,
    /// A roster client and source clients that have no counterpart.
    Unmapped,
    /// Two source clients of one name, and two roster clients of one name.
    Ambiguous,
    /// `mapping set`, `mapping reject` and `mapping clear`.
    Decisions,
    /// `[[groups]]`.
    Groups,
    /// Targets by client type, of the sheet and of a metric.
    Targets,
    /// At least five clients of one type.
    Benchmarks,
    /// `[retention]`, and a third morning on which a sync prunes more.
    Retention,
    /// `[[alerts]]` of every kind and a webhook.
    Alerts,
    /// Pages of 20 records.
    Pages,
    /// Before the second morning the source edits, deletes, renames and adds.
    Changed,
    /// On the second morning the source refuses the key.
    Unauthorized,
    /// On the second morning the source has renamed a field.
    RenamedField,
    /// On the second morning the source lists nothing.
    EmptySource,
    /// The first sync breaks off at the second page; the second sync resumes it. Not for the Open API, whose list of
    /// clients breaks off too, so that what was stored depends on timing.
    BrokenPage,
    /// `clients erase`, `clients restore` and full syncs after them.
    Erasure,
}

/// Seed, clients, days of answers, answers a client and 30 days, dirty share, dialect, roster, head, settings of the
/// metric, extras.
pub(crate) type Row = (u64, usize, u32, f64, f64, Api, Roster, Head, &'static str, &'static [Extra]);

use Api::{Guide, Open};
use Envelope::{BareArray, DataAndTotal, Items, SurveysAndHasMore};
use Extra::*;
use Head::{Long, NoTrends, Plain, Quarter, Short, Strict};

/// Every world; its number is its position, from 1.
#[rustfmt::skip]
pub(crate) const WORLDS: [Row; 30] = [
    (101, 6, 120, 6.0, 0.0, Guide, Roster::None, Plain, "", &[]),
    (102, 6, 120, 6.0, 0.3, Guide, Roster::None, Plain, "", &[Pages]),
    (103, 8, 120, 6.0, 0.3, Guide, Roster::File, Plain, "", &[Stubs, Unmapped]),
    (104, 5, 120, 8.0, 0.1, Guide, Roster::Imported, Quarter, "", &[BrokenPage, Manual, Overrides]),
    (105, 6, 120, 6.0, 0.0, Open(BareArray), Roster::None, Plain, "", &[]),
    (106, 6, 120, 6.0, 0.3, Open(Items), Roster::File, Plain, "", &[Second, Unmapped]),
    (107, 8, 120, 7.0, 0.1, Guide, Roster::File, Plain, "", &[Benchmarks, Targets, Groups, Manual]),
    (108, 5, 120, 6.0, 0.2, Guide, Roster::File, Short, "", &[Ambiguous, Decisions]),
    (109, 5, 400, 6.0, 0.1, Guide, Roster::None, Long, "", &[Retention]),
    (110, 4, 400, 6.0, 0.2, Open(DataAndTotal), Roster::File, Long, "", &[Retention, Pages]),
    (111, 6, 120, 6.0, 0.0, Guide, Roster::None, Plain, "", &[Alerts, Unauthorized]),
    (112, 5, 120, 6.0, 0.1, Guide, Roster::File, Plain, "", &[Alerts, Stubs, Changed]),
    (113, 5, 120, 6.0, 0.1, Guide, Roster::Imported, Plain, "", &[BrokenPage, Erasure, Overrides, Manual]),
    (114, 6, 120, 6.0, 0.2, Guide, Roster::None, Plain, "", &[BrokenPage]),
    (115, 6, 120, 6.0, 0.0, Guide, Roster::None, NoTrends, "", &[RenamedField]),
    (116, 5, 120, 6.0, 0.0, Guide, Roster::File, Strict, "", &[EmptySource, Overrides, Groups, Manual]),
    (117, 6, 120, 9.0, 0.1, Guide, Roster::File, Quarter, "min_responses = 12", &[Second, Stubs, Overrides]),
    (118, 5, 120, 9.0, 0.0, Guide, Roster::None, Plain, "half_life_days = 14", &[Second]),
    (119, 6, 120, 6.0, 0.2, Open(SurveysAndHasMore), Roster::Imported, Short, "half_life_days = 30", &[Alerts, Changed]),
    (120, 8, 120, 6.0, 0.2, Open(BareArray), Roster::File, Plain, "", &[Benchmarks, Targets, Stubs, Ambiguous]),
    (121, 4, 120, 6.0, 0.3, Open(Items), Roster::None, NoTrends, "drop_suspected_bots = false", &[Pages, Unauthorized]),
    (122, 7, 120, 6.0, 0.2, Guide, Roster::File, Plain, "types = [\"overall\", \"timeliness\"]", &[Unmapped, Ambiguous, Decisions, Stubs]),
    (123, 8, 120, 6.0, 0.1, Guide, Roster::Imported, Long, "", &[Benchmarks, Groups, Second, Targets, Overrides]),
    (124, 4, 300, 5.0, 0.1, Guide, Roster::File, Short, "", &[Retention, Erasure, Stubs]),
    (125, 5, 120, 6.0, 0.1, Guide, Roster::File, Plain, "", &[Changed, Unmapped, Decisions, Manual]),
    (126, 5, 120, 6.0, 0.1, Open(DataAndTotal), Roster::File, Strict, "min_responses = 3", &[Erasure, Manual, Groups]),
    (127, 5, 120, 6.0, 0.2, Open(Items), Roster::File, Plain, "", &[Unmapped, Decisions, Second]),
    (128, 5, 120, 6.0, 0.0, Guide, Roster::None, Quarter, "", &[Alerts, EmptySource, Overrides]),
    (129, 4, 120, 6.0, 0.4, Guide, Roster::File, Plain, "", &[Alerts, Manual, RenamedField, Stubs, Targets]),
    (130, 8, 400, 4.0, 0.2, Guide, Roster::File, Long, "", &[
        Alerts, Ambiguous, Benchmarks, Changed, Decisions, Groups, Manual, Overrides, Pages, Second, Stubs, Targets, Unmapped,
    ]),
];
