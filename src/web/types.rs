//! What travels on the wire where it differs from the nouns' own types.

use crate::alert::{Alert, Kind};
use crate::bill::{Account, Bill, BillState, Part, PartState, Share};
use crate::menu::Choice;
use crate::order::{Adjustment, AdjustmentKind, Item, Order};
use crate::payment::Payment;
use crate::payment::provider::Present;
use crate::units::{
    AdjustmentId, AlertId, BillId, Calendar, CuisineId, DinerId, Fen, LineId, OrderId, PartId, PaymentId, SeatingId,
    TableId,
};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;

/// A `T` that came as a JSON object. A derived `T` alone would take an array for its fields in order, which nobody
/// wrote down.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OnlyMaps<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMaps<T> {
            type Value = Object<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_any(OnlyMaps(PhantomData))
    }
}

/// The diner's choices: an array, or the same as JSON text where a query parameter carries it.
#[derive(Default)]
pub struct Choices(pub Vec<Choice>);

impl<'de> Deserialize<'de> for Choices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ArrayOrText;
        impl<'de> Visitor<'de> for ArrayOrText {
            type Value = Choices;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of {name, value}")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Choices, A::Error> {
                let mut choices = Vec::new();
                while let Some(Object(choice)) = array.next_element::<Object<Choice>>()? {
                    choices.push(choice);
                }
                Ok(Choices(choices))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Choices, E> {
                let choices: Vec<Object<Choice>> = serde_json::from_str(text).map_err(E::custom)?;
                Ok(Choices(choices.into_iter().map(|Object(choice)| choice).collect()))
            }
        }
        deserializer.deserialize_any(ArrayOrText)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scan {
    pub code: String,
    /// Of an earlier scan, which had to wait for the counter.
    pub request_id: Option<String>,
    /// `false`: a page that cannot tell a scan from a press of Back. A table that this phone has left for another is
    /// entered again only when its user says so. Clients that do not know of it mean what they send.
    pub come_back: Option<bool>,
    /// The party that the page belongs to, once it has joined one: it never enters another.
    pub seating_id: Option<SeatingId>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub token: String,
    pub user_id: DinerId,
    pub table_id: TableId,
    pub table_number: String,
    pub seating_id: SeatingId,
    pub expires_at: String,
}

/// Arguments of every cart change over HTTP; each route checks what it needs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartArguments {
    pub table_id: TableId,
    pub cuisine_id: Option<CuisineId>,
    pub line_id: Option<LineId>,
    pub quantity: Option<i64>,
    pub remark: Option<String>,
    pub options: Option<Choices>,
    pub op_id: Option<String>,
}

/// A frame from a phone (docs/protocol.md §1.4).
#[derive(Deserialize)]
pub struct PhoneFrame {
    #[serde(rename = "type")]
    pub kind: String,
    /// Read only when the `opId` is known, so that an error about it can carry it.
    pub data: Option<Box<RawValue>>,
    #[serde(rename = "opId")]
    pub op_id: Option<String>,
    /// `en`: an error says in English why.
    pub lang: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct ItemArguments {
    pub cuisine_id: Option<CuisineId>,
    pub line_id: Option<LineId>,
    pub quantity: Option<i64>,
    pub remark: Option<String>,
    pub options: Option<Choices>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Submit {
    pub table_id: TableId,
    pub version: i64,
    pub remark: Option<String>,
    pub diners_count: Option<i64>,
    #[serde(default)]
    pub packed: bool,
    pub op_id: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Pay {
    pub provider: Option<String>,
    /// One part of a bill; without it all that is owed.
    pub part_id: Option<PartId>,
    /// The diner's id at WeChat, for a payment inside its own browser.
    pub open_id: Option<String>,
    /// By balance: what the diner was shown and said yes to, in yuan.
    pub amount: Option<Fen>,
}

/// The `provider` that means a member's card.
pub const BY_BALANCE: &str = "balance";

impl Pay {
    /// 会员余额: no provider's.
    pub fn is_by_balance(&self) -> bool {
        self.provider.as_deref() == Some(BY_BALANCE)
    }
}

/// `order` of docs/protocol.md §1.7.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Order"))]
#[serde(rename_all = "camelCase")]
pub struct OrderView<'a> {
    order_id: OrderId,
    order_number: &'a str,
    table_id: TableId,
    table_number: &'a str,
    #[cfg_attr(test, ts(as = "crate::order::Status"))]
    status: i64,
    #[cfg_attr(test, ts(as = "crate::order::Pay"))]
    pay_status: i64,
    pay_method: Option<i64>,
    amount: Fen,
    packed: bool,
    remark: &'a str,
    diners_count: Option<i64>,
    cancel_reason: &'a str,
    created_at: String,
    paid_at: Option<String>,
    items: Vec<ItemView<'a>>,
    adjustments: Vec<AdjustmentView<'a>>,
}

/// What an order costs beside its items.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Adjustment"))]
#[serde(rename_all = "camelCase")]
pub struct AdjustmentView<'a> {
    adjustment_id: AdjustmentId,
    kind: AdjustmentKind,
    position: Option<i64>,
    amount: Fen,
    reason: &'a str,
}

impl<'a> AdjustmentView<'a> {
    pub fn list(order: &'a Order) -> Vec<AdjustmentView<'a>> {
        let view = |one: &'a Adjustment| AdjustmentView {
            adjustment_id: one.id,
            kind: one.kind,
            position: one.position,
            amount: one.amount,
            reason: &one.reason,
        };
        // A service fee of dishes that are all free is nothing to read.
        order.adjustments.iter().filter(|one| one.amount != Fen::ZERO).map(view).collect()
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "OrderItem"))]
#[serde(rename_all = "camelCase")]
struct ItemView<'a> {
    cuisine_id: CuisineId,
    cuisine_name: &'a str,
    unit_price: Fen,
    quantity: i64,
    subtotal_amount: Fen,
    options: &'a [Choice],
    remark: &'a str,
    add_user_id: DinerId,
}

impl<'a> OrderView<'a> {
    pub fn of(order: &'a Order, calendar: &Calendar) -> OrderView<'a> {
        OrderView {
            order_id: order.id,
            order_number: &order.number,
            table_id: order.table,
            table_number: &order.table_number,
            status: order.state.status as i64,
            pay_status: order.state.pay as i64,
            pay_method: order.pay_method.map(|method| method as i64),
            amount: order.amount,
            packed: order.packed,
            adjustments: AdjustmentView::list(order),
            remark: &order.remark,
            diners_count: order.diners_count,
            cancel_reason: &order.cancel_reason,
            created_at: calendar.rfc3339(order.created_at),
            paid_at: order.paid_at.map(|at| calendar.rfc3339(at)),
            items: order
                .items
                .iter()
                .map(|item| ItemView {
                    cuisine_id: item.cuisine,
                    cuisine_name: &item.name,
                    unit_price: item.unit_price,
                    quantity: item.quantity,
                    subtotal_amount: item.subtotal(),
                    options: &item.options,
                    remark: &item.remark,
                    add_user_id: item.diner,
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Payment"))]
#[serde(rename_all = "camelCase")]
pub struct PaymentView<'a> {
    payment_id: PaymentId,
    /// What it pays, or the first order of the bill that it pays: where its picture is.
    order_id: OrderId,
    /// The part of a bill that it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    part_id: Option<PartId>,
    provider: &'a str,
    out_trade_no: &'a str,
    amount: Fen,
    code_url: &'a str,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "object"))]
    jsapi: &'a Option<serde_json::Value>,
}

impl<'a> PaymentView<'a> {
    pub fn of(payment: &'a Payment, present: &'a Present, calendar: &Calendar) -> PaymentView<'a> {
        PaymentView {
            payment_id: payment.id,
            order_id: payment.about,
            part_id: payment.target.part(),
            provider: &payment.provider,
            out_trade_no: &payment.out_trade_no,
            amount: payment.amount,
            code_url: &present.code_url,
            expires_at: calendar.rfc3339(payment.expires_at),
            jsapi: &present.jsapi,
        }
    }
}

/// The alert frame of docs/protocol.md §2. `content` holds nothing that a diner typed.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Alert"))]
#[serde(rename_all = "camelCase")]
pub struct AlertView<'a> {
    #[serde(rename = "type")]
    kind: i64,
    order_id: Option<OrderId>,
    content: String,
    note: &'a str,
    alert_id: AlertId,
    order_number: &'a str,
    table_id: Option<TableId>,
    table_number: &'a str,
    created_at: String,
    heard_at: Option<String>,
}

impl<'a> AlertView<'a> {
    pub fn of(alert: &'a Alert, calendar: &Calendar) -> AlertView<'a> {
        AlertView {
            kind: alert.kind as i64,
            order_id: alert.order,
            content: match (alert.order, alert.kind) {
                (Some(_), _) => format!("订单号: {}", alert.order_number),
                (None, Kind::Waiter) => format!("{}桌呼叫服务员", alert.table_number),
                (None, Kind::Bill) => format!("{}桌请求结账", alert.table_number),
                (None, _) => alert.note.clone(),
            },
            note: &alert.note,
            alert_id: alert.id,
            order_number: &alert.order_number,
            table_id: alert.table,
            table_number: &alert.table_number,
            created_at: calendar.rfc3339(alert.raised_at),
            heard_at: alert.heard_at.map(|at| calendar.rfc3339(at)),
        }
    }
}

/// What a party has to pay: its orders, and the bill that it is paying.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Bill"))]
#[serde(rename_all = "camelCase")]
pub struct AccountView<'a> {
    table_id: TableId,
    table_number: &'a str,
    seating_id: SeatingId,
    heads: Option<i64>,
    orders: Vec<BilledOrder<'a>>,
    total: Fen,
    paid: Fen,
    owed: Fen,
    bill: Option<BillView<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "BillOrder"))]
#[serde(rename_all = "camelCase")]
struct BilledOrder<'a> {
    order_id: OrderId,
    order_number: &'a str,
    #[cfg_attr(test, ts(as = "crate::order::Status"))]
    status: i64,
    #[cfg_attr(test, ts(as = "crate::order::Pay"))]
    pay_status: i64,
    amount: Fen,
    packed: bool,
    items: Vec<BilledItem<'a>>,
    adjustments: Vec<AdjustmentView<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "BillItem"))]
#[serde(rename_all = "camelCase")]
struct BilledItem<'a> {
    position: i64,
    cuisine_name: &'a str,
    quantity: i64,
    unit_price: Fen,
    subtotal_amount: Fen,
    options: &'a [Choice],
    free: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Split"))]
#[serde(rename_all = "camelCase")]
struct BillView<'a> {
    bill_id: BillId,
    state: BillState,
    parts: Vec<PartView<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "BillPart"))]
#[serde(rename_all = "camelCase")]
struct PartView<'a> {
    part_id: PartId,
    label: &'a str,
    amount: Fen,
    state: PartState,
    items: &'a [Share],
    paid_at: Option<String>,
}

impl<'a> AccountView<'a> {
    pub fn of(account: &'a Account, calendar: &Calendar) -> AccountView<'a> {
        AccountView {
            table_id: account.table,
            table_number: &account.table_number,
            seating_id: account.seating,
            heads: account.heads,
            orders: account.orders.iter().map(BilledOrder::of).collect(),
            total: account.total(),
            paid: account.total().minus(account.owed),
            owed: account.owed,
            bill: account.bill.as_ref().map(|bill| BillView::of(bill, calendar)),
        }
    }
}

impl<'a> BilledOrder<'a> {
    fn of(order: &'a Order) -> BilledOrder<'a> {
        let item = |(position, item): (i64, &'a Item)| BilledItem {
            position,
            cuisine_name: &item.name,
            quantity: item.quantity,
            unit_price: item.unit_price,
            subtotal_amount: item.subtotal(),
            options: &item.options,
            free: order.is_free(position),
        };
        BilledOrder {
            order_id: order.id,
            order_number: &order.number,
            status: order.state.status as i64,
            pay_status: order.state.pay as i64,
            amount: order.amount,
            packed: order.packed,
            items: (1..).zip(&order.items).map(item).collect(),
            adjustments: AdjustmentView::list(order),
        }
    }
}

impl<'a> BillView<'a> {
    /// Parts that were cut otherwise since, or whose orders are all off the bill, are left out.
    fn of(bill: &'a Bill, calendar: &Calendar) -> BillView<'a> {
        let view = |part: &'a Part| PartView {
            part_id: part.id,
            label: &part.label,
            amount: bill.worth(part),
            state: part.state,
            items: &part.items,
            paid_at: part.paid_at.map(|at| calendar.rfc3339(at)),
        };
        let counts = |part: &&Part| match part.state {
            PartState::Void => false,
            PartState::Open | PartState::Paid => part.amount == Fen::ZERO || bill.worth(part) > Fen::ZERO,
        };
        BillView { bill_id: bill.id, state: bill.state, parts: bill.parts.iter().filter(counts).map(view).collect() }
    }
}
