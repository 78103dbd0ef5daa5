//! Files as owners, Excel and other systems make them, and what is said about those that cannot be read.

use crate::menu::edit::actions::{Filter, list_dishes};
use crate::menu::exchange::tests::{problems, take, told, wrong_cell};
use crate::menu::exchange::{CellFault, Fault, Head, MAX_LINES, Unread};
use crate::store::in_memory;
use crate::units::Fen;
use rusqlite::Connection;
use rust_xlsxwriter::{Format as Style, Formula, Workbook, Worksheet, XlsxError};
use std::io::{Cursor, Read, Write};

fn sheet(fill: impl FnOnce(&mut Worksheet) -> Result<(), XlsxError>) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet()).unwrap();
    book.save_to_buffer().unwrap()
}

/// The file with its sheet as another program writes it.
fn rewritten(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut old = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let mut part = old.by_index(index).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        let name = part.name().unwrap().into_owned();
        if name.ends_with("sheet1.xml") {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from), "{text}");
            bytes = text.replace(from, to).into_bytes();
        }
        new.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        new.write_all(&bytes).unwrap();
    }
    new.finish().unwrap().into_inner()
}

/// Category, name and price of each dish.
fn dishes(conn: &Connection) -> Vec<(String, String, Fen)> {
    let dishes = list_dishes(conn, &Filter::default()).unwrap();
    dishes.into_iter().map(|dish| (dish.category_name, dish.name, dish.price)).collect()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn whatever_encoding_and_separator_a_table_has_it_is_read() {
    let plain = "分类,名称,价格\r\n热菜,宫保鸡丁,38\r\n";
    let marked = format!("\u{feff}{plain}");
    let tabs = marked.replace(',', "\t");
    let (gbk, _, _) = encoding_rs::GB18030.encode(plain);
    for (what, file) in [
        ("UTF-8", plain.as_bytes().to_vec()),
        ("UTF-8 with its mark", marked.clone().into_bytes()),
        ("GB18030", gbk.to_vec()),
        ("Unicode 文本", utf16(&tabs, u16::to_le_bytes)),
        ("UTF-16, the other way round", utf16(&marked, u16::to_be_bytes)),
        ("UTF-16 without its mark", utf16(plain, u16::to_le_bytes)),
        ("semicolons", plain.replace(',', ";").into_bytes()),
        ("tabs", plain.replace(',', "\t").into_bytes()),
        ("bars", plain.replace(',', "|").into_bytes()),
        ("full-width commas", plain.replace(',', "，").into_bytes()),
        ("full-width semicolons", plain.replace(',', "；").into_bytes()),
        ("full-width heads", plain.replacen(',', "，", 2).into_bytes()),
        ("full-width lines", plain.replace("菜,", "菜，").replace("丁,", "丁，").into_bytes()),
        ("sep=", format!("sep=;\r\n{}", plain.replace(',', ";")).into_bytes()),
        ("sep= with a mark", format!("\u{feff}SEP=\t\r\n{}", plain.replace(',', "\t")).into_bytes()),
        ("a title above", format!("桌铃小馆菜单\r\n\r\n{plain}").into_bytes()),
        ("old Macs", plain.replace("\r\n", "\r").into_bytes()),
        ("quotes", "\"分类\";\"名称\";\"价格\"\n\"热菜\";\"宫保鸡丁\";\"38\"\n".into()),
        ("JSON", "[{\"分类\":\"热菜\",\"菜名\":\"宫保鸡丁\",\"单价\":38}]".into()),
        (
            "JSON in UTF-16",
            utf16("\u{feff}[{\"category\":\"热菜\",\"name\":\"宫保鸡丁\",\"price\":\"38元\"}]", u16::to_le_bytes),
        ),
        (
            "other heads",
            plain.replace("名称", "菜品名称").replace("价格", "售价(元)").replace("分类", "*類別").into_bytes(),
        ),
    ] {
        let conn = in_memory();
        assert_eq!(told(&take(&conn, &file, false)), (1, 0, 0, vec![]), "{what}");
        assert_eq!(dishes(&conn), [("热菜".into(), "宫保鸡丁".into(), Fen(3800))], "{what}");
    }
}

#[test]
fn a_comma_in_a_text_separates_nothing() {
    let conn = in_memory();
    let file = "分类;名称;价格;描述\n热菜;宫保鸡丁;\"1,288.00\";鸡肉，花生，一点辣\n";
    assert_eq!(told(&take(&conn, file.as_bytes(), false)), (1, 0, 0, vec![]));
    let dish = list_dishes(&conn, &Filter::default()).unwrap().remove(0);
    assert_eq!((dish.price, dish.description.as_str()), (Fen(128_800), "鸡肉，花生，一点辣"));
    let wide = "分类，名称，价格，描述\n热菜，回锅肉，36，\"肥，瘦\"\n";
    assert_eq!(told(&take(&conn, wide.as_bytes(), false)), (1, 0, 0, vec![]));
}

#[test]
fn what_cannot_be_read_is_told_by_what_it_is() {
    let old = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 504]].concat();
    let locked = [&old[..], &utf16("EncryptedPackage", u16::to_le_bytes)].concat();
    let no_names = |heads: [&str; 2]| Unread::NoNames(heads.map(str::to_owned).into());
    for (what, file, row, why) in [
        ("an old .xls", old, 0, Unread::OldExcel),
        ("one with a password", locked, 0, Unread::Locked),
        ("a page that is called .xls", b"<html><table><tr><td>x".to_vec(), 0, Unread::WebPage),
        ("a PDF", b"%PDF-1.7\n\x01\x02\xff\xfe".to_vec(), 0, Unread::Unknown),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), 0, Unread::Unknown),
        ("another archive", b"PK\x03\x04abc".to_vec(), 0, Unread::NotXlsx),
        ("nothing", Vec::new(), 0, Unread::Empty),
        ("a mark and nothing", "\u{feff}\r\n".into(), 0, Unread::Empty),
        ("heads without names", "编号,备注\n1,好\n".into(), 1, no_names(["编号", "备注"])),
        ("JSON without names", "[{\"id\":1,\"note\":2}]".into(), 1, no_names(["id", "note"])),
        ("JSON that breaks off", "[{\"id\":1,\n\"note\":".into(), 2, Unread::NotJson),
    ] {
        let report = take(&in_memory(), &file, false);
        assert_eq!(problems(&report), [(row, Fault::Unread(why))], "{what}");
    }
    let long = format!("分类,名称,价格\n{}", "热菜,甲,1\n".repeat(MAX_LINES + 1));
    assert_eq!(
        problems(&take(&in_memory(), long.as_bytes(), false)),
        [(0, Fault::Unread(Unread::TooManyLines(MAX_LINES)))]
    );
}

#[test]
fn a_column_that_is_missing_is_told_once() {
    let lines: String = (1..=50).map(|number| format!("热菜,菜{number}\n")).collect();
    let report = take(&in_memory(), format!("类别,菜名\n{lines}").as_bytes(), false);
    let lacks = |head, dishes, heads: [&str; 2]| Unread::NoColumn(head, dishes, heads.map(str::to_owned).into());
    assert_eq!(problems(&report), [(1, Fault::Unread(lacks(Head::Price, 50, ["类别", "菜名"])))]);
    let json = "[{\"name\":\"甲\",\"price\":1},{\"name\":\"乙\",\"price\":2}]";
    let report = take(&in_memory(), json.as_bytes(), false);
    assert_eq!(problems(&report), [(1, Fault::Unread(lacks(Head::Category, 2, ["name", "price"])))]);
    let lines: String = (1..=300).map(|number| format!("热菜,菜{number},贵\n")).collect();
    let report = take(&in_memory(), format!("分类,名称,价格\n{lines}").as_bytes(), false);
    assert_eq!(report.problems.len(), 300, "every one of them");
}

#[test]
fn a_category_that_is_merged_over_rows_counts_for_all_of_them() {
    let file = sheet(|sheet| {
        ["分类", "名称", "价格"]
            .iter()
            .zip(0..)
            .try_for_each(|(head, column)| sheet.write(0, column, *head).map(drop))?;
        sheet.merge_range(1, 0, 3, 0, "热菜", &Style::new())?;
        sheet.write(4, 0, "凉菜")?;
        for (row, name) in (1..).zip(["宫保鸡丁", "回锅肉", "鱼香肉丝", "拍黄瓜", "皮蛋豆腐"]) {
            sheet.write(row, 1, name)?.write(row, 2, 10)?;
        }
        Ok(())
    });
    let conn = in_memory();
    assert_eq!(told(&take(&conn, &file, false)), (5, 0, 0, vec![]));
    let categories: Vec<String> = dishes(&conn).into_iter().map(|(category, ..)| category).collect();
    assert_eq!(categories, ["热菜", "热菜", "热菜", "凉菜", "凉菜"], "and one that is left empty is the one above");
    let moved = "分类,名称,价格\n凉菜,拍黄瓜,12\n,宫保鸡丁,40\n".as_bytes();
    assert_eq!(told(&take(&conn, moved, false)), (0, 2, 0, vec![]));
    assert_eq!(
        dishes(&conn)[0],
        ("热菜".into(), "宫保鸡丁".into(), Fen(4000)),
        "a dish that is there stays where it is"
    );
}

#[test]
fn what_is_no_name_and_no_price_is_a_problem_of_its_row() {
    let date = Style::new().set_num_format("yyyy/m/d");
    let file = sheet(|sheet| {
        ["分类", "名称", "价格"]
            .iter()
            .zip(0..)
            .try_for_each(|(head, column)| sheet.write(0, column, *head).map(drop))?;
        (1..9).try_for_each(|row| sheet.write(row, 0, "热菜").map(drop))?;
        sheet.write_with_format(1, 1, 45_000, &date)?.write(1, 2, 1)?;
        sheet.write(2, 1, Formula::new("=Z1").set_result("#REF!"))?.write(2, 2, 1)?;
        sheet.write(3, 1, "甲")?.write(3, 2, true)?;
        sheet.write(4, 1, "乙")?.write(4, 2, Formula::new("=6*7").set_result("12345"))?;
        sheet.write(5, 1, "丙")?.write_with_format(5, 2, 38, &date)?;
        sheet.write(6, 1, "丁")?.write(6, 2, "１，２８８元")?;
        sheet.write(7, 1, "戊")?.write(7, 2, Formula::new("=6*7").set_result("42"))?;
        sheet.write(8, 1, "2024/3/5")?.write(8, 2, 1).map(drop)
    });
    let file = rewritten(&file, "<v>12345</v>", "");
    let report = take(&in_memory(), &file, false);
    let wanted = [
        (2, wrong_cell(Head::Name, CellFault::Date(None))),
        (3, wrong_cell(Head::Name, CellFault::FormulaError("#REF!".into()))),
        (4, wrong_cell(Head::Price, CellFault::Truth(true))),
        (5, wrong_cell(Head::Price, CellFault::Formula)),
        (6, wrong_cell(Head::Price, CellFault::Date(None))),
        (9, wrong_cell(Head::Name, CellFault::Date(Some("2024/3/5".into())))),
    ];
    assert_eq!(problems(&report), wanted);
    for file in [
        "分类,名称,价格\n热菜,#REF!,1\n热菜,3月5日,1\n热菜,甲,TRUE\n#N/A,乙,1\n",
        "[\
        {\"category\":\"热菜\",\"name\":\"#REF!\",\"price\":1},{\"category\":\"热菜\",\"name\":\"2024-03-05\",\"price\":1},\
        {\"category\":\"热菜\",\"name\":\"甲\",\"price\":true},{\"category\":\"#N/A\",\"name\":\"乙\",\"price\":1}]",
    ] {
        let report = take(&in_memory(), file.as_bytes(), false);
        assert_eq!(report.problems.iter().map(|problem| problem.row).collect::<Vec<_>>(), [2, 3, 4, 5], "{report:?}");
    }
}

#[test]
fn a_sheet_that_merges_more_than_it_has_costs_nothing() {
    let file = sheet(|sheet| {
        ["分类", "名称", "价格"]
            .iter()
            .zip(0..)
            .try_for_each(|(head, column)| sheet.write(0, column, *head).map(drop))?;
        sheet.merge_range(1, 0, 2, 0, "热菜", &Style::new())?;
        sheet.write(1, 1, "甲")?.write(1, 2, 1)?.write(900, 1, "乙")?.write(900, 2, 2).map(drop)
    });
    let file = rewritten(&file, "\"A2:A3\"", "\"A2:A1048576\"");
    let conn = in_memory();
    assert_eq!(told(&take(&conn, &file, false)), (2, 0, 0, vec![]));
    assert!(dishes(&conn).iter().all(|(category, ..)| category == "热菜"));
}
