//! Who works here: sky-take-out's `/employee` routes with roles, PINs, locks, and the audit log (docs/protocol.md §5.2
//! and §13).

use crate::support::{self, Answer, Counter, Daemon, Socket};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn what_was_done_is_in_the_audit_log_with_who_and_when_and_stays_there() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    let rotated = owner.ok(Method::POST, "/admin/table/rotate/2", Value::Null).await;
    owner.ok(Method::POST, "/admin/table/rotate/3", Value::Null).await;
    let list = async |query: &str| owner.ok(Method::GET, &format!("/admin/audit{query}"), Value::Null).await;
    let log = list("?act=table.rotate").await;
    assert_eq!(log["total"], 2);
    let line = &log["records"][1];
    assert_eq!(
        (&line["actor"], &line["act"], &line["target"]),
        (&json!("admin"), &json!("table.rotate"), &json!("A02"))
    );
    assert!(line["at"].as_str().unwrap().ends_with("+08:00"), "{line}");
    assert!(!log.to_string().contains(rotated["code"].as_str().unwrap()), "no codes in the log");
    assert_eq!(list("?act=table&page=2&pageSize=1").await["records"], json!([line]), "the latest first, in pages");
    assert_eq!(list("?act=tab").await["total"], 0, "a noun or an act, not a part of one");
    assert_eq!(list("?act=table&begin=2020-01-01&end=2020-12-31").await["total"], 0);
    assert_eq!(list("?act=table&begin=2020-01-01&end=").await["total"], 2);
    assert_eq!(list("?act=table&begin=2020-01-01 00:00:00&end=2099-12-31 00:00:00").await["total"], 2);
    let refused = owner.send(Method::GET, "/admin/audit?begin=yesterday", Value::Null).await;
    assert_eq!((&refused.body["code"], refused.error()), (&json!(0), "BAD_REQUEST"));
    let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
    for change in ["update audit set actor = 'nobody'", "delete from audit"] {
        let error = database.execute(change, []).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{change}: {error}");
    }
}

/// Somebody the owner hires over the wire, with a password.
pub async fn hire(owner: &Counter, username: &str, role: &str) -> i64 {
    let form = json!({
        "username": username, "name": format!("{username}先生"), "phone": "13812312312", "sex": "1",
        "idNumber": "110101199001010047", "role": role, "password": PASSWORD,
    });
    owner.ok(Method::POST, "/admin/employee", form).await;
    find(owner, username).await["id"].as_i64().unwrap()
}

pub const PASSWORD: &str = "tea-and-rice";

async fn find(owner: &Counter, username: &str) -> Value {
    let page = owner.ok(Method::GET, "/admin/employee/page?page=1&pageSize=40", Value::Null).await;
    page["records"].as_array().unwrap().iter().find(|one| one["username"] == username).cloned().unwrap_or(Value::Null)
}

/// A login from an address on the LAN, through a proxy on this PC.
async fn log_in_from(daemon: &Daemon, address: &str, body: Value) -> Answer {
    let url = format!("{}/admin/employee/login", daemon.lan);
    support::answer(reqwest::Client::new().post(url).header("x-forwarded-for", address).json(&body)).await
}

/// The counter as this person sees it.
pub async fn log_in(daemon: &Daemon, username: &str) -> Counter {
    let login = log_in_from(daemon, "192.168.1.20", json!({ "username": username, "password": PASSWORD })).await;
    assert_eq!(login.body["code"], 1, "{}", login.body);
    let token = login.body["data"]["token"].as_str().unwrap().to_owned();
    Counter { http: reqwest::Client::new(), lan: daemon.lan.clone(), token }
}

fn code(answer: &Answer) -> (u16, &str) {
    assert!(answer.error().is_empty() || answer.body["code"] == 0, "{}", answer.body);
    (answer.status.as_u16(), answer.error())
}

#[tokio::test]
async fn the_old_web_keeps_its_staff_here_with_its_own_forms() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    // As its form sends it: no password, no role, sex as text.
    let form = json!({ "name": "李娜", "phone": "13800138000", "sex": "0", "idNumber": "11010119900101004X", "username": "lina" });
    let answer = owner.send(Method::POST, "/admin/employee", form.clone()).await;
    assert_eq!(answer.body, json!({ "code": 1, "msg": null, "data": null }));
    let page = owner.ok(Method::GET, "/admin/employee/page?page=1&pageSize=10&name=", Value::Null).await;
    assert_eq!((page["total"].clone(), page["records"].as_array().unwrap().len()), (json!(2), 2));
    let row = &page["records"][0];
    for (key, value) in [
        ("username", json!("lina")),
        ("name", json!("李娜")),
        ("phone", json!("13800138000")),
        ("sex", json!("0")),
        ("idNumber", json!("11010119900101004X")),
        ("status", json!(1)),
        ("role", json!("waiter")),
        ("hasPassword", json!(false)),
        ("hasPin", json!(false)),
    ] {
        assert_eq!(row[key], value, "{key}");
    }
    let (id, time) = (row["id"].as_i64().unwrap(), row["updateTime"].as_str().unwrap());
    assert!(time.len() == 16 && time.as_bytes()[10] == b' ', "{time}");
    assert!(!page.to_string().contains("argon2"), "no hash leaves the house");
    for (query, total) in [("name=李", 1), ("name=%E6%9D%8E&page=2", 1), ("name=nobody", 0), ("page=9&pageSize=40", 2)]
    {
        let found = owner.ok(Method::GET, &format!("/admin/employee/page?{query}"), Value::Null).await;
        assert_eq!((&found["total"], found["records"].is_array()), (&json!(total), true), "{query}");
    }
    // The edit form sends back all that it was given.
    let mut whole = owner.ok(Method::GET, &format!("/admin/employee/{id}"), Value::Null).await;
    assert_eq!(whole["password"], "****");
    let stored = format!("select password_hash from staff where id = {id}");
    assert_eq!(daemon.stored::<String>(&stored), "", "nobody comes in by it before the owner sets a password");
    whole["name"] = json!("李小娜");
    whole["phone"] = json!("");
    whole["status"] = json!(0);
    whole["code"] = json!("whatever");
    owner.ok(Method::PUT, "/admin/employee", whole).await;
    let row = find(&owner, "lina").await;
    assert_eq!((&row["name"], &row["phone"], &row["status"]), (&json!("李小娜"), &json!(""), &json!(1)));
    assert_eq!(daemon.stored::<String>(&stored), "", "four stars are no password");
    owner.ok(Method::POST, &format!("/admin/employee/status/0?id={id}"), Value::Null).await;
    assert_eq!(find(&owner, "lina").await["status"], 0);
    owner.ok(Method::POST, &format!("/admin/employee/status/1?id={id}"), Value::Null).await;

    let again = owner.send(Method::POST, "/admin/employee", form).await;
    assert_eq!((code(&again), &again.body["msg"]), ((200, "USERNAME_TAKEN"), &json!("'lina'已存在")));
    for bad in [
        json!({ "username": "a b", "name": "x" }),
        json!({ "username": "x" }),
        json!({ "name": "x" }),
        json!({ "username": "x", "name": "y".repeat(33) }),
        json!({ "username": "x", "name": "y", "role": "boss" }),
        json!({ "username": "x", "name": "y", "sex": "2" }),
        json!({ "username": "x", "name": "y", "password": "123456" }),
    ] {
        let refused = owner.send(Method::POST, "/admin/employee", bad.clone()).await;
        assert!(["BAD_REQUEST", "WEAK_PASSWORD"].contains(&refused.error()), "{bad}: {}", refused.body);
    }
    let unknown = owner.send(Method::GET, "/admin/employee/999", Value::Null).await;
    assert_eq!(code(&unknown), (200, "STAFF_NOT_FOUND"));
    // Its page for this route reads nothing but the HTTP status.
    let unknown = owner.send(Method::POST, "/admin/employee/status/0?id=999", Value::Null).await;
    assert_eq!(code(&unknown), (404, "STAFF_NOT_FOUND"));
}

#[tokio::test]
async fn who_has_no_password_cannot_come_in_until_the_owner_sets_one() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    owner.ok(Method::POST, "/admin/employee", json!({ "username": "lina", "name": "李娜", "password": "****" })).await;
    let id = find(&owner, "lina").await["id"].clone();
    for tried in ["", "****", "123456"] {
        let login = log_in_from(&daemon, "10.0.0.3", json!({ "username": "lina", "password": tried })).await;
        assert_eq!(code(&login), (200, "BAD_LOGIN"), "{tried:?}");
    }
    let weak = owner.send(Method::PUT, "/admin/employee/password", json!({ "id": id, "password": "123456" })).await;
    assert_eq!(code(&weak), (200, "WEAK_PASSWORD"));
    owner.ok(Method::PUT, "/admin/employee/password", json!({ "id": id, "password": PASSWORD })).await;
    let lina = log_in(&daemon, "lina").await;
    let me = lina.ok(Method::GET, "/admin/employee/me", Value::Null).await;
    assert_eq!((&me["userName"], &me["role"], &me["name"]), (&json!("lina"), &json!("waiter"), &json!("李娜")));
    let allowed: Vec<&str> = me["allowed"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert!(allowed.contains(&"GET table/list") && !allowed.contains(&"POST payment/refund"), "{allowed:?}");
    let names = lina.ok(Method::GET, "/admin/employee/names", Value::Null).await;
    assert_eq!(names.as_array().unwrap().len(), 2);
    assert!(!daemon.log().contains(PASSWORD));
}

#[tokio::test]
async fn a_new_role_and_the_end_of_an_account_work_at_once() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    let id = hire(&owner, "lina", "cashier").await;
    let lina = log_in(&daemon, "lina").await;
    let ledger = async || code(&lina.send(Method::GET, "/admin/payment/ledger", Value::Null).await).1.to_owned();
    assert_eq!(ledger().await, "");
    owner.ok(Method::PUT, "/admin/employee", json!({ "id": id, "role": "waiter" })).await;
    assert_eq!(ledger().await, "FORBIDDEN", "with the token of before");
    owner.ok(Method::PUT, "/admin/employee", json!({ "id": id.to_string(), "role": "cashier" })).await;
    assert_eq!(ledger().await, "");
    owner.ok(Method::POST, &format!("/admin/employee/status/0?id={id}"), Value::Null).await;
    let ended = lina.send(Method::GET, "/admin/order/statistics", Value::Null).await;
    assert_eq!(code(&ended), (401, "UNAUTHORIZED"));
    let login = log_in_from(&daemon, "10.0.0.3", json!({ "username": "lina", "password": PASSWORD })).await;
    assert_eq!(code(&login), (200, "BAD_LOGIN"), "the same words as for a wrong password");
    let log = owner.ok(Method::GET, "/admin/audit?act=staff&pageSize=100", Value::Null).await;
    let said: Vec<String> = log["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| format!("{} {} {}", line["act"], line["target"], line["detail"]))
        .collect();
    for wanted in [
        r#""staff.add" "lina" "cashier""#,
        r#""staff.role" "lina" "cashier → waiter""#,
        r#""staff.disable" "lina" """#,
        r#""staff.denied" "?" "10.0.0.3""#,
    ] {
        assert!(said.iter().any(|line| line == wanted), "{wanted} in {said:?}");
    }
}

#[tokio::test]
async fn the_last_owner_stays_and_nobody_shuts_the_door_behind_himself() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    let demote = json!({ "id": 1, "role": "cashier" });
    assert_eq!(code(&owner.send(Method::PUT, "/admin/employee", demote.clone()).await), (200, "LAST_OWNER"));
    let own = owner.send(Method::POST, "/admin/employee/status/0?id=1", Value::Null).await;
    assert_eq!(code(&own), (409, "NOT_YOURSELF"));
    // An owner who cannot log in is none.
    owner.ok(Method::POST, "/admin/employee", json!({ "username": "boss", "name": "老板", "role": "owner" })).await;
    assert_eq!(code(&owner.send(Method::PUT, "/admin/employee", demote.clone()).await), (200, "LAST_OWNER"));
    let boss = find(&owner, "boss").await["id"].clone();
    owner.ok(Method::PUT, "/admin/employee/password", json!({ "id": boss, "password": PASSWORD })).await;
    let second = log_in(&daemon, "boss").await;
    second.ok(Method::POST, "/admin/employee/status/0?id=1", Value::Null).await;
    let last = second.send(Method::PUT, "/admin/employee", json!({ "id": boss, "role": "waiter" })).await;
    assert_eq!(code(&last), (200, "LAST_OWNER"));
    second.ok(Method::POST, "/admin/employee/status/1?id=1", Value::Null).await;
    second.ok(Method::PUT, "/admin/employee", demote).await;
}

#[tokio::test]
async fn a_new_password_ends_every_session_but_the_one_that_asked() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    hire(&owner, "lina", "waiter").await;
    let (phone, desk) = (log_in(&daemon, "lina").await, log_in(&daemon, "lina").await);
    let change = |old: &str, new: &str| json!({ "oldPassword": old, "newPassword": new });
    let path = "/admin/employee/editPassword";
    let wrong = desk.put(path, change("wrong-one", "better-rice")).await;
    assert_eq!((code(&wrong), &wrong.body["msg"]), ((200, "WRONG_PASSWORD"), &json!("原密码不对")));
    assert_eq!(code(&desk.put(path, change(PASSWORD, "111111")).await), (200, "WEAK_PASSWORD"));
    let done = desk.ok(Method::PUT, path, change(PASSWORD, "better-rice")).await;
    for old in [&phone, &desk] {
        let answer = old.send(Method::GET, "/admin/employee/me", Value::Null).await;
        assert_eq!(code(&answer), (401, "UNAUTHORIZED"));
        assert_eq!(Socket::refused(&daemon.lan, &format!("/ws/a?token={}", old.token)).await, 401);
    }
    let desk = Counter { token: done["token"].as_str().unwrap().to_owned(), ..desk };
    desk.ok(Method::GET, "/admin/employee/me", Value::Null).await;
    let old = log_in_from(&daemon, "10.0.0.3", json!({ "username": "lina", "password": PASSWORD })).await;
    assert_eq!(code(&old), (200, "BAD_LOGIN"));
    // The owner's word ends them, too.
    let id = find(&owner, "lina").await["id"].clone();
    owner.ok(Method::PUT, "/admin/employee/password", json!({ "id": id, "password": PASSWORD })).await;
    assert_eq!(code(&desk.send(Method::GET, "/admin/employee/me", Value::Null).await), (401, "UNAUTHORIZED"));
}

#[tokio::test]
async fn a_pin_changes_the_person_where_somebody_of_the_staff_has_come_in() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    let id = hire(&owner, "lina", "waiter").await;
    let lina = log_in(&daemon, "lina").await;
    let pin = async |who: &Counter, body: Value| who.put("/admin/employee/pin", body).await;
    for weak in ["1234", "0000", "12", "12345678", "abcd"] {
        assert_eq!(code(&pin(&lina, json!({ "pin": weak })).await), (200, "WEAK_PIN"), "{weak}");
    }
    assert_eq!(code(&pin(&lina, json!({ "id": 1, "pin": "2580" })).await), (200, "FORBIDDEN"), "another's");
    assert_eq!(code(&pin(&owner, json!({ "pin": "482913" })).await), (200, ""));
    assert_eq!(code(&pin(&lina, json!({ "pin": "2580" })).await), (200, ""));
    assert_eq!(find(&owner, "lina").await["hasPin"], true);

    let body = json!({ "username": "admin", "pin": "482913" });
    let stranger = log_in_from(&daemon, "192.168.1.77", body.clone()).await;
    assert_eq!(code(&stranger), (200, "PIN_NEEDS_LOGIN"), "a guest's phone cannot even try");
    let tablet = async |body: &Value| {
        let request = reqwest::Client::new().post(format!("{}/admin/employee/login", daemon.lan)).json(body);
        support::answer(request.header("x-forwarded-for", "192.168.1.20").header("token", &lina.token)).await
    };
    let changed = tablet(&body).await;
    assert_eq!((&changed.body["data"]["userName"], &changed.body["data"]["role"]), (&json!("admin"), &json!("owner")));
    assert_eq!(code(&tablet(&json!({ "username": "admin", "pin": "482914" })).await), (200, "BAD_LOGIN"));
    assert_eq!(
        code(&tablet(&json!({ "username": "admin", "pin": "123456" })).await),
        (200, "BAD_LOGIN"),
        "no password"
    );
    assert_eq!(code(&tablet(&json!({ "username": "admin", "password": "482913" })).await), (200, "BAD_LOGIN"));
    owner.ok(Method::PUT, "/admin/employee/pin", json!({ "id": id, "pin": "" })).await;
    assert_eq!(code(&tablet(&json!({ "username": "lina", "pin": "2580" })).await), (200, "PIN_NEEDS_LOGIN"));
    let over = lina.send(Method::GET, "/admin/shop/status", Value::Null).await;
    assert_eq!(over.status.as_u16(), 401, "whoever knew the PIN that the owner took away is out");
    let lina = log_in(&daemon, "lina").await;
    let taken_away =
        lina.send(Method::POST, "/admin/employee/login", json!({ "username": "lina", "pin": "2580" })).await;
    assert_eq!(code(&taken_away), (200, "BAD_LOGIN"));
    assert!(!daemon.log().contains("482913") && !daemon.log().contains("2580"));
    assert_eq!(
        daemon.stored::<i64>("select count(*) from audit where detail like '%482913%' or detail like '%2580%'"),
        0
    );
}

#[tokio::test]
async fn wrong_tries_lock_a_name_for_longer_each_time_also_over_a_restart_and_never_at_the_counter_pc() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let daemon = Daemon::on(&data, &[], &[]);
    let right = json!({ "username": "admin", "password": "123456" });
    let wrong = |name: &str| json!({ "username": name, "password": "guess-1" });
    for name in ["admin", "nobody-of-us"] {
        let mut told = Vec::new();
        for last in 1..=6 {
            // From a new address each time: it is the name that is locked.
            let answer = log_in_from(&daemon, &format!("192.168.9.{last}"), wrong(name)).await;
            told.push((
                answer.status.as_u16(),
                answer.error().to_owned(),
                answer.body["msg"].as_str().unwrap().to_owned(),
            ));
        }
        let bad = (200, "BAD_LOGIN".to_owned(), "账号或密码错误".to_owned());
        assert!(told[..5].iter().all(|one| *one == bad), "{name}: {told:?}");
        assert_eq!((told[5].0, told[5].1.as_str()), (200, "LOGIN_LOCKED"), "{name}: the old web shows it");
        assert!(told[5].2.contains("秒后再试"), "{told:?}");
    }
    let locked = log_in_from(&daemon, "192.168.9.50", right.clone()).await;
    assert_eq!(code(&locked), (200, "LOGIN_LOCKED"), "the right one does not help meanwhile");
    daemon.counter().await;
    let (failures, denied) =
        ("select failures from staff where id = 1", "select count(*) from audit where act = 'staff.denied'");
    assert_eq!(daemon.stored::<i64>(denied), 10);
    assert_eq!(daemon.stored::<i64>(failures), 0, "who came in at the PC ends it");
    for last in 1..=5 {
        log_in_from(&daemon, &format!("192.168.8.{last}"), wrong("admin")).await;
    }
    assert_eq!(daemon.stored::<i64>(failures), 5);
    daemon.kill();
    let daemon = Daemon::on(&data, &[], &[]);
    let locked = log_in_from(&daemon, "192.168.9.51", right.clone()).await;
    assert_eq!(code(&locked), (200, "LOGIN_LOCKED"), "after a restart");
    daemon.counter().await;
    let open = log_in_from(&daemon, "192.168.9.52", right).await;
    assert_eq!(code(&open), (200, ""));
    assert!(!daemon.log().contains("guess-1"));
    assert!(
        !daemon.stored::<String>("select group_concat(actor || target || detail) from audit").contains("nobody-of-us")
    );
}

#[tokio::test]
async fn wrong_tries_lock_an_address_whatever_names_it_tries() {
    let daemon = Daemon::demo(&[]);
    let tries = (0..10).map(|number| {
        log_in_from(&daemon, "192.168.7.7", json!({ "username": format!("name{number}"), "password": "guess-1" }))
    });
    // At once, as a program would: each counts before it is looked at.
    for answer in futures_util::future::join_all(tries).await {
        assert_eq!(code(&answer), (200, "BAD_LOGIN"));
    }
    let right = json!({ "username": "admin", "password": "123456" });
    assert_eq!(code(&log_in_from(&daemon, "192.168.7.7", right.clone()).await), (200, "LOGIN_LOCKED"));
    assert_eq!(code(&log_in_from(&daemon, "192.168.7.8", right).await), (200, ""));
}

#[tokio::test]
async fn logging_out_always_works_and_a_stale_token_hinders_no_login() {
    let daemon = Daemon::demo(&[]);
    let http = reqwest::Client::new();
    for token in ["", "stale", "a.b.c"] {
        let out =
            http.post(format!("{}/admin/employee/logout", daemon.lan)).header("token", token).send().await.unwrap();
        assert!(out.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
        assert_eq!(out.json::<Value>().await.unwrap(), json!({ "code": 1, "msg": null, "data": null }));
        let login = http.post(format!("{}/admin/employee/login", daemon.lan)).header("token", token);
        let login = login.json(&json!({ "username": "admin", "password": "123456" })).send().await.unwrap();
        let cookie = login.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let data = login.json::<Value>().await.unwrap()["data"].clone();
        assert!(data.to_string().len() < 1000, "it has to fit into the old web's cookie: {data}");
        assert_eq!((&data["id"], &data["userName"], &data["name"]), (&json!(1), &json!("admin"), &json!("管理员")));
    }
}

#[tokio::test]
async fn the_shop_opens_and_closes_as_the_old_web_asks() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    let status = async || owner.ok(Method::GET, "/admin/shop/status", Value::Null).await;
    assert_eq!(status().await, json!(1), "a number, before anybody has set it");
    // A bare number under a form's name, or nothing at all.
    for (path, kind, body) in [
        ("0", "application/x-www-form-urlencoded", "0"),
        ("1", "application/x-www-form-urlencoded", "1"),
        ("0", "application/json", "{not json"),
        ("0", "text/plain", ""),
        ("1", "application/json;charset=utf-8", "[]"),
    ] {
        let put = owner.http.put(format!("{}/admin/shop/{path}", owner.lan)).header("token", &owner.token);
        let answer = support::answer(put.header("content-type", kind).body(body)).await;
        assert_eq!(answer.body, json!({ "code": 1, "msg": null, "data": null }), "{path} {kind} {body}");
        assert_eq!(status().await.to_string(), path, "{kind} {body}");
    }
    for path in ["null", "2", "-1", "true"] {
        let answer = owner.send(Method::PUT, &format!("/admin/shop/{path}"), Value::Null).await;
        assert_eq!(code(&answer), (200, "NOT_FOUND"), "{path}");
    }
    assert_eq!(status().await, json!(1));
    let log = owner.ok(Method::GET, "/admin/audit?act=shop", Value::Null).await;
    assert_eq!(log["total"], 5);
}
