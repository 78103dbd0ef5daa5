//! What a combo asks for: the options of its dishes, each piece by its name.

use super::{Choice, OptionGroup, OptionValue};

/// `cuisineType` of a combo.
pub const COMBO: i64 = 2;

/// Pieces of one dish that are asked about one by one; of more, one answer is for all of them.
const ASKED_ONE_BY_ONE: i64 = 4;

/// A dish of a combo, with its own options.
#[derive(Debug)]
pub struct Part {
    pub name: String,
    pub copies: i64,
    pub options: Vec<OptionGroup>,
}

/// What is asked about together: one piece, or many of one dish.
struct Portion<'p> {
    part: &'p Part,
    pieces: i64,
}

/// The groups of a combo of these parts, in their order. A group is named after the dish and its own name, so that all
/// names are different and a choice says what it is for; what a choice costs more, it costs for each piece.
pub fn groups(parts: &[Part]) -> Vec<OptionGroup> {
    let asking = parts.iter().filter(|part| !part.options.is_empty());
    let portions: Vec<Portion<'_>> = asking.flat_map(portions).collect();
    let mut told: Vec<&str> = Vec::with_capacity(portions.len());
    let mut groups = Vec::new();
    for Portion { part, pieces } in &portions {
        told.push(&part.name);
        let alike = portions.iter().filter(|other| other.part.name == part.name).count();
        let number = told.iter().filter(|name| **name == part.name).count();
        let dish = match (alike, pieces) {
            (1, 1) => part.name.clone(),
            (1, pieces) => format!("{}×{pieces}", part.name),
            _ => format!("{} {number}", part.name),
        };
        groups.extend(part.options.iter().map(|group| of_dish(&dish, *pieces, group)));
    }
    groups
}

fn portions(part: &Part) -> Vec<Portion<'_>> {
    match part.copies {
        copies if copies > ASKED_ONE_BY_ONE => vec![Portion { part, pieces: copies }],
        copies => (0..copies).map(|_| Portion { part, pieces: 1 }).collect(),
    }
}

fn of_dish(dish: &str, pieces: i64, group: &OptionGroup) -> OptionGroup {
    let value =
        |one: &OptionValue| OptionValue { value: one.value.clone(), price_delta: one.price_delta.times(pieces) };
    OptionGroup {
        name: format!("{dish} · {}", group.name),
        multiple: group.multiple,
        required: group.required,
        values: group.values.iter().map(value).collect(),
        dish: dish.to_owned(),
    }
}

/// What was chosen, as a line of an order says it: 微辣, 大份; of a combo 宫保鸡丁：微辣、大份.
pub fn texts(choices: &[Choice]) -> Vec<String> {
    let mut texts: Vec<(&str, String)> = Vec::with_capacity(choices.len());
    for choice in choices {
        match texts.iter_mut().find(|(dish, _)| !dish.is_empty() && *dish == choice.dish) {
            Some((_, text)) => {
                text.push('、');
                text.push_str(&choice.value);
            }
            None if choice.dish.is_empty() => texts.push(("", choice.value.clone())),
            None => texts.push((&choice.dish, format!("{}：{}", choice.dish, choice.value))),
        }
    }
    texts.into_iter().map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Fen;

    fn part(name: &str, copies: i64, groups: &[&str]) -> Part {
        let value = |value: &str, fen| OptionValue { value: value.into(), price_delta: Fen(fen) };
        let group = |name: &&str| OptionGroup {
            name: (*name).into(),
            required: true,
            values: vec![value("例份", 0), value("大份", 300)],
            ..OptionGroup::default()
        };
        Part { name: name.into(), copies, options: groups.iter().map(group).collect() }
    }

    #[test]
    fn each_piece_is_asked_about_by_a_name_of_its_own() {
        for (parts, names) in [
            (vec![part("面", 1, &["辣度", "份量"]), part("米饭", 2, &[])], vec!["面 · 辣度", "面 · 份量"]),
            (vec![part("奶茶", 2, &["糖度"])], vec!["奶茶 1 · 糖度", "奶茶 2 · 糖度"]),
            (vec![part("可乐", 6, &["温度"])], vec!["可乐×6 · 温度"]),
            (vec![part("汤", 1, &["份量"]), part("汤", 1, &["份量"])], vec!["汤 1 · 份量", "汤 2 · 份量"]),
            (vec![part("汤", 5, &["份量"]), part("汤", 1, &["份量"])], vec!["汤 1 · 份量", "汤 2 · 份量"]),
            (vec![], vec![]),
        ] {
            let groups = groups(&parts);
            assert_eq!(groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), names);
            assert!(groups.iter().all(|group| group.required && group.name.starts_with(&group.dish)));
        }
    }

    #[test]
    fn what_is_chosen_for_many_pieces_costs_for_each() {
        let dear = |copies| groups(&[part("可乐", copies, &["份量"])])[0].values[1].price_delta;
        assert_eq!((dear(1), dear(4), dear(6)), (Fen(300), Fen(300), Fen(1800)));
    }
}
