//! Money on its way back. Each refund has one cause and one number, so that nothing sends it twice.

use super::provider::{CallError, Called, RefundNotice, RefundState};
use super::review::{self, Kind, Question};
use super::{Channel, Payment, PaymentState, Refund, actions, ledger, retry_interval, sql};
use crate::alert;
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::failpoint;
use crate::order::{self, Actor, Input, Pay};
use crate::store::Tx;
use crate::units::{Fen, OrderId, RefundId, Timestamp};
use rusqlite::Connection;

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
pub fn send_all(tx: &mut Tx<'_>, payment: &Payment, reason: &str, actor: &str) -> Result<()> {
    let amount = remaining(tx.conn(), payment)?;
    if amount <= Fen::ZERO {
        return Ok(());
    }
    send(tx, payment, amount, reason, "whole", actor)
}

/// 退款 by staff, of an order or a part of it. A repeat of the `op_id` does nothing more.
///
/// # Errors
/// `OrderNotFound`; `OrderState` when nothing was paid; `WrongAmount` with what can go back in one refund.
pub fn send_part(tx: &mut Tx<'_>, order: OrderId, amount: Fen, reason: &str, op_id: &str, staff: &str) -> Result<()> {
    let reason = order::actions::clean_reason(reason)?;
    order::actions::load(tx.conn(), order)?;
    let cause = format!("staff {op_id}");
    let mut most = Fen::ZERO;
    let payments = sql::list_of_order(tx.conn(), order)?;
    for payment in &payments {
        if sql::has_refund_of_cause(tx.conn(), payment.id, &cause)? {
            return Ok(());
        }
    }
    for payment in payments.iter().filter(|payment| payment.state == PaymentState::Paid) {
        let left = remaining(tx.conn(), payment)?;
        if Fen::ZERO < amount && amount <= left {
            return send(tx, payment, amount, &reason, &cause, &format!("staff {staff}"));
        }
        most = most.max(left);
    }
    match most {
        Fen::ZERO => Err(Refusal::OrderState("没有可退的付款").into()),
        most => Err(Refusal::WrongAmount(most.to_string()).into()),
    }
}

/// The payment of a refund that did not go, while so much of it is left.
fn still_to_return(conn: &Connection, failed: &Refund) -> Result<Payment> {
    let payment = actions::load(conn, failed.payment)?;
    match failed.amount <= remaining(conn, &payment)? {
        true => Ok(payment),
        false => Err(Refusal::OrderState("这笔钱已经退回").into()),
    }
}

/// Sends a refund that did not go again, with a new number.
///
/// # Errors
/// `OrderState` when the money has gone back another way.
pub fn retry(tx: &mut Tx<'_>, failed: &Refund, actor: &str) -> Result<()> {
    let payment = still_to_return(tx.conn(), failed)?;
    send(tx, &payment, failed.amount, &failed.reason, &format!("retry {}", failed.id), actor)
}

fn send(tx: &mut Tx<'_>, payment: &Payment, amount: Fen, reason: &str, cause: &str, actor: &str) -> Result<()> {
    let inserted = sql::insert_refund(tx.conn(), payment, amount, reason, cause, actor, tx.now)?;
    let Some(refund) = inserted else { return Ok(()) };
    match payment.channel {
        // Whoever stands at the till hands it back now.
        Channel::Cash | Channel::Terminal => done(tx, &refund, None, actor),
        Channel::Code | Channel::Page | Channel::Scan => {
            tx.emit(Event::PaymentDue);
            Ok(())
        }
    }
}

/// Staff gave the money of a refund that did not go back by hand.
///
/// # Errors
/// `OrderState` when it has gone back another way.
pub fn hand_back(tx: &mut Tx<'_>, failed: &Refund, actor: &str) -> Result<()> {
    let payment = still_to_return(tx.conn(), failed)?;
    sql::advance_refund(tx.conn(), failed.id, "done")?;
    ledger::book_hand_back(tx, &payment, failed.amount, &failed.out_refund_no, actor)?;
    note_balance(tx, &payment)
}

fn done(tx: &mut Tx<'_>, refund: &Refund, at: Option<Timestamp>, actor: &str) -> Result<()> {
    if !sql::advance_refund(tx.conn(), refund.id, "done")? {
        return Ok(());
    }
    failpoint::reach("refund.done");
    let payment = actions::load(tx.conn(), refund.payment)?;
    ledger::book_refund(tx, &payment, refund.amount, &refund.out_refund_no, at.unwrap_or(tx.now), actor)?;
    failpoint::reach("refund.booked");
    review::close_for_refund(tx, payment.order, refund.id)?;
    note_balance(tx, &payment)
}

/// An order whose whole money is back is a refunded one; of any other the pages hear that its money has changed.
pub fn note_balance(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    let state = order::actions::load(tx.conn(), payment.order)?.state;
    if state.pay == Pay::Paid && ledger::balance(tx.conn(), payment.order)? == Fen::ZERO {
        order::actions::advance(tx, payment.order, Input::Refunded, &Actor::Provider(payment.provider.clone()))?;
        return Ok(());
    }
    order::actions::announce(tx, payment.order)
}

/// What the provider said of a refund that was asked for.
pub fn answered(tx: &mut Tx<'_>, refund: &Refund, said: &Called<RefundState>) -> Result<()> {
    match said {
        Ok(state) => advance(tx, refund, *state),
        Err(CallError::Refused { code, message }) => {
            let reason = format!("退款被拒绝：{message}（{code}）");
            give_up(tx, refund, "refused", Kind::RefundRefused, &reason)
        }
        Err(CallError::Unanswered(_)) => put_off(tx, refund),
    }
}

fn advance(tx: &mut Tx<'_>, refund: &Refund, state: RefundState) -> Result<()> {
    match state {
        RefundState::Done(at) => done(tx, refund, at, &sql::actor_of_refund(tx.conn(), refund.id)?),
        RefundState::Abnormal => {
            give_up(tx, refund, "abnormal", Kind::RefundAbnormal, "退款异常：对方账户无法收款，请人工退还")
        }
        RefundState::Closed => give_up(tx, refund, "closed", Kind::RefundClosed, "退款被支付平台关闭，钱没有退回"),
        RefundState::Pending => put_off(tx, refund),
    }
}

fn put_off(tx: &mut Tx<'_>, refund: &Refund) -> Result<()> {
    if refund.tries == TELL_AFTER_TRIES {
        let order = actions::load(tx.conn(), refund.payment)?.order;
        alert::actions::raise_payment(tx, order, "退款一直没有结果，请在商户平台核对")?;
    }
    sql::set_refund_try(tx.conn(), refund.id, tx.now.plus_seconds(retry_interval(refund.tries)))
}

fn give_up(tx: &mut Tx<'_>, refund: &Refund, state: &str, kind: Kind, reason: &str) -> Result<()> {
    if !sql::advance_refund(tx.conn(), refund.id, state)? {
        return Ok(());
    }
    let payment = actions::load(tx.conn(), refund.payment)?;
    let (amount, reference) = (Some(refund.amount), &refund.out_refund_no);
    review::raise(tx, &payment, &Question { kind, refund: Some(refund.id), amount, reference, reason })?;
    Ok(())
}

/// A callback about a refund. One that we had not sent is for a person.
///
/// # Errors
/// `OrderNotFound` for a payment that is not ours.
pub fn noticed(tx: &mut Tx<'_>, provider: &str, notice: &RefundNotice) -> Result<()> {
    if let Some(refund) = sql::find_refund(tx.conn(), provider, &notice.out_refund_no)? {
        return match notice.state {
            // Only that it is still under way: the schedule stays.
            RefundState::Pending => Ok(()),
            state => advance(tx, &refund, state),
        };
    }
    let payment = sql::find_by_trade_no(tx.conn(), provider, &notice.out_trade_no)?.ok_or(Refusal::OrderNotFound)?;
    if !matches!(notice.state, RefundState::Done(_)) {
        return Ok(());
    }
    let known = match notice.is_running_total {
        true => {
            ledger::sums_of_payment(tx.conn(), payment.id)?.1.plus(sql::sum_pending_refunds(tx.conn(), payment.id)?)
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
    review::raise(tx, &payment, &question)?;
    Ok(())
}

pub fn load(conn: &Connection, id: RefundId) -> Result<Refund> {
    sql::load_refund(conn, id)
}
