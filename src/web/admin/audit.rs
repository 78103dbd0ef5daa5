//! `/admin/audit`: who did what, for the owner.

use super::COUNTER;
use super::page::{Page, Rows, given};
use crate::error::{Field, Refusal, Result};
use crate::staff::{self, Sought};
use crate::units::{Calendar, Timestamp};
use crate::web::{App, Request};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use warp::reply::Response;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    page: Option<String>,
    page_size: Option<String>,
    act: Option<String>,
    begin: Option<String>,
    end: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Deed"))]
struct Line {
    id: i64,
    at: String,
    actor: String,
    act: String,
    target: String,
    detail: String,
}

/// `?page&pageSize&act&begin&end`: days of the business (`2026-11-20`, both included) or times to the second.
pub async fn list(app: &Arc<App>, request: &Request) -> Result<Response> {
    let query: Query = request.arguments_in_query()?;
    let calendar = &app.terms.calendar;
    let moment = |text: Option<String>, field, last: bool| -> Result<Option<Timestamp>> {
        let Some(text) = given(text) else { return Ok(None) };
        let at = read(calendar, &text, last).ok_or(Refusal::BadRequest(field))?;
        Ok(Some(at))
    };
    let sought = Sought {
        act: given(query.act),
        from: moment(query.begin, Field::Begin, false)?,
        before: moment(query.end, Field::End, true)?,
    };
    let rows = Rows::of(query.page, query.page_size)?;
    let (total, entries) =
        app.store.read(move |conn| staff::actions::list_audit(conn, &sought, rows.limit, rows.offset)).await?;
    let line = |entry: staff::Entry| Line {
        id: entry.id,
        at: calendar.rfc3339(entry.at),
        actor: entry.actor,
        act: entry.act,
        target: entry.target,
        detail: entry.detail,
    };
    Ok(COUNTER.success(Page { total, records: entries.into_iter().map(line).collect() }))
}

/// The first instant that is meant, or for the `last` one the first that is not.
fn read(calendar: &Calendar, text: &str, last: bool) -> Option<Timestamp> {
    match Calendar::parse_date(text) {
        Some(day) => calendar.bounds(day).map(|(begin, end)| if last { end } else { begin }),
        None => calendar.parse_second(text).map(|at| if last { at.plus_seconds(1) } else { at }),
    }
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<Line>();
}
