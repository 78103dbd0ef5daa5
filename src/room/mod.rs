//! The room as staff see it: what is done with a party and all that it has, through the nouns below.

pub mod actions;
pub mod fees;
pub mod menu;
pub mod orders;
pub mod refund;
mod sql;

use crate::alert;
use crate::seating::Table;
use crate::units::{AlertId, Fen, SeatingId, Timestamp};
use serde::Serialize;

/// A table of the room with all that staff have to know of it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub table: Table,
    pub party: Option<Sitting>,
    pub calls: Vec<Call>,
}

/// A party as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sitting {
    pub seating: SeatingId,
    pub opened_at: Timestamp,
    pub heads: Option<i64>,
    pub bill_asked_at: Option<Timestamp>,
    /// Orders that count: those that were given up do not.
    pub orders: i64,
    /// Of these, what the kitchen or the guests are not done with.
    pub under_way: i64,
    /// Of these, 待接单.
    pub unconfirmed: i64,
    pub owed: Fen,
    pub last_order_at: Option<Timestamp>,
}

/// Guests want somebody to come.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub alert: AlertId,
    pub kind: alert::Kind,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "TableState"))]
#[serde(rename_all = "camelCase")]
pub enum State {
    Free,
    Seated,
    Ordered,
    ToPay,
    ToClear,
}

/// What a table waits for, in one word. Who has asked for the bill waits for that, whatever is still to be served.
pub fn state(party: Option<&Sitting>) -> State {
    match party {
        None => State::Free,
        Some(party) if party.orders == 0 => State::Seated,
        Some(party) if party.owed > Fen::ZERO && party.bill_asked_at.is_some() => State::ToPay,
        Some(party) if party.under_way > 0 => State::Ordered,
        Some(party) if party.owed > Fen::ZERO => State::ToPay,
        Some(_) => State::ToClear,
    }
}

#[cfg(test)]
mod tests;
