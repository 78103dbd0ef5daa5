//! Arguments as the old web really sends them: numbers as strings, empty strings for nothing, ids joined by commas.

use super::page::Rows;
use crate::error::{Field, Refusal};
use crate::units::Fen;
use crate::web::{Request, parse};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The characters of a JSON number or string; `None` for null and for an empty string.
fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Option::<Box<RawValue>>::deserialize(deserializer)?;
    let Some(raw) = raw else { return Ok(None) };
    let text = match raw.get().as_bytes() {
        [b'"', ..] => serde_json::from_str::<String>(raw.get()).map_err(D::Error::custom)?,
        [b'-' | b'0'..=b'9', ..] => raw.get().to_owned(),
        _ => return Err(D::Error::custom("neither a number nor a string")),
    };
    Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// For `#[serde(default, deserialize_with = "loose::number")]`: a number, also as a string; nothing where it is empty.
///
/// # Errors
/// Anything else.
pub fn number<'de, D: Deserializer<'de>, T: std::str::FromStr>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = scalar(deserializer)?;
    text.map(|text| text.parse().map_err(|_| D::Error::custom(format!("{text} is no number")))).transpose()
}

/// The same for a field whose null says something: `Some(None)` for it, `None` where the field is not there.
///
/// # Errors
/// As `number`.
pub fn nullable_number<'de, D: Deserializer<'de>, T: std::str::FromStr>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    number(deserializer).map(Some)
}

/// The same for text that a client may send as a number.
///
/// # Errors
/// What is neither.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    scalar(deserializer)
}

/// The same for yuan, exact: at most two decimals.
///
/// # Errors
/// What is no amount.
pub fn yuan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Fen>, D::Error> {
    let text = scalar(deserializer)?;
    text.map(|text| Fen::from_yuan(&text).ok_or_else(|| D::Error::custom("no amount of yuan"))).transpose()
}

/// `1,2,3`; `None` when one of them is no number.
pub fn ids<T: std::str::FromStr>(joined: &str) -> Option<Vec<T>> {
    joined.split(',').map(str::trim).filter(|id| !id.is_empty()).map(|id| id.parse().ok()).collect()
}

/// A query's arguments; empty ones are not given.
pub struct Given(Vec<(String, String)>);

impl Given {
    /// # Errors
    /// `Malformed`.
    pub fn of(request: &Request) -> Result<Given, Refusal> {
        let pairs: Vec<(String, String)> = request.arguments_in_query()?;
        let filled = |(name, value): (String, String)| (name, value.trim().to_owned());
        Ok(Given(pairs.into_iter().map(filled).filter(|(_, value)| !value.is_empty()).collect()))
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone())
    }

    /// # Errors
    /// `BadRequest` naming what is no number.
    pub fn number<T: std::str::FromStr>(&self, name: &str, field: Field) -> Result<Option<T>, Refusal> {
        self.text(name).map(|text| parse(&text, field)).transpose()
    }

    /// Which rows a page is.
    ///
    /// # Errors
    /// As `number`.
    pub fn rows(&self) -> Result<Rows, Refusal> {
        Rows::of(self.text("page"), self.text("pageSize"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Sent {
        #[serde(default, deserialize_with = "number")]
        sort: Option<i64>,
        #[serde(default, deserialize_with = "yuan")]
        price: Option<Fen>,
        #[serde(default, deserialize_with = "text")]
        phone: Option<String>,
    }

    #[test]
    fn numbers_come_as_strings_and_nothing_as_an_empty_string() {
        let read = |json| serde_json::from_str::<Sent>(json).map(|sent| (sent.sort, sent.price, sent.phone)).ok();
        let phone = || Some("13800138000".to_owned());
        assert_eq!(read(r#"{"sort":3,"price":38.5,"phone":"13800138000"}"#), Some((Some(3), Some(Fen(3850)), phone())));
        assert_eq!(
            read(r#"{"sort":"3","price":"38.50","phone":13800138000}"#),
            Some((Some(3), Some(Fen(3850)), phone()))
        );
        assert_eq!(read(r#"{"sort":"","price":null}"#), Some((None, None, None)));
        for bad in [r#"{"sort":"x"}"#, r#"{"price":"1.234"}"#, r#"{"price":[]}"#, r#"{"sort":1e3}"#, r#"{"phone":{}}"#]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(ids::<i64>("1, 2,3"), Some(vec![1, 2, 3]));
        assert_eq!(ids::<i64>("1,x"), None);
    }
}
