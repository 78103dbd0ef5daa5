//! Mandarin: 「A零一桌，有新订单，请及时处理」.

use super::table::TableName;
use super::{AFTER_LETTER, Grammar, IN_NUMBER, MOST_MINUTES, Words};
use crate::units::Fen;

/// Counts that are one clip each.
const WHOLE_COUNTS: usize = 20;

pub const GRAMMAR: Grammar = Grammar { folder: "zh", table, orders, reminders, waited, amount };

/// `A01` → A零一桌, `12` → 十二桌, `A105` → A一零五桌, `包间8` → 包间八号.
fn table(words: &mut Words, table: &TableName) {
    if let Some(area) = table.area {
        words.clip(format!("area.{area}")).pause(IN_NUMBER);
    }
    for letter in table.letters.chars() {
        words.clip(format!("letter.{letter}")).pause(AFTER_LETTER);
    }
    let digits = &table.digits;
    match (table.area, digits.len()) {
        (Some(_), 0) => {}
        (Some(_), _) => match table.whole_number() {
            Some(number) => drop(words.clip(format!("no.{number}"))),
            None => drop(words.number(each(digits)).clip("hao")),
        },
        (None, 1 | 2) if !digits.trim_start_matches('0').is_empty() => drop(words.clip(format!("table.{digits}"))),
        (None, _) => drop(words.number(each(digits)).clip("zhuo")),
    }
}

fn each(digits: &str) -> impl Iterator<Item = String> {
    digits.chars().map(|digit| format!("digit.{digit}"))
}

/// 您有N个新订单: one clip up to twenty, put together above.
fn orders(words: &mut Words, number: usize) {
    if number <= WHOLE_COUNTS {
        words.clip(format!("count.{number}"));
        return;
    }
    words.clip("say.you_have").pause(IN_NUMBER).number([format!("tens.{}", number / 10 * 10)]);
    if !number.is_multiple_of(10) {
        words.number([format!("digit.{}", number % 10)]);
    }
    words.clip("say.ge_new");
}

fn reminders(words: &mut Words, number: usize) {
    words.clip(match number {
        ..=WHOLE_COUNTS => format!("urges.{number}"),
        _ => "say.urges_many".to_owned(),
    });
}

/// 二十分钟, 一个多小时.
fn waited(words: &mut Words, minutes: i64) {
    words.clip(match minutes {
        ..=MOST_MINUTES => format!("minutes.{}", minutes.max(1)),
        61..=119 => "hours.1".into(),
        120..=179 => "hours.2".into(),
        _ => "hours.many".into(),
    });
}

/// `38.50` → 三十八元五角, `105` → 一百零五元, `112` → 一百一十二元, `1024` → 一千零二十四元.
fn amount(amount: Fen) -> Vec<String> {
    let (yuan, fen) = (amount.0 / 100, amount.0 % 100);
    let mut clips = if yuan > 0 || fen == 0 { self::yuan(yuan) } else { Vec::new() };
    match (fen / 10, fen % 10) {
        (0, 0) => {}
        (0, fen) if yuan > 0 => clips.push(format!("fen.0{fen}")),
        (0, fen) => clips.push(format!("fen.{fen}")),
        (jiao, 0) => clips.push(format!("jiao.{jiao}")),
        (jiao, fen) => clips.extend([format!("jiao.{jiao}"), format!("fen.{fen}")]),
    }
    clips
}

fn yuan(yuan: i64) -> Vec<String> {
    let mut clips = Vec::new();
    let mut gap = false;
    for (unit, clip) in [(10_000, "wan"), (1000, "qian"), (100, "bai")] {
        match yuan / unit % 10 {
            0 => gap = gap || !clips.is_empty(),
            digit => {
                if std::mem::take(&mut gap) {
                    clips.push("ling".to_owned());
                }
                clips.push(format!("{clip}.{digit}"));
            }
        }
    }
    match (clips.is_empty(), yuan % 100) {
        (true, rest) => clips.push(format!("yuan.{rest}")),
        (false, 0) => clips.push("yuan".to_owned()),
        (false, rest @ 1..=9) => clips.push(format!("yuan.0{rest}")),
        (false, rest) => {
            if gap {
                clips.push("ling".to_owned());
            }
            clips.push(if rest < 20 { format!("yuan.1{rest}") } else { format!("yuan.{rest}") });
        }
    }
    clips
}
