//! The ledger: every yuan that came or went, once, for ever. An order's balance is the sum of its entries.

mod sql;

use super::{COUNTER, Channel, Payment};
use crate::actor::Actor;
use crate::bill::{self, BillState};
use crate::error::Result;
use crate::order;
use crate::store::Tx;
use crate::units::{EntryId, Fen, OrderId, PaymentId, Timestamp};
use rusqlite::Connection;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: EntryId,
    pub order: OrderId,
    pub order_number: String,
    pub out_trade_no: String,
    pub kind: Kind,
    pub provider: String,
    /// The payment's channel.
    pub method: String,
    /// Positive in, negative out.
    pub amount: Fen,
    /// The provider's transaction, or our refund number.
    pub reference: String,
    pub at: Timestamp,
    /// When the provider says that it happened.
    pub provider_at: Timestamp,
    /// Who or what caused it.
    pub actor: Actor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Payment,
    Refund,
}

names!(Kind { Payment = "payment", Refund = "refund" });

/// Money that came for a payment. `false` when this transaction is booked already.
pub fn book_payment(
    tx: &mut Tx<'_>,
    of: &Payment,
    amount: Fen,
    transaction_id: &str,
    provider_at: Timestamp,
    actor: &Actor,
) -> Result<bool> {
    let by = (of.provider.as_str(), of.channel);
    sql::insert_entry(tx.conn(), of, by, Kind::Payment, amount, transaction_id, [tx.now, provider_at], actor)
}

/// Money that went back. `false` when this refund is booked already.
pub fn book_refund(
    tx: &mut Tx<'_>,
    of: &Payment,
    amount: Fen,
    out_refund_no: &str,
    provider_at: Timestamp,
    actor: &Actor,
) -> Result<bool> {
    let by = (of.provider.as_str(), of.channel);
    sql::insert_entry(tx.conn(), of, by, Kind::Refund, Fen(-amount.0), out_refund_no, [tx.now, provider_at], actor)
}

/// Money that staff gave back out of the till, whichever way it had come.
pub fn book_hand_back(tx: &mut Tx<'_>, of: &Payment, amount: Fen, reference: &str, actor: &Actor) -> Result<bool> {
    let by = (COUNTER, Channel::Cash);
    sql::insert_entry(tx.conn(), of, by, Kind::Refund, Fen(-amount.0), reference, [tx.now, tx.now], actor)
}

/// What a payment has brought, and what of it went back (positive).
pub fn sums_of_payment(conn: &Connection, payment: PaymentId) -> Result<(Fen, Fen)> {
    sql::sums_of_payment(conn, payment)
}

/// What is in the till for an order: the sum of the entries of its own payments, and of a paid bill its share, which is
/// what it costs, less what of that went back.
pub fn balance(conn: &Connection, order: OrderId) -> Result<Fen> {
    let own = sql::sum_of_order(conn, order)?;
    let billed = bill::actions::find_of_order(conn, order)?.is_some_and(|bill| bill.state == BillState::Paid);
    match billed {
        true => Ok(own.plus(share_of_bill(conn, order)?)),
        false => Ok(own),
    }
}

/// What of an order's share of its paid bill is left: what it costs, less what went back.
fn share_of_bill(conn: &Connection, order: OrderId) -> Result<Fen> {
    let costs = order::actions::load(conn, order)?.amount;
    Ok(costs.minus(super::sql::sum_refunds_of_share(conn, order)?))
}

/// Of the order alone, and of all of its bill; oldest first.
pub fn list_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Entry>> {
    sql::list_of_order(conn, order)
}

/// What was booked from `from` until before `to`, oldest first.
pub fn list_booked(conn: &Connection, from: Timestamp, to: Timestamp) -> Result<Vec<Entry>> {
    sql::list_booked(conn, from, to)
}

/// A provider's entries that it dates from `from` until before `to`.
pub fn list_by_provider(conn: &Connection, provider: &str, from: Timestamp, to: Timestamp) -> Result<Vec<Entry>> {
    sql::list_by_provider(conn, provider, from, to)
}

/// When the first money moved, by the providers' clocks.
pub fn find_first(conn: &Connection) -> Result<Option<Timestamp>> {
    sql::find_first(conn)
}

pub fn find(conn: &Connection, provider: &str, kind: Kind, reference: &str) -> Result<Option<Entry>> {
    sql::find(conn, provider, kind, reference)
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Total {
    pub count: i64,
    pub paid: Fen,
    /// Positive.
    pub refunded: Fen,
}

impl Total {
    pub fn net(&self) -> Fen {
        self.paid.minus(self.refunded)
    }

    fn add(&mut self, entry: &Entry) {
        self.count += 1;
        match entry.kind {
            Kind::Payment => self.paid = self.paid.plus(entry.amount),
            Kind::Refund => self.refunded = self.refunded.minus(entry.amount),
        }
    }
}

/// Sums by provider and method, in the order of their names.
pub fn totals(entries: &[Entry]) -> BTreeMap<(String, String), Total> {
    let mut totals: BTreeMap<_, Total> = BTreeMap::new();
    for entry in entries {
        totals.entry((entry.provider.clone(), entry.method.clone())).or_default().add(entry);
    }
    totals
}

pub fn total(entries: &[Entry]) -> Total {
    let mut total = Total::default();
    entries.iter().for_each(|entry| total.add(entry));
    total
}
