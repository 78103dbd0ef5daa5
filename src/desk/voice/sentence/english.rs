//! English: "table A zero one, new order, please take it".

use super::table::TableName;
use super::{AFTER_LETTER, Grammar, IN_NUMBER, MOST_MINUTES, Words};
use crate::units::Fen;

pub const GRAMMAR: Grammar = Grammar { folder: "en", table, orders, reminders, waited, amount };

/// `A01` → table A zero one, `12` → table twelve, `包间8` → room eight.
fn table(words: &mut Words, table: &TableName) {
    match table.area {
        Some(area) => words.clip(format!("area.{area}")),
        None => words.clip("table"),
    };
    words.pause(IN_NUMBER);
    for letter in table.letters.chars() {
        words.clip(format!("letter.{letter}")).pause(AFTER_LETTER);
    }
    match table.whole_number() {
        Some(number) => words.clip(format!("n.{number}")),
        None => words.number(table.digits.chars().map(|digit| format!("n.{digit}"))),
    };
}

fn orders(words: &mut Words, number: usize) {
    match number {
        1 => words.clip("say.one_new_order"),
        _ => words.clip("say.you_have").pause(IN_NUMBER).number([format!("n.{number}")]).clip("say.new_orders"),
    };
}

fn reminders(words: &mut Words, number: usize) {
    words.number([format!("n.{number}")]).clip("say.tables_urge");
}

fn waited(words: &mut Words, minutes: i64) {
    match minutes {
        ..=1 => words.number(["n.1".into()]).clip("say.minute"),
        2..=MOST_MINUTES => words.number([format!("n.{minutes}")]).clip("say.minutes"),
        61..=119 => words.clip("say.hour"),
        120..=179 => words.clip("say.hours"),
        _ => words.clip("say.many_hours"),
    };
}

/// `38.50` → thirty-eight yuan fifty, `1024` → one thousand twenty-four yuan.
fn amount(amount: Fen) -> Vec<String> {
    let (yuan, fen) = (amount.0 / 100, amount.0 % 100);
    let mut clips = Vec::new();
    for (count, unit) in [(yuan / 1000, "thousand"), (yuan / 100 % 10, "hundred")] {
        if count > 0 {
            clips.extend([format!("n.{count}"), unit.to_owned()]);
        }
    }
    if yuan % 100 > 0 || clips.is_empty() {
        clips.push(format!("n.{}", yuan % 100));
    }
    clips.push("yuan".to_owned());
    match (fen / 10, fen % 10) {
        (0, 0) => {}
        (0, fen) => clips.extend(["n.0".to_owned(), format!("n.{fen}")]),
        _ => clips.push(format!("n.{fen}")),
    }
    clips
}
