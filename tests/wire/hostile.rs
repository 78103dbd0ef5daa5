//! Clients that are no browsers: raw bytes, half requests, slow senders, junk on sockets.

use crate::support::{self, Daemon, PATIENCE, Phone};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

async fn dial(lan: &str) -> TcpStream {
    TcpStream::connect(lan.strip_prefix("http://").unwrap()).await.unwrap()
}

/// Everything that comes until the daemon closes, and how long that took.
pub async fn read_all(stream: &mut TcpStream, patience: Duration) -> (Vec<u8>, Duration) {
    let begun = Instant::now();
    let mut bytes = Vec::new();
    // A reset ends the connection as well as a proper close does.
    let ended = tokio::time::timeout(patience, stream.read_to_end(&mut bytes)).await;
    assert!(ended.is_ok(), "still open after {patience:?}: {}", String::from_utf8_lossy(&bytes));
    (bytes, begun.elapsed())
}

pub fn status_of(answer: &[u8]) -> Option<u16> {
    String::from_utf8_lossy(answer).strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

/// One raw request on a connection of its own.
pub async fn raw(lan: &str, request: &[u8]) -> (Option<u16>, String) {
    let mut stream = dial(lan).await;
    let _ = stream.write_all(request).await;
    let (answer, _) = read_all(&mut stream, Duration::from_secs(15)).await;
    (status_of(&answer), String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn a_path_never_leads_out_of_the_assets() {
    let daemon = Daemon::demo(&[]);
    let page = reqwest::get(format!("{}/counter", daemon.lan)).await.unwrap().text().await.unwrap();
    let asset = page.split('"').find(|part| part.starts_with("/assets/")).unwrap().to_owned();
    let hash = asset.split('/').nth(2).unwrap();
    let get = async |path: &str| {
        raw(&daemon.lan, format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await
    };
    assert_eq!(get(&asset).await.0, Some(200), "{asset}");
    for path in [
        format!("/assets/{hash}/../counter.html"),
        format!("/assets/{hash}/css/../../src/main.rs"),
        format!("/assets/{hash}/../../../../../../etc/passwd"),
        format!("/assets/{hash}/%2e%2e/%2e%2e/etc/passwd"),
        format!("/assets/{hash}/..%2f..%2fetc%2fpasswd"),
        format!("/assets/{hash}/..\\..\\etc\\passwd"),
        format!("/assets/{hash}//etc/passwd"),
        format!("/assets/{hash}/js/%00"),
        format!("/assets/{hash}/"),
        format!("/assets/{hash}"),
        format!("/assets/{hash}/counter.html"),
        format!("/assets/{hash}/sample-menu.json"),
        "/assets/".to_owned(),
        "/assets/../../etc/passwd".to_owned(),
        "/../../etc/passwd".to_owned(),
        "//etc/passwd".to_owned(),
        "/pictures/../../etc/passwd".to_owned(),
        "/pictures/%2e%2e/%2e%2e/etc/passwd".to_owned(),
        "/pictures/..%2f..%2fetc%2fpasswd/512.jpg".to_owned(),
        "/pictures/etc/passwd".to_owned(),
        "/t/../counter".to_owned(),
    ] {
        let (status, text) = get(&path).await;
        assert_eq!(status, Some(404), "{path}: {text}");
        assert!(!text.contains("root:"), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_refused_or_closed() {
    let daemon = Daemon::demo(&[]);
    let long = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(64 * 1024));
    let many = format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(100));
    let path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "y".repeat(128 * 1024));
    for request in [
        "HELLO\r\n\r\n",
        "\r\n\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}",
        "POST /api/store/session HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        "POST /api/store/session HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        "POST /api/store/session HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        "POST /api/store/session HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\nxx",
        long.as_str(),
        many.as_str(),
        path.as_str(),
    ] {
        let (status, text) = raw(&daemon.lan, request.as_bytes()).await;
        let start: String = request.chars().take(40).collect();
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{start:?}: {text}");
    }
    assert!(daemon.saves().await);
}

/// Sends `head`, then `drip` every half second, until the daemon has had enough.
async fn slow(lan: &str, head: &str, drip: &str) -> (Option<u16>, Duration) {
    let begun = Instant::now();
    let mut stream = dial(lan).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut chunk = [0; 1024];
    while begun.elapsed() < Duration::from_secs(20) {
        match tokio::time::timeout(Duration::from_millis(500), stream.read(&mut chunk)).await {
            Ok(Ok(0) | Err(_)) => return (status_of(&answer), begun.elapsed()),
            Ok(Ok(count)) => answer.extend_from_slice(&chunk[..count]),
            Err(_) if answer.is_empty() => drop(stream.write_all(drip.as_bytes()).await),
            Err(_) => {}
        }
    }
    panic!("after 20 s still open to {head:?}");
}

#[tokio::test]
async fn half_requests_and_slow_senders_are_let_go() {
    let daemon = Daemon::demo(&[]);
    let post = "POST /api/store/session HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n";
    let chunked = "POST /api/store/session HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    // A head is waited for 5 s and a body 10 s: whoever took the one for the other would be later than this.
    let (head, body) = (9, 20);
    let cases = [
        ("nothing at all", "", "", head),
        ("half a request line", "GET /heal", "", head),
        ("half a header", "GET / HTTP/1.1\r\nhost: x\r\nx: ", "", head),
        ("a header that goes on and on", "GET / HTTP/1.1\r\nhost: x\r\nx: ", "y", head),
        ("no body", post, "", body),
        ("a body byte by byte", post, "x", body),
        ("chunks without end", chunked, "1\r\nx\r\n", body),
    ];
    let listeners = [&daemon.lan, &daemon.tunnel];
    let slow_ones = listeners.iter().flat_map(|listener| cases.iter().map(move |case| (listener, case)));
    let all = slow_ones.map(async |(listener, (name, head, drip, within))| {
        let (status, took) = slow(listener, head, drip).await;
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{name}: {status:?}");
        assert!(took < Duration::from_secs(*within), "{name}: {took:?}");
    });
    let phone = daemon.phone(0).await;
    let others = async {
        for _ in 0..20 {
            let begun = Instant::now();
            phone.add(1017, 1).await;
            // The first of the slow ones is let go after 5 s.
            assert!(begun.elapsed() < Duration::from_secs(4), "others wait for the slow ones");
        }
    };
    tokio::join!(futures_util::future::join_all(all), others);
}

/// A socket whose bytes the test writes itself.
async fn raw_socket(phone: &Phone) -> TcpStream {
    let mut stream = dial(&phone.lan).await;
    let request = format!(
        "GET /ws/cart/{}?token={} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        phone.table, phone.token
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "the example of RFC 6455: {head}");
    stream
}

/// The code of the close frame among a server's (unmasked) frames.
fn close_code(mut bytes: &[u8]) -> Option<u16> {
    while let [first, second, rest @ ..] = bytes {
        let (length, rest) = match (second, rest) {
            (126, [high, low, rest @ ..]) => (usize::from(u16::from_be_bytes([*high, *low])), rest),
            (length, rest) => (usize::from(*length), rest),
        };
        if first & 0x0f == 8 {
            return Some(u16::from_be_bytes([rest[0], rest[1]]));
        }
        bytes = rest.get(length..)?;
    }
    None
}

#[tokio::test]
async fn junk_on_a_socket_closes_that_socket_with_the_code_that_says_why() {
    let daemon = Daemon::demo(&[]);
    let phone = daemon.phone(0).await;
    let mut neighbour = phone.socket().await;
    let long_ping = [b"\x89\xfe\x00\x7e\0\0\0\0".as_slice(), &[b'x'; 126]].concat();
    for (name, bytes, code) in [
        ("an unmasked frame", b"\x81\x02{}".as_slice(), 1002),
        ("an unknown opcode", b"\x83\x80\0\0\0\0", 1002),
        ("an unknown control opcode", b"\x8b\x80\0\0\0\0", 1002),
        ("reserved bits", b"\xf1\x80\0\0\0\0", 1002),
        ("a continuation of nothing", b"\x80\x82\0\0\0\0{}", 1002),
        ("a ping in pieces", b"\x09\x80\0\0\0\0", 1002),
        ("a ping of 126 bytes", &long_ping, 1002),
        ("text that is not UTF-8", b"\x81\x82\0\0\0\0\xc3\x28", 1007),
        ("a length of 8 exabytes", b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1009),
        ("a length of 17 KiB", b"\x81\xfe\x44\x00\0\0\0\0", 1009),
        ("an HTTP request", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", 1002),
    ] {
        let mut stream = raw_socket(&phone).await;
        stream.write_all(bytes).await.unwrap();
        let (answer, _) = read_all(&mut stream, PATIENCE).await;
        assert_eq!(close_code(&answer), Some(code), "{name}");
    }
    let pong = neighbour.ask(serde_json::json!({ "type": "heartbeat" }), "h").await;
    assert_eq!(pong["message"], "pong");
}

#[tokio::test]
async fn a_binary_frame_is_refused_and_the_socket_goes_on() {
    let daemon = Daemon::demo(&[]);
    let phone = daemon.phone(0).await;
    let mut socket = phone.socket().await;
    socket.frame("cart_update").await;
    for bytes in [&b""[..], br#"{"type":"clear_cart"}"#, &[0xff; 1000]] {
        futures_util::SinkExt::send(&mut socket.stream, Message::binary(bytes.to_vec())).await.unwrap();
        assert_eq!(socket.next().await.unwrap()["data"]["error"], "BAD_REQUEST");
    }
    let pong = socket.ask(serde_json::json!({ "type": "heartbeat" }), "h").await;
    assert_eq!(pong["message"], "pong");
    assert_eq!(phone.cart().await["version"], 0);
}

#[tokio::test]
async fn a_handshake_that_is_none_is_refused() {
    let daemon = Daemon::demo(&[]);
    let phone = daemon.phone(0).await;
    let good = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for (name, other) in [
        ("connection", "keep-alive"),
        ("connection", ""),
        ("upgrade", "h2c"),
        ("upgrade", ""),
        ("sec-websocket-version", "8"),
        ("sec-websocket-version", ""),
        ("sec-websocket-key", ""),
    ] {
        let headers = good.iter().map(|(known, value)| (*known, if *known == name { other } else { *value }));
        let lines: String = headers
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let path = format!("/ws/cart/1?token={}", phone.token);
        let mut stream = dial(&daemon.lan).await;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n{lines}\r\n").as_bytes()).await.unwrap();
        let mut answer = [0; 2048];
        let count = tokio::time::timeout(PATIENCE, stream.read(&mut answer)).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&answer[..count]);
        assert_eq!(status_of(&answer[..count]), Some(400), "{name}: {other}: {text}");
        assert!(text.contains("BAD_REQUEST"), "{text}");
    }
}

#[tokio::test]
async fn nobody_without_a_token_fills_the_log() {
    let daemon = Daemon::demo(&[]);
    let http = reqwest::Client::new();
    for number in 0..400 {
        let url = format!("{}/pay/notify/demo", daemon.tunnel);
        let answer = support::answer(http.post(url).body(format!("x{number}"))).await;
        assert!(answer.status.is_client_error(), "{}", answer.body);
    }
    let log = daemon.log();
    let lines = log.lines().filter(|line| line.contains("was refused")).count();
    assert!((1..60).contains(&lines), "{lines} lines of 400 callbacks:\n{log}");
}

#[tokio::test]
async fn what_is_no_path_is_answered_and_not_written_down() {
    let daemon = Daemon::demo(&[]);
    let before = daemon.log();
    for (target, wanted) in [
        ("CONNECT a:1", [404, 404]),
        ("CONNECT [::1]:80", [404, 404]),
        ("GET a:1", [404, 404]),
        ("POST a:1", [404, 404]),
        ("OPTIONS *", [404, 404]),
        ("GET *", [404, 404]),
        ("GET http://a:1", [303, 404]),
        ("GET http://a:1/counter", [200, 404]),
        ("GET HTTPS://a/admin/common/upload", [401, 404]),
        ("GET http://u:p@a:1/nowhere", [404, 404]),
        ("GET //", [303, 404]),
        ("GET //counter", [200, 404]),
        ("GET /%", [404, 404]),
        ("GET /%zz", [404, 404]),
        ("GET /%00", [404, 404]),
        ("GET /\u{7f}", [400, 400]),
        ("GET /桌", [404, 404]),
        ("GET ?", [400, 400]),
        ("GET ?x=1", [400, 400]),
        ("GET #", [400, 400]),
        ("GET nowhere", [404, 404]),
        ("GET ", [400, 400]),
        ("GET :1", [404, 404]),
        ("GET http://", [400, 400]),
        ("GET http:///x", [400, 400]),
        ("GET /.", [404, 404]),
        ("GET /..", [404, 404]),
        ("GET /?", [303, 404]),
        ("GET /#x", [303, 404]),
        ("BREW /pot", [404, 404]),
        ("TRACE /healthz", [404, 404]),
    ] {
        for (listener, wanted) in [&daemon.lan, &daemon.tunnel].into_iter().zip(wanted) {
            let mut stream = dial(listener).await;
            let request = format!("{target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
            assert_eq!(
                status_of(&answer),
                Some(wanted),
                "{target:?} on {listener}: {}",
                String::from_utf8_lossy(&answer)
            );
        }
    }
    let log = daemon.log();
    let devices = ["sound does not work", "popup does not work", "neither heard nor seen"];
    let mut said = log[before.len()..].lines().filter(|line| !devices.iter().any(|words| line.contains(words)));
    assert_eq!(said.next(), None, "not a word");
}
