//! What stands before the clients' parts, and after them.

use std::{collections::BTreeMap, fmt::Write as _};

use askama::Template;
use scoresheet_domain::{
    Problem, ProblemKind, ProviderName, Remedy,
    review::ReviewEntry,
    sheet::{ClientRow, MetricCell, OutcomeKind, Scoresheet},
};

use crate::{
    figures::{self, time},
    guide::{Entry, GUIDE},
    overview::{Column, Overview, has_stub},
    palette::PALETTE,
    words,
};

/// With more metrics than this, paper shows the clients without them: each client's part has them.
const METRICS_ON_PAPER: usize = 16;

/// With more metrics than this, their names are turned, so that the columns are narrow.
const METRICS_UPRIGHT: usize = 5;
const METRICS_TURNED: usize = METRICS_UPRIGHT + 1;

/// So many reasons of a client are seen at once.
const REASONS: usize = 4;

const STYLE: &str = include_str!("../../templates/style.css");

/// The page's head, the review lists, the problems and the table of all clients.
#[derive(Template)]
#[template(path = "head.html", whitespace = "minimize")]
pub(super) struct Head<'a> {
    sheet: &'a Scoresheet,
    style: String,
    as_of: String,
    counts: String,
    warning: &'static str,
    lists: [List<'a>; 2],
    problems: Vec<Problems<'a>>,
    columns: &'a [Column<'a>],
    /// How the table of all clients is laid out: `few`, `many` or `wide`.
    size: &'static str,
    rows: Vec<Row<'a>>,
    marks: Vec<(&'static str, &'static str)>,
}

struct List<'a> {
    title: &'static str,
    nobody: &'static str,
    entries: Vec<Listed<'a>>,
}

struct Listed<'a> {
    entry: &'a ReviewEntry,
    reasons: &'a [String],
    more: &'a [String],
    place: Option<usize>,
    stub: bool,
}

/// The problems of one kind and provider.
struct Problems<'a> {
    kind: ProblemKind,
    provider: Option<&'a ProviderName>,
    problems: Vec<ProblemView<'a>>,
    /// What to do about all of them, where that is the same.
    shared_remedy: Option<&'a Remedy>,
}

struct ProblemView<'a> {
    problem: &'a Problem,
    client: Option<(&'a str, Option<usize>)>,
}

struct Row<'a> {
    client: &'a ClientRow,
    stub: bool,
    cells: Vec<Option<&'a MetricCell>>,
}

impl<'a> Head<'a> {
    /// The head of a sheet's page.
    pub(super) fn of(sheet: &'a Scoresheet, overview: &'a Overview<'a>) -> Self {
        let listed = |entry: &'a ReviewEntry| {
            let (reasons, more) = entry.reasons.split_at(entry.reasons.len().min(REASONS));
            let stub = overview.client(&entry.client).is_some_and(has_stub);
            Listed { entry, reasons, more, place: overview.place(&entry.client), stub }
        };
        let row = |client| Row { client, stub: has_stub(client), cells: overview.cells(client) };
        Self {
            sheet,
            style: style(),
            as_of: time(sheet.as_of),
            counts: overview.counts(),
            warning: words::STUB_WARNING,
            lists: [
                List {
                    title: "Call first",
                    nobody: "Nothing on this sheet asks for a call.",
                    entries: sheet.review.call_first.iter().map(listed).collect(),
                },
                List {
                    title: "Doing well",
                    nobody: "Nobody is healthy without anything to mend.",
                    entries: sheet.review.doing_well.iter().map(listed).collect(),
                },
            ],
            problems: problems(sheet, overview),
            columns: &overview.columns,
            size: match overview.columns.len() {
                0..=METRICS_UPRIGHT => "few",
                METRICS_TURNED..=METRICS_ON_PAPER => "many",
                _ => "wide",
            },
            rows: sheet.clients.iter().map(row).collect(),
            marks: marks(sheet),
        }
    }
}

fn problems<'a>(sheet: &'a Scoresheet, overview: &Overview<'a>) -> Vec<Problems<'a>> {
    let mut groups: BTreeMap<(ProblemKind, Option<&ProviderName>), Vec<&Problem>> = BTreeMap::new();
    for problem in &sheet.problems {
        groups.entry((problem.kind, problem.provider.as_ref())).or_default().push(problem);
    }
    let view = |problem: &'a Problem| ProblemView {
        problem,
        client: problem.client.as_ref().map(|id| {
            let name = overview.client(id).map_or(id.as_str(), |client| client.name.as_str());
            (name, overview.place(id))
        }),
    };
    groups
        .into_iter()
        .map(|((kind, provider), problems)| {
            let first = &problems[0].remedy;
            let shared = problems.len() > 1 && problems.iter().all(|it| it.remedy == *first);
            Problems {
                kind,
                provider,
                shared_remedy: shared.then_some(first),
                problems: problems.into_iter().map(view).collect(),
            }
        })
        .collect()
}

/// What the signs in the table of all clients mean, of those that stand there.
fn marks(sheet: &Scoresheet) -> Vec<(&'static str, &'static str)> {
    let cells = || sheet.clients.iter().flat_map(|client| &client.metrics);
    let mut marks = Vec::new();
    for kind in [OutcomeKind::NoData, OutcomeKind::Unmapped, OutcomeKind::NotApplicable, OutcomeKind::Failed] {
        if cells().any(|cell| cell.score.is_none() && cell.outcome == kind) {
            marks.push((words::sign(kind), words::outcome(kind)));
        }
    }
    if cells().any(|cell| cell.overridden.is_some()) {
        marks.push(("†", "set by a person over the computed score"));
    }
    if cells().any(|cell| cell.stale) {
        marks.push(("*", "stale: older than it should be"));
    }
    marks
}

/// The style sheet, with the palette's colours as its variables.
fn style() -> String {
    let (mut light, mut dark) = (String::new(), String::new());
    for colour in &PALETTE {
        for (variables, value) in [(&mut light, colour.light), (&mut dark, colour.dark)] {
            write!(variables, "--{}:{value};", colour.name).expect("memory takes every variable");
        }
    }
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{STYLE}"
    )
}

/// How to read the sheet, and where it comes from.
#[derive(Template)]
#[template(path = "tail.html", whitespace = "minimize")]
pub(super) struct Tail<'a> {
    sheet: &'a Scoresheet,
    guide: &'static [Entry],
}

impl<'a> Tail<'a> {
    /// The end of a sheet's page.
    pub(super) const fn of(sheet: &'a Scoresheet) -> Self {
        Self { sheet, guide: &GUIDE }
    }
}
