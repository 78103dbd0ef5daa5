//! The counter's family (wire.md §5): sky-take-out's routes, names and numbers, and our additions beside them.

use super::auth::{self, StaffToken};
use super::reply::{Family, set};
use super::types::AlertView;
use super::{App, Call, parse, sse};
use crate::alert;
use crate::error::{Refusal, Result};
use crate::menu;
use crate::order::{self, Actor, Input, Order, actions::Filter};
use crate::seating;
use crate::staff::Role;
use crate::units::{AlertId, Calendar, CuisineId, Fen, OrderId, StaffId, TableId, Timestamp};
use hyper::Method;
use hyper::header::{HeaderValue, SET_COOKIE};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use warp::reply::Response;

const COUNTER: Family = Family::Counter;

pub async fn route(app: &Arc<App>, call: Call, path: &[&str]) -> Response {
    let done = match (&call.method, path) {
        (&Method::POST, ["employee", "login"]) => log_in(app, &call).await,
        (&Method::POST, ["employee", "logout"]) => log_out(),
        _ => match app.staff(&call).await {
            Ok(staff) => for_staff(app, &call, &staff, path).await,
            Err(error) => Err(error),
        },
    };
    done.unwrap_or_else(|error| COUNTER.failure(error))
}

async fn for_staff(app: &Arc<App>, call: &Call, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    let writes = call.method != Method::GET;
    if writes
        && staff.role == Role::Kitchen
        && !matches!(path, ["order", "delivery" | "complete", _] | ["alert", "ack", _])
    {
        return Err(Refusal::NotAllowed.into());
    }
    match (&call.method, path) {
        (&Method::GET, ["shop", "status"]) => {
            let open = app.store.read(menu::actions::is_shop_open).await?;
            Ok(COUNTER.success(i64::from(open)))
        }
        (&Method::PUT, ["shop", status @ ("0" | "1")]) => {
            let open = *status == "1";
            done(app.store.write(move |tx| menu::actions::set_shop_open(tx, open)).await)
        }
        (&Method::GET, ["order", "conditionSearch"]) => search(app, call).await,
        (&Method::GET, ["order", "statistics"]) => {
            let [to_be_confirmed, confirmed, delivery_in_progress] = app.store.read(order::actions::count_open).await?;
            Ok(COUNTER.success(Statistics { to_be_confirmed, confirmed, delivery_in_progress }))
        }
        (&Method::GET, ["order", "details", id]) => {
            let id = parse(id, "id")?;
            let order = app.store.read(move |conn| order::actions::load(conn, id)).await?;
            Ok(COUNTER.success(Details::of(&order, &app.terms.calendar)))
        }
        (&Method::PUT, ["order", "confirm"]) => {
            let target: Target = call.arguments()?;
            advance(app, staff, target.id, Input::Accept).await
        }
        (&Method::PUT, ["order", "delivery", id]) => advance(app, staff, parse(id, "id")?, Input::Serve).await,
        (&Method::PUT, ["order", "complete", id]) => advance(app, staff, parse(id, "id")?, Input::Complete).await,
        (&Method::PUT, ["order", "rejection"]) => {
            let target: Rejection = call.arguments()?;
            cancel(app, staff, target.id, target.rejection_reason).await
        }
        (&Method::PUT, ["order", "cancel"]) => {
            let target: Cancellation = call.arguments()?;
            cancel(app, staff, target.id, target.cancel_reason).await
        }
        (&Method::POST, ["dish" | "setmeal", "status", status @ ("0" | "1")]) => {
            let (target, sold_out): (Dish, _) = (call.arguments_in_query()?, *status == "0");
            done(app.store.write(move |tx| menu::actions::set_sold_out(tx, target.id, sold_out)).await)
        }
        (&Method::GET, ["alert", "list"]) => {
            let open = app.store.read(alert::actions::list_open).await?;
            let views: Vec<_> = open.iter().map(|alert| AlertView::of(alert, &app.terms.calendar)).collect();
            Ok(COUNTER.success(views))
        }
        (&Method::POST, ["alert", "ack", id]) => {
            let (id, by): (AlertId, _) = (parse(id, "alertId")?, staff.username.clone());
            done(app.store.write(move |tx| alert::actions::acknowledge(tx, id, &by)).await)
        }
        (&Method::POST, ["alert", "test"]) => done(app.store.write(alert::actions::raise_test).await),
        (&Method::GET, ["alert", "stream"]) => sse::backstage(app),
        (&Method::GET, ["alert", "desktop"]) => Ok(COUNTER.success(super::status::report(app))),
        (&Method::POST, ["backup"]) => super::backup::make(app, staff).await,
        (_, ["payment", rest @ ..]) => super::money::route(app, call, staff, rest).await,
        (&Method::GET, ["table", "list"]) => list_tables(app).await,
        (&Method::POST, ["table", "clear", id]) => {
            let id = parse(id, "tableId")?;
            done(app.store.write(move |tx| clear_table(tx, id)).await)
        }
        (&Method::POST, ["table", "rotate", id]) => rotate_code(app, staff, parse(id, "tableId")?).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

pub fn done(result: Result<()>) -> Result<Response> {
    result.map(|()| COUNTER.success(()))
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn {
    id: StaffId,
    user_name: String,
    name: String,
    role: Role,
    token: String,
}

async fn log_in(app: &Arc<App>, call: &Call) -> Result<Response> {
    app.limits.check_login(call.address())?;
    let login: Login = call.arguments()?;
    let found = app.store.read(move |conn| crate::staff::actions::find_enabled(conn, &login.username)).await?;
    // Slow on purpose, so neither on a reader of the database nor on a thread that serves others.
    let staff = tokio::task::spawn_blocking(move || crate::staff::actions::check_password(found, &login.password))
        .await
        .map_err(anyhow::Error::from)?
        .inspect_err(|_| tracing::warn!("a login from {} failed", call.address()))?;
    let token = app.tokens.for_staff(&staff, Timestamp::now());
    let cookie = auth::cookie(auth::STAFF_COOKIE, &token, auth::STAFF_SECONDS);
    let mut response = COUNTER.success(LoggedIn {
        id: staff.id,
        user_name: staff.username,
        name: staff.name,
        role: staff.role,
        token,
    });
    set(&mut response, SET_COOKIE, HeaderValue::from_str(&cookie).map_err(anyhow::Error::from)?);
    Ok(response)
}

fn log_out() -> Result<Response> {
    let mut response = COUNTER.success(());
    let cookie = auth::cookie(auth::STAFF_COOKIE, "", 0);
    set(&mut response, SET_COOKIE, HeaderValue::from_str(&cookie).map_err(anyhow::Error::from)?);
    Ok(response)
}

#[derive(Deserialize)]
struct Target {
    id: OrderId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rejection {
    id: OrderId,
    rejection_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cancellation {
    id: OrderId,
    cancel_reason: Option<String>,
}

#[derive(Deserialize)]
struct Dish {
    id: CuisineId,
}

async fn advance(app: &Arc<App>, staff: &StaffToken, id: OrderId, input: Input) -> Result<Response> {
    let actor = Actor::Staff(staff.username.clone());
    done(app.store.write(move |tx| order::actions::advance(tx, id, input, &actor).map(drop)).await)
}

/// 拒单 and 取消: what was paid goes back, so only who may move money refuses a paid order.
async fn cancel(app: &Arc<App>, staff: &StaffToken, id: OrderId, reason: Option<String>) -> Result<Response> {
    let (by, may_refund) = (staff.username.clone(), super::money::may_refund(staff));
    done(app.checkout.cancel_by_staff(id, by, may_refund, reason.unwrap_or_default()).await)
}

/// 清台: ends the seating and its tokens; the cart goes in the same transaction, unpaid orders are given up.
fn clear_table(tx: &mut crate::store::Tx<'_>, table: TableId) -> Result<()> {
    seating::actions::load_code(tx.conn(), table)?;
    if let Some(seating) = seating::actions::close(tx, table)? {
        order::actions::expire_unpaid(tx, seating)?;
        crate::cart::actions::discard(tx, table, seating)?;
    }
    Ok(())
}

/// Makes what is printed on the table worthless, so it is the owner's to decide.
async fn rotate_code(app: &Arc<App>, staff: &StaffToken, id: TableId) -> Result<Response> {
    if staff.role != Role::Owner {
        return Err(Refusal::NotAllowed.into());
    }
    let code = crate::secret::random_code();
    let table = app.store.write(move |tx| seating::actions::rotate_code(tx, id, &code)).await?;
    tracing::info!("{} gave table {} a new code", staff.username, table.number);
    Ok(COUNTER.success(serde_json::json!({
        "tableId": table.id,
        "tableNumber": table.number,
        "url": table.url(&app.base_url),
        "code": table.code,
    })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    page: Option<String>,
    page_size: Option<String>,
    status: Option<String>,
    number: Option<String>,
    phone: Option<String>,
    begin_time: Option<String>,
    end_time: Option<String>,
}

const PAGE_SIZE: i64 = 10;

#[derive(Serialize)]
struct Page<T> {
    total: i64,
    records: Vec<T>,
}

async fn search(app: &Arc<App>, call: &Call) -> Result<Response> {
    let query: Query = call.arguments_in_query()?;
    // The old web sends empty parameters for what is not chosen.
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let time = |text: Option<String>, name: &str| -> Result<Option<Timestamp>> {
        let read = |text: String| app.terms.calendar.parse_second(&text).ok_or(Refusal::BadRequest(name.to_owned()));
        Ok(given(text).map(read).transpose()?)
    };
    let filter = Filter {
        status: given(query.status).map(|status| parse(&status, "status")).transpose()?,
        number: given(query.number),
        phone: given(query.phone),
        from: time(query.begin_time, "beginTime")?,
        to: time(query.end_time, "endTime")?,
    };
    let number = |text, name| given(text).map(|text| parse(&text, name)).transpose();
    let page = number(query.page, "page")?.unwrap_or(1);
    let size = number(query.page_size, "pageSize")?.unwrap_or(PAGE_SIZE);
    let (total, orders) = app.store.read(move |conn| order::actions::search(conn, &filter, page, size)).await?;
    let records = orders.iter().map(|order| Record::of(order, &app.terms.calendar)).collect();
    Ok(COUNTER.success(Page { total, records }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    to_be_confirmed: i64,
    confirmed: i64,
    delivery_in_progress: i64,
}

/// An order as sky-take-out's web reads it; a dine-in order shows its table as address and consignee.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    id: OrderId,
    number: &'a str,
    status: i64,
    order_dishes: String,
    user_name: String,
    phone: &'static str,
    address: String,
    consignee: String,
    table_number: &'a str,
    order_time: String,
    amount: Fen,
    remark: &'a str,
    pay_method: Option<i64>,
    pay_status: i64,
    tableware_number: i64,
    cancel_reason: &'a str,
    cancel_time: Option<String>,
    delivery_time: Option<String>,
    estimated_delivery_time: Option<String>,
}

impl<'a> Record<'a> {
    fn of(order: &'a Order, calendar: &Calendar) -> Record<'a> {
        let table = format!("{}桌", order.table_number);
        let ended = order.ended_at.map(|at| calendar.minute(at));
        let cancelled = order.state.status == order::Status::Cancelled;
        Record {
            id: order.id,
            number: &order.number,
            status: order.state.status as i64,
            order_dishes: order.items.iter().map(|item| format!("{}*{};", item.name, item.quantity)).collect(),
            user_name: table.clone(),
            phone: "",
            address: table.clone(),
            consignee: table,
            table_number: &order.table_number,
            order_time: calendar.minute(order.created_at),
            amount: order.amount,
            remark: &order.remark,
            pay_method: order.pay_method,
            pay_status: order.state.pay as i64,
            tableware_number: order.diners_count.unwrap_or(0),
            cancel_reason: &order.cancel_reason,
            cancel_time: ended.clone().filter(|_| cancelled),
            delivery_time: ended.filter(|_| !cancelled),
            estimated_delivery_time: None,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    #[serde(flatten)]
    record: Record<'a>,
    order_detail_list: Vec<Detail<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    order_id: OrderId,
    dish_id: CuisineId,
    name: &'a str,
    number: i64,
    amount: Fen,
    dish_flavor: String,
    remark: &'a str,
    image: &'static str,
}

impl<'a> Details<'a> {
    fn of(order: &'a Order, calendar: &Calendar) -> Details<'a> {
        let detail = |item: &'a order::Item| Detail {
            order_id: order.id,
            dish_id: item.cuisine,
            name: &item.name,
            number: item.quantity,
            amount: item.unit_price,
            dish_flavor: item.options.iter().map(|choice| choice.value.as_str()).collect::<Vec<_>>().join(","),
            remark: &item.remark,
            image: "",
        };
        Details { record: Record::of(order, calendar), order_detail_list: order.items.iter().map(detail).collect() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Seat {
    table_id: TableId,
    table_number: String,
    code: String,
    url: String,
    seating_id: Option<crate::units::SeatingId>,
    opened_at: Option<String>,
}

async fn list_tables(app: &Arc<App>) -> Result<Response> {
    let places = app.store.read(seating::actions::list_places).await?;
    let views: Vec<Seat> = places
        .into_iter()
        .map(|place| Seat {
            table_id: place.table.id,
            url: place.table.url(&app.base_url),
            table_number: place.table.number,
            code: place.table.code,
            seating_id: place.seating.map(|(id, _)| id),
            opened_at: place.seating.map(|(_, at)| app.terms.calendar.rfc3339(at)),
        })
        .collect();
    Ok(COUNTER.success(views))
}
