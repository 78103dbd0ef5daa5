//! Money that a provider vouches for and that no payment of ours knows: of a shop that was restored from a backup, for
//! the most part. It is on disk before the provider is answered, and it stays on the counter's list until somebody has
//! said whose it is. It belongs to no order, and so it is no entry of the ledger before that.

pub mod answer;
mod sql;

use super::ledger;
use super::provider::{CallError, Called, Paid, RefundNotice, Returned};
use super::{Cause, Refund, RefundState, retry_interval, spoken_name};
use crate::alert;
use crate::error::Result;
use crate::event::Event;
use crate::store::Tx;
use crate::units::{Fen, PaymentId, RefundId, Timestamp, UnclaimedId};
use rusqlite::Connection;

const MAX_NOTE_CHARS: usize = 60;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclaimed {
    pub id: UnclaimedId,
    pub kind: ledger::Kind,
    pub provider: String,
    /// The provider's transaction, or the refund's number.
    pub reference: String,
    pub out_trade_no: String,
    /// Positive, for refunds too.
    pub amount: Fen,
    /// Whether merchant and app are the ones we are.
    pub is_ours: bool,
    /// When the provider says that it happened.
    pub provider_at: Timestamp,
    pub raised_at: Timestamp,
    pub sending: Sending,
    pub resolution: Option<String>,
}

/// How far money is that was to go back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sending {
    /// How many refunds were asked for; each has a number of its own.
    pub attempts: i64,
    pub is_under_way: bool,
    pub tries: i64,
    /// Why the last one did not go; empty where nothing is wrong.
    pub problem: String,
}

/// A way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Send it back by the provider.
    Refund,
    /// It pays an order.
    Order,
    /// It went back by other means than this PC: at the provider's merchant pages.
    HandedBack,
    /// It is the shop's, and somebody says why.
    Keep,
    /// There is nothing to do here.
    Dismiss,
}

names!(Action { Refund = "refund", Order = "order", HandedBack = "handed_back", Keep = "keep", Dismiss = "dismiss" });

impl Unclaimed {
    /// The ways out, the usual one first; none while it is on its way back.
    pub fn actions(&self) -> &'static [Action] {
        match (self.kind, self.is_ours) {
            _ if self.sending.is_under_way => &[],
            (ledger::Kind::Payment, true) => &[Action::Refund, Action::Order, Action::HandedBack, Action::Keep],
            (ledger::Kind::Payment, false) | (ledger::Kind::Refund, _) => &[Action::Dismiss],
        }
    }

    /// Our number of the refund that is under way. It is made of the trade's number, so that a shop that is restored once
    /// more asks for the same one.
    fn refund_no(&self) -> String {
        let count = if self.sending.attempts <= 1 { String::new() } else { self.sending.attempts.to_string() };
        format!("{}U{count}", self.out_trade_no)
    }

    fn refund(&self) -> Refund {
        Refund {
            id: RefundId(self.id.0),
            payment: PaymentId(0),
            provider: self.provider.clone(),
            out_trade_no: self.out_trade_no.clone(),
            transaction_id: Some(self.reference.clone()),
            out_refund_no: self.refund_no(),
            amount: self.amount,
            total: self.amount,
            reason: "查不到订单".to_owned(),
            cause: Cause::Whole,
            state: RefundState::Pending,
            tries: self.sending.tries,
            order: None,
        }
    }

    fn note(&self) -> String {
        note_of(&self.provider)
    }
}

/// What rings while something of a provider's is unclaimed: the same for all of it, so that a hundred ring once.
fn note_of(provider: &str) -> String {
    format!("{}有本机查不到订单的款项：请在收银页「待处理付款」里处理", spoken_name(provider))
}

/// Money has come for a number that we do not know. A repeat changes nothing: `false`.
pub fn came(tx: &mut Tx<'_>, provider: &str, paid: &Paid) -> Result<bool> {
    let found = Unclaimed {
        id: UnclaimedId(0),
        kind: ledger::Kind::Payment,
        provider: provider.to_owned(),
        reference: paid.transaction_id.clone(),
        out_trade_no: paid.out_trade_no.clone(),
        amount: paid.amount,
        is_ours: paid.for_us,
        provider_at: paid.paid_at.unwrap_or(tx.now),
        raised_at: tx.now,
        sending: Sending {
            problem: if paid.refunded {
                "平台上已全部或部分退回，请先在商户平台核对".to_owned()
            } else {
                String::new()
            },
            ..Sending::default()
        },
        resolution: None,
    };
    raise(tx, &found)
}

/// Money went back of a trade that we do not know. A refund of what is on the list is asked about; what else has gone
/// is a question of its own.
pub fn refunded(tx: &mut Tx<'_>, provider: &str, notice: &RefundNotice) -> Result<()> {
    if let Some(one) = sql::find_by_trade_no(tx.conn(), provider, &notice.out_trade_no)?
        && one.sending.attempts > 0
        && one.refund_no() == notice.out_refund_no
    {
        return ask_now(tx, &one);
    }
    let Returned::Done(at) = notice.state else { return Ok(()) };
    let found = Unclaimed {
        id: UnclaimedId(0),
        kind: ledger::Kind::Refund,
        provider: provider.to_owned(),
        reference: notice.out_refund_no.clone(),
        out_trade_no: notice.out_trade_no.clone(),
        amount: notice.amount,
        is_ours: notice.for_us,
        provider_at: at.unwrap_or(tx.now),
        raised_at: tx.now,
        sending: Sending::default(),
        resolution: None,
    };
    raise(tx, &found).map(drop)
}

fn raise(tx: &mut Tx<'_>, found: &Unclaimed) -> Result<bool> {
    if !sql::insert(tx.conn(), found)? {
        return Ok(false);
    }
    let Unclaimed { provider, out_trade_no, amount, .. } = found;
    tracing::error!("{amount} yuan of {provider} for {out_trade_no}, which this shop does not know, need a person");
    alert::actions::raise_trouble(tx, &found.note())?;
    Ok(true)
}

fn ask_now(tx: &mut Tx<'_>, one: &Unclaimed) -> Result<()> {
    if one.sending.is_under_way {
        sql::set_try(tx.conn(), one.id, tx.now)?;
        tx.emit(Event::PaymentDue);
    }
    Ok(())
}

/// What nobody has decided yet, oldest first.
pub fn list_open(conn: &Connection) -> Result<Vec<Unclaimed>> {
    sql::list_open(conn)
}

fn close(tx: &mut Tx<'_>, one: &Unclaimed, action: Action, note: &str, staff: &str) -> Result<()> {
    sql::advance_resolved(tx.conn(), one.id, (action.name(), note, staff), tx.now)?;
    // When nothing of this provider's is left to decide, nothing rings for it.
    match sql::list_open(tx.conn())?.iter().any(|other| other.provider == one.provider) {
        true => Ok(()),
        false => alert::actions::acknowledge_trouble(tx, &one.note()),
    }
}

/// What is to be sent back now, oldest first, each with its refund.
pub fn list_due(conn: &Connection, now: Timestamp, limit: i64) -> Result<Vec<(UnclaimedId, Refund)>> {
    Ok(sql::list_due(conn, now, limit)?.iter().map(|one| (one.id, one.refund())).collect())
}

/// What the provider said of a refund that was asked for.
pub fn answered(tx: &mut Tx<'_>, id: UnclaimedId, said: &Called<Returned>) -> Result<()> {
    let Some(one) = sql::find(tx.conn(), id)?.filter(|one| one.sending.is_under_way) else { return Ok(()) };
    match said {
        Ok(Returned::Done(_)) => {
            let staff = sql::load_sender(tx.conn(), id)?;
            close(tx, &one, Action::Refund, &one.refund_no(), &staff)
        }
        Ok(Returned::Abnormal) => give_up(tx, &one, "对方账户无法收款，请在商户平台退还"),
        Ok(Returned::Closed) => give_up(tx, &one, "支付平台关闭了这笔退款，钱没有退回"),
        Err(CallError::Refused { code, message }) => give_up(tx, &one, &format!("退款被拒绝：{message}（{code}）")),
        Ok(Returned::Pending) | Err(CallError::Unanswered(_)) => {
            sql::put_off(tx.conn(), id, tx.now.plus_seconds(retry_interval(one.sending.tries)))
        }
    }
}

/// It is on the list again, with what went wrong.
fn give_up(tx: &mut Tx<'_>, one: &Unclaimed, problem: &str) -> Result<()> {
    sql::fail_refund(tx.conn(), one.id, problem)?;
    tracing::error!("{} of {} could not be sent back: {problem}", one.amount, one.out_trade_no);
    alert::actions::raise_trouble(tx, &one.note())
}

/// What the provider's bill may name that is not in the ledger: negative for what went back.
pub fn find_amount(conn: &Connection, provider: &str, kind: ledger::Kind, reference: &str) -> Result<Option<Fen>> {
    let known = match kind {
        ledger::Kind::Payment => sql::find_amount(conn, provider, kind, reference)?,
        ledger::Kind::Refund => match sql::find_amount(conn, provider, kind, reference)? {
            None => sql::find_sent(conn, provider, reference)?,
            told => told,
        }
        .map(|amount| Fen(-amount.0)),
    };
    Ok(known)
}
