//! Many at once who pay nothing for it: what they cost is bounded, and those who have come to eat do not wait for them.

use crate::support::{self, Daemon};
use futures_util::future::join_all;
use serde_json::json;
use std::net::IpAddr;

const MIB: i64 = 1024;

/// This PC has all of 127.0.0.0/8: a device of its own for each test's guest.
fn device(number: usize) -> IpAddr {
    let [.., high, low] = (number + 256).to_be_bytes();
    [127, 0, high, low].into()
}

fn client_from(device: IpAddr) -> reqwest::Client {
    reqwest::Client::builder().local_address(device).build().unwrap()
}

/// A login, and what came of it.
async fn log_in(daemon: &Daemon, from: IpAddr, name: &str, password: &str) -> (u16, String) {
    let login = json!({ "username": name, "password": password });
    let url = format!("{}/admin/employee/login", daemon.lan);
    let answer = support::answer(client_from(from).post(url).json(&login)).await;
    (answer.status.as_u16(), answer.error().to_owned())
}

#[tokio::test]
async fn a_login_leaves_no_memory_behind_whoever_tries_and_however_many_at_once() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let right = (200, String::new());
    assert_eq!(log_in(&daemon, device(0), "admin", "123456").await, right);
    let before = daemon.kilobytes("VmRSS");
    for number in 1..=20 {
        assert_eq!(log_in(&daemon, device(number), "admin", "123456").await, right);
    }
    let after_some = daemon.kilobytes("VmRSS");
    assert!(after_some < before + 10 * MIB, "twenty in turn: {before} kB, then {after_some} kB");
    let names: Vec<String> = (0..60).map(|number| format!("nobody-{number}")).collect();
    let wrong = names.iter().enumerate().map(|(number, name)| log_in(&daemon, device(200 + number), name, "tea-42"));
    let came = join_all(wrong).await;
    assert!(came.iter().all(|(_, code)| code == "BAD_LOGIN"), "{came:?}");
    let after = daemon.kilobytes("VmRSS");
    assert!(after < before + 10 * MIB, "sixty at once, of names that nobody has: {before} kB, then {after} kB");
    let most = daemon.kilobytes("VmHWM");
    assert!(most < before + (2 * 19 + 20) * MIB, "one or two at a time: {before} kB, and at most {most} kB");
}
