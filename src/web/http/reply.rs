//! Answers: the two families' envelopes, and the one place where an error becomes HTTP.

use crate::error::{Error, Refusal};
use crate::web::sentence::{self, Sentence};
use bytes::Bytes;
use hyper::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
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

/// HTTP status, stable code and sentence of an error.
pub struct Told {
    pub status: u16,
    pub code: &'static str,
    pub sentence: Sentence,
}

impl Told {
    /// Internal errors are logged here, once, and never shown.
    pub fn of(error: Error) -> Told {
        let sentence = sentence::of_error(&error);
        let (status, code) = match error {
            Error::Refused(refusal) => (status(&refusal), refusal.code()),
            Error::Internal(cause) => {
                tracing::error!("internal error: {cause:?}");
                (500, "INTERNAL")
            }
        };
        Told { status, code, sentence }
    }

    fn answer<T: Serialize>(&self, http: u16, number: u16, data: T) -> Response {
        let http = StatusCode::from_u16(http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let envelope = |msg| encode(&Envelope { code: number, msg: Some(msg), data: &data, error: Some(self.code) });
        let mut response = json(http, envelope(&self.sentence.chinese));
        response.extensions_mut().insert(English(envelope(&self.sentence.english)));
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

/// A failure's sentence in the language that is asked for; of English it says that it is.
pub fn in_language(mut response: Response, english: bool) -> Response {
    let Some(English(body)) = response.extensions_mut().remove::<English>() else { return response };
    if english {
        *response.body_mut() = body.into();
        set(&mut response, CONTENT_LANGUAGE, HeaderValue::from_static("en"));
    }
    response
}

/// What HTTP calls a refusal.
fn status(refusal: &Refusal) -> u16 {
    use Refusal::*;
    match refusal {
        BadRequest(..) | UnknownFrame(..) | BadPerson(..) | BadMenu(..) | BadNotice(..) | BadLength(..) | Malformed
        | SameTable | BadHeads | BadQuantity | BadOption(..) | ChoiceMissing(..) | ChoiceTwice(..) | RemarkTooLong
        | ProviderUnknown | PayerCodeUnknown | BadLogin | WrongPassword | WeakPassword | WeakPin | BadTopup(..) => 400,
        Unauthorized | StaffOnly | SeatingClosed | BadSignature | StaleCallback | MemberLinkOver => 401,
        Forbidden | AwaitingApproval(..) | NotAdmitted | NotAllowed | NotYourCard => 403,
        RequestNotFound | NotFound | TableNotFound | NoSuchTable | CuisineNotFound | LineNotFound
        | CategoryNotFound | OrderNotFound | AdjustmentNotFound | BillNotFound | AlertNotFound | ReviewNotFound
        | StaffNotFound | MemberNotFound => 404,
        MethodNotAllowed => 405,
        SitsElsewhere(..) | TableFree(..) | TableTaken(..) | NumberTaken(..) | TableOwes(..) | MergedQuantity(..)
        | MergedLines | MergedRemark(..) | AmbiguousLine | ChoicesChanged(..) | CartFull | CartEmpty | CartChanged
        | SoldOut(..) | NotEnough(..) | NotNow(..) | NameTaken(..) | NamesChange(..) | MenuRule(..) | OpIdReused
        | ShopClosed | OrderState(..) | DiscountedBefore(..) | AmountChanged(..) | DiscountTooLarge(..)
        | BadSplit(..) | PaymentRefused | PayerFailed | WrongAmount(..) | RefundTooLarge(..) | ReviewResolved
        | PinNeedsLogin | UsernameTaken(..) | LastOwner | NotYourself | DayClosed(..) | BackupRunning
        | ClockImpossible | BackupFailed(..) | PhoneTaken(..) | MemberDisabled | MemberCode(..) | BalanceTooLow(..)
        | CardHolds(..) | NoUsesLeft(..) => 409,
        PictureTooLarge | TooLarge => 413,
        NotAPicture | PhonePicture(..) | HalfAPicture => 415,
        LoginLocked(..) => 423,
        RateLimited | TooManyConnections => 429,
        Undecipherable => 500,
        PaymentUnconfirmed | ProviderSilent | Busy | StorageDown => 503,
    }
}

/// For streams and sockets, where the handshake is refused before anything is sent.
impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Response {
        Family::Table.failure(refusal.into())
    }
}
