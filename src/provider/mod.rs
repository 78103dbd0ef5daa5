//! The lines to payment providers, and the tunnel by which they reach us: the only place that calls them.

pub mod alipay;
pub mod demo;
pub mod keys;
mod line;
pub mod tunnel;
pub mod wechat;

use crate::payment::provider::{CallError, Called, Verdict};
use crate::payment::{Channel, Payment, PaymentState, Target};
use crate::secret;
use crate::units::{Fen, OrderId, PaymentId, Timestamp};

/// A payment of one fen that is made to be refused or closed at once: nobody is ever shown its code.
fn trial(provider: &str) -> Payment {
    const SECONDS: i64 = 120;
    let now = Timestamp::now();
    Payment {
        id: PaymentId(0),
        target: Target::Order(OrderId(0)),
        about: OrderId(0),
        provider: provider.to_owned(),
        channel: Channel::Code,
        out_trade_no: format!("doctor{}", &secret::random_code()[..20]),
        subject: "tablebell doctor".to_owned(),
        payer: String::new(),
        amount: Fen(1),
        state: PaymentState::Creating,
        code: String::new(),
        transaction_id: None,
        received: None,
        created_at: now,
        expires_at: now.plus_seconds(SECONDS),
        closed_at: None,
    }
}

/// What a call that only the right field lets through has shown of it.
fn verdict<T>(called: Called<T>, proved: &str) -> Verdict {
    match called {
        Ok(_) => Verdict::Proved(proved.to_owned()),
        Err(CallError::Refused { code, message }) => Verdict::Wrong(format!("{message} ({code})")),
        Err(CallError::Unanswered(error)) => Verdict::Unproved(format!("没有回应 not answered: {error:#}")),
    }
}
