//! `/admin/report/…`: the charts of sky-take-out's web, each series one comma-joined string with an entry for every day,
//! and the workbook. Days to come are asked for, too: they have zeros.

use super::{COUNTER, export, workspace};
use crate::error::{Error, Field, Refusal, Result};
use crate::report::{self, Day, Ratio};
use crate::units::{Calendar, Date};
use crate::web::{App, Request};
use hyper::Method;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::sync::Arc;
use warp::reply::Response;

/// Bars of the chart.
const TOP: usize = 10;
/// Days in the workbook where nobody says which, the last of them today.
const EXPORTED_DAYS: i64 = 30;

pub async fn route(app: &Arc<App>, request: &Request, path: &[&str]) -> Result<Response> {
    let read = match (&request.method, path) {
        // Saved as it comes, whatever it is: see `export`.
        (&Method::GET, ["export"]) => return export(app, request).await,
        (&Method::GET, ["turnoverStatistics"]) => turnover(app, request).await,
        (&Method::GET, ["ordersStatistics"]) => orders(app, request).await,
        (&Method::GET, ["userStatistics"]) => users(app, request).await,
        (&Method::GET, ["top10"]) => top(app, request).await,
        _ => return Err(Refusal::NotFound.into()),
    };
    // The old web splits the series without a look at `code`.
    read.or_else(|error: Error| Ok(COUNTER.failure_with(error, Nothing::default())))
}

/// Every series, empty.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Nothing {
    date_list: &'static str,
    turnover_list: &'static str,
    total_user_list: &'static str,
    new_user_list: &'static str,
    order_count_list: &'static str,
    valid_order_count_list: &'static str,
    total_order_count: i64,
    valid_order_count: i64,
    order_completion_rate: Ratio,
    name_list: &'static str,
    number_list: &'static str,
}

#[derive(Deserialize)]
struct Range {
    begin: Option<String>,
    end: Option<String>,
}

fn date(text: &str, field: Field) -> Result<Date> {
    Ok(Calendar::parse_date(text.trim()).ok_or(Refusal::BadRequest(field))?)
}

/// # Errors
/// `BadRequest` for what is no date, and for a range that is none.
fn days(app: &App, request: &Request) -> Result<Vec<Day>> {
    let range: Range = request.arguments_in_query()?;
    let date = |text: Option<String>, field| date(&text.unwrap_or_default(), field);
    report::actions::days(&app.terms.calendar, date(range.begin, Field::Begin)?, date(range.end, Field::End)?)
}

fn join<T: Display>(series: impl IntoIterator<Item = T>) -> String {
    series.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
}

fn dates(days: &[Day]) -> String {
    join(days.iter().map(|day| day.date))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Turnover {
    date_list: String,
    turnover_list: String,
}

async fn turnover(app: &Arc<App>, request: &Request) -> Result<Response> {
    let days = days(app, request)?;
    let date_list = dates(&days);
    let turnovers = app
        .store
        .read(move |conn| days.iter().map(|day| report::actions::turnover(conn, day.span)).collect::<Result<Vec<_>>>());
    Ok(COUNTER.success(Turnover { date_list, turnover_list: join(turnovers.await?) }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Orders {
    date_list: String,
    order_count_list: String,
    valid_order_count_list: String,
    total_order_count: i64,
    valid_order_count: i64,
    order_completion_rate: Ratio,
}

async fn orders(app: &Arc<App>, request: &Request) -> Result<Response> {
    let days = days(app, request)?;
    let date_list = dates(&days);
    let counted = app
        .store
        .read(move |conn| days.iter().map(|day| report::actions::count_orders(conn, *day)).collect::<Result<Vec<_>>>());
    let (placed, valid): (Vec<i64>, Vec<i64>) = counted.await?.into_iter().unzip();
    let (total_order_count, valid_order_count) = (placed.iter().sum(), valid.iter().sum());
    Ok(COUNTER.success(Orders {
        date_list,
        order_count_list: join(placed),
        valid_order_count_list: join(valid),
        total_order_count,
        valid_order_count,
        order_completion_rate: Ratio::of(valid_order_count, total_order_count),
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Users {
    date_list: String,
    total_user_list: String,
    new_user_list: String,
}

/// Users are members: diners are nobody in particular.
async fn users(app: &Arc<App>, request: &Request) -> Result<Response> {
    let days = days(app, request)?;
    let date_list = dates(&days);
    let counted = app.store.read(move |conn| report::actions::count_members(conn, &days)).await?;
    let (total, joined): (Vec<i64>, Vec<i64>) = counted.into_iter().unzip();
    Ok(COUNTER.success(Users { date_list, total_user_list: join(total), new_user_list: join(joined) }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Top {
    name_list: String,
    number_list: String,
}

async fn top(app: &Arc<App>, request: &Request) -> Result<Response> {
    let days = days(app, request)?;
    let best = app.store.read(move |conn| report::actions::best_dishes(conn, &days, TOP)).await?;
    Ok(COUNTER.success(Top {
        // A comma in a name would move every bar after it.
        name_list: join(best.iter().map(|dish| dish.name.replace(',', "，"))),
        number_list: join(best.iter().map(|dish| dish.quantity)),
    }))
}

/// Of the days that are asked for; the old web asks for none.
async fn export(app: &Arc<App>, request: &Request) -> Result<Response> {
    let Range { begin, end } = request.arguments_in_query()?;
    let given = |text: Option<String>, field| {
        text.filter(|text| !text.trim().is_empty()).map(|text| date(&text, field)).transpose()
    };
    let end = given(end, Field::End)?.unwrap_or(workspace::today(app)?.date);
    let usual = || end.checked_sub(jiff::Span::new().days(EXPORTED_DAYS - 1)).map_err(anyhow::Error::from);
    let begin = given(begin, Field::Begin)?.map_or_else(usual, Ok)?;
    let days = report::actions::days(&app.terms.calendar, begin, end)?;
    let rows = app.store.read(move |conn| {
        let row = |day: Day| {
            let forgone = report::actions::forgone(conn, day.span)?;
            Ok((day.date, report::actions::overview(conn, day)?, forgone))
        };
        days.into_iter().map(row).collect::<Result<Vec<_>>>()
    });
    export::answer(&rows.await?)
}
