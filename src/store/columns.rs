//! How the units are stored in columns.

use crate::units::{
    AdjustmentId, AlertId, BillId, CategoryId, CuisineId, DinerId, EntryId, Fen, LineId, MemberId, OrderId, PartId,
    PaymentId, RefundId, ReviewId, SeatingId, StaffId, TableId, Timestamp, UnclaimedId,
};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

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
