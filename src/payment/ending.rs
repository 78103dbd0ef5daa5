//! Ends of what was to be paid: an order that is cancelled or given up, a payment that is closed, a bill whose party has
//! left. What has come for it goes back, or a person is told.

use super::actions::{advance, load};
use super::state::PaymentInput;
use super::{Channel, Payment, PaymentState, Target, next_look_at_closed, refund, spoken_name, sql};
use crate::actor::Actor;
use crate::alert;
use crate::bill::{self, Bill};
use crate::error::Result;
use crate::order::{self, Status};
use crate::seating;
use crate::store::Tx;
use crate::units::{Fen, OrderId, PaymentId, SeatingId, Timestamp};
use rusqlite::Connection;

/// What a person reads of a bill before the meal of which nobody pays the rest.
const HALF_PAID: &str = "账单只付了一部分：请收齐其余，或取消订单退款";
const LEFT_HALF_PAID: &str = "客人已离店，账单只付了一部分，已付的自动退回";

/// An order that should have been paid by now can't be given up yet: again in so many seconds. Where that is because a
/// part of it is paid, a person is told, once.
pub fn postpone_expiry(tx: &mut Tx<'_>, id: OrderId, seconds: i64) -> Result<()> {
    if bill::actions::paid_of(tx.conn(), id)? > Fen::ZERO {
        alert::actions::raise_payment_once(tx, id, HALF_PAID)?;
    }
    order::actions::postpone_expiry(tx, id, seconds)
}

/// The provider says that it can't be paid any more; it is looked at a few times all the same.
pub fn closed(tx: &mut Tx<'_>, id: PaymentId) -> Result<()> {
    end(tx, id, next_look_at_closed(tx.now, tx.now))
}

/// No money is taken for it any more.
fn end(tx: &mut Tx<'_>, id: PaymentId, next_look: Option<Timestamp>) -> Result<()> {
    if advance(tx, id, PaymentInput::Closed)? {
        sql::set_look(tx.conn(), id, next_look)?;
    }
    end_left_bill(tx, &load(tx.conn(), id)?)
}

/// 清台: the party has left. A bill that nobody has paid a part of is no more: what it was of can be paid order by
/// order. One that somebody is paying right now ends when that has ended. What has come then for orders that the kitchen
/// never heard of goes back, or if staff have taken some of it, a person decides.
pub fn leave_bill(tx: &mut Tx<'_>, party: SeatingId) -> Result<()> {
    let Some(bill) = bill::actions::find_open(tx.conn(), party)? else { return Ok(()) };
    let payments = sql::list_of_bill(tx.conn(), bill.id)?;
    if payments.iter().any(|payment| payment.state.is_open()) {
        return Ok(());
    }
    if !bill.is_touched() {
        return bill::actions::void(tx, &bill);
    }
    let Some(unheard) = find_unheard(tx.conn(), &bill)? else { return Ok(()) };
    let by_staff = |payment: &Payment| matches!(payment.channel, Channel::Cash | Channel::Terminal);
    if payments.iter().any(|payment| payment.state == PaymentState::Paid && by_staff(payment)) {
        return alert::actions::raise_payment_once(tx, unheard, HALF_PAID);
    }
    for payment in payments.iter().filter(|payment| payment.state == PaymentState::Paid) {
        refund::send_all(tx, payment, LEFT_HALF_PAID, &Actor::Expiry)?;
    }
    bill::actions::call_off(tx, &bill)?;
    alert::actions::raise_payment(tx, unheard, LEFT_HALF_PAID)?;
    order::actions::expire_unpaid(tx, party)
}

/// 先付后吃: an order of the bill that the kitchen hears of only when all of it is paid.
fn find_unheard(conn: &Connection, bill: &Bill) -> Result<Option<OrderId>> {
    for id in &bill.orders {
        if order::actions::load(conn, *id)?.state.status == Status::PendingPayment {
            return Ok(Some(*id));
        }
    }
    Ok(None)
}

/// A payment of a bill has ended. Whose party has left, that was waited for.
pub(super) fn end_left_bill(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    let Target::Part(part) = payment.target else { return Ok(()) };
    let party = bill::actions::load(tx.conn(), bill::actions::load_part(tx.conn(), part)?.bill)?.seating;
    match seating::actions::has_left(tx.conn(), party)? {
        true => leave_bill(tx, party),
        false => Ok(()),
    }
}

/// The provider of an open payment is no longer configured, and the payment's time is long over.
pub fn give_up(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    end(tx, payment.id, None)?;
    let note = format!("{}已停用，这笔付款无法查询，请在商户平台核对", spoken_name(&payment.provider));
    alert::actions::raise_payment(tx, payment.about, &note)
}
