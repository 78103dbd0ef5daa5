//! `/admin/menu/export` and `/admin/menu/import`: the whole menu as a file.

use super::COUNTER;
use crate::error::{Field, Refusal, Result};
use crate::menu::exchange::{self, Becomes, Fate, Format, How, Problem, Renames, Report, actions};
use crate::room;
use crate::web::admin::loose::Given;
use crate::web::door::token::StaffToken;
use crate::web::http::multipart;
use crate::web::http::reply::{self, json, set};
use crate::web::sentence;
use crate::web::{App, Request};
use hyper::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Method, StatusCode};
use serde::Serialize;
use std::sync::Arc;
use warp::reply::Response;

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    match (&request.method, path) {
        (&Method::GET, ["export"]) => export(app, request).await,
        (&Method::POST, ["import"]) => import(app, request, staff).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

async fn export(app: &Arc<App>, request: &Request) -> Result<Response> {
    let name = Given::of(request)?.text("format").unwrap_or_else(|| "xlsx".to_owned());
    let format = Format::of(&name).ok_or(Refusal::BadRequest(Field::Format))?;
    let lines = app.store.read(actions::export).await?;
    let written = tokio::task::spawn_blocking(move || exchange::write(&lines, format)).await;
    let mut response = json(StatusCode::OK, written.map_err(anyhow::Error::from)??);
    let (kind, attached) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"menu.csv\""),
        Format::Json => ("application/json", "attachment; filename=\"menu.json\""),
        Format::Xlsx => {
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment; filename=\"menu.xlsx\"")
        }
    };
    set(&mut response, CONTENT_TYPE, HeaderValue::from_static(kind));
    set(&mut response, CONTENT_DISPOSITION, HeaderValue::from_static(attached));
    set(&mut response, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

/// `?check=true` only tells what would become of it. `renames=yes|no`: what is to become of rows whose ids have other
/// names in the file; unless somebody has said it, a file with such rows is refused.
async fn import(app: &Arc<App>, request: &Request, staff: &StaffToken) -> Result<Response> {
    let given = Given::of(request)?;
    let renames = match given.text("renames").as_deref() {
        None => Renames::Ask,
        Some("yes") => Renames::Yes,
        Some("no") => Renames::No,
        Some(_) => return Err(Refusal::BadRequest(Field::Renames).into()),
    };
    let how = How { trial: given.text("check").is_some_and(|check| check == "true"), renames };
    let (file, by) = (multipart::file(request).await?, staff.username.clone());
    let read = tokio::task::spawn_blocking(move || exchange::read(&file)).await.map_err(anyhow::Error::from)?;
    let report = match read {
        Ok(table) => app.store.write(move |tx| room::menu::import(tx, &by, &table, how)).await?,
        Err(problem) => Report { problems: vec![problem], ..Report::default() },
    };
    Ok(COUNTER.success(ReportView::of(report, reply::is_wanted_in_english(&request.headers))))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Imported"))]
struct ReportView {
    added: usize,
    changed: usize,
    renamed: usize,
    unchanged: usize,
    problems: Vec<ProblemView>,
    lines: Vec<FateView>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Problem"))]
struct ProblemView {
    row: usize,
    problem: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Fate"))]
struct FateView {
    row: usize,
    kind: String,
    name: String,
    becomes: Becomes,
    from: String,
    detail: String,
}

impl ReportView {
    fn of(report: Report, english: bool) -> ReportView {
        let problem = |Problem { row, fault }: &Problem| ProblemView {
            row: *row,
            problem: sentence::of_fault(fault).in_language(english),
        };
        let fate = |fate: Fate| FateView {
            row: fate.row,
            kind: sentence::of_kind(fate.kind).in_language(english),
            detail: sentence::of_changes(&fate.detail).in_language(english),
            name: fate.name,
            becomes: fate.becomes,
            from: fate.from,
        };
        let Report { added, changed, renamed, unchanged, problems, lines } = report;
        let problems = problems.iter().map(problem).collect();
        let lines = lines.into_iter().map(fate).collect();
        ReportView { added, changed, renamed, unchanged, problems, lines }
    }
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<ReportView>();
}
