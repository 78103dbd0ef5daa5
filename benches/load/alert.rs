//! A paid order's alert on its way to the counter's sockets.

use crate::report::{Results, percentile};
use crate::server::{Kind, Server};
use crate::wire::Connection;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const COUNTERS: usize = 20;
const ALERTS: usize = 40;

/// How long after the first counter socket (the commit is over by then) the last one has the alert.
pub fn measure(results: &mut Results, server: &Server) {
    let mut http = Connection::http(&server.address);
    let token = match server.kind {
        Kind::Limit => String::new(),
        Kind::LimitDb => return,
        Kind::Ours => {
            let login = json!({ "username": "admin", "password": "123456" });
            let answer = http.call("POST", "/admin/employee/login", "", &login);
            answer["data"]["token"].as_str().expect("a staff token").to_owned()
        }
    };
    let open = |at: usize| Connection::ws(&server.address, &format!("/ws/counter-{at}"), &token);
    let mut counters: Vec<Connection> = (0..COUNTERS).map(open).collect();
    // Lets the last socket join before the first alert.
    std::thread::sleep(Duration::from_millis(200));
    let mut spreads = Vec::new();
    let mut wrong = 0;
    for table in 0..ALERTS {
        match server.kind {
            Kind::Ours => pay_order(server, &mut http, table),
            Kind::Limit | Kind::LimitDb => drop(http.call("POST", "/alert", "", &Value::Null)),
        }
        let frames: Vec<(Vec<u8>, Instant)> = counters.iter_mut().map(|one| (one.next(), Instant::now())).collect();
        spreads.push(frames[COUNTERS - 1].1 - frames[0].1);
        wrong +=
            frames.iter().filter(|(frame, _)| *frame != frames[0].0 || !frame.starts_with(br#"{"type":1"#)).count();
    }
    results.add(server.kind, "alert: first → 20th counter socket p50 ms", percentile(&mut spreads, 50));
    results.blame(server.kind, "alerts", wrong);
}

/// Orders a table's cart and pays for it.
fn pay_order(server: &Server, http: &mut Connection, table: usize) {
    let token = server.token(table, 0);
    let id = table + 1;
    let submit = json!({ "tableId": id, "version": server.models[table].version, "opId": "bench" });
    let order = http.call("POST", "/api/store/order/submit", token, &submit);
    let pay = format!("/api/store/order/{}/pay", order["data"]["orderId"]);
    let payment = http.call("POST", &pay, token, &json!({ "provider": "demo" }));
    let url = payment["data"]["codeUrl"].as_str().unwrap_or_else(|| panic!("no codeUrl: {order} {payment}"));
    http.call("POST", url.trim_start_matches("http://").trim_start_matches(&server.address), "", &Value::Null);
}
