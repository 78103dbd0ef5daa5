//! What can be done with payments. Settling is one function, for callbacks, queries and charged codes alike.

use super::provider::Paid;
use super::review::{self, Kind, Question};
use super::{
    Channel, Payment, PaymentState, Refund, Source, ledger, next_look_at_closed, query_interval, refund, spoken_name,
    sql,
};
use crate::alert;
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::failpoint;
use crate::order::{self, Actor, Input, Order, Pay, Status};
use crate::secret;
use crate::store::Tx;
use crate::units::{Fen, OrderId, PaymentId, Timestamp};
use rusqlite::Connection;

/// To the next query of a provider that did not answer.
const UNANSWERED_SECONDS: i64 = 5;
/// Providers take no payment that expires within a minute of its creation; that takes a moment.
const SHORTEST_SECONDS: i64 = 75;
/// Open payments of one order, at most: each of them is asked about.
const MAX_OPEN: usize = 8;
/// A payer standing at the counter types a password, or does not.
const PAYER_SECONDS: i64 = 45;
/// Between queries while the payer types (payments.md).
const PAYER_QUERY_SECONDS: i64 = 5;
/// Whose payments no provider knows: coins, notes, and the bank's own terminal.
pub const COUNTER: &str = "counter";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Paid,
    AlreadyDone,
    /// Not what we asked for: quarantined, a person decides.
    NeedsReview,
    /// The order can't take it (cancelled, or paid another way): booked, and going back.
    Refunding,
}

/// How a payment is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub provider: String,
    pub channel: Channel,
    /// The payer's id at the provider, for `Channel::Page`.
    pub payer: String,
}

/// `payMethod` on the wire: wire.md's 1 and 2; ours beside them.
pub fn pay_method(provider: &str, channel: Channel) -> i64 {
    match (provider, channel) {
        ("wechat", _) => 1,
        ("alipay", _) => 2,
        (COUNTER, Channel::Cash) => 3,
        (COUNTER, _) => 4,
        _ => 9,
    }
}

fn refuse_settled(order: &Order) -> Result<()> {
    match (order.state.status, order.state.pay) {
        (Status::Cancelled, _) => Err(Refusal::OrderState("订单已取消").into()),
        (_, Pay::Paid | Pay::Refunded) => Err(Refusal::OrderState("订单已付款").into()),
        (_, Pay::Unpaid) => Ok(()),
    }
}

/// What would still be taken for an order: its amount, or nothing.
pub fn owed(order: &Order) -> Fen {
    if refuse_settled(order).is_ok() { order.amount } else { Fen::ZERO }
}

/// Whether money for this order would still be taken.
pub fn is_wanted(conn: &Connection, order: OrderId) -> Result<bool> {
    Ok(refuse_settled(&order::actions::load(conn, order)?).is_ok())
}

/// Starts a payment of the order's amount, or answers the one that is open. The row is on disk before the provider
/// is called, so that whatever the provider does can be found again. A payer's code is good once: it never continues
/// another payment.
///
/// # Errors
/// `OrderState` when the order is paid or cancelled, or another payer's code is under way; `RateLimited` when the
/// order has too many open payments already.
pub fn begin(tx: &mut Tx<'_>, order: &Order, way: &Way, within_seconds: i64) -> Result<Payment> {
    refuse_settled(order)?;
    let usable = |payment: &Payment| {
        payment.provider == way.provider
            && payment.channel == way.channel
            && payment.payer == way.payer
            && payment.expires_at > tx.now
    };
    let open = list_open_of_order(tx.conn(), order.id)?;
    let too_many = open.len() >= MAX_OPEN;
    let expires_at = match (way.channel, open.into_iter().find(usable)) {
        (Channel::Scan, Some(_)) => return Err(Refusal::OrderState("上一个付款码还在等待顾客确认").into()),
        (_, Some(open)) => return Ok(open),
        (_, None) if too_many => return Err(Refusal::RateLimited.into()),
        (Channel::Scan, None) => tx.now.plus_seconds(PAYER_SECONDS),
        (_, None) => {
            let latest = tx.now.plus_seconds(within_seconds);
            let wanted = order.pay_before.map_or(latest, |before| before.min(latest));
            wanted.max(tx.now.plus_seconds(SHORTEST_SECONDS))
        }
    };
    let payment = insert(tx, order, way, PaymentState::Creating, expires_at)?;
    tx.emit(Event::PaymentDue);
    Ok(payment)
}

fn insert(tx: &mut Tx<'_>, order: &Order, way: &Way, state: PaymentState, expires_at: Timestamp) -> Result<Payment> {
    let mut payment = Payment {
        id: PaymentId(0),
        order: order.id,
        provider: way.provider.clone(),
        channel: way.channel,
        out_trade_no: format!("{}{}", order.number, &secret::random_code()[..16]),
        subject: format!("{}桌 订单{}", order.table_number, order.number),
        payer: way.payer.clone(),
        amount: order.amount,
        state,
        code: String::new(),
        transaction_id: None,
        received: None,
        created_at: tx.now,
        expires_at,
        closed_at: None,
    };
    payment.id = sql::insert_payment(tx.conn(), &payment)?;
    Ok(payment)
}

/// # Errors
/// `OrderState` when the payment was closed or paid meanwhile.
pub fn opened(tx: &mut Tx<'_>, id: PaymentId, code: &str) -> Result<()> {
    if sql::advance_open(tx.conn(), id, code)? {
        return Ok(());
    }
    Err(Refusal::OrderState("这笔付款已结束").into())
}

/// Coins, notes, or the bank's terminal: staff have the money. Whatever else is open for the order is closed at its
/// provider as soon as that answers; should somebody pay it all the same, that goes back.
///
/// # Errors
/// `OrderNotFound`; `OrderState` when nothing is owed; `WrongAmount` with what is.
pub fn take_at_counter(tx: &mut Tx<'_>, id: OrderId, channel: Channel, amount: Fen, staff: &str) -> Result<Payment> {
    let order = order::actions::load(tx.conn(), id)?;
    refuse_settled(&order)?;
    if amount != order.amount {
        return Err(Refusal::WrongAmount(order.amount.to_string()).into());
    }
    let way = Way { provider: COUNTER.to_owned(), channel, payer: String::new() };
    let payment = insert(tx, &order, &way, PaymentState::Open, tx.now)?;
    let actor = format!("staff {staff}");
    sql::set_received(tx.conn(), payment.id, &payment.out_trade_no, amount)?;
    ledger::book_payment(tx, &payment, amount, &payment.out_trade_no, tx.now, &actor)?;
    sql::advance_paid(tx.conn(), payment.id, tx.now)?;
    order::actions::pay(tx, id, pay_method(COUNTER, channel), &Actor::Staff(staff.to_owned()))?;
    close_others(tx, id)?;
    Ok(payment)
}

/// The order is paid: its other payments are looked at, and closed, at once.
fn close_others(tx: &mut Tx<'_>, order: OrderId) -> Result<()> {
    if sql::set_query_at_of_order(tx.conn(), order, tx.now)? > 0 {
        tx.emit(Event::PaymentDue);
    }
    Ok(())
}

/// Books what the provider vouches for: by compare-and-set on the payment's state, once, whoever brings it.
///
/// # Errors
/// `OrderNotFound` for a number that is not ours.
pub fn settle(tx: &mut Tx<'_>, provider: &str, paid: &Paid, source: Source) -> Result<Settled> {
    let payment = sql::find_by_trade_no(tx.conn(), provider, &paid.out_trade_no)?.ok_or(Refusal::OrderNotFound)?;
    failpoint::reach("settle.found");
    let same = payment.transaction_id.as_deref() == Some(&paid.transaction_id);
    let settled = match payment.state {
        PaymentState::NeedsReview if same || !paid.for_us => Settled::AlreadyDone,
        // Quarantined for money that is not ours; now ours comes.
        PaymentState::NeedsReview if payment.transaction_id.is_none() => book(tx, &payment, paid, source)?,
        PaymentState::NeedsReview => second_transaction(tx, &payment, paid, source)?,
        PaymentState::Paid if same => Settled::AlreadyDone,
        PaymentState::Paid => second_transaction(tx, &payment, paid, source)?,
        PaymentState::Creating | PaymentState::Open | PaymentState::Closed => book(tx, &payment, paid, source)?,
    };
    sql::insert_callback(tx.conn(), provider, paid, &format!("{settled:?}"), tx.now)?;
    failpoint::reach("settle.recorded");
    Ok(settled)
}

fn actor(provider: &str, source: Source) -> String {
    format!("{provider} {source}")
}

/// The booked one stays booked (a refusal has to send it back); the other is for a person, who is told once.
fn second_transaction(tx: &mut Tx<'_>, payment: &Payment, paid: &Paid, source: Source) -> Result<Settled> {
    if paid.for_us {
        enter(tx, payment, paid, source)?;
    }
    let question = Question {
        kind: Kind::Transaction,
        refund: None,
        amount: Some(paid.amount),
        reference: &paid.transaction_id,
        reason: "同一笔付款出现了第二个交易号",
    };
    match review::raise(tx, payment, &question)? {
        true => Ok(Settled::NeedsReview),
        false => Ok(Settled::AlreadyDone),
    }
}

fn enter(tx: &mut Tx<'_>, payment: &Payment, paid: &Paid, source: Source) -> Result<()> {
    // A provider that vouches for nothing is for a person, but nothing came.
    if paid.amount <= Fen::ZERO {
        return Ok(());
    }
    let (at, actor) = (paid.paid_at.unwrap_or(tx.now), actor(&payment.provider, source));
    ledger::book_payment(tx, payment, paid.amount, &paid.transaction_id, at, &actor)?;
    failpoint::reach("settle.entered");
    Ok(())
}

fn book(tx: &mut Tx<'_>, payment: &Payment, paid: &Paid, source: Source) -> Result<Settled> {
    if !paid.for_us {
        return quarantine(tx, payment, paid, Kind::Merchant, "收款商户不是本店");
    }
    if sql::is_transaction_of_another(tx.conn(), &payment.provider, &paid.transaction_id, payment.id)? {
        return quarantine(tx, payment, paid, Kind::Transaction, "交易号已用于另一笔付款");
    }
    sql::set_received(tx.conn(), payment.id, &paid.transaction_id, paid.amount)?;
    enter(tx, payment, paid, source)?;
    if paid.refunded {
        let reason = "这笔钱在支付平台上已全部或部分退回，请在商户平台核对";
        return quarantine(tx, payment, paid, Kind::RefundedBefore, reason);
    }
    if paid.amount != payment.amount {
        let reason = format!("应收 {} 元，实付 {} 元", payment.amount, paid.amount);
        return quarantine(tx, payment, paid, Kind::Amount, &reason);
    }
    if !sql::advance_paid(tx.conn(), payment.id, tx.now)? {
        return Ok(Settled::AlreadyDone);
    }
    failpoint::reach("settle.paid");
    let order = order::actions::load(tx.conn(), payment.order)?;
    if refuse_settled(&order).is_err() {
        let cancelled = order.state.status == Status::Cancelled;
        let reason = if cancelled {
            "订单已取消，款项自动退回"
        } else {
            "订单已用别的方式付款，多付的自动退回"
        };
        let payment = load(tx.conn(), payment.id)?;
        refund::send_all(tx, &payment, reason, &actor(&payment.provider, source))?;
        alert::actions::raise_payment(tx, payment.order, reason)?;
        return Ok(Settled::Refunding);
    }
    let method = pay_method(&payment.provider, payment.channel);
    order::actions::pay(tx, payment.order, method, &Actor::Provider(payment.provider.clone()))?;
    failpoint::reach("settle.ordered");
    close_others(tx, payment.order)?;
    Ok(Settled::Paid)
}

/// A question that was asked before stays as it was answered. What is not ours leaves the payment's own money to come:
/// it is looked at on.
fn quarantine(tx: &mut Tx<'_>, payment: &Payment, paid: &Paid, kind: Kind, reason: &str) -> Result<Settled> {
    let (amount, reference) = (Some(paid.amount), paid.transaction_id.as_str());
    if !review::raise(tx, payment, &Question { kind, refund: None, amount, reference, reason })? {
        return Ok(Settled::AlreadyDone);
    }
    let is_foreign = matches!(kind, Kind::Merchant | Kind::Transaction);
    let next = is_foreign.then(|| next_look_at_closed(tx.now, tx.now)).flatten();
    sql::advance_review(tx.conn(), payment.id, next)?;
    Ok(Settled::NeedsReview)
}

/// A person has decided about a quarantined payment: what came counts as paid, and one that brought nothing is closed.
/// Any other payment stays as it is.
pub fn release(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    let to = if payment.received.is_some() { PaymentState::Paid } else { PaymentState::Closed };
    sql::advance_reviewed(tx.conn(), payment.id, to.name(), tx.now)
}

/// Cancels an order that staff refuse; what was paid for it goes back.
///
/// # Errors
/// `OrderNotFound`, `OrderState`; `NotAllowed` for staff who may not send money back;
/// `PaymentUnconfirmed` while a payment is still open at its provider.
pub fn cancel_by_staff(tx: &mut Tx<'_>, id: OrderId, staff: &str, may_refund: bool, reason: &str) -> Result<()> {
    refuse_open(tx.conn(), id)?;
    if !may_refund && ledger::balance(tx.conn(), id)? != Fen::ZERO {
        return Err(Refusal::NotAllowed.into());
    }
    order::actions::cancel(tx, id, Input::Cancel, &Actor::Staff(staff.to_owned()), reason)?;
    for payment in sql::list_of_order(tx.conn(), id)? {
        if payment.state == PaymentState::Paid {
            let reason = if reason.is_empty() { "订单取消" } else { reason };
            refund::send_all(tx, &payment, reason, &format!("staff {staff}"))?;
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
    match list_open_of_order(conn, order)?.is_empty() {
        true => Ok(()),
        false => Err(Refusal::PaymentUnconfirmed.into()),
    }
}

/// The provider says that it can't be paid any more; it is looked at a few times all the same.
pub fn closed(tx: &mut Tx<'_>, id: PaymentId) -> Result<()> {
    sql::advance_closed(tx.conn(), id, tx.now, next_look_at_closed(tx.now, tx.now))
}

/// A closed payment was looked at, and is still unpaid.
pub fn look_again(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    let next = next_look_at_closed(payment.closed_at.unwrap_or(payment.expires_at), tx.now);
    sql::set_look_at_closed(tx.conn(), payment.id, next)
}

/// The provider of an open payment is no longer configured, and the payment's time is long over.
pub fn give_up(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    sql::advance_closed(tx.conn(), payment.id, tx.now, None)?;
    let note = format!("{}已停用，这笔付款无法查询，请在商户平台核对", spoken_name(&payment.provider));
    alert::actions::raise_payment(tx, payment.order, &note)
}

/// After a start or an outage: what was scheduled before means nothing any more.
pub fn ask_all_now(tx: &mut Tx<'_>) -> Result<()> {
    sql::set_all_query_at(tx.conn(), tx.now)?;
    sql::set_all_refund_try(tx.conn(), tx.now)?;
    tx.emit(Event::PaymentDue);
    Ok(())
}

/// Not paid yet: when to ask again. The last query comes when the payment expires.
pub fn ask_again(tx: &mut Tx<'_>, payment: &Payment, answered: bool) -> Result<()> {
    let interval = match payment.channel {
        Channel::Scan => PAYER_QUERY_SECONDS,
        _ => query_interval(tx.now.seconds_since(payment.created_at)),
    };
    // One that did not answer gets a breath, but a payer may be standing there.
    let seconds = if answered { interval } else { interval.max(UNANSWERED_SECONDS) };
    let next = tx.now.plus_seconds(seconds);
    let next = if payment.expires_at > tx.now { next.min(payment.expires_at) } else { next };
    sql::set_query_at(tx.conn(), payment.id, next)
}

pub fn load(conn: &Connection, id: PaymentId) -> Result<Payment> {
    sql::load_payment(conn, id)
}

/// All payments of an order, oldest first.
pub fn list_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Payment>> {
    sql::list_of_order(conn, order)
}

pub fn list_refunds_of_order(conn: &Connection, order: OrderId) -> Result<Vec<(Refund, String)>> {
    sql::list_refunds_of_order(conn, order)
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
