//! Money that has come: what it is, decided once and purely, and what follows of that. Callbacks, queries and charged codes
//! all come here, and what people take at the counter as far as it is the same.

use super::owed::Owed;
use super::provider::Paid;
use super::review::{self, Kind, Question};
use super::state::PaymentInput;
use super::{
    COUNTER, Channel, Payment, PaymentState, Target, actions, ending, ledger, next_look_at_closed, pay_method, refund,
    sql, unclaimed,
};
use crate::actor::{Actor, Source};
use crate::alert;
use crate::error::{Refusal, Result};
use crate::failpoint;
use crate::staff;
use crate::store::Tx;
use crate::units::{Fen, Timestamp};

/// What money that a provider vouches for is to the payment that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Known already: nothing changes.
    Known,
    /// What was asked for.
    Wanted,
    /// Ours, but nothing is owed for it any more: it goes back, and why.
    Unwanted(&'static str),
    /// Ours, and not what was asked for: a person decides.
    Odd { kind: Kind, reason: String },
    /// Not ours: nothing is booked, a person is told, and the payment's own money may still come.
    Foreign { kind: Kind, reason: &'static str },
    /// The payment has its money, and this is another transaction: a person decides.
    Second,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Paid,
    AlreadyDone,
    /// Not what we asked for: quarantined, a person decides.
    NeedsReview,
    /// The order can't take it (cancelled, or paid another way): booked, and going back.
    Refunding,
    /// Nothing here knows the number: kept, and a person decides.
    Unclaimed,
}

impl Settled {
    /// As the record of what providers have told keeps it.
    fn name(self) -> &'static str {
        match self {
            Settled::Paid => "Paid",
            Settled::AlreadyDone => "AlreadyDone",
            Settled::NeedsReview => "NeedsReview",
            Settled::Refunding => "Refunding",
            Settled::Unclaimed => "Unclaimed",
        }
    }
}

/// What `paid` is to the payment, of which `owed` is the present price. `is_of_another`: its transaction has paid
/// another payment.
pub fn decide(payment: &Payment, owed: &Owed, paid: &Paid, is_of_another: bool) -> Verdict {
    let is_same = payment.transaction_id.as_deref() == Some(&paid.transaction_id);
    match payment.state {
        PaymentState::Paid | PaymentState::NeedsReview if is_same => return Verdict::Known,
        PaymentState::NeedsReview if !paid.for_us => return Verdict::Known,
        PaymentState::Paid => return Verdict::Second,
        PaymentState::NeedsReview if payment.transaction_id.is_some() => return Verdict::Second,
        // What is in question was not ours; now ours comes.
        PaymentState::NeedsReview | PaymentState::Creating | PaymentState::Open | PaymentState::Closed => {}
    }
    let odd = |kind, reason| Verdict::Odd { kind, reason };
    let is_owed = owed.check().is_ok();
    if !paid.for_us {
        Verdict::Foreign { kind: Kind::Merchant, reason: "收款商户不是本店" }
    } else if is_of_another {
        Verdict::Foreign { kind: Kind::Transaction, reason: "交易号已用于另一笔付款" }
    } else if paid.refunded {
        odd(Kind::RefundedBefore, "这笔钱在支付平台上已全部或部分退回，请在商户平台核对".to_owned())
    } else if paid.amount != payment.amount {
        odd(Kind::Amount, format!("应收 {} 元，实付 {} 元", payment.amount, paid.amount))
    } else if is_owed && paid.amount != owed.amount {
        // A code that outlived its closing, for an order that has another price since.
        odd(Kind::Amount, format!("订单已改价：应收 {} 元，实付 {} 元", owed.amount, paid.amount))
    } else if is_owed {
        Verdict::Wanted
    } else {
        Verdict::Unwanted(owed.why_back())
    }
}

/// Books what the provider vouches for: by compare-and-set on the payment's state, once, whoever brings it. What has a
/// number that is not ours is kept until somebody says whose it is.
pub fn settle(tx: &mut Tx<'_>, provider: &str, paid: &Paid, source: Source) -> Result<Settled> {
    let Some(payment) = sql::find_by_trade_no(tx.conn(), provider, &paid.out_trade_no)? else {
        return Ok(match unclaimed::came(tx, provider, paid)? {
            true => Settled::Unclaimed,
            false => Settled::AlreadyDone,
        });
    };
    failpoint::reach("settle.found");
    let owed = Owed::of(tx.conn(), &payment)?;
    let is_of_another = sql::is_transaction_of_another(tx.conn(), provider, &paid.transaction_id, payment.id)?;
    let verdict = decide(&payment, &owed, paid, is_of_another);
    let settled = apply(tx, &payment, &owed, paid, source, &verdict)?;
    sql::insert_callback(tx.conn(), provider, paid, settled.name(), tx.now)?;
    failpoint::reach("settle.recorded");
    Ok(settled)
}

fn apply(
    tx: &mut Tx<'_>,
    payment: &Payment,
    owed: &Owed,
    paid: &Paid,
    source: Source,
    verdict: &Verdict,
) -> Result<Settled> {
    let by = Actor::Told(payment.provider.clone(), source);
    match verdict {
        Verdict::Known => Ok(Settled::AlreadyDone),
        Verdict::Second => {
            // The first stays booked; a refusal of the order has to send it back.
            if paid.for_us {
                enter(tx, payment, paid, &by)?;
            }
            let reason = "同一笔付款出现了第二个交易号";
            Ok(if ask(tx, payment, paid, Kind::Transaction, reason)? {
                Settled::NeedsReview
            } else {
                Settled::AlreadyDone
            })
        }
        Verdict::Foreign { kind, reason } => {
            quarantine(tx, payment, paid, *kind, reason, next_look_at_closed(tx.now, tx.now))
        }
        Verdict::Odd { kind, reason } => {
            book(tx, payment, paid, &by)?;
            quarantine(tx, payment, paid, *kind, reason, None)
        }
        Verdict::Wanted => {
            if !take(tx, payment, paid, &by)? {
                return Ok(Settled::AlreadyDone);
            }
            let method = pay_method(&payment.provider, payment.channel);
            owed.pay(tx, method, &Actor::Provider(payment.provider.clone()))?;
            failpoint::reach("settle.ordered");
            actions::close_unwanted(tx, payment.about)?;
            ending::end_left_bill(tx, payment)?;
            Ok(Settled::Paid)
        }
        Verdict::Unwanted(reason) => {
            if !take(tx, payment, paid, &by)? {
                return Ok(Settled::AlreadyDone);
            }
            refund::send_all(tx, &actions::load(tx.conn(), payment.id)?, reason, &by)?;
            alert::actions::raise_payment(tx, payment.about, reason)?;
            Ok(Settled::Refunding)
        }
    }
}

/// It is this payment's money: `false` when that was so before.
fn take(tx: &mut Tx<'_>, payment: &Payment, paid: &Paid, by: &Actor) -> Result<bool> {
    book(tx, payment, paid, by)?;
    if !actions::advance(tx, payment.id, PaymentInput::Paid)? {
        return Ok(false);
    }
    sql::set_look(tx.conn(), payment.id, None)?;
    failpoint::reach("settle.paid");
    Ok(true)
}

fn book(tx: &mut Tx<'_>, payment: &Payment, paid: &Paid, by: &Actor) -> Result<()> {
    sql::set_received(tx.conn(), payment.id, &paid.transaction_id, paid.amount)?;
    enter(tx, payment, paid, by)
}

fn enter(tx: &mut Tx<'_>, payment: &Payment, paid: &Paid, by: &Actor) -> Result<()> {
    // A provider that vouches for nothing is for a person, but nothing came.
    if paid.amount <= Fen::ZERO {
        return Ok(());
    }
    let at = paid.paid_at.unwrap_or(tx.now);
    ledger::book_payment(tx, payment, paid.amount, &paid.transaction_id, at, by)?;
    failpoint::reach("settle.entered");
    Ok(())
}

fn ask(tx: &mut Tx<'_>, payment: &Payment, paid: &Paid, kind: Kind, reason: &str) -> Result<bool> {
    let (amount, reference) = (Some(paid.amount), paid.transaction_id.as_str());
    review::raise(tx, payment, &Question { kind, refund: None, amount, reference, reason })
}

/// A question that was asked before stays as it was answered.
fn quarantine(
    tx: &mut Tx<'_>,
    payment: &Payment,
    paid: &Paid,
    kind: Kind,
    reason: &str,
    next_look: Option<Timestamp>,
) -> Result<Settled> {
    if !ask(tx, payment, paid, kind, reason)? {
        return Ok(Settled::AlreadyDone);
    }
    if actions::advance(tx, payment.id, PaymentInput::Doubted)? {
        sql::set_look(tx.conn(), payment.id, next_look)?;
    }
    Ok(Settled::NeedsReview)
}

/// Coins, notes, or the bank's terminal: staff have the money. Whatever else is open for it is closed at its provider
/// as soon as that answers; should somebody pay it all the same, that goes back.
///
/// # Errors
/// `OrderNotFound`, `BillNotFound`; `OrderState` when nothing is owed; `WrongAmount` with what is.
pub fn take_at_counter(tx: &mut Tx<'_>, target: Target, channel: Channel, amount: Fen, staff: &str) -> Result<Payment> {
    let by = Actor::Staff(staff.to_owned());
    let owed = Owed::load(tx.conn(), actions::resolve(tx, target, &by)?)?;
    owed.check()?;
    if amount != owed.amount {
        return Err(Refusal::WrongAmount(owed.amount).into());
    }
    let way = actions::Way { provider: COUNTER.to_owned(), channel, payer: String::new() };
    let payment = actions::insert(tx, &owed, &way, PaymentState::Open, tx.now)?;
    receive(tx, &payment, &owed, &by)?;
    let detail = format!("{} {amount}", channel.name());
    staff::actions::record(tx, staff, "payment.counter", &owed.order.number, &detail)?;
    Ok(payment)
}

/// Money that is here with its payment: at the till, or from a member's balance. Whatever else is open for the same is
/// closed at its provider as soon as that answers.
pub(super) fn receive(tx: &mut Tx<'_>, payment: &Payment, owed: &Owed, by: &Actor) -> Result<()> {
    sql::set_received(tx.conn(), payment.id, &payment.out_trade_no, payment.amount)?;
    ledger::book_payment(tx, payment, payment.amount, &payment.out_trade_no, tx.now, by)?;
    actions::advance(tx, payment.id, PaymentInput::Paid)?;
    sql::set_look(tx.conn(), payment.id, None)?;
    owed.pay(tx, pay_method(&payment.provider, payment.channel), by)?;
    actions::close_unwanted(tx, owed.order.id)
}
