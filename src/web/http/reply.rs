//! Answers: the two families' envelopes, and the one place where an error becomes HTTP.

use crate::error::{Error, Refusal};
use bytes::Bytes;
use hyper::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{HeaderMap, StatusCode};
use serde::Serialize;
use warp::reply::Response;

/// Which envelope a client understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `code` 200, honest HTTP statuses.
    Table,
    /// sky-take-out: `code` 1; a refusal is HTTP 200 with `code` 0, except 401.
    Counter,
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    code: u16,
    msg: Option<&'a str>,
    data: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

/// An answer that nobody keeps; `set` another content type where it is not JSON.
pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into().into());
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, HeaderValue::from_static("application/json"));
    set(&mut response, CACHE_CONTROL, HeaderValue::from_static("no-store"));
    set(&mut response, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

pub fn set(response: &mut Response, name: HeaderName, value: HeaderValue) {
    response.headers_mut().insert(name, value);
}

fn encode<T: Serialize>(envelope: &Envelope<'_, T>) -> Bytes {
    // Wire types are structs of strings and numbers: encoding them can't fail.
    serde_json::to_vec(envelope).unwrap_or_default().into()
}

impl Family {
    /// The family that answers at this path.
    pub fn of(path: &str) -> Family {
        match path.starts_with("/admin/") || path.starts_with("/user/") {
            true => Family::Counter,
            false => Family::Table,
        }
    }

    pub fn success<T: Serialize>(self, data: T) -> Response {
        let (code, msg) = match self {
            Family::Table => (200, Some("success")),
            Family::Counter => (1, None),
        };
        json(StatusCode::OK, encode(&Envelope { code, msg, data, error: None }))
    }

    pub fn failure(self, error: Error) -> Response {
        self.failure_with(error, ())
    }

    /// A failure with its own HTTP status, for the few answers of the counter's family of which old clients read nothing
    /// else.
    pub fn honest_failure(self, error: Error) -> Response {
        let told = Told::of(error);
        let number = if self == Family::Table { told.status } else { 0 };
        told.answer(told.status, number, ())
    }

    /// A failure that carries something to go on with, such as the present cart.
    pub fn failure_with<T: Serialize>(self, error: Error, data: T) -> Response {
        let told = Told::of(error);
        let status = told.status;
        let (http, number) = match self {
            Family::Counter if status != 401 && status != 413 && status != 429 && status < 500 => (200, 0),
            Family::Counter => (status, 0),
            Family::Table => (status, status),
        };
        told.answer(http, number, data)
    }
}

/// What is said of an error.
struct Told {
    status: u16,
    code: &'static str,
    chinese: String,
    english: String,
}

impl Told {
    fn of(error: Error) -> Told {
        let english = match &error {
            Error::Refused(refusal) => refusal.english(),
            Error::Internal(_) => "Something went wrong, please ask the staff".to_owned(),
        };
        let (status, code, chinese) = explain(error);
        Told { status, code, chinese, english }
    }

    fn answer<T: Serialize>(&self, http: u16, number: u16, data: T) -> Response {
        let http = StatusCode::from_u16(http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let envelope = |msg| encode(&Envelope { code: number, msg: Some(msg), data: &data, error: Some(self.code) });
        let mut response = json(http, envelope(&self.chinese));
        response.extensions_mut().insert(English(envelope(&self.english)));
        response
    }
}

/// A failure's envelope in English, kept beside the Chinese one until it is known who asks.
#[derive(Clone)]
struct English(Bytes);

/// Whether a page asks for English, with `Accept-Language: en` alone: whatever else browsers send there, old clients read
/// Chinese.
pub fn is_wanted_in_english(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT_LANGUAGE).is_some_and(|wanted| wanted == "en")
}

/// A failure's sentence in the language that is asked for.
pub fn in_language(mut response: Response, english: bool) -> Response {
    let Some(English(body)) = response.extensions_mut().remove::<English>() else { return response };
    if english {
        *response.body_mut() = body.into();
    }
    response
}

/// HTTP status, stable code and sentence. Internal errors are logged here, once, and never shown.
pub fn explain(error: Error) -> (u16, &'static str, String) {
    match error {
        Error::Refused(refusal) => (refusal.status(), refusal.code(), refusal.to_string()),
        Error::Internal(cause) => {
            tracing::error!("internal error: {cause:?}");
            (500, "INTERNAL", "系统出错了，请联系店员".to_owned())
        }
    }
}

/// For streams and sockets, where the handshake is refused before anything is sent.
impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Response {
        Family::Table.failure(refusal.into())
    }
}
