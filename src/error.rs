//! What can go wrong: a `Refusal` is told to the user and has no effect; everything else is internal and only logged.

use std::fmt;

/// A request that was understood and refused. `code()` is stable and part of the wire; the sentences are for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Wrong or missing input; the text names the field.
    BadRequest(String),
    /// Not JSON, or not of the form that this request has.
    Malformed,
    /// No valid diner token.
    Unauthorized,
    /// No valid staff token.
    StaffOnly,
    SeatingClosed,
    /// Another party's table.
    Forbidden,
    /// Not in this role, or not from this page.
    NotAllowed,
    NotFound,
    MethodNotAllowed,
    TableNotFound,
    CuisineNotFound,
    LineNotFound,
    AmbiguousLine,
    BadQuantity,
    BadOption(String),
    RemarkTooLong,
    CartFull,
    CartEmpty,
    CartChanged,
    SoldOut(String),
    OpIdReused,
    ShopClosed,
    OrderNotFound,
    OrderState(&'static str),
    AlertNotFound,
    ProviderUnknown,
    PaymentUnconfirmed,
    /// The provider said no.
    PaymentRefused,
    /// What is owed, in yuan.
    WrongAmount(String),
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
    Busy,
    StorageDown,
    BackupRunning,
    /// Why, for the owner.
    BackupFailed(String),
}

impl Refusal {
    /// (stable code, HTTP status, Chinese, English)
    fn parts(&self) -> (&'static str, u16, String, String) {
        let said = |code, status, zh: &str, en: &str| (code, status, zh.to_owned(), en.to_owned());
        match self {
            Refusal::BadRequest(field) => {
                ("BAD_REQUEST", 400, format!("请求有误：{field}"), format!("Bad request: {field}"))
            }
            Refusal::Unauthorized => {
                said("UNAUTHORIZED", 401, "请先扫描桌上的二维码", "Please scan the table's QR code first")
            }
            Refusal::StaffOnly => said("UNAUTHORIZED", 401, "请先登录", "Please log in first"),
            Refusal::SeatingClosed => {
                said("SEATING_CLOSED", 401, "本桌已结束，请重新扫码", "This table has been cleared, please scan again")
            }
            Refusal::Forbidden => said("FORBIDDEN", 403, "无权操作此桌", "This is not your table"),
            Refusal::NotAllowed => said("FORBIDDEN", 403, "没有权限", "You may not do this"),
            Refusal::Malformed => said(
                "BAD_REQUEST",
                400,
                "请求格式有误，请刷新页面再试",
                "The request is malformed, please reload the page",
            ),
            Refusal::NotFound => said("NOT_FOUND", 404, "没有这个地址", "No such address"),
            Refusal::MethodNotAllowed => {
                said("METHOD_NOT_ALLOWED", 405, "不支持这种请求方式", "This method is not supported here")
            }
            Refusal::TableNotFound => {
                said("TABLE_NOT_FOUND", 404, "二维码无效，请联系店员", "Unknown table code, please ask the staff")
            }
            Refusal::CuisineNotFound => said("CUISINE_NOT_FOUND", 404, "没有这道菜", "There is no such dish"),
            Refusal::LineNotFound => said("LINE_NOT_FOUND", 404, "购物车里没有这道菜", "The cart has no such line"),
            Refusal::AmbiguousLine => said(
                "AMBIGUOUS_LINE",
                409,
                "这道菜有多种口味，请指明是哪一行",
                "Several lines have this dish, please say which",
            ),
            Refusal::BadQuantity => said("BAD_QUANTITY", 400, "数量须为 1 到 99", "The quantity must be 1 to 99"),
            Refusal::BadOption(name) => {
                ("BAD_OPTION", 400, format!("没有这个选项：{name}"), format!("There is no such option: {name}"))
            }
            Refusal::RemarkTooLong => said("REMARK_TOO_LONG", 400, "备注太长", "The remark is too long"),
            Refusal::CartFull => said("CART_FULL", 409, "购物车已满，请先下单", "The cart is full, please order first"),
            Refusal::CartEmpty => said("CART_EMPTY", 409, "购物车是空的", "The cart is empty"),
            Refusal::CartChanged => said(
                "CART_CHANGED",
                409,
                "购物车刚刚有变化，请确认后再下单",
                "The cart has just changed, please check it and order again",
            ),
            Refusal::SoldOut(name) => ("SOLD_OUT", 409, format!("{name}已售完"), format!("{name} is sold out")),
            Refusal::OpIdReused => {
                said("OP_ID_REUSED", 409, "操作编号已用于别的操作", "This opId was used for something else")
            }
            Refusal::ShopClosed => said("SHOP_CLOSED", 409, "本店已打烊", "The shop is closed"),
            Refusal::OrderNotFound => said("ORDER_NOT_FOUND", 404, "订单不存在", "There is no such order"),
            Refusal::OrderState(zh) => said("ORDER_STATE", 409, zh, "The order's state does not allow this"),
            Refusal::AlertNotFound => said("ALERT_NOT_FOUND", 404, "提醒不存在", "There is no such alert"),
            Refusal::ProviderUnknown => {
                said("PROVIDER_UNKNOWN", 400, "没有开通这种支付方式", "This way to pay is not enabled")
            }
            Refusal::PaymentUnconfirmed => said(
                "PAYMENT_UNCONFIRMED",
                503,
                "支付平台暂时没有回应，请稍后再试",
                "The payment provider does not answer, please try again shortly",
            ),
            Refusal::PaymentRefused => said(
                "PAYMENT_REFUSED",
                409,
                "支付平台拒绝了这笔付款，请换一种方式",
                "The payment provider refused, please pay another way",
            ),
            Refusal::WrongAmount(owed) => {
                ("WRONG_AMOUNT", 409, format!("金额不符，应收 {owed} 元"), format!("The amount owed is {owed}"))
            }
            Refusal::PayerCodeUnknown => said(
                "PAYER_CODE_UNKNOWN",
                400,
                "无法识别付款码，请重新扫描",
                "This is no payment code that we take, please scan again",
            ),
            Refusal::ReviewNotFound => said("REVIEW_NOT_FOUND", 404, "没有这条待处理", "There is no such item"),
            Refusal::ReviewResolved => {
                said("REVIEW_RESOLVED", 409, "这条已由他人处理", "Somebody has resolved this already")
            }
            Refusal::BadSignature => said("BAD_SIGNATURE", 401, "签名无效", "The signature is not valid"),
            Refusal::StaleCallback => {
                said("STALE_CALLBACK", 401, "通知已过期", "The callback is too old or from the future")
            }
            Refusal::Undecipherable => said("UNDECIPHERABLE", 500, "通知无法解密", "The callback cannot be decrypted"),
            Refusal::RateLimited => {
                said("RATE_LIMITED", 429, "操作太快了，请稍等", "Too many requests, please wait a moment")
            }
            Refusal::TooManyConnections => said(
                "TOO_MANY_CONNECTIONS",
                429,
                "连接太多，请关闭一些页面",
                "Too many connections, please close some pages",
            ),
            Refusal::TooLarge => said("TOO_LARGE", 413, "内容太大", "The request is too large"),
            Refusal::BadLogin => said("BAD_LOGIN", 400, "账号或密码错误", "Wrong user name or password"),
            Refusal::Busy => said("BUSY", 503, "系统忙，请稍后再试", "Busy, please try again"),
            Refusal::StorageDown => said(
                "STORAGE_DOWN",
                503,
                "暂时无法保存，请联系店员",
                "Nothing can be saved at the moment, please ask the staff",
            ),
            Refusal::BackupRunning => {
                said("BACKUP_RUNNING", 409, "正在备份，请稍候", "A backup is being made already, please wait")
            }
            Refusal::BackupFailed(why) => {
                ("BACKUP_FAILED", 409, format!("备份失败：{why}"), format!("The backup failed: {why}"))
            }
        }
    }

    pub fn code(&self) -> &'static str {
        self.parts().0
    }

    pub fn status(&self) -> u16 {
        self.parts().1
    }

    pub fn english(&self) -> String {
        self.parts().3
    }
}

/// The Chinese sentence.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts().2)
    }
}

#[derive(Debug)]
pub enum Error {
    Refused(Refusal),
    Internal(anyhow::Error),
}

impl Error {
    /// For the operator at the terminal, who sees both kinds as one sentence.
    pub fn into_anyhow(self) -> anyhow::Error {
        match self {
            Error::Refused(refusal) => anyhow::anyhow!("{refusal}"),
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
