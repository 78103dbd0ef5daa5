//! Many at once who pay nothing for it: what they cost is bounded, and those who have come to eat do not wait for them.

use crate::hostile::status_of;
use crate::support::{self, Daemon, PATIENCE, Socket};
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const MIB: i64 = 1024;

/// This PC has all of 127.0.0.0/8: a device of its own for each test's guest.
fn device(number: usize) -> IpAddr {
    let [.., high, low] = (number + 256).to_be_bytes();
    [127, 0, high, low].into()
}

fn client_from(device: IpAddr) -> reqwest::Client {
    reqwest::Client::builder().local_address(device).build().unwrap()
}

async fn dial_from(device: IpAddr, url: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(device, 0)).unwrap();
    socket.connect(url.strip_prefix("http://").unwrap().parse().unwrap()).await.unwrap()
}

/// As many connections from one device, each of which has said this much.
async fn crowd(device: IpAddr, url: &str, count: usize, says: &str) -> Vec<TcpStream> {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let mut streams = Vec::new();
    for _ in 0..count {
        let mut stream = dial_from(device, url).await;
        stream.write_all(says.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    streams
}

/// Whether the daemon has let go of it.
async fn is_let_go(stream: &mut TcpStream) -> bool {
    let deadline = Instant::now() + PATIENCE;
    let mut chunk = [0; 4096];
    while Instant::now() < deadline {
        match tokio::time::timeout(PATIENCE, stream.read(&mut chunk)).await {
            Ok(Ok(0) | Err(_)) => return true,
            Ok(Ok(_)) => {}
            Err(_) => return false,
        }
    }
    false
}

/// A login, and what came of it.
async fn log_in(daemon: &Daemon, from: IpAddr, name: &str, password: &str) -> (u16, String) {
    let login = json!({ "username": name, "password": password });
    let url = format!("{}/admin/employee/login", daemon.lan);
    let answer = support::answer(client_from(from).post(url).json(&login)).await;
    (answer.status.as_u16(), answer.error().to_owned())
}

#[tokio::test]
async fn a_login_leaves_no_memory_behind_whoever_tries_and_however_many_at_once() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let right = (200, String::new());
    assert_eq!(log_in(&daemon, device(0), "admin", "123456").await, right);
    let before = daemon.kilobytes("VmRSS");
    for number in 1..=20 {
        assert_eq!(log_in(&daemon, device(number), "admin", "123456").await, right);
    }
    let after_some = daemon.kilobytes("VmRSS");
    assert!(after_some < before + 10 * MIB, "twenty in turn: {before} kB, then {after_some} kB");
    let names: Vec<String> = (0..60).map(|number| format!("nobody-{number}")).collect();
    let wrong = names.iter().enumerate().map(|(number, name)| log_in(&daemon, device(200 + number), name, "tea-42"));
    let came = join_all(wrong).await;
    assert!(came.iter().all(|(_, code)| code == "BAD_LOGIN"), "{came:?}");
    let after = daemon.kilobytes("VmRSS");
    assert!(after < before + 10 * MIB, "sixty at once, of names that nobody has: {before} kB, then {after} kB");
    let most = daemon.kilobytes("VmHWM");
    assert!(most < before + (2 * 19 + 20) * MIB, "one or two at a time: {before} kB, and at most {most} kB");
}

#[tokio::test]
async fn who_has_not_shown_a_request_costs_next_to_nothing() {
    let daemon = Daemon::demo(&[]);
    let phone = daemon.phone(0).await;
    phone.add(1001, 1).await;
    for (name, says, most) in [
        ("half open", "", 4),
        ("half a header", "GET /healthz HTTP/1.1\r\nhost: x\r\nx: ", 4),
        ("half a body", "POST /api/store/session HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{", 24),
        ("an answer that is not read", "GET /counter HTTP/1.1\r\nhost: x\r\n\r\n", 24),
    ] {
        let before = daemon.kilobytes("VmRSS");
        let count = 1000;
        let held = crowd(device(1), &daemon.lan, count, says).await;
        // Whoever came before it has been heard when this is answered.
        assert!(daemon.saves().await);
        let each = (daemon.kilobytes("VmRSS") - before) / i64::try_from(count).unwrap();
        assert!(each <= most, "{name}: {each} kB each");
        drop(held);
    }
}

#[tokio::test]
async fn whoever_takes_all_places_gives_up_his_own_and_newcomers_come_in() {
    let daemon = Daemon::demo(&[]);
    let phone = daemon.phone(0).await;
    let mut seated = phone.socket().await;
    let mut stream = phone.events().await;
    let half_body = "POST /api/store/session HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{";
    let (page, rest) = ("GET /counter HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", format!("}}{:98}", ""));
    for (says, places, then, status) in [("", 4096, page, 200), (half_body, 1024, rest.as_str(), 400)] {
        let mut flood = crowd(device(1), &daemon.lan, places + 100, says).await;
        assert!(is_let_go(&mut flood[0]).await, "the first of too many had to go");
        // Who says nothing may not stay for long: he comes last, and has to speak soon.
        let mut guest = crowd(device(2), &daemon.lan, 1, says).await.remove(0);
        flood.extend(crowd(device(1), &daemon.lan, 20, says).await);
        let url = format!("{}/counter", daemon.lan);
        let newcomer = client_from(device(3)).get(url).timeout(PATIENCE).send().await.unwrap();
        assert_eq!(newcomer.status(), StatusCode::OK);
        guest.write_all(then.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        tokio::time::timeout(PATIENCE, guest.read_to_end(&mut answer)).await.unwrap().unwrap();
        assert_eq!(status_of(&answer), Some(status), "one place of somebody else stays");
        phone.add(1001, 1).await;
        let pong = seated.ask(json!({ "type": "heartbeat" }), "h").await;
        assert_eq!(pong["message"], "pong", "who has a token has a place");
        stream.event("cart_update").await;
        drop(flood);
    }
}

#[tokio::test]
async fn a_table_that_takes_every_place_takes_none_of_another_table() {
    let daemon = Daemon::demo(&[]);
    let (ann, greedy) = (daemon.phone(0).await, daemon.phone(1).await);
    let mut seated = ann.socket().await;
    let cart = format!("GET /api/store/order/cart/{}?token={} HTTP/1.1\r\nhost: x\r\n\r\n", greedy.table, greedy.token);
    let slow = format!("{cart}POST /api/store/session HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{{");
    let mut first = crowd(device(1), &daemon.lan, 1, &slow).await;
    let mut chunk = [0; 4096];
    assert!(first[0].read(&mut chunk).await.unwrap() > 0, "it is answered, and known from now on");
    let flood = crowd(device(1), &daemon.lan, 4100, &slow).await;
    assert!(is_let_go(&mut first[0]).await, "its own places are what it has to take them from");
    let pong = seated.ask(json!({ "type": "heartbeat" }), "h").await;
    assert_eq!(pong["message"], "pong");
    ann.add(1001, 1).await;
    drop(flood);
}

/// So many frames, as fast as they go.
async fn say(socket: &mut Socket, frame: &Value, count: usize) {
    for _ in 0..count {
        socket.send(frame.clone()).await;
    }
}

#[tokio::test]
async fn a_socket_that_talks_nonsense_is_heard_ever_so_slowly_and_its_changes_after_it() {
    let daemon = Daemon::demo(&[]);
    let (phone, other) = (daemon.phone(0).await, daemon.phone(1).await);
    let mut socket = phone.socket().await;
    socket.frame("cart_update").await;
    say(&mut socket, &json!({ "type": "nonsense" }), 80).await;
    let begun = Instant::now();
    let added = socket.ask(json!({ "type": "add_item", "data": { "cuisineId": 1001, "quantity": 1 } }), "a").await;
    assert_eq!(added["type"], "add_item_success", "late, but not lost");
    assert!(begun.elapsed() >= Duration::from_millis(900), "nothing was read for a second: {:?}", begun.elapsed());
    let mut neighbour = other.socket().await;
    let pong = neighbour.ask(json!({ "type": "heartbeat" }), "h").await;
    assert_eq!(pong["message"], "pong");
}

#[tokio::test]
async fn a_file_that_never_comes_does_not_hold_up_another() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let head = format!(
        "POST /admin/common/upload HTTP/1.1\r\nhost: x\r\ntoken: {}\r\ncontent-length: 1000000\r\n\r\n",
        counter.token
    );
    let held = crowd(device(1), &daemon.lan, 3, &head).await;
    let upload = counter.http.post(format!("{}/admin/common/upload", daemon.lan)).header("token", &counter.token);
    // No form at all: that it is looked at is the point.
    let answer = tokio::time::timeout(PATIENCE, support::answer(upload.body("x"))).await;
    assert_eq!(answer.expect("it is not waited for the others").status, StatusCode::BAD_REQUEST);
    drop(held);
}
