//! Names for what differs from run to run. A value that is seen again gets the name that it had; what does not differ
//! stays as it is.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub struct Names {
    /// Values and their names, the longest value first.
    known: Vec<(String, String)>,
    /// How many of each kind have a name.
    counts: BTreeMap<&'static str, usize>,
    /// What each speaker shows as a token.
    tokens: BTreeMap<String, String>,
    /// When the conversation began, in the shop's time zone.
    begun: Zoned,
    /// Days from then that have a name: those that the script asks for, and the ones beside today.
    days: BTreeSet<i64>,
}

/// Forms of which each value has a name of its own: what it is called, how it begins, and its characters, as in `fits`.
const FORMS: [(&str, &str, &str); 5] = [
    ("trade", "", "ddddddddddddcccccccccccccccc"),
    ("code", "", "cccccccccccccccccccccccccc"),
    ("picture", "", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    ("transaction", "demo", "cccccccccccccccccccccccccc"),
    ("member code", "M", "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"),
];

/// The day that sentences have as an example, and what they say before it.
const EXAMPLES: [&str; 2] = ["例如 2026-11-20", "such as 2026-11-20"];

/// What the daemon says itself of a device that does not work.
const DEVICES: [&str; 2] = ["the sound device cannot be used: ", "no desktop session: "];

impl Names {
    pub fn new(begun: Zoned, days: impl Iterator<Item = i64>) -> Names {
        let days = days.chain([-1, 0, 1]).collect();
        Names { known: Vec::new(), counts: BTreeMap::new(), tokens: BTreeMap::new(), begun, days }
    }

    pub fn know(&mut self, value: &str, name: &str) {
        self.known.push((value.to_owned(), name.to_owned()));
        self.known.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    }

    pub fn give_token(&mut self, speaker: &str, token: &str) {
        self.tokens.insert(speaker.to_owned(), token.to_owned());
    }

    pub fn token_of(&self, speaker: &str) -> Option<&str> {
        self.tokens.get(speaker).map(String::as_str)
    }

    /// The name of this value, a new one if it has none.
    fn name(&mut self, kind: &'static str, value: &str) -> String {
        if let Some((_, name)) = self.known.iter().find(|(known, _)| known == value) {
            return name.clone();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let name = format!("{kind} {count}");
        self.know(value, &name);
        name
    }

    /// Values for their names.
    ///
    /// # Panics
    /// A name that nothing has.
    pub fn reveal(&self, text: &str) -> String {
        let mut revealed = String::new();
        let mut rest = text;
        while let Some((before, (name, behind))) =
            rest.split_once('<').and_then(|(before, rest)| Some((before, rest.split_once('>')?)))
        {
            revealed += before;
            match self.value(name) {
                Some(value) => revealed += &value,
                None if name.starts_with("token of ") || name.ends_with(|c: char| c.is_ascii_digit()) => {
                    panic!("nothing is called <{name}>: {text}")
                }
                None => revealed += &format!("<{name}>"),
            }
            rest = behind;
        }
        revealed + rest
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some(speaker) = name.strip_prefix("token of ") {
            return self.tokens.get(speaker).cloned();
        }
        let day = |days: &str| {
            let days: i64 = if days.is_empty() { 0 } else { days.parse().ok()? };
            self.begun.date().checked_add(days.days()).ok()
        };
        if let Some(days) = name.strip_prefix("today") {
            return day(days).map(|date| date.to_string());
        }
        if name == "day" {
            return Some(self.begun.date().strftime("%Y%m%d").to_string());
        }
        self.known.iter().find(|(_, known)| known == name).map(|(value, _)| value.clone())
    }

    /// A member of JSON: some are of no interest whatever they are.
    pub fn hide_member(&mut self, name: &str, text: &str) -> String {
        match name {
            "timestamp" if text.len() == 13 => "<ms>".to_owned(),
            "bytes" => "<bytes>".to_owned(),
            // Of a code's minute.
            "seconds" if matches!(text, "58" | "59" | "60") => "<seconds>".to_owned(),
            "msg" => self.hide(&without_seconds(text)),
            "nonce" if text.len() > 8 => "\"<nonce>\"".to_owned(),
            "version" if text.starts_with('"') => "\"<version>\"".to_owned(),
            "svg" if text.starts_with("\"<") => "\"<svg>\"".to_owned(),
            // What is wrong with a device is said by libraries, after a colon.
            "detail" if DEVICES.iter().any(|device| text.contains(device)) => {
                format!("{}: …\"", text.split(": ").next().unwrap_or_default())
            }
            _ => self.hide(text),
        }
    }

    /// Names for values, and for characters that nobody sees.
    pub fn hide(&mut self, text: &str) -> String {
        let mut hidden = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some(example) = EXAMPLES.iter().find(|example| rest.starts_with(**example)) {
                hidden += example;
                rest = &rest[example.len()..];
                continue;
            }
            let known = self.known.iter().find(|(value, _)| rest.starts_with(value.as_str()));
            if let Some((value, name)) = known {
                hidden += &format!("<{name}>");
                rest = &rest[value.len()..];
                continue;
            }
            let inside = hidden.ends_with(|c: char| c.is_ascii_alphanumeric()) && first.is_ascii_alphanumeric();
            match if inside { None } else { self.find(rest) } {
                Some((length, name)) => {
                    hidden += &name;
                    rest = &rest[length..];
                }
                None => {
                    hidden += &visible(first);
                    rest = &rest[first.len_utf8()..];
                }
            }
        }
        hidden
    }

    /// What `text` begins with, if it differs from run to run: its length, and what to call it.
    fn find(&mut self, text: &str) -> Option<(usize, String)> {
        if let Some(found) = self.find_token(text).or_else(|| self.find_time(text)).or_else(|| self.find_hash(text)) {
            return Some(found);
        }
        for (kind, begin, form) in FORMS {
            if let Some(length) = text.strip_prefix(begin).and_then(|rest| fits(form, rest)) {
                return Some((begin.len() + length, format!("<{}>", self.name(kind, &text[..begin.len() + length]))));
            }
        }
        // An order's number begins with its day.
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let day: Option<Date> = (digits >= 9).then(|| Date::strptime("%Y%m%d", &text[..8]).ok()).flatten();
        day.filter(|day| *day == self.begun.date()).map(|_| (8, "<day>".to_owned()))
    }

    fn find_hash(&mut self, text: &str) -> Option<(usize, String)> {
        let length = fits("xxxxxxxxxxxxxxxx", text)?;
        let word = &text[..length];
        // Not a payer's code, nor an order's number.
        let is_hash = word.contains(|c: char| c.is_ascii_alphabetic());
        is_hash.then(|| (length, format!("<{}>", self.name("hash", word))))
    }

    /// A token is called by what it says, but for its time: two of one second would be the same.
    fn find_token(&self, text: &str) -> Option<(usize, String)> {
        let word = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(text.len());
        let mut parts = text[..word].split('.');
        let (head, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
        if !head.starts_with("eyJ") || parts.next().is_some() {
            return None;
        }
        let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let expires = self.moment(Timestamp::from_second(claims["exp"].as_i64()?).ok()?);
        let whose = match claims["scope"].as_str()? {
            "table" => format!("diner {}, party {}, from table {}", claims["sub"], claims["seating"], claims["table"]),
            "member" => format!("member {}, link {}", claims["sub"], claims["link"]),
            scope => format!("{scope} {}", claims["sub"]),
        };
        Some((word, format!("<token: {whose}, until {expires}>")))
    }

    fn find_time(&self, text: &str) -> Option<(usize, String)> {
        if let Some(length) = fits("dddddddd-dddddd", text) {
            return Some((length, "<stamp>".to_owned()));
        }
        if let Some(length) =
            fits("dddd-dd-ddTdd:dd:dd+dd:dd", text).or_else(|| fits("dddd-dd-ddTdd:dd:dd-dd:dd", text))
        {
            let offset = self.begun.strftime("%:z").to_string();
            let at: Timestamp = text[..length].parse().ok()?;
            // Another zone's offset is shown.
            return text[..length].ends_with(&offset).then(|| (length, format!("<{}>", self.moment(at))));
        }
        for (form, name) in [("dddd-dd-dd dd:dd:dd", "second"), ("dddd-dd-dd dd:dd", "minute")] {
            if let Some(length) = fits(form, text) {
                let at: DateTime =
                    text[..length].parse().or_else(|_| format!("{}:00", &text[..length]).parse()).ok()?;
                let away = at.duration_since(self.begun.datetime());
                return (away.abs() < SignedDuration::from_mins(10)).then(|| (length, format!("<{name}>")));
            }
        }
        let length = fits("dddd-dd-dd", text)?;
        let day: Date = text[..length].parse().ok()?;
        match day.duration_since(self.begun.date()).as_hours() / 24 {
            0 => Some((length, "<today>".to_owned())),
            away if self.days.contains(&away) => Some((length, format!("<today{away:+}>"))),
            _ => None,
        }
    }

    /// `time` of now, `time +12h` of later: to five minutes, which no conversation takes.
    fn moment(&self, at: Timestamp) -> String {
        let minutes = at.duration_since(self.begun.timestamp()).as_secs_f64() / 60.0;
        let minutes = (minutes / 5.0).round() as i64 * 5;
        match minutes {
            0 => "time".to_owned(),
            _ if minutes % (24 * 60) == 0 => format!("time {:+}d", minutes / (24 * 60)),
            _ if minutes % 60 == 0 => format!("time {:+}h", minutes / 60),
            _ => format!("time {minutes:+}min"),
        }
    }
}

/// How long somebody is locked out yet is a matter of moments.
fn without_seconds(text: &str) -> String {
    let digits = |part: &str| part.bytes().rev().take_while(u8::is_ascii_digit).count();
    match text.split_once(" 秒后再试").or_else(|| text.split_once(" s\"")) {
        Some((before, _)) => text.replacen(&before[before.len() - digits(before)..], "<seconds>", 1),
        None => text.to_owned(),
    }
}

/// Marks that set names apart or turn text around are told by their numbers.
fn visible(c: char) -> String {
    match c {
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
            c.escape_unicode().to_string()
        }
        _ => c.to_string(),
    }
}

/// The length of what `text` begins with, if it has this form and ends there: `d` is a digit, `x` a hexadecimal one, `c` and
/// `C` a small and a capital letter or digit of base 32.
fn fits(form: &str, text: &str) -> Option<usize> {
    let mut rest = text.chars();
    let mut length = 0;
    for wanted in form.chars() {
        let given = rest.next()?;
        let fitting = match wanted {
            'd' => given.is_ascii_digit(),
            'x' => given.is_ascii_digit() || ('a'..='f').contains(&given),
            'c' => given.is_ascii_lowercase() || ('2'..='7').contains(&given),
            'C' => given.is_ascii_uppercase() || ('2'..='7').contains(&given),
            other => given == other,
        };
        if !fitting {
            return None;
        }
        length += given.len_utf8();
    }
    (!rest.next().is_some_and(|c| c.is_ascii_alphanumeric())).then_some(length)
}
