//! Uploaded files: `multipart/form-data` with one part named `file`. What the client calls it means nothing here.

use crate::error::{Field, Refusal, Result};
use crate::web::Request;
use bytes::Bytes;
use futures_util::stream;
use hyper::header::CONTENT_TYPE;
use std::convert::Infallible;

/// The file's bytes.
///
/// # Errors
/// `BadRequest` where there is no part of that name, `Malformed` for what is no multipart body.
pub async fn file(request: &Request) -> Result<Bytes> {
    let kind = request.header(CONTENT_TYPE).ok_or(Refusal::Malformed)?;
    let boundary = multer::parse_boundary(kind).map_err(crate::web::malformed)?;
    let body = stream::iter([Ok::<_, Infallible>(request.body.clone())]);
    let mut parts = multer::Multipart::new(body, boundary);
    while let Some(part) = parts.next_field().await.map_err(crate::web::malformed)? {
        if part.name() == Some("file") {
            return Ok(part.bytes().await.map_err(crate::web::malformed)?);
        }
    }
    Err(Refusal::BadRequest(Field::File).into())
}
