//! What a page's field is called in the trade: a cashier is told what to fill in, not how the protocol spells it.

/// A field, and what is said of it: in Chinese, and in English.
const WORDS: &[(&str, &str, &str)] = &[
    // Bills and orders.
    ("percent", "请填写折扣：减去 1 到 99 的整数百分比", "Please enter the discount: a whole percentage from 1 to 99"),
    ("amount", "请检查金额", "Please check the amount"),
    ("reason", "请填写原因", "Please give a reason"),
    ("position", "请选择要免单的菜", "Please choose the dish that is free"),
    ("by", "请选择怎样分单", "Please choose how the bill is split"),
    ("orderId", "请选择订单", "Please choose the order"),
    ("billId", "请选择账单", "Please choose the bill"),
    ("partId", "请选择要付的那一份", "Please choose the part that is paid"),
    ("adjustmentId", "请选择要撤销的优惠或费用", "Please choose the discount or fee to undo"),
    ("dinersCount", "用餐人数须为 1 到 999", "The number of guests must be 1 to 999"),
    ("cuisineId", "请选择菜品", "Please choose a dish"),
    ("quantity", "请填写数量", "Please enter the quantity"),
    ("data", "请选择菜品", "Please choose a dish"),
    ("what", "请选择呼叫服务员或结账", "Please ask for the waiter or for the bill"),
    // Tables.
    ("tableId", "请选择桌台", "Please choose a table"),
    ("tableNumber", "请填写桌号，不要太长", "Please enter the table's number; it may not be long"),
    ("area", "区域名太长", "The area's name is too long"),
    ("seats", "座位数须为 1 到 999", "The number of seats must be 1 to 999"),
    // Money.
    ("method", "请选择收款方式", "Please choose how it was paid"),
    ("memberCode", "请扫会员的付款码", "Please scan the member's code"),
    ("reviewId", "请选择待处理的付款", "Please choose the payment to resolve"),
    ("unclaimedId", "请选择没有主的那笔钱", "Please choose the money that nobody knows"),
    ("action", "这一条不能这样处理，请刷新页面再试", "This cannot be resolved like that, please reload the page"),
    ("openId", "微信没有给出付款人，请重新扫码", "WeChat did not say who pays, please scan again"),
    ("date", "请选择日期，例如 2026-11-20", "Please choose a date such as 2026-11-20"),
    ("begin", "请检查开始日期，它不能晚于结束日期", "Please check the first day: it may not be after the last"),
    ("end", "请检查结束日期，一次不要看太多天", "Please check the last day: not too many days at once"),
    ("days", "请检查天数", "Please check the number of days"),
    ("cash", "请填写点到的现金，不能小于零", "Please enter the cash that was counted, not less than zero"),
    ("beginTime", "请检查开始时间", "Please check the first time"),
    ("endTime", "请检查结束时间", "Please check the last time"),
    // Members and staff.
    ("uses", "请填写次数或金额，数目不要太大", "Please enter uses or an amount, not too large"),
    (
        "note",
        "请填写备注（扣减必须写明原因），不要太长",
        "Please add a note (taking back needs one); it may not be long",
    ),
    ("name", "请填写姓名，不要太长", "Please enter the name; it may not be long"),
    ("phone", "请检查手机号", "Please check the phone number"),
    ("image", "图片看不清，请再拍一次", "The picture cannot be read, please take it again"),
    ("userId", "请选择会员", "Please choose the member"),
    ("username", "请填写账号", "Please enter the user name"),
    ("role", "请选择岗位", "Please choose the role"),
    // The menu.
    ("type", "请选择菜品或套餐", "Please choose dish or combo"),
    ("categoryId", "请选择分类", "Please choose the category"),
    ("status", "请选择状态", "Please choose the state"),
    ("stock", "请填写库存", "Please enter the stock"),
    ("renames", "请确认哪些菜要改名", "Please say which dishes are renamed"),
    ("format", "请选择文件格式", "Please choose the file's format"),
    ("file", "请选择文件", "Please choose a file"),
    // What no person types.
    ("id", "请选择要改的那一条，或刷新页面再试", "Please choose what to change, or reload the page"),
    ("ids", "请选择要改的那几条，或刷新页面再试", "Please choose what to change, or reload the page"),
    ("alertId", "请选择提醒，或刷新页面再试", "Please choose the alert, or reload the page"),
    ("opId", "这次操作没有编号，请刷新页面再试", "This had no number of its own, please reload the page and try again"),
    ("page", "请检查页码", "Please check the page number"),
    ("pageSize", "请检查每页条数", "Please check the rows of a page"),
    // The menu's own words, as its problems name them.
    ("价格", "请求有误：价格", "Please check the price"),
    ("名称", "请求有误：名称", "Please check the name"),
    ("图片", "请求有误：图片", "Please check the picture"),
    ("描述", "请求有误：描述", "Please check the description"),
    ("选项", "请求有误：选项", "Please check the options"),
    ("套餐菜品", "请求有误：套餐菜品", "Please check the combo's dishes"),
    ("份数", "请求有误：份数", "Please check the copies"),
    ("库存", "请求有误：库存", "Please check the stock"),
    ("排序", "请求有误：排序", "Please check the order of display"),
];

/// What is said of `field`; the words of a rule, and what only programs send, stand for themselves.
pub fn sentences(field: &str) -> (String, String) {
    match WORDS.iter().find(|(name, ..)| *name == field) {
        Some((_, zh, en)) => ((*zh).to_owned(), (*en).to_owned()),
        None => (format!("请求有误：{field}"), format!("Bad request: {field}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::path::Path;

    /// Names of fields, as the sources refuse them: `BadRequest("percent".into())`, `parse(id, "orderId")`.
    fn refused(text: &str, found: &mut HashSet<String>) {
        let ways = ["BadRequest(\"", "wrong(\"", "?.ok_or(Refusal::BadRequest(\"", "number(\""];
        let quoted = |rest: &str| rest.split('"').next().unwrap_or_default().to_owned();
        for way in ways {
            found.extend(text.match_indices(way).map(|(at, _)| quoted(&text[at + way.len()..])));
        }
        let named = text.match_indices("parse(").filter_map(|(at, _)| {
            let call = text[at..].split(')').next()?;
            call.split_once(", \"").map(|(_, rest)| quoted(rest))
        });
        found.extend(named);
    }

    fn look(folder: &Path, found: &mut HashSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().into_owned();
            // A provider's notices and the handshake are no page's.
            let others = ["provider", "web/live/socket.rs", "error", "tests"];
            if others.iter().any(|other| name.contains(&format!("src/{other}")) || name.ends_with("tests.rs")) {
                continue;
            }
            if path.is_dir() {
                look(&path, found);
            } else {
                refused(&std::fs::read_to_string(&path).unwrap(), found);
            }
        }
    }

    #[test]
    fn every_field_that_a_page_can_get_wrong_has_words_of_the_trade() {
        let mut found = HashSet::new();
        look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let names: Vec<String> = found
            .into_iter()
            .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()))
            .collect();
        assert!(
            names.len() > 30 && ["percent", "reason", "tableId"].iter().all(|one| names.iter().any(|name| name == one))
        );
        let unnamed: Vec<&String> =
            names.iter().filter(|name| !WORDS.iter().any(|(field, ..)| field == name)).collect();
        assert_eq!(unnamed, Vec::<&String>::new());
    }

    #[test]
    fn a_sentence_never_shows_the_protocols_name_and_the_english_one_is_english() {
        for (field, zh, en) in WORDS {
            assert!(!zh.contains(field) || !field.is_ascii(), "{zh}");
            assert!(en.is_ascii() && !zh.is_ascii(), "{field}");
        }
        assert_eq!(sentences("percent").0, "请填写折扣：减去 1 到 99 的整数百分比");
        assert_eq!(sentences("账号须为 1 到 32 个字母").0, "请求有误：账号须为 1 到 32 个字母");
    }
}
