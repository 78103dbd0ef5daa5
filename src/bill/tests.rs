use super::*;
use crate::actor::Actor;
use crate::order::{AdjustmentKind, Item};
use crate::units::{CuisineId, DinerId};
use proptest::prelude::*;

fn order(id: i64, lines: &[(i64, i64)]) -> Order {
    let item = |(fen, quantity): &(i64, i64)| Item {
        cuisine: CuisineId(1),
        name: String::new(),
        kind: 1,
        unit_price: Fen(*fen),
        quantity: *quantity,
        options: vec![],
        remark: String::new(),
        diner: DinerId(1),
    };
    let mut order = Order::example(lines.iter().map(item).collect());
    order.id = OrderId(id);
    order
}

fn share(order: i64, position: i64, quantity: i64) -> Share {
    Share { order_id: OrderId(order), position, quantity }
}

fn wanted(label: &str, items: &[Share]) -> Wanted {
    Wanted { label: label.into(), items: items.to_vec() }
}

fn paid(slice: &Slice) -> Part {
    Part {
        id: PartId(1),
        bill: BillId(1),
        label: slice.label.clone(),
        items: slice.items.clone(),
        amount: slice.amount(),
        pays: slice.pays.clone(),
        state: PartState::Paid,
        paid_at: None,
    }
}

fn amounts(slices: &[Slice]) -> Vec<i64> {
    slices.iter().map(|slice| slice.amount().0).collect()
}

#[test]
fn a_bill_is_cut_whole_by_head_and_by_item() {
    let mut second = order(2, &[(1000, 2)]);
    second.adjust_for_test(AdjustmentKind::Discount, None, Fen(-1));
    let orders = [order(1, &[(3800, 1), (501, 2)]), second];
    assert_eq!(amounts(&cut(&orders, &[], &Cut::Whole).unwrap()), [6801]);
    assert_eq!(amounts(&cut(&orders, &[], &Cut::Heads(4)).unwrap()), [1701, 1700, 1700, 1700]);
    let by_item = Cut::Items(vec![wanted("王", &[share(1, 1, 1), share(2, 1, 1)]), wanted("", &[share(1, 2, 1)])]);
    let slices = cut(&orders, &[], &by_item).unwrap();
    let labels: Vec<&str> = slices.iter().map(|slice| slice.label.as_str()).collect();
    assert_eq!(labels, ["王", "第2份", "其余"]);
    assert_eq!(slices[2].items, [share(1, 2, 1), share(2, 1, 1)], "what nobody named is one more");
    assert_eq!(slices.iter().map(Slice::amount).sum::<Fen>(), Fen(6801));
    assert_eq!(slices[1].amount(), Fen(501));
}

#[test]
fn what_is_not_there_cannot_be_cut() {
    let orders = [order(1, &[(3800, 2)])];
    let first = paid(&cut(&orders, &[], &Cut::Items(vec![wanted("", &[share(1, 1, 1)])])).unwrap()[0]);
    for (paid, how) in [
        (vec![], Cut::Heads(0)),
        (vec![], Cut::Heads(51)),
        (vec![], Cut::Items(vec![wanted("", &[share(1, 1, 3)])])),
        (vec![], Cut::Items(vec![wanted("", &[share(1, 1, 0)])])),
        (vec![], Cut::Items(vec![wanted("", &[share(1, 2, 1)])])),
        (vec![], Cut::Items(vec![wanted("", &[share(2, 1, 1)])])),
        (vec![], Cut::Items(vec![wanted("", &[share(1, 1, 1)]), wanted("", &[share(1, 1, 2)])])),
        (vec![&first], Cut::Items(vec![wanted("", &[share(1, 1, 2)])])),
    ] {
        assert!(matches!(cut(&orders, &paid, &how), Err(Refusal::BadSplit(_))), "{how:?}");
    }
}

fn bill(orders: &[Order], parts: Vec<Part>) -> Bill {
    let orders = orders.iter().map(|order| order.id).collect();
    Bill {
        id: BillId(1),
        seating: SeatingId(1),
        state: BillState::Open,
        actor: Actor::Staff("admin".into()),
        orders,
        parts,
    }
}

#[test]
fn what_a_part_pays_of_each_order_is_that_order_s_and_no_other_s() {
    let orders = [order(1, &[(10_000, 1)]), order(2, &[(10_000, 1)]), order(3, &[(5_000, 1)])];
    let by_item = Cut::Items(vec![wanted("甲", &[share(1, 1, 1)]), wanted("乙", &[share(2, 1, 1)])]);
    let slices = cut(&orders, &[], &by_item).unwrap();
    assert_eq!(slices[0].pays, Pays::from([(OrderId(1), Fen(10_000))]));
    let first = paid(&slices[0]);
    // The order that it paid leaves the bill: its money pays for none of the others.
    let left = bill(&orders[1..], vec![first.clone()]);
    assert_eq!((left.worth(&first), left.paid(), left.is_touched()), (Fen::ZERO, Fen::ZERO, false));
    assert_eq!(amounts(&cut(&orders[1..], &[&first], &Cut::Whole).unwrap()), [15_000]);
    // By head everybody pays of every order, in proportion.
    let third = paid(&cut(&orders, &[], &Cut::Heads(3)).unwrap()[0]);
    assert_eq!(third.pays.values().map(|fen| fen.0).collect::<Vec<_>>(), [3334, 3333, 1667]);
    let all = bill(&orders, vec![third.clone()]);
    assert_eq!(
        (all.paid_of(OrderId(1)), all.paid_of(OrderId(3)), all.paid_of(OrderId(4))),
        (Fen(3334), Fen(1667), Fen::ZERO)
    );
    assert_eq!(bill(&orders[..2], vec![third]).paid(), Fen(6667));
}

#[test]
fn a_round_after_somebody_has_paid_is_cut_with_what_is_left() {
    let orders = [order(1, &[(1_000, 2)]), order(2, &[(500, 4)])];
    let half = paid(&cut(&orders[..1], &[], &Cut::Heads(2)).unwrap()[0]);
    assert_eq!(amounts(&cut(&orders, &[&half], &Cut::Whole).unwrap()), [3_000]);
    let by_item = Cut::Items(vec![wanted("", &[share(1, 1, 2), share(2, 1, 1)])]);
    let slices = cut(&orders, &[&half], &by_item).unwrap();
    assert_eq!(amounts(&slices), [1_500, 1_500], "what is half paid costs half");
    assert_eq!(slices[0].pays, Pays::from([(OrderId(1), Fen(1_000)), (OrderId(2), Fen(500))]));
    let labels: Vec<&str> = slices.iter().map(|slice| slice.label.as_str()).collect();
    assert_eq!((half.label.as_str(), labels), ("第1份", vec!["第2份", "其余"]), "parts are numbered on");
}

#[test]
fn a_part_that_is_to_be_paid_again_leaves_out_what_is_off_the_bill() {
    let orders = [order(1, &[(1_000, 1)]), order(2, &[(500, 1)])];
    let both = paid(&cut(&orders, &[], &Cut::Items(vec![wanted("王", &[share(1, 1, 1), share(2, 1, 1)])])).unwrap()[0]);
    let again = Slice::again(&both, &[OrderId(2)]).unwrap();
    assert_eq!((again.label.as_str(), again.amount(), again.items), ("王", Fen(500), vec![share(2, 1, 1)]));
    assert_eq!(Slice::again(&both, &[]), None);
}

#[derive(Debug, Clone)]
struct Case {
    orders: Vec<Order>,
    /// Piece by piece, the part that it is in.
    taken: Vec<usize>,
    heads: i64,
    paid: usize,
}

/// (price, quantity) of the lines, a discount's percent, a fee.
type Ordered = (Vec<(i64, i64)>, i64, i64);

fn case() -> impl Strategy<Value = Case> {
    let lines = prop::collection::vec((0..9000i64, 1..4i64), 1..5);
    let one = (lines, 0..60i64, 0..500i64);
    (prop::collection::vec(one, 1..4), prop::collection::vec(0..4usize, 60), 1..9i64, 0..4usize).prop_map(
        |(orders, taken, heads, paid)| {
            let order = |(id, (lines, off, fee)): (i64, Ordered)| {
                let mut order = order(id, &lines);
                order.adjust_for_test(AdjustmentKind::Discount, None, Fen(-order.reducible().percent(off).0));
                order.adjust_for_test(AdjustmentKind::Cover, None, Fen(fee));
                order
            };
            Case { orders: (1..).zip(orders).map(order).collect(), taken, heads, paid }
        },
    )
}

impl Case {
    /// Three parts and the rest, as the dice say.
    fn by_item(&self) -> Cut {
        let mut parts = vec![Vec::new(); 3];
        let pieces = self.orders.iter().flat_map(|order| {
            order.items.iter().zip(1..).map(|(item, position)| share(order.id.0, position, item.quantity))
        });
        for (piece, part) in pieces.zip(&self.taken) {
            if let Some(items) = parts.get_mut(*part) {
                items.push(piece);
            }
        }
        Cut::Items(parts.iter().map(|items| wanted("", items)).collect())
    }
}

fn pieces_of<'a>(slices: impl Iterator<Item = &'a Slice>) -> BTreeMap<(OrderId, i64), i64> {
    let mut pieces = BTreeMap::new();
    for share in slices.flat_map(|slice| &slice.items) {
        *pieces.entry((share.order_id, share.position)).or_default() += share.quantity;
    }
    pieces
}

proptest! {
    #[test]
    fn however_a_bill_is_cut_and_cut_again_no_fen_and_no_dish_is_lost_or_doubled(case in case()) {
        let total: Fen = case.orders.iter().map(|order| order.amount).sum();
        let all: BTreeMap<(OrderId, i64), i64> = case
            .orders
            .iter()
            .flat_map(|order| order.items.iter().zip(1..).map(|(item, at)| ((order.id, at), item.quantity)))
            .collect();
        for how in [Cut::Whole, Cut::Heads(case.heads), case.by_item()] {
            let slices = cut(&case.orders, &[], &how).unwrap();
            prop_assert_eq!(slices.iter().map(Slice::amount).sum::<Fen>(), total);
            prop_assert!(slices.iter().flat_map(|slice| slice.pays.values()).all(|amount| *amount >= Fen::ZERO));
            for order in &case.orders {
                let of_order = slices.iter().filter_map(|slice| slice.pays.get(&order.id)).copied().sum::<Fen>();
                prop_assert_eq!(of_order, order.amount, "each order is paid, and none too much");
            }
            if matches!(how, Cut::Items(_)) {
                prop_assert_eq!(&pieces_of(slices.iter()), &all);
            }
            // Some are paid; the rest is cut again in every way.
            let (kept, _) = slices.split_at(case.paid.min(slices.len() - 1));
            let parts: Vec<Part> = kept.iter().map(paid).collect();
            let there: Vec<&Part> = parts.iter().collect();
            let rest = total.minus(parts.iter().map(|part| part.amount).sum());
            for again in [Cut::Whole, Cut::Heads(case.heads), Cut::Items(vec![])] {
                let slices = cut(&case.orders, &there, &again).unwrap_or_default();
                if rest > Fen::ZERO {
                    prop_assert_eq!(slices.iter().map(Slice::amount).sum::<Fen>(), rest, "{:?}", again);
                }
                if matches!(again, Cut::Items(_)) && !slices.is_empty() {
                    prop_assert_eq!(&pieces_of(kept.iter().chain(&slices)), &all);
                }
            }
        }
    }
}
