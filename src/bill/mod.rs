//! A party's account: some of its orders, paid together, in parts whose amounts are exactly the orders'.

pub mod actions;
mod sql;

use crate::error::Refusal;
use crate::order::{Order, Status};
use crate::units::{BillId, Fen, OrderId, PartId, SeatingId, TableId, Timestamp};
use serde::{Deserialize, Serialize};
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
    pub actor: String,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillState {
    Open,
    Paid,
    Void,
}

/// What one payer pays of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub id: PartId,
    pub bill: BillId,
    pub label: String,
    /// What of the orders is in it, where the bill was split by item.
    pub items: Vec<Share>,
    pub amount: Fen,
    pub state: PartState,
    pub paid_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    Open,
    Paid,
    Void,
}

/// Some pieces of one item of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    pub order_id: OrderId,
    pub position: i64,
    pub quantity: i64,
}

impl BillState {
    pub const ALL: [(BillState, &'static str); 3] =
        [(BillState::Open, "open"), (BillState::Paid, "paid"), (BillState::Void, "void")];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<BillState> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

impl PartState {
    pub const ALL: [(PartState, &'static str); 3] =
        [(PartState::Open, "open"), (PartState::Paid, "paid"), (PartState::Void, "void")];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<PartState> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

impl Bill {
    fn sum(&self, state: PartState) -> Fen {
        self.parts.iter().filter(|part| part.state == state).map(|part| part.amount).sum()
    }

    /// What its parts have brought.
    pub fn paid(&self) -> Fen {
        self.sum(PartState::Paid)
    }

    /// Whether there is money in it: its orders are fixed from then on.
    pub fn is_touched(&self) -> bool {
        self.paid() > Fen::ZERO
    }

    /// Whether a diner made it to pay for everybody: another diner may change that.
    pub fn is_of_diner(&self) -> bool {
        self.actor.starts_with("diner ")
    }

    pub fn open_parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.state == PartState::Open)
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
    pub amount: Fen,
}

/// Cuts what is not paid of `orders` into parts that are together exactly that. `paid`: the parts that have their money.
///
/// # Errors
/// `BadSplit`: too many parts, or pieces that are not there (any more).
pub fn cut(orders: &[Order], paid: &[&Part], how: &Cut) -> Result<Vec<Slice>, Refusal> {
    let total: Fen = orders.iter().map(|order| order.amount).sum();
    let rest = total.minus(paid.iter().map(|part| part.amount).sum());
    match how {
        Cut::Whole => {
            let label = if paid.is_empty() { "整单" } else { "其余" };
            Ok(vec![Slice { label: label.into(), items: Vec::new(), amount: rest }])
        }
        Cut::Heads(heads) => by_head(rest, *heads),
        Cut::Items(wanted) => by_item(rest, left(orders, paid)?, wanted),
    }
}

fn by_head(rest: Fen, heads: i64) -> Result<Vec<Slice>, Refusal> {
    let heads = usize::try_from(heads).ok().filter(|heads| (1..=MAX_PARTS).contains(heads));
    let heads = heads.ok_or(Refusal::BadSplit("请按 1 到 50 人分单"))?;
    let shares = rest.spread(&vec![Fen(1); heads]);
    let slice = |(number, amount)| Slice { label: format!("第{number}份"), items: Vec::new(), amount };
    Ok((1..).zip(shares).filter(|(_, amount)| *amount > Fen::ZERO).map(slice).collect())
}

/// Pieces by order and position, with what each costs.
type Pieces = BTreeMap<(OrderId, i64), VecDeque<Fen>>;

/// The pieces that are in no paid part.
fn left(orders: &[Order], paid: &[&Part]) -> Result<Pieces, Refusal> {
    let mut pieces = Pieces::new();
    for order in orders {
        for (position, price) in order.pieces() {
            pieces.entry((order.id, position)).or_default().push_back(price);
        }
    }
    // An order may have been taken off the bill since.
    let there = |share: &&Share| orders.iter().any(|order| order.id == share.order_id);
    for share in paid.iter().flat_map(|part| &part.items).filter(there) {
        take(&mut pieces, share)?;
    }
    Ok(pieces)
}

fn take(pieces: &mut Pieces, share: &Share) -> Result<Fen, Refusal> {
    const GONE: Refusal = Refusal::BadSplit("菜品数量不对，请重新选择要分的菜");
    let of_item = pieces.get_mut(&(share.order_id, share.position)).ok_or(GONE)?;
    let quantity = usize::try_from(share.quantity).ok().filter(|quantity| (1..=of_item.len()).contains(quantity));
    Ok(of_item.drain(..quantity.ok_or(GONE)?).sum())
}

fn by_item(rest: Fen, mut pieces: Pieces, wanted: &[Wanted]) -> Result<Vec<Slice>, Refusal> {
    let mut slices = Vec::new();
    for (number, part) in (1..).zip(wanted.iter().filter(|part| !part.items.is_empty())) {
        let label = if part.label.is_empty() { format!("第{number}份") } else { part.label.clone() };
        let mut amount = Fen::ZERO;
        for share in &part.items {
            amount = amount.plus(take(&mut pieces, share)?);
        }
        slices.push(Slice { label, items: part.items.clone(), amount });
    }
    pieces.retain(|_, prices| !prices.is_empty());
    if !pieces.is_empty() {
        let share = |((order_id, position), prices): (&(OrderId, i64), &VecDeque<Fen>)| Share {
            order_id: *order_id,
            position: *position,
            quantity: prices.len() as i64,
        };
        let items = pieces.iter().map(share).collect();
        let label = if slices.is_empty() { "整单" } else { "其余" };
        slices.push(Slice { label: label.into(), items, amount: pieces.values().flatten().copied().sum() });
    }
    if !(1..=MAX_PARTS).contains(&slices.len()) {
        return Err(Refusal::BadSplit("一张账单最多分 50 份"));
    }
    // Exact already, unless a part was paid that has no items: then the rest is shared in proportion.
    let weights: Vec<Fen> = slices.iter().map(|slice| slice.amount).collect();
    for (slice, amount) in slices.iter_mut().zip(rest.spread(&weights)) {
        slice.amount = amount;
    }
    Ok(slices)
}

#[cfg(test)]
mod tests;
