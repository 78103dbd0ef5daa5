//! `/admin/day/…`: business days that are over, and closing them (日结).

use super::{COUNTER, loose, workspace};
use crate::error::{Refusal, Result};
use crate::report::{self, Close, Closing, Day, DayReport};
use crate::units::{Calendar, Fen, Timestamp};
use crate::web::auth::StaffToken;
use crate::web::{App, Call};
use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;
use warp::reply::Response;

/// Days of the list where nobody says how many.
const LISTED_DAYS: usize = 31;

pub async fn route(app: &Arc<App>, call: &Call, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    match (&call.method, path) {
        (&Method::GET, ["list"]) => list(app, call).await,
        (&Method::GET, ["hours", date]) => {
            let (day, calendar) = (named_day(app, date)?, app.terms.calendar.clone());
            Ok(COUNTER.success(app.store.read(move |conn| report::actions::hours(conn, &calendar, day)).await?))
        }
        (&Method::POST, ["close"]) => close(app, call, staff).await,
        (&Method::GET, [date]) => read(app, named_day(app, date)?).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

/// A date, or `today` for the business day that it is now.
fn named_day(app: &App, text: &str) -> Result<Day> {
    if text == "today" { workspace::today(app) } else { parse_day(app, text) }
}

fn parse_day(app: &App, text: &str) -> Result<Day> {
    let date = Calendar::parse_date(text).ok_or(Refusal::BadRequest("date".into()))?;
    report::actions::day(&app.terms.calendar, date)
}

#[derive(Serialize)]
struct DayView {
    #[serde(flatten)]
    report: DayReport,
    /// Whether the business day has ended.
    over: bool,
    closed: Option<CloseView>,
}

#[derive(Serialize)]
struct CloseView {
    at: String,
    by: String,
    cash: Fen,
    /// What was counted beyond `expectedCash`.
    difference: Fen,
    note: String,
    /// Money of this day that was booked after its close.
    later: Fen,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Box<RawValue>>,
}

impl CloseView {
    fn of(close: Close, ledger: Fen, calendar: &Calendar) -> CloseView {
        CloseView {
            at: calendar.minute(close.at),
            difference: close.difference(),
            later: ledger.minus(close.then.ledger),
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
    let (report, close) = app
        .store
        .read(move |conn| Ok((report::actions::report(conn, day)?, report::actions::find_close(conn, day.date)?)))
        .await?;
    let closed = close.map(|close| CloseView::of(close, report.ledger, &app.terms.calendar));
    Ok(COUNTER.success(DayView { report, over: is_over(&day, app.store.now()), closed }))
}

#[derive(Deserialize)]
struct HowMany {
    days: Option<String>,
}

#[derive(Serialize)]
struct Line {
    day: String,
    over: bool,
    orders: i64,
    turnover: Fen,
    closed: Option<CloseView>,
}

/// The latest days first: those that had an order or money, or are closed.
async fn list(app: &Arc<App>, call: &Call) -> Result<Response> {
    let asked: HowMany = call.arguments_in_query()?;
    let count = match asked.days.filter(|text| !text.is_empty()) {
        Some(text) => super::parse(&text, "days")?,
        None => LISTED_DAYS,
    };
    let (calendar, now) = (app.terms.calendar.clone(), app.store.now());
    let days = report::actions::latest_days(&calendar, workspace::today(app)?.date, count)?;
    let lines = app.store.read(move |conn| {
        let mut lines = Vec::new();
        for day in days {
            let overview = report::actions::overview(conn, day.span)?;
            let close = report::actions::find_close(conn, day.date)?;
            let idle = overview.placed == 0 && overview.turnover == Fen::ZERO;
            if idle && close.is_none() && !report::actions::has_topups(conn, day.span)? {
                continue;
            }
            let closed =
                close.map(|close| CloseView { report: None, ..CloseView::of(close, overview.turnover, &calendar) });
            let (orders, turnover) = (overview.placed, overview.turnover);
            lines.push(Line { day: day.date.to_string(), over: is_over(&day, now), orders, turnover, closed });
        }
        Ok(lines)
    });
    Ok(COUNTER.success(lines.await?))
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

async fn close(app: &Arc<App>, call: &Call, staff: &StaffToken) -> Result<Response> {
    let counted: Counted = call.arguments()?;
    let day = parse_day(app, &counted.date)?;
    if day.span.from > app.store.now() {
        return Err(Refusal::BadRequest("date".into()).into());
    }
    let cash = counted.cash.filter(|cash| *cash >= Fen::ZERO).ok_or(Refusal::BadRequest("cash".into()))?;
    let closing = Closing { cash, note: counted.note.unwrap_or_default(), again: counted.again };
    let (calendar, by) = (app.terms.calendar.clone(), staff.username.clone());
    app.store.write(move |tx| report::actions::close(tx, &calendar, day, &closing, &by).map(drop)).await?;
    read(app, day).await
}
