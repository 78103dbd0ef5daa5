//! The table-cart family (docs/protocol.md §1): `/api/store/…`.

use super::cart::{change_of, check_op_id, encoded, snapshot};
use crate::actor::Actor;
use crate::alert;
use crate::bill;
use crate::cart::{self, actions::Kind};
use crate::error::{Error, Field, Refusal, Result};
use crate::hub::{Snapshot, Topic};
use crate::menu;
use crate::network::is_in;
use crate::order::{self, PayMode};
use crate::payment;
use crate::room;
use crate::seating::{self, Diner};
use crate::store::Tx;
use crate::units::{OrderId, PaymentId, TableId, Timestamp};
use crate::web::door::token;
use crate::web::http::gzip;
use crate::web::http::reply::{Family, json, set};
use crate::web::live::{frames, sse};
use crate::web::parse;
use crate::web::types::{AccountView, CartArguments, OrderView, Pay, PaymentView, Scan, Session, Submit};
use crate::web::{App, Request};
use bytes::Bytes;
use headers::{ETag, HeaderMapExt, IfNoneMatch};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, SET_COOKIE};
use hyper::{Method, StatusCode};
use rusqlite::Connection;
use serde::Serialize;
use std::sync::Arc;
use warp::reply::Response;

/// Characters of an id that WeChat gives a person.
const MAX_OPEN_ID: usize = 128;

pub async fn route(app: &Arc<App>, request: Request, path: &[&str]) -> Response {
    let done = match (&request.method, path) {
        (&Method::POST, ["session"]) => join(app, &request).await,
        (&Method::POST, ["call"]) => call_somebody(app, &request).await,
        (&Method::GET, ["menu"]) => read_menu(app, &request).await,
        (&Method::GET, ["payment", "providers"]) => providers(app, &request).await,
        (&Method::POST, ["order", "cart", "add"]) => change(app, &request, Kind::Add).await,
        (&Method::PUT, ["order", "cart", "update"]) => change(app, &request, Kind::Update).await,
        (&Method::DELETE, ["order", "cart", "remove"]) => change(app, &request, Kind::Remove).await,
        (&Method::DELETE, ["order", "cart", "clear"]) => change(app, &request, Kind::Clear).await,
        (&Method::GET, ["order", "cart", table]) => read_cart(app, &request, table).await,
        (&Method::GET, ["order", "sse", table]) => sse::table(app, &request, table).await,
        (&Method::POST, ["order", "submit"]) => return submit(app, &request).await,
        (&Method::GET, ["order", "list", table]) => list_orders(app, &request, table).await,
        (&Method::GET, ["order", id]) => read_order(app, &request, id).await,
        (&Method::POST, ["order", id, "cancel"]) => cancel(app, &request, id).await,
        (&Method::POST, ["order", id, "pay"]) => pay(app, &request, id).await,
        (&Method::GET, ["order", id, "pay", "qr"]) => pay_qr(app, &request, id).await,
        (&Method::POST, ["order", id, "reminder"]) => return reminder(app, &request, id, Family::Table).await,
        (&Method::GET, ["bill", table]) => read_bill(app, &request, table).await,
        (&Method::POST, ["bill", table, "pay"]) => pay_bill(app, &request, table).await,
        (_, ["session" | "menu" | "call"] | ["order", "cart", _] | ["order", "submit"]) => {
            Err(Refusal::MethodNotAllowed.into())
        }
        _ => Err(Refusal::NotFound.into()),
    };
    done.unwrap_or_else(|error| Family::Table.failure(error))
}

/// A scanned code joins the table; the token comes as JSON and as a cookie.
pub async fn join_by_code(app: &Arc<App>, request: &Request, scan: Scan) -> Result<(Session, HeaderValue)> {
    app.door.limits.check_scan(request.address())?;
    let token = token::find_token(&request.headers, &request.query, token::DINER_COOKIE)?;
    let known = token.as_deref().and_then(|token| app.door.tokens.former_diner(token));
    check_party(app, &scan, known).await?;
    check_presence(app, request, &scan, token.and_then(|token| app.door.tokens.diner(&token))).await?;
    let (table, diner) = app.store.write(move |tx| seating::actions::join(tx, &scan.code, known)).await?;
    let session = session(app, table, diner);
    let cookie = token::cookie(token::DINER_COOKIE, &session.token, token::DINER_SECONDS);
    Ok((session, HeaderValue::from_str(&cookie).map_err(anyhow::Error::from)?))
}

/// One phone, one party: where the page does not know that its user means this table, none is entered unseen.
///
/// # Errors
/// `SitsElsewhere`, `SeatingClosed`.
async fn check_party(app: &Arc<App>, scan: &Scan, known: Option<Diner>) -> Result<()> {
    let (code, party, asks) = (scan.code.clone(), scan.seating_id, scan.come_back == Some(false));
    if party.is_none() && !(asks && known.is_some()) {
        return Ok(());
    }
    let check = move |conn: &Connection| {
        if let Some(party) = party {
            seating::actions::check_same_party(conn, &code, party, known)?;
        }
        match known.filter(|_| asks) {
            Some(known) => seating::actions::check_only_party(conn, &code, known),
            None => Ok(()),
        }
    };
    app.store.read(check).await
}

/// Whoever scans sits in the shop, sits at that table already, or was let in by the counter.
///
/// # Errors
/// `AwaitingApproval`, `NotAdmitted`, `RateLimited`, `TableNotFound`.
async fn check_presence(app: &Arc<App>, request: &Request, scan: &Scan, known: Option<Diner>) -> Result<()> {
    if app.door.open_diners || is_in(&app.door.presence, request.address()) {
        return Ok(());
    }
    let code = scan.code.clone();
    let table = app.store.read(move |conn| seating::actions::find_by_code(conn, &code)).await?;
    let table = table.ok_or(Refusal::TableNotFound)?;
    if known.is_some_and(|known| app.door.floor.locate(known, Some(table.id)).is_ok()) {
        return Ok(());
    }
    let before = app.door.waiting.list(Timestamp::now()).len();
    let allowed = app.door.waiting.check(
        scan.request_id.as_deref(),
        (table.id, &table.number),
        request.address(),
        Timestamp::now(),
    );
    if app.door.waiting.list(Timestamp::now()).len() > before {
        tracing::info!("a scan of table {} from {} waits for the counter", table.number, request.address());
        app.hub.publish_event(Topic::Backstage, &frames::table_update(table.id), 0);
    }
    Ok(allowed?)
}

/// What a diner speaks with from now on.
pub fn session(app: &App, table: seating::Table, diner: Diner) -> Session {
    let (token, expires) = app.door.tokens.for_diner(diner, Timestamp::now());
    Session {
        token,
        user_id: diner.id,
        table_id: table.id,
        table_number: table.number,
        seating_id: diner.seating,
        expires_at: app.terms.calendar.rfc3339(expires),
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    table_id: TableId,
    what: String,
}

/// 呼叫服务员, 请求结账.
async fn call_somebody(app: &Arc<App>, request: &Request) -> Result<Response> {
    let wanted: Wanted = request.arguments()?;
    let kind = match wanted.what.as_str() {
        "waiter" => alert::Kind::Waiter,
        "bill" => alert::Kind::Bill,
        _ => return Err(Refusal::BadRequest(Field::What).into()),
    };
    let diner = app.door.diner_at(request, wanted.table_id).await?;
    app.store.write(move |tx| room::actions::call(tx, diner, kind)).await?;
    Ok(Family::Table.success(()))
}

/// Where this phone sits: a table, and the code that leads there.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
struct Seat {
    code: String,
    table_number: String,
}

async fn join(app: &Arc<App>, request: &Request) -> Result<Response> {
    let scan: Scan = request.arguments()?;
    let (session, cookie) = match join_by_code(app, request, scan).await {
        Err(Error::Refused(Refusal::AwaitingApproval(id))) => {
            let data = serde_json::json!({ "requestId": id });
            return Ok(Family::Table.failure_with(Refusal::AwaitingApproval(id).into(), data));
        }
        Err(Error::Refused(Refusal::SitsElsewhere(number, code))) => {
            let data = Seat { code: code.clone(), table_number: number.0.clone() };
            return Ok(Family::Table.failure_with(Refusal::SitsElsewhere(number, code).into(), data));
        }
        joined => joined?,
    };
    let mut response = Family::Table.success(session);
    set(&mut response, SET_COOKIE, cookie);
    Ok(response)
}

async fn read_menu(app: &Arc<App>, request: &Request) -> Result<Response> {
    if !app.door.open_diners {
        app.door.diner(request, None)?;
    }
    let (etag, body) = match app.menu.get() {
        (_, Some(encoded)) => encoded,
        (generation, None) => {
            let time = app.terms.calendar.time_of_day(Timestamp::now());
            let menu = app.store.read(move |conn| menu::actions::read_menu(conn, time)).await?;
            let body = envelope(&serde_json::to_vec(&menu)?);
            let encoded = (etag_of(&body), gzip::Text::new(body));
            app.menu.put(generation, encoded.clone());
            encoded
        }
    };
    // Three hundred dishes are a hundred kilobytes, and a tenth of that compressed.
    let (body, packed) = body.for_client(&request.headers);
    let mut response = with_etag(request, etag, body);
    let packed = packed && response.status() == StatusCode::OK;
    gzip::set_form(&mut response, packed);
    Ok(response)
}

fn etag_of(body: &[u8]) -> ETag {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::hash::DefaultHasher::new();
    body.hash(&mut hasher);
    etag(format_args!("{:016x}", hasher.finish()))
}

/// `tag`: letters and digits.
fn etag(tag: impl std::fmt::Display) -> ETag {
    format!("\"{tag}\"").parse().expect("letters and digits in quotes are an entity tag")
}

/// The success envelope around data that is JSON already.
fn envelope(data: &[u8]) -> Bytes {
    [br#"{"code":200,"msg":"success","data":"#, data, b"}"].concat().into()
}

/// 304 when the client has it; clients may keep the body but ask each time.
fn with_etag(request: &Request, etag: ETag, body: Bytes) -> Response {
    let known = request.headers.typed_get::<IfNoneMatch>();
    let mut response = match known.is_none_or(|known| known.precondition_passes(&etag)) {
        true => json(StatusCode::OK, body),
        false => json(StatusCode::NOT_MODIFIED, Bytes::new()),
    };
    response.headers_mut().typed_insert(etag);
    set(&mut response, CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

async fn providers(app: &Arc<App>, request: &Request) -> Result<Response> {
    if !app.door.open_diners {
        app.door.diner(request, None)?;
    }
    let mut ways = names(app);
    if crate::web::diner::member::has_card(app, request).await {
        ways.push(crate::web::types::BY_BALANCE);
    }
    Ok(Family::Table.success(PayRules {
        counter: true,
        mode: app.terms.mode,
        online: app.checkout.providers().iter().any(|provider| app.checkout.line(provider).ok),
        providers: ways,
    }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
struct PayRules {
    /// Whether the staff take money at the counter.
    counter: bool,
    mode: PayMode,
    /// `false`: no provider answers just now.
    online: bool,
    /// `balance` where this phone holds a member's card.
    providers: Vec<&'static str>,
}

fn names(app: &App) -> Vec<&'static str> {
    app.checkout.providers().iter().map(|provider| provider.name()).collect()
}

fn check_open_id(id: String) -> std::result::Result<String, Refusal> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match (1..=MAX_OPEN_ID).contains(&id.len()) && id.bytes().all(plain) {
        true => Ok(id),
        false => Err(Refusal::BadRequest(Field::OpenId)),
    }
}

async fn change(app: &Arc<App>, request: &Request, kind: Kind) -> Result<Response> {
    let CartArguments { table_id, cuisine_id, line_id, quantity, remark, options, op_id } = request.arguments()?;
    let diner = app.door.diner_at(request, table_id).await?;
    let item = crate::web::types::ItemArguments { cuisine_id, line_id, quantity, remark, options };
    let change = change_of(kind, item)?;
    let op_id = check_op_id(op_id)?;
    let calendar = app.terms.calendar.clone();
    let changing = move |tx: &mut Tx<'_>| cart::actions::change(tx, diner, op_id.as_deref(), change, &calendar);
    let (_, cart) = app.store.write(changing).await?;
    Ok(json(StatusCode::OK, envelope(&encoded(&app.hub, &cart).json)))
}

async fn read_cart(app: &Arc<App>, request: &Request, table: &str) -> Result<Response> {
    let table = parse(table, Field::TableId)?;
    let snapshot = loop {
        let diner = app.door.diner_at(request, table).await?;
        let found = snapshot(app, diner.table).await?;
        // Left meanwhile? Then this is the cart of whoever came next.
        if app.door.floor.seats(diner.table, diner.seating) {
            break found;
        }
    };
    Ok(with_etag(request, etag(snapshot.version), envelope(&snapshot.json)))
}

async fn submit(app: &Arc<App>, request: &Request) -> Response {
    match try_submit(app, request).await {
        Ok(response) => response,
        Err((Error::Refused(Refusal::CartChanged), Some(diner))) => match present_cart(app, diner).await {
            Ok(present) => {
                let cart = std::str::from_utf8(&present.json).ok().and_then(|text| serde_json::from_str(text).ok());
                Family::Table.failure_with::<Option<&serde_json::value::RawValue>>(Refusal::CartChanged.into(), cart)
            }
            Err(error) => Family::Table.failure(error),
        },
        Err((error, _)) => Family::Table.failure(error),
    }
}

/// The cart of where the diner's party is now.
async fn present_cart(app: &Arc<App>, diner: Diner) -> Result<Snapshot> {
    snapshot(app, app.door.floor.locate(diner, None)?.table).await
}

async fn try_submit(app: &Arc<App>, request: &Request) -> std::result::Result<Response, (Error, Option<Diner>)> {
    let arguments: Submit = request.arguments().map_err(|refusal| (refusal.into(), None))?;
    let diner = app.door.diner_at(request, arguments.table_id).await.map_err(|error| (error, None))?;
    let submitted = async {
        let op_id = check_op_id(Some(arguments.op_id))?.unwrap_or_default();
        let submission = order::actions::Submission {
            version: arguments.version,
            remark: arguments.remark.unwrap_or_default(),
            diners_count: arguments.diners_count,
            packed: arguments.packed,
            op_id,
        };
        let terms = app.terms.clone();
        app.store.write(move |tx| room::orders::submit(tx, diner, &terms, &submission)).await
    };
    let order = submitted.await.map_err(|error| (error, Some(diner)))?;
    Ok(Family::Table.success(OrderView::of(&order, &app.terms.calendar)))
}

async fn list_orders(app: &Arc<App>, request: &Request, table: &str) -> Result<Response> {
    let diner = app.door.diner_at(request, parse(table, Field::TableId)?).await?;
    let list = move |conn: &Connection| {
        let diner = seating::actions::locate(conn, diner)?;
        order::actions::list_of_seating(conn, diner.seating)
    };
    let orders = app.store.read(list).await?;
    let views: Vec<_> = orders.iter().map(|order| OrderView::of(order, &app.terms.calendar)).collect();
    Ok(Family::Table.success(views))
}

async fn own_order(app: &Arc<App>, diner: Diner, id: OrderId) -> Result<Response> {
    let order = app.store.read(move |conn| order::actions::load_own(conn, diner.seating, id)).await?;
    Ok(Family::Table.success(OrderView::of(&order, &app.terms.calendar)))
}

async fn read_order(app: &Arc<App>, request: &Request, id: &str) -> Result<Response> {
    let id = parse(id, Field::OrderId)?;
    let diner = app.door.diner_of_order(request, id).await?;
    own_order(app, diner, id).await
}

async fn cancel(app: &Arc<App>, request: &Request, id: &str) -> Result<Response> {
    let id: OrderId = parse(id, Field::OrderId)?;
    let diner = app.door.diner_of_order(request, id).await?;
    let order = app.store.read(move |conn| order::actions::load_own(conn, diner.seating, id)).await?;
    order::state::step(order.state, order::Input::Withdraw)?;
    app.checkout.withdraw(id, Actor::Diner(diner.id), "顾客取消").await?;
    own_order(app, diner, id).await
}

async fn pay(app: &Arc<App>, request: &Request, id: &str) -> Result<Response> {
    let id = parse(id, Field::OrderId)?;
    let diner = app.door.diner_of_order(request, id).await?;
    let wanted = arguments_or_none(request)?;
    start_payment(app, request, diner, payment::Target::Order(id), wanted).await
}

fn arguments_or_none(request: &Request) -> std::result::Result<Pay, Refusal> {
    if request.body.is_empty() && request.query.is_empty() { Ok(Pay::default()) } else { request.arguments() }
}

async fn start_payment(
    app: &Arc<App>,
    request: &Request,
    diner: Diner,
    target: payment::Target,
    wanted: Pay,
) -> Result<Response> {
    if wanted.is_by_balance() {
        return crate::web::diner::member::pay_by_balance(app, request, diner, target, wanted.amount).await;
    }
    let first = names(app).first().map(|name| (*name).to_owned());
    let provider = wanted.provider.or(first).ok_or(Refusal::ProviderUnknown)?;
    let payer = wanted.open_id.map(check_open_id).transpose()?;
    let (payment, present) = app.checkout.start(diner, target, &provider, payer).await?;
    Ok(Family::Table.success(PaymentView::of(&payment, &present, &app.terms.calendar)))
}

/// All that the party has ordered, and how far it has paid.
async fn read_bill(app: &Arc<App>, request: &Request, table: &str) -> Result<Response> {
    let diner = app.door.diner_at(request, parse(table, Field::TableId)?).await?;
    let account = app.store.read(move |conn| bill::actions::read_account(conn, diner.seating)).await?;
    Ok(Family::Table.success(AccountView::of(&account, &app.terms.calendar)))
}

/// Pays one part of the party's bill, or all that the party owes.
async fn pay_bill(app: &Arc<App>, request: &Request, table: &str) -> Result<Response> {
    let diner = app.door.diner_at(request, parse(table, Field::TableId)?).await?;
    let wanted = arguments_or_none(request)?;
    let part = match wanted.part_id {
        Some(part) => part,
        None => {
            // Whoever can't pay cuts no bill.
            match wanted.is_by_balance() {
                true => crate::web::diner::member::check_balance(app, request, diner, wanted.amount).await?,
                false => app.checkout.check_provider(wanted.provider.as_deref())?,
            }
            wanted.open_id.clone().map(check_open_id).transpose()?;
            app.checkout.whole_of(diner).await?
        }
    };
    start_payment(app, request, diner, payment::Target::Part(part), wanted).await
}

#[derive(serde::Deserialize)]
struct Shown {
    payment: PaymentId,
}

/// A payment's code as a picture, for another phone to read.
async fn pay_qr(app: &Arc<App>, request: &Request, id: &str) -> Result<Response> {
    let id = parse(id, Field::OrderId)?;
    let diner = app.door.diner_of_order(request, id).await?;
    let shown: Shown = request.arguments_in_query()?;
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
pub async fn reminder(app: &Arc<App>, request: &Request, id: &str, family: Family) -> Response {
    let done = async {
        if request.method != Method::GET && request.method != Method::POST {
            return Err(Refusal::MethodNotAllowed.into());
        }
        let id = parse(id, Field::OrderId)?;
        let diner = app.door.diner_of_order(request, id).await?;
        app.store.write(move |tx| order::actions::urge(tx, diner, id)).await
    };
    match done.await {
        Ok(()) => family.success(()),
        Err(error) => family.failure(error),
    }
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<PayRules>();
    to.visit::<Seat>();
}
