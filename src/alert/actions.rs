//! What can be done with alerts.

use super::{Alert, Kind, sql};
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::store::Tx;
use crate::units::{AlertId, OrderId};
use rusqlite::Connection;
use std::sync::Arc;

/// Written in the transaction of what caused it, so that neither can be without the other.
pub fn raise(tx: &mut Tx<'_>, kind: Kind, order: OrderId) -> Result<()> {
    let id = sql::insert_alert(tx.conn(), kind, order, tx.now)?;
    let alert = sql::load_alert(tx.conn(), id)?;
    tx.emit(Event::AlertRaised(Arc::new(alert)));
    Ok(())
}

/// Silences the alert everywhere. A repeat does nothing.
///
/// # Errors
/// `AlertNotFound`.
pub fn acknowledge(tx: &mut Tx<'_>, id: AlertId, by: &str) -> Result<()> {
    let order = sql::find_order_of(tx.conn(), id)?.ok_or(Refusal::AlertNotFound)?;
    if sql::advance_acked(tx.conn(), id, by, tx.now)? {
        tx.emit(Event::AlertAcked(id, order));
    }
    Ok(())
}

/// The order was answered or is over: nothing about it rings any longer.
pub fn acknowledge_order(tx: &mut Tx<'_>, order: OrderId, by: &str) -> Result<()> {
    for id in sql::list_open_of_order(tx.conn(), order)? {
        acknowledge(tx, id, by)?;
    }
    Ok(())
}

pub fn mark_heard(tx: &mut Tx<'_>, ids: &[AlertId]) -> Result<()> {
    ids.iter().try_for_each(|id| sql::advance_heard(tx.conn(), *id, tx.now))
}

/// What nobody has answered yet, oldest first.
pub fn list_open(conn: &Connection) -> Result<Vec<Alert>> {
    sql::list_open(conn)
}
