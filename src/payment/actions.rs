//! What can be done with payments. Settling is one function, for callbacks and queries alike.

use super::provider::{Paid, RefundState};
use super::{Payment, PaymentState, Refund, query_interval, retry_interval, sql};
use crate::alert;
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::order::{self, Actor, Input, Order, Pay, Status};
use crate::secret;
use crate::store::Tx;
use crate::units::{OrderId, PaymentId, Timestamp};
use rusqlite::Connection;

/// To the next query of a provider that did not answer.
const UNANSWERED_SECONDS: i64 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Paid,
    AlreadyDone,
    /// Not what we asked for: quarantined, a person decides.
    NeedsReview,
    /// The order can't take it (cancelled, or paid another way): booked, and going back.
    Refunding,
}

/// Starts a payment of the order's amount, or answers the one that is open. The row is on disk before the provider
/// is called, so that whatever the provider does can be found again.
///
/// # Errors
/// `OrderState` when the order is paid or cancelled.
pub fn begin(tx: &mut Tx<'_>, order: &Order, provider: &str, expires_at: Timestamp) -> Result<Payment> {
    match (order.state.status, order.state.pay) {
        (Status::Cancelled, _) => return Err(Refusal::OrderState("订单已取消").into()),
        (_, Pay::Paid | Pay::Refunded) => return Err(Refusal::OrderState("订单已付款").into()),
        (_, Pay::Unpaid) => {}
    }
    let usable =
        |payment: &Payment| payment.provider == provider && payment.state.is_open() && payment.expires_at > tx.now;
    if let Some(open) = sql::list_of_order(tx.conn(), order.id)?.into_iter().find(usable) {
        return Ok(open);
    }
    let mut payment = Payment {
        id: PaymentId(0),
        order: order.id,
        provider: provider.to_owned(),
        out_trade_no: format!("{}{}", order.number, &secret::random_code()[..16]),
        amount: order.amount,
        state: PaymentState::Creating,
        code_url: String::new(),
        transaction_id: None,
        created_at: tx.now,
        expires_at: order.pay_before.map_or(expires_at, |before| before.min(expires_at)),
    };
    payment.id = sql::insert_payment(tx.conn(), &payment)?;
    tx.emit(Event::PaymentDue);
    Ok(payment)
}

/// # Errors
/// `OrderState` when the payment was closed or paid meanwhile.
pub fn opened(tx: &mut Tx<'_>, id: PaymentId, code_url: &str) -> Result<()> {
    if sql::advance_open(tx.conn(), id, code_url)? {
        return Ok(());
    }
    Err(Refusal::OrderState("这笔付款已结束").into())
}

/// Books what the provider vouches for: by compare-and-set on the payment's state, once, whoever brings it.
///
/// # Errors
/// `OrderNotFound` for a number that is not ours.
pub fn settle(tx: &mut Tx<'_>, provider: &str, method: i64, paid: &Paid) -> Result<Settled> {
    let payment = sql::find_by_trade_no(tx.conn(), provider, &paid.out_trade_no)?.ok_or(Refusal::OrderNotFound)?;
    let settled = match payment.state {
        PaymentState::NeedsReview => Settled::AlreadyDone,
        PaymentState::Paid if payment.transaction_id.as_deref() == Some(&paid.transaction_id) => Settled::AlreadyDone,
        PaymentState::Paid => second_transaction(tx, &payment, paid)?,
        PaymentState::Creating | PaymentState::Open | PaymentState::Closed => book(tx, &payment, method, paid)?,
    };
    sql::insert_callback(tx.conn(), provider, paid, &format!("{settled:?}"), tx.now)?;
    Ok(settled)
}

/// The booked one stays booked (a refusal has to send it back); the other is for a person, who is told once.
fn second_transaction(tx: &mut Tx<'_>, payment: &Payment, paid: &Paid) -> Result<Settled> {
    let outcome = format!("{:?}", Settled::NeedsReview);
    if !sql::insert_callback(tx.conn(), &payment.provider, paid, &outcome, tx.now)? {
        return Ok(Settled::AlreadyDone);
    }
    sql::set_review_reason(tx.conn(), payment.id, "同一笔付款出现了第二个交易号")?;
    ring_for_review(tx, payment, "a second transaction")?;
    Ok(Settled::NeedsReview)
}

fn book(tx: &mut Tx<'_>, payment: &Payment, method: i64, paid: &Paid) -> Result<Settled> {
    if !paid.for_us {
        return review(tx, payment, "收款商户不是本店");
    }
    if paid.amount != payment.amount {
        return review(tx, payment, &format!("应收 {} 元，实付 {} 元", payment.amount, paid.amount));
    }
    if sql::is_transaction_of_another(tx.conn(), &payment.provider, &paid.transaction_id, payment.id)? {
        return review(tx, payment, "交易号已用于另一笔付款");
    }
    if !sql::advance_paid(tx.conn(), payment.id, &paid.transaction_id, tx.now)? {
        return Ok(Settled::AlreadyDone);
    }
    let order = order::actions::load(tx.conn(), payment.order)?;
    if order.state.status == Status::Cancelled || order.state.pay != Pay::Unpaid {
        let reason =
            if order.state.status == Status::Cancelled { "订单已取消" } else { "订单已用别的方式付款" };
        refund(tx, payment, reason)?;
        alert::actions::raise(tx, alert::Kind::Payment, payment.order)?;
        return Ok(Settled::Refunding);
    }
    order::actions::pay(tx, payment.order, method, &Actor::Provider(payment.provider.clone()))?;
    Ok(Settled::Paid)
}

fn review(tx: &mut Tx<'_>, payment: &Payment, reason: &str) -> Result<Settled> {
    sql::advance_review(tx.conn(), payment.id, reason)?;
    ring_for_review(tx, payment, reason)?;
    Ok(Settled::NeedsReview)
}

fn ring_for_review(tx: &mut Tx<'_>, payment: &Payment, reason: &str) -> Result<()> {
    tracing::error!("payment {} of order {} needs a person: {reason}", payment.out_trade_no, payment.order);
    alert::actions::raise(tx, alert::Kind::Payment, payment.order)
}

fn refund(tx: &mut Tx<'_>, payment: &Payment, reason: &str) -> Result<()> {
    if sql::insert_refund(tx.conn(), payment, payment.amount, reason, tx.now)? {
        tx.emit(Event::PaymentDue);
    }
    Ok(())
}

/// Cancels an order that staff refuse; what was paid for it goes back.
///
/// # Errors
/// `OrderNotFound`, `OrderState`; `PaymentUnconfirmed` while a payment is still open at its provider.
pub fn cancel_by_staff(tx: &mut Tx<'_>, id: OrderId, staff: &str, reason: &str) -> Result<()> {
    refuse_open(tx.conn(), id)?;
    order::actions::cancel(tx, id, Input::Cancel, &Actor::Staff(staff.to_owned()), reason)?;
    for payment in sql::list_of_order(tx.conn(), id)? {
        if payment.state == PaymentState::Paid {
            refund(tx, &payment, reason)?;
        }
    }
    Ok(())
}

/// Cancels an order that nobody has paid.
///
/// # Errors
/// `OrderNotFound`, `OrderState`; `PaymentUnconfirmed` while a payment is still open at its provider.
pub fn withdraw(tx: &mut Tx<'_>, id: OrderId, actor: &Actor, reason: &str) -> Result<()> {
    refuse_open(tx.conn(), id)?;
    order::actions::cancel(tx, id, Input::Withdraw, actor, reason)?;
    Ok(())
}

fn refuse_open(conn: &Connection, order: OrderId) -> Result<()> {
    let payments = sql::list_of_order(conn, order)?;
    if payments.iter().any(|payment| payment.state.is_open()) {
        return Err(Refusal::PaymentUnconfirmed.into());
    }
    Ok(())
}

/// The provider says that it can't be paid any more.
pub fn closed(tx: &mut Tx<'_>, id: PaymentId) -> Result<()> {
    sql::advance_closed(tx.conn(), id)
}

/// The watch begins: what was scheduled before the stop means nothing after it.
pub fn ask_all_now(tx: &mut Tx<'_>) -> Result<()> {
    sql::set_all_query_at(tx.conn(), tx.now)
}

/// Not paid yet: when to ask again.
pub fn ask_again(tx: &mut Tx<'_>, payment: &Payment, answered: bool) -> Result<()> {
    let interval = query_interval(tx.now.seconds_since(payment.created_at));
    // One that did not answer gets a breath, but a payer may be standing there.
    let seconds = if answered { interval } else { interval.max(UNANSWERED_SECONDS) };
    sql::set_query_at(tx.conn(), payment.id, tx.now.plus_seconds(seconds))
}

/// What the provider said of a refund, `None` when it did not answer.
pub fn refunded(tx: &mut Tx<'_>, refund: &Refund, said: Option<RefundState>) -> Result<()> {
    let order = sql::load_payment(tx.conn(), refund.payment)?.order;
    match said {
        Some(RefundState::Done) => {
            let state = order::actions::load(tx.conn(), order)?.state;
            if sql::advance_refund(tx.conn(), refund.id, "done")?
                && state.status == Status::Cancelled
                && state.pay == Pay::Paid
                && !sql::has_pending_refund(tx.conn(), order)?
            {
                order::actions::advance(tx, order, Input::Refunded, &Actor::Provider(refund.provider.clone()))?;
            }
            Ok(())
        }
        Some(RefundState::Abnormal) => {
            if sql::advance_refund(tx.conn(), refund.id, "abnormal")? {
                alert::actions::raise(tx, alert::Kind::Payment, order)?;
            }
            Ok(())
        }
        Some(RefundState::Pending) | None => {
            sql::set_refund_try(tx.conn(), refund.id, tx.now.plus_seconds(retry_interval(refund.tries)))
        }
    }
}

pub fn load(conn: &Connection, id: PaymentId) -> Result<Payment> {
    sql::load_payment(conn, id)
}

pub fn list_open_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Payment>> {
    let mut payments = sql::list_of_order(conn, order)?;
    payments.retain(|payment| payment.state.is_open());
    Ok(payments)
}

pub fn list_due(conn: &Connection, now: Timestamp, limit: i64) -> Result<(Vec<Payment>, Vec<Refund>)> {
    Ok((sql::list_due(conn, now, limit)?, sql::list_due_refunds(conn, now, limit)?))
}

pub fn find_next_due(conn: &Connection) -> Result<Option<Timestamp>> {
    sql::find_next_due(conn)
}

/// Quarantined payments with the reason, oldest first.
pub fn list_review(conn: &Connection) -> Result<Vec<(Payment, String)>> {
    sql::list_review(conn)
}
