//! No notification daemon, one that comes late, dies, or hangs, and the same of its bus.

use crate::desk::{Desk, health_when};
use crate::hearing::RATE;
use crate::shop::Shop;
use std::time::{Duration, Instant};

const ORDER: [&str; 4] = ["chime/order", "zh/letter.A", "zh/table.01", "zh/say.new_order"];

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
    shop.answers_all().await;
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
    shop.answers_all().await;
    notifier.displays(0);
}

