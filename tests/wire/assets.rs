//! What browsers fetch: compressed where they take it so, kept for ever where the address says which version it is.

use crate::support::Daemon;
use reqwest::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use std::io::Read;

/// What came, and whether it came compressed.
async fn fetch(url: &str, encodings: &str) -> (reqwest::header::HeaderMap, Vec<u8>) {
    let answer = reqwest::Client::new().get(url).header(ACCEPT_ENCODING, encodings).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    (answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
}

fn unpack(packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut plain).unwrap();
    plain
}

#[tokio::test]
async fn the_menu_is_sent_compressed_too_and_not_again_to_who_has_it() {
    let daemon = Daemon::demo(&[]);
    let client = reqwest::Client::new();
    let joined = client.get(format!("{}/t/{}", daemon.lan, daemon.table_code(0))).send().await.unwrap();
    let cookie = joined.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let url = format!("{}/api/store/menu", daemon.lan);
    let ask = async |encodings: &str, known: &str| {
        let request = client.get(&url).header("cookie", &cookie).header(ACCEPT_ENCODING, encodings);
        let answer = request.header(IF_NONE_MATCH, known).send().await.unwrap();
        (answer.status().as_u16(), answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
    };
    let (_, _, plain) = ask("identity", "x").await;
    let (status, headers, packed) = ask("gzip", "x").await;
    assert_eq!(
        (status, &headers[CONTENT_ENCODING], &headers[VARY]),
        (200, &"gzip".parse().unwrap(), &"accept-encoding".parse().unwrap())
    );
    assert_eq!(unpack(&packed), plain);
    let etag = headers[ETAG].to_str().unwrap().to_owned();
    let (status, headers, body) = ask("gzip", &etag).await;
    assert_eq!((status, body.len(), headers.contains_key(CONTENT_ENCODING)), (304, 0, false));
}

#[tokio::test]
async fn pages_and_what_they_are_made_of_are_sent_compressed_to_those_who_take_it() {
    let daemon = Daemon::demo(&[]);
    let page = format!("{}/counter", daemon.lan);
    let html = String::from_utf8(fetch(&page, "identity").await.1).unwrap();
    let assets: Vec<&str> = html.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(assets.len() > 10, "{assets:?}");
    let mut sums = (0, 0);
    for path in assets.iter().copied().chain(["/counter"]) {
        let url = format!("{}{path}", daemon.lan);
        let (plain_headers, plain) = fetch(&url, "identity").await;
        let (packed_headers, packed) = fetch(&url, "gzip, deflate, br").await;
        for headers in [&plain_headers, &packed_headers] {
            assert_eq!(headers[VARY], "accept-encoding", "{path}");
            assert_eq!(headers[CONTENT_TYPE], plain_headers[CONTENT_TYPE], "{path}");
            let forever = headers[CACHE_CONTROL] == "public, max-age=31536000, immutable";
            assert_eq!(forever, path.starts_with("/assets/"), "{path}");
        }
        assert!(!plain_headers.contains_key(CONTENT_ENCODING), "{path}");
        sums = (sums.0 + plain.len(), sums.1 + packed.len());
        if packed_headers.contains_key(CONTENT_ENCODING) {
            assert_eq!(packed_headers[CONTENT_ENCODING], "gzip", "{path}");
            assert_eq!(packed_headers[CONTENT_LENGTH], packed.len().to_string(), "{path}");
            assert_eq!(unpack(&packed), plain, "{path}");
        } else {
            assert_eq!(packed, plain, "{path} does not get smaller");
            assert!(plain.len() < 500, "{path}: {} bytes are sent as they are", plain.len());
        }
    }
    assert!(sums.1 * 2 < sums.0, "{} bytes became {}", sums.0, sums.1);
}

#[tokio::test]
async fn the_phones_modules_come_in_two_scripts() {
    let daemon = Daemon::demo(&[]);
    let html = reqwest::get(format!("{}/t/{}", daemon.lan, daemon.table_code(0))).await.unwrap().text().await.unwrap();
    let scripts: Vec<&str> = html.split('"').filter(|part| part.ends_with(".js")).collect();
    let [entry] = scripts[..] else { panic!("{scripts:?}") };
    let text = String::from_utf8(fetch(&format!("{}{entry}", daemon.lan), "identity").await.1).unwrap();
    assert!(!text.lines().any(|line| line.starts_with("import ")), "the first needs no other");
    let later = entry.replace("phone.js", "phone/sheets.js");
    let text = String::from_utf8(fetch(&format!("{}{later}", daemon.lan), "identity").await.1).unwrap();
    let imports: Vec<&str> = text.lines().filter(|line| line.starts_with("import ")).collect();
    assert!(matches!(imports[..], [one] if one.ends_with(" from \"../phone.js\";")), "{imports:?}");
}
