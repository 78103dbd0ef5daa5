//! Members from outside (docs/protocol.md §3): the counter that scans, the phones that hear, and everybody who tries it
//! on.

use crate::support::{Answer, Counter, Daemon, PATIENCE, Socket, answer, send, shortest};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::cell::Cell;
use std::ops::Range;
use std::time::{Duration, Instant};
use tablebell::member::code::Codes;
use tablebell::units::{MemberId, Timestamp};

/// Long enough for a frame that should not come.
const QUIET: Duration = Duration::from_millis(300);

/// A member's phone.
pub struct Card {
    pub http: reqwest::Client,
    pub lan: String,
    pub token: String,
    pub url: String,
    pub user: i64,
}

impl Card {
    /// A new member with so many uses and so much money on the card.
    pub async fn new(counter: &Counter, phone: &str, uses: i64, yuan: i64) -> Card {
        let body = json!({ "name": "王小明", "phone": phone });
        let link = counter.ok(Method::POST, "/admin/member", body).await;
        let text = |name: &str| link[name].as_str().unwrap().to_owned();
        let user = link["userId"].as_i64().unwrap();
        let card = Card {
            http: reqwest::Client::new(),
            lan: counter.lan.clone(),
            token: text("token"),
            url: text("url"),
            user,
        };
        if uses != 0 || yuan != 0 {
            let body = json!({ "userId": user, "uses": uses, "amount": yuan });
            counter.ok(Method::POST, "/admin/member/topup", body).await;
        }
        card
    }

    pub async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        send(&self.http, method, format!("{}{path}", self.lan), &self.token, &body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.send(Method::GET, path, Value::Null).await;
        assert_eq!((answer.status, &answer.body["code"]), (StatusCode::OK, &json!(200)), "{path}: {}", answer.body);
        answer.body["data"].clone()
    }

    pub async fn code(&self) -> String {
        self.get("/api/store/member/code").await["code"].as_str().unwrap().to_owned()
    }

    async fn last(&self) -> Value {
        self.get(&format!("/api/store/member/scan-result/{}", self.user)).await
    }

    async fn socket(&self, more: &str) -> Socket {
        Socket::open(&self.lan, &format!("/webSocket/{}/1?token={}{more}", self.user, self.token)).await
    }
}

async fn scan(counter: &Counter, code: &str, op: &str) -> Value {
    counter.ok(Method::POST, "/admin/member/scan", json!({ "code": code, "opId": op })).await
}

/// `(status, remaining)` of a scan.
async fn scanned(counter: &Counter, code: &str, op: &str) -> (i64, i64) {
    let answer = scan(counter, code, op).await;
    (answer["status"].as_i64().unwrap(), answer["remaining"].as_i64().unwrap())
}

/// What the shop's own key signs at another time.
fn signed_at(daemon: &Daemon, key: &str, user: i64, seconds: i64) -> String {
    let secret: String = match key {
        "ours" => daemon.stored("select value from setting where key = 'token_key'"),
        other => other.to_owned(),
    };
    let now = Timestamp(daemon_now() + seconds * 1000);
    Codes::new(&secret).sign(MemberId(user), 1, now, [7; 5]).unwrap().0
}

fn daemon_now() -> i64 {
    Timestamp::now().0
}

/// Whether each card is what its ledger says, and no code has deducted twice.
fn assert_ledger_fits(daemon: &Daemon) {
    let unlike = "select count(*) from member m where m.uses <> (select coalesce(sum(e.uses), 0) from member_entry e \
                  where e.member_id = m.id) or m.balance_fen <> (select coalesce(sum(e.amount_fen), 0) from member_entry e \
                  where e.member_id = m.id)";
    assert_eq!(daemon.stored::<i64>(unlike), 0, "a card unlike its ledger");
    let unscanned = "select (select count(*) from member_entry where kind = 'scan') \
                     - (select count(*) from member_scan where status = 0 and text = '扣费成功')";
    assert_eq!(daemon.stored::<i64>(unscanned), 0, "a deduction without its scan, or the reverse");
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() - 1) * percent / 100]
}

/// One scan each time: how long until the counter was answered, and until a phone of the member knew.
async fn scan_times(counter: &Counter, ann: &Card, phones: &mut [Socket], uses: Range<usize>) -> [Vec<Duration>; 2] {
    let (mut answers, mut frames) = (Vec::new(), Vec::new());
    for left in uses.rev() {
        let code = ann.code().await;
        let begun = Instant::now();
        let heard = join_all(phones.iter_mut().map(async |phone| (phone.text().await.unwrap(), begun.elapsed())));
        let asked = async { (scan(counter, &code, &format!("s{left}")).await, begun.elapsed()) };
        let ((answer, answered), heard) = tokio::join!(asked, heard);
        assert_eq!((&answer["status"], &answer["remaining"]), (&json!(0), &json!(left)));
        answers.push(answered);
        for (text, at) in heard {
            assert_eq!(text, format!("0_扣费成功_剩余次数: {left}"));
            frames.push(at);
        }
    }
    [answers, frames]
}

#[tokio::test]
async fn both_sides_see_a_scan_within_200_ms() {
    const LIMIT: Duration = Duration::from_millis(200);
    const SCANS: usize = 100;
    let daemon = Daemon::demo(&["--limits", "off"]);
    let counter = daemon.counter().await;
    let mut left = 3 * SCANS;
    let ann = Card::new(&counter, "13800138000", left as i64, 0).await;
    let mut phones = join_all((0..4).map(|_| ann.socket(""))).await;
    let slowest = shortest(LIMIT, async || {
        left -= SCANS;
        let times = scan_times(&counter, &ann, &mut phones, left..left + SCANS).await;
        let [answered, heard] = times.map(|mut times| {
            times.sort();
            println!("p50 {:?}, p99 {:?}", percentile(&times, 50), percentile(&times, 99));
            percentile(&times, 99)
        });
        answered.max(heard)
    });
    let slowest = slowest.await;
    assert!(slowest < LIMIT, "p99 {slowest:?}");
    assert_ledger_fits(&daemon);
}

#[tokio::test]
async fn a_code_is_good_once_and_an_operation_answers_what_it_did() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let ann = Card::new(&counter, "13800138000", 8, 0).await;
    let shown = ann.get("/api/store/member/code").await;
    let code = shown["code"].as_str().unwrap();
    assert!(shown["svg"].as_str().unwrap().contains("<svg") && shown["seconds"].as_i64().unwrap() <= 60, "{shown}");
    assert!(shown["expiresAt"].as_str().unwrap().contains('T'), "{shown}");
    let first = scan(&counter, code, "s1").await;
    let wanted = json!({ "userId": ann.user, "status": 0, "text": "扣费成功", "remaining": 7, "name": "王小明", "balance": 0.0 });
    assert_eq!(first, wanted);
    assert_eq!(scanned(&counter, code, "s1").await, (0, 7), "the same tap");
    assert_eq!(scanned(&counter, code, "s2").await, (3, 7), "replayed");
    assert_eq!(scanned(&counter, &format!(" {}\n", code.to_lowercase()), "s3").await, (3, 7), "typed by a scanner");
    let next = ann.code().await;
    let reused = counter.send(Method::POST, "/admin/member/scan", json!({ "code": next, "opId": "s1" })).await;
    assert_eq!(reused.error(), "OP_ID_REUSED");
    assert_eq!(scanned(&counter, &signed_at(&daemon, "ours", ann.user, -61), "s4").await, (2, 7), "expired");
    assert_eq!(scanned(&counter, &next, "s5").await, (0, 6));
    for body in [json!({ "code": next }), json!({ "opId": "x" }), json!({ "code": 5, "opId": "x" }), json!([])] {
        assert_eq!(counter.send(Method::POST, "/admin/member/scan", body).await.error(), "BAD_REQUEST");
    }
    assert_ledger_fits(&daemon);
}

#[tokio::test]
async fn nothing_forged_deducts_and_nobody_is_told() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let counter = daemon.counter().await;
    let (ann, ben) = (Card::new(&counter, "13800138000", 9, 0).await, Card::new(&counter, "13900139000", 9, 0).await);
    let diner = daemon.phone(0).await;
    let mut phones = [ann.socket("").await, ben.socket("").await];
    let code = ann.code().await;
    let mut forged = vec![
        signed_at(&daemon, "another shop's key", ann.user, 0),
        ann.token.clone(),
        diner.token.clone(),
        counter.token.clone(),
        daemon.table_code(0),
        String::new(),
        "130000000000000001".into(),
        "M".repeat(38),
        code.chars().rev().collect(),
        "x".repeat(10_000),
    ];
    for place in 0..code.len() {
        let letter = if &code[place..=place] == "A" { "B" } else { "A" };
        forged.push(format!("{}{letter}{}", &code[..place], &code[place + 1..]));
    }
    for (turn, code) in forged.iter().enumerate() {
        let answer = scan(&counter, code, &format!("f{turn}")).await;
        assert_eq!((&answer["status"], &answer["userId"]), (&json!(5), &Value::Null), "{code}");
    }
    for phone in &mut phones {
        assert!(phone.all_within(QUIET).await.is_empty());
    }
    assert_eq!(daemon.stored::<i64>("select count(*) from member_scan"), 0);
    assert_eq!(scanned(&counter, &code, "s1").await, (0, 8), "the genuine one is still good");
    // And the reverse: a code opens nothing.
    for path in ["/api/store/member/me", "/api/store/member/code"] {
        let answer = send(&ann.http, Method::GET, format!("{}{path}", ann.lan), &code, &Value::Null).await;
        assert_eq!((answer.status, answer.error()), (StatusCode::UNAUTHORIZED, "MEMBER_LINK_OVER"));
    }
    assert_eq!(Socket::refused(&ann.lan, &format!("/webSocket/{}/1?token={code}", ann.user)).await, 401);
}

#[tokio::test]
async fn a_token_opens_its_own_scope_and_no_other() {
    let daemon = Daemon::demo(&[]);
    let (counter, diner) = (daemon.counter().await, daemon.phone(0).await);
    let (ann, ben) = (Card::new(&counter, "13800138000", 1, 0).await, Card::new(&counter, "13900139000", 1, 0).await);
    let call = async |token: &str, path: &str| {
        let got = send(&ann.http, Method::GET, format!("{}{path}", ann.lan), token, &Value::Null).await;
        (got.status.as_u16(), got.error().to_owned())
    };
    for token in [&diner.token, &counter.token, ""] {
        assert_eq!(call(token, "/api/store/member/me").await, (401, "MEMBER_LINK_OVER".into()));
        let path = format!("/webSocket/{}/1?token={token}", ann.user);
        assert_eq!(Socket::refused(&ann.lan, &path).await, 401);
    }
    assert_eq!(call(&ann.token, "/admin/member/page").await.0, 401, "a member is not staff");
    assert_eq!(call(&ann.token, "/api/store/order/cart/1").await.0, 401, "and sits at no table");
    assert_eq!(
        call(&ann.token, &format!("/api/store/member/scan-result/{}", ben.user)).await,
        (403, "FORBIDDEN".into())
    );
    assert_eq!(Socket::refused(&ann.lan, &format!("/webSocket/{}/1?token={}", ben.user, ann.token)).await, 403);
    assert_eq!(Socket::refused(&ann.lan, &format!("/webSocket/{}/2?token={}", ann.user, ann.token)).await, 404);
    assert_eq!(Socket::refused(&ann.lan, &format!("/webSocket/x/1?token={}", ann.token)).await, 400);
}

#[tokio::test]
async fn twenty_scans_at_once_deduct_once_and_never_below_nothing() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let counter = daemon.counter().await;
    let ann = Card::new(&counter, "13800138000", 2, 0).await;
    let code = ann.code().await;
    let same = join_all((0..20).map(|turn| {
        let (counter, code) = (&counter, &code);
        async move { scanned(counter, code, &format!("a{turn}")).await.0 }
    }));
    let mut same = same.await;
    same.sort_unstable();
    assert_eq!((same[0], &same[1..]), (0, &[3; 19][..]), "one code, twenty operations");
    let codes = join_all((0..20).map(|_| ann.code())).await;
    let one_left = join_all(codes.iter().enumerate().map(|(turn, code)| {
        let counter = &counter;
        async move { scanned(counter, code, &format!("b{turn}")).await }
    }));
    let mut one_left = one_left.await;
    one_left.sort_unstable();
    assert_eq!((one_left[0], &one_left[1..]), ((0, 0), &[(1, 0); 19][..]), "twenty codes, one use");
    let again = join_all((0..20).map(|_| scanned(&counter, &codes[0], "b0"))).await;
    assert!(again.iter().all(|one| *one == again[0]), "one operation, twenty times: {again:?}");
    assert_eq!(daemon.stored::<i64>("select uses from member"), 0);
    assert_ledger_fits(&daemon);
}

#[tokio::test]
async fn a_phone_that_reconnects_hears_the_last_result_once_more_and_no_other_s() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let (ann, ben) = (Card::new(&counter, "13800138000", 2, 0).await, Card::new(&counter, "13900139000", 0, 0).await);
    assert_eq!(ann.last().await, Value::Null);
    let (mut first, mut second, mut other) = (ann.socket("").await, ann.socket("").await, ben.socket("").await);
    scan(&counter, &ann.code().await, "s1").await;
    for phone in [&mut first, &mut second] {
        assert_eq!(phone.text().await.unwrap(), "0_扣费成功_剩余次数: 1", "every open phone of the member");
    }
    drop(first);
    assert_eq!(ann.socket("").await.text().await.unwrap(), "0_扣费成功_剩余次数: 1", "a phone that comes back");
    let last = ann.last().await;
    assert_eq!(
        (&last["result"], &last["status"], &last["remaining"]),
        (&json!("0_扣费成功_剩余次数: 1"), &json!(0), &json!(1))
    );
    let mut seen = ann.socket(&format!("&after={}", last["scanId"])).await;
    scan(&counter, &ben.code().await, "s2").await;
    assert_eq!(other.text().await.unwrap(), "1_余额不足_剩余次数: 0", "to that member only");
    assert!(second.all_within(QUIET).await.is_empty());
    scan(&counter, &ann.code().await, "s3").await;
    assert_eq!(
        seen.text().await.unwrap(),
        "0_扣费成功_剩余次数: 0",
        "a page that has seen the last hears only what is new"
    );
    // What was long ago is no news.
    let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
    database.busy_timeout(PATIENCE).unwrap();
    database.execute("update member_scan set at = at - 301000", []).unwrap();
    assert_eq!(ann.last().await, Value::Null);
    let mut late = ann.socket("").await;
    late.send_text("ping").await;
    assert_eq!(late.text().await.unwrap(), "pong", "the first frame: nothing was sent again");
}

#[tokio::test]
async fn a_new_link_or_a_disabled_card_cuts_every_phone_off() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let mut ann = Card::new(&counter, "13800138000", 2, 0).await;
    let (mut socket, code) = (ann.socket("").await, ann.code().await);
    let link = counter.ok(Method::POST, &format!("/admin/member/token/{}", ann.user), Value::Null).await;
    assert_eq!(socket.text().await, None);
    assert_eq!(ann.send(Method::GET, "/api/store/member/me", Value::Null).await.error(), "MEMBER_LINK_OVER");
    assert_eq!(Socket::refused(&ann.lan, &format!("/webSocket/{}/1?token={}", ann.user, ann.token)).await, 401);
    assert_eq!(scanned(&counter, &code, "s1").await.0, 5, "its codes too");
    ann.token = link["token"].as_str().unwrap().to_owned();
    let mut socket = ann.socket("").await;
    let code = ann.code().await;
    let disabled = counter.put("/admin/member", json!({ "userId": ann.user, "enabled": false })).await;
    assert_eq!(disabled.body["data"]["enabled"], json!(false));
    assert_eq!(socket.text().await, None);
    assert_eq!(ann.send(Method::GET, "/api/store/member/code", Value::Null).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(scanned(&counter, &code, "s2").await, (4, 2));
    counter.put("/admin/member", json!({ "userId": ann.user, "enabled": true })).await;
    assert_eq!(ann.get("/api/store/member/me").await["uses"], 2);
}

#[tokio::test]
async fn the_link_becomes_a_cookie_that_only_our_own_page_can_use() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let ann = Card::new(&counter, "13800138000", 3, 50).await;
    assert_eq!(ann.url, format!("{}/member#{}", ann.lan, ann.token), "the token is in the fragment");
    let page = ann.http.get(format!("{}/member", ann.lan)).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
    let session = format!("{}/api/store/member/session", ann.lan);
    let joined = ann.http.post(&session).json(&json!({ "token": ann.token })).send().await.unwrap();
    let cookie = joined.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("tablebell_member=") && cookie.contains("HttpOnly"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let me = ann.http.get(format!("{}/api/store/member/me", ann.lan)).header("cookie", cookie);
    let seen = answer(me.try_clone().unwrap()).await.body["data"].clone();
    assert_eq!((&seen["userId"], &seen["uses"], &seen["balance"]), (&json!(ann.user), &json!(3), &json!(50.0)));
    assert_eq!((&seen["phone"], &seen["entries"][0]["kind"]), (&json!("138****8000"), &json!("topup")));
    assert_eq!(answer(me.header("origin", "http://evil.example")).await.status, StatusCode::FORBIDDEN);
    for token in ["", "x", &counter.token] {
        let refused = answer(ann.http.post(&session).json(&json!({ "token": token }))).await;
        assert_eq!((refused.status, refused.error()), (StatusCode::UNAUTHORIZED, "MEMBER_LINK_OVER"));
    }
}

#[tokio::test]
async fn the_counter_keeps_its_members() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let ann = Card::new(&counter, "138-0013 8000", 0, 0).await;
    let taken = counter.send(Method::POST, "/admin/member", json!({ "name": "李四", "phone": "+8613800138000" })).await;
    assert_eq!((taken.error(), &taken.body["code"]), ("PHONE_TAKEN", &json!(0)));
    assert!(taken.body["msg"].as_str().unwrap().contains("王小明"), "{}", taken.body);
    for body in [
        json!({ "name": "", "phone": "13900139000" }),
        json!({ "name": "李四", "phone": "123" }),
        json!({ "name": "李四" }),
    ] {
        assert_eq!(counter.send(Method::POST, "/admin/member", body).await.error(), "BAD_REQUEST");
    }
    let topup =
        json!({ "userId": ann.user, "uses": "10", "amount": 100, "paid": "95.50", "method": "wechat", "opId": "t1" });
    for _ in 0..2 {
        let after = counter.ok(Method::POST, "/admin/member/topup", topup.clone()).await;
        assert_eq!((&after["uses"], &after["balance"]), (&json!(10), &json!(100.0)), "the same tap");
    }
    let mut other = topup.clone();
    other["method"] = json!("cash");
    assert_eq!(counter.send(Method::POST, "/admin/member/topup", other).await.error(), "OP_ID_REUSED");
    let wrong = json!({ "userId": ann.user, "amount": -30, "note": "录错", "opId": "t2" });
    assert_eq!(counter.ok(Method::POST, "/admin/member/topup", wrong).await["balance"], 70.0);
    let unexplained = json!({ "userId": ann.user, "amount": -30 });
    assert_eq!(counter.send(Method::POST, "/admin/member/topup", unexplained).await.error(), "BAD_REQUEST");
    let detail = counter.ok(Method::GET, &format!("/admin/member/{}", ann.user), Value::Null).await;
    assert_eq!((&detail["phone"], detail["entries"].as_array().unwrap().len()), (&json!("13800138000"), 2));
    let latest = &detail["entries"][0];
    assert_eq!([&latest["kind"], &latest["actor"], &latest["note"]], ["topup", "admin", "录错"]);
    assert_eq!(
        [&latest["amount"], &latest["balanceAfter"], &latest["paid"]],
        [&json!(-30.0), &json!(70.0), &json!(-30.0)]
    );
    for name in ["王", "8000", ""] {
        let path = format!("/admin/member/page?page=1&pageSize=10&name={name}");
        let page = counter.ok(Method::GET, &path, Value::Null).await;
        assert_eq!((&page["total"], &page["records"][0]["userId"]), (&json!(1), &json!(ann.user)), "{name}");
    }
    assert_eq!(counter.ok(Method::GET, "/admin/member/page?name=%25", Value::Null).await["total"], 0);
    let unknown = counter.send(Method::GET, "/admin/member/99", Value::Null).await;
    assert_eq!(unknown.error(), "MEMBER_NOT_FOUND");
    let acts = "select group_concat(act) from (select act from audit where act like 'member.%' order by id)";
    assert_eq!(daemon.stored::<String>(acts), "member.add,member.topup,member.topup");
    for secret in [ann.token.as_str(), "13800138000", "王小明"] {
        assert!(!daemon.log().contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_top_up_s_money_and_value_agree_or_nothing_changes() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let ann = Card::new(&counter, "13800138000", 0, 0).await;
    let of = |more: Value| {
        let mut body = json!({ "userId": ann.user });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for wrong in [
        json!({ "amount": 100, "paid": 100 }),
        json!({ "amount": 100, "paid": 100, "method": "" }),
        json!({ "uses": 5, "paid": "200", "method": null }),
        json!({ "amount": 0.01, "paid": -1000, "method": "cash", "note": "x" }),
        json!({ "uses": 5, "paid": -50, "method": "cash", "note": "x" }),
        json!({ "amount": 0, "paid": 100, "method": "cash" }),
        json!({ "amount": 100, "paid": 1000, "method": "cash" }),
        json!({ "amount": -100, "paid": 100, "method": "cash", "note": "x" }),
        json!({ "amount": -100, "uses": 5, "paid": 0, "note": "x" }),
    ] {
        let answer = counter.send(Method::POST, "/admin/member/topup", of(wrong.clone())).await;
        assert_eq!((answer.error(), &answer.body["code"]), ("BAD_TOPUP", &json!(0)), "{wrong}");
    }
    let nothing =
        "select (select count(*) from member_entry) + (select count(*) from audit where act = 'member.topup')";
    assert_eq!(daemon.stored::<i64>(nothing), 0, "what is refused changes nothing");
    for (right, balance) in [
        (json!({ "amount": 100, "paid": 80, "method": "wechat" }), 100.0),
        (json!({ "amount": 20, "paid": 0 }), 120.0),
        (json!({ "amount": -30, "paid": -24, "method": "cash", "note": "录错" }), 90.0),
    ] {
        assert_eq!(counter.ok(Method::POST, "/admin/member/topup", of(right)).await["balance"], balance);
    }
    let detail = counter.ok(Method::GET, &format!("/admin/member/{}", ann.user), Value::Null).await;
    let acts: Vec<_> = detail["entries"].as_array().unwrap().iter().map(|entry| entry["act"].clone()).collect();
    assert_eq!(acts, ["correction", "gift", "topup"]);
    let said =
        "select group_concat(detail, ';') from (select detail from audit where act = 'member.topup' order by id)";
    assert_eq!(
        daemon.stored::<String>(said),
        "充值 0 次，100.00 元；收款 80.00 元（微信）;赠送 0 次，20.00 元；没有收款;更正 0 次，-30.00 元；退款 24.00 元（现金）录错"
    );
    let topups = counter.ok(Method::GET, "/admin/day/today", Value::Null).await["topups"].clone();
    assert_eq!([&topups["paid"], &topups["amount"]], [&json!(56.0), &json!(90.0)]);
    assert_eq!(topups["gifts"], json!({ "count": 1, "amount": 20.0, "uses": 0 }));
    let much = of(json!({ "amount": -90.01, "paid": 0, "note": "退卡" }));
    let refused = counter.send(Method::POST, "/admin/member/topup", much).await;
    assert_eq!(
        (refused.error(), refused.body["msg"].as_str()),
        ("CARD_HOLDS_LESS", Some("卡上只有 90.00 元，扣不了这么多"))
    );
}

#[tokio::test]
async fn the_counter_knows_how_many_listen() {
    let daemon = Daemon::demo(&[]);
    let (counter, diner) = (daemon.counter().await, daemon.phone(0).await);
    let ann = Card::new(&counter, "13800138000", 0, 0).await;
    let online = async || counter.ok(Method::GET, "/admin/online", Value::Null).await;
    assert_eq!(online().await, json!({ "tables": 0, "counter": 0, "backstage": 0, "members": 0 }));
    let (_table, _counter, _events) = (diner.socket().await, counter.socket().await, counter.events().await);
    let members = [ann.socket("").await, ann.socket("").await];
    for mut socket in members {
        socket.send_text("ping").await;
        assert_eq!(socket.text().await.unwrap(), "pong");
        let now = online().await;
        assert_eq!((&now["counter"], &now["backstage"]), (&json!(1), &json!(1)), "{now}");
    }
    let deadline = Instant::now() + PATIENCE;
    while online().await["members"] != 0 {
        assert!(Instant::now() < deadline, "phones that have gone are forgotten");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_member_has_so_many_phones_and_no_more() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let ann = Card::new(&counter, "13800138000", 0, 0).await;
    let mut phones = join_all((0..16).map(|_| ann.socket(""))).await;
    for phone in &mut phones {
        phone.send_text("ping").await;
        assert_eq!(phone.text().await.unwrap(), "pong");
    }
    assert_eq!(ann.socket("").await.text().await, None);
    let asked = join_all((0..400).map(|_| ann.send(Method::GET, "/api/store/member/me", Value::Null))).await;
    assert!(asked.iter().any(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS), "a hurry is slowed down");
}

/// Dies at each moment inside a scan, comes back, and is asked again with the same operation.
#[tokio::test]
async fn a_power_cut_in_a_scan_deducts_once() {
    for moment in ["member.card", "member.entered", "member.scanned"] {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        let daemon = Daemon::on(&data, &[], &[]);
        let mut counter = daemon.counter().await;
        let ann = Card::new(&counter, "13800138000", 2, 0).await;
        daemon.kill();
        let daemon = Daemon::on(&data, &[], &[("TABLEBELL_DIE_AT", moment)]);
        counter.lan = daemon.lan.clone();
        let code = signed_at(&daemon, "ours", ann.user, 0);
        let body = json!({ "code": code, "opId": "s1" });
        let cut = counter.http.post(format!("{}/admin/member/scan", counter.lan)).header("token", &counter.token);
        assert!(cut.json(&body).send().await.is_err(), "{moment}: it dies");
        drop(daemon);
        let daemon = Daemon::on(&data, &[], &[]);
        counter.lan = daemon.lan.clone();
        assert_eq!(daemon.stored::<i64>("select uses from member"), 2, "{moment}: what was not answered is not there");
        assert_ledger_fits(&daemon);
        assert_eq!(scanned(&counter, &code, "s1").await, (0, 1), "{moment}");
        assert_eq!(scanned(&counter, &code, "s1").await, (0, 1), "{moment}");
        assert_ledger_fits(&daemon);
    }
}

/// Killed again and again while several tills scan: what was answered is there, and what was not is there once or never.
#[tokio::test]
async fn sigkill_among_scans_loses_and_doubles_nothing() {
    const ROUNDS: u8 = 8;
    /// Scans that are answered in a round before the kill.
    const ENOUGH: i64 = 5;
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let start = || Daemon::on(&data, &["--limits", "off"], &[]);
    let mut daemon = start();
    let mut counter = daemon.counter().await;
    let ann = Card::new(&counter, "13800138000", 10_000, 0).await;
    let mut answered = 0;
    for round in 0..ROUNDS {
        let key: String = daemon.stored("select value from setting where key = 'token_key'");
        let (counter_now, user, scans) = (&counter, ann.user, &Cell::new(0));
        let tills = join_all((0..4).map(|till| {
            let codes = Codes::new(&key);
            async move {
                let mut done = Vec::new();
                for turn in 0_u8..200 {
                    let salt = [round, till, turn, 0, 0];
                    let code = codes.sign(MemberId(user), 1, Timestamp::now(), salt).unwrap().0;
                    let op = format!("{round}-{till}-{turn}");
                    let body = json!({ "code": code, "opId": op });
                    let request = counter_now.http.post(format!("{}/admin/member/scan", counter_now.lan));
                    match request.header("token", &counter_now.token).json(&body).send().await {
                        Ok(response) => match response.json::<Value>().await {
                            Ok(body) if body["data"]["status"] == 0 => {
                                done.push(op);
                                scans.set(scans.get() + 1);
                            }
                            _ => return (done, Some((code, op))),
                        },
                        Err(_) => return (done, Some((code, op))),
                    }
                }
                (done, None)
            }
        }));
        let kill = async {
            tokio::time::sleep(Duration::from_millis(40 + u64::from(round) * 15)).await;
            let deadline = Instant::now() + PATIENCE;
            while scans.get() < ENOUGH && Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            daemon.kill();
        };
        let (tills, ()) = tokio::join!(tills, kill);
        daemon = start();
        counter.lan = daemon.lan.clone();
        for (done, pending) in tills {
            answered += done.len() as i64;
            if let Some((code, op)) = pending {
                assert_eq!(scanned(&counter, &code, &op).await.0, 0, "asked again, it is done once");
                answered += 1;
            }
        }
        assert_eq!(daemon.stored::<i64>("select 10000 - uses from member"), answered, "round {round}");
        assert_ledger_fits(&daemon);
    }
    println!("{answered} scans through {ROUNDS} kills");
    assert!(answered >= i64::from(ROUNDS) * ENOUGH, "the load was no load");
}

// --- paying by balance ---

/// What is on the card, what the ledger has of members, and whether both tell the same.
fn assert_balance(daemon: &Daemon, fen: i64, taken: i64) {
    assert_eq!(daemon.stored::<i64>("select sum(balance_fen) from member"), fen);
    let booked = "select coalesce(sum(amount_fen), 0) from ledger_entry where provider = 'member'";
    assert_eq!(daemon.stored::<i64>(booked), taken);
    let spent = "select coalesce(-sum(amount_fen), 0) from member_entry where kind in ('payment', 'refund')";
    assert_eq!(daemon.stored::<i64>(spent), taken, "the cards' ledger and the till's");
    assert_ledger_fits(daemon);
}

async fn take_by_balance(counter: &Counter, order: &Value, code: &str) -> Answer {
    let body =
        json!({ "orderId": order["orderId"], "method": "balance", "amount": order["amount"], "memberCode": code });
    counter.send(Method::POST, "/admin/payment/counter", body).await
}

async fn pay_by_card(phone: &crate::support::Phone, path: &str, member: &str) -> Answer {
    pay_with(phone, path, member, json!({ "provider": "balance" })).await
}

async fn pay_shown(phone: &crate::support::Phone, path: &str, member: &str, shown: f64) -> Answer {
    pay_with(phone, path, member, json!({ "provider": "balance", "amount": shown })).await
}

async fn pay_with(phone: &crate::support::Phone, path: &str, member: &str, body: Value) -> Answer {
    let request = phone.http.post(format!("{}{path}", phone.lan)).bearer_auth(&phone.token).header("member", member);
    answer(request.json(&body)).await
}

#[tokio::test]
async fn a_member_pays_at_the_till_with_the_code_and_gets_it_back_on_the_card() {
    let daemon = Daemon::demo(&[]);
    let (counter, diner) = (daemon.counter().await, daemon.phone(0).await);
    let ann = Card::new(&counter, "13800138000", 3, 50).await;
    let mut phone = ann.socket("").await;
    let order = diner.order("o1").await;
    let code = ann.code().await;
    let wrong = json!({ "orderId": order["orderId"], "method": "balance", "amount": 1, "memberCode": code });
    assert_eq!(counter.send(Method::POST, "/admin/payment/counter", wrong).await.error(), "WRONG_AMOUNT");
    let codeless = json!({ "orderId": order["orderId"], "method": "balance", "amount": 38.0 });
    assert_eq!(counter.send(Method::POST, "/admin/payment/counter", codeless).await.error(), "BAD_REQUEST");
    for bad in ["", "x", &ann.token, &signed_at(&daemon, "ours", ann.user, -61), &signed_at(&daemon, "k", ann.user, 0)]
    {
        assert_eq!(take_by_balance(&counter, &order, bad).await.error(), "MEMBER_CODE", "{bad}");
    }
    assert_balance(&daemon, 5000, 0);
    assert_eq!(take_by_balance(&counter, &order, &code).await.body["data"]["method"], "balance");
    assert_eq!(phone.text().await.unwrap(), "0_余额支付 38.00 元，余额 12.00 元_剩余次数: 3");
    let paid = diner.order_when(&order, |order| order["payStatus"] == 1).await;
    assert_eq!((&paid["payMethod"], &paid["status"]), (&json!(5), &json!(2)));
    assert_balance(&daemon, 1200, 3800);
    assert_eq!(take_by_balance(&counter, &order, &ann.code().await).await.error(), "ORDER_STATE", "paid already");
    let next = diner.order("o2").await;
    assert_eq!(take_by_balance(&counter, &next, &code).await.error(), "MEMBER_CODE", "that code is used up");
    assert_eq!(scanned(&counter, &code, "s1").await, (3, 3), "for a use, too");
    let poor = take_by_balance(&counter, &next, &ann.code().await).await;
    assert_eq!(poor.error(), "BALANCE_TOO_LOW");
    assert!(poor.body["msg"].as_str().unwrap().contains("12.00"), "{}", poor.body);
    let part = json!({ "orderId": order["orderId"], "amount": 8.0, "opId": "r1" });
    for _ in 0..2 {
        counter.ok(Method::POST, "/admin/payment/refund", part.clone()).await;
    }
    assert_balance(&daemon, 2000, 3000);
    let cancel = json!({ "id": order["orderId"], "cancelReason": "没有菜了" });
    assert_eq!(counter.put("/admin/order/cancel", cancel).await.body["code"], 1);
    diner.order_when(&order, |order| order["payStatus"] == 2).await;
    assert_balance(&daemon, 5000, 0);
    let books = counter.ok(Method::GET, "/admin/payment/ledger", Value::Null).await;
    let of_members = books["totals"].as_array().unwrap().iter().find(|one| one["provider"] == "member").unwrap();
    assert_eq!((&of_members["method"], &of_members["net"]), (&json!("balance"), &json!(0.0)));
}

#[tokio::test]
async fn a_phone_at_the_table_pays_with_a_member_s_link_its_own_party_s_order_only() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let (diner, other) = (daemon.phone(0).await, daemon.phone(1).await);
    let ann = Card::new(&counter, "13800138000", 0, 100).await;
    let order = diner.order("o1").await;
    let path = format!("/api/store/order/{}/pay", order["orderId"]);
    assert_eq!(pay_by_card(&other, &path, &ann.token).await.error(), "ORDER_NOT_FOUND");
    for token in ["x", &diner.token, &counter.token] {
        assert_eq!(pay_by_card(&diner, &path, token).await.error(), "MEMBER_LINK_OVER");
    }
    assert_eq!(pay_shown(&diner, &path, &ann.token, 37.99).await.error(), "WRONG_AMOUNT");
    assert_balance(&daemon, 10000, 0);
    let paid = pay_by_card(&diner, &path, &ann.token).await;
    assert_eq!((paid.status, &paid.body["data"]["provider"]), (StatusCode::OK, &json!("member")), "{}", paid.body);
    diner.order_when(&order, |order| order["payStatus"] == 1 && order["payMethod"] == 5).await;
    assert_eq!(pay_by_card(&diner, &path, &ann.token).await.error(), "ORDER_STATE", "a second tap");
    assert_balance(&daemon, 6200, 3800);
    let ways = diner.http.get(format!("{}/api/store/payment/providers", diner.lan)).bearer_auth(&diner.token);
    let ways = async |token: &str| answer(ways.try_clone().unwrap().header("member", token)).await.body["data"].clone();
    assert_eq!(ways(&ann.token).await["providers"], json!(["demo", "balance"]), "the page offers it");
    assert_eq!(ways("x").await["providers"], json!(["demo"]));
    // A code that was shown before is worth nothing now.
    let next = diner.order("o2").await;
    diner.start_payment(&next).await;
    let path = format!("/api/store/order/{}/pay", next["orderId"]);
    let request = diner.http.post(format!("{}{path}", diner.lan)).bearer_auth(&diner.token);
    let cookie =
        request.header("cookie", format!("tablebell_member={}", ann.token)).json(&json!({ "provider": "balance" }));
    let foreign = cookie.try_clone().unwrap().header("origin", "http://evil.example");
    assert_eq!(answer(foreign).await.error(), "FORBIDDEN");
    assert_eq!(answer(cookie).await.status, StatusCode::OK);
    daemon.stored_when("select count(*) from payment where state in ('creating', 'open')", 0).await;
    assert_balance(&daemon, 2400, 7600);
}

#[tokio::test]
async fn a_party_s_whole_bill_is_paid_by_balance_or_not_at_all() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (counter, diner) = (daemon.counter().await, daemon.phone(0).await);
    let ann = Card::new(&counter, "13800138000", 0, 70).await;
    for op in ["o1", "o2"] {
        diner.order(op).await;
    }
    let path = format!("/api/store/bill/{}/pay", diner.table);
    assert_eq!(pay_by_card(&diner, &path, &ann.token).await.error(), "BALANCE_TOO_LOW");
    assert_eq!(daemon.stored::<i64>("select count(*) from bill"), 0, "no bill is cut for who can't pay");
    counter.ok(Method::POST, "/admin/member/topup", json!({ "userId": ann.user, "amount": 30 })).await;
    let less = pay_shown(&diner, &path, &ann.token, 38.0).await;
    assert_eq!(
        (less.error(), &less.body["msg"]),
        ("WRONG_AMOUNT", &json!("金额不符，应收 76.00 元")),
        "another round came"
    );
    assert_eq!(daemon.stored::<i64>("select count(*) from bill"), 0);
    let paid = pay_shown(&diner, &path, &ann.token, 76.0).await;
    assert_eq!(paid.status, StatusCode::OK, "{}", paid.body);
    assert_eq!(daemon.stored::<i64>("select count(*) from dining_order where pay_status = 1 and pay_method = 5"), 2);
    let told = counter.alerts().await.iter().filter(|alert| alert["type"] == 4).count();
    assert_eq!(told, 1, "nobody at the till saw it happen");
    assert_balance(&daemon, 2400, 7600);
}

#[tokio::test]
async fn twenty_payments_at_once_never_overdraw_a_card_nor_pay_an_order_twice() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (counter, diner) = (daemon.counter().await, daemon.phone(0).await);
    let ann = Card::new(&counter, "13800138000", 0, 80).await;
    let mut orders = Vec::new();
    for turn in 0..5 {
        orders.push(diner.order(&format!("o{turn}")).await);
    }
    let codes = join_all((0..10).map(|_| ann.code())).await;
    let tills = codes.iter().zip(orders.iter().cycle()).map(|(code, order)| take_by_balance(&counter, order, code));
    let paths: Vec<String> = orders.iter().map(|order| format!("/api/store/order/{}/pay", order["orderId"])).collect();
    let phones = paths.iter().cycle().take(10).map(|path| pay_by_card(&diner, path, &ann.token));
    let (tills, phones) = tokio::join!(join_all(tills), join_all(phones));
    let took = tills.iter().filter(|answer| answer.body["code"] == 1).count();
    let paid = phones.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(took + paid, 2, "80 yuan are two orders of 38");
    assert_eq!(daemon.stored::<i64>("select count(*) from dining_order where pay_status = 1"), 2);
    assert_balance(&daemon, 400, 7600);
}

/// Dies at each moment inside a payment and inside a refund, and comes back to books that fit.
#[tokio::test]
async fn a_power_cut_while_paying_by_balance_takes_all_or_nothing() {
    for moment in ["member.card", "member.entered", "balance.deducted", "balance.paid", "member.scanned", "refund.done"]
    {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        let daemon = Daemon::on(&data, &[], &[]);
        let (mut counter, diner) = (daemon.counter().await, daemon.phone(0).await);
        let ann = Card::new(&counter, "13800138000", 0, 50).await;
        let order = diner.order("o1").await;
        let back = moment == "refund.done";
        if back {
            take_by_balance(&counter, &order, &ann.code().await).await;
        }
        let before = if back { (1200, 3800) } else { (5000, 0) };
        daemon.kill();
        let daemon = Daemon::on(&data, &[], &[("TABLEBELL_DIE_AT", moment)]);
        counter.lan = daemon.lan.clone();
        let (path, body) = match back {
            true => ("/admin/payment/refund", json!({ "orderId": order["orderId"], "amount": 38, "opId": "r1" })),
            false => (
                "/admin/payment/counter",
                json!({ "orderId": order["orderId"], "method": "balance", "amount": 38, "memberCode": signed_at(&daemon, "ours", ann.user, 0) }),
            ),
        };
        let cut = counter.http.post(format!("{}{path}", counter.lan)).header("token", &counter.token);
        assert!(cut.json(&body).send().await.is_err(), "{moment}: it dies");
        drop(daemon);
        let daemon = Daemon::on(&data, &[], &[]);
        counter.lan = daemon.lan.clone();
        assert_balance(&daemon, before.0, before.1);
        assert_eq!(counter.send(Method::POST, path, body).await.body["code"], 1, "{moment}: asked again");
        let after = if back { (5000, 0) } else { (1200, 3800) };
        assert_balance(&daemon, after.0, after.1);
    }
}
