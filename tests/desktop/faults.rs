//! No device, a device that comes late, dies, or hangs: orders go on, the trouble is told, and it heals by itself.

use crate::desk::{Desk, health, health_when};
use crate::hearing::RATE;
use crate::main_job::answer_all;
use crate::sound::assert_loud_and_clear;
use crate::support::{Counter, Daemon, Events, PATIENCE, Phone, Socket};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ORDER: [&str; 4] = ["chime/order", "zh/letter.A", "zh/table.01", "zh/say.new_order"];
const NONE: [Value; 0] = [];

/// Phone, counter and its socket: what has to work whatever happens to the desktop.
struct Shop {
    phone: Phone,
    counter: Counter,
    pushed: Socket,
    orders: u32,
}

impl Shop {
    async fn opens(daemon: &Daemon) -> Shop {
        let counter = daemon.counter().await;
        Shop { phone: daemon.phone(0).await, pushed: counter.socket().await, counter, orders: 0 }
    }

    /// One order, paid and pushed without delay.
    async fn sells(&mut self) -> Value {
        let begun = Instant::now();
        self.orders += 1;
        let order = self.phone.paid_order(&format!("order-{}", self.orders)).await;
        let frame = self.pushed.next().await.expect("the socket stays open");
        assert_eq!((&frame["type"], &frame["orderId"]), (&json!(1), &order["orderId"]));
        // A daemon that waited for a hung device would wait for four seconds at least.
        assert!(begun.elapsed() < Duration::from_secs(4), "an order took {:?}", begun.elapsed());
        order
    }

    async fn is_heard_at_last(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.counter.alerts().await.iter().any(|alert| alert["heardAt"].is_null()) {
            assert!(Instant::now() < deadline, "heardAt stays empty");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn without_sound_and_bus_orders_go_on_and_healthz_tells_why_nobody_hears() {
    let desk = Desk::new();
    let mut daemon = desk.daemon(1);
    let mut shop = Shop::opens(&daemon).await;
    for _ in 0..3 {
        shop.sells().await;
    }
    let deadline = Instant::now() + PATIENCE;
    while health(&daemon).await["popup"]["detail"] == "尚未检查" {
        assert!(Instant::now() < deadline, "the devices are never looked at");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    health_when(&daemon, "sound", false).await;
    // Long enough for several rings that fail.
    assert_eq!(shop.pushed.all_within(Duration::from_secs(4)).await, NONE, "a ring that fails pushes nothing again");
    let report = health(&daemon).await;
    assert_eq!((&report["status"], &report["database"]["ok"]), (&json!("degraded"), &json!(true)));
    for (device, reason) in [("sound", "no sound device"), ("popup", "no notification daemon")] {
        let detail = report[device]["detail"].as_str().unwrap();
        assert!(report[device]["ok"] == false && detail.contains(reason), "{report}");
    }
    assert_eq!(shop.counter.ok(Method::GET, "/admin/alert/desktop", Value::Null).await["sound"], report["sound"]);
    let alerts = shop.counter.alerts().await;
    assert!(alerts.len() == 3 && alerts.iter().all(|alert| alert["heardAt"].is_null()), "{alerts:?}");
    let log = daemon.log();
    assert!(!log.contains("panicked") && !log.contains("ALSA lib") && log.lines().count() < 100, "{log}");
    assert!(daemon.stop().0.success());
}

#[tokio::test]
async fn a_sound_server_that_comes_later_speaks_the_alert_that_nobody_heard() {
    let desk = Desk::new();
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    shop.sells().await;
    health_when(&daemon, "sound", false).await;
    let begun = Instant::now();
    let sound = desk.start_sound();
    let recording = sound.record();
    let heard = recording.sentence(0, &ORDER).await;
    assert_loud_and_clear(&ORDER, &heard);
    let delay = recording.arrival(heard[0].start) - begun;
    println!("heard {delay:?} after the sound server's start");
    assert!(delay < Duration::from_secs(5), "the repeat is 2 s: {delay:?}");
    shop.is_heard_at_last().await;
    health_when(&daemon, "sound", true).await;
    assert_eq!(shop.pushed.all_within(Duration::from_millis(300)).await, NONE);
}

#[tokio::test]
async fn a_sound_server_killed_in_the_middle_of_a_word_is_used_again_within_ten_seconds() {
    let desk = Desk::new();
    let sound = desk.start_sound();
    let recording = sound.record();
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    shop.sells().await;
    recording.sentence(0, &ORDER[..1]).await;
    drop(sound);
    println!("told {:?} after the kill", health_when(&daemon, "sound", false).await);
    assert!(shop.counter.alerts().await[0]["heardAt"].is_null(), "half a sentence is not heard");
    shop.sells().await;
    let begun = Instant::now();
    let sound = desk.start_sound();
    let recording = sound.record();
    let heard = recording.sentence(0, &["chime/order", "zh/count.2"]).await;
    let delay = recording.arrival(heard[0].start) - begun;
    println!("heard {delay:?} after the sound server's return");
    assert!(delay < Duration::from_secs(10), "{delay:?}");
    shop.is_heard_at_last().await;
    assert_eq!(health(&daemon).await["sound"]["ok"], true);
}

#[tokio::test]
async fn a_hung_sound_server_holds_up_no_order_and_is_used_again_when_it_wakes() {
    let desk = Desk::new();
    let sound = desk.start_sound();
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    health_when(&daemon, "sound", true).await;
    sound.freeze();
    let frozen = Instant::now();
    shop.sells().await;
    shop.sells().await;
    health_when(&daemon, "sound", false).await;
    println!("a hung sound server is told after {:?}", frozen.elapsed());
    assert!(frozen.elapsed() < Duration::from_secs(20), "{:?}", frozen.elapsed());
    shop.sells().await;
    answer_all(&shop.counter).await;
    shop.sells().await;
    let thawed = Instant::now();
    sound.thaw();
    let recording = sound.record();
    let heard = recording.sentence(0, &ORDER).await;
    println!("heard {:?} after it woke", recording.arrival(heard[0].start) - thawed);
    assert!(recording.arrival(heard[0].start) - thawed < Duration::from_secs(10));
    shop.is_heard_at_last().await;
    health_when(&daemon, "sound", true).await;
    answer_all(&shop.counter).await;
    recording.silence(Duration::from_secs(4)).await;
}

#[tokio::test]
async fn a_notification_daemon_that_dies_is_missed_and_shows_the_popup_again_when_it_returns() {
    let desk = Desk::new();
    let (_bus, screen) = (desk.start_bus(), desk.start_screen());
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    shop.sells().await;
    health_when(&daemon, "popup", false).await;
    for life in 0..2 {
        let begun = Instant::now();
        let notifier = desk.start_notifier(&screen);
        notifier.shows(life, &["A01桌", "新订单"]).await;
        println!("shown {:?} after the notification daemon's start", begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(5), "the repeat is 2 s: {:?}", begun.elapsed());
        health_when(&daemon, "popup", true).await;
        assert_eq!(notifier.displayed(), 1);
        drop(notifier);
        println!("missed {:?} after the kill", health_when(&daemon, "popup", false).await);
    }
    let notifier = desk.start_notifier(&screen);
    notifier.displays(1);
    answer_all(&shop.counter).await;
    notifier.displays(0);
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}

#[tokio::test]
async fn a_hung_notification_daemon_holds_up_neither_orders_nor_sound() {
    let desk = Desk::new();
    let (sound, _bus, screen) = (desk.start_sound(), desk.start_bus(), desk.start_screen());
    let (notifier, recording) = (desk.start_notifier(&screen), sound.record());
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    health_when(&daemon, "popup", true).await;
    notifier.freeze();
    let (mark, frozen) = (recording.now(), Instant::now());
    shop.sells().await;
    let heard = recording.sentence(mark, &ORDER).await;
    let delay = recording.arrival(heard[0].start) - frozen;
    println!("heard {delay:?} after the order, at {:.3} s", (heard[0].start - mark) as f32 / RATE as f32);
    assert!(delay < Duration::from_secs(3), "the popup holds up the voice: {delay:?}");
    health_when(&daemon, "popup", false).await;
    println!("a hung notification daemon is told after {:?}", frozen.elapsed());
    assert!(frozen.elapsed() < Duration::from_secs(20), "{:?}", frozen.elapsed());
    // It goes on ringing, and asking for a popup, meanwhile.
    for _ in 0..2 {
        recording.sentence(recording.now(), &ORDER).await;
    }
    shop.is_heard_at_last().await;
    notifier.thaw();
    health_when(&daemon, "popup", true).await;
    // By the time a whole sentence has been said since, its popup has replaced whatever had piled up.
    recording.sentence(recording.now(), &ORDER).await;
    assert_eq!(notifier.displayed(), 1, "one popup, and not one for each ring: {:?}", notifier.shown());
    answer_all(&shop.counter).await;
    notifier.displays(0);
}

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
    answer_all(&shop.counter).await;
    let quiet = recording.silence(Duration::from_secs(1)).await;
    recording.stays_silent(quiet, Duration::from_secs(4)).await;
    assert_eq!(shop.pushed.all_within(Duration::from_millis(300)).await, NONE);
}
