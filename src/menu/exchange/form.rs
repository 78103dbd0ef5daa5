//! The table as a file: CSV that Excel opens (UTF-8 with a mark, or GBK as old ones write it), xlsx, JSON. What comes in
//! is told by its content, not by its name.

use super::{COLUMNS, Cells, ID, Ids, MARKS, MAX_LINES, MAX_UNPACKED, PRICE, Problem, SORT, STOCK, Table, given};
use crate::error::Result;
use anyhow::Context;
use calamine::{DataRef, Reader, Xlsx};
use rust_xlsxwriter::{Format as Style, Workbook};
use std::io::{Cursor, Read};

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
/// A sheet's cells beyond this column are not looked at.
const MAX_COLUMNS: usize = 64;

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

fn arm(text: String) -> String {
    text.strip_prefix('\'').map_or_else(|| text.clone(), str::to_owned)
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

/// The table that a file is.
///
/// # Errors
/// What a person has to mend before a line can be read at all.
pub fn read(file: &[u8]) -> std::result::Result<Table, Problem> {
    let whole = |problem: &str| Problem { row: 0, problem: problem.to_owned() };
    let rows = match file {
        [] => return Err(whole("文件是空的")),
        [b'P', b'K', ..] => read_xlsx(file).map_err(|error| {
            tracing::debug!("a spreadsheet is refused: {error:?}");
            whole("这不是可以读取的 xlsx 文件，请用 Excel 另存为 .xlsx")
        })?,
        _ if matches!(file.trim_ascii_start().first(), Some(b'[' | b'{')) => return read_json(file),
        _ => read_csv(file).ok_or_else(|| whole("看不懂这个文件，请使用导出的 CSV、xlsx 或 JSON"))?,
    };
    let mut rows = rows.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    let (head, names) = rows.next().ok_or_else(|| whole("文件是空的"))?;
    let place = |(zh, en): (&str, &str)| {
        names.iter().position(|name| name.trim() == zh || name.trim().eq_ignore_ascii_case(en))
    };
    let places = COLUMNS.map(place);
    if places[super::NAME].is_none() {
        return Err(Problem {
            row: head, problem: "第一行要有列名，至少有：分类、名称、价格".to_owned()
        });
    }
    let line = |(row, mut cells): (usize, Vec<String>)| {
        let cell = |place: Option<usize>| place.map(|at| cells.get_mut(at).map(std::mem::take).unwrap_or_default());
        let mut cell = cell;
        (row, places.map(&mut cell))
    };
    let ids = whose_ids(&places, |at| names[at].trim());
    let lines: Vec<_> = rows.map(line).collect();
    if lines.len() > MAX_LINES { Err(whole("行数太多，最多 5000 行")) } else { Ok(Table { ids, lines }) }
}

/// By the columns that a table has, each at its place.
fn whose_ids<'n, T: Copy>(places: &[Option<T>; COLUMNS.len()], name: impl Fn(T) -> &'n str) -> Ids {
    match MARKS.iter().all(|column| places[*column].is_some()) {
        true => Ids::Ours,
        false => Ids::Theirs(places[ID].map_or("", name).to_owned()),
    }
}

fn read_csv(file: &[u8]) -> Option<Vec<(usize, Vec<String>)>> {
    let unmarked = file.strip_prefix(MARK).unwrap_or(file);
    let text = match std::str::from_utf8(unmarked) {
        Ok(text) => text.into(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(file)?,
    };
    let mut rows = Vec::new();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.ok().filter(|_| rows.len() <= MAX_LINES + 1)?;
        let start = record.position()?;
        // What ends the line before is not taken for read yet: `\n` of `\r\n`, and lines with nothing in them.
        let before = text.as_bytes().get(usize::try_from(start.byte()).ok()?..)?.iter();
        let passed = before.take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
        let row = usize::try_from(start.line()).ok()? + passed;
        rows.push((row, record.iter().take(MAX_COLUMNS).map(|cell| arm(cell.to_owned())).collect()));
    }
    Some(rows)
}

/// An array of objects; what is no text is its JSON.
fn read_json(file: &[u8]) -> std::result::Result<Table, Problem> {
    let objects: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_slice(file)
            .map_err(|error| Problem {
                row: error.line(), problem: "JSON 格式有误，应为对象的数组".to_owned()
            })?;
    if objects.len() > MAX_LINES {
        return Err(Problem { row: 0, problem: "行数太多，最多 5000 行".to_owned() });
    }
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let has = |name: &str| objects.iter().any(|object| object.contains_key(name));
    let ids = whose_ids(&COLUMNS.map(|(zh, en)| [en, zh].into_iter().find(|name| has(name))), |name| name);
    let cells = |object: &serde_json::Map<String, serde_json::Value>| {
        COLUMNS.map(|(zh, en)| object.get(en).or_else(|| object.get(zh)).map(text))
    };
    Ok(Table { ids, lines: (2..).zip(&objects).map(|(row, object)| (row, cells(object))).collect() })
}

/// The first sheet. Unpacked once only to be counted: what a file says about its own size may be a lie.
fn read_xlsx(file: &[u8]) -> anyhow::Result<Vec<(usize, Vec<String>)>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file))?;
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let room = MAX_UNPACKED + 1 - unpacked;
        unpacked += std::io::copy(&mut archive.by_index(index)?.take(room), &mut std::io::sink())?;
        anyhow::ensure!(unpacked <= MAX_UNPACKED, "more than {MAX_UNPACKED} bytes unpacked");
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file))?;
    let name = book.sheet_names().first().cloned().context("no sheet")?;
    // Cell by cell: a sheet may say that it reaches to the last row and column.
    let mut cells = book.worksheet_cells_reader(&name)?;
    let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
    while let Some(cell) = cells.next_cell()? {
        let (row, column) = cell.get_position();
        let (row, column) = (row as usize + 1, column as usize);
        let text = text_of(cell.get_value());
        if column >= MAX_COLUMNS || text.is_empty() {
            continue;
        }
        if rows.last().is_none_or(|(last, _)| *last != row) {
            anyhow::ensure!(rows.len() <= MAX_LINES + 1, "more than {MAX_LINES} rows");
            rows.push((row, Vec::new()));
        }
        let (_, line) = rows.last_mut().context("a row was pushed")?;
        if line.len() <= column {
            line.resize(column + 1, String::new());
        }
        line[column] = text;
    }
    Ok(rows)
}

/// A number as a person would write it: what has cents has two decimals.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => {
            let cents = format!("{number:.2}");
            let exact = cents.parse::<f64>().is_ok_and(|back| (back - number).abs() < 1e-9);
            if exact { cents.strip_suffix(".00").map_or(cents.clone(), str::to_owned) } else { number.to_string() }
        }
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => i64::from(*yes).to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::DateTime(_) | DataRef::Error(_) => "?".to_owned(),
        DataRef::Empty => String::new(),
    }
}
