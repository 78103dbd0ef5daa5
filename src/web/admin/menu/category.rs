//! `/admin/category/…`.

use super::body::CategoryBody;
use super::view::CategoryView;
use super::{COUNTER, done, switch};
use crate::error::{Field, Refusal, Result};
use crate::menu::edit::actions::{self, Filter};
use crate::menu::edit::{Kind, SectionDraft};
use crate::units::CategoryId;
use crate::web::admin::loose::Given;
use crate::web::admin::page::Page;
use crate::web::door::token::StaffToken;
use crate::web::{App, Request};
use hyper::Method;
use std::sync::Arc;
use warp::reply::Response;

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    let by = staff.username.clone();
    match (&request.method, path) {
        (&Method::GET, ["page"]) => page(app, request).await,
        (&Method::GET, ["list"]) => {
            let kind = kind(&Given::of(request)?)?;
            let sections = app.store.read(move |conn| actions::list_enabled_sections(conn, kind)).await?;
            let views = sections.iter().map(|section| CategoryView::of(section, &app.terms.calendar));
            Ok(COUNTER.success(views.collect::<Vec<_>>()))
        }
        (&Method::POST, []) => {
            let body: CategoryBody = request.arguments()?;
            let draft = body.draft()?;
            done(app.store.write(move |tx| actions::add_section(tx, &by, draft).map(drop)).await)
        }
        (&Method::PUT, []) => {
            let body: CategoryBody = request.arguments()?;
            let (id, draft) = (body.id.ok_or(Refusal::CategoryNotFound)?, body.draft()?);
            done(app.store.write(move |tx| actions::change_section(tx, &by, id, draft).map(drop)).await)
        }
        (&Method::DELETE, []) => {
            let id = id(&Given::of(request)?)?;
            done(app.store.write(move |tx| actions::remove_section(tx, &by, id).map(drop)).await)
        }
        (&Method::POST, ["status", status]) => Ok(enable(app, request, by, status).await.unwrap_or_else(|error| {
            // The old web reads nothing but the HTTP status here.
            COUNTER.honest_failure(error)
        })),
        _ => Err(Refusal::NotFound.into()),
    }
}

async fn enable(app: &Arc<App>, request: &Request, by: String, status: &str) -> Result<Response> {
    let (id, enabled) = (id(&Given::of(request)?)?, switch(status)?);
    let draft = SectionDraft { enabled: Some(enabled), ..SectionDraft::default() };
    done(app.store.write(move |tx| actions::change_section(tx, &by, id, draft).map(drop)).await)
}

fn id(given: &Given) -> Result<CategoryId> {
    Ok(given.number("id", Field::Id)?.ok_or(Refusal::CategoryNotFound)?)
}

fn kind(given: &Given) -> Result<Option<Kind>> {
    let number: Option<i64> = given.number("type", Field::Kind)?;
    Ok(number.map(|number| Kind::from_number(number).ok_or(Refusal::BadRequest(Field::Kind))).transpose()?)
}

async fn page(app: &Arc<App>, request: &Request) -> Result<Response> {
    let given = Given::of(request)?;
    let filter = Filter { kind: kind(&given)?, name: given.text("name"), ..Filter::default() };
    let rows = given.rows()?;
    let read = move |conn: &_| actions::page_sections(conn, &filter, rows.limit, rows.offset);
    let (total, sections) = app.store.read(read).await?;
    let records = sections.iter().map(|section| CategoryView::of(section, &app.terms.calendar)).collect();
    Ok(COUNTER.success(Page { total, records }))
}
