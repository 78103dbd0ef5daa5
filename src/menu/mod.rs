//! The menu: what can be ordered, with which choices, at what price.

pub mod actions;
mod sql;

use crate::error::Refusal;
use crate::units::{CuisineId, Fen};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Menu {
    pub store_name: String,
    pub categories: Vec<Category>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Category {
    pub category_id: i64,
    pub name: String,
    pub cuisines: Vec<Cuisine>,
}

/// A dish or a combo (`cuisineType` 1 or 2).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cuisine {
    pub cuisine_id: CuisineId,
    pub cuisine_name: String,
    pub cuisine_type: i64,
    pub cuisine_image: String,
    pub unit_price: Fen,
    pub description: String,
    pub sold_out: bool,
    pub options: Vec<OptionGroup>,
}

/// 辣度: 不辣, 微辣, … A diner who chooses nothing gets the kitchen's usual.
#[derive(Debug, Clone, Serialize)]
pub struct OptionGroup {
    pub name: String,
    /// Whether several values of this group may be chosen together.
    pub multiple: bool,
    pub values: Vec<OptionValue>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionValue {
    pub value: String,
    pub price_delta: Fen,
}

/// One chosen value of one option group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Choice {
    pub name: String,
    pub value: String,
}

impl Cuisine {
    /// The price of one piece with these choices. Choices that the menu no longer has cost nothing extra.
    pub fn price_with(&self, choices: &[Choice]) -> Fen {
        price_choices(self.unit_price, &self.options, choices)
    }

    /// Checks the choices against the menu and puts them in canonical order, so that equal choices compare equal.
    ///
    /// # Errors
    /// `BadOption` for a value the dish does not have, one chosen twice, or two values of a single-choice group.
    pub fn check_choices(&self, mut choices: Vec<Choice>) -> Result<Vec<Choice>, Refusal> {
        choices.sort();
        for (index, choice) in choices.iter().enumerate() {
            let bad = || Refusal::BadOption(format!("{} {}", choice.name, choice.value));
            find_value(&self.options, choice).ok_or_else(bad)?;
            let group = self.options.iter().find(|group| group.name == choice.name);
            let next = choices.get(index + 1).filter(|next| next.name == choice.name);
            match (group, next) {
                (Some(group), Some(next)) if !group.multiple || next.value == choice.value => return Err(bad()),
                _ => {}
            }
        }
        Ok(choices)
    }
}

fn find_value<'g>(groups: &'g [OptionGroup], choice: &Choice) -> Option<&'g OptionValue> {
    let group = groups.iter().find(|group| group.name == choice.name)?;
    group.values.iter().find(|value| value.value == choice.value)
}

fn price_choices(base: Fen, groups: &[OptionGroup], choices: &[Choice]) -> Fen {
    choices
        .iter()
        .filter_map(|choice| find_value(groups, choice))
        .fold(base, |price, value| price.plus(value.price_delta))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noodles() -> Cuisine {
        let value = |value: &str, delta| OptionValue { value: value.into(), price_delta: Fen(delta) };
        Cuisine {
            cuisine_id: CuisineId(1),
            cuisine_name: "牛肉面".into(),
            cuisine_type: 1,
            cuisine_image: String::new(),
            unit_price: Fen(1800),
            description: String::new(),
            sold_out: false,
            options: vec![
                OptionGroup {
                    name: "辣度".into(), multiple: false, values: vec![value("不辣", 0), value("微辣", 0)]
                },
                OptionGroup {
                    name: "加料".into(),
                    multiple: true,
                    values: vec![value("加蛋", 200), value("加肉", 800)],
                },
            ],
        }
    }

    fn choose(pairs: &[(&str, &str)]) -> Vec<Choice> {
        pairs.iter().map(|(name, value)| Choice { name: (*name).into(), value: (*value).into() }).collect()
    }

    #[test]
    fn choices_are_checked_priced_and_put_in_order() {
        let dish = noodles();
        let one = dish.check_choices(choose(&[("辣度", "微辣"), ("加料", "加肉"), ("加料", "加蛋")])).unwrap();
        let other = dish.check_choices(choose(&[("加料", "加蛋"), ("加料", "加肉"), ("辣度", "微辣")])).unwrap();
        assert_eq!(one, other);
        assert_eq!(dish.price_with(&one), Fen(2800));
    }

    #[test]
    fn choices_the_dish_does_not_offer_are_refused() {
        let dish = noodles();
        for bad in [
            &[("辣度", "特辣")][..],
            &[("糖度", "半糖")],
            &[("辣度", "不辣"), ("辣度", "微辣")],
            &[("加料", "加蛋"), ("加料", "加蛋")],
        ] {
            assert!(matches!(dish.check_choices(choose(bad)), Err(Refusal::BadOption(_))), "{bad:?}");
        }
    }
}
