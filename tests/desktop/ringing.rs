//! Ringing: again and again until somebody answers, on the page or on the popup, also after a power cut.

use crate::desk::Desk;
use crate::hearing::RATE;
use crate::shop::{NONE, Shop};
use crate::sound::assert_loud_and_clear;
use crate::support::Events;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ORDER: [&str; 4] = ["chime/order", "zh/letter.A", "zh/table.01", "zh/say.new_order"];

#[tokio::test]
async fn the_popups_button_answers_its_alerts_everywhere() {
    let desk = Desk::new();
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    // Two tables that wait and urge: nine seconds of speech.
    let neighbour = daemon.phone(1).await;
    let orders = [shop.sells().await, neighbour.paid_order("neighbour-1").await];
    for (phone, order) in [&shop.phone, &neighbour].into_iter().zip(&orders) {
        let urge = format!("/api/store/order/{}/reminder", order["orderId"]);
        phone.ok(Method::POST, &urge, Value::Null).await;
    }
    let (sound, _bus, screen) = (desk.start_sound(), desk.start_bus(), desk.start_screen());
    let (notifier, recording) = (desk.start_notifier(&screen), sound.record());
    let url = format!("{}/admin/alert/stream?token={}", daemon.lan, shop.counter.token);
    let mut page = Events::open(&shop.counter.http, url).await;
    notifier.shows(0, &["4 个提醒等待处理", "A01桌 催单", "A02桌 催单"]).await;
    screen.photograph("four-alerts");
    let offered = notifier.press();
    assert!(offered.contains("知道了"), "{offered}");
    let pressed = Instant::now();
    for alert in 1..=4 {
        assert_eq!(page.event("alert_acked").await.json()["alertId"], alert);
    }
    println!("answered everywhere {:?} after the press", pressed.elapsed());
    assert!(pressed.elapsed() < Duration::from_secs(4), "an answer waits for the sentence: {:?}", pressed.elapsed());
    assert_eq!(shop.counter.alerts().await, NONE);
    assert_eq!(daemon.stored::<i64>("select count(*) from alert where acked_by = 'popup'"), 4);
    notifier.displays(0);
    let quiet = recording.silence(Duration::from_secs(1)).await;
    recording.stays_silent(quiet, Duration::from_secs(4)).await;
    assert_eq!(shop.counter.socket().await.all_within(Duration::from_millis(300)).await, NONE, "nothing to replay");
}

#[tokio::test]
async fn a_backlog_survives_a_power_cut_and_is_said_in_one_sentence() {
    let desk = Desk::new();
    let data = desk.path().join("shop");
    let daemon = desk.daemon_on(&data, 1);
    let mut shop = Shop::opens(&daemon).await;
    for _ in 0..3 {
        shop.sells().await;
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
    let words = ["chime/order", "zh/count.3"];
    let heard = recording.sentence(0, &words).await;
    assert_loud_and_clear(&words, &heard);
    recording
        .stays_silent(0, Duration::from_millis(heard[0].start.saturating_sub(RATE / 10) as u64 * 1000 / RATE as u64))
        .await;
    notifier.shows(0, &["3 个提醒等待处理"]).await;
    assert_eq!(notifier.displayed(), 1);
    recording.stays_silent(heard[1].end, Duration::from_secs(3)).await;
    assert_eq!(pushed.all_within(Duration::from_millis(300)).await, NONE);
}

#[tokio::test]
async fn an_alert_rings_every_repeat_interval_and_is_pushed_once() {
    let desk = Desk::new();
    let sound = desk.start_sound();
    let recording = sound.record();
    let daemon = desk.daemon(3);
    let mut shop = Shop::opens(&daemon).await;
    shop.sells().await;
    let mut starts = Vec::new();
    let mut mark = 0;
    for _ in 0..3 {
        let heard = recording.sentence(mark, &ORDER).await;
        mark = heard[3].end;
        starts.push(heard[0].start);
        recording.stays_silent(mark, Duration::from_millis(2500)).await;
        // The interval counts from the sentence's end, which the device tells a little later.
        if let [.., before, last] = starts[..] {
            let pause = (last - before) as f32 / RATE as f32 - (heard[3].end - heard[0].start) as f32 / RATE as f32;
            println!("the ring comes again after a pause of {pause:.2} s");
            assert!((3.0..5.0).contains(&pause), "{pause}");
        }
    }
    shop.answers_all().await;
    let quiet = recording.silence(Duration::from_secs(1)).await;
    recording.stays_silent(quiet, Duration::from_secs(4)).await;
    assert_eq!(shop.pushed.all_within(Duration::from_millis(300)).await, NONE);
}
