//! What can be done with members. Every change of a card is one line of their ledger, in the same transaction.

use super::code::{self, Claim, Codes};
use super::{
    Change, Entry, EntryKind, MAX_BALANCE, MAX_USES, Member, Outcome, Scanned, Topup, clean_name, clean_phone, sql,
};
use crate::error::{CodeFault, Field, Refusal, Result};
use crate::event::Event;
use crate::failpoint;
use crate::staff;
use crate::store::Tx;
use crate::units::{Fen, MemberId, PaymentId, RefundId};
use rusqlite::Connection;
use std::sync::Arc;

/// # Errors
/// `BadRequest`; `PhoneTaken` by another member.
pub fn add(tx: &mut Tx<'_>, name: &str, phone: &str, by: &str) -> Result<Member> {
    let (name, phone) = (clean_name(name)?, clean_phone(phone)?);
    refuse_taken(tx.conn(), &phone, None)?;
    let member = load(tx.conn(), sql::insert_member(tx.conn(), &name, &phone, tx.now)?)?;
    staff::actions::record(tx, by, "member.add", &member.called(), "")?;
    Ok(member)
}

fn refuse_taken(conn: &Connection, phone: &str, own: Option<MemberId>) -> Result<()> {
    match sql::find_by_phone(conn, phone)? {
        Some(other) if Some(other.id) != own => Err(Refusal::PhoneTaken(other.name.into()).into()),
        _ => Ok(()),
    }
}

/// What is to change of a member; `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amendment {
    pub name: Option<String>,
    pub phone: Option<String>,
    pub enabled: Option<bool>,
}

/// Gives a member another name or number, or takes the card out of use: then its phones are cut off.
///
/// # Errors
/// `MemberNotFound`, `BadRequest`, `PhoneTaken`.
pub fn change(tx: &mut Tx<'_>, id: MemberId, to: &Amendment, by: &str) -> Result<Member> {
    let old = load(tx.conn(), id)?;
    let name = clean_name(to.name.as_ref().unwrap_or(&old.name))?;
    let phone = clean_phone(to.phone.as_ref().unwrap_or(&old.phone))?;
    let enabled = to.enabled.unwrap_or(old.enabled);
    refuse_taken(tx.conn(), &phone, Some(id))?;
    sql::set_member(tx.conn(), id, &name, &phone, enabled)?;
    if !enabled {
        tx.emit(Event::MemberCutOff(id));
    }
    let new = load(tx.conn(), id)?;
    let what = [
        (old.name != new.name).then_some("改名"),
        (old.phone != new.phone).then_some("换手机号"),
        (old.enabled && !new.enabled).then_some("停用"),
        (!old.enabled && new.enabled).then_some("启用"),
    ];
    let what: Vec<&str> = what.into_iter().flatten().collect();
    if !what.is_empty() {
        staff::actions::record(tx, by, "member.change", &old.called(), &what.join("、"))?;
    }
    Ok(new)
}

/// A new link: what was given out before is worthless.
///
/// # Errors
/// `MemberNotFound`; `MemberDisabled`.
pub fn renew_link(tx: &mut Tx<'_>, id: MemberId, by: &str) -> Result<Member> {
    let member = load_enabled(tx.conn(), id)?;
    sql::set_link(tx.conn(), id, member.link + 1)?;
    tx.emit(Event::MemberCutOff(id));
    staff::actions::record(tx, by, "member.token", &member.called(), "")?;
    load(tx.conn(), id)
}

/// Puts uses and yuan on a card, or takes them off. A repeat of the same operation does nothing more.
///
/// # Errors
/// `MemberNotFound`, `MemberDisabled`, `BadRequest`, `BadTopup`; `CardHolds`, `NoUsesLeft` when more would be taken off
/// than there is; `OpIdReused` when it was another top-up.
pub fn top_up(tx: &mut Tx<'_>, id: MemberId, topup: &Topup, by: &str) -> Result<Member> {
    let cause = format!("topup {}", topup.op_id);
    if let Some(done) = sql::find_entry_of_cause(tx.conn(), id, &cause)? {
        let known = (done.uses, done.amount, done.paid, &done.method);
        return match known == (topup.uses, topup.amount, topup.paid, &topup.method) {
            true => load(tx.conn(), id),
            false => Err(Refusal::OpIdReused.into()),
        };
    }
    topup.check()?;
    let member = load_enabled(tx.conn(), id)?;
    if member.uses + topup.uses > MAX_USES || member.balance.plus(topup.amount) > MAX_BALANCE {
        return Err(Refusal::BadRequest(Field::Amount).into());
    }
    if member.balance.plus(topup.amount) < Fen::ZERO {
        return Err(Refusal::CardHolds(member.balance).into());
    }
    let change = Change {
        kind: EntryKind::Topup,
        uses: topup.uses,
        amount: topup.amount,
        paid: topup.paid,
        method: &topup.method,
        payment: None,
        cause: &cause,
        note: topup.note.trim(),
        actor: by,
    };
    let after = enter(tx, &member, &change)?;
    staff::actions::record(tx, by, "member.topup", &member.called(), &topup.said())?;
    Ok(after)
}

/// The one place where a card changes: with its line in the ledger, and never below nothing.
fn enter(tx: &mut Tx<'_>, member: &Member, change: &Change<'_>) -> Result<Member> {
    let (uses, balance) = (member.uses + change.uses, member.balance.plus(change.amount));
    if balance < Fen::ZERO {
        return Err(Refusal::BalanceTooLow(member.balance).into());
    }
    if uses < 0 {
        return Err(Refusal::NoUsesLeft(member.uses).into());
    }
    sql::advance_card(tx.conn(), member, uses, balance)?;
    failpoint::reach("member.card");
    let after = Member { uses, balance, ..member.clone() };
    sql::insert_entry(tx.conn(), &after, change, tx.now)?;
    failpoint::reach("member.entered");
    Ok(after)
}

/// What the counter hears of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `None` where the code names nobody.
    pub member: Option<Member>,
    pub status: i64,
    pub text: String,
    pub remaining: i64,
}

/// Deducts one use for a genuine, unused code, and tells the member's phones. A repeat of the same operation answers
/// what it did.
///
/// # Errors
/// `OpIdReused` for an operation that was a scan of another code. What a code is not good for is an answer, no error.
pub fn scan(tx: &mut Tx<'_>, codes: &Codes, text: &str, op_id: &str, actor: &str) -> Result<Answer> {
    let known = recognise(tx.conn(), codes, text)?;
    // Apart from the payments', which are operations of our own.
    let op = format!("scan {op_id}");
    let before = sql::find_scan_of_op(tx.conn(), &op)?;
    let Some((claim, member)) = known else {
        let text = Outcome::Forged.text().to_owned();
        return match before {
            Some(_) => Err(Refusal::OpIdReused.into()),
            None => Ok(Answer { member: None, status: Outcome::Forged as i64, text, remaining: 0 }),
        };
    };
    if let Some((scanned, code_id)) = before {
        return match code_id == claim.id() {
            true => Ok(Answer::of(&scanned, member)),
            false => Err(Refusal::OpIdReused.into()),
        };
    }
    let outcome = match judge(tx, &claim, &member)? {
        Outcome::Deducted if member.uses == 0 => Outcome::NothingLeft,
        judged => judged,
    };
    let member = match outcome {
        Outcome::Deducted => deduct(tx, &member, &claim, actor)?,
        _ => member,
    };
    let scanned = record(tx, &member, &claim, &op, outcome, outcome.text())?;
    Ok(Answer::of(&scanned, member))
}

impl Answer {
    fn of(scanned: &Scanned, member: Member) -> Answer {
        let Scanned { status, text, remaining, .. } = scanned.clone();
        Answer { member: Some(member), status, text, remaining }
    }
}

/// The code and its member, if we signed it for the member's present link.
fn recognise(conn: &Connection, codes: &Codes, text: &str) -> Result<Option<(Claim, Member)>> {
    let Some(claim) = code::read(text) else { return Ok(None) };
    let member = sql::find_member(conn, claim.member)?;
    Ok(member.filter(|member| codes.is_genuine(&claim, member.link)).map(|member| (claim, member)))
}

/// `Deducted` for a genuine code that is good for something now.
fn judge(tx: &Tx<'_>, claim: &Claim, member: &Member) -> Result<Outcome> {
    Ok(match () {
        () if sql::has_spent(tx.conn(), &claim.id())? => Outcome::Used,
        () if claim.expires <= tx.now => Outcome::Expired,
        () if !member.enabled => Outcome::Disabled,
        () => Outcome::Deducted,
    })
}

fn deduct(tx: &mut Tx<'_>, member: &Member, claim: &Claim, actor: &str) -> Result<Member> {
    let change = Change {
        kind: EntryKind::Scan,
        uses: -1,
        amount: Fen::ZERO,
        paid: Fen::ZERO,
        method: "",
        payment: None,
        cause: &format!("scan {}", claim.id()),
        note: "",
        actor,
    };
    enter(tx, member, &change)
}

/// Keeps the result and tells the phones after the commit.
fn record(
    tx: &mut Tx<'_>,
    member: &Member,
    claim: &Claim,
    op_id: &str,
    outcome: Outcome,
    text: &str,
) -> Result<Scanned> {
    let mut scanned = Scanned {
        id: 0,
        member: member.id,
        status: outcome as i64,
        text: text.to_owned(),
        remaining: member.uses,
        at: tx.now,
    };
    scanned.id = sql::insert_scan(tx.conn(), &scanned, &claim.id(), op_id, outcome.spends())?;
    failpoint::reach("member.scanned");
    tx.emit(Event::MemberScanned(Arc::new(scanned.clone())));
    Ok(scanned)
}

/// # Errors
/// `MemberNotFound`.
pub fn load(conn: &Connection, id: MemberId) -> Result<Member> {
    Ok(sql::find_member(conn, id)?.ok_or(Refusal::MemberNotFound)?)
}

fn load_enabled(conn: &Connection, id: MemberId) -> Result<Member> {
    let member = load(conn, id)?;
    if member.enabled { Ok(member) } else { Err(Refusal::MemberDisabled.into()) }
}

/// The member whose token this is.
///
/// # Errors
/// `MemberLinkOver` for a link that was renewed, or a card that is out of use.
pub fn load_by_link(conn: &Connection, id: MemberId, link: i64) -> Result<Member> {
    let member = sql::find_member(conn, id)?.filter(|member| member.enabled && member.link == link);
    Ok(member.ok_or(Refusal::MemberLinkOver)?)
}

/// How many members have `part` in name or phone, and one page of them, the latest first.
pub fn list(conn: &Connection, part: &str, limit: i64, offset: i64) -> Result<(i64, Vec<Member>)> {
    sql::list_members(conn, part.trim(), limit, offset)
}

/// The latest lines of a member's ledger, the latest first.
pub fn list_entries(conn: &Connection, id: MemberId, limit: i64) -> Result<Vec<Entry>> {
    sql::list_entries(conn, id, limit)
}

pub fn find_last_scan(conn: &Connection, id: MemberId) -> Result<Option<Scanned>> {
    sql::find_last_scan(conn, id)
}

/// A member who is at the till: a genuine, unused code proves it.
pub struct Presence {
    pub member: Member,
    pub claim: Claim,
}

/// # Errors
/// `MemberCode` with what is wrong with it.
pub fn recognise_at_till(tx: &Tx<'_>, codes: &Codes, text: &str) -> Result<Presence> {
    let known = recognise(tx.conn(), codes, text)?;
    let (claim, member) = known.ok_or(Refusal::MemberCode(CodeFault::Forged))?;
    match judge(tx, &claim, &member)?.fault() {
        None => Ok(Presence { member, claim }),
        Some(fault) => Err(Refusal::MemberCode(fault).into()),
    }
}

/// Takes what a payment costs off the balance.
///
/// # Errors
/// `BalanceTooLow` with what is there.
pub fn pay(tx: &mut Tx<'_>, member: &Member, amount: Fen, payment: PaymentId, actor: &str) -> Result<Member> {
    let change = of_payment(EntryKind::Payment, Fen(-amount.0), payment);
    enter(tx, member, &Change { cause: &format!("payment {payment}"), actor, ..change })
}

/// A payment at the till uses the code up, and the member's phones hear of it.
pub fn paid_at_till(tx: &mut Tx<'_>, claim: &Claim, after: &Member, amount: Fen, payment: PaymentId) -> Result<()> {
    let text = format!("余额支付 {amount} 元，余额 {} 元", after.balance);
    record(tx, after, claim, &format!("payment {payment}"), Outcome::Deducted, &text)?;
    Ok(())
}

/// Puts what a refund brings back on the balance, also of a card that is out of use by now.
///
/// # Errors
/// `MemberNotFound`.
pub fn give_back(
    tx: &mut Tx<'_>,
    id: MemberId,
    amount: Fen,
    payment: PaymentId,
    refund: RefundId,
    actor: &str,
) -> Result<()> {
    let member = load(tx.conn(), id)?;
    let change = of_payment(EntryKind::Refund, amount, payment);
    enter(tx, &member, &Change { cause: &format!("refund {refund}"), actor, ..change })?;
    Ok(())
}

fn of_payment<'a>(kind: EntryKind, amount: Fen, payment: PaymentId) -> Change<'a> {
    Change {
        kind,
        uses: 0,
        amount,
        paid: Fen::ZERO,
        method: "",
        payment: Some(payment),
        cause: "",
        note: "",
        actor: "",
    }
}
