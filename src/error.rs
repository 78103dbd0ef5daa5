//! What can go wrong: a `Refusal` is told to the user and has no effect; everything else is internal and only logged.
//! Here is what happened, as data; what people are told of it stands in `web/sentence/`.

mod field;
mod reason;

pub use field::Field;
pub use reason::{
    CodeFault, Column, Counted, End, MenuFault, MenuReason, Money, NoticeFault, OrderReason, PersonFault, PhoneFormat,
    SplitReason, TopupFault,
};

use crate::typed::{BadLength, Name};
use crate::units::Fen;
use std::fmt;

/// A request that was understood and refused. `code()` is stable and part of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Wrong or missing input.
    BadRequest(Field),
    /// A phone's frame of a type that there is not.
    UnknownFrame(String),
    BadPerson(PersonFault),
    BadMenu(MenuFault),
    BadNotice(NoticeFault),
    /// What it is, and how many characters it may have, from and to.
    BadLength(BadLength),
    /// Not JSON, or not of the form that this request has.
    Malformed,
    /// No valid diner token.
    Unauthorized,
    /// No valid staff token.
    StaffOnly,
    SeatingClosed,
    /// Another party's table.
    Forbidden,
    /// A phone that has left this table for another: that one's number, and its code, for this phone only.
    SitsElsewhere(Name, String),
    /// A scan from outside the shop: this request waits for the counter.
    AwaitingApproval(String),
    NotAdmitted,
    /// A request of a scan that is over or answered.
    RequestNotFound,
    /// Not in this role, or not from this page.
    NotAllowed,
    NotFound,
    MethodNotAllowed,
    /// A code that is on no table.
    TableNotFound,
    /// For staff, who name tables by id.
    NoSuchTable,
    SameTable,
    /// Nobody sits at the table of this number.
    TableFree(Name),
    TableTaken(Name),
    BadHeads,
    /// Another table has this number, or had it.
    NumberTaken(Name),
    /// A table's number and what it owes.
    TableOwes(Name, Fen),
    /// 并台: so many of this dish that one line cannot hold them.
    MergedQuantity(Name),
    MergedLines,
    MergedRemark(Name),
    CuisineNotFound,
    LineNotFound,
    AmbiguousLine,
    BadQuantity,
    BadOption(Name),
    /// A group of options of which something has to be chosen.
    ChoiceMissing(Name),
    /// A group of options that takes one value only.
    ChoiceTwice(Name),
    /// A dish in the cart whose options are others since it was put there.
    ChoicesChanged(Name),
    RemarkTooLong,
    CartFull,
    CartEmpty,
    CartChanged,
    SoldOut(Name),
    /// A dish of which fewer pieces are left: its name, and how many.
    NotEnough(Name, i64),
    /// A dish outside its hours: its name, and when it is sold.
    NotNow(Name, String),
    CategoryNotFound,
    /// Another category or dish has this name.
    NameTaken(Name),
    /// A table that is read in would change so many names, such as this one: somebody has to say that they shall.
    NamesChange(usize, Name),
    MenuRule(MenuReason),
    /// Not one of the picture formats that we take.
    NotAPicture,
    PhonePicture(PhoneFormat),
    /// The end of the file is missing.
    HalfAPicture,
    /// Too many pixels.
    PictureTooLarge,
    OpIdReused,
    ShopClosed,
    OrderNotFound,
    OrderState(OrderReason),
    AdjustmentNotFound,
    /// A discount by a page that does not know of the one before it: what is to be paid now.
    DiscountedBefore(Fen),
    /// A discount of a sum that is not to be paid any more: what is.
    AmountChanged(Fen),
    /// Most that can be taken off.
    DiscountTooLarge(Fen),
    BadSplit(SplitReason),
    BillNotFound,
    AlertNotFound,
    ProviderUnknown,
    PaymentUnconfirmed,
    /// The provider said no.
    PaymentRefused,
    /// The payer's own account or app did: nothing was charged.
    PayerFailed,
    /// The provider does not tell how payments stand, so that none is begun by it.
    ProviderSilent,
    /// What is owed.
    WrongAmount(Fen),
    /// Most that can go back.
    RefundTooLarge(Fen),
    PayerCodeUnknown,
    ReviewNotFound,
    ReviewResolved,
    BadSignature,
    StaleCallback,
    /// Genuine, but our key does not open it: the provider has to repeat it once the key is right.
    Undecipherable,
    RateLimited,
    TooManyConnections,
    TooLarge,
    BadLogin,
    /// For so many seconds, after too many wrong tries.
    LoginLocked(i64),
    PinNeedsLogin,
    WrongPassword,
    WeakPassword,
    WeakPin,
    StaffNotFound,
    UsernameTaken(String),
    LastOwner,
    NotYourself,
    Busy,
    StorageDown,
    /// When, to the minute, and by whom.
    DayClosed(String, String),
    BackupRunning,
    /// A time before this program was made.
    ClockImpossible,
    /// Why, for the owner.
    BackupFailed(String),
    MemberNotFound,
    /// Whose number it is: for staff only.
    PhoneTaken(Name),
    MemberDisabled,
    /// No valid member token: a link that was renewed, or none.
    MemberLinkOver,
    MemberCode(CodeFault),
    /// Another member's.
    NotYourCard,
    /// What is there.
    BalanceTooLow(Fen),
    /// The same, where staff take more off a card.
    CardHolds(Fen),
    BadTopup(TopupFault),
    /// How many are there.
    NoUsesLeft(i64),
}

impl From<BadLength> for Refusal {
    fn from(length: BadLength) -> Refusal {
        Refusal::BadLength(length)
    }
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        use Refusal::*;
        match self {
            BadRequest(..) | UnknownFrame(..) | BadPerson(..) | BadMenu(..) | BadNotice(..) | BadLength(..)
            | Malformed => "BAD_REQUEST",
            Unauthorized | StaffOnly => "UNAUTHORIZED",
            SeatingClosed => "SEATING_CLOSED",
            Forbidden | NotAllowed | NotYourCard => "FORBIDDEN",
            SitsElsewhere(..) => "SITS_ELSEWHERE",
            AwaitingApproval(..) => "AWAITING_APPROVAL",
            NotAdmitted => "NOT_ADMITTED",
            RequestNotFound => "REQUEST_NOT_FOUND",
            NotFound => "NOT_FOUND",
            MethodNotAllowed => "METHOD_NOT_ALLOWED",
            TableNotFound | NoSuchTable => "TABLE_NOT_FOUND",
            SameTable => "SAME_TABLE",
            TableFree(..) => "TABLE_FREE",
            TableTaken(..) => "TABLE_TAKEN",
            BadHeads => "BAD_HEADS",
            NumberTaken(..) => "TABLE_NUMBER_TAKEN",
            TableOwes(..) => "TABLE_OWES",
            MergedQuantity(..) | MergedLines | MergedRemark(..) => "CARTS_DO_NOT_FIT",
            CuisineNotFound => "CUISINE_NOT_FOUND",
            LineNotFound => "LINE_NOT_FOUND",
            AmbiguousLine => "AMBIGUOUS_LINE",
            BadQuantity => "BAD_QUANTITY",
            BadOption(..) | ChoiceMissing(..) | ChoiceTwice(..) | ChoicesChanged(..) => "BAD_OPTION",
            RemarkTooLong => "REMARK_TOO_LONG",
            CartFull => "CART_FULL",
            CartEmpty => "CART_EMPTY",
            CartChanged => "CART_CHANGED",
            SoldOut(..) | NotEnough(..) | NotNow(..) => "SOLD_OUT",
            CategoryNotFound => "CATEGORY_NOT_FOUND",
            NameTaken(..) => "NAME_TAKEN",
            NamesChange(..) => "NAMES_CHANGE",
            MenuRule(..) => "MENU_RULE",
            NotAPicture | PhonePicture(..) | HalfAPicture => "NOT_A_PICTURE",
            PictureTooLarge => "PICTURE_TOO_LARGE",
            OpIdReused => "OP_ID_REUSED",
            ShopClosed => "SHOP_CLOSED",
            OrderNotFound => "ORDER_NOT_FOUND",
            OrderState(..) => "ORDER_STATE",
            AdjustmentNotFound => "ADJUSTMENT_NOT_FOUND",
            DiscountedBefore(..) => "DISCOUNTED_BEFORE",
            AmountChanged(..) => "AMOUNT_CHANGED",
            DiscountTooLarge(..) => "DISCOUNT_TOO_LARGE",
            BadSplit(..) => "BAD_SPLIT",
            BillNotFound => "BILL_NOT_FOUND",
            AlertNotFound => "ALERT_NOT_FOUND",
            ProviderUnknown => "PROVIDER_UNKNOWN",
            PaymentUnconfirmed => "PAYMENT_UNCONFIRMED",
            PaymentRefused => "PAYMENT_REFUSED",
            PayerFailed => "PAYER_FAILED",
            ProviderSilent => "PROVIDER_SILENT",
            WrongAmount(..) | RefundTooLarge(..) => "WRONG_AMOUNT",
            PayerCodeUnknown => "PAYER_CODE_UNKNOWN",
            ReviewNotFound => "REVIEW_NOT_FOUND",
            ReviewResolved => "REVIEW_RESOLVED",
            BadSignature => "BAD_SIGNATURE",
            StaleCallback => "STALE_CALLBACK",
            Undecipherable => "UNDECIPHERABLE",
            RateLimited => "RATE_LIMITED",
            TooManyConnections => "TOO_MANY_CONNECTIONS",
            TooLarge => "TOO_LARGE",
            BadLogin => "BAD_LOGIN",
            LoginLocked(..) => "LOGIN_LOCKED",
            PinNeedsLogin => "PIN_NEEDS_LOGIN",
            WrongPassword => "WRONG_PASSWORD",
            WeakPassword => "WEAK_PASSWORD",
            WeakPin => "WEAK_PIN",
            StaffNotFound => "STAFF_NOT_FOUND",
            UsernameTaken(..) => "USERNAME_TAKEN",
            LastOwner => "LAST_OWNER",
            NotYourself => "NOT_YOURSELF",
            Busy => "BUSY",
            StorageDown => "STORAGE_DOWN",
            DayClosed(..) => "DAY_CLOSED",
            BackupRunning => "BACKUP_RUNNING",
            ClockImpossible => "CLOCK_IMPOSSIBLE",
            BackupFailed(..) => "BACKUP_FAILED",
            MemberNotFound => "MEMBER_NOT_FOUND",
            PhoneTaken(..) => "PHONE_TAKEN",
            MemberDisabled => "MEMBER_DISABLED",
            MemberLinkOver => "MEMBER_LINK_OVER",
            MemberCode(..) => "MEMBER_CODE",
            BalanceTooLow(..) => "BALANCE_TOO_LOW",
            CardHolds(..) => "CARD_HOLDS_LESS",
            BadTopup(..) => "BAD_TOPUP",
            NoUsesLeft(..) => "NO_USES_LEFT",
        }
    }
}

/// The code, for logs: no sentence.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Refusal {}

#[derive(Debug)]
pub enum Error {
    Refused(Refusal),
    Internal(anyhow::Error),
}

impl Error {
    /// For whoever goes on with one kind only; the command line finds the refusal in it again, and its sentence.
    pub fn into_anyhow(self) -> anyhow::Error {
        match self {
            Error::Refused(refusal) => refusal.into(),
            Error::Internal(error) => error,
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(refusal)
    }
}

macro_rules! internal {
    ($($source:ty),+) => {$(
        impl From<$source> for Error {
            fn from(error: $source) -> Self {
                Error::Internal(error.into())
            }
        }
    )+};
}

internal!(anyhow::Error, rusqlite::Error, serde_json::Error);
