//! `/admin/day/…`: business days that are over, and closing them (日结).

use super::{COUNTER, deed, loose, workspace};
use crate::error::{Field, Refusal, Result};
use crate::report::{self, Close, Closing, Day, DayReport, Later, Money};
use crate::store::Tx;
use crate::units::{Calendar, Date, Fen, Timestamp};
use crate::web::door::token::StaffToken;
use crate::web::{App, Request};
use hyper::Method;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;
use warp::reply::Response;

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    match (&request.method, path) {
        (&Method::GET, ["list"]) => list(app, request).await,
        (&Method::GET, ["hours", date]) => {
            let (day, calendar) = (named_day(app, date)?, app.terms.calendar.clone());
            Ok(COUNTER.success(app.store.read(move |conn| report::actions::hours(conn, &calendar, day)).await?))
        }
        (&Method::POST, ["close"]) => close(app, request, staff).await,
        (&Method::GET, [date]) => read(app, named_day(app, date)?).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

/// A date, or `today` for the business day that it is now.
fn named_day(app: &App, text: &str) -> Result<Day> {
    if text == "today" { workspace::today(app) } else { parse_day(app, text) }
}

fn parse_day(app: &App, text: &str) -> Result<Day> {
    let date = Calendar::parse_date(text).ok_or(Refusal::BadRequest(Field::Date))?;
    report::actions::day(&app.terms.calendar, date)
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Day"))]
struct DayView {
    #[serde(flatten)]
    report: DayReport,
    /// Whether the business day has ended.
    over: bool,
    closed: Option<CloseView>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Closed"))]
#[serde(rename_all = "camelCase")]
struct CloseView {
    at: String,
    by: String,
    cash: Fen,
    expected_cash: Fen,
    /// What was counted beyond `expectedCash`.
    difference: Fen,
    note: String,
    /// Money of this day that was booked after its close, for orders.
    later: Fen,
    /// The same in the till, with top-ups.
    later_cash: Fen,
    /// By method and direction, for orders and for cards: also where it cancels out.
    later_methods: Vec<report::Method>,
    later_topups: Vec<report::Method>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "Partial<Day>"))]
    report: Option<Box<RawValue>>,
}

impl CloseView {
    fn of(close: Close, now: &Money, calendar: &Calendar) -> CloseView {
        let Later { ledger, cash, methods, topups } = close.later(now);
        CloseView {
            at: calendar.minute(close.at),
            expected_cash: close.then.expected_cash,
            difference: close.difference(),
            later: ledger,
            later_cash: cash,
            later_methods: methods,
            later_topups: topups,
            by: close.by,
            cash: close.cash,
            note: close.note,
            report: Some(close.report),
        }
    }
}

fn is_over(day: &Day, now: Timestamp) -> bool {
    day.span.to <= now
}

async fn read(app: &Arc<App>, day: Day) -> Result<Response> {
    let look = move |conn: &Connection| {
        let (report, now) = (report::actions::report(conn, day)?, report::actions::money(conn, day.span)?);
        Ok((report, now, report::actions::find_close(conn, day.date)?))
    };
    let (report, now, close) = app.store.read(look).await?;
    let closed = close.map(|close| CloseView::of(close, &now, &app.terms.calendar));
    Ok(COUNTER.success(DayView { report, over: is_over(&day, app.store.now()), closed }))
}

#[derive(Deserialize)]
struct HowMany {
    days: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "DayLine"))]
struct Line {
    day: String,
    over: bool,
    orders: i64,
    turnover: Fen,
    closed: Option<CloseView>,
    /// Beyond the days that were asked for: money was booked on it by a clock that was wrong.
    stray: bool,
}

/// The latest days first: those that had an order or money, or are closed. Stray days are among them, however few are
/// asked for.
async fn list(app: &Arc<App>, request: &Request) -> Result<Response> {
    let asked: HowMany = request.arguments_in_query()?;
    let count = match asked.days.filter(|text| !text.is_empty()) {
        Some(text) => super::parse(&text, Field::Days)?,
        None => report::actions::LISTED_DAYS,
    };
    let (calendar, now) = (app.terms.calendar.clone(), app.store.now());
    let days = report::actions::latest_days(&calendar, workspace::today(app)?.date, count)?;
    let lines = app.store.read(move |conn| {
        let mut lines = Vec::new();
        for (day, stray) in with_stray(conn, &calendar, days)? {
            let (overview, money) = (report::actions::overview(conn, day)?, report::actions::money(conn, day.span)?);
            let close = report::actions::find_close(conn, day.date)?;
            if overview.placed == 0 && money.is_idle() && close.is_none() {
                continue;
            }
            let closed = close.map(|close| CloseView { report: None, ..CloseView::of(close, &money, &calendar) });
            let (orders, turnover) = (overview.placed, overview.turnover);
            lines.push(Line { day: day.date.to_string(), over: is_over(&day, now), orders, turnover, closed, stray });
        }
        Ok(lines)
    });
    Ok(COUNTER.success(lines.await?))
}

/// These days, the latest first, with the stray ones in their place.
fn with_stray(conn: &Connection, calendar: &Calendar, days: Vec<Day>) -> Result<Vec<(Day, bool)>> {
    let stray = |date: Date| Ok((report::actions::day(calendar, date)?, true));
    let dates = report::actions::list_stray(conn, calendar, &days)?;
    let mut all = dates.into_iter().map(stray).collect::<Result<Vec<_>>>()?;
    all.extend(days.into_iter().map(|day| (day, false)));
    all.sort_by_key(|(day, _)| std::cmp::Reverse(day.span.from));
    Ok(all)
}

#[derive(Deserialize)]
struct Counted {
    date: String,
    #[serde(default, deserialize_with = "loose::yuan")]
    cash: Option<Fen>,
    note: Option<String>,
    #[serde(default)]
    again: bool,
}

async fn close(app: &Arc<App>, request: &Request, staff: &StaffToken) -> Result<Response> {
    let counted: Counted = request.arguments()?;
    let day = parse_day(app, &counted.date)?;
    let is_to_come = day.span.from > app.store.now();
    let cash = counted.cash.filter(|cash| *cash >= Fen::ZERO).ok_or(Refusal::BadRequest(Field::Cash))?;
    let closing = Closing { cash, note: counted.note.unwrap_or_default(), again: counted.again };
    let (calendar, by) = (app.terms.calendar.clone(), staff.username.clone());
    let close = move |tx: &mut Tx<'_>| {
        // A day to come has money only where the clock was wrong, and that has to be closed, too.
        if is_to_come && report::actions::money(tx.conn(), day.span)?.is_idle() {
            return Err(Refusal::BadRequest(Field::Date).into());
        }
        report::actions::close(tx, &calendar, day, &closing, &by).map(drop)
    };
    let deed = deed::of(request, format!("day.close {} {cash} {}", day.date, counted.again))?;
    deed::write(app, deed, close).await?;
    read(app, day).await
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<DayView>();
    to.visit::<Line>();
    to.visit::<report::Hour>();
}
