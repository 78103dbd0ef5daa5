//! The database file and the disk under it: what can't be served is refused in one sentence and left as it was.
//!
//! Small disks are tmpfs mounts: these tests need root, as in CI, and fail without it.

use crate::support::{Daemon, PATIENCE, Phone};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A shop that was stopped: one file, nothing beside it is needed.
pub struct Shop {
    home: tempfile::TempDir,
}

impl Shop {
    pub fn stopped() -> Shop {
        let home = tempfile::tempdir().unwrap();
        // A stop may come too early to be graceful: that is another test's matter.
        while !Daemon::on(&home.path().join("data"), &[], &[]).stop().0.success() {}
        Shop { home }
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    pub fn file(&self) -> PathBuf {
        self.data().join("tablebell.db")
    }

    /// Where a program finds a `timedatectl` that knows whether network time keeps the clock.
    pub fn path_with_network_time(&self, synchronised: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let folder = self.home().join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("timedatectl");
        std::fs::write(&program, format!("#!/bin/sh\necho {synchronised}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default())
    }

    /// As if somebody had ordered so many seconds from now.
    pub fn orders(&self, seconds: &[i64]) {
        sqlite(
            &self.file(),
            "insert or ignore into seating (id, table_id, opened_at, closed_at) values (9, 1, 0, 1);
             insert or ignore into diner (id, seating_id, joined_at) values (9, 9, 0)",
        );
        for seconds in seconds {
            sqlite(
                &self.file(),
                &format!(
                    "insert into dining_order (number, table_id, seating_id, diner_id, status, pay_status, amount_fen, created_at)
                     select 'x' || count(*), 1, 9, 9, 5, 1, 100, (unixepoch() + {seconds}) * 1000 from dining_order"
                ),
            );
        }
    }

    /// Makes the file somebody's work and answers its bytes.
    pub fn spoil(&self, how: impl FnOnce(&Path)) -> Vec<u8> {
        how(&self.file());
        std::fs::read(self.file()).unwrap()
    }
}

#[test]
fn a_stop_right_after_the_ready_line_is_graceful() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    for round in 0..30 {
        let (status, took) = Daemon::on(&data, &[], &[]).stop();
        assert!(status.success(), "round {round}: {status}");
        assert!(took < Duration::from_secs(5), "round {round}: {took:?}");
    }
}

/// `tablebell run` on free ports.
pub fn run(data: &Path) -> Command {
    let mut command = Daemon::command();
    command.arg("run").arg("--config").arg(data.join("tablebell.toml")).arg("--data").arg(data);
    command.args(["--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0"]);
    command
}

/// What a command says that has to fail: one sentence.
pub fn refusal(mut command: Command) -> String {
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("{command:?} goes on instead of refusing");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{command:?}: {stderr}");
    assert!(output.stdout.is_empty(), "nothing is ready: {}", String::from_utf8_lossy(&output.stdout));
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), 1, "one sentence: {stderr}");
    let sentence = lines[0].strip_prefix("tablebell: ").unwrap_or_else(|| panic!("{stderr}")).to_owned();
    for jargon in ["Error {", "Internal(", "panicked", "anyhow", "Os {"] {
        assert!(!sentence.contains(jargon), "not for people: {sentence}");
    }
    sentence
}

/// A file system of its own, unmounted with it.
pub struct Disk {
    home: tempfile::TempDir,
}

impl Disk {
    pub fn of(size: &str) -> Disk {
        let home = tempfile::tempdir().unwrap();
        let disk = Disk { home };
        mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], disk.path());
        disk
    }

    pub fn path(&self) -> &Path {
        self.home.path()
    }

    /// Writes until nothing more fits.
    pub fn fill(&self) {
        let mut filler = std::fs::File::options().create(true).append(true).open(self.path().join("filler")).unwrap();
        let error = loop {
            if let Err(error) = filler.write_all(&[0x55; 4096]) {
                break error;
            }
        };
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    }

    pub fn free(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

pub fn mount(arguments: &[&str], on: &Path) {
    let done = Command::new("mount").args(arguments).arg(on).output().expect("mount runs");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "these tests need root to mount small disks: {told}");
}

/// A stopped shop's files on a small disk.
pub fn move_to(disk: &Disk, shop: &Shop) -> PathBuf {
    let data = disk.path().join("data");
    std::fs::create_dir(&data).unwrap();
    for name in ["tablebell.db", "tablebell.toml"] {
        std::fs::copy(shop.data().join(name), data.join(name)).unwrap();
    }
    data
}

pub fn sqlite(file: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.execute_batch(sql).unwrap();
    connection.close().unwrap();
}

pub fn overwrite(file: &Path, from: usize, count: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    assert!(bytes.len() > from + count, "{} bytes", bytes.len());
    bytes[from..from + count].fill(0xa5);
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn a_file_that_cannot_be_served_is_named_and_left_as_it_is() {
    for (name, spoil, words) in [
        ("newer", (|file| sqlite(file, "pragma user_version = 99")) as fn(&Path), ["newer", "99"]),
        ("negative version", |file| sqlite(file, "pragma user_version = -1"), ["not a Tablebell", "tablebell.db"]),
        ("another program's", |file| sqlite(file, "pragma application_id = 7"), ["not a Tablebell", "tablebell.db"]),
        (
            "a plain SQLite file",
            |file| {
                std::fs::remove_file(file).unwrap();
                sqlite(file, "create table t (x); insert into t values (1)");
            },
            ["not a Tablebell", "tablebell.db"],
        ),
        (
            "no database",
            |file| std::fs::write(file, "hello, I am a shopping list\n".repeat(200)).unwrap(),
            ["not a Tablebell", "tablebell.db"],
        ),
        ("pages overwritten", |file| overwrite(file, 40 * 1024, 24 * 1024), ["damaged", "restore"]),
        ("a schema overwritten", |file| overwrite(file, 100, 60), ["damaged", "restore"]),
        (
            "cut in half",
            |file| {
                let bytes = std::fs::read(file).unwrap();
                std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
            },
            ["damaged", "restore"],
        ),
    ] {
        let shop = Shop::stopped();
        let before = shop.spoil(spoil);
        for check in [false, true] {
            let mut command = run(&shop.data());
            if check {
                command.arg("--check");
            }
            let sentence = refusal(command);
            assert!(words.iter().all(|word| sentence.contains(word)), "{name}: {sentence}");
            assert!(std::fs::read(shop.file()).unwrap() == before, "{name}: the file was touched");
        }
    }
}

#[tokio::test]
async fn a_large_file_is_served_at_once_and_what_is_damaged_in_it_is_told() {
    let shop = Shop::stopped();
    let size = |file: &Path| usize::try_from(std::fs::metadata(file).unwrap().len()).unwrap();
    let before = size(&shop.file());
    assert!(before < 1024 * 1024, "a small one is checked before it is served");
    // Words that nobody asks for before an owner opens that list.
    sqlite(
        &shop.file(),
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000)
         insert into audit (at, actor, act, target, detail) select i, 'li', 'shop.open', '', hex(randomblob(40)) from n",
    );
    let sound = size(&shop.file());
    assert!(sound > 2 * 1024 * 1024);
    shop.spoil(|file| overwrite(file, (before + sound) / 2, 24 * 1024));
    let daemon = Daemon::on(&shop.data(), &[], &[]);
    assert_eq!(daemon.phone(0).await.add(1001, 1).await["totalQuantity"], 1, "who has come to eat can order");
    let deadline = Instant::now() + PATIENCE;
    while daemon.saves().await {
        assert!(Instant::now() < deadline, "nobody is told");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let log = daemon.log();
    assert!(log.contains("tablebell.db is damaged") && log.contains("tablebell restore"), "{log}");
    drop(daemon);
    let mut command = run(&shop.data());
    command.arg("--check");
    let sentence = refusal(command);
    assert!(sentence.contains("damaged"), "{sentence}");
}

#[test]
fn an_empty_file_is_no_shop_and_stays_empty() {
    let shop = Shop::stopped();
    shop.spoil(|file| std::fs::write(file, "").unwrap());
    let sentence = refusal(run(&shop.data()));
    assert!(sentence.contains("tablebell init"), "{sentence}");
    assert_eq!(std::fs::metadata(shop.file()).unwrap().len(), 0);
}

#[test]
fn a_disk_that_cannot_be_written_is_named_and_left_as_it_is() {
    let shop = Shop::stopped();
    let original = std::fs::read(shop.file()).unwrap();
    let disk = Disk::of("4m");
    let data = move_to(&disk, &shop);
    for locked in [false, true] {
        if locked {
            std::fs::write(data.join("tablebell.lock"), "").unwrap();
        }
        mount(&["-o", "remount,ro"], disk.path());
        let sentence = refusal(run(&data));
        assert!(sentence.contains("read-only"), "{sentence}");
        assert!(std::fs::read(data.join("tablebell.db")).unwrap() == original);
        mount(&["-o", "remount,rw"], disk.path());
    }
    disk.fill();
    let sentence = refusal(run(&data));
    assert!(sentence.contains("full"), "{sentence}");
    assert!(std::fs::read(data.join("tablebell.db")).unwrap() == original);
    disk.free();
    drop(Daemon::spawn(run(&data), &data));
}

#[test]
fn a_directory_of_somebody_else_is_named_and_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let shop = Shop::stopped();
    let original = std::fs::read(shop.file()).unwrap();
    let open = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    [shop.home.path(), &shop.data()].into_iter().for_each(|folder| open(folder, 0o755));
    [shop.data().join("tablebell.toml"), shop.file()].iter().for_each(|file| open(file, 0o644));
    let mut command = run(&shop.data());
    command.uid(65_534).gid(65_534);
    let sentence = refusal(command);
    assert!(sentence.contains("permission") || sentence.contains("read-only"), "{sentence}");
    assert!(std::fs::read(shop.file()).unwrap() == original);
}

#[test]
fn a_new_shop_on_a_full_disk_is_refused_and_leaves_no_half_shop() {
    let disk = Disk::of("64k");
    let data = disk.path().join("data");
    let mut command = Daemon::command();
    command.args(["demo", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--data"]).arg(&data);
    let sentence = refusal(command);
    assert!(sentence.contains("full"), "{sentence}");
    assert!(!data.join("tablebell.db").exists());
}

#[test]
fn on_a_full_disk_that_stderr_is_on_too_a_command_ends_in_one_sentence_and_not_in_a_panic() {
    let disk = Disk::of("64k");
    let stderr = std::fs::File::create(disk.path().join("stderr")).unwrap();
    disk.fill();
    let mut command = Daemon::command();
    command.args(["demo", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--data"]).arg(disk.path().join("data"));
    let output = command.stderr(stderr).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("tablebell: ") && said.contains("full") && said.lines().count() == 1, "{said:?}");
    assert_eq!(std::fs::metadata(disk.path().join("stderr")).unwrap().len(), 0, "it could take nothing");
}

#[test]
fn a_demo_whose_welcome_nobody_takes_serves_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    let mut command = Daemon::command();
    command.args(["demo", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--data"]).arg(home.path().join("data"));
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(full).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("ready "), "{line:?}");
}

async fn try_add(phone: &Phone) -> crate::support::Answer {
    let body = json!({ "tableId": phone.table, "cuisineId": 1017, "quantity": 1, "remark": "x".repeat(100) });
    phone.send(Method::POST, "/api/store/order/cart/add", body).await
}

/// Changes the quantity until the disk is full; `acknowledged` is the last one that was.
async fn write_until_full(phone: &Phone, acknowledged: &mut i64) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline, "the disk does not become full");
        let body = json!({ "tableId": phone.table, "cuisineId": 1017, "quantity": *acknowledged % 90 + 1 });
        let answer = phone.send(Method::PUT, "/api/store/order/cart/update", body).await;
        if answer.status != StatusCode::OK {
            assert_eq!((answer.status.as_u16(), answer.error()), (503, "STORAGE_DOWN"), "{}", answer.body);
            assert_eq!((&answer.body["code"], &answer.body["data"]), (&json!(503), &Value::Null));
            return;
        }
        *acknowledged = answer.body["data"]["totalQuantity"].as_i64().unwrap();
    }
}

#[tokio::test]
async fn while_the_disk_is_full_writes_are_refused_and_reads_go_on() {
    let disk = Disk::of("6m");
    let data = disk.path().join("data");
    let daemon = Daemon::on(&data, &["--limits", "off"], &[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = ann.socket().await;
    let mut acknowledged = try_add(&ann).await.body["data"]["totalQuantity"].as_i64().unwrap();
    disk.fill();
    write_until_full(&ann, &mut acknowledged).await;
    let version = ann.cart().await["version"].clone();
    for turn in 0..3 {
        assert!(!daemon.saves().await);
        let add = json!({ "type": "add_item", "data": { "cuisineId": 1041, "quantity": 1 } });
        let frame = socket.ask(add, &format!("full-{turn}")).await;
        assert_eq!((&frame["type"], &frame["data"]["error"]), (&json!("error"), &json!("STORAGE_DOWN")));
        let answer = ann.submit(&version, &format!("submit-{turn}")).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (503, "STORAGE_DOWN"));
        let answer = counter.put("/admin/shop/0", Value::Null).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (503, "STORAGE_DOWN"));
        assert_eq!(ann.cart().await["totalQuantity"], acknowledged, "reads go on and show what was acknowledged");
        ann.get("/api/store/menu").await;
        assert_eq!(ann.get("/api/store/order/list/1").await, json!([]));
        assert_eq!(counter.alerts().await, Vec::<Value>::new());
    }
    disk.free();
    let cart = ann.add(1020, 1).await;
    assert!(daemon.saves().await);
    assert_eq!(cart["totalQuantity"], acknowledged + 1, "nothing that was refused is there: {cart}");
    assert_eq!(counter.ok(Method::GET, "/admin/shop/status", Value::Null).await, 1);
    let frame = json!({ "type": "add_item", "data": { "cuisineId": 1041, "quantity": 1 } });
    assert_eq!(socket.ask(frame, "full-0").await["type"], "add_item_success", "a refused opId may be sent again");
    let order = ann.submit(&ann.cart().await["version"], "submit-0").await;
    assert_eq!(order.status, StatusCode::OK, "{}", order.body);
    daemon.kill();
    let daemon = Daemon::on(&data, &[], &[]);
    let stored = daemon.stored::<i64>("select sum(quantity) from order_item");
    assert_eq!(stored, acknowledged + 2);
}

#[tokio::test]
async fn a_disk_may_be_full_and_free_again_more_than_once() {
    let disk = Disk::of("6m");
    let data = disk.path().join("data");
    let daemon = Daemon::on(&data, &["--limits", "off"], &[]);
    let ann = daemon.phone(0).await;
    ann.add(1017, 1).await;
    disk.fill();
    let mut acknowledged = 1;
    write_until_full(&ann, &mut acknowledged).await;
    disk.free();
    ann.add(1020, 1).await;
    disk.fill();
    write_until_full(&ann, &mut acknowledged).await;
    disk.free();
    let cart = ann.add(1020, 1).await;
    assert_eq!(cart["items"][1]["quantity"], 2, "a second time, too: {cart}");
    assert!(daemon.saves().await);
}

#[test]
fn a_second_daemon_on_the_same_data_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let first = Daemon::on(&data, &[], &[]);
    let sentence = refusal(run(&data));
    assert!(sentence.contains("another Tablebell is running"), "{sentence}");
    let mut demo = Daemon::command();
    demo.args(["demo", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--data"]).arg(&data);
    assert!(refusal(demo).contains("another Tablebell is running"));
    drop(first);
    // A killed daemon leaves no lock behind.
    drop(Daemon::spawn(run(&data), &data));
}

#[tokio::test]
async fn a_checked_shop_is_served_and_init_never_overwrites_one() {
    let home = tempfile::tempdir().unwrap();
    let (data, config) = (home.path().join("data"), home.path().join("tablebell.toml"));
    let init = |config: &Path, data: &Path| {
        let mut command = Daemon::command();
        command.args(["init", "--sample", "--config"]).arg(config).arg("--data").arg(data);
        command
    };
    let made = init(&config, &data).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let (database, text) = (data.join("tablebell.db"), std::fs::read(&config).unwrap());
    let before = std::fs::read(&database).unwrap();
    for (config, data, words) in [
        (&config, &data, "there is a shop"),
        (&home.path().join("other.toml"), &data, "there is a shop"),
        (&config, &home.path().join("other"), "names another directory"),
    ] {
        let sentence = refusal(init(config, data));
        assert!(sentence.contains(words), "{sentence}");
    }
    assert!(std::fs::read(&database).unwrap() == before && std::fs::read(&config).unwrap() == text);
    let mut command = Daemon::command();
    command.args(["run", "--check", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--config"]).arg(&config);
    let daemon = Daemon::spawn(command, &data);
    assert!(daemon.saves().await);
    assert_eq!(daemon.stored::<i64>("select count(*) from dining_table"), 8);
    let order = reqwest::Client::new().post(format!("{}/demo-pay/1", daemon.lan)).send().await.unwrap();
    assert_eq!(order.status(), StatusCode::NOT_FOUND, "no pretended payments in a real shop");
}

#[test]
fn init_makes_the_shop_for_a_configuration_that_is_there_and_leaves_that_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let (data, config) = (home.path().join("data"), home.path().join("tablebell.toml"));
    let text = format!("# mine\ndata = {:?}\n", data.to_str().unwrap());
    std::fs::write(&config, &text).unwrap();
    let made = Daemon::command().args(["init", "--config"]).arg(&config).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    assert!(data.join("tablebell.db").exists() && std::fs::read_to_string(&config).unwrap() == text);
    std::fs::write(&config, "lam = 1").unwrap();
    let mut wrong = Daemon::command();
    wrong.args(["init", "--config"]).arg(&config);
    assert!(refusal(wrong).contains("lam"), "a wrong one is named");
}

#[test]
fn a_port_in_use_is_named() {
    let shop = Shop::stopped();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (lan, tunnel, which) in [(address.as_str(), "127.0.0.1:0", "LAN"), ("127.0.0.1:0", address.as_str(), "tunnel")]
    {
        let mut command = Daemon::command();
        command.arg("run").arg("--config").arg(shop.data().join("tablebell.toml"));
        command.args(["--lan", lan, "--tunnel", tunnel]);
        let sentence = refusal(command);
        assert!(sentence.contains(which) && sentence.contains(&address), "{sentence}");
    }
}

#[test]
fn a_wrong_configuration_is_named_with_its_key() {
    let shop = Shop::stopped();
    let config = shop.home.path().join("wrong.toml");
    for (text, words) in [
        ("lam = 1", "lam"),
        ("[listen]\nlan = \"8080\"", "listen.lan"),
        ("[listen]\ntunnel = \"nowhere:x\"", "listen.tunnel"),
        ("[listen]\nbase_url = \"192.168.1.1\"", "base_url"),
        ("[listen]\nport = 1", "port"),
        ("[shop]\ntime_zone = \"Mars\"", "time_zone"),
        ("[shop]\ncutover_hour = 24", "cutover_hour"),
        ("[shop]\ncutover_hour = \"four\"", "cutover_hour"),
        ("[payment]\nmode = \"never\"", "mode"),
        ("[payment]\npay_within_minutes = 0", "pay_within_minutes"),
        ("[payment]\npay_within_minutes = 99999999999999999999", "pay_within_minutes"),
        ("[payment]\ndemo = true\n[payment.wechat]\nmch_id = \"1\"", "together"),
        ("[payment.alipay]\napp_id = \"1\"", "alipay"),
        ("[alert]\nrepeat_seconds = 0", "repeat_seconds"),
        ("diner_auth = \"maybe\"", "diner_auth"),
        ("this is no TOML", "TOML"),
        ("data = \"/x\"\ndata = \"/y\"", "data"),
    ] {
        std::fs::write(&config, text).unwrap();
        let mut command = Daemon::command();
        command.arg("run").arg("--data").arg(shop.data()).arg("--config").arg(&config);
        let sentence = output_of(command);
        assert!(sentence.contains(words), "{text:?}: {sentence}");
    }
    for (arguments, words) in [
        (["--config", "/nonexistent/tablebell.toml"], "/nonexistent/tablebell.toml"),
        (["--data", "/nonexistent"], "tablebell init"),
        (["--lan", "localhost"], "listen.lan"),
    ] {
        let mut command = Daemon::command();
        command.arg("run").args(arguments).env("HOME", shop.home.path()).env_remove("XDG_CONFIG_HOME");
        let sentence = refusal(command);
        assert!(sentence.contains(words), "{arguments:?}: {sentence}");
    }
}

/// What a command says that has to fail, in as many lines as a TOML error needs to show the place.
fn output_of(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}
