//! What an order costs beside its items, and what each of its pieces costs. Pure.

use super::{Item, Order};
use crate::units::{AdjustmentId, Fen};
use std::collections::BTreeSet;

/// A line of an order's price beside its items: reductions are negative, fees positive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    pub id: AdjustmentId,
    pub kind: AdjustmentKind,
    /// The item that is free, counted from 1.
    pub position: Option<i64>,
    pub amount: Fen,
    pub reason: String,
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

impl AdjustmentKind {
    pub const ALL: [(AdjustmentKind, &'static str); 5] = [
        (AdjustmentKind::Discount, "discount"),
        (AdjustmentKind::Free, "free"),
        (AdjustmentKind::Service, "service"),
        (AdjustmentKind::Cover, "cover"),
        (AdjustmentKind::Packing, "packing"),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<AdjustmentKind> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
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
    /// What comes on top of these items. Who takes them away pays for the packing, and neither service nor cover.
    /// `heads`: of whom the cover is due with this order.
    pub fn of(&self, items: &[Item], packed: bool, heads: Option<i64>) -> Vec<(AdjustmentKind, Fen)> {
        let pieces = items.iter().map(|item| item.quantity).sum();
        let fees = match packed {
            true => vec![(AdjustmentKind::Packing, self.packing.times(pieces))],
            false => vec![
                (AdjustmentKind::Service, sum(items).percent(self.service_percent)),
                (AdjustmentKind::Cover, self.cover.times(heads.unwrap_or(0))),
            ],
        };
        fees.into_iter().filter(|(_, amount)| *amount > Fen::ZERO).collect()
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

impl Order {
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
        let weight = |(at, item): (i64, &Item)| if self.is_free(at) { Fen::ZERO } else { item.subtotal() };
        let weights: Vec<Fen> = (1..).zip(&self.items).map(weight).collect();
        let shares = self.reducible().spread(&weights);
        usize::try_from(position - 1).ok().and_then(|index| shares.get(index).copied()).unwrap_or(Fen::ZERO)
    }

    /// What each piece costs with its share of all reductions and fees, as (position, price): together exactly the
    /// order's amount.
    pub fn pieces(&self) -> Vec<(i64, Fen)> {
        let free: BTreeSet<i64> = (1..).take(self.items.len()).filter(|position| self.is_free(*position)).collect();
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
        use super::{Pay, State, Status};
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
        self.adjustments.push(Adjustment { id, kind, position, amount, reason: String::new() });
        self.amount = self.amount.plus(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{CuisineId, DinerId};

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
        for (packed, heads, wanted) in [
            (false, Some(3), vec![(Service, Fen(581)), (Cover, Fen(600))]),
            (false, None, vec![(Service, Fen(581))]),
            (true, Some(3), vec![(Packing, Fen(300))]),
        ] {
            assert_eq!(fees.of(&items, packed, heads), wanted, "{packed} {heads:?}");
        }
        assert_eq!(Fees::default().of(&items, true, Some(3)), [], "none by default");
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

    proptest::proptest! {
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
