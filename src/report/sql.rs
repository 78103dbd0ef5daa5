use super::{Adjusted, Close, Debt, DishSold, Gifts, Settled, Span, Topups, sum_methods};
use crate::error::Result;
use crate::units::{Fen, Timestamp};
use rusqlite::{Connection, OptionalExtension, Params, params};
use serde_json::value::RawValue;

const PLACED: &str = "o.created_at >= ?1 and o.created_at < ?2";

/// Orders that count: paid, not cancelled, not wholly refunded. Those made before the day's close, at ?3, count as they
/// stood then; nothing leads back from being cancelled or refunded.
const VALID: &str = "case when ?3 is null or o.created_at > ?3 then o.pay_status = 1 and o.status <> 6 \
    else o.pay_status > 0 and coalesce(o.paid_at, o.created_at) <= ?3 and (o.pay_status = 1 and o.status <> 6 \
        or not exists (select 1 from order_event e where e.order_id = o.id and e.at <= ?3 \
            and (e.pay_status = 2 or e.status = 6))) end";

/// The same for those that were cancelled.
const CANCELLED: &str = "o.status = 6 and (?3 is null or o.created_at > ?3 \
    or exists (select 1 from order_event e where e.order_id = o.id and e.at <= ?3 and e.status = 6))";

fn one<T: rusqlite::types::FromSql>(conn: &Connection, sql: &str, arguments: impl Params) -> Result<T> {
    Ok(conn.prepare_cached(sql)?.query_row(arguments, |row| row.get(0))?)
}

pub const LEDGER: &str = "select coalesce(sum(amount_fen), 0) from ledger_entry where at >= ? and at < ?";

pub fn sum_ledger(conn: &Connection, span: Span) -> Result<Fen> {
    one(conn, LEDGER, (span.from, span.to))
}

pub fn orders() -> String {
    format!(
        "select count(*), count(*) filter (where {VALID}), count(*) filter (where {CANCELLED}) from dining_order o \
         where {PLACED}"
    )
}

/// Placed, valid and cancelled ones, of a day that was closed then.
pub fn count_orders(conn: &Connection, span: Span, closed: Option<Timestamp>) -> Result<(i64, i64, i64)> {
    let mut statement = conn.prepare_cached(&orders())?;
    Ok(statement.query_row((span.from, span.to, closed), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
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
         join order_item i on i.order_id = o.id where {PLACED} and {VALID} group by i.name"
    )
}

/// Dishes of valid orders, of a day that was closed then.
pub fn list_dishes(conn: &Connection, span: Span, closed: Option<Timestamp>) -> Result<Vec<DishSold>> {
    list_sold(conn, &dishes(), (span.from, span.to, closed))
}

fn list_sold(conn: &Connection, sql: &str, arguments: impl Params) -> Result<Vec<DishSold>> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement
        .query_map(arguments, |row| Ok(DishSold { name: row.get(0)?, quantity: row.get(1)?, amount: row.get(2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub const FREE: &str = "select i.name, sum(i.quantity), sum(i.quantity * i.unit_price_fen) from dining_order o \
    join adjustment a on a.order_id = o.id and a.kind = 'free' \
    join order_item i on i.order_id = o.id and i.position = a.position \
    where o.paid_at >= ? and o.paid_at < ? group by i.name order by 3 desc, 1";

/// Dishes that were given free, of the orders that were paid in the span.
pub fn list_free(conn: &Connection, span: Span) -> Result<Vec<DishSold>> {
    list_sold(conn, FREE, (span.from, span.to))
}

pub const LET_GO: &str =
    "select table_number, amount_fen, reason, actor from let_go where at >= ? and at < ? order by id";

pub fn list_let_go(conn: &Connection, span: Span) -> Result<Vec<Debt>> {
    let mut statement = conn.prepare_cached(LET_GO)?;
    let rows = statement.query_map((span.from, span.to), |row| {
        Ok(Debt { table: row.get(0)?, amount: row.get(1)?, reason: row.get(2)?, by: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Quarters of an hour since the epoch in which money was booked outside of the days that are listed: from `to` on,
/// before `possible`, and before `far` although something of the listed days had been booked already.
pub fn list_stray_quarters(conn: &Connection, listed: Span, possible: Timestamp, far: Timestamp) -> Result<Vec<i64>> {
    let of = |rows: &str| {
        format!(
            "select at / 900000 from {rows} at >= ?2 union select at / 900000 from {rows} at < ?3 \
             union select at / 900000 from {rows} +at < ?4 \
                and id > (select min(+id) from {rows} at >= ?1 and at < ?2)"
        )
    };
    let (ledger, topups) = ("ledger_entry where", "member_entry where kind = 'topup' and");
    let mut statement = conn.prepare_cached(&format!("{} union {}", of(ledger), of(topups)))?;
    let rows = statement.query_map((listed.from, listed.to, possible, far), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn guests() -> String {
    format!(
        "select coalesce(sum(heads), 0) from (select coalesce(s.heads, \
            max(coalesce(s.said_heads, 0), coalesce(max(o.diners_count), 0))) as heads \
         from dining_order o join seating s on s.id = o.seating_id where {PLACED} and {VALID} group by s.id \
         having ?3 is null or min(o.created_at) > ?3)"
    )
}

/// Heads of the parties that have a valid order, where somebody has counted them. Of a closed day those that it has
/// kept, however many sit there now, and the parties that came after.
pub fn count_guests(conn: &Connection, day: &str, span: Span, closed: Option<Timestamp>) -> Result<i64> {
    let kept: Option<i64> = match closed {
        None => None,
        Some(_) => one(conn, "select report ->> '$.guests' from day_close where day = ?", [day])?,
    };
    Ok(kept.unwrap_or(0) + one::<i64>(conn, &guests(), (span.from, span.to, closed))?)
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

/// What came apart from what was paid back.
pub fn sum_topups(conn: &Connection, span: Span) -> Result<Topups> {
    let mut statement = conn.prepare_cached(
        "select method, count(*), sum(paid_fen), sum(amount_fen), sum(uses), paid_fen < 0, \
            paid_fen = 0 and (uses > 0 or amount_fen > 0) as gift from member_entry \
         where at >= ? and at < ? and kind = 'topup' group by method, 6, 7",
    )?;
    let mut rows = statement.query((span.from, span.to))?;
    let (mut topups, mut paid) = (Topups::default(), Vec::new());
    while let Some(row) = rows.next()? {
        let by_this: Fen = row.get(2)?;
        topups.count += row.get::<_, i64>(1)?;
        topups.paid = topups.paid.plus(by_this);
        topups.amount = topups.amount.plus(row.get(3)?);
        topups.uses += row.get::<_, i64>(4)?;
        if row.get("gift")? {
            let Gifts { count, amount, uses } = topups.gifts;
            let (more, value) = (row.get::<_, i64>(1)?, row.get(3)?);
            topups.gifts =
                Gifts { count: count + more, amount: amount.plus(value), uses: uses + row.get::<_, i64>(4)? };
        }
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

/// When a day was closed last.
pub fn find_closed_at(conn: &Connection, day: &str) -> Result<Option<Timestamp>> {
    Ok(conn
        .prepare_cached("select closed_at from day_close where day = ?")?
        .query_row([day], |row| row.get(0))
        .optional()?)
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
