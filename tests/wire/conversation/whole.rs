//! Whether the recorded conversations are the whole of it: each route once with a success and once with a refusal, and
//! each error code. The lists are read off the sources and off docs/protocol.md.

use super::{PLAYED, folder};
use crate::permission;
use std::collections::BTreeSet;
use std::path::Path;

const PROTOCOL: &str = include_str!("../../../docs/protocol.md");
const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

/// Routes that no conversation has a success of, and why.
const NEVER_SUCCEEDS: &[(&str, &str)] = &[
    ("POST /admin/payment/scan", "the demo provider reads no payers' codes: tests/provider has providers that do"),
    ("POST /notify/paySuccess", "it is WeChat's: tests/provider plays WeChat"),
];

/// Routes that refuse nobody, and why.
const NEVER_REFUSES: &[(&str, &str)] = &[
    ("POST /admin/employee/logout", "whoever leaves may leave"),
    ("GET /healthz", "for anybody"),
    ("GET /", "for anybody"),
];

/// Codes that no conversation has, and why.
const NOT_PROVOKED: &[(&str, &str)] = &[
    ("UNDECIPHERABLE", "only WeChat enciphers: tests/provider/secret.rs"),
    ("PAYMENT_REFUSED", "the demo provider refuses no payment: tests/provider"),
    ("PAYER_FAILED", "the demo provider reads no payers' codes: tests/provider/till.rs"),
    ("PAYMENT_UNCONFIRMED", "the demo provider always answers: tests/provider/outage.rs"),
    ("PROVIDER_SILENT", "the demo provider always answers: tests/provider/outage.rs"),
    ("RATE_LIMITED", "hundreds of requests, and a second that matters: tests/wire/flood.rs"),
    ("TOO_MANY_CONNECTIONS", "hundreds of sockets: tests/wire/flood.rs"),
    ("INTERNAL", "a fault of the daemon's"),
    ("STORAGE_DOWN", "a full disk: tests/wire/store.rs"),
    ("BUSY", "three cameras at one moment: tests/wire/member.rs"),
    ("BACKUP_RUNNING", "two at one moment: tests/wire/backup.rs"),
    ("BACKUP_FAILED", "a folder that cannot be written: tests/wire/backup.rs"),
    ("CLOCK_IMPOSSIBLE", "a clock of 2025: the tests of src/clock"),
    ("CART_FULL", "a hundred dishes: tests/wire/badinput.rs"),
];

/// A request and what was answered.
#[derive(Clone)]
struct Exchange {
    /// Whether it came to the tunnel listener.
    outside: bool,
    method: String,
    path: String,
    status: u16,
    /// All the codes of refusals in it.
    errors: BTreeSet<String>,
}

/// Method and path, `*` for any one segment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Route {
    method: String,
    path: String,
}

impl Route {
    fn new(method: &str, path: &str) -> Route {
        let plain = path.split('?').next().unwrap_or_default();
        let segment = |segment: &str| if segment.contains('{') { "*".to_owned() } else { segment.to_owned() };
        let path: Vec<String> = plain.split('/').map(segment).collect();
        Route { method: method.to_owned(), path: path.join("/") }
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn fits(&self, exchange: &Exchange) -> bool {
        let (wanted, given) = (self.path.split('/'), exchange.path.split('/'));
        let same = wanted.clone().count() == given.clone().count();
        let outside = self.path.starts_with("/pay/") || self.path.starts_with("/notify/");
        same && outside == exchange.outside
            && self.method == exchange.method
            && wanted.zip(given).all(|(one, other)| one == "*" || one == other)
    }
}

/// What stands in all the files.
fn exchanges() -> Vec<Exchange> {
    let mut all = Vec::new();
    for name in PLAYED {
        let text = std::fs::read_to_string(folder().join(format!("{name}.txt"))).expect("a conversation");
        let mut asked: Option<Exchange> = None;
        for line in text.lines() {
            match (line.strip_prefix("< "), asked.take()) {
                (Some(answer), Some(asked)) => {
                    let status = answer.split(' ').next().and_then(|status| status.parse().ok()).unwrap_or(0);
                    all.push(Exchange { status, ..asked });
                }
                (Some(_), None) => {}
                // Headers and the body of the same request.
                (None, still) if line.starts_with("  ") => asked = still,
                (None, _) => asked = request(line),
            }
            if let (Some(answer), Some(last)) = (line.strip_prefix("< "), all.last_mut()) {
                let codes = answer.split("\"error\":\"").skip(1).filter_map(|rest| rest.split('"').next());
                last.errors.extend(codes.map(str::to_owned));
            }
        }
    }
    all
}

/// What a line asks, if it does.
fn request(line: &str) -> Option<Exchange> {
    let (who, what) = line.split_once(' ')?;
    let (method, rest) = match who.ends_with('>') {
        true => what.split_once(' ')?,
        false => ("GET", what.strip_prefix("opens ").or_else(|| what.strip_prefix("streams "))?),
    };
    let path = rest.split(" until ").next()?.split(" gives ").next()?.split('?').next()?;
    let (method, path) = (method.to_owned(), path.to_owned());
    Some(Exchange { outside: who == "provider>", method, path, status: 0, errors: BTreeSet::new() })
}

/// The counter's table of permissions.
fn counter_routes() -> BTreeSet<Route> {
    let route = |line: permission::Line| Route::new(line.method.as_str(), &format!("/admin/{}", line.pattern));
    permission::table().into_iter().map(route).collect()
}

/// Every route that docs/protocol.md names in its tables and sentences.
fn told_routes() -> BTreeSet<Route> {
    let mut routes = BTreeSet::new();
    let (mut section, mut below_admin) = ("", false);
    for line in PROTOCOL.lines() {
        if let Some(head) = line.strip_prefix("## ") {
            section = head.split('.').next().unwrap_or_default();
        }
        if line.starts_with("| request") {
            below_admin = line.contains("below `/admin`");
        } else if !line.starts_with('|') {
            below_admin = false;
        }
        // Section 5 says so once for all of it.
        let below = below_admin || section == "5";
        let mut last = Route::new("", "");
        for span in line.split('`').skip(1).step_by(2) {
            let (method, path) = span.split_once(' ').unwrap_or(("", span));
            if METHODS.contains(&method) && path.starts_with('/') {
                last = Route::new(method, &whole_path(path, below));
            } else if let Some(rest) = span.strip_prefix("…/").filter(|_| !last.method.is_empty()) {
                last = beside(&last, rest);
            } else {
                continue;
            }
            // `/admin/report/…` and the like are no route.
            if !last.path.contains('…') {
                routes.insert(last.clone());
            }
        }
    }
    routes
}

fn whole_path(path: &str, below: bool) -> String {
    let own = ["/admin", "/api", "/user", "/ws", "/webSocket", "/store", "/pictures"];
    match below && !own.iter().any(|own| path.starts_with(own)) {
        true => format!("/admin{path}"),
        false => path.to_owned(),
    }
}

/// `…/refuse/{requestId}` beside `/table/admit/{requestId}`: as many segments at the end are others.
fn beside(route: &Route, rest: &str) -> Route {
    let rest = Route::new(&route.method, rest).path;
    let segments: Vec<&str> = route.path.split('/').collect();
    let kept = segments.len() - rest.split('/').count();
    Route { method: route.method.clone(), path: format!("{}/{rest}", segments[..kept].join("/")) }
}

/// What lacks a success, or a refusal.
fn missing(routes: &BTreeSet<Route>, exchanges: &[Exchange]) -> Vec<String> {
    let mut found = Vec::new();
    for route in routes {
        let own: Vec<&Exchange> = exchanges.iter().filter(|exchange| route.fits(exchange)).collect();
        // That something is wrong, as `/healthz` says it with 503, is no refusal.
        let is_refusal = |exchange: &&&Exchange| (400..500).contains(&exchange.status) || !exchange.errors.is_empty();
        let refusals = own.iter().filter(is_refusal).count();
        let (succeeds, refuses) = (refusals < own.len(), refusals > 0);
        let listed = |list: &[(&str, &str)]| list.iter().any(|(name, _)| *name == route.name());
        for (what, is_there, list) in [("success", succeeds, NEVER_SUCCEEDS), ("refusal", refuses, NEVER_REFUSES)] {
            match (is_there, listed(list)) {
                (false, false) => found.push(format!("{} has no {what}", route.name())),
                (true, true) => {
                    found.push(format!("{} has a {what}: take it off the list of those without", route.name()))
                }
                (true, false) | (false, true) => {}
            }
        }
    }
    found
}

const NONE: [String; 0] = [];

#[test]
fn every_route_is_recorded_with_a_success_and_a_refusal() {
    let exchanges = exchanges();
    let routes: BTreeSet<Route> = counter_routes().union(&told_routes()).cloned().collect();
    assert!(routes.len() > 130, "the lists are read: {}", routes.len());
    for known in ["GET /api/store/order/sse/*", "POST /admin/table/refuse/*", "GET /ws/*", "PUT /admin/shop/*"] {
        assert!(routes.iter().any(|route| route.name() == known), "{known} is not among {routes:?}");
    }
    assert_eq!(missing(&routes, &exchanges), NONE);
    // One that nobody asks is found, and so is one that is never refused.
    let mut more = routes.clone();
    more.insert(Route::new("POST", "/admin/dish/{id}/recipe"));
    assert_eq!(missing(&more, &exchanges).len(), 2);
    let kind: Vec<Exchange> =
        exchanges.into_iter().filter(|one| one.path != "/admin/clock/confirm" || one.errors.is_empty()).collect();
    assert_eq!(missing(&routes, &kind), ["POST /admin/clock/confirm has no refusal"]);
}

/// Section 18 of docs/protocol.md.
fn told_codes() -> BTreeSet<String> {
    let table = PROTOCOL.split("## 18.").nth(1).expect("section 18");
    let cells = table.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter(|code| *code != "error")
        .map(str::to_owned)
        .collect()
}

fn missing_codes(told: &BTreeSet<String>, exchanges: &[Exchange]) -> Vec<String> {
    let provoked: BTreeSet<&String> = exchanges.iter().flat_map(|exchange| &exchange.errors).collect();
    let listed = |code: &str| NOT_PROVOKED.iter().any(|(known, _)| *known == code);
    let mut found: Vec<String> = Vec::new();
    found.extend(
        told.iter()
            .filter(|code| !provoked.contains(code) && !listed(code))
            .map(|code| format!("{code} is not provoked")),
    );
    found.extend(
        provoked.iter().filter(|code| listed(code)).map(|code| format!("{code} is provoked, though it is listed")),
    );
    found.extend(
        provoked.iter().filter(|code| !told.contains(**code)).map(|code| format!("{code} is not in docs/protocol.md")),
    );
    found
}

#[test]
fn every_error_code_is_recorded_or_said_why_not() {
    let (exchanges, told) = (exchanges(), told_codes());
    assert!(told.len() > 70, "the table is read: {told:?}");
    assert_eq!(missing_codes(&told, &exchanges), NONE);
    let mut more = told.clone();
    more.insert("KITCHEN_ON_FIRE".to_owned());
    assert_eq!(missing_codes(&more, &exchanges), ["KITCHEN_ON_FIRE is not provoked"]);
}

/// What is below a folder, as text.
fn sources(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .map(|path| if path.is_dir() { sources(&path) } else { std::fs::read_to_string(path).expect("a text") })
        .collect()
}

/// The arms by which the sources tell routes apart: a method, where the arm has one, and the end of a path.
fn arms(text: &str) -> BTreeSet<(Option<String>, String)> {
    let mut found = BTreeSet::new();
    for line in text.lines().map(str::trim).filter(|line| line.contains("=>")) {
        let (method, patterns) = match line.strip_prefix("(&Method::").and_then(|rest| rest.split_once(", ")) {
            Some((method, rest)) => (Some(method.to_owned()), rest),
            None => (None, line),
        };
        let lists = patterns.split("=>").next().unwrap_or_default().split('[').skip(1);
        if !patterns.starts_with('[') {
            continue;
        }
        for list in lists.filter_map(|rest| rest.split(']').next()) {
            // `[""]` is the root, which nothing is the end of; `rest @ ..` goes on elsewhere.
            if list.contains('"') && !list.contains("..") && list != "\"\"" {
                found.extend(ends(list).into_iter().map(|end| (method.clone(), end)));
            }
        }
    }
    found
}

/// `order/*/pay` of `"order", id, "pay"`; every choice of `"login" | "logout"`.
fn ends(list: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for segment in list.split(',').map(str::trim).filter(|segment| !segment.is_empty()) {
        let plain = segment.starts_with('"');
        let choices: Vec<&str> = match plain {
            true => segment.split('|').map(|choice| choice.trim().trim_matches('"')).collect(),
            false => vec!["*"],
        };
        found = found.iter().flat_map(|path| choices.iter().map(move |one| format!("{path}/{one}"))).collect();
    }
    found
}

fn unrecorded(arms: &BTreeSet<(Option<String>, String)>, exchanges: &[Exchange]) -> Vec<String> {
    let is_end = |end: &str, path: &str| {
        let (end, path): (Vec<&str>, Vec<&str>) = (end.split('/').skip(1).collect(), path.split('/').collect());
        path.len() >= end.len()
            && end.iter().rev().zip(path.iter().rev()).all(|(one, other)| *one == "*" || one == other)
    };
    let never = |end: &str| NEVER_SUCCEEDS.iter().any(|(name, _)| name.ends_with(end));
    let is_recorded = |(method, end): &&(Option<String>, String)| {
        let succeeds = |one: &&Exchange| {
            method.as_ref().is_none_or(|method| *method == one.method) && one.status < 400 && one.errors.is_empty()
        };
        never(end) || exchanges.iter().filter(succeeds).any(|one| is_end(end, &one.path))
    };
    arms.iter().filter(|arm| !is_recorded(arm)).map(|(method, end)| format!("{method:?} {end}")).collect()
}

/// Whether or not the protocol's page tells of it.
#[test]
fn every_route_that_the_sources_tell_apart_is_recorded() {
    let text = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"));
    let (mut arms, exchanges) = (arms(&text), exchanges());
    assert!(arms.len() > 100, "the sources are read: {}", arms.len());
    for known in [(Some("POST"), "/order/*/pay"), (None, "/demo-pay/*"), (None, "/employee/logout"), (None, "/counter")]
    {
        assert!(arms.contains(&(known.0.map(str::to_owned), known.1.to_owned())), "{known:?} is not among {arms:?}");
    }
    assert_eq!(unrecorded(&arms, &exchanges), NONE);
    arms.insert((Some("POST".to_owned()), "/dish/*/recipe".to_owned()));
    assert_eq!(unrecorded(&arms, &exchanges).len(), 1);
}
