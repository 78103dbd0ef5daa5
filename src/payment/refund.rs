//! Money on its way back. Each refund has one cause and one number, so that nothing sends it twice.

use super::provider::{CallError, Called, RefundNotice, Returned};
use super::review::{self, Kind, Question};
use super::state::RefundInput;
use super::{
    Cause, Channel, Payment, PaymentState, Refund, Target, Why, actions, ledger, retry_interval, sql, unclaimed,
};
use crate::actor::Actor;
use crate::alert;
use crate::bill::{self, PartState};
use crate::error::{OrderReason, Refusal, Result};
use crate::event::Event;
use crate::failpoint;
use crate::member;
use crate::order::{self, Input, Pay};
use crate::staff;
use crate::store::Tx;
use crate::units::{Fen, MemberId, OrderId, PartId, PaymentId, RefundId, Timestamp};
use anyhow::Context;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Nobody should have to ask where the money is: after so many tries, two hours or so, a person is told.
const TELL_AFTER_TRIES: i64 = 18;

/// What of a payment has not gone back, and is not on its way.
pub fn remaining(conn: &Connection, payment: &Payment) -> Result<Fen> {
    let (came, gone) = ledger::sums_of_payment(conn, payment.id)?;
    // A second transaction of the same number can't be refunded by it.
    let most = payment.received.unwrap_or(Fen::ZERO).min(came.minus(gone));
    Ok(most.minus(sql::sum_pending_refunds(conn, payment.id)?))
}

/// Sends back what is left of a payment: at most one such refund for each.
pub fn send_all(tx: &mut Tx<'_>, payment: &Payment, reason: &str, actor: &Actor) -> Result<()> {
    let amount = remaining(tx.conn(), payment)?;
    if amount <= Fen::ZERO {
        return Ok(());
    }
    send(tx, payment, None, amount, Why { reason, cause: &Cause::Whole, actor })
}

/// An order is cancelled: what parts of its bill have paid of it goes back, each to who paid that part.
pub fn send_share(tx: &mut Tx<'_>, order: OrderId, reason: &str, actor: &Actor) -> Result<()> {
    let why = Why { reason, cause: &Cause::Cancel(order), actor };
    for (payment, amount) in list_shares(tx.conn(), order)? {
        send(tx, &payment, Some(order), amount, why)?;
    }
    Ok(())
}

/// The payments of parts that have paid of this order, with what of that can still go back.
fn list_shares(conn: &Connection, order: OrderId) -> Result<Vec<(Payment, Fen)>> {
    let mut shares = Vec::new();
    for payment in sql::list_sharing(conn, order)? {
        let Target::Part(part) = payment.target else { continue };
        let part = bill::actions::load_part(conn, part)?;
        if payment.state != PaymentState::Paid || part.state != PartState::Paid {
            continue;
        }
        let paid = part.pays.get(&order).copied().unwrap_or_default();
        let left = paid.minus(sql::sum_refunds_of(conn, payment.id, order)?).min(remaining(conn, &payment)?);
        if left > Fen::ZERO {
            shares.push((payment, left));
        }
    }
    Ok(shares)
}

/// What a cause has sent back of an order out of these payments. `None`: nothing yet.
///
/// # Errors
/// `OpIdReused` when it sent back another order's.
fn sent_before(conn: &Connection, payments: &[Payment], order: OrderId, cause: &Cause) -> Result<Option<Fen>> {
    let mut sent = None;
    for payment in payments {
        let Some(refund) = find_of_cause(conn, payment.id, cause)? else { continue };
        if refund.order.unwrap_or(payment.about) != order {
            return Err(Refusal::OpIdReused.into());
        }
        sent = Some(sent.unwrap_or(Fen::ZERO).plus(refund.amount));
    }
    Ok(sent)
}

/// What this cause has sent back out of a payment.
fn find_of_cause(conn: &Connection, payment: PaymentId, cause: &Cause) -> Result<Option<Refund>> {
    Ok(sql::list_refunds_of(conn, payment)?.into_iter().find(|refund| refund.cause == *cause))
}

/// 退款 by staff, of an order or a part of it; of a bill's order out of all parts that paid of it, in proportion. A repeat
/// of the `op_id` does nothing more.
///
/// # Errors
/// `OrderNotFound`; `OrderState` when nothing was paid; `WrongAmount` with what can go back in one refund; `OpIdReused`.
pub fn send_part(tx: &mut Tx<'_>, order: OrderId, amount: Fen, reason: &str, op_id: &str, staff: &str) -> Result<()> {
    let reason = order::actions::clean_reason(reason)?;
    let number = order::actions::load(tx.conn(), order)?.number;
    let (cause, actor) = (Cause::Staff(op_id.to_owned()), Actor::Staff(staff.to_owned()));
    let why = Why { reason: &reason, cause: &cause, actor: &actor };
    let mut most = Fen::ZERO;
    let payments = sql::list_of_order(tx.conn(), order)?;
    match sent_before(tx.conn(), &payments, order, &cause)? {
        Some(sent) if sent == amount => return Ok(()),
        Some(_) => return Err(Refusal::OpIdReused.into()),
        None => {}
    }
    let own = |payment: &&Payment| payment.state == PaymentState::Paid && payment.target == Target::Order(order);
    for payment in payments.iter().filter(own) {
        let left = remaining(tx.conn(), payment)?;
        if Fen::ZERO < amount && amount <= left {
            staff::actions::record(tx, staff, "payment.refund", &number, format!("{amount} {reason}").trim())?;
            return send(tx, payment, None, amount, why);
        }
        most = most.max(left);
    }
    if bill::actions::paid_of(tx.conn(), order)? > Fen::ZERO {
        return Err(Refusal::OrderState(OrderReason::BillUnfinished).into());
    }
    let shares = list_shares(tx.conn(), order)?;
    let lefts: Vec<Fen> = shares.iter().map(|(_, left)| *left).collect();
    let left = lefts.iter().copied().sum();
    if Fen::ZERO < amount && amount <= left {
        staff::actions::record(tx, staff, "payment.refund", &number, format!("{amount} {reason}").trim())?;
        let parts = shares.iter().zip(amount.spread(&lefts)).filter(|(_, part)| *part > Fen::ZERO);
        return parts.into_iter().try_for_each(|((payment, _), part)| send(tx, payment, Some(order), part, why));
    }
    match most.max(left) {
        Fen::ZERO => Err(Refusal::OrderState(OrderReason::NothingToRefund).into()),
        most => Err(Refusal::RefundTooLarge(most).into()),
    }
}

/// 退款 by staff, of one part of a bill that is not paid yet: all of it, and the same is to be paid again. A repeat of
/// the `op_id` does nothing more.
///
/// # Errors
/// `BillNotFound`; `OrderState` when nothing was paid, or all of the bill; `OpIdReused`.
pub fn send_bill_part(tx: &mut Tx<'_>, id: PartId, reason: &str, op_id: &str, staff: &str) -> Result<()> {
    let reason = order::actions::clean_reason(reason)?;
    let (cause, actor) = (Cause::Staff(op_id.to_owned()), Actor::Staff(staff.to_owned()));
    let why = Why { reason: &reason, cause: &cause, actor: &actor };
    let mut payments = sql::list_of_bill(tx.conn(), bill::actions::load_part(tx.conn(), id)?.bill)?;
    for payment in &payments {
        match find_of_cause(tx.conn(), payment.id, &cause)? {
            Some(_) if payment.target == Target::Part(id) => return Ok(()),
            Some(_) => return Err(Refusal::OpIdReused.into()),
            None => {}
        }
    }
    payments.retain(|payment| payment.target == Target::Part(id) && payment.state == PaymentState::Paid);
    let bill = bill::actions::reopen_part(tx, id)?;
    for payment in &payments {
        let amount = remaining(tx.conn(), payment)?;
        if amount > Fen::ZERO {
            let number = order::actions::load(tx.conn(), payment.about)?.number;
            staff::actions::record(tx, staff, "payment.refund", &number, format!("{amount} {reason}").trim())?;
            send(tx, payment, None, amount, why)?;
        }
    }
    // Pages that look at an order of the bill show what of it is paid.
    bill.orders.iter().try_for_each(|order| order::actions::announce(tx, *order))
}

/// The payment of a refund that did not go, while so much of it is left.
fn still_to_return(conn: &Connection, failed: &Refund) -> Result<Payment> {
    let payment = actions::load(conn, failed.payment)?;
    match failed.amount <= remaining(conn, &payment)? {
        true => Ok(payment),
        false => Err(Refusal::OrderState(OrderReason::WentBack).into()),
    }
}

/// Sends a refund that did not go again, with a new number.
///
/// # Errors
/// `OrderState` when the money has gone back another way.
pub fn retry(tx: &mut Tx<'_>, failed: &Refund, actor: &Actor) -> Result<()> {
    let payment = still_to_return(tx.conn(), failed)?;
    let why = Why { reason: &failed.reason, cause: &Cause::Retry(failed.id), actor };
    send(tx, &payment, failed.order, failed.amount, why)
}

/// `order`: whose share of a bill it is.
fn send(tx: &mut Tx<'_>, payment: &Payment, order: Option<OrderId>, amount: Fen, why: Why<'_>) -> Result<()> {
    if find_of_cause(tx.conn(), payment.id, why.cause)?.is_some() {
        return Ok(());
    }
    let refund = sql::insert_refund(tx.conn(), payment, order, amount, why, tx.now)?;
    match payment.channel {
        // Whoever stands at the till hands it back now.
        Channel::Cash | Channel::Terminal => done(tx, &refund, None, why.actor),
        Channel::Balance => {
            give_back_on_card(tx, payment, &refund, why.actor)?;
            done(tx, &refund, None, why.actor)
        }
        Channel::Code | Channel::Page | Channel::Scan => {
            tx.emit(Event::PaymentDue);
            Ok(())
        }
    }
}

/// What goes back of a payment from a member's balance is on the card.
fn give_back_on_card(tx: &mut Tx<'_>, payment: &Payment, refund: &Refund, actor: &Actor) -> Result<()> {
    let member = payment.payer.parse().map(MemberId).context("a payment by balance without its member")?;
    member::actions::give_back(tx, member, refund.amount, payment.id, refund.id, &actor.to_string())
}

/// Staff gave the money of a refund that did not go back by hand.
///
/// # Errors
/// `OrderState` when it has gone back another way.
pub fn hand_back(tx: &mut Tx<'_>, failed: &Refund, actor: &Actor) -> Result<()> {
    let payment = still_to_return(tx.conn(), failed)?;
    step(tx, failed.id, RefundInput::Done)?;
    ledger::book_hand_back(tx, &payment, failed.amount, &failed.out_refund_no, actor)?;
    note_balance(tx, failed.order.unwrap_or(payment.about), &payment.provider)
}

/// Moves a refund by its machine: `false` where that leaves it as it is.
fn step(tx: &mut Tx<'_>, id: RefundId, input: RefundInput) -> Result<bool> {
    let from = load(tx.conn(), id)?.state;
    match from.step(input) {
        Some(to) => sql::advance_refund(tx.conn(), id, from, to),
        None => Ok(false),
    }
}

fn done(tx: &mut Tx<'_>, refund: &Refund, at: Option<Timestamp>, actor: &Actor) -> Result<()> {
    if !step(tx, refund.id, RefundInput::Done)? {
        return Ok(());
    }
    failpoint::reach("refund.done");
    let payment = actions::load(tx.conn(), refund.payment)?;
    ledger::book_refund(tx, &payment, refund.amount, &refund.out_refund_no, at.unwrap_or(tx.now), actor)?;
    failpoint::reach("refund.booked");
    review::close_for_refund(tx, payment.about, refund.id)?;
    note_balance(tx, refund.order.unwrap_or(payment.about), &payment.provider)
}

/// An order whose whole money is back is a refunded one; of any other the pages hear that its money has changed.
pub fn note_balance(tx: &mut Tx<'_>, order: OrderId, provider: &str) -> Result<()> {
    let state = order::actions::load(tx.conn(), order)?.state;
    if state.pay == Pay::Paid && ledger::balance(tx.conn(), order)? == Fen::ZERO {
        let by = Actor::Provider(provider.to_owned());
        order::actions::advance(tx, order, Input::Refunded, &by)?;
        return order::actions::end_refunded(tx, order, "", &by).map(drop);
    }
    order::actions::announce(tx, order)
}

/// What the provider said of a refund that was asked for.
pub fn answered(tx: &mut Tx<'_>, refund: &Refund, said: &Called<Returned>) -> Result<()> {
    match said {
        Ok(state) => advance(tx, refund, *state),
        Err(CallError::Refused { code, message }) => {
            let reason = format!("退款被拒绝：{message}（{code}）");
            give_up(tx, refund, RefundInput::Refused, Kind::RefundRefused, &reason)
        }
        Err(CallError::Unanswered(_)) => put_off(tx, refund),
    }
}

fn advance(tx: &mut Tx<'_>, refund: &Refund, state: Returned) -> Result<()> {
    match state {
        Returned::Done(at) => done(tx, refund, at, &sql::load_actor_of_refund(tx.conn(), refund.id)?),
        Returned::Abnormal => {
            give_up(tx, refund, RefundInput::Abnormal, Kind::RefundAbnormal, "退款异常：对方账户无法收款，请人工退还")
        }
        Returned::Closed => {
            give_up(tx, refund, RefundInput::Closed, Kind::RefundClosed, "退款被支付平台关闭，钱没有退回")
        }
        Returned::Pending => put_off(tx, refund),
    }
}

fn put_off(tx: &mut Tx<'_>, refund: &Refund) -> Result<()> {
    if refund.tries == TELL_AFTER_TRIES {
        let order = actions::load(tx.conn(), refund.payment)?.about;
        alert::actions::raise_payment(tx, order, "退款一直没有结果，请在商户平台核对")?;
    }
    sql::set_refund_try(tx.conn(), refund.id, tx.now.plus_seconds(retry_interval(refund.tries)))
}

fn give_up(tx: &mut Tx<'_>, refund: &Refund, input: RefundInput, kind: Kind, reason: &str) -> Result<()> {
    if !step(tx, refund.id, input)? {
        return Ok(());
    }
    let payment = actions::load(tx.conn(), refund.payment)?;
    let (amount, reference) = (Some(refund.amount), &refund.out_refund_no);
    review::raise(tx, &payment, &Question { kind, refund: Some(refund.id), amount, reference, reason })?;
    Ok(())
}

/// A callback about a refund. Where number, trade, amount and merchant agree with one of ours, it is as far as it says;
/// anything else is for a person, and for the next query.
pub fn noticed(tx: &mut Tx<'_>, provider: &str, notice: &RefundNotice) -> Result<()> {
    // Only that it is still under way: the schedule stays.
    if notice.state == Returned::Pending {
        return Ok(());
    }
    if let Some(refund) = sql::find_refund(tx.conn(), provider, &notice.out_refund_no)? {
        let payment = actions::load(tx.conn(), refund.payment)?;
        return match disagreement(tx.conn(), &payment, &refund, notice)? {
            None => advance(tx, &refund, notice.state),
            Some(what) => {
                actions::ask_about_refunds(tx, payment.id)?;
                ask_about(tx, &payment, notice, &what)
            }
        };
    }
    match sql::find_by_trade_no(tx.conn(), provider, &notice.out_trade_no)? {
        Some(payment) => not_sent_by_us(tx, &payment, notice),
        None => unclaimed::refunded(tx, provider, notice),
    }
}

/// What of a notice about one of our refunds is not as we know it.
fn disagreement(
    conn: &Connection,
    payment: &Payment,
    refund: &Refund,
    notice: &RefundNotice,
) -> Result<Option<String>> {
    let adds_up = match notice.is_running_total {
        true => is_sum_with(notice.amount, refund.amount, &sql::list_other_refunds(conn, payment.id, refund.id)?),
        false => notice.amount == refund.amount,
    };
    Ok(if !notice.for_us {
        Some("收款商户不是本店".to_owned())
    } else if notice.out_trade_no != refund.out_trade_no || is_other_trade(payment, notice) {
        Some("说的是另一笔付款".to_owned())
    } else if !adds_up {
        Some(format!("本店退 {} 元，通知里是 {} 元", refund.amount, notice.amount))
    } else {
        None
    })
}

fn is_other_trade(payment: &Payment, notice: &RefundNotice) -> bool {
    payment.transaction_id.is_some() && payment.transaction_id != notice.transaction_id
}

/// Whether `total` is `own` and some of the `others`: what has gone back of a trade so far, one of ours included.
fn is_sum_with(total: Fen, own: Fen, others: &[Fen]) -> bool {
    let mut sums = BTreeSet::from([own]);
    for other in others {
        let more: Vec<Fen> = sums.iter().map(|sum| sum.plus(*other)).filter(|sum| *sum <= total).collect();
        sums.extend(more);
    }
    sums.contains(&total)
}

fn ask_about(tx: &mut Tx<'_>, payment: &Payment, notice: &RefundNotice, what: &str) -> Result<()> {
    let RefundNotice { out_trade_no, out_refund_no, amount, state, for_us, .. } = notice;
    let transaction = notice.transaction_id.as_deref().unwrap_or_default();
    let question = Question {
        kind: Kind::RefundNotice,
        refund: None,
        amount: Some(*amount),
        reference: &format!("{out_refund_no} {out_trade_no} {transaction} {amount} {} {for_us}", state.name()),
        reason: &format!("退款通知与本店的退款不符：{what}。退款以查询结果为准，请在商户平台核对"),
    };
    review::raise(tx, payment, &question).map(drop)
}

/// Money of one of our payments went back by other hands.
fn not_sent_by_us(tx: &mut Tx<'_>, payment: &Payment, notice: &RefundNotice) -> Result<()> {
    if !matches!(notice.state, Returned::Done(_)) {
        return Ok(());
    }
    if !notice.for_us {
        return ask_about(tx, payment, notice, "收款商户不是本店");
    }
    if is_other_trade(payment, notice) {
        return ask_about(tx, payment, notice, "说的是另一笔付款");
    }
    let known = match notice.is_running_total {
        true => {
            let (_, gone) = ledger::sums_of_payment(tx.conn(), payment.id)?;
            let asked = review::sum_elsewhere(tx.conn(), payment.id)?;
            gone.plus(sql::sum_pending_refunds(tx.conn(), payment.id)?).plus(asked)
        }
        false => Fen::ZERO,
    };
    let amount = notice.amount.minus(known);
    if amount <= Fen::ZERO {
        return Ok(());
    }
    let question = Question {
        kind: Kind::RefundedElsewhere,
        refund: None,
        amount: Some(amount),
        reference: &notice.out_refund_no,
        reason: &format!("在支付平台上退了 {amount} 元，本机没有这笔退款"),
    };
    review::raise(tx, payment, &question).map(drop)
}

pub fn load(conn: &Connection, id: RefundId) -> Result<Refund> {
    sql::load_refund(conn, id)
}
