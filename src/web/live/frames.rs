//! From an event to bytes: each change is encoded once per wire form and goes to its room.

use crate::alert::{Alert, Kind};
use crate::cart::Cart;
use crate::event::Event;
use crate::hub::{Frames, Hub, Snapshot, Topic};
use crate::member::{self, Scanned};
use crate::order::Order;
use crate::units::{AlertId, Calendar, TableId, Timestamp};
use crate::web::Floor;
use crate::web::types::{AlertView, OrderView};
use bytes::Bytes;
use serde::Serialize;
use std::ops::Range;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};

/// Bytes before the payload of a server's frame, at most.
const LONGEST_HEADER: usize = 10;

/// A text frame as it goes over a server's socket: unmasked, unfragmented.
pub fn ws_text(payload: Vec<u8>) -> Bytes {
    let mut bytes = Vec::with_capacity(payload.len() + LONGEST_HEADER);
    Frame::message(payload, OpCode::Data(Data::Text), true)
        .format(&mut bytes)
        .expect("writing to memory does not fail");
    bytes.into()
}

/// `{"type":…,"message":…,"data":…,"timestamp":…}` with `data` given as JSON.
pub fn ws_message(kind: &str, message: &str, data: &[u8], op_id: Option<&str>) -> Bytes {
    let mut text = Vec::with_capacity(data.len() + 160);
    text.extend_from_slice(br#"{"type":"#);
    push_json(&mut text, kind);
    text.extend_from_slice(br#","message":"#);
    push_json(&mut text, message);
    text.extend_from_slice(br#","data":"#);
    text.extend_from_slice(data);
    text.extend_from_slice(br#","timestamp":"#);
    text.extend_from_slice(Timestamp::now().0.to_string().as_bytes());
    if let Some(op_id) = op_id {
        text.extend_from_slice(br#","opId":"#);
        push_json(&mut text, op_id);
    }
    text.push(b'}');
    ws_text(text)
}

fn push_json(text: &mut Vec<u8>, value: &str) {
    serde_json::to_writer(text, value).expect("a string is always JSON");
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("wire types are structs of strings and numbers")
}

/// A named SSE event, and where `data` lies in it.
fn sse_event(name: &str, id: Option<i64>, data: &[u8]) -> (Bytes, Range<usize>) {
    let mut text = Vec::with_capacity(data.len() + 64);
    if let Some(id) = id {
        text.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    text.extend_from_slice(format!("event: {name}\ndata: ").as_bytes());
    let start = text.len();
    text.extend_from_slice(data);
    let end = text.len();
    text.extend_from_slice(b"\n\n");
    (text.into(), start..end)
}

pub fn sse(name: &str, data: &[u8]) -> Bytes {
    sse_event(name, None, data).0
}

pub fn cart_snapshot(cart: &Cart) -> Snapshot {
    let data = to_json(cart);
    let (sse, range) = sse_event("cart_update", Some(cart.version), &data);
    Snapshot {
        version: cart.version,
        json: sse.slice(range),
        frames: Frames { ws: ws_message("cart_update", "购物车更新", &data, None), sse },
    }
}

fn named(name: &str, message: &str, data: &[u8]) -> Frames {
    Frames { ws: ws_message(name, message, data, None), sse: sse(name, data) }
}

/// The frame that counter browsers know: plain JSON, no envelope.
pub fn alert_frames(alert: &Alert, calendar: &Calendar) -> Frames {
    let data = to_json(&AlertView::of(alert, calendar));
    Frames { sse: sse("alert", &data), ws: ws_text(data) }
}

fn order_frames(order: &Order, calendar: &Calendar) -> Frames {
    named("order_update", "订单更新", &to_json(&OrderView::of(order, calendar)))
}

/// The counter PC's own sound and popup, for the counter page.
pub fn status(report: &[u8]) -> Frames {
    named("status", "本机状态", report)
}

/// The counter PC is neither heard nor seen: whoever looks at a counter page has to. Browsers of the old kind show the
/// content of a type that they don't know, and a click opens the order that it names: it names none, not even null.
pub fn escalation() -> Frames {
    let data = r#"{"type":3,"content":"前台电脑没有声音也没有弹窗，请看本页处理订单"}"#.as_bytes();
    Frames { sse: sse("escalation", data), ws: ws_text(data.to_vec()) }
}

/// Something of a table has changed, or somebody waits to sit down at it: the counter page asks for the lists.
pub fn table_update(table: TableId) -> Frames {
    named("table_update", "桌台更新", format!(r#"{{"tableId":{table}}}"#).as_bytes())
}

pub fn seating_closed() -> Frames {
    named("seating_closed", "本桌已结束", b"null")
}

/// The phones' party sits at another table now: they come again with the token they have.
pub fn seating_moved(table: TableId, number: &str) -> Frames {
    let data = serde_json::json!({ "tableId": table, "tableNumber": number });
    named("seating_moved", "已换桌", &to_json(&data))
}

fn acked_frames(alert: AlertId) -> Frames {
    named("alert_acked", "已处理", format!(r#"{{"alertId":{alert}}}"#).as_bytes())
}

/// What a member's phone hears of a scan: plain text, as docs/protocol.md §3 has it.
pub fn scan_result(scanned: &Scanned) -> Bytes {
    ws_text(member::result_text(scanned.status, &scanned.text, scanned.remaining).into_bytes())
}

/// Whether counter browsers of the old kind are told: they know types 1 and 2 only.
pub fn is_for_counter(alert: &Alert) -> bool {
    match alert.kind {
        Kind::NewOrder | Kind::Reminder => true,
        Kind::Payment | Kind::Paid | Kind::Tunnel | Kind::Test | Kind::Waiter | Kind::Bill => false,
    }
}

/// Tells every room that an event concerns.
pub fn broadcast(hub: &Hub, calendar: &Calendar, floor: &Floor, event: &Event) {
    match event {
        Event::CartChanged(cart) => hub.publish_snapshot(Topic::Table(cart.table_id), cart_snapshot(cart)),
        Event::OrderChanged(order) => {
            let frames = order_frames(order, calendar);
            // An order outlives its party: whoever sits there now must not see it.
            let seated = floor.seats(order.table, order.seating);
            if seated {
                hub.publish_event(Topic::Table(order.table), &frames, 0);
            }
            hub.publish_event(Topic::Backstage, &frames, 0);
            if seated {
                hub.publish_event(Topic::Backstage, &table_update(order.table), 0);
            }
        }
        Event::MenuChanged => {
            let frames = named("menu_update", "菜单更新", b"null");
            floor.tables().into_iter().for_each(|table| hub.publish_event(Topic::Table(table), &frames, 0));
        }
        Event::SeatingOpened(table, _) | Event::CodeRotated(table) | Event::TableChanged(table) => {
            hub.publish_event(Topic::Backstage, &table_update(*table), 0)
        }
        Event::SeatingMoved(step, number) => {
            hub.end(Topic::Table(step.from), &seating_moved(step.to, number));
            for table in [step.from, step.to] {
                hub.publish_event(Topic::Backstage, &table_update(table), 0);
            }
        }
        Event::BillChanged(table, seating) => {
            if floor.seats(*table, *seating) {
                hub.publish_event(Topic::Table(*table), &named("bill_update", "账单更新", b"{}"), 0);
            }
            hub.publish_event(Topic::Backstage, &table_update(*table), 0);
        }
        Event::SeatingClosed(table, _) => {
            hub.end(Topic::Table(*table), &seating_closed());
            hub.publish_event(Topic::Backstage, &table_update(*table), 0);
        }
        Event::PaymentDue => {}
        Event::MemberScanned(scanned) => {
            let frames = Frames { ws: scan_result(scanned), sse: Bytes::new() };
            hub.publish_event(Topic::Member(scanned.member), &frames, scanned.id);
        }
        Event::MemberCutOff(member) => hub.empty(Topic::Member(*member)),
        Event::AlertRaised(alert) => {
            let frames = alert_frames(alert, calendar);
            if is_for_counter(alert) {
                hub.publish_event(Topic::Counter, &frames, alert.id.0);
            }
            hub.publish_event(Topic::Backstage, &frames, alert.id.0);
        }
        Event::AlertAcked(alert) => hub.publish_event(Topic::Backstage, &acked_frames(*alert), i64::MAX),
    }
}
