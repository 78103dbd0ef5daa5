//! What can be done with a table's cart. HTTP and WebSocket both come through `change`.

use super::{Absorbed, Cart, Change, Edit, sql};
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::menu;
use crate::seating::{self, Diner, Move};
use crate::store::Tx;
use crate::units::{Calendar, CuisineId, OrderId, SeatingId, TableId};
use rusqlite::Connection;
use std::sync::Arc;

/// The kind of a change, as a resent request has to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Add,
    Update,
    Remove,
    Clear,
}

names!(Kind { Add = "add", Update = "update", Remove = "remove", Clear = "clear" });

const SUBMIT: &str = "submit";

impl Change {
    fn kind(&self) -> Kind {
        match self {
            Change::Add { .. } => Kind::Add,
            Change::SetQuantity { .. } => Kind::Update,
            Change::Remove { .. } => Kind::Remove,
            Change::Clear => Kind::Clear,
        }
    }
}

/// Changes the cart of the table where the diner's party is now, and publishes it. A repeat of an `op_id` does nothing and answers what the first
/// one did, with the cart as it is now: an older cart would only mislead the phone.
///
/// # Errors
/// `SeatingClosed`, `OpIdReused`, `CuisineNotFound`, and what `Cart`'s rules refuse.
pub fn change(
    tx: &mut Tx<'_>,
    diner: Diner,
    op_id: Option<&str>,
    change: Change,
    calendar: &Calendar,
) -> Result<(Kind, Arc<Cart>)> {
    let diner = seating::actions::locate(tx.conn(), diner)?;
    if let Some((done, _)) = op_id.map(|id| sql::find_op(tx.conn(), diner, id)).transpose()?.flatten() {
        let kind: Kind = done.parse().map_err(|_| Refusal::OpIdReused)?;
        return Ok((kind, Arc::new(sql::load_cart(tx.conn(), diner.table)?)));
    }
    let kind = change.kind();
    let mut cart = sql::load_cart(tx.conn(), diner.table)?;
    let edit = match change {
        Change::Add { cuisine, quantity, remark, options } => {
            let dish = menu::actions::load_cuisine(tx.conn(), cuisine, calendar.time_of_day(tx.now))?;
            cart.add(&dish, diner.id, quantity, remark, options)?
        }
        Change::SetQuantity { target, quantity } => cart.set_quantity(target, quantity)?,
        Change::Remove { target } => cart.remove(target)?,
        Change::Clear => cart.clear(),
    };
    if let Some(op_id) = op_id {
        sql::insert_op(tx.conn(), diner, op_id, kind.name(), None)?;
    }
    Ok((kind, store(tx, cart, edit)?))
}

fn store(tx: &mut Tx<'_>, mut cart: Cart, edit: Edit) -> Result<Arc<Cart>> {
    match edit {
        Edit::Insert(index) => {
            let line = &mut cart.items[index];
            line.line_id = sql::insert_line(tx.conn(), cart.table_id, line)?;
            line.add_user_phone = sql::load_adder(tx.conn(), line.add_user_id)?;
        }
        Edit::Update(index) => sql::update_line(tx.conn(), &cart.items[index])?,
        Edit::Delete(line) => sql::delete_line(tx.conn(), line)?,
        Edit::DeleteAll => sql::delete_lines(tx.conn(), cart.table_id)?,
    }
    cart.version = sql::advance_version(tx.conn(), cart.table_id)?;
    let cart = Arc::new(cart);
    tx.emit(Event::CartChanged(cart.clone()));
    Ok(cart)
}

/// # Errors
/// `TableNotFound`.
pub fn read_cart(conn: &Connection, table: TableId) -> Result<Cart> {
    sql::load_cart(conn, table)
}

/// The order that an earlier submit with this `op_id` made. `diner`: as located now, here and below.
///
/// # Errors
/// `OpIdReused` when a cart change had that `op_id`.
pub fn find_submitted(tx: &mut Tx<'_>, diner: Diner, op_id: &str) -> Result<Option<OrderId>> {
    match sql::find_op(tx.conn(), diner, op_id)? {
        None => Ok(None),
        Some((_, Some(order))) => Ok(Some(order)),
        Some((_, None)) => Err(Refusal::OpIdReused.into()),
    }
}

/// Takes the whole cart for an order: it is empty afterwards. Whether all of it can be had is for the menu to say.
///
/// # Errors
/// `CartEmpty`, `CartChanged` when `version` is not the present one.
pub fn take(tx: &mut Tx<'_>, diner: Diner, version: i64) -> Result<Cart> {
    let cart = sql::load_cart(tx.conn(), diner.table)?;
    if cart.version != version {
        return Err(Refusal::CartChanged.into());
    }
    if cart.items.is_empty() {
        return Err(Refusal::CartEmpty.into());
    }
    let mut emptied = cart.clone();
    let edit = emptied.clear();
    store(tx, emptied, edit)?;
    Ok(cart)
}

pub fn record_submitted(tx: &mut Tx<'_>, diner: Diner, op_id: &str, order: OrderId) -> Result<()> {
    sql::insert_op(tx.conn(), diner, op_id, SUBMIT, Some(order))
}

/// 清台: the party has left; its cart and its opIds go.
pub fn discard(tx: &mut Tx<'_>, table: TableId, seating: SeatingId) -> Result<()> {
    let mut cart = sql::load_cart(tx.conn(), table)?;
    let edit = cart.clear();
    store(tx, cart, edit)?;
    sql::delete_ops(tx.conn(), seating)
}

/// 转台, 并台: what lies in the cart of the table that was left comes to the other one, and what was done under an opId
/// stays done. Both carts get versions that nobody has seen.
///
/// # Errors
/// `MergedQuantity`, `MergedRemark`, `MergedLines`.
pub fn follow(tx: &mut Tx<'_>, step: Move) -> Result<()> {
    let left = sql::load_cart(tx.conn(), step.from)?;
    let host = sql::load_cart(tx.conn(), step.to)?;
    for absorbed in host.absorb(&left)? {
        match absorbed {
            Absorbed::Moved(line) => sql::set_table(tx.conn(), line, step.to)?,
            Absorbed::Added { gone, sum } => {
                sql::delete_line(tx.conn(), gone)?;
                sql::update_line(tx.conn(), &sum)?;
            }
        }
    }
    sql::move_ops(tx.conn(), step.seating, step.into)?;
    // Phones that come along have seen the versions of the table they left.
    sql::raise_version(tx.conn(), step.to, left.version)?;
    for table in [step.from, step.to] {
        sql::advance_version(tx.conn(), table)?;
        tx.emit(Event::CartChanged(Arc::new(sql::load_cart(tx.conn(), table)?)));
    }
    Ok(())
}

/// `work` changes the menu. A cart whose dishes have another price or name by it is a new version of itself, which its
/// phones see: nobody orders at a price that they were not shown.
///
/// # Errors
/// What `work` refuses.
pub fn follow_menu<T>(tx: &mut Tx<'_>, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let tables = sql::list_tables(tx.conn())?;
    let shown: Vec<Cart> = tables.into_iter().map(|table| sql::load_cart(tx.conn(), table)).collect::<Result<_>>()?;
    let done = work(tx)?;
    for shown in shown {
        let mut cart = sql::load_cart(tx.conn(), shown.table_id)?;
        if cart.items != shown.items {
            cart.version = sql::advance_version(tx.conn(), cart.table_id)?;
            tx.emit(Event::CartChanged(Arc::new(cart)));
        }
    }
    Ok(done)
}

/// These dishes leave the menu: no cart has them any more.
pub fn drop_dishes(tx: &mut Tx<'_>, dishes: &[CuisineId]) -> Result<()> {
    for table in sql::list_tables_with(tx.conn(), dishes)? {
        let mut cart = sql::load_cart(tx.conn(), table)?;
        let gone: Vec<_> = cart.items.iter().filter(|line| dishes.contains(&line.cuisine_id)).collect();
        for line in gone {
            sql::delete_line(tx.conn(), line.line_id)?;
        }
        cart.version = sql::advance_version(tx.conn(), table)?;
        cart.items.retain(|line| !dishes.contains(&line.cuisine_id));
        cart.retotal();
        tx.emit(Event::CartChanged(Arc::new(cart)));
    }
    Ok(())
}
