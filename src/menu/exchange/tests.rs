use super::actions::{export, import};
use super::*;
use crate::menu::edit::actions::{Filter, add_dish, add_section, list_dishes, set_on_sale};
use crate::menu::{OptionGroup, OptionValue};
use crate::store::{Tx, in_memory};
use crate::units::{Fen, Timestamp};
use proptest::prelude::*;
use rusqlite::Connection;

const NOW: Timestamp = Timestamp(1_795_000_000_000);
const FORMATS: [Format; 3] = [Format::Csv, Format::Json, Format::Xlsx];

pub(super) fn take(conn: &Connection, file: &[u8], trial: bool) -> Report {
    take_with(conn, file, How { trial, renames: Renames::Yes }).unwrap()
}

fn take_with(conn: &Connection, file: &[u8], how: How) -> Result<Report, crate::error::Error> {
    match read(file) {
        Ok(table) => import(&mut Tx::new(conn, NOW), "admin", &table, how),
        Err(problem) => Ok(Report { problems: vec![problem], ..Report::default() }),
    }
}

/// How many were added, changed and unchanged, and what is wrong.
pub(super) fn told(report: &Report) -> (usize, usize, usize, Vec<(usize, Fault)>) {
    (report.added, report.changed, report.unchanged, problems(report))
}

/// By row: why it can't be read, or what it is refused for.
pub(super) fn problems(report: &Report) -> Vec<(usize, Fault)> {
    report.problems.iter().map(|problem| (problem.row, problem.fault.clone())).collect()
}

pub(super) fn wrong_cell(head: Head, fault: CellFault) -> Fault {
    Fault::Unread(Unread::Cell(head, fault))
}

fn unclear(head: Head, text: &str) -> Fault {
    wrong_cell(head, CellFault::Unclear(text.into()))
}

#[test]
fn heads_are_numbered_as_the_columns() {
    assert_eq!(Head::ALL.map(|head| head as usize), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (head, names) in [(Head::Name, ("名称", "name")), (Head::Hours, ("时段", "hours"))] {
        assert_eq!(head.names(), names);
    }
}

/// Names as owners and enemies choose them, without what a form would trim.
fn name() -> impl Strategy<Value = String> {
    "[=+@'\"\\\\;:|()*,<\\p{Han}a-z-]{1,8}"
        .prop_filter("a form would trim it", |name| clean_name(name).is_ok_and(|clean| clean == *name))
}

fn options() -> impl Strategy<Value = Vec<OptionGroup>> {
    let values = prop::collection::btree_map(name(), 0i64..10_000, 1..4);
    prop::collection::btree_map(name(), (any::<bool>(), any::<bool>(), values), 0..3).prop_map(|groups| {
        let value = |(value, delta)| OptionValue { value, price_delta: Fen(delta) };
        let group = |(name, (multiple, required, values)): (String, (bool, bool, std::collections::BTreeMap<_, _>))| {
            OptionGroup {
                name,
                multiple,
                required,
                values: values.into_iter().map(value).collect(),
                ..OptionGroup::default()
            }
        };
        groups.into_iter().map(group).collect()
    })
}

fn draft() -> impl Strategy<Value = DishDraft> {
    let rest = (0i64..99_999, any::<bool>(), prop::option::of(0i64..100), 0i64..50, prop::bool::ANY);
    (options(), "[=+@'\"\\\\;\n,\\p{Han}a-z-]{0,12}", rest).prop_map(
        |(options, description, (price, on_sale, stock, sort_order, hours))| DishDraft {
            price: Some(Fen(price)),
            description: Some(description.trim().to_owned()),
            on_sale: Some(on_sale),
            options: Some(options),
            stock: Some(stock),
            sort_order: Some(sort_order),
            hours: Some(if hours { "11:00-14:00,22:00-02:00".into() } else { String::new() }),
            image: Some("/pictures/00112233445566778899aabbccddeeff/512.jpg".into()),
            ..DishDraft::default()
        },
    )
}

/// A shop whose menu is made by the counter's own actions.
fn shop(dishes: Vec<(String, DishDraft)>, copies: i64) -> Connection {
    let conn = in_memory();
    let tx = &mut Tx::new(&conn, NOW);
    let section = |tx: &mut Tx<'_>, name: &str, kind| {
        let draft =
            SectionDraft { name: Some(name.into()), kind: Some(kind), sort_order: Some(3), ..SectionDraft::default() };
        add_section(tx, "admin", draft).unwrap().id
    };
    let (hot, combos) = (section(tx, "=热菜", Kind::Dish), section(tx, "套餐", Kind::Combo));
    let mut parts = Vec::new();
    for (name, draft) in dishes {
        let dish =
            add_dish(tx, "admin", Kind::Dish, &DishDraft { name: Some(name), category: Some(hot), ..draft }).unwrap();
        parts.push((dish.id, copies));
    }
    if !parts.is_empty() {
        let draft = DishDraft {
            name: Some("双人套餐".into()),
            category: Some(combos),
            price: Some(Fen(8800)),
            parts: Some(parts),
            ..DishDraft::default()
        };
        add_dish(tx, "admin", Kind::Combo, &draft).unwrap();
    }
    conn
}

proptest! {
    #![proptest_config(crate::testing::cases(24))]

    /// What is written out and read in again changes nothing; read into an empty shop, it is the same menu.
    #[test]
    fn a_round_trip_is_identity(dishes in prop::collection::btree_map(name(), draft(), 0..5), copies in 1i64..9) {
        let shop = shop(dishes.into_iter().collect(), copies);
        let lines = export(&shop).unwrap();
        for format in FORMATS {
            let file = write(&lines, format).unwrap();
            let report = take(&shop, &file, false);
            prop_assert_eq!(told(&report), (0, 0, lines.len(), vec![]), "{:?}", format);
            let empty = in_memory();
            let report = take(&empty, &file, false);
            prop_assert_eq!(told(&report), (lines.len(), 0, 0, vec![]), "{:?}", format);
            prop_assert_eq!(&export(&empty).unwrap(), &lines, "{:?}", format);
        }
    }

    /// Whatever is uploaded, the answer is a report.
    #[test]
    fn no_file_is_too_strange(file in prop::collection::vec(any::<u8>(), 0..400), zip in any::<bool>()) {
        let file = if zip { [b"PK\x03\x04".to_vec(), file].concat() } else { file };
        take(&in_memory(), &file, false);
    }
}

fn noodles() -> (String, DishDraft) {
    ("牛肉面".into(), DishDraft { price: Some(Fen(1800)), on_sale: Some(true), ..DishDraft::default() })
}

#[test]
fn a_list_as_an_owner_types_it_becomes_a_menu() {
    let conn = in_memory();
    let report = take(&conn, "分类,名称,价格\r\n热菜,宫保鸡丁,38\r\n热菜,回锅肉,￥36.5\r\n\r\n".as_bytes(), false);
    assert_eq!((report.added, problems(&report)), (2, vec![]));
    let dishes = list_dishes(&conn, &Filter::default()).unwrap();
    let seen: Vec<_> =
        dishes.iter().map(|dish| (dish.name.as_str(), dish.price, dish.stopped, dish.category_name.as_str())).collect();
    assert_eq!(seen, [("宫保鸡丁", Fen(3800), false, "热菜"), ("回锅肉", Fen(3650), false, "热菜")]);
}

#[test]
fn a_table_as_an_old_excel_writes_it_is_read() {
    let (gbk, _, _) = encoding_rs::GBK.encode("分类,名称,价格\r\n热菜,宫保鸡丁,38.00\r\n");
    let conn = in_memory();
    assert_eq!(take(&conn, &gbk, false).added, 1);
    assert_eq!(list_dishes(&conn, &Filter::default()).unwrap()[0].name, "宫保鸡丁");
}

#[test]
fn every_problem_is_told_with_its_line_and_nothing_is_done() {
    let conn = shop(vec![noodles()], 1);
    let before = export(&conn).unwrap();
    let file = "类型,分类,名称,价格,状态,库存,时段,选项,套餐菜品\n\
        菜品,热菜,好菜,10,,,,,\n菜品,热菜,,10,,,,,\n菜品,热菜,贵菜,很贵,,,,,\n菜品,热菜,新菜,,,,,,\n菜品,热菜,忙菜,1,也许,,,,\n\
        菜品,热菜,晚菜,1,,,晚上,,\n菜品,热菜,辣菜,1,,,,辣度,\n套餐,热菜,空餐,1,,,,,\n套餐,热菜,怪餐,1,,,,,没有的菜*2\n\
        菜品,热菜,好菜,12,,,,,\n甜品,热菜,冰粉,9,,,,,\n菜品,热菜,少菜,1,,-1,,,\n";
    let report = take(&conn, file.as_bytes(), false);
    let rows: Vec<usize> = report.problems.iter().map(|problem| problem.row).collect();
    assert_eq!(rows, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], "{report:?}");
    let refused = |fault| Fault::Refused(Refusal::BadMenu(fault));
    for (row, fault) in [
        (3, refused(MenuFault::Missing(Column::Name))),
        (4, unclear(Head::Price, "很贵")),
        (5, refused(MenuFault::Missing(Column::Price))),
        (6, unclear(Head::Status, "也许")),
        (8, unclear(Head::Options, "辣度")),
        (10, refused(MenuFault::NoSuchPart("没有的菜".into()))),
        (11, Fault::Unread(Unread::NameAbove)),
        (12, unclear(Head::Kind, "甜品")),
    ] {
        assert!(report.problems.contains(&Problem { row, fault }), "{row}: {report:?}");
    }
    assert_eq!(export(&conn).unwrap(), before, "nothing, where anything is wrong");
    for strange in ["", "\n\n", "a,b\n1,2\n", "{\"a\":1}", "[1]", "PK\x03\x04x"] {
        assert_eq!(take(&conn, strange.as_bytes(), false).problems.len(), 1, "{strange:?}");
    }
}

#[test]
fn a_trial_tells_what_would_change_and_changes_nothing() {
    let conn = shop(vec![noodles()], 1);
    let before = export(&conn).unwrap();
    let file = "分类,名称,价格\n=热菜,牛肉面,20\n=热菜,凉皮,8\n".as_bytes();
    let fates = |report: &Report| -> Vec<_> {
        let fate = |fate: &Fate| (fate.row, fate.kind, fate.name.clone(), fate.becomes, fate.detail.clone());
        report.lines.iter().map(fate).collect()
    };
    let (trial, dish) = (take(&conn, file, true), LineKind::Dish(Kind::Dish));
    assert_eq!(told(&trial), (1, 1, 0, vec![]));
    assert_eq!(
        fates(&trial),
        [
            (2, dish, "牛肉面".into(), Becomes::Changed, vec![Change::Price(Fen(1800), Fen(2000))]),
            (3, dish, "凉皮".into(), Becomes::New, vec![]),
        ]
    );
    assert_eq!(export(&conn).unwrap(), before);
    assert_eq!(take(&conn, file, false), trial);
    let noodles = list_dishes(&conn, &Filter { name: Some("牛肉面".into()), ..Filter::default() }).unwrap().remove(0);
    assert_eq!((noodles.price, noodles.stopped), (Fen(2000), false), "what the table does not name stays");
}

#[test]
fn no_cell_of_ours_is_a_formula() {
    let evil = ("=cmd|'/c calc'!A1".to_owned(), noodles().1);
    let conn = shop(vec![evil, ("@sum".into(), noodles().1), ("-1+1".into(), noodles().1)], 1);
    let csv = String::from_utf8(write(&export(&conn).unwrap(), Format::Csv).unwrap()).unwrap();
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
    let xlsx = write(&export(&conn).unwrap(), Format::Xlsx).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(xlsx)).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet).unwrap();
    assert!(!sheet.contains("<f>") && sheet.contains("<v>"), "text and numbers only");
}

#[test]
fn a_zip_bomb_is_refused_after_thirty_two_megabytes() {
    let mut file = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for part in ["xl/workbook.xml", "xl/worksheets/sheet1.xml"] {
        file.start_file(part, options).unwrap();
        let chunk = vec![b' '; 1 << 20];
        (0..40).for_each(|_| std::io::Write::write_all(&mut file, &chunk).unwrap());
    }
    let bomb = file.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
    let report = take(&in_memory(), &bomb, false);
    assert_eq!(problems(&report), [(0, Fault::Unread(Unread::NotXlsx))]);
}

#[test]
fn a_combo_with_a_dish_that_is_sold_out_survives_the_round_trip() {
    let conn = shop(vec![noodles()], 2);
    let ids: Vec<_> = list_dishes(&conn, &Filter::default()).unwrap().iter().map(|dish| (dish.id, dish.kind)).collect();
    let of = |wanted| ids.iter().find(|(_, kind)| *kind == wanted).unwrap().0;
    let tx = &mut Tx::new(&conn, NOW);
    set_on_sale(tx, "admin", of(Kind::Combo), true).unwrap();
    set_on_sale(tx, "admin", of(Kind::Dish), false).unwrap();
    let lines = export(&conn).unwrap();
    let empty = in_memory();
    assert_eq!(problems(&take(&empty, &write(&lines, Format::Xlsx).unwrap(), false)), []);
    assert_eq!(export(&empty).unwrap(), lines);
}

#[test]
fn a_problem_is_told_with_the_line_an_editor_shows_however_lines_end() {
    let conn = in_memory();
    for (file, line) in [("分类,名称,价格\n热菜,甲,贵\n", 2), ("分类,名称,价格\r\n热菜,甲,1\r\n\r\n热菜,乙,贵\r\n", 4)]
    {
        assert_eq!(problems(&take(&conn, file.as_bytes(), false)), [(line, unclear(Head::Price, "贵"))], "{file:?}");
    }
}

fn ids(conn: &Connection) -> Vec<i64> {
    list_dishes(conn, &Filter::default()).unwrap().iter().map(|dish| dish.id.0).collect()
}

fn names(conn: &Connection) -> Vec<String> {
    list_dishes(conn, &Filter::default()).unwrap().into_iter().map(|dish| dish.name).collect()
}

#[test]
fn numbers_of_another_system_are_kept_beside_and_never_ours() {
    let conn = shop(vec![noodles()], 1);
    let (noodles, combo) = (ids(&conn)[0], ids(&conn)[1]);
    for (number, name) in [
        (noodles.to_string(), "冒牌"),
        ("9007199254740993".into(), "二"),
        (i64::MAX.to_string(), "三"),
        ("18446744073709551616".into(), "四"),
        ("-1".into(), "五"),
        ("SKU-0017".into(), "六"),
    ] {
        let file = format!("编号,分类,名称,价格\n{number},=热菜,{name},10\n");
        let how = How { trial: false, renames: Renames::Ask };
        let report = take_with(&conn, file.as_bytes(), how).unwrap();
        assert_eq!(told(&report), (1, 0, 0, vec![]), "{number}");
        assert_eq!(take_with(&conn, file.as_bytes(), how).unwrap().unchanged, 1, "{number} comes again");
        let table = format!("[{{\"id\":\"{number}\",\"category\":\"=热菜\",\"name\":\"{name}\",\"price\":10}}]");
        assert_eq!(take_with(&conn, table.as_bytes(), how).unwrap().unchanged, 1, "{number} as JSON");
    }
    assert_eq!(names(&conn), ["牛肉面", "冒牌", "二", "三", "四", "五", "六", "双人套餐"]);
    let mut seen = ids(&conn);
    seen.sort_unstable();
    assert_eq!(seen, (noodles..noodles + 8).collect::<Vec<_>>(), "one after the other, and the combo is {combo}");
}

#[test]
fn a_name_changes_only_when_somebody_has_said_so() {
    let conn = in_memory();
    let how = |trial, renames| How { trial, renames };
    let first = "编号,分类,名称,价格\n17,热菜,鱼香肉丝,30\n18,热菜,回锅肉,36\n";
    take(&conn, first.as_bytes(), false);
    let known = ids(&conn);
    let again = first.replace("鱼香肉丝", "鱼香肉丝（大份）");
    let report = take_with(&conn, again.as_bytes(), how(true, Renames::Ask)).unwrap();
    assert_eq!((report.renamed, report.unchanged), (1, 1));
    let fate = &report.lines[0];
    assert_eq!(
        (fate.becomes, fate.from.as_str(), fate.name.as_str()),
        (Becomes::Renamed, "鱼香肉丝", "鱼香肉丝（大份）")
    );
    let refused = take_with(&conn, again.as_bytes(), how(false, Renames::Ask));
    let words = "鱼香肉丝 → 鱼香肉丝（大份）";
    assert!(matches!(refused, Err(crate::error::Error::Refused(Refusal::NamesChange(1, first))) if first.0 == words));
    assert_eq!(names(&conn), ["鱼香肉丝", "回锅肉"]);
    let apart = take_with(&conn, again.as_bytes(), how(true, Renames::No)).unwrap();
    assert_eq!((apart.added, apart.renamed), (1, 0), "by names alone it is a new one");
    take_with(&conn, again.as_bytes(), how(false, Renames::Yes)).unwrap();
    assert_eq!((names(&conn), ids(&conn)), (vec!["鱼香肉丝（大份）".into(), "回锅肉".into()], known));
}

#[test]
fn our_own_table_renames_by_our_ids_and_two_may_swap_their_names() {
    let conn = shop(vec![noodles(), ("米饭".into(), noodles().1)], 1);
    let known = ids(&conn);
    for format in FORMATS {
        let swap = |cell: String| match cell.as_str() {
            "牛肉面" => "米饭".to_owned(),
            "米饭" => "牛肉面".to_owned(),
            "=热菜" => "套餐".to_owned(),
            "套餐" => "=热菜".to_owned(),
            _ => cell,
        };
        let swapped = |mut cells: Cells| {
            let combo = cells[KIND].as_deref() == Some("套餐");
            cells[NAME] = cells[NAME].take().map(swap);
            cells[CATEGORY] = cells[CATEGORY].take().map(swap);
            cells[COMBO] = cells[COMBO].take().filter(|_| !combo).or_else(|| Some("牛肉面*1;米饭*1".into()));
            cells
        };
        let lines: Vec<Cells> = export(&conn).unwrap().into_iter().map(swapped).collect();
        let before = names(&conn);
        let report = take(&conn, &write(&lines, format).unwrap(), false);
        assert_eq!((report.renamed, problems(&report)), (4, vec![]), "{format:?}");
        assert_eq!(ids(&conn), known, "{format:?}");
        let after = names(&conn);
        assert_eq!((&after[0], &after[1]), (&before[1], &before[0]), "{format:?}");
    }
}

#[test]
fn an_id_of_ours_is_kept_where_it_can_be_and_never_beyond() {
    let lines = export(&shop(vec![noodles()], 1)).unwrap();
    for (id, kept) in [("77", true), ("1000000000", true), ("1000000001", false), ("9223372036854775807", false)] {
        let empty = in_memory();
        let with = |mut cells: Cells| {
            cells[ID] =
                cells[ID].take().filter(|_| cells[NAME].as_deref() != Some("牛肉面")).or_else(|| Some(id.into()));
            cells
        };
        let table: Vec<Cells> = lines.iter().cloned().map(with).collect();
        assert_eq!(problems(&take(&empty, &write(&table, Format::Csv).unwrap(), false)), [], "{id}");
        let noodles = ids(&empty)[0];
        assert_eq!(noodles.to_string() == id, kept, "{id} became {noodles}");
        let tx = &mut Tx::new(&empty, NOW);
        let category = list_dishes(&empty, &Filter::default()).unwrap()[0].category;
        let draft = DishDraft {
            name: Some("后来".into()),
            category: Some(category),
            price: Some(Fen(1)),
            ..DishDraft::default()
        };
        let later = add_dish(tx, "admin", Kind::Dish, &draft).unwrap();
        assert!(later.id.0 < crate::units::MAX_ID, "after {id} comes {}", later.id);
    }
}

#[test]
fn one_name_in_two_categories_is_two_dishes_and_a_combo_says_which() {
    let conn = in_memory();
    let file = "类型,分类,名称,价格,套餐菜品\n菜品,热菜,米饭,3,\n菜品,主食,米饭,2,\n套餐,套餐,单人餐,20,米饭(主食)*2\n";
    assert_eq!(told(&take(&conn, file.as_bytes(), false)), (3, 0, 0, vec![]));
    let combo = list_dishes(&conn, &Filter { kind: Some(Kind::Combo), ..Filter::default() }).unwrap().remove(0);
    assert_eq!((combo.parts[0].price, combo.parts[0].copies), (Fen(200), 2));
    let lines = export(&conn).unwrap();
    for format in FORMATS {
        assert_eq!(take(&conn, &write(&lines, format).unwrap(), false).unchanged, lines.len(), "{format:?}");
    }
    let doubtful = file.replace("米饭(主食)", "米饭");
    let faults: Vec<Fault> =
        take(&conn, doubtful.as_bytes(), false).problems.into_iter().map(|one| one.fault).collect();
    let several = MenuFault::SeveralParts("米饭".into(), "热菜".into());
    assert_eq!(faults, [Fault::Refused(Refusal::BadMenu(several))]);
    let report = take(&conn, "名称,价格\n米饭,4\n".as_bytes(), false);
    assert_eq!(report.problems[0].fault, Fault::Refused(Refusal::BadMenu(MenuFault::InSeveralCategories)));
    let twice = take(&conn, "分类,名称,价格\n热菜,米饭,4\n热菜,米饭,5\n".as_bytes(), false);
    assert_eq!(problems(&twice), [(3, Fault::Unread(Unread::NameAbove))]);
}
