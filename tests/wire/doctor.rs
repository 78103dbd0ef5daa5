//! `tablebell doctor` about the PC: each thing that goes wrong in a shop is found, named, and nothing else is blamed.
//!
//! Networks are namespaces and small disks are tmpfs mounts: these tests need root, as in CI, and fail without it.

use crate::store::{Disk, Shop, move_to, overwrite, sqlite};
use crate::support::{Daemon, PATIENCE};
use serde_json::Value;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

const DAY: i64 = 86_400;
/// What no shop in these tests has: a desktop.
const DESKTOP: [&str; 2] = ["声音 sound", "弹窗 popup"];

/// What the doctor says, by name.
struct Findings(Vec<(String, bool, String)>);

impl Findings {
    fn of(output: &Output) -> Findings {
        let list: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let read = |one: &Value| (text(&one["name"]), one["ok"].as_bool().expect("ok"), text(&one["detail"]));
        let findings = Findings(list.iter().map(read).collect());
        let healthy = findings.0.iter().all(|(_, ok, _)| *ok);
        assert_eq!(output.status.code(), Some(i32::from(!healthy)), "{output:?}");
        findings
    }

    /// The names of what is wrong, without the desktop.
    fn wrong(&self) -> Vec<&str> {
        let wrong = self.0.iter().filter(|(name, ok, _)| !ok && !DESKTOP.contains(&name.as_str()));
        wrong.map(|(name, ..)| name.as_str()).collect()
    }

    /// What is said of the one whose name contains `name`.
    fn detail(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(full, ..)| full.contains(name));
        &found.unwrap_or_else(|| panic!("{name}: {:?}", self.0)).2
    }

    /// Only `name` is wrong, and these words say why and what to do.
    fn blame(&self, name: &str, words: &[&str]) {
        let wrong = self.wrong();
        assert!(wrong.len() == 1 && wrong[0].contains(name), "only {name} should be wrong: {:?}", self.0);
        let detail = self.detail(name);
        assert!(words.iter().all(|word| detail.contains(word)), "{words:?}: {detail}");
    }
}

/// A network of its own with one card: what a router gives this PC.
struct Network {
    name: String,
}

impl Network {
    fn new() -> Network {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tablebell-doctor-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        ip(&["netns", "add", &name]);
        let network = Network { name };
        network.ip(&["link", "set", "lo", "up"]);
        network.ip(&["link", "add", "lan", "type", "veth", "peer", "name", "router"]);
        for card in ["lan", "router"] {
            network.ip(&["link", "set", card, "up"]);
        }
        network
    }

    fn ip(&self, arguments: &[&str]) {
        ip(&[&["-n", &self.name], arguments].concat());
    }

    /// The router gives this address, and no other any longer.
    fn gives(&self, address: &str) {
        self.ip(&["addr", "flush", "dev", "lan"]);
        self.ip(&["addr", "add", &format!("{address}/24"), "dev", "lan"]);
        self.ip(&["route", "add", "default", "dev", "lan"]);
    }

    /// The same command, run here.
    fn command(&self, inner: &Command) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(inner.get_program()).args(inner.get_args());
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
    }
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output().expect("ip runs (package iproute2)");
    assert!(output.status.success(), "these tests need root to make networks: ip {arguments:?}: {output:?}");
}

/// `tablebell VERB` for the shop in `data`, by its configuration alone.
fn tablebell(verb: &str, data: &Path) -> Command {
    let mut command = Daemon::command();
    command.arg(verb).arg("--data").arg(data).arg("--config").arg(data.join("tablebell.toml"));
    command
}

fn doctor(data: &Path) -> Command {
    let mut command = tablebell("doctor", data);
    command.arg("--json");
    command
}

/// On ports that nobody uses.
fn doctor_aside(data: &Path) -> Findings {
    Findings::of(&doctor(data).args(["--lan", "0.0.0.0:0", "--tunnel", "127.0.0.1:0"]).output().unwrap())
}

/// In a network where the shop has its usual ports.
fn doctor_in(network: &Network, data: &Path) -> Findings {
    Findings::of(&network.command(&doctor(data)).output().unwrap())
}

fn back_up(shop: &Shop) {
    let output = tablebell("backup", &shop.data()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn configure(shop: &Shop, was: &str, is: &str) {
    let path = shop.data().join("tablebell.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(was), "{text}");
    std::fs::write(path, text.replace(was, is)).unwrap();
}

#[test]
fn a_sound_shop_is_found_sound_whether_it_runs_or_not() {
    let (shop, network) = (Shop::stopped(), Network::new());
    network.gives("192.168.50.10");
    back_up(&shop);
    let found = doctor_in(&network, &shop.data());
    assert_eq!(found.wrong(), [""; 0], "{:?}", found.0);
    assert!(found.detail("端口").contains("空闲"), "{:?}", found.0);
    let daemon = Daemon::spawn(network.command(&tablebell("run", &shop.data())), &shop.data());
    let found = doctor_in(&network, &shop.data());
    assert_eq!(found.wrong(), [""; 0], "{:?}", found.0);
    assert!(found.detail("端口").contains("桌铃"), "{:?}", found.0);
    assert!(found.detail("LAN address").contains("http://192.168.50.10:8080 可以打开"), "{:?}", found.0);
    assert!(found.detail("声音").contains("the running daemon says"), "{:?}", found.0);
    let text = network.command(&tablebell("doctor", &shop.data())).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert_eq!((text.matches('✔').count(), text.matches('✘').count()), (found.0.len() - 2, 2), "{text}");
    drop(daemon);
}

#[test]
fn an_address_that_changed_since_the_cards_were_printed_is_found() {
    let (shop, network) = (Shop::stopped(), Network::new());
    back_up(&shop);
    let alone = doctor_in(&network, &shop.data());
    alone.blame("LAN address", &["127.0.0.1", "this PC only", "connect the LAN"]);
    network.gives("192.168.50.10");
    let print = |base: &str| {
        let set = format!("insert or replace into setting (key, value) values ('printed_base_url', '{base}')");
        sqlite(&shop.file(), &set);
    };
    print("http://192.168.50.10:8080");
    assert_eq!(doctor_in(&network, &shop.data()).wrong(), [""; 0]);
    let daemon = Daemon::spawn(network.command(&tablebell("run", &shop.data())), &shop.data());
    network.gives("192.168.50.99");
    let found = doctor_in(&network, &shop.data());
    found.blame("QR codes", &["192.168.50.10:8080", "192.168.50.99:8080", "DHCP", "tablebell qr"]);
    drop(daemon);
    configure(&shop, "# base_url = \"http://192.168.1.10:8080\"", "base_url = \"http://192.168.50.10:8080\"");
    let found = doctor_in(&network, &shop.data());
    found.blame("LAN address", &["192.168.50.10", "not this PC's", "DHCP"]);
    network.gives("192.168.50.10");
    assert_eq!(doctor_in(&network, &shop.data()).wrong(), [""; 0]);
    print("http://till.local:8080");
    doctor_in(&network, &shop.data()).blame("QR codes", &["till.local", "Android"]);
    print("http://till.local:8080");
    configure(&shop, "base_url = \"http://192.168.50.10:8080\"", "base_url = \"http://till.local:8080\"");
    let found = doctor_in(&network, &shop.data());
    assert_eq!(found.wrong().len(), 2, "{:?}", found.0);
    assert!(found.detail("LAN address").contains("Android"), "{:?}", found.0);
}

#[test]
fn a_port_that_another_program_has_is_found_and_so_is_a_daemon_that_listens_elsewhere() {
    let (shop, other, network) = (Shop::stopped(), Shop::stopped(), Network::new());
    network.gives("192.168.50.10");
    back_up(&shop);
    let another = Daemon::spawn(network.command(&tablebell("run", &other.data())), &other.data());
    let found = doctor_in(&network, &shop.data());
    assert_eq!(found.wrong().len(), 2, "{:?}", found.0);
    assert!(found.wrong().iter().all(|name| name.contains("端口")), "{:?}", found.0);
    for (name, port) in [("手机", "8080"), ("付款通知", "8081")] {
        let detail = found.detail(name);
        assert!(detail.contains(port) && detail.contains("another program") && detail.contains("ss -ltnp"), "{detail}");
    }
    drop(another);
    configure(&shop, "lan = \"0.0.0.0:8080\"", "lan = \"192.168.50.77:8080\"");
    let found = doctor_in(&network, &shop.data());
    assert!(found.detail("手机").contains("not an address of this PC"), "{:?}", found.0);
    configure(&shop, "lan = \"192.168.50.77:8080\"", "lan = \"0.0.0.0:8080\"");
    let mut elsewhere = tablebell("run", &shop.data());
    elsewhere.args(["--lan", "0.0.0.0:9090", "--tunnel", "127.0.0.1:9091"]);
    let _daemon = Daemon::spawn(network.command(&elsewhere), &shop.data());
    let found = doctor_in(&network, &shop.data());
    assert_eq!(found.wrong().len(), 3, "{:?}", found.0);
    assert!(found.detail("手机").contains("listen elsewhere") && found.detail("付款通知").contains("listen elsewhere"));
    assert!(found.detail("LAN address").contains("firewall"), "{:?}", found.0);
}

#[test]
fn a_busy_port_of_some_program_is_found() {
    let shop = Shop::stopped();
    let taken = TcpListener::bind("0.0.0.0:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = doctor(&shop.data()).args(["--lan", &address, "--tunnel", "127.0.0.1:0"]).output().unwrap();
    assert!(Findings::of(&output).detail("手机").contains("another program"));
}

#[test]
fn a_disk_that_is_nearly_full_or_read_only_is_found() {
    let (shop, network, disk) = (Shop::stopped(), Network::new(), Disk::of("300m"));
    network.gives("192.168.50.10");
    let data = move_to(&disk, &shop);
    let output = tablebell("backup", &data).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    doctor_in(&network, &data).blame("disk space", &["0.3 GB", "nearly full"]);
    crate::store::mount(&["-o", "remount,ro"], disk.path());
    let found = doctor_in(&network, &data);
    assert!(found.detail("database").contains("read-only"), "{:?}", found.0);
}

#[test]
fn a_backup_that_is_missing_old_or_damaged_is_found() {
    let (shop, network) = (Shop::stopped(), Network::new());
    network.gives("192.168.50.10");
    let find = || doctor_in(&network, &shop.data());
    find().blame("备份", &["no backup", "tablebell backup"]);
    back_up(&shop);
    assert_eq!(find().wrong(), [""; 0]);
    let folder = shop.data().join("backup");
    let made = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&made).unwrap();
    overwrite(&made, 40 * 1024, 24 * 1024);
    find().blame("备份", &["damaged", "back up again"]);
    std::fs::write(&made, whole).unwrap();
    std::fs::rename(&made, folder.join("tablebell-20260101-033000.db")).unwrap();
    find().blame("备份", &["小时前", "h old", "tablebell backup"]);
    configure(&shop, "# folder = \"/mnt/usb/tablebell\"", "folder = \"/nonexistent/usb\"");
    find().blame("备份", &["/nonexistent/usb", "not there"]);
}

#[test]
fn a_database_that_cannot_be_served_is_found_and_the_rest_is_looked_at_all_the_same() {
    type Spoil = fn(&Path);
    for (spoil, words) in [
        ((|file| std::fs::remove_file(file).unwrap()) as Spoil, "tablebell restore"),
        (|file| sqlite(file, "pragma user_version = 99"), "newer"),
        (|file| sqlite(file, "pragma application_id = 7"), "not a Tablebell"),
        (|file| overwrite(file, 40 * 1024, 24 * 1024), "damaged"),
        (
            |file| {
                let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schema-1.db");
                std::fs::copy(fixture, file).map(drop).unwrap();
            },
            "older",
        ),
    ] {
        let shop = Shop::stopped();
        back_up(&shop);
        spoil(&shop.file());
        let found = doctor_aside(&shop.data());
        let detail = found.detail("数据库");
        assert!(detail.contains(words), "{words}: {detail}");
        assert!(found.wrong().contains(&"数据库 database") && !found.wrong().contains(&"备份 backup"), "{:?}", found.0);
    }
}

#[test]
fn a_clock_before_the_latest_order_is_found_and_one_that_was_put_right_is_not() {
    let network = Network::new();
    network.gives("192.168.50.10");
    let find = |orders: &[i64], synchronised: &str| {
        let shop = Shop::stopped();
        back_up(&shop);
        shop.orders(orders);
        let mut command = doctor(&shop.data());
        command.env("PATH", shop.path_with_network_time(synchronised));
        Findings::of(&network.command(&command).output().unwrap())
    };
    find(&[3600], "no").blame("时钟", &["earlier than the latest order", "timedatectl"]);
    find(&[-200 * DAY], "no").blame("时钟", &["far later than this shop's last business", "counter page"]);
    assert_eq!(find(&[3600], "yes").wrong(), [""; 0], "network time knows better");
    assert_eq!(find(&[-3600, 500 * DAY], "no").wrong(), [""; 0], "the orders of another year were the mistake");
}

#[test]
fn a_bus_that_never_answers_holds_nobody_up() {
    let shop = Shop::stopped();
    let bus = shop.home().join("bus");
    let deaf = std::os::unix::net::UnixListener::bind(&bus).unwrap();
    let begun = Instant::now();
    let mut command = doctor(&shop.data());
    command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", bus.display()));
    let found = Findings::of(&command.args(["--lan", "0.0.0.0:0", "--tunnel", "127.0.0.1:0"]).output().unwrap());
    assert!(begun.elapsed() < PATIENCE / 2, "{:?}", begun.elapsed());
    assert!(found.detail("弹窗").contains("does not answer"), "{:?}", found.0);
    drop(deaf);
}
