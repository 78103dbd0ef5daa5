//! One phone that does not read: the others notice nothing, memory stays flat, and later it gets the latest cart.

use crate::support::{Daemon, PATIENCE, Phone, Socket, shortest};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::MaybeTlsStream;

/// A cart of about 2 KB.
async fn fill(phone: &Phone) {
    for dish in 1017..1026 {
        phone.add(dish, 1).await;
    }
    let bytes = phone.cart().await.to_string().len();
    assert!((1500..4000).contains(&bytes), "{bytes}");
}

/// One change of the cart; answers its version.
async fn change(phone: &Phone, turn: usize) -> i64 {
    let body = json!({ "tableId": phone.table, "cuisineId": 1017 + turn % 8, "quantity": 1 + turn % 98 });
    let cart = phone.ok(Method::PUT, "/api/store/order/cart/update", body).await;
    cart["version"].as_i64().unwrap()
}

/// `turns` changes by eight phones at once.
async fn flood(phones: &[Phone], turns: usize) {
    let all = phones.iter().enumerate().map(async |(index, phone)| {
        for turn in 0..turns / phones.len() {
            change(phone, turn + index).await;
        }
    });
    join_all(all).await;
}

/// A connection with the smallest of receive buffers, so that not reading is felt soon.
async fn narrow(lan: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    socket.connect(lan.strip_prefix("http://").unwrap().parse().unwrap()).await.unwrap()
}

async fn narrow_socket(phone: &Phone) -> Socket {
    let url = format!("ws{}/ws/cart/{}?token={}", &phone.lan[4..], phone.table, phone.token);
    let stream = MaybeTlsStream::Plain(narrow(&phone.lan).await);
    let (stream, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    Socket { stream, escalations: 0 }
}

async fn narrow_stream(phone: &Phone) -> TcpStream {
    let mut stream = narrow(&phone.lan).await;
    let path = format!("/api/store/order/sse/{}?token={}", phone.table, phone.token);
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
    stream
}

/// How long each of the fast ones waited for each of so many changes, sorted.
async fn latencies(phone: &Phone, fast: &mut [Socket], turns: usize) -> Vec<Duration> {
    let mut waits = Vec::new();
    for turn in 0..turns {
        let begun = Instant::now();
        let version = change(phone, turn).await;
        let wait = async |socket: &mut Socket| {
            let mut seen = 0;
            while seen < version {
                let frame = socket.next().await.expect("the socket stays open");
                seen = frame["data"]["version"].as_i64().unwrap_or_default();
            }
            assert_eq!(seen, version, "every version comes, and none before its time");
            begun.elapsed()
        };
        waits.extend(join_all(fast.iter_mut().map(wait)).await);
    }
    waits.sort();
    waits
}

fn p99(waits: &[Duration]) -> Duration {
    waits[waits.len() * 99 / 100]
}

#[tokio::test]
async fn two_hundred_fast_phones_do_not_notice_a_slow_one() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let phones = join_all((0..8).map(|_| daemon.phone(0))).await;
    fill(&phones[0]).await;
    let mut fast = join_all((0..200).map(|index| phones[index % 8].socket())).await;
    latencies(&phones[0], &mut fast, 5).await;
    let without = p99(&latencies(&phones[0], &mut fast, 40).await);
    let (slow, slow_stream) = (narrow_socket(&phones[0]).await, narrow_stream(&phones[0]).await);
    latencies(&phones[0], &mut fast, 100).await;
    let limit = without * 4 + Duration::from_millis(100);
    let with = shortest(limit, async || p99(&latencies(&phones[0], &mut fast, 40).await)).await;
    assert!(with < limit, "p99 {without:?} alone, {with:?} beside a slow one");
    drop((slow, slow_stream));
}

/// What a slow socket still gets, up to `version`.
async fn catch_up(slow: &mut Socket, version: i64) -> Vec<Value> {
    let mut carts: Vec<Value> = Vec::new();
    while carts.last().is_none_or(|cart| cart["version"] != version) {
        let frame = slow.next().await.expect("a slow phone is not thrown out");
        if frame["type"] == "cart_update" {
            carts.push(frame["data"].clone());
        }
    }
    carts
}

#[tokio::test]
async fn a_phone_that_does_not_read_costs_no_memory_and_then_gets_the_latest_cart() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let phones = join_all((0..8).map(|_| daemon.phone(0))).await;
    fill(&phones[0]).await;
    let mut fast = phones[1].socket().await;
    let (mut slow, mut slow_stream) = (narrow_socket(&phones[0]).await, narrow_stream(&phones[0]).await);
    flood(&phones, 800).await;
    let before = daemon.kilobytes("VmRSS");
    let operations = 4000;
    flood(&phones, operations).await;
    let grown = daemon.kilobytes("VmRSS") - before;
    assert!(grown < 15 * 1024, "{operations} operations beside a slow reader: {before} kB and {grown} kB more");
    let latest = phones[0].cart().await;
    let version = latest["version"].as_i64().unwrap();
    fast.until(|frame| frame["data"]["version"] == version).await;
    let carts = catch_up(&mut slow, version).await;
    assert_eq!(carts.last(), Some(&latest));
    assert!(carts.len() < operations / 2, "it was never behind: {} of {operations} carts", carts.len());
    assert!(carts.is_sorted_by_key(|cart| cart["version"].as_i64()), "newer carts come later");
    let wanted = format!("id: {version}\n");
    let mut text = String::new();
    while !text.contains(&wanted) {
        let mut chunk = [0; 65536];
        let read = tokio::time::timeout(PATIENCE, slow_stream.read(&mut chunk)).await.expect("the stream goes on");
        text.push_str(&String::from_utf8_lossy(&chunk[..read.unwrap()]));
    }
    assert!(text.matches("event: cart_update").count() < operations / 2, "the stream skips, too");
}
