//! A table's connections: what they say by themselves and how they end (docs/protocol.md §1.3 and §1.4).

use crate::support::{Daemon, Events, Socket};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::protocol::frame::{
    Frame,
    coding::{Data, OpCode},
};
use tokio_tungstenite::tungstenite::{Bytes, Message};

#[tokio::test]
async fn a_stream_is_neither_buffered_nor_cached_and_tells_when_to_come_back() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    ann.add(1001, 1).await;
    let mut stream = ann.events().await;
    let header = |name: &str| stream.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-type").starts_with("text/event-stream"));
    assert_eq!(header("x-accel-buffering"), "no");
    assert!(["no-store", "no-cache"].contains(&header("cache-control").as_str()));
    let first = stream.next().await.unwrap();
    assert_eq!((first.name.as_str(), first.data.as_str()), ("connected", "连接成功"));
    assert_eq!(first.retry.as_deref(), Some("3000"));
    let second = stream.next().await.unwrap();
    assert_eq!((second.name.as_str(), second.id.as_deref()), ("cart_update", Some("1")));
    assert_eq!(second.json(), ann.cart().await);
    ann.add(1002, 1).await;
    assert_eq!(stream.event("cart_update").await.id.as_deref(), Some("2"));
}

#[tokio::test]
async fn a_sold_out_dish_is_told_to_every_table_at_once() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(1).await, daemon.counter().await);
    let (mut socket, mut stream) = (ann.socket().await, bob.events().await);
    for sold_out in [true, false] {
        counter.set_sold_out(1002, sold_out).await;
        socket.frame("menu_update").await;
        stream.event("menu_update").await;
        let menu = bob.get("/api/store/menu").await;
        let cuisines = menu["categories"].as_array().unwrap().iter().flat_map(|category| {
            category["cuisines"].as_array().unwrap().iter().filter(|cuisine| cuisine["cuisineId"] == 1002)
        });
        assert_eq!(cuisines.map(|cuisine| &cuisine["soldOut"]).collect::<Vec<_>>(), [&json!(sold_out)]);
        let frame = json!({ "type": "add_item", "data": { "cuisineId": 1002, "quantity": 1 } });
        let answer = socket.ask(frame, &format!("op-{sold_out}")).await;
        let refused = answer["data"]["error"] == "SOLD_OUT" && answer["message"] == "鱼香肉丝已售完";
        assert_eq!(refused, sold_out, "{answer}");
    }
}

fn heartbeat_of(bytes: usize) -> String {
    let bare = json!({ "type": "heartbeat", "x": "" }).to_string();
    bare.replace(r#""x":"""#, &format!(r#""x":"{}""#, "x".repeat(bytes - bare.len())))
}

#[tokio::test]
async fn a_message_over_16_kib_closes_the_socket_with_1009() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let mut socket = ann.socket().await;
    socket.send_text(&heartbeat_of(16 * 1024)).await;
    assert_eq!(socket.frame("heartbeat").await["message"], "pong", "16 KiB are allowed");
    socket.send_text(&heartbeat_of(16 * 1024 + 1)).await;
    assert_eq!(socket.close_code().await, 1009);

    let mut socket = ann.socket().await;
    for part in 0..3 {
        let kind = if part == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(Bytes::from(vec![b'x'; 8 * 1024]), OpCode::Data(kind), false);
        // The daemon may have closed already while the last part is on its way.
        let _ = futures_util::SinkExt::send(&mut socket.stream, Message::Frame(frame)).await;
    }
    assert_eq!(socket.close_code().await, 1009, "in fragments too");
    assert_eq!(ann.cart().await["version"], 0);
}

#[tokio::test]
async fn a_graceful_stop_says_goodbye_to_every_socket_in_under_5_seconds() {
    let mut daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    ann.add(1001, 1).await;
    let silent = ann.socket().await;
    let mut sockets: Vec<Socket> = vec![ann.socket().await, ann.socket().await, counter.socket().await];
    let mut streams: Vec<Events> = vec![ann.events().await, counter.events().await];
    for socket in &mut sockets[..2] {
        socket.frame("cart_update").await;
    }
    let stopping = tokio::task::spawn_blocking(move || (daemon.stop(), daemon));
    for socket in &mut sockets {
        assert_eq!(socket.close_code().await, 1001);
    }
    for stream in &mut streams {
        while stream.next().await.is_some() {}
    }
    let ((status, took), daemon) = stopping.await.unwrap();
    assert!(status.success(), "{status}\n{}", daemon.log());
    assert!(took < Duration::from_secs(5), "{took:?}");
    drop(silent);
    let items: i64 = daemon.stored("select count(*) from cart_line");
    assert_eq!(items, 1);
}

#[tokio::test]
async fn any_number_of_streams_and_sockets_of_one_phone_see_the_same() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let (mut sockets, mut streams) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        sockets.push(ann.socket().await);
        streams.push(ann.events().await);
    }
    let cart = ann.add(1001, 1).await;
    let is_new = |frame: &Value| frame["data"]["version"] == 1;
    for socket in &mut sockets {
        assert_eq!(socket.until(is_new).await["data"], cart);
    }
    for stream in &mut streams {
        let mut event = stream.event("cart_update").await;
        while event.id.as_deref() != Some("1") {
            event = stream.event("cart_update").await;
        }
        assert_eq!(event.json(), cart);
    }
}
