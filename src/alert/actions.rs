//! What can be done with alerts.

use super::{Alert, Dish, Kind, sql};
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::store::{Tx, setting};
use crate::units::{AlertId, OrderId, TableId};
use rusqlite::Connection;
use std::collections::HashMap;
use std::sync::Arc;

/// A table may call for the same once in this many seconds.
const CALL_SECONDS: i64 = 60;

/// Written in the transaction of what caused it, so that neither can be without the other.
pub fn raise(tx: &mut Tx<'_>, kind: Kind, order: OrderId) -> Result<()> {
    ring(tx, kind, Some(order), "")
}

/// A payment that needs a person, and why.
pub fn raise_payment(tx: &mut Tx<'_>, order: OrderId, note: &str) -> Result<()> {
    ring(tx, Kind::Payment, Some(order), note)
}

/// The same, unless somebody has been told this of the order before.
pub fn raise_payment_once(tx: &mut Tx<'_>, order: OrderId, note: &str) -> Result<()> {
    match sql::was_told(tx.conn(), Kind::Payment, order, note)? {
        true => Ok(()),
        false => raise_payment(tx, order, note),
    }
}

/// Something about payments at large that needs a person.
pub fn raise_trouble(tx: &mut Tx<'_>, note: &str) -> Result<()> {
    ring_once(tx, Kind::Payment, note)
}

/// Whether somebody is being told of that trouble, and has not answered.
pub fn is_told(conn: &Connection, note: &str) -> Result<bool> {
    Ok(!sql::list_open_without_order(conn, Kind::Payment, note)?.is_empty())
}

/// That trouble is over.
pub fn acknowledge_trouble(tx: &mut Tx<'_>, note: &str) -> Result<()> {
    let open = sql::list_open_without_order(tx.conn(), Kind::Payment, note)?;
    open.into_iter().try_for_each(|id| acknowledge(tx, id, "over"))
}

/// Callbacks cannot come, and why.
pub fn raise_tunnel(tx: &mut Tx<'_>, note: &str) -> Result<()> {
    match sql::list_open_of_kind(tx.conn(), Kind::Tunnel)?.is_empty() {
        true => ring(tx, Kind::Tunnel, None, note),
        false => Ok(()),
    }
}

/// Callbacks come again.
pub fn acknowledge_tunnel(tx: &mut Tx<'_>) -> Result<()> {
    acknowledge_kind(tx, Kind::Tunnel, "tunnel")
}

/// Somebody should say whether the speaker is heard. Asked for again, it is spoken again at once: the new question takes
/// the place of the one that nobody has answered.
pub fn raise_test(tx: &mut Tx<'_>) -> Result<()> {
    acknowledge_kind(tx, Kind::Test, "asked again")?;
    ring(tx, Kind::Test, None, "")
}

/// The same, once for each business day.
pub fn raise_daily_test(tx: &mut Tx<'_>, day: &str) -> Result<()> {
    if setting::find(tx.conn(), setting::SPEAKER_TEST)?.as_deref() == Some(day) {
        return Ok(());
    }
    setting::set(tx.conn(), setting::SPEAKER_TEST, day)?;
    raise_test(tx)
}

/// Once while nobody has answered.
fn ring_once(tx: &mut Tx<'_>, kind: Kind, note: &str) -> Result<()> {
    match sql::list_open_without_order(tx.conn(), kind, note)?.is_empty() {
        true => ring(tx, kind, None, note),
        false => Ok(()),
    }
}

fn ring(tx: &mut Tx<'_>, kind: Kind, order: Option<OrderId>, note: &str) -> Result<()> {
    let id = sql::insert_alert(tx.conn(), kind, order, note, tx.now)?;
    let alert = sql::load_alert(tx.conn(), id)?;
    tx.emit(Event::AlertRaised(Arc::new(alert)));
    Ok(())
}

/// Silences the alert everywhere. A repeat does nothing.
///
/// # Errors
/// `AlertNotFound`.
pub fn acknowledge(tx: &mut Tx<'_>, id: AlertId, by: &str) -> Result<()> {
    if !sql::exists(tx.conn(), id)? {
        return Err(Refusal::AlertNotFound.into());
    }
    if sql::advance_acked(tx.conn(), id, by, tx.now)? {
        tx.emit(Event::AlertAcked(id));
        if let Some(table) = sql::find_table_of(tx.conn(), id)? {
            tx.emit(Event::TableChanged(table));
        }
    }
    Ok(())
}

/// Guests call somebody to their table. While nobody has come, and within a minute, a repeat rings no more.
pub fn call(tx: &mut Tx<'_>, kind: Kind, table: TableId) -> Result<()> {
    if sql::has_called(tx.conn(), kind, table, (tx.now.plus_seconds(-CALL_SECONDS), tx.now))? {
        return Ok(());
    }
    let id = sql::insert_call(tx.conn(), kind, table, tx.now)?;
    let alert = sql::load_alert(tx.conn(), id)?;
    tx.emit(Event::AlertRaised(Arc::new(alert)));
    tx.emit(Event::TableChanged(table));
    Ok(())
}

/// The party has left: nobody has to come any more.
pub fn dismiss_calls(tx: &mut Tx<'_>, table: TableId) -> Result<()> {
    sql::list_calls_of(tx.conn(), table)?.into_iter().try_for_each(|(id, _)| acknowledge(tx, id, "left"))
}

/// The party has paid: nobody has to bring the bill any more.
pub fn dismiss_bill_call(tx: &mut Tx<'_>, table: TableId) -> Result<()> {
    let calls = sql::list_calls_of(tx.conn(), table)?;
    let mut bills = calls.into_iter().filter(|(_, kind)| *kind == Kind::Bill as i64);
    bills.try_for_each(|(id, _)| acknowledge(tx, id, "paid"))
}

/// The party sits elsewhere now, and is called for there.
pub fn move_calls(tx: &mut Tx<'_>, from: TableId, to: TableId) -> Result<()> {
    let there = sql::list_calls_of(tx.conn(), to)?;
    for (id, kind) in sql::list_calls_of(tx.conn(), from)? {
        match there.iter().any(|(_, known)| *known == kind) {
            true => acknowledge(tx, id, "merged")?,
            false => sql::set_table(tx.conn(), id, to)?,
        }
    }
    Ok(())
}

fn acknowledge_kind(tx: &mut Tx<'_>, kind: Kind, by: &str) -> Result<()> {
    sql::list_open_of_kind(tx.conn(), kind)?.into_iter().try_for_each(|id| acknowledge(tx, id, by))
}

/// The order was answered or is over: nothing about it rings any longer.
pub fn acknowledge_order(tx: &mut Tx<'_>, order: OrderId, by: &str) -> Result<()> {
    for id in sql::list_open_of_order(tx.conn(), order)? {
        acknowledge(tx, id, by)?;
    }
    Ok(())
}

/// Nobody has to decide about the order's money any more.
pub fn acknowledge_payment(tx: &mut Tx<'_>, order: OrderId, by: &str) -> Result<()> {
    for id in sql::list_open_payment_alerts(tx.conn(), order)? {
        acknowledge(tx, id, by)?;
    }
    Ok(())
}

pub fn mark_heard(tx: &mut Tx<'_>, ids: &[AlertId]) -> Result<()> {
    ids.iter().try_for_each(|id| sql::advance_heard(tx.conn(), *id, tx.now))
}

/// The order that an open alert asks to accept.
pub fn find_new_order(conn: &Connection, id: AlertId) -> Result<Option<OrderId>> {
    sql::find_new_order(conn, id)
}

/// The dishes of each order that an open alert is about.
pub fn list_open_dishes(conn: &Connection) -> Result<HashMap<OrderId, Vec<Dish>>> {
    sql::list_open_dishes(conn)
}

/// What nobody has answered yet, oldest first.
pub fn list_open(conn: &Connection) -> Result<Vec<Alert>> {
    sql::list_open(conn)
}
