//! SIGKILL at any moment: what was acknowledged is there, and nothing is there twice.
//!
//! Several tables' phones add, submit and pay while a clock runs towards the kill. Each phone keeps in mind what was
//! acknowledged and what was under way. After the restart the former must be there; the latter is sent again with the
//! same opId, and then the counts must fit exactly.

use crate::support::{self, Counter, Daemon, PATIENCE, Phone, Socket};
use futures_util::SinkExt;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_tungstenite::tungstenite::Message;

const TABLES: usize = 3;
const PHONES: usize = 2;
const DISHES: u64 = 16;

/// splitmix64: reproducible from the seed that a failure prints.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }
}

fn number(name: &str, otherwise: impl FnOnce() -> u64) -> u64 {
    std::env::var(name).map_or_else(|_| otherwise(), |text| text.parse().expect("a number"))
}

/// Something a phone asks for; sent again it is the same request.
#[derive(Clone, Debug)]
enum Op {
    Add { id: String, dish: i64, quantity: i64 },
    Submit { id: String, version: i64 },
    Pay { order: i64, deliver: &'static str },
}

/// What a table's phones know for certain.
#[derive(Default)]
struct Known {
    /// Pieces of each dish that were acknowledged.
    added: BTreeMap<i64, i64>,
    version: i64,
    /// Number of each order by its id.
    orders: BTreeMap<i64, String>,
    /// Paid at the provider.
    pressed: BTreeSet<i64>,
    /// Shown to a phone as paid.
    seen_paid: BTreeSet<i64>,
    /// Under way at the kill.
    pending: Vec<Op>,
}

struct Table {
    phones: Vec<Phone>,
    known: RefCell<Known>,
}

/// The daemon is gone, or it answers.
type Sent = Result<support::Answer, reqwest::Error>;

async fn post(phone: &Phone, path: &str, body: Value) -> Sent {
    let request = phone.http.post(format!("{}{path}", phone.lan)).bearer_auth(&phone.token).json(&body);
    let response = request.timeout(PATIENCE).send().await?;
    let status = response.status();
    Ok(support::Answer { status, body: response.json().await? })
}

/// Adds over the socket: the cart, `Some(None)` when the line was full, `None` when the socket broke before the answer.
async fn add_by_socket(socket: &mut Socket, id: &str, data: Value) -> Option<Option<Value>> {
    let frame = json!({ "type": "add_item", "opId": id, "data": data });
    socket.stream.send(Message::text(frame.to_string())).await.ok()?;
    loop {
        let answer = socket.next().await?;
        if answer["opId"] == id {
            let added = answer["type"] == "add_item_success";
            assert!(added || answer["data"]["error"] == "BAD_QUANTITY", "{answer}");
            return Some(added.then(|| answer["data"].clone()));
        }
    }
}

async fn add_by_body(phone: &Phone, id: &str, mut body: Value) -> Option<Option<Value>> {
    (body["tableId"], body["opId"]) = (json!(phone.table), json!(id));
    let answer = post(phone, "/api/store/order/cart/add", body).await.ok()?;
    let added = answer.status == 200;
    assert!(added || answer.error() == "BAD_QUANTITY", "{}", answer.body);
    Some(added.then(|| answer.body["data"].clone()))
}

impl Table {
    /// Does one thing; `None` when the daemon went away meanwhile.
    async fn perform(&self, phone: &Phone, socket: Option<&mut Socket>, op: &Op) -> Option<()> {
        match op {
            Op::Add { id, dish, quantity } => {
                let data = json!({ "cuisineId": dish, "quantity": quantity });
                let added = match socket {
                    Some(socket) => add_by_socket(socket, id, data).await?,
                    None => add_by_body(phone, id, data).await?,
                };
                if let Some(cart) = added {
                    let mut known = self.known.borrow_mut();
                    *known.added.entry(*dish).or_default() += quantity;
                    known.version = known.version.max(cart["version"].as_i64().unwrap());
                }
                Some(())
            }
            Op::Submit { id, version } => self.submit(phone, id, *version).await,
            Op::Pay { order, deliver } => self.pay(phone, *order, deliver).await,
        }
    }

    async fn submit(&self, phone: &Phone, id: &str, version: i64) -> Option<()> {
        let body = json!({ "tableId": phone.table, "version": version, "opId": id });
        let answer = post(phone, "/api/store/order/submit", body).await.ok()?;
        let mut known = self.known.borrow_mut();
        let data = &answer.body["data"];
        match (answer.status.as_u16(), answer.error()) {
            (200, _) => {
                let number = data["orderNumber"].as_str().unwrap().to_owned();
                known.orders.insert(data["orderId"].as_i64().unwrap(), number);
            }
            (409, "CART_CHANGED") => known.version = known.version.max(data["version"].as_i64().unwrap()),
            (409, "CART_EMPTY") => {}
            other => panic!("{other:?}: {}", answer.body),
        }
        Some(())
    }

    async fn pay(&self, phone: &Phone, order: i64, deliver: &str) -> Option<()> {
        let path = format!("/api/store/order/{order}/pay");
        let answer = post(phone, &path, json!({ "provider": "demo" })).await.ok()?;
        if answer.error() == "ORDER_STATE" {
            // Asked again after the kill: it had been paid.
            self.known.borrow_mut().pressed.insert(order);
            return Some(());
        }
        assert_eq!(answer.status, 200, "{}", answer.body);
        // The page's address is from before the restart: only its path counts.
        let number = answer.body["data"]["outTradeNo"].as_str().unwrap();
        let url = format!("{}/demo-pay/{number}?deliver={deliver}", phone.lan);
        let page = phone.http.post(url).timeout(PATIENCE).send().await.ok()?;
        assert_eq!(page.status(), 200);
        self.known.borrow_mut().pressed.insert(order);
        Some(())
    }

    fn choose(&self, dice: &mut Dice, id: String) -> Op {
        let known = self.known.borrow();
        let unpaid: Vec<i64> = known.orders.keys().filter(|id| !known.pressed.contains(id)).copied().collect();
        match dice.roll(100) {
            0..12 => Op::Submit { id, version: known.version },
            12..30 if !unpaid.is_empty() => Op::Pay {
                order: unpaid[dice.roll(unpaid.len() as u64) as usize],
                deliver: ["once", "lost", "concurrent"][dice.roll(3) as usize],
            },
            _ => Op::Add { id, dish: 1017 + dice.roll(DISHES) as i64 * 2 % 31, quantity: 1 + dice.roll(3) as i64 },
        }
    }

    /// One phone's evening, until the daemon is gone.
    async fn play(&self, index: usize, seed: u64) {
        let (mut dice, phone) = (Dice(seed), &self.phones[index]);
        let path = format!("/ws/cart/{}?token={}", phone.table, phone.token);
        let mut socket = match index % 2 {
            1 => support::try_open(&phone.lan, &path).await,
            _ => None,
        };
        for turn in 0.. {
            let op = self.choose(&mut dice, format!("{seed:x}-{turn}"));
            if self.perform(phone, socket.as_mut(), &op).await.is_none() {
                self.known.borrow_mut().pending.push(op);
                return;
            }
            if dice.roll(20) == 0 && self.look(phone).await.is_none() {
                return;
            }
        }
    }

    /// Reads the orders: what is shown as paid once has to stay so.
    async fn look(&self, phone: &Phone) -> Option<()> {
        let url = format!("{}/api/store/order/list/{}", phone.lan, phone.table);
        let response = phone.http.get(url).bearer_auth(&phone.token).timeout(PATIENCE).send().await.ok()?;
        let orders: Value = response.json().await.ok()?;
        let paid = orders["data"].as_array()?.iter().filter(|order| order["payStatus"] == 1);
        self.known.borrow_mut().seen_paid.extend(paid.filter_map(|order| order["orderId"].as_i64()));
        Some(())
    }

    /// What the daemon holds after the restart: pieces of each dish in cart and orders, and the orders.
    async fn held(&self) -> (BTreeMap<i64, i64>, BTreeMap<i64, String>, i64) {
        let phone = &self.phones[0];
        let cart = phone.cart().await;
        let list = phone.get(&format!("/api/store/order/list/{}", phone.table)).await;
        let orders = list.as_array().unwrap();
        let mut dishes = BTreeMap::new();
        for line in orders.iter().chain([&cart]).flat_map(|holder| holder["items"].as_array().unwrap()) {
            *dishes.entry(line["cuisineId"].as_i64().unwrap()).or_default() += line["quantity"].as_i64().unwrap();
        }
        let unpaid =
            orders.iter().filter(|order| order["payStatus"] == 0).filter_map(|order| order["orderId"].as_i64());
        let lost: Vec<i64> = unpaid.filter(|id| self.known.borrow().seen_paid.contains(id)).collect();
        assert!(lost.is_empty(), "paid orders are unpaid again: {lost:?}");
        let number = |order: &Value| order["orderNumber"].as_str().unwrap().to_owned();
        let orders = orders.iter().map(|order| (order["orderId"].as_i64().unwrap(), number(order))).collect();
        (dishes, orders, cart["version"].as_i64().unwrap())
    }

    /// Checks the table after a restart, finishes what was under way, and checks again.
    async fn recover(&self) {
        let (dishes, orders, version) = self.held().await;
        let pending = std::mem::take(&mut self.known.borrow_mut().pending);
        {
            let known = self.known.borrow();
            assert!(version >= known.version, "the cart's version went back from {} to {version}", known.version);
            for (dish, count) in &known.added {
                let held = dishes.get(dish).copied().unwrap_or_default();
                assert!(held >= *count, "{count} of dish {dish} were acknowledged, {held} are there; {pending:?}");
            }
            for (id, number) in &known.orders {
                assert_eq!(orders.get(id), Some(number), "an acknowledged order is gone");
            }
        }
        for op in &pending {
            self.perform(&self.phones[0], None, op).await.expect("the daemon is there");
        }
        let (dishes, orders, version) = self.held().await;
        let mut known = self.known.borrow_mut();
        known.version = version;
        assert_eq!(dishes, known.added, "after sending again {pending:?}");
        assert_eq!(orders, known.orders, "after sending again {pending:?}");
    }
}

/// The counter answers alerts now and then; what it was told is done stays done.
#[derive(Default)]
struct Answered {
    acked: BTreeSet<i64>,
    pending: Option<i64>,
}

async fn answer_alerts(counter: &Counter, answered: &RefCell<Answered>, seed: u64) {
    let mut dice = Dice(seed);
    let send = async |method: Method, path: String| {
        let request = counter.http.request(method, format!("{}{path}", counter.lan)).header("token", &counter.token);
        request.timeout(PATIENCE).send().await.ok()?.json::<Value>().await.ok()
    };
    loop {
        let Some(list) = send(Method::GET, "/admin/alert/list".into()).await else { return };
        let alerts = list["data"].as_array().unwrap();
        if let Some(alert) = alerts.get(dice.roll(8) as usize) {
            let id = alert["alertId"].as_i64().unwrap();
            answered.borrow_mut().pending = Some(id);
            if send(Method::POST, format!("/admin/alert/ack/{id}")).await.is_none() {
                return;
            }
            let mut answered = answered.borrow_mut();
            answered.pending = None;
            answered.acked.insert(id);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What must hold in the database at any moment, whatever was under way: each query answers 0.
const NEVER: [(&str, &str); 6] = [
    (
        "an order that was paid not exactly once",
        "select count(*) from dining_order o where o.pay_status <> \
         (select count(*) from order_event e where e.order_id = o.id and e.input = 'Paid')",
    ),
    (
        "a paid order without its one alert",
        "select count(*) from dining_order o where o.pay_status <> \
         (select count(*) from alert a where a.order_id = o.id and a.kind = 1)",
    ),
    ("two payments of one order", "select count(*) from (select 1 from payment group by order_id having count(*) > 1)"),
    (
        "an order unlike its payment",
        "select count(*) from payment p join dining_order o on o.id = p.order_id \
         where (p.state = 'paid') <> o.pay_status or p.amount_fen <> o.amount_fen",
    ),
    (
        "an amount unlike its items",
        "select count(*) from dining_order o where o.amount_fen <> \
         (select sum(i.unit_price_fen * i.quantity) from order_item i where i.order_id = o.id)",
    ),
    (
        "a refund or a quarantine",
        "select (select count(*) from refund) + (select count(*) from payment where state = 'needs_review')",
    ),
];

async fn check_alerts(daemon: &Daemon, counter: &Counter, answered: &RefCell<Answered>) {
    for (what, sql) in NEVER {
        assert_eq!(daemon.stored::<i64>(sql), 0, "{what}");
    }
    let pending = answered.borrow_mut().pending.take();
    if let Some(id) = pending {
        counter.ok(Method::POST, &format!("/admin/alert/ack/{id}"), Value::Null).await;
        answered.borrow_mut().acked.insert(id);
    }
    let open: Vec<i64> = counter.alerts().await.iter().map(|alert| alert["alertId"].as_i64().unwrap()).collect();
    let unique: BTreeSet<i64> = open.iter().copied().collect();
    assert_eq!(open.len(), unique.len(), "an alert is open twice");
    let acked = answered.borrow().acked.clone();
    assert!(unique.is_disjoint(&acked), "an answered alert is open again");
    let least = *open.iter().max().unwrap_or(&0);
    let all = daemon.stored::<i64>(&format!("select count(*) from alert where id <= {least}"));
    let answered = acked.iter().filter(|id| **id <= least).count();
    assert_eq!(all, (open.len() + answered) as i64, "an alert that nobody answered is not open");
}

async fn seat(daemon: &Daemon) -> (Vec<Table>, Counter) {
    let mut tables = Vec::new();
    for index in 0..TABLES {
        let mut phones = Vec::new();
        for _ in 0..PHONES {
            phones.push(daemon.phone(index).await);
        }
        tables.push(Table { phones, known: RefCell::default() });
    }
    (tables, daemon.counter().await)
}

/// Plays for a random while and kills; everybody finds the restarted daemon.
async fn kill_under_load(
    daemon: Daemon,
    start: impl Fn() -> Daemon,
    (tables, counter): (&mut [Table], &mut Counter),
    answered: &RefCell<Answered>,
    dice: &mut Dice,
) -> Daemon {
    let kill_after = Duration::from_millis(dice.roll(400));
    let players = tables.iter().flat_map(|table| (0..PHONES).map(move |index| (table, index)));
    let players: Vec<_> = players.map(|(table, index)| table.play(index, dice.roll(u64::MAX))).collect();
    let kill = async {
        tokio::time::sleep(kill_after).await;
        daemon.kill();
    };
    tokio::join!(join_all(players), answer_alerts(counter, answered, dice.roll(u64::MAX)), kill);
    let daemon = start();
    counter.lan = daemon.lan.clone();
    for phone in tables.iter_mut().flat_map(|table| &mut table.phones) {
        phone.lan = daemon.lan.clone();
    }
    daemon
}

fn clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

#[tokio::test]
async fn what_was_acknowledged_survives_sigkill_at_any_moment() {
    let rounds = number("TABLEBELL_CRASH_ROUNDS", || 50);
    let seed = number("TABLEBELL_CRASH_SEED", clock);
    eprintln!("TABLEBELL_CRASH_SEED={seed}");
    let mut dice = Dice(seed);
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let start = || Daemon::on(&data, &["--limits", "off"], &[]);
    let mut daemon = start();
    let (mut tables, mut counter) = seat(&daemon).await;
    let answered = RefCell::new(Answered::default());
    let done = |tables: &[Table]| {
        let sum = |count: fn(&Known) -> usize| tables.iter().map(|table| count(&table.known.borrow())).sum::<usize>();
        (sum(|known| known.orders.len()), sum(|known| known.pressed.len()))
    };
    // A slow machine gets less done before each kill, and more kills.
    let loaded = |tables: &[Table]| rounds < 50 || matches!(done(tables), (51.., 26..));
    let mut round = 0;
    while round < rounds || !loaded(&tables) && round < 4 * rounds {
        eprintln!("round {round}");
        daemon = kill_under_load(daemon, start, (&mut tables, &mut counter), &answered, &mut dice).await;
        join_all(tables.iter().map(Table::recover)).await;
        check_alerts(&daemon, &counter, &answered).await;
        round += 1;
    }
    let (orders, pressed) = done(&tables);
    daemon.stored_when("select count(*) from dining_order where pay_status = 1", pressed as i64).await;
    check_alerts(&daemon, &counter, &answered).await;
    eprintln!("{orders} orders, {pressed} payments, {} alerts answered", answered.borrow().acked.len());
    assert!(loaded(&tables), "the load was no load");
}
