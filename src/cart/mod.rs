//! The shared cart of one table: its rules, without any I/O.

pub mod actions;
mod sql;

use crate::error::Refusal;
use crate::menu::{Choice, Cuisine};
use crate::typed;
use crate::units::{CuisineId, DinerId, Fen, LineId, TableId};
use serde::Serialize;

/// Pieces of one line, at most (docs/protocol.md §1.2).
pub const MAX_QUANTITY: i64 = 99;
/// Lines of one cart, at most: bounds a snapshot's size.
pub const MAX_LINES: usize = 100;
/// What stands for the phone number of a member of staff who orders for the table.
pub const STAFF: &str = "店员";
/// Characters of a remark on a line, at most.
pub const MAX_REMARK: usize = 100;

/// `CartDTO` of docs/protocol.md §1.2, field for field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Cart {
    pub table_id: TableId,
    pub table_number: String,
    pub store_id: i64,
    pub items: Vec<Line>,
    pub total_amount: Fen,
    pub total_quantity: i64,
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "CartLine"))]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub line_id: LineId,
    pub cuisine_id: CuisineId,
    pub cuisine_name: String,
    pub cuisine_type: i64,
    pub cuisine_image: String,
    pub unit_price: Fen,
    pub quantity: i64,
    pub subtotal_amount: Fen,
    pub add_user_id: DinerId,
    /// Masked: `138****8000`.
    pub add_user_phone: String,
    pub remark: String,
    pub options: Vec<Choice>,
}

/// Which line a request means: by its id, or by its dish while only one line has that dish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Line(LineId),
    Cuisine(CuisineId),
}

/// What a diner wants changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Add { cuisine: CuisineId, quantity: i64, remark: String, options: Vec<Choice> },
    SetQuantity { target: Target, quantity: i64 },
    Remove { target: Target },
    Clear,
}

/// What a change does to the lines: exactly what has to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// The line at this index is new.
    Insert(usize),
    /// The line at this index has another quantity or remark.
    Update(usize),
    Delete(LineId),
    DeleteAll,
}

impl Cart {
    /// Adds to the line of the same dish and choices, or makes one. A non-empty remark replaces the old one.
    ///
    /// # Errors
    /// `SoldOut`, `NotEnough`, `NotNow`, `BadQuantity` (also when the line would exceed 99), `RemarkTooLong`,
    /// `BadOption`, `ChoiceMissing`, `CartFull`.
    pub fn add(
        &mut self,
        dish: &Cuisine,
        by: DinerId,
        quantity: i64,
        remark: String,
        options: Vec<Choice>,
    ) -> Result<Edit, Refusal> {
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            return Err(Refusal::BadQuantity);
        }
        let remark = clean_text(&remark, MAX_REMARK)?;
        let options = dish.check_choices(options)?;
        let there = self.items.iter().filter(|line| line.cuisine_id == dish.cuisine_id);
        dish.check_available(there.map(|line| line.quantity).sum::<i64>() + quantity)?;
        let same = |line: &Line| line.cuisine_id == dish.cuisine_id && line.options == options;
        let edit = match self.items.iter().position(same) {
            Some(index) => {
                let line = &mut self.items[index];
                if line.quantity + quantity > MAX_QUANTITY {
                    return Err(Refusal::BadQuantity);
                }
                line.quantity += quantity;
                if !remark.is_empty() {
                    line.remark = remark;
                }
                Edit::Update(index)
            }
            None if self.items.len() >= MAX_LINES => return Err(Refusal::CartFull),
            None => {
                self.items.push(Line::new(dish, by, quantity, remark, options));
                Edit::Insert(self.items.len() - 1)
            }
        };
        self.retotal();
        Ok(edit)
    }

    /// # Errors
    /// `BadQuantity` outside 0–99, `LineNotFound`, `AmbiguousLine`.
    pub fn set_quantity(&mut self, target: Target, quantity: i64) -> Result<Edit, Refusal> {
        if quantity == 0 {
            return self.remove(target);
        }
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            return Err(Refusal::BadQuantity);
        }
        let index = self.find(target)?;
        self.items[index].quantity = quantity;
        self.retotal();
        Ok(Edit::Update(index))
    }

    /// # Errors
    /// `LineNotFound`, `AmbiguousLine`.
    pub fn remove(&mut self, target: Target) -> Result<Edit, Refusal> {
        let index = self.find(target)?;
        let line = self.items.remove(index);
        self.retotal();
        Ok(Edit::Delete(line.line_id))
    }

    pub fn clear(&mut self) -> Edit {
        self.items.clear();
        self.retotal();
        Edit::DeleteAll
    }

    /// What of `other` has to be done for this cart to hold both: whole lines come over, and of a dish that both have
    /// the quantities are added and the remarks put together. Neither cart is changed.
    ///
    /// # Errors
    /// `MergedQuantity`, `MergedRemark`, `MergedLines`: then nothing can come over.
    pub fn absorb(&self, other: &Cart) -> Result<Vec<Absorbed>, Refusal> {
        let mut lines = self.items.len();
        let mut absorbed = Vec::with_capacity(other.items.len());
        for line in &other.items {
            let same = |own: &&Line| own.cuisine_id == line.cuisine_id && own.options == line.options;
            absorbed.push(match self.items.iter().find(same) {
                None => {
                    lines += 1;
                    Absorbed::Moved(line.line_id)
                }
                Some(own) => Absorbed::Added { gone: line.line_id, sum: own.sum(line)? },
            });
        }
        match lines > MAX_LINES {
            true => Err(Refusal::MergedLines),
            false => Ok(absorbed),
        }
    }

    fn find(&self, target: Target) -> Result<usize, Refusal> {
        let mut matching = self.items.iter().enumerate().filter(|(_, line)| match target {
            Target::Line(id) => line.line_id == id,
            Target::Cuisine(id) => line.cuisine_id == id,
        });
        match (matching.next(), matching.next()) {
            (None, _) => Err(Refusal::LineNotFound),
            (Some((index, _)), None) => Ok(index),
            (Some(_), Some(_)) => Err(Refusal::AmbiguousLine),
        }
    }

    fn retotal(&mut self) {
        for line in &mut self.items {
            line.subtotal_amount = line.unit_price.times(line.quantity);
        }
        self.total_amount = self.items.iter().fold(Fen::ZERO, |sum, line| sum.plus(line.subtotal_amount));
        self.total_quantity = self.items.iter().map(|line| line.quantity).sum();
    }
}

/// What becomes of a line whose cart goes into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absorbed {
    /// It is a line of the other cart as it is.
    Moved(LineId),
    /// Its pieces are in this line of the other cart.
    Added { gone: LineId, sum: Line },
}

impl Line {
    fn sum(&self, other: &Line) -> Result<Line, Refusal> {
        let quantity = self.quantity + other.quantity;
        if quantity > MAX_QUANTITY {
            return Err(Refusal::MergedQuantity(self.cuisine_name.clone().into()));
        }
        let remark = match (self.remark.as_str(), other.remark.as_str()) {
            (own, "") => own.to_owned(),
            (own, theirs) if own == theirs => own.to_owned(),
            ("", theirs) => theirs.to_owned(),
            (own, theirs) => format!("{own}；{theirs}"),
        };
        if remark.chars().count() > MAX_REMARK {
            return Err(Refusal::MergedRemark(self.cuisine_name.clone().into()));
        }
        Ok(Line { quantity, remark, ..self.clone() })
    }

    fn new(dish: &Cuisine, by: DinerId, quantity: i64, remark: String, options: Vec<Choice>) -> Line {
        Line {
            line_id: LineId(0),
            cuisine_id: dish.cuisine_id,
            cuisine_name: dish.cuisine_name.clone(),
            cuisine_type: dish.cuisine_type,
            cuisine_image: dish.cuisine_image.clone(),
            unit_price: dish.price_with(&options),
            quantity,
            subtotal_amount: Fen::ZERO,
            add_user_id: by,
            add_user_phone: String::new(),
            remark,
            options,
        }
    }
}

/// What a diner typed: trimmed, without control characters, at most `max` characters.
///
/// # Errors
/// `RemarkTooLong`.
pub fn clean_text(text: &str, max: usize) -> Result<String, Refusal> {
    let clean = typed::clean(text);
    if clean.chars().count() > max {
        return Err(Refusal::RemarkTooLong);
    }
    Ok(clean)
}

/// `138****8000`; anything that is not a phone number is hidden whole.
pub fn mask_phone(phone: &str) -> String {
    match (phone.get(..3), phone.len(), phone.get(7..)) {
        (Some(head), 11, Some(tail)) => format!("{head}****{tail}"),
        _ => "*".repeat(phone.chars().count()),
    }
}

#[cfg(test)]
mod tests;
