use super::{Adjusted, Close, DishSold, Settled, Span, Topups, sum_methods};
use crate::error::Result;
use crate::units::{Fen, Timestamp};
use rusqlite::{Connection, OptionalExtension, Params, params};
use serde_json::value::RawValue;

/// Orders made in a span that count: paid, not cancelled, not wholly refunded.
const VALID: &str = "o.created_at >= ?1 and o.created_at < ?2 and o.pay_status = 1 and o.status <> 6";

fn one<T: rusqlite::types::FromSql>(conn: &Connection, sql: &str, arguments: impl Params) -> Result<T> {
    Ok(conn.prepare_cached(sql)?.query_row(arguments, |row| row.get(0))?)
}

pub const LEDGER: &str = "select coalesce(sum(amount_fen), 0) from ledger_entry where at >= ? and at < ?";

pub fn sum_ledger(conn: &Connection, span: Span) -> Result<Fen> {
    one(conn, LEDGER, (span.from, span.to))
}

pub const ORDERS: &str = "select count(*), count(*) filter (where pay_status = 1 and status <> 6) from dining_order \
    where created_at >= ? and created_at < ?";

/// Placed and valid ones.
pub fn count_orders(conn: &Connection, span: Span) -> Result<(i64, i64)> {
    Ok(conn.prepare_cached(ORDERS)?.query_row((span.from, span.to), |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Orders made in the span by status: the first is 待付款.
pub fn count_by_status(conn: &Connection, span: Span) -> Result<[i64; 6]> {
    let mut statement = conn.prepare_cached(
        "select status, count(*) from dining_order where created_at >= ? and created_at < ? group by status",
    )?;
    let mut counts = [0; 6];
    let mut rows = statement.query((span.from, span.to))?;
    while let Some(row) = rows.next()? {
        let status: i64 = row.get(0)?;
        if let Some(count) = usize::try_from(status - 1).ok().and_then(|index| counts.get_mut(index)) {
            *count = row.get(1)?;
        }
    }
    Ok(counts)
}

pub fn count_members_before(conn: &Connection, at: Timestamp) -> Result<i64> {
    one(conn, "select count(*) from member where created_at < ?", [at])
}

pub fn count_members(conn: &Connection, span: Span) -> Result<i64> {
    one(conn, "select count(*) from member where created_at >= ? and created_at < ?", (span.from, span.to))
}

/// On sale and not.
pub fn count_cuisines(conn: &Connection, kind: i64) -> Result<(i64, i64)> {
    let sql =
        "select count(*) filter (where sold_out = 0), count(*) filter (where sold_out = 1) from cuisine where kind = ?";
    Ok(conn.prepare_cached(sql)?.query_row([kind], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub fn dishes() -> String {
    format!(
        "select i.name, sum(i.quantity), sum(i.quantity * i.unit_price_fen) from dining_order o \
         join order_item i on i.order_id = o.id where {VALID} group by i.name order by 2 desc, 3 desc, 1 limit ?3"
    )
}

/// The best of them, by pieces.
pub fn list_best_dishes(conn: &Connection, span: Span, limit: i64) -> Result<Vec<DishSold>> {
    let mut statement = conn.prepare_cached(&dishes())?;
    let rows = statement.query_map((span.from, span.to, limit), |row| {
        Ok(DishSold { name: row.get(0)?, quantity: row.get(1)?, amount: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn guests() -> String {
    format!(
        "select coalesce(sum(heads), 0) from (select coalesce(s.heads, max(o.diners_count), 0) as heads \
         from dining_order o join seating s on s.id = o.seating_id where {VALID} group by s.id)"
    )
}

/// Heads of the parties that have a valid order, where somebody has counted them.
pub fn count_guests(conn: &Connection, span: Span) -> Result<i64> {
    one(conn, &guests(), (span.from, span.to))
}

pub const METHODS: &str = "select provider, method, sum(amount_fen) from ledger_entry where at >= ? and at < ? \
    group by provider, method, kind";

/// The ledger by provider and channel, payments and refunds apart.
pub fn list_moved(conn: &Connection, span: Span) -> Result<Vec<(String, String, Fen)>> {
    let mut statement = conn.prepare_cached(METHODS)?;
    let rows = statement.query_map((span.from, span.to), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Orders that were paid one by one, by an entry of their amount at that moment. One whose money had come before (a
/// person has decided about it since) is no news.
pub const PAID_ORDERS: &str = "select coalesce(sum(o.amount_fen), 0) from dining_order o \
    where o.paid_at >= ?1 and o.paid_at < ?2 \
    and not exists (select 1 from bill_order b where b.order_id = o.id) \
    and (exists (select 1 from ledger_entry e where e.order_id = o.id and e.kind = 'payment' and e.at = o.paid_at \
            and e.amount_fen = o.amount_fen) \
        or not exists (select 1 from ledger_entry e where e.order_id = o.id and e.kind = 'payment' and e.at <= o.paid_at))";

/// The same for parts of bills.
pub const PAID_PARTS: &str = "select coalesce(sum(s.amount_fen), 0) from bill_part s \
    where s.paid_at >= ?1 and s.paid_at < ?2 \
    and (exists (select 1 from payment p join ledger_entry e on e.payment_id = p.id \
            where p.part_id = s.id and e.kind = 'payment' and e.at = s.paid_at and e.amount_fen = s.amount_fen) \
        or not exists (select 1 from payment p join ledger_entry e on e.payment_id = p.id \
            where p.part_id = s.id and e.kind = 'payment' and e.at <= s.paid_at))";

/// Payments that are not the one by which their order, or part, was paid: of another moment or amount, or a second one.
pub const EXTRA: &str = "select coalesce(sum(e.amount_fen), 0) from ledger_entry e \
    join payment p on p.id = e.payment_id join dining_order o on o.id = e.order_id \
    left join bill_part s on s.id = p.part_id \
    where e.at >= ?1 and e.at < ?2 and e.kind = 'payment' and (case \
        when p.part_id is not null then s.paid_at is not e.at or s.amount_fen <> e.amount_fen \
        else o.paid_at is not e.at or o.amount_fen <> e.amount_fen \
            or exists (select 1 from bill_order b where b.order_id = o.id) end \
        or exists (select 1 from ledger_entry f join payment q on q.id = f.payment_id where f.order_id = e.order_id \
            and q.part_id is p.part_id and f.kind = 'payment' and f.at = e.at and f.amount_fen = e.amount_fen \
            and f.id < e.id))";

pub const REFUNDS: &str =
    "select coalesce(-sum(amount_fen), 0) from ledger_entry where at >= ? and at < ? and kind = 'refund'";

pub fn sum_settled(conn: &Connection, span: Span) -> Result<Settled> {
    let sum = |sql: &str| one(conn, sql, (span.from, span.to));
    Ok(Settled { orders: sum(PAID_ORDERS)?, parts: sum(PAID_PARTS)?, extra: sum(EXTRA)?, refunds: sum(REFUNDS)? })
}

pub const GROSS: &str = "select coalesce(sum(i.quantity * i.unit_price_fen), 0) from dining_order o \
    join order_item i on i.order_id = o.id where o.paid_at >= ? and o.paid_at < ?";

/// The items of the orders that were paid in the span, at their prices.
pub fn sum_gross(conn: &Connection, span: Span) -> Result<Fen> {
    one(conn, GROSS, (span.from, span.to))
}

pub const ADJUSTED: &str = "select coalesce(-sum(a.amount_fen) filter (where a.kind = 'discount'), 0), \
    coalesce(-sum(a.amount_fen) filter (where a.kind = 'free'), 0), \
    coalesce(sum(a.amount_fen) filter (where a.kind in ('service', 'cover', 'packing')), 0) \
    from dining_order o join adjustment a on a.order_id = o.id where o.paid_at >= ? and o.paid_at < ?";

/// Reductions and fees of the orders that were paid in the span.
pub fn sum_adjusted(conn: &Connection, span: Span) -> Result<Adjusted> {
    Ok(conn.prepare_cached(ADJUSTED)?.query_row((span.from, span.to), |row| {
        Ok(Adjusted { discounts: row.get(0)?, free: row.get(1)?, fees: row.get(2)? })
    })?)
}

pub fn sum_topups(conn: &Connection, span: Span) -> Result<Topups> {
    let mut statement = conn.prepare_cached(
        "select method, count(*), sum(paid_fen), sum(amount_fen), sum(uses) from member_entry \
         where at >= ? and at < ? and kind = 'topup' group by method",
    )?;
    let mut rows = statement.query((span.from, span.to))?;
    let (mut topups, mut paid) = (Topups::default(), Vec::new());
    while let Some(row) = rows.next()? {
        let by_this: Fen = row.get(2)?;
        topups.count += row.get::<_, i64>(1)?;
        topups.paid = topups.paid.plus(by_this);
        topups.amount = topups.amount.plus(row.get(3)?);
        topups.uses += row.get::<_, i64>(4)?;
        // Here the way of paying has no provider behind it: it is called what it is. What was given away has none.
        let method: String = row.get(0)?;
        if by_this != Fen::ZERO {
            paid.push((method.clone(), method, by_this));
        }
    }
    topups.methods = sum_methods(&paid);
    Ok(topups)
}

/// Sums of a span by hours from its beginning: (hour, turnover, orders placed).
pub fn list_hours(conn: &Connection, span: Span) -> Result<Vec<(i64, Fen, i64)>> {
    let mut statement = conn.prepare_cached(
        "select (at - ?1) / 3600000, sum(amount_fen), 0 from ledger_entry where at >= ?1 and at < ?2 group by 1 \
         union all \
         select (created_at - ?1) / 3600000, 0, count(*) from dining_order where created_at >= ?1 and created_at < ?2 \
         group by 1",
    )?;
    let rows = statement.query_map((span.from, span.to), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn find_close(conn: &Connection, day: &str) -> Result<Option<Close>> {
    type Row = (Timestamp, String, Fen, String, String);
    let found: Option<Row> = conn
        .prepare_cached("select closed_at, closed_by, cash_fen, note, report from day_close where day = ?")?
        .query_row([day], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .optional()?;
    let Some((at, by, cash, note, report)) = found else { return Ok(None) };
    let then = serde_json::from_str(&report)?;
    Ok(Some(Close { at, by, cash, note, report: RawValue::from_string(report)?, then }))
}

/// Takes the place of an earlier close of that day.
pub fn insert_close(conn: &Connection, day: &str, close: &Close) -> Result<()> {
    conn.prepare_cached(
        "insert into day_close (day, closed_at, closed_by, cash_fen, note, report) values (?, ?, ?, ?, ?, ?) \
         on conflict (day) do update set closed_at = excluded.closed_at, closed_by = excluded.closed_by, \
         cash_fen = excluded.cash_fen, note = excluded.note, report = excluded.report",
    )?
    .execute(params![day, close.at, close.by, close.cash, close.note, close.report.get()])?;
    Ok(())
}
