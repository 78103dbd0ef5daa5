//! One cell as a file has it, and what people write into it. Pure.

use super::{CATEGORY, CellFault, ID, NAME, STATUS};
use crate::units::Fen;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Truth(bool),
    Date,
    /// `#REF!` and its like.
    Error(String),
    /// A formula that nobody has worked out.
    Formula,
}

const ERRORS: [&str; 13] = [
    "#REF!",
    "#N/A",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#UNKNOWN!",
    "#GETTING_DATA",
];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl Cell {
    /// What a spreadsheet has saved as text is still what it was. A column too narrow for its numbers is saved as `####`.
    pub fn of_text(text: String) -> Cell {
        let word = text.trim();
        match word {
            "TRUE" => Cell::Truth(true),
            "FALSE" => Cell::Truth(false),
            _ if ERRORS.contains(&word) => Cell::Error(word.to_owned()),
            _ if word.len() > 2 && word.bytes().all(|byte| byte == b'#') => Cell::Error(word.to_owned()),
            _ => Cell::Text(text),
        }
    }

    pub fn is_blank(&self) -> bool {
        matches!(self, Cell::Text(text) if text.trim().is_empty())
    }

    /// Its text in a column of ours.
    ///
    /// # Errors
    /// What is wrong with it. An id that is none is nothing: it only finds rows.
    pub fn read(self, column: usize) -> Result<String, CellFault> {
        let is_name = column == NAME || column == CATEGORY;
        match self {
            Cell::Text(text) if is_name && is_date(&text) => Err(CellFault::Date(Some(text.trim().to_owned()))),
            Cell::Text(text) => Ok(text),
            _ if column == ID => Ok(String::new()),
            Cell::Truth(on) if column == STATUS => Ok(u8::from(on).to_string()),
            Cell::Truth(on) => Err(CellFault::Truth(on)),
            Cell::Date => Err(CellFault::Date(None)),
            Cell::Error(error) => Err(CellFault::FormulaError(error)),
            Cell::Formula => Err(CellFault::Formula),
        }
    }
}

/// `2024/3/5`, `2024年3月5日`, `3月5日`, `5-Mar`: what a spreadsheet makes of names such as 3-5.
fn is_date(text: &str) -> bool {
    let day = text.trim().split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = day.trim_end_matches('日').split(['-', '/', '.', '年', '月']).collect();
    let number = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let month = |part: &&str| MONTHS.contains(&part.to_ascii_lowercase().as_str());
    let numbers = parts.iter().filter(|part| number(part)).count();
    let named = parts.iter().filter(|part| month(part)).count();
    match parts.len() {
        3 => numbers + named == 3 && (named == 1 || parts.iter().any(|part| part.len() == 4) || day.contains('/')),
        2 => numbers == 2 && day.contains('月') && day.ends_with('日') || numbers == 1 && named == 1,
        _ => false,
    }
}

/// As a Chinese keyboard types it, in the signs that numbers are read from.
pub fn narrow(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        '。' => '.',
        _ => c,
    };
    text.chars().map(narrow).collect::<String>().trim().to_owned()
}

/// A price as people write it: `38元`, `３８`, `￥ 38`, `1,288.00`.
pub fn yuan(text: &str) -> Option<Fen> {
    const BEFORE: [&str; 6] = ["¥", "￥", "人民币", "RMB", "CNY", "rmb"];
    const AFTER: [&str; 7] = ["元整", "元", "圆", "块钱", "块", "RMB", "CNY"];
    let text = narrow(text);
    let mut text = text.as_str();
    if let Some(rest) = BEFORE.iter().find_map(|sign| text.strip_prefix(sign)) {
        text = rest.trim_start();
    }
    if let Some(rest) = AFTER.iter().find_map(|sign| text.strip_suffix(sign)) {
        text = rest.trim_end();
    }
    Fen::from_yuan(&without_thousands(text)?)
}

/// A whole number, the same way.
pub fn whole(text: &str) -> Option<i64> {
    without_thousands(&narrow(text))?.parse().ok()
}

/// Commas stand between groups of three figures, or nowhere.
fn without_thousands(text: &str) -> Option<String> {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped = whole.contains(',');
    let fits =
        groups.all(|group| group.len() == 3) && (!grouped || (1..=3).contains(&first.trim_start_matches('-').len()));
    fits.then(|| whole.replace(',', "") + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_people_write_them() {
        for (text, fen) in [
            ("38", 3800),
            ("38元", 3800),
            ("３８", 3800),
            ("￥ 38", 3800),
            ("¥38.5", 3850),
            ("1,288.00", 128_800),
            ("１，２８８．００ 元", 128_800),
            ("人民币38元整", 3800),
            ("38.00 RMB", 3800),
            ("38块", 3800),
            ("12,345,678", 1_234_567_800),
            ("-0.50", -50),
        ] {
            assert_eq!(yuan(text), Some(Fen(fen)), "{text}");
        }
        for text in
            ["", "元", "贵", "TRUE", "38/份", "1,28", "1,2888", ",288", "1288,", "3 8", "38,5", "1.234", "１e3", "时价"]
        {
            assert_eq!(yuan(text), None, "{text}");
        }
        assert_eq!((whole("１０"), whole("1,000"), whole("10.5"), whole("两")), (Some(10), Some(1000), None, None));
    }

    #[test]
    fn what_a_spreadsheet_made_of_a_name_is_no_name() {
        for text in [
            "2024/3/5",
            "2024-03-05",
            "2024-03-05 00:00:00",
            "2024年3月5日",
            "3月5日",
            "5-Mar",
            "Mar-5",
            "8/8/24",
            "2024.3.5",
        ] {
            assert_eq!(Cell::of_text(text.into()).read(NAME), Err(CellFault::Date(Some(text.into()))));
        }
        for text in ["3-5人套餐", "1.5升可乐", "5月", "七月七日晴", "24小时", "2-3", "A-B-C", "宫保鸡丁", "1/2只鸡"]
        {
            assert_eq!(Cell::of_text(text.into()).read(NAME).as_deref(), Ok(text));
        }
        for text in ["#REF!", " #N/A ", "#DIV/0!", "####"] {
            let fault = CellFault::FormulaError(text.trim().into());
            assert_eq!(Cell::of_text(text.into()).read(CATEGORY), Err(fault));
        }
        assert_eq!(Cell::Truth(true).read(super::super::PRICE), Err(CellFault::Truth(true)));
        assert_eq!(Cell::of_text("FALSE".into()).read(STATUS).as_deref(), Ok("0"));
        assert_eq!(Cell::Date.read(ID).as_deref(), Ok(""), "it only finds rows");
        assert_eq!(Cell::Date.read(NAME), Err(CellFault::Date(None)));
        assert_eq!(Cell::Formula.read(NAME), Err(CellFault::Formula));
    }
}
