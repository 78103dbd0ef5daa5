//! The whole menu as a table that an owner edits elsewhere and brings back: one line a category, dish or combo. What is
//! written out and read in again changes nothing.

pub mod actions;
mod form;
mod text;

use super::edit::{Dish, DishDraft, Kind, Section, SectionDraft};
use crate::error::Refusal;
use crate::units::{CategoryId, CuisineId, Fen};
use serde::Serialize;

pub use form::{Format, read, write};

/// Lines of a table, at most.
pub const MAX_LINES: usize = 5_000;
/// Bytes that a file may unpack to.
pub const MAX_UNPACKED: u64 = 32 << 20;

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
const KIND: usize = 0;
const ID: usize = 1;
const CATEGORY: usize = 2;
const NAME: usize = 3;
const PRICE: usize = 4;
const STATUS: usize = 5;
const STOCK: usize = 6;
const HOURS: usize = 7;
const SORT: usize = 8;
const OPTIONS: usize = 9;
const COMBO: usize = 10;
const DESCRIPTION: usize = 11;
const IMAGE: usize = 12;
/// What a line is: a category or not, of which kind, and the words for it.
const KINDS: [(bool, Kind, &str, &str); 4] = [
    (true, Kind::Dish, "菜品分类", "dish-category"),
    (true, Kind::Combo, "套餐分类", "combo-category"),
    (false, Kind::Dish, "菜品", "dish"),
    (false, Kind::Combo, "套餐", "combo"),
];

/// Cells in the order of `COLUMNS`; a column that the table does not have is `None`.
pub type Cells = [Option<String>; 13];

/// What became of a table that was read in, or would become.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Nothing was done if there are any.
    pub problems: Vec<Problem>,
}

/// What a person has to mend, and in which line of the file (the heads are line 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub row: usize,
    pub problem: String,
}

/// A line that says something that can be done.
#[derive(Debug, Clone)]
enum Line {
    Section {
        id: Option<CategoryId>,
        draft: SectionDraft,
    },
    Dish {
        id: Option<CuisineId>,
        kind: Kind,
        category: Option<String>,
        draft: Box<DishDraft>,
        parts: Option<Vec<(String, i64)>>,
    },
}

fn cells_of_section(section: &Section) -> Cells {
    let mut cells: Cells = std::array::from_fn(|_| Some(String::new()));
    let word =
        KINDS.iter().find(|(is_section, kind, ..)| *is_section && *kind == section.kind).map_or("", |words| words.2);
    let mut put = |column: usize, text: String| cells[column] = Some(text);
    put(KIND, word.to_owned());
    put(ID, section.id.to_string());
    put(NAME, section.name.clone());
    put(STATUS, if section.enabled { "启用" } else { "禁用" }.to_owned());
    put(HOURS, section.hours.clone());
    put(SORT, section.sort_order.to_string());
    cells
}

fn cells_of_dish(dish: &Dish) -> Cells {
    let mut cells: Cells = std::array::from_fn(|_| Some(String::new()));
    let word =
        KINDS.iter().find(|(is_section, kind, ..)| !*is_section && *kind == dish.kind).map_or("", |words| words.2);
    let mut put = |column: usize, text: String| cells[column] = Some(text);
    put(KIND, word.to_owned());
    put(ID, dish.id.to_string());
    put(CATEGORY, dish.category_name.clone());
    put(NAME, dish.name.clone());
    put(PRICE, dish.price.to_string());
    put(STATUS, if dish.stopped { "停售" } else { "起售" }.to_owned());
    put(STOCK, dish.stock.map(|left| left.to_string()).unwrap_or_default());
    put(HOURS, dish.hours.clone());
    put(SORT, dish.sort_order.to_string());
    put(OPTIONS, text::write_options(&dish.options));
    put(COMBO, text::write_parts(dish.parts.iter().map(|part| (part.name.as_str(), part.copies))));
    put(DESCRIPTION, dish.description.clone());
    put(IMAGE, dish.image.clone());
    cells
}

/// A cell that says something.
fn given(cells: &Cells, column: usize) -> Option<&str> {
    cells[column].as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn wrong(column: usize, cells: &Cells) -> String {
    format!("{}“{}”看不懂", COLUMNS[column].0, given(cells, column).unwrap_or_default())
}

/// What a line says, or what is wrong with it in plain words.
fn read_line(cells: &Cells) -> Result<Line, String> {
    let word = given(cells, KIND).unwrap_or("菜品");
    let kind = KINDS.iter().find(|(_, _, zh, en)| *zh == word || *en == word).ok_or_else(|| wrong(KIND, cells))?;
    let number = |column: usize| -> Result<Option<i64>, String> {
        given(cells, column).map(|text| text.parse().map_err(|_| wrong(column, cells))).transpose()
    };
    let name = given(cells, NAME).ok_or("缺少名称")?.to_owned();
    let on = match given(cells, STATUS) {
        None => None,
        Some("起售" | "启用" | "1" | "on") => Some(true),
        Some("停售" | "禁用" | "沽清" | "0" | "off") => Some(false),
        Some(_) => return Err(wrong(STATUS, cells)),
    };
    let hours = cells[HOURS].clone();
    let sort_order = number(SORT)?;
    if kind.0 {
        let draft = SectionDraft { name: Some(name), kind: Some(kind.1), sort_order, enabled: on, hours };
        return Ok(Line::Section { id: number(ID)?.map(CategoryId), draft });
    }
    let price = given(cells, PRICE)
        .map(|text| Fen::from_yuan(text.trim_start_matches(['¥', '￥'])).ok_or_else(|| wrong(PRICE, cells)));
    let options = cells[OPTIONS].as_deref().map(|text| text::read_options(text).ok_or_else(|| wrong(OPTIONS, cells)));
    let parts = cells[COMBO].as_deref().map(|text| text::read_parts(text).ok_or_else(|| wrong(COMBO, cells)));
    let draft = DishDraft {
        name: Some(name),
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
    Ok(Line::Dish {
        id: number(ID)?.map(CuisineId),
        kind: kind.1,
        category: given(cells, CATEGORY).map(str::to_owned),
        draft: Box::new(draft),
        parts: parts.transpose()?.filter(|_| kind.1 == Kind::Combo),
    })
}

/// A refusal as a line's problem.
fn problem(row: usize, refusal: &Refusal) -> Problem {
    Problem { row, problem: refusal.to_string() }
}

#[cfg(test)]
mod tests;
