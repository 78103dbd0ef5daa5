//! One shop from morning to night: orders are heard and seen, whatever happens to the daemon, the session and the PC.

use crate::machine::{Machine, wait_long};
use crate::process::{Process, wait_for};
use crate::shop::{BACK_WITHIN, DATABASE, LAN, SERVICE, Shop, TUNNEL};
use crate::sound::assert_loud_and_clear;
use crate::support::PATIENCE;
use std::time::{Duration, Instant};

const NEW_ORDER: [&str; 4] = ["chime/order", "zh/letter.A", "zh/table.01", "zh/say.new_order"];

/// Shorter than in the unit, for the test.
const PATIENCE_OF_THE_WATCHDOG: Duration = Duration::from_secs(4);

#[tokio::test]
async fn an_order_is_heard_and_seen_in_the_session_and_again_after_a_kill_a_logout_and_a_reboot() {
    let mut shop = Shop::opens(Machine::boot()).await;
    let phone = shop.phone().await;
    let recording = shop.record();
    let mark = recording.now();
    let order = phone.paid_order("first").await;
    assert_loud_and_clear(&NEW_ORDER, &recording.sentence(mark, &NEW_ORDER).await);
    shop.shows(0, &["来单提醒", "A01桌"]);
    let status = wait_for("the status line", || {
        Some(shop.machine.property(SERVICE, "StatusText")).filter(|status| status.matches('✔').count() == 3)
    });
    println!("systemctl status says: {status}");
    assert!(status.starts_with(LAN), "{status}");

    the_journal_is_for_people(&shop);

    shop.kill();
    let back = shop.serves_again().await;
    println!("kill -9: it serves again after {back:?}");
    assert!(back < BACK_WITHIN, "{back:?}");
    assert_eq!(phone.get(&format!("/api/store/order/{}", order["orderId"])).await["payStatus"], 1);
    let (mark, popups) = (recording.now(), shop.popups().len());
    recording.sentence(mark, &NEW_ORDER).await;
    shop.shows(popups, &["A01桌"]);

    logs_in_and_out(&shop).await;

    drop(recording);
    shop.machine.reboot();
    shop.machine.enter_network();
    shop.serves_again().await;
    let (recording, popups) = (shop.record(), shop.popups().len());
    recording.sentence(0, &NEW_ORDER).await;
    shop.shows(popups, &["A01桌"]);
    answer_all(&shop).await;
    recording.silence(Duration::from_secs(5)).await;
}

fn the_journal_is_for_people(shop: &Shop) {
    let journal = shop.machine.journal(SERVICE, &[]);
    println!("{journal}");
    assert!(journal.contains("serving phones and counter on http://"), "{journal}");
    assert!(!journal.contains(['{', '<', '\u{1b}']), "no JSON, levels or colours: {journal}");
    let warnings = shop.machine.journal(SERVICE, &["--priority", "warning"]);
    assert!(warnings.contains("DEMO PAYMENTS ARE ON") && !warnings.contains("serving"), "{warnings}");
}

/// When the last session of a user ends, logind ends the user's manager, and sound and popups with it.
async fn logs_in_and_out(shop: &Shop) {
    let (daemon, manager) = (shop.pid(), shop.machine.property("user@1000.service", "MainPID"));
    let users = shop.machine.run(&["su", "--login", "cashier", "--command", "loginctl list-users"]);
    assert!(users.contains("cashier"), "a session begins: {users}");
    let begun = Instant::now();
    wait_for("another manager of the user", || {
        let now = shop.machine.property("user@1000.service", "MainPID");
        (now != manager && now != "0").then_some(())
    });
    println!("logout: the user's manager is back after {:?}", begun.elapsed());
    let (recording, popups) = (shop.record(), shop.popups().len());
    recording.sentence(0, &NEW_ORDER).await;
    shop.shows(popups, &["A01桌"]);
    assert_eq!(shop.pid(), daemon, "the daemon does not end with a session");
}

async fn answer_all(shop: &Shop) {
    let counter = shop.counter().await;
    for alert in counter.alerts().await {
        let path = format!("/admin/alert/ack/{}", alert["alertId"]);
        counter.ok(reqwest::Method::POST, &path, serde_json::Value::Null).await;
    }
}

#[tokio::test]
async fn a_daemon_whose_database_is_blocked_is_killed_and_one_that_is_idle_is_not() {
    let patience = format!("[Service]\nWatchdogSec={}\n", PATIENCE_OF_THE_WATCHDOG.as_secs());
    let machine = Machine::boot_with(&[("/etc/systemd/system/tablebell@.service.d/patience.conf", &patience)]);
    let shop = Shop::opens(machine).await;
    // Several periods in which nothing happens but pings.
    let daemon = shop.pid();
    tokio::time::sleep(PATIENCE_OF_THE_WATCHDOG * 3).await;
    assert_eq!((shop.pid(), shop.machine.property(SERVICE, "NRestarts").as_str()), (daemon, "0"));
    let blocker = Blocker::starts(&shop.machine);
    let blocked = Instant::now();
    wait_long("the watchdog's kill", PATIENCE * 2, || {
        shop.machine.journal(SERVICE, &[]).contains("Watchdog timeout").then_some(())
    });
    println!("blocked: killed by the watchdog after {:?}", blocked.elapsed());
    let complaints = shop.machine.journal(SERVICE, &["--priority", "err"]);
    assert!(complaints.contains("the watchdog is not pinged"), "{complaints}");
    blocker.ends();
    let back = shop.serves_again().await;
    println!("unblocked: it serves again after {back:?}");
    assert_ne!(shop.pid(), daemon);
    shop.phone().await.paid_order("after").await;
}

/// It goes on while this file is there.
const COFFEE: &str = "/run/coffee";

/// Somebody's own look at the database, who has begun to write and gone for a coffee.
struct Blocker<'m> {
    machine: &'m Machine,
    _process: Process,
}

impl Blocker<'_> {
    fn starts(machine: &Machine) -> Blocker<'_> {
        let wait = format!(".shell touch {0}; while [ -e {0} ]; do sleep 0.1; done", COFFEE);
        let command = machine.command(&["sqlite3", "-cmd", ".timeout 5000", DATABASE, "begin immediate;", &wait]);
        let process = Process::start(command, &machine.path("/root/sqlite3.log"));
        wait_for("the blocker's begin", || machine.path(COFFEE).exists().then_some(()));
        Blocker { machine, _process: process }
    }

    fn ends(self) {
        self.machine.run(&["rm", COFFEE]);
    }
}

#[tokio::test]
async fn phones_wait_during_a_restart_where_systemd_holds_the_sockets() {
    let shop = Shop::made(Machine::boot());
    let sockets = ["tablebell-lan@1000.socket", "tablebell-tunnel@1000.socket"];
    shop.machine.run(&["systemctl", "enable", "--now", sockets[0], sockets[1]]);
    assert_eq!(shop.machine.property(SERVICE, "ActiveState"), "inactive");
    // The first phone starts it.
    assert_eq!(shop.health().await["database"]["ok"], true);
    let first = shop.pid();
    for fd in ["3", "4"] {
        let flags = shop.machine.read(&format!("/proc/{first}/fdinfo/{fd}"));
        let flags = flags.lines().find_map(|line| line.strip_prefix("flags:")).expect("flags").trim().to_owned();
        let flags = u32::from_str_radix(&flags, 8).expect("octal");
        assert_ne!(flags & 0o2_000_000, 0, "socket {fd} is close-on-exec");
    }
    let phone = shop.phone().await;
    for (end, verb) in [("kill -9", "kill"), ("restart", "restart")] {
        match verb {
            "kill" => shop.kill(),
            _ => drop(shop.machine.run(&["systemctl", "restart", "--no-block", SERVICE])),
        }
        let begun = Instant::now();
        // One request each, not repeated: it has to wait, not to be refused.
        let (cart, callback) = tokio::join!(phone.cart(), reqwest::get(format!("{TUNNEL}/healthz")));
        println!("{end}: the phone waited for {:?}", begun.elapsed());
        assert!(cart["version"].is_number() && callback.expect("the tunnel waits too").status() == 200);
        assert!(begun.elapsed() < BACK_WITHIN, "{:?}", begun.elapsed());
    }
    assert_ne!(shop.pid(), first);
}
