//! What can be asked about business days, and closing one.

use super::{Close, Closing, Day, DayReport, DishSold, Hour, Overview, Parts, Span, sql};
use crate::error::{Refusal, Result};
use crate::order;
use crate::staff;
use crate::store::Tx;
use crate::units::{Calendar, Date, Fen, Timestamp};
use rusqlite::Connection;

/// Days of one request, at most.
const MOST_DAYS: usize = 400;
/// Dishes in a day's report.
const BEST_DISHES: i64 = 20;
const HOUR_MILLISECONDS: i64 = 3_600_000;

/// # Errors
/// `BadRequest` for a date beyond the calendar.
pub fn day(calendar: &Calendar, date: Date) -> Result<Day> {
    let (from, to) = calendar.bounds(date).ok_or(Refusal::BadRequest("date".into()))?;
    Ok(Day { date, span: Span { from, to } })
}

/// Every day from the first to the last.
///
/// # Errors
/// `BadRequest` where they are the wrong way round, or too many.
pub fn days(calendar: &Calendar, begin: Date, end: Date) -> Result<Vec<Day>> {
    let dates: Vec<Date> =
        begin.series(jiff::Span::new().days(1)).take_while(|date| *date <= end).take(MOST_DAYS + 1).collect();
    match dates.len() {
        0 => Err(Refusal::BadRequest("begin".into()).into()),
        count if count > MOST_DAYS => Err(Refusal::BadRequest("end".into()).into()),
        _ => dates.into_iter().map(|date| day(calendar, date)).collect(),
    }
}

/// The last so many days, the latest first.
pub fn latest_days(calendar: &Calendar, last: Date, count: usize) -> Result<Vec<Day>> {
    last.series(jiff::Span::new().days(-1)).take(count.clamp(1, MOST_DAYS)).map(|date| day(calendar, date)).collect()
}

pub fn turnover(conn: &Connection, span: Span) -> Result<Fen> {
    sql::sum_ledger(conn, span)
}

/// Placed and valid.
pub fn count_orders(conn: &Connection, span: Span) -> Result<(i64, i64)> {
    sql::count_orders(conn, span)
}

pub fn overview(conn: &Connection, span: Span) -> Result<Overview> {
    let (placed, valid) = sql::count_orders(conn, span)?;
    Ok(Overview { turnover: sql::sum_ledger(conn, span)?, placed, valid, newcomers: sql::count_members(conn, span)? })
}

/// Orders placed in the span by their present status, 待付款 to 已取消.
pub fn count_by_status(conn: &Connection, span: Span) -> Result<[i64; 6]> {
    sql::count_by_status(conn, span)
}

/// Dishes (1) or combos (2): on sale, and not.
pub fn count_cuisines(conn: &Connection, kind: i64) -> Result<(i64, i64)> {
    sql::count_cuisines(conn, kind)
}

/// For each day: members at its end, and those who joined in it.
pub fn count_members(conn: &Connection, days: &[Day]) -> Result<Vec<(i64, i64)>> {
    let mut total = days.first().map_or(Ok(0), |first| sql::count_members_before(conn, first.span.from))?;
    let joined = days.iter().map(|day| sql::count_members(conn, day.span));
    joined
        .map(|joined| {
            let joined = joined?;
            total += joined;
            Ok((total, joined))
        })
        .collect()
}

pub fn best_dishes(conn: &Connection, span: Span, limit: i64) -> Result<Vec<DishSold>> {
    sql::list_best_dishes(conn, span, limit)
}

/// Whether a member paid for a card in the span.
pub fn has_topups(conn: &Connection, span: Span) -> Result<bool> {
    Ok(sql::sum_topups(conn, span)?.count > 0)
}

/// Everything about one business day, by the words of `report`.
pub fn report(conn: &Connection, day: Day) -> Result<DayReport> {
    let span = day.span;
    let (placed, valid) = sql::count_orders(conn, span)?;
    let parts = Parts {
        placed,
        valid,
        cancelled: sql::count_by_status(conn, span)?[5],
        guests: sql::count_guests(conn, span)?,
        settled: sql::sum_settled(conn, span)?,
        gross: sql::sum_gross(conn, span)?,
        adjusted: sql::sum_adjusted(conn, span)?,
        moved: sql::list_moved(conn, span)?,
        dishes: sql::list_best_dishes(conn, span, BEST_DISHES)?,
        topups: sql::sum_topups(conn, span)?,
        ledger: sql::sum_ledger(conn, span)?,
    };
    Ok(DayReport::of(day.date, parts))
}

/// The hours of a business day in their order; 23 or 25 of them when the clocks change.
pub fn hours(conn: &Connection, calendar: &Calendar, day: Day) -> Result<Vec<Hour>> {
    let Span { from, to } = day.span;
    let begins = (from.0..to.0).step_by(HOUR_MILLISECONDS as usize);
    let label = |at| calendar.minute(Timestamp(at)).split_off("2026-11-20 ".len());
    let mut hours: Vec<Hour> = begins.map(|at| Hour { hour: label(at), turnover: Fen::ZERO, orders: 0 }).collect();
    for (index, turnover, orders) in sql::list_hours(conn, day.span)? {
        if let Some(hour) = usize::try_from(index).ok().and_then(|index| hours.get_mut(index)) {
            hour.turnover = hour.turnover.plus(turnover);
            hour.orders += orders;
        }
    }
    Ok(hours)
}

pub fn find_close(conn: &Connection, date: Date) -> Result<Option<Close>> {
    sql::find_close(conn, &date.to_string())
}

/// 日结: keeps the day's report as it is now, with the cash that was counted. A day is closed once; `again` replaces
/// that, and the audit log keeps what it said.
///
/// # Errors
/// `DayClosed` with who did it; `RemarkTooLong`.
pub fn close(tx: &mut Tx<'_>, calendar: &Calendar, day: Day, closing: &Closing, by: &str) -> Result<Close> {
    let note = order::actions::clean_reason(&closing.note)?;
    let earlier = find_close(tx.conn(), day.date)?;
    if let Some(earlier) = earlier.filter(|_| !closing.again) {
        return Err(Refusal::DayClosed(format!("{} {}", calendar.minute(earlier.at), earlier.by)).into());
    }
    let report = report(tx.conn(), day)?;
    let then = super::Then { ledger: report.ledger, expected_cash: report.expected_cash };
    let (at, cash, report) = (tx.now, closing.cash, serde_json::value::to_raw_value(&report)?);
    let close = Close { at, by: by.to_owned(), cash, note, report, then };
    sql::insert_close(tx.conn(), &day.date.to_string(), &close)?;
    let detail = format!(
        "账上 {}，应有现金 {}，清点 {}，差额 {}{}",
        then.ledger,
        then.expected_cash,
        cash,
        close.difference(),
        if closing.again { "（重新日结）" } else { "" }
    );
    staff::actions::record(tx, by, "day.close", &day.date.to_string(), &detail)?;
    Ok(close)
}
