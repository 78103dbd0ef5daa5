//! The counter's family (docs/protocol.md §5): sky-take-out's routes, names and numbers, and our additions beside them.
//! Who may do what is one table, `permission.rs`.

mod alert;
mod audit;
mod backup;
mod bill;
mod clock;
mod day;
mod deed;
mod door;
mod export;
mod loose;
mod member;
mod menu;
mod money;
mod order;
mod page;
mod permission;
mod report;
mod shop;
mod staff;
mod table;
mod upload;
mod workspace;

use super::{App, Request, parse};
use crate::error::{Refusal, Result};
use crate::web::door::token::StaffToken;
use crate::web::http::reply::Family;
use std::sync::Arc;
use warp::reply::Response;

const COUNTER: Family = Family::Counter;

/// What the pages' type check has to know of this family.
#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    audit::declare(to);
    day::declare(to);
    member::declare(to);
    menu::declare(to);
    money::declare(to);
    order::declare(to);
    staff::declare(to);
    table::declare(to);
}

pub async fn route(app: &Arc<App>, request: Request, path: &[&str]) -> Response {
    let done = match path {
        ["employee", "login" | "logout"] => door::route(app, &request, path).await,
        _ => match app.door.staff(&request).await {
            Ok(staff) => for_staff(app, &request, &staff, path).await,
            Err(error) => Err(error),
        },
    };
    done.unwrap_or_else(|error| match path {
        // The old web saves what comes with HTTP 200 as the workbook, and its dashboard shows it unread.
        ["report" | "workspace", ..] => COUNTER.honest_failure(error),
        _ => COUNTER.failure(error),
    })
}

/// The routes that take a file.
pub fn takes_file(path: &[&str]) -> bool {
    matches!(path, ["common", "upload"] | ["menu", "import"])
}

/// Whether whoever asks may use this route at all.
///
/// # Errors
/// `StaffOnly`, and what the table of permissions says.
pub async fn check(app: &Arc<App>, request: &Request, path: &[&str]) -> Result<()> {
    let staff = app.door.staff(request).await?;
    Ok(permission::check(staff.role, &request.method, path)?)
}

async fn for_staff(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    permission::check(staff.role, &request.method, path)?;
    match path {
        ["shop", rest @ ..] => shop::route(app, request, staff, rest).await,
        ["employee", rest @ ..] => staff::route(app, request, staff, rest).await,
        ["order", rest @ ..] => order::route(app, request, staff, rest).await,
        ["common", "upload"] => Ok(upload::take(app, request).await),
        ["category" | "dish" | "menu" | "setmeal", ..] => menu::route(app, request, staff, path).await,
        ["alert", rest @ ..] => alert::route(app, request, staff, rest).await,
        ["audit"] => audit::list(app, request).await,
        ["member", rest @ ..] => member::route(app, request, staff, rest).await,
        ["online"] => Ok(COUNTER.success(app.hub.online())),
        ["backup"] => backup::make(app).await,
        ["clock", "confirm"] => clock::confirm(app).await,
        ["bill", rest @ ..] => bill::route(app, request, staff, rest).await,
        ["payment", rest @ ..] => money::route(app, request, staff, rest).await,
        ["workspace", rest @ ..] => workspace::route(app, request, staff, rest).await,
        ["report", rest @ ..] => report::route(app, request, rest).await,
        ["day", rest @ ..] => day::route(app, request, staff, rest).await,
        ["table", rest @ ..] => table::route(app, request, staff, rest).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

pub fn done(result: Result<()>) -> Result<Response> {
    result.map(|()| COUNTER.success(()))
}
