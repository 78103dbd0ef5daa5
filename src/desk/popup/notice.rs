//! What the popups show: one an order, or one for all when there are many. Pure; the popup task shows it.

use crate::alert::{Alert, Dish, Kind, Language};
use crate::desk::Open;
use crate::typed::set_apart;
use crate::units::{AlertId, OrderId, PayMethod};

/// More than so many popups become one.
const MOST: usize = 3;
/// Lines of dishes, or of a backlog.
const LINES: usize = 8;
/// Characters of a remark; the counter page has it whole.
const REMARK: usize = 60;

/// What a popup is about: the next one about the same replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    Order(OrderId),
    Alert(AlertId),
    Backlog,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub key: Key,
    pub title: String,
    /// Plain text.
    pub body: String,
    /// The label of the button that answers.
    pub accept: &'static str,
    /// The label of the button that puts it off.
    pub later: &'static str,
    /// What the buttons are about.
    pub alerts: Vec<AlertId>,
}

/// `silent_since`: the PC cannot be heard, which every popup then says.
pub fn notices(open: &Open, language: Language, silent_since: Option<&str>) -> Vec<Notice> {
    let words = Wording(language);
    let mut groups: Vec<(Key, Vec<&Alert>)> = Vec::new();
    // Money that has come is only said.
    for alert in open.alerts.iter().filter(|alert| alert.kind != Kind::Paid) {
        let key = alert.order.map_or(Key::Alert(alert.id), Key::Order);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, alerts)) => alerts.push(alert),
            None => groups.push((key, vec![alert])),
        }
    }
    let silence = silent_since.map(|since| words.silence(since));
    let mut notices: Vec<Notice> = match groups.len() {
        ..=MOST => groups.into_iter().map(|(key, alerts)| words.single(key, &alerts, open)).collect(),
        _ => vec![words.backlog(&groups, open)],
    };
    for notice in &mut notices {
        notice.body.extend(silence.iter().map(|silence| format!("\n{silence}")));
    }
    notices
}

struct Wording(Language);

impl Wording {
    fn pick<T>(&self, chinese: T, english: T) -> T {
        match self.0 {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    fn single(&self, key: Key, alerts: &[&Alert], open: &Open) -> Notice {
        let most = alerts.iter().max_by_key(|alert| pressing(alert.kind)).copied().unwrap_or(alerts[0]);
        let title = match most.table_number.as_str() {
            "" => self.kind(most.kind).trim_end_matches(['：', ':', ' ']).to_owned(),
            _ => format!("{}{}", self.kind(most.kind), self.place(most)),
        };
        let mut lines: Vec<String> = Vec::new();
        if most.order.is_some() {
            lines.push(self.money(most));
        }
        if !most.remark.is_empty() {
            lines.push(self.remark(&most.remark));
        }
        lines.extend(most.order.into_iter().flat_map(|order| self.dishes(open.dishes.get(&order))));
        lines.extend(alerts.iter().map(|alert| set_apart(&alert.note)).filter(|note| !note.is_empty()));
        if most.kind == Kind::Test {
            lines.push(
                self.pick("刚才播放了测试语音，听到了吗？", "A test was just spoken. Did you hear it?").to_owned(),
            );
        }
        self.with_buttons(key, title, lines, alerts)
    }

    fn backlog(&self, groups: &[(Key, Vec<&Alert>)], open: &Open) -> Notice {
        let alerts: Vec<&Alert> = groups.iter().flat_map(|(_, alerts)| alerts.iter().copied()).collect();
        let title =
            self.pick(format!("{} 个提醒等待处理", alerts.len()), format!("{} alerts are waiting", alerts.len()));
        // An allergy must not wait until somebody has come to this popup's end.
        let mark = |alert: &Alert| {
            let dishes = alert.order.and_then(|order| open.dishes.get(&order));
            let has_remark = |dishes: &Vec<Dish>| dishes.iter().any(|dish| !dish.remark.is_empty());
            match !alert.remark.is_empty() || dishes.is_some_and(has_remark) {
                true => self.pick("（有备注）", " (has notes)"),
                false => "",
            }
        };
        let line = |alert: &&Alert| match alert.table_number.as_str() {
            "" => set_apart(&alert.note),
            _ => format!("{}{}{}", self.kind(alert.kind), self.place(alert), mark(alert)),
        };
        let mut lines: Vec<String> = alerts.iter().take(LINES).map(line).collect();
        lines.extend(self.rest(alerts.len()));
        self.with_buttons(Key::Backlog, title, lines, &alerts)
    }

    fn with_buttons(&self, key: Key, title: String, lines: Vec<String>, alerts: &[&Alert]) -> Notice {
        let has = |kind| alerts.iter().any(|alert| alert.kind == kind);
        let is_order = |alert: &&&Alert| matches!(alert.kind, Kind::NewOrder | Kind::Reminder);
        // Accepting orders answers nothing about money, and does not say that the test was heard.
        let meant: Vec<AlertId> = match has(Kind::NewOrder) {
            true => alerts.iter().filter(is_order).map(|alert| alert.id).collect(),
            false => alerts.iter().map(|alert| alert.id).collect(),
        };
        let accept = match (has(Kind::NewOrder), has(Kind::Test), key) {
            (true, _, Key::Backlog) => self.pick("全部接单", "Accept all"),
            (true, ..) => self.pick("接单", "Accept"),
            (false, true, _) => self.pick("我听到了", "I heard it"),
            (false, false, _) => self.pick("知道了", "Got it"),
        };
        Notice { key, title, body: lines.join("\n"), accept, later: self.pick("稍后", "Later"), alerts: meant }
    }

    fn kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::NewOrder => self.pick("来单提醒：", "New order: "),
            Kind::Reminder => self.pick("客户催单：", "Guests are waiting: "),
            Kind::Payment => self.pick("付款异常：", "Payment problem: "),
            Kind::Paid => self.pick("已付款：", "Paid: "),
            Kind::Tunnel => self.pick("收款通知通道断开", "Payment notices are cut off"),
            Kind::Test => self.pick("语音播报测试", "Sound test"),
            Kind::Waiter => self.pick("呼叫服务员：", "Waiter wanted: "),
            Kind::Bill => self.pick("请求结账：", "Bill wanted: "),
        }
    }

    fn place(&self, alert: &Alert) -> String {
        let number = set_apart(&alert.table_number);
        self.pick(format!("{number}桌"), format!("table {number}"))
    }

    fn money(&self, alert: &Alert) -> String {
        let paid = match alert.paid_by {
            Some(PayMethod::Wechat) => self.pick("微信已付", "paid by WeChat"),
            Some(PayMethod::Alipay) => self.pick("支付宝已付", "paid by Alipay"),
            Some(PayMethod::Cash) => self.pick("现金已付", "paid in cash"),
            Some(PayMethod::Terminal) => self.pick("刷卡已付", "paid by card"),
            Some(PayMethod::Balance) => self.pick("会员余额已付", "paid from member's balance"),
            Some(PayMethod::Other) => self.pick("已付", "paid"),
            None => self.pick("未付", "not paid"),
        };
        format!("¥{} {paid} · {}", alert.amount, alert.order_number)
    }

    fn dishes(&self, dishes: Option<&Vec<Dish>>) -> Vec<String> {
        let Some(dishes) = dishes else { return Vec::new() };
        let line = |dish: &Dish| match dish.remark.as_str() {
            "" => format!("{} ×{}", set_apart(&dish.name), dish.quantity),
            remark => format!("{} ×{} {}", set_apart(&dish.name), dish.quantity, self.remark(remark)),
        };
        // Where not all have room, those that somebody wrote something on come first.
        let mut shown: Vec<&Dish> = dishes.iter().collect();
        if shown.len() > LINES {
            shown.sort_by_key(|dish| dish.remark.is_empty());
        }
        let mut lines: Vec<String> = shown.iter().take(LINES).map(|dish| line(dish)).collect();
        lines.extend(self.rest(dishes.len()));
        lines
    }

    /// A guest's text, as long as a popup bears.
    fn remark(&self, text: &str) -> String {
        let fits = text.chars().count() <= REMARK;
        let said: String = text.chars().take(if fits { REMARK } else { REMARK - 1 }).collect();
        format!("{}{}{}", self.pick("备注：", "Note: "), set_apart(&said), if fits { "" } else { "…" })
    }

    fn rest(&self, count: usize) -> Option<String> {
        let rest = count.checked_sub(LINES).filter(|rest| *rest > 0)?;
        Some(self.pick(format!("还有 {rest} 个"), format!("and {rest} more")))
    }

    fn silence(&self, since: &str) -> String {
        self.pick(
            format!("⚠ 电脑没有声音（自 {since}），请看弹窗"),
            format!("⚠ This PC has had no sound since {since}"),
        )
    }
}

/// Which alert of an order gives its popup the title.
fn pressing(kind: Kind) -> u8 {
    match kind {
        Kind::NewOrder | Kind::Paid => 0,
        Kind::Payment | Kind::Tunnel | Kind::Test | Kind::Waiter | Kind::Bill => 1,
        Kind::Reminder => 2,
    }
}
