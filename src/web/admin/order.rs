//! `/admin/order/…`: the orders as sky-take-out's web shows and moves them.

use super::page::{Page, Rows, given};
use super::{COUNTER, deed, done, loose, parse, permission};
use crate::actor::Actor;
use crate::alert;
use crate::error::{Field, Refusal, Result};
use crate::menu;
use crate::order::{self, Input, Order, actions::Filter};
use crate::room::{self, orders::Cancelling};
use crate::staff::Deed;
use crate::store::Tx;
use crate::units::{Calendar, CuisineId, Fen, OrderId, Timestamp};
use crate::web::door::token::StaffToken;
use crate::web::types::AdjustmentView;
use crate::web::{App, Request};
use hyper::Method;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use warp::reply::Response;

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    match (&request.method, path) {
        (&Method::GET, ["conditionSearch"]) => search(app, request).await,
        (&Method::GET, ["statistics"]) => {
            let [to_be_confirmed, confirmed, delivery_in_progress] = app.store.read(order::actions::count_open).await?;
            Ok(COUNTER.success(Statistics { to_be_confirmed, confirmed, delivery_in_progress }))
        }
        (&Method::GET, ["details", id]) => details(app, id).await,
        (&Method::PUT, ["confirm"]) => {
            let target: Target = request.arguments()?;
            advance(app, staff, target.id()?, Input::Accept).await
        }
        (&Method::PUT, ["delivery", id]) => advance(app, staff, parse(id, Field::Id)?, Input::Serve).await,
        (&Method::PUT, ["complete", id]) => advance(app, staff, parse(id, Field::Id)?, Input::Complete).await,
        (&Method::PUT, ["rejection"]) => {
            let target: Target = request.arguments()?;
            let deed = deed::of(request, format!("order.rejection {}", target.id()?))?;
            let target = Target { cancel_reason: target.rejection_reason, rejection_reason: None, ..target };
            end(app, staff, deed, target, order::state::check_rejectable).await
        }
        (&Method::PUT, ["cancel"]) => {
            let target: Target = request.arguments()?;
            let deed = deed::of(request, format!("order.cancel {}", target.id()?))?;
            end(app, staff, deed, target, |_| Ok(())).await
        }
        (&Method::PUT, ["packed"]) => {
            let Packing { id, packed } = request.arguments()?;
            let (fees, by) = (app.terms.fees, staff.username.clone());
            let deed = deed::of(request, format!("order.packed {id} {packed}"))?;
            let set = move |tx: &mut Tx<'_>, _| room::orders::set_packed(tx, id, packed, &fees, &by);
            deed::change_order(app, deed, id, set).await
        }
        _ => Err(Refusal::NotFound.into()),
    }
}

/// Reached from an alert, the old web sends the id as a string.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    #[serde(default, deserialize_with = "loose::number")]
    id: Option<OrderId>,
    rejection_reason: Option<String>,
    cancel_reason: Option<String>,
    /// Whether its counted dishes can be had again; where nobody says, those of an order that nobody has accepted can.
    dishes_back: Option<bool>,
}

#[derive(Deserialize)]
struct Packing {
    id: OrderId,
    packed: bool,
}

impl Target {
    fn id(&self) -> Result<OrderId> {
        Ok(self.id.ok_or(Refusal::BadRequest(Field::Id))?)
    }
}

/// An order that somebody looks at: what rings for it counts as seen.
async fn read_seen(app: &Arc<App>, id: OrderId) -> Result<Order> {
    let read = move |conn: &_| Ok((order::actions::load(conn, id)?, alert::actions::list_open(conn)?));
    let (order, ringing) = app.store.read(read).await?;
    app.seen.mark(ringing.iter().filter(|alert| alert.order == Some(id)).map(|alert| alert.id));
    Ok(order)
}

async fn details(app: &Arc<App>, id: &str) -> Result<Response> {
    let order = match parse(id, Field::Id) {
        Ok(id) => read_seen(app, id).await,
        Err(refusal) => Err(refusal.into()),
    };
    // The old web shows the fields of `data` without a look at `code`: none of them, but of something.
    Ok(order.map_or_else(
        |error| COUNTER.failure_with(error, serde_json::Map::new()),
        |order| COUNTER.success(Details::of(&order, &app.terms.calendar)),
    ))
}

async fn advance(app: &Arc<App>, staff: &StaffToken, id: OrderId, input: Input) -> Result<Response> {
    let actor = Actor::Staff(staff.username.clone());
    done(app.store.write(move |tx| order::actions::advance(tx, id, input, &actor).map(drop)).await)
}

/// 拒单 and 取消: what was paid goes back, so only who may move money refuses a paid order. `check`: whether that is the
/// word for it.
async fn end(
    app: &Arc<App>,
    staff: &StaffToken,
    deed: Deed,
    target: Target,
    check: fn(order::State) -> std::result::Result<(), Refusal>,
) -> Result<Response> {
    let (id, fees) = (target.id()?, app.terms.fees);
    let cancelling = Cancelling {
        by: staff.username.clone(),
        may_refund: permission::may_refund(staff.role),
        reason: target.cancel_reason.unwrap_or_default(),
        dishes_back: target.dishes_back,
    };
    let end = move |tx: &mut Tx<'_>, orders: Vec<Order>| {
        orders.iter().try_for_each(|order| check(order.state))?;
        room::orders::cancel(tx, id, &cancelling, &fees)
    };
    deed::change_order(app, deed, id, end).await
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

async fn search(app: &Arc<App>, request: &Request) -> Result<Response> {
    let query: Query = request.arguments_in_query()?;
    let time = |text: Option<String>, field| -> Result<Option<Timestamp>> {
        let read = |text: String| app.terms.calendar.parse_second(&text).ok_or(Refusal::BadRequest(field));
        Ok(given(text).map(read).transpose()?)
    };
    let filter = Filter {
        status: given(query.status).map(|status| parse(&status, Field::Status)).transpose()?,
        number: given(query.number),
        phone: given(query.phone),
        from: time(query.begin_time, Field::BeginTime)?,
        to: time(query.end_time, Field::EndTime)?,
    };
    let Rows { limit, offset } = Rows::of(query.page, query.page_size)?;
    let (total, orders) = app.store.read(move |conn| order::actions::search(conn, &filter, limit, offset)).await?;
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
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "AdminOrder"))]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    id: OrderId,
    number: &'a str,
    #[cfg_attr(test, ts(as = "order::Status"))]
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
    #[cfg_attr(test, ts(as = "order::Pay"))]
    pay_status: i64,
    tableware_number: i64,
    cancel_reason: &'a str,
    /// The list of cancelled orders shows only the other one.
    rejection_reason: &'a str,
    cancel_time: Option<String>,
    delivery_time: Option<String>,
    estimated_delivery_time: Option<String>,
    /// When it was paid, or that it was not: the old web shows a completed order as paid and this text beside it.
    checkout_time: Option<String>,
    packed: bool,
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
            pay_method: order.pay_method.map(|method| method as i64),
            pay_status: order.state.pay as i64,
            tableware_number: order.diners_count.unwrap_or(0),
            cancel_reason: &order.cancel_reason,
            rejection_reason: &order.cancel_reason,
            cancel_time: ended.clone().filter(|_| cancelled),
            delivery_time: ended.filter(|_| !cancelled),
            estimated_delivery_time: None,
            checkout_time: match order.state.pay {
                order::Pay::Unpaid => Some("未付款".into()),
                order::Pay::Paid | order::Pay::Refunded => order.paid_at.map(|at| calendar.minute(at)),
            },
            packed: order.packed,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "AdminOrderDetails"))]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    #[serde(flatten)]
    record: Record<'a>,
    order_detail_list: Vec<Detail<'a>>,
    /// sky-take-out's name for what packing costs.
    pack_amount: Fen,
    adjustments: Vec<AdjustmentView<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "OrderDetail"))]
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
            dish_flavor: menu::combo::texts(&item.options).join(","),
            remark: &item.remark,
            image: "",
        };
        let packing = order.adjustments.iter().filter(|one| one.kind == order::AdjustmentKind::Packing);
        Details {
            record: Record::of(order, calendar),
            order_detail_list: order.items.iter().map(detail).collect(),
            pack_amount: packing.map(|one| one.amount).sum(),
            adjustments: AdjustmentView::list(order),
        }
    }
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<Page<Record<'static>>>();
    to.visit::<Details<'static>>();
}
