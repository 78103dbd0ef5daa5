//! What the counter PC says: which clips, in which order, with which pauses. Pure; the speaker plays it.

use super::{Alert, Kind};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A clip by its id, `assets/sound/zh/<id>.ogg` or `assets/sound/chime/<id>.ogg`.
    Clip(String),
    Chime(&'static str),
    /// Silence in milliseconds.
    Pause(u64),
}

/// Pauses as measured to sound right (voice.md): after a letter, at a clause, after a chime, between sentences.
const AFTER_LETTER: u64 = 40;
const CLAUSE: u64 = 150;
const AFTER_CHIME: u64 = 120;
const BETWEEN: u64 = 220;
const IN_NUMBER: u64 = 10;
/// Tables named in one breath, at most.
const NAMED: usize = 3;
/// Numbers of orders that are one clip each.
const WHOLE_COUNTS: usize = 20;
/// A rush beyond this is said as this.
const MAX_COUNT: usize = 99;

/// One sentence for everything that has to be heard now: what is urged first, then new orders, then payments.
pub fn sentence(alerts: &[&Alert]) -> Vec<Part> {
    let of = |kind| alerts.iter().copied().filter(|alert| alert.kind == kind).collect::<Vec<_>>();
    let mut parts = Vec::new();
    let mut say = |spoken: Vec<Part>| {
        if !parts.is_empty() && !spoken.is_empty() {
            parts.push(Part::Pause(BETWEEN));
        }
        parts.extend(spoken);
    };
    say(tables_then("reminder", &of(Kind::Reminder), "say.urge"));
    say(orders(&of(Kind::NewOrder)));
    say(tables_then("fault", &of(Kind::Payment), "say.payment_problem"));
    parts
}

fn orders(orders: &[&Alert]) -> Vec<Part> {
    match orders.len() {
        0 | 1 => tables_then("order", orders, "say.new_order"),
        several => {
            let mut parts = vec![Part::Chime("order"), Part::Pause(AFTER_CHIME)];
            parts.extend(count(several.min(MAX_COUNT)));
            parts
        }
    }
}

/// 您有N个新订单: one clip up to twenty, put together above.
fn count(number: usize) -> Vec<Part> {
    let clip = |id: String| Part::Clip(id);
    if number <= WHOLE_COUNTS {
        return vec![clip(format!("count.{number}"))];
    }
    let mut parts = vec![clip("say.you_have".into()), clip(format!("tens.{}", number / 10 * 10))];
    if !number.is_multiple_of(10) {
        parts.push(clip(format!("digit.{}", number % 10)));
    }
    parts.push(Part::Pause(IN_NUMBER));
    parts.push(clip("say.ge_new".into()));
    parts
}

fn tables_then(chime: &'static str, alerts: &[&Alert], phrase: &str) -> Vec<Part> {
    if alerts.is_empty() {
        return Vec::new();
    }
    let mut tables: Vec<&str> = Vec::new();
    for alert in alerts {
        if !tables.contains(&alert.table_number.as_str()) {
            tables.push(&alert.table_number);
        }
    }
    let mut parts = vec![Part::Chime(chime), Part::Pause(AFTER_CHIME)];
    for table in tables.into_iter().take(NAMED) {
        let name = table_name(table);
        if !name.is_empty() {
            parts.extend(name);
            parts.push(Part::Pause(CLAUSE));
        }
    }
    parts.push(Part::Clip(phrase.to_owned()));
    parts
}

/// `A01` → A零一桌, `12` → 十二桌, `A105` → A一零五桌. Names without clips are left to the popup.
pub fn table_name(number: &str) -> Vec<Part> {
    let digits_at = number.find(|c: char| c.is_ascii_digit()).unwrap_or(number.len());
    let (area, digits) = number.split_at(digits_at);
    let letters = area.len() <= 2 && area.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !letters || digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let mut parts = Vec::new();
    for letter in area.chars() {
        parts.push(Part::Clip(format!("letter.{}", letter.to_ascii_uppercase())));
        parts.push(Part::Pause(AFTER_LETTER));
    }
    match digits.len() {
        1 | 2 if !digits.trim_start_matches('0').is_empty() => parts.push(Part::Clip(format!("table.{digits}"))),
        _ => {
            for digit in digits.chars() {
                parts.push(Part::Clip(format!("digit.{digit}")));
                parts.push(Part::Pause(IN_NUMBER));
            }
            parts.push(Part::Clip("zhuo".to_owned()));
        }
    }
    parts
}

/// The popup's title and body, in plain text.
pub fn notice(alerts: &[Alert]) -> (String, String) {
    let line = |alert: &Alert| match alert.kind {
        Kind::NewOrder => format!("{}桌 新订单 {}", alert.table_number, alert.order_number),
        Kind::Reminder => format!("{}桌 催单 {}", alert.table_number, alert.order_number),
        Kind::Payment if alert.order.is_none() => alert.note.clone(),
        Kind::Payment => format!("{}桌 付款异常 {} {}", alert.table_number, alert.order_number, alert.note),
    };
    let title = match alerts {
        [only] => match only.kind {
            Kind::NewOrder => format!("来单提醒：{}桌", only.table_number),
            Kind::Reminder => format!("客户催单：{}桌", only.table_number),
            Kind::Payment if only.order.is_none() => "付款异常".to_owned(),
            Kind::Payment => format!("付款异常：{}桌", only.table_number),
        },
        several => format!("{} 个提醒等待处理", several.len()),
    };
    const LINES: usize = 6;
    let mut lines: Vec<String> = alerts.iter().take(LINES).map(line).collect();
    if alerts.len() > LINES {
        lines.push(format!("还有 {} 个", alerts.len() - LINES));
    }
    (title, lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{AlertId, OrderId, Timestamp};

    fn alert(kind: Kind, table: &str) -> Alert {
        Alert {
            id: AlertId(1),
            kind,
            order: Some(OrderId(1)),
            order_number: "202611200001".into(),
            table_number: table.into(),
            note: String::new(),
            raised_at: Timestamp(0),
            heard_at: None,
        }
    }

    fn spoken(alerts: &[Alert]) -> String {
        let words: Vec<String> = sentence(&alerts.iter().collect::<Vec<_>>())
            .into_iter()
            .filter_map(|part| match part {
                Part::Clip(id) => Some(id),
                Part::Chime(id) => Some(format!("*{id}")),
                Part::Pause(_) => None,
            })
            .collect();
        words.join(" ")
    }

    #[test]
    fn tables_are_named_as_people_say_them() {
        for (number, clips) in [
            ("A01", "letter.A table.01"),
            ("b12", "letter.B table.12"),
            ("12", "table.12"),
            ("7", "table.7"),
            ("A105", "letter.A digit.1 digit.0 digit.5 zhuo"),
            ("00", "digit.0 digit.0 zhuo"),
            ("包间8", ""),
            ("", ""),
        ] {
            let said: Vec<String> = table_name(number)
                .into_iter()
                .filter_map(|part| if let Part::Clip(id) = part { Some(id) } else { None })
                .collect();
            assert_eq!(said.join(" "), clips, "{number}");
        }
    }

    #[test]
    fn one_order_is_named_and_a_backlog_is_one_sentence() {
        let order = |table| alert(Kind::NewOrder, table);
        assert_eq!(spoken(&[order("A01")]), "*order letter.A table.01 say.new_order");
        assert_eq!(spoken(&[order("A01"), order("A02"), order("A03")]), "*order count.3");
        let rush: Vec<Alert> = (0..150).map(|_| order("A01")).collect();
        assert_eq!(spoken(&rush), "*order say.you_have tens.90 digit.9 say.ge_new");
        assert_eq!(spoken(&rush[..20]), "*order count.20");
        assert_eq!(spoken(&rush[..21]), "*order say.you_have tens.20 digit.1 say.ge_new");
        assert_eq!(spoken(&rush[..30]), "*order say.you_have tens.30 say.ge_new");
        assert_eq!(spoken(&[order("包间8")]), "*order say.new_order");
    }

    #[test]
    fn what_is_urged_comes_first() {
        let alerts = [alert(Kind::NewOrder, "A01"), alert(Kind::Payment, "A03"), alert(Kind::Reminder, "A02")];
        assert_eq!(
            spoken(&alerts),
            "*reminder letter.A table.02 say.urge *order letter.A table.01 say.new_order *fault letter.A table.03 say.payment_problem"
        );
    }
}
