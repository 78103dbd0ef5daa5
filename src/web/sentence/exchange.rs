//! What an owner is told of a menu that is read in from a file: what can't be read, and what each line becomes.

use super::Sentence;
use crate::menu::edit::{Kind, change, change::Change};
use crate::menu::exchange::{CellFault, Head, LineKind, Unread};

const SAVE_AS: &str = "请用 Excel（或 WPS）打开它，点“文件 → 另存为”，类型选“Excel 工作簿 (*.xlsx)”或“CSV UTF-8（逗号分隔）(*.csv)”，\
     再导入新存的文件";
const SAVE_AS_ENGLISH: &str = "please open it in Excel (or WPS), choose “File → Save As”, pick the type “Excel \
     Workbook (*.xlsx)” or “CSV UTF-8 (Comma delimited) (*.csv)”, and import the file that this makes";
const AS_TEXT: &str = "请先把这一格的格式改成“文本”再填";
const AS_TEXT_ENGLISH: &str = "please change the format of this cell to “Text” first, then fill it in again";

pub fn unread(fault: &Unread) -> Sentence {
    match fault {
        Unread::Empty => say!("文件是空的", "The file is empty"),
        Unread::TooManyLines(most) => say!(
            "行数太多，最多 {most} 行，请分成几个文件导入",
            "There are too many rows: a file has at most {most}, please import it as several files"
        ),
        Unread::NotXlsx => {
            say!("这不是可以读取的 xlsx 文件，{SAVE_AS}", "This is no xlsx file that can be read: {SAVE_AS_ENGLISH}")
        }
        Unread::OldExcel => {
            say!("这是旧版 Excel 文件（.xls），{SAVE_AS}", "This is a file of an older Excel (.xls): {SAVE_AS_ENGLISH}")
        }
        Unread::Locked => say!(
            "这个 Excel 文件加了密码：请打开它，点“文件 → 信息 → 保护工作簿 → 用密码进行加密”，清空密码，保存后再导入",
            "This Excel file has a password: please open it, choose “File → Info → Protect Workbook → Encrypt with \
             Password”, clear the password, save the file and import it again"
        ),
        Unread::WebPage => {
            say!("这其实是网页，不是表格，{SAVE_AS}", "This is really a web page and no table: {SAVE_AS_ENGLISH}")
        }
        Unread::Unknown => say!("看不懂这个文件，{SAVE_AS}", "This file cannot be read: {SAVE_AS_ENGLISH}"),
        Unread::NotJson => {
            say!("JSON 格式有误，应为对象的数组", "The JSON is not right: it has to be an array of objects")
        }
        Unread::NoNames(heads) => {
            let Sentence { chinese, english } = list(heads);
            say!(
                "没有“名称”这一列；这一行的列名是：{chinese}。至少要有：分类、名称、价格",
                "There is no column “name”; the columns of this row are: {english}. A table needs at least: category, \
                 name, price"
            )
        }
        Unread::NoColumn(head, dishes, heads) => {
            let (zh, en) = head.names();
            let Sentence { chinese, english } = list(heads);
            say!(
                "没有“{zh}”这一列，{dishes} 道新菜需要它；这一行的列名是：{chinese}",
                "There is no column “{en}”; new dishes that need it: {dishes}; the columns of this row are: {english}"
            )
        }
        Unread::NameAbove => say!("前面已有同名的一行", "A row above has the same name already"),
        Unread::Cell(head, fault) => cell(*head, fault),
    }
}

fn cell(head: Head, fault: &CellFault) -> Sentence {
    let (zh, en) = (head.names().0, in_english(head));
    match fault {
        CellFault::Unclear(text) => say!("{zh}“{text}”看不懂", "“{text}” cannot be understood as {en}"),
        CellFault::Date(Some(text)) => {
            say!("{zh}是日期“{text}”，{AS_TEXT}", "There is a date, “{text}”, where {en} should be: {AS_TEXT_ENGLISH}")
        }
        CellFault::Date(None) => {
            say!("{zh}是日期，{AS_TEXT}", "There is a date where {en} should be: {AS_TEXT_ENGLISH}")
        }
        CellFault::Truth(on) => {
            let word = if *on { "TRUE" } else { "FALSE" };
            say!("{zh}是 {word}，请填上内容", "There is {word} where {en} should be, please fill it in")
        }
        CellFault::FormulaError(error) => say!(
            "{zh}是公式错误 {error}，请填上内容",
            "There is a formula's error, {error}, where {en} should be, please fill it in"
        ),
        CellFault::Formula => say!(
            "{zh}是没有结果的公式，请在 Excel 里打开、保存后再导入，或直接填上内容",
            "There is a formula without a result where {en} should be: please open the file in Excel, save it and \
             import it again, or fill it in yourself"
        ),
    }
}

/// As the pages call what stands in such a column.
fn in_english(head: Head) -> &'static str {
    match head {
        Head::Kind => "the kind",
        Head::Id => "the id",
        Head::Category => "the category",
        Head::Name => "the name",
        Head::Price => "the price",
        Head::Status => "the state",
        Head::Stock => "the stock",
        Head::Hours => "the hours",
        Head::Sort => "the order of display",
        Head::Options => "the options",
        Head::Combo => "the combo's dishes",
        Head::Description => "the description",
        Head::Image => "the picture",
    }
}

fn list(heads: &[String]) -> Sentence {
    Sentence { chinese: heads.join("、"), english: heads.join(", ") }
}

/// What a line of the file is.
pub fn of_kind(kind: LineKind) -> Sentence {
    match kind {
        LineKind::Section(Kind::Dish) => say!("菜品分类", "dish category"),
        LineKind::Section(Kind::Combo) => say!("套餐分类", "combo category"),
        LineKind::Dish(Kind::Dish) => say!("菜品", "dish"),
        LineKind::Dish(Kind::Combo) => say!("套餐", "combo"),
    }
}

/// In a few words; the Chinese ones are those of the audit log.
pub fn of_changes(changes: &[Change]) -> Sentence {
    let english: Vec<String> = changes.iter().map(change_in_english).collect();
    Sentence { chinese: change::write(changes), english: english.join(", ") }
}

fn change_in_english(change: &Change) -> String {
    let count = |stock: &Option<i64>| stock.map_or_else(|| "not counted".to_owned(), |left| left.to_string());
    match change {
        Change::Name(old) => format!("was {old}"),
        Change::Category(old, new) => format!("{old} → {new}"),
        Change::Price(old, new) => format!("{old} → {new} yuan"),
        Change::OnSale(true) => "on sale".to_owned(),
        Change::OnSale(false) => "not on sale".to_owned(),
        Change::Stock(old, new) => format!("stock {} → {}", count(old), count(new)),
        Change::Hours(hours) if hours.is_empty() => "hours: all day".to_owned(),
        Change::Hours(hours) => format!("hours {hours}"),
        Change::Options => "options".to_owned(),
        Change::Parts => "the combo's dishes".to_owned(),
        Change::Image => "picture".to_owned(),
        Change::Description => "description".to_owned(),
        Change::Enabled(true) => "shown".to_owned(),
        Change::Enabled(false) => "hidden".to_owned(),
        Change::SortOrder => "order of display".to_owned(),
    }
}
