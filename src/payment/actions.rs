//! What can be done with payments. Settling is one function, for callbacks, queries and charged codes alike.

use super::balance::MEMBER;
use super::owed::{Owed, Target, is_wanted};
use super::provider::Paid;
use super::review::{self, Kind, Question};
use super::{
    Channel, Payment, PaymentState, Refund, Source, ledger, next_look_at_closed, query_interval, refund, spoken_name,
    sql, unclaimed,
};
use crate::alert;
use crate::bill::{self, Bill, Cut};
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::failpoint;
use crate::order::{self, Actor, Input, Status};
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
/// Between queries while the payer types (payments.md).
const PAYER_QUERY_SECONDS: i64 = 5;
/// What a person reads of a bill before the meal of which nobody pays the rest.
const HALF_PAID: &str = "账单只付了一部分：请收齐其余，或取消订单退款";
const LEFT_HALF_PAID: &str = "客人已离店，账单只付了一部分，已付的自动退回";
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
    /// Nothing here knows the number: kept, and a person decides.
    Unclaimed,
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
        (MEMBER, _) => 5,
        _ => 9,
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
    open.retain(|payment| payment.target() == owed.target);
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
    let (part, of) = match owed.target {
        Target::Order(_) => (None, "订单"),
        Target::Part(part) => (Some(part), "账单"),
    };
    let mut payment = Payment {
        id: PaymentId(0),
        order: order.id,
        part,
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
    if sql::advance_open(tx.conn(), id, code)? {
        return Ok(());
    }
    Err(Refusal::OrderState("这笔付款已结束").into())
}

/// Coins, notes, or the bank's terminal: staff have the money. Whatever else is open for it is closed at its provider
/// as soon as that answers; should somebody pay it all the same, that goes back.
///
/// # Errors
/// `OrderNotFound`, `BillNotFound`; `OrderState` when nothing is owed; `WrongAmount` with what is.
pub fn take_at_counter(tx: &mut Tx<'_>, target: Target, channel: Channel, amount: Fen, staff: &str) -> Result<Payment> {
    let by = Actor::Staff(staff.to_owned());
    let owed = Owed::load(tx.conn(), resolve(tx, target, &by)?)?;
    owed.check()?;
    if amount != owed.amount {
        return Err(Refusal::WrongAmount(owed.amount.to_string()).into());
    }
    let way = Way { provider: COUNTER.to_owned(), channel, payer: String::new() };
    let payment = insert(tx, &owed, &way, PaymentState::Open, tx.now)?;
    let actor = format!("staff {staff}");
    sql::set_received(tx.conn(), payment.id, &payment.out_trade_no, amount)?;
    ledger::book_payment(tx, &payment, amount, &payment.out_trade_no, tx.now, &actor)?;
    sql::advance_paid(tx.conn(), payment.id, tx.now)?;
    owed.pay(tx, pay_method(COUNTER, channel), &by)?;
    close_unwanted(tx, owed.order.id)?;
    let detail = format!("{} {amount}", channel.name());
    staff::actions::record(tx, staff, "payment.counter", &owed.order.number, &detail)?;
    Ok(payment)
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

/// Books what the provider vouches for: by compare-and-set on the payment's state, once, whoever brings it. What has a
/// number that is not ours is kept until somebody says whose it is.
pub fn settle(tx: &mut Tx<'_>, provider: &str, paid: &Paid, source: Source) -> Result<Settled> {
    let Some(payment) = sql::find_by_trade_no(tx.conn(), provider, &paid.out_trade_no)? else {
        return Ok(match unclaimed::came(tx, provider, paid)? {
            true => Settled::Unclaimed,
            false => Settled::AlreadyDone,
        });
    };
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
    let owed = Owed::of(tx.conn(), payment)?;
    if paid.amount != payment.amount {
        let reason = format!("应收 {} 元，实付 {} 元", payment.amount, paid.amount);
        return quarantine(tx, payment, paid, Kind::Amount, &reason);
    }
    // A code that outlived its closing, for an order that has another price since.
    if owed.check().is_ok() && paid.amount != owed.amount {
        let reason = format!("订单已改价：应收 {} 元，实付 {} 元", owed.amount, paid.amount);
        return quarantine(tx, payment, paid, Kind::Amount, &reason);
    }
    if !sql::advance_paid(tx.conn(), payment.id, tx.now)? {
        return Ok(Settled::AlreadyDone);
    }
    failpoint::reach("settle.paid");
    if owed.check().is_err() {
        let reason = owed.why_back();
        let payment = load(tx.conn(), payment.id)?;
        refund::send_all(tx, &payment, reason, &actor(&payment.provider, source))?;
        alert::actions::raise_payment(tx, payment.order, reason)?;
        return Ok(Settled::Refunding);
    }
    let method = pay_method(&payment.provider, payment.channel);
    owed.pay(tx, method, &Actor::Provider(payment.provider.clone()))?;
    failpoint::reach("settle.ordered");
    close_unwanted(tx, payment.order)?;
    end_left_bill(tx, payment)?;
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
    let (reason, actor) = (if reason.is_empty() { "订单取消" } else { reason }, by.to_string());
    for payment in sql::list_of_order(tx.conn(), id)? {
        if payment.state == PaymentState::Paid && payment.part.is_none() {
            refund::send_all(tx, &payment, reason, &actor)?;
        }
    }
    refund::send_share(tx, id, reason, &actor)
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
    sql::advance_closed(tx.conn(), id, tx.now, next_look_at_closed(tx.now, tx.now))?;
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
        refund::send_all(tx, payment, LEFT_HALF_PAID, &Actor::Expiry.to_string())?;
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
fn end_left_bill(tx: &mut Tx<'_>, payment: &Payment) -> Result<()> {
    let Some(part) = payment.part else { return Ok(()) };
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
    sql::advance_closed(tx.conn(), payment.id, tx.now, None)?;
    end_left_bill(tx, payment)?;
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

pub fn list_refunds_of_order(conn: &Connection, order: OrderId) -> Result<Vec<(Refund, String)>> {
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
    shown.retain(|payment| payment.target() == owed.target && payment.provider == provider && payment.was_shown(now));
    Ok(shown)
}

pub fn list_due(conn: &Connection, now: Timestamp, limit: i64) -> Result<(Vec<Payment>, Vec<Refund>)> {
    Ok((sql::list_due(conn, now, limit)?, sql::list_due_refunds(conn, now, limit)?))
}

pub fn find_next_due(conn: &Connection) -> Result<Option<Timestamp>> {
    sql::find_next_due(conn)
}
