//! `/admin/dish/…` and `/admin/setmeal/…`.

use super::body::{DishBody, StockBody};
use super::view::DishView;
use super::{COUNTER, done, switch};
use crate::error::{Field, Refusal, Result};
use crate::menu::edit::actions::{self, Filter};
use crate::menu::edit::{Dish, Kind};
use crate::room;
use crate::units::CuisineId;
use crate::web::admin::loose::{self, Given};
use crate::web::admin::page::Page;
use crate::web::door::token::StaffToken;
use crate::web::{App, Request, parse};
use hyper::Method;
use std::sync::Arc;
use warp::reply::Response;

pub async fn route(
    app: &Arc<App>,
    request: &Request,
    staff: &StaffToken,
    kind: Kind,
    path: &[&str],
) -> Result<Response> {
    let by = staff.username.clone();
    match (&request.method, path) {
        (&Method::GET, ["page"]) => page(app, request, kind).await,
        (&Method::GET, ["list"]) => list(app, request, kind).await,
        (&Method::POST, ["status", status]) => {
            let (id, on_sale) = (id(&Given::of(request)?)?, switch(status)?);
            done(app.store.write(move |tx| actions::set_on_sale(tx, &by, id, on_sale).map(drop)).await)
        }
        (&Method::PUT, ["stock", id]) => {
            let (id, body): (_, StockBody) = (parse(id, Field::Id)?, request.arguments()?);
            let stock = body.stock.ok_or(Refusal::BadRequest(Field::Stock))?;
            done(app.store.write(move |tx| actions::set_stock(tx, &by, id, stock).map(drop)).await)
        }
        (&Method::GET, [id]) => {
            let id = parse(id, Field::Id)?;
            let dish = app.store.read(move |conn| actions::load_dish(conn, kind, id)).await?;
            Ok(COUNTER.success(DishView::whole(&dish, &app.terms.calendar)?))
        }
        (&Method::POST, []) => {
            let body: DishBody = request.arguments()?;
            let draft = body.draft()?;
            let dish = app.store.write(move |tx| actions::add_dish(tx, &by, kind, &draft)).await?;
            Ok(COUNTER.success(DishView::whole(&dish, &app.terms.calendar)?))
        }
        (&Method::PUT, []) => {
            let body: DishBody = request.arguments()?;
            let (id, draft) = (body.id.ok_or(Refusal::CuisineNotFound)?, body.draft()?);
            done(app.store.write(move |tx| room::menu::change_dish(tx, &by, kind, id, &draft)).await)
        }
        (&Method::DELETE, []) => remove(app, request, by, kind).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

fn id(given: &Given) -> Result<CuisineId> {
    Ok(given.number("id", Field::Id)?.ok_or(Refusal::CuisineNotFound)?)
}

fn filter(given: &Given, kind: Kind) -> Result<Filter> {
    let status: Option<i64> = given.number("status", Field::Status)?;
    let on_sale = status.map(|status| switch(&status.to_string())).transpose()?;
    Ok(Filter {
        kind: Some(kind),
        name: given.text("name"),
        category: given.number("categoryId", Field::CategoryId)?,
        on_sale,
    })
}

async fn page(app: &Arc<App>, request: &Request, kind: Kind) -> Result<Response> {
    let given = Given::of(request)?;
    let filter = filter(&given, kind)?;
    let rows = given.rows()?;
    let read = move |conn: &_| actions::page_dishes(conn, &filter, rows.limit, rows.offset);
    let (total, dishes) = app.store.read(read).await?;
    Ok(COUNTER.success(Page { total, records: views(app, &dishes) }))
}

/// Those on sale, as the form of a combo offers them.
async fn list(app: &Arc<App>, request: &Request, kind: Kind) -> Result<Response> {
    let filter = Filter { on_sale: Some(true), ..filter(&Given::of(request)?, kind)? };
    let dishes = app.store.read(move |conn| actions::list_dishes(conn, &filter)).await?;
    Ok(COUNTER.success(views(app, &dishes)))
}

fn views<'d>(app: &App, dishes: &'d [Dish]) -> Vec<DishView<'d>> {
    dishes.iter().map(|dish| DishView::row(dish, &app.terms.calendar)).collect()
}

async fn remove(app: &Arc<App>, request: &Request, by: String, kind: Kind) -> Result<Response> {
    let ids: Vec<CuisineId> = match Given::of(request)?.text("ids") {
        Some(joined) => loose::ids(&joined).ok_or(Refusal::BadRequest(Field::Ids))?,
        None => Vec::new(),
    };
    let removed = app.store.write(move |tx| room::menu::remove_dishes(tx, &by, kind, &ids));
    done(removed.await.map(drop))
}
