//! What is done with a party as a whole: who it is, where it sits, and that it has left.

use super::{Call, Entry, fees, sql};
use crate::actor::Actor;
use crate::error::{OrderReason, Refusal, Result};
use crate::order::{Company, Fees, Order, Status};
use crate::seating::{Diner, Move};
use crate::store::Tx;
use crate::units::{Fen, SeatingId, TableId};
use crate::{alert, bill, cart, order, payment, seating, staff};
use rusqlite::Connection;

/// 转台: the party goes on at a free table with everything it has; its phones' tokens stay good.
///
/// # Errors
/// `NoSuchTable`, `SameTable`, `TableFree`, `TableTaken`.
pub fn transfer(tx: &mut Tx<'_>, from: TableId, to: TableId, by: &str) -> Result<()> {
    let step = seating::actions::transfer(tx, from, to)?;
    follow(tx, step)?;
    record(tx, by, "table.transfer", step)
}

/// 并台: the party of `from` and everything it has goes into the one that sits at `into`.
///
/// # Errors
/// `NoSuchTable`, `SameTable`, `TableFree`; `MergedQuantity`, `MergedRemark`, `MergedLines` where the two carts do not
/// fit into one.
pub fn merge(tx: &mut Tx<'_>, from: TableId, into: TableId, fees: &Fees, by: &str) -> Result<()> {
    let step = seating::actions::merge(tx, from, into)?;
    let [part, whole] = [step.seating, step.into].map(|party| order::actions::load_company(tx.conn(), party));
    let (counted, said) = whole?.heads_with(&part?);
    seating::actions::set_joined(tx, step.into, counted, said)?;
    follow(tx, step)?;
    fees::reckon(tx, step.into, fees, &Actor::Staff(by.to_owned()))?;
    record(tx, by, "table.merge", step)
}

/// The counter counts how many sit there: one cover a head from now on.
///
/// # Errors
/// `NoSuchTable`, `TableFree`, `BadHeads`.
pub fn set_heads(tx: &mut Tx<'_>, table: TableId, heads: i64, fees: &Fees, by: &str) -> Result<()> {
    seating::actions::set_heads(tx, table, heads)?;
    let party = seating::actions::load_open(tx.conn(), table)?;
    fees::reckon(tx, party, fees, &Actor::Staff(by.to_owned()))
}

/// The order whose payment has to be ended before `set_heads`, so that a cover finds its place.
///
/// # Errors
/// `NoSuchTable`, `TableFree`.
pub fn find_in_the_way_of_heads(conn: &Connection, table: TableId, heads: i64, fees: &Fees) -> Result<Vec<Order>> {
    let party = seating::actions::load_open(conn, table)?;
    let company = Company { counted: Some(heads), ..order::actions::load_company(conn, party)? };
    Ok(fees::find_in_the_way(conn, party, &company, fees)?.into_iter().collect())
}

fn follow(tx: &mut Tx<'_>, step: Move) -> Result<()> {
    cart::actions::follow(tx, step)?;
    order::actions::follow(tx, step)?;
    if step.seating != step.into {
        bill::actions::reseat(tx, step.seating, step.into)?;
    }
    alert::actions::move_calls(tx, step.from, step.to)
}

fn record(tx: &mut Tx<'_>, by: &str, act: &str, step: Move) -> Result<()> {
    let [from, to] = [step.from, step.to].map(|table| seating::actions::load_table(tx.conn(), table));
    staff::actions::record(tx, by, act, &from?.number, &format!("→ {}", to?.number))
}

/// Who clears a table, and why although it has not paid.
#[derive(Debug, Clone)]
pub struct Clearing {
    pub by: String,
    /// Whether this member of staff may let a debt go.
    pub at_till: bool,
    pub reason: String,
}

/// 清台: the party has left. Its tokens end, and those of parties that became a part of it; its cart goes, nobody is
/// called there any more, and what it has not paid before its meal is given up. Nothing happens where nobody sits.
///
/// # Errors
/// `NoSuchTable`; `TableOwes` while what was ordered is not paid and nobody who may has said why; `NotAllowed` for a
/// reason from one who may not; `OrderState` while a bill is paid in part before the meal.
pub fn clear(tx: &mut Tx<'_>, table: TableId, clearing: &Clearing) -> Result<Option<SeatingId>> {
    let number = seating::actions::load_table(tx.conn(), table)?.number;
    let Some(seating) = seating::actions::close(tx, table)? else { return Ok(None) };
    let owed = bill::actions::owed_from(tx.conn(), seating, Status::ToBeConfirmed)?;
    if owed > Fen::ZERO {
        let reason = order::actions::clean_reason(&clearing.reason)?;
        match (reason.is_empty(), clearing.at_till) {
            (true, _) => return Err(Refusal::TableOwes(number.into(), owed).into()),
            (false, false) => return Err(Refusal::NotAllowed.into()),
            (false, true) => {
                staff::actions::record(tx, &clearing.by, "table.clear", &number, &format!("{owed} 元未结：{reason}"))?;
                order::actions::let_go(tx, &number, owed, &reason, &clearing.by)?;
            }
        }
    }
    refuse_half_paid(tx.conn(), seating)?;
    payment::ending::leave_bill(tx, seating)?;
    order::actions::expire_unpaid(tx, seating)?;
    cart::actions::discard(tx, table, seating)?;
    alert::actions::dismiss_calls(tx, table)?;
    Ok(Some(seating))
}

/// 先付后吃: the kitchen never hears of an order that is paid in part, and its money would lie there.
fn refuse_half_paid(conn: &Connection, seating: SeatingId) -> Result<()> {
    let Some(bill) = bill::actions::find_open(conn, seating)? else { return Ok(()) };
    for order in bill.orders.iter().filter(|order| bill.paid_of(**order) > Fen::ZERO) {
        if order::actions::load(conn, *order)?.state.status == Status::PendingPayment {
            return Err(Refusal::OrderState(OrderReason::BillUnsettled).into());
        }
    }
    Ok(())
}

/// 呼叫服务员, 请求结账. A repeat within the minute, or while nobody has come, is answered the same and rings no more.
///
/// # Errors
/// `SeatingClosed`.
pub fn call(tx: &mut Tx<'_>, diner: Diner, kind: alert::Kind) -> Result<()> {
    let diner = seating::actions::locate(tx.conn(), diner)?;
    if kind == alert::Kind::Bill {
        seating::actions::ask_for_bill(tx, diner)?;
    }
    alert::actions::call(tx, kind, diner.table)
}

/// Every table in use.
pub fn list(conn: &Connection) -> Result<Vec<Entry>> {
    let mut entries = sql::list_entries(conn)?;
    let open = alert::actions::list_open(conn)?;
    for entry in &mut entries {
        if let Some(party) = &mut entry.party {
            party.owed = bill::actions::owed(conn, party.seating)?;
        }
        let here = open.iter().filter(|alert| alert.table == Some(entry.table.id));
        entry.calls = here.map(|alert| Call { alert: alert.id, kind: alert.kind, at: alert.raised_at }).collect();
    }
    Ok(entries)
}

/// The clock was put right: nobody waits until a year that was never there.
pub fn forget_the_future(tx: &mut Tx<'_>) -> Result<()> {
    staff::actions::forget_the_future(tx)?;
    order::actions::forget_the_future(tx)?;
    payment::actions::ask_all_now(tx)
}
