//! What an order costs beside its items, and what each of its pieces costs. Pure.

use super::{Item, Order, Pay};
use crate::units::{AdjustmentId, Fen};
use std::collections::BTreeSet;

/// A line of an order's price beside its items: reductions are negative, fees positive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// 0 while it is on no order.
    pub id: AdjustmentId,
    pub kind: AdjustmentKind,
    /// The item that is free, counted from 1.
    pub position: Option<i64>,
    /// Of what the dishes cost then: a discount, or the service fee. `None`: a fixed sum.
    pub percent: Option<i64>,
    /// What an order's share of a whole table's percentage is more than its own: a fen at most.
    pub odd: Fen,
    /// Whose cover it is.
    pub heads: i64,
    /// A fee that is not asked for. It stays on the order, so that nothing asks for it again.
    pub waived: bool,
    /// What it comes to, with what else the order has now.
    pub amount: Fen,
    pub reason: String,
}

impl Adjustment {
    pub fn new(kind: AdjustmentKind, amount: Fen) -> Adjustment {
        Adjustment {
            id: AdjustmentId(0),
            kind,
            position: None,
            percent: None,
            odd: Fen::ZERO,
            heads: 0,
            waived: false,
            amount,
            reason: String::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdjustmentKind {
    /// 优惠
    Discount,
    /// 免单 of one item.
    Free,
    /// 服务费
    Service,
    /// 茶位费
    Cover,
    /// 打包费
    Packing,
}

names!(AdjustmentKind {
    Discount = "discount",
    Free = "free",
    Service = "service",
    Cover = "cover",
    Packing = "packing",
});

impl AdjustmentKind {
    pub fn is_reduction(self) -> bool {
        matches!(self, AdjustmentKind::Discount | AdjustmentKind::Free)
    }
}

/// The fees as the owner set them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fees {
    /// Of what the items cost.
    pub service_percent: i64,
    /// For each head, once a party.
    pub cover: Fen,
    /// For each piece of an order that is packed.
    pub packing: Fen,
}

impl Fees {
    /// What comes on top of these items: packing of what is packed, and service and cover of a party that sits here.
    /// `heads`: of whom the cover is due with this order.
    pub fn of(&self, items: &[Item], packed: bool, seated: bool, heads: i64) -> Vec<Adjustment> {
        let pieces = items.iter().map(|item| item.quantity).sum();
        let service = Adjustment {
            percent: Some(self.service_percent),
            ..Adjustment::new(AdjustmentKind::Service, sum(items).percent(self.service_percent))
        };
        let packing = Adjustment::new(AdjustmentKind::Packing, self.packing.times(pieces));
        let cover = Adjustment { heads, ..Adjustment::new(AdjustmentKind::Cover, self.cover.times(heads)) };
        let fees = [(packed, packing), (seated, service), (true, cover)];
        fees.into_iter().filter(|(due, fee)| *due && fee.amount > Fen::ZERO).map(|(_, fee)| fee).collect()
    }
}

/// A party as its fees see it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Company {
    /// Heads as the counter has counted them.
    pub counted: Option<i64>,
    /// As the phones of parties said that are a part of this one.
    pub joined: Option<i64>,
    /// As its phones said with the orders that stand, the most of them; and with those that were cancelled.
    pub said: Option<i64>,
    pub said_once: Option<i64>,
    /// Whether it has an order that stands and is not packed.
    pub eats_here: bool,
    /// Heads whose cover is on an order that stands.
    pub covered: i64,
    /// Heads whose cover is not asked for.
    pub waived: i64,
}

impl Company {
    pub fn heads_said(&self) -> Option<i64> {
        self.joined.max(self.said.or(self.said_once))
    }

    pub fn heads(&self) -> Option<i64> {
        self.counted.or(self.heads_said())
    }

    /// Heads of both, once the other party is a part of this one: as the counter has counted, for whoever it has not as
    /// the phones say; and where it has counted neither, as the phones say.
    pub fn heads_with(&self, other: &Company) -> (Option<i64>, Option<i64>) {
        let sum =
            |one: Option<i64>, other: Option<i64>| Some(one.unwrap_or(0) + other.unwrap_or(0)).filter(|sum| *sum > 0);
        match (self.counted, other.counted) {
            (None, None) => (None, sum(self.heads_said(), other.heads_said())),
            _ => (sum(self.heads(), other.heads()), None),
        }
    }

    /// Whether service and cover are due at all: only who packs everything, and was given no seat, pays neither.
    pub fn is_seated(&self) -> bool {
        self.counted.is_some() || self.eats_here
    }

    /// The party with one more order.
    pub fn with(self, packed: bool, heads: Option<i64>) -> Company {
        Company { said: self.said.max(heads), eats_here: self.eats_here || !packed, ..self }
    }

    /// Heads whose cover is still to be put on an order, or, below zero, taken off one: one cover a head, once, whatever
    /// orders come and go, and none that was waived.
    pub fn uncovered(&self) -> i64 {
        let heads = if self.is_seated() { self.heads().unwrap_or(0) } else { 0 };
        (heads - self.waived).max(0) - self.covered
    }
}

fn sum(items: &[Item]) -> Fen {
    items.iter().map(Item::subtotal).sum()
}

impl Item {
    pub fn subtotal(&self) -> Fen {
        self.unit_price.times(self.quantity)
    }
}

/// An order's dishes as one reduction after the other finds them.
struct Dishes<'a> {
    items: &'a [Item],
    /// Positions, counted from 1.
    free: BTreeSet<i64>,
    /// What they cost, less the reductions so far.
    cost: Fen,
}

impl Dishes<'_> {
    /// What of the cost each item has, in proportion.
    fn shares(&self) -> Vec<Fen> {
        let weight = |(at, item): (i64, &Item)| if self.free.contains(&at) { Fen::ZERO } else { item.subtotal() };
        let weights: Vec<Fen> = (1..).zip(self.items).map(weight).collect();
        self.cost.spread(&weights)
    }

    fn share(&self, position: i64) -> Fen {
        let shares = self.shares();
        usize::try_from(position - 1).ok().and_then(|index| shares.get(index).copied()).unwrap_or(Fen::ZERO)
    }

    /// Takes a reduction off; answers what it comes to.
    fn take(&mut self, reduction: &Adjustment) -> Fen {
        let wanted = match (reduction.position, reduction.percent) {
            (Some(position), _) if self.free.contains(&position) => Fen::ZERO,
            (Some(position), _) => self.share(position),
            (None, Some(percent)) => self.cost.percent(percent).plus(reduction.odd).max(Fen::ZERO),
            (None, None) => Fen::ZERO.minus(reduction.amount),
        };
        let off = wanted.min(self.cost);
        self.free.extend(reduction.position);
        self.cost = self.cost.minus(off);
        off
    }

    /// What those cost that are not free, whatever is taken off them.
    fn served(&self) -> Fen {
        (1..).zip(self.items).filter(|(at, _)| !self.free.contains(at)).map(|(_, item)| item.subtotal()).sum()
    }
}

impl Order {
    /// Brings every reduction and fee, and with them what the order costs, to what they come to with one another: each
    /// reduction of what those before it have left, the service fee of all dishes that are not free. It depends on the
    /// items and on what was agreed only: what is undone leaves nothing behind.
    pub fn reckon(&mut self) {
        let mut dishes = Dishes { items: &self.items, free: BTreeSet::new(), cost: sum(&self.items) };
        for one in self.adjustments.iter_mut().filter(|one| one.kind.is_reduction()) {
            one.amount = Fen::ZERO.minus(dishes.take(one));
        }
        for fee in self.adjustments.iter_mut().filter(|one| !one.kind.is_reduction()) {
            fee.amount = match (fee.waived, fee.kind, fee.percent) {
                (true, ..) => Fen::ZERO,
                (false, AdjustmentKind::Service, Some(percent)) => dishes.served().percent(percent),
                (false, ..) => fee.amount,
            };
        }
        self.amount = sum(&self.items).plus(self.adjustments.iter().map(|one| one.amount).sum());
    }

    /// Whether it counts as paid only because nothing is to be paid for it.
    pub fn is_given(&self) -> bool {
        self.state.pay == Pay::Paid && self.amount == Fen::ZERO && self.pay_method.is_none()
    }

    /// The line of a fee that is asked for.
    pub fn fee(&self, kind: AdjustmentKind) -> Option<&Adjustment> {
        self.adjustments.iter().find(|one| one.kind == kind && !one.waived)
    }

    /// The item at a position, which counts from 1.
    pub fn item(&self, position: i64) -> Option<&Item> {
        usize::try_from(position - 1).ok().and_then(|index| self.items.get(index))
    }

    pub fn is_free(&self, position: i64) -> bool {
        self.adjustments.iter().any(|one| one.kind == AdjustmentKind::Free && one.position == Some(position))
    }

    /// What a reduction can be taken of: the items with what was taken off them before, without the fees.
    pub fn reducible(&self) -> Fen {
        let reductions = self.adjustments.iter().map(|one| one.amount).filter(|amount| *amount < Fen::ZERO);
        sum(&self.items).plus(reductions.sum())
    }

    /// What the item at a position still costs: its share of what the items are reduced to.
    pub fn share(&self, position: i64) -> Fen {
        Dishes { items: &self.items, free: self.free(), cost: self.reducible() }.share(position)
    }

    fn free(&self) -> BTreeSet<i64> {
        (1..).take(self.items.len()).filter(|position| self.is_free(*position)).collect()
    }

    /// What each piece costs with its share of all reductions and fees, as (position, price): together exactly the
    /// order's amount.
    pub fn pieces(&self) -> Vec<(i64, Fen)> {
        let free = self.free();
        let each = |(position, item): (i64, &Item)| {
            let price = if free.contains(&position) { Fen::ZERO } else { item.unit_price };
            std::iter::repeat_n((position, price), item.quantity.max(0) as usize)
        };
        let (positions, prices): (Vec<i64>, Vec<Fen>) = (1..).zip(&self.items).flat_map(each).unzip();
        positions.into_iter().zip(self.amount.spread(&prices)).collect()
    }
}

#[cfg(test)]
impl Order {
    /// An unpaid order of these items, as the tests of the rules need one.
    pub fn example(items: Vec<Item>) -> Order {
        use super::{State, Status};
        use crate::units::{OrderId, SeatingId, TableId, Timestamp};
        Order {
            id: OrderId(1),
            number: String::new(),
            table: TableId(1),
            table_number: String::new(),
            seating: SeatingId(1),
            state: State { status: Status::ToBeConfirmed, pay: Pay::Unpaid },
            pay_method: None,
            amount: sum(&items),
            packed: false,
            remark: String::new(),
            diners_count: None,
            cancel_reason: String::new(),
            created_at: Timestamp(0),
            pay_before: None,
            paid_at: None,
            ended_at: None,
            urged_at: None,
            items,
            adjustments: vec![],
        }
    }

    pub fn adjust_for_test(&mut self, kind: AdjustmentKind, position: Option<i64>, amount: Fen) {
        let id = AdjustmentId(self.adjustments.len() as i64 + 1);
        self.adjustments.push(Adjustment { id, position, ..Adjustment::new(kind, amount) });
        self.amount = self.amount.plus(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{CuisineId, DinerId};
    use proptest::prelude::*;

    fn item(fen: i64, quantity: i64) -> Item {
        Item {
            cuisine: CuisineId(1),
            name: String::new(),
            kind: 1,
            unit_price: Fen(fen),
            quantity,
            options: vec![],
            remark: String::new(),
            diner: DinerId(1),
        }
    }

    #[test]
    fn fees_follow_the_owner_s_rules() {
        use AdjustmentKind::{Cover, Packing, Service};
        let fees = Fees { service_percent: 10, cover: Fen(200), packing: Fen(100) };
        let items = [item(3805, 1), item(1000, 2)];
        for (packed, seated, heads, wanted) in [
            (false, true, 3, vec![(Service, Fen(581)), (Cover, Fen(600))]),
            (false, true, 0, vec![(Service, Fen(581))]),
            (true, false, 0, vec![(Packing, Fen(300))]),
            (true, true, 3, vec![(Packing, Fen(300)), (Service, Fen(581)), (Cover, Fen(600))]),
        ] {
            let fees = fees.of(&items, packed, seated, heads);
            assert!(fees.iter().all(|fee| fee.kind != Cover || fee.heads == heads));
            let fees: Vec<_> = fees.iter().map(|fee| (fee.kind, fee.amount)).collect();
            assert_eq!(fees, wanted, "{packed} {heads:?}");
        }
        assert_eq!(Fees::default().of(&items, true, true, 3), [], "none by default");
    }

    #[test]
    fn one_cover_a_head_a_party() {
        let four = Company { counted: Some(4), ..Company::default() };
        let eating = Company { eats_here: true, ..Company::default() };
        let said = |heads| Company { said: Some(heads), ..eating };
        for (why, company, wanted) in [
            ("nobody knows how many", eating, 0),
            ("as its phones say", said(3), 3),
            ("the counter has the last word", Company { counted: Some(2), ..said(3) }, 2),
            ("the counter has given seats, whatever is packed", four, 4),
            ("who packs everything and has no seat", Company { said: Some(3), ..Company::default() }, 0),
            ("and was charged before", Company { said: Some(3), covered: 3, ..Company::default() }, -3),
            ("charged", Company { covered: 4, ..four }, 0),
            ("one more has come", Company { counted: Some(5), covered: 4, ..four }, 1),
            ("one has left", Company { counted: Some(3), covered: 4, ..four }, -1),
            ("waived", Company { waived: 4, ..four }, 0),
            ("waived, and one more has come", Company { counted: Some(5), waived: 4, ..four }, 1),
            ("waived, and two have left", Company { counted: Some(2), waived: 4, ..four }, 0),
            ("merged, nobody has counted either", Company { joined: Some(5), ..said(3) }, 5),
            ("the order that said it was cancelled", Company { said_once: Some(3), ..eating }, 3),
            ("and another says otherwise", Company { said_once: Some(3), ..said(2) }, 2),
            ("with one more order", said(2).with(true, Some(4)), 4),
            ("which is the first", Company::default().with(false, Some(2)), 2),
        ] {
            assert_eq!(company.uncovered(), wanted, "{why}");
        }
    }

    #[test]
    fn heads_of_parties_that_merge_add() {
        let party = |counted, said| Company { counted, said, ..Company::default() };
        for (one, other, wanted) in [
            ((Some(4), None), (Some(3), Some(9)), (Some(7), None)),
            ((Some(4), None), (None, Some(3)), (Some(7), None)),
            ((None, Some(4)), (Some(3), None), (Some(7), None)),
            ((None, Some(4)), (None, Some(3)), (None, Some(7))),
            ((None, Some(4)), (None, None), (None, Some(4))),
            ((Some(4), None), (None, None), (Some(4), None)),
            ((None, None), (None, None), (None, None)),
        ] {
            let heads = party(one.0, one.1).heads_with(&party(other.0, other.1));
            assert_eq!(heads, wanted, "{one:?} {other:?}");
        }
        let three = Company { joined: Some(7), said: Some(3), ..Company::default() };
        assert_eq!(three.heads_with(&party(None, Some(2))), (None, Some(9)), "and a third one");
    }

    #[test]
    fn a_waived_fee_stays_nothing() {
        let mut order = Order::example(vec![item(10_000, 1)]);
        let service = Adjustment { percent: Some(10), ..Adjustment::new(AdjustmentKind::Service, Fen(1000)) };
        let cover = Adjustment { heads: 2, ..Adjustment::new(AdjustmentKind::Cover, Fen(600)) };
        order.adjustments = [service, cover].map(|fee| Adjustment { waived: true, ..fee }).into();
        order.reckon();
        assert_eq!((order.amount, order.fee(AdjustmentKind::Cover)), (Fen(10_000), None));
    }

    #[test]
    fn a_free_dish_costs_its_guests_the_same_before_and_after_a_discount() {
        let order = || Order::example(vec![item(10_000, 1), item(5_000, 2)]);
        let (mut before, mut after) = (order(), order());
        before.adjust_for_test(AdjustmentKind::Free, Some(1), Fen(-before.share(1).0));
        before.adjust_for_test(AdjustmentKind::Discount, None, Fen(-before.reducible().percent(50).0));
        after.adjust_for_test(AdjustmentKind::Discount, None, Fen(-after.reducible().percent(50).0));
        after.adjust_for_test(AdjustmentKind::Free, Some(1), Fen(-after.share(1).0));
        assert_eq!((before.amount, after.amount), (Fen(5_000), Fen(5_000)));
        assert_eq!((after.share(1), after.share(2), after.share(3)), (Fen::ZERO, Fen(5_000), Fen::ZERO));
    }

    /// What was agreed on an order, in the words of the table below.
    #[derive(Debug, Clone, Copy)]
    enum Agreed {
        Free(i64),
        Percent(i64),
        Off(i64),
        Service(i64),
    }

    impl Agreed {
        fn on(self, order: &mut Order) {
            use AdjustmentKind::{Discount, Free, Service};
            let mut one = match self {
                Agreed::Free(position) => Adjustment { position: Some(position), ..Adjustment::new(Free, Fen::ZERO) },
                Agreed::Percent(percent) => Adjustment { percent: Some(percent), ..Adjustment::new(Discount, Fen(0)) },
                Agreed::Off(fen) => Adjustment::new(Discount, Fen(-fen.min(order.reducible().0))),
                Agreed::Service(percent) => Adjustment { percent: Some(percent), ..Adjustment::new(Service, Fen(0)) },
            };
            one.id = AdjustmentId(order.adjustments.last().map_or(0, |last| last.id.0) + 1);
            order.adjustments.push(one);
            order.reckon();
        }
    }

    /// Dishes of 100.00 and twice 50.00. A row: what was agreed in its order, what each comes to, what the order costs.
    #[test]
    fn what_was_agreed_is_reckoned_in_its_order() {
        use Agreed::{Free, Off, Percent, Service};
        for (agreed, amounts, costs) in [
            (vec![Percent(10)], vec![-2000], 18_000),
            (vec![Percent(10), Percent(10)], vec![-2000, -1800], 16_200),
            (vec![Free(1), Percent(10)], vec![-10_000, -1000], 9000),
            (vec![Percent(10), Free(1)], vec![-2000, -9000], 9000),
            (vec![Off(5000), Free(1)], vec![-5000, -7500], 7500),
            (vec![Free(1), Off(5000), Percent(50)], vec![-10_000, -5000, -2500], 2500),
            (vec![Service(10), Percent(50)], vec![2000, -10_000], 12_000),
            (vec![Service(10), Free(2)], vec![1000, -10_000], 11_000),
            (vec![Service(10), Percent(50), Free(1), Free(2)], vec![0, -10_000, -5000, -5000], 0),
            (vec![Off(99_999), Service(10)], vec![-20_000, 2000], 2000),
        ] {
            let mut order = Order::example(vec![item(10_000, 1), item(5_000, 2)]);
            agreed.iter().for_each(|one| one.on(&mut order));
            let said: Vec<i64> = order.adjustments.iter().map(|one| one.amount.0).collect();
            assert_eq!((said, order.amount.0), (amounts, costs), "{agreed:?}");
        }
    }

    #[test]
    fn an_order_s_share_of_a_table_s_percentage_keeps_its_odd_fen() {
        let mut order = Order::example(vec![item(3805, 1), item(1000, 1)]);
        let third = Adjustment { percent: Some(10), odd: Fen(-1), ..Adjustment::new(AdjustmentKind::Discount, Fen(0)) };
        order.adjustments.push(third);
        order.reckon();
        assert_eq!(order.amount, Fen(4805 - 480));
        Agreed::Free(2).on(&mut order);
        order.adjustments.swap(0, 1);
        order.reckon();
        assert_eq!(order.amount, Fen(3805 - 380));
    }

    fn agreed() -> impl Strategy<Value = Agreed> {
        prop_oneof![
            (1..6i64).prop_map(Agreed::Free),
            (1..100i64).prop_map(Agreed::Percent),
            (1..5000i64).prop_map(Agreed::Off),
            (1..30i64).prop_map(Agreed::Service),
        ]
    }

    proptest! {
        #[test]
        fn what_is_undone_was_never_agreed(
            lines in proptest::collection::vec((0..9000i64, 1..5i64), 5..6),
            all in proptest::collection::vec((agreed(), any::<bool>()), 1..12),
        ) {
            let order = || Order::example(lines.iter().map(|(fen, quantity)| item(*fen, *quantity)).collect());
            let (mut changed, mut fresh) = (order(), order());
            for (one, undone) in &all {
                one.on(&mut changed);
                let agreed = changed.adjustments.last().unwrap().clone();
                let fixed = agreed.kind == AdjustmentKind::Discount && agreed.percent.is_none();
                let amount = if fixed { agreed.amount } else { Fen::ZERO };
                fresh.adjustments.extend((!undone).then_some(Adjustment { amount, ..agreed }));
            }
            changed.adjustments.retain(|one| fresh.adjustments.iter().any(|kept| kept.id == one.id));
            changed.reckon();
            fresh.reckon();
            prop_assert_eq!(&changed, &fresh);
            let before = changed.clone();
            changed.reckon();
            prop_assert_eq!(&before, &changed, "reckoning again changes nothing");
            prop_assert!(changed.reducible() >= Fen::ZERO && changed.amount >= Fen::ZERO);
            prop_assert_eq!(changed.pieces().iter().map(|(_, price)| *price).sum::<Fen>(), changed.amount);
            let free = |at: &i64| changed.is_free(*at);
            let served: Fen = (1..).zip(&changed.items).filter(|(at, _)| !free(at)).map(|(_, one)| one.subtotal()).sum();
            for fee in changed.adjustments.iter().filter(|one| one.kind == AdjustmentKind::Service) {
                prop_assert_eq!(fee.amount, served.percent(fee.percent.unwrap()));
            }
        }

        #[test]
        fn the_pieces_of_an_order_are_its_amount(lines in proptest::collection::vec((0..9000i64, 1..5i64), 1..6), off in 0..100i64, fee in 0..900i64, free in 0..6usize) {
            let items: Vec<Item> = lines.into_iter().map(|(fen, quantity)| item(fen, quantity)).collect();
            let mut order = Order::example(items);
            if let Some(item) = order.items.get(free) {
                let (amount, position) = (Fen(-item.subtotal().0), Some(free as i64 + 1));
                order.adjust_for_test(AdjustmentKind::Free, position, amount);
            }
            let reduction = Fen(-order.reducible().percent(off).0);
            order.adjust_for_test(AdjustmentKind::Discount, None, reduction);
            order.adjust_for_test(AdjustmentKind::Cover, None, Fen(fee));
            let pieces = order.pieces();
            assert_eq!(pieces.iter().map(|(_, price)| *price).sum::<Fen>(), order.amount);
            assert_eq!(pieces.len() as i64, order.items.iter().map(|item| item.quantity).sum::<i64>());
            assert!(pieces.iter().all(|(_, price)| *price >= Fen::ZERO));
        }
    }
}
