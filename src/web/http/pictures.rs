//! `GET /pictures/{hash}/{128|512}.jpg`: for phones and for the counter's webs, whose `<img>` carries no token. The latter
//! ask for `/api/pictures/…`: sky-take-out's own nginx sends that on, as `/admin/pictures/…`, and nothing else of it.

use super::reply::{json, set};
use crate::error::{Refusal, Result};
use crate::picture::{self, Size, actions};
use crate::web::App;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use std::borrow::Cow;
use std::sync::Arc;
use warp::reply::Response;

/// Another picture has another hash.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// A picture's address for the counter's webs. They send it back with a dish's form, which takes it for the same.
pub fn for_counter(image: &str) -> Cow<'_, str> {
    match image.starts_with("/pictures/") {
        true => format!("/api{image}").into(),
        false => image.into(),
    }
}

pub async fn show(app: &Arc<App>, hash: &str, file: &str) -> Response {
    match jpeg(app, hash, file).await {
        Ok(bytes) => {
            let mut response = json(StatusCode::OK, bytes);
            set(&mut response, CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
            set(&mut response, CACHE_CONTROL, HeaderValue::from_static(FOREVER));
            set(&mut response, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            response
        }
        Err(error) => crate::web::http::reply::Family::Table.failure(error),
    }
}

async fn jpeg(app: &Arc<App>, hash: &str, file: &str) -> Result<Vec<u8>> {
    let size = Size::of(file).filter(|_| picture::is_hash(hash)).ok_or(Refusal::NotFound)?;
    let hash = hash.to_owned();
    app.store.read(move |conn| actions::load(conn, &hash, size)).await
}
