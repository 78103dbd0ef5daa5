//! `/admin/workspace/…`: today on the dashboard of sky-take-out's web, which is everybody's first page there. What the
//! figures mean is told in `report`.

use super::{COUNTER, permission};
use crate::error::{Refusal, Result};
use crate::report::{self, Day, Overview, Ratio};
use crate::units::Fen;
use crate::web::door::token::StaffToken;
use crate::web::{App, Request};
use hyper::Method;
use serde::Serialize;
use std::sync::Arc;
use warp::reply::Response;

/// `cuisine.kind` of dishes, and of combos.
const DISHES: i64 = 1;
const SETMEALS: i64 = 2;

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    let today = today(app)?;
    match (&request.method, path) {
        (&Method::GET, ["businessData"]) => {
            let overview = app.store.read(move |conn| report::actions::overview(conn, today)).await?;
            Ok(COUNTER.success(Business::of(&overview, permission::may_see_takings(staff.role))))
        }
        (&Method::GET, ["overviewOrders"]) => {
            let counts = app.store.read(move |conn| report::actions::count_by_status(conn, today.span)).await?;
            Ok(COUNTER.success(Orders::of(counts)))
        }
        (&Method::GET, ["overviewDishes"]) => count_cuisines(app, DISHES).await,
        (&Method::GET, ["overviewSetmeals"]) => count_cuisines(app, SETMEALS).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

/// The business day that runs now.
pub fn today(app: &App) -> Result<Day> {
    let calendar = &app.terms.calendar;
    report::actions::day(calendar, calendar.business_date(app.store.now()))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Business {
    /// Null for who may not see it, and so is the mean: the old web shows nothing there then.
    turnover: Option<Fen>,
    valid_order_count: i64,
    order_completion_rate: Ratio,
    unit_price: Option<Fen>,
    new_users: i64,
}

impl Business {
    fn of(overview: &Overview, takings: bool) -> Business {
        Business {
            turnover: takings.then_some(overview.turnover),
            valid_order_count: overview.valid,
            order_completion_rate: overview.completion_rate(),
            unit_price: takings.then(|| overview.unit_price()),
            new_users: overview.newcomers,
        }
    }
}

/// Orders placed today, by what they are now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Orders {
    waiting_orders: i64,
    delivered_orders: i64,
    completed_orders: i64,
    cancelled_orders: i64,
    all_orders: i64,
}

impl Orders {
    fn of(counts: [i64; 6]) -> Orders {
        let [_, waiting_orders, delivered_orders, _, completed_orders, cancelled_orders] = counts;
        let all_orders = counts.iter().sum();
        Orders { waiting_orders, delivered_orders, completed_orders, cancelled_orders, all_orders }
    }
}

#[derive(Serialize)]
struct OnSale {
    sold: i64,
    discontinued: i64,
}

async fn count_cuisines(app: &Arc<App>, kind: i64) -> Result<Response> {
    let (sold, discontinued) = app.store.read(move |conn| report::actions::count_cuisines(conn, kind)).await?;
    Ok(COUNTER.success(OnSale { sold, discontinued }))
}
