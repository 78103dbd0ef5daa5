//! No sound, sound that comes late, dies, hangs, or plays to nobody: on PulseAudio and on PipeWire.

use crate::desk::{Desk, NOTICE, health_when, noticed, side_by_side};
use crate::shop::{NONE, Shop};
use crate::sound::{Kind, Recording, SoundServer};
use crate::support::{Answer, Daemon};
use crate::vitals::Vitals;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ORDER: [&str; 4] = ["chime/order", "zh/letter.A", "zh/table.01", "zh/say.new_order"];
const BOTH: [Kind; 2] = [Kind::PulseAudio, Kind::PipeWire];

#[tokio::test]
async fn without_sound_and_bus_orders_go_on_and_healthz_tells_why_nobody_hears() {
    let desk = Desk::new();
    let begun = Instant::now();
    let mut daemon = desk.daemon(1);
    let mut shop = Shop::opens(&daemon).await;
    for _ in 0..3 {
        shop.sells().await;
    }
    let why = |report: &Value, device: &str, reason: &str| {
        let detail = report[device]["detail"].as_str().unwrap_or_default();
        report[device]["ok"] == false && detail.contains(reason)
    };
    let report = loop {
        let Answer { status, body: report } = daemon.health().await;
        if why(&report, "sound", "the sound device cannot be used") && why(&report, "popup", "no notification daemon") {
            assert_eq!((status, &report["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("failing")));
            assert_eq!(report["database"]["ok"], true);
            break report;
        }
        assert!(begun.elapsed() < NOTICE, "{report}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    // Long enough for several rings that fail.
    let vitals = Vitals::of(&daemon);
    assert_eq!(shop.pushed.all_within(Duration::from_secs(8)).await, NONE, "a ring that fails pushes nothing again");
    assert_eq!(shop.pushed.escalations, 1, "the pages are called once");
    vitals.stayed_flat();
    assert_eq!(shop.counter.ok(Method::GET, "/admin/alert/desktop", Value::Null).await["sound"], report["sound"]);
    let alerts = shop.counter.alerts().await;
    assert!(alerts.len() == 3 && alerts.iter().all(|alert| alert["heardAt"].is_null()), "{alerts:?}");
    let log = daemon.log();
    assert!(!log.contains("panicked") && !log.contains("ALSA lib") && log.lines().count() < 100, "{log}");
    assert!(daemon.stop().0.success());
}

/// What happens to a sound server that worked, in the middle of a word.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Killed,
    Hung,
    /// PipeWire's session manager is gone, which connects streams to loudspeakers, until all of PipeWire is started
    /// anew: with a new manager alone 0.3.65 may stay hung.
    Unmanaged,
    /// Its loudspeaker is pulled out, and it plays to a dummy.
    Unplugged,
}

impl Fault {
    fn strikes(self, mut sound: SoundServer) -> Option<SoundServer> {
        match self {
            Fault::Killed => return None,
            Fault::Hung => sound.freeze(),
            Fault::Unmanaged => sound.kill_manager(),
            Fault::Unplugged => sound.unplug(),
        }
        Some(sound)
    }

    fn ends(self, desk: &Desk, sound: Option<SoundServer>) -> SoundServer {
        let Some(sound) = sound else { return desk.start_sound() };
        match self {
            Fault::Killed => unreachable!("a killed server is gone"),
            Fault::Hung => sound.thaw(),
            Fault::Unmanaged => {
                drop(sound);
                return desk.start_sound();
            }
            Fault::Unplugged => sound.plug_in(),
        }
        sound
    }
}

/// The alerts of the outage are said within `NOTICE` of its end, in one sentence that counts them, and pushed no more.
async fn heals(daemon: &Daemon, shop: &mut Shop, recording: &Recording, since: Instant) {
    shop.is_heard_at_last().await;
    println!("all was said {:?} after the end of the fault", since.elapsed());
    assert!(since.elapsed() < NOTICE, "{:?}", since.elapsed());
    noticed(daemon, "sound", true, since).await;
    // It may have begun before the recording did; then it is heard with the next ring.
    recording.sentence(0, &["chime/order", &format!("zh/count.{}", shop.open)]).await;
    assert_eq!(daemon.health().await.body["status"], "ok");
    assert_eq!(shop.pushed.all_within(Duration::from_millis(300)).await, NONE);
    shop.answers_all().await;
    recording.silence(Duration::from_secs(4)).await;
}

async fn is_outlived((fault, kind): (Fault, Kind)) {
    let desk = Desk::with(kind);
    let (sound, _bus, screen) = (desk.start_sound(), desk.start_bus(), desk.start_screen());
    let (notifier, recording) = (desk.start_notifier(&screen), sound.record());
    let daemon = desk.daemon(2);
    let mut shop = Shop::opens(&daemon).await;
    health_when(&daemon, "sound", true).await;
    health_when(&daemon, "popup", true).await;
    shop.sells().await;
    recording.sentence(0, &ORDER).await;
    shop.answers_all().await;
    let (mark, before) = (recording.silence(Duration::from_secs(1)).await, Vitals::of(&daemon));
    shop.sells().await;
    recording.sentence(mark, &ORDER[..1]).await;
    let since = Instant::now();
    let sound = fault.strikes(sound);
    shop.sells_through(&daemon, "sound", since).await;
    assert_eq!(shop.heard().await, 0, "half a sentence is not heard");
    notifier.shows(0, &["A01桌", "电脑没有声音"]).await;
    assert!(notifier.displayed() > 0, "it is seen, at least");
    let since = Instant::now();
    let sound = fault.ends(&desk, sound);
    heals(&daemon, &mut shop, &sound.record(), since).await;
    before.come_back().await;
}

#[test]
fn a_sound_server_killed_in_the_middle_of_a_word_is_missed_and_used_again() {
    side_by_side(&BOTH.map(|kind| (Fault::Killed, kind)), is_outlived);
}

#[test]
fn a_sound_server_that_hangs_or_connects_nothing_is_missed_and_used_again() {
    let [pulseaudio, pipewire] = BOTH.map(|kind| (Fault::Hung, kind));
    side_by_side(&[pulseaudio, pipewire, (Fault::Unmanaged, Kind::PipeWire)], is_outlived);
}

#[test]
fn a_loudspeaker_pulled_out_is_missed_though_the_server_plays_on_to_a_dummy() {
    side_by_side(&BOTH.map(|kind| (Fault::Unplugged, kind)), is_outlived);
}

#[test]
fn a_sound_server_that_comes_after_the_daemon_speaks_what_nobody_heard() {
    side_by_side(&BOTH, |kind| async move {
        let desk = Desk::with(kind);
        let (_bus, screen) = (desk.start_bus(), desk.start_screen());
        let _notifier = desk.start_notifier(&screen);
        let begun = Instant::now();
        let daemon = desk.daemon(2);
        let mut shop = Shop::opens(&daemon).await;
        health_when(&daemon, "popup", true).await;
        shop.sells_through(&daemon, "sound", begun).await;
        let since = Instant::now();
        let sound = desk.start_sound();
        heals(&daemon, &mut shop, &sound.record(), since).await;
    });
}
