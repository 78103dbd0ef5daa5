//! How units, actors and enums with names are stored in columns.

use crate::actor::Actor;
use crate::units::{
    AdjustmentId, AlertId, BillId, CategoryId, CuisineId, DinerId, EntryId, Fen, LineId, MemberId, OrderId, PartId,
    PayMethod, PaymentId, RefundId, ReviewId, SeatingId, StaffId, TableId, Timestamp, UnclaimedId,
};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

macro_rules! integer_columns {
    ($($name:ident),+) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }
        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                i64::column_result(value).map($name)
            }
        }
    )+};
}

integer_columns!(
    AdjustmentId,
    AlertId,
    BillId,
    CategoryId,
    CuisineId,
    DinerId,
    EntryId,
    Fen,
    LineId,
    MemberId,
    OrderId,
    PartId,
    PaymentId,
    RefundId,
    ReviewId,
    UnclaimedId,
    SeatingId,
    StaffId,
    TableId,
    Timestamp
);

/// Columns that hold an enum by its name; for the `sql.rs` of the noun that the enum (with its `names!`) belongs to.
macro_rules! name_columns {
    ($($enum:ident),+) => {$(
        impl rusqlite::types::ToSql for $enum {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.name().into())
            }
        }
        impl rusqlite::types::FromSql for $enum {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                let unknown = |name: $crate::names::UnknownName| rusqlite::types::FromSqlError::Other(Box::new(name));
                value.as_str()?.parse().map_err(unknown)
            }
        }
    )+};
}
pub(crate) use name_columns;

impl ToSql for PayMethod {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok((*self as i64).into())
    }
}

impl FromSql for PayMethod {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(PayMethod::from_number)
    }
}

impl ToSql for Actor {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Actor {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|unknown| FromSqlError::Other(Box::new(unknown)))
    }
}

#[cfg(test)]
mod tests {
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Light {
        Red,
        Green,
    }

    names!(Light { Red = "red", Green = "green" });
    name_columns!(Light);

    #[test]
    fn a_column_of_names_is_read_as_it_was_written_and_says_what_it_does_not_know() {
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        let column =
            |written: &dyn rusqlite::ToSql| conn.query_row("select ?", [written], |row| row.get::<_, Light>(0));
        for light in Light::ALL {
            assert_eq!(column(&light), Ok(light));
            let text: String = conn.query_row("select ?", [light], |row| row.get(0)).unwrap();
            assert_eq!(text, light.name());
        }
        let unknown = column(&"blue").unwrap_err().to_string();
        assert!(unknown.ends_with(r#""blue" is none of red, green"#), "{unknown}");
        assert!(column(&1).is_err());
    }
}
