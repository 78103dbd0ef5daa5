//! What can be done with bills. Whoever changes what is owed has ended the payments that are under way first, which the
//! payments' own noun sees to.

use super::state::{BillInput, PartInput};
use super::{Account, Bill, BillState, Cut, Part, PartState, Slice, cut, sql};
use crate::actor::Actor;
use crate::error::{Field, OrderReason, Refusal, Result, SplitReason};
use crate::event::Event;
use crate::order::{self, Adjustment, AdjustmentKind, Order, Status};
use crate::staff;
use crate::store::Tx;
use crate::units::{AdjustmentId, BillId, Fen, OrderId, PartId, PayMethod, SeatingId};
use anyhow::Context;
use rusqlite::Connection;

/// Of what somebody has paid a part the price stays.
const HAS_MONEY: Refusal = Refusal::OrderState(OrderReason::BillHasMoney);

/// # Errors
/// `BillNotFound`.
pub fn load(conn: &Connection, id: BillId) -> Result<Bill> {
    Ok(sql::find_bill(conn, id)?.ok_or(Refusal::BillNotFound)?)
}

/// # Errors
/// `BillNotFound`.
pub fn load_part(conn: &Connection, id: PartId) -> Result<Part> {
    Ok(sql::find_part(conn, id)?.ok_or(Refusal::BillNotFound)?)
}

fn find(conn: &Connection, id: Option<BillId>) -> Result<Option<Bill>> {
    id.map(|id| load(conn, id)).transpose()
}

/// The bill that the party is paying.
pub fn find_open(conn: &Connection, seating: SeatingId) -> Result<Option<Bill>> {
    find(conn, sql::find_open_of_seating(conn, seating)?)
}

/// The bill that counts for this order, paid or not.
pub fn find_of_order(conn: &Connection, order: OrderId) -> Result<Option<Bill>> {
    find(conn, sql::find_of_order(conn, order)?)
}

/// The bill that this order is waiting on.
pub fn find_open_of_order(conn: &Connection, order: OrderId) -> Result<Option<Bill>> {
    Ok(find_of_order(conn, order)?.filter(|bill| bill.state == BillState::Open))
}

/// # Errors
/// `TableNotFound`.
pub fn read_account(conn: &Connection, seating: SeatingId) -> Result<Account> {
    let (table, table_number, heads) = sql::find_party(conn, seating)?.ok_or(Refusal::TableNotFound)?;
    let orders = order::actions::list_of_seating(conn, seating)?;
    let heads = heads.or(order::actions::load_company(conn, seating)?.heads_said());
    let owed = owed(conn, seating)?;
    let bill = match find_open(conn, seating)? {
        None if owed == Fen::ZERO => find(conn, sql::find_paid_of_seating(conn, seating)?)?,
        open => open,
    };
    Ok(Account { seating, table, table_number, heads, orders, owed, bill })
}

/// The party's orders that are to be paid, in their order.
pub fn list_payable(conn: &Connection, seating: SeatingId) -> Result<Vec<Order>> {
    let mut orders = order::actions::list_of_seating(conn, seating)?;
    orders.retain(|order| order.check_unpaid().is_ok());
    Ok(orders)
}

/// What the party owes: its unpaid orders, less what the paid parts of its bill have paid of them.
pub fn owed(conn: &Connection, seating: SeatingId) -> Result<Fen> {
    owed_from(conn, seating, Status::PendingPayment)
}

/// The same, of orders that are so far or further.
pub fn owed_from(conn: &Connection, seating: SeatingId, least: Status) -> Result<Fen> {
    sql::load_owed(conn, seating, least as i64)
}

fn announce(tx: &mut Tx<'_>, seating: SeatingId) -> Result<()> {
    if let Some((table, ..)) = sql::find_party(tx.conn(), seating)? {
        tx.emit(Event::BillChanged(table, seating));
    }
    Ok(())
}

fn load_orders(conn: &Connection, bill: &Bill) -> Result<Vec<Order>> {
    bill.orders.iter().map(|id| order::actions::load(conn, *id)).collect()
}

/// Cuts all that the party owes. On a bill with money in it that is the rest of it, with the rounds that came after.
///
/// # Errors
/// `OrderState` when nothing is owed; `BadSplit`.
pub fn split(tx: &mut Tx<'_>, seating: SeatingId, how: &Cut, actor: &Actor) -> Result<Bill> {
    let present = find_open(tx.conn(), seating)?;
    let payable: Vec<OrderId> = list_payable(tx.conn(), seating)?.iter().map(|order| order.id).collect();
    if payable.is_empty() {
        return Err(Refusal::OrderState(OrderReason::NothingToPay).into());
    }
    let id = match present {
        Some(bill) if bill.is_touched() => {
            let later = payable.iter().filter(|order| !bill.orders.contains(order));
            later.into_iter().try_for_each(|order| sql::insert_order(tx.conn(), bill.id, *order))?;
            recut(tx, &bill)?;
            sql::set_actor(tx.conn(), bill.id, actor)?;
            bill.id
        }
        other => {
            other.map_or(Ok(()), |bill| void(tx, &bill))?;
            sql::insert_bill(tx.conn(), seating, &payable, actor, tx.now)?
        }
    };
    let bill = load(tx.conn(), id)?;
    let paid: Vec<&Part> = bill.paid_parts().filter(|part| bill.worth(part) > Fen::ZERO).collect();
    let slices = cut(&load_orders(tx.conn(), &bill)?, &paid, how)?;
    insert_parts(tx, id, &slices)?;
    announce(tx, seating)?;
    load(tx.conn(), id)
}

/// 分单 at the counter. As `split`.
///
/// # Errors
/// As there.
pub fn split_by_staff(tx: &mut Tx<'_>, seating: SeatingId, how: &Cut, by: &str) -> Result<()> {
    let bill = split(tx, seating, how, &Actor::Staff(by.to_owned()))?;
    let amounts: Vec<String> = bill.open_parts().map(|part| part.amount.to_string()).collect();
    let detail = format!("bill {}: {}", bill.id, amounts.join(" + "));
    let number = read_account(tx.conn(), seating)?.table_number;
    staff::actions::record(tx, by, "bill.split", &number, &detail)
}

fn insert_parts(tx: &mut Tx<'_>, bill: BillId, slices: &[Slice]) -> Result<()> {
    slices.iter().try_for_each(|slice| sql::insert_part(tx.conn(), bill, slice, tx.now))
}

fn advance(tx: &mut Tx<'_>, bill: &Bill, input: BillInput) -> Result<()> {
    if let Some(to) = bill.state.step(input) {
        sql::advance_bill(tx.conn(), bill.id, bill.state, to, tx.now)?;
    }
    Ok(())
}

/// `false` where the part stays as it is.
fn advance_part(tx: &mut Tx<'_>, part: &Part, input: PartInput) -> Result<bool> {
    match part.state.step(input) {
        Some(to) => sql::advance_part(tx.conn(), part.id, part.state, to),
        None => Ok(false),
    }
}

/// What is not paid of the bill can't be paid any more as it was cut.
fn recut(tx: &mut Tx<'_>, bill: &Bill) -> Result<()> {
    bill.parts.iter().try_for_each(|part| advance_part(tx, part, PartInput::Recut).map(drop))
}

/// What is not paid of the bill can't be paid as it was cut; without money in it the bill is no more, and its orders are
/// on none.
pub fn void(tx: &mut Tx<'_>, bill: &Bill) -> Result<()> {
    recut(tx, bill)?;
    if !bill.is_touched() {
        advance(tx, bill, BillInput::Dropped)?;
        bill.orders.iter().try_for_each(|order| sql::delete_order(tx.conn(), *order))?;
    }
    announce(tx, bill.seating)
}

/// 取消分单 at the counter: nothing of the bill that is not paid can be paid as it was cut.
///
/// # Errors
/// `BillNotFound`.
pub fn void_by_staff(tx: &mut Tx<'_>, id: BillId, by: &str) -> Result<()> {
    let bill = load(tx.conn(), id)?;
    if bill.open_parts().next().is_none() {
        return Ok(());
    }
    void(tx, &bill)?;
    let number = read_account(tx.conn(), bill.seating)?.table_number;
    staff::actions::record(tx, by, "bill.void", &number, &format!("bill {id}"))
}

/// What its parts brought has been sent back: the bill is no more, and its orders are on none.
pub fn call_off(tx: &mut Tx<'_>, bill: &Bill) -> Result<()> {
    bill.paid_parts().try_for_each(|part| advance_part(tx, part, PartInput::Returned).map(drop))?;
    void(tx, &load(tx.conn(), bill.id)?)
}

/// The one open part of the bill that is all that its party owes. `None` where it has to be cut first.
pub fn find_rest(conn: &Connection, bill: &Bill) -> Result<Option<Part>> {
    let owed = owed(conn, bill.seating)?;
    match bill.open_parts().collect::<Vec<_>>().as_slice() {
        [only] if bill.worth(only) == owed => Ok(Some((*only).clone())),
        _ => Ok(None),
    }
}

/// The same of the bill that the party is paying, if it has one.
///
/// # Errors
/// `BadSplit` when somebody has cut it into several parts.
pub fn find_whole(conn: &Connection, seating: SeatingId) -> Result<Option<Part>> {
    let Some(bill) = find_open(conn, seating)? else { return Ok(None) };
    let is_cut = bill.open_parts().count() > 1;
    match is_cut && (bill.is_touched() || !bill.is_of_diner()) {
        true => Err(Refusal::BadSplit(SplitReason::InParts).into()),
        false => find_rest(conn, &bill),
    }
}

/// A part has its money: `false` when it is paid or void already. With the last one the bill is paid, and its orders.
///
/// # Errors
/// `BillNotFound`.
pub fn take_part(tx: &mut Tx<'_>, id: PartId, method: PayMethod, actor: &Actor) -> Result<bool> {
    let part = load_part(tx.conn(), id)?;
    let bill = load(tx.conn(), part.bill)?;
    if bill.state != BillState::Open || !advance_part(tx, &part, PartInput::Paid)? {
        return Ok(false);
    }
    sql::set_part_paid(tx.conn(), id, method, tx.now)?;
    let bill = load(tx.conn(), bill.id)?;
    finish(tx, &bill, actor)?;
    announce(tx, bill.seating)?;
    Ok(true)
}

/// A part's money goes back: the same is to be paid again, as a new part of the bill. A bill that is not cut any more
/// stays so, and without money in it is no more.
///
/// # Errors
/// `BillNotFound`; `OrderState` when the part has no money in it, or the whole bill is paid: then it is its orders'.
pub fn reopen_part(tx: &mut Tx<'_>, id: PartId) -> Result<Bill> {
    let part = load_part(tx.conn(), id)?;
    let before = load(tx.conn(), part.bill)?;
    match (part.state, before.state) {
        (PartState::Paid, BillState::Open) => {}
        (PartState::Paid, _) => return Err(Refusal::OrderState(OrderReason::BillPaid).into()),
        (PartState::Open | PartState::Void, _) => return Err(Refusal::OrderState(OrderReason::PartUnpaid).into()),
    }
    advance_part(tx, &part, PartInput::Returned)?;
    let bill = load(tx.conn(), before.id)?;
    match (before.open_parts().next(), Slice::again(&part, &bill.orders)) {
        (Some(_), Some(slice)) => sql::insert_part(tx.conn(), bill.id, &slice, tx.now)?,
        (Some(_), None) => {}
        (None, _) if bill.is_touched() => {}
        (None, _) => void(tx, &bill)?,
    }
    announce(tx, bill.seating)?;
    Ok(before)
}

/// With the last part the bill is paid, and its orders are, as that part was.
fn finish(tx: &mut Tx<'_>, bill: &Bill, actor: &Actor) -> Result<()> {
    let total: Fen = load_orders(tx.conn(), bill)?.iter().map(|order| order.amount).sum();
    if bill.paid() < total {
        return Ok(());
    }
    let method = sql::find_pay_method(tx.conn(), bill.id)?.context("a bill that nobody has paid is paid")?;
    advance(tx, bill, BillInput::Settled)?;
    order::actions::pay(tx, &bill.orders, method, actor)
}

/// An order of an open bill is paid with it no more: it is about to be cancelled, or to cost something else. What the
/// others' parts are stays as it was cut. What parts have paid of it is for whoever calls this to send back.
pub fn take_off(tx: &mut Tx<'_>, bill: &Bill, order: OrderId, actor: &Actor) -> Result<()> {
    sql::delete_order(tx.conn(), order)?;
    let after = load(tx.conn(), bill.id)?;
    for part in bill.open_parts().filter(|part| part.pays.contains_key(&order)) {
        advance_part(tx, part, PartInput::Recut)?;
        if let Some(slice) = Slice::again(part, &after.orders) {
            sql::insert_part(tx.conn(), bill.id, &slice, tx.now)?;
        }
    }
    match (after.orders.is_empty(), after.is_touched()) {
        (true, _) => advance(tx, bill, BillInput::Dropped)?,
        (false, true) => finish(tx, &after, actor)?,
        (false, false) => {}
    }
    announce(tx, bill.seating)
}

/// 转台, 并台: the party's bills are the other party's. Two that are being paid become one, with all their parts.
pub fn reseat(tx: &mut Tx<'_>, from: SeatingId, to: SeatingId) -> Result<()> {
    if from == to {
        return Ok(());
    }
    if let (Some(coming), Some(there)) = (find_open(tx.conn(), from)?, find_open(tx.conn(), to)?) {
        sql::absorb(tx.conn(), coming.id, there.id)?;
        advance(tx, &coming, BillInput::Dropped)?;
    }
    sql::set_seating(tx.conn(), from, to)?;
    announce(tx, to)
}

/// What parts of an open bill have paid of the order.
pub fn paid_of(conn: &Connection, order: OrderId) -> Result<Fen> {
    Ok(find_open_of_order(conn, order)?.map_or(Fen::ZERO, |bill| bill.paid_of(order)))
}

/// Before an order's price changes: it is on no bill then.
///
/// # Errors
/// `OrderState` when somebody has paid a part of it.
pub fn take_back(tx: &mut Tx<'_>, order: OrderId, actor: &Actor) -> Result<()> {
    match find_open_of_order(tx.conn(), order)? {
        None => Ok(()),
        Some(bill) if bill.paid_of(order) > Fen::ZERO => Err(HAS_MONEY.into()),
        Some(bill) if bill.is_touched() => take_off(tx, &bill, order, actor),
        Some(bill) => void(tx, &bill),
    }
}

/// What is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// So many percent of the dishes.
    Percent(i64),
    Amount(Fen),
}

impl Off {
    fn percent(self) -> Option<i64> {
        match self {
            Off::Percent(percent) => Some(percent),
            Off::Amount(_) => None,
        }
    }
}

/// Whether a discount is taken of what its cashier sees: two tills with the same guests at heart, or one tap that is
/// sent twice, are one discount. `of`: what the page showed as to be paid; `now`: what is.
///
/// # Errors
/// `DiscountedBefore`, `AmountChanged`.
pub fn check_seen(orders: &[Order], of: Option<Fen>, now: Fen) -> Result<()> {
    let discounted = |order: &Order| order.adjustments.iter().any(|one| one.kind == AdjustmentKind::Discount);
    match (of, orders.iter().any(discounted)) {
        (Some(of), _) if of == now => Ok(()),
        (None, false) => Ok(()),
        (Some(_) | None, true) => Err(Refusal::DiscountedBefore(now).into()),
        (Some(_), false) => Err(Refusal::AmountChanged(now).into()),
    }
}

/// 优惠 on these unpaid orders together: spread over their dishes to the fen. Fees stay as they are, and so does an order
/// of which somebody has paid a part.
///
/// # Errors
/// `BadRequest`, `RemarkTooLong`; `DiscountTooLarge` with what can be taken off; `OrderState`.
pub fn discount(tx: &mut Tx<'_>, orders: &[Order], off: Off, reason: &str, staff: &str) -> Result<()> {
    let reason = check_reason(reason)?;
    let orders = &without_money(tx.conn(), orders)?;
    let bases: Vec<Fen> = orders.iter().map(Order::reducible).collect();
    let base: Fen = bases.iter().copied().sum();
    let amount = match off {
        Off::Percent(percent) if (1..=99).contains(&percent) => base.percent(percent),
        Off::Amount(amount) if amount > Fen::ZERO => amount,
        Off::Percent(_) => return Err(Refusal::BadRequest(Field::Percent).into()),
        Off::Amount(_) => return Err(Refusal::BadRequest(Field::Amount).into()),
    };
    if amount > base || base == Fen::ZERO {
        return Err(Refusal::DiscountTooLarge(base).into());
    }
    let actor = Actor::Staff(staff.to_owned());
    for (order, share) in orders.iter().zip(amount.spread(&bases)).filter(|(_, share)| *share > Fen::ZERO) {
        take_back(tx, order.id, &actor)?;
        let percent = off.percent();
        let odd = percent.map_or(Fen::ZERO, |percent| share.minus(order.reducible().percent(percent)));
        let fixed = Adjustment::new(AdjustmentKind::Discount, Fen(-share.0));
        order::actions::adjust(tx, order.id, &Adjustment { percent, odd, reason: reason.clone(), ..fixed }, &actor)?;
    }
    let target: Vec<&str> = orders.iter().map(|order| order.number.as_str()).collect();
    let of = off.percent().map(|percent| format!("{percent}% ")).unwrap_or_default();
    staff::actions::record(tx, staff, "bill.discount", &target.join(" "), &format!("{of}-{amount} {reason}"))?;
    announce_of(tx, orders)
}

/// # Errors
/// `OrderState` when somebody has paid of each of them.
fn without_money(conn: &Connection, orders: &[Order]) -> Result<Vec<Order>> {
    let mut free = Vec::new();
    for order in orders {
        if paid_of(conn, order.id)? == Fen::ZERO {
            free.push(order.clone());
        }
    }
    match free.is_empty() && !orders.is_empty() {
        true => Err(HAS_MONEY.into()),
        false => Ok(free),
    }
}

fn announce_of(tx: &mut Tx<'_>, orders: &[Order]) -> Result<()> {
    orders.first().map_or(Ok(()), |order| announce(tx, order.seating))
}

fn check_reason(reason: &str) -> Result<String> {
    match order::actions::clean_reason(reason)? {
        empty if empty.is_empty() => Err(Refusal::BadRequest(Field::Reason).into()),
        reason => Ok(reason),
    }
}

/// 免单 of one item of an unpaid order. One that is free stays so.
///
/// # Errors
/// `BadRequest`, `RemarkTooLong`, `OrderNotFound`, `OrderState`.
pub fn give_free(tx: &mut Tx<'_>, id: OrderId, position: i64, reason: &str, staff: &str) -> Result<()> {
    let reason = check_reason(reason)?;
    let order = order::actions::load(tx.conn(), id)?;
    let item = order.item(position).ok_or(Refusal::BadRequest(Field::Position))?;
    if order.is_free(position) {
        return Ok(());
    }
    order.check_unpaid()?;
    // A reduction of the whole order has taken its part of this item before.
    let amount = order.share(position);
    if amount == Fen::ZERO {
        return Err(Refusal::OrderState(OrderReason::NothingToWaive).into());
    }
    let actor = Actor::Staff(staff.to_owned());
    take_back(tx, id, &actor)?;
    let free = Adjustment::new(AdjustmentKind::Free, Fen(-amount.0));
    let free = Adjustment { position: Some(position), reason: reason.clone(), ..free };
    order::actions::adjust(tx, id, &free, &actor)?;
    let detail = format!("{} x{} -{amount} {reason}", item.name, item.quantity);
    staff::actions::record(tx, staff, "bill.free", &order.number, &detail)?;
    announce(tx, order.seating)
}

/// Takes a reduction back, or waives a fee, while the order is unpaid, or costs nothing. What was taken off after it is
/// reckoned anew.
///
/// # Errors
/// `AdjustmentNotFound`, `OrderState`.
pub fn undo(tx: &mut Tx<'_>, id: AdjustmentId, staff: &str) -> Result<()> {
    let order = order::actions::load(tx.conn(), order::actions::load_adjusted(tx.conn(), id)?)?;
    let gone = order.adjustments.iter().find(|one| one.id == id).ok_or(Refusal::AdjustmentNotFound)?;
    let actor = Actor::Staff(staff.to_owned());
    take_back(tx, order.id, &actor)?;
    order::actions::drop_adjustment(tx, id, &actor)?;
    let detail = format!("{} {} {}", gone.kind.name(), gone.amount, gone.reason);
    staff::actions::record(tx, staff, "bill.undo", &order.number, detail.trim())?;
    announce(tx, order.seating)
}
