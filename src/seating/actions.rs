//! What can be done with tables and seatings.

use super::{Diner, MAX_HEADS, Move, Party, Place, Plate, Table, check_heads, sql};
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::secret;
use crate::staff::actions::record;
use crate::store::Tx;
use crate::units::{SeatingId, StaffId, TableId, Timestamp};
use rusqlite::Connection;
use std::net::IpAddr;

/// The table whose QR carries this.
pub fn find_by_code(conn: &Connection, code: &str) -> Result<Option<Table>> {
    sql::find_table_by_code(conn, code)
}

/// When a phone last sat down at a table.
pub fn last_join(conn: &Connection) -> Result<Option<Timestamp>> {
    sql::last_join(conn)
}

/// Where the diner's party is now: it may have moved, or have become a part of another one, since the diner joined.
///
/// # Errors
/// `SeatingClosed`.
pub fn locate(conn: &Connection, diner: Diner) -> Result<Diner> {
    let (seating, table) = sql::find_present(conn, diner.seating)?.ok_or(Refusal::SeatingClosed)?;
    Ok(Diner { id: diner.id, table, seating })
}

/// Whether what belonged to the party `seating` belongs to `other` now.
pub fn went_on_as(conn: &Connection, seating: SeatingId, other: SeatingId) -> Result<bool> {
    sql::is_merged_into(conn, seating, other)
}

/// A phone that has left the table of this code for another, where its party still sits, may have been brought here by a
/// press of Back or an old link: its user has to say that they come back.
///
/// # Errors
/// `SitsElsewhere` with the table where it sits.
pub fn check_only_party(conn: &Connection, code: &str, known: Diner) -> Result<()> {
    let Some(table) = sql::find_table_by_code(conn, code)? else { return Ok(()) };
    let Some((seating, at)) = sql::find_present(conn, known.seating)? else { return Ok(()) };
    let came_along = table.id == at || sql::has_left(conn, [known.seating, seating], table.id)?;
    if came_along || !sql::has_been_at(conn, sql::find_phone(conn, known.id)?, table.id)? {
        return Ok(());
    }
    let there = load_table(conn, at)?;
    Err(Refusal::SitsElsewhere(there.number.into(), there.code).into())
}

/// The page of a party, named by the table's code, is of no other one.
///
/// # Errors
/// `SeatingClosed` when that party is gone, or another one sits at the table by now.
pub fn check_same_party(conn: &Connection, code: &str, party: SeatingId, known: Option<Diner>) -> Result<()> {
    let (seating, at) = sql::find_present(conn, party)?.ok_or(Refusal::SeatingClosed)?;
    let table = sql::find_table_by_code(conn, code)?;
    let known = known.map(|diner| sql::find_present(conn, diner.seating)).transpose()?.flatten();
    let came_along = known.is_some_and(|(of, _)| of == seating);
    match table {
        Some(table) if table.id == at => Ok(()),
        Some(table) if came_along && sql::has_left(conn, [party, seating], table.id)? => Ok(()),
        None if came_along => Ok(()),
        _ => Err(Refusal::SeatingClosed.into()),
    }
}

/// Every seating whose tokens are good, and where they speak for.
pub fn list_parties(conn: &Connection) -> Result<Vec<Party>> {
    sql::list_parties(conn)
}

/// A scanned code joins the table's present seating, opening one where nobody sits. `known` is the diner that the
/// phone already is, or was: scanning again at the same seating stays the same person, and so does reloading the page
/// of a code that was replaced meanwhile, or of the table where the party sat before it moved, and coming back to a
/// party from another one.
///
/// # Errors
/// `TableNotFound` for a code that is on no table.
pub fn join(tx: &mut Tx<'_>, code: &str, known: Option<Diner>) -> Result<(Table, Diner)> {
    let phone = known.map(|diner| sql::find_phone(tx.conn(), diner.id)).transpose()?.flatten();
    let known = match known {
        None => None,
        Some(diner) => sql::find_present(tx.conn(), diner.seating)?
            .map(|(seating, table)| (diner.seating, Diner { id: diner.id, table, seating })),
    };
    let Some(table) = sql::find_table_by_code(tx.conn(), code)? else {
        let (_, diner) = known.filter(|_| secret::is_code(code)).ok_or(Refusal::TableNotFound)?;
        return Ok((load_table(tx.conn(), diner.table)?, diner));
    };
    if let Some((named, diner)) = known
        && (diner.table == table.id || sql::has_left(tx.conn(), [named, diner.seating], table.id)?)
    {
        return Ok((load_table(tx.conn(), diner.table)?, diner));
    }
    let seating = match sql::find_open(tx.conn(), table.id)? {
        Some(seating) => seating,
        None => insert_seating(tx, table.id, None)?,
    };
    let id = match sql::find_diner_of(tx.conn(), phone, seating)? {
        Some(id) => id,
        None => sql::insert_diner(tx.conn(), seating, phone, tx.now)?,
    };
    let diner = Diner { id, table: table.id, seating };
    Ok((table, diner))
}

fn insert_seating(tx: &mut Tx<'_>, table: TableId, heads: Option<i64>) -> Result<SeatingId> {
    let seating = sql::insert_seating(tx.conn(), table, heads, tx.now)?;
    tx.emit(Event::SeatingOpened(table, seating));
    Ok(seating)
}

/// 开台: a party sits down at a free table.
///
/// # Errors
/// `NoSuchTable`, `TableTaken`, `BadHeads`.
pub fn open(tx: &mut Tx<'_>, table: TableId, heads: Option<i64>) -> Result<SeatingId> {
    check_heads(heads)?;
    check_free(tx.conn(), table)?;
    insert_seating(tx, table, heads)
}

/// # Errors
/// `NoSuchTable`, `TableFree`, `BadHeads`.
pub fn set_heads(tx: &mut Tx<'_>, table: TableId, heads: i64) -> Result<()> {
    check_heads(Some(heads))?;
    let seating = load_open(tx.conn(), table)?;
    sql::set_heads(tx.conn(), seating, heads)?;
    tx.emit(Event::TableChanged(table));
    Ok(())
}

fn check_free(conn: &Connection, table: TableId) -> Result<Table> {
    let free = load_table(conn, table)?;
    match sql::find_open(conn, table)? {
        None => Ok(free),
        Some(_) => Err(Refusal::TableTaken(free.number.into()).into()),
    }
}

/// # Errors
/// `NoSuchTable`, `TableFree`.
pub fn load_open(conn: &Connection, table: TableId) -> Result<SeatingId> {
    let number = load_table(conn, table)?.number;
    Ok(sql::find_open(conn, table)?.ok_or(Refusal::TableFree(number.into()))?)
}

/// Whether the party's table was cleared.
pub fn has_left(conn: &Connection, party: SeatingId) -> Result<bool> {
    Ok(sql::find_present(conn, party)?.is_none())
}

/// Whether this party sits at this table now.
pub fn is_seated(conn: &Connection, table: TableId, party: SeatingId) -> Result<bool> {
    Ok(sql::find_open(conn, table)? == Some(party))
}

/// 转台: the party of `from` goes on at `to`, where nobody sits. What it has follows, each noun by its own action.
///
/// # Errors
/// `NoSuchTable`, `SameTable`, `TableFree` for `from`, `TableTaken` for `to`.
pub fn transfer(tx: &mut Tx<'_>, from: TableId, to: TableId) -> Result<Move> {
    let seating = load_leaving(tx.conn(), from, to)?;
    let number = check_free(tx.conn(), to)?.number;
    sql::set_table(tx.conn(), seating, to)?;
    leave(tx, Move { seating, from, to, into: seating }, number)
}

/// 并台: the party of `from` becomes a part of the one at `into`, its phones with it.
///
/// # Errors
/// `NoSuchTable`, `SameTable`, `TableFree` for either.
pub fn merge(tx: &mut Tx<'_>, from: TableId, into: TableId) -> Result<Move> {
    let seating = load_leaving(tx.conn(), from, into)?;
    let host = load_open(tx.conn(), into)?;
    let number = load_table(tx.conn(), into)?.number;
    sql::merge_into(tx.conn(), seating, host, tx.now)?;
    leave(tx, Move { seating, from, to: into, into: host }, number)
}

/// How many a party is since another one is a part of it.
pub fn set_joined(tx: &mut Tx<'_>, party: SeatingId, counted: Option<i64>, said: Option<i64>) -> Result<()> {
    let most = |heads: Option<i64>| heads.map(|heads| heads.min(MAX_HEADS));
    sql::set_joined(tx.conn(), party, most(counted), most(said))
}

fn load_leaving(conn: &Connection, from: TableId, to: TableId) -> Result<SeatingId> {
    match from == to {
        true => Err(Refusal::SameTable.into()),
        false => load_open(conn, from),
    }
}

fn leave(tx: &mut Tx<'_>, step: Move, number: String) -> Result<Move> {
    sql::insert_left(tx.conn(), step.seating, step.from, tx.now)?;
    tx.emit(Event::SeatingMoved(step, number));
    Ok(step)
}

/// # Errors
/// `NoSuchTable`.
pub fn load_table(conn: &Connection, table: TableId) -> Result<Table> {
    Ok(sql::find_table(conn, table)?.ok_or(Refusal::NoSuchTable)?)
}

/// For `diner_auth = "open"`: whoever names the table is the one unnamed diner of its present seating.
///
/// # Errors
/// `TableNotFound`.
pub fn join_unnamed(tx: &mut Tx<'_>, table: TableId) -> Result<Diner> {
    let code = load_code(tx.conn(), table)?;
    let known = match sql::find_open(tx.conn(), table)? {
        Some(seating) => sql::find_first_diner(tx.conn(), seating)?.map(|id| Diner { id, table, seating }),
        None => None,
    };
    Ok(join(tx, &code, known)?.1)
}

/// Ends the table's seating, if there is one. The caller empties the cart in the same transaction.
pub fn close(tx: &mut Tx<'_>, table: TableId) -> Result<Option<SeatingId>> {
    let Some(seating) = sql::find_open(tx.conn(), table)? else { return Ok(None) };
    sql::close_seating(tx.conn(), seating, tx.now)?;
    tx.emit(Event::SeatingClosed(table, seating));
    Ok(Some(seating))
}

pub fn list_places(conn: &Connection) -> Result<Vec<Place>> {
    sql::list_places(conn)
}

/// `code`: what the table's QR will carry; make it with `secret::random_code`.
pub fn add_table(tx: &mut Tx<'_>, number: &str, code: &str) -> Result<TableId> {
    sql::insert_table(tx.conn(), number, code)
}

/// From now on only `code`, made with `secret::random_code`, leads to this table: what was printed or photographed
/// before is dead for whoever does not sit there yet.
///
/// # Errors
/// `TableNotFound`.
pub fn rotate_code(tx: &mut Tx<'_>, table: TableId, code: &str, by: &str) -> Result<Table> {
    let table = sql::replace_code(tx.conn(), table, code)?.ok_or(Refusal::TableNotFound)?;
    tx.emit(Event::CodeRotated(table.id));
    record(tx, by, "table.rotate", &table.number, "")?;
    Ok(table)
}

/// Somebody at the counter has answered a scan that came from outside of the store's networks.
pub fn answer_scan(
    tx: &mut Tx<'_>,
    (table, number): (TableId, &str),
    from: IpAddr,
    admitted: bool,
    by: &str,
) -> Result<()> {
    record(tx, by, if admitted { "table.admit" } else { "table.refuse" }, number, &from.to_string())?;
    tx.emit(Event::TableChanged(table));
    Ok(())
}

/// What the table's QR carries.
///
/// # Errors
/// `TableNotFound`.
pub fn load_code(conn: &Connection, table: TableId) -> Result<String> {
    Ok(sql::find_code(conn, table)?.ok_or(Refusal::TableNotFound)?)
}

/// A new table, or one that was there before. `code`: made with `secret::random_code`.
///
/// # Errors
/// `BadRequest`, `NumberTaken`.
pub fn describe_table(tx: &mut Tx<'_>, plate: Plate, code: &str, by: &str) -> Result<Table> {
    let plate = plate.check()?;
    let table = match sql::find_by_number(tx.conn(), &plate.number)? {
        None => add_table(tx, &plate.number, code)?,
        Some((table, true)) => {
            sql::set_retired(tx.conn(), table, false)?;
            sql::replace_code(tx.conn(), table, code)?;
            table
        }
        Some((_, false)) => return Err(Refusal::NumberTaken(plate.number.into()).into()),
    };
    sql::set_plate(tx.conn(), table, &plate)?;
    described(tx, table, "table.add", by)
}

fn described(tx: &mut Tx<'_>, table: TableId, act: &str, by: &str) -> Result<Table> {
    tx.emit(Event::TableChanged(table));
    let table = load_table(tx.conn(), table)?;
    record(tx, by, act, &table.number, &table.area)?;
    Ok(table)
}

/// # Errors
/// `NoSuchTable`, `BadRequest`, `NumberTaken` (also by a table that is gone: its history has that number).
pub fn change_table(tx: &mut Tx<'_>, table: TableId, plate: Plate, by: &str) -> Result<Table> {
    load_table(tx.conn(), table)?;
    let plate = plate.check()?;
    if sql::find_by_number(tx.conn(), &plate.number)?.is_some_and(|(other, _)| other != table) {
        return Err(Refusal::NumberTaken(plate.number.into()).into());
    }
    sql::set_plate(tx.conn(), table, &plate)?;
    described(tx, table, "table.change", by)
}

/// The table is gone: its code leads nowhere, what happened there stays in the books.
///
/// # Errors
/// `NoSuchTable`, `TableTaken`.
pub fn retire_table(tx: &mut Tx<'_>, table: TableId, by: &str) -> Result<()> {
    let gone = check_free(tx.conn(), table)?;
    sql::set_retired(tx.conn(), table, true)?;
    tx.emit(Event::TableChanged(table));
    record(tx, by, "table.retire", &gone.number, "")
}

/// A member of staff orders for the table, as one of its diners; opens a seating where nobody sits.
///
/// # Errors
/// `NoSuchTable`, `BadHeads`.
pub fn join_as_staff(
    tx: &mut Tx<'_>,
    table: TableId,
    (staff, username): (StaffId, &str),
    heads: Option<i64>,
) -> Result<(Table, Diner)> {
    let heads = check_heads(heads)?;
    let place = load_table(tx.conn(), table)?;
    let seating = match sql::find_open(tx.conn(), table)? {
        Some(seating) => seating,
        None => insert_seating(tx, table, heads)?,
    };
    let id = match sql::find_staff_diner(tx.conn(), seating, staff)? {
        Some(id) => id,
        None => {
            record(tx, username, "table.order", &place.number, "")?;
            sql::insert_staff_diner(tx.conn(), seating, staff, tx.now)?
        }
    };
    Ok((place, Diner { id, table, seating }))
}

/// 请求结账: since when the party wants to pay.
pub fn ask_for_bill(tx: &mut Tx<'_>, diner: Diner) -> Result<()> {
    sql::set_bill_asked(tx.conn(), diner.seating, tx.now)
}

/// The party has ordered more: it does not want to pay yet.
pub fn forget_bill(tx: &mut Tx<'_>, seating: SeatingId) -> Result<()> {
    sql::forget_bill_asked(tx.conn(), seating)
}
