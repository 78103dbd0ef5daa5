//! What can be done with tables and seatings.

use super::{Diner, Place, Table, sql};
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::secret;
use crate::store::Tx;
use crate::units::{SeatingId, TableId, Timestamp};
use rusqlite::Connection;

/// When a phone last sat down at a table.
pub fn last_join(conn: &Connection) -> Result<Option<Timestamp>> {
    sql::last_join(conn)
}

/// A scanned code joins the table's present seating, opening one where nobody sits. `known` is the diner that the
/// phone already is: scanning again at the same seating stays the same person, and so does reloading the page of a
/// code that was replaced meanwhile.
///
/// # Errors
/// `TableNotFound` for a code that is on no table.
pub fn join(tx: &mut Tx<'_>, code: &str, known: Option<Diner>) -> Result<(Table, Diner)> {
    let Some(table) = sql::find_table_by_code(tx.conn(), code)? else {
        let known = known.filter(|_| secret::is_code(code)).ok_or(Refusal::TableNotFound)?;
        return stay(tx, known);
    };
    let seating = match sql::find_open(tx.conn(), table.id)? {
        Some(seating) => seating,
        None => {
            let seating = sql::insert_seating(tx.conn(), table.id, tx.now)?;
            tx.emit(Event::SeatingOpened(table.id, seating));
            seating
        }
    };
    if let Some(diner) = known.filter(|diner| diner.seating == seating) {
        return Ok((table, diner));
    }
    let id = sql::insert_diner(tx.conn(), seating, tx.now)?;
    let diner = Diner { id, table: table.id, seating };
    Ok((table, diner))
}

fn stay(tx: &Tx<'_>, diner: Diner) -> Result<(Table, Diner)> {
    let seated = sql::find_open(tx.conn(), diner.table)? == Some(diner.seating);
    let table = sql::find_table(tx.conn(), diner.table)?.filter(|_| seated).ok_or(Refusal::TableNotFound)?;
    Ok((table, diner))
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
pub fn rotate_code(tx: &mut Tx<'_>, table: TableId, code: &str) -> Result<Table> {
    let table = sql::replace_code(tx.conn(), table, code)?.ok_or(Refusal::TableNotFound)?;
    tx.emit(Event::CodeRotated(table.id));
    Ok(table)
}

/// What the table's QR carries.
///
/// # Errors
/// `TableNotFound`.
pub fn load_code(conn: &Connection, table: TableId) -> Result<String> {
    Ok(sql::find_code(conn, table)?.ok_or(Refusal::TableNotFound)?)
}
