use super::*;
use std::future::poll_fn;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

const ROOM: Topic = Topic::Counter;

fn frames(text: &str) -> Frames {
    Frames {
        ws: Bytes::copy_from_slice(text.as_bytes()),
        sse: Bytes::copy_from_slice(format!("sse {text}").as_bytes()),
    }
}

fn snapshot(version: i64, text: &str) -> Snapshot {
    Snapshot { version, json: Bytes::new(), frames: frames(text) }
}

async fn next(outlet: &Outlet) -> Option<String> {
    let bytes = poll_fn(|context| outlet.poll_next(context)).await?;
    Some(String::from_utf8(bytes.to_vec()).unwrap())
}

/// A connected pair: the server's outlet and the client's end.
async fn pair() -> (Arc<Outlet>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (Outlet::socket(Arc::new(server)), client)
}

#[tokio::test]
async fn a_newcomer_gets_the_latest_snapshot_and_then_what_comes() {
    let hub = Hub::default();
    hub.publish_snapshot(ROOM, snapshot(3, "three"));
    hub.publish_snapshot(ROOM, snapshot(2, "two"));
    let outlet = Outlet::stream();
    hub.subscribe(ROOM, &outlet, 9).unwrap();
    assert_eq!(next(&outlet).await.unwrap(), "sse three");
    hub.publish_event(ROOM, &frames("event"), 0);
    assert_eq!(next(&outlet).await.unwrap(), "sse event");
    outlet.offer_snapshot(&snapshot(3, "three"));
    hub.publish_snapshot(ROOM, snapshot(4, "four"));
    assert_eq!(next(&outlet).await.unwrap(), "sse four", "three is not sent again");
}

#[tokio::test]
async fn what_is_told_once_is_told_to_nobody_again_and_lost_by_no_replay() {
    let hub = Hub::default();
    let (early, late) = (Outlet::stream(), Outlet::stream());
    hub.subscribe(ROOM, &early, 9).unwrap();
    hub.publish_once(ROOM, &frames("help"));
    late.hold();
    hub.subscribe(ROOM, &late, 9).unwrap();
    late.offer_once(&frames("help"));
    hub.publish_once(ROOM, &frames("help"));
    late.release(vec![Bytes::from_static(b"replay")], 7);
    hub.publish_once(ROOM, &frames("help"));
    hub.publish_event(ROOM, &frames("event"), 8);
    for wanted in ["sse help", "sse event"] {
        assert_eq!(next(&early).await.unwrap(), wanted);
    }
    for wanted in ["replay", "sse help", "sse event"] {
        assert_eq!(next(&late).await.unwrap(), wanted);
    }
}

#[tokio::test]
async fn a_room_has_so_many_places_and_gives_them_back() {
    let hub = Hub::default();
    let outlets = [Outlet::stream(), Outlet::stream(), Outlet::stream()];
    assert_eq!(hub.subscribe(ROOM, &outlets[0], 2), Some(1));
    assert_eq!(hub.subscribe(ROOM, &outlets[1], 2), Some(2));
    assert_eq!(hub.subscribe(ROOM, &outlets[2], 2), None);
    hub.unsubscribe(ROOM, &outlets[0]);
    assert_eq!(hub.subscribe(ROOM, &outlets[2], 2), Some(2));
}

#[tokio::test]
async fn a_slow_listener_skips_to_the_latest_snapshot() {
    let hub = Hub::default();
    let outlet = Outlet::stream();
    hub.subscribe(ROOM, &outlet, 9).unwrap();
    for version in 1..=1000 {
        hub.publish_snapshot(ROOM, snapshot(version, &version.to_string()));
    }
    assert_eq!(next(&outlet).await.unwrap(), "sse 1000");
    hub.end(ROOM, &frames("end"));
    assert_eq!(next(&outlet).await.unwrap(), "sse end");
    assert_eq!(next(&outlet).await, None);
}

#[tokio::test]
async fn a_listener_too_far_behind_is_cut_off() {
    let hub = Hub::default();
    let outlet = Outlet::stream();
    hub.subscribe(ROOM, &outlet, 9).unwrap();
    for _ in 0..=MAX_EVENTS {
        hub.publish_event(ROOM, &frames("event"), 0);
    }
    assert_eq!(next(&outlet).await, None);
    assert_eq!(hub.subscribe(ROOM, &Outlet::stream(), 1), Some(1), "it is not in the topic any more");
}

#[tokio::test]
async fn a_replay_goes_first_and_nothing_is_doubled_or_lost() {
    let hub = Hub::default();
    let outlet = Outlet::stream();
    outlet.hold();
    hub.subscribe(ROOM, &outlet, 9).unwrap();
    hub.publish_event(ROOM, &frames("two"), 2);
    hub.publish_event(ROOM, &frames("three"), 3);
    outlet.release(vec!["one".into(), "two".into()], 2);
    for expected in ["one", "two", "sse three"] {
        assert_eq!(next(&outlet).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_sockets_frames_arrive_whole_and_in_order_though_it_stalls() {
    let hub = Hub::default();
    let (outlet, mut client) = pair().await;
    hub.subscribe(ROOM, &outlet, 9).unwrap();
    let large = "x".repeat(300_000);
    for index in 0..40 {
        hub.publish_event(ROOM, &frames(&format!("<{index} {large}>")), 0);
    }
    hub.publish_snapshot(ROOM, snapshot(1, "old"));
    hub.publish_snapshot(ROOM, snapshot(2, "<latest>"));
    let drained = tokio::spawn(async move { poll_fn(|context| outlet.poll_drained(context)).await });
    let mut received = String::new();
    while !received.ends_with("<latest>") {
        let mut buffer = vec![0; 65536];
        let count = client.read(&mut buffer).await.unwrap();
        received.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    let expected: String = (0..40).map(|index| format!("<{index} {large}>")).chain(["<latest>".into()]).collect();
    assert!(received == expected);
    assert!(drained.await.unwrap(), "its task hears that all is written");
}
