//! `/admin/bill/…`: what a party has to pay, cutting it into parts, and taking something off.

use super::{COUNTER, deed, parse};
use crate::bill::actions::{self, Off};
use crate::bill::{Cut, MAX_LABEL, Share, Wanted};
use crate::error::{Field, Refusal, Result, SplitReason};
use crate::order::{self, Order};
use crate::seating::actions::load_open as party;
use crate::store::Tx;
use crate::units::{AdjustmentId, BillId, Fen, OrderId, TableId};
use crate::web::door::token::StaffToken;
use crate::web::types::AccountView;
use crate::web::{App, Request};
use crate::{cart, room};
use hyper::Method;
use rusqlite::Connection;
use serde::Deserialize;
use std::sync::Arc;
use warp::reply::Response;

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    match (&request.method, path) {
        (&Method::GET, ["table", id]) => {
            let table = parse(id, Field::TableId)?;
            view(app, table).await
        }
        (&Method::POST, ["split"]) => split(app, request, staff).await,
        (&Method::DELETE, [id]) => void(app, request, staff, parse(id, Field::BillId)?).await,
        (&Method::POST, ["discount"]) => discount(app, request, staff).await,
        (&Method::POST, ["free"]) => {
            let Free { order_id, position, reason } = request.arguments()?;
            let deed = deed::of(request, format!("bill.free {order_id} {position}"))?;
            let (by, reason) = (staff.username.clone(), reason.unwrap_or_default());
            let give = move |tx: &mut Tx<'_>, _| actions::give_free(tx, order_id, position, &reason, &by);
            deed::change_order(app, deed, order_id, give).await
        }
        (&Method::DELETE, ["adjustment", id]) => {
            let (id, by): (AdjustmentId, _) = (parse(id, Field::AdjustmentId)?, staff.username.clone());
            let fees = app.terms.fees;
            let deed = deed::of(request, format!("bill.undo {id}"))?;
            let find = move |conn: &Connection| load_one(conn, order::actions::load_adjusted(conn, id)?);
            deed::change_owed(app, deed, find, move |tx, _| room::orders::undo(tx, id, &fees, &by)).await
        }
        _ => Err(Refusal::NotFound.into()),
    }
}

fn load_one(conn: &Connection, order: OrderId) -> Result<Vec<Order>> {
    Ok(vec![order::actions::load(conn, order)?])
}

async fn view(app: &Arc<App>, table: TableId) -> Result<Response> {
    let account = app.store.read(move |conn| actions::read_account(conn, party(conn, table)?)).await?;
    Ok(COUNTER.success(AccountView::of(&account, &app.terms.calendar)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Free {
    order_id: OrderId,
    position: i64,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SplitCall {
    table_id: TableId,
    by: String,
    heads: Option<i64>,
    parts: Option<Vec<PartCall>>,
}

#[derive(Deserialize)]
struct PartCall {
    label: Option<String>,
    items: Vec<Share>,
}

/// How it is to be cut; `None` for by head, where nobody said how many they are.
fn how(call: SplitCall) -> Result<Option<Cut>> {
    Ok(match call.by.as_str() {
        "whole" => Some(Cut::Whole),
        "head" => call.heads.map(Cut::Heads),
        "item" => {
            let wanted = |part: PartCall| {
                let label = cart::clean_text(&part.label.unwrap_or_default(), MAX_LABEL)?;
                Ok(Wanted { label, items: part.items })
            };
            Some(Cut::Items(call.parts.unwrap_or_default().into_iter().map(wanted).collect::<Result<_>>()?))
        }
        _ => return Err(Refusal::BadRequest(Field::SplitBy).into()),
    })
}

async fn split(app: &Arc<App>, request: &Request, staff: &StaffToken) -> Result<Response> {
    let asked: SplitCall = request.arguments()?;
    let table = asked.table_id;
    let how = how(asked)?;
    let deed = deed::of(request, format!("bill.split {table} {how:?}"))?;
    let by = staff.username.clone();
    let find = move |conn: &Connection| actions::list_payable(conn, party(conn, table)?);
    let cut = move |tx: &mut Tx<'_>, _| {
        let seating = party(tx.conn(), table)?;
        let how = match &how {
            Some(how) => how.clone(),
            None => Cut::Heads(
                actions::read_account(tx.conn(), seating)?.heads.ok_or(Refusal::BadSplit(SplitReason::HeadsMissing))?,
            ),
        };
        actions::split_by_staff(tx, seating, &how, &by)
    };
    deed::change_owed(app, deed, find, cut).await?;
    view(app, table).await
}

async fn void(app: &Arc<App>, request: &Request, staff: &StaffToken, id: BillId) -> Result<Response> {
    let deed = deed::of(request, format!("bill.void {id}"))?;
    let by = staff.username.clone();
    let find = move |conn: &Connection| {
        let bill = actions::load(conn, id)?;
        bill.orders.iter().map(|order| order::actions::load(conn, *order)).collect()
    };
    deed::change_owed(app, deed, find, move |tx, _| actions::void_by_staff(tx, id, &by)).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Discount {
    table_id: Option<TableId>,
    order_id: Option<OrderId>,
    percent: Option<i64>,
    amount: Option<Fen>,
    /// What the page showed as to be paid, by the order or by the table.
    of: Option<Fen>,
    reason: Option<String>,
}

async fn discount(app: &Arc<App>, request: &Request, staff: &StaffToken) -> Result<Response> {
    let asked: Discount = request.arguments()?;
    let off = match (asked.percent, asked.amount) {
        (Some(percent), None) => Off::Percent(percent),
        (None, Some(amount)) => Off::Amount(amount),
        _ => return Err(Refusal::BadRequest(Field::Percent).into()),
    };
    let (table, order, of) = (asked.table_id, asked.order_id, asked.of);
    let deed = deed::of(request, format!("bill.discount {order:?} {table:?} {off:?} {of:?}"))?;
    let find = move |conn: &Connection| match (order, table) {
        (Some(order), _) => load_one(conn, order),
        (None, Some(table)) => actions::list_payable(conn, party(conn, table)?),
        (None, None) => Err(Refusal::BadRequest(Field::TableId).into()),
    };
    let (by, reason) = (staff.username.clone(), asked.reason.unwrap_or_default());
    let take_off = move |tx: &mut Tx<'_>, orders: Vec<Order>| {
        let now = match (order, table) {
            (None, Some(table)) => actions::owed(tx.conn(), party(tx.conn(), table)?)?,
            _ => orders.iter().map(|order| order.amount).sum(),
        };
        actions::check_seen(&orders, of, now)?;
        actions::discount(tx, &orders, off, &reason, &by)
    };
    deed::change_owed(app, deed, find, take_off).await
}
