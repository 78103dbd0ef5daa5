//! How units and actors are stored in columns.

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
