//! What is told where one code has several reasons.

use super::Sentence;
use crate::error::{
    CodeFault, Column, Counted, End, MenuFault, MenuReason, Money, NoticeFault, OrderReason, PersonFault, SplitReason,
    TopupFault,
};

pub fn order(reason: OrderReason) -> Sentence {
    match reason {
        OrderReason::Unpaid => say!("订单还没有付款", "The order is not paid yet"),
        OrderReason::Paid => say!("订单已付款", "The order is paid already"),
        OrderReason::Refunded => say!("订单已退款", "The order's money has gone back"),
        OrderReason::Completed => say!("订单已完成", "The order is completed"),
        OrderReason::Cancelled => say!("订单已取消", "The order is cancelled"),
        OrderReason::Over => say!("订单已结束", "The order is over"),
        OrderReason::NotToBeAccepted => say!("订单不在待接单状态", "The order does not wait to be accepted"),
        OrderReason::NotAccepted => say!("请先接单", "Please accept the order first"),
        OrderReason::KitchenHasIt => {
            say!("后厨已接单，请联系店员", "The kitchen has accepted the order, please ask the staff")
        }
        OrderReason::PaidAlready => say!("订单已付款，请联系店员", "The order is paid, please ask the staff"),
        OrderReason::RejectUnpaid => {
            say!("订单还没有付款，不要请用取消", "The order is not paid yet: to end it, cancel it")
        }
        OrderReason::RejectAccepted => {
            say!("订单已接单，不要请用取消", "The order is accepted already: to end it, cancel it")
        }
        OrderReason::Eaten(ending, money) => eaten(ending, money),
        OrderReason::BelowZero => {
            say!("金额不能小于零，请先撤销优惠", "The amount cannot be below zero, please undo a discount first")
        }
        OrderReason::NothingToPay => say!("没有要付的订单", "There is no order to pay"),
        OrderReason::NothingToWaive => say!("这道菜没有可免的金额", "Nothing of this dish is left to be free"),
        OrderReason::NothingToRefund => say!("没有可退的付款", "There is no payment that could go back"),
        OrderReason::TakesNoMoney => say!(
            "订单或账单已取消、已付款或已改，请退款",
            "The order or bill is cancelled, paid or changed by now, please send the money back"
        ),
        OrderReason::WentBack => say!("这笔钱已经退回", "This money has gone back already"),
        OrderReason::ForeignTrade => say!("这笔交易不属于这个订单", "This trade is not one of this order"),
        OrderReason::PayerIsAsked => {
            say!("上一个付款码还在等待顾客确认", "The guest has not confirmed the last payment code yet")
        }
        OrderReason::PaymentOver => say!("这笔付款已结束", "This payment is over"),
        OrderReason::PaymentClosed => say!("这笔付款已关闭", "This payment is closed"),
        OrderReason::OnBill => {
            say!("订单在本桌的账单里，请按账单付款", "The order is on this table's bill, please pay the bill")
        }
        OrderReason::BillHasMoney => {
            say!("账单已有人付款，不能再改价", "Somebody has paid of the bill: its prices stay as they are")
        }
        OrderReason::BillPaidInPart => {
            say!("本桌账单已有人付款，请联系店员", "Somebody has paid of this table's bill, please ask the staff")
        }
        OrderReason::BillUnsettled => say!(
            "账单只付了一部分：请收齐其余，或取消订单退款，再清台",
            "The bill is paid in part only: take the rest, or cancel the orders and refund them, then clear the table"
        ),
        OrderReason::BillUnfinished => say!(
            "账单还没有付完：请在账单里退这一份，或取消订单",
            "The bill is not paid in full: refund this part on the bill, or cancel the order"
        ),
        OrderReason::BillPaid => say!("账单已付清，请按订单退款", "The bill is paid in full, please refund by order"),
        OrderReason::PartPaid => say!("这一份已付款", "This part is paid already"),
        OrderReason::PartUnpaid => say!("这一份没有收款", "No money was taken for this part"),
        OrderReason::Recut => say!("账单已重新分单，请刷新", "The bill was split anew, please reload the page"),
    }
}

/// What becomes of the money of an order that was eaten: it goes back, or nobody takes it.
fn eaten(ending: End, money: Money) -> Sentence {
    match (ending, money) {
        (End::Cancel, Money::Owed) => say!(
            "订单已完成，不能取消；不收这笔钱，请清台并填写原因",
            "The order is completed and cannot be cancelled; to let the money go, clear the table and give a reason"
        ),
        (End::Cancel, Money::Taken) => say!(
            "订单已完成，不能取消；要退钱请用退款",
            "The order is completed and cannot be cancelled; to give money back, refund it"
        ),
        (End::Cancel, Money::Returned) => say!(
            "订单已完成，钱也已退，不用取消",
            "The order is completed and its money has gone back: there is nothing to cancel"
        ),
        (End::Reject, Money::Owed) => say!(
            "订单已完成，不能拒单；不收这笔钱，请清台并填写原因",
            "The order is completed and cannot be rejected; to let the money go, clear the table and give a reason"
        ),
        (End::Reject, Money::Taken) => say!(
            "订单已完成，不能拒单；要退钱请用退款",
            "The order is completed and cannot be rejected; to give money back, refund it"
        ),
        (End::Reject, Money::Returned) => say!(
            "订单已完成，钱也已退，不用拒单",
            "The order is completed and its money has gone back: there is nothing to reject"
        ),
    }
}

pub fn split(reason: SplitReason) -> Sentence {
    match reason {
        SplitReason::InParts => {
            say!("本桌已分单，请选择要付的那一份", "This table's bill is split, please choose the part that is paid")
        }
        SplitReason::BadHeads => say!("请按 1 到 50 人分单", "Please split the bill among 1 to 50 people"),
        SplitReason::HeadsMissing => say!("请填写人数", "Please enter the number of people"),
        SplitReason::PiecesGone => say!(
            "菜品数量不对，请重新选择要分的菜",
            "The dishes do not add up, please choose again which are split off"
        ),
        SplitReason::TooManyParts => say!("一张账单最多分 50 份", "A bill has at most 50 parts"),
    }
}

pub fn menu(reason: MenuReason) -> Sentence {
    match reason {
        MenuReason::CategoryHasDishes => {
            say!("当前分类关联了菜品,不能删除", "There are dishes in this category: it cannot be deleted")
        }
        MenuReason::CategoryHasCombos => {
            say!("当前分类关联了套餐,不能删除", "There are combos in this category: it cannot be deleted")
        }
        MenuReason::PartStopped => {
            say!("套餐内包含未启售菜品，无法启售", "A dish of this combo is not on sale: the combo cannot be either")
        }
        MenuReason::NothingChosen => say!("请先选择要删除的内容", "Please choose first what to delete"),
        MenuReason::DishOnSale => say!("起售中的菜品不能删除", "A dish that is on sale cannot be deleted"),
        MenuReason::ComboOnSale => say!("起售中的套餐不能删除", "A combo that is on sale cannot be deleted"),
        MenuReason::InCombo => {
            say!("当前菜品关联了套餐,不能删除", "This dish is part of a combo: it cannot be deleted")
        }
    }
}

/// As a request's refusal.
pub fn bad_menu(fault: &MenuFault) -> Sentence {
    let Sentence { chinese, english } = menu_fault(fault);
    Sentence { chinese: format!("请求有误：{chinese}"), english }
}

pub fn menu_fault(fault: &MenuFault) -> Sentence {
    match fault {
        MenuFault::Price => say!(
            "价格须为 0 到 999999.99 元，减价的选项也不能让它低于 0",
            "The price must be 0 to 999999.99 yuan, and options that cost less may not bring it below 0"
        ),
        MenuFault::Picture => say!("图片", "Please check the picture"),
        MenuFault::Options(group) => say!("{group}", "Please check the options of {group}"),
        MenuFault::TooManyOptions => say!("选项", "Please check the options: there are too many"),
        MenuFault::Range(counted, least, most) => {
            let Sentence { chinese, english } = name(*counted);
            say!("{chinese}须为 {least} 到 {most}", "{english} must be {least} to {most}")
        }
        MenuFault::Hours(typed) => {
            say!("时段 {typed}，请写成 11:00-14:00", "These are no hours: {typed}. Please write them like 11:00-14:00")
        }
        MenuFault::NotGiven(Column::Name) => say!("名称", "Please enter the name"),
        MenuFault::NotGiven(Column::Category) => say!("分类", "Please choose the category"),
        MenuFault::NotGiven(Column::Price) => say!("价格", "Please enter the price"),
        MenuFault::NotGiven(Column::Parts) | MenuFault::Parts => say!("套餐菜品", "Please choose the combo's dishes"),
        MenuFault::Missing(Column::Name) => say!("缺少名称", "The name is missing"),
        MenuFault::Missing(Column::Category) => say!("缺少分类", "The category is missing"),
        MenuFault::Missing(Column::Price) => say!("缺少价格", "The price is missing"),
        MenuFault::Missing(Column::Parts) => say!("缺少套餐菜品", "The combo's dishes are missing"),
        MenuFault::InSeveralCategories => say!(
            "有几个分类里都有这个名称，请写上分类",
            "Several categories have something of this name, please add the category"
        ),
        MenuFault::NoSuchPart(dish) => say!("没有套餐里的菜“{dish}”", "There is no dish “{dish}” for the combo"),
        MenuFault::SeveralParts(dish, category) => say!(
            "有几道菜叫“{dish}”，请写上分类，如：{dish}({category})",
            "Several dishes are called “{dish}”, please add the category: {dish}({category})"
        ),
    }
}

fn name(counted: Counted) -> Sentence {
    match counted {
        Counted::Copies => say!("份数", "The number of copies"),
        Counted::Stock => say!("库存", "The stock"),
        Counted::SortOrder => say!("排序", "The order of display"),
    }
}

pub fn person(fault: PersonFault) -> Sentence {
    match fault {
        PersonFault::Username => {
            say!("请求有误：账号须为 1 到 32 个字母、数字或 . _ -", "A user name has 1 to 32 letters, digits or . _ -")
        }
        PersonFault::Name => say!("请求有误：姓名须为 1 到 32 个字", "The name has 1 to 32 characters"),
        PersonFault::Phone => say!("请求有误：手机号太长", "The phone number is too long"),
        PersonFault::Sex => say!("请求有误：性别须为 0（女）或 1（男）", "The sex is 0 (female) or 1 (male)"),
        PersonFault::IdNumber => say!("请求有误：身份证号太长", "The ID number is too long"),
    }
}

pub fn code(fault: CodeFault) -> Sentence {
    match fault {
        CodeFault::Expired => {
            say!("二维码已过期，请刷新后再扫", "The member's code has expired, please scan the one that is shown now")
        }
        CodeFault::Used => {
            say!(
                "二维码已使用过，请刷新后再扫",
                "The member's code was used already, please scan the one that is shown now"
            )
        }
        CodeFault::Disabled => say!("会员卡已停用，请联系店员", "This card is out of use, please ask the staff"),
        CodeFault::Forged => {
            say!("二维码无效，请打开会员页再扫", "This is no member's code, please scan the one on the member's page")
        }
    }
}

pub fn topup(fault: TopupFault) -> Sentence {
    match fault {
        TopupFault::Nothing => say!("请填写储值金额或次数", "Enter an amount or uses"),
        TopupFault::BothWays => say!(
            "次数和金额要么都加，要么都减：一加一减请分两次做",
            "Uses and amount both come or both go: do it in two steps"
        ),
        TopupFault::PaidIsNegative => say!(
            "充值的实收不能是负数；要退钱，请用「更正」把金额或次数扣下来",
            "What was paid for a top-up is not negative: to give money back, correct the card"
        ),
        TopupFault::PaidForCorrection => say!(
            "扣减时不能收钱；实收请填退还的负数或 0",
            "Nothing is taken in when a card is corrected: enter what goes back as a negative amount, or 0"
        ),
        TopupFault::MethodMissing => {
            say!("有收钱或退钱，请选择方式：现金、刷卡……", "Say how the money was paid: cash, card …")
        }
        TopupFault::PaidTooMuch => say!("实收比储值的金额多，请核对", "More was paid than comes on the card"),
        TopupFault::RefundedTooMuch => {
            say!("退的钱比扣下的金额多，请核对", "More goes back than is taken off the card")
        }
    }
}

/// For a provider, which repeats it.
pub fn notice(fault: NoticeFault) -> Sentence {
    match fault {
        NoticeFault::Form => say!("请求有误：form", "Bad request: form"),
        NoticeFault::Field => say!("请求有误：a field's name or value", "Bad request: a field's name or value"),
        NoticeFault::FieldTwice => say!("请求有误：a field twice", "Bad request: a field twice"),
    }
}
