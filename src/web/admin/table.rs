//! `/admin/table/…`: the room.

use super::{COUNTER, done, loose, parse, permission};
use crate::error::{Field, Refusal, Result};
use crate::hub::Topic;
use crate::room::actions::Clearing;
use crate::room::{self, State};
use crate::seating::{self, Plate, Table};
use crate::store::Tx;
use crate::units::{AlertId, Fen, SeatingId, TableId, Timestamp};
use crate::web::diner::table::session;
use crate::web::door::token::StaffToken;
use crate::web::door::waiting::Admission;
use crate::web::{App, Request};
use hyper::Method;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;
use warp::reply::Response;

#[derive(Deserialize)]
struct Heads {
    #[serde(default, deserialize_with = "loose::number")]
    heads: Option<i64>,
}

#[derive(Deserialize)]
struct Transfer {
    from: TableId,
    to: TableId,
}

#[derive(Deserialize)]
struct Merge {
    from: TableId,
    into: TableId,
}

/// How many people sit there, where somebody has counted.
fn heads(request: &Request) -> Result<Option<i64>> {
    match request.body.is_empty() {
        true => Ok(None),
        false => Ok(request.arguments::<Heads>()?.heads),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    #[serde(default, deserialize_with = "loose::number")]
    table_id: Option<TableId>,
    #[serde(default, deserialize_with = "loose::text")]
    table_number: Option<String>,
    area: Option<String>,
    #[serde(default, deserialize_with = "loose::number")]
    seats: Option<i64>,
}

impl Described {
    fn plate(self) -> Plate {
        let text = Option::unwrap_or_default;
        Plate { number: text(self.table_number), area: text(self.area), seats: self.seats }
    }
}

#[derive(Deserialize, Default)]
struct Why {
    #[serde(default, deserialize_with = "loose::text")]
    reason: Option<String>,
}

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    let by = staff.username.clone();
    match (&request.method, path) {
        (&Method::GET, ["list"]) => list_tables(app).await,
        (&Method::POST, []) => describe(app, staff, request.arguments()?).await,
        (&Method::PUT, []) => describe(app, staff, request.arguments::<Described>().and_then(require_table)?).await,
        (&Method::DELETE, [id]) => retire(app, staff, parse(id, Field::TableId)?).await,
        (&Method::POST, ["clear", id]) => clear(app, request, staff, parse(id, Field::TableId)?).await,
        (&Method::POST, ["session", id]) => order_for(app, request, staff, parse(id, Field::TableId)?).await,
        (&Method::POST, ["open", id]) => {
            let (id, heads) = (parse(id, Field::TableId)?, heads(request)?);
            done(app.store.write(move |tx| seating::actions::open(tx, id, heads).map(drop)).await)
        }
        (&Method::PUT, ["heads", id]) => {
            let id = parse(id, Field::TableId)?;
            let heads = heads(request)?.ok_or(Refusal::BadHeads)?;
            let fees = app.terms.fees;
            let find = move |conn: &Connection| room::actions::find_in_the_way_of_heads(conn, id, heads, &fees);
            let set = move |tx: &mut Tx<'_>, _| room::actions::set_heads(tx, id, heads, &fees, &by);
            done(app.checkout.change_owed(find, set).await)
        }
        (&Method::POST, ["transfer"]) => {
            let Transfer { from, to } = request.arguments()?;
            done(app.store.write(move |tx| room::actions::transfer(tx, from, to, &by)).await)
        }
        (&Method::POST, ["merge"]) => {
            let Merge { from, into } = request.arguments()?;
            let fees = app.terms.fees;
            done(app.store.write(move |tx| room::actions::merge(tx, from, into, &fees, &by)).await)
        }
        (&Method::GET, ["waiting"]) => Ok(list_waiting(app)),
        (&Method::POST, ["admit", id]) => answer_scan(app, staff, id, true).await,
        (&Method::POST, ["refuse", id]) => answer_scan(app, staff, id, false).await,
        (&Method::POST, ["rotate", id]) => rotate_code(app, staff, parse(id, Field::TableId)?).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

async fn clear(app: &Arc<App>, request: &Request, staff: &StaffToken, id: TableId) -> Result<Response> {
    let why = if request.body.is_empty() { Why::default() } else { request.arguments()? };
    let clearing = Clearing {
        by: staff.username.clone(),
        at_till: permission::may_refund(staff.role),
        reason: why.reason.unwrap_or_default(),
    };
    done(app.store.write(move |tx| room::actions::clear(tx, id, &clearing).map(drop)).await)
}

fn require_table(described: Described) -> std::result::Result<Described, Refusal> {
    described.table_id.map(|_| described).ok_or(Refusal::BadRequest(Field::TableId))
}

/// A new table, or another description of one.
async fn describe(app: &Arc<App>, staff: &StaffToken, described: Described) -> Result<Response> {
    let (by, code) = (staff.username.clone(), crate::secret::random_code());
    let write = move |tx: &mut Tx<'_>| {
        let id = described.table_id;
        let plate = described.plate();
        match id {
            Some(id) => seating::actions::change_table(tx, id, plate, &by),
            None => seating::actions::describe_table(tx, plate, &code, &by),
        }
    };
    let table = app.store.write(write).await?;
    Ok(COUNTER.success(TableView::of(&table, &app.base_url)))
}

async fn retire(app: &Arc<App>, staff: &StaffToken, id: TableId) -> Result<Response> {
    let by = staff.username.clone();
    done(app.store.write(move |tx| seating::actions::retire_table(tx, id, &by)).await)
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Waiting"))]
#[serde(rename_all = "camelCase")]
struct WaitingView {
    request_id: String,
    table_id: TableId,
    table_number: String,
    address: IpAddr,
    at: String,
}

/// Scans from outside the shop.
fn list_waiting(app: &Arc<App>) -> Response {
    let view = |asked: Admission| WaitingView {
        request_id: asked.id,
        table_id: asked.table,
        table_number: asked.table_number,
        address: asked.address,
        at: app.terms.calendar.rfc3339(asked.at),
    };
    COUNTER.success(app.door.waiting.list(Timestamp::now()).into_iter().map(view).collect::<Vec<_>>())
}

async fn answer_scan(app: &Arc<App>, staff: &StaffToken, id: &str, admitted: bool) -> Result<Response> {
    let asked = app.door.waiting.answer(id, admitted, Timestamp::now())?;
    let by = staff.username.clone();
    let write = move |tx: &mut Tx<'_>| {
        let table = (asked.table, asked.table_number.as_str());
        seating::actions::answer_scan(tx, table, asked.address, admitted, &by)
    };
    done(app.store.write(write).await)
}

/// A token with which this member of staff orders as one of the table's diners, until the party leaves.
async fn order_for(app: &Arc<App>, request: &Request, staff: &StaffToken, id: TableId) -> Result<Response> {
    let (by, staff, heads) = (staff.username.clone(), staff.id, heads(request)?);
    let join = move |tx: &mut Tx<'_>| seating::actions::join_as_staff(tx, id, (staff, &by), heads);
    let (table, diner) = app.store.write(join).await?;
    Ok(COUNTER.success(session(app, table, diner)))
}

/// Makes what is printed on the table worthless.
async fn rotate_code(app: &Arc<App>, staff: &StaffToken, id: TableId) -> Result<Response> {
    let code = crate::secret::random_code();
    let by = staff.username.clone();
    let table = app.store.write(move |tx| seating::actions::rotate_code(tx, id, &code, &by)).await?;
    tracing::info!("{} gave table {} a new code", staff.username, table.number);
    Ok(COUNTER.success(serde_json::json!({
        "tableId": table.id,
        "tableNumber": table.number,
        "url": table.url(&app.base_url),
        "code": table.code,
    })))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Table"))]
#[serde(rename_all = "camelCase")]
struct TableView<'a> {
    table_id: TableId,
    table_number: &'a str,
    area: &'a str,
    seats: Option<i64>,
    code: &'a str,
    url: String,
}

impl<'a> TableView<'a> {
    fn of(table: &'a Table, base_url: &str) -> TableView<'a> {
        TableView {
            table_id: table.id,
            table_number: &table.number,
            area: &table.area,
            seats: table.seats,
            code: &table.code,
            url: table.url(base_url),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "TableRow"))]
#[serde(rename_all = "camelCase")]
struct EntryView<'a> {
    #[serde(flatten)]
    table: TableView<'a>,
    seating_id: Option<SeatingId>,
    opened_at: Option<String>,
    heads: Option<i64>,
    state: State,
    owed: Fen,
    /// Orders 待接单.
    unconfirmed: i64,
    last_order_at: Option<String>,
    bill_asked_at: Option<String>,
    phones: usize,
    calls: Vec<CallView>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "TableCall"))]
#[serde(rename_all = "camelCase")]
struct CallView {
    alert_id: AlertId,
    kind: i64,
    at: String,
}

async fn list_tables(app: &Arc<App>) -> Result<Response> {
    let entries = app.store.read(room::actions::list).await?;
    let time = |at| app.terms.calendar.rfc3339(at);
    let call = |call: &room::Call| CallView { alert_id: call.alert, kind: call.kind as i64, at: time(call.at) };
    let mut views = Vec::with_capacity(entries.len());
    for entry in &entries {
        let party = entry.party.as_ref();
        views.push(EntryView {
            table: TableView::of(&entry.table, &app.base_url),
            seating_id: party.map(|party| party.seating),
            opened_at: party.map(|party| time(party.opened_at)),
            heads: party.and_then(|party| party.heads),
            state: room::state(party),
            owed: party.map_or(Fen::ZERO, |party| party.owed),
            unconfirmed: party.map_or(0, |party| party.unconfirmed),
            last_order_at: party.and_then(|party| party.last_order_at).map(time),
            bill_asked_at: party.and_then(|party| party.bill_asked_at).map(time),
            phones: app.hub.count(Topic::Table(entry.table.id)),
            calls: entry.calls.iter().map(call).collect(),
        });
    }
    Ok(COUNTER.success(views))
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<WaitingView>();
    to.visit::<EntryView<'static>>();
    to.visit::<crate::web::live::status::Status>();
}
