//! Lists that come in pages: `?page=2&pageSize=20` → `{"total":57,"records":[…]}`.

use super::parse;
use crate::error::{Field, Refusal};
use serde::Serialize;

const SIZE: i64 = 10;
/// More than any client shows at once.
const MOST: i64 = 100;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Page<T> {
    pub total: i64,
    pub records: Vec<T>,
}

/// Which rows a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    pub limit: i64,
    pub offset: i64,
}

impl Rows {
    /// Pages count from 1. Nothing given is the first ten rows; a page beyond the end is an empty one.
    ///
    /// # Errors
    /// `BadRequest` for what is no number.
    pub fn of(page: Option<String>, page_size: Option<String>) -> Result<Rows, Refusal> {
        let number = |text, field| given(text).map(|text| parse::<i64>(&text, field)).transpose();
        let page = number(page, Field::Page)?.unwrap_or(1).max(1);
        let limit = number(page_size, Field::PageSize)?.unwrap_or(SIZE).clamp(1, MOST);
        Ok(Rows { limit, offset: (page - 1).saturating_mul(limit) })
    }
}

/// The old web sends empty parameters for what is not chosen.
pub fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_so_many_rows_from_a_row_on() {
        let rows = |page: &str, size: &str| Rows::of(Some(page.to_owned()), Some(size.to_owned()));
        for (page, size, limit, offset) in
            [("1", "10", 10, 0), ("3", "20", 20, 40), ("", "", 10, 0), ("0", "-1", 1, 0), ("-5", "1000", 100, 0)]
        {
            assert_eq!(rows(page, size), Ok(Rows { limit, offset }), "{page} {size}");
        }
        assert_eq!(rows(&i64::MAX.to_string(), "10").unwrap().offset, i64::MAX, "beyond every end, not an error");
        assert!(rows("x", "10").is_err() && rows("1", "1.5").is_err());
    }
}
