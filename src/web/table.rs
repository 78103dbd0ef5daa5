//! The table-cart family (wire.md §1): `/api/store/…`.

use super::auth;
use super::reply::{Family, json, set};
use super::types::{CartArguments, OrderView, Pay, PaymentView, Scan, Session, Submit};
use super::{App, Call, frames, parse, sse};
use crate::cart::{self, Cart, Change, Target, actions::Kind};
use crate::error::{Error, Refusal, Result};
use crate::hub::{Hub, Room, Snapshot};
use crate::menu;
use crate::order::{self, Actor};
use crate::seating::{self, Diner};
use crate::units::{CuisineId, LineId, OrderId, PaymentId, TableId, Timestamp};
use bytes::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, SET_COOKIE};
use hyper::{Method, StatusCode};
use std::sync::Arc;
use warp::reply::Response;

/// Characters of an `opId`, at most.
const MAX_OP_ID: usize = 64;
/// Characters of an id that WeChat gives a person.
const MAX_OPEN_ID: usize = 128;

pub async fn route(app: &Arc<App>, call: Call, path: &[&str]) -> Response {
    let done = match (&call.method, path) {
        (&Method::POST, ["session"]) => join(app, &call).await,
        (&Method::GET, ["menu"]) => read_menu(app, &call).await,
        (&Method::GET, ["payment", "providers"]) => providers(app, &call),
        (&Method::POST, ["order", "cart", "add"]) => change(app, &call, Kind::Add).await,
        (&Method::PUT, ["order", "cart", "update"]) => change(app, &call, Kind::Update).await,
        (&Method::DELETE, ["order", "cart", "remove"]) => change(app, &call, Kind::Remove).await,
        (&Method::DELETE, ["order", "cart", "clear"]) => change(app, &call, Kind::Clear).await,
        (&Method::GET, ["order", "cart", table]) => read_cart(app, &call, table).await,
        (&Method::GET, ["order", "sse", table]) => sse::table(app, &call, table).await,
        (&Method::POST, ["order", "submit"]) => return submit(app, &call).await,
        (&Method::GET, ["order", "list", table]) => list_orders(app, &call, table).await,
        (&Method::GET, ["order", id]) => read_order(app, &call, id).await,
        (&Method::POST, ["order", id, "cancel"]) => cancel(app, &call, id).await,
        (&Method::POST, ["order", id, "pay"]) => pay(app, &call, id).await,
        (&Method::GET, ["order", id, "pay", "qr"]) => pay_qr(app, &call, id).await,
        (&Method::POST, ["order", id, "reminder"]) => return reminder(app, &call, id, Family::Table).await,
        (_, ["session" | "menu"] | ["order", "cart", _] | ["order", "submit"]) => Err(Refusal::MethodNotAllowed.into()),
        _ => Err(Refusal::NotFound.into()),
    };
    done.unwrap_or_else(|error| Family::Table.failure(error))
}

/// A scanned code joins the table; the token comes as JSON and as a cookie.
pub async fn join_by_code(app: &Arc<App>, call: &Call, code: String) -> Result<(Session, HeaderValue)> {
    app.limits.check_scan(call.address())?;
    let known = auth::find_token(&call.headers, &call.query, auth::DINER_COOKIE)?;
    let known = known.and_then(|token| app.tokens.diner(&token));
    let (table, diner) = app.store.write(move |tx| seating::actions::join(tx, &code, known)).await?;
    let (token, expires) = app.tokens.for_diner(diner, Timestamp::now());
    let cookie = auth::cookie(auth::DINER_COOKIE, &token, auth::DINER_SECONDS);
    let session = Session {
        token,
        user_id: diner.id,
        table_id: table.id,
        table_number: table.number,
        seating_id: diner.seating,
        expires_at: app.terms.calendar.rfc3339(expires),
    };
    Ok((session, HeaderValue::from_str(&cookie).map_err(anyhow::Error::from)?))
}

async fn join(app: &Arc<App>, call: &Call) -> Result<Response> {
    let scan: Scan = call.arguments()?;
    let (session, cookie) = join_by_code(app, call, scan.code).await?;
    let mut response = Family::Table.success(session);
    set(&mut response, SET_COOKIE, cookie);
    Ok(response)
}

async fn read_menu(app: &Arc<App>, call: &Call) -> Result<Response> {
    if !app.open_diners {
        app.diner(call)?;
    }
    let (etag, body) = match app.menu.get() {
        (_, Some(encoded)) => encoded,
        (generation, None) => {
            let menu = app.store.read(menu::actions::read_menu).await?;
            let body = envelope(&serde_json::to_vec(&menu)?);
            let encoded = (etag_of(&body), body);
            app.menu.put(generation, encoded.clone());
            encoded
        }
    };
    Ok(with_etag(call, &etag, body))
}

fn etag_of(body: &[u8]) -> String {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::hash::DefaultHasher::new();
    body.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// The success envelope around data that is JSON already.
fn envelope(data: &[u8]) -> Bytes {
    [br#"{"code":200,"msg":"success","data":"#, data, b"}"].concat().into()
}

/// 304 when the client has it; clients may keep the body but ask each time.
fn with_etag(call: &Call, etag: &str, body: Bytes) -> Response {
    let mut response = match call.header(IF_NONE_MATCH) {
        Some(known) if known == etag => json(StatusCode::NOT_MODIFIED, Bytes::new()),
        _ => json(StatusCode::OK, body),
    };
    if let Ok(value) = HeaderValue::from_str(etag) {
        set(&mut response, ETAG, value);
    }
    set(&mut response, CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn providers(app: &Arc<App>, call: &Call) -> Result<Response> {
    if !app.open_diners {
        app.diner(call)?;
    }
    Ok(Family::Table.success(serde_json::json!({
        "mode": app.terms.mode,
        "providers": names(app),
        "counter": true,
        "online": app.checkout.providers().iter().any(|provider| provider.line().ok),
    })))
}

fn names(app: &App) -> Vec<&'static str> {
    app.checkout.providers().iter().map(|provider| provider.name()).collect()
}

fn check_open_id(id: String) -> std::result::Result<String, Refusal> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match (1..=MAX_OPEN_ID).contains(&id.len()) && id.bytes().all(plain) {
        true => Ok(id),
        false => Err(Refusal::BadRequest("openId".into())),
    }
}

/// The line a request means.
pub fn target(cuisine: Option<CuisineId>, line: Option<LineId>) -> std::result::Result<Target, Refusal> {
    match (line, cuisine) {
        (Some(line), _) => Ok(Target::Line(line)),
        (None, Some(cuisine)) => Ok(Target::Cuisine(cuisine)),
        (None, None) => Err(Refusal::BadRequest("cuisineId".into())),
    }
}

pub fn check_op_id(op_id: Option<String>) -> std::result::Result<Option<String>, Refusal> {
    match op_id {
        Some(id) if id.is_empty() || id.chars().count() > MAX_OP_ID => Err(Refusal::BadRequest("opId".into())),
        other => Ok(other),
    }
}

/// The change that a request of this kind describes.
pub fn change_of(kind: Kind, item: super::types::ItemArguments) -> std::result::Result<Change, Refusal> {
    let quantity = || item.quantity.ok_or(Refusal::BadRequest("quantity".into()));
    Ok(match kind {
        Kind::Add => Change::Add {
            cuisine: item.cuisine_id.ok_or(Refusal::BadRequest("cuisineId".into()))?,
            quantity: quantity()?,
            remark: item.remark.unwrap_or_default(),
            options: item.options.unwrap_or_default().0,
        },
        Kind::Update => Change::SetQuantity { target: target(item.cuisine_id, item.line_id)?, quantity: quantity()? },
        Kind::Remove => Change::Remove { target: target(item.cuisine_id, item.line_id)? },
        Kind::Clear => Change::Clear,
    })
}

async fn change(app: &Arc<App>, call: &Call, kind: Kind) -> Result<Response> {
    let CartArguments { table_id, cuisine_id, line_id, quantity, remark, options, op_id } = call.arguments()?;
    let diner = app.diner_at(call, table_id).await?;
    let item = super::types::ItemArguments { cuisine_id, line_id, quantity, remark, options };
    let change = change_of(kind, item)?;
    let op_id = check_op_id(op_id)?;
    let (_, cart) = app.store.write(move |tx| cart::actions::change(tx, diner, op_id.as_deref(), change)).await?;
    Ok(json(StatusCode::OK, envelope(&encoded(&app.hub, diner, &cart).json)))
}

/// A cart that was just changed, encoded: in most cases the room has it at hand, for it is published before.
pub fn encoded(hub: &Hub, diner: Diner, cart: &Cart) -> Snapshot {
    let latest = hub.latest(Room::Table(diner.table)).filter(|latest| latest.version == cart.version);
    latest.unwrap_or_else(|| frames::cart_snapshot(cart))
}

/// The table's present cart, encoded: from the room, or for the first time from the database.
pub async fn snapshot(app: &Arc<App>, table: TableId) -> Result<Snapshot> {
    if let Some(latest) = app.hub.latest(Room::Table(table)) {
        return Ok(latest);
    }
    let cart = app.store.read(move |conn| cart::actions::read_cart(conn, table)).await?;
    let snapshot = frames::cart_snapshot(&cart);
    app.hub.publish_snapshot(Room::Table(table), snapshot.clone());
    Ok(snapshot)
}

async fn read_cart(app: &Arc<App>, call: &Call, table: &str) -> Result<Response> {
    let table = parse(table, "tableId")?;
    app.diner_at(call, table).await?;
    let snapshot = snapshot(app, table).await?;
    Ok(with_etag(call, &format!("\"{}\"", snapshot.version), envelope(&snapshot.json)))
}

async fn submit(app: &Arc<App>, call: &Call) -> Response {
    match try_submit(app, call).await {
        Ok(response) => response,
        Err((Error::Refused(Refusal::CartChanged), Some(table))) => match snapshot(app, table).await {
            Ok(present) => {
                let cart = std::str::from_utf8(&present.json).ok().and_then(|text| serde_json::from_str(text).ok());
                Family::Table.failure_with::<Option<&serde_json::value::RawValue>>(Refusal::CartChanged.into(), cart)
            }
            Err(error) => Family::Table.failure(error),
        },
        Err((error, _)) => Family::Table.failure(error),
    }
}

async fn try_submit(app: &Arc<App>, call: &Call) -> std::result::Result<Response, (Error, Option<TableId>)> {
    let arguments: Submit = call.arguments().map_err(|refusal| (refusal.into(), None))?;
    let table = arguments.table_id;
    let submitted = async {
        let diner = app.diner_at(call, table).await?;
        let op_id = check_op_id(Some(arguments.op_id))?.unwrap_or_default();
        let submission = order::actions::Submission {
            version: arguments.version,
            remark: arguments.remark.unwrap_or_default(),
            diners_count: arguments.diners_count,
            op_id,
        };
        let terms = app.terms.clone();
        app.store.write(move |tx| order::actions::submit(tx, diner, &terms, &submission)).await
    };
    let order = submitted.await.map_err(|error| (error, Some(table)))?;
    Ok(Family::Table.success(OrderView::of(&order, &app.terms.calendar)))
}

async fn list_orders(app: &Arc<App>, call: &Call, table: &str) -> Result<Response> {
    let diner = app.diner_at(call, parse(table, "tableId")?).await?;
    let orders = app.store.read(move |conn| order::actions::list_of_seating(conn, diner.seating)).await?;
    let views: Vec<_> = orders.iter().map(|order| OrderView::of(order, &app.terms.calendar)).collect();
    Ok(Family::Table.success(views))
}

async fn own_order(app: &Arc<App>, diner: Diner, id: OrderId) -> Result<Response> {
    let order = app.store.read(move |conn| order::actions::load_own(conn, diner.seating, id)).await?;
    Ok(Family::Table.success(OrderView::of(&order, &app.terms.calendar)))
}

async fn read_order(app: &Arc<App>, call: &Call, id: &str) -> Result<Response> {
    let id = parse(id, "orderId")?;
    let diner = app.diner_of_order(call, id).await?;
    own_order(app, diner, id).await
}

async fn cancel(app: &Arc<App>, call: &Call, id: &str) -> Result<Response> {
    let id: OrderId = parse(id, "orderId")?;
    let diner = app.diner_of_order(call, id).await?;
    let order = app.store.read(move |conn| order::actions::load_own(conn, diner.seating, id)).await?;
    order::state::step(order.state, order::Input::Withdraw)?;
    app.checkout.withdraw(id, Actor::Diner(diner.id), "顾客取消").await?;
    own_order(app, diner, id).await
}

async fn pay(app: &Arc<App>, call: &Call, id: &str) -> Result<Response> {
    let id = parse(id, "orderId")?;
    let diner = app.diner_of_order(call, id).await?;
    let wanted: Pay = if call.body.is_empty() && call.query.is_empty() { Pay::default() } else { call.arguments()? };
    let first = names(app).first().map(|name| (*name).to_owned());
    let provider = wanted.provider.or(first).ok_or(Refusal::ProviderUnknown)?;
    let payer = wanted.open_id.map(check_open_id).transpose()?;
    let (payment, present) = app.checkout.start(diner, id, &provider, payer).await?;
    Ok(Family::Table.success(PaymentView::of(&payment, &present, &app.terms.calendar)))
}

#[derive(serde::Deserialize)]
struct Shown {
    payment: PaymentId,
}

/// A payment's code as a picture, for another phone to read.
async fn pay_qr(app: &Arc<App>, call: &Call, id: &str) -> Result<Response> {
    let id = parse(id, "orderId")?;
    let diner = app.diner_of_order(call, id).await?;
    let shown: Shown = call.arguments_in_query()?;
    let present = app.checkout.present(diner, id, shown.payment).await?;
    if present.code_url.is_empty() {
        return Err(Refusal::NotFound.into());
    }
    let code = qrcode::QrCode::new(&present.code_url).map_err(anyhow::Error::from)?;
    let mut response = json(StatusCode::OK, code.render::<qrcode::render::svg::Color<'_>>().build());
    set(&mut response, CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    Ok(response)
}

/// 催单, on its own route and on the old one.
pub async fn reminder(app: &Arc<App>, call: &Call, id: &str, family: Family) -> Response {
    let done = async {
        if call.method != Method::GET && call.method != Method::POST {
            return Err(Refusal::MethodNotAllowed.into());
        }
        let id = parse(id, "orderId")?;
        let diner = app.diner_of_order(call, id).await?;
        app.store.write(move |tx| order::actions::urge(tx, diner, id)).await
    };
    match done.await {
        Ok(()) => family.success(()),
        Err(error) => family.failure(error),
    }
}
