//! The menu: what can be ordered, with which choices, at what price.

pub mod actions;
pub mod combo;
pub mod edit;
pub mod exchange;
pub mod hours;
mod sql;
pub mod watch;

use crate::error::Refusal;
use crate::units::{CuisineId, Fen};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Menu {
    pub store_name: String,
    pub categories: Vec<Category>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Category {
    pub category_id: i64,
    pub name: String,
    pub cuisines: Vec<Cuisine>,
}

/// A dish or a combo (`cuisineType` 1 or 2).
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Cuisine {
    pub cuisine_id: CuisineId,
    pub cuisine_name: String,
    pub cuisine_type: i64,
    pub cuisine_image: String,
    pub unit_price: Fen,
    pub description: String,
    /// Nobody can have it now: 沽清, none left, or outside its hours.
    pub sold_out: bool,
    /// Pieces that are left; `None` where nobody counts. A combo's are those that its dishes are enough for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub left: Option<i64>,
    /// When it is sold; empty for always.
    pub hours: String,
    #[serde(skip)]
    pub open: bool,
    /// A combo's are its dishes' (see `combo`).
    pub options: Vec<OptionGroup>,
}

/// 辣度: 不辣, 微辣, … Where nothing has to be chosen, a diner who chooses nothing gets the kitchen's usual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OptionGroup {
    pub name: String,
    /// Whether several values of this group may be chosen together.
    pub multiple: bool,
    /// Whether one has to be chosen.
    pub required: bool,
    pub values: Vec<OptionValue>,
    /// Which dish of a combo it is about; empty for the dish itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    pub dish: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OptionValue {
    pub value: String,
    pub price_delta: Fen,
}

/// One chosen value of one option group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ChosenOption"))]
pub struct Choice {
    pub name: String,
    pub value: String,
    /// Which dish of a combo it is for, as the menu says it; empty for the dish itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    pub dish: String,
}

impl Cuisine {
    /// The price of one piece with these choices. Choices that the menu no longer has cost nothing extra.
    pub fn price_with(&self, choices: &[Choice]) -> Fen {
        price_choices(self.unit_price, &self.options, choices)
    }

    /// Checks the choices against the menu and puts them in canonical order, so that equal choices compare equal. What
    /// a choice is for, the menu says, whatever the client said.
    ///
    /// # Errors
    /// `BadOption` for a value the dish does not have or one chosen twice; `ChoiceTwice` for two values of a
    /// single-choice group; `ChoiceMissing` naming a group that something has to be chosen of.
    pub fn check_choices(&self, mut choices: Vec<Choice>) -> Result<Vec<Choice>, Refusal> {
        for choice in &mut choices {
            let group = self.options.iter().find(|group| group.name == choice.name);
            choice.dish = group.map(|group| group.dish.clone()).unwrap_or_default();
        }
        choices.sort();
        let chosen = |group: &&OptionGroup| choices.iter().any(|choice| choice.name == group.name);
        if let Some(group) = self.options.iter().filter(|group| group.required).find(|group| !chosen(group)) {
            return Err(Refusal::ChoiceMissing(group.name.clone().into()));
        }
        for (index, choice) in choices.iter().enumerate() {
            let bad = || Refusal::BadOption(format!("{} {}", choice.name, choice.value).into());
            find_value(&self.options, choice).ok_or_else(bad)?;
            let group = self.options.iter().find(|group| group.name == choice.name);
            let next = choices.get(index + 1).filter(|next| next.name == choice.name);
            match (group, next) {
                (Some(_), Some(next)) if next.value == choice.value => return Err(bad()),
                (Some(group), Some(_)) if !group.multiple => {
                    return Err(Refusal::ChoiceTwice(group.name.clone().into()));
                }
                _ => {}
            }
        }
        Ok(choices)
    }

    /// Whether so many pieces can be had now.
    ///
    /// # Errors
    /// `NotNow` with its hours, `SoldOut`, `NotEnough` with what is left; each names the dish.
    pub fn check_available(&self, pieces: i64) -> Result<(), Refusal> {
        let name = || self.cuisine_name.clone().into();
        if !self.open {
            return Err(Refusal::NotNow(name(), self.hours.clone()));
        }
        match self.left {
            _ if self.sold_out => Err(Refusal::SoldOut(name())),
            Some(left) if left < pieces => Err(Refusal::NotEnough(name(), left)),
            _ => Ok(()),
        }
    }
}

/// The address of a dish's small picture, for phones: ours come in two sizes.
pub fn small_image(image: String) -> String {
    match image.strip_suffix("/512.jpg") {
        Some(ours) if ours.starts_with("/pictures/") => format!("{ours}/128.jpg"),
        _ => image,
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
            left: None,
            hours: String::new(),
            open: true,
            options: vec![
                OptionGroup {
                    name: "辣度".into(),
                    multiple: false,
                    required: false,
                    values: vec![value("不辣", 0), value("微辣", 0)],
                    dish: String::new(),
                },
                OptionGroup {
                    name: "加料".into(),
                    multiple: true,
                    required: false,
                    values: vec![value("加蛋", 200), value("加肉", 800)],
                    dish: String::new(),
                },
            ],
        }
    }

    fn choose(pairs: &[(&str, &str)]) -> Vec<Choice> {
        let choice =
            |(name, value): &(&str, &str)| Choice { name: (*name).into(), value: (*value).into(), dish: String::new() };
        pairs.iter().map(choice).collect()
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
    fn a_choice_of_a_combo_says_which_dish_it_is_for() {
        let part = combo::Part { name: "牛肉面".into(), copies: 1, options: noodles().options };
        let set = Cuisine { cuisine_type: combo::COMBO, options: combo::groups(&[part]), ..noodles() };
        let lie = Choice { dish: "别的菜".into(), ..choose(&[("牛肉面 · 加料", "加蛋")]).remove(0) };
        let chosen = set.check_choices(vec![choose(&[("牛肉面 · 辣度", "微辣")]).remove(0), lie]).unwrap();
        assert_eq!(combo::texts(&chosen), ["牛肉面：加蛋、微辣"]);
        assert_eq!(combo::texts(&choose(&[("加料", "加蛋"), ("辣度", "微辣")])), ["加蛋", "微辣"], "of a dish");
        assert_eq!(set.price_with(&chosen), Fen(2000));
        assert!(matches!(set.check_choices(choose(&[("辣度", "微辣")])), Err(Refusal::BadOption(_))), "of which dish?");
    }

    #[test]
    fn choices_the_dish_does_not_offer_are_refused() {
        let dish = noodles();
        for bad in [&[("辣度", "特辣")][..], &[("糖度", "半糖")], &[("加料", "加蛋"), ("加料", "加蛋")]]
        {
            assert!(matches!(dish.check_choices(choose(bad)), Err(Refusal::BadOption(_))), "{bad:?}");
        }
        let two = dish.check_choices(choose(&[("辣度", "不辣"), ("辣度", "微辣")])).unwrap_err();
        assert_eq!(two, Refusal::ChoiceTwice("辣度".into()));
    }

    #[test]
    fn a_group_that_has_to_be_chosen_is_named_until_it_is() {
        let mut dish = noodles();
        dish.options[0].required = true;
        assert_eq!(dish.check_choices(choose(&[("加料", "加蛋")])), Err(Refusal::ChoiceMissing("辣度".into())));
        assert_eq!(dish.check_choices(choose(&[])), Err(Refusal::ChoiceMissing("辣度".into())));
        assert!(dish.check_choices(choose(&[("辣度", "不辣")])).is_ok());
        dish.options[1].required = true;
        assert_eq!(dish.check_choices(choose(&[("辣度", "不辣")])), Err(Refusal::ChoiceMissing("加料".into())));
        assert!(dish.check_choices(choose(&[("辣度", "不辣"), ("加料", "加蛋"), ("加料", "加肉")])).is_ok());
    }

    #[test]
    fn what_cannot_be_had_is_refused_by_name_and_reason() {
        let name = || "牛肉面".into();
        let dish = |open, sold_out, left| Cuisine { open, sold_out, left, hours: "11:00-14:00".into(), ..noodles() };
        for (dish, pieces, answer) in [
            (dish(true, false, None), 99, Ok(())),
            (dish(true, false, Some(2)), 2, Ok(())),
            (dish(true, false, Some(2)), 3, Err(Refusal::NotEnough(name(), 2))),
            (dish(true, true, Some(0)), 1, Err(Refusal::SoldOut(name()))),
            (dish(true, true, None), 1, Err(Refusal::SoldOut(name()))),
            (dish(false, true, Some(5)), 1, Err(Refusal::NotNow(name(), "11:00-14:00".into()))),
        ] {
            assert_eq!(dish.check_available(pieces), answer);
        }
    }
}
