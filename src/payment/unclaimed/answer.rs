//! What a person has decided.

use super::{Action, MAX_NOTE_CHARS, Unclaimed, close, sql};
use crate::actor::Source;
use crate::error::{Field, Refusal, Result};
use crate::event::Event;
use crate::order;
use crate::payment::owed::Owed;
use crate::payment::provider::Paid;
use crate::payment::{Channel, Payment, PaymentState, Target, actions, settle};
use crate::staff;
use crate::store::Tx;
use crate::units::{PaymentId, UnclaimedId};

/// Takes one way out. `text`: the order's number, or why the money is kept. A repeat of the same one is done already.
///
/// # Errors
/// `ReviewNotFound`; `ReviewResolved` when another way was taken; `OrderNotFound`; `OrderState` when the order takes no
/// money; `BadRequest` for a way that this does not have, or without the text that it needs.
pub fn resolve(tx: &mut Tx<'_>, id: UnclaimedId, action: Action, text: &str, staff: &str) -> Result<()> {
    let one = sql::find(tx.conn(), id)?.ok_or(Refusal::ReviewNotFound)?;
    let is_repeat = one.resolution.as_deref() == Some(action.name());
    if is_repeat || action == Action::Refund && one.sending.is_under_way {
        return Ok(());
    }
    if one.resolution.is_some() || one.sending.is_under_way {
        return Err(Refusal::ReviewResolved.into());
    }
    if !one.actions().contains(&action) {
        return Err(Refusal::BadRequest(Field::Action).into());
    }
    let text: String = text.trim().chars().take(MAX_NOTE_CHARS).collect();
    let detail = format!("{} {} {} {text}", one.provider, one.amount, action.name());
    staff::actions::record(tx, staff, "payment.unclaimed", &one.out_trade_no, detail.trim())?;
    match action {
        Action::Refund => {
            sql::begin_refund(tx.conn(), id, staff, tx.now)?;
            tx.emit(Event::PaymentDue);
            return Ok(());
        }
        Action::Order => give_to(tx, &one, &text)?,
        Action::Keep if text.is_empty() => return Err(Refusal::BadRequest(Field::Note).into()),
        Action::Keep | Action::HandedBack | Action::Dismiss => {}
    }
    close(tx, &one, action, &text, staff)
}

/// It becomes a payment of the order, as if that had asked for it: what does not fit there is a question there.
fn give_to(tx: &mut Tx<'_>, one: &Unclaimed, number: &str) -> Result<()> {
    let order = order::actions::find_by_number(tx.conn(), number)?.ok_or(Refusal::OrderNotFound)?;
    let owed = Owed::load(tx.conn(), Target::Order(order))?;
    owed.check()?;
    let payment = Payment {
        id: PaymentId(0),
        target: Target::Order(order),
        about: order,
        provider: one.provider.clone(),
        channel: Channel::Code,
        out_trade_no: one.out_trade_no.clone(),
        subject: String::new(),
        payer: String::new(),
        amount: owed.amount,
        state: PaymentState::Creating,
        code: String::new(),
        transaction_id: None,
        received: None,
        created_at: tx.now,
        expires_at: tx.now,
        closed_at: None,
    };
    actions::adopt(tx, &payment)?;
    let paid = Paid {
        out_trade_no: one.out_trade_no.clone(),
        transaction_id: one.reference.clone(),
        amount: one.amount,
        for_us: true,
        paid_at: Some(one.provider_at),
        refunded: false,
    };
    settle::settle(tx, &one.provider, &paid, Source::Callback).map(drop)
}
