//! The units as systemd reads them, and the other way to run: as a part of the user's session.

use crate::machine::Machine;
use crate::process::wait_for;
use crate::shop::{BACK_WITHIN, Shop, install, package};

/// `systemd-analyze security` takes a user's unit for one of root, which costs it 0.4; and a user's manager of systemd 252
/// cannot set ProtectKernelLogs= up, another 0.2.
const EXPOSURE: [(&str, &[&str], f32); 4] = [
    ("system/tablebell@.service", &[], 1.5),
    ("system/tablebell-backup@.service", &[], 1.5),
    ("user/tablebell.service", &["--user"], 2.1),
    ("user/tablebell-backup.service", &["--user"], 1.5),
];

#[test]
fn every_unit_is_sound_and_shut_in() {
    let machine = Machine::boot();
    install(&machine, &package(), &[]);
    for unit in ["tablebell@1000.service", "tablebell-backup@1000.timer", "tablebell-lan@1000.socket"] {
        let said = machine.run(&["sh", "-c", &format!("systemd-analyze verify --man=no {unit} 2>&1")]);
        assert!(!said.contains("tablebell"), "{unit}: {said}");
    }
    for (unit, user, most) in EXPOSURE {
        let path = format!("/usr/lib/systemd/{unit}");
        let analyse = [&["env", "XDG_RUNTIME_DIR=/run", "systemd-analyze"], user].concat();
        let told = machine.run(&[&analyse[..], &["security", "--offline=true", "--no-pager", &path]].concat());
        let overall = told.split("Overall exposure level for ").nth(1).expect("an overall level");
        let level: f32 = overall.split([':', ' ']).filter_map(|word| word.parse().ok()).next().expect("a number");
        println!("exposure of {unit}: {level}");
        assert!(level <= most, "{told}");
    }
}

/// For a cashier who is not root.
#[tokio::test]
async fn a_user_s_own_unit_is_heard_and_seen_and_comes_back() {
    let machine = Machine::boot();
    install(&machine, &package(), &[]);
    machine.run(&["loginctl", "enable-linger", "cashier"]);
    machine.enter_network();
    wait_for("the cashier's session", || machine.path("/run/user/1000/bus").exists().then_some(()));
    machine.run_as_cashier(&["tablebell", "init", "--config", "/home/cashier/.config/tablebell/tablebell.toml"]);
    machine.run_as_cashier(&["systemctl", "--user", "enable", "--now", "tablebell.service"]);
    let shop = Shop::of(machine, String::new());
    shop.healthy().await;
    shop.machine.run_as_cashier(&[
        "systemctl",
        "--user",
        "kill",
        "--kill-whom=main",
        "--signal=KILL",
        "tablebell.service",
    ]);
    let back = shop.serves_again().await;
    println!("kill -9 of the user's unit: it serves again after {back:?}");
    assert!(back < BACK_WITHIN, "{back:?}");
    let restarted =
        || shop.machine.run_as_cashier(&["systemctl", "--user", "show", "--value", "-p", "MainPID", "tablebell"]);
    let before = restarted();
    install(&shop.machine, &package(), &["--reinstall"]);
    assert_ne!(restarted(), before, "an upgrade restarts the user's unit too");
    shop.healthy().await;
    shop.machine.run(&["apt-get", "remove", "--yes", "--quiet", "tablebell"]);
    assert!(shop.health().await.is_null());
}
