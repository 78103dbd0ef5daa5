//! `/admin/shop/…`: 营业中 or 打烊中.

use super::{COUNTER, done};
use crate::error::{Refusal, Result};
use crate::menu;
use crate::web::door::token::StaffToken;
use crate::web::{App, Request};
use hyper::Method;
use std::sync::Arc;
use warp::reply::Response;

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    match (&request.method, path) {
        (&Method::GET, ["status"]) => {
            let open = app.store.read(menu::actions::is_shop_open).await?;
            Ok(COUNTER.success(i64::from(open)))
        }
        // The old web's body is a bare 1 or 0 under a form's name: the path says it.
        (&Method::PUT, [status @ ("0" | "1")]) => {
            let (open, by) = (*status == "1", staff.username.clone());
            done(app.store.write(move |tx| menu::actions::set_shop_open(tx, open, &by)).await)
        }
        _ => Err(Refusal::NotFound.into()),
    }
}
