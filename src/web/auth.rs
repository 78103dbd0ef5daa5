//! Who is speaking: signed tokens for diners and staff, and where a request may carry them (wire.md §1.5).

use crate::error::Refusal;
use crate::seating::Diner;
use crate::staff::{Role, Staff};
use crate::units::{DinerId, SeatingId, StaffId, TableId, Timestamp};
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// A party's tokens outlive the longest meal; the seating's end ends them earlier.
pub const DINER_SECONDS: i64 = 12 * 3600;
/// One shift.
pub const STAFF_SECONDS: i64 = 12 * 3600;
pub const DINER_COOKIE: &str = "tablebell_diner";
pub const STAFF_COOKIE: &str = "tablebell_staff";

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "lowercase")]
enum Claims {
    Table { sub: i64, table: i64, seating: i64, exp: i64 },
    Staff { sub: i64, name: String, role: Role, exp: i64 },
}

/// A signed-in member of staff, as the token says.
#[derive(Debug, Clone)]
pub struct StaffToken {
    pub id: StaffId,
    pub username: String,
    pub role: Role,
}

pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Tokens {
    pub fn new(key: &str) -> Tokens {
        Tokens {
            encoding: EncodingKey::from_secret(key.as_bytes()),
            decoding: DecodingKey::from_secret(key.as_bytes()),
            validation: Validation { leeway: 0, ..Validation::default() },
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

    pub fn for_staff(&self, staff: &Staff, now: Timestamp) -> String {
        self.sign(&Claims::Staff {
            sub: staff.id.0,
            name: staff.username.clone(),
            role: staff.role,
            exp: now.plus_seconds(STAFF_SECONDS).0 / 1000,
        })
    }

    fn verify(&self, token: &str) -> Option<Claims> {
        jsonwebtoken::decode(token, &self.decoding, &self.validation).ok().map(|data| data.claims)
    }

    /// The diner who holds this token; whether the seating is still open is for the caller to see.
    pub fn diner(&self, token: &str) -> Option<Diner> {
        match self.verify(token)? {
            Claims::Table { sub, table, seating, .. } => {
                Some(Diner { id: DinerId(sub), table: TableId(table), seating: SeatingId(seating) })
            }
            Claims::Staff { .. } => None,
        }
    }

    pub fn staff(&self, token: &str) -> Option<StaffToken> {
        match self.verify(token)? {
            Claims::Staff { sub, name, role, .. } => Some(StaffToken { id: StaffId(sub), username: name, role }),
            Claims::Table { .. } => None,
        }
    }
}

/// The token a request carries: in a header, in the query (EventSource, WebSocket and mini-programs can't all set
/// headers), or in our cookie.
///
/// # Errors
/// `NotAllowed` when a cookie came with a page of another origin: a cookie proves the browser, not the page.
pub fn find_token(headers: &HeaderMap, query: &str, cookie: &str) -> Result<Option<String>, Refusal> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if let Some(token) = bearer.or_else(|| header("token")).or_else(|| header("authentication")) {
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

fn query_value(query: &str, wanted: &str) -> Option<String> {
    if query.is_empty() {
        return None;
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    pairs.into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
}

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

/// Browsers send `Origin` with every write and every WebSocket; other clients send none.
fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let text = |value: &hyper::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let host = headers.get(HOST).map(text).unwrap_or_default();
    text(origin).split_once("://").is_some_and(|(_, site)| site == host)
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
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
        assert!(tokens.diner(&unsigned).is_none(), "alg none");
    }

    #[test]
    fn tokens_are_found_where_old_and_new_clients_put_them() {
        for (given, query) in [
            (headers(&[("authorization", "Bearer T")]), ""),
            (headers(&[("token", "T")]), ""),
            (headers(&[("authentication", "T")]), "x=1"),
            (headers(&[]), "a=b&token=T"),
            (headers(&[("cookie", "other=1; tablebell_diner=T")]), ""),
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
        assert!(find_token(&page("null"), "", DINER_COOKIE).is_err());
    }
}
