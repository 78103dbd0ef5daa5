//! What the counter PC says: which clips, in which order, with which pauses. Pure; the speaker plays it.

mod english;
mod mandarin;
mod table;

#[cfg(test)]
pub mod tests;

use crate::alert::Language;
use crate::units::{Fen, PayMethod};
use table::TableName;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A file below `assets/sound` or the owner's folder, without its ending: `zh/letter.A`, `chime/order`.
    Sound(String),
    /// Silence in milliseconds.
    Pause(u64),
}

/// How often it was said before: the first time, again, or so often that somebody must come now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Urgency {
    #[default]
    First,
    Again,
    Urgent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    pub by: PayMethod,
    pub amount: Fen,
}

/// What guests call for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Waiter,
    Bill,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    Printer,
    /// Payment callbacks cannot come.
    Tunnel,
    /// The voice was gone for a while.
    Sound,
    Offline,
    Online,
}

/// One thing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saying {
    /// New orders, each table named once.
    Orders {
        tables: Vec<String>,
        urgency: Urgency,
    },
    /// One new order with what was paid for it.
    PaidOrder {
        table: String,
        received: Received,
    },
    /// 您有N个新订单
    OrderCount {
        count: usize,
        urgency: Urgency,
    },
    /// 客户催单; the minutes that the guests have waited where they are worth telling.
    Reminders {
        tables: Vec<String>,
        waited: Option<i64>,
        urgency: Urgency,
    },
    /// 有N桌催单
    ReminderCount {
        count: usize,
        urgency: Urgency,
    },
    /// 呼叫服务员, 请求结账
    Calls {
        tables: Vec<String>,
        wanted: Wanted,
        urgency: Urgency,
    },
    /// Money that has come for an order that the kitchen already has.
    Paid {
        table: String,
        received: Received,
    },
    /// Payments that need a person; no table for what concerns no order.
    PaymentProblem {
        tables: Vec<String>,
    },
    Trouble(Trouble),
    /// The speaker test.
    Test,
}

/// Milliseconds of silence, as measured to sound right: after a letter, at a clause, after a chime, inside a number.
const AFTER_LETTER: u64 = 40;
const CLAUSE: u64 = 150;
const AFTER_CHIME: u64 = 120;
const IN_NUMBER: u64 = 10;
/// Tables named in one breath, at most.
const NAMED: usize = 3;
/// A wait that is said in minutes, at most.
const MOST_MINUTES: i64 = 60;
/// A rush beyond this is said as this.
const MAX_COUNT: usize = 99;
/// From here on an amount is left to the screen.
const TOO_MUCH: Fen = Fen(10_000_000);

/// What the languages say in ways of their own; the phrases' clips have the same names in each.
struct Grammar {
    /// Of its clips.
    folder: &'static str,
    table: fn(&mut Words, &TableName),
    /// You have so many new orders.
    orders: fn(&mut Words, usize),
    /// So many tables urge.
    reminders: fn(&mut Words, usize),
    /// Waiting for so many minutes.
    waited: fn(&mut Words, i64),
    amount: fn(Fen) -> Vec<String>,
}

/// A chime of its kind, then the words.
pub fn sentence(language: Language, saying: &Saying) -> Vec<Part> {
    let grammar = match language {
        Language::Chinese => &mandarin::GRAMMAR,
        Language::English => &english::GRAMMAR,
    };
    let mut parts = vec![Part::Sound(format!("chime/{}", chime(saying))), Part::Pause(AFTER_CHIME)];
    parts.extend(grammar.words(saying).into_parts(grammar.folder));
    parts
}

impl Grammar {
    fn words(&self, saying: &Saying) -> Words {
        let mut words = Words::default();
        match saying {
            Saying::Orders { tables, urgency } => {
                let phrase = if *urgency == Urgency::Urgent { "say.order_now" } else { "say.new_order" };
                self.name(&mut words, tables).clip(phrase);
                see_screen(&mut words, tables);
            }
            Saying::PaidOrder { table, received } => {
                let tables = std::slice::from_ref(table);
                self.name(&mut words, tables).clip("say.new_order_short").pause(CLAUSE);
                self.received(&mut words, received);
                see_screen(&mut words, tables);
            }
            Saying::OrderCount { count, urgency } => {
                (self.orders)(&mut words, (*count).clamp(1, MAX_COUNT));
                if *urgency == Urgency::Urgent {
                    words.pause(CLAUSE).clip("say.order_now");
                }
            }
            Saying::Reminders { tables, waited, urgency } => {
                self.name(&mut words, tables);
                match (urgency, waited) {
                    (Urgency::First, None) => drop(words.clip("say.urge")),
                    (Urgency::First, Some(minutes)) => {
                        words.clip("say.urge_short").pause(CLAUSE).clip("say.waited").pause(IN_NUMBER);
                        (self.waited)(&mut words, *minutes);
                        words.pause(CLAUSE).clip("say.hurry");
                    }
                    (Urgency::Again | Urgency::Urgent, _) => drop(words.clip("say.urge_again")),
                }
                see_screen(&mut words, tables);
            }
            Saying::ReminderCount { count, .. } => (self.reminders)(&mut words, (*count).clamp(2, MAX_COUNT)),
            Saying::Calls { tables, wanted, .. } => {
                self.name(&mut words, tables).clip(match wanted {
                    Wanted::Waiter => "say.call_waiter",
                    Wanted::Bill => "say.call_bill",
                });
                see_screen(&mut words, tables);
            }
            Saying::Paid { table, received } => {
                let tables = std::slice::from_ref(table);
                self.received(self.name(&mut words, tables), received);
                see_screen(&mut words, tables);
            }
            Saying::PaymentProblem { tables } => {
                self.name(&mut words, tables).clip("say.payment_problem");
                see_screen(&mut words, tables);
            }
            Saying::Trouble(trouble) => drop(words.clip(self::trouble(*trouble))),
            Saying::Test => drop(words.clip("say.test")),
        }
        words
    }

    /// Each table with a clause's pause behind it, at most `NAMED`; names that have no words are left out.
    fn name<'w>(&self, words: &'w mut Words, tables: &[String]) -> &'w mut Words {
        for table in tables.iter().filter_map(|table| TableName::parse(table)).take(NAMED) {
            (self.table)(words, &table);
            words.pause(CLAUSE);
        }
        words
    }

    fn received(&self, words: &mut Words, received: &Received) {
        words.clip(match received.by {
            PayMethod::Wechat => "say.wechat",
            PayMethod::Alipay => "say.alipay",
            PayMethod::Cash => "say.cash",
            PayMethod::Terminal => "say.terminal",
            PayMethod::Balance => "say.balance",
            PayMethod::Other => "say.paid",
        });
        if (0..TOO_MUCH.0).contains(&received.amount.0) {
            words.pause(AFTER_LETTER).number((self.amount)(received.amount));
        }
    }
}

/// The screen tells the tables that were not named: those whose name has no words, and those that are too many.
fn see_screen(words: &mut Words, tables: &[String]) {
    if tables.len() > NAMED || tables.iter().any(|table| TableName::parse(table).is_none()) {
        words.pause(CLAUSE).clip("say.see_screen");
    }
}

fn trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Printer => "say.printer",
        Trouble::Tunnel => "say.tunnel",
        Trouble::Sound => "say.sound",
        Trouble::Offline => "say.offline",
        Trouble::Online => "say.online",
    }
}

fn chime(saying: &Saying) -> &'static str {
    match saying {
        Saying::Orders { urgency: Urgency::Urgent, .. }
        | Saying::OrderCount { urgency: Urgency::Urgent, .. }
        | Saying::Reminders { urgency: Urgency::Urgent, .. }
        | Saying::ReminderCount { urgency: Urgency::Urgent, .. }
        | Saying::Calls { urgency: Urgency::Urgent, .. } => "urgent",
        Saying::Orders { .. } | Saying::PaidOrder { .. } | Saying::OrderCount { .. } => "order",
        Saying::Reminders { .. } | Saying::ReminderCount { .. } | Saying::Calls { .. } => "reminder",
        Saying::Paid { .. } => "money",
        Saying::PaymentProblem { .. } | Saying::Trouble(_) => "fault",
        Saying::Test => "test",
    }
}

/// Clips and pauses as they are put together; no pause stands at the end.
#[derive(Default)]
struct Words(Vec<Word>);

enum Word {
    Clip(String),
    Pause(u64),
}

impl Words {
    fn clip(&mut self, id: impl Into<String>) -> &mut Words {
        self.0.push(Word::Clip(id.into()));
        self
    }

    /// The longer of two pauses in a row counts.
    fn pause(&mut self, milliseconds: u64) -> &mut Words {
        match self.0.last_mut() {
            Some(Word::Pause(before)) => *before = milliseconds.max(*before),
            Some(Word::Clip(_)) => self.0.push(Word::Pause(milliseconds)),
            None => {}
        }
        self
    }

    /// Clips that are one number.
    fn number(&mut self, ids: impl IntoIterator<Item = String>) -> &mut Words {
        for id in ids {
            self.clip(id).pause(IN_NUMBER);
        }
        self
    }

    fn into_parts(mut self, folder: &str) -> Vec<Part> {
        if let Some(Word::Pause(_)) = self.0.last() {
            self.0.pop();
        }
        let part = |word| match word {
            Word::Clip(id) => Part::Sound(format!("{folder}/{id}")),
            Word::Pause(milliseconds) => Part::Pause(milliseconds),
        };
        self.0.into_iter().map(part).collect()
    }
}
