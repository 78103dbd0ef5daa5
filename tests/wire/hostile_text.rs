//! Text that wants to be something else: SQL in every argument, HTML in every field, requests from foreign pages.

use crate::employee::{hire, log_in};
use crate::hostile::raw;
use crate::permission::{contents, table};
use crate::support::{self, Answer, Daemon, Phone};
use reqwest::Method;
use serde_json::{Value, json};

const SQL: [&str; 8] = [
    "' or 1=1 --",
    "'; drop table staff; --",
    "\") or (\"1\"=\"1",
    "1); delete from audit; --",
    "%",
    "_____",
    "\\' union select password_hash from staff --",
    "*/ or 1 /*",
];

const HTML: [&str; 4] = ["<img src=x onerror=alert(1)>", "\"><b>x</b>", "</script><svg>", "&lt;i&gt;{{7*7}}"];

fn encoded(pairs: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap()
}

#[tokio::test]
async fn sql_in_an_argument_is_text_on_every_route_that_reads() {
    let daemon = Daemon::demo(&["--limits", "off", "--pay", "later"]);
    let owner = daemon.counter().await;
    daemon.phone(0).await.order("op").await;
    let before = contents(&daemon);
    let names = [
        "name",
        "number",
        "phone",
        "status",
        "beginTime",
        "endTime",
        "begin",
        "end",
        "act",
        "page",
        "pageSize",
        "categoryId",
        "type",
        "id",
        "ids",
        "format",
    ];
    let readable = table().into_iter().filter(|line| line.method == Method::GET && line.pattern != "alert/stream");
    for line in readable {
        for text in SQL {
            for name in names {
                let path = format!("{}?{}", line.path(), encoded(&[(name, text)]));
                let answer = owner.send(Method::GET, &path, Value::Null).await;
                let fine = answer.status.as_u16() < 500 && answer.error() != "INTERNAL";
                assert!(fine, "{path}: {} {}", answer.status, answer.body);
            }
            let path = line.pattern.replace('*', &encoded(&[("x", text)])[2..]);
            let answer = owner.send(Method::GET, &format!("/admin/{path}"), Value::Null).await;
            assert!(answer.status.as_u16() < 500, "{path}: {}", answer.body);
        }
    }
    for (path, name) in [
        ("/admin/employee/page", "name"),
        ("/admin/order/conditionSearch", "number"),
        ("/admin/order/conditionSearch", "phone"),
        ("/admin/audit", "act"),
    ] {
        for text in SQL {
            let found = owner.ok(Method::GET, &format!("{path}?{}", encoded(&[(name, text)])), Value::Null).await;
            assert_eq!(found["total"], 0, "{path} {name}={text}: a character, no pattern and no condition");
        }
    }
    assert_eq!(contents(&daemon), before);
    assert!(!daemon.log().contains("internal error"), "{}", daemon.log());
}

/// Every field that some route reads.
const FIELDS: [&str; 34] = [
    "id",
    "ids",
    "name",
    "username",
    "password",
    "phone",
    "number",
    "tableId",
    "tableNumber",
    "area",
    "seats",
    "heads",
    "from",
    "into",
    "to",
    "reason",
    "rejectionReason",
    "cancelReason",
    "price",
    "description",
    "image",
    "categoryId",
    "type",
    "sort",
    "flavors",
    "setmealDishes",
    "amount",
    "method",
    "orderId",
    "partId",
    "userId",
    "opId",
    "code",
    "day",
];

#[tokio::test]
async fn sql_in_a_field_breaks_no_route_that_writes() {
    let daemon = Daemon::demo(&["--limits", "off", "--pay", "later"]);
    let owner = daemon.counter().await;
    daemon.phone(0).await.order("op").await;
    let count = "select (select count(*) from staff) || ' ' || (select count(*) from dining_order) || ' ' || \
                 (select count(*) from order_item) || ' ' || (select count(*) from ledger_entry)";
    let before = daemon.stored::<String>(count);
    for line in table().into_iter().filter(|line| line.method != Method::GET && line.pattern != "backup") {
        for text in &SQL[..3] {
            let all: Value = FIELDS.iter().map(|field| ((*field).to_owned(), json!(text))).collect();
            // Each alone too: the first that is refused would hide those behind it.
            let alone = FIELDS.iter().map(|field| json!({ *field: text }));
            for body in alone.chain([all, json!(text), json!([text])]) {
                let answer = owner.send(line.method.clone(), &line.path(), body).await;
                let fine = answer.status.as_u16() < 500 && answer.error() != "INTERNAL";
                assert!(fine, "{} {}: {} {}", line.method, line.pattern, answer.status, answer.body);
            }
        }
    }
    assert_eq!(daemon.stored::<String>(count), before, "no row came and none went");
    assert_eq!(daemon.stored::<String>("pragma integrity_check"), "ok");
    assert!(!daemon.log().contains("internal error"), "{}", daemon.log());
}

#[tokio::test]
async fn sql_in_a_name_is_the_name() {
    let daemon = Daemon::demo(&["--limits", "off", "--pay", "later"]);
    let owner = daemon.counter().await;
    let find = async |path: &str, text: &str| {
        let page = owner.ok(Method::GET, &format!("{path}&{}", encoded(&[("name", text)])), Value::Null).await;
        page["records"].as_array().expect("records").iter().filter(|row| row["name"] == text).count()
    };
    for (turn, text) in SQL.into_iter().enumerate() {
        let text = &text[..text.len().min(20)];
        owner.ok(Method::POST, "/admin/category", json!({ "name": text, "type": 1, "sort": 1 })).await;
        assert_eq!(find("/admin/category/page?page=1&pageSize=50", text).await, 1, "{text}");
        let dish = json!({ "name": text, "categoryId": 1, "price": 1, "image": "", "description": text, "status": 1,
            "flavors": [{ "name": text, "value": json!([text]).to_string() }] });
        owner.ok(Method::POST, "/admin/dish", dish).await;
        assert_eq!(find("/admin/dish/page?page=1&pageSize=50", text).await, 1, "{text}");
        let member = json!({ "name": text, "phone": format!("1390013900{turn}") });
        let user = owner.ok(Method::POST, "/admin/member", member).await["userId"].clone();
        let kept = owner.ok(Method::GET, &format!("/admin/member/{user}"), Value::Null).await;
        assert!(kept.to_string().contains(&serde_json::to_string(text).unwrap()), "{kept}");
    }
    assert_eq!(daemon.stored::<i64>("select count(*) from staff"), 1);
}

#[tokio::test]
async fn sql_in_a_name_or_a_password_opens_no_door() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    for (turn, text) in SQL.into_iter().enumerate() {
        for (part, body) in [
            (0, json!({ "username": text, "password": "123456" })),
            (1, json!({ "username": format!("admin{text}"), "password": "123456" })),
            (2, json!({ "username": "admin", "password": text })),
        ] {
            let request = reqwest::Client::new().post(format!("{}/admin/employee/login", daemon.lan)).json(&body);
            let from = format!("10.0.{turn}.{part}");
            let answer = support::answer(request.header("x-forwarded-for", from)).await;
            let told = ["BAD_LOGIN", "LOGIN_LOCKED"].contains(&answer.error());
            assert!(told && answer.body["data"].is_null(), "{body}: {}", answer.body);
        }
    }
    assert_eq!(daemon.stored::<i64>("select count(*) from staff where enabled = 1"), 1);
    daemon.counter().await;
}

/// The places of this text in an answer, which has to be JSON: there it is text whatever it says.
fn told(answer: &Answer, text: &str) -> usize {
    fn count(value: &Value, text: &str) -> usize {
        match value {
            Value::String(said) => usize::from(said == text),
            Value::Array(all) => all.iter().map(|one| count(one, text)).sum(),
            Value::Object(all) => all.values().map(|one| count(one, text)).sum(),
            _ => 0,
        }
    }
    assert!(answer.body.is_object(), "JSON: {}", answer.body);
    count(&answer.body, text)
}

/// An order with this text wherever a guest can put it.
async fn order_saying(phone: &Phone, op: &str, text: &str) -> Value {
    let add = json!({ "tableId": phone.table, "cuisineId": 1001, "quantity": 1, "remark": text });
    let cart = phone.ok(Method::POST, "/api/store/order/cart/add", add).await;
    assert_eq!(cart["items"][0]["remark"], text);
    let submit = json!({ "tableId": phone.table, "version": cart["version"], "opId": op, "remark": text });
    phone.ok(Method::POST, "/api/store/order/submit", submit).await
}

#[tokio::test]
async fn html_in_a_field_comes_back_as_the_same_text_and_never_in_an_alert() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, owner) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = owner.socket().await;
    for (turn, text) in HTML.into_iter().enumerate() {
        let order = order_saying(&ann, &format!("op-{turn}"), text).await;
        let id = &order["orderId"];
        assert_eq!((&order["remark"], &order["items"][0]["remark"]), (&json!(text), &json!(text)));
        let details = owner.send(Method::GET, &format!("/admin/order/details/{id}"), Value::Null).await;
        assert_eq!(told(&details, text), 2, "{}", details.body);
        let frame = socket.frame_of(1).await;
        let content = format!("订单号: {}", order["orderNumber"].as_str().unwrap());
        assert_eq!(frame["content"], content, "the old web takes it for HTML");
        assert!(!frame.to_string().contains(['<', '&']), "{frame}");
        let reason = json!({ "id": id, "rejectionReason": text });
        owner.ok(Method::PUT, "/admin/order/rejection", reason).await;
        let list = owner.send(Method::GET, "/admin/order/conditionSearch?status=6", Value::Null).await;
        assert!(told(&list, text) >= 2, "{}", list.body);
    }
}

#[tokio::test]
async fn html_in_the_names_of_staff_is_text_and_in_usernames_refused() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    let id = hire(&owner, "lina", "waiter").await;
    for text in HTML {
        let form = json!({ "id": id, "name": text, "phone": "<b>1</b>", "idNumber": "<i>" });
        owner.ok(Method::PUT, "/admin/employee", form).await;
        let lina = log_in(&daemon, "lina").await;
        for path in ["/admin/employee/page", &format!("/admin/employee/{id}"), "/admin/employee/names"] {
            let answer = owner.send(Method::GET, path, Value::Null).await;
            assert_eq!(told(&answer, text), 1, "{path}: {}", answer.body);
        }
        assert_eq!(lina.ok(Method::GET, "/admin/employee/me", Value::Null).await["name"], text);
        let form = json!({ "username": text, "name": "x" });
        let refused = owner.send(Method::POST, "/admin/employee", form).await;
        assert_eq!(refused.error(), "BAD_REQUEST", "a username is written into logs: {text}");
    }
    let response = reqwest::Client::new().get(format!("{}/admin/employee/names", daemon.lan));
    let response = response.header("token", &owner.token).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff", "no browser takes JSON for a page");
}

/// What a foreign page can make the browser of somebody on the staff send, with the cookie of the login.
#[tokio::test]
async fn a_foreign_page_changes_nothing_at_the_counter() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let owner = daemon.counter().await;
    let cookie = format!("tablebell_staff={}", owner.token);
    let before = contents(&daemon);
    let form = "application/x-www-form-urlencoded";
    for line in table().iter().filter(|line| line.method != Method::GET) {
        for (origin, kind, body) in [
            (Some("http://evil.example"), "application/json", "{}"),
            (Some("http://evil.example"), form, "id=1"),
            (Some("null"), "text/plain", "{\"id\":1,\"x\":\"=\"}"),
            // Old browsers, and forms from where no origin is told.
            (None, form, ""),
            (None, "text/plain;charset=UTF-8", "{\"id\":1,\"x\":\"=\"}"),
            (None, "multipart/form-data; boundary=x", "--x--"),
        ] {
            let request = owner.http.request(line.method.clone(), format!("{}{}", owner.lan, line.path()));
            let mut request = request.header("cookie", &cookie).header("content-type", kind).body(body);
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let answer = support::answer(request).await;
            assert_eq!(answer.error(), "FORBIDDEN", "{} {} {origin:?} {kind}", line.method, line.pattern);
        }
    }
    assert_eq!(contents(&daemon), before);
    let own = owner.http.put(format!("{}/admin/shop/1", owner.lan)).header("cookie", &cookie);
    let answer = support::answer(own.header("origin", &owner.lan).json(&json!({}))).await;
    assert_eq!(answer.body["code"], 1, "our own page may");
    let old = owner.http.put(format!("{}/admin/shop/0", owner.lan)).header("token", &owner.token);
    let answer = support::answer(old.header("content-type", form).header("origin", "http://localhost").body("0")).await;
    assert_eq!(answer.body["code"], 1, "so may the old web, whose header no foreign page can send");
}

#[tokio::test]
async fn a_foreign_page_logs_nobody_in_as_somebody_else() {
    let daemon = Daemon::demo(&[]);
    let body = json!({ "username": "admin", "password": "123456" }).to_string();
    for (origin, kind, allowed) in [
        ("http://evil.example", "text/plain", false),
        ("http://evil.example", "application/x-www-form-urlencoded", false),
        ("null", "text/plain", false),
        (daemon.lan.as_str(), "application/json", true),
        // The old web's development server; a foreign page would have to ask first, and nobody answers.
        ("http://localhost:8888", "application/json;charset=utf-8", true),
    ] {
        let request = reqwest::Client::new().post(format!("{}/admin/employee/login", daemon.lan));
        let request = request.header("origin", origin).header("content-type", kind).body(body.clone());
        let response = request.send().await.unwrap();
        assert_eq!(response.headers().contains_key("set-cookie"), allowed, "{origin} {kind}");
        assert!(!response.headers().contains_key("access-control-allow-origin"));
    }
    let asked = reqwest::Client::new().request(Method::OPTIONS, format!("{}/admin/employee/login", daemon.lan));
    let asked = asked.header("origin", "http://evil.example").header("access-control-request-method", "POST");
    assert!(!asked.send().await.unwrap().headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn an_id_is_a_number_and_a_path_goes_nowhere_else() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    let token = &owner.token;
    for path in [
        "/admin/order/details/1%20or%201=1",
        "/admin/order/details/..%2f..%2fetc%2fpasswd",
        "/admin/order/details/../../employee/page",
        "/admin/employee/1;drop%20table%20staff",
        "/admin/employee/-0x1",
        "/admin/employee/%00",
        "/admin/employee/99999999999999999999999",
        "/admin/payment/order/%27",
        "/admin/%2e%2e/healthz",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\ntoken: {token}\r\nconnection: close\r\n\r\n");
        let (status, text) = raw(&daemon.lan, request.as_bytes()).await;
        assert!(status.is_some_and(|status| status < 500), "{path}: {text}");
        assert!(text.contains("\"code\":0") && !text.contains("root:"), "{path}: {text}");
    }
}
