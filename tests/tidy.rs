//! The rules of ARCHITECTURE.md that a compiler does not know, read off the sources. Each is shown to catch what it is for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const NOUNS: [&str; 14] = [
    "alert", "bill", "cart", "checkout", "clock", "member", "menu", "order", "payment", "picture", "report", "room",
    "seating", "staff",
];

/// A noun may use those it lists here, and no other.
const MAY_USE: [(&str, &[&str]); 14] = [
    ("menu", &["staff"]),
    ("picture", &[]),
    ("seating", &["staff"]),
    ("staff", &[]),
    ("member", &["staff"]),
    ("alert", &[]),
    ("clock", &["alert"]),
    ("cart", &["menu", "seating"]),
    ("order", &["alert", "cart", "menu", "seating"]),
    ("bill", &["order", "staff"]),
    ("payment", &["alert", "bill", "member", "order", "seating", "staff"]),
    ("checkout", &["alert", "bill", "order", "payment", "room", "seating", "staff"]),
    ("report", &["order", "payment", "staff"]),
    ("room", &["alert", "bill", "cart", "menu", "order", "payment", "seating", "staff"]),
];

/// What nouns know nothing of: what is read in, shown, printed, called, and run.
const EDGES: [&str; 7] = ["backup", "config", "desk", "operation", "provider", "sheet", "web"];

/// What is read of the repository.
#[derive(Clone)]
struct Repository {
    /// Every source below src/ by its path there, without comments and test modules.
    code: BTreeMap<String, String>,
    /// Whatever people have written, by its path: sources, pages, tests, tools, documents.
    texts: BTreeMap<String, String>,
    /// The paths of what lies beside it and is no text.
    pictures: BTreeSet<String>,
}

impl Repository {
    fn read() -> Repository {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (mut texts, mut pictures) = (BTreeMap::new(), BTreeSet::new());
        let mut folders: Vec<PathBuf> = WRITTEN.iter().map(|folder| root.join(folder)).collect();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                if path.is_dir() && !path.ends_with("node_modules") && (folder != root || WRITTEN.contains(&&*name)) {
                    folders.push(path);
                } else if name.ends_with(".png") {
                    pictures.insert(name);
                } else if let (true, Ok(text)) = (path.is_file(), std::fs::read_to_string(&path)) {
                    texts.insert(name, text);
                }
            }
        }
        let code = texts.iter().filter_map(|(path, text)| Some((path.strip_prefix("src/")?.to_owned(), text)));
        let code: BTreeMap<String, String> =
            code.filter(|(path, _)| is_source(path)).map(|(path, text)| (path, without_comments(text))).collect();
        assert!(code.len() > 30 && texts.len() > 300, "the sources are found");
        Repository { code, texts, pictures }
    }

    /// The same with another file, or with this at the top of one that is there.
    fn with(&self, path: &str, text: &str) -> Repository {
        let mut seeded = self.clone();
        if path.ends_with(".png") {
            seeded.pictures.insert(path.to_owned());
            return seeded;
        }
        let whole = seeded.texts.entry(path.to_owned()).or_default();
        whole.insert_str(0, &format!("{text}\n"));
        if let Some(path) = path.strip_prefix("src/") {
            seeded.code.insert(path.to_owned(), without_comments(whole));
        }
        seeded
    }

    /// Files whose code has one of these words, but those that may.
    fn offenders(&self, may: impl Fn(&str) -> bool, words: &[&str]) -> Vec<String> {
        let found = self.code.iter().filter(|(path, _)| !may(path)).flat_map(|(path, code)| {
            words.iter().filter(|word| names(code, word)).map(move |word| format!("{path} names {word}"))
        });
        found.collect()
    }

    /// Files that name one of these modules of ours, in whatever way, but those that may.
    fn users(&self, may: impl Fn(&str) -> bool, modules: &[&str]) -> Vec<String> {
        let within = |path: &str, module: &str| path == module || path.starts_with(&format!("{module}::"));
        let found = self.code.iter().filter(|(path, _)| !may(path)).flat_map(|(path, code)| {
            let named = named_modules(code);
            let used = modules.iter().filter(|module| named.iter().any(|one| within(one, module)));
            used.map(|module| format!("{path} uses {module}")).collect::<Vec<_>>()
        });
        found.collect()
    }
}

/// Folders of what people have written; `""` is what lies at the top.
const WRITTEN: [&str; 11] =
    ["", "src", "tests", "assets", "benches", "tools", "examples", "packaging", "docs", "systemd", ".ci"];

/// Whether the word begins somewhere in the code.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn is_source(path: &str) -> bool {
    path.ends_with(".rs") && !path.ends_with("tests.rs") && !path.contains("tests/")
}

fn without_comments(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// What of `crate::` is named, one by one: `crate::{a, b::{c, d}}` is a, b::c and b::d.
fn named_modules(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            read_tree(&code[at + "crate::".len()..], "", &mut named);
        }
    }
    named
}

/// Reads one path, or a group of them; answers what is left behind it.
fn read_tree<'a>(text: &'a str, before: &str, named: &mut BTreeSet<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        while !rest.trim_start().starts_with('}') && !rest.trim_start().is_empty() {
            rest = read_tree(rest, before, named);
            let behind = rest.trim_start_matches(|c: char| c != ',' && c != '}');
            rest = behind.strip_prefix(',').unwrap_or(behind);
        }
        return rest.trim_start().strip_prefix('}').unwrap_or_default();
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let path = if before.is_empty() { text[..end].to_owned() } else { format!("{before}::{}", &text[..end]) };
    match text[end..].strip_prefix("::") {
        Some(deeper) => read_tree(deeper, &path, named),
        None => {
            named.insert(path);
            &text[end..]
        }
    }
}

/// What of a file's own module's neighbours is named by way of `super`, from the top.
fn named_by_super(module: &str, code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let (mut above, mut rest) = (module, &code[at..]);
        while let Some(deeper) = rest.strip_prefix("super::") {
            above = above.rsplit_once("::").map_or("", |(above, _)| above);
            rest = deeper;
        }
        read_tree(rest, above, &mut named);
    }
    named
}

/// `order/actions.rs` is `order::actions`, and so would `order/actions/mod.rs` be.
fn module_of(path: &str) -> String {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    path.strip_suffix("/mod").unwrap_or(path).replace('/', "::")
}

/// For each file those that it imports from, but those above and below it.
fn imports(repository: &Repository) -> BTreeMap<String, BTreeSet<String>> {
    let modules: BTreeSet<String> = repository.code.keys().map(|path| module_of(path)).collect();
    let family = |one: &str, other: &str| one == other || one.starts_with(&format!("{other}::"));
    let mut graph = BTreeMap::new();
    for (path, code) in &repository.code {
        let module = module_of(path);
        let named = named_modules(code).into_iter().chain(named_by_super(&module, code));
        let file = |name: String| {
            let mut name = name.as_str();
            while !modules.contains(name) {
                name = name.rsplit_once("::")?.0;
            }
            Some(name.to_owned())
        };
        let others = named.filter_map(file).filter(|other| !family(other, &module) && !family(&module, other));
        graph.insert(module.clone(), others.collect());
    }
    graph
}

/// What of this imports each other, however far round.
fn circles(graph: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let reach = |from: &str| {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut next: Vec<&str> = graph[from].iter().map(String::as_str).collect();
        while let Some(one) = next.pop() {
            if seen.insert(one) {
                next.extend(graph[one].iter().map(String::as_str));
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = graph.keys().map(|one| (one.as_str(), reach(one))).collect();
    let mut found = BTreeSet::new();
    for (one, within) in reached.iter().filter(|(one, within)| within.contains(*one)) {
        let together: Vec<&str> = within.iter().copied().filter(|other| reached[other].contains(one)).collect();
        found.insert(together.join(" "));
    }
    found.into_iter().collect()
}

const NONE: [String; 0] = [];

/// The rule holds, and catches each of these.
fn holds(rule: fn(&Repository) -> Vec<String>, seeds: &[(&str, &str)]) {
    let repository = Repository::read();
    assert_eq!(rule(&repository), NONE);
    for (path, text) in seeds {
        assert_ne!(rule(&repository.with(path, text)), NONE, "{path} may not have {text}");
    }
}

#[test]
fn crates_stay_in_their_rooms() {
    fn rule(repository: &Repository) -> Vec<String> {
        let unsafe_ = |path: &str| ["operation/systemd.rs", "operation/memory.rs"].contains(&path);
        let asking = |path: &str| ["provider/", "operation/", "config/"].iter().any(|folder| path.starts_with(folder));
        let drawing = ["fontdb::", "skrifa::", "tiny_skia::", "pdf_writer::", "png::Encoder"];
        let packing = |path: &str| path == "sheet/picture.rs" || path == "web/http/gzip.rs";
        [
            repository.offenders(|path| path.starts_with("web/"), &["warp::"]),
            repository.offenders(|path| path.starts_with("desk/voice/"), &["rodio::", "cpal::", "alsa::"]),
            repository.offenders(|path| path == "desk/popup/notification.rs", &["notify_rust::"]),
            repository.offenders(|path| path == "desk/popup/notifier.rs", &["zbus::"]),
            repository.offenders(asking, &["reqwest::"]),
            repository.offenders(|path| path.starts_with("sheet/"), &drawing),
            repository.offenders(packing, &["flate2::"]),
            repository.offenders(|path| path == "operation/systemd.rs", &["sd_notify::"]),
            repository.offenders(|path| path == "operation/memory.rs", &["libc::"]),
            repository.offenders(unsafe_, &["unsafe "]),
            // A callback is built where its signature was checked.
            repository.offenders(|path| path.starts_with("provider/"), &["Callback::verified("]),
        ]
        .concat()
    }
    let seeds = [
        ("src/order/actions.rs", "use warp::Filter;"),
        ("src/web/live/sse.rs", "unsafe { }"),
        ("src/checkout/watch.rs", "let client = reqwest::Client::new();"),
        ("src/web/callback.rs", "Callback::verified(notice, 0)"),
        ("src/desk/popup/mod.rs", "use notify_rust::Notification;"),
        ("src/desk/popup/mod.rs", "#[zbus::proxy]"),
        ("src/desk/popup/notification.rs", "use zbus::Connection;"),
    ];
    holds(rule, &seeds);
}

#[test]
fn sql_is_written_in_sql_files_and_the_store_only() {
    fn rule(repository: &Repository) -> Vec<String> {
        let allowed = |path: &str| path.ends_with("sql.rs") || path.starts_with("store/");
        let mut found =
            repository.offenders(allowed, &["prepare_cached(", "execute_batch(", "query_row(", "query_map("]);
        // web calls actions, never sql
        found.extend(repository.offenders(|path| !path.starts_with("web/"), &["sql::"]));
        found
    }
    let seeds = [
        ("src/bill/actions.rs", "conn.prepare_cached(\"select 1\")"),
        ("src/web/live/sse.rs", "crate::order::sql::load_order(conn, id)"),
    ];
    holds(rule, &seeds);
}

/// Whose a table is: nobody else writes it.
const TABLES: [(&str, &[&str]); 13] = [
    ("alert", &["alert"]),
    ("bill", &["bill", "bill_order", "bill_part", "bill_part_order"]),
    ("cart", &["applied_op", "cart_line"]),
    ("member", &["member", "member_entry", "member_scan"]),
    ("menu", &["category", "combo_item", "cuisine", "stock_taken"]),
    ("order", &["adjustment", "dining_order", "let_go", "order_counter", "order_event", "order_item"]),
    (
        "payment",
        &[
            "ledger_entry",
            "payment",
            "payment_callback",
            "reconciliation",
            "refund",
            "review",
            "review_notice",
            "unclaimed",
        ],
    ),
    ("picture", &["picture"]),
    ("provider", &["demo_refund", "demo_trade"]),
    ("report", &["day_close"]),
    ("seating", &["diner", "dining_table", "seating", "seating_move"]),
    ("staff", &["audit", "deed", "staff"]),
    ("store", &["setting"]),
];

/// Tables of others that somebody joins with its own.
const JOINS: [(&str, &[&str]); 9] = [
    // What an alert tells of its order, and that a part of a bill was paid.
    ("alert", &["bill_order", "bill_part", "dining_order", "dining_table", "order_item"]),
    ("bill", &["dining_order", "dining_table", "seating"]),
    // What a line costs now, who put it there, and its version, which stands beside the table.
    ("cart", &["cuisine", "diner", "dining_table"]),
    ("clock", &["dining_order"]),
    ("order", &["diner", "dining_table", "seating"]),
    ("payment", &["bill_order", "bill_part", "bill_part_order", "dining_order", "dining_table"]),
    (
        "report",
        &[
            "adjustment",
            "bill_order",
            "bill_part",
            "cuisine",
            "dining_order",
            "ledger_entry",
            "let_go",
            "member",
            "member_entry",
            "order_event",
            "order_item",
            "payment",
            "seating",
        ],
    ),
    ("room", &["dining_order", "dining_table", "seating"]),
    // A backup is read back before it counts.
    ("store", &["ledger_entry"]),
];

/// A cart's version stands beside its table.
const WRITES: [(&str, &str); 1] = [("cart", "dining_table")];

/// `(what, table)` of each statement in a source: "from", "join", "into" or "update".
fn named_tables(code: &str) -> Vec<(&str, &str)> {
    let words: Vec<&str> =
        code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let named = words.windows(2).filter(|pair| ["from", "join", "into", "update"].contains(&pair[0]));
    named.map(|pair| (pair[0], pair[1])).collect()
}

#[test]
fn a_table_is_written_by_its_noun_and_read_where_it_is_said() {
    fn rule(repository: &Repository) -> Vec<String> {
        let mut found = Vec::new();
        let mut used = BTreeSet::new();
        let of = |list: &[(&str, &[&str])], room: &str, table: &str| {
            list.iter().any(|(one, tables)| *one == room && tables.contains(&table))
        };
        let sources = repository.code.iter().filter(|(path, _)| path.ends_with("sql.rs") || path.starts_with("store/"));
        for (path, code) in sources {
            let room = path.split('/').next().unwrap_or_default();
            let words: Vec<(&str, &str)> = named_tables(code);
            let deleted = |table: &str| code.contains(&format!("delete from {table}"));
            for (what, table) in
                words.into_iter().filter(|(_, table)| TABLES.iter().any(|(_, own)| own.contains(table)))
            {
                let writes = matches!(what, "into" | "update") || (what == "from" && deleted(table));
                let own = of(&TABLES, room, table);
                let may = own || if writes { WRITES.contains(&(room, table)) } else { of(&JOINS, room, table) };
                if !own {
                    used.insert((room.to_owned(), table.to_owned()));
                }
                if !may {
                    found.push(format!("{path}: {what} {table}, which is not {room}'s"));
                }
            }
        }
        for (room, tables) in JOINS {
            let idle = tables.iter().filter(|table| !used.contains(&(room.to_owned(), (**table).to_owned())));
            found.extend(idle.map(|table| format!("{room} may read {table}, and does not")));
        }
        found
    }
    let seeds = [
        ("src/menu/sql.rs", "\"select status from dining_order\""),
        ("src/room/sql.rs", "\"update dining_order set status = 6\""),
        ("src/report/sql.rs", "\"delete from ledger_entry where id = ?1\""),
    ];
    holds(rule, &seeds);
    let mut repository = Repository::read();
    repository.code.retain(|path, _| !path.starts_with("clock/"));
    assert_eq!(rule(&repository), ["clock may read dining_order, and does not"], "an allowance that nobody needs");
}

#[test]
fn the_ground_floor_knows_nothing_of_what_stands_on_it() {
    fn rule(repository: &Repository) -> Vec<String> {
        let mut found = repository.offenders(|path| path != "units.rs" && path != "typed.rs", &["crate::"]);
        let known = named_modules(&repository.code["error.rs"]);
        let below = |path: &String| path.starts_with("typed") || path.starts_with("units");
        found.extend(known.into_iter().filter(|path| !below(path)).map(|path| format!("error.rs: {path}")));
        let known = named_modules(&repository.code["actor.rs"]);
        found.extend(
            known.into_iter().filter(|path| !path.starts_with("units")).map(|path| format!("actor.rs: {path}")),
        );
        found.extend(repository.users(|path| !path.starts_with("store/") && path != "hub.rs", &NOUNS));
        found
    }
    let seeds = [
        ("src/units.rs", "use crate::error::Refusal;"),
        ("src/error.rs", "use crate::{typed, order};"),
        ("src/store/writer.rs", "use crate::{error::Result, order::Order};"),
    ];
    holds(rule, &seeds);
}

#[test]
fn rules_are_pure() {
    fn rule(repository: &Repository) -> Vec<String> {
        let files = [
            "order/state.rs",
            "order/price.rs",
            "bill/state.rs",
            "payment/state.rs",
            "desk/voice/queue.rs",
            "desk/popup/notice.rs",
        ];
        let noun =
            |path: &str| path.strip_suffix("/mod.rs").is_some_and(|noun| NOUNS.contains(&noun) && noun != "checkout");
        let is_rule = |path: &str| noun(path) || files.contains(&path) || path.starts_with("desk/voice/sentence/");
        let impure = ["tokio::", "rusqlite::", "warp::", "std::fs", "std::net", "Timestamp::now", "secret::"];
        repository.offenders(|path| !is_rule(path), &impure)
    }
    let seeds =
        [("src/payment/state.rs", "use rusqlite::Connection;"), ("src/cart/mod.rs", "let now = Timestamp::now();")];
    holds(rule, &seeds);
}

#[test]
fn nouns_depend_downward_only() {
    fn rule(repository: &Repository) -> Vec<String> {
        let mut found = Vec::new();
        for (noun, below) in MAY_USE {
            let elsewhere = |path: &str| !path.starts_with(&format!("{noun}/"));
            let others: Vec<&str> =
                NOUNS.into_iter().filter(|other| *other != noun && !below.contains(other)).collect();
            found.extend(repository.users(elsewhere, &others));
            found.extend(repository.users(elsewhere, &EDGES));
            // What nobody uses is not allowed.
            let used = |other: &&&str| repository.users(elsewhere, &[other]).is_empty();
            found.extend(below.iter().filter(used).map(|other| format!("{noun} may use {other}, and does not")));
        }
        found
    }
    let seeds = [
        ("src/menu/actions.rs", "use crate::order::Order;"),
        ("src/order/actions.rs", "use crate::{bill, menu};"),
        ("src/cart/actions.rs", "use crate::{error::{Refusal, Result}, payment::{self, Channel}};"),
        ("src/staff/actions.rs", "let app = crate::web::App::new();"),
    ];
    holds(rule, &seeds);
    let mut repository = Repository::read();
    repository.code.retain(|path, _| !path.starts_with("clock/"));
    assert_eq!(rule(&repository), ["clock may use alert, and does not"], "an allowance that nobody needs");
}

/// Below the operation, which puts everything together, an edge knows the nouns and few of the others.
#[test]
fn edges_know_few_of_each_other() {
    const MAY_USE: [(&str, &[&str]); 6] = [
        ("config", &[]),
        ("backup", &["config"]),
        ("provider", &[]),
        ("desk", &[]),
        ("sheet", &["config"]),
        // What the counter's pages show of the PC, the backups and the lines.
        ("web", &["backup", "desk", "provider"]),
    ];
    fn rule(repository: &Repository) -> Vec<String> {
        let mut found = Vec::new();
        for (edge, below) in MAY_USE {
            let elsewhere = |path: &str| !path.starts_with(&format!("{edge}/")) && path != format!("{edge}.rs");
            let others: Vec<&str> =
                EDGES.into_iter().filter(|other| *other != edge && !below.contains(other)).collect();
            found.extend(repository.users(elsewhere, &others));
            let used = |other: &&&str| repository.users(elsewhere, &[other]).is_empty();
            found.extend(below.iter().filter(used).map(|other| format!("{edge} may use {other}, and does not")));
        }
        // The daemon never loads fonts.
        found.extend(repository.users(|path| path == "operation/cli/qr.rs", &["sheet"]));
        found
    }
    let seeds = [
        ("src/web/mod.rs", "use crate::{operation, store};"),
        ("src/provider/line.rs", "use crate::web::App;"),
        ("src/desk/worker.rs", "use crate::config::Config;"),
        ("src/operation/daemon.rs", "use crate::sheet;"),
    ];
    holds(rule, &seeds);
}

/// What changes a dish that lies in carts goes by the room, which shows those carts anew: nobody orders at a price that
/// they were not shown.
#[test]
fn nobody_changes_the_menu_behind_the_carts() {
    fn rule(repository: &Repository) -> Vec<String> {
        let may = |path: &str| path.starts_with("menu/") || path == "room/menu.rs";
        let mut found = repository.users(may, &["menu::exchange::actions::import", "menu::edit::actions::change_dish"]);
        found.extend(
            repository.offenders(may, &["actions::import(", "actions::change_dish(", "actions::remove_dishes("]),
        );
        found
    }
    let seeds = [
        ("src/web/admin/menu/dish.rs", "actions::change_dish(tx, &by, kind, id, &draft)?;"),
        ("src/web/admin/menu/exchange.rs", "use crate::menu::{self, exchange::actions::import};"),
    ];
    holds(rule, &seeds);
}

/// A refusal says what happened, as data; what people are told of it stands in one table.
#[test]
fn no_sentence_is_written_in_a_refusal() {
    fn rule(repository: &Repository) -> Vec<String> {
        let ground = |path: &str| path == "error.rs" || path.starts_with("error/");
        let table = |path: &str| path.starts_with("web/sentence/");
        let mut found = Vec::new();
        for (path, code) in repository.code.iter().filter(|(path, _)| !table(path)) {
            let prose = refused(code).into_iter().filter(|given| quoted(given).any(is_prose));
            found.extend(prose.map(|given| format!("{path} refuses with {given}")));
            // A variant's fields, in a line that begins with its name.
            let variant = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_uppercase());
            let texts = code.lines().filter(|line| ground(path) && variant(line) && line.contains("&'static str"));
            found.extend(texts.map(|line| format!("{path}: {line}")));
            if ground(path) && code.contains(is_chinese) {
                found.push(format!("{path} is worded in Chinese"));
            }
        }
        found
    }
    let seeds = [
        ("src/order/state.rs", "Err(Refusal::OrderState(\"订单已取消\"))"),
        ("src/bill/actions.rs", "const GONE: Refusal = Refusal::BadSplit(\n    \"No such piece\".into(),\n);"),
        ("src/menu/hours.rs", "Err(Refusal::BadMenu(MenuFault::Hours(format!(\"时段 {typed}\"))))"),
        ("src/menu/exchange/read.rs", "Err(whole(Unread::Unknown(\"看不懂这个文件\".into())))"),
        ("src/error.rs", "enum Other {\n    MenuRule(&'static str),\n}"),
        ("src/error/reason.rs", "const UNPAID: &str = \"订单还没有付款\";"),
    ];
    holds(rule, &seeds);
}

/// What each `Refusal::…(` and each fault of a file that is read in is given, up to its closing bracket.
fn refused(code: &str) -> Vec<&str> {
    let given = |(at, word): (usize, &str)| {
        let rest = &code[at + word.len()..];
        let open = rest.find(|c: char| !c.is_alphanumeric()).filter(|open| rest[*open..].starts_with('('))?;
        let mut depth = 0;
        let close = rest[open..].find(|c: char| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        })?;
        Some(&rest[..=open + close])
    };
    let refusals = code.match_indices("Refusal::").chain(code.match_indices("Unread::"));
    refusals.chain(code.match_indices("CellFault::")).filter_map(given).collect()
}

/// What stands between quotes.
fn quoted(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').skip(1).step_by(2)
}

/// Several words, or Chinese; but for places to be filled in with data.
fn is_prose(text: &str) -> bool {
    let words = text.split(' ').filter(|word| word.contains(char::is_alphabetic) && !word.starts_with('{'));
    text.contains(is_chinese) || words.count() > 1
}

fn is_chinese(c: char) -> bool {
    ('\u{3000}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c)
}

/// Who did something is written down by the action that did it, whoever calls it.
#[test]
fn audit_rows_are_written_by_the_deeds_themselves() {
    fn rule(repository: &Repository) -> Vec<String> {
        let noun = |path: &str| NOUNS.iter().any(|noun| path.starts_with(&format!("{noun}/")));
        let mut found = repository.users(noun, &["staff::actions::record"]);
        found.extend(repository.offenders(noun, &["actions::record(", "insert_audit("]));
        found
    }
    let seeds = [
        ("src/web/admin/bill.rs", "staff::actions::record(tx, &by, act, &number, detail)?;"),
        ("src/operation/cli/qr.rs", "use crate::staff::{self, actions::record};"),
    ];
    holds(rule, &seeds);
}

#[test]
fn no_files_go_round_in_circles() {
    let seeds = [
        ("src/typed.rs", "use crate::{error::Refusal, units};"),
        ("src/desk/voice/queue.rs", "use super::super::worker::Worker;"),
    ];
    holds(|repository| circles(&imports(repository)), &seeds);
}

/// A page's module without what is only said about it: `import("./state.js").Intent` in a comment is a type.
fn script_code(text: &str) -> String {
    let mut code = String::new();
    for (number, part) in text.split("/**").enumerate() {
        code.push_str(if number == 0 { part } else { part.split_once("*/").map_or("", |(_, behind)| behind) });
    }
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The pages' modules by their paths below `assets/js/`, without comments.
fn scripts(repository: &Repository) -> BTreeMap<String, String> {
    let scripts = repository.texts.iter().filter(|(path, _)| path.ends_with(".js"));
    let scripts = scripts.filter_map(|(path, text)| Some((path.strip_prefix("assets/js/")?, text)));
    scripts.map(|(path, text)| (path.to_owned(), script_code(text))).collect()
}

/// What speaks to the network for the pages' effects, which alone may ask it to.
const LINES: [&str; 5] =
    ["shared/http.js", "shared/link.js", "shared/reads.js", "shared/stream.js", "counter/deeds.js"];

/// `state.js` makes the next state, `view.js` describes it, `effects.js` asks the daemon: see "A browser page".
#[test]
fn nothing_of_a_page_but_its_effects_touches_the_network() {
    fn rule(repository: &Repository) -> Vec<String> {
        let scripts = scripts(repository);
        let imports = script_imports(&scripts);
        let may = |path: &str| LINES.contains(&path) || path.ends_with("effects.js");
        let mut found = Vec::new();
        for (path, code) in scripts.iter().filter(|(path, _)| !may(path)) {
            let words = ["fetch(", "XMLHttpRequest", "EventSource", "WebSocket", "sendBeacon"];
            found.extend(words.iter().filter(|word| names(code, word)).map(|word| format!("{path} names {word}")));
            let lines = LINES.iter().filter(|line| imports[path].contains(**line));
            found.extend(lines.map(|line| format!("{path} imports {line}")));
        }
        found
    }
    let seeds = [
        ("assets/js/counter/menu/view.js", "import { staffCall } from \"../../shared/http.js\";"),
        ("assets/js/phone/parts.js", "import {\n  Reads,\n} from \"../shared/reads.js\";"),
        ("assets/js/counter/members/state.js", "const found = await fetch(\"/admin/member/page\");"),
        ("assets/js/member.js", "const line = new WebSocket(\"/ws/x\");"),
    ];
    holds(rule, &seeds);
}

/// For each of the pages' modules those that it imports, at once or when they are needed.
fn script_imports(scripts: &BTreeMap<String, String>) -> BTreeMap<String, BTreeSet<String>> {
    let imports = |(path, code): (&String, &String)| {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let named = [" from \"", "import(\""].into_iter().flat_map(|before| code.split(before).skip(1));
        let targets = named.filter_map(|rest| Some(normal(&format!("{folder}/{}", rest.split_once('"')?.0))));
        (path.clone(), targets.filter(|target| scripts.contains_key(target)).collect())
    };
    scripts.iter().map(imports).collect()
}

#[test]
fn no_modules_of_a_page_go_round_in_circles() {
    let seeds = [
        ("assets/js/shared/dom.js", "import { submits } from \"../counter/parts.js\";"),
        ("assets/js/counter/keeper.js", "import {\n  VIEWS,\n  viewOf,\n} from \"./views.js\";"),
        ("assets/js/counter/room/view.js", "const shell = () => import(\"../views.js\");"),
    ];
    holds(|repository| circles(&script_imports(&scripts(repository))), &seeds);
}

#[test]
fn files_stay_readable() {
    fn rule(repository: &Repository) -> Vec<String> {
        let lines = repository.code.iter().map(|(path, code)| (path, code.lines().count()));
        lines.filter(|(_, lines)| *lines > 600).map(|(path, lines)| format!("{path}: {lines} lines")).collect()
    }
    holds(rule, &[("src/units.rs", &"\n".repeat(600))]);
}

/// Documents that somebody names are there, and so are the sections of the protocol.
#[test]
fn whoever_is_sent_to_a_document_finds_it() {
    fn rule(repository: &Repository) -> Vec<String> {
        let documents: BTreeSet<&str> = repository.texts.keys().map(String::as_str).collect();
        let protocol = &repository.texts["docs/protocol.md"];
        let sections: BTreeSet<&str> = protocol
            .lines()
            .filter_map(|line| line.trim_start_matches('#').trim().split(' ').next().filter(|_| line.starts_with("##")))
            .map(|number| number.trim_end_matches('.'))
            .collect();
        let mut found = Vec::new();
        for (path, text) in repository.texts.iter().filter(|(path, _)| !path.starts_with("tests/tidy.rs")) {
            for (name, behind) in named_documents(text) {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                let places = [name.clone(), normal(&format!("{folder}/{name}"))];
                if !places.iter().any(|place| documents.contains(place.trim_start_matches('/'))) {
                    found.push(format!("{path} names {name}, which is not there"));
                }
                let section = behind.strip_prefix(" §").map(|rest| {
                    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                    rest[..end].trim_end_matches('.')
                });
                if let Some(section) =
                    section.filter(|section| name.ends_with("protocol.md") && !sections.contains(section))
                {
                    found.push(format!("{path} names section {section} of the protocol, which is not there"));
                }
            }
        }
        found
    }
    let seeds = [
        ("src/web/live/sse.rs", "// See wires.md for the frames."),
        ("assets/js/phone.js", "// docs/protocol.md §99.9 has it."),
        ("docs/manual.md", "[more](more.md)"),
    ];
    holds(rule, &seeds);
}

/// Sources that a document names are there.
#[test]
fn documents_name_sources_that_are_there() {
    fn rule(repository: &Repository) -> Vec<String> {
        let is_there =
            |name: &str| repository.texts.keys().any(|path| path == name || path.starts_with(&format!("{name}/")));
        let mut found = Vec::new();
        for (path, text) in repository.texts.iter().filter(|(path, _)| path.ends_with(".md")) {
            for name in text.split(|c: char| !c.is_alphanumeric() && !"/._-".contains(c)) {
                let name = name.trim_end_matches(['.', '/']);
                if name.starts_with("src/") && !is_there(name) {
                    found.push(format!("{path} names {name}, which is not there"));
                }
            }
        }
        found
    }
    holds(rule, &[("CONTRIBUTING.md", "It begins in `src/daemon.rs`.")]);
}

/// Pictures that a document shows are there, and those of the documents are shown.
#[test]
fn pictures_are_there_and_are_shown() {
    fn rule(repository: &Repository) -> Vec<String> {
        let mut shown = BTreeSet::new();
        let mut found = Vec::new();
        for (path, text) in repository.texts.iter().filter(|(path, _)| path.ends_with(".md")) {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            for name in shown_pictures(text) {
                let picture = normal(&format!("{folder}/{name}"));
                if !repository.pictures.contains(&picture) {
                    found.push(format!("{path} shows {name}, which is not there"));
                }
                shown.insert(picture);
            }
        }
        let idle = repository.pictures.iter().filter(|path| path.starts_with("docs/") && !shown.contains(*path));
        found.extend(idle.map(|path| format!("no document shows {path}")));
        found
    }
    let seeds = [
        ("README.md", "![the counter](docs/till.png)"),
        ("docs/manual.md", "| a | ![the counter](docs/counter.png) |"),
        ("docs/till.png", ""),
    ];
    holds(rule, &seeds);
}

/// Each `![…](….png)` of a document: the file's name.
fn shown_pictures(text: &str) -> Vec<&str> {
    let named = text.split("![").skip(1).filter_map(|rest| rest.split_once("](")?.1.split_once(')'));
    named.map(|(name, _)| name).filter(|name| name.ends_with(".png") && !name.contains("://")).collect()
}

/// Each `….md` in a text, and what stands behind it.
fn named_documents(text: &str) -> Vec<(String, &str)> {
    let of_name = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    let ends = text.match_indices(".md").map(|(at, _)| at + ".md".len());
    let letter = |text: &str| text.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let ends = ends.filter(|end| !letter(&text[*end..]) && !text[*end..].strip_prefix('.').is_some_and(letter));
    let named = ends.map(|end| {
        let begin = text[..end]
            .rfind(|c: char| !of_name(c))
            .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
        (text[begin..end].trim_start_matches("./").to_owned(), &text[end..])
    });
    // A pattern, an ending alone, or a place on a shop's PC.
    named.filter(|(name, _)| name != ".md" && !name.starts_with('-') && !name.starts_with("/usr/")).collect()
}

/// `a/b/../c` is `a/c`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "" | "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whoever changes what goes over the wire reads the protocol's page again, and writes the new number into it.
#[test]
fn the_protocol_s_page_was_read_after_the_last_change_of_the_wire_s_types() {
    fn rule(repository: &Repository) -> Vec<String> {
        let types = repository.code["web/types.rs"].split_whitespace().collect::<Vec<_>>().join(" ");
        let line = format!("<!-- web/types.rs: {:016x} -->", fnv(types.as_bytes()));
        match repository.texts["docs/protocol.md"].contains(&line) {
            true => Vec::new(),
            false => vec![format!(
                "docs/protocol.md was written for other types; once it is right again it ends with {line}"
            )],
        }
    }
    holds(rule, &[("src/web/types.rs", "pub struct Another { field: i64 }")]);
}

/// FNV-1a.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn a_group_of_imports_is_read_as_each_of_them() {
    let code = "use crate::{alert, bill::{self, Bill as B}};\nuse crate::order::actions::{load,\n    pay};\nlet x = crate::web::App::new();";
    let named: Vec<String> = named_modules(code).into_iter().collect();
    let wanted = ["alert", "bill::Bill", "bill::self", "order::actions::load", "order::actions::pay", "web::App::new"];
    assert_eq!(named, wanted);
}

/// What docs/structure.md tells: `cargo test --test tidy figures -- --ignored --nocapture`.
#[test]
#[ignore = "prints figures of the sources, and checks nothing"]
fn figures() {
    let repository = Repository::read();
    let room = |module: &str| module.split("::").next().unwrap_or_default().to_owned();
    let graph = imports(&repository);
    let rooms: BTreeSet<String> = graph.keys().map(|module| room(module)).collect();
    let arrows: BTreeSet<(String, String)> = graph
        .iter()
        .flat_map(|(from, others)| others.iter().map(|to| (room(from), room(to))))
        .filter(|(from, to)| from != to)
        .collect();
    let pages = scripts(&repository);
    println!("{} rooms in src, {} arrows between them", rooms.len(), arrows.len());
    println!(
        "circles of files: {} in src, {} among pages",
        circles(&graph).len(),
        circles(&script_imports(&pages)).len()
    );
    let lines = |code: &String| code.lines().count();
    let longest = |files: &BTreeMap<String, String>| {
        let (path, code) = files.iter().max_by_key(|(_, code)| lines(code)).unwrap();
        format!("{path} {}", lines(code))
    };
    println!("largest file: {}; of the pages {}", longest(&repository.code), longest(&pages));
    let functions =
        repository.code.iter().flat_map(|(path, code)| functions(code).into_iter().map(move |one| (one, path)));
    let ((length, name), path) = functions.max().unwrap();
    println!("largest function: {path} {name} {length}");
    let app = repository.code.iter().find_map(|(_, code)| code.split_once("pub struct App {"));
    let fields = app.and_then(|(_, rest)| rest.split_once("\n}")).map_or("", |(fields, _)| fields);
    println!("App has {} fields", fields.lines().filter(|line| line.trim_start().starts_with("pub ")).count());
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for (path, code) in &repository.code {
        *folders.entry(room(&module_of(path))).or_default() += lines(code);
    }
    let folders: Vec<String> = folders.into_iter().map(|(name, lines)| format!("{name} {lines}")).collect();
    println!("lines: {}", folders.join(", "));
}

/// How long each function is, from `fn` to the brace that ends it.
fn functions(code: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = code.lines().collect();
    let begins = lines.iter().enumerate().filter(|(_, line)| line.contains("fn ") && !line.trim_end().ends_with(';'));
    let measured = begins.filter_map(|(at, line)| {
        let indent = line.len() - line.trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        let length = lines[at..].iter().position(|line| line.trim_end() == end)? + 1;
        let name = line.split_once("fn ")?.1.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
        Some((length, name.to_owned()))
    });
    measured.collect()
}
