use super::{Adjustment, AdjustmentKind, Company, Input, Item, Order, Pay, State, Status};
use crate::actor::Actor;
use crate::error::{Refusal, Result};
use crate::store::name_columns;
use crate::units::{AdjustmentId, DinerId, Fen, OrderId, PayMethod, SeatingId, TableId, Timestamp};
use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

name_columns!(AdjustmentKind);

const COLUMNS: &str = "o.id, o.number, o.table_id, t.number as table_number, o.seating_id, o.status, o.pay_status, \
    o.pay_method, o.amount_fen, o.packed, o.remark, o.diners_count, o.cancel_reason, o.created_at, o.pay_before, o.paid_at, o.ended_at, o.urged_at \
    from dining_order o join dining_table t on t.id = o.table_id";

fn order(row: &Row<'_>) -> Result<Order> {
    let status = Status::from_number(row.get("status")?).context("an order with an unknown status")?;
    let pay = Pay::from_number(row.get("pay_status")?).context("an order with an unknown pay status")?;
    Ok(Order {
        id: row.get("id")?,
        number: row.get("number")?,
        table: row.get("table_id")?,
        table_number: row.get("table_number")?,
        seating: row.get("seating_id")?,
        state: State { status, pay },
        pay_method: row.get("pay_method")?,
        amount: row.get("amount_fen")?,
        packed: row.get("packed")?,
        remark: row.get("remark")?,
        diners_count: row.get("diners_count")?,
        cancel_reason: row.get("cancel_reason")?,
        created_at: row.get("created_at")?,
        pay_before: row.get("pay_before")?,
        paid_at: row.get("paid_at")?,
        ended_at: row.get("ended_at")?,
        urged_at: row.get("urged_at")?,
        items: Vec::new(),
        adjustments: Vec::new(),
    })
}

/// # Errors
/// `OrderNotFound`.
pub fn load_order(conn: &Connection, id: OrderId) -> Result<Order> {
    let mut statement = conn.prepare_cached(&format!("select {COLUMNS} where o.id = ?"))?;
    let mut rows = statement.query([id])?;
    let mut found = order(rows.next()?.ok_or(Refusal::OrderNotFound)?)?;
    fill(conn, &mut found)?;
    Ok(found)
}

fn fill(conn: &Connection, order: &mut Order) -> Result<()> {
    order.items = list_items(conn, order.id)?;
    order.adjustments = list_adjustments(conn, order.id)?;
    Ok(())
}

fn list_items(conn: &Connection, order: OrderId) -> Result<Vec<Item>> {
    let mut statement = conn.prepare_cached(
        "select cuisine_id, name, kind, unit_price_fen, quantity, options, remark, diner_id \
         from order_item where order_id = ? order by position",
    )?;
    let mut rows = statement.query([order])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let options: String = row.get(5)?;
        items.push(Item {
            cuisine: row.get(0)?,
            name: row.get(1)?,
            kind: row.get(2)?,
            unit_price: row.get(3)?,
            quantity: row.get(4)?,
            options: serde_json::from_str(&options)?,
            remark: row.get(6)?,
            diner: row.get(7)?,
        });
    }
    Ok(items)
}

fn list_adjustments(conn: &Connection, order: OrderId) -> Result<Vec<Adjustment>> {
    let mut statement = conn.prepare_cached(
        "select id, kind, position, percent, odd_fen, heads, waived, amount_fen, reason from adjustment \
         where order_id = ? order by id",
    )?;
    let mut rows = statement.query([order])?;
    let mut adjustments = Vec::new();
    while let Some(row) = rows.next()? {
        adjustments.push(Adjustment {
            id: row.get(0)?,
            kind: row.get(1).context("an adjustment's kind")?,
            position: row.get(2)?,
            percent: row.get(3)?,
            odd: row.get(4)?,
            heads: row.get(5)?,
            waived: row.get(6)?,
            amount: row.get(7)?,
            reason: row.get(8)?,
        });
    }
    Ok(adjustments)
}

/// Another line of an order's price; what the order costs is to follow.
pub fn insert_adjustment(
    conn: &Connection,
    order: OrderId,
    new: &Adjustment,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    conn.prepare_cached(
        "insert into adjustment (order_id, kind, position, percent, odd_fen, heads, amount_fen, reason, actor, at) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        order,
        new.kind,
        new.position,
        new.percent,
        new.odd,
        new.heads,
        new.amount,
        new.reason,
        actor,
        now
    ])?;
    Ok(())
}

pub fn set_adjustment_amount(conn: &Connection, id: AdjustmentId, amount: Fen) -> Result<()> {
    conn.prepare_cached("update adjustment set amount_fen = ?2 where id = ?1")?.execute((id, amount))?;
    Ok(())
}

/// A fee that is not asked for any more.
pub fn set_waived(conn: &Connection, id: AdjustmentId) -> Result<()> {
    conn.prepare_cached("update adjustment set waived = 1 where id = ?")?.execute([id])?;
    Ok(())
}

/// The cover of so many heads comes to so much.
pub fn set_cover(conn: &Connection, id: AdjustmentId, heads: i64, amount: Fen) -> Result<()> {
    conn.prepare_cached("update adjustment set heads = ?2, amount_fen = ?3 where id = ?1")?
        .execute((id, heads, amount))?;
    Ok(())
}

pub fn set_packed(conn: &Connection, id: OrderId, packed: bool) -> Result<()> {
    conn.prepare_cached("update dining_order set packed = ?2 where id = ?1")?.execute((id, packed))?;
    Ok(())
}

pub fn delete_adjustment(conn: &Connection, id: AdjustmentId) -> Result<()> {
    conn.prepare_cached("delete from adjustment where id = ?")?.execute([id])?;
    Ok(())
}

pub fn find_adjusted(conn: &Connection, id: AdjustmentId) -> Result<Option<OrderId>> {
    Ok(conn
        .prepare_cached("select order_id from adjustment where id = ?")?
        .query_row([id], |row| row.get(0))
        .optional()?)
}

pub fn set_amount(conn: &Connection, id: OrderId, amount: Fen) -> Result<()> {
    conn.prepare_cached("update dining_order set amount_fen = ?2 where id = ?1")?.execute((id, amount))?;
    Ok(())
}

/// A party as its fees see it.
pub fn load_company(conn: &Connection, seating: SeatingId) -> Result<Company> {
    let mut statement = conn.prepare_cached(
        "select s.heads, s.said_heads, \
            (select max(o.diners_count) from dining_order o where o.seating_id = s.id and o.status < 6), \
            (select max(o.diners_count) from dining_order o where o.seating_id = s.id), \
            exists (select 1 from dining_order o where o.seating_id = s.id and o.status < 6 and o.packed = 0), \
            (select coalesce(sum(a.heads), 0) from dining_order o join adjustment a on a.order_id = o.id \
                where o.seating_id = s.id and o.status < 6 and a.kind = 'cover' and a.waived = 0), \
            (select coalesce(sum(a.heads), 0) from dining_order o join adjustment a on a.order_id = o.id \
                where o.seating_id = s.id and a.kind = 'cover' and a.waived = 1) \
         from seating s where s.id = ?",
    )?;
    Ok(statement.query_row([seating], |row| {
        Ok(Company {
            counted: row.get(0)?,
            joined: row.get(1)?,
            said: row.get(2)?,
            said_once: row.get(3)?,
            eats_here: row.get(4)?,
            covered: row.get(5)?,
            waived: row.get(6)?,
        })
    })?)
}

fn with_items(conn: &Connection, mut orders: Vec<Order>) -> Result<Vec<Order>> {
    for order in &mut orders {
        fill(conn, order)?;
    }
    Ok(orders)
}

pub fn list_of_seating(conn: &Connection, seating: SeatingId) -> Result<Vec<Order>> {
    let mut statement = conn.prepare_cached(&format!("select {COLUMNS} where o.seating_id = ? order by o.id"))?;
    let mut rows = statement.query([seating])?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        orders.push(order(row)?);
    }
    with_items(conn, orders)
}

/// What the counter looks for; `None` means any.
#[derive(Debug, Default)]
pub struct Filter {
    pub status: Option<i64>,
    pub number: Option<String>,
    /// Part of the number of whoever ordered.
    pub phone: Option<String>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// Only what is asked for: a condition that is always true costs a look at every order that there ever was.
fn wanted(filter: &Filter) -> String {
    let number = match filter.number.as_deref() {
        // From the day on: no number has that anywhere but at its beginning.
        Some(text) if text.len() >= 8 && text.starts_with("20") => "o.number >= :number and o.number < :number || ':'",
        _ => "instr(o.number, :number) > 0",
    };
    let open = filter.status.is_some_and(|status| status < 5);
    let conditions = [
        (filter.status.is_some(), if open { "o.status = :status and o.status < 5" } else { "o.status = :status" }),
        (filter.number.is_some(), number),
        (filter.from.is_some(), "o.created_at >= :from"),
        (filter.to.is_some(), "o.created_at <= :to"),
        (
            filter.phone.is_some(),
            "o.seating_id in (select d.seating_id from diner d where d.phone is not null and instr(d.phone, :phone) > 0) \
             and exists (select 1 from diner d where d.id = o.diner_id and instr(d.phone, :phone) > 0)",
        ),
    ];
    let wanted: Vec<&str> = conditions.into_iter().filter(|(given, _)| *given).map(|(_, sql)| sql).collect();
    if wanted.is_empty() { String::new() } else { format!("where {}", wanted.join(" and ")) }
}

/// A page of orders, newest first, and how many there are in all.
pub fn search(conn: &Connection, filter: &Filter, limit: i64, offset: i64) -> Result<(i64, Vec<Order>)> {
    let wanted = wanted(filter);
    let arguments: &[(&str, &dyn ToSql)] = &[
        (":status", &filter.status),
        (":number", &filter.number),
        (":from", &filter.from),
        (":to", &filter.to),
        (":phone", &filter.phone),
    ];
    let arguments: Vec<_> = arguments.iter().copied().filter(|(name, _)| wanted.contains(name)).collect();
    let total = conn
        .prepare_cached(&format!("select count(*) from dining_order o {wanted}"))?
        .query_row(arguments.as_slice(), |row| row.get(0))?;
    let mut statement =
        conn.prepare_cached(&format!("select {COLUMNS} {wanted} order by o.id desc limit {limit} offset {offset}"))?;
    let mut rows = statement.query(arguments.as_slice())?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        orders.push(order(row)?);
    }
    Ok((total, with_items(conn, orders)?))
}

/// Orders in the states 待接单, 已接单, 上菜中.
pub fn count_open(conn: &Connection) -> Result<[i64; 3]> {
    let mut statement = conn.prepare_cached("select count(*) from dining_order where status = ? and status < 5")?;
    let mut count = |status: Status| statement.query_row([status as i64], |row| row.get(0));
    Ok([count(Status::ToBeConfirmed)?, count(Status::Confirmed)?, count(Status::Serving)?])
}

pub fn find_by_number(conn: &Connection, number: &str) -> Result<Option<OrderId>> {
    let wanted = "select id from dining_order where number = ?";
    Ok(conn.prepare_cached(wanted)?.query_row([number], |row| row.get(0)).optional()?)
}

/// The next number of a business day: 1, 2, 3, …
pub fn advance_counter(conn: &Connection, day: &str) -> Result<i64> {
    Ok(conn
        .prepare_cached(
            "insert into order_counter (business_day, last) values (?, 1) \
             on conflict (business_day) do update set last = last + 1 returning last",
        )?
        .query_row([day], |row| row.get(0))?)
}

pub struct NewOrder<'a> {
    pub number: String,
    pub table: TableId,
    pub seating: SeatingId,
    pub diner: DinerId,
    pub state: State,
    pub amount: Fen,
    pub packed: bool,
    pub remark: &'a str,
    pub diners_count: Option<i64>,
    pub created_at: Timestamp,
    pub pay_before: Option<Timestamp>,
}

pub fn insert_order(conn: &Connection, new: &NewOrder<'_>) -> Result<OrderId> {
    conn.prepare_cached(
        "insert into dining_order (number, table_id, seating_id, diner_id, status, pay_status, amount_fen, packed, \
         remark, diners_count, created_at, pay_before) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        new.number,
        new.table,
        new.seating,
        new.diner,
        new.state.status as i64,
        new.state.pay as i64,
        new.amount,
        new.packed,
        new.remark,
        new.diners_count,
        new.created_at,
        new.pay_before,
    ])?;
    Ok(OrderId(conn.last_insert_rowid()))
}

pub fn insert_item(conn: &Connection, order: OrderId, position: i64, item: &Item) -> Result<()> {
    conn.prepare_cached(
        "insert into order_item (order_id, position, cuisine_id, name, kind, unit_price_fen, quantity, options, remark, diner_id) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        order,
        position,
        item.cuisine,
        item.name,
        item.kind,
        item.unit_price,
        item.quantity,
        serde_json::to_string(&item.options)?,
        item.remark,
        item.diner,
    ])?;
    Ok(())
}

/// Compare and set: touches the row only while it is still in `from`.
pub fn advance_state(conn: &Connection, id: OrderId, from: State, to: State, now: Timestamp) -> Result<bool> {
    let touched = conn
        .prepare_cached(
            "update dining_order set status = ?4, pay_status = ?5, \
                paid_at = case when ?5 = 1 and ?3 = 0 then ?6 when ?5 = 0 then null else paid_at end, \
                pay_before = case when ?5 = 0 and ?3 = 1 then null else pay_before end, \
                ended_at = case when ?4 >= 5 and ?2 < 5 then ?6 else ended_at end \
             where id = ?1 and status = ?2 and pay_status = ?3",
        )?
        .execute(params![id, from.status as i64, from.pay as i64, to.status as i64, to.pay as i64, now])?;
    Ok(touched == 1)
}

pub fn insert_event(
    conn: &Connection,
    id: OrderId,
    input: Option<Input>,
    to: State,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let input = input.map_or("Submit".to_owned(), |input| format!("{input:?}"));
    conn.prepare_cached(
        "insert into order_event (order_id, at, input, status, pay_status, actor) values (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![id, now, input, to.status as i64, to.pay as i64, actor])?;
    Ok(())
}

pub fn set_pay_method(conn: &Connection, id: OrderId, method: PayMethod) -> Result<()> {
    conn.prepare_cached("update dining_order set pay_method = ?2 where id = ?1")?.execute((id, method))?;
    Ok(())
}

/// The first reason stays: a repeated cancel does not give another one.
pub fn set_cancel_reason(conn: &Connection, id: OrderId, reason: &str) -> Result<()> {
    conn.prepare_cached("update dining_order set cancel_reason = ?2 where id = ?1 and status < 6")?
        .execute((id, reason))?;
    Ok(())
}

pub fn insert_let_go(
    conn: &Connection,
    now: Timestamp,
    table_number: &str,
    amount: Fen,
    reason: &str,
    staff: &str,
) -> Result<()> {
    conn.prepare_cached("insert into let_go (at, table_number, amount_fen, reason, actor) values (?, ?, ?, ?, ?)")?
        .execute((now, table_number, amount, reason, staff))?;
    Ok(())
}

pub fn set_kept(conn: &Connection, id: OrderId, kept: bool) -> Result<()> {
    conn.prepare_cached("update dining_order set kept = ?2 where id = ?1")?.execute((id, kept))?;
    Ok(())
}

pub fn is_kept(conn: &Connection, id: OrderId) -> Result<bool> {
    Ok(conn.prepare_cached("select 1 from dining_order where id = ? and kept = 1")?.exists([id])?)
}

/// Whether this is the first urge of its minute.
pub fn advance_urged(conn: &Connection, id: OrderId, now: Timestamp, not_after: Timestamp) -> Result<bool> {
    let touched = conn
        .prepare_cached("update dining_order set urged_at = ?2 where id = ?1 and (urged_at is null or urged_at <= ?3 or urged_at > ?2)")?
        .execute((id, now, not_after))?;
    Ok(touched == 1)
}

/// Unpaid orders past their time, the longest waiting first.
pub fn list_expired(conn: &Connection, now: Timestamp, limit: i64) -> Result<Vec<OrderId>> {
    let mut statement = conn.prepare_cached(
        "select id from dining_order where status = 1 and status < 5 and pay_before <= ? order by pay_before limit ?",
    )?;
    let ids = statement.query_map((now, limit), |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

pub fn set_pay_before(conn: &Connection, id: OrderId, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update dining_order set pay_before = ?2 where id = ?1 and status = 1")?.execute((id, at))?;
    Ok(())
}

/// Whoever has longer than anybody is given has until `at`.
pub fn shorten_pay_before(conn: &Connection, longest: Timestamp, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update dining_order set pay_before = ?2 where pay_before > ?1 and status = 1")?
        .execute((longest, at))?;
    Ok(())
}

pub fn set_pay_before_of_seating(conn: &Connection, seating: SeatingId, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update dining_order set pay_before = ?2 where seating_id = ?1 and status = 1")?
        .execute((seating, at))?;
    Ok(())
}

pub fn find_seating_of(conn: &Connection, id: OrderId) -> Result<Option<SeatingId>> {
    Ok(conn
        .prepare_cached("select seating_id from dining_order where id = ?")?
        .query_row([id], |row| row.get(0))
        .optional()?)
}

/// Answers which orders that were, the oldest first.
pub fn move_orders(conn: &Connection, from: SeatingId, into: SeatingId, table: TableId) -> Result<Vec<OrderId>> {
    let mut statement = conn
        .prepare_cached("update dining_order set seating_id = ?2, table_id = ?3 where seating_id = ?1 returning id")?;
    let ids = statement.query_map((from, into, table), |row| row.get(0))?;
    let mut ids = ids.collect::<rusqlite::Result<Vec<OrderId>>>()?;
    ids.sort_unstable();
    Ok(ids)
}
