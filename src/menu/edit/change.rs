//! What somebody changed about a dish or a category.

use crate::units::Fen;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// What it was called.
    Name(String),
    /// From and to.
    Category(String, String),
    Price(Fen, Fen),
    OnSale(bool),
    /// From and to; `None` where nobody counts.
    Stock(Option<i64>, Option<i64>),
    /// The new ones; empty for all day.
    Hours(String),
    Options,
    Parts,
    Image,
    Description,
    /// Of a category: whether phones see it.
    Enabled(bool),
    SortOrder,
}

/// Those that were made.
pub(super) fn made<const N: usize>(changes: [(bool, Change); N]) -> Vec<Change> {
    changes.into_iter().filter(|(made, _)| *made).map(|(_, change)| change).collect()
}

/// In a few words, as the audit log has them.
pub fn write(changes: &[Change]) -> String {
    changes.iter().map(write_one).collect::<Vec<_>>().join("，")
}

fn write_one(change: &Change) -> String {
    let count = |stock: &Option<i64>| stock.map_or_else(|| "不限".to_owned(), |left| left.to_string());
    match change {
        Change::Name(old) => format!("原名 {old}"),
        Change::Category(old, new) => format!("{old} → {new}"),
        Change::Price(old, new) => format!("{old} → {new} 元"),
        Change::OnSale(true) => "起售".to_owned(),
        Change::OnSale(false) => "停售".to_owned(),
        Change::Stock(old, new) => format!("库存 {} → {}", count(old), count(new)),
        Change::Hours(hours) if hours.is_empty() => "时段 全天".to_owned(),
        Change::Hours(hours) => format!("时段 {hours}"),
        Change::Options => "选项".to_owned(),
        Change::Parts => "套餐菜品".to_owned(),
        Change::Image => "图片".to_owned(),
        Change::Description => "描述".to_owned(),
        Change::Enabled(true) => "启用".to_owned(),
        Change::Enabled(false) => "禁用".to_owned(),
        Change::SortOrder => "排序".to_owned(),
    }
}
