//! Tables and the parties that sit at them.

pub mod actions;
mod sql;

use crate::units::{DinerId, SeatingId, TableId, Timestamp};

/// A table of the room. `code` is what its printed QR carries: random, not the number.
#[derive(Debug, Clone)]
pub struct Table {
    pub id: TableId,
    pub number: String,
    pub code: String,
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

/// Who speaks: one phone of one party at one table. Comes from a verified token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Diner {
    pub id: DinerId,
    pub table: TableId,
    pub seating: SeatingId,
}
