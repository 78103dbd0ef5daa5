//! Ringing: again and again, and more urgently, until somebody answers, on the page or on a popup, also after a power
//! cut.

use crate::desk::{Desk, health_when};
use crate::hearing::RATE;
use crate::shop::{NONE, Shop};
use crate::sound::assert_loud_and_clear;
use crate::support::Events;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ORDER: [&str; 4] = ["chime/order", "zh/letter.A", "zh/table.01", "zh/say.new_order"];
const URGENT: [&str; 4] = ["chime/urgent", "zh/letter.A", "zh/table.01", "zh/say.order_now"];

#[tokio::test]
async fn each_popups_buttons_accept_its_order_or_put_it_off_and_no_other() {
    let desk = Desk::new();
    let (sound, _bus, screen) = (desk.start_sound(), desk.start_bus(), desk.start_screen());
    let (notifier, recording) = (desk.start_notifier(&screen), sound.record());
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    health_when(&daemon, "popup", true).await;
    let neighbour = daemon.phone(1).await;
    let orders = [shop.sells().await, neighbour.paid_order("neighbour-1").await];
    for (phone, order) in [&shop.phone, &neighbour].into_iter().zip(&orders) {
        let urge = format!("/api/store/order/{}/reminder", order["orderId"]);
        phone.ok(Method::POST, &urge, Value::Null).await;
    }
    let url = format!("{}/admin/alert/stream?token={}", daemon.lan, shop.counter.token);
    let mut page = Events::open(&shop.counter.http, url).await;
    notifier.shows(0, &["客户催单：A01桌"]).await;
    notifier.shows(0, &["客户催单：A02桌"]).await;
    notifier.displays(2);
    screen.photograph("two-orders");
    let offered = notifier.press("接单.*A01桌");
    assert!(offered.contains("接单") && offered.contains("稍后"), "{offered}");
    let pressed = Instant::now();
    for _ in 0..2 {
        let alert = page.event("alert_acked").await.json()["alertId"].clone();
        assert!([1, 3].contains(&alert.as_i64().unwrap_or_default()), "{alert} is not of A01");
    }
    println!("answered everywhere {:?} after the press", pressed.elapsed());
    assert!(pressed.elapsed() < Duration::from_secs(4), "an answer waits for the sentence: {:?}", pressed.elapsed());
    shop.phone.order_when(&orders[0], |order| order["status"] == 3).await;
    notifier.displays(1);
    notifier.press("稍后.*A02桌");
    notifier.displays(0);
    let quiet = recording.silence(Duration::from_secs(1)).await;
    recording.stays_silent(quiet, Duration::from_secs(6)).await;
    let alerts = shop.counter.alerts().await;
    assert!(alerts.len() == 2 && alerts.iter().all(|alert| alert["tableNumber"] == "A02"), "{alerts:?}");
    assert_eq!(neighbour.get(&format!("/api/store/order/{}", orders[1]["orderId"])).await["status"], 2);
    assert_eq!(daemon.stored::<String>("select acked_by from alert where id = 1"), "popup");
}

#[tokio::test]
async fn a_backlog_is_one_popup_whose_button_accepts_all() {
    let desk = Desk::new();
    let (_bus, screen) = (desk.start_bus(), desk.start_screen());
    let notifier = desk.start_notifier(&screen);
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    let mut last = Value::Null;
    for _ in 0..4 {
        last = shop.sells().await;
    }
    notifier.shows(0, &["4 个提醒等待处理", "来单提醒：A01桌"]).await;
    notifier.displays(1);
    screen.photograph("backlog");
    let offered = notifier.press("全部接单");
    assert!(offered.contains("全部接单") && offered.contains("稍后"), "{offered}");
    shop.phone.order_when(&last, |order| order["status"] == 3).await;
    notifier.displays(0);
    assert_eq!(shop.counter.alerts().await, NONE);
    assert_eq!(daemon.stored::<i64>("select count(*) from alert where acked_by = 'popup'"), 4);
}

#[tokio::test]
async fn a_popup_says_markup_as_it_is_written() {
    let desk = Desk::new();
    let (_bus, screen) = (desk.start_bus(), desk.start_screen());
    let notifier = desk.start_notifier(&screen);
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    let mut dish = shop.counter.ok(Method::GET, "/admin/dish/1001", Value::Null).await;
    dish["name"] = json!("<b>辣</b> & <img src=x>");
    shop.counter.ok(Method::PUT, "/admin/dish", dish).await;
    let table = json!({ "tableId": shop.phone.table, "tableNumber": "<u>A01</u>", "seats": 4 });
    shop.counter.ok(Method::PUT, "/admin/table", table).await;
    shop.sells().await;
    // What markup is to this notification daemon comes back without it; what was written as text comes back escaped.
    notifier.shows(0, &["<u>A01</u>", "&lt;b&gt;辣&lt;/b&gt; &amp; &lt;img src=x&gt;"]).await;
    screen.photograph("markup");
    shop.answers_all().await;
}

#[tokio::test]
async fn alerts_survive_a_power_cut_and_are_said_in_one_sentence() {
    let desk = Desk::new();
    let data = desk.path().join("shop");
    let daemon = desk.daemon_on(&data, 1);
    for table in 0..3 {
        daemon.phone(table).await.paid_order("order").await;
    }
    daemon.kill();
    let (sound, _bus, screen) = (desk.start_sound(), desk.start_bus(), desk.start_screen());
    let (notifier, recording) = (desk.start_notifier(&screen), sound.record());
    let daemon = desk.daemon_on(&data, 4);
    let counter = daemon.counter().await;
    let mut pushed = counter.socket().await;
    for order in 1..=3 {
        let replayed = pushed.next().await.expect("the backlog is replayed");
        assert_eq!((&replayed["type"], &replayed["orderId"]), (&json!(1), &json!(order)));
    }
    let tables = ["zh/letter.A", "zh/table.01", "zh/letter.A", "zh/table.02", "zh/letter.A", "zh/table.03"];
    let words = [&["chime/order"][..], &tables, &["zh/say.new_order"]].concat();
    let heard = recording.sentence(0, &words).await;
    assert_loud_and_clear(&words, &heard);
    recording
        .stays_silent(0, Duration::from_millis(heard[0].start.saturating_sub(RATE / 10) as u64 * 1000 / RATE as u64))
        .await;
    for table in ["A01", "A02", "A03"] {
        notifier.shows(0, &[&format!("来单提醒：{table}桌")]).await;
    }
    notifier.displays(3);
    screen.photograph("three-orders");
    recording.stays_silent(heard[words.len() - 1].end, Duration::from_secs(3)).await;
    assert_eq!(pushed.all_within(Duration::from_millis(300)).await, NONE);
}

#[tokio::test]
async fn an_alert_rings_every_repeat_interval_then_urgently_and_is_pushed_once() {
    let desk = Desk::new();
    let sound = desk.start_sound();
    let recording = sound.record();
    let daemon = desk.daemon(3);
    let mut shop = Shop::opens(&daemon).await;
    shop.sells().await;
    let (mut mark, mut before) = (0, None);
    // The fourth and later ones are urgent, and come after two thirds of the interval.
    for (words, pause) in [(ORDER, 0.0..1e9), (ORDER, 3.0..5.0), (ORDER, 3.0..5.0), (URGENT, 2.0..4.0)] {
        let heard = recording.sentence(mark, &words).await;
        assert_loud_and_clear(&words, &heard);
        if let Some(before) = before {
            // The interval counts from the sentence's end, which the device tells a little later.
            let paused = (heard[0].start - before) as f32 / RATE as f32;
            println!("the ring comes again after a pause of {paused:.2} s");
            assert!(pause.contains(&paused), "{paused} is not within {pause:?}");
            recording.stays_silent(before + RATE / 10, Duration::from_millis((pause.start * 900.0) as u64)).await;
        }
        mark = heard[3].end;
        before = Some(mark);
    }
    shop.answers_all().await;
    let quiet = recording.silence(Duration::from_secs(1)).await;
    recording.stays_silent(quiet, Duration::from_secs(4)).await;
    assert_eq!(shop.pushed.all_within(Duration::from_millis(300)).await, NONE);
}
