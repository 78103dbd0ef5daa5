//! Tables and the parties that sit at them.

pub mod actions;
mod sql;

use crate::error::{Field, Refusal};
use crate::typed::{self, What};
use crate::units::{DinerId, SeatingId, TableId, Timestamp};

/// A table of the room. `code` is what its printed QR carries: random, not the number.
#[derive(Debug, Clone)]
pub struct Table {
    pub id: TableId,
    pub number: String,
    pub code: String,
    /// 大厅, 包间, …; empty where the room is one.
    pub area: String,
    pub seats: Option<i64>,
}

/// A table as the owner describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plate {
    pub number: String,
    pub area: String,
    pub seats: Option<i64>,
}

/// Characters of a table's number or area, at most.
const MAX_NAME: usize = 16;

impl Plate {
    /// As people see it.
    ///
    /// # Errors
    /// `BadLength`, `BadRequest` naming the field.
    pub fn check(self) -> Result<Plate, Refusal> {
        let number = typed::within(&self.number, 1..=MAX_NAME, What::TableNumber)?;
        let area = typed::within(&self.area, 0..=MAX_NAME, What::Area)?;
        if self.seats.is_some_and(|seats| !(1..=MAX_HEADS).contains(&seats)) {
            return Err(Refusal::BadRequest(Field::Seats));
        }
        Ok(Plate { number, area, seats: self.seats })
    }
}

impl Table {
    /// What the QR says; `base_url` ends without a slash.
    pub fn url(&self, base_url: &str) -> String {
        format!("{base_url}/t/{}", self.code)
    }
}

/// A table and who sits there.
#[derive(Debug, Clone)]
pub struct Place {
    pub table: Table,
    pub seating: Option<(SeatingId, Timestamp)>,
}

/// A party's move to another table: what belongs to `seating` at `from` belongs to `into` at `to` from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub seating: SeatingId,
    pub from: TableId,
    pub to: TableId,
    /// The party itself after 转台, the one that it is a part of after 并台.
    pub into: SeatingId,
}

/// Where the tokens of a seating speak for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// What the tokens name.
    pub named: SeatingId,
    /// What it has become a part of; itself where it was never merged.
    pub seating: SeatingId,
    pub table: TableId,
    /// Where it sat before.
    pub left: Vec<TableId>,
}

/// Heads at one table, at most.
pub const MAX_HEADS: i64 = 999;

/// # Errors
/// `BadHeads` outside 1–999.
pub fn check_heads(heads: Option<i64>) -> Result<Option<i64>, Refusal> {
    match heads {
        Some(count) if !(1..=MAX_HEADS).contains(&count) => Err(Refusal::BadHeads),
        other => Ok(other),
    }
}

/// Who speaks: one phone of one party at one table. Comes from a verified token; the party may have moved since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Diner {
    pub id: DinerId,
    pub table: TableId,
    pub seating: SeatingId,
}
