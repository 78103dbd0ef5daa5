//! `/admin/category/…`, `/admin/dish/…` and `/admin/setmeal/…`: the menu as sky-take-out's web shows and changes it;
//! `/admin/menu/…`: all of it as a file.

mod body;
mod category;
mod dish;
mod exchange;
mod view;

use super::{COUNTER, done};
use crate::error::{Field, Refusal, Result};
use crate::menu::edit::Kind;
use crate::web::door::token::StaffToken;
use crate::web::{App, Request};
use std::sync::Arc;
use warp::reply::Response;

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    exchange::declare(to);
    view::declare(to);
}

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    match path {
        ["category", rest @ ..] => category::route(app, request, staff, rest).await,
        ["dish", rest @ ..] => dish::route(app, request, staff, Kind::Dish, rest).await,
        ["menu", rest @ ..] => exchange::route(app, request, staff, rest).await,
        ["setmeal", rest @ ..] => dish::route(app, request, staff, Kind::Combo, rest).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

/// `1` and `0` in a path.
fn switch(text: &str) -> std::result::Result<bool, Refusal> {
    match text {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(Refusal::BadRequest(Field::Status)),
    }
}
