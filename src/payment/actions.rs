//! What can be done with payments.

use super::owed::{Owed, is_wanted};
use super::state::PaymentInput;
use super::{Channel, Payment, PaymentState, Refund, Target, next_look_at_closed, query_interval, sql};
use crate::actor::Actor;
use crate::bill::{self, Bill, Cut};
use crate::error::{OrderReason, Refusal, Result};
use crate::event::Event;
use crate::seating;
use crate::secret;
use crate::store::Tx;
use crate::units::{Fen, OrderId, PartId, PaymentId, Timestamp};
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
        (Channel::Scan, Some(_)) => return Err(Refusal::OrderState(OrderReason::PayerIsAsked).into()),
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
        false => Err(Refusal::OrderState(OrderReason::PaymentOver).into()),
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
    Ok(part.ok_or(Refusal::OrderState(OrderReason::NothingToPay))?)
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

/// # Errors
/// `OrderState` while a part of the order is paid: staff decide.
pub fn refuse_half_paid(conn: &Connection, order: OrderId) -> Result<()> {
    match bill::actions::paid_of(conn, order)? > Fen::ZERO {
        true => Err(Refusal::OrderState(OrderReason::BillPaidInPart).into()),
        false => Ok(()),
    }
}

/// # Errors
/// `PaymentUnconfirmed` while a payment of the order, or of its bill, is still open at its provider.
pub fn refuse_open(conn: &Connection, order: OrderId) -> Result<()> {
    match list_open_of_order(conn, order)?.is_empty() {
        true => Ok(()),
        false => Err(Refusal::PaymentUnconfirmed.into()),
    }
}

/// A closed payment was looked at, and is still unpaid.
pub fn look_again(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    let next = next_look_at_closed(payment.closed_at.unwrap_or(payment.expires_at), tx.now);
    sql::set_look_at_closed(tx.conn(), payment.id, next)
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
