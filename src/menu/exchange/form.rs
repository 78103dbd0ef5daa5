//! The table as a file that we write: CSV that Excel opens (UTF-8 with a mark), xlsx, JSON.

use super::{COLUMNS, Cells, ID, PRICE, SORT, STOCK, given};
use crate::error::Result;
use rust_xlsxwriter::{Format as Style, Workbook};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    Xlsx,
}

impl Format {
    pub fn of(name: &str) -> Option<Format> {
        match name {
            "csv" => Some(Format::Csv),
            "json" => Some(Format::Json),
            "xlsx" => Some(Format::Xlsx),
            _ => None,
        }
    }
}

/// Columns of numbers.
const NUMBERS: [usize; 4] = [ID, PRICE, STOCK, SORT];
const MARK: &[u8] = b"\xef\xbb\xbf";

/// # Errors
/// Internal ones only.
pub fn write(lines: &[Cells], format: Format) -> Result<Vec<u8>> {
    Ok(match format {
        Format::Csv => write_csv(lines)?,
        Format::Json => write_json(lines)?,
        Format::Xlsx => write_xlsx(lines)?,
    })
}

fn text(cells: &Cells, column: usize) -> &str {
    cells[column].as_deref().unwrap_or_default()
}

/// A cell that a spreadsheet would take for a formula is text with an apostrophe before it; so is one that has one.
fn disarm(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) { format!("'{text}") } else { text.to_owned() }
}

fn write_csv(lines: &[Cells]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(MARK.to_vec());
    writer.write_record(COLUMNS.map(|(zh, _)| zh))?;
    for cells in lines {
        writer.write_record((0..COLUMNS.len()).map(|column| disarm(text(cells, column))))?;
    }
    writer.into_inner().map_err(|error| anyhow::anyhow!("writing CSV: {error}"))
}

fn write_json(lines: &[Cells]) -> anyhow::Result<Vec<u8>> {
    let object = |cells: &Cells| {
        let value = |column: usize| match given(cells, column) {
            Some(number) if NUMBERS.contains(&column) => serde_json::from_str(number).unwrap_or_else(|_| number.into()),
            Some(_) => text(cells, column).into(),
            None if column == STOCK => serde_json::Value::Null,
            None => "".into(),
        };
        let pairs = (0..COLUMNS.len()).map(|column| (COLUMNS[column].1.to_owned(), value(column)));
        serde_json::Value::Object(pairs.collect())
    };
    Ok(serde_json::to_vec_pretty(&lines.iter().map(object).collect::<Vec<_>>())?)
}

fn write_xlsx(lines: &[Cells]) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("菜单")?.set_freeze_panes(1, 0)?;
    let (bold, money) = (Style::new().set_bold(), Style::new().set_num_format("0.00"));
    for (column, (name, _)) in (0u16..).zip(COLUMNS) {
        sheet.write_string_with_format(0, column, name, &bold)?;
        sheet.set_column_width(column, if [9, 10, 11, 12].contains(&column) { 40 } else { 12 })?;
    }
    for (row, cells) in (1u32..).zip(lines) {
        for column in 0..COLUMNS.len() {
            let (at, text) = (u16::try_from(column)?, text(cells, column));
            // A spreadsheet's numbers are what they are; ours are exact to the fen, and so is what they turn into here.
            let number = NUMBERS.contains(&column).then(|| text.parse::<f64>().ok()).flatten();
            match number {
                _ if text.is_empty() => {}
                Some(number) if column == PRICE => drop(sheet.write_number_with_format(row, at, number, &money)?),
                Some(number) => drop(sheet.write_number(row, at, number)?),
                None => drop(sheet.write_string(row, at, text)?),
            }
        }
    }
    Ok(book.save_to_buffer()?)
}
