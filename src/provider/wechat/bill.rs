//! The trade bill (交易账单): CSV in yuan, every field with a backtick before it, a header by which the columns are
//! found, and two rows of sums at the end.

use crate::payment::provider::{BillKind, BillRow};
use crate::units::Fen;
use anyhow::{Context, Result, bail};
use csv::StringRecord;
use std::collections::HashSet;

/// Begins the header of the sums.
const SUMS: &str = "总交易";
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Where the columns are.
struct Columns {
    state: usize,
    transaction_id: usize,
    out_trade_no: usize,
    amount: usize,
    out_refund_no: usize,
    refund: usize,
    refund_state: Option<usize>,
    count: usize,
}

impl Columns {
    fn read(header: &StringRecord) -> Result<Columns> {
        let find = |name: &str| header.iter().position(|field| field.trim().trim_start_matches('`') == name);
        let first = |names: &[&str]| {
            names.iter().find_map(|name| find(name)).with_context(|| format!("the bill has no column {}", names[0]))
        };
        Ok(Columns {
            state: first(&["交易状态"])?,
            transaction_id: first(&["微信订单号"])?,
            out_trade_no: first(&["商户订单号"])?,
            // Before 2018 the bill knew no 订单金额. 应结订单金额 is less where a coupon of the merchant's own paid.
            amount: first(&["订单金额", "应结订单金额", "总金额"])?,
            out_refund_no: first(&["商户退款单号"])?,
            refund: first(&["申请退款金额", "退款金额"])?,
            refund_state: find("退款状态"),
            count: header.len(),
        })
    }
}

/// Every payment and refund, as WeChat Pay booked them.
///
/// A trade with a row `REVOKED` (a payer's code that was paid and then reversed) is left out with all its rows: what
/// came has gone back at once, a query calls it `REVOKED` as well, and so our books hold it as closed. Refunds that
/// failed or were closed moved no money and are left out too.
///
/// # Errors
/// A column is missing, or a row does not fit its header or has no amount: a bill that is read by halves would pass
/// for one that agrees.
pub fn read(bill: &[u8]) -> Result<Vec<BillRow>> {
    // Only what other people name their goods can be broken text; the columns that matter are ASCII.
    let text = String::from_utf8_lossy(bill);
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).quoting(false).from_reader(text.as_bytes());
    let mut records = reader.records();
    let header = records.next().context("the bill is empty")?.context("the bill's header")?;
    let columns = Columns::read(&header)?;
    let (mut rows, mut revoked) = (Vec::new(), HashSet::new());
    for (index, record) in records.enumerate() {
        let record = record.context("the bill")?;
        if record.iter().next().is_some_and(|first| first.trim_start_matches('`').starts_with(SUMS)) {
            break;
        }
        match row(&fields(&record), &columns).with_context(|| format!("row {} of the bill", index + 1))? {
            Row::Booked(row) => rows.push(row),
            Row::Revoked(transaction_id) => {
                revoked.insert(transaction_id);
            }
            Row::Nothing => {}
        }
    }
    rows.retain(|row: &BillRow| !revoked.contains(&row.transaction_id));
    Ok(rows)
}

enum Row {
    Booked(BillRow),
    Revoked(String),
    Nothing,
}

/// A comma in the name of somebody's goods is not escaped, but only a true field begins with a backtick.
fn fields(record: &StringRecord) -> Vec<String> {
    let marked = record.iter().next().is_some_and(|first| first.starts_with('`'));
    let mut fields: Vec<String> = Vec::with_capacity(record.len());
    for field in record {
        match (field.strip_prefix('`'), fields.last_mut()) {
            (Some(value), _) => fields.push(value.to_owned()),
            (None, Some(last)) if marked => {
                last.push(',');
                last.push_str(field);
            }
            (None, _) => fields.push(field.to_owned()),
        }
    }
    fields
}

fn row(fields: &[String], columns: &Columns) -> Result<Row> {
    if fields.len() > columns.count {
        bail!("it has {} fields and its header {}", fields.len(), columns.count);
    }
    let field = |at: usize| fields.get(at).map(|field| field.trim()).context("it is too short");
    let money = |at: usize| {
        let text = field(at)?;
        let fen = Fen::from_yuan(text).with_context(|| format!("{text:?} is no amount"))?;
        Ok::<Fen, anyhow::Error>(Fen(fen.0.saturating_abs()))
    };
    let transaction_id = field(columns.transaction_id)?.to_owned();
    let out_trade_no = field(columns.out_trade_no)?.to_owned();
    let (kind, out_refund_no, amount) = match field(columns.state)? {
        "SUCCESS" => (BillKind::Payment, String::new(), money(columns.amount)?),
        "REFUND" => {
            if matches!(columns.refund_state.map(field).transpose()?, Some("FAIL" | "CLOSED")) {
                return Ok(Row::Nothing);
            }
            (BillKind::Refund, field(columns.out_refund_no)?.to_owned(), money(columns.refund)?)
        }
        "REVOKED" if transaction_id.is_empty() => return Ok(Row::Nothing),
        "REVOKED" => return Ok(Row::Revoked(transaction_id)),
        other => {
            tracing::warn!("WeChat Pay's bill has a row of the state {other:?}, which is not known");
            return Ok(Row::Nothing);
        }
    };
    Ok(Row::Booked(BillRow { kind, out_trade_no, transaction_id, out_refund_no, amount }))
}
