//! 退款 of all that an order has brought. One that nobody has accepted has nothing to wait for any more: it is over, unless
//! the cashier keeps it.

use super::fees;
use crate::actor::Actor;
use crate::error::Result;
use crate::order::{self, Fees, Pay};
use crate::payment::{RefundState, actions, ledger, refund};
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
    let mut refunds = actions::list_refunds_of_order(conn, order)?;
    refunds.retain(|refund| refund.state == RefundState::Pending);
    Ok(ledger::balance(conn, order)?.minus(refunds.iter().map(|refund| refund.amount).sum()))
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
    fees: &Fees,
) -> Result<()> {
    if amount > Fen::ZERO && amount == refundable(tx.conn(), order)? {
        end(tx, order, ending, reason, staff)?;
    }
    refund::send_part(tx, order, amount, reason, op_id, staff)?;
    // Where that ended the order, its cover is another's.
    let party = order::actions::load(tx.conn(), order)?.seating;
    fees::reckon(tx, party, fees, &Actor::Staff(staff.to_owned()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Status;
    use crate::payment::Target;
    use crate::payment::provider::{RefundNotice, Returned};
    use crate::payment::review::{self, Action};
    use crate::payment::settle::take_at_counter;
    use crate::payment::tests::{open_shop, order_dish};
    use crate::payment::{Channel, Payment};
    use crate::store::in_memory;
    use crate::units::Timestamp;

    fn tx(conn: &Connection) -> Tx<'_> {
        Tx::new(conn, Timestamp(1_795_000_000_000))
    }

    /// An order of 38.00 that is paid in cash, and nobody has accepted.
    fn paid() -> (Connection, Payment) {
        let conn = in_memory();
        let diner = open_shop(&mut tx(&conn)).unwrap();
        let order = order_dish(&mut tx(&conn), diner).unwrap().id;
        let payment = take_at_counter(&mut tx(&conn), Target::Order(order), Channel::Cash, Fen(3800), "admin").unwrap();
        (conn, payment)
    }

    fn now(conn: &Connection, payment: &Payment) -> (Status, Pay) {
        let state = order::actions::load(conn, payment.about).unwrap().state;
        (state.status, state.pay)
    }

    fn back(conn: &Connection, payment: &Payment, fen: i64, end_order: Option<bool>, op: &str) {
        let ending = Ending { end_order, dishes_back: None };
        send(&mut tx(conn), payment.about, Fen(fen), ending, ["", op, "admin"], &Fees::default()).unwrap();
    }

    #[test]
    fn what_the_cashier_said_last_counts() {
        for (steps, ended) in [
            (&[(3800, None)][..], true),
            (&[(3800, Some(false))], false),
            (&[(1, Some(false)), (3799, None)], true),
            (&[(1, Some(true)), (3799, Some(false))], false),
        ] {
            let (conn, payment) = paid();
            for (index, (fen, end)) in steps.iter().enumerate() {
                back(&conn, &payment, *fen, *end, &format!("op {index}"));
            }
            let status = if ended { Status::Cancelled } else { Status::ToBeConfirmed };
            assert_eq!(now(&conn, &payment), (status, Pay::Refunded), "{steps:?}");
            // The same tap, once more and without the answer.
            back(&conn, &payment, steps.last().unwrap().0, None, &format!("op {}", steps.len() - 1));
            assert_eq!(now(&conn, &payment).0, status, "{steps:?}");
        }
    }

    #[test]
    fn money_that_went_back_at_the_provider_ends_the_order_once_it_is_booked() {
        let (conn, payment) = paid();
        let notice = RefundNotice {
            out_trade_no: payment.out_trade_no.clone(),
            // Of coins our own number is the transaction's.
            transaction_id: Some(payment.out_trade_no.clone()),
            out_refund_no: "x1".into(),
            for_us: true,
            amount: Fen(3800),
            is_running_total: false,
            state: Returned::Done(None),
        };
        refund::noticed(&mut tx(&conn), &payment.provider, &notice).unwrap();
        assert_eq!(now(&conn, &payment), (Status::ToBeConfirmed, Pay::Paid), "a person decides first");
        let open = review::list_open(&conn).unwrap();
        review::answer::resolve(&mut tx(&conn), open[0].id, Action::HandedBack, "admin").unwrap();
        assert_eq!(now(&conn, &payment), (Status::Cancelled, Pay::Refunded));
    }
}
