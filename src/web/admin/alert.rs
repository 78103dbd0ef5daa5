//! `/admin/alert/…`: what rings, and who answers it.

use super::{COUNTER, done, parse};
use crate::alert;
use crate::error::{Field, Refusal, Result};
use crate::units::AlertId;
use crate::web::door::token::StaffToken;
use crate::web::live::{sse, status};
use crate::web::types::AlertView;
use crate::web::{App, Request};
use hyper::Method;
use std::sync::Arc;
use warp::reply::Response;

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    match (&request.method, path) {
        (&Method::GET, ["list"]) => {
            let open = app.store.read(alert::actions::list_open).await?;
            let views: Vec<_> = open.iter().map(|alert| AlertView::of(alert, &app.terms.calendar)).collect();
            Ok(COUNTER.success(views))
        }
        (&Method::POST, ["ack", id]) => {
            let (id, by): (AlertId, _) = (parse(id, Field::AlertId)?, staff.username.clone());
            done(app.store.write(move |tx| alert::actions::acknowledge(tx, id, &by)).await)
        }
        (&Method::POST, ["test"]) => done(app.store.write(alert::actions::raise_test).await),
        (&Method::GET, ["stream"]) => sse::backstage(app, staff.pass),
        (&Method::GET, ["desktop"]) => Ok(COUNTER.success(status::report(app))),
        _ => Err(Refusal::NotFound.into()),
    }
}
