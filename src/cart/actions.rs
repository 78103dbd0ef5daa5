//! What can be done with a table's cart. HTTP and WebSocket both come through `change`.

use super::{Cart, Change, Edit, sql};
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::menu;
use crate::seating::Diner;
use crate::store::Tx;
use crate::units::{OrderId, SeatingId, TableId};
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

const KINDS: [(Kind, &str); 4] =
    [(Kind::Add, "add"), (Kind::Update, "update"), (Kind::Remove, "remove"), (Kind::Clear, "clear")];
const SUBMIT: &str = "submit";

impl Kind {
    fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

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

/// Changes the diner's table's cart and publishes it. A repeat of an `op_id` does nothing and answers what the first
/// one did, with the cart as it is now: an older cart would only mislead the phone.
///
/// # Errors
/// `SeatingClosed`, `OpIdReused`, `CuisineNotFound`, and what `Cart`'s rules refuse.
pub fn change(tx: &mut Tx<'_>, diner: Diner, op_id: Option<&str>, change: Change) -> Result<(Kind, Arc<Cart>)> {
    sql::load_seated(tx.conn(), diner)?;
    if let Some((done, _)) = op_id.map(|id| sql::find_op(tx.conn(), diner, id)).transpose()?.flatten() {
        let kind = KINDS.iter().find(|(_, name)| *name == done).ok_or(Refusal::OpIdReused)?.0;
        return Ok((kind, Arc::new(sql::load_cart(tx.conn(), diner.table)?)));
    }
    let kind = change.kind();
    let mut cart = sql::load_cart(tx.conn(), diner.table)?;
    let edit = match change {
        Change::Add { cuisine, quantity, remark, options } => {
            let dish = menu::actions::load_cuisine(tx.conn(), cuisine)?;
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
            cart.items[index].line_id = sql::insert_line(tx.conn(), cart.table_id, &cart.items[index])?
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

/// The order that an earlier submit with this `op_id` made.
///
/// # Errors
/// `SeatingClosed`; `OpIdReused` when a cart change had that `op_id`.
pub fn find_submitted(tx: &mut Tx<'_>, diner: Diner, op_id: &str) -> Result<Option<OrderId>> {
    sql::load_seated(tx.conn(), diner)?;
    match sql::find_op(tx.conn(), diner, op_id)? {
        None => Ok(None),
        Some((_, Some(order))) => Ok(Some(order)),
        Some((_, None)) => Err(Refusal::OpIdReused.into()),
    }
}

/// Takes the whole cart for an order: it is empty afterwards.
///
/// # Errors
/// `CartEmpty`, `CartChanged` when `version` is not the present one, `SoldOut` naming the dish.
pub fn take(tx: &mut Tx<'_>, diner: Diner, version: i64) -> Result<Cart> {
    let cart = sql::load_cart(tx.conn(), diner.table)?;
    if cart.version != version {
        return Err(Refusal::CartChanged.into());
    }
    if cart.items.is_empty() {
        return Err(Refusal::CartEmpty.into());
    }
    if let Some(line) = cart.items.iter().find(|line| line.sold_out) {
        return Err(Refusal::SoldOut(line.cuisine_name.clone()).into());
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
