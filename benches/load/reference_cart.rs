//! The reference servers' cart, and its bytes on the wire.

use serde::{Deserialize, Serialize};
use std::io::Write;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    line_id: i64,
    cuisine_id: i64,
    cuisine_name: &'static str,
    cuisine_type: i64,
    cuisine_image: &'static str,
    unit_price: f64,
    quantity: i64,
    subtotal_amount: f64,
    add_user_id: i64,
    add_user_phone: &'static str,
    remark: String,
    options: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cart {
    table_id: usize,
    table_number: String,
    store_id: i64,
    items: Vec<Line>,
    total_amount: f64,
    total_quantity: i64,
    pub version: i64,
}

/// A cart operation; both the frame's `data` and the body of an HTTP operation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    pub table_id: Option<usize>,
    pub cuisine_id: i64,
    pub quantity: i64,
    pub remark: Option<String>,
}

#[derive(Deserialize)]
pub struct Frame<'f> {
    #[serde(rename = "type")]
    pub kind: &'f str,
    pub data: Item,
}

impl Cart {
    pub fn empty(table: usize) -> Cart {
        Cart {
            table_id: table,
            table_number: format!("A{table:02}"),
            store_id: 1,
            items: Vec::new(),
            total_amount: 0.0,
            total_quantity: 0,
            version: 0,
        }
    }

    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a cart is JSON")
    }

    pub fn apply(&mut self, add: bool, item: Item) {
        match self.items.iter_mut().find(|line| line.cuisine_id == item.cuisine_id) {
            Some(line) if add => line.quantity += item.quantity,
            Some(line) => line.quantity = item.quantity,
            None => self.items.push(Line {
                line_id: item.cuisine_id,
                cuisine_id: item.cuisine_id,
                cuisine_name: "宫保鸡丁",
                cuisine_type: 1,
                cuisine_image: "",
                unit_price: 38.5,
                quantity: item.quantity,
                subtotal_amount: 0.0,
                add_user_id: 100,
                add_user_phone: "",
                remark: item.remark.unwrap_or_default(),
                options: [],
            }),
        }
        self.items.iter_mut().for_each(|line| line.subtotal_amount = line.unit_price * line.quantity as f64);
        self.total_amount = self.items.iter().map(|line| line.subtotal_amount).sum();
        self.total_quantity = self.items.iter().map(|line| line.quantity).sum();
        self.version += 1;
    }
}

pub fn ws_message(kind: &str, data: &[u8]) -> Vec<u8> {
    let head = format!(r#"{{"type":"{kind}","message":"购物车更新","data":"#);
    let tail = format!(r#","timestamp":{}}}"#, crate::unix_millis());
    ws_frame(&[head.as_bytes(), data, tail.as_bytes()])
}

pub fn ws_frame(parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let mut frame = Vec::with_capacity(length + 4);
    frame.push(0x81);
    match length {
        0..126 => frame.push(length as u8),
        _ => {
            frame.push(126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
    }
    parts.iter().for_each(|part| frame.extend_from_slice(part));
    frame
}

pub fn sse_chunk(version: i64, data: &[u8]) -> Vec<u8> {
    let head = format!("id: {version}\nevent: cart_update\ndata: ");
    let mut chunk = format!("{:x}\r\n{head}", head.len() + data.len() + 2).into_bytes();
    chunk.extend_from_slice(data);
    chunk.extend_from_slice(b"\n\n\r\n");
    chunk
}

pub fn http_answer(data: &[u8]) -> Vec<u8> {
    let mut answer = Vec::with_capacity(data.len() + 160);
    let length = data.len() + r#"{"code":200,"msg":"success","data":}"#.len();
    let _ = write!(answer, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    answer.extend_from_slice(br#"{"code":200,"msg":"success","data":"#);
    answer.extend_from_slice(data);
    answer.push(b'}');
    answer
}
