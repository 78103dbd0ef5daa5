//! What is told of each refusal: one row each.

use super::{Sentence, field, reason};
use crate::error::Refusal;

pub fn of(refusal: &Refusal) -> Sentence {
    match refusal {
        Refusal::BadRequest(one) => field::of(*one),
        Refusal::BadLength(length) => field::length(length),
        Refusal::UnknownFrame(kind) => say!("请求有误：type {kind:?}", "Bad request: type {kind:?}"),
        Refusal::BadPerson(fault) => reason::person(*fault),
        Refusal::BadMenu(fault) => reason::bad_menu(fault),
        Refusal::BadNotice(fault) => reason::notice(*fault),
        Refusal::Unauthorized => say!("请先扫描桌上的二维码", "Please scan the table's QR code first"),
        Refusal::StaffOnly => say!("请先登录", "Please log in first"),
        Refusal::SeatingClosed => say!("本桌已结束，请重新扫码", "This table has been cleared, please scan again"),
        Refusal::Forbidden => say!("无权操作此桌", "This is not your table"),
        Refusal::SitsElsewhere(number, _) => {
            say!("这部手机现在坐在{number}桌", "This phone sits at table {number} now")
        }
        Refusal::AwaitingApproval(_) => say!(
            "请稍等，店员正在确认您在店里；连上店里的 Wi-Fi 可以直接点餐",
            "One moment, the staff are confirming that you are here; on the shop's Wi-Fi you can order at once",
        ),
        Refusal::NotAdmitted => say!(
            "店员没有同意，请连上店里的 Wi-Fi 再扫码，或找店员帮忙",
            "The staff did not agree: please scan again on the shop's Wi-Fi, or ask them",
        ),
        Refusal::RequestNotFound => say!("这个请求已处理或已过期", "This request is over or answered"),
        Refusal::NotAllowed => say!("没有权限", "You may not do this"),
        Refusal::Malformed => say!("请求格式有误，请刷新页面再试", "The request is malformed, please reload the page"),
        Refusal::NotFound => say!("没有这个地址", "No such address"),
        Refusal::MethodNotAllowed => say!("不支持这种请求方式", "This method is not supported here"),
        Refusal::TableNotFound => say!("二维码无效，请联系店员", "Unknown table code, please ask the staff"),
        Refusal::NoSuchTable => say!("没有这张桌子，请刷新页面", "There is no such table, please reload the page"),
        Refusal::SameTable => say!("请选择另一张桌子", "Please choose another table"),
        Refusal::TableFree(number) => say!("{number}桌没有客人", "Nobody sits at table {number}"),
        Refusal::TableTaken(number) => say!(
            "{number}桌有客人，请换一张空桌，或者并台",
            "Table {number} is taken, please choose a free one or merge"
        ),
        Refusal::NumberTaken(number) => {
            say!("已有桌号 {number}，请换一个", "There is a table {number} already, please choose another number")
        }
        Refusal::TableOwes(number, owed) => say!(
            "{number}桌还有 {owed} 元没有结账，请先收款；确实要清台，请由收银员填写原因",
            "Table {number} still owes {owed} yuan: take the money first, or let a cashier clear it with a reason"
        ),
        Refusal::BadHeads => say!("人数须为 1 到 999", "The head count must be 1 to 999"),
        Refusal::MergedQuantity(dish) => say!(
            "两桌购物车里的{dish}合起来超过 99 份，请先下单再并台",
            "Both carts together have more than 99 of {dish}: please order first, then merge"
        ),
        Refusal::MergedLines => say!(
            "两桌的购物车合起来超过 100 行，请先下单再并台",
            "Both carts together have more than 100 lines: please order first, then merge",
        ),
        Refusal::MergedRemark(dish) => say!(
            "两桌购物车里{dish}的备注合起来太长，请先下单再并台",
            "The remarks on {dish} of both carts are too long together: please order first, then merge"
        ),
        Refusal::CuisineNotFound => say!("没有这道菜", "There is no such dish"),
        Refusal::LineNotFound => say!("购物车里没有这道菜", "The cart has no such line"),
        Refusal::AmbiguousLine => {
            say!("这道菜有多种口味，请指明是哪一行", "Several lines of the cart have this dish, please say which")
        }
        Refusal::BadQuantity => say!("数量须为 1 到 99", "The quantity must be 1 to 99"),
        Refusal::BadOption(name) => say!("没有这个选项：{name}", "There is no such option: {name}"),
        Refusal::ChoiceMissing(group) => say!("请选择{group}", "Please choose: {group}"),
        Refusal::ChoiceTwice(group) => say!("{group}只能选一个", "Please choose only one: {group}"),
        Refusal::ChoicesChanged(dish) => say!(
            "{dish}的选项已更改，请从购物车删掉后重新选",
            "The options of {dish} have changed: take it out of the cart and choose again"
        ),
        Refusal::RemarkTooLong => say!("备注太长", "The remark is too long"),
        Refusal::CartFull => say!("购物车已满，请先下单", "The cart is full, please order first"),
        Refusal::CartEmpty => say!("购物车是空的", "The cart is empty"),
        Refusal::CartChanged => {
            say!("购物车刚刚有变化，请确认后再下单", "The cart has just changed, please check it and order again")
        }
        Refusal::SoldOut(name) => say!("{name}已售完", "{name} is sold out"),
        Refusal::NotEnough(name, left) => say!("{name}只剩 {left} 份", "Only {left} of {name} left"),
        Refusal::NotNow(name, hours) => say!("{name}只在 {hours} 供应", "{name} is served {hours} only"),
        Refusal::CategoryNotFound => say!("没有这个分类", "There is no such category"),
        Refusal::NameTaken(name) => say!("'{name}'已存在", "'{name}' exists already"),
        Refusal::NamesChange(count, first) => say!(
            "有 {count} 个名称会改（{first}），请先核对并确认；什么都没有改",
            "{count} names would change ({first}): please check and confirm; nothing was changed"
        ),
        Refusal::MenuRule(reason) => reason::menu(*reason),
        Refusal::NotAPicture => {
            say!("这不是图片，请上传 JPG、PNG、WebP 或 GIF", "This is no picture: please upload JPEG, PNG, WebP or GIF")
        }
        Refusal::PhonePicture(format) => say!(
            "这是手机的 {format} 照片，电脑还不能用：iPhone 请在“设置 → 相机 → 格式”选“兼容性最佳”后重拍，\
                     安卓请在相机设置里关掉“高效图片”；已有的照片可以截图后上传",
            "This is a {format} photograph of a phone. On an iPhone choose Settings → Camera → Formats → Most \
                     Compatible, on Android turn high efficiency pictures off, and take it again; or upload a screenshot"
        ),
        Refusal::HalfAPicture => say!(
            "这张图片不完整（可能没有下载完），请换一张或重新保存后再上传",
            "This picture is not whole (perhaps its download was cut off): please save it again or take another one",
        ),
        Refusal::PictureTooLarge => {
            say!("图片太大，请缩小后再上传", "The picture has too many pixels, please make it smaller")
        }
        Refusal::OpIdReused => say!("操作编号已用于别的操作", "This opId was used for something else"),
        Refusal::ShopClosed => say!("本店已打烊", "The restaurant is closed"),
        Refusal::OrderNotFound => say!("订单不存在", "There is no such order"),
        Refusal::OrderState(reason) => reason::order(*reason),
        Refusal::AdjustmentNotFound => say!("没有这条优惠或费用", "There is no such discount or fee"),
        Refusal::DiscountedBefore(now) => say!(
            "已有人优惠过，现在应收 {now} 元：请核对，确实还要优惠再按一次",
            "Somebody has taken something off already, {now} yuan is due now: please check it, and press again to take off more"
        ),
        Refusal::AmountChanged(now) => say!(
            "应收金额刚刚变了，现在是 {now} 元：请核对后再按一次",
            "What is due has just changed to {now} yuan: please check it and press again"
        ),
        Refusal::DiscountTooLarge(most) => say!("优惠不能超过 {most} 元", "At most {most} yuan can be taken off"),
        Refusal::BadSplit(reason) => reason::split(*reason),
        Refusal::BillNotFound => say!("没有这张账单", "There is no such bill"),
        Refusal::AlertNotFound => say!("提醒不存在", "There is no such alert"),
        Refusal::ProviderUnknown => say!("没有开通这种支付方式", "This way to pay is not enabled"),
        Refusal::PaymentUnconfirmed => {
            say!("支付平台暂时没有回应，请稍后再试", "The payment provider does not answer, please try again shortly")
        }
        Refusal::PaymentRefused => {
            say!("支付平台拒绝了这笔付款，请换一种方式", "The payment provider refused, please pay another way")
        }
        Refusal::PayerFailed => say!(
            "顾客这次没有付成（余额或限额不够，或自己取消了），没有扣款：请顾客再出示付款码，或换一种方式",
            "The guest's payment failed (balance, limit, or cancelled) and nothing was charged: scan a new code, or \
                 take the money another way",
        ),
        Refusal::ProviderSilent => say!(
            "这种付款方式暂时查不到付款结果，请换一种方式，或到收银台付款",
            "This way to pay can't tell whether money has come just now: please choose another, or pay at the counter",
        ),
        Refusal::WrongAmount(owed) => say!("金额不符，应收 {owed} 元", "That is not the amount: {owed} yuan is owed"),
        Refusal::RefundTooLarge(most) => say!("最多可退 {most} 元", "At most {most} yuan can go back"),
        Refusal::PayerCodeUnknown => {
            say!("无法识别付款码，请重新扫描", "This is no payment code that we take, please scan again")
        }
        Refusal::ReviewNotFound => say!("没有这条待处理", "There is no such payment to resolve"),
        Refusal::ReviewResolved => say!("这条已由他人处理", "Somebody has resolved this already"),
        Refusal::BadSignature => say!("签名无效", "The signature is not valid"),
        Refusal::StaleCallback => say!("通知已过期", "The callback is too old or from the future"),
        Refusal::Undecipherable => say!("通知无法解密", "The callback cannot be decrypted"),
        Refusal::RateLimited => say!("操作太快了，请稍等", "Too many requests, please wait a moment"),
        Refusal::TooManyConnections => {
            say!("连接太多，请关闭一些页面", "Too many connections, please close some pages")
        }
        Refusal::TooLarge => say!("内容太大", "The request is too large"),
        Refusal::BadLogin => say!("账号或密码错误", "Wrong user name or password"),
        Refusal::LoginLocked(seconds) => {
            say!("错误次数太多，请 {seconds} 秒后再试", "Too many wrong tries, please wait {seconds} s")
        }
        Refusal::PinNeedsLogin => {
            say!("请先在这台设备上用账号和密码登录一次", "Please log in with a password on this device first")
        }
        Refusal::WrongPassword => say!("原密码不对", "The old password is wrong"),
        Refusal::WeakPassword => say!(
            "密码须为 6 到 72 个字符，不能是 123456 这样的",
            "A password has 6 to 72 characters, and is not one like 123456",
        ),
        Refusal::WeakPin => say!(
            "口令码须为 4 到 6 位数字，不能是 1234 或 0000 这样的",
            "A PIN has 4 to 6 digits, and is not one like 1234 or 0000",
        ),
        Refusal::StaffNotFound => say!("没有这位员工", "There is no such member of staff"),
        Refusal::UsernameTaken(name) => say!("'{name}'已存在", "'{name}' exists already"),
        Refusal::LastOwner => say!(
            "这是最后一位能登录的老板，请先让另一位员工成为老板并设好密码",
            "Nobody else could log in as an owner: make somebody one first, with a password",
        ),
        Refusal::NotYourself => say!("不能停用自己的账号", "You cannot disable your own account"),
        Refusal::Busy => say!("系统忙，请稍后再试", "Busy, please try again"),
        Refusal::StorageDown => {
            say!("暂时无法保存，请联系店员", "Nothing can be saved at the moment, please ask the staff")
        }
        Refusal::DayClosed(at, by) => say!(
            "这一天已经日结（{at} {by}），要重新日结请确认",
            "This day was closed already ({at}, {by}), please confirm to close it again"
        ),
        Refusal::BackupRunning => say!("正在备份，请稍候", "A backup is being made already, please wait"),
        Refusal::ClockImpossible => {
            say!("电脑的时间不可能是对的，请先校准", "The PC's time cannot be right: please set the clock first")
        }
        Refusal::BackupFailed(why) => say!("备份失败：{why}", "The backup failed: {why}"),
        Refusal::MemberNotFound => say!("没有这位会员", "There is no such member"),
        Refusal::PhoneTaken(name) => {
            say!("这个手机号已是会员：{name}", "This phone number is a member's already: {name}")
        }
        Refusal::MemberDisabled => say!("会员卡已停用，请先启用", "This card is out of use, please enable it first"),
        Refusal::MemberLinkOver => say!(
            "会员链接已失效，请向店员要新的链接",
            "This member link is no longer valid, please ask the staff for a new one",
        ),
        Refusal::MemberCode(fault) => reason::code(*fault),
        Refusal::NotYourCard => say!("这不是您的会员卡", "This is not your card"),
        Refusal::BalanceTooLow(balance) => {
            say!("余额不足：卡上有 {balance} 元，请先充值", "The card has {balance} yuan only, please top it up first")
        }
        Refusal::CardHolds(balance) => say!(
            "卡上只有 {balance} 元，扣不了这么多",
            "There are {balance} yuan on the card: no more can be taken off"
        ),
        Refusal::BadTopup(fault) => reason::topup(*fault),
        Refusal::NoUsesLeft(uses) => say!("次数不足：卡上有 {uses} 次", "The card has {uses} uses only"),
    }
}
