//! Options and a combo's dishes as people write them into one cell:
//! `辣度(必选):不辣|微辣;加料(多选):加蛋(+2.00)|加肉(+8.00)` and `宫保鸡丁*1;米饭*2`. A backslash takes its meaning from the
//! character after it.

use super::cell::yuan;
use crate::menu::{OptionGroup, OptionValue};
use crate::units::Fen;

const MULTIPLE: &str = "多选";
const REQUIRED: &str = "必选";

/// The signs that mean something, also as a Chinese keyboard types them.
const SEMICOLON: [char; 2] = [';', '；'];
const COLON: [char; 2] = [':', '：'];
const BAR: [char; 2] = ['|', '｜'];
const OPEN: [char; 2] = ['(', '（'];
const CLOSE: [char; 2] = [')', '）'];
const TIMES: [char; 2] = ['*', '×'];

fn escape(text: &str) -> String {
    let signs = [SEMICOLON, COLON, BAR, OPEN, CLOSE, TIMES];
    let meant = |c: char| c == '\\' || signs.iter().any(|pair| pair.contains(&c));
    text.chars().flat_map(|c| meant(c).then_some('\\').into_iter().chain([c])).collect()
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.trim().chars();
    while let Some(c) = characters.next() {
        plain.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    plain
}

/// Pieces between the signs that no backslash precedes; still escaped.
fn split(text: &str, signs: [char; 2]) -> Vec<&str> {
    let (mut pieces, mut begin, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if signs.contains(&c) {
            pieces.push(&text[begin..at]);
            begin = at + c.len_utf8();
        }
    }
    pieces.push(&text[begin..]);
    pieces
}

/// What is before a bracket, and in it.
fn bracket(text: &str) -> Option<(&str, &str)> {
    match split(text, OPEN)[..] {
        [whole] => Some((whole, "")),
        [before, rest] => match split(rest, CLOSE)[..] {
            [inside, after] if after.trim().is_empty() => Some((before, inside.trim())),
            _ => None,
        },
        _ => None,
    }
}

pub fn write_options(groups: &[OptionGroup]) -> String {
    let value = |value: &OptionValue| match value.price_delta {
        Fen::ZERO => escape(&value.value),
        delta if delta > Fen::ZERO => format!("{}(+{delta})", escape(&value.value)),
        delta => format!("{}({delta})", escape(&value.value)),
    };
    let group = |group: &OptionGroup| {
        let flags: Vec<&str> = [(group.multiple, MULTIPLE), (group.required, REQUIRED)]
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, flag)| *flag)
            .collect();
        let flags = if flags.is_empty() { String::new() } else { format!("({})", flags.join(",")) };
        let values: Vec<String> = group.values.iter().map(value).collect();
        format!("{}{flags}:{}", escape(&group.name), values.join("|"))
    };
    groups.iter().map(group).collect::<Vec<_>>().join(";")
}

/// `None` for what is no such text.
pub fn read_options(text: &str) -> Option<Vec<OptionGroup>> {
    split(text, SEMICOLON).into_iter().filter(|group| !group.trim().is_empty()).map(read_group).collect()
}

fn read_group(text: &str) -> Option<OptionGroup> {
    let [head, values] = split(text, COLON)[..] else { return None };
    let (name, flags) = bracket(head)?;
    let flags: Vec<&str> = flags.split([',', '，']).map(str::trim).filter(|flag| !flag.is_empty()).collect();
    if !flags.iter().all(|flag| [MULTIPLE, REQUIRED, "单选", "可选"].contains(flag)) {
        return None;
    }
    let value = |text: &str| {
        let (value, delta) = bracket(text)?;
        let delta = if delta.is_empty() { Fen::ZERO } else { yuan(delta.trim_start_matches(['+', '＋']))? };
        Some(OptionValue { value: unescape(value), price_delta: delta })
    };
    Some(OptionGroup {
        name: unescape(name),
        multiple: flags.contains(&MULTIPLE),
        required: flags.contains(&REQUIRED),
        values: split(values, BAR).into_iter().map(value).collect::<Option<_>>()?,
        ..OptionGroup::default()
    })
}

/// A dish of a combo as a cell names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPart {
    pub name: String,
    /// Name and category, where a bracket follows: `米饭(主食)` is that of two which is in 主食, or one of that name.
    pub within: Option<(String, String)>,
    pub copies: i64,
}

/// Names, the categories of those whose names are there twice, and copies.
pub fn write_parts<'a>(parts: impl Iterator<Item = (&'a str, Option<&'a str>, i64)>) -> String {
    let part = |(name, category, copies): (&str, Option<&str>, i64)| {
        let category = category.map(|category| format!("({})", escape(category))).unwrap_or_default();
        format!("{}{category}*{copies}", escape(name))
    };
    parts.map(part).collect::<Vec<_>>().join(";")
}

/// `None` for what is no such text. Without a number it is one copy.
pub fn read_parts(text: &str) -> Option<Vec<NamedPart>> {
    let part = |text: &str| {
        let (name, copies) = match split(text, TIMES)[..] {
            [name] => (name, 1),
            [name, copies] => (name, copies.trim().parse().ok()?),
            _ => return None,
        };
        let within = bracket(name).filter(|(_, category)| !category.is_empty());
        let within = within.map(|(name, category)| (unescape(name), unescape(category)));
        Some(NamedPart { name: unescape(name), within, copies })
    };
    split(text, SEMICOLON).into_iter().filter(|part| !part.trim().is_empty()).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_people_type_them() {
        let groups =
            read_options("辣度（必选）：不辣｜微辣；加料(多选): 加蛋(＋２元) | 加肉(8.00) | 少肉(-3.5)").unwrap();
        assert_eq!(write_options(&groups), "辣度(必选):不辣|微辣;加料(多选):加蛋(+2.00)|加肉(+8.00)|少肉(-3.50)");
        assert_eq!(read_options(""), Some(vec![]));
        for text in ["辣度", "辣度(随便):不辣", "辣度:不辣(免费)", "辣度(必选:不辣", "a:b:c"] {
            assert_eq!(read_options(text), None, "{text}");
        }
        let part = |name: &str, within: Option<(&str, &str)>, copies| NamedPart {
            name: name.into(),
            within: within.map(|(name, category)| (name.into(), category.into())),
            copies,
        };
        assert_eq!(read_parts("宫保鸡丁；米饭×2"), Some(vec![part("宫保鸡丁", None, 1), part("米饭", None, 2)]));
        assert_eq!(read_parts("米饭(主食)*2"), Some(vec![part("米饭(主食)", Some(("米饭", "主食")), 2)]));
        assert_eq!(read_parts(r"可乐\(大\)"), Some(vec![part("可乐(大)", None, 1)]));
        assert_eq!(read_parts("米饭*两碗"), None);
    }
}
