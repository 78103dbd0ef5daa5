//! What a person has decided.

use super::{Action, Kind, Review, silence, sql};
use crate::actor::Actor;
use crate::error::{Field, OrderReason, Refusal, Result};
use crate::payment::owed::Owed;
use crate::payment::{Payment, Refund, actions, ledger, pay_method, refund};
use crate::staff;
use crate::store::Tx;
use crate::units::{Fen, ReviewId};
use rusqlite::Connection;

/// Takes one way out. A repeat of the same one is done already.
///
/// # Errors
/// `ReviewNotFound`; `ReviewResolved` when another way was taken; `BadRequest` for one that this item does not have;
/// `OrderState` when the order can't be paid any more.
pub fn resolve(tx: &mut Tx<'_>, id: ReviewId, action: Action, staff: &str) -> Result<()> {
    let review = sql::find_review(tx.conn(), id)?.ok_or(Refusal::ReviewNotFound)?;
    match &review.resolution {
        Some(done) if done == action.name() => return Ok(()),
        Some(_) => return Err(Refusal::ReviewResolved.into()),
        None => {}
    }
    if !review.kind.actions().contains(&action) {
        return Err(Refusal::BadRequest(Field::Action).into());
    }
    sql::advance_resolved(tx.conn(), id, action.name(), staff, tx.now)?;
    let payment = actions::load(tx.conn(), review.payment)?;
    let actor = Actor::Staff(staff.to_owned());
    let detail = format!("{} {}: {}", review.kind.name(), action.name(), review.reason);
    staff::actions::record(tx, staff, "payment.review", &review.order_number, &detail)?;
    match action {
        Action::Accept => accept(tx, &payment, &actor)?,
        Action::Refund => {
            actions::release(tx, &payment)?;
            refund::send_all(tx, &payment, &review.reason, &actor)?;
        }
        Action::Retry => refund::retry(tx, &failed(tx.conn(), &review)?, &actor)?,
        Action::HandedBack => hand_back(tx, &review, &payment, &actor)?,
        Action::Dismiss if sql::has_open_of_payment(tx.conn(), payment.id)? => {}
        Action::Dismiss => actions::release(tx, &payment)?,
    }
    silence(tx, review.order, staff)
}

/// Another amount came, and staff take it as the payment of the order.
fn accept(tx: &mut Tx<'_>, payment: &Payment, by: &Actor) -> Result<()> {
    let owed = Owed::of(tx.conn(), payment)?;
    if owed.check().is_err() {
        return Err(Refusal::OrderState(OrderReason::TakesNoMoney).into());
    }
    if refund::remaining(tx.conn(), payment)? <= Fen::ZERO {
        return Err(Refusal::OrderState(OrderReason::WentBack).into());
    }
    actions::release(tx, payment)?;
    owed.pay(tx, pay_method(&payment.provider, payment.channel), by)?;
    Ok(())
}

fn failed(conn: &Connection, review: &Review) -> Result<Refund> {
    refund::load(conn, review.refund.ok_or(Refusal::BadRequest(Field::Action))?)
}

fn hand_back(tx: &mut Tx<'_>, review: &Review, payment: &Payment, actor: &Actor) -> Result<()> {
    if review.refund.is_some() {
        let failed = failed(tx.conn(), review)?;
        return refund::hand_back(tx, &failed, actor);
    }
    let mut is_ours = review.kind != Kind::Transaction;
    for (reference, amount) in sql::list_notices(tx.conn(), review.id)? {
        let amount = match review.kind {
            // What is not in our ledger never came to us.
            Kind::Transaction => {
                let entry = ledger::find(tx.conn(), &payment.provider, ledger::Kind::Payment, &reference)?;
                let Some(entry) = entry.filter(|entry| entry.out_trade_no == payment.out_trade_no) else { continue };
                is_ours = true;
                entry.amount
            }
            _ => amount.or(payment.received).unwrap_or(payment.amount),
        };
        ledger::book_refund(tx, payment, amount, &reference, tx.now, actor)?;
    }
    if !is_ours {
        return Err(Refusal::OrderState(OrderReason::ForeignTrade).into());
    }
    actions::release(tx, payment)?;
    refund::note_balance(tx, payment.about, &payment.provider)
}
