//! What can be done with payments.

use super::owed::{Owed, is_wanted};
use super::state::PaymentInput;
use super::{
    Channel, Payment, PaymentState, Refund, Target, ledger, next_look_at_closed, query_interval, refund, spoken_name,
    sql,
};
use crate::actor::Actor;
use crate::alert;
use crate::bill::{self, Bill, Cut};
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::order::{self, Input, Status};
use crate::seating;
use crate::secret;
use crate::staff;
use crate::store::Tx;
use crate::units::{Fen, OrderId, PartId, PaymentId, SeatingId, Timestamp};
use rusqlite::Connection;

/// To the query that a notice asks for.
const HINT_SECONDS: i64 = 1;
/// To the next query of a provider that did not answer.
const UNANSWERED_SECONDS: i64 = 5;
/// Providers take no payment that expires within a minute of its creation; that takes a moment.
const SHORTEST_SECONDS: i64 = 75;
/// Open payments of one order, at most: each of them is asked about.
const MAX_OPEN: usize = 8;
/// A payer standing at the counter types a password, or does not.
const PAYER_SECONDS: i64 = 45;
/// Between queries while the payer types (docs/payments.md, "The payer's code").
const PAYER_QUERY_SECONDS: i64 = 5;
/// What a person reads of a bill before the meal of which nobody pays the rest.
const HALF_PAID: &str = "账单只付了一部分：请收齐其余，或取消订单退款";
const LEFT_HALF_PAID: &str = "客人已离店，账单只付了一部分，已付的自动退回";
/// Whose payments no provider knows: coins, notes, and the bank's own terminal.
pub const COUNTER: &str = "counter";

/// How a payment is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub provider: String,
    pub channel: Channel,
    /// The payer's id at the provider, for `Channel::Page`.
    pub payer: String,
}

/// Moves a payment by its machine: `false` where that leaves it as it is, or it has got elsewhere meanwhile.
pub(super) fn advance(tx: &mut Tx<'_>, id: PaymentId, input: PaymentInput) -> Result<bool> {
    let from = load(tx.conn(), id)?.state;
    match from.step(input) {
        Some(to) => sql::advance(tx.conn(), id, from, to, tx.now),
        None => Ok(false),
    }
}

/// Starts a payment of what is owed, or goes on with the one whose code nobody has seen yet. The row is on disk before
/// the provider is called, so that whatever the provider does can be found again.
///
/// A code that was shown is not shown again, but for presses at the same moment: the account that has scanned it keeps
/// it from all others at the provider, and whoever asks anew is perhaps another one. A payer's code is good once.
///
/// # Errors
/// `OrderState` when it is paid or cancelled, or another payer's code is under way; `RateLimited` when it has too many
/// open payments already.
pub fn begin(tx: &mut Tx<'_>, owed: &Owed, way: &Way, within_seconds: i64) -> Result<Payment> {
    owed.check()?;
    let usable = |payment: &Payment| {
        payment.provider == way.provider
            && payment.amount == owed.amount
            && payment.channel == way.channel
            && payment.payer == way.payer
            && payment.expires_at > tx.now
            && !payment.was_shown(tx.now)
    };
    let mut open = list_open_of_order(tx.conn(), owed.order.id)?;
    open.retain(|payment| payment.target == owed.target);
    let too_many = open.len() >= MAX_OPEN;
    let expires_at = match (way.channel, open.into_iter().find(usable)) {
        (Channel::Scan, Some(_)) => return Err(Refusal::OrderState("上一个付款码还在等待顾客确认").into()),
        (_, Some(open)) => return Ok(open),
        (_, None) if too_many => return Err(Refusal::RateLimited.into()),
        (Channel::Scan, None) => tx.now.plus_seconds(PAYER_SECONDS),
        (_, None) => {
            let latest = tx.now.plus_seconds(within_seconds);
            // A bill with money in it outlives the time in which its orders had to be paid.
            let before = owed.order.pay_before.filter(|_| matches!(owed.target, Target::Order(_)));
            let wanted = before.map_or(latest, |before| before.min(latest));
            wanted.max(tx.now.plus_seconds(SHORTEST_SECONDS))
        }
    };
    let payment = insert(tx, owed, way, PaymentState::Creating, expires_at)?;
    tx.emit(Event::PaymentDue);
    Ok(payment)
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    owed: &Owed,
    way: &Way,
    state: PaymentState,
    expires_at: Timestamp,
) -> Result<Payment> {
    let order = &owed.order;
    let of = match owed.target {
        Target::Order(_) => "订单",
        Target::Part(_) => "账单",
    };
    let mut payment = Payment {
        id: PaymentId(0),
        target: owed.target,
        about: order.id,
        provider: way.provider.clone(),
        channel: way.channel,
        out_trade_no: format!("{}{}", order.number, &secret::random_code()[..16]),
        subject: format!("{}桌 {of}{}", order.table_number, order.number),
        payer: way.payer.clone(),
        amount: owed.amount,
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
    match advance(tx, id, PaymentInput::Opened)? {
        true => sql::set_code(tx.conn(), id, code),
        false => Err(Refusal::OrderState("这笔付款已结束").into()),
    }
}

/// It is paid: its other payments are looked at, and closed, at once.
pub(super) fn close_unwanted(tx: &mut Tx<'_>, order: OrderId) -> Result<()> {
    let open = list_open_of_order(tx.conn(), order)?;
    look_now(tx, &open)
}

fn look_now(tx: &mut Tx<'_>, open: &[Payment]) -> Result<()> {
    for payment in open {
        if !is_wanted(tx.conn(), payment)? {
            sql::set_query_now(tx.conn(), payment.id, tx.now)?;
            tx.emit(Event::PaymentDue);
        }
    }
    Ok(())
}

/// What somebody pays who wants to pay this, and the ground cleared for it. An order that a diner had put on a bill to
/// pay for everybody, and nobody has paid, is paid alone: that bill is no more. One that staff have cut, or that has
/// money in it, stays; once its party has left, whoever pays one of its orders pays all that is left of it.
///
/// # Errors
/// `OrderState`, when nothing is left of it.
pub fn resolve(tx: &mut Tx<'_>, target: Target, by: &Actor) -> Result<Target> {
    if let Some((order, bill)) = find_bill_in_the_way(tx.conn(), target)? {
        let open = list_open_of_order(tx.conn(), order)?;
        bill::actions::void(tx, &bill)?;
        look_now(tx, &open)?;
    }
    match find_left_bill(tx.conn(), target)? {
        Some(bill) => rest_of(tx, &bill, by).map(Target::Part),
        None => Ok(target),
    }
}

fn rest_of(tx: &mut Tx<'_>, bill: &Bill, by: &Actor) -> Result<PartId> {
    if let Some(part) = bill::actions::find_rest(tx.conn(), bill)? {
        return Ok(part.id);
    }
    let open = sql::list_of_bill(tx.conn(), bill.id)?;
    let bill = bill::actions::split(tx, bill.seating, &Cut::Whole, by)?;
    look_now(tx, &open.into_iter().filter(|payment| payment.state.is_open()).collect::<Vec<_>>())?;
    let part = bill.open_parts().next().map(|part| part.id);
    Ok(part.ok_or(Refusal::OrderState("没有要付的订单"))?)
}

fn find_bill_in_the_way(conn: &Connection, target: Target) -> Result<Option<(OrderId, Bill)>> {
    let Target::Order(order) = target else { return Ok(None) };
    let bill = bill::actions::find_open_of_order(conn, order)?;
    Ok(bill.filter(|bill| bill.is_of_diner() && !bill.is_touched()).map(|bill| (order, bill)))
}

/// The order's bill that a party has left behind with money in it.
fn find_left_bill(conn: &Connection, target: Target) -> Result<Option<Bill>> {
    let Target::Order(order) = target else { return Ok(None) };
    match bill::actions::find_open_of_order(conn, order)?.filter(Bill::is_touched) {
        Some(bill) if seating::actions::has_left(conn, bill.seating)? => Ok(Some(bill)),
        _ => Ok(None),
    }
}

/// What staff take from whoever comes to pay this order: its price, or all that is left of the bill that its party has
/// left behind.
///
/// # Errors
/// `OrderNotFound`.
pub fn wanted_at_counter(conn: &Connection, order: OrderId) -> Result<Fen> {
    match find_left_bill(conn, Target::Order(order))? {
        Some(bill) => bill::actions::owed(conn, bill.seating),
        None => Ok(Owed::load(conn, Target::Order(order))?.wanted()),
    }
}

/// The order whose bill `resolve` would drop.
pub fn find_in_the_way(conn: &Connection, target: Target) -> Result<Option<OrderId>> {
    Ok(find_bill_in_the_way(conn, target)?.map(|(order, _)| order))
}

/// A payment that was made without us becomes one of ours, and is settled like any other.
pub(super) fn adopt(tx: &mut Tx<'_>, payment: &Payment) -> Result<PaymentId> {
    sql::insert_payment(tx.conn(), payment)
}

/// A person has decided about a quarantined payment: what came counts as paid, and one that brought nothing is closed.
/// Any other payment stays as it is.
pub fn release(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    let input = if payment.received.is_some() { PaymentInput::Accepted } else { PaymentInput::Dismissed };
    advance(tx, payment.id, input).map(drop)
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
    for payment in sql::list_of_order(tx.conn(), id)? {
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
pub fn withdraw(tx: &mut Tx<'_>, id: OrderId, actor: &Actor, reason: &str) -> Result<()> {
    refuse_open(tx.conn(), id)?;
    refuse_half_paid(tx.conn(), id)?;
    if let Some(bill) = bill::actions::find_open_of_order(tx.conn(), id)? {
        bill::actions::take_off(tx, &bill, id, actor)?;
    }
    order::actions::cancel(tx, id, Input::Withdraw, actor, reason)?;
    Ok(())
}

/// # Errors
/// `OrderState` while a part of the order is paid: staff decide.
pub fn refuse_half_paid(conn: &Connection, order: OrderId) -> Result<()> {
    match bill::actions::paid_of(conn, order)? > Fen::ZERO {
        true => Err(Refusal::OrderState("本桌账单已有人付款，请联系店员").into()),
        false => Ok(()),
    }
}

/// An order that should have been paid by now can't be given up yet: again in so many seconds. Where that is because a
/// part of it is paid, a person is told, once.
pub fn postpone_expiry(tx: &mut Tx<'_>, id: OrderId, seconds: i64) -> Result<()> {
    if bill::actions::paid_of(tx.conn(), id)? > Fen::ZERO {
        alert::actions::raise_payment_once(tx, id, HALF_PAID)?;
    }
    order::actions::postpone_expiry(tx, id, seconds)
}

/// # Errors
/// `PaymentUnconfirmed` while a payment of the order, or of its bill, is still open at its provider.
pub fn refuse_open(conn: &Connection, order: OrderId) -> Result<()> {
    match list_open_of_order(conn, order)?.is_empty() {
        true => Ok(()),
        false => Err(Refusal::PaymentUnconfirmed.into()),
    }
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

/// A closed payment was looked at, and is still unpaid.
pub fn look_again(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    let next = next_look_at_closed(payment.closed_at.unwrap_or(payment.expires_at), tx.now);
    sql::set_look_at_closed(tx.conn(), payment.id, next)
}

/// The provider of an open payment is no longer configured, and the payment's time is long over.
pub fn give_up(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    end(tx, payment.id, None)?;
    let note = format!("{}已停用，这笔付款无法查询，请在商户平台核对", spoken_name(&payment.provider));
    alert::actions::raise_payment(tx, payment.about, &note)
}

/// After a start or an outage: what was scheduled before means nothing any more.
pub fn ask_all_now(tx: &mut Tx<'_>) -> Result<()> {
    sql::set_all_query_at(tx.conn(), tx.now)?;
    sql::set_all_refund_try(tx.conn(), tx.now)?;
    tx.emit(Event::PaymentDue);
    Ok(())
}

/// Something has happened to this trade, and only a query tells what: soon, and once a second at most, however often
/// that is said. One that is not ours is nobody's business here.
pub fn ask_now(tx: &mut Tx<'_>, provider: &str, out_trade_no: &str) -> Result<()> {
    let Some(payment) = sql::find_by_trade_no(tx.conn(), provider, out_trade_no)? else { return Ok(()) };
    sql::set_query_by(tx.conn(), payment.id, tx.now.plus_seconds(HINT_SECONDS))?;
    ask_about_refunds(tx, payment.id)
}

/// The same of a payment's refunds that are under way.
pub(super) fn ask_about_refunds(tx: &mut Tx<'_>, id: PaymentId) -> Result<()> {
    sql::set_refunds_by(tx.conn(), id, tx.now.plus_seconds(HINT_SECONDS))?;
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

/// All payments of an order and of its bill, oldest first.
pub fn list_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Payment>> {
    sql::list_of_order(conn, order)
}

pub fn list_refunds_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Refund>> {
    sql::list_refunds_of_order(conn, order)
}

pub fn list_open_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Payment>> {
    let mut payments = sql::list_of_order(conn, order)?;
    payments.retain(|payment| payment.state.is_open());
    Ok(payments)
}

/// The open codes of a provider that phones have been given to scan for this.
pub fn list_shown(conn: &Connection, owed: &Owed, provider: &str, now: Timestamp) -> Result<Vec<Payment>> {
    let mut shown = list_open_of_order(conn, owed.order.id)?;
    shown.retain(|payment| payment.target == owed.target && payment.provider == provider && payment.was_shown(now));
    Ok(shown)
}

pub fn list_due(conn: &Connection, now: Timestamp, limit: i64) -> Result<(Vec<Payment>, Vec<Refund>)> {
    Ok((sql::list_due(conn, now, limit)?, sql::list_due_refunds(conn, now, limit)?))
}

pub fn find_next_due(conn: &Connection) -> Result<Option<Timestamp>> {
    sql::find_next_due(conn)
}
