//! `POST /pay/notify/{provider}` on the tunnel listener: raw bytes to the provider's verification, then one
//! durable transaction, then the answer.

use super::{App, Request};
use crate::error::{Error, Refusal};
use crate::web::http::reply::{Told, json, set};
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use std::sync::Arc;
use warp::reply::Response;

pub async fn take(app: &Arc<App>, request: &Request, provider: &str) -> Response {
    match app.checkout.take_callback(provider, &request.headers, &request.body).await {
        Ok(taken) => {
            app.counters.callbacks_taken.inc();
            app.tunnel.note_callback();
            let mut response = json(StatusCode::OK, taken);
            if !taken.starts_with('{') {
                set(&mut response, CONTENT_TYPE, HeaderValue::from_static("text/plain"));
            }
            response
        }
        Err(Error::Refused(Refusal::NotFound)) => Refusal::NotFound.into(),
        Err(error) => {
            app.counters.callbacks_refused.inc();
            let Told { status, code, sentence } = Told::of(error);
            tracing::warn!("a {provider} callback from {} was refused: {code}", request.address());
            let body = serde_json::json!({ "code": "FAIL", "message": sentence.chinese, "error": code });
            json(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), body.to_string())
        }
    }
}
