//! Backup and restore: what bears a backup's name is whole and proved, a busy shop does not notice, and a spare PC
//! becomes the till.

use crate::store::{Disk, Shop, mount, move_to, overwrite, refusal, run, sqlite};
use crate::support::{Counter, Daemon, PATIENCE, Phone};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// `tablebell backup|restore …` for the shop in `data`.
fn tablebell(verb: &str, data: &Path) -> Command {
    let mut command = Daemon::command();
    command.arg(verb).arg("--data").arg(data).arg("--config").arg(data.join("tablebell.toml"));
    command
}

fn done(mut command: Command) -> String {
    let output = command.output().expect("tablebell runs");
    let said = String::from_utf8(output.stdout.clone()).expect("text");
    assert!(output.status.success(), "{command:?}: {output:?}");
    said
}

/// The backups in a folder, the oldest first, and whatever else lies there.
fn listed(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return Default::default() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().partition(|file| {
        let name = file.file_name().unwrap().to_string_lossy();
        name.starts_with("tablebell-") && name.ends_with(".db")
    })
}

fn backups(folder: &Path) -> Vec<PathBuf> {
    listed(folder).0
}

fn value(file: &Path, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{file:?} {sql}: {error}"))
}

/// Some years of orders.
fn grow(database: &Path, orders: u32) {
    sqlite(
        database,
        &format!(
            "begin;
             insert into seating (id, table_id, opened_at, closed_at) values (900, 1, 0, 1);
             insert into diner (id, seating_id, joined_at) values (900, 900, 0);
             with recursive n (i) as (select 1 union all select i + 1 from n where i < {orders})
             insert into dining_order (number, table_id, seating_id, diner_id, status, pay_status, amount_fen, remark, created_at)
             select 'old-' || i, 1, 900, 900, 5, 1, 100, printf('%0900d', i), i from n;
             commit;"
        ),
    );
}

#[test]
fn a_backup_is_one_private_file_in_its_folder_and_says_what_is_in_it() {
    let shop = Shop::stopped();
    let folder = shop.data().join("backup");
    let said = done(tablebell("backup", &shop.data()));
    let made = backups(&folder);
    assert!(said.contains(made[0].to_str().unwrap()) && said.contains("订单 orders: 0"), "{said}");
    assert_eq!(listed(&folder), (made.clone(), vec![]), "nothing else is left there");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&made[0])), (0o700, 0o600), "it holds keys");
    let header = std::fs::read(&made[0]).unwrap();
    assert_eq!(header[18..20], [1, 1], "no log belongs to it");
    assert_eq!(value(&made[0], "select count(*) from dining_table"), 8);
    let text = "select count(*) from setting where key = 'configuration' and value like '%cutover_hour%'";
    assert_eq!(value(&made[0], text), 1, "the configuration is in it");
}

/// Phones that go on adding dishes, over HTTP, until told to stop.
async fn add_dishes(phones: &[Phone], stop: &AtomicBool, acknowledged: &std::cell::Cell<i64>) -> Vec<Duration> {
    let all = phones.iter().enumerate().map(async |(index, phone)| {
        let mut took = Vec::new();
        for turn in 0.. {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            let begun = Instant::now();
            let body =
                json!({ "tableId": phone.table, "cuisineId": 1017 + (index + turn) % 8, "quantity": turn % 98 + 1 });
            let answer = phone.send(Method::PUT, "/api/store/order/cart/update", body).await;
            took.push(begun.elapsed());
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            acknowledged.set(acknowledged.get().max(answer.body["data"]["version"].as_i64().unwrap()));
        }
        took
    });
    join_all(all).await.into_iter().flatten().collect()
}

fn percentile(mut all: Vec<Duration>, percent: usize) -> Duration {
    all.sort();
    all[all.len() * percent / 100]
}

#[tokio::test]
async fn a_backup_under_load_holds_what_was_acknowledged_before_and_nobody_waits_for_it() {
    let shop = Shop::stopped();
    grow(&shop.file(), 40_000);
    let daemon = Daemon::on(&shop.data(), &["--limits", "off"], &[]);
    let mut phones = Vec::new();
    for _ in 0..6 {
        phones.push(daemon.phone(0).await);
    }
    for dish in 1017..1025 {
        phones[0].add(dish, 1).await;
    }
    let acknowledged = std::cell::Cell::new(0);
    let quiet = AtomicBool::new(false);
    let (alone, ()) = tokio::join!(add_dishes(&phones, &quiet, &acknowledged), async {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(2) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        quiet.store(true, Ordering::SeqCst);
    });
    let stop = AtomicBool::new(false);
    let folder = shop.data().join("backup");
    let backing_up = async {
        let mut took = Vec::new();
        for round in 0..3 {
            let (before, begun) = (acknowledged.get(), Instant::now());
            let command = tablebell("backup", &shop.data());
            tokio::task::spawn_blocking(move || done(command)).await.unwrap();
            took.push(begun.elapsed());
            let newest = backups(&folder).pop().unwrap();
            let stored = value(&newest, "select max(cart_version) from dining_table");
            assert!(before > 0 && stored >= before, "round {round}: {stored} stored, {before} acknowledged");
            assert_eq!(value(&newest, "select count(*) from dining_order"), 40_000);
        }
        stop.store(true, Ordering::SeqCst);
        took
    };
    let (beside, took) = tokio::join!(add_dishes(&phones, &stop, &acknowledged), backing_up);
    let size = std::fs::metadata(&backups(&folder)[0]).unwrap().len() / 1_000_000;
    println!("{size} MB backed up in {took:?}; p50 and p99 of a change:");
    println!("alone  {:?} {:?} of {}", percentile(alone.clone(), 50), percentile(alone.clone(), 99), alone.len());
    println!("beside {:?} {:?} of {}", percentile(beside.clone(), 50), percentile(beside.clone(), 99), beside.len());
    assert!(size >= 40, "the backup takes a while: {size} MB");
    // Whoever waited for a backup waited for about as long as it took.
    let limit = percentile(alone, 99) * 10 + Duration::from_millis(100);
    let limit = limit.max(*took.iter().min().unwrap() / 3);
    assert!(percentile(beside.clone(), 99) < limit, "p99 {:?}", percentile(beside, 99));
    let version = phones[0].cart().await["version"].as_i64().unwrap();
    assert_eq!(version, acknowledged.get(), "the shop went on");
}

fn dies_at(moment: &str, mut command: Command) {
    let output: Output = command.env("TABLEBELL_DIE_AT", moment).output().unwrap();
    assert_eq!(output.status.signal(), Some(9), "{moment}: {output:?}");
}

#[test]
fn a_backup_that_is_killed_leaves_no_good_name_behind() {
    let shop = Shop::stopped();
    grow(&shop.file(), 3_000);
    let folder = shop.data().join("backup");
    for moment in ["backup.step", "backup.step:2", "backup.copied", "backup.step:5", "backup.proved"] {
        dies_at(moment, tablebell("backup", &shop.data()));
        let (good, rest) = listed(&folder);
        assert_eq!(good, [""; 0].map(PathBuf::from), "{moment}");
        assert!(!rest.is_empty(), "{moment}: it was in the middle");
        // Two hours later.
        for file in rest {
            let file = std::fs::File::options().write(true).open(file).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(7200)).unwrap();
        }
        done(tablebell("backup", &shop.data()));
        let (good, rest) = listed(&folder);
        assert_eq!((good.len(), rest.len()), (1, 0), "{moment}: the next one works and sweeps");
        std::fs::remove_file(&good[0]).unwrap();
    }
}

#[test]
fn a_folder_that_takes_no_backup_is_named_and_keeps_its_good_ones() {
    let shop = Shop::stopped();
    grow(&shop.file(), 20_000);
    let size = std::fs::metadata(shop.file()).unwrap().len();
    let to = |folder: &Path| {
        let mut command = tablebell("backup", &shop.data());
        command.arg("--to").arg(folder);
        command
    };
    let unplugged = shop.data().join("usb");
    let sentence = refusal(to(&unplugged));
    assert!(sentence.contains("usb") && sentence.contains("plug the disk in"), "{sentence}");
    assert!(!unplugged.exists(), "what should be another disk is never made on this one");

    let disk = Disk::of("96m");
    done(to(disk.path()));
    let first = backups(disk.path());
    assert_eq!(first.len(), 1);
    mount(&["-o", "remount,ro"], disk.path());
    let sentence = refusal(to(disk.path()));
    assert!(sentence.contains("read-only"), "{sentence}");
    mount(&["-o", "remount,rw"], disk.path());
    // Room for the copy, none for trying it out: then it is not kept.
    let room = |bytes: u64| {
        let used = size + bytes;
        std::fs::write(disk.path().join("filler"), vec![0x55; (96 * 1024 * 1024 - used) as usize]).unwrap();
    };
    for left in [size + 24 * 1024 * 1024, 10 * 1024 * 1024, 0] {
        match left {
            0 => disk.fill(),
            _ => room(left),
        }
        let sentence = refusal(to(disk.path()));
        assert!(sentence.contains("full"), "{left} bytes left: {sentence}");
        let (good, rest) = listed(disk.path());
        assert_eq!((good, rest), (first.clone(), vec![disk.path().join("filler")]), "{left} bytes left");
    }
    disk.free();
    std::fs::remove_file(&first[0]).unwrap();
    done(to(disk.path()));
    assert_eq!(backups(disk.path()).len(), 1);
}

#[test]
fn a_damaged_shop_makes_no_backup_that_looks_like_one() {
    let shop = Shop::stopped();
    grow(&shop.file(), 20_000);
    done(tablebell("backup", &shop.data()));
    let folder = shop.data().join("backup");
    let good = backups(&folder);
    // Beyond what is looked at before every start.
    overwrite(&shop.file(), 12 * 1024 * 1024, 64 * 1024);
    let sentence = refusal(tablebell("backup", &shop.data()));
    assert!(sentence.contains("tablebell.db is damaged"), "{sentence}");
    assert_eq!(listed(&folder), (good, vec![]));
}

#[test]
fn as_many_backups_stay_as_the_owner_said_and_other_files_are_left_alone() {
    let shop = Shop::stopped();
    let (folder, config) = (shop.home().join("usb"), shop.data().join("tablebell.toml"));
    std::fs::create_dir(&folder).unwrap();
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text
        .replace("keep = 14", "keep = 3")
        .replace("# folder = \"/mnt/usb/tablebell\"", &format!("folder = {folder:?}"));
    std::fs::write(&config, text).unwrap();
    let old = |day: u32| folder.join(format!("tablebell-202601{day:02}-033000.db"));
    for day in 1..=5 {
        std::fs::write(old(day), "").unwrap();
    }
    std::fs::write(folder.join("tablebell-copy.db"), "mine").unwrap();
    done(tablebell("backup", &shop.data()));
    let left = backups(&folder);
    assert_eq!(left.len(), 4, "{left:?}");
    assert!(left.contains(&old(4)) && left.contains(&old(5)) && left.contains(&folder.join("tablebell-copy.db")));
    assert!(!shop.data().join("backup").exists());
}

#[test]
fn nothing_is_restored_beside_a_running_daemon() {
    let shop = Shop::stopped();
    done(tablebell("backup", &shop.data()));
    let daemon = Daemon::spawn(run(&shop.data()), &shop.data());
    let sentence = refusal(tablebell("restore", &shop.data()));
    assert!(sentence.contains("another Tablebell is running") && sentence.contains("stop it first"), "{sentence}");
    drop(daemon);
    done(tablebell("restore", &shop.data()));
}

#[test]
fn what_is_no_sound_backup_is_refused_and_the_shop_stays_as_it_is() {
    let shop = Shop::stopped();
    let before = std::fs::read(shop.file()).unwrap();
    done(tablebell("backup", &shop.data()));
    let good = backups(&shop.data().join("backup")).remove(0);
    let spoilt = |name: &str, spoil: &dyn Fn(&Path)| {
        let file = shop.home().join(name);
        std::fs::copy(&good, &file).unwrap();
        spoil(&file);
        file
    };
    let write = |text: &'static str| move |file: &Path| std::fs::write(file, text.repeat(300)).unwrap();
    for (file, words) in [
        (spoilt("newer.db", &|file| sqlite(file, "pragma user_version = 99")), "newer"),
        (spoilt("foreign.db", &|file| sqlite(file, "pragma application_id = 7")), "not a Tablebell"),
        (spoilt("text.db", &write("hello, I am a shopping list\n")), "not a Tablebell"),
        (spoilt("empty.db", &write("")), "empty.db"),
        (spoilt("hurt.db", &|file| overwrite(file, 40 * 1024, 24 * 1024)), "damaged"),
        (
            spoilt("half.db", &|file| {
                let half = std::fs::metadata(file).unwrap().len() / 2;
                std::fs::File::options().write(true).open(file).unwrap().set_len(half).unwrap();
            }),
            "damaged",
        ),
        (shop.home().join("nowhere.db"), "nowhere.db"),
        (shop.home().to_owned(), "there is no backup in"),
    ] {
        let mut command = tablebell("restore", &shop.data());
        command.arg(&file);
        let sentence = refusal(command);
        assert!(sentence.contains(words), "{file:?}: {sentence}");
        assert!(std::fs::read(shop.file()).unwrap() == before, "{file:?}: the shop was touched");
    }
    let others: Vec<PathBuf> = listed(&shop.data()).1;
    assert!(others.iter().all(|file| !file.to_string_lossy().contains("partial")), "{others:?}");
}

#[tokio::test]
async fn a_killed_shop_is_kept_whole_when_another_is_restored_over_it() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let daemon = Daemon::on(&data, &[], &[]);
    let ann = daemon.phone(0).await;
    ann.order("before").await;
    done(tablebell("backup", &data));
    ann.order("after").await;
    daemon.kill();
    assert!(std::fs::metadata(data.join("tablebell.db-wal")).unwrap().len() > 0, "a log is left beside it");
    for moment in ["restore.copied", "restore.aside"] {
        dies_at(moment, tablebell("restore", &data));
        let kept = data.join("tablebell.db");
        assert_eq!(kept.exists(), moment == "restore.copied");
    }
    let said = done(tablebell("restore", &data));
    assert!(said.contains("订单 orders: 1"), "{said}");
    assert_eq!(value(&data.join("tablebell.db"), "select count(*) from dining_order"), 1);
    let aside: Vec<PathBuf> =
        listed(&data).1.into_iter().filter(|file| file.to_string_lossy().contains("before-restore")).collect();
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert_eq!(value(&aside[0], "select count(*) from dining_order"), 2, "with what was only in its log");
    let daemon = Daemon::on(&data, &[], &[]);
    assert!(daemon.saves().await);
}

#[tokio::test]
async fn a_backup_of_an_older_version_is_restored_and_brought_up_to_date() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let fixture = home.path().join("old.db");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schema-1.db"), &fixture).unwrap();
    let mut command = tablebell("restore", &data);
    command.arg(&fixture);
    let said = done(command);
    let orders = value(&fixture, "select count(*) from dining_order");
    assert!(said.contains(&format!("订单 orders: {orders}")) && !said.contains("kept as"), "{said}");
    let latest = value(&Shop::stopped().file(), "pragma user_version");
    let mut command = Daemon::command();
    command.args(["run", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--data"]).arg(&data);
    command.env("HOME", home.path()).env_remove("XDG_CONFIG_HOME");
    let daemon = Daemon::spawn(command, &data);
    assert_eq!(daemon.stored::<i64>("pragma user_version"), latest);
    assert_eq!(daemon.stored::<i64>("select count(*) from dining_order"), orders);
}

/// A spare PC: a backup on a stick, and nothing else.
#[tokio::test]
async fn a_spare_pc_becomes_the_till() {
    let home = tempfile::tempdir().unwrap();
    let (old, stick) = (home.path().join("old"), home.path().join("stick"));
    std::fs::create_dir(&stick).unwrap();
    let daemon = Daemon::on(&old, &[], &[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    ann.paid_order("paid").await;
    let cart = ann.add(1017, 3).await;
    let mut command = tablebell("backup", &old);
    command.arg("--to").arg(&stick);
    done(command);
    let alerts = counter.alerts().await;
    assert_eq!(alerts.len(), 1);
    daemon.kill();
    std::fs::remove_dir_all(&old).unwrap();

    let user = home.path().join("user");
    let restore = |arguments: &[&Path]| {
        let mut command = Daemon::command();
        command.arg("restore").args(arguments).env("HOME", &user);
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env_remove(name);
        }
        command
    };
    let sentence = refusal(restore(&[]));
    assert!(sentence.contains("tablebell restore FILE"), "what to do: {sentence}");
    let said = done(restore(&[&stick]));
    assert!(said.contains("已恢复配置") && said.contains("tablebell doctor"), "{said}");
    let mut command = Daemon::command();
    command.args(["run", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0"]).env("HOME", &user);
    let spare = Daemon::spawn(command, &home.path().join("spare"));
    let ann = Phone { lan: spare.lan.clone(), ..ann };
    assert_eq!(ann.cart().await, cart, "her phone goes on with the same token and cart");
    let counter = Counter { lan: spare.lan.clone(), ..counter };
    let again = counter.alerts().await;
    assert_eq!(again[0]["alertId"], alerts[0]["alertId"], "what nobody has answered rings on");
    ann.paid_order("on the spare").await;
    let rate = counter.ok(Method::GET, "/admin/alert/desktop", Value::Null).await;
    assert_eq!(rate["backup"]["ok"], false, "it has no backup of its own yet: {rate}");
    drop(spare);
    assert!(done(restore(&[&stick])).contains("kept as"), "again, over the same place");
}

#[tokio::test]
async fn the_owner_backs_up_from_the_counter_and_everybody_there_sees_its_age() {
    let shop = Shop::stopped();
    grow(&shop.file(), 20_000);
    let daemon = Daemon::on(&shop.data(), &[], &[]);
    let owner = daemon.counter().await;
    let mut events = owner.events().await;
    let state =
        async |counter: &Counter| counter.ok(Method::GET, "/admin/alert/desktop", Value::Null).await["backup"].clone();
    let deadline = Instant::now() + PATIENCE;
    while state(&owner).await["detail"] == "尚未检查" {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let none = state(&owner).await;
    assert_eq!((&none["ok"], &none["at"]), (&json!(false), &Value::Null));
    assert!(none["detail"].as_str().unwrap().contains("tablebell backup"), "what to do: {none}");

    let press = || owner.send(Method::POST, "/admin/backup", Value::Null);
    let (one, two) = tokio::join!(press(), press());
    let (made, refused) = if one.error().is_empty() { (one, two) } else { (two, one) };
    assert_eq!(refused.error(), "BACKUP_RUNNING", "{}", refused.body);
    let made = &made.body["data"];
    let file = backups(&shop.data().join("backup"));
    assert_eq!(file.len(), 1);
    assert_eq!(
        (made["file"].as_str(), made["bytes"].as_u64()),
        (file[0].to_str(), Some(std::fs::metadata(&file[0]).unwrap().len()))
    );
    assert_eq!(state(&owner).await, json!({ "ok": true, "at": made["at"], "detail": "" }));
    while events.event("status").await.json()["backup"]["at"] != made["at"] {}

    for role in ["cashier", "waiter", "kitchen"] {
        let database = rusqlite::Connection::open(shop.file()).unwrap();
        database.busy_timeout(PATIENCE).unwrap();
        database.execute("update staff set role = ?", [role]).unwrap();
        let staff = daemon.counter().await;
        assert_eq!(staff.send(Method::POST, "/admin/backup", Value::Null).await.error(), "FORBIDDEN", "{role}");
        assert_eq!(state(&staff).await["ok"], true, "{role} sees its age all the same");
    }
    let stranger = daemon.phone(0).await.send(Method::POST, "/admin/backup", Value::Null).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert_eq!(backups(&shop.data().join("backup")).len(), 1);
}

#[test]
fn a_restore_that_does_not_fit_leaves_the_shop_as_it_is() {
    let (shop, disk) = (Shop::stopped(), Disk::of("24m"));
    let data = move_to(&disk, &shop);
    let before = std::fs::read(data.join("tablebell.db")).unwrap();
    grow(&shop.file(), 20_000);
    done(tablebell("backup", &shop.data()));
    let mut command = tablebell("restore", &data);
    command.arg(shop.data().join("backup"));
    let sentence = refusal(command);
    assert!(sentence.contains("nothing was restored") && sentence.contains("full"), "{sentence}");
    assert!(std::fs::read(data.join("tablebell.db")).unwrap() == before);
    assert_eq!(listed(&data).1.iter().filter(|file| file.to_string_lossy().contains("partial")).count(), 0);
}

#[tokio::test]
async fn at_the_counter_an_unplugged_disk_is_told_as_such() {
    let shop = Shop::stopped();
    let config = shop.data().join("tablebell.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let unplugged = shop.home().join("usb");
    let folder = format!("folder = {unplugged:?}");
    std::fs::write(&config, text.replace("# folder = \"/mnt/usb/tablebell\"", &folder)).unwrap();
    let daemon = Daemon::spawn(run(&shop.data()), &shop.data());
    let owner = daemon.counter().await;
    let answer = owner.send(Method::POST, "/admin/backup", Value::Null).await;
    assert_eq!((answer.status, answer.error()), (StatusCode::OK, "BACKUP_FAILED"), "{}", answer.body);
    let said = answer.body["msg"].as_str().unwrap();
    assert!(said.contains("备份失败") && said.contains("plug the disk in"), "{said}");
    let state = owner.ok(Method::GET, "/admin/alert/desktop", Value::Null).await["backup"].clone();
    assert!(state["ok"] == false && state["detail"].as_str().unwrap().contains("备份盘没有插好"), "{state}");
    std::fs::create_dir(&unplugged).unwrap();
    owner.ok(Method::POST, "/admin/backup", Value::Null).await;
    assert_eq!(backups(&unplugged).len(), 1);
}

#[test]
fn what_root_restores_belongs_to_whom_the_shop_belongs() {
    let (shop, home) = (Shop::stopped(), tempfile::tempdir().unwrap());
    done(tablebell("backup", &shop.data()));
    let data = home.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::os::unix::fs::chown(&data, Some(65_534), Some(65_534)).unwrap();
    let mut command = tablebell("restore", &data);
    command.arg(shop.data().join("backup"));
    done(command);
    done(tablebell("backup", &data));
    let (made, others) = listed(&data.join("backup"));
    assert_eq!((made.len(), others.len()), (1, 0));
    for file in [&data.join("tablebell.db"), &data.join("tablebell.lock"), &data.join("backup"), &made[0]] {
        assert_eq!(std::fs::metadata(file).unwrap().uid(), 65_534, "{}", file.display());
    }
}
