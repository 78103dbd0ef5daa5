//! The whole menu as a table that an owner edits elsewhere and brings back: one line a category, dish or combo. What is
//! written out and read in again changes nothing.

pub mod actions;
mod cell;
mod form;
mod heads;
pub(super) mod plan;
mod read;
mod text;
mod unread;
mod xlsx;

use super::edit::{Dish, DishDraft, Kind, Part, Section, SectionDraft, change::Change, clean_name};
use crate::error::{Column, MenuFault, Refusal};
use crate::units::CuisineId;
use cell::Cell;
use serde::Serialize;
use std::collections::HashMap;
use text::NamedPart;

pub use form::{Format, write};
pub use read::read;
pub use unread::{CellFault, Head, Unread};

/// Lines of a table, at most.
pub const MAX_LINES: usize = 5_000;
/// Bytes that a file may unpack to.
pub const MAX_UNPACKED: u64 = 32 << 20;

/// A row's number in the file, and what is in it.
type Raw = (usize, Vec<Cell>);

/// A row's cells beyond this column are not looked at.
const MAX_COLUMNS: usize = 64;

/// The columns, in Chinese and English; a table may have them in any order, and others beside.
const COLUMNS: [(&str, &str); 13] = [
    ("类型", "kind"),
    ("编号", "id"),
    ("分类", "category"),
    ("名称", "name"),
    ("价格", "price"),
    ("状态", "status"),
    ("库存", "stock"),
    ("时段", "hours"),
    ("排序", "sort"),
    ("选项", "options"),
    ("套餐菜品", "combo"),
    ("描述", "description"),
    ("图片", "image"),
];
const KIND: usize = Head::Kind as usize;
const ID: usize = Head::Id as usize;
const CATEGORY: usize = Head::Category as usize;
const NAME: usize = Head::Name as usize;
const PRICE: usize = Head::Price as usize;
const STATUS: usize = Head::Status as usize;
const STOCK: usize = Head::Stock as usize;
const HOURS: usize = Head::Hours as usize;
const SORT: usize = Head::Sort as usize;
const OPTIONS: usize = Head::Options as usize;
const COMBO: usize = Head::Combo as usize;
const DESCRIPTION: usize = Head::Description as usize;
const IMAGE: usize = Head::Image as usize;

impl Head {
    /// What a table calls it, in Chinese and English.
    pub fn names(self) -> (&'static str, &'static str) {
        COLUMNS[self as usize]
    }
}

/// What a line is: a category, or a dish; and of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    Section(Kind),
    Dish(Kind),
}

/// What a table calls them, in Chinese and English.
const KINDS: [(LineKind, &str, &str); 4] = [
    (LineKind::Section(Kind::Dish), "菜品分类", "dish-category"),
    (LineKind::Section(Kind::Combo), "套餐分类", "combo-category"),
    (LineKind::Dish(Kind::Dish), "菜品", "dish"),
    (LineKind::Dish(Kind::Combo), "套餐", "combo"),
];

/// Cells in the order of `COLUMNS`; a column that the table does not have is `None`.
pub type Cells = [Option<String>; 13];

/// A table as a file holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub ids: Ids,
    /// The line of the heads, and what they are, for a person who looks for one.
    pub head_row: usize,
    pub heads: Vec<String>,
    /// Which of our columns it does not have.
    pub lacks: [bool; COLUMNS.len()],
    pub lines: Vec<Row>,
}

/// A line: its number in the file, what it has in our columns, and what is wrong with its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub number: usize,
    pub cells: Cells,
    pub faults: Vec<Unread>,
}

/// Whose numbers a table's ids are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ids {
    Ours,
    /// Of another system; the same kind of table has them under the same head.
    Theirs(String),
}

/// A table that has all of these is one that we wrote; nobody else's has them together.
const MARKS: [usize; 5] = [KIND, ID, HOURS, OPTIONS, COMBO];
/// Characters of another system's number, at most; what is longer is none.
const MAX_FOREIGN: usize = 64;

/// How a table is to be read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    /// Only to tell what would become of it.
    pub trial: bool,
    pub renames: Renames,
}

/// What is to become of a row whose id has another name in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renames {
    /// Nobody has said it yet: nothing is done, and that is told.
    Ask,
    Yes,
    /// The ids are not what they seem: names alone say which row is which.
    No,
}

/// What became of a table that was read in, or would become.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub added: usize,
    /// Renamed ones too.
    pub changed: usize,
    pub renamed: usize,
    pub unchanged: usize,
    /// Nothing was done if there are any.
    pub problems: Vec<Problem>,
    /// What each line becomes.
    pub lines: Vec<Fate>,
}

impl Report {
    fn count(&mut self, fate: Fate) {
        match fate.becomes {
            Becomes::New => self.added += 1,
            Becomes::Changed => self.changed += 1,
            Becomes::Renamed => {
                self.changed += 1;
                self.renamed += 1;
            }
            Becomes::Same => self.unchanged += 1,
        }
        self.lines.push(fate);
    }

    fn first_renamed(&self) -> Option<String> {
        let fate = self.lines.iter().find(|fate| fate.becomes == Becomes::Renamed)?;
        Some(format!("{} → {}", fate.from, fate.name))
    }
}

/// What becomes of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    pub row: usize,
    pub kind: LineKind,
    pub name: String,
    pub becomes: Becomes,
    /// The row's name so far; empty for a new one.
    pub from: String,
    /// What changes.
    pub detail: Vec<Change>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Becomes {
    New,
    Changed,
    Renamed,
    Same,
}

impl Becomes {
    fn of_names(old: &str, new: &str) -> Becomes {
        if old == new { Becomes::Changed } else { Becomes::Renamed }
    }
}

/// What a person has to mend, and in which line of the file (the heads are line 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub row: usize,
    pub fault: Fault,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A file, a row or a cell that can't be read.
    Unread(Unread),
    /// What a form at the counter would be refused for, too.
    Refused(Refusal),
}

impl From<Unread> for Fault {
    fn from(why: Unread) -> Fault {
        Fault::Unread(why)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        Fault::Refused(refusal)
    }
}

/// A line that says something that can be done.
#[derive(Debug, Clone)]
struct Entry {
    row: usize,
    /// The id of ours that it names.
    own: Option<i64>,
    /// Another system's number, with the head that it stands under.
    foreign: Option<String>,
    category: Option<String>,
    /// Where the line names none: the category of the lines above, in which a new dish is then.
    above: Option<String>,
    name: String,
    line: Line,
}

#[derive(Debug, Clone)]
enum Line {
    Section(SectionDraft),
    Dish { kind: Kind, draft: Box<DishDraft>, parts: Option<Vec<NamedPart>> },
}

impl Entry {
    /// What others are made of comes first.
    fn rank(&self) -> u8 {
        match self.line {
            Line::Section(_) => 0,
            Line::Dish { kind: Kind::Dish, .. } => 1,
            Line::Dish { kind: Kind::Combo, .. } => 2,
        }
    }

    fn key(&self) -> (u8, Option<String>, String) {
        (self.rank(), self.category.clone().or_else(|| self.above.clone()), self.name.clone())
    }

    fn wanted(&self) -> plan::Wanted<'_> {
        plan::Wanted {
            rank: self.rank(),
            own: self.own,
            foreign: self.foreign.as_deref(),
            category: self.category.as_deref(),
            above: self.above.as_deref(),
            name: &self.name,
        }
    }

    fn fate(&self, becomes: Becomes, from: &str, detail: Vec<Change>) -> Fate {
        let kind = match &self.line {
            Line::Section(draft) => LineKind::Section(draft.kind.unwrap_or(Kind::Dish)),
            Line::Dish { kind, .. } => LineKind::Dish(*kind),
        };
        Fate { row: self.row, kind, name: self.name.clone(), becomes, from: from.into(), detail }
    }
}

fn word(kind: LineKind) -> &'static str {
    KINDS.iter().find(|(of, ..)| *of == kind).map_or("", |words| words.1)
}

fn cells_of_section(section: &Section) -> Cells {
    let mut cells: Cells = std::array::from_fn(|_| Some(String::new()));
    let mut put = |column: usize, text: String| cells[column] = Some(text);
    put(KIND, word(LineKind::Section(section.kind)).to_owned());
    put(ID, section.id.to_string());
    put(NAME, section.name.clone());
    put(STATUS, if section.enabled { "启用" } else { "禁用" }.to_owned());
    put(HOURS, section.hours.clone());
    put(SORT, section.sort_order.to_string());
    cells
}

/// `repeated`: the categories of dishes whose names are not the only ones.
fn cells_of_dish<'a>(dish: &'a Dish, repeated: &'a HashMap<CuisineId, String>) -> Cells {
    let mut cells: Cells = std::array::from_fn(|_| Some(String::new()));
    let part = |part: &'a Part| (part.name.as_str(), repeated.get(&part.dish).map(String::as_str), part.copies);
    let mut put = |column: usize, text: String| cells[column] = Some(text);
    put(KIND, word(LineKind::Dish(dish.kind)).to_owned());
    put(ID, dish.id.to_string());
    put(CATEGORY, dish.category_name.clone());
    put(NAME, dish.name.clone());
    put(PRICE, dish.price.to_string());
    put(STATUS, if dish.stopped { "停售" } else { "起售" }.to_owned());
    put(STOCK, dish.stock.map(|left| left.to_string()).unwrap_or_default());
    put(HOURS, dish.hours.clone());
    put(SORT, dish.sort_order.to_string());
    put(OPTIONS, text::write_options(&dish.options));
    put(COMBO, text::write_parts(dish.parts.iter().map(part)));
    put(DESCRIPTION, dish.description.clone());
    put(IMAGE, dish.image.clone());
    cells
}

/// A cell that says something.
fn given(cells: &Cells, column: usize) -> Option<&str> {
    cells[column].as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn wrong(column: usize, cells: &Cells) -> Unread {
    let text = given(cells, column).unwrap_or_default();
    Unread::Cell(Head::ALL[column], CellFault::Unclear(text.to_owned()))
}

/// What a line says, or what is wrong with it.
fn read_entry(row: usize, cells: &Cells, ids: &Ids) -> Result<Entry, Fault> {
    let name = clean_name(given(cells, NAME).ok_or(Refusal::BadMenu(MenuFault::Missing(Column::Name)))?)?;
    let id = given(cells, ID);
    let (own, foreign) = match ids {
        Ids::Ours => (id.and_then(|text| text.parse().ok()), None),
        Ids::Theirs(head) => {
            let fits = id.filter(|text| text.chars().count() <= MAX_FOREIGN);
            (None, fits.map(|text| format!("{head} {text}")))
        }
    };
    let line = read_line(&name, cells)?;
    let category = given(cells, CATEGORY).filter(|_| !matches!(line, Line::Section(_))).map(clean_name).transpose()?;
    Ok(Entry { row, own, foreign, category, above: None, name, line })
}

fn read_line(name: &str, cells: &Cells) -> Result<Line, Unread> {
    let word = given(cells, KIND).unwrap_or("菜品");
    let kind = KINDS.iter().find(|(_, zh, en)| *zh == word || *en == word).ok_or_else(|| wrong(KIND, cells))?;
    let number = |column: usize| -> Result<Option<i64>, Unread> {
        given(cells, column).map(|text| cell::whole(text).ok_or_else(|| wrong(column, cells))).transpose()
    };
    let name = Some(name.to_owned());
    let on = match given(cells, STATUS) {
        None => None,
        Some("起售" | "启用" | "1" | "on") => Some(true),
        Some("停售" | "禁用" | "沽清" | "0" | "off") => Some(false),
        Some(_) => return Err(wrong(STATUS, cells)),
    };
    let hours = cells[HOURS].clone();
    let sort_order = number(SORT)?;
    let kind = match kind.0 {
        LineKind::Section(kind) => {
            return Ok(Line::Section(SectionDraft { name, kind: Some(kind), sort_order, enabled: on, hours }));
        }
        LineKind::Dish(kind) => kind,
    };
    let price = given(cells, PRICE).map(|text| cell::yuan(text).ok_or_else(|| wrong(PRICE, cells)));
    let options = cells[OPTIONS].as_deref().map(|text| text::read_options(text).ok_or_else(|| wrong(OPTIONS, cells)));
    let parts = cells[COMBO].as_deref().map(|text| text::read_parts(text).ok_or_else(|| wrong(COMBO, cells)));
    let draft = DishDraft {
        name,
        price: price.transpose()?,
        image: cells[IMAGE].clone(),
        description: cells[DESCRIPTION].clone(),
        on_sale: on,
        options: options.transpose()?,
        stock: if cells[STOCK].is_some() { Some(number(STOCK)?) } else { None },
        hours,
        sort_order,
        ..DishDraft::default()
    };
    let parts = parts.transpose()?.filter(|_| kind == Kind::Combo);
    Ok(Line::Dish { kind, draft: Box::new(draft), parts })
}

#[cfg(test)]
mod tests;
