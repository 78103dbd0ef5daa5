//! Who is speaking: signed tokens for diners and staff, and where a request may carry them (docs/protocol.md §0.5 and
//! §1.5).

use crate::error::Refusal;
use crate::member::Member;
use crate::seating::Diner;
use crate::staff::Role;
use crate::units::{DinerId, MemberId, SeatingId, StaffId, TableId, Timestamp};
use headers::authorization::{Authorization, Bearer};
use headers::{HeaderMapExt, Host, Origin};
use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, COOKIE};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A party's tokens outlive the longest meal; the seating's end ends them earlier.
pub const DINER_SECONDS: i64 = 12 * 3600;
/// One shift.
pub const STAFF_SECONDS: i64 = 12 * 3600;
/// Half a year; a page that is still used gets a new one before.
pub const MEMBER_SECONDS: i64 = 180 * 24 * 3600;
pub const MEMBER_COOKIE: &str = "tablebell_member";
pub const DINER_COOKIE: &str = "tablebell_diner";
pub const STAFF_COOKIE: &str = "tablebell_staff";
/// Where sky-take-out's admin web keeps its token, which its socket brings along.
pub const OLD_WEB_COOKIE: &str = "token";

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "lowercase")]
enum Claims {
    Table {
        sub: i64,
        table: i64,
        seating: i64,
        exp: i64,
    },
    /// `since`: when it was given out, in milliseconds; tokens of earlier versions did not say.
    Staff {
        sub: i64,
        #[serde(default)]
        since: i64,
        exp: i64,
    },
    /// `link`: which of the member's links this is.
    Member {
        sub: i64,
        link: i64,
        exp: i64,
    },
}

impl Claims {
    fn diner(self) -> Option<Diner> {
        match self {
            Claims::Table { sub, table, seating, .. } => {
                Some(Diner { id: DinerId(sub), table: TableId(table), seating: SeatingId(seating) })
            }
            Claims::Staff { .. } | Claims::Member { .. } => None,
        }
    }
}

/// A signed-in member of staff, as the database has them now.
#[derive(Debug, Clone)]
pub struct StaffToken {
    pub id: StaffId,
    pub username: String,
    pub role: Role,
    pub pass: Pass,
}

/// What the token of a member of staff says; the rest is read whenever it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    pub id: StaffId,
    pub since: Timestamp,
    /// Also of what it opened: a socket is looked at now and then.
    pub expires: Timestamp,
}

/// A member, as the token says; whether the link is still good is for the caller to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberToken {
    pub id: MemberId,
    pub link: i64,
    pub expires: Timestamp,
}

pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    /// Without a look at the clock.
    timeless: Validation,
}

impl Tokens {
    pub fn new(key: &str) -> Tokens {
        Tokens {
            encoding: EncodingKey::from_secret(key.as_bytes()),
            decoding: DecodingKey::from_secret(key.as_bytes()),
            validation: Validation { leeway: 0, ..Validation::default() },
            timeless: Validation { validate_exp: false, ..Validation::default() },
        }
    }

    fn sign(&self, claims: &Claims) -> String {
        jsonwebtoken::encode(&Header::default(), claims, &self.encoding)
            .expect("claims are plain JSON and the key is symmetric")
    }

    /// The token and when it expires.
    pub fn for_diner(&self, diner: Diner, now: Timestamp) -> (String, Timestamp) {
        let expires = now.plus_seconds(DINER_SECONDS);
        let claims =
            Claims::Table { sub: diner.id.0, table: diner.table.0, seating: diner.seating.0, exp: expires.0 / 1000 };
        (self.sign(&claims), expires)
    }

    pub fn for_staff(&self, id: StaffId, now: Timestamp) -> String {
        self.sign(&Claims::Staff { sub: id.0, since: now.0, exp: now.plus_seconds(STAFF_SECONDS).0 / 1000 })
    }

    /// The token and when it expires.
    pub fn for_member(&self, member: &Member, now: Timestamp) -> (String, Timestamp) {
        let expires = now.plus_seconds(MEMBER_SECONDS);
        (self.sign(&Claims::Member { sub: member.id.0, link: member.link, exp: expires.0 / 1000 }), expires)
    }

    fn verify(&self, token: &str) -> Option<Claims> {
        self.verify_by(&self.validation, token)
    }

    fn verify_by(&self, validation: &Validation, token: &str) -> Option<Claims> {
        jsonwebtoken::decode(token, &self.decoding, validation).ok().map(|data| data.claims)
    }

    /// The diner who holds this token; whether the seating is still open is for the caller to see.
    pub fn diner(&self, token: &str) -> Option<Diner> {
        self.verify(token)?.diner()
    }

    /// The same, also when its time is over: a clock that jumps ends no party. It proves whose phone this is to whoever
    /// gives out a new token, and opens nothing by itself.
    pub fn former_diner(&self, token: &str) -> Option<Diner> {
        self.verify_by(&self.timeless, token)?.diner()
    }

    /// Whether it still counts is for the caller to see.
    pub fn staff(&self, token: &str) -> Option<Pass> {
        match self.verify(token)? {
            Claims::Staff { sub, since, exp } => {
                Some(Pass { id: StaffId(sub), since: Timestamp(since), expires: Timestamp(exp * 1000) })
            }
            Claims::Table { .. } | Claims::Member { .. } => None,
        }
    }

    pub fn member(&self, token: &str) -> Option<MemberToken> {
        match self.verify(token)? {
            Claims::Member { sub, link, exp } => {
                Some(MemberToken { id: MemberId(sub), link, expires: Timestamp(exp * 1000) })
            }
            Claims::Table { .. } | Claims::Staff { .. } => None,
        }
    }
}

/// The token a request carries: in a header, in the query (EventSource, WebSocket and mini-programs can't all set
/// headers), or in our cookie.
///
/// # Errors
/// `NotAllowed` when a cookie came with a page of another origin: a cookie proves the browser, not the page.
pub fn find_token(headers: &HeaderMap, query: &str, cookie: &str) -> Result<Option<String>, Refusal> {
    if let Some(bearer) = headers.typed_get::<Authorization<Bearer>>() {
        return Ok(Some(bearer.token().to_owned()));
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(token) = header("token").or_else(|| header("authentication")) {
        return Ok(Some(token.to_owned()));
    }
    if let Some(token) = query_value(query, "token") {
        return Ok(Some(token));
    }
    let Some(token) = cookie_value(headers, cookie) else { return Ok(None) };
    match same_origin(headers) {
        true => Ok(Some(token.to_owned())),
        false => Err(Refusal::NotAllowed),
    }
}

/// A member's token beside a diner's own, which has the usual places: in the header `member`, or in our cookie.
///
/// # Errors
/// `NotAllowed` as above.
pub fn find_member_token(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    if let Some(token) = headers.get("member").and_then(|value| value.to_str().ok()) {
        return Ok(Some(token.to_owned()));
    }
    match cookie_value(headers, MEMBER_COOKIE) {
        Some(_) if !same_origin(headers) => Err(Refusal::NotAllowed),
        token => Ok(token.map(str::to_owned)),
    }
}

fn query_value(query: &str, wanted: &str) -> Option<String> {
    if query.is_empty() {
        return None;
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    pairs.into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
}

/// Not `headers::Cookie`, to which a quote in any site's cookie begins a string: browsers know no such strings, and an odd
/// quote would hide ours.
fn cookie_value<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

/// Whether the browser has this cookie.
pub fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    cookie_value(headers, name).is_some()
}

/// Of the page that asks, if one does. An origin that can't be read is nobody's.
fn origin(headers: &HeaderMap) -> Option<Origin> {
    headers.typed_try_get().unwrap_or(Some(Origin::NULL))
}

/// Browsers send `Origin` with every write and every WebSocket; other clients send none. Some old browsers left it out
/// with a form, which is all that a foreign page could make them send.
fn same_origin(headers: &HeaderMap) -> bool {
    match (origin(headers), headers.typed_get::<Host>()) {
        (None, _) => !is_form(headers),
        (Some(page), Some(host)) if !page.is_null() => (page.hostname(), page.port()) == (host.hostname(), host.port()),
        (Some(_), _) => false,
    }
}

/// As it was sent: what a parser refuses, a browser may send all the same.
fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A content type that a page may send anywhere without asking first.
fn is_form(headers: &HeaderMap) -> bool {
    let kind = content_type(headers).to_ascii_lowercase();
    ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"].iter().any(|form| kind.starts_with(form))
}

/// Whether this may be a foreign page's form, which would log somebody in as somebody else.
pub fn is_foreign_form(headers: &HeaderMap) -> bool {
    let json = content_type(headers).starts_with("application/json");
    !json && origin(headers).is_some() && !same_origin(headers)
}

/// Whether a page asks that was loaded from this PC itself, or no page at all. The name counts, not the address: a
/// foreign name can be made to lead here.
pub fn is_page_of_this_pc(headers: &HeaderMap) -> bool {
    let Some(page) = origin(headers) else { return true };
    let host = page.hostname().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `Set-Cookie` for a token; scripts can't read it and other sites can't send it.
pub fn cookie(name: &str, token: &str, seconds: i64) -> String {
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn ann() -> Diner {
        Diner { id: DinerId(7), table: TableId(1), seating: SeatingId(3) }
    }

    #[test]
    fn a_token_speaks_for_its_holder_until_it_expires() {
        let tokens = Tokens::new("key");
        let (token, _) = tokens.for_diner(ann(), Timestamp::now());
        assert_eq!(tokens.diner(&token), Some(ann()));
        assert!(tokens.staff(&token).is_none(), "a diner is not staff");
        assert!(Tokens::new("other").diner(&token).is_none(), "signed by another shop");
        let (old, _) = tokens.for_diner(ann(), Timestamp::now().plus_seconds(-DINER_SECONDS - 1));
        assert!(tokens.diner(&old).is_none(), "expired");
        assert_eq!(tokens.former_diner(&old), Some(ann()), "but genuine");
        assert!(Tokens::new("other").former_diner(&old).is_none(), "signed by another shop");
        let now = Timestamp(1_900_000_000_000);
        let pass = tokens.staff(&tokens.for_staff(StaffId(2), now)).unwrap();
        assert_eq!((pass.since, pass.expires), (now, now.plus_seconds(STAFF_SECONDS)), "sockets end with it");
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
        assert!(tokens.diner(&unsigned).is_none(), "alg none");
    }

    #[test]
    fn tokens_are_found_where_old_and_new_clients_put_them() {
        for (given, query) in [
            (headers(&[("authorization", "Bearer T")]), ""),
            (headers(&[("authorization", "bearer T")]), ""),
            (headers(&[("authorization", "Basic T"), ("token", "T")]), ""),
            (headers(&[("token", "T")]), ""),
            (headers(&[("authentication", "T")]), "x=1"),
            (headers(&[]), "a=b&token=T"),
            (headers(&[("cookie", "other=1; tablebell_diner=T")]), ""),
            (headers(&[("cookie", "size=5\"; tablebell_diner=T")]), ""),
        ] {
            assert_eq!(find_token(&given, query, DINER_COOKIE).unwrap().as_deref(), Some("T"), "{given:?} {query}");
        }
        assert_eq!(find_token(&headers(&[]), "", DINER_COOKIE).unwrap(), None);
    }

    #[test]
    fn a_cookie_sent_by_a_foreign_page_is_refused() {
        let page = |origin| headers(&[("cookie", "tablebell_diner=T"), ("host", "10.0.0.2:8080"), ("origin", origin)]);
        assert!(find_token(&page("http://10.0.0.2:8080"), "", DINER_COOKIE).unwrap().is_some());
        assert!(find_token(&page("http://evil.example"), "", DINER_COOKIE).is_err());
        for foreign in ["null", "", "10.0.0.2:8080", "http://", "http://10.0.0.2", "http://10.0.0.2:8080/t"] {
            assert!(find_token(&page(foreign), "", DINER_COOKIE).is_err(), "{foreign:?}");
        }
        let nameless = headers(&[("cookie", "tablebell_diner=T"), ("host", ":"), ("origin", "null")]);
        assert!(find_token(&nameless, "", DINER_COOKIE).is_err());
        let form = |kind| headers(&[("cookie", "tablebell_diner=T"), ("host", "a"), ("content-type", kind)]);
        assert!(find_token(&form("application/json"), "", DINER_COOKIE).unwrap().is_some());
        for kind in ["text/plain;charset=UTF-8", "Application/X-WWW-form-urlencoded", "multipart/form-data; boundary=x"]
        {
            assert!(find_token(&form(kind), "", DINER_COOKIE).is_err(), "{kind}, and no word of where it comes from");
        }
    }

    #[test]
    fn a_page_of_this_pc_has_its_name() {
        let from = |origin| is_page_of_this_pc(&headers(&[("origin", origin), ("host", "evil.example")]));
        for own in ["http://localhost", "http://localhost:8888", "http://127.0.0.1", "http://[::1]:80"] {
            assert!(from(own), "{own}");
        }
        for foreign in [
            "http://evil.example",
            "null",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://10.0.0.2",
            "http://localhost@evil.example",
            "http://[::2]",
            "localhost",
            "",
        ] {
            assert!(!from(foreign), "{foreign}");
        }
        assert!(is_page_of_this_pc(&headers(&[])), "no page");
    }
}
