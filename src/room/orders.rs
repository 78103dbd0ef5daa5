//! Orders of a party, from the cart to the end: what is done to one changes what the others cost, and sends money back.

use super::fees;
use crate::actor::Actor;
use crate::error::{Refusal, Result};
use crate::order::actions::{Submission, Terms};
use crate::order::{self, Fees, Input, Order, Status};
use crate::payment::actions::{refuse_half_paid, refuse_open};
use crate::payment::{self, PaymentState, Target, ledger, refund};
use crate::seating::Diner;
use crate::store::Tx;
use crate::units::{AdjustmentId, Fen, OrderId};
use crate::{bill, staff};

/// 提交订单, with the fees of the whole party as they are since. As `order::actions::submit`.
///
/// # Errors
/// As there.
pub fn submit(tx: &mut Tx<'_>, diner: Diner, terms: &Terms, submission: &Submission) -> Result<Order> {
    let made = order::actions::submit(tx, diner, terms, submission)?;
    fees::reckon(tx, made.seating, &terms.fees, &Actor::Diner(diner.id))?;
    order::actions::load(tx.conn(), made.id)
}

/// Takes a reduction back, or waives a fee. What is to be paid again can carry what its party lacks. As
/// `bill::actions::undo`.
///
/// # Errors
/// As there.
pub fn undo(tx: &mut Tx<'_>, id: AdjustmentId, fees: &Fees, by: &str) -> Result<()> {
    let order = order::actions::load_adjusted(tx.conn(), id)?;
    bill::actions::undo(tx, id, by)?;
    let party = order::actions::load(tx.conn(), order)?.seating;
    fees::reckon(tx, party, fees, &Actor::Staff(by.to_owned()))
}

/// 打包 or not, as staff see it: what that costs is reckoned anew. Whoever has its payment under way has to end that
/// first.
///
/// # Errors
/// `OrderNotFound`; `OrderState` when the order is paid or cancelled, or its bill has money in it.
pub fn set_packed(tx: &mut Tx<'_>, id: OrderId, packed: bool, fees: &Fees, by: &str) -> Result<()> {
    let order = order::actions::load(tx.conn(), id)?;
    order.check_unpaid()?;
    if order.packed == packed {
        return Ok(());
    }
    bill::actions::take_back(tx, id, &Actor::Staff(by.to_owned()))?;
    order::actions::set_packed(tx, id, packed)?;
    let seated = order::actions::load_company(tx.conn(), order.seating)?.is_seated();
    let actor = Actor::Staff(by.to_owned());
    order::actions::change_fees(tx, id, seated, fees, &actor)?;
    fees::reckon(tx, order.seating, fees, &actor)?;
    staff::actions::record(tx, by, "order.packed", &order.number, if packed { "打包" } else { "堂食" })
}

/// Who ends an order, and how.
#[derive(Debug, Clone)]
pub struct Cancelling {
    pub by: String,
    /// Whether this member of staff may send money back.
    pub may_refund: bool,
    pub reason: String,
    /// Whether its dishes can be had again: see `order::actions::decide_dishes`.
    pub dishes_back: Option<bool>,
}

/// 拒单, 取消: what was paid goes back, and its cover is another order's from now on.
///
/// # Errors
/// As `cancel_by_staff`.
pub fn cancel(tx: &mut Tx<'_>, id: OrderId, cancelling: &Cancelling, fees: &Fees) -> Result<()> {
    let Cancelling { by, may_refund, reason, dishes_back } = cancelling;
    order::actions::decide_dishes(tx, id, *dishes_back)?;
    cancel_by_staff(tx, id, by, *may_refund, reason)?;
    let party = order::actions::load(tx.conn(), id)?.seating;
    fees::reckon(tx, party, fees, &Actor::Staff(by.clone()))
}

/// Cancels an order that staff refuse; what was paid for it goes back.
///
/// # Errors
/// `OrderNotFound`, `OrderState`; `NotAllowed` for staff who may not send money back, or let go what is owed for dishes
/// that are on the table.
pub fn cancel_by_staff(tx: &mut Tx<'_>, id: OrderId, staff: &str, may_refund: bool, reason: &str) -> Result<()> {
    let before = order::actions::load(tx.conn(), id)?.state;
    let has_money = bill::actions::paid_of(tx.conn(), id)? != Fen::ZERO || ledger::balance(tx.conn(), id)? != Fen::ZERO;
    if !may_refund && (has_money || before.status == Status::Serving) {
        return Err(Refusal::NotAllowed.into());
    }
    let by = Actor::Staff(staff.to_owned());
    if let Some(open) = bill::actions::find_open_of_order(tx.conn(), id)? {
        bill::actions::take_off(tx, &open, id, &by)?;
    }
    let order = order::actions::cancel(tx, id, Input::Cancel, &by, reason)?;
    if order.state != before {
        let paid = if has_money { "paid " } else { "" };
        staff::actions::record(tx, staff, "order.cancel", &order.number, format!("{paid}{reason}").trim())?;
    }
    let reason = if reason.is_empty() { "订单取消" } else { reason };
    for payment in payment::actions::list_of_order(tx.conn(), id)? {
        if payment.state == PaymentState::Paid && payment.target == Target::Order(id) {
            refund::send_all(tx, &payment, reason, &by)?;
        }
    }
    refund::send_share(tx, id, reason, &by)
}

/// Cancels an order that nobody has paid.
///
/// # Errors
/// `OrderNotFound`, `OrderState`; `PaymentUnconfirmed` while a payment is still open at its provider.
pub fn withdraw(tx: &mut Tx<'_>, id: OrderId, actor: &Actor, reason: &str, fees: &Fees) -> Result<()> {
    refuse_open(tx.conn(), id)?;
    refuse_half_paid(tx.conn(), id)?;
    if let Some(bill) = bill::actions::find_open_of_order(tx.conn(), id)? {
        bill::actions::take_off(tx, &bill, id, actor)?;
    }
    let order = order::actions::cancel(tx, id, Input::Withdraw, actor, reason)?;
    fees::reckon(tx, order.seating, fees, actor)
}
