//! What can be done with orders.

use super::{Actor, Input, Item, MAX_DINERS, MAX_REMARK, Order, Pay, PayMode, State, Status, URGE_SECONDS, sql, state};
use crate::alert;
use crate::cart::{self, clean_text};
use crate::error::{Error, Refusal, Result};
use crate::event::Event;
use crate::menu;
use crate::seating::Diner;
use crate::store::Tx;
use crate::units::{AlertId, Calendar, Fen, OrderId, SeatingId, Timestamp};
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
    pub op_id: String,
}

/// How the store sells.
#[derive(Debug, Clone)]
pub struct Terms {
    pub mode: PayMode,
    pub pay_within_seconds: i64,
    pub calendar: Calendar,
}

/// Makes the table's cart an order, at the menu's present prices, and empties it. A repeat of the `op_id` answers the
/// order it made. Pay-later orders are due to the kitchen at once and ring.
///
/// # Errors
/// `SeatingClosed`, `ShopClosed`, `CartEmpty`, `CartChanged`, `SoldOut`, `RemarkTooLong`, `BadRequest`, `OpIdReused`.
pub fn submit(tx: &mut Tx<'_>, diner: Diner, terms: &Terms, submission: &Submission) -> Result<Arc<Order>> {
    if let Some(id) = cart::actions::find_submitted(tx, diner, &submission.op_id)? {
        return Ok(Arc::new(sql::load_order(tx.conn(), id)?));
    }
    if !menu::actions::is_shop_open(tx.conn())? {
        return Err(Refusal::ShopClosed.into());
    }
    let remark = clean_text(&submission.remark, MAX_REMARK)?;
    if submission.diners_count.is_some_and(|count| !(1..=MAX_DINERS).contains(&count)) {
        return Err(Refusal::BadRequest("dinersCount".into()).into());
    }
    let cart = cart::actions::take(tx, diner, submission.version)?;
    let state = match terms.mode {
        _ if cart.total_amount == Fen::ZERO => State { status: Status::ToBeConfirmed, pay: Pay::Paid },
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
            amount: cart.total_amount,
            remark: &remark,
            diners_count: submission.diners_count,
            created_at: tx.now,
            pay_before,
        },
    )?;
    for (position, line) in (1..).zip(cart.items) {
        sql::insert_item(tx.conn(), id, position, &item(line))?;
    }
    cart::actions::record_submitted(tx, diner, &submission.op_id, id)?;
    sql::insert_event(tx.conn(), id, None, state, &Actor::Diner(diner.id), tx.now)?;
    if state.status == Status::ToBeConfirmed {
        alert::actions::raise(tx, alert::Kind::NewOrder, id)?;
    } else {
        tx.emit(Event::PaymentDue);
    }
    publish(tx, id)
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
    if order.state.status == Status::PendingPayment && to.status == Status::ToBeConfirmed {
        alert::actions::raise(tx, alert::Kind::NewOrder, id)?;
    } else if input == Input::Paid && matches!(actor, Actor::Provider(_)) {
        alert::actions::raise(tx, alert::Kind::Paid, id)?;
    }
    if to.status != order.state.status && to.status != Status::ToBeConfirmed {
        alert::actions::acknowledge_order(tx, id, &actor.to_string())?;
    }
    publish(tx, id)
}

/// 接单 on a popup: its alerts fall silent everywhere, and new orders among them are accepted. One that somebody else
/// has answered meanwhile stays as it is.
pub fn accept_alerted(tx: &mut Tx<'_>, alerts: &[AlertId]) -> Result<()> {
    const POPUP: &str = "popup";
    for alert in alerts {
        let order = alert::actions::find_new_order(tx.conn(), *alert)?;
        alert::actions::acknowledge(tx, *alert, POPUP)?;
        let accepted = order.map(|order| advance(tx, order, Input::Accept, &Actor::Staff(POPUP.to_owned())));
        match accepted {
            None | Some(Ok(_) | Err(Error::Refused(_))) => {}
            Some(Err(error)) => return Err(error),
        }
    }
    Ok(())
}

/// A confirmed payment of the whole amount.
///
/// # Errors
/// `OrderState` when the order is cancelled or refunded.
pub fn pay(tx: &mut Tx<'_>, id: OrderId, method: i64, actor: &Actor) -> Result<Arc<Order>> {
    sql::set_pay_method(tx.conn(), id, method)?;
    advance(tx, id, Input::Paid, actor)
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
    sql::set_cancel_reason(tx.conn(), id, &reason)?;
    advance(tx, id, input, actor)
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

/// An order of this party. Another party's looks as if it did not exist.
///
/// # Errors
/// `OrderNotFound`.
pub fn load_own(conn: &Connection, seating: SeatingId, id: OrderId) -> Result<Order> {
    if sql::find_seating_of(conn, id)? != Some(seating) {
        return Err(Refusal::OrderNotFound.into());
    }
    sql::load_order(conn, id)
}

/// # Errors
/// `OrderNotFound`.
pub fn load(conn: &Connection, id: OrderId) -> Result<Order> {
    sql::load_order(conn, id)
}

pub fn list_of_seating(conn: &Connection, seating: SeatingId) -> Result<Vec<Order>> {
    sql::list_of_seating(conn, seating)
}

/// A page of at most 100, newest first, with the number of all that match. Pages count from 1.
pub fn search(conn: &Connection, filter: &Filter, page: i64, page_size: i64) -> Result<(i64, Vec<Order>)> {
    let size = page_size.clamp(1, 100);
    sql::search(conn, filter, size, (page.max(1) - 1).saturating_mul(size))
}

/// Orders 待接单, 已接单, 上菜中.
pub fn count_open(conn: &Connection) -> Result<[i64; 3]> {
    sql::count_open(conn)
}

/// When the latest order was made.
pub fn newest(conn: &Connection) -> Result<Option<Timestamp>> {
    sql::newest(conn)
}

/// Orders nobody has paid in time, the longest waiting first.
pub fn list_expired(conn: &Connection, now: Timestamp, limit: i64) -> Result<Vec<OrderId>> {
    sql::list_expired(conn, now, limit)
}

/// An expired order that can't be given up yet: again in so many seconds.
pub fn postpone_expiry(tx: &mut Tx<'_>, id: OrderId, seconds: i64) -> Result<()> {
    sql::set_pay_before(tx.conn(), id, tx.now.plus_seconds(seconds))
}

/// The party has left: what it has not paid is given up, at the provider first.
pub fn expire_unpaid(tx: &mut Tx<'_>, seating: SeatingId) -> Result<()> {
    sql::set_pay_before_of_seating(tx.conn(), seating, tx.now)?;
    tx.emit(Event::PaymentDue);
    Ok(())
}
