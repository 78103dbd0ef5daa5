//! What can be asked about business days, and closing one.

use super::{
    Close, Closing, Day, DayReport, DishSold, Forgone, Hour, Money, Overview, Parts, Span, Then, sql, sum_methods,
};
use crate::error::{Field, Refusal, Result};
use crate::order;
use crate::staff;
use crate::store::Tx;
use crate::units::{Calendar, Date, Fen, Timestamp};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// Days of a list where nobody says how many.
pub const LISTED_DAYS: usize = 31;
/// Days of one request, at most.
const MOST_DAYS: usize = 400;
/// Dishes in a day's report.
const BEST_DISHES: usize = 20;
const HOUR_MILLISECONDS: i64 = 3_600_000;
const QUARTER_MILLISECONDS: i64 = 900_000;
/// This program is younger: money on an earlier day was booked by a clock that was wrong.
const FIRST_POSSIBLE: Date = jiff::civil::date(2026, 1, 1);
/// So many days before those that are listed is no slip past midnight.
const FAR_DAYS: i64 = 90;
/// Stray days that are listed, the latest of them.
const MOST_STRAY: usize = 31;

/// # Errors
/// `BadRequest` for a date beyond the calendar.
pub fn day(calendar: &Calendar, date: Date) -> Result<Day> {
    let (from, to) = calendar.bounds(date).ok_or(Refusal::BadRequest(Field::Date))?;
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
        0 => Err(Refusal::BadRequest(Field::Begin).into()),
        count if count > MOST_DAYS => Err(Refusal::BadRequest(Field::End).into()),
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

fn find_closed_at(conn: &Connection, day: Day) -> Result<Option<Timestamp>> {
    sql::find_closed_at(conn, &day.date.to_string())
}

/// Placed and valid; a closed day's as it counted them.
pub fn count_orders(conn: &Connection, day: Day) -> Result<(i64, i64)> {
    let (placed, valid, _) = sql::count_orders(conn, day.span, find_closed_at(conn, day)?)?;
    Ok((placed, valid))
}

pub fn overview(conn: &Connection, day: Day) -> Result<Overview> {
    let (placed, valid) = count_orders(conn, day)?;
    let span = day.span;
    Ok(Overview { turnover: sql::sum_ledger(conn, span)?, placed, valid, newcomers: sql::count_members(conn, span)? })
}

pub fn forgone(conn: &Connection, span: Span) -> Result<Forgone> {
    Ok(Forgone::of(&sql::list_free(conn, span)?, &sql::list_let_go(conn, span)?))
}

pub fn money(conn: &Connection, span: Span) -> Result<Money> {
    Ok(Money {
        ledger: sql::sum_ledger(conn, span)?,
        methods: sum_methods(&sql::list_moved(conn, span)?),
        topups: sql::sum_topups(conn, span)?.methods,
    })
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

/// The best dishes of these days, by pieces.
pub fn best_dishes(conn: &Connection, days: &[Day], limit: usize) -> Result<Vec<DishSold>> {
    let mut sold: BTreeMap<String, (i64, Fen)> = BTreeMap::new();
    for day in days {
        for dish in sql::list_dishes(conn, day.span, find_closed_at(conn, *day)?)? {
            let (quantity, amount) = sold.entry(dish.name).or_default();
            (*quantity, *amount) = (*quantity + dish.quantity, amount.plus(dish.amount));
        }
    }
    let dish = |(name, (quantity, amount))| DishSold { name, quantity, amount };
    Ok(best(sold.into_iter().map(dish).collect(), limit))
}

fn best(mut dishes: Vec<DishSold>, limit: usize) -> Vec<DishSold> {
    dishes.sort_by(|a, b| (b.quantity, b.amount, &a.name).cmp(&(a.quantity, a.amount, &b.name)));
    dishes.truncate(limit);
    dishes
}

/// Days on which money was booked by a clock that was wrong: to come, impossibly early, or long gone when it was booked.
/// `listed`: the days that are shown anyway, the latest first and from the present one on.
pub fn list_stray(conn: &Connection, calendar: &Calendar, listed: &[Day]) -> Result<BTreeSet<Date>> {
    let Some((first, last)) = listed.last().zip(listed.first()) else { return Ok(BTreeSet::new()) };
    let listed = Span { from: first.span.from, to: last.span.to };
    let possible = day(calendar, FIRST_POSSIBLE)?.span.from;
    let far = Timestamp(listed.from.0 - FAR_DAYS * 24 * HOUR_MILLISECONDS);
    let quarters = sql::list_stray_quarters(conn, listed, possible.min(listed.from), far)?;
    let mut dates: BTreeSet<Date> =
        quarters.into_iter().map(|one| calendar.business_date(Timestamp(one * QUARTER_MILLISECONDS))).collect();
    while dates.len() > MOST_STRAY {
        dates.pop_first();
    }
    Ok(dates)
}

/// Everything about one business day, by the words of `report`.
pub fn report(conn: &Connection, day: Day) -> Result<DayReport> {
    report_as_of(conn, day, find_closed_at(conn, day)?)
}

fn report_as_of(conn: &Connection, day: Day, closed: Option<Timestamp>) -> Result<DayReport> {
    let span = day.span;
    let (placed, valid, cancelled) = sql::count_orders(conn, span, closed)?;
    let parts = Parts {
        placed,
        valid,
        cancelled,
        guests: sql::count_guests(conn, &day.date.to_string(), span, closed)?,
        settled: sql::sum_settled(conn, span)?,
        gross: sql::sum_gross(conn, span)?,
        adjusted: sql::sum_adjusted(conn, span)?,
        moved: sql::list_moved(conn, span)?,
        dishes: best(sql::list_dishes(conn, span, closed)?, BEST_DISHES),
        free_dishes: sql::list_free(conn, span)?,
        debts: sql::list_let_go(conn, span)?,
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
        return Err(Refusal::DayClosed(calendar.minute(earlier.at), earlier.by).into());
    }
    // As everything is now, whatever an earlier close has kept.
    let report = report_as_of(tx.conn(), day, None)?;
    let then = Then::of(&report);
    let (at, cash, report) = (tx.now, closing.cash, serde_json::value::to_raw_value(&report)?);
    let close = Close { at, by: by.to_owned(), cash, note, report, then };
    sql::insert_close(tx.conn(), &day.date.to_string(), &close)?;
    let detail = format!(
        "账上 {}，应有现金 {}，清点 {}，差额 {}{}",
        close.then.ledger,
        close.then.expected_cash,
        cash,
        close.difference(),
        if closing.again { "（重新日结）" } else { "" }
    );
    staff::actions::record(tx, by, "day.close", &day.date.to_string(), &detail)?;
    Ok(close)
}
