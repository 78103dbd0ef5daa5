//! What a table waits for; and parties that move, order and pay at random, compared with a model of who has what.

mod fees;

use super::actions::{self, Clearing};
use super::*;
use crate::actor::Actor;
use crate::bill::{self, Cut};
use crate::cart::{self, Change, Target as Line};
use crate::error::{Error, Refusal, Result};
use crate::menu::{self, Cuisine};
use crate::order::{self, Fees, PayMode, actions::Submission, actions::Terms};
use crate::payment::{self, Channel, Target};
use crate::seating::{self, Diner};
use crate::store::{Tx, in_memory};
use crate::units::{Calendar, CuisineId, OrderId, TableId};
use proptest::prelude::*;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn a_table_s_state_is_what_it_waits_for() {
    let sitting = |orders, under_way, owed, asked: bool| Sitting {
        seating: SeatingId(1),
        opened_at: Timestamp(0),
        heads: None,
        bill_asked_at: asked.then_some(Timestamp(1)),
        orders,
        under_way,
        unconfirmed: 0,
        owed: Fen(owed),
        last_order_at: None,
    };
    assert_eq!(state(None), State::Free);
    for (orders, under_way, owed, asked, wanted) in [
        (0, 0, 0, false, State::Seated),
        (0, 0, 0, true, State::Seated),
        (2, 2, 7600, false, State::Ordered),
        (2, 1, 0, false, State::Ordered),
        (2, 1, 0, true, State::Ordered),
        (2, 1, 7600, true, State::ToPay),
        (2, 0, 1, false, State::ToPay),
        (2, 0, 0, false, State::ToClear),
        (2, 0, 0, true, State::ToClear),
    ] {
        assert_eq!(state(Some(&sitting(orders, under_way, owed, asked))), wanted, "{orders} {under_way} {owed}");
    }
}

const TABLES: i64 = 5;
const PRICES: [i64; 3] = [3800, 1200, 50];
const DISHES: i64 = PRICES.len() as i64;

type Dishes = BTreeMap<i64, i64>;

/// A party as the model knows it; `host` once it has become a part of another.
#[derive(Debug, Default)]
struct Party {
    table: Option<TableId>,
    host: Option<usize>,
    cart: Dishes,
    orders: BTreeSet<OrderId>,
    paid: i64,
}

/// A phone: the diner that its token says, and the party it sat down with.
#[derive(Debug)]
struct Phone {
    diner: Diner,
    party: usize,
    /// What it has sent, with the order that a submit made.
    sent: Vec<(String, Change)>,
    submitted: Vec<(String, OrderId)>,
    /// The cart as it last saw it.
    seen: (i64, Dishes),
}

struct Room {
    conn: Connection,
    clock: i64,
    parties: Vec<Party>,
    phones: Vec<Phone>,
    orders: BTreeMap<OrderId, i64>,
    cancelled: BTreeSet<OrderId>,
    payments: i64,
    received: i64,
    returned: i64,
    steps: i64,
    terms: Terms,
}

fn dishes(cart: &cart::Cart) -> Dishes {
    cart.items.iter().map(|line| (line.cuisine_id.0, line.quantity)).collect()
}

fn refusal<T>(done: Result<T>) -> std::result::Result<T, Refusal> {
    match done {
        Ok(done) => Ok(done),
        Err(Error::Refused(refusal)) => Err(refusal),
        Err(error) => panic!("{error:?}"),
    }
}

impl Room {
    fn new() -> Room {
        let conn = in_memory();
        let mut tx = Tx::new(&conn, Timestamp(0));
        let category = menu::actions::add_category(&mut tx, "菜", 1, 1).unwrap();
        for (id, price) in (1..).zip(PRICES) {
            let dish = Cuisine {
                cuisine_id: CuisineId(id),
                cuisine_name: format!("菜{id}"),
                cuisine_type: 1,
                cuisine_image: String::new(),
                unit_price: Fen(price),
                description: String::new(),
                sold_out: false,
                left: None,
                hours: String::new(),
                open: true,
                options: vec![],
            };
            menu::actions::add_cuisine(&mut tx, category, id, &dish).unwrap();
        }
        for table in 1..=TABLES {
            seating::actions::add_table(&mut tx, &format!("A{table:02}"), &format!("code {table}")).unwrap();
        }
        let terms = Terms {
            mode: PayMode::Later,
            pay_within_seconds: 900,
            calendar: Calendar::new(jiff::tz::TimeZone::UTC, 0),
            fees: Fees::default(),
        };
        Room {
            conn,
            clock: 1_795_000_000_000,
            parties: Vec::new(),
            phones: Vec::new(),
            orders: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            payments: 0,
            received: 0,
            returned: 0,
            steps: 0,
            terms,
        }
    }

    /// As the store does: what is refused has no effect.
    fn write<T>(&mut self, action: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> std::result::Result<T, Refusal> {
        self.clock += 1000;
        self.conn.execute_batch("savepoint one").unwrap();
        let done = refusal(action(&mut Tx::new(&self.conn, Timestamp(self.clock))));
        let end = if done.is_ok() { "release one" } else { "rollback to one; release one" };
        self.conn.execute_batch(end).unwrap();
        done
    }

    fn fresh(&mut self) -> String {
        self.steps += 1;
        format!("op {}", self.steps)
    }

    /// The party that this one is now.
    fn host(&self, mut party: usize) -> usize {
        while let Some(host) = self.parties[party].host {
            party = host;
        }
        party
    }

    fn at(&self, table: TableId) -> Option<usize> {
        self.parties.iter().position(|party| party.table == Some(table))
    }

    /// The party of a phone and whether it still sits somewhere.
    fn party_of(&self, phone: usize) -> (usize, bool) {
        let party = self.host(self.phones[phone].party);
        (party, self.parties[party].table.is_some())
    }

    fn scan(&mut self, table: TableId) {
        let code = format!("code {}", table.0);
        let (_, diner) = self.write(|tx| seating::actions::join(tx, &code, None)).unwrap();
        let party = self.at(table).unwrap_or_else(|| {
            self.parties.push(Party { table: Some(table), ..Party::default() });
            self.parties.len() - 1
        });
        let seen = self.cart(table);
        self.phones.push(Phone { diner, party, sent: vec![], submitted: vec![], seen });
    }

    fn cart(&self, table: TableId) -> (i64, Dishes) {
        let cart = cart::actions::read_cart(&self.conn, table).unwrap();
        (cart.version, dishes(&cart))
    }

    fn change(&mut self, phone: usize, change: Change) {
        let (party, open) = self.party_of(phone);
        let (op, diner) = (self.fresh(), self.phones[phone].diner);
        let (sent, asked) = (op.clone(), change.clone());
        let calendar = self.terms.calendar.clone();
        let done = self.write(|tx| cart::actions::change(tx, diner, Some(&op), asked, &calendar));
        let cart = &mut self.parties[party].cart;
        let after = match &change {
            Change::Add { cuisine, quantity, .. } => cart.get(&cuisine.0).unwrap_or(&0) + quantity,
            _ => 0,
        };
        match done {
            Ok((_, now)) => {
                assert!(open && after <= 99);
                match change {
                    Change::Add { cuisine, .. } => {
                        cart.insert(cuisine.0, after);
                    }
                    Change::Remove { target: Line::Cuisine(cuisine) } => assert!(cart.remove(&cuisine.0).is_some()),
                    other => panic!("{other:?}"),
                }
                let phone = &mut self.phones[phone];
                phone.seen = (now.version, dishes(&now));
                phone.sent.push((sent, change));
            }
            Err(Refusal::SeatingClosed) => assert!(!open),
            Err(Refusal::BadQuantity) => assert!(open && after > 99),
            Err(Refusal::LineNotFound) => assert!(open && matches!(change, Change::Remove { .. })),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// A phone that has heard no answer sends again what it sent before.
    fn resend(&mut self, phone: usize, which: usize) {
        let (_, open) = self.party_of(phone);
        let one = &self.phones[phone];
        let diner = one.diner;
        if let Some((op, change)) = one.sent.get(which % one.sent.len().max(1)).cloned() {
            let calendar = self.terms.calendar.clone();
            let done = self.write(|tx| cart::actions::change(tx, diner, Some(&op), change, &calendar));
            assert_eq!(done.is_ok(), open, "{done:?}");
        }
        let one = &self.phones[phone];
        if let Some((op, order)) = one.submitted.get(which % one.submitted.len().max(1)).cloned() {
            let again = self.submit_as(diner, 0, op);
            assert_eq!(again.ok(), open.then_some(order));
        }
    }

    fn submit_as(&mut self, diner: Diner, version: i64, op_id: String) -> std::result::Result<OrderId, Refusal> {
        let submission = Submission { version, remark: String::new(), diners_count: None, packed: false, op_id };
        let terms = self.terms.clone();
        self.write(|tx| order::actions::submit(tx, diner, &terms, &submission)).map(|order| order.id)
    }

    /// Orders the cart as the phone saw it, which may be long ago and elsewhere.
    fn submit(&mut self, phone: usize) {
        let (party, open) = self.party_of(phone);
        let (op, diner) = (self.fresh(), self.phones[phone].diner);
        let (version, seen) = self.phones[phone].seen.clone();
        match self.submit_as(diner, version, op.clone()) {
            Ok(order) => {
                assert!(open);
                let cart = std::mem::take(&mut self.parties[party].cart);
                assert_eq!(cart, seen, "what is ordered is what was seen");
                let amount = cart.iter().map(|(dish, quantity)| PRICES[*dish as usize - 1] * quantity).sum();
                self.orders.insert(order, amount);
                self.parties[party].orders.insert(order);
                self.phones[phone].submitted.push((op, order));
            }
            Err(Refusal::SeatingClosed) => assert!(!open),
            Err(Refusal::CartEmpty) => assert!(self.parties[party].cart.is_empty()),
            Err(Refusal::CartChanged) => {
                let table = self.parties[party].table.unwrap();
                assert_ne!(self.cart(table).0, version, "it has not changed");
            }
            Err(other) => panic!("{other:?}"),
        }
        if open {
            self.phones[phone].seen = self.cart(self.parties[party].table.unwrap());
        }
    }

    fn transfer(&mut self, from: TableId, to: TableId) {
        let done = self.write(|tx| actions::transfer(tx, from, to, "tester"));
        match (from == to, self.at(from), self.at(to)) {
            (false, Some(party), None) => {
                done.unwrap();
                self.parties[party].table = Some(to);
            }
            _ => assert!(done.is_err()),
        }
    }

    fn merge(&mut self, from: TableId, into: TableId) {
        let done = self.write(|tx| actions::merge(tx, from, into, &Fees::default(), "tester"));
        let (Some(part), Some(host)) = (self.at(from), self.at(into)) else { return assert!(done.is_err()) };
        let mut sum = self.parties[host].cart.clone();
        for (dish, quantity) in &self.parties[part].cart {
            *sum.entry(*dish).or_default() += quantity;
        }
        if from == into || sum.values().any(|quantity| *quantity > 99) {
            return assert!(done.is_err());
        }
        done.unwrap();
        let gone = std::mem::replace(&mut self.parties[part], Party { host: Some(host), ..Party::default() });
        let party = &mut self.parties[host];
        party.cart = sum;
        party.orders.extend(gone.orders);
        party.paid += gone.paid;
    }

    fn clear(&mut self, table: TableId, reason: &str) {
        let party = self.at(table);
        let owed = party.map_or(0, |party| self.owed(party));
        let clearing = Clearing { by: "tester".into(), at_till: true, reason: reason.into() };
        let ended = match self.write(|tx| actions::clear(tx, table, &clearing)) {
            Ok(ended) => ended,
            Err(Refusal::TableOwes(..)) => return assert!(owed > 0 && reason.is_empty()),
            Err(other) => panic!("{other:?}"),
        };
        assert!(ended.is_some() == party.is_some() && (owed == 0 || !reason.is_empty()));
        let (Some(party), Some(seating)) = (party, ended) else { return };
        self.parties[party].table = None;
        if owed > 0 {
            self.collect(party, seating);
        }
    }

    /// Somebody of a party that has left comes back and pays: the parts of a bill that others have paid a part of, or
    /// else order by order.
    fn collect(&mut self, party: usize, seating: SeatingId) {
        let bill = bill::actions::find_open(&self.conn, seating).unwrap();
        let mut wanted: Vec<(Target, i64)> = Vec::new();
        if let Some(bill) = &bill {
            wanted.extend(bill.open_parts().map(|part| (Target::Part(part.id), part.amount.0)));
        }
        let billed = |order: &OrderId| bill.as_ref().is_some_and(|bill| bill.orders.contains(order));
        for id in self.parties[party].orders.iter().filter(|order| !billed(order)) {
            if order::actions::load(&self.conn, *id).unwrap().check_unpaid().is_ok() {
                wanted.push((Target::Order(*id), self.orders[id]));
            }
        }
        assert_eq!(wanted.iter().map(|(_, amount)| amount).sum::<i64>(), self.owed(party), "what can be collected");
        assert!(
            bill.is_none_or(|bill| bill.is_touched()),
            "a bill that nobody has paid a part of ends with the seating"
        );
        for (target, amount) in wanted {
            self.take(party, target, Fen(amount)).unwrap();
        }
    }

    fn take(&mut self, party: usize, target: Target, amount: Fen) -> std::result::Result<(), Refusal> {
        self.write(|tx| payment::settle::take_at_counter(tx, target, Channel::Cash, amount, "tester"))?;
        self.payments += 1;
        self.received += amount.0;
        self.parties[party].paid += amount.0;
        Ok(())
    }

    fn owed(&self, party: usize) -> i64 {
        let party = &self.parties[party];
        party.orders.iter().map(|order| self.orders[order]).sum::<i64>() - party.paid
    }

    fn seating(&self, party: usize) -> SeatingId {
        seating::actions::load_open(&self.conn, self.parties[party].table.unwrap()).unwrap()
    }

    fn split(&mut self, table: TableId, heads: i64) {
        let Some(party) = self.at(table) else { return };
        let seating = self.seating(party);
        let cut = if heads == 0 { Cut::Whole } else { Cut::Heads(heads + 1) };
        let _ = self.write(|tx| bill::actions::split(tx, seating, &cut, &Actor::Staff("tester".into())));
    }

    /// One part of the bill, or where there is none one order.
    fn pay(&mut self, table: TableId, which: usize) {
        let Some(party) = self.at(table) else { return };
        let seating = self.seating(party);
        let parts = bill::actions::find_open(&self.conn, seating).unwrap();
        let parts: Vec<_> =
            parts.iter().flat_map(|bill| bill.open_parts()).map(|part| (part.id, part.amount)).collect();
        let (target, amount) = match parts.get(which % parts.len().max(1)) {
            Some((part, amount)) => (Target::Part(*part), *amount),
            None => {
                let orders: Vec<&OrderId> = self.parties[party].orders.iter().collect();
                let Some(order) = orders.get(which % orders.len().max(1)) else { return };
                (Target::Order(**order), Fen(self.orders[order]))
            }
        };
        let _ = self.take(party, target, amount);
    }

    /// What a part of an open bill brought goes back, but for what has gone back with a cancelled order.
    fn give_back(&mut self, table: TableId, which: usize) {
        let Some(party) = self.at(table) else { return };
        let Some(bill) = bill::actions::find_open(&self.conn, self.seating(party)).unwrap() else { return };
        let paid: Vec<_> = bill.paid_parts().filter(|part| bill.worth(part) > Fen::ZERO).collect();
        let Some(part) = paid.get(which % paid.len().max(1)).copied() else { return };
        let (op, before) = (self.fresh(), self.booked());
        for _ in 0..2 {
            self.write(|tx| payment::refund::send_bill_part(tx, part.id, "", &op, "tester")).unwrap();
        }
        let back = before - self.booked();
        assert_eq!(back, bill.worth(part).0);
        self.returned += back;
        self.parties[party].paid -= back;
    }

    /// Staff cancel an order, paid or not: what was paid of it goes back, and nothing of what was paid of others.
    fn cancel(&mut self, table: TableId, which: usize) {
        let Some(party) = self.at(table) else { return };
        let orders: Vec<OrderId> = self.parties[party].orders.iter().copied().collect();
        let Some(order) = orders.get(which % orders.len().max(1)).copied() else { return };
        let before = self.booked();
        self.write(|tx| orders::cancel_by_staff(tx, order, "tester", true, "")).unwrap();
        let back = before - self.booked();
        assert!((0..=self.orders[&order]).contains(&back), "{back} of {}", self.orders[&order]);
        self.returned += back;
        self.parties[party].paid -= back;
        self.parties[party].orders.remove(&order);
        self.cancelled.insert(order);
    }

    fn booked(&self) -> i64 {
        let booked = "select coalesce(sum(amount_fen), 0) from ledger_entry";
        self.conn.query_row(booked, [], |row| row.get(0)).unwrap()
    }

    fn check(&self) {
        for phone in &self.phones {
            let party = self.host(phone.party);
            let now = refusal(seating::actions::locate(&self.conn, phone.diner));
            assert_eq!(
                now.map(|diner| diner.table).ok(),
                self.parties[party].table,
                "a token is worth its party's seat"
            );
            let Some(table) = self.parties[party].table else { continue };
            let (version, cart) = self.cart(table);
            assert!(version >= phone.seen.0, "versions go on");
            assert!(version > phone.seen.0 || cart == phone.seen.1, "one version, one cart");
        }
        for table in (1..=TABLES).map(TableId) {
            let party = self.at(table);
            let cart = party.map(|party| self.parties[party].cart.clone()).unwrap_or_default();
            assert_eq!(self.cart(table).1, cart, "{table}");
            let Some(party) = party else { continue };
            let seating = self.seating(party);
            let mut orders = order::actions::list_of_seating(&self.conn, seating).unwrap();
            orders.retain(|order| !self.cancelled.contains(&order.id));
            assert!(orders.iter().all(|order| order.table == table && order.amount.0 == self.orders[&order.id]));
            let ids: BTreeSet<OrderId> = orders.iter().map(|order| order.id).collect();
            assert_eq!((ids.len(), &ids), (orders.len(), &self.parties[party].orders));
            assert_eq!(bill::actions::owed(&self.conn, seating).unwrap().0, self.owed(party), "{table}");
        }
        let count = |sql| self.conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("select count(*) from dining_order"), self.orders.len() as i64);
        assert_eq!(count("select count(*) from payment where state = 'paid'"), self.payments);
        assert_eq!(count("select coalesce(sum(amount_fen), 0) from payment where state = 'paid'"), self.received);
        assert_eq!(self.booked(), self.received - self.returned);
    }

    /// Where this phone sits, or any table for one that sits nowhere any more.
    fn table_of(&self, phone: usize) -> TableId {
        let (party, _) = self.party_of(phone);
        self.parties[party].table.unwrap_or(TableId(phone as i64 % TABLES + 1))
    }

    fn step(&mut self, kind: u8, a: u8, b: u8) {
        let (phone, other) = (usize::from(a) % self.phones.len(), usize::from(b) % self.phones.len());
        let (here, there) = (self.table_of(phone), self.table_of(other));
        let any = TableId(i64::from(b) % TABLES + 1);
        let dish = CuisineId(i64::from(b) % DISHES + 1);
        let quantity = i64::from(b) % 40 + 1;
        let add = Change::Add { cuisine: dish, quantity, remark: String::new(), options: vec![] };
        match kind {
            0..3 => self.scan(any),
            3..6 => self.change(phone, add),
            6 => self.change(phone, Change::Remove { target: Line::Cuisine(dish) }),
            7..9 => self.submit(phone),
            9..13 => {
                self.change(phone, add);
                self.submit(phone);
            }
            13..15 => self.resend(phone, b.into()),
            15..17 => self.transfer(here, any),
            17..19 => self.merge(here, there),
            19 => self.clear(here, if b.is_multiple_of(2) { "" } else { "客人已离店" }),
            20..23 => self.split(here, i64::from(b) % 4),
            23 => self.give_back(here, b.into()),
            24 => self.cancel(here, b.into()),
            _ => self.pay(here, b.into()),
        }
        self.check();
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(128))]

    #[test]
    fn no_line_order_or_payment_is_lost_or_doubled_however_parties_move(
        steps in proptest::collection::vec((0..29u8, any::<u8>(), any::<u8>()), 1..80),
    ) {
        let mut room = Room::new();
        (1..TABLES).for_each(|table| room.scan(TableId(table)));
        for (kind, a, b) in steps {
            room.step(kind, a, b);
        }
    }
}
