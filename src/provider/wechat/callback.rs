//! What a callback tells, once its signature is checked over the raw bytes (`Wechat::verify_callback` does that
//! first). Nothing in here is reached by bytes that WeChat Pay has not signed.

use super::cipher::{Sealed, Shut};
use super::wire::{RefundAnswer, Transaction, Us};
use crate::error::Refusal;
use crate::payment::provider::{Notice, RefundNotice};
use anyhow::anyhow;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Envelope<'a> {
    event_type: String,
    /// Read only for the events that we know.
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
}

/// What it holds of a trade, whatever else it is.
#[derive(Default, Deserialize)]
struct Named {
    out_trade_no: Option<String>,
}

/// # Errors
/// `Undecipherable` when our APIv3 key does not open what a payment or a refund is told in.
pub fn read(raw_body: &[u8], apiv3_key: &[u8; 32], us: Us<'_>) -> Result<Notice, Refusal> {
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(raw_body) else {
        return Ok(Notice::unknown("no event", None));
    };
    let event = envelope.event_type.as_str();
    let opened = open(envelope.resource, apiv3_key);
    let read = match (event, &opened) {
        ("TRANSACTION.SUCCESS", Ok(json)) => trade(json, us),
        ("REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED", Ok(json)) => refund(json, us),
        ("TRANSACTION.SUCCESS" | "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED", Err(Shut::WrongKey)) => {
            return Err(Refusal::Undecipherable);
        }
        (_, Ok(_)) => Err(anyhow!("another kind")),
        (_, Err(shut)) => Err(anyhow!("{shut:?}")),
    };
    let named = opened.ok().and_then(|json| serde_json::from_slice::<Named>(&json).ok()).unwrap_or_default();
    Ok(read.unwrap_or_else(|_| Notice::unknown(event, named.out_trade_no.as_deref())))
}

fn open(resource: Option<&RawValue>, apiv3_key: &[u8; 32]) -> Result<Vec<u8>, Shut> {
    let sealed = resource.and_then(|resource| serde_json::from_str::<Sealed>(resource.get()).ok());
    sealed.ok_or(Shut::Malformed("resource"))?.open(apiv3_key)
}

fn trade(json: &[u8], us: Us<'_>) -> anyhow::Result<Notice> {
    Ok(Notice::Trade(Transaction::read(json)?.trade(us)?))
}

fn refund(json: &[u8], us: Us<'_>) -> anyhow::Result<Notice> {
    let refund = RefundAnswer::read(json)?;
    Ok(Notice::Refund(RefundNotice {
        is_running_total: false,
        for_us: refund.mchid.as_deref() == Some(us.mch_id),
        amount: refund.amount(),
        state: refund.state()?,
        transaction_id: refund.transaction_id,
        out_trade_no: refund.out_trade_no,
        out_refund_no: refund.out_refund_no,
    }))
}
