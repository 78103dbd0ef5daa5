//! The load: phones at tables, one operation under way per table, every delivery checked.

use crate::server::{Model, PHONES, Server};
use crate::wire::{Connection, PATIENCE, Totals, is_error, is_update, totals};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Frames in, frames out.
    Ws,
    /// The same, and every frame carries an `opId`.
    WsOpId,
    /// HTTP requests in, server-sent events out.
    Http,
}

#[derive(Clone, Copy)]
pub enum Pace {
    /// The table's next operation follows the acknowledgement of the last one.
    Closed,
    /// So many operations a second on schedule, round the tables.
    Rate(u32),
}

#[derive(Clone, Copy)]
pub struct Load {
    pub via: Via,
    pub tables: usize,
    pub pace: Pace,
    pub time: Duration,
}

/// What one run of a load came to. Latencies count from when an operation was due.
#[derive(Default)]
pub struct Outcome {
    pub ops: usize,
    pub seconds: f64,
    pub cpu_seconds: f64,
    pub to_success: Vec<Duration>,
    pub to_last_phone: Vec<Duration>,
    pub frames: usize,
    pub bytes: usize,
    /// Carts that were lost, missed, stale or wrong, and operations refused.
    pub faults: usize,
}

/// One operation on its way to the phones.
struct Delivery {
    totals: Totals,
    due: Instant,
    phones_left: usize,
}

struct Table {
    /// Where the next operation goes out, by turns.
    senders: Vec<usize>,
    turn: usize,
    in_flight: Option<(Totals, Instant)>,
    deliveries: VecDeque<Delivery>,
    /// Scheduled, but the last one is still under way.
    waiting: VecDeque<Instant>,
}

struct Phone {
    connection: Connection,
    table: usize,
    /// Listens to the table; an HTTP sender does not.
    listens: bool,
    seen: i64,
}

pub struct Hall<'s> {
    server: &'s mut Server,
    load: Load,
    epoll: std::os::fd::OwnedFd,
    phones: Vec<Phone>,
    tables: Vec<Table>,
    outcome: Outcome,
}

/// Runs a load on a server.
pub fn run(server: &mut Server, load: Load) -> Outcome {
    let mut hall = Hall::open(server, load);
    let cpu = hall.server.cpu();
    let begun = Instant::now();
    match load.pace {
        Pace::Closed => hall.keep_busy(begun + load.time),
        Pace::Rate(rate) => hall.keep_pace(begun, rate),
    }
    hall.outcome.seconds = begun.elapsed().as_secs_f64();
    hall.settle();
    hall.outcome.cpu_seconds = (hall.server.cpu() - cpu).as_secs_f64();
    hall.outcome
}

impl Hall<'_> {
    fn open(server: &mut Server, load: Load) -> Hall<'_> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).expect("epoll");
        let mut hall =
            Hall { server, load, epoll, phones: Vec::new(), tables: Vec::new(), outcome: Outcome::default() };
        for table in 0..load.tables {
            let listeners: Vec<usize> = (0..PHONES).map(|phone| hall.listener(table, phone)).collect();
            let senders = match load.via {
                Via::Ws | Via::WsOpId => listeners,
                Via::Http => vec![hall.join(Connection::http(&hall.server.address), table, false)],
            };
            let (deliveries, waiting) = (VecDeque::new(), VecDeque::new());
            hall.tables.push(Table { senders, turn: 0, in_flight: None, deliveries, waiting });
        }
        hall
    }

    /// Connects a phone and checks the cart it is greeted with.
    fn listener(&mut self, table: usize, phone: usize) -> usize {
        let mut connection = match self.load.via {
            Via::Ws | Via::WsOpId => self.server.phone(table, phone),
            Via::Http => self.server.stream(table, phone),
        };
        let model = &self.server.models[table];
        if connection.next_cart() != totals_of(model) {
            self.outcome.faults += 1;
        }
        self.join(connection, table, true)
    }

    fn join(&mut self, connection: Connection, table: usize, listens: bool) -> usize {
        connection.socket.set_nonblocking(true).expect("non-blocking");
        let key = epoll::EventData::new_u64(self.phones.len() as u64);
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&self.epoll, &connection.socket, key, flags).expect("epoll takes the socket");
        self.phones.push(Phone { connection, table, listens, seen: self.server.models[table].version });
        self.phones.len() - 1
    }

    /// Sends a table's next operation.
    fn send(&mut self, table: usize, due: Instant) {
        let model = &mut self.server.models[table];
        let op = model.advance();
        let totals = totals_of(model);
        let turn = self.tables[table].turn;
        let request = match self.load.via {
            Via::Ws => op.as_ws(None, None),
            Via::WsOpId => op.as_ws(None, Some(&format!("0b9ac3f4-{table:04}-{:020}", totals.version))),
            Via::Http => op.as_http(table + 1, self.server.token(table, 0)),
        };
        let state = &mut self.tables[table];
        state.turn += 1;
        state.in_flight = Some((totals, due));
        state.deliveries.push_back(Delivery { totals, due, phones_left: PHONES });
        self.phones[state.senders[turn % state.senders.len()]].connection.send(&request);
    }

    fn keep_busy(&mut self, until: Instant) {
        (0..self.tables.len()).for_each(|table| self.send(table, Instant::now()));
        while Instant::now() < until {
            for table in self.receive(Duration::from_millis(20)) {
                self.send(table, Instant::now());
            }
        }
    }

    fn keep_pace(&mut self, begun: Instant, rate: u32) {
        let gap = Duration::from_secs(1) / rate;
        let count = (self.load.time.as_secs_f64() * f64::from(rate)) as u32;
        for index in 0..count {
            let due = begun + gap * index;
            loop {
                let left = due.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                self.receive_and_resume(left);
            }
            let table = index as usize % self.tables.len();
            match self.tables[table].in_flight {
                None => self.send(table, due),
                Some(_) => self.tables[table].waiting.push_back(due),
            }
        }
        while self.tables.iter().any(|table| !table.waiting.is_empty()) {
            self.receive_and_resume(Duration::from_millis(20));
        }
    }

    fn receive_and_resume(&mut self, patience: Duration) {
        for table in self.receive(patience) {
            if let Some(due) = self.tables[table].waiting.pop_front() {
                self.send(table, due);
            }
        }
    }

    /// Waits until everything sent is acknowledged and delivered; what does not come is a fault.
    fn settle(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let open = |table: &Table| table.in_flight.is_some() as usize + table.deliveries.len();
        while self.tables.iter().any(|table| open(table) > 0) && Instant::now() < deadline {
            self.receive(Duration::from_millis(20));
        }
        self.outcome.faults += self.tables.iter().map(open).sum::<usize>();
    }

    /// Reads what has come; answers the tables whose operation was acknowledged.
    fn receive(&mut self, patience: Duration) -> Vec<usize> {
        let timeout = Timespec { tv_sec: 0, tv_nsec: patience.as_nanos().min(900_000_000) as i64 };
        let mut events: Vec<epoll::Event> = Vec::with_capacity(256);
        epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout)).expect("epoll_wait");
        let mut free = Vec::new();
        let mut buffer = [0; 32 * 1024];
        for event in &events {
            let phone = &mut self.phones[event.data.u64() as usize];
            let table = phone.table;
            let (tables, outcome) = (&mut self.tables[table], &mut self.outcome);
            let now = Instant::now();
            let (seen, listens) = (&mut phone.seen, phone.listens);
            let bytes = phone.connection.read(&mut buffer, |payload| match totals(payload) {
                Some(totals) if listens && is_update(payload) => tables.delivered(seen, totals, now, outcome),
                Some(totals) => {
                    tables.acknowledged(totals, now, outcome);
                    free.push(table);
                }
                None if is_error(payload) => {
                    eprintln!("{}", String::from_utf8_lossy(payload));
                    outcome.faults += 1;
                }
                None => {}
            });
            outcome.bytes += bytes;
        }
        free
    }
}

impl Table {
    fn acknowledged(&mut self, totals: Totals, now: Instant, outcome: &mut Outcome) {
        match self.in_flight.take() {
            Some((wanted, due)) if wanted == totals => {
                outcome.ops += 1;
                outcome.to_success.push(now - due);
            }
            _ => outcome.faults += 1,
        }
    }

    /// A phone that skips to the latest cart has got all up to it.
    fn delivered(&mut self, seen: &mut i64, totals: Totals, now: Instant, outcome: &mut Outcome) {
        outcome.frames += 1;
        let known = self.deliveries.iter().find(|delivery| delivery.totals.version == totals.version);
        if totals.version <= *seen || known.is_none_or(|delivery| delivery.totals != totals) {
            outcome.faults += 1;
        }
        for delivery in &mut self.deliveries {
            if delivery.totals.version > *seen && delivery.totals.version <= totals.version {
                delivery.phones_left -= 1;
            }
        }
        *seen = totals.version.max(*seen);
        while self.deliveries.front().is_some_and(|delivery| delivery.phones_left == 0) {
            outcome.to_last_phone.extend(self.deliveries.pop_front().map(|delivery| now - delivery.due));
        }
    }
}

pub fn totals_of(model: &Model) -> Totals {
    Totals { version: model.version, quantity: model.total() }
}
