//! The menu as the counter keeps it: categories, dishes and combos with all that phones don't see, and what may be
//! changed about them. Rules and sentences are those of the system before us (its admin web shows them as they are).

pub mod actions;
pub mod change;
pub mod flavor;
pub(super) mod sql;

use super::{OptionGroup, hours};
use crate::error::{Counted, MenuFault, Refusal};
use crate::typed::{self, What};
use crate::units::{CategoryId, CuisineId, Fen, Timestamp};
use change::Change;

pub use flavor::Flavor;

/// Ids are ours, counted from 1. One that comes back with a table of ours is kept up to here: far above what a shop
/// reaches, and so far below the largest that a page can hold (2^53 − 1) that none ever gets there.
pub const MAX_KEPT_ID: i64 = 1_000_000_000;
/// Characters of a name, at most: what is written in two languages, with what is in it, is that long.
const MAX_NAME: usize = 80;
const MAX_DESCRIPTION: usize = 255;
const MAX_IMAGE: usize = 255;
const MAX_PRICE: Fen = Fen(99_999_999);
const MAX_STOCK: i64 = 99_999;
const MAX_SORT: i64 = 9_999;
const MAX_GROUPS: usize = 12;
const MAX_VALUES: usize = 40;
const MAX_PARTS: usize = 40;

/// What something on the menu is: `type` of a category, `cuisineType` of a dish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Dish = 1,
    Combo = 2,
}

impl Kind {
    pub fn from_number(number: i64) -> Option<Kind> {
        [Kind::Dish, Kind::Combo].into_iter().find(|kind| *kind as i64 == number)
    }
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub id: CategoryId,
    pub name: String,
    pub kind: Kind,
    pub sort_order: i64,
    /// Whether phones see it.
    pub enabled: bool,
    /// When all of it is sold (`hours.rs`).
    pub hours: String,
    pub updated_at: Timestamp,
}

/// A dish or a combo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dish {
    pub id: CuisineId,
    pub category: CategoryId,
    pub category_name: String,
    pub name: String,
    pub kind: Kind,
    pub price: Fen,
    pub image: String,
    pub description: String,
    pub options: Vec<OptionGroup>,
    /// 停售 or 沽清: one switch.
    pub stopped: bool,
    /// Pieces that are left; `None` where nobody counts.
    pub stock: Option<i64>,
    pub hours: String,
    pub sort_order: i64,
    /// A combo's dishes.
    pub parts: Vec<Part>,
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub dish: CuisineId,
    pub name: String,
    pub price: Fen,
    pub copies: i64,
    pub stopped: bool,
}

impl Dish {
    /// A dish that is not on the menu yet: stopped, until somebody starts it.
    pub fn new(kind: Kind) -> Dish {
        Dish {
            id: CuisineId(0),
            category: CategoryId(0),
            category_name: String::new(),
            name: String::new(),
            kind,
            price: Fen::ZERO,
            image: String::new(),
            description: String::new(),
            options: Vec::new(),
            stopped: true,
            stock: None,
            hours: String::new(),
            sort_order: 0,
            parts: Vec::new(),
            updated_at: Timestamp(0),
        }
    }

    /// Whether it is on sale: not stopped, and none of a combo's dishes is.
    pub fn is_on_sale(&self) -> bool {
        !self.stopped && !self.has_stopped_part()
    }

    pub fn has_stopped_part(&self) -> bool {
        self.parts.iter().any(|part| part.stopped)
    }

    /// What is another than in `old`.
    pub fn changes(&self, old: &Dish) -> Vec<Change> {
        let (from, to) = (old.category_name.clone(), self.category_name.clone());
        change::made([
            (self.name != old.name, Change::Name(old.name.clone())),
            (self.category != old.category, Change::Category(from, to)),
            (self.price != old.price, Change::Price(old.price, self.price)),
            (self.stopped != old.stopped, Change::OnSale(!self.stopped)),
            (self.stock != old.stock, Change::Stock(old.stock, self.stock)),
            (self.hours != old.hours, Change::Hours(self.hours.clone())),
            (self.options != old.options, Change::Options),
            (self.parts != old.parts, Change::Parts),
            (self.image != old.image, Change::Image),
            (self.description != old.description, Change::Description),
        ])
    }
}

impl Section {
    /// As for a dish.
    pub fn changes(&self, old: &Section) -> Vec<Change> {
        change::made([
            (self.name != old.name, Change::Name(old.name.clone())),
            (self.enabled != old.enabled, Change::Enabled(self.enabled)),
            (self.hours != old.hours, Change::Hours(self.hours.clone())),
            (self.sort_order != old.sort_order, Change::SortOrder),
        ])
    }
}

/// A category as a form sends it; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct SectionDraft {
    pub name: Option<String>,
    pub kind: Option<Kind>,
    pub sort_order: Option<i64>,
    pub enabled: Option<bool>,
    pub hours: Option<String>,
}

impl SectionDraft {
    /// # Errors
    /// `BadMenu`, `BadLength`.
    pub fn onto(self, old: Section) -> Result<Section, Refusal> {
        Ok(Section {
            name: self.name.map(|name| clean_name(&name)).transpose()?.unwrap_or(old.name),
            kind: self.kind.unwrap_or(old.kind),
            sort_order: within(self.sort_order.unwrap_or(old.sort_order), 0..=MAX_SORT, Counted::SortOrder)?,
            enabled: self.enabled.unwrap_or(old.enabled),
            hours: self.hours.map(|typed| hours::clean(&typed)).transpose()?.unwrap_or(old.hours),
            ..old
        })
    }
}

/// A dish as a form sends it; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct DishDraft {
    pub name: Option<String>,
    pub category: Option<CategoryId>,
    pub price: Option<Fen>,
    pub image: Option<String>,
    pub description: Option<String>,
    pub on_sale: Option<bool>,
    /// Our own form of the options; where it changes nothing, `flavors` decides.
    pub options: Option<Vec<OptionGroup>>,
    /// The old web's form of them, which knows neither prices nor duties.
    pub flavors: Option<Vec<Flavor>>,
    pub stock: Option<Option<i64>>,
    pub hours: Option<String>,
    pub sort_order: Option<i64>,
    /// A combo's dishes and copies.
    pub parts: Option<Vec<(CuisineId, i64)>>,
}

impl DishDraft {
    /// The dish with what the form says; its parts and its category are the caller's to look up.
    ///
    /// # Errors
    /// `BadMenu`, `BadLength`.
    pub fn onto(&self, old: Dish) -> Result<Dish, Refusal> {
        let options = match (&self.options, &self.flavors) {
            (Some(options), _) if *options != old.options => options.clone(),
            (_, Some(flavors)) => flavor::onto(&old.options, flavors),
            _ => old.options,
        };
        let stock = self.stock.unwrap_or(old.stock);
        let dish = Dish {
            name: self.name.as_deref().map(clean_name).transpose()?.unwrap_or(old.name),
            category: self.category.unwrap_or(old.category),
            price: self.price.unwrap_or(old.price),
            image: self.image.as_deref().map(clean_image).transpose()?.unwrap_or(old.image),
            description: self.description.as_deref().map(clean_description).transpose()?.unwrap_or(old.description),
            options: clean_options(options)?,
            stopped: self.on_sale.map_or(old.stopped, |on_sale| !on_sale),
            stock: stock.map(|pieces| within(pieces, 0..=MAX_STOCK, Counted::Stock)).transpose()?,
            hours: self.hours.as_deref().map(hours::clean).transpose()?.unwrap_or(old.hours),
            sort_order: within(self.sort_order.unwrap_or(old.sort_order), 0..=MAX_SORT, Counted::SortOrder)?,
            ..old
        };
        if !(Fen::ZERO..=MAX_PRICE).contains(&dish.price) || dish.price.plus(cheapest(&dish.options)) < Fen::ZERO {
            return Err(Refusal::BadMenu(MenuFault::Price));
        }
        Ok(dish)
    }
}

fn within(number: i64, range: std::ops::RangeInclusive<i64>, what: Counted) -> Result<i64, Refusal> {
    match range.contains(&number) {
        true => Ok(number),
        false => Err(Refusal::BadMenu(MenuFault::Range(what, *range.start(), *range.end()))),
    }
}

fn clean_words(text: &str, what: What) -> Result<String, Refusal> {
    Ok(typed::within(text, 1..=MAX_NAME, what)?)
}

/// Of a category, a dish or a combo.
///
/// # Errors
/// `BadLength`.
pub fn clean_name(text: &str) -> Result<String, Refusal> {
    clean_words(text, What::MenuName)
}

fn clean_description(text: &str) -> Result<String, Refusal> {
    Ok(typed::within(text, 0..=MAX_DESCRIPTION, What::Description)?)
}

/// An address as an upload answers it, which is `/api/pictures/…` at the counter and `/pictures/…` everywhere else; or a
/// picture elsewhere. The old web sends `null` as text.
fn clean_image(text: &str) -> Result<String, Refusal> {
    let mut image = typed::within(text, 0..=MAX_IMAGE, What::PictureAddress)?;
    if let Some(ours) = image.strip_prefix("/api").filter(|rest| rest.starts_with("/pictures/")) {
        image = ours.to_owned();
    }
    let known = ["/pictures/", "http://", "https://"].iter().any(|start| image.starts_with(start));
    match image.as_str() {
        "null" | "undefined" => Ok(String::new()),
        "" => Ok(image),
        _ if known => Ok(image),
        _ => Err(Refusal::BadMenu(MenuFault::Picture)),
    }
}

fn clean_options(groups: Vec<OptionGroup>) -> Result<Vec<OptionGroup>, Refusal> {
    let mut cleaned: Vec<OptionGroup> = Vec::with_capacity(groups.len());
    for mut group in groups {
        group.name = clean_words(&group.name, What::OptionName)?;
        for index in 0..group.values.len() {
            group.values[index].value = clean_words(&group.values[index].value, What::OptionValue)?;
            let (before, this) = group.values.split_at(index);
            let twice = before.iter().any(|value| value.value == this[0].value);
            if twice || !(Fen::ZERO.minus(MAX_PRICE)..=MAX_PRICE).contains(&this[0].price_delta) {
                return Err(Refusal::BadMenu(MenuFault::Options(group.name)));
            }
        }
        let twice = cleaned.iter().any(|other| other.name == group.name);
        if twice || group.values.is_empty() || group.values.len() > MAX_VALUES {
            return Err(Refusal::BadMenu(MenuFault::Options(group.name)));
        }
        cleaned.push(group);
    }
    match cleaned.len() > MAX_GROUPS {
        true => Err(Refusal::BadMenu(MenuFault::TooManyOptions)),
        false => Ok(cleaned),
    }
}

/// The least that choices can add to the price.
fn cheapest(groups: &[OptionGroup]) -> Fen {
    let of_group = |group: &OptionGroup| {
        let deltas = group.values.iter().map(|value| value.price_delta.min(Fen::ZERO));
        match group.multiple {
            true => deltas.fold(Fen::ZERO, Fen::plus),
            false => deltas.min().unwrap_or(Fen::ZERO),
        }
    };
    groups.iter().map(of_group).fold(Fen::ZERO, Fen::plus)
}

#[cfg(test)]
mod tests;
