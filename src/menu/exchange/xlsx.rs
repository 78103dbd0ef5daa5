//! The first sheet of an Excel file, cell by cell.

use super::cell::Cell;
use super::{MAX_COLUMNS, Raw};
use super::{MAX_LINES, MAX_UNPACKED, heads};
use anyhow::Context;
use calamine::{DataRef, Dimensions, Reader, Xlsx};
use std::io::{Cursor, Read};

/// Cells that merged ones may fill, at most.
const MAX_FILLED: usize = MAX_LINES * MAX_COLUMNS;

/// `None` for too many rows. Unpacked once only to be counted: what a file says about its own size may be a lie.
///
/// # Errors
/// What is no such file.
pub fn read(file: &[u8]) -> anyhow::Result<Option<Vec<Raw>>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file))?;
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let room = MAX_UNPACKED + 1 - unpacked;
        unpacked += std::io::copy(&mut archive.by_index(index)?.take(room), &mut std::io::sink())?;
        anyhow::ensure!(unpacked <= MAX_UNPACKED, "more than {MAX_UNPACKED} bytes unpacked");
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file))?;
    let name = book.sheet_names().first().cloned().context("no sheet")?;
    let merged = book.merge_cells_by_sheet_name(&name)?;
    // Cell by cell: a sheet may say that it reaches to the last row and column.
    let mut cells = book.worksheet_cells_reader(&name)?;
    let mut rows: Vec<Raw> = Vec::new();
    while let Some(record) = cells.next_cell_with_formula_metadata()? {
        let (row, column) = (record.pos.0 as usize + 1, record.pos.1 as usize);
        let cell = match (&record.value, record.formula) {
            (DataRef::Empty, Some(_)) => Cell::Formula,
            (value, _) => cell_of(value),
        };
        if column >= MAX_COLUMNS || cell.is_blank() {
            continue;
        }
        if rows.last().is_none_or(|(last, _)| *last != row) {
            if rows.len() > MAX_LINES + heads::MOST_ABOVE {
                return Ok(None);
            }
            rows.push((row, Vec::new()));
        }
        let (_, line) = rows.last_mut().context("a row was pushed")?;
        put(line, column, cell);
    }
    fill(&mut rows, &merged);
    Ok(Some(rows))
}

fn put(line: &mut Vec<Cell>, column: usize, cell: Cell) {
    if line.len() <= column {
        line.resize(column + 1, Cell::Text(String::new()));
    }
    line[column] = cell;
}

/// What stands in a cell that is merged over rows stands in each of these rows.
fn fill(rows: &mut [Raw], merged: &[Dimensions]) {
    let mut filled = 0;
    for region in merged {
        let (first, last, column) = (region.start.0 as usize + 1, region.end.0 as usize + 1, region.start.1 as usize);
        let from = rows.partition_point(|(row, _)| *row < first);
        let Some((row, cells)) = rows.get(from) else { continue };
        let Some(cell) = cells.get(column).filter(|cell| *row == first && !cell.is_blank()).cloned() else { continue };
        for (_, line) in rows[from + 1..].iter_mut().take_while(|(row, _)| *row <= last) {
            if filled == MAX_FILLED {
                return;
            }
            filled += 1;
            put(line, column, cell.clone());
        }
    }
}

/// A number as a person would write it: what has cents has two decimals.
fn cell_of(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(number) => Cell::Text(number.to_string()),
        DataRef::Float(number) => {
            let cents = format!("{number:.2}");
            let exact = cents.parse::<f64>().is_ok_and(|back| (back - number).abs() < 1e-9);
            let plain = || cents.strip_suffix(".00").map_or(cents.clone(), str::to_owned);
            Cell::Text(if exact { plain() } else { number.to_string() })
        }
        DataRef::String(text) => Cell::of_text(text.clone()),
        DataRef::SharedString(text) => Cell::of_text((*text).to_owned()),
        DataRef::Bool(on) => Cell::Truth(*on),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Cell::Date,
        DataRef::Error(error) => Cell::Error(error.to_string()),
        DataRef::Empty => Cell::Text(String::new()),
    }
}
