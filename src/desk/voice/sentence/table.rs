//! What a table is called, taken apart into what can be said.

/// `包间A12号`: an area, letters and digits, each of which may be missing, but not all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// The id of its clip, `area.<id>`.
    pub area: Option<&'static str>,
    /// Capital letters.
    pub letters: String,
    /// ASCII digits, with the zeros in front that people say.
    pub digits: String,
}

const AREAS: [(&str, &str); 20] = [
    ("包间", "baojian"),
    ("包厢", "baoxiang"),
    ("包房", "baojian"),
    ("雅间", "yajian"),
    ("雅座", "yazuo"),
    ("卡座", "kazuo"),
    ("大厅", "dating"),
    ("大堂", "dating"),
    ("散台", "santai"),
    ("吧台", "batai"),
    ("前台", "qiantai"),
    ("贵宾", "guibin"),
    ("VIP", "guibin"),
    ("窗边", "chuangbian"),
    ("外摆", "waibai"),
    ("露台", "lutai"),
    ("一楼", "yilou"),
    ("二楼", "erlou"),
    ("三楼", "sanlou"),
    ("外卖", "waimai"),
];
const TAKEAWAY: (&str, &str) = ("打包", "dabao");
/// What may stand behind the number and adds nothing to it.
const ENDINGS: [&str; 4] = ["号桌", "号台", "号", "桌"];
const MAX_LETTERS: usize = 2;
const MAX_DIGITS: usize = 4;

impl TableName {
    /// `None` for a name that has no words here: a person has to read it.
    pub fn parse(name: &str) -> Option<TableName> {
        let plain: String = name.chars().map(half_width).filter(|c| !c.is_whitespace() && *c != '-').collect();
        let plain = plain.to_uppercase();
        let areas = || AREAS.iter().chain([&TAKEAWAY]);
        let area = areas().find(|(word, _)| plain.starts_with(word));
        let rest = area.map_or(plain.as_str(), |(word, _)| &plain[word.len()..]);
        let rest = ENDINGS.iter().find_map(|ending| rest.strip_suffix(ending)).unwrap_or(rest);
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_uppercase()).len();
        let (letters, number) = rest.split_at(letters);
        let digits = number_of(number)?;
        let empty = area.is_none() && letters.is_empty() && digits.is_empty();
        (!empty && letters.len() <= MAX_LETTERS && digits.len() <= MAX_DIGITS).then(|| TableName {
            area: area.map(|(_, id)| *id),
            letters: letters.to_owned(),
            digits,
        })
    }

    /// The number where people say it whole: 1 to 99 without a zero in front.
    pub fn whole_number(&self) -> Option<&str> {
        (self.digits.len() <= 2 && !self.digits.is_empty() && !self.digits.starts_with('0')).then_some(&self.digits)
    }
}

/// `Ａ１` is `A1`.
fn half_width(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Digits as they are, or those of a Chinese number up to 99.
fn number_of(text: &str) -> Option<String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    (1..100).find(|number| reading(*number) == text).map(|number| number.to_string())
}

/// 1 to 99 as it is written out: 十二, 二十, 三十五.
fn reading(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (number / 10, number % 10) {
        (0, ones) => DIGITS[ones].to_owned(),
        (1, ones) => format!("十{}", DIGITS[ones]),
        (tens, ones) => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_as_people_write_them() {
        for (name, area, letters, digits) in [
            ("A01", None, "A", "01"),
            ("b 12", None, "B", "12"),
            ("A-1", None, "A", "1"),
            ("Ａ０８", None, "A", "08"),
            ("12", None, "", "12"),
            ("12号桌", None, "", "12"),
            ("十二号", None, "", "12"),
            ("7桌", None, "", "7"),
            ("A105", None, "A", "105"),
            ("包间8", Some("baojian"), "", "8"),
            ("包房二十一", Some("baojian"), "", "21"),
            ("大厅105", Some("dating"), "", "105"),
            ("吧台", Some("batai"), "", ""),
            ("VIP3", Some("guibin"), "", "3"),
            ("二楼A3", Some("erlou"), "A", "3"),
            ("打包12", Some("dabao"), "", "12"),
            ("V", None, "V", ""),
        ] {
            let found = TableName::parse(name);
            let wanted = TableName { area, letters: letters.into(), digits: digits.into() };
            assert_eq!(found, Some(wanted), "{name}");
        }
    }

    #[test]
    fn a_name_without_words_is_not_guessed_at() {
        for name in ["", " ", "百合厅", "A1B2", "ABC1", "12345", "包间<8>", "8包间", "号", "A一百"] {
            assert_eq!(TableName::parse(name), None, "{name}");
        }
    }
}
