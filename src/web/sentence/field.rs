//! What is said of a request's field: a cashier is told what to fill in, not how the protocol spells it.

use super::Sentence;
use crate::error::Field;
use crate::typed::{BadLength, What};

pub fn of(field: Field) -> Sentence {
    match field {
        // Bills and orders.
        Field::Percent => {
            say!("请填写折扣：减去 1 到 99 的整数百分比", "Please enter the discount: a whole percentage from 1 to 99")
        }
        Field::Amount => say!("请检查金额", "Please check the amount"),
        Field::Reason => say!("请填写原因", "Please give a reason"),
        Field::Position => say!("请选择要免单的菜", "Please choose the dish that is free"),
        Field::SplitBy => say!("请选择怎样分单", "Please choose how the bill is split"),
        Field::OrderId => say!("请选择订单", "Please choose the order"),
        Field::BillId => say!("请选择账单", "Please choose the bill"),
        Field::AdjustmentId => say!("请选择要撤销的优惠或费用", "Please choose the discount or fee to undo"),
        Field::Guests => say!("用餐人数须为 1 到 999", "The number of guests must be 1 to 999"),
        Field::CuisineId => say!("请选择菜品", "Please choose a dish"),
        Field::Quantity => say!("请填写数量", "Please enter the quantity"),
        Field::Data => say!("请选择菜品", "Please choose a dish"),
        Field::What => say!("请选择呼叫服务员或结账", "Please ask for the waiter or for the bill"),
        // Tables.
        Field::TableId => say!("请选择桌台", "Please choose a table"),
        Field::Seats => say!("座位数须为 1 到 999", "The number of seats must be 1 to 999"),
        // Money.
        Field::Method => say!("请选择收款方式", "Please choose how it was paid"),
        Field::MemberCode => say!("请扫会员的付款码", "Please scan the member's code"),
        Field::ReviewId => say!("请选择待处理的付款", "Please choose the payment to resolve"),
        Field::UnclaimedId => say!("请选择没有主的那笔钱", "Please choose the money that nobody knows"),
        Field::Action => {
            say!("这一条不能这样处理，请刷新页面再试", "This cannot be resolved like that, please reload the page")
        }
        Field::OpenId => say!("微信没有给出付款人，请重新扫码", "WeChat did not say who pays, please scan again"),
        Field::Date => say!("请选择日期，例如 2026-11-20", "Please choose a date such as 2026-11-20"),
        Field::Begin => {
            say!("请检查开始日期，它不能晚于结束日期", "Please check the first day: it may not be after the last")
        }
        Field::End => say!("请检查结束日期，一次不要看太多天", "Please check the last day: not too many days at once"),
        Field::Days => say!("请检查天数", "Please check the number of days"),
        Field::Cash => {
            say!("请填写点到的现金，不能小于零", "Please enter the cash that was counted, not less than zero")
        }
        Field::BeginTime => say!("请检查开始时间", "Please check the first time"),
        Field::EndTime => say!("请检查结束时间", "Please check the last time"),
        // Members and staff.
        Field::Uses => say!("请填写次数或金额，数目不要太大", "Please enter uses or an amount, not too large"),
        Field::Note => say!(
            "请填写备注（扣减必须写明原因），不要太长",
            "Please add a note (taking back needs one); it may not be long"
        ),
        Field::Name => say!("请填写姓名，不要太长", "Please enter the name; it may not be long"),
        Field::Phone => say!("请检查手机号", "Please check the phone number"),
        Field::Image => say!("图片看不清，请再拍一次", "The picture cannot be read, please take it again"),
        Field::UserId => say!("请选择会员", "Please choose the member"),
        Field::Username => say!("请填写账号", "Please enter the user name"),
        Field::Role => say!("请选择岗位", "Please choose the role"),
        // The menu.
        Field::Kind => say!("请选择菜品或套餐", "Please choose dish or combo"),
        Field::CategoryId => say!("请选择分类", "Please choose the category"),
        Field::Status => say!("请选择状态", "Please choose the state"),
        Field::Stock => say!("请填写库存", "Please enter the stock"),
        Field::Renames => say!("请确认哪些菜要改名", "Please say which dishes are renamed"),
        Field::Format => say!("请选择文件格式", "Please choose the file's format"),
        Field::File => say!("请选择文件", "Please choose a file"),
        // What no person types.
        Field::Id => say!("请选择要改的那一条，或刷新页面再试", "Please choose what to change, or reload the page"),
        Field::Ids => say!("请选择要改的那几条，或刷新页面再试", "Please choose what to change, or reload the page"),
        Field::AlertId => say!("请选择提醒，或刷新页面再试", "Please choose the alert, or reload the page"),
        Field::OpId => say!(
            "这次操作没有编号，请刷新页面再试",
            "This had no number of its own, please reload the page and try again"
        ),
        Field::Page => say!("请检查页码", "Please check the page number"),
        Field::PageSize => say!("请检查每页条数", "Please check the rows of a page"),
        // What only programs get wrong.
        Field::StoreId => say!("请求有误：storeId", "Bad request: storeId"),
        Field::Sid => say!("请求有误：sid", "Bad request: sid"),
        Field::Upgrade => say!("请求有误：WebSocket", "Bad request: WebSocket"),
        Field::Text => say!("请求有误：text frames only", "Bad request: text frames only"),
    }
}

pub fn length(BadLength { what, least, most }: &BadLength) -> Sentence {
    let Sentence { chinese, english } = name(*what);
    match least {
        0 => say!("{chinese}最多 {most} 个字", "{english} has at most {most} characters"),
        least => say!("{chinese}须为 {least} 到 {most} 个字", "{english} has {least} to {most} characters"),
    }
}

fn name(what: What) -> Sentence {
    match what {
        What::MemberName => say!("姓名", "The name"),
        What::TableNumber => say!("桌号", "The table number"),
        What::Area => say!("区域", "The area"),
        What::MenuName => say!("名称", "The name"),
        What::OptionName => say!("选项名称", "The name of an option"),
        What::OptionValue => say!("选项内容", "What can be chosen"),
        What::Description => say!("描述", "The description"),
        What::PictureAddress => say!("图片地址", "The picture's address"),
    }
}
