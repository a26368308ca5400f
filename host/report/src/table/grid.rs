//! The grid: a row a client, a column a metric, laid out for the width there is.
//!
//! Whole words are tried first, in ever narrower columns; then abbreviations, which a key beneath
//! the table explains; and where even those are too wide together, the columns go into several
//! blocks, one below the other.

use comfy_table::{Cell, CellAlignment, LineStyle, Row, Table, TableStyle};
use scoresheet_domain::{
    sheet::{ClientRow, Scoresheet},
    shown::acts,
};

use super::{
    paint::Tint,
    text::{clean, truncate, width, wrap},
};
use crate::Options;

mod cells;
mod short;

pub(super) use cells::{Marks, coverage};

/// One way to lay the grid out.
#[derive(Clone, Copy)]
struct Layout {
    /// Whether metrics are abbreviated and outcomes are signs.
    short: bool,
    /// Whether a column for the clients' ids stands first.
    ids: bool,
    /// Columns are made so wide where that saves lines in the header.
    header_width: usize,
    /// Clients' names are cut to this.
    name_width: usize,
    /// Spaces between columns.
    gap: u16,
}

/// From what one would like to what one can bear.
const LAYOUTS: [Layout; 9] = [
    Layout { short: false, ids: true, header_width: 16, name_width: 40, gap: 2 },
    Layout { short: false, ids: false, header_width: 16, name_width: 40, gap: 2 },
    Layout { short: false, ids: false, header_width: 12, name_width: 32, gap: 2 },
    Layout { short: false, ids: false, header_width: 0, name_width: 24, gap: 2 },
    Layout { short: false, ids: false, header_width: 0, name_width: 16, gap: 1 },
    Layout { short: true, ids: false, header_width: 0, name_width: 32, gap: 2 },
    Layout { short: true, ids: false, header_width: 0, name_width: 20, gap: 1 },
    Layout { short: true, ids: false, header_width: 0, name_width: 14, gap: 1 },
    Layout { short: true, ids: false, header_width: 0, name_width: 10, gap: 1 },
];

/// How the client's own columns are abbreviated, and what that stands for.
const SHORT_ENGAGEMENT: [(&str, &str); 2] = [("Eng", "engagement score"), ("Cov", "coverage")];

/// The grid and what a reader needs to understand it.
pub(super) struct Grid {
    pub(super) text: String,
    /// The signs that were used, each with its meaning.
    pub(super) marks: Marks,
    /// The abbreviations that were used, each with the metric's name.
    pub(super) key: Vec<(String, String)>,
}

/// A column: its header in lines, and a cell a client.
struct Column {
    header: Vec<String>,
    cells: Vec<String>,
    right: bool,
}

impl Column {
    fn width(&self) -> usize {
        self.header.iter().chain(&self.cells).map(|text| width(text)).max().unwrap_or(0)
    }
}

/// Lays the sheet out; it must have a client.
pub(super) fn grid(sheet: &Scoresheet, options: &Options) -> Grid {
    let names = metric_names(sheet);
    let abbreviations = short::abbreviate(&names);
    let limit = options.width.map_or(usize::MAX, usize::from);
    let mut chosen = None;
    for layout in LAYOUTS {
        let columns = columns(sheet, &names, &abbreviations, layout);
        let fits = total_width(columns.0.iter().chain(&columns.1), layout.gap) <= limit;
        chosen = Some((layout, columns));
        if fits {
            break;
        }
    }
    let Some((layout, (client, metrics))) = chosen else {
        return Grid { text: String::new(), marks: Marks::default(), key: Vec::new() };
    };
    let blocks: Vec<String> =
        blocks(client, metrics, layout.gap, limit).iter().map(|block| draw(block, layout.gap)).collect();
    let key = if layout.short {
        let own = SHORT_ENGAGEMENT.map(|(short, long)| (short.to_owned(), long.to_owned()));
        own.into_iter().chain(abbreviations.into_iter().zip(names)).collect()
    } else {
        Vec::new()
    };
    Grid { text: blocks.join("\n"), marks: cells::marks(sheet, layout.short), key }
}

/// The metrics' names, cleaned. Every client has the same metrics.
fn metric_names(sheet: &Scoresheet) -> Vec<String> {
    let metrics = sheet.clients.first().map_or(&[][..], |client| client.metrics.as_slice());
    metrics.iter().map(|metric| clean(&metric.name).into_owned()).collect()
}

/// The columns that say which client it is and how it does, and those of the metrics.
fn columns(
    sheet: &Scoresheet,
    names: &[String],
    abbreviations: &[String],
    layout: Layout,
) -> (Vec<Column>, Vec<Column>) {
    let column = |header: &[&str], right: bool, cell: &dyn Fn(&ClientRow) -> String| Column {
        header: header.iter().map(|line| (*line).to_owned()).collect(),
        cells: sheet.clients.iter().map(cell).collect(),
        right,
    };
    let mut fixed =
        vec![column(&["Client"], false, &|client| truncate(&clean(&client.name), layout.name_width).into_owned())];
    if layout.ids {
        fixed.insert(0, column(&["Id"], false, &|client| truncate(&clean(client.id.as_str()), 24).into_owned()));
    }
    let [score, coverage] = if layout.short { SHORT_ENGAGEMENT.map(|(short, _)| short) } else { ["Score", "Coverage"] };
    fixed.push(column(&[score], true, &|client| cells::engagement(client.engagement)));
    fixed.push(column(&["Band"], false, &|client| cells::band(client.engagement)));
    fixed.push(column(&[coverage], true, &|client| cells::coverage(client.engagement.coverage)));

    let metric = |(index, name): (usize, &String)| {
        let of = |client: &ClientRow| client.metrics.get(index).map(|cell| cells::cell(cell, layout.short));
        let cells: Vec<String> = sheet.clients.iter().map(|client| of(client).unwrap_or_default()).collect();
        let mut header = if layout.short {
            vec![abbreviations.get(index).cloned().unwrap_or_default()]
        } else {
            let widest = cells.iter().map(|cell| width(cell)).max().unwrap_or(0);
            header_lines(name, layout.header_width.max(widest))
        };
        if sheet.clients.iter().any(|client| client.metrics.get(index).is_some_and(|cell| cell.stub)) {
            header.push(Tint::Warning.on("(stub)"));
        }
        Column { header, cells, right: true }
    };
    (fixed, names.iter().enumerate().map(metric).collect())
}

/// A name in lines: so wide, or as wide as its longest word.
fn header_lines(name: &str, at_least: usize) -> Vec<String> {
    const LONGEST_WORD: usize = 20;
    let words: Vec<String> = name.split_whitespace().map(|word| truncate(word, LONGEST_WORD).into_owned()).collect();
    let longest = words.iter().map(|word| width(word)).max().unwrap_or(0);
    wrap(&words.join(" "), at_least.max(longest))
}

fn total_width<'c>(columns: impl Iterator<Item = &'c Column>, gap: u16) -> usize {
    let widths: Vec<usize> = columns.map(Column::width).collect();
    widths.iter().sum::<usize>() + usize::from(gap) * widths.len().saturating_sub(1)
}

/// The columns in as many blocks as the width needs, each with the clients' names in front.
fn blocks(fixed: Vec<Column>, metrics: Vec<Column>, gap: u16, limit: usize) -> Vec<Vec<Column>> {
    let name = fixed.iter().find(|column| !column.right).map(|column| (column.header.clone(), column.cells.clone()));
    let mut blocks = vec![fixed];
    for metric in metrics {
        let mut block = blocks.pop().unwrap_or_default();
        let is_begun = block.iter().filter(|column| column.right).count() > 0;
        if is_begun && total_width(block.iter().chain([&metric]), gap) > limit {
            blocks.push(block);
            block = Vec::new();
            if let Some((header, cells)) = &name {
                block.push(Column { header: header.clone(), cells: cells.clone(), right: false });
            }
        }
        block.push(metric);
        blocks.push(block);
    }
    blocks
}

fn draw(columns: &[Column], gap: u16) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    let height = columns.iter().map(|column| column.header.len()).max().unwrap_or(0);
    let header = columns.iter().map(|column| {
        // Short headers stand at the bottom, on the line above their cells.
        let above = std::iter::repeat_n(String::new(), height - column.header.len());
        let lines: Vec<String> = above.chain(column.header.iter().map(|line| strong(line))).collect();
        Cell::new(lines.join("\n")).set_alignment(alignment(column.right))
    });
    table.set_header(Row::from(header.collect::<Vec<_>>()));
    for row in 0..columns.first().map_or(0, |column| column.cells.len()) {
        let cells = columns.iter().map(|column| Cell::new(&column.cells[row]).set_alignment(alignment(column.right)));
        table.add_row(Row::from(cells.collect::<Vec<_>>()));
    }
    let last = columns.len().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { gap }));
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn strong(line: &str) -> String {
    if line.chars().any(acts) { line.to_owned() } else { Tint::Strong.on(line) }
}

fn alignment(right: bool) -> CellAlignment {
    if right { CellAlignment::Right } else { CellAlignment::Left }
}
