//! What a payment is for: an order, or a part of a bill.

use super::{Payment, Target};
use crate::actor::Actor;
use crate::alert;
use crate::bill::{self, BillState, Part, PartState};
use crate::error::{OrderReason, Refusal, Result};
use crate::order::{self, Order, Status};
use crate::seating::{self, Diner};
use crate::store::Tx;
use crate::units::{Fen, OrderId, PayMethod};
use rusqlite::Connection;

/// A target as it is now.
#[derive(Debug, Clone)]
pub struct Owed {
    pub target: Target,
    /// The order itself, or the first of the part's bill.
    pub order: Order,
    /// What it costs, paid or not.
    pub amount: Fen,
    settled: Option<Refusal>,
}

impl Owed {
    /// # Errors
    /// `OrderNotFound`, `BillNotFound`; `OrderState` for a part of a bill that is no more.
    pub fn load(conn: &Connection, target: Target) -> Result<Owed> {
        match target {
            Target::Order(id) => Owed::of_order(conn, id),
            Target::Part(id) => {
                let part = bill::actions::load_part(conn, id)?;
                let first = bill::actions::load(conn, part.bill)?.orders.first().copied();
                Owed::of_part(conn, part, first.ok_or(Refusal::OrderState(OrderReason::Recut))?)
            }
        }
    }

    /// The same, for one of the party itself. Another party's looks as if it did not exist.
    ///
    /// # Errors
    /// `OrderNotFound`, `BillNotFound`.
    pub fn load_own(conn: &Connection, target: Target, diner: Diner) -> Result<Owed> {
        match target {
            Target::Order(id) => {
                order::actions::load_own(conn, diner.seating, id)?;
            }
            Target::Part(id) => {
                let part = bill::actions::load_part(conn, id)?;
                let party = seating::actions::locate(conn, diner)?.seating;
                if bill::actions::load(conn, part.bill)?.seating != party {
                    return Err(Refusal::BillNotFound.into());
                }
            }
        }
        Owed::load(conn, target)
    }

    fn of_order(conn: &Connection, id: OrderId) -> Result<Owed> {
        let order = order::actions::load(conn, id)?;
        let on_bill = bill::actions::find_open_of_order(conn, id)?;
        let billed = on_bill.map(|_| Refusal::OrderState(OrderReason::OnBill));
        let settled = order.check_unpaid().err().or(billed);
        Ok(Owed { target: Target::Order(id), amount: order.amount, order, settled })
    }

    /// What a payment is for.
    pub fn of(conn: &Connection, payment: &Payment) -> Result<Owed> {
        match payment.target {
            Target::Part(part) => Owed::of_part(conn, bill::actions::load_part(conn, part)?, payment.about),
            Target::Order(order) => Owed::of_order(conn, order),
        }
    }

    fn of_part(conn: &Connection, part: Part, first: OrderId) -> Result<Owed> {
        let settled = match (part.state, bill::actions::load(conn, part.bill)?.state) {
            (PartState::Open, BillState::Open) => None,
            (PartState::Paid, _) => Some(Refusal::OrderState(OrderReason::PartPaid)),
            (PartState::Open | PartState::Void, _) => Some(Refusal::OrderState(OrderReason::Recut)),
        };
        let order = order::actions::load(conn, first)?;
        Ok(Owed { target: Target::Part(part.id), order, amount: part.amount, settled })
    }

    /// # Errors
    /// `OrderState` when no money is taken for it any more.
    pub fn check(&self) -> Result<()> {
        match &self.settled {
            Some(refusal) => Err(refusal.clone().into()),
            None => Ok(()),
        }
    }

    /// What would still be taken for it.
    pub fn wanted(&self) -> Fen {
        if self.settled.is_none() { self.amount } else { Fen::ZERO }
    }

    /// Why money that came all the same goes back.
    pub fn why_back(&self) -> &'static str {
        match (self.target, self.order.state.status, self.order.check_unpaid()) {
            (Target::Part(_), ..) => "账单的这一份已付款或已重新分单，多付的自动退回",
            (Target::Order(_), Status::Cancelled, _) => "订单已取消，款项自动退回",
            (Target::Order(_), _, Err(_)) => "订单已用别的方式付款，多付的自动退回",
            (Target::Order(_), _, Ok(())) => "订单已并入账单，单独付的自动退回",
        }
    }

    /// Its money is here. `false` when that was so before.
    ///
    /// # Errors
    /// `OrderState` when an order can't be paid any more.
    pub fn pay(&self, tx: &mut Tx<'_>, method: PayMethod, actor: &Actor) -> Result<bool> {
        let paid = match self.target {
            Target::Order(id) => order::actions::pay(tx, &[id], method, actor).map(|()| true)?,
            Target::Part(id) => bill::actions::take_part(tx, id, method, actor)?,
        };
        let (party, table) = (self.order.seating, self.order.table);
        // Whoever sits there now may be another party, which waits for its own bill.
        if seating::actions::is_seated(tx.conn(), table, party)? && bill::actions::owed(tx.conn(), party)? == Fen::ZERO
        {
            alert::actions::dismiss_bill_call(tx, table)?;
        }
        Ok(paid)
    }
}

/// Whether this payment's money would still be taken: its order or part is unpaid, and costs what it did.
pub fn is_wanted(conn: &Connection, payment: &Payment) -> Result<bool> {
    let owed = Owed::of(conn, payment)?;
    Ok(owed.check().is_ok() && owed.amount == payment.amount)
}
