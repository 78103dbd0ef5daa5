//! `tablebell doctor`, and keys as merchants really have them.

use crate::gateway::Gateway;
use crate::shop::{Shop, text_of};
use reqwest::Method;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the doctor finds.
fn findings(shop: &Shop) -> Vec<Value> {
    examine(shop.command(&["doctor", "--json"]))
}

fn examine(mut doctor: std::process::Command) -> Vec<Value> {
    let output = doctor.output().expect("tablebell runs");
    assert_eq!(output.status.code(), Some(1), "a loopback address is never right: {}", text_of(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text_of(&output)))
}

/// What every shop in these tests lacks: a desktop, a backup, and an address that others can reach.
const LACKING: [&str; 4] = ["声音", "弹窗", "备份", "address"];

/// The names of what is wrong beyond that.
fn wrong(found: &[Value]) -> Vec<(&str, &str)> {
    let text = |finding: &'_ Value, name: &str| -> &'static str {
        String::leak(finding[name].as_str().expect("a text").to_owned())
    };
    let bad = found.iter().filter(|finding| finding["ok"] == false);
    bad.map(|one| (text(one, "name"), text(one, "detail")))
        .filter(|(name, _)| !LACKING.iter().any(|one| name.contains(one)))
        .collect()
}

/// A copy of the gateway's file that the test may spoil.
fn copy(shop: &Shop, name: &str) -> PathBuf {
    let path = shop.config.with_file_name(name);
    std::fs::copy(shop.gateway.file(name), &path).expect("the copy");
    path
}

fn set(shop: &Shop, provider: &str, key: &str, value: &Path) {
    shop.configure(|payment| {
        let account = payment[provider].as_table_mut().unwrap();
        account.insert(key.into(), value.to_string_lossy().into_owned().into());
    });
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("chmod");
}

#[tokio::test]
async fn everything_is_proved_with_the_daemon_running_and_stopped() {
    let mut shop = Shop::open().await;
    for running in [true, false] {
        let found = findings(&shop);
        assert_eq!(wrong(&found), [], "running: {running}");
        let names: Vec<&str> = found.iter().map(|one| one["name"].as_str().unwrap()).collect();
        for part in [
            "database",
            "APIv3",
            "certificate",
            "wechat: 查询",
            "wechat: 时钟",
            "wechat: app_id",
            "wechat: apiv3_key_file",
            "alipay: seller_id",
            "alipay: 查询",
            "alipay: 时钟",
            "tunnel",
        ] {
            assert!(names.iter().any(|name| name.contains(part)), "{part} in {names:?}");
        }
        let said = text_of(&shop.command(&["doctor"]).output().unwrap());
        let good = found.iter().filter(|finding| finding["ok"] == true).count();
        let lines = |mark: char| said.lines().filter(|line| line.starts_with(mark)).count();
        assert_eq!((lines('✔'), lines('✘')), (good, found.len() - good), "{said}");
        assert!(said.lines().any(|line| line.starts_with('✘') && line.contains("notify address")), "{said}");
        if running {
            shop.kill();
        }
    }
    // Another program where the tunnel should lead.
    let other = std::net::TcpListener::bind(("127.0.0.1", shop.tunnel)).unwrap();
    std::thread::spawn(move || other.incoming().for_each(drop));
    assert!(wrong(&findings(&shop)).iter().any(|(name, _)| name.contains("tunnel")));
}

#[tokio::test]
async fn a_key_that_everybody_can_read_is_refused_by_name() {
    let shop = Shop::found(Arc::new(Gateway::start()), |_| {}).await;
    for (provider, key, file) in [
        ("wechat", "merchant_key_file", "merchant_key.pem"),
        ("wechat", "apiv3_key_file", "apiv3_key"),
        ("alipay", "app_key_file", "app_key.pem"),
    ] {
        let path = copy(&shop, file);
        set(&shop, provider, key, &path);
        for open in [0o644, 0o604, 0o602] {
            mode(&path, open);
            let said = shop.refusal();
            let sentence = said.lines().find(|line| line.contains(file));
            assert!(sentence.is_some_and(|line| line.contains("chmod 600")), "{file} {open:o}: {said}");
            assert!(!wrong(&findings(&shop)).is_empty(), "{file} {open:o}");
        }
        // A group of its own is how some services share a key.
        mode(&path, 0o640);
        assert_eq!(wrong(&findings(&shop)), [], "{file}");
        mode(&path, 0o600);
        assert_eq!(wrong(&findings(&shop)), [], "{file}");
    }
}

#[tokio::test]
async fn keys_may_be_systemd_credentials_or_lie_beside_the_configuration() {
    let shop = Shop::found(Arc::new(Gateway::start()), |_| {}).await;
    let name = Path::new("apiv3_key");
    set(&shop, "wechat", "apiv3_key_file", name);
    assert!(shop.refusal().contains("apiv3_key"), "it is nowhere yet");
    let credentials = shop.gateway.file("apiv3_key");
    let mut doctor = shop.command(&["doctor", "--json"]);
    doctor.env("CREDENTIALS_DIRECTORY", credentials.parent().expect("a folder"));
    assert_eq!(wrong(&examine(doctor)), [], "a credential");
    mode(&copy(&shop, "apiv3_key"), 0o600);
    assert_eq!(wrong(&findings(&shop)), [], "beside the configuration");
}

#[tokio::test]
async fn keys_that_do_not_fit_are_found_and_pkcs1_is_taken() {
    let shop = Shop::found(Arc::new(Gateway::start()), |_| {}).await;
    let names = |shop: &Shop| wrong(&findings(shop)).into_iter().map(|(name, _)| name).collect::<Vec<_>>().join("\n");
    let (key, certificate) = (shop.gateway.file("merchant_key_pkcs1.pem"), shop.gateway.file("merchant_cert.pem"));
    set(&shop, "wechat", "merchant_key_file", &key);
    assert_eq!(names(&shop), "", "PKCS#1");

    set(&shop, "wechat", "merchant_certificate_file", &shop.gateway.file("wechat_platform_cert.pem"));
    assert!(names(&shop).contains("certificate"), "of another key: {}", names(&shop));
    set(&shop, "wechat", "merchant_certificate_file", &certificate);

    let apiv3 = copy(&shop, "apiv3_key");
    let good = std::fs::read_to_string(&apiv3).unwrap();
    set(&shop, "wechat", "apiv3_key_file", &apiv3);
    for spoilt in [&good[..31], &format!("{good}x"), ""] {
        std::fs::write(&apiv3, spoilt).unwrap();
        assert!(names(&shop).contains("APIv3"), "{} characters: {}", spoilt.len(), names(&shop));
        assert!(shop.refusal().contains("apiv3_key"));
    }
    std::fs::write(&apiv3, format!("{good}\n")).unwrap();
    assert_eq!(names(&shop), "", "an editor's line feed is no part of it");

    // The other party's key in the place of ours, and the other way round.
    set(&shop, "alipay", "app_key_file", &shop.gateway.file("merchant_key.pem"));
    let found = findings(&shop);
    assert!(wrong(&found).iter().any(|(name, _)| name.contains("alipay")), "{found:?}");
    set(&shop, "alipay", "app_key_file", &shop.gateway.file("app_key.pem"));
    set(&shop, "alipay", "alipay_public_key_file", &shop.gateway.file("wechat_public_key.pem"));
    let found = findings(&shop);
    assert!(
        wrong(&found).iter().any(|(name, detail)| name.contains("alipay") && detail.contains("signed")),
        "{found:?}"
    );
}

/// The detail of the finding about one field.
fn finding_of(found: &[Value], name: &str) -> Value {
    let one = found.iter().find(|one| one["name"].as_str().unwrap().starts_with(name));
    one.unwrap_or_else(|| panic!("{name} in {found:?}")).clone()
}

#[tokio::test]
async fn each_field_of_an_account_is_proved_by_itself() {
    let shop = Shop::found(Arc::new(Gateway::start()), |_| {}).await;
    let fields = ["wechat: app_id", "wechat: apiv3_key_file", "alipay: seller_id"];
    let found = findings(&shop);
    for field in fields {
        let one = finding_of(&found, field);
        assert_eq!((&one["ok"], &one["unproved"]), (&json!(true), &json!(false)), "{one}");
    }
    assert_eq!(shop.gateway.violations().await, json!([]), "it asks as the providers want to be asked");
    let open = shop.gateway.trades("wechat").await;
    assert!(open.iter().all(|trade| trade["state"] == "CLOSED"), "nothing can be paid: {open:?}");

    // Another one of the right form, one at a time: that field is wrong, and no other.
    let apiv3 = copy(&shop, "apiv3_key");
    let good = std::fs::read_to_string(&apiv3).unwrap();
    std::fs::write(&apiv3, good.chars().rev().collect::<String>()).unwrap();
    for (provider, key, other, name, words) in [
        ("wechat", "app_id", "wx0123456789abcdef", "wechat: app_id", "APPID_MCHID_NOT_MATCH"),
        ("wechat", "apiv3_key_file", apiv3.to_str().unwrap(), "wechat: apiv3_key_file", "APIv3"),
        ("alipay", "seller_id", "2088000000000099", "alipay: seller_id", "ACQ.SELLER_NOT_EXIST"),
    ] {
        let mut before = String::new();
        shop.configure(|payment| {
            let account = payment[provider].as_table_mut().unwrap();
            before = account.insert(key.into(), other.into()).unwrap().as_str().unwrap().to_owned();
        });
        let found = findings(&shop);
        let names: Vec<&str> = wrong(&found).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, [name], "{key}");
        let detail = finding_of(&found, name)["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(words), "{key}: {detail}");
        set(&shop, provider, key, Path::new(&before));
    }
    assert_eq!(wrong(&findings(&shop)), []);
}

#[tokio::test]
async fn what_nothing_can_show_is_said_to_be_unproved_and_a_spare_host_is_asked_too() {
    let shop = Shop::found(Arc::new(Gateway::start()), |_| {}).await;
    shop.gateway.set(json!({ "publicKeyOnly": true })).await;
    let found = findings(&shop);
    let one = finding_of(&found, "wechat: apiv3_key_file");
    assert_eq!((&one["ok"], &one["unproved"]), (&json!(true), &json!(true)), "{one}");
    let said = text_of(&shop.command(&["doctor"]).output().unwrap());
    assert!(said.lines().any(|line| line.starts_with("？ wechat: apiv3_key_file")), "{said}");
    for (spare, good) in [(shop.gateway.url.clone(), true), ("http://127.0.0.1:9".to_owned(), false)] {
        set(&shop, "wechat", "spare_url", Path::new(&spare));
        assert_eq!(finding_of(&findings(&shop), "wechat: 备用地址")["ok"], good, "{spare}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_found_and_staff_are_told() {
    let shop = Shop::open().await;
    // The header Date has whole seconds, and the answer takes its time: up to two seconds more are measured.
    shop.gateway.set(json!({ "skewSeconds": -57 })).await;
    assert_eq!(wrong(&findings(&shop)), []);
    shop.gateway.set(json!({ "skewSeconds": 120 })).await;
    let found = findings(&shop);
    let names: Vec<&str> = wrong(&found).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["wechat: 时钟 clock", "alipay: 时钟 clock"]);
    let sale = shop.sale(0, "wechat").await;
    let trouble = "select count(*) from alert where kind = 3 and order_id is null and note like '%时间%'";
    shop.daemon().stored_when(trouble, 1).await;
    let status = shop.counter.ok(Method::GET, "/admin/alert/desktop", Value::Null).await;
    let skew = status["providers"][0]["clockSkewSeconds"].as_i64().unwrap();
    assert!((115..=121).contains(&skew), "{status}");
    assert!(
        shop.pay(&sale, json!({ "deliver": "once" })).await[0].is_taken_by("wechat"),
        "money is taken all the same"
    );
    sale.paid().await;
    shop.end(&["set the clock", "本机时间不准"]).await;
}

#[tokio::test]
async fn the_tables_are_listed_for_scripts() {
    let shop = Shop::found(Arc::new(Gateway::start()), |_| {}).await;
    let tables = shop.tables().await;
    assert_eq!(tables.len(), 8);
    for (index, table) in tables.iter().enumerate() {
        let object = table.as_object().unwrap();
        let keys: Vec<&str> = object.keys().map(String::as_str).collect();
        assert_eq!(keys, ["area", "code", "seats", "tableId", "tableNumber", "url"], "{table}");
        assert_eq!(table["tableId"], json!(index + 1));
        let url = format!("http://127.0.0.1:{}/t/{}", shop.lan, table["code"].as_str().unwrap());
        assert_eq!(table["url"], url);
        assert!(table["tableNumber"].as_str().is_some_and(|number| !number.is_empty()), "{table}");
    }
}
