//! Alipay's bill of a day: a zip with CSV files in GBK, of which the one of single trades (业务明细) is read.

use super::sign::read_time;
use crate::payment::provider::{BillKind, BillRow};
use crate::units::Fen;
use anyhow::{Context, Result, bail};
use csv::StringRecord;
use encoding_rs::GBK;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Bytes that the files may become: a year of a busy restaurant's days fits, a bomb doesn't.
const MAX_BYTES: u64 = 256 << 20;

/// # Errors
/// Not such a zip, no such file in it, too large, or a row that can't be understood.
pub fn read(file: &[u8]) -> Result<Vec<BillRow>> {
    read_bounded(file, MAX_BYTES)
}

pub(super) fn read_bounded(file: &[u8], most: u64) -> Result<Vec<BillRow>> {
    let mut archive = ZipArchive::new(Cursor::new(file)).context("it is not a zip")?;
    let mut rows = Vec::new();
    let (mut left, mut found) = (most, false);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).context("a file in the zip")?;
        if !is_detail(entry.name_raw()) {
            continue;
        }
        let mut bytes = Vec::new();
        entry.take(left.saturating_add(1)).read_to_end(&mut bytes).context("unpacking")?;
        left = left.checked_sub(bytes.len() as u64).with_context(|| format!("it unpacks to more than {most} bytes"))?;
        rows.append(&mut parse(&GBK.decode(&bytes).0)?);
        found = true;
    }
    if !found {
        bail!("no 业务明细 is in the zip");
    }
    Ok(rows)
}

/// Names are in GBK too, unless the zip was made with UTF-8.
fn is_detail(name: &[u8]) -> bool {
    let name = std::str::from_utf8(name).map_or_else(|_| GBK.decode(name).0, Into::into);
    name.contains("业务明细") && !name.contains("汇总") && name.ends_with(".csv")
}

/// Where the columns are. Found by name, because Alipay has added columns before.
struct Columns {
    transaction_id: usize,
    out_trade_no: usize,
    kind: usize,
    amount: usize,
    out_refund_no: usize,
    /// The goods' name, and how many columns there are: see `shift`.
    goods: usize,
    finished_at: usize,
    count: usize,
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Columns> {
        let column = |name: &str| {
            let mut found = (0..header.len()).filter(|index| column_name(header, *index) == name);
            match (found.next(), found.next()) {
                (Some(index), None) => Ok(index),
                (None, _) => bail!("the column {name} is missing"),
                _ => bail!("the column {name} is there twice"),
            }
        };
        Ok(Columns {
            transaction_id: column("支付宝交易号")?,
            out_trade_no: column("商户订单号")?,
            kind: column("业务类型")?,
            amount: column("订单金额")?,
            out_refund_no: column("退款批次号/请求号").or_else(|_| column("退款批次号"))?,
            goods: column("商品名称")?,
            finished_at: column("完成时间")?,
            count: header.len(),
        })
    }

    /// By how many cells those after the goods' name are moved: that name is not quoted and may hold commas. An amount
    /// must not be read from another column, so such a row counts only if its last time is then where it belongs.
    fn shift(&self, record: &StringRecord) -> Result<usize> {
        match record.len().checked_sub(self.count) {
            Some(0) => Ok(0),
            Some(more) if read_time(cell(record, self.finished_at + more)).is_some() => Ok(more),
            _ => bail!("it has {} cells where the header has {}", record.len(), self.count),
        }
    }

    /// `None` for a kind of row that is neither a payment nor a refund.
    fn read(&self, record: &StringRecord) -> Result<Option<BillRow>> {
        let shift = self.shift(record)?;
        let cell = |index: usize| cell(record, if index > self.goods { index + shift } else { index });
        let amount = cell(self.amount);
        let amount = Fen::from_yuan(amount).with_context(|| format!("{amount:?} is not an amount"))?;
        let kind = match cell(self.kind) {
            "交易" if amount < Fen::ZERO => bail!("a payment has a negative amount"),
            "交易" => BillKind::Payment,
            "退款" => BillKind::Refund,
            other => {
                tracing::warn!("Alipay's bill has a row of the kind {other:?}, which is left out");
                return Ok(None);
            }
        };
        Ok(Some(BillRow {
            kind,
            out_trade_no: cell(self.out_trade_no).to_owned(),
            transaction_id: cell(self.transaction_id).to_owned(),
            out_refund_no: cell(self.out_refund_no).to_owned(),
            amount: Fen(amount.0.abs()),
        }))
    }
}

/// A column's name without its unit, which is written with full-width or plain brackets.
fn column_name(header: &StringRecord, index: usize) -> &str {
    let name = cell(header, index);
    name.strip_suffix("（元）").or_else(|| name.strip_suffix("(元)")).unwrap_or(name)
}

/// Without the tabs that keep spreadsheets from reading numbers as numbers.
fn cell(record: &StringRecord, index: usize) -> &str {
    record.get(index).unwrap_or_default().trim()
}

/// The rows of one file. Quotes mean nothing in it: a goods' name that begins with one would swallow the next row.
pub(super) fn parse(text: &str) -> Result<Vec<BillRow>> {
    let mut reader =
        csv::ReaderBuilder::new().comment(Some(b'#')).quoting(false).flexible(true).from_reader(text.as_bytes());
    let columns = Columns::find(reader.headers().context("its header")?)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.context("a row")?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.extend(columns.read(&record).with_context(|| format!("line {line}"))?);
    }
    Ok(rows)
}
