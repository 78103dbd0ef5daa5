//! Members: a prepaid card with uses (次卡) and a balance (储值), and the short-lived code that a phone shows.

pub mod actions;
pub mod camera;
pub mod code;
mod sql;

use crate::error::{CodeFault, Field, Refusal, TopupFault};
use crate::typed::{self, What};
use crate::units::{Fen, MemberId, PaymentId, Timestamp};

/// Characters of a member's name.
const MAX_NAME: usize = 32;
/// Characters of a note on a top-up.
const MAX_NOTE: usize = 100;
/// Uses that one card may hold, and one top-up bring.
pub const MAX_USES: i64 = 99_999;
/// The balance that one card may hold, and one top-up bring.
pub const MAX_BALANCE: Fen = Fen(100_000_000);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub name: String,
    /// Nobody but staff and the member sees it.
    pub phone: String,
    pub uses: i64,
    pub balance: Fen,
    pub enabled: bool,
    /// Which of the member's links is good: tokens and codes of an earlier one are worthless.
    pub link: i64,
    pub created_at: Timestamp,
}

impl Member {
    /// As the audit log names them.
    fn called(&self) -> String {
        format!("{} ({})", self.name, self.id)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    Topup,
    Scan,
    Payment,
    Refund,
}

names!(EntryKind { Topup = "topup", Scan = "scan", Payment = "payment", Refund = "refund" });

/// A line of the members' ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: i64,
    pub kind: EntryKind,
    /// What came on the card (positive) or went off it.
    pub uses: i64,
    pub amount: Fen,
    pub uses_after: i64,
    pub balance_after: Fen,
    /// What was paid at the counter for a top-up, and how.
    pub paid: Fen,
    pub method: String,
    pub payment: Option<PaymentId>,
    pub note: String,
    pub actor: String,
    pub at: Timestamp,
}

/// What changes on a card, and why.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    pub kind: EntryKind,
    pub uses: i64,
    pub amount: Fen,
    pub paid: Fen,
    pub method: &'a str,
    pub payment: Option<PaymentId>,
    /// The same cause never changes a card twice.
    pub cause: &'a str,
    pub note: &'a str,
    pub actor: &'a str,
}

/// Uses and yuan that are put on a card at the counter, or taken off it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topup {
    pub uses: i64,
    pub amount: Fen,
    pub paid: Fen,
    pub method: String,
    pub note: String,
    pub op_id: String,
}

/// How a top-up is paid for; empty where nothing was.
pub const METHODS: [&str; 5] = ["cash", "terminal", "wechat", "alipay", ""];

/// What a line of the counter's hand on a card is called: money and value always go the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// 充值: something comes on the card, and was paid for.
    Topup,
    /// 赠送: the same for nothing.
    Gift,
    /// 更正: something goes off the card, and what was paid for it back, if anything was.
    Correction,
}

impl Act {
    fn of(uses: i64, amount: Fen, paid: Fen) -> Act {
        match (uses < 0 || amount < Fen::ZERO, paid == Fen::ZERO) {
            (true, _) => Act::Correction,
            (false, true) => Act::Gift,
            (false, false) => Act::Topup,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Act::Topup => "topup",
            Act::Gift => "gift",
            Act::Correction => "correction",
        }
    }
}

impl Entry {
    /// What the card's history calls it.
    pub fn act(&self) -> &'static str {
        match self.kind {
            EntryKind::Topup => Act::of(self.uses, self.amount, self.paid).name(),
            kind => kind.name(),
        }
    }
}

impl Topup {
    pub fn act(&self) -> Act {
        Act::of(self.uses, self.amount, self.paid)
    }

    /// # Errors
    /// `BadRequest` naming a field that is out of bounds; `BadTopup` where money and value do not agree.
    pub fn check(&self) -> Result<(), Refusal> {
        let wrong = |field| Err(Refusal::BadRequest(field));
        let within = |number: i64, most: i64| (-most..=most).contains(&number);
        if !within(self.uses, MAX_USES) {
            return wrong(Field::Uses);
        }
        if !within(self.amount.0, MAX_BALANCE.0) || !within(self.paid.0, MAX_BALANCE.0) {
            return wrong(Field::Amount);
        }
        if !METHODS.contains(&self.method.as_str()) {
            return wrong(Field::Method);
        }
        if let Some(fault) = self.disagreement() {
            return Err(Refusal::BadTopup(fault));
        }
        let unexplained = self.act() == Act::Correction && self.note.trim().is_empty();
        if unexplained || self.note.chars().count() > MAX_NOTE {
            return wrong(Field::Note);
        }
        Ok(())
    }

    /// How money and value do not agree.
    fn disagreement(&self) -> Option<TopupFault> {
        let Topup { uses, amount, paid, .. } = self;
        let (value, money) = ((uses.signum(), amount.0.signum()), paid.0.signum());
        // Only yuan are comparable: what a use costs is the shop's business.
        let beyond = *uses == 0 && paid.0.abs() > amount.0.abs();
        match (value, money) {
            ((0, 0), _) => Some(TopupFault::Nothing),
            ((1, -1) | (-1, 1), _) => Some(TopupFault::BothWays),
            ((0 | 1, 0 | 1), -1) => Some(TopupFault::PaidIsNegative),
            ((0 | -1, 0 | -1), 1) => Some(TopupFault::PaidForCorrection),
            (_, 1 | -1) if self.method.is_empty() => Some(TopupFault::MethodMissing),
            (_, 1) if beyond => Some(TopupFault::PaidTooMuch),
            (_, -1) if beyond => Some(TopupFault::RefundedTooMuch),
            _ => None,
        }
    }

    /// The whole of it for the audit log.
    pub fn said(&self) -> String {
        let Topup { uses, amount, paid, note, .. } = self;
        let method = match self.method.as_str() {
            "cash" => "现金",
            "terminal" => "刷卡",
            "wechat" => "微信",
            "alipay" => "支付宝",
            _ => "-",
        };
        let said = match self.act() {
            Act::Topup => format!("充值 {uses} 次，{amount} 元；收款 {paid} 元（{method}）{note}"),
            Act::Gift => format!("赠送 {uses} 次，{amount} 元；没有收款 {note}"),
            Act::Correction => format!("更正 {uses} 次，{amount} 元；退款 {} 元（{method}）{note}", Fen(-paid.0)),
        };
        said.trim_end().to_owned()
    }
}

/// What came of a scan. The numbers are part of the wire (docs/protocol.md §3): 0 is success, 1 is what old clients
/// know, the rest are ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Deducted = 0,
    NothingLeft = 1,
    Expired = 2,
    Used = 3,
    Disabled = 4,
    Forged = 5,
}

impl Outcome {
    /// One sentence for the phone and the counter; without `_`, which parts the frame.
    pub fn text(self) -> &'static str {
        match self {
            Outcome::Deducted => "扣费成功",
            Outcome::NothingLeft => "余额不足",
            Outcome::Expired => "二维码已过期，请刷新后再扫",
            Outcome::Used => "二维码已使用过，请刷新后再扫",
            Outcome::Disabled => "会员卡已停用，请联系店员",
            Outcome::Forged => "二维码无效，请打开会员页再扫",
        }
    }

    /// What is wrong with the code, where something is.
    pub fn fault(self) -> Option<CodeFault> {
        match self {
            Outcome::Deducted | Outcome::NothingLeft => None,
            Outcome::Expired => Some(CodeFault::Expired),
            Outcome::Used => Some(CodeFault::Used),
            Outcome::Disabled => Some(CodeFault::Disabled),
            Outcome::Forged => Some(CodeFault::Forged),
        }
    }

    /// Whether the code is used up by it.
    pub fn spends(self) -> bool {
        match self {
            Outcome::Deducted | Outcome::NothingLeft | Outcome::Disabled => true,
            Outcome::Expired | Outcome::Used | Outcome::Forged => false,
        }
    }
}

/// A scan of a genuine code and its result, as the member's phones hear it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Grows: what is news to a page.
    pub id: i64,
    pub member: MemberId,
    /// 0 is success.
    pub status: i64,
    pub text: String,
    /// Uses that are left.
    pub remaining: i64,
    pub at: Timestamp,
}

/// How long a result is told to a phone that comes back, or asks: then it is history.
const FRESH_SECONDS: i64 = 300;

impl Scanned {
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        (0..FRESH_SECONDS).contains(&now.seconds_since(self.at))
    }
}

/// docs/protocol.md §3: `<status>_<text>_剩余次数: <n>`.
pub fn result_text(status: i64, text: &str, remaining: i64) -> String {
    format!("{status}_{text}_剩余次数: {remaining}")
}

/// # Errors
/// `BadLength` for an empty name and for a long one.
pub fn clean_name(name: &str) -> Result<String, Refusal> {
    Ok(typed::within(name, 1..=MAX_NAME, What::MemberName)?)
}

/// A phone number in one form, so that one number is one member: a mainland mobile's 11 digits, or `+`, country code and
/// number.
///
/// # Errors
/// `BadRequest` for anything else.
pub fn clean_phone(phone: &str) -> Result<String, Refusal> {
    let plain: String = phone.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let abroad = plain.strip_prefix('+').or_else(|| plain.strip_prefix("00"));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_mobile = |text: &str| {
        text.len() == 11 && is_number(text) && text.starts_with('1') && matches!(text.as_bytes()[1], b'3'..=b'9')
    };
    let cleaned = match abroad {
        None => is_mobile(&plain).then(|| plain.clone()),
        Some(rest) => match rest.strip_prefix("86") {
            Some(home) => is_mobile(home).then(|| home.to_owned()),
            None => ((7..=15).contains(&rest.len()) && is_number(rest)).then(|| format!("+{rest}")),
        },
    };
    cleaned.ok_or(Refusal::BadRequest(Field::Phone))
}

#[cfg(test)]
mod tests;
