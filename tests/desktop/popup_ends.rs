//! What a popup asks for, what is said of its end, and that nothing is left of it.

use crate::desk::{Desk, health_when};
use crate::played::{HAND, Played, Popup};
use crate::shop::{NONE, Shop};
use crate::support::{Counter, Daemon};
use crate::vitals::Vitals;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Without a loudspeaker each popup says so, and is shown anew as soon as that is known.
async fn silent_shop(desk: &Desk) -> (Played, Daemon) {
    let notifier = Played::on(desk).await;
    let daemon = desk.daemon(1);
    health_when(&daemon, "sound", false).await;
    health_when(&daemon, "popup", true).await;
    (notifier, daemon)
}

#[tokio::test]
async fn a_popup_is_urgent_stays_has_two_buttons_and_one_response_to_it_alone_is_an_answer() {
    let desk = Desk::new();
    let _bus = desk.start_bus();
    let (mut notifier, daemon) = silent_shop(&desk).await;
    let mut shop = Shop::opens(&daemon).await;
    let mut dish = shop.counter.ok(Method::GET, "/admin/dish/1001", Value::Null).await;
    dish["name"] = json!("<b>辣</b> & 甜");
    shop.counter.ok(Method::PUT, "/admin/dish", dish).await;
    let order = shop.sells().await;
    let popup = notifier.shows().await;
    assert_eq!((popup.app.as_str(), popup.icon.as_str(), popup.replaced), ("Tablebell", "tablebell", 0));
    assert!(popup.title.contains("来单提醒") && popup.body.contains("&lt;b&gt;辣&lt;/b&gt; &amp; 甜"), "{popup:?}");
    assert_eq!(popup.actions, ["accept", "接单", "later", "稍后"]);
    assert_eq!((popup.hints["urgency"].clone().try_into(), popup.expires), (Ok(2u8), 0), "critical, for ever");
    assert_eq!(popup.hints["category"].clone().try_into(), Ok("im.received".to_owned()));
    // Of another popup.
    notifier.press(popup.id + 1, "accept", None).await;
    let urge = format!("/api/store/order/{}/reminder", order["orderId"]);
    shop.phone.ok(Method::POST, &urge, Value::Null).await;
    let urged = notifier.shows().await;
    assert_eq!((urged.replaced, urged.id), (popup.id, popup.id), "replaced, not stacked");
    assert!(urged.title.contains("客户催单"), "{urged:?}");
    tokio::time::sleep(HAND * 10).await;
    // As desktops do that tell nobody but who has asked for the popup.
    notifier.press(urged.id, "accept", Some(&urged.sender)).await;
    shop.phone.order_when(&order, |order| order["status"] == 3).await;
    assert_eq!(shop.counter.alerts().await, NONE);
}

#[tokio::test]
async fn popups_that_are_swept_away_at_once_all_come_back() {
    let desk = Desk::new();
    let _bus = desk.start_bus();
    let (mut notifier, daemon) = silent_shop(&desk).await;
    let mut ids = Vec::new();
    for table in 0..3 {
        daemon.phone(table).await.paid_order(&format!("order-{table}")).await;
        ids.push(notifier.shows().await.id);
    }
    for sweep in 0..3 {
        notifier.sweep(&ids).await;
        let swept = Instant::now();
        for id in &mut ids {
            *id = notifier.shows().await.id;
        }
        println!("sweep {sweep}: all are back after {:?}", swept.elapsed());
    }
    assert_eq!(notifier.rest(), 0, "one popup an order");
}

/// The connection that watches the notification daemon; each popup has one more.
const WATCHING: usize = 1;

/// What may become of a popup.
#[derive(Clone, Copy)]
enum End {
    /// Another question takes the place of the one that it asks.
    Over,
    Pressed,
    WavedAway,
    /// The notification daemon was started anew, and is told of it again.
    Forgotten,
}

const ENDS: [End; 4] = [End::Over, End::Pressed, End::WavedAway, End::Forgotten];

/// Asks whether the loudspeaker is heard; answers the popup that does, and after how long it was asked for.
async fn ask(counter: &Counter, notifier: &mut Played) -> (Popup, Duration) {
    let begun = Instant::now();
    counter.ok(Method::POST, "/admin/alert/test", Value::Null).await;
    (notifier.shows().await, begun.elapsed())
}

/// Shows so many popups, each of which ends.
async fn show_many(count: usize, counter: &Counter, notifier: &mut Played) {
    let mut times = Vec::new();
    while times.len() < count {
        let (popup, time) = ask(counter, notifier).await;
        match ENDS[times.len() % ENDS.len()] {
            End::Over => {}
            End::Pressed => notifier.accepts(popup).await,
            End::WavedAway => notifier.sweep(&[popup.id]).await,
            End::Forgotten => {
                notifier.restart().await;
                assert_eq!(notifier.shows().await.title, popup.title);
            }
        }
        times.push(time);
    }
    times.sort();
    println!("{count} popups, half of them asked for within {:?}", times[count / 2]);
}

#[tokio::test]
async fn a_thousand_popups_leave_no_connection_file_thread_or_memory_behind() {
    let desk = Desk::new();
    let _bus = desk.start_bus();
    let (mut notifier, daemon) = silent_shop(&desk).await;
    let counter = daemon.counter().await;
    notifier.has_connections(WATCHING).await;
    show_many(100, &counter, &mut notifier).await;
    ask(&counter, &mut notifier).await;
    notifier.has_connections(WATCHING + 1).await;
    let vitals = Vitals::of(&daemon);
    show_many(1000, &counter, &mut notifier).await;
    let (popup, _) = ask(&counter, &mut notifier).await;
    vitals.left_nothing(2048).await;
    notifier.has_connections(WATCHING + 1).await;
    notifier.accepts(popup).await;
    notifier.has_connections(WATCHING).await;
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}
