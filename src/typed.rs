//! Text that people type or paste: what it loses, how long it may be, and how it is set apart from the text around it.

use std::fmt;
use std::ops::RangeInclusive;

/// What a piece of text is that may have so many characters only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    MemberName,
    TableNumber,
    Area,
    /// Of a category, a dish or a combo.
    MenuName,
    OptionName,
    OptionValue,
    Description,
    PictureAddress,
}

/// A name that people gave, as a part of a sentence about it: it shows itself set apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(pub String);

impl From<String> for Name {
    fn from(name: String) -> Name {
        Name(name)
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Name {
        Name(name.to_owned())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&set_apart(&self.0))
    }
}

/// Text of another length than it may have, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLength {
    pub what: What,
    pub least: usize,
    pub most: usize,
}

/// Without what nobody sees: control characters, marks of no width, and signs that turn what follows around. Trimmed.
pub fn clean(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control() && !is_unseen(*c) && !turns(*c)).collect();
    text.trim().to_owned()
}

/// The same, if it has so many characters then.
///
/// # Errors
/// `BadLength` with what is allowed.
pub fn within(text: &str, length: RangeInclusive<usize>, what: What) -> Result<String, BadLength> {
    let text = clean(text);
    match length.contains(&text.chars().count()) {
        true => Ok(text),
        false => Err(BadLength { what, least: *length.start(), most: *length.end() }),
    }
}

/// A name as a part of a sentence: one that is written from the right keeps its hands off what is around it.
pub fn set_apart(text: &str) -> String {
    match text.chars().any(|c| is_from_right(c) || turns(c)) {
        true => format!("\u{2068}{}\u{2069}", text.chars().filter(|c| !turns(*c)).collect::<String>()),
        false => text.to_owned(),
    }
}

/// Marks of no width, fillers that show nothing, and separators of lines.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}'
        | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Bidirectional controls.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Hebrew, Arabic and their like.
fn is_from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_lost() {
        for (typed, kept) in [
            (" 宫保鸡丁\u{200b} ", "宫保鸡丁"),
            ("\u{feff}米\u{200d}饭\u{2060}", "米饭"),
            ("\u{202e}丁鸡保宫\u{202c}", "丁鸡保宫"),
            ("A\u{2066}01\u{2069}\u{200f}", "A01"),
            ("甲\n乙\u{2028}丙\t", "甲乙丙"),
            ("\u{3164}\u{115f}", ""),
            ("包间8🎉", "包间8🎉"),
            ("♨️ 火锅", "♨️ 火锅"),
            ("שלום", "שלום"),
        ] {
            assert_eq!(clean(typed), kept, "{typed:?}");
        }
    }

    #[test]
    fn a_length_is_that_of_what_is_left() {
        let what = What::MenuName;
        assert_eq!(within("\u{200b}面\u{200b}", 1..=1, what), Ok("面".into()));
        assert_eq!(within("\u{200b}", 1..=8, what), Err(BadLength { what, least: 1, most: 8 }));
    }

    #[test]
    fn a_name_from_the_right_is_set_apart_and_others_are_left_alone() {
        assert_eq!(set_apart("宫保鸡丁"), "宫保鸡丁");
        assert_eq!(set_apart("שלום 2"), "\u{2068}שלום 2\u{2069}");
        assert_eq!(Name::from("שלום").to_string(), "\u{2068}שלום\u{2069}");
        assert_eq!(set_apart("\u{202e}丁鸡"), "\u{2068}丁鸡\u{2069}", "stored before names lost such signs");
    }
}
