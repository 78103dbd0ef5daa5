//! What is measured: each measure on each server in turn, in interleaved rounds.

use crate::load::{self, Load, Outcome, Pace, Via};
use crate::report::{Results, percentile};
use crate::server::{EVENING, KINDS, Kind, Server, TABLES, start_to_first_answer};
use crate::wire::{Connection, http_request, totals};
use crate::{alert, flood};
use serde_json::Value;
use std::time::{Duration, Instant};

const POLLERS: usize = 8;
const FEW: usize = 1000;
const MANY: usize = 5000;

struct Plan {
    rounds: usize,
    closed: Duration,
    paced: Duration,
    starts: usize,
    flood_rounds: usize,
}

const FULL: Plan =
    Plan { rounds: 4, closed: Duration::from_millis(1500), paced: Duration::from_secs(4), starts: 9, flood_rounds: 3 };
const QUICK: Plan =
    Plan { rounds: 1, closed: Duration::from_millis(1000), paced: Duration::from_secs(3), starts: 5, flood_rounds: 1 };

pub fn everything(quick: bool) -> Results {
    let plan = if quick { QUICK } else { FULL };
    let mut results = Results::default();
    let mut servers = KINDS.map(|kind| {
        let mut server = Server::start(kind, TABLES);
        server.seat();
        server.fill_carts();
        server
    });
    for round in 0..plan.rounds {
        eprintln!("round {} of {}", round + 1, plan.rounds);
        servers.iter_mut().for_each(|server| warm_up(server, &plan));
        for (name, load) in loads(&plan) {
            for turn in 0..servers.len() {
                let server = &mut servers[(round + turn) % KINDS.len()];
                let outcome = load::run(server, load);
                note(&mut results, server.kind, name, load, outcome);
            }
        }
        servers.iter().for_each(|server| poll_carts(&mut results, server, plan.closed));
    }
    for server in &servers {
        results.blame(server.kind, "carts after all rounds", server.wrong_carts());
        alert::measure(&mut results, server);
    }
    drop(servers);
    for kind in KINDS {
        eprintln!("memory and start of {kind:?}");
        memory(&mut results, kind);
        starts(&mut results, kind, plan.starts);
    }
    flood::measure(&mut results, plan.flood_rounds);
    results
}

/// Only what others feel under floods.
pub fn floods(quick: bool) -> Results {
    let mut results = Results::default();
    let plan = if quick { QUICK } else { FULL };
    flood::measure(&mut results, plan.flood_rounds);
    results
}

fn warm_up(server: &mut Server, plan: &Plan) {
    load::run(server, Load { via: Via::Ws, tables: EVENING, pace: Pace::Closed, time: plan.closed / 3 });
}

fn loads(plan: &Plan) -> [(&'static str, Load); 7] {
    let closed = |via, tables| Load { via, tables, pace: Pace::Closed, time: plan.closed };
    [
        ("WS, 1 table", closed(Via::Ws, 1)),
        ("WS, 8 tables", closed(Via::Ws, 8)),
        ("WS, 50 tables", closed(Via::Ws, EVENING)),
        ("WS, 64 tables", closed(Via::Ws, TABLES)),
        ("WS with opId, 50 tables", closed(Via::WsOpId, EVENING)),
        ("WS, 500 ops/s", Load { via: Via::Ws, tables: EVENING, pace: Pace::Rate(500), time: plan.paced }),
        ("HTTP op + SSE, 50 tables", closed(Via::Http, EVENING)),
    ]
}

fn note(results: &mut Results, kind: Kind, name: &str, load: Load, mut outcome: Outcome) {
    let mut add = |what: &str, value: f64| results.add(kind, &format!("{name}: {what}"), value);
    let ops = outcome.ops as f64;
    if matches!(load.pace, Pace::Closed) {
        add("ops/s", ops / outcome.seconds);
    }
    add("CPU µs/op", outcome.cpu_seconds * 1e6 / ops);
    add("op → success p50 ms", percentile(&mut outcome.to_success, 50));
    add("op → success p99 ms", percentile(&mut outcome.to_success, 99));
    add("op → last phone p50 ms", percentile(&mut outcome.to_last_phone, 50));
    add("op → last phone p99 ms", percentile(&mut outcome.to_last_phone, 99));
    if load.tables == EVENING && load.via == Via::Ws && matches!(load.pace, Pace::Closed) {
        add("bytes received/op", outcome.bytes as f64 / ops);
    }
    results.blame(kind, name, outcome.faults);
}

/// `GET` of carts on kept connections, each asking again when it has its answer.
fn poll_carts(results: &mut Results, server: &Server, time: Duration) {
    let mut pollers: Vec<Connection> = (0..POLLERS).map(|_| Connection::http(&server.address)).collect();
    let request = |at: usize| http_request("GET", &server.cart_path(at), server.token(at, 0), &Value::Null);
    let requests: Vec<Vec<u8>> = (0..POLLERS).map(request).collect();
    let wanted: Vec<_> = (0..POLLERS).map(|at| Some(load::totals_of(&server.models[at]))).collect();
    let (mut answers, mut faults) = (0, 0);
    let (cpu, begun) = (server.cpu(), Instant::now());
    while begun.elapsed() < time {
        pollers.iter_mut().zip(&requests).for_each(|(poller, request)| poller.send(request));
        for (poller, wanted) in pollers.iter_mut().zip(&wanted) {
            faults += usize::from(totals(&poller.next()) != *wanted);
        }
        answers += POLLERS;
    }
    let (seconds, answers) = (begun.elapsed().as_secs_f64(), answers as f64);
    results.add(server.kind, "GET cart: requests/s", answers / seconds);
    results.add(server.kind, "GET cart: CPU µs/request", (server.cpu() - cpu).as_secs_f64() * 1e6 / answers);
    results.blame(server.kind, "GET cart", faults);
}

/// Resident memory of a fresh server, and what idle phones add to it.
fn memory(results: &mut Results, kind: Kind) {
    for (name, ws) in [("WS", true), ("SSE", false)] {
        let mut server = Server::start(kind, EVENING);
        server.seat();
        let settled = |server: &Server| {
            std::thread::sleep(Duration::from_millis(300));
            server.rss_kib()
        };
        if ws {
            results.add(kind, "memory: fresh MiB", settled(&server) / 1024.0);
        }
        let mut phones = Vec::new();
        let mut connect = |count: usize| {
            while phones.len() < count {
                let table = phones.len() % EVENING;
                let mut phone = if ws { server.phone(table, 0) } else { server.stream(table, 0) };
                phone.next_cart();
                phones.push(phone);
            }
        };
        connect(FEW);
        let few = settled(&server);
        connect(MANY);
        let many = settled(&server);
        results.add(kind, &format!("memory: per idle {name} KiB"), (many - few) / (MANY - FEW) as f64);
        results.add(kind, &format!("memory: 5,000 idle {name} MiB"), many / 1024.0);
    }
}

fn starts(results: &mut Results, kind: Kind, count: usize) {
    let home = tempfile::tempdir().expect("a temporary directory");
    // The first start makes the shop.
    start_to_first_answer(kind, home.path());
    for _ in 0..count {
        let took = start_to_first_answer(kind, home.path());
        results.add(kind, "start to first answer, empty shop, ms", took.as_secs_f64() * 1000.0);
    }
}
