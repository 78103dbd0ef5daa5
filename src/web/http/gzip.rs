//! What many phones fetch over the restaurant's Wi-Fi, compressed once. Only this file decides who gets it so.

use super::reply::set;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::HeaderMap;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue, VARY};
use std::io::Write;
use std::sync::{Arc, OnceLock};
use warp::reply::Response;

/// Text that is sent often: as it is, and compressed from the first time on that somebody takes it so.
#[derive(Clone)]
pub struct Text {
    plain: Bytes,
    packed: Arc<OnceLock<Bytes>>,
}

impl Text {
    pub fn new(plain: impl Into<Bytes>) -> Text {
        Text { plain: plain.into(), packed: Arc::default() }
    }

    pub fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// The smaller form that this client understands, for `dress` to announce.
    pub fn for_client(&self, headers: &HeaderMap) -> (Bytes, bool) {
        if !accepts(headers) {
            return (self.plain.clone(), false);
        }
        let packed = self.packed.get_or_init(|| pack(&self.plain)).clone();
        match packed.len() < self.plain.len() {
            true => (packed, true),
            false => (self.plain.clone(), false),
        }
    }
}

/// Says which form the body has; caches in between must not give it to a client that asks for the other.
pub fn set_form(response: &mut Response, packed: bool) {
    set(response, VARY, HeaderValue::from_static("accept-encoding"));
    if packed {
        set(response, CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
}

fn pack(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 3), Compression::best());
    encoder.write_all(plain).expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail").into()
}

/// Whether `Accept-Encoding` names gzip, or everything, and does not refuse it with a weight of nothing.
fn accepts(headers: &HeaderMap) -> bool {
    let weight_of = |wanted: &str| {
        let named = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        named.flat_map(|value| value.split(',')).find_map(|one| {
            let mut parts = one.split(';').map(str::trim);
            parts.next().filter(|name| name.eq_ignore_ascii_case(wanted))?;
            let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
            Some(weight.is_none_or(|weight| weight.bytes().any(|digit| matches!(digit, b'1'..=b'9'))))
        })
    };
    weight_of("gzip").or_else(|| weight_of("*")).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_says_whether_it_takes_gzip() {
        let table = [
            ("gzip, deflate, br, zstd", true),
            ("GZIP", true),
            ("br;q=1.0, gzip;q=0.8, *;q=0.1", true),
            ("*", true),
            ("gzip; q=0.001", true),
            ("", false),
            ("br", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("gzip; q=0.000, *", false),
            ("*;q=0", false),
            ("x-gzipped", false),
        ];
        for (header, taken) in table {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(header));
            assert_eq!(accepts(&headers), taken, "{header}");
        }
        assert!(!accepts(&HeaderMap::new()));
    }

    #[test]
    fn what_does_not_get_smaller_is_sent_as_it_is() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(Text::new("short").for_client(&headers), (Bytes::from_static(b"short"), false));
        let long = "宫保鸡丁".repeat(100);
        let (body, packed) = Text::new(long.clone()).for_client(&headers);
        assert!(packed && body.len() < 100, "{} bytes", body.len());
        let mut read = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&body[..]), &mut read).unwrap();
        assert_eq!(read, long);
    }
}
