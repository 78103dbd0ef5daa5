//! What can be done with pictures.

use super::{Picture, Size, sql};
use crate::error::{Refusal, Result};
use crate::store::Tx;
use rusqlite::Connection;

/// Keeps a picture. One that is there already stays.
pub fn keep(tx: &mut Tx<'_>, picture: &Picture) -> Result<()> {
    sql::insert_picture(tx.conn(), picture, tx.now)
}

/// Its JPEG.
///
/// # Errors
/// `NotFound`.
pub fn load(conn: &Connection, hash: &str, size: Size) -> Result<Vec<u8>> {
    Ok(sql::find_jpeg(conn, hash, size)?.ok_or(Refusal::NotFound)?)
}
