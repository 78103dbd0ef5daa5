//! What can be done with orders.

use super::{
    Adjustment, AdjustmentKind, Company, Fees, Input, Item, MAX_DINERS, MAX_REMARK, Order, Pay, PayMode, State, Status,
    URGE_SECONDS, sql, state,
};
use crate::actor::Actor;
use crate::alert;
use crate::cart::{self, clean_text};
use crate::error::{Error, Field, OrderReason, Refusal, Result};
use crate::event::Event;
use crate::menu;
use crate::seating::{self, Diner, Move};
use crate::store::Tx;
use crate::units::{AdjustmentId, AlertId, Calendar, Fen, OrderId, PayMethod, SeatingId, Timestamp};
use anyhow::anyhow;
use rusqlite::Connection;
use std::sync::Arc;

pub use sql::Filter;

/// What the phone sends with 提交订单.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The cart's version as the diner saw it.
    pub version: i64,
    pub remark: String,
    pub diners_count: Option<i64>,
    /// 打包
    pub packed: bool,
    pub op_id: String,
}

/// How the store sells.
#[derive(Debug, Clone)]
pub struct Terms {
    pub mode: PayMode,
    pub pay_within_seconds: i64,
    pub calendar: Calendar,
    pub fees: Fees,
}

/// Makes the table's cart an order, at the menu's present prices, and empties it. A repeat of the `op_id` answers the
/// order it made. Pay-later orders are due to the kitchen at once and ring.
///
/// # Errors
/// `SeatingClosed`, `ShopClosed`, `CartEmpty`, `CartChanged`, `SoldOut`, `NotEnough`, `NotNow`, `ChoicesChanged`,
/// `RemarkTooLong`, `BadRequest`, `OpIdReused`.
pub fn submit(tx: &mut Tx<'_>, diner: Diner, terms: &Terms, submission: &Submission) -> Result<Arc<Order>> {
    let diner = seating::actions::locate(tx.conn(), diner)?;
    if let Some(id) = cart::actions::find_submitted(tx, diner, &submission.op_id)? {
        return Ok(Arc::new(sql::load_order(tx.conn(), id)?));
    }
    if !menu::actions::is_shop_open(tx.conn())? {
        return Err(Refusal::ShopClosed.into());
    }
    let remark = clean_text(&submission.remark, MAX_REMARK)?;
    if submission.diners_count.is_some_and(|count| !(1..=MAX_DINERS).contains(&count)) {
        return Err(Refusal::BadRequest(Field::Guests).into());
    }
    let cart = cart::actions::take(tx, diner, submission.version)?;
    let time = terms.calendar.time_of_day(tx.now);
    for line in &cart.items {
        menu::actions::check_choices(tx.conn(), line.cuisine_id, &line.options, time)?;
    }
    let items: Vec<Item> = cart.items.into_iter().map(item).collect();
    let company = load_company(tx.conn(), diner.seating)?.with(submission.packed, submission.diners_count);
    let fees = terms.fees.of(&items, submission.packed, company.is_seated(), company.uncovered().max(0));
    let amount = cart.total_amount.plus(fees.iter().map(|fee| fee.amount).sum());
    let state = match terms.mode {
        _ if amount == Fen::ZERO => State { status: Status::ToBeConfirmed, pay: Pay::Paid },
        PayMode::First => State { status: Status::PendingPayment, pay: Pay::Unpaid },
        // Paid after the meal: the kitchen may start.
        PayMode::Later => State { status: Status::ToBeConfirmed, pay: Pay::Unpaid },
    };
    let day = terms.calendar.business_day(tx.now);
    let counter = sql::advance_counter(tx.conn(), &day)?;
    let pay_before = (state.status == Status::PendingPayment).then(|| tx.now.plus_seconds(terms.pay_within_seconds));
    let id = sql::insert_order(
        tx.conn(),
        &sql::NewOrder {
            number: format!("{day}{counter:04}"),
            table: diner.table,
            seating: diner.seating,
            diner: diner.id,
            state,
            amount,
            packed: submission.packed,
            remark: &remark,
            diners_count: submission.diners_count,
            created_at: tx.now,
            pay_before,
        },
    )?;
    let pieces: Vec<_> = items.iter().map(|item| (item.cuisine, item.quantity)).collect();
    menu::actions::sell(tx, id, &pieces, time)?;
    for (position, item) in (1..).zip(&items) {
        sql::insert_item(tx.conn(), id, position, item)?;
    }
    for fee in &fees {
        sql::insert_adjustment(tx.conn(), id, fee, &Actor::Diner(diner.id), tx.now)?;
    }
    cart::actions::record_submitted(tx, diner, &submission.op_id, id)?;
    seating::actions::forget_bill(tx, diner.seating)?;
    sql::insert_event(tx.conn(), id, None, state, &Actor::Diner(diner.id), tx.now)?;
    if state.status == Status::ToBeConfirmed {
        alert::actions::raise(tx, alert::Kind::NewOrder, id)?;
    } else {
        tx.emit(Event::PaymentDue);
    }
    publish(tx, id)
}

/// A party as its fees see it.
pub fn load_company(conn: &Connection, seating: SeatingId) -> Result<Company> {
    sql::load_company(conn, seating)
}

fn item(line: cart::Line) -> Item {
    Item {
        cuisine: line.cuisine_id,
        name: line.cuisine_name,
        kind: line.cuisine_type,
        unit_price: line.unit_price,
        quantity: line.quantity,
        options: line.options,
        remark: line.remark,
        diner: line.add_user_id,
    }
}

/// Something beside its own row has changed: its money.
///
/// # Errors
/// `OrderNotFound`.
pub fn announce(tx: &mut Tx<'_>, id: OrderId) -> Result<()> {
    publish(tx, id).map(drop)
}

fn publish(tx: &mut Tx<'_>, id: OrderId) -> Result<Arc<Order>> {
    let order = Arc::new(sql::load_order(tx.conn(), id)?);
    tx.emit(Event::OrderChanged(order.clone()));
    Ok(order)
}

/// Moves an order by the order machine: guarded update, `order_event` row, publication; a new order for the kitchen
/// rings, and one that is answered or over falls silent.
///
/// # Errors
/// `OrderNotFound`, `OrderState`.
pub fn advance(tx: &mut Tx<'_>, id: OrderId, input: Input, actor: &Actor) -> Result<Arc<Order>> {
    let order = sql::load_order(tx.conn(), id)?;
    let to = match state::step(order.state, input)? {
        state::Step::AlreadyDone => return Ok(Arc::new(order)),
        state::Step::Moved(to) => to,
    };
    if !sql::advance_state(tx.conn(), id, order.state, to, tx.now)? {
        return Err(anyhow!("order {id} moved while its only writer held it").into());
    }
    sql::insert_event(tx.conn(), id, Some(input), to, actor, tx.now)?;
    // From 接单 on somebody cooks it: only staff know better, see `decide_dishes`.
    if to.status == Status::Cancelled && order.state.status.is_unaccepted() {
        menu::actions::put_back(tx, id)?;
    }
    if order.state.status == Status::PendingPayment && to.status == Status::ToBeConfirmed {
        alert::actions::raise(tx, alert::Kind::NewOrder, id)?;
    }
    if to.status != order.state.status && to.status != Status::ToBeConfirmed {
        alert::actions::acknowledge_order(tx, id, &actor.to_string())?;
    }
    publish(tx, id)
}

/// 接单 on a popup: its alerts fall silent everywhere, and new orders among them are accepted. One that somebody else
/// has answered meanwhile stays as it is.
pub fn accept_alerted(tx: &mut Tx<'_>, alerts: &[AlertId]) -> Result<()> {
    for alert in alerts {
        let order = alert::actions::find_new_order(tx.conn(), *alert)?;
        alert::actions::acknowledge(tx, *alert, &Actor::Popup.to_string())?;
        let accepted = order.map(|order| advance(tx, order, Input::Accept, &Actor::Popup));
        match accepted {
            None | Some(Ok(_) | Err(Error::Refused(_))) => {}
            Some(Err(error)) => return Err(error),
        }
    }
    Ok(())
}

/// A confirmed payment of the whole amount of each of these orders. Whatever of them the kitchen has already, its money
/// is told once, unless it was taken at the till.
///
/// # Errors
/// `OrderState` when an order is cancelled or refunded.
pub fn pay(tx: &mut Tx<'_>, ids: &[OrderId], method: PayMethod, actor: &Actor) -> Result<()> {
    let mut eaten = None;
    for id in ids {
        let state = sql::load_order(tx.conn(), *id)?.state;
        sql::set_pay_method(tx.conn(), *id, method)?;
        advance(tx, *id, Input::Paid, actor)?;
        if state.pay == Pay::Unpaid && state.status != Status::PendingPayment {
            eaten = eaten.or(Some(*id));
        }
    }
    match (eaten, actor) {
        (Some(id), Actor::Provider(_) | Actor::Diner(_)) => alert::actions::raise(tx, alert::Kind::Paid, id),
        _ => Ok(()),
    }
}

/// What an order that nobody has paid costs more (a fee) or less (a reduction) than its items, from now on. One that
/// costs nothing any more counts as paid. Whoever has its payment under way has to end that first.
///
/// # Errors
/// `OrderNotFound`; `OrderState` when the order is paid or cancelled, or would cost less than nothing.
pub fn adjust(tx: &mut Tx<'_>, id: OrderId, new: &Adjustment, actor: &Actor) -> Result<Arc<Order>> {
    let order = sql::load_order(tx.conn(), id)?;
    order.check_unpaid()?;
    if new.kind.is_reduction() && order.reducible().plus(new.amount) < Fen::ZERO {
        return Err(Refusal::OrderState(OrderReason::BelowZero).into());
    }
    sql::insert_adjustment(tx.conn(), id, new, actor, tx.now)?;
    reprice(tx, id, actor)
}

/// Takes a reduction off again, or waives a fee: that stays waived. An order that was paid only because it cost nothing
/// is to be paid then.
///
/// # Errors
/// `AdjustmentNotFound`; `OrderState` when the order is paid or cancelled.
pub fn drop_adjustment(tx: &mut Tx<'_>, id: AdjustmentId, actor: &Actor) -> Result<Arc<Order>> {
    let order = sql::load_order(tx.conn(), load_adjusted(tx.conn(), id)?)?;
    if !order.is_given() {
        order.check_unpaid()?;
    }
    match order.adjustments.iter().find(|one| one.id == id) {
        Some(line) if line.kind.is_reduction() => sql::delete_adjustment(tx.conn(), id)?,
        Some(fee) if !fee.waived => sql::set_waived(tx.conn(), id)?,
        Some(_) | None => return Err(Refusal::AdjustmentNotFound.into()),
    }
    reprice(tx, order.id, actor)
}

/// The cover of so many heads more, or fewer, on an unpaid order. `fee`: for each that is new.
///
/// # Errors
/// `OrderNotFound`, `OrderState`.
pub fn change_cover(tx: &mut Tx<'_>, id: OrderId, more: i64, fee: Fen, actor: &Actor) -> Result<Arc<Order>> {
    let order = sql::load_order(tx.conn(), id)?;
    order.check_unpaid()?;
    let new = Adjustment { heads: more, ..Adjustment::new(AdjustmentKind::Cover, fee.times(more)) };
    match order.fee(AdjustmentKind::Cover) {
        None => sql::insert_adjustment(tx.conn(), id, &new, actor, tx.now)?,
        Some(line) if line.heads + more <= 0 => sql::delete_adjustment(tx.conn(), line.id)?,
        Some(line) => {
            let heads = line.heads + more;
            let amount = match more > 0 {
                true => line.amount.plus(new.amount),
                false => Fen(line.amount.0 * heads / line.heads),
            };
            sql::set_cover(tx.conn(), line.id, heads, amount)?;
        }
    }
    reprice(tx, id, actor)
}

/// Packing and service of an unpaid order as they are due: with how it is eaten, and whether its party sits here. What
/// was waived stays so.
///
/// # Errors
/// `OrderNotFound`, `OrderState`.
pub fn change_fees(tx: &mut Tx<'_>, id: OrderId, seated: bool, fees: &Fees, actor: &Actor) -> Result<Arc<Order>> {
    let order = sql::load_order(tx.conn(), id)?;
    order.check_unpaid()?;
    let due = fees.of(&order.items, order.packed, seated, 0);
    for line in order.adjustments.iter().filter(|line| !line.waived && is_of_dishes(line.kind)) {
        if due.iter().all(|fee| fee.kind != line.kind) {
            sql::delete_adjustment(tx.conn(), line.id)?;
        }
    }
    for fee in due.iter().filter(|fee| order.adjustments.iter().all(|line| line.kind != fee.kind)) {
        sql::insert_adjustment(tx.conn(), id, fee, actor, tx.now)?;
    }
    reprice(tx, id, actor)
}

fn is_of_dishes(kind: AdjustmentKind) -> bool {
    matches!(kind, AdjustmentKind::Packing | AdjustmentKind::Service)
}

/// 打包 or not, after all. What that costs is to follow.
pub fn set_packed(tx: &mut Tx<'_>, id: OrderId, packed: bool) -> Result<()> {
    sql::set_packed(tx.conn(), id, packed)
}

/// The order that a reduction or fee belongs to.
///
/// # Errors
/// `AdjustmentNotFound`.
pub fn load_adjusted(conn: &Connection, id: AdjustmentId) -> Result<OrderId> {
    Ok(sql::find_adjusted(conn, id)?.ok_or(Refusal::AdjustmentNotFound)?)
}

/// Reckons what the order costs anew. Nothing to pay is paid; something again is to be paid again.
fn reprice(tx: &mut Tx<'_>, id: OrderId, actor: &Actor) -> Result<Arc<Order>> {
    let before = sql::load_order(tx.conn(), id)?;
    let mut after = before.clone();
    after.reckon();
    for (old, new) in before.adjustments.iter().zip(&after.adjustments) {
        if old.amount != new.amount {
            sql::set_adjustment_amount(tx.conn(), new.id, new.amount)?;
        }
    }
    sql::set_amount(tx.conn(), id, after.amount)?;
    match (after.amount, before.state.pay) {
        (Fen::ZERO, Pay::Unpaid) => advance(tx, id, Input::Paid, actor),
        (Fen::ZERO, Pay::Paid | Pay::Refunded) | (_, Pay::Unpaid | Pay::Refunded) => publish(tx, id),
        (_, Pay::Paid) => advance(tx, id, Input::Reopen, actor),
    }
}

/// Why staff do something, as it is kept.
///
/// # Errors
/// `RemarkTooLong`.
pub fn clean_reason(reason: &str) -> Result<String> {
    Ok(clean_text(reason, MAX_REMARK)?)
}

/// # Errors
/// `OrderNotFound`, `OrderState`.
pub fn cancel(tx: &mut Tx<'_>, id: OrderId, input: Input, actor: &Actor, reason: &str) -> Result<Arc<Order>> {
    let reason = clean_reason(reason)?;
    let before = sql::load_order(tx.conn(), id)?;
    sql::set_cancel_reason(tx.conn(), id, &reason)?;
    let order = advance(tx, id, input, actor)?;
    let served = matches!(before.state.status, Status::Serving | Status::Completed);
    if let (true, Pay::Unpaid, Actor::Staff(staff)) = (served, before.state.pay, actor) {
        let_go(tx, &before.table_number, before.amount, &reason, staff)?;
    }
    Ok(order)
}

/// What was owed for dishes that were served is not asked for any more: a line of the business day.
pub fn let_go(tx: &mut Tx<'_>, table_number: &str, amount: Fen, reason: &str, staff: &str) -> Result<()> {
    match amount > Fen::ZERO {
        true => sql::insert_let_go(tx.conn(), tx.now, table_number, amount, reason, staff),
        false => Ok(()),
    }
}

/// Staff say whether an order's dishes can be had again: in the transaction that cancels it, before, or later on. Where
/// they do not say, its state decides.
pub fn decide_dishes(tx: &mut Tx<'_>, id: OrderId, back: Option<bool>) -> Result<()> {
    match back {
        Some(true) => menu::actions::put_back(tx, id),
        Some(false) => menu::actions::forget_taken(tx, id),
        None => Ok(()),
    }
}

/// Whether the cashier keeps an order that nobody has accepted although all of its money goes back.
pub fn keep(tx: &mut Tx<'_>, id: OrderId, kept: bool) -> Result<()> {
    sql::set_kept(tx.conn(), id, kept)
}

/// All of an order's money goes back: one that nobody has accepted is over, unless the cashier keeps it. `false` where
/// it stays.
///
/// # Errors
/// `OrderNotFound`, `RemarkTooLong`.
pub fn end_refunded(tx: &mut Tx<'_>, id: OrderId, reason: &str, actor: &Actor) -> Result<bool> {
    let state = sql::load_order(tx.conn(), id)?.state;
    if state.status != Status::ToBeConfirmed || state.pay == Pay::Unpaid || sql::is_kept(tx.conn(), id)? {
        return Ok(false);
    }
    let reason = if reason.trim().is_empty() { "已全额退款" } else { reason };
    cancel(tx, id, Input::Cancel, actor, reason)?;
    Ok(true)
}

/// 催单. A repeat within the minute is answered the same and does not ring again.
///
/// # Errors
/// `OrderNotFound` (also for another party's order), `OrderState`.
pub fn urge(tx: &mut Tx<'_>, diner: Diner, id: OrderId) -> Result<()> {
    let order = load_own(tx.conn(), diner.seating, id)?;
    state::check_urgeable(order.state)?;
    if sql::advance_urged(tx.conn(), id, tx.now, tx.now.plus_seconds(-URGE_SECONDS))? {
        alert::actions::raise(tx, alert::Kind::Reminder, id)?;
    }
    Ok(())
}

/// An order of this party, which may just have become a part of another. Another party's looks as if it did not exist.
///
/// # Errors
/// `OrderNotFound`.
pub fn load_own(conn: &Connection, seating: SeatingId, id: OrderId) -> Result<Order> {
    let owner = sql::find_seating_of(conn, id)?.ok_or(Refusal::OrderNotFound)?;
    if owner != seating && !seating::actions::went_on_as(conn, seating, owner)? {
        return Err(Refusal::OrderNotFound.into());
    }
    sql::load_order(conn, id)
}

/// The order that people call by this number.
pub fn find_by_number(conn: &Connection, number: &str) -> Result<Option<OrderId>> {
    sql::find_by_number(conn, number)
}

/// # Errors
/// `OrderNotFound`.
pub fn load(conn: &Connection, id: OrderId) -> Result<Order> {
    sql::load_order(conn, id)
}

pub fn list_of_seating(conn: &Connection, seating: SeatingId) -> Result<Vec<Order>> {
    sql::list_of_seating(conn, seating)
}

/// So many of those that match, newest first, with the number of all of them.
pub fn search(conn: &Connection, filter: &Filter, limit: i64, offset: i64) -> Result<(i64, Vec<Order>)> {
    sql::search(conn, filter, limit, offset)
}

/// Orders 待接单, 已接单, 上菜中.
pub fn count_open(conn: &Connection) -> Result<[i64; 3]> {
    sql::count_open(conn)
}

/// Orders nobody has paid in time, the longest waiting first.
pub fn list_expired(conn: &Connection, now: Timestamp, limit: i64) -> Result<Vec<OrderId>> {
    sql::list_expired(conn, now, limit)
}

/// An expired order that can't be given up yet: again in so many seconds.
pub fn postpone_expiry(tx: &mut Tx<'_>, id: OrderId, seconds: i64) -> Result<()> {
    sql::set_pay_before(tx.conn(), id, tx.now.plus_seconds(seconds))
}

/// The clock was put right: an order that nobody pays is not kept until a time that a wrong one meant.
pub fn forget_the_future(tx: &mut Tx<'_>) -> Result<()> {
    const LONGEST_SECONDS: i64 = 24 * 3600;
    const USUAL_SECONDS: i64 = 900;
    sql::shorten_pay_before(tx.conn(), tx.now.plus_seconds(LONGEST_SECONDS), tx.now.plus_seconds(USUAL_SECONDS))
}

/// The party has left: what it has not paid is given up, at the provider first.
pub fn expire_unpaid(tx: &mut Tx<'_>, seating: SeatingId) -> Result<()> {
    sql::set_pay_before_of_seating(tx.conn(), seating, tx.now)?;
    tx.emit(Event::PaymentDue);
    Ok(())
}

/// 转台, 并台: the party's orders are carried to the other table from now on, and are on the other party's bill.
pub fn follow(tx: &mut Tx<'_>, step: Move) -> Result<()> {
    for id in sql::move_orders(tx.conn(), step.seating, step.into, step.to)? {
        publish(tx, id)?;
    }
    Ok(())
}
