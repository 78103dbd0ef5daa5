//! Why something is refused, where one code has several reasons.

use std::fmt;

/// What an order, a bill or a payment is by now, which does not allow what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderReason {
    Unpaid,
    Paid,
    Refunded,
    Completed,
    Cancelled,
    /// Completed or cancelled.
    Over,
    NotToBeAccepted,
    NotAccepted,
    /// For a diner who would take it back.
    KitchenHasIt,
    PaidAlready,
    /// 拒单 of an order that nobody has paid yet: 取消 is the word.
    RejectUnpaid,
    RejectAccepted,
    /// What was eaten stays eaten.
    Eaten(End, Money),
    BelowZero,
    NothingToPay,
    NothingToWaive,
    NothingToRefund,
    /// It is paid by the bill that it is on.
    OnBill,
    /// Its price stays, because a part of its bill is paid.
    BillHasMoney,
    /// The same for a diner, who can only ask.
    BillPaidInPart,
    /// A party that would be cleared.
    BillUnsettled,
    /// A refund of an order, while its bill is paid in part.
    BillUnfinished,
    /// All of the bill is paid: its orders are refunded, not its parts.
    BillPaid,
    PartPaid,
    PartUnpaid,
    /// The part is no more.
    Recut,
    /// Another payer's code is under way.
    PayerIsAsked,
    PaymentOver,
    PaymentClosed,
    /// What money has come for, and takes none any more.
    TakesNoMoney,
    WentBack,
    ForeignTrade,
}

/// How staff would end an order: 取消 or 拒单.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Cancel,
    Reject,
}

/// Where the money of an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Money {
    Owed,
    Taken,
    Returned,
}

/// What of a bill can't be cut as asked, for the cashier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitReason {
    /// It is in parts already: one of them has to be chosen.
    InParts,
    BadHeads,
    HeadsMissing,
    /// Pieces that are not there (any more).
    PiecesGone,
    TooManyParts,
}

/// What the menu's rules do not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuReason {
    CategoryHasDishes,
    CategoryHasCombos,
    /// A combo of which a dish is stopped.
    PartStopped,
    NothingChosen,
    DishOnSale,
    ComboOnSale,
    /// A dish of a combo.
    InCombo,
}

/// What of the menu can't be stored as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MenuFault {
    Price,
    Picture,
    /// A group of options: values that are alike, too many, too dear, or none.
    Options(String),
    TooManyOptions,
    /// No dishes in a combo, or too many.
    Parts,
    /// From and to.
    Range(Counted, i64, i64),
    /// Hours as they were typed.
    Hours(String),
    /// Something new without this.
    NotGiven(Column),
    /// The same, in a table that is read in.
    Missing(Column),
    /// Several categories have something of this name.
    InSeveralCategories,
    NoSuchPart(String),
    /// A combo's dish of which there are several: its name, and the category of one of them.
    SeveralParts(String, String),
}

/// What of a dish is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    Copies,
    Stock,
    SortOrder,
}

/// What nothing new can be without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Name,
    Category,
    Price,
    Parts,
}

/// What is written about staff, and was written otherwise than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonFault {
    Username,
    Name,
    Phone,
    Sex,
    IdNumber,
}

/// What is wrong with a member's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    Expired,
    Used,
    /// Of a card that is out of use.
    Disabled,
    Forged,
}

/// How money and value of a top-up do not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopupFault {
    Nothing,
    /// Uses come and the amount goes, or the other way round.
    BothWays,
    /// Money goes back for what comes on the card.
    PaidIsNegative,
    /// Money comes for what is taken off the card.
    PaidForCorrection,
    MethodMissing,
    PaidTooMuch,
    RefundedTooMuch,
}

/// What is wrong with the form of a provider's notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeFault {
    Form,
    Field,
    FieldTwice,
}

/// A phone's own format of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneFormat {
    Heic,
    Avif,
}

impl fmt::Display for PhoneFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PhoneFormat::Heic => "HEIC",
            PhoneFormat::Avif => "AVIF",
        })
    }
}
