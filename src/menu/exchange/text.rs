//! Options and a combo's dishes as people write them into one cell:
//! `辣度(必选):不辣|微辣;加料(多选):加蛋(+2.00)|加肉(+8.00)` and `宫保鸡丁*1;米饭*2`. A backslash takes its meaning from the
//! character after it.

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
        let delta = if delta.is_empty() { Fen::ZERO } else { Fen::from_yuan(delta.trim_start_matches('+'))? };
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

/// Names and copies.
pub fn write_parts<'a>(parts: impl Iterator<Item = (&'a str, i64)>) -> String {
    parts.map(|(name, copies)| format!("{}*{copies}", escape(name))).collect::<Vec<_>>().join(";")
}

/// `None` for what is no such text. Without a number it is one copy.
pub fn read_parts(text: &str) -> Option<Vec<(String, i64)>> {
    let part = |text: &str| match split(text, TIMES)[..] {
        [name] => Some((unescape(name), 1)),
        [name, copies] => Some((unescape(name), copies.trim().parse().ok()?)),
        _ => None,
    };
    split(text, SEMICOLON).into_iter().filter(|part| !part.trim().is_empty()).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_people_type_them() {
        let groups = read_options("辣度（必选）：不辣｜微辣；加料(多选): 加蛋(+2) | 加肉(8.00) | 少肉(-3.5)").unwrap();
        assert_eq!(write_options(&groups), "辣度(必选):不辣|微辣;加料(多选):加蛋(+2.00)|加肉(+8.00)|少肉(-3.50)");
        assert_eq!(read_options(""), Some(vec![]));
        for text in ["辣度", "辣度(随便):不辣", "辣度:不辣(免费)", "辣度(必选:不辣", "a:b:c"] {
            assert_eq!(read_options(text), None, "{text}");
        }
        assert_eq!(read_parts("宫保鸡丁；米饭×2"), Some(vec![("宫保鸡丁".into(), 1), ("米饭".into(), 2)]));
        assert_eq!(read_parts("米饭*两碗"), None);
    }
}
