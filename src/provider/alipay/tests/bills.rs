//! Bills, as they are zipped and written.

use super::*;

pub const HEADER: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,对方账户,订单金额（元）,商家实收（元）,\
                      退款批次号/请求号,服务费（元）,备注";

pub fn bill_text(rows: &[&str]) -> String {
    format!(
        "#支付宝业务明细查询\r\n#账号：[20880000000000020156]\r\n#起始日期：[2026年11月18日 00:00:00]   终止日期：[…]\r\n\
         #----业务明细列表----\r\n{HEADER}\r\n{}\r\n#----业务明细列表结束----\r\n#交易合计：1笔，商家实收共12.34元\r\n",
        rows.join("\r\n")
    )
}

pub const PAID_ROW: &str =
    "2026T\t,TB1\t,交易\t,小馆 A01\t,2026-11-18 18:39:00,2026-11-18 18:40:00,a***,12.34,12.30,\t,-0.07,";
pub const BACK_ROW: &str =
    "2026T\t,TB1\t,退款\t,\"小馆, A01\",2026-11-18 18:39:00,2026-11-18 18:40:00,a***,-2.34,-2.34,R1\t,0.01,";

pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub fn bill_rows() -> Vec<BillRow> {
    let row = |kind, out_refund_no: &str, fen| BillRow {
        kind,
        out_trade_no: "TB1".into(),
        transaction_id: "2026T".into(),
        out_refund_no: out_refund_no.into(),
        amount: Fen(fen),
    };
    vec![row(BillKind::Payment, "", 1234), row(BillKind::Refund, "R1", 234)]
}

pub fn gbk(text: &str) -> Vec<u8> {
    GBK.encode(text).0.into_owned()
}

pub fn whole_bill() -> Vec<u8> {
    let summary = gbk("#支付宝业务汇总查询\r\n门店编号,交易订单总笔数\r\n合计\t,1\r\n");
    let files = [
        ("20880000000000020156_20261118_业务明细(汇总).csv", summary.as_slice()),
        ("20880000000000020156_20261118_业务明细.csv", &gbk(&bill_text(&[PAID_ROW, BACK_ROW]))),
    ];
    zipped(&files)
}

#[test]
fn a_bill_is_read_from_its_detail_file() {
    assert_eq!(bill::read(&whole_bill()).unwrap(), bill_rows());
    assert_eq!(bill::parse(&bill_text(&[])).unwrap(), [], "a day without trade");
    let plain = bill_text(&[PAID_ROW, BACK_ROW]).replace("（元）", "(元)").replace("退款批次号/请求号", "退款批次号");
    assert_eq!(bill::parse(&plain).unwrap(), bill_rows(), "older names of the columns");
    for goods in ["小馆,A01", "\"小馆, A01\"", "\"小馆", "a\",,\",2026-11-18 18:39:00x", "#小馆", ""] {
        let text = bill_text(&[&PAID_ROW.replace("小馆 A01", goods), &BACK_ROW.replace("小馆, A01", goods)]);
        assert_eq!(bill::parse(&text).unwrap(), bill_rows(), "{goods}");
    }
    let other = PAID_ROW.replace("交易", "其他");
    assert_eq!(bill::parse(&bill_text(&[&other, PAID_ROW])).unwrap(), bill_rows()[..1], "another kind of row");
}

/// Alipay's zip has its names in GBK without saying so, which the zip crate can't write: the marker is cleared here.
#[test]
fn file_names_in_gbk_are_understood() {
    let name = "a_业务明细.csv";
    let mut file = zipped(&[(name, &gbk(&bill_text(&[PAID_ROW])))]);
    let (utf8, mut in_gbk) = (name.as_bytes(), gbk(name));
    // Of the same length, so that no offset moves.
    in_gbk.splice(0..0, std::iter::repeat_n(b'a', utf8.len() - in_gbk.len()));
    let places: Vec<usize> = (0..file.len()).filter(|at| file[*at..].starts_with(utf8)).collect();
    assert_eq!(places.len(), 2, "the local and the central header");
    for (at, flags) in places.into_iter().zip([30 - 6, 46 - 8]) {
        file[at..at + utf8.len()].copy_from_slice(&in_gbk);
        file[at - flags + 1] &= !0x08;
    }
    assert_eq!(bill::read(&file).unwrap(), bill_rows()[..1]);
}

#[test]
fn a_bill_that_cannot_be_read_for_certain_is_refused() {
    let row = |from: &str, to: &str| bill_text(&[&PAID_ROW.replacen(from, to, 1)]);
    let cases = [
        String::new(),
        "#nothing\n".into(),
        bill_text(&[PAID_ROW]).replace("业务类型", "类型"),
        bill_text(&[PAID_ROW]).replace("商家实收（元）", "订单金额(元)"),
        row("12.34", ""),
        row("12.34", "12.345"),
        row("12.34", "-12.34"),
        row("-0.07,", "-0.07,a note, with commas"),
        row("a***", "a,***"),
        row(",a***", ""),
    ];
    for text in cases {
        assert!(bill::parse(&text).is_err(), "{text}");
    }
    assert!(bill::read(b"not a zip").is_err());
    assert!(bill::read(&zipped(&[("业务明细(汇总).csv", b"")])).is_err(), "no detail file");
    assert!(bill::read(&zipped(&[("业务明细.csv/", b"")])).is_err(), "a folder");
}

#[test]
fn a_bill_that_unpacks_to_too_much_is_refused() {
    let text = gbk(&bill_text(&[PAID_ROW]));
    let file = zipped(&[("1_业务明细.csv", &text), ("2_业务明细.csv", &text)]);
    let both = 2 * text.len() as u64;
    assert_eq!(bill::read_bounded(&file, both).unwrap().len(), 2);
    assert!(bill::read_bounded(&file, both - 1).is_err());
}
