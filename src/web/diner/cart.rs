//! What HTTP, sockets and streams say and hear of carts alike.

use crate::cart::{self, Cart, Change, Target, actions::Kind};
use crate::error::{Field, Refusal, Result};
use crate::hub::{Hub, Snapshot, Topic};
use crate::units::{CuisineId, LineId, TableId};
use crate::web::App;
use crate::web::live::frames;
use crate::web::types::ItemArguments;
use std::sync::Arc;

/// Characters of an `opId`, at most.
const MAX_OP_ID: usize = 64;

/// The line a request means.
fn target(cuisine: Option<CuisineId>, line: Option<LineId>) -> std::result::Result<Target, Refusal> {
    match (line, cuisine) {
        (Some(line), _) => Ok(Target::Line(line)),
        (None, Some(cuisine)) => Ok(Target::Cuisine(cuisine)),
        (None, None) => Err(Refusal::BadRequest(Field::CuisineId)),
    }
}

/// # Errors
/// `BadRequest` for a name that is empty or too long.
pub fn check_op_id(op_id: Option<String>) -> std::result::Result<Option<String>, Refusal> {
    match op_id {
        Some(id) if id.is_empty() || id.chars().count() > MAX_OP_ID => Err(Refusal::BadRequest(Field::OpId)),
        other => Ok(other),
    }
}

/// The change that a request of this kind describes.
pub fn change_of(kind: Kind, item: ItemArguments) -> std::result::Result<Change, Refusal> {
    let quantity = || item.quantity.ok_or(Refusal::BadRequest(Field::Quantity));
    Ok(match kind {
        Kind::Add => Change::Add {
            cuisine: item.cuisine_id.ok_or(Refusal::BadRequest(Field::CuisineId))?,
            quantity: quantity()?,
            remark: item.remark.unwrap_or_default(),
            options: item.options.unwrap_or_default().0,
        },
        Kind::Update => Change::SetQuantity { target: target(item.cuisine_id, item.line_id)?, quantity: quantity()? },
        Kind::Remove => Change::Remove { target: target(item.cuisine_id, item.line_id)? },
        Kind::Clear => Change::Clear,
    })
}

/// A cart that was just changed, encoded: in most cases the room has it at hand, for it is published before.
pub fn encoded(hub: &Hub, cart: &Cart) -> Snapshot {
    let latest = hub.latest(Topic::Table(cart.table_id)).filter(|latest| latest.version == cart.version);
    latest.unwrap_or_else(|| frames::cart_snapshot(cart))
}

/// The table's present cart, encoded: from the room, or for the first time from the database.
pub async fn snapshot(app: &Arc<App>, table: TableId) -> Result<Snapshot> {
    if let Some(latest) = app.hub.latest(Topic::Table(table)) {
        return Ok(latest);
    }
    let cart = app.store.read(move |conn| cart::actions::read_cart(conn, table)).await?;
    let snapshot = frames::cart_snapshot(&cart);
    app.hub.publish_snapshot(Topic::Table(table), snapshot.clone());
    Ok(snapshot)
}
