//! `tablebell doctor` where there is something to hear and to see.

use crate::desk::{Desk, health_when};
use crate::hearing::is_loud;
use crate::support::Daemon;
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// `tablebell doctor …` in the session of this desktop.
fn doctor(desk: &Desk, data: &Path) -> Command {
    let mut command = Daemon::command();
    command.args(["doctor", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--data"]).arg(data);
    command.envs(desk.environment());
    command
}

/// Whether each of sound and popup is fine, and what is said of it.
fn devices(mut command: Command) -> [(bool, String); 2] {
    let output = command.arg("--json").output().expect("tablebell runs");
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    ["声音 sound", "弹窗 popup"].map(|name| {
        let one = found.iter().find(|one| one["name"] == name).expect("a finding");
        (one["ok"].as_bool().expect("ok"), one["detail"].as_str().expect("a detail").to_owned())
    })
}

/// At a terminal, where somebody types `answer`; what is shown there.
fn at_a_terminal(command: &Command, answer: &str) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<String> = words.map(|word| format!("'{}'", word.to_string_lossy())).collect();
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]);
    terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut terminal = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script runs");
    terminal.stdin.take().expect("stdin is piped").write_all(answer.as_bytes()).expect("it is typed");
    String::from_utf8(terminal.wait_with_output().expect("it ends").stdout).expect("text")
}

#[tokio::test]
async fn the_doctor_is_heard_and_seen_and_asks_whether_it_was() {
    let desk = Desk::new();
    let (sound, _bus, screen) = (desk.start_sound(), desk.start_bus(), desk.start_screen());
    let (notifier, recording) = (desk.start_notifier(&screen), sound.record());
    let data = desk.path().join("shop");
    drop(desk.daemon_on(&data, 30));

    let mark = recording.now();
    let [(heard, said), (seen, _)] = devices(doctor(&desk, &data));
    assert!(heard && seen && said.contains("nobody was asked"), "{said}");
    assert!(recording.from(mark).iter().any(|sample| is_loud(*sample)), "it really sounds");
    notifier.shows(0, &["桌铃测试"]).await;
    notifier.displays(0);

    let said = at_a_terminal(&doctor(&desk, &data), "y\n");
    assert!(said.contains("Did you hear it?") && said.contains("✔ 声音 sound: 听到了"), "{said}");
    let said = at_a_terminal(&doctor(&desk, &data), "n\n");
    assert!(said.contains("✘ 声音 sound") && said.contains("音箱"), "{said}");
}

#[tokio::test]
async fn over_ssh_the_running_daemon_is_asked_instead() {
    let desk = Desk::new();
    let (_sound, _bus, screen) = (desk.start_sound(), desk.start_bus(), desk.start_screen());
    let _notifier = desk.start_notifier(&screen);
    let data = desk.path().join("shop");
    let daemon = desk.daemon_on(&data, 30);
    health_when(&daemon, "sound", true).await;
    health_when(&daemon, "popup", true).await;
    let address = |base: &str| base.trim_start_matches("http://").to_owned();
    let mut elsewhere = Daemon::command();
    elsewhere.env("HOME", desk.path().join("home")).env("ALSA_CONFIG_PATH", desk.path().join("asound.conf"));
    elsewhere
        .args(["doctor", "--lan", &address(&daemon.lan), "--tunnel", &address(&daemon.tunnel), "--data"])
        .arg(&data);
    for (ok, said) in devices(elsewhere) {
        assert!(
            ok && said.contains("the running daemon can") && said.contains("this terminal's session can't"),
            "{said}"
        );
    }
}
