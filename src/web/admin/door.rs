//! Coming in and going out: `/admin/employee/login` and `/logout`. The only routes of the counter without a token.

use super::COUNTER;
use crate::error::{Refusal, Result};
use crate::staff::{self, Role, Secret, Staff};
use crate::store::Tx;
use crate::units::{StaffId, Timestamp};
use crate::web::door::token;
use crate::web::http::reply::set;
use crate::web::{App, Request};
use hyper::Method;
use hyper::header::{HeaderValue, SET_COOKIE};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Instant;
use warp::reply::Response;

pub async fn route(app: &Arc<App>, request: &Request, path: &[&str]) -> Result<Response> {
    match (&request.method, path) {
        (&Method::POST, ["employee", "login"]) => log_in(app, request).await,
        // The old web stays logged in when this fails, so it does not: not even with a token that counts no longer.
        (&Method::POST, ["employee", "logout"]) => with_cookie(COUNTER.success(()), "", 0),
        _ => Err(Refusal::MethodNotAllowed.into()),
    }
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: Option<String>,
    pin: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn {
    id: StaffId,
    user_name: String,
    name: String,
    role: Role,
    token: String,
}

async fn log_in(app: &Arc<App>, request: &Request) -> Result<Response> {
    if token::is_foreign_form(&request.headers) {
        return Err(Refusal::NotAllowed.into());
    }
    let login: Login = request.arguments()?;
    let secret = match (login.password, login.pin) {
        (Some(password), None) => Secret::Password(password),
        // Four digits are enough where somebody of the staff has come in before, not for everybody on the Wi-Fi.
        (None, Some(pin)) => match request.is_from_this_pc() || app.door.staff(request).await.is_ok() {
            true => Secret::Pin(pin),
            false => return Err(Refusal::PinNeedsLogin.into()),
        },
        _ => return Err(Refusal::Malformed.into()),
    };
    let (staff, since) = attempt(app, request, login.username, secret).await?;
    let token = app.door.tokens.for_staff(staff.id, since);
    let data =
        LoggedIn { id: staff.id, user_name: staff.username, name: staff.name, role: staff.role, token: token.clone() };
    with_cookie(COUNTER.success(data), &token, token::STAFF_SECONDS)
}

pub fn with_cookie(mut response: Response, token: &str, seconds: i64) -> Result<Response> {
    let cookie = token::cookie(token::STAFF_COOKIE, token, seconds);
    set(&mut response, SET_COOKIE, HeaderValue::from_str(&cookie).map_err(anyhow::Error::from)?);
    Ok(response)
}

/// One try to come in, or to prove who one is. Answers who it was, and when: a token is good from then on.
///
/// # Errors
/// `BadLogin`, the same for an unknown name, a disabled one and a wrong secret; `LoginLocked`, `RateLimited`.
pub async fn attempt(
    app: &Arc<App>,
    request: &Request,
    username: String,
    secret: Secret,
) -> Result<(Staff, Timestamp)> {
    let from = request.address();
    app.door.limits.check_login(from)?;
    let under_way = app.door.tries.begin(&username, from, Instant::now())?;
    let door = app.store.read(move |conn| staff::actions::find_door(conn, &username)).await?;
    // What others tried from elsewhere locks nobody out of this PC.
    let counts = !from.is_loopback();
    if let Some(seconds) = door.as_ref().filter(|_| counts).and_then(|door| door.locked_for(app.store.now())) {
        return Err(Refusal::LoginLocked(seconds).into());
    }
    let checking = app.door.limits.hash(move || (staff::actions::fits(door.as_ref(), &secret), door, secret));
    let (fits, door, secret) = checking.await?;
    let address = from.to_string();
    match door {
        Some(door) if fits => {
            let enter = move |tx: &mut Tx<'_>| Ok((staff::actions::enter(tx, &door, &secret, &address)?, tx.now));
            let entered = app.store.write(enter).await?;
            app.door.tries.right(&under_way, Instant::now());
            Ok(entered)
        }
        door => {
            app.store.write(move |tx| staff::actions::miss(tx, door.as_ref(), counts, &address)).await?;
            tracing::warn!("a login from {from} failed");
            Err(Refusal::BadLogin.into())
        }
    }
}
