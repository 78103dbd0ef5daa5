//! A party's account: some of its orders, paid together, in parts whose amounts are exactly the orders'.

pub mod actions;
mod sql;
pub mod state;

use crate::actor::Actor;
use crate::error::{Refusal, SplitReason};
use crate::order::{Order, Status};
use crate::units::{BillId, Fen, OrderId, PartId, SeatingId, TableId, Timestamp};
use serde::{Deserialize, Serialize};
pub use state::{BillState, PartState};
use std::collections::{BTreeMap, VecDeque};

/// Parts of one bill that are still to be paid, at most.
pub const MAX_PARTS: usize = 50;
/// Characters of a part's label, at most.
pub const MAX_LABEL: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    pub id: BillId,
    pub seating: SeatingId,
    pub state: BillState,
    /// Who cut it: a diner who pays for all, or staff.
    pub actor: Actor,
    pub orders: Vec<OrderId>,
    pub parts: Vec<Part>,
}

/// All that a party has ordered, and how far it has paid.
#[derive(Debug, Clone)]
pub struct Account {
    pub seating: SeatingId,
    pub table: TableId,
    pub table_number: String,
    /// As the counter or, where it has not, the party itself has counted.
    pub heads: Option<i64>,
    pub orders: Vec<Order>,
    pub owed: Fen,
    /// The bill that it is paying, or has just paid.
    pub bill: Option<Bill>,
}

impl Account {
    /// What is not cancelled.
    pub fn total(&self) -> Fen {
        let counts = |order: &&Order| order.state.status != Status::Cancelled;
        self.orders.iter().filter(counts).map(|order| order.amount).sum()
    }
}

/// What one payer pays of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub id: PartId,
    pub bill: BillId,
    pub label: String,
    /// What of the orders is in it, where the bill was split by item.
    pub items: Vec<Share>,
    /// What its payer was asked for; it stays as it was when an order leaves the bill.
    pub amount: Fen,
    /// What of each order that pays.
    pub pays: Pays,
    pub state: PartState,
    pub paid_at: Option<Timestamp>,
}

/// Money by the order that it is for.
pub type Pays = BTreeMap<OrderId, Fen>;

/// Some pieces of one item of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "PartItem"))]
#[serde(rename_all = "camelCase")]
pub struct Share {
    pub order_id: OrderId,
    pub position: i64,
    pub quantity: i64,
}

impl Bill {
    fn list(&self, state: PartState) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.state == state)
    }

    /// What a part pays of the orders that are on the bill. What it paid of one that has left went back, or does.
    pub fn worth(&self, part: &Part) -> Fen {
        self.orders.iter().filter_map(|order| part.pays.get(order)).copied().sum()
    }

    /// What its parts have brought.
    pub fn paid(&self) -> Fen {
        self.paid_parts().map(|part| self.worth(part)).sum()
    }

    /// What of that is for this order.
    pub fn paid_of(&self, order: OrderId) -> Fen {
        let on_bill = self.orders.contains(&order);
        self.paid_parts().filter(|_| on_bill).filter_map(|part| part.pays.get(&order)).copied().sum()
    }

    /// Whether there is money in it: what that is for stays as it is.
    pub fn is_touched(&self) -> bool {
        self.paid() > Fen::ZERO
    }

    /// Whether a diner made it to pay for everybody: another diner may change that.
    pub fn is_of_diner(&self) -> bool {
        matches!(self.actor, Actor::Diner(_))
    }

    pub fn open_parts(&self) -> impl Iterator<Item = &Part> {
        self.list(PartState::Open)
    }

    pub fn paid_parts(&self) -> impl Iterator<Item = &Part> {
        self.list(PartState::Paid)
    }
}

/// How a bill is to be cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    Whole,
    /// 按人头
    Heads(i64),
    /// 按菜品: what is named in no part is one more.
    Items(Vec<Wanted>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub label: String,
    pub items: Vec<Share>,
}

/// A part that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    pub label: String,
    pub items: Vec<Share>,
    pub pays: Pays,
}

impl Slice {
    pub fn amount(&self) -> Fen {
        self.pays.values().copied().sum()
    }

    /// The same part again, for these orders alone. `None`: nothing is left of it.
    pub fn again(part: &Part, orders: &[OrderId]) -> Option<Slice> {
        let mut slice = Slice { label: part.label.clone(), items: part.items.clone(), pays: part.pays.clone() };
        slice.pays.retain(|order, _| orders.contains(order));
        slice.items.retain(|share| orders.contains(&share.order_id));
        (slice.amount() > Fen::ZERO).then_some(slice)
    }
}

/// Cuts what is not paid of `orders` into parts that are together exactly that, of each order. `paid`: the parts that
/// have their money.
///
/// # Errors
/// `BadSplit`: too many parts, or pieces that are not there (any more).
pub fn cut(orders: &[Order], paid: &[&Part], how: &Cut) -> Result<Vec<Slice>, Refusal> {
    let rest = rest(orders, paid);
    match how {
        Cut::Whole => {
            let label = if paid.is_empty() { "整单" } else { "其余" };
            let pays = rest.into_iter().filter(|(_, amount)| *amount > Fen::ZERO).collect();
            Ok(vec![Slice { label: label.into(), items: Vec::new(), pays }])
        }
        Cut::Heads(heads) => by_head(rest, *heads, next_number(paid)),
        Cut::Items(wanted) => by_item(left(orders, paid, &rest)?, rest, wanted, next_number(paid)),
    }
}

/// What of each order is not paid.
fn rest(orders: &[Order], paid: &[&Part]) -> Pays {
    let paid_of = |id: OrderId| paid.iter().filter_map(|part| part.pays.get(&id)).copied().sum();
    orders.iter().map(|order| (order.id, order.amount.minus(paid_of(order.id)).max(Fen::ZERO))).collect()
}

fn numbered(number: usize) -> String {
    format!("第{number}份")
}

/// Parts that are cut anew are numbered on after those that are paid.
fn next_number(paid: &[&Part]) -> usize {
    let number = |part: &&Part| part.label.strip_prefix('第')?.strip_suffix('份')?.parse::<usize>().ok();
    1 + paid.iter().filter_map(number).filter(|number| *number < 1000).max().unwrap_or(0)
}

fn by_head(mut rest: Pays, heads: i64, first: usize) -> Result<Vec<Slice>, Refusal> {
    let heads = usize::try_from(heads).ok().filter(|heads| (1..=MAX_PARTS).contains(heads));
    let heads = heads.ok_or(Refusal::BadSplit(SplitReason::BadHeads))?;
    let total: Fen = rest.values().copied().sum();
    let shares = total.spread(&vec![Fen(1); heads]).into_iter().filter(|amount| *amount > Fen::ZERO);
    let slice = |(number, amount)| Slice { label: numbered(number), items: Vec::new(), pays: draw(&mut rest, amount) };
    Ok((first..).zip(shares).map(slice).collect())
}

/// Takes so much of what is left, of each order in proportion: never more than there is.
fn draw(rest: &mut Pays, amount: Fen) -> Pays {
    let weights: Vec<Fen> = rest.values().copied().collect();
    let mut drawn = Pays::new();
    for ((order, left), share) in rest.iter_mut().zip(amount.spread(&weights)) {
        *left = left.minus(share);
        if share > Fen::ZERO {
            drawn.insert(*order, share);
        }
    }
    drawn
}

/// Pieces by order and position, with what each costs.
type Pieces = BTreeMap<(OrderId, i64), VecDeque<Fen>>;

/// The pieces that are in no paid part. Those of an order of which somebody has paid a part by head cost what is left.
fn left(orders: &[Order], paid: &[&Part], rest: &Pays) -> Result<Pieces, Refusal> {
    let mut pieces = Pieces::new();
    for order in orders {
        for (position, price) in order.pieces() {
            pieces.entry((order.id, position)).or_default().push_back(price);
        }
    }
    // An order may have been taken off the bill since.
    for share in paid.iter().flat_map(|part| &part.items).filter(|share| rest.contains_key(&share.order_id)) {
        take(&mut pieces, share)?;
    }
    for (order, amount) in rest {
        let mut prices: Vec<&mut Fen> =
            pieces.iter_mut().filter(|((of, _), _)| of == order).flat_map(|(_, prices)| prices).collect();
        let weights: Vec<Fen> = prices.iter().map(|price| **price).collect();
        prices.iter_mut().zip(amount.spread(&weights)).for_each(|(price, share)| **price = share);
    }
    Ok(pieces)
}

fn take(pieces: &mut Pieces, share: &Share) -> Result<Fen, Refusal> {
    const GONE: Refusal = Refusal::BadSplit(SplitReason::PiecesGone);
    let of_item = pieces.get_mut(&(share.order_id, share.position)).ok_or(GONE)?;
    let quantity = usize::try_from(share.quantity).ok().filter(|quantity| (1..=of_item.len()).contains(quantity));
    Ok(of_item.drain(..quantity.ok_or(GONE)?).sum())
}

fn by_item(mut pieces: Pieces, mut rest: Pays, wanted: &[Wanted], first: usize) -> Result<Vec<Slice>, Refusal> {
    let mut slices = Vec::new();
    for (number, part) in (first..).zip(wanted.iter().filter(|part| !part.items.is_empty())) {
        let label = if part.label.is_empty() { numbered(number) } else { part.label.clone() };
        let mut pays = Pays::new();
        for share in &part.items {
            let amount = take(&mut pieces, share)?;
            let (sum, left) = (pays.entry(share.order_id).or_default(), rest.entry(share.order_id).or_default());
            (*sum, *left) = (sum.plus(amount), left.minus(amount));
        }
        slices.push(Slice { label, items: part.items.clone(), pays });
    }
    pieces.retain(|_, prices| !prices.is_empty());
    rest.retain(|_, amount| *amount > Fen::ZERO);
    if !pieces.is_empty() || !rest.is_empty() {
        let share = |((order_id, position), prices): (&(OrderId, i64), &VecDeque<Fen>)| Share {
            order_id: *order_id,
            position: *position,
            quantity: prices.len() as i64,
        };
        let label = if slices.is_empty() { "整单" } else { "其余" };
        slices.push(Slice { label: label.into(), items: pieces.iter().map(share).collect(), pays: rest });
    }
    match (1..=MAX_PARTS).contains(&slices.len()) {
        true => Ok(slices),
        false => Err(Refusal::BadSplit(SplitReason::TooManyParts)),
    }
}

#[cfg(test)]
mod tests;
