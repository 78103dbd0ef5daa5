//! No notification daemon, one that comes late, dies, or hangs, and the same of its bus: seen again, never held up.

use crate::desk::{Desk, NOTICE, health_when, noticed, side_by_side};
use crate::popup::{Bus, DeafBus, Notifier, Screen};
use crate::shop::{NONE, Shop};
use std::time::{Duration, Instant};

const ORDER: [&str; 4] = ["chime/order", "zh/letter.A", "zh/table.01", "zh/say.new_order"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The notification daemon is gone.
    Killed,
    /// The notification daemon is alive, and deaf.
    Hung,
    /// There is no bus.
    NoBus,
    /// What is in the bus's place takes connections, and never says a word.
    DeafBus,
    /// The bus is alive, and deaf.
    HungBus,
}

/// What there is of a desktop that shows popups.
struct Shown<'a> {
    desk: &'a Desk,
    screen: Screen,
    notifier: Option<Notifier>,
    bus: Option<Bus>,
    deaf: Option<DeafBus>,
}

impl<'a> Shown<'a> {
    fn on(desk: &'a Desk) -> Shown<'a> {
        let (bus, screen) = (desk.start_bus(), desk.start_screen());
        Shown { desk, notifier: Some(desk.start_notifier(&screen)), screen, bus: Some(bus), deaf: None }
    }

    fn notifier(&self) -> &Notifier {
        self.notifier.as_ref().expect("it runs")
    }

    fn bus(&self) -> &Bus {
        self.bus.as_ref().expect("it runs")
    }

    fn strikes(&mut self, fault: Fault) {
        match fault {
            Fault::Killed => drop(self.notifier.take()),
            Fault::Hung => self.notifier().freeze(),
            Fault::NoBus | Fault::DeafBus => drop((self.notifier.take(), self.bus.take())),
            Fault::HungBus => self.bus().freeze(),
        }
        if fault == Fault::DeafBus {
            self.deaf = Some(self.desk.start_deaf_bus());
        }
    }

    fn ends(&mut self, fault: Fault) {
        match fault {
            Fault::Hung => self.notifier().thaw(),
            Fault::HungBus => self.bus().thaw(),
            Fault::Killed => {}
            Fault::NoBus | Fault::DeafBus => {
                self.deaf = None;
                self.bus = Some(self.desk.start_bus());
            }
        }
        if self.notifier.is_none() {
            self.notifier = Some(self.desk.start_notifier(&self.screen));
        }
    }
}

async fn is_outlived(fault: Fault) {
    let desk = Desk::new();
    let (sound, mut shown) = (desk.start_sound(), Shown::on(&desk));
    let (recording, daemon) = (sound.record(), desk.daemon(2));
    let mut shop = Shop::opens(&daemon).await;
    health_when(&daemon, "popup", true).await;
    let (mark, since) = (recording.now(), Instant::now());
    shown.strikes(fault);
    shop.sells().await;
    let heard = recording.sentence(mark, &ORDER).await;
    let delay = recording.arrival(heard[0].start) - since;
    assert!(delay < Duration::from_secs(3), "the popup holds up the voice: {delay:?}");
    shop.sells_through(&daemon, "popup", since).await;
    shop.is_heard_at_last().await;
    let since = Instant::now();
    shown.ends(fault);
    let backlog = format!("{} 个提醒等待处理", shop.open);
    shown.notifier().shows(0, &[&backlog, "A01桌"]).await;
    println!("shown {:?} after the end of the fault", since.elapsed());
    assert!(since.elapsed() < NOTICE, "{:?}", since.elapsed());
    noticed(&daemon, "popup", true, since).await;
    assert_eq!(daemon.health().await.body["status"], "ok");
    // One, and not one for each ring.
    shown.notifier().displays(1);
    shop.answers_all().await;
    shown.notifier().displays(0);
    assert_eq!(shop.pushed.all_within(Duration::from_millis(300)).await, NONE);
}

#[test]
fn a_notification_daemon_that_dies_or_hangs_is_missed_and_shows_the_popup_when_it_is_back() {
    side_by_side(&[Fault::Killed, Fault::Hung], is_outlived);
}

#[test]
fn a_bus_that_is_gone_deaf_or_hung_is_missed_and_popups_come_when_it_is_back() {
    side_by_side(&[Fault::NoBus, Fault::DeafBus, Fault::HungBus], is_outlived);
}

#[tokio::test]
async fn a_notification_daemon_that_comes_late_and_dies_again_and_again_always_shows_the_popup_anew() {
    let desk = Desk::new();
    let (_bus, screen) = (desk.start_bus(), desk.start_screen());
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    shop.sells().await;
    health_when(&daemon, "popup", false).await;
    for life in 0..3 {
        let begun = Instant::now();
        let notifier = desk.start_notifier(&screen);
        notifier.shows(life, &["来单提醒：A01桌"]).await;
        println!("shown {:?} after the notification daemon's start", begun.elapsed());
        assert!(begun.elapsed() < NOTICE, "{:?}", begun.elapsed());
        health_when(&daemon, "popup", true).await;
        assert_eq!(notifier.displayed(), 1);
        if life == 2 {
            shop.answers_all().await;
            notifier.displays(0);
            break;
        }
        let killed = Instant::now();
        drop(notifier);
        noticed(&daemon, "popup", false, killed).await;
    }
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}
