//! Fees at random: whatever becomes of parties and orders, an order costs what it reckons to, and there is one cover a
//! head, as far as orders can carry it.

use super::*;
use crate::actor::Actor;
use crate::order::{AdjustmentKind, Order};
use crate::room::orders;

const FEES: Fees = Fees { service_percent: 10, cover: Fen(200), packing: Fen(100) };

#[derive(Debug, Clone)]
enum Step {
    Order {
        table: i64,
        dish: i64,
        packed: bool,
        heads: Option<i64>,
    },
    Heads(i64, i64),
    Merge(i64, i64),
    Cancel(usize),
    Pay(usize),
    Pack(usize, bool),
    /// Takes something of an order off: a dish, or so many percent.
    Free(usize),
    Discount(usize, i64),
    /// Takes the nth line of an order off again.
    Undo(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let table = || 1..4i64;
    let order = (table(), 1..=DISHES, any::<bool>(), proptest::option::of(1..6i64));
    let order = order.prop_map(|(table, dish, packed, heads)| Step::Order { table, dish, packed, heads });
    prop_oneof![
        4 => order,
        2 => (table(), 1..8i64).prop_map(|(table, heads)| Step::Heads(table, heads)),
        1 => (table(), table()).prop_map(|(from, into)| Step::Merge(from, into)),
        1 => any::<usize>().prop_map(Step::Cancel),
        1 => any::<usize>().prop_map(Step::Pay),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(order, packed)| Step::Pack(order, packed)),
        1 => any::<usize>().prop_map(Step::Free),
        1 => (any::<usize>(), 1..100i64).prop_map(|(order, percent)| Step::Discount(order, percent)),
        2 => (any::<usize>(), 0..4usize).prop_map(|(order, line)| Step::Undo(order, line)),
    ]
}

impl Room {
    fn all(&self) -> Vec<Order> {
        let mut statement = self.conn.prepare("select id from dining_order order by id").unwrap();
        let ids = statement.query_map([], |row| row.get(0)).unwrap();
        ids.map(|id| order::actions::load(&self.conn, id.unwrap()).unwrap()).collect()
    }

    fn charge(&mut self, step: &Step) -> std::result::Result<(), Refusal> {
        let all = self.all();
        let nth = |n: usize| all.get(n % all.len().max(1)).cloned().ok_or(Refusal::OrderNotFound);
        let by = Actor::Staff("tester".into());
        match *step {
            Step::Order { table, dish, packed, heads } => {
                let code = format!("code {table}");
                let (_, diner) = self.write(|tx| seating::actions::join(tx, &code, None))?;
                let add = Change::Add { cuisine: CuisineId(dish), quantity: 2, remark: String::new(), options: vec![] };
                let (op_id, terms) = (self.fresh(), Terms { fees: FEES, ..self.terms.clone() });
                self.write(|tx| {
                    let version = cart::actions::change(tx, diner, None, add, &terms.calendar)?.1.version;
                    let submission = Submission { version, remark: String::new(), diners_count: heads, packed, op_id };
                    orders::submit(tx, diner, &terms, &submission).map(drop)
                })
            }
            Step::Heads(table, heads) => {
                self.write(|tx| actions::set_heads(tx, TableId(table), heads, &FEES, "tester"))
            }
            Step::Merge(from, into) => {
                self.write(|tx| actions::merge(tx, TableId(from), TableId(into), &FEES, "tester"))
            }
            Step::Cancel(n) => {
                let order = nth(n)?;
                self.write(|tx| {
                    crate::room::orders::cancel_by_staff(tx, order.id, "tester", true, "")?;
                    crate::room::fees::reckon(tx, order.seating, &FEES, &by)
                })
            }
            Step::Pay(n) => {
                let order = nth(n)?;
                let target = Target::Order(order.id);
                let take = |tx: &mut Tx<'_>| {
                    payment::settle::take_at_counter(tx, target, Channel::Cash, order.amount, "tester").map(drop)
                };
                self.write(take)
            }
            Step::Pack(n, packed) => {
                let order = nth(n)?;
                self.write(|tx| orders::set_packed(tx, order.id, packed, &FEES, "tester"))
            }
            Step::Free(n) => {
                let order = nth(n)?;
                self.write(|tx| bill::actions::give_free(tx, order.id, 1, "x", "tester"))
            }
            Step::Discount(n, percent) => {
                let order = nth(n)?;
                let off = bill::actions::Off::Percent(percent);
                self.write(|tx| bill::actions::discount(tx, std::slice::from_ref(&order), off, "x", "tester"))
            }
            Step::Undo(n, line) => {
                let line = nth(n)?.adjustments.get(line).map(|line| line.id).ok_or(Refusal::AdjustmentNotFound)?;
                self.write(|tx| orders::undo(tx, line, &FEES, "tester"))
            }
        }
    }

    fn check_fees(&self) {
        for order in self.all() {
            let mut again = order.clone();
            again.reckon();
            assert_eq!(again, order, "an order costs what it reckons to");
            assert!(order.amount >= Fen::ZERO);
        }
        for table in (1..4).map(TableId) {
            let Ok(party) = seating::actions::load_open(&self.conn, table) else { continue };
            let company = order::actions::load_company(&self.conn, party).unwrap();
            let unpaid = bill::actions::list_payable(&self.conn, party).unwrap();
            let uncovered = company.uncovered();
            assert!(unpaid.is_empty() || uncovered <= 0, "every head that can be has its cover: {company:?}");
            for order in &unpaid {
                let has = |kind| order.adjustments.iter().any(|line| line.kind == kind);
                assert!(uncovered >= 0 || order.fee(AdjustmentKind::Cover).is_none(), "none has two: {company:?}");
                assert!(has(AdjustmentKind::Packing) || !order.packed, "{order:?}");
                assert!(order.packed || order.fee(AdjustmentKind::Packing).is_none(), "{order:?}");
                assert!(has(AdjustmentKind::Service) || !company.is_seated(), "{order:?}");
                assert!(company.is_seated() || order.fee(AdjustmentKind::Service).is_none(), "{order:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(128))]

    #[test]
    fn an_order_costs_what_it_reckons_to_and_a_head_pays_one_cover(steps in proptest::collection::vec(step(), 1..40)) {
        let mut room = Room::new();
        for step in steps {
            // Whatever is refused has no effect.
            let _ = room.charge(&step);
            room.check_fees();
        }
    }
}
