use super::*;
use std::collections::BTreeSet;

/// Every sound that any sentence may need.
pub fn everything() -> BTreeSet<String> {
    let tables = |names: Vec<String>| {
        names.into_iter().map(|table| Saying::Orders { tables: vec![table], urgency: Urgency::First })
    };
    let letters = ('A'..='Z').map(|letter| format!("{letter}1000")).collect();
    let numbers = (1..=99).map(|n| n.to_string()).chain((1..=9).map(|n| format!("0{n}"))).collect();
    let areas = "包间 包厢 雅间 雅座 卡座 大厅 散台 吧台 前台 贵宾 窗边 外摆 露台 一楼 二楼 三楼 外卖 打包 打包105";
    let areas = areas.split(' ').map(str::to_owned).collect();
    let rooms = (1..=99).map(|n| format!("包间{n}")).collect();
    let digits = vec!["2345".to_owned(), "6789".to_owned(), "百合厅".to_owned()];
    let paid = |fen, by| Saying::Paid { table: "1".into(), received: Received { by, amount: Fen(fen) } };
    let amounts =
        (0..=130).chain((0..=9).map(|digit| digit * 11_111)).chain([1024, 20_300, 99_999]).map(|yuan| yuan * 100);
    let cents = (1..=99).chain(101..=199);
    let methods = [
        PayMethod::Wechat,
        PayMethod::Alipay,
        PayMethod::Cash,
        PayMethod::Terminal,
        PayMethod::Balance,
        PayMethod::Other,
    ];
    let urgencies = [Urgency::First, Urgency::Again, Urgency::Urgent];
    let urged = |waited, urgency| Saying::Reminders { tables: vec!["A01".into()], waited, urgency };
    let troubles = [Trouble::Printer, Trouble::Tunnel, Trouble::Sound, Trouble::Offline, Trouble::Online];
    let sayings = [letters, numbers, areas, rooms, digits]
        .into_iter()
        .flat_map(tables)
        .chain(amounts.chain(cents).map(|fen| paid(fen, PayMethod::Wechat)))
        .chain(methods.map(|by| paid(3850, by)))
        .chain(methods.map(|by| Saying::PaidOrder { table: "A01".into(), received: Received { by, amount: Fen(1) } }))
        .chain((0..=120).flat_map(|count| urgencies.map(|urgency| Saying::OrderCount { count, urgency })))
        .chain((0..=120).map(|count| Saying::ReminderCount { count, urgency: Urgency::First }))
        .chain(urgencies.map(|urgency| Saying::Orders { tables: vec!["A01".into()], urgency }))
        .chain(urgencies.map(|urgency| urged(None, urgency)))
        .chain((0..=200).map(|minutes| urged(Some(minutes), Urgency::First)))
        .chain([Wanted::Waiter, Wanted::Bill].map(|wanted| calls(&["A01"], wanted, Urgency::First)))
        .chain([Saying::PaymentProblem { tables: Vec::new() }, Saying::Test])
        .chain(troubles.map(Saying::Trouble));
    let sounds = |saying: Saying| {
        [Language::Chinese, Language::English].into_iter().flat_map(move |language| sentence(language, &saying))
    };
    let path = |part| if let Part::Sound(path) = part { Some(path) } else { None };
    sayings.flat_map(sounds).filter_map(path).collect()
}

/// The sounds without their folder; a chime is marked.
fn spoken(language: Language, saying: &Saying) -> String {
    let parts = sentence(language, saying);
    let doubled = parts.windows(2).any(|two| matches!(two, [Part::Pause(_), Part::Pause(_)]));
    assert!(!doubled && matches!(parts.last(), Some(Part::Sound(_))), "{parts:?}");
    let word = |part| match part {
        Part::Sound(path) => Some(path.replacen("chime/", "*", 1).replacen("zh/", "", 1).replacen("en/", "", 1)),
        Part::Pause(milliseconds) => {
            assert!(milliseconds <= 250, "a gap of {milliseconds} ms");
            None
        }
    };
    parts.into_iter().filter_map(word).collect::<Vec<_>>().join(" ")
}

fn chinese(saying: &Saying) -> String {
    spoken(Language::Chinese, saying)
}

fn orders(tables: &[&str], urgency: Urgency) -> Saying {
    Saying::Orders { tables: tables.iter().map(|&table| table.to_owned()).collect(), urgency }
}

fn calls(tables: &[&str], wanted: Wanted, urgency: Urgency) -> Saying {
    Saying::Calls { tables: tables.iter().map(|&table| table.to_owned()).collect(), wanted, urgency }
}

#[test]
fn tables_are_named_as_people_say_them() {
    for (table, mandarin, english) in [
        ("A01", "letter.A table.01", "table letter.A n.0 n.1"),
        ("b12", "letter.B table.12", "table letter.B n.12"),
        ("12", "table.12", "table n.12"),
        ("A105", "letter.A digit.1 digit.0 digit.5 zhuo", "table letter.A n.1 n.0 n.5"),
        ("00", "digit.0 digit.0 zhuo", "table n.0 n.0"),
        ("K", "letter.K zhuo", "table letter.K"),
        ("包间8", "area.baojian no.8", "area.baojian n.8"),
        ("包间08", "area.baojian digit.0 digit.8 hao", "area.baojian n.0 n.8"),
        ("大厅105", "area.dating digit.1 digit.0 digit.5 hao", "area.dating n.1 n.0 n.5"),
        ("吧台", "area.batai", "area.batai"),
        ("二楼A3", "area.erlou letter.A no.3", "area.erlou letter.A n.3"),
    ] {
        let saying = orders(&[table], Urgency::First);
        assert_eq!(chinese(&saying), format!("*order {mandarin} say.new_order"), "{table}");
        assert_eq!(spoken(Language::English, &saying), format!("*order {english} say.new_order"), "{table}");
    }
    assert_eq!(chinese(&orders(&["百合厅"], Urgency::First)), "*order say.new_order say.see_screen");
    let mixed = orders(&["A01", "百合厅"], Urgency::First);
    assert_eq!(chinese(&mixed), "*order letter.A table.01 say.new_order say.see_screen");
}

#[test]
fn amounts_are_read_as_people_read_them() {
    for (fen, mandarin, english) in [
        (3850, "yuan.38 jiao.5", "n.38 yuan n.50"),
        (3805, "yuan.38 fen.05", "n.38 yuan n.0 n.5"),
        (3855, "yuan.38 jiao.5 fen.5", "n.38 yuan n.55"),
        (0, "yuan.0", "n.0 yuan"),
        (50, "jiao.5", "n.0 yuan n.50"),
        (5, "fen.5", "n.0 yuan n.0 n.5"),
        (200, "yuan.2", "n.2 yuan"),
        (10_500, "bai.1 yuan.05", "n.1 hundred n.5 yuan"),
        (11_200, "bai.1 yuan.112", "n.1 hundred n.12 yuan"),
        (11_000, "bai.1 yuan.110", "n.1 hundred n.10 yuan"),
        (12_000, "bai.1 yuan.20", "n.1 hundred n.20 yuan"),
        (20_000, "bai.2 yuan", "n.2 hundred yuan"),
        (100_500, "qian.1 yuan.05", "n.1 thousand n.5 yuan"),
        (101_200, "qian.1 ling yuan.112", "n.1 thousand n.12 yuan"),
        (102_400, "qian.1 ling yuan.24", "n.1 thousand n.24 yuan"),
        (120_000, "qian.1 bai.2 yuan", "n.1 thousand n.2 hundred yuan"),
        (200_000, "qian.2 yuan", "n.2 thousand yuan"),
        (1_234_560, "wan.1 qian.2 bai.3 yuan.45 jiao.6", "n.12 thousand n.3 hundred n.45 yuan n.60"),
        (2_030_000, "wan.2 ling bai.3 yuan", "n.20 thousand n.3 hundred yuan"),
        (3_000_400, "wan.3 yuan.04", "n.30 thousand n.4 yuan"),
    ] {
        let saying = Saying::Paid { table: "7".into(), received: Received { by: PayMethod::Wechat, amount: Fen(fen) } };
        assert_eq!(chinese(&saying), format!("*money table.7 say.wechat {mandarin}"), "{fen}");
        let english = format!("*money table n.7 say.wechat {english}");
        assert_eq!(spoken(Language::English, &saying), english, "{fen}");
    }
    let fortune = Received { by: PayMethod::Alipay, amount: Fen(10_000_000) };
    assert_eq!(chinese(&Saying::Paid { table: "7".into(), received: fortune }), "*money table.7 say.alipay");
}

#[test]
fn a_backlog_is_one_sentence() {
    let count = |count| chinese(&Saying::OrderCount { count, urgency: Urgency::First });
    assert_eq!(count(3), "*order count.3");
    assert_eq!(count(20), "*order count.20");
    assert_eq!(count(21), "*order say.you_have tens.20 digit.1 say.ge_new");
    assert_eq!(count(30), "*order say.you_have tens.30 say.ge_new");
    assert_eq!(count(150), "*order say.you_have tens.90 digit.9 say.ge_new");
    assert_eq!(
        chinese(&orders(&["A01", "A02", "3"], Urgency::First)),
        "*order letter.A table.01 letter.A table.02 table.3 say.new_order"
    );
    let urges = |count| chinese(&Saying::ReminderCount { count, urgency: Urgency::First });
    assert_eq!((urges(7).as_str(), urges(21).as_str()), ("*reminder urges.7", "*reminder say.urges_many"));
    let english = |saying| spoken(Language::English, &saying);
    assert_eq!(english(Saying::OrderCount { count: 1, urgency: Urgency::First }), "*order say.one_new_order");
    assert_eq!(english(Saying::ReminderCount { count: 7, urgency: Urgency::First }), "*reminder n.7 say.tables_urge");
}

#[test]
fn a_reminder_tells_the_wait_and_urgency_rises() {
    let urged = |waited, urgency| chinese(&Saying::Reminders { tables: vec!["A01".into()], waited, urgency });
    assert_eq!(urged(None, Urgency::First), "*reminder letter.A table.01 say.urge");
    for (minutes, clip) in [
        (0, "minutes.1"),
        (20, "minutes.20"),
        (60, "minutes.60"),
        (61, "hours.1"),
        (120, "hours.2"),
        (999, "hours.many"),
    ] {
        let wanted = format!("*reminder letter.A table.01 say.urge_short say.waited {clip} say.hurry");
        assert_eq!(urged(Some(minutes), Urgency::First), wanted);
    }
    assert_eq!(urged(Some(20), Urgency::Again), "*reminder letter.A table.01 say.urge_again");
    assert_eq!(urged(Some(20), Urgency::Urgent), "*urgent letter.A table.01 say.urge_again");
    assert_eq!(chinese(&orders(&["A01"], Urgency::Urgent)), "*urgent letter.A table.01 say.order_now");
    assert_eq!(chinese(&Saying::OrderCount { count: 5, urgency: Urgency::Urgent }), "*urgent count.5 say.order_now");
}

#[test]
fn a_call_tells_what_for_and_leaves_to_the_screen_the_tables_that_it_cannot_name() {
    use Urgency::{Again, First, Urgent};
    for (tables, wanted, urgency, mandarin) in [
        (&["A01"][..], Wanted::Waiter, First, "*reminder letter.A table.01 say.call_waiter"),
        (&["A01"], Wanted::Bill, Again, "*reminder letter.A table.01 say.call_bill"),
        (&["A01"], Wanted::Waiter, Urgent, "*urgent letter.A table.01 say.call_waiter"),
        (&["7", "包间8"], Wanted::Bill, First, "*reminder table.7 area.baojian no.8 say.call_bill"),
        (&["百合厅"], Wanted::Bill, First, "*reminder say.call_bill say.see_screen"),
        (&["1", "2", "3"], Wanted::Waiter, First, "*reminder table.1 table.2 table.3 say.call_waiter"),
        (
            &["1", "2", "3", "4"],
            Wanted::Waiter,
            First,
            "*reminder table.1 table.2 table.3 say.call_waiter say.see_screen",
        ),
    ] {
        assert_eq!(chinese(&calls(tables, wanted, urgency)), mandarin);
    }
    let english = |wanted| spoken(Language::English, &calls(&["B12"], wanted, First));
    assert_eq!(english(Wanted::Waiter), "*reminder table letter.B n.12 say.call_waiter");
    assert_eq!(english(Wanted::Bill), "*reminder table letter.B n.12 say.call_bill");
}

#[test]
fn each_kind_has_a_chime_of_its_own() {
    let received = Received { by: PayMethod::Cash, amount: Fen(100) };
    for (saying, wanted) in [
        (Saying::PaidOrder { table: "1".into(), received }, "*order table.1 say.new_order_short say.cash yuan.1"),
        (
            Saying::Paid { table: "1".into(), received: Received { by: PayMethod::Balance, ..received } },
            "*money table.1 say.balance yuan.1",
        ),
        (Saying::PaymentProblem { tables: vec!["1".into()] }, "*fault table.1 say.payment_problem"),
        (Saying::Trouble(Trouble::Tunnel), "*fault say.tunnel"),
        (Saying::Test, "*test say.test"),
    ] {
        assert_eq!(chinese(&saying), wanted);
    }
}
