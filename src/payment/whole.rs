//! 退款 of all that an order has brought. One that nobody has accepted has nothing to wait for any more: it is over, unless
//! the cashier keeps it.

use super::{actions, ledger, refund};
use crate::error::Result;
use crate::order::{self, Actor, Pay};
use crate::staff;
use crate::store::Tx;
use crate::units::{Fen, OrderId};
use rusqlite::Connection;

/// What the cashier says at the refund; nothing where the page does not ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ending {
    /// Whether the order is over; nothing is yes.
    pub end_order: Option<bool>,
    /// Whether its dishes can be had again: see `order::actions::decide_dishes`.
    pub dishes_back: Option<bool>,
}

/// What of an order's money has not gone back, and is not on its way.
pub fn refundable(conn: &Connection, order: OrderId) -> Result<Fen> {
    let under_way = actions::list_refunds_of_order(conn, order)?.into_iter().filter(|(_, state)| state == "pending");
    Ok(ledger::balance(conn, order)?.minus(under_way.map(|(refund, _)| refund.amount).sum()))
}

/// 退款 by staff, and what becomes of the order where it is the whole. A repeat of the `op_id` does nothing more.
///
/// # Errors
/// As `refund::send_part`.
pub fn send(
    tx: &mut Tx<'_>,
    order: OrderId,
    amount: Fen,
    ending: Ending,
    [reason, op_id, staff]: [&str; 3],
) -> Result<()> {
    if amount > Fen::ZERO && amount == refundable(tx.conn(), order)? {
        end(tx, order, ending, reason, staff)?;
    }
    refund::send_part(tx, order, amount, reason, op_id, staff)
}

/// Before the money goes: as with a cancelled order, a provider that takes its time keeps no kitchen waiting.
fn end(tx: &mut Tx<'_>, id: OrderId, ending: Ending, reason: &str, staff: &str) -> Result<()> {
    let order = order::actions::load(tx.conn(), id)?;
    if order.state.pay == Pay::Unpaid {
        return Ok(());
    }
    if let Some(end) = ending.end_order {
        order::actions::keep(tx, id, !end)?;
    }
    order::actions::decide_dishes(tx, id, ending.dishes_back)?;
    if order::actions::end_refunded(tx, id, reason, &Actor::Staff(staff.to_owned()))? {
        let detail = format!("全额退款 {reason}");
        staff::actions::record(tx, staff, "order.cancel", &order.number, detail.trim())?;
    }
    Ok(())
}
