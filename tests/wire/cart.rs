//! The shared cart (wire.md §1).

use crate::support::Daemon;
use serde_json::json;

#[tokio::test]
async fn two_phones_and_a_stream_share_one_live_cart() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(0).await);
    assert_ne!(ann.user, bob.user);
    let (mut ann_socket, mut bob_socket, mut stream) = (ann.socket().await, bob.socket().await, bob.events().await);
    for socket in [&mut ann_socket, &mut bob_socket] {
        let connected = socket.next().await.unwrap();
        assert_eq!((&connected["type"], &connected["message"]), (&json!("connected"), &json!("连接成功")));
        assert!(connected["data"].is_null() && connected["timestamp"].is_i64());
        assert_eq!(socket.next().await.unwrap()["data"]["version"], 0, "the present cart follows");
    }
    assert_eq!(stream.next().await.unwrap().data, "连接成功");
    assert_eq!(stream.event("cart_update").await.json()["items"], json!([]));

    let add = json!({ "cuisineId": 1001, "quantity": 2, "remark": "不要花生" });
    ann_socket.send(json!({ "type": "add_item", "opId": "a-1", "data": add })).await;
    let done = ann_socket.frame("add_item_success").await;
    assert_eq!((&done["message"], &done["opId"]), (&json!("添加商品成功"), &json!("a-1")));
    let seen = bob_socket.frame("cart_update").await;
    assert_eq!(seen["data"], done["data"]);
    let streamed = stream.event("cart_update").await;
    assert_eq!(streamed.id.as_deref(), Some("1"));
    assert_eq!(streamed.json(), done["data"]);
    assert!(
        streamed.data.contains(r#""unitPrice":38.00,"#) && streamed.data.contains(r#""totalAmount":76.00"#),
        "{}",
        streamed.data
    );
    assert_eq!(bob.cart().await, done["data"]);
}
