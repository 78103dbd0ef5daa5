//! A file as a table: CSV in whatever encoding and with whatever separators Excel and others write it, xlsx, JSON. What it
//! is, is told by its content, not by its name.

use super::cell::Cell;
use super::{COLUMNS, Fault, MAX_COLUMNS, MAX_LINES, Problem, Raw, Row, Table, Unread, heads, xlsx};
use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

const MARK: &str = "\u{feff}";
/// Signs between cells; the wide ones are those of a Chinese keyboard.
const SEPARATORS: [char; 6] = [',', ';', '\t', '，', '；', '|'];
/// A wide separator, or several, while the reader splits by it.
const UNIT: char = '\u{1f}';

fn whole(why: Unread) -> Problem {
    Problem { row: 0, fault: Fault::Unread(why) }
}

fn too_many() -> Problem {
    whole(Unread::TooManyLines(MAX_LINES))
}

/// The table that a file is.
///
/// # Errors
/// What a person has to mend before a line can be read at all.
pub fn read(file: &[u8]) -> Result<Table, Problem> {
    match file {
        [] => Err(whole(Unread::Empty)),
        [b'P', b'K', ..] => {
            let rows = xlsx::read(file).map_err(|error| {
                tracing::debug!("a spreadsheet is refused: {error:?}");
                whole(Unread::NotXlsx)
            })?;
            arrange(rows.ok_or_else(too_many)?)
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] if is_locked(file) => Err(whole(Unread::Locked)),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(whole(Unread::OldExcel)),
        _ => read_text(&decode(file).ok_or_else(|| whole(Unread::Unknown))?),
    }
}

/// An Excel file with a password is an old container with the new one in it.
fn is_locked(file: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    file.windows(name.len()).any(|window| window == name)
}

/// By its mark, or by what it can be: UTF-8, else what Chinese Windows writes. No table has control characters.
fn decode(file: &[u8]) -> Option<Cow<'_, str>> {
    let zeros = |odd: usize| file.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let text = match file {
        [0xff, 0xfe, rest @ ..] => UTF_16LE.decode_without_bom_handling_and_without_replacement(rest)?,
        [0xfe, 0xff, rest @ ..] => UTF_16BE.decode_without_bom_handling_and_without_replacement(rest)?,
        _ if zeros(1) > 3 * zeros(0) => UTF_16LE.decode_without_bom_handling_and_without_replacement(file)?,
        _ if zeros(0) > 3 * zeros(1) => UTF_16BE.decode_without_bom_handling_and_without_replacement(file)?,
        _ => match std::str::from_utf8(file) {
            Ok(text) => text.into(),
            Err(_) => GB18030.decode_without_bom_handling_and_without_replacement(file)?,
        },
    };
    let odd = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}');
    (!text.contains(odd)).then_some(text)
}

fn read_text(text: &str) -> Result<Table, Problem> {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    match text.trim_start().chars().next() {
        None => Err(whole(Unread::Empty)),
        Some('[' | '{') => read_json(text),
        Some('<') => Err(whole(Unread::WebPage)),
        Some(_) => arrange(read_csv(text)?),
    }
}

/// Rows below the heads, which may have a title above them.
fn arrange(rows: Vec<Raw>) -> Result<Table, Problem> {
    let mut rows: Vec<Raw> = rows.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_blank())).collect();
    let names = |(_, cells): &Raw| -> Vec<String> {
        let name = |cell: &Cell| if let Cell::Text(text) = cell { text.clone() } else { String::new() };
        cells.iter().map(name).collect()
    };
    let first = rows.iter().take(heads::MOST_ABOVE).position(|row| heads::count(&names(row)) > 1).unwrap_or(0);
    let head = rows.get(first).ok_or_else(|| whole(Unread::Empty))?;
    let (head_row, names) = (head.0, names(head));
    let places = heads::places(&names);
    if places[super::NAME].is_none() {
        return Err(Problem { row: head_row, fault: Unread::NoNames(heads::listed(&names)).into() });
    }
    let lines = rows.split_off(first + 1);
    if lines.len() > MAX_LINES {
        return Err(too_many());
    }
    let row = |(number, cells): Raw| {
        let (cells, faults) = heads::arrange(cells, &places);
        Row { number, cells, faults }
    };
    Ok(Table {
        ids: heads::whose_ids(&names, &places),
        head_row,
        heads: heads::listed(&names),
        lacks: places.map(|place| place.is_none()),
        lines: lines.into_iter().map(row).collect(),
    })
}

/// Cells as text; a separator is what makes the most known heads of one of the first rows.
fn read_csv(text: &str) -> Result<Vec<Raw>, Problem> {
    let (text, told, skipped) = told_separator(text);
    let known = |separator: &char| {
        let split = separated(text, *separator);
        let rows = records(&split.0, split.1).take(heads::MOST_ABOVE).map(Result::unwrap_or_default);
        rows.map(|(_, cells)| heads::count(&cells)).max().unwrap_or(0)
    };
    let best = SEPARATORS.iter().rev().max_by_key(|separator| known(separator)).copied().unwrap_or(',');
    let (split, byte) = separated(text, told.unwrap_or(best));
    let mut rows = Vec::new();
    for record in records(&split, byte) {
        let (row, cells) = record.map_err(|()| whole(Unread::Unknown))?;
        if rows.len() > MAX_LINES + heads::MOST_ABOVE {
            return Err(too_many());
        }
        let cells = if cells.len() == 1 { by_other_commas(&cells[0]) } else { cells };
        rows.push((row + skipped, cells.into_iter().map(|cell| Cell::of_text(arm(cell))).collect()));
    }
    Ok(rows)
}

/// `sep=;` in the first line, as Excel understands it: what is left, the separator, and how many lines were taken.
fn told_separator(text: &str) -> (&str, Option<char>, usize) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.trim_end_matches('\r').trim_matches('"');
    match first.get(..4).filter(|word| word.eq_ignore_ascii_case("sep=")).and_then(|_| first[4..].chars().next()) {
        Some(separator) if first[4..].chars().count() == 1 => (rest, Some(separator), 1),
        _ => (text, None, 0),
    }
}

/// The text and the byte that separates its cells: a wide sign becomes one of its own, outside of quotes.
fn separated(text: &str, separator: char) -> (Cow<'_, str>, u8) {
    if separator.is_ascii() {
        return (text.into(), u8::try_from(separator).unwrap_or(b','));
    }
    let mut quoted = false;
    let replace = |c: char| {
        quoted ^= c == '"';
        if c == separator && !quoted { UNIT } else { c }
    };
    (text.chars().map(replace).collect::<String>().into(), UNIT as u8)
}

/// A line that was typed with the other comma than the heads.
fn by_other_commas(line: &str) -> Vec<String> {
    let split = |separator: &char| line.split(*separator).map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let parts = [',', '，', '；', ';', '\t'].iter().map(split).max_by_key(Vec::len).unwrap_or_default();
    if parts.len() > 2 { parts } else { vec![line.to_owned()] }
}

/// Each with the number of its line as an editor shows it.
fn records(text: &str, separator: u8) -> impl Iterator<Item = Result<(usize, Vec<String>), ()>> + '_ {
    let reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    reader.into_records().map(move |record| {
        let record = record.map_err(|_| ())?;
        let start = record.position().ok_or(())?;
        let byte = usize::try_from(start.byte()).map_err(|_| ())?;
        // What ends the line before is not taken for read yet: `\n` of `\r\n`, and lines with nothing in them.
        let before = text.as_bytes().get(byte..).ok_or(())?.iter();
        let passed = before.take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
        let row = usize::try_from(start.line()).map_err(|_| ())? + passed;
        Ok((row, record.iter().take(MAX_COLUMNS).map(str::to_owned).collect()))
    })
}

/// Undoes what our own export does to text that a spreadsheet would take for a formula.
fn arm(text: String) -> String {
    text.strip_prefix('\'').map_or_else(|| text.clone(), str::to_owned)
}

/// An array of objects; what is no text is its JSON.
fn read_json(text: &str) -> Result<Table, Problem> {
    type Object = serde_json::Map<String, serde_json::Value>;
    let objects: Vec<Object> =
        serde_json::from_str(text).map_err(|error| Problem { row: error.line(), fault: Unread::NotJson.into() })?;
    if objects.len() > MAX_LINES {
        return Err(too_many());
    }
    let mut names: Vec<String> = Vec::new();
    for name in objects.iter().flat_map(Object::keys) {
        if names.len() < MAX_COLUMNS && !names.contains(name) {
            names.push(name.clone());
        }
    }
    let cell = |value: Option<&serde_json::Value>| match value {
        None | Some(serde_json::Value::Null) => Cell::Text(String::new()),
        Some(serde_json::Value::String(text)) => Cell::of_text(text.clone()),
        Some(serde_json::Value::Bool(on)) => Cell::Truth(*on),
        Some(other) => Cell::Text(other.to_string()),
    };
    let places = heads::places(&names);
    if places[super::NAME].is_none() {
        return Err(Problem { row: 1, fault: Unread::NoNames(heads::listed(&names)).into() });
    }
    let row = |(number, object): (usize, &Object)| {
        let (mut cells, faults) = heads::arrange(names.iter().map(|name| cell(object.get(name))).collect(), &places);
        // A key that an object does not have is a column that is not there: what it says stays as it is.
        for column in 0..COLUMNS.len() {
            if places[column].is_some_and(|at| !object.contains_key(&names[at])) {
                cells[column] = None;
            }
        }
        Row { number, cells, faults }
    };
    Ok(Table {
        ids: heads::whose_ids(&names, &places),
        head_row: 1,
        heads: heads::listed(&names),
        lacks: places.map(|place| place.is_none()),
        lines: (2..).zip(&objects).map(row).collect(),
    })
}

#[cfg(test)]
mod tests;
