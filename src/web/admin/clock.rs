//! A person has looked at the clock on the wall: `POST /admin/clock/confirm`.

use super::done;
use crate::error::Result;
use crate::web::App;
use std::sync::Arc;
use warp::reply::Response;

pub async fn confirm(app: &Arc<App>) -> Result<Response> {
    done(app.clock.confirm().await)
}
