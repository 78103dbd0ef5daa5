//! What moves money is done once. Every such request may carry an `opId`: sent again, it answers what it answered and
//! does nothing.

use super::done;
use crate::error::{Refusal, Result};
use crate::order::{self, Order};
use crate::staff::{Deed, actions};
use crate::store::Tx;
use crate::units::OrderId;
use crate::web::diner::cart::check_op_id;
use crate::web::{App, Request};
use rusqlite::Connection;
use serde::Deserialize;
use warp::reply::Response;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    op_id: Option<String>,
}

/// What this request does, by the name that it carries in its body, or in its query where it has none. `what`: route,
/// target and amount.
///
/// # Errors
/// `BadRequest`.
pub fn of(request: &Request, what: String) -> std::result::Result<Deed, Refusal> {
    let Named { op_id } = request.arguments()?;
    Ok(Deed { op_id: check_op_id(op_id)?, what })
}

/// Does it on the writer thread, once.
pub async fn write(
    app: &App,
    deed: Deed,
    work: impl FnOnce(&mut Tx<'_>) -> Result<()> + Send + 'static,
) -> Result<Response> {
    done(app.store.write(move |tx| actions::once(tx, &deed, work)).await)
}

/// Changes what is owed for the orders that `find` answers, once: a repeat closes no payment either.
pub async fn change_owed(
    app: &App,
    deed: Deed,
    find: impl Fn(&Connection) -> Result<Vec<Order>> + Send + Sync + 'static,
    work: impl Fn(&mut Tx<'_>, Vec<Order>) -> Result<()> + Send + Sync + 'static,
) -> Result<Response> {
    let known = deed.clone();
    let find = move |conn: &Connection| match actions::find_done::<()>(conn, &known)? {
        Some(()) => Ok(Vec::new()),
        None => find(conn),
    };
    let work = move |tx: &mut Tx<'_>, orders| actions::once(tx, &deed, |tx| work(tx, orders));
    done(app.checkout.change_owed(find, work).await)
}

/// The same for one order.
pub async fn change_order(
    app: &App,
    deed: Deed,
    id: OrderId,
    work: impl Fn(&mut Tx<'_>, Vec<Order>) -> Result<()> + Send + Sync + 'static,
) -> Result<Response> {
    change_owed(app, deed, move |conn| Ok(vec![order::actions::load(conn, id)?]), work).await
}
