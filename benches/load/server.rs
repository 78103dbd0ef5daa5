//! The servers under test as processes: starting them, what they cost, and what they have on disk.

use crate::wire::{Connection, Op};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const TABLES: usize = 64;
/// Tables of the usual evening (goals).
pub const EVENING: usize = 50;
/// Different dishes in every cart: with them a cart is about 2 KB of JSON.
pub const DISHES: i64 = 9;
pub const PHONES: usize = 4;
const FIRST_DISH: i64 = 1001;
const REMARK: &str = "少放辣椒，不要香菜";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ours,
    LimitDb,
    Limit,
}

pub const KINDS: [Kind; 3] = [Kind::Ours, Kind::LimitDb, Kind::Limit];

/// What a table's cart has to be after the operations that were acknowledged.
#[derive(Clone, Default)]
pub struct Model {
    pub quantities: [i64; DISHES as usize],
    pub version: i64,
    turn: usize,
}

impl Model {
    pub fn total(&self) -> i64 {
        self.quantities.iter().sum()
    }

    /// The next operation, already applied: additions and new quantities by turns, on dish after dish.
    pub fn advance(&mut self) -> Op {
        self.turn += 1;
        let dish = self.turn % self.quantities.len();
        let quantity = &mut self.quantities[dish];
        let add = self.turn.is_multiple_of(2) && *quantity < 90;
        let given = if add { 1 } else { 1 + (self.turn as i64 * 7) % 60 };
        *quantity = if add { *quantity + 1 } else { given };
        self.version += 1;
        Op { add, cuisine: FIRST_DISH + dish as i64, quantity: given }
    }
}

pub struct Server {
    pub kind: Kind,
    child: Child,
    /// `127.0.0.1:port`
    pub address: String,
    pub models: Vec<Model>,
    /// One token a phone, table by table.
    pub tokens: Vec<String>,
    ready: Value,
    home: tempfile::TempDir,
}

fn command(kind: Kind, limits: &str, tables: usize, data: &Path) -> Command {
    let mut command = match kind {
        Kind::Ours => Command::new(env!("CARGO_BIN_EXE_tablebell")),
        Kind::Limit | Kind::LimitDb => Command::new(std::env::current_exe().expect("the bench's own path")),
    };
    let tables = tables.to_string();
    match kind {
        Kind::Ours => {
            command.args(["demo", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--limits", limits]);
            command.args(["--tables", &tables, "--data"]).arg(data);
            command.env_remove("PULSE_SERVER").env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        }
        Kind::Limit => drop(command.args([crate::REFERENCE, &tables])),
        Kind::LimitDb => drop(command.args([crate::REFERENCE, &tables]).arg(database(kind, data))),
    }
    command
}

fn database(kind: Kind, data: &Path) -> std::path::PathBuf {
    data.join(if kind == Kind::Ours { "tablebell.db" } else { "limit.db" })
}

/// Starts a server and waits until it says that it is ready.
fn spawn(kind: Kind, limits: &str, tables: usize, data: &Path) -> (Child, Value) {
    std::fs::create_dir_all(data).expect("the data directory");
    let log = File::options().create(true).append(true).open(data.join("log")).expect("the log opens");
    let mut child =
        command(kind, limits, tables, data).stdout(Stdio::piped()).stderr(log).spawn().expect("the server starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("stdout is piped")).read_line(&mut line).expect("a ready line");
    let ready = line.strip_prefix("ready ").unwrap_or_else(|| panic!("{kind:?} says {line:?}, not ready"));
    (child, serde_json::from_str(ready).expect("the ready line is JSON"))
}

fn address(ready: &Value) -> String {
    ready["lan"].as_str().expect("an address").trim_start_matches("http://").to_owned()
}

impl Server {
    pub fn start(kind: Kind, tables: usize) -> Server {
        Server::with_limits(kind, "off", tables)
    }

    /// Ours as a shop has it: with its limits.
    pub fn limited(tables: usize) -> Server {
        Server::with_limits(Kind::Ours, "on", tables)
    }

    fn with_limits(kind: Kind, limits: &str, tables: usize) -> Server {
        let home = tempfile::tempdir().expect("a temporary directory");
        let (child, ready) = spawn(kind, limits, tables, &home.path().join("data"));
        let (models, tokens) = (vec![Model::default(); tables], Vec::new());
        Server { kind, child, address: address(&ready), models, tokens, ready, home }
    }

    /// Gives every phone its token.
    pub fn seat(&mut self) {
        let tables = 0..self.models.len();
        self.tokens = self.scan(tables.flat_map(|table| [table; PHONES]));
    }

    /// A token of a phone that was never here, for each table that is named.
    pub fn scan(&self, tables: impl Iterator<Item = usize>) -> Vec<String> {
        let mut http = Connection::http(&self.address);
        let mut scan = |table: usize| match self.kind {
            Kind::Ours => {
                let session = http.call("POST", "/api/store/session", "", &json!({ "code": self.code(table) }));
                session["data"]["token"].as_str().expect("a session").to_owned()
            }
            Kind::Limit | Kind::LimitDb => "none".into(),
        };
        tables.map(&mut scan).collect()
    }

    /// Puts every dish into every cart.
    pub fn fill_carts(&mut self) {
        for table in 0..self.models.len() {
            let mut phone = self.phone(table, 0);
            for dish in 0..DISHES {
                let op = Op { add: true, cuisine: FIRST_DISH + dish, quantity: 1 };
                phone.send(&op.as_ws(Some(REMARK), None));
                while phone.next_cart().version != dish + 1 {}
            }
            self.models[table] = Model { quantities: [1; DISHES as usize], version: DISHES, turn: table };
        }
    }

    pub fn token(&self, table: usize, phone: usize) -> &str {
        &self.tokens[table * PHONES + phone]
    }

    pub fn phone(&self, table: usize, phone: usize) -> Connection {
        Connection::ws(&self.address, &format!("/ws/cart/{}", table + 1), self.token(table, phone))
    }

    pub fn stream(&self, table: usize, phone: usize) -> Connection {
        Connection::sse(&self.address, &format!("/api/store/order/sse/{}", table + 1), self.token(table, phone))
    }

    pub fn cart_path(&self, table: usize) -> String {
        format!("/api/store/order/cart/{}", table + 1)
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).expect("the server lives")
    }

    /// User and system time so far; `/proc` counts it in hundredths of a second.
    pub fn cpu(&self) -> Duration {
        let stat = self.proc("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields[index].parse::<u64>().expect("a number of ticks");
        Duration::from_millis(10 * (ticks(11) + ticks(12)))
    }

    pub fn code(&self, table: usize) -> String {
        self.ready["tables"][table]["code"].as_str().expect("a code").to_owned()
    }

    pub fn rss_kib(&self) -> f64 {
        self.memory()()
    }

    /// The same for another thread to ask.
    pub fn memory(&self) -> impl Fn() -> f64 + Send + use<> {
        let path = format!("/proc/{}/status", self.child.id());
        move || {
            let status = std::fs::read_to_string(&path).expect("the server lives");
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
            line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
        }
    }

    /// Carts that are not what the acknowledged operations make them: as answered, and as on disk.
    pub fn wrong_carts(&self) -> usize {
        let mut http = Connection::http(&self.address);
        let mut wrong = |table: &usize| {
            let cart = http.call("GET", &self.cart_path(*table), self.token(*table, 0), &Value::Null)["data"].take();
            let items = cart["items"].as_array().cloned().unwrap_or_default();
            let found = items.iter().map(|line| ((*table, line["cuisineId"].as_i64()), line["quantity"].as_i64()));
            !self.is_right(*table, &found.filter_map(|((t, c), q)| Some(((t, c?), q?))).collect())
        };
        let answered = (0..self.models.len()).filter(&mut wrong).count();
        answered + self.wrong_on_disk().unwrap_or(0)
    }

    fn is_right(&self, table: usize, found: &HashMap<(usize, i64), i64>) -> bool {
        let wanted = self.models[table].quantities.iter();
        wanted.zip(FIRST_DISH..).all(|(quantity, dish)| found.get(&(table, dish)) == Some(quantity))
    }

    fn wrong_on_disk(&self) -> Option<usize> {
        let sql = match self.kind {
            Kind::Ours => "select table_id, cuisine_id, quantity from cart_line",
            Kind::LimitDb => "select table_id, cuisine_id, quantity from line",
            Kind::Limit => return None,
        };
        let path = database(self.kind, &self.home.path().join("data"));
        let db = rusqlite::Connection::open(path).expect("the database opens");
        let mut statement = db.prepare(sql).expect("the query");
        let row = |row: &rusqlite::Row<'_>| {
            let table: u32 = row.get(0)?;
            Ok(((table as usize - 1, row.get(1)?), row.get(2)?))
        };
        let found = statement.query_map([], row).expect("rows").collect::<Result<HashMap<_, _>, _>>().expect("rows");
        Some((0..self.models.len()).filter(|table| !self.is_right(*table, &found)).count())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// From starting the process on an existing empty shop to its first answer.
pub fn start_to_first_answer(kind: Kind, home: &Path) -> Duration {
    let begun = Instant::now();
    let (mut child, ready) = spawn(kind, "off", 50, home);
    Connection::http(&address(&ready)).call("GET", "/healthz", "", &Value::Null);
    let took = begun.elapsed();
    let _ = child.kill();
    let _ = child.wait();
    took
}
