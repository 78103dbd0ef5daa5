//! Paying by a member's balance (会员余额). The money is in the house already: payment, ledger, card and order change in
//! one transaction, and a refund is back on the card at once.

use super::Target;
use super::actions::{Way, insert, resolve};
use super::owed::Owed;
use super::{Channel, Payment, PaymentState, settle};
use crate::actor::Actor;
use crate::error::{Refusal, Result};
use crate::failpoint;
use crate::member::{self, Member, actions::Presence, code::Codes};
use crate::seating::Diner;
use crate::store::Tx;
use crate::units::{Fen, MemberId};

/// Whose payments are by balance.
pub const MEMBER: &str = "member";

/// At the till: the member's code, scanned now, says whose balance it is.
///
/// # Errors
/// `MemberCode` for a code that is no good; as `pay`; `WrongAmount` with what is owed.
pub fn pay_at_till(
    tx: &mut Tx<'_>,
    target: Target,
    amount: Fen,
    (codes, code): (&Codes, &str),
    staff: &str,
) -> Result<Payment> {
    let Presence { member, claim } = member::actions::recognise_at_till(tx, codes, code)?;
    let (payment, after) = pay(tx, target, Some(amount), &member, &Actor::Staff(staff.to_owned()))?;
    member::actions::paid_at_till(tx, &claim, &after, amount, payment.id)?;
    Ok(payment)
}

/// From a phone at the table, for its own party, with a member's link: another's card can pay, too.
///
/// # Errors
/// `MemberLinkOver`; another party's looks as if it did not exist; as `pay`; `WrongAmount` with what is owed, where it
/// is not what the diner said yes to.
pub fn pay_by_phone(
    tx: &mut Tx<'_>,
    diner: Diner,
    target: Target,
    amount: Option<Fen>,
    (member, link): (MemberId, i64),
) -> Result<Payment> {
    Owed::load_own(tx.conn(), target, diner)?;
    let member = member::actions::load_by_link(tx.conn(), member, link)?;
    Ok(pay(tx, target, amount, &member, &Actor::Diner(diner.id))?.0)
}

/// # Errors
/// `OrderNotFound`, `BillNotFound`; `OrderState` when nothing is owed; `BalanceTooLow` with what is there.
fn pay(
    tx: &mut Tx<'_>,
    target: Target,
    amount: Option<Fen>,
    member: &Member,
    actor: &Actor,
) -> Result<(Payment, Member)> {
    let owed = Owed::load(tx.conn(), resolve(tx, target, actor)?)?;
    owed.check()?;
    if amount.is_some_and(|amount| amount != owed.amount) {
        return Err(Refusal::WrongAmount(owed.amount).into());
    }
    let way = Way { provider: MEMBER.to_owned(), channel: Channel::Balance, payer: member.id.to_string() };
    let payment = insert(tx, &owed, &way, PaymentState::Open, tx.now)?;
    let after = member::actions::pay(tx, member, owed.amount, payment.id, &actor.to_string())?;
    failpoint::reach("balance.deducted");
    settle::receive(tx, &payment, &owed, actor)?;
    failpoint::reach("balance.paid");
    Ok((payment, after))
}
