//! What can go wrong: a `Refusal` is told to the user and has no effect; everything else is internal and only logged.

mod field;

use crate::typed::{BadLength, set_apart};
use std::fmt;

/// A request that was understood and refused. `code()` is stable and part of the wire; the sentences are for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Wrong or missing input; the text names the field.
    BadRequest(String),
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
    SitsElsewhere(String, String),
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
    TableFree(String),
    TableTaken(String),
    BadHeads,
    /// Another table has this number, or had it.
    NumberTaken(String),
    /// A table's number and what it owes, in yuan.
    TableOwes(String, String),
    /// 并台: so many of this dish that one line cannot hold them.
    MergedQuantity(String),
    MergedLines,
    MergedRemark(String),
    CuisineNotFound,
    LineNotFound,
    AmbiguousLine,
    BadQuantity,
    BadOption(String),
    /// A group of options of which something has to be chosen.
    ChoiceMissing(String),
    /// A group of options that takes one value only.
    ChoiceTwice(String),
    /// A dish in the cart whose options are others since it was put there.
    ChoicesChanged(String),
    RemarkTooLong,
    CartFull,
    CartEmpty,
    CartChanged,
    SoldOut(String),
    /// A dish of which fewer pieces are left: its name, and how many.
    NotEnough(String, i64),
    /// A dish outside its hours: its name, and when it is sold.
    NotNow(String, String),
    CategoryNotFound,
    /// Another category or dish has this name.
    NameTaken(String),
    /// A table that is read in would change so many names, such as this one: somebody has to say that they shall.
    NamesChange(usize, String),
    /// What the menu's rules do not allow, in Chinese.
    MenuRule(&'static str),
    /// Not one of the picture formats that we take.
    NotAPicture,
    /// A phone's own format, by its name.
    PhonePicture(&'static str),
    /// The end of the file is missing.
    HalfAPicture,
    /// Too many pixels.
    PictureTooLarge,
    OpIdReused,
    ShopClosed,
    OrderNotFound,
    OrderState(&'static str),
    AdjustmentNotFound,
    /// A discount by a page that does not know of the one before it: what is to be paid now, in yuan.
    DiscountedBefore(String),
    /// A discount of a sum that is not to be paid any more: what is, in yuan.
    AmountChanged(String),
    /// Most that can be taken off, in yuan.
    DiscountTooLarge(String),
    /// What of a bill can't be cut as asked, for the cashier.
    BadSplit(&'static str),
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
    /// What is owed, in yuan.
    WrongAmount(String),
    /// Most that can go back, in yuan.
    RefundTooLarge(String),
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
    /// When, and by whom.
    DayClosed(String),
    BackupRunning,
    /// A time before this program was made.
    ClockImpossible,
    /// Why, for the owner.
    BackupFailed(String),
    MemberNotFound,
    /// Whose number it is: for staff only.
    PhoneTaken(String),
    MemberDisabled,
    /// No valid member token: a link that was renewed, or none.
    MemberLinkOver,
    /// What is wrong with a member's code.
    MemberCode(&'static str),
    /// Another member's.
    NotYourCard,
    /// What is there, in yuan.
    BalanceTooLow(String),
    /// The same, where staff take more off a card.
    CardHolds(String),
    /// Money and value that do not agree, in Chinese and English.
    BadTopup(&'static str, &'static str),
    /// How many are there.
    NoUsesLeft(i64),
}

impl From<BadLength> for Refusal {
    fn from(length: BadLength) -> Refusal {
        Refusal::BadLength(length)
    }
}

impl Refusal {
    /// (stable code, HTTP status, Chinese, English)
    fn parts(&self) -> (&'static str, u16, String, String) {
        let said = |code, status, zh: &str, en: &str| (code, status, zh.to_owned(), en.to_owned());
        match self {
            Refusal::BadRequest(field) => {
                let (zh, en) = field::sentences(field);
                ("BAD_REQUEST", 400, zh, en)
            }
            Refusal::BadLength(BadLength { what: (zh, en), least: 0, most }) => {
                ("BAD_REQUEST", 400, format!("{zh}最多 {most} 个字"), format!("{en} has at most {most} characters"))
            }
            Refusal::BadLength(BadLength { what: (zh, en), least, most }) => (
                "BAD_REQUEST",
                400,
                format!("{zh}须为 {least} 到 {most} 个字"),
                format!("{en} has {least} to {most} characters"),
            ),
            Refusal::Unauthorized => {
                said("UNAUTHORIZED", 401, "请先扫描桌上的二维码", "Please scan the table's QR code first")
            }
            Refusal::StaffOnly => said("UNAUTHORIZED", 401, "请先登录", "Please log in first"),
            Refusal::SeatingClosed => {
                said("SEATING_CLOSED", 401, "本桌已结束，请重新扫码", "This table has been cleared, please scan again")
            }
            Refusal::Forbidden => said("FORBIDDEN", 403, "无权操作此桌", "This is not your table"),
            Refusal::SitsElsewhere(number, _) => (
                "SITS_ELSEWHERE",
                409,
                format!("这部手机现在坐在{number}桌"),
                format!("This phone sits at table {number} now"),
            ),
            Refusal::AwaitingApproval(_) => said(
                "AWAITING_APPROVAL",
                403,
                "请稍等，店员正在确认您在店里；连上店里的 Wi-Fi 可以直接点餐",
                "One moment, the staff are confirming that you are here; on the shop's Wi-Fi you can order at once",
            ),
            Refusal::NotAdmitted => said(
                "NOT_ADMITTED",
                403,
                "店员没有同意，请连上店里的 Wi-Fi 再扫码，或找店员帮忙",
                "The staff did not agree: please scan again on the shop's Wi-Fi, or ask them",
            ),
            Refusal::RequestNotFound => {
                said("REQUEST_NOT_FOUND", 404, "这个请求已处理或已过期", "This request is over or answered")
            }
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
            Refusal::NoSuchTable => said(
                "TABLE_NOT_FOUND",
                404,
                "没有这张桌子，请刷新页面",
                "There is no such table, please reload the page",
            ),
            Refusal::SameTable => said("SAME_TABLE", 400, "请选择另一张桌子", "Please choose another table"),
            Refusal::TableFree(number) => {
                ("TABLE_FREE", 409, format!("{number}桌没有客人"), format!("Nobody sits at table {number}"))
            }
            Refusal::TableTaken(number) => (
                "TABLE_TAKEN",
                409,
                format!("{number}桌有客人，请换一张空桌，或者并台"),
                format!("Table {number} is taken, please choose a free one or merge"),
            ),
            Refusal::NumberTaken(number) => (
                "TABLE_NUMBER_TAKEN",
                409,
                format!("已有桌号 {number}，请换一个"),
                format!("There is a table {number} already, please choose another number"),
            ),
            Refusal::TableOwes(number, owed) => (
                "TABLE_OWES",
                409,
                format!("{number}桌还有 {owed} 元没有结账，请先收款；确实要清台，请由收银员填写原因"),
                format!(
                    "Table {number} still owes {owed}: take the money first, or let a cashier clear it with a reason"
                ),
            ),
            Refusal::BadHeads => said("BAD_HEADS", 400, "人数须为 1 到 999", "The head count must be 1 to 999"),
            Refusal::MergedQuantity(dish) => (
                "CARTS_DO_NOT_FIT",
                409,
                format!("两桌购物车里的{dish}合起来超过 99 份，请先下单再并台"),
                format!("Both carts together have more than 99 of {dish}: please order first, then merge"),
            ),
            Refusal::MergedLines => said(
                "CARTS_DO_NOT_FIT",
                409,
                "两桌的购物车合起来超过 100 行，请先下单再并台",
                "Both carts together have more than 100 lines: please order first, then merge",
            ),
            Refusal::MergedRemark(dish) => (
                "CARTS_DO_NOT_FIT",
                409,
                format!("两桌购物车里{dish}的备注合起来太长，请先下单再并台"),
                format!("The remarks on {dish} of both carts are too long together: please order first, then merge"),
            ),
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
            Refusal::ChoiceMissing(group) => {
                ("BAD_OPTION", 400, format!("请选择{group}"), format!("Please choose: {group}"))
            }
            Refusal::ChoiceTwice(group) => {
                ("BAD_OPTION", 400, format!("{group}只能选一个"), format!("Please choose only one: {group}"))
            }
            Refusal::ChoicesChanged(dish) => (
                "BAD_OPTION",
                409,
                format!("{dish}的选项已更改，请从购物车删掉后重新选"),
                format!("The options of {dish} have changed: take it out of the cart and choose again"),
            ),
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
            Refusal::NotEnough(name, left) => {
                ("SOLD_OUT", 409, format!("{name}只剩 {left} 份"), format!("Only {left} of {name} left"))
            }
            Refusal::NotNow(name, hours) => {
                ("SOLD_OUT", 409, format!("{name}只在 {hours} 供应"), format!("{name} is served {hours} only"))
            }
            Refusal::CategoryNotFound => said("CATEGORY_NOT_FOUND", 404, "没有这个分类", "There is no such category"),
            Refusal::NameTaken(name) => {
                ("NAME_TAKEN", 409, format!("'{name}'已存在"), format!("'{name}' exists already"))
            }
            Refusal::NamesChange(count, first) => (
                "NAMES_CHANGE",
                409,
                format!("有 {count} 个名称会改（{first}），请先核对并确认；什么都没有改"),
                format!("{count} names would change ({first}): please check and confirm; nothing was changed"),
            ),
            Refusal::MenuRule(zh) => said("MENU_RULE", 409, zh, "The menu does not allow this"),
            Refusal::NotAPicture => said(
                "NOT_A_PICTURE",
                415,
                "这不是图片，请上传 JPG、PNG、WebP 或 GIF",
                "This is no picture: please upload JPEG, PNG, WebP or GIF",
            ),
            Refusal::PhonePicture(name) => (
                "NOT_A_PICTURE",
                415,
                format!(
                    "这是手机的 {name} 照片，电脑还不能用：iPhone 请在“设置 → 相机 → 格式”选“兼容性最佳”后重拍，\
                     安卓请在相机设置里关掉“高效图片”；已有的照片可以截图后上传"
                ),
                format!(
                    "This is a {name} photograph of a phone. On an iPhone choose Settings → Camera → Formats → Most \
                     Compatible, on Android turn high efficiency pictures off, and take it again; or upload a screenshot"
                ),
            ),
            Refusal::HalfAPicture => said(
                "NOT_A_PICTURE",
                415,
                "这张图片不完整（可能没有下载完），请换一张或重新保存后再上传",
                "This picture is not whole (perhaps its download was cut off): please save it again or take another one",
            ),
            Refusal::PictureTooLarge => said(
                "PICTURE_TOO_LARGE",
                413,
                "图片太大，请缩小后再上传",
                "The picture has too many pixels, please make it smaller",
            ),
            Refusal::OpIdReused => {
                said("OP_ID_REUSED", 409, "操作编号已用于别的操作", "This opId was used for something else")
            }
            Refusal::ShopClosed => said("SHOP_CLOSED", 409, "本店已打烊", "The restaurant is closed"),
            Refusal::OrderNotFound => said("ORDER_NOT_FOUND", 404, "订单不存在", "There is no such order"),
            Refusal::OrderState(zh) => said("ORDER_STATE", 409, zh, "The order's state does not allow this"),
            Refusal::AdjustmentNotFound => {
                said("ADJUSTMENT_NOT_FOUND", 404, "没有这条优惠或费用", "There is no such discount or fee")
            }
            Refusal::DiscountedBefore(now) => (
                "DISCOUNTED_BEFORE",
                409,
                format!("已有人优惠过，现在应收 {now} 元：请核对，确实还要优惠再按一次"),
                format!("Somebody has taken something off already, {now} is due now: press again to take off more"),
            ),
            Refusal::AmountChanged(now) => (
                "AMOUNT_CHANGED",
                409,
                format!("应收金额刚刚变了，现在是 {now} 元：请核对后再按一次"),
                format!("What is due has just changed to {now}: please check it and press again"),
            ),
            Refusal::DiscountTooLarge(most) => (
                "DISCOUNT_TOO_LARGE",
                409,
                format!("优惠不能超过 {most} 元"),
                format!("At most {most} can be taken off"),
            ),
            Refusal::BadSplit(zh) => said("BAD_SPLIT", 409, zh, "The bill cannot be split like this"),
            Refusal::BillNotFound => said("BILL_NOT_FOUND", 404, "没有这张账单", "There is no such bill"),
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
            Refusal::PayerFailed => said(
                "PAYER_FAILED",
                409,
                "顾客这次没有付成（余额或限额不够，或自己取消了），没有扣款：请顾客再出示付款码，或换一种方式",
                "The guest's payment failed (balance, limit, or cancelled) and nothing was charged: scan a new code, or \
                 take the money another way",
            ),
            Refusal::ProviderSilent => said(
                "PROVIDER_SILENT",
                503,
                "这种付款方式暂时查不到付款结果，请换一种方式，或到收银台付款",
                "This way to pay can't tell whether money has come just now: please choose another, or pay at the counter",
            ),
            Refusal::WrongAmount(owed) => {
                ("WRONG_AMOUNT", 409, format!("金额不符，应收 {owed} 元"), format!("The amount owed is {owed}"))
            }
            Refusal::RefundTooLarge(most) => {
                ("WRONG_AMOUNT", 409, format!("最多可退 {most} 元"), format!("At most {most} yuan can go back"))
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
            Refusal::LoginLocked(seconds) => (
                "LOGIN_LOCKED",
                423,
                format!("错误次数太多，请 {seconds} 秒后再试"),
                format!("Too many wrong tries, please wait {seconds} s"),
            ),
            Refusal::PinNeedsLogin => said(
                "PIN_NEEDS_LOGIN",
                409,
                "请先在这台设备上用账号和密码登录一次",
                "Please log in with a password on this device first",
            ),
            Refusal::WrongPassword => said("WRONG_PASSWORD", 400, "原密码不对", "The old password is wrong"),
            Refusal::WeakPassword => said(
                "WEAK_PASSWORD",
                400,
                "密码须为 6 到 72 个字符，不能是 123456 这样的",
                "A password has 6 to 72 characters, and is not one like 123456",
            ),
            Refusal::WeakPin => said(
                "WEAK_PIN",
                400,
                "口令码须为 4 到 6 位数字，不能是 1234 或 0000 这样的",
                "A PIN has 4 to 6 digits, and is not one like 1234 or 0000",
            ),
            Refusal::StaffNotFound => said("STAFF_NOT_FOUND", 404, "没有这位员工", "There is no such member of staff"),
            Refusal::UsernameTaken(name) => {
                ("USERNAME_TAKEN", 409, format!("'{name}'已存在"), format!("'{name}' exists already"))
            }
            Refusal::LastOwner => said(
                "LAST_OWNER",
                409,
                "这是最后一位能登录的老板，请先让另一位员工成为老板并设好密码",
                "Nobody else could log in as an owner: make somebody one first, with a password",
            ),
            Refusal::NotYourself => {
                said("NOT_YOURSELF", 409, "不能停用自己的账号", "You cannot disable your own account")
            }
            Refusal::Busy => said("BUSY", 503, "系统忙，请稍后再试", "Busy, please try again"),
            Refusal::StorageDown => said(
                "STORAGE_DOWN",
                503,
                "暂时无法保存，请联系店员",
                "Nothing can be saved at the moment, please ask the staff",
            ),
            Refusal::DayClosed(when) => (
                "DAY_CLOSED",
                409,
                format!("这一天已经日结（{when}），要重新日结请确认"),
                format!("This day was closed already ({when}), please confirm to close it again"),
            ),
            Refusal::BackupRunning => {
                said("BACKUP_RUNNING", 409, "正在备份，请稍候", "A backup is being made already, please wait")
            }
            Refusal::ClockImpossible => said(
                "CLOCK_IMPOSSIBLE",
                409,
                "电脑的时间不可能是对的，请先校准",
                "The PC's time cannot be right: please set the clock first",
            ),
            Refusal::BackupFailed(why) => {
                ("BACKUP_FAILED", 409, format!("备份失败：{why}"), format!("The backup failed: {why}"))
            }
            Refusal::MemberNotFound => said("MEMBER_NOT_FOUND", 404, "没有这位会员", "There is no such member"),
            Refusal::PhoneTaken(name) => (
                "PHONE_TAKEN",
                409,
                format!("这个手机号已是会员：{name}"),
                format!("This phone number is a member's already: {name}"),
            ),
            Refusal::MemberDisabled => said(
                "MEMBER_DISABLED",
                409,
                "会员卡已停用，请先启用",
                "This card is out of use, please enable it first",
            ),
            Refusal::MemberLinkOver => said(
                "MEMBER_LINK_OVER",
                401,
                "会员链接已失效，请向店员要新的链接",
                "This member link is no longer valid, please ask the staff for a new one",
            ),
            Refusal::MemberCode(zh) => {
                said("MEMBER_CODE", 409, zh, "This member code is not valid, please scan the one that is shown now")
            }
            Refusal::NotYourCard => said("FORBIDDEN", 403, "这不是您的会员卡", "This is not your card"),
            Refusal::BalanceTooLow(balance) => (
                "BALANCE_TOO_LOW",
                409,
                format!("余额不足：卡上有 {balance} 元，请先充值"),
                format!("The card has {balance} yuan only, please top it up first"),
            ),
            Refusal::CardHolds(balance) => (
                "CARD_HOLDS_LESS",
                409,
                format!("卡上只有 {balance} 元，扣不了这么多"),
                format!("There are {balance} yuan on the card: no more can be taken off"),
            ),
            Refusal::BadTopup(zh, en) => said("BAD_TOPUP", 400, zh, en),
            Refusal::NoUsesLeft(uses) => {
                ("NO_USES_LEFT", 409, format!("次数不足：卡上有 {uses} 次"), format!("The card has {uses} uses only"))
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
        self.with_names_apart().parts().3
    }

    /// The names that owners chose, set apart from the sentence around them.
    fn with_names_apart(&self) -> Refusal {
        use Refusal::*;
        match self.clone() {
            SitsElsewhere(number, code) => SitsElsewhere(set_apart(&number), code),
            TableFree(number) => TableFree(set_apart(&number)),
            TableTaken(number) => TableTaken(set_apart(&number)),
            NumberTaken(number) => NumberTaken(set_apart(&number)),
            TableOwes(number, owed) => TableOwes(set_apart(&number), owed),
            MergedQuantity(dish) => MergedQuantity(set_apart(&dish)),
            MergedRemark(dish) => MergedRemark(set_apart(&dish)),
            BadOption(name) => BadOption(set_apart(&name)),
            ChoiceMissing(group) => ChoiceMissing(set_apart(&group)),
            ChoicesChanged(dish) => ChoicesChanged(set_apart(&dish)),
            SoldOut(dish) => SoldOut(set_apart(&dish)),
            NotEnough(dish, left) => NotEnough(set_apart(&dish), left),
            NotNow(dish, hours) => NotNow(set_apart(&dish), hours),
            NameTaken(name) => NameTaken(set_apart(&name)),
            NamesChange(count, first) => NamesChange(count, set_apart(&first)),
            PhoneTaken(name) => PhoneTaken(set_apart(&name)),
            other => other,
        }
    }
}

/// The Chinese sentence.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_names_apart().parts().2)
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
