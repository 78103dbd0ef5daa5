//! Who may do what at the counter: every line of the table in `src/web/admin/permission.rs`, for every role and for
//! those who have none, over the wire.

use crate::employee::{hire, log_in};
use crate::member::Card;
use crate::support::{Answer, Daemon, Events, Socket, answer};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SOURCE: &str = include_str!("../../src/web/admin/permission.rs");
const ROLES: [&str; 4] = ["owner", "cashier", "waiter", "kitchen"];

pub struct Line {
    pub method: Method,
    pub pattern: String,
    allowed: Vec<String>,
}

impl Line {
    /// An address that fits and names nothing that is there.
    pub fn path(&self) -> String {
        let mut path = String::from("/admin");
        let mut before = "";
        for segment in self.pattern.split('/') {
            let choice = ["status", "shop"].contains(&before);
            path = format!(
                "{path}/{}",
                if segment != "*" {
                    segment
                } else if choice {
                    "1"
                } else {
                    "999999"
                }
            );
            before = segment;
        }
        path
    }
}

/// The table, read off the source: roles by the name of their group.
pub fn table() -> Vec<Line> {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in SOURCE.lines().filter(|line| line.starts_with("const ") && line.contains(": &[Role] = &[")) {
        let name = line["const ".len()..].split(':').next().unwrap();
        let roles = line.split("= &[").nth(1).unwrap().trim_end_matches("];");
        groups.insert(name, roles.split(", ").map(str::to_lowercase).collect());
    }
    let body = SOURCE.split("const TABLE:").nth(1).unwrap().split("\n];").next().unwrap();
    let entry = |text: &str| {
        let parts: Vec<&str> = text.split('"').collect();
        let group = parts[4].trim_matches([',', ' ', ')', '\n']);
        Line { method: parts[1].parse().unwrap(), pattern: parts[3].to_owned(), allowed: groups[group].clone() }
    };
    let code: Vec<&str> = body.lines().map(|line| line.split("//").next().unwrap()).collect();
    let code = code.join(" ");
    let lines: Vec<Line> = code.split("(\"").skip(1).map(|rest| entry(&format!("(\"{rest}"))).collect();
    assert!(lines.len() > 40 && groups.len() >= 4, "the table is read: {} lines", lines.len());
    lines
}

/// Sends nothing but what the route cannot work with; of a stream, only its head.
async fn ask(http: &reqwest::Client, lan: &str, line: &Line, token: &str) -> Answer {
    let request = http.request(line.method.clone(), format!("{lan}{}", line.path())).header("token", token);
    let request = if line.method == Method::GET { request } else { request.json(&json!({})) };
    if line.pattern != "alert/stream" {
        return answer(request).await;
    }
    let response = request.send().await.unwrap();
    Answer { status: response.status(), body: Value::Null }
}

/// All rows of all tables that people write, but for what the daemon notes of itself.
pub fn contents(daemon: &Daemon) -> String {
    let connection = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
    let query =
        "select name from sqlite_schema where type = 'table' and name not in ('setting', 'alert') order by name";
    let mut names = connection.prepare(query).unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut all = String::new();
    for name in names {
        let mut statement = connection.prepare(&format!("select * from {name}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<_> = (0..columns).map(|column| format!("{:?}", row.get_ref(column).unwrap())).collect();
            all += &format!("{name}: {}\n", values.join(", "));
        }
    }
    all
}

#[tokio::test]
async fn every_route_is_for_its_roles_and_nobody_else() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let owner = daemon.counter().await;
    let mut tokens: Vec<(&str, String)> = Vec::new();
    for role in ROLES {
        hire(&owner, &format!("a-{role}"), role).await;
        tokens.push((role, log_in(&daemon, &format!("a-{role}")).await.token));
    }
    let diner = daemon.phone(0).await.token;
    let mut forged = tokens[0].1.clone();
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    let member = Card::new(&owner, "13900139000", 1, 100).await.token;
    let strangers = [("nobody", String::new()), ("a diner", diner), ("a member", member), ("a forger", forged)];
    let (lines, before) = (table(), contents(&daemon));
    let http = reqwest::Client::new();
    let mut refused = 0;
    for line in &lines {
        for (who, token) in &strangers {
            let answer = ask(&http, &daemon.lan, line, token).await;
            let told = (answer.status.as_u16(), answer.error());
            assert!(
                line.pattern == "alert/stream" || told == (401, "UNAUTHORIZED"),
                "{who}: {} {}",
                line.method,
                line.pattern
            );
            assert_eq!(answer.status.as_u16(), 401, "{who}: {} {}", line.method, line.pattern);
        }
        for (role, token) in tokens.iter().filter(|(role, _)| !line.allowed.iter().any(|one| one == role)) {
            let answer = ask(&http, &daemon.lan, line, token).await;
            assert_eq!(
                (&answer.body["code"], answer.error()),
                (&json!(0), "FORBIDDEN"),
                "{role}: {} {}",
                line.method,
                line.pattern
            );
            refused += 1;
        }
    }
    assert!(refused > 20, "{refused}");
    assert_eq!(contents(&daemon), before, "what was refused has changed nothing");
    for line in &lines {
        for (role, token) in tokens.iter().filter(|(role, _)| line.allowed.iter().any(|one| one == role)) {
            let answer = ask(&http, &daemon.lan, line, token).await;
            // What stands for a choice may be none of the route's.
            let missing = answer.error() == "NOT_FOUND" && line.pattern.ends_with('*');
            let wrong = ["UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "METHOD_NOT_ALLOWED", "INTERNAL"];
            let wrong = wrong.contains(&answer.error()) && !missing;
            assert!(
                !wrong && answer.status.as_u16() != 401,
                "{role}: {} {}: {}",
                line.method,
                line.pattern,
                answer.body
            );
        }
    }
    assert!(!daemon.log().contains("internal error"), "{}", daemon.log());
}

#[tokio::test]
async fn what_is_not_in_the_table_is_for_nobody() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    let http = &owner.http;
    for (method, path) in [
        (Method::GET, "/admin"),
        (Method::GET, "/admin/"),
        (Method::GET, "/admin/setting"),
        (Method::GET, "/admin/../admin/secret"),
        (Method::GET, "/admin/employee/1/2"),
        (Method::GET, "/admin//employee/page"),
        (Method::POST, "/admin/messages/batch"),
        (Method::DELETE, "/admin/audit"),
        (Method::PATCH, "/admin/employee"),
        (Method::PUT, "/admin/audit"),
        (Method::DELETE, "/admin/employee?id=1"),
    ] {
        let request = http.request(method.clone(), format!("{}{path}", owner.lan)).header("token", &owner.token);
        let answer = answer(request).await;
        assert!(["NOT_FOUND", "METHOD_NOT_ALLOWED"].contains(&answer.error()), "{method} {path}: {}", answer.body);
    }
}

#[test]
fn no_line_of_the_table_stands_behind_one_that_fits_as_well() {
    let fits = |pattern: &str, path: &str| {
        let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
        pattern.len() == path.len()
            && pattern.iter().zip(&path).all(|(wanted, given)| *wanted == "*" || wanted == given)
    };
    let lines = table();
    for (at, line) in lines.iter().enumerate() {
        let before = lines[..at].iter().find(|one| one.method == line.method && fits(&one.pattern, &line.pattern));
        assert!(before.is_none(), "{} {} is never asked", line.method, line.pattern);
    }
}

/// Every arm of a `match (&request.method, path)` below `web/admin/` belongs to a line of the table: the reverse, that every
/// line has a route, is what `every_route_is_for_its_roles_and_nobody_else` asks the daemon.
#[test]
fn the_table_is_asked_before_any_route() {
    let dispatch = include_str!("../../src/web/admin/mod.rs");
    let guarded = dispatch.split("async fn for_staff").nth(1).expect("the dispatch");
    let first = guarded.split("-> Result<Response> {").nth(1).unwrap().trim_start();
    assert!(first.starts_with("permission::check(staff.role, &request.method, path)?;"), "{first}");
    let open = dispatch.split("async fn for_staff").next().unwrap();
    assert_eq!(open.matches("::route(").count(), 1, "but for the door");
    assert!(open.contains(r#"["employee", "login" | "logout"] => door::route("#));
}

#[tokio::test]
async fn streams_and_sockets_of_the_counter_are_for_staff() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    let diner = daemon.phone(0).await.token;
    let member = Card::new(&owner, "13900139000", 1, 100).await.token;
    for token in ["", "x", diner.as_str(), member.as_str()] {
        assert_eq!(Socket::refused(&daemon.lan, &format!("/ws/abc?token={token}")).await, 401);
        let stream = owner.http.get(format!("{}/admin/alert/stream?token={token}", daemon.lan)).send().await.unwrap();
        assert_eq!(stream.status().as_u16(), 401);
    }
    hire(&owner, "cook", "kitchen").await;
    let cook = log_in(&daemon, "cook").await;
    let mut stream: Events = cook.events().await;
    stream.event("connected").await;
    cook.socket().await;
}
