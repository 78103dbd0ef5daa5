//! What a callback tells, once its signature is checked over the raw bytes (`Wechat::verify_callback` does that
//! first). Nothing in here is reached by bytes that WeChat Pay has not signed.

use super::super::{Notice, RefundNotice, Trade};
use super::cipher::{Sealed, Shut};
use super::wire::{RefundAnswer, Transaction, Us};
use crate::error::Refusal;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Envelope<'a> {
    event_type: String,
    /// Read only for the events that we know.
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
}

/// An event of another kind tells nothing: it is taken, and queries
/// say how the payment is.
///
/// # Errors
/// `BadRequest` when it is not of their form, or a refund of another merchant; `Undecipherable` when our APIv3 key
/// does not open it.
pub fn read(raw_body: &[u8], apiv3_key: &[u8; 32], us: Us<'_>) -> Result<Notice, Refusal> {
    let envelope: Envelope<'_> = serde_json::from_slice(raw_body).map_err(bad)?;
    let resource = || open(envelope.resource, apiv3_key);
    match envelope.event_type.as_str() {
        "TRANSACTION.SUCCESS" => trade(&resource()?, us),
        "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED" => refund(&resource()?, us),
        other => {
            tracing::info!("WeChat Pay tells of {other:?}, which says nothing about a payment");
            Ok(Notice::Trade(Trade::NotPaid))
        }
    }
}

fn open(resource: Option<&RawValue>, apiv3_key: &[u8; 32]) -> Result<Vec<u8>, Refusal> {
    let resource = resource.ok_or_else(|| Refusal::BadRequest("resource".into()))?;
    let sealed: Sealed = serde_json::from_str(resource.get()).map_err(bad)?;
    sealed.open(apiv3_key).map_err(|shut| match shut {
        Shut::Malformed(field) => Refusal::BadRequest(format!("resource.{field}")),
        Shut::WrongKey => Refusal::Undecipherable,
    })
}

fn trade(json: &[u8], us: Us<'_>) -> Result<Notice, Refusal> {
    let trade = Transaction::read(json).and_then(|transaction| transaction.trade(us)).map_err(bad)?;
    Ok(Notice::Trade(trade))
}

fn refund(json: &[u8], us: Us<'_>) -> Result<Notice, Refusal> {
    let refund = RefundAnswer::read(json).map_err(bad)?;
    if refund.mchid.as_deref() != Some(us.mch_id) {
        return Err(Refusal::BadRequest("mchid".into()));
    }
    let (amount, state) = (refund.amount(), refund.state().map_err(bad)?);
    let (out_trade_no, out_refund_no) = (refund.out_trade_no, refund.out_refund_no);
    Ok(Notice::Refund(RefundNotice { out_trade_no, out_refund_no, amount, is_running_total: false, state }))
}

fn bad(error: impl std::fmt::Display) -> Refusal {
    Refusal::BadRequest(format!("{error:#}"))
}
