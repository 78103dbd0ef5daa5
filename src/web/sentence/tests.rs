use super::*;
use crate::error::{
    CodeFault, Column, Counted, End, Field, MenuFault, MenuReason, Money, NoticeFault, OrderReason, PersonFault,
    PhoneFormat, Refusal, SplitReason, TopupFault,
};
use crate::menu::edit::{Kind, change::Change};
use crate::menu::exchange::{CellFault, Head, LineKind, Unread};
use crate::typed::{BadLength, What};
use crate::units::Fen;
use std::collections::BTreeSet;

/// Every refusal of a code with one reason, and what its sentences have to name.
fn plain() -> Vec<(Refusal, Vec<&'static str>)> {
    use Refusal::*;
    let (name, owed) = (|| "甲9".into(), Fen(12_345));
    let bare = [
        Malformed,
        Unauthorized,
        StaffOnly,
        SeatingClosed,
        Forbidden,
        NotAdmitted,
        RequestNotFound,
        NotAllowed,
        NotFound,
        MethodNotAllowed,
        TableNotFound,
        NoSuchTable,
        SameTable,
        BadHeads,
        MergedLines,
        CuisineNotFound,
        LineNotFound,
        AmbiguousLine,
        BadQuantity,
        RemarkTooLong,
        CartFull,
        CartEmpty,
        CartChanged,
        CategoryNotFound,
        NotAPicture,
        HalfAPicture,
        PictureTooLarge,
        OpIdReused,
        ShopClosed,
        OrderNotFound,
        AdjustmentNotFound,
        BillNotFound,
        AlertNotFound,
        ProviderUnknown,
        PaymentUnconfirmed,
        PaymentRefused,
        PayerFailed,
        ProviderSilent,
        PayerCodeUnknown,
        ReviewNotFound,
        ReviewResolved,
        BadSignature,
        StaleCallback,
        Undecipherable,
        RateLimited,
        TooManyConnections,
        TooLarge,
        BadLogin,
        PinNeedsLogin,
        WrongPassword,
        WeakPassword,
        WeakPin,
        StaffNotFound,
        LastOwner,
        NotYourself,
        Busy,
        StorageDown,
        BackupRunning,
        ClockImpossible,
        MemberNotFound,
        MemberDisabled,
        MemberLinkOver,
        NotYourCard,
    ];
    let mut all: Vec<_> = bare.into_iter().map(|refusal| (refusal, vec![])).collect();
    all.extend([
        (UnknownFrame("dance".into()), vec!["dance"]),
        (SitsElsewhere(name(), "code".into()), vec!["甲9"]),
        (AwaitingApproval("id".into()), vec!["Wi-Fi"]),
        (TableFree(name()), vec!["甲9"]),
        (TableTaken(name()), vec!["甲9"]),
        (NumberTaken(name()), vec!["甲9"]),
        (TableOwes(name(), owed), vec!["甲9", "123.45"]),
        (MergedQuantity(name()), vec!["甲9", "99"]),
        (MergedRemark(name()), vec!["甲9"]),
        (BadOption(name()), vec!["甲9"]),
        (ChoiceMissing(name()), vec!["甲9"]),
        (ChoiceTwice(name()), vec!["甲9"]),
        (ChoicesChanged(name()), vec!["甲9"]),
        (SoldOut(name()), vec!["甲9"]),
        (NotEnough(name(), 2), vec!["甲9", "2"]),
        (NotNow(name(), "11:00-14:00".into()), vec!["甲9", "11:00-14:00"]),
        (NameTaken(name()), vec!["甲9"]),
        (NamesChange(7, name()), vec!["7", "甲9"]),
        (DiscountedBefore(owed), vec!["123.45"]),
        (AmountChanged(owed), vec!["123.45"]),
        (DiscountTooLarge(owed), vec!["123.45"]),
        (WrongAmount(owed), vec!["123.45"]),
        (RefundTooLarge(owed), vec!["123.45"]),
        (LoginLocked(31), vec!["31"]),
        (UsernameTaken("li.na".into()), vec!["li.na"]),
        (DayClosed("2026-11-20 23:10".into(), "admin".into()), vec!["2026-11-20 23:10", "admin"]),
        (BackupFailed("no space".into()), vec!["no space"]),
        (PhoneTaken(name()), vec!["甲9"]),
        (BalanceTooLow(owed), vec!["123.45"]),
        (CardHolds(owed), vec!["123.45"]),
        (NoUsesLeft(3), vec!["3"]),
        (PhonePicture(PhoneFormat::Heic), vec!["HEIC"]),
        (PhonePicture(PhoneFormat::Avif), vec!["AVIF"]),
    ]);
    all
}

/// Every refusal of a code with several reasons.
fn reasoned() -> Vec<(Refusal, Vec<&'static str>)> {
    use OrderReason::*;
    let orders = [
        Unpaid,
        Paid,
        Refunded,
        Completed,
        Cancelled,
        Over,
        NotToBeAccepted,
        NotAccepted,
        KitchenHasIt,
        PaidAlready,
        RejectUnpaid,
        RejectAccepted,
        BelowZero,
        NothingToPay,
        NothingToWaive,
        NothingToRefund,
        OnBill,
        BillHasMoney,
        BillPaidInPart,
        BillUnsettled,
        BillUnfinished,
        BillPaid,
        PartPaid,
        PartUnpaid,
        Recut,
        PayerIsAsked,
        PaymentOver,
        PaymentClosed,
        TakesNoMoney,
        WentBack,
        ForeignTrade,
    ];
    let monies = [Money::Owed, Money::Taken, Money::Returned];
    let eaten = [End::Cancel, End::Reject].map(|ending| monies.map(|money| Eaten(ending, money))).concat();
    let splits = [
        SplitReason::InParts,
        SplitReason::BadHeads,
        SplitReason::HeadsMissing,
        SplitReason::PiecesGone,
        SplitReason::TooManyParts,
    ];
    let rules = [
        MenuReason::CategoryHasDishes,
        MenuReason::CategoryHasCombos,
        MenuReason::PartStopped,
        MenuReason::NothingChosen,
        MenuReason::DishOnSale,
        MenuReason::ComboOnSale,
        MenuReason::InCombo,
    ];
    let people =
        [PersonFault::Username, PersonFault::Name, PersonFault::Phone, PersonFault::Sex, PersonFault::IdNumber];
    let codes = [CodeFault::Expired, CodeFault::Used, CodeFault::Disabled, CodeFault::Forged];
    let topups = [
        TopupFault::Nothing,
        TopupFault::BothWays,
        TopupFault::PaidIsNegative,
        TopupFault::PaidForCorrection,
        TopupFault::MethodMissing,
        TopupFault::PaidTooMuch,
        TopupFault::RefundedTooMuch,
    ];
    let notices = [NoticeFault::Form, NoticeFault::Field, NoticeFault::FieldTwice];
    let refusals = [
        orders.into_iter().chain(eaten).map(Refusal::OrderState).collect::<Vec<_>>(),
        splits.map(Refusal::BadSplit).into(),
        rules.map(Refusal::MenuRule).into(),
        people.map(Refusal::BadPerson).into(),
        codes.map(Refusal::MemberCode).into(),
        topups.map(Refusal::BadTopup).into(),
        notices.map(Refusal::BadNotice).into(),
    ];
    refusals.concat().into_iter().map(|refusal| (refusal, vec![])).collect()
}

/// Every fault of what is written about the menu, and every text of another length than it may have.
fn written() -> Vec<(Refusal, Vec<&'static str>)> {
    use MenuFault::*;
    let faults = [
        (Price, vec!["0", "999999.99"]),
        (Picture, vec![]),
        (Options("甲9".into()), vec!["甲9"]),
        (TooManyOptions, vec![]),
        (Parts, vec![]),
        (Range(Counted::Copies, 1, 99), vec!["1", "99"]),
        (Range(Counted::Stock, 0, 99_999), vec!["0", "99999"]),
        (Range(Counted::SortOrder, 0, 9_999), vec!["0", "9999"]),
        (Hours("noon".into()), vec!["noon", "11:00-14:00"]),
        (NotGiven(Column::Name), vec![]),
        (NotGiven(Column::Category), vec![]),
        (NotGiven(Column::Price), vec![]),
        (NotGiven(Column::Parts), vec![]),
        (Missing(Column::Name), vec![]),
        (Missing(Column::Category), vec![]),
        (Missing(Column::Price), vec![]),
        (Missing(Column::Parts), vec![]),
        (InSeveralCategories, vec![]),
        (NoSuchPart("甲9".into()), vec!["甲9"]),
        (SeveralParts("甲9".into(), "乙8".into()), vec!["甲9(乙8)", "甲9"]),
    ];
    let texts = [
        What::MemberName,
        What::TableNumber,
        What::Area,
        What::MenuName,
        What::OptionName,
        What::OptionValue,
        What::Description,
        What::PictureAddress,
    ];
    let long = |what| {
        [(1, vec!["1", "80"]), (0, vec!["80"])]
            .map(|(least, named)| (Refusal::from(BadLength { what, least, most: 80 }), named))
    };
    let faults = faults.map(|(fault, named)| (Refusal::BadMenu(fault), named));
    faults.into_iter().chain(texts.map(long).concat()).collect()
}

fn fields() -> Vec<(Refusal, Vec<&'static str>)> {
    use Field::*;
    let fields = [
        Percent,
        Amount,
        Reason,
        Position,
        SplitBy,
        OrderId,
        BillId,
        AdjustmentId,
        Guests,
        CuisineId,
        Quantity,
        Data,
        What,
        TableId,
        Seats,
        Method,
        MemberCode,
        ReviewId,
        UnclaimedId,
        Action,
        OpenId,
        Date,
        Begin,
        End,
        Days,
        Cash,
        BeginTime,
        EndTime,
        Uses,
        Note,
        Name,
        Phone,
        Image,
        UserId,
        Username,
        Role,
        Kind,
        CategoryId,
        Status,
        Stock,
        Renames,
        Format,
        File,
        Id,
        Ids,
        AlertId,
        OpId,
        Page,
        PageSize,
        StoreId,
        Sid,
        Upgrade,
        Text,
    ];
    fields.into_iter().map(|field| (Refusal::BadRequest(field), vec![])).collect()
}

fn all() -> Vec<(Refusal, Vec<&'static str>)> {
    [plain(), reasoned(), written(), fields()].concat()
}

fn has_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{3000}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c))
}

#[test]
fn every_refusal_has_a_sentence_in_both_languages_with_what_it_is_about() {
    for (refusal, named) in all() {
        let Sentence { chinese, mut english } = of(&refusal);
        assert!(has_chinese(&chinese) && !chinese.ends_with(['。', '.']), "{refusal:?}: {chinese}");
        for one in named {
            assert!(chinese.contains(one) && english.contains(one), "{refusal:?} names {one}: {chinese}, {english}");
            english = english.replace(one, "");
        }
        assert!(english.len() > 8 && !has_chinese(&english) && !english.ends_with('.'), "{refusal:?}: {english}");
    }
}

/// The lists above are of all variants that the sources have.
#[test]
fn no_variant_is_left_out() {
    let refusals: String = all().iter().map(|(refusal, _)| format!("{refusal:?} ")).collect();
    let ground = vec![
        include_str!("../../error.rs"),
        include_str!("../../error/field.rs"),
        include_str!("../../error/reason.rs"),
    ];
    let unread: String = unread().iter().map(|(why, ..)| format!("{why:?} ")).collect();
    let changes = format!("{:?}", changes());
    for (debug, sources, least) in [
        (refusals, ground, 200),
        (unread, vec![include_str!("../../menu/exchange/unread.rs")], 30),
        (changes, vec![include_str!("../../menu/edit/change.rs")], 12),
    ] {
        let seen: BTreeSet<&str> = debug.split(|c: char| !c.is_alphanumeric()).collect();
        let variants: Vec<&str> = sources.iter().flat_map(|source| variants(source)).collect();
        for variant in variants.iter().filter(|variant| !["Refused", "Internal"].contains(variant)) {
            assert!(seen.contains(variant), "{variant} is in no list of this test");
        }
        assert!(variants.len() >= least, "{variants:?} are read from the sources");
    }
}

/// The variants of a source's public enums.
fn variants(source: &str) -> Vec<&str> {
    let enums = source.split("\npub enum ").skip(1).filter_map(|rest| rest.split("\n}").next());
    let lines = enums.flat_map(|one| one.lines().skip(1));
    let names = lines.map(|line| line.trim_start().split([',', '(']).next().unwrap_or_default());
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase())).collect()
}

const SAVED_AS: &str = "请用 Excel（或 WPS）打开它，点“文件 → 另存为”，类型选“Excel 工作簿 (*.xlsx)”或“CSV UTF-8（逗号分隔）(*.csv)”，再导入新存的文件";

/// Every reason why something in a file can't be read, its Chinese sentence, and what the English one has to name, too.
fn unread() -> Vec<(Unread, String, Vec<&'static str>)> {
    use CellFault::*;
    let heads = || vec!["甲9".to_owned(), "乙8".to_owned()];
    let save = |words: &str| format!("{words}，{SAVED_AS}");
    let save_as = |mut named: Vec<&'static str>| {
        named.extend(["File → Save As", "Excel Workbook (*.xlsx)", "CSV UTF-8", "(*.csv)", "WPS"]);
        named
    };
    let text = "请先把这一格的格式改成“文本”再填";
    let cell = |fault| Unread::Cell(Head::Name, fault);
    let mut all = vec![
        (Unread::Empty, "文件是空的".to_owned(), vec!["empty"]),
        (Unread::TooManyLines(5_000), "行数太多，最多 5000 行，请分成几个文件导入".to_owned(), vec!["5000"]),
        (Unread::NotXlsx, save("这不是可以读取的 xlsx 文件"), save_as(vec!["no xlsx file"])),
        (Unread::OldExcel, save("这是旧版 Excel 文件（.xls）"), save_as(vec![".xls)"])),
        (
            Unread::Locked,
            "这个 Excel 文件加了密码：请打开它，点“文件 → 信息 → 保护工作簿 → 用密码进行加密”，清空密码，保存后再导入"
                .to_owned(),
            vec!["File → Info → Protect Workbook → Encrypt with Password", "clear the password"],
        ),
        (Unread::WebPage, save("这其实是网页，不是表格"), save_as(vec!["web page"])),
        (Unread::Unknown, save("看不懂这个文件"), save_as(vec![])),
        (Unread::NotJson, "JSON 格式有误，应为对象的数组".to_owned(), vec!["JSON", "array of objects"]),
        (
            Unread::NoNames(heads()),
            "没有“名称”这一列；这一行的列名是：甲9、乙8。至少要有：分类、名称、价格".to_owned(),
            vec!["“name”", "甲9, 乙8", "category, name, price"],
        ),
        (
            Unread::NoColumn(Head::Combo, 31, heads()),
            "没有“套餐菜品”这一列，31 道新菜需要它；这一行的列名是：甲9、乙8".to_owned(),
            vec!["“combo”", "31", "甲9, 乙8"],
        ),
        (Unread::NameAbove, "前面已有同名的一行".to_owned(), vec!["name", "above"]),
        (
            cell(Date(Some("3月5日".into()))),
            format!("名称是日期“3月5日”，{text}"),
            vec!["date", "“3月5日”", "the name", "“Text”"],
        ),
        (cell(Date(None)), format!("名称是日期，{text}"), vec!["date", "the name", "“Text”"]),
        (cell(Truth(true)), "名称是 TRUE，请填上内容".to_owned(), vec!["TRUE", "the name"]),
        (cell(Truth(false)), "名称是 FALSE，请填上内容".to_owned(), vec!["FALSE", "the name"]),
        (cell(FormulaError("#REF!".into())), "名称是公式错误 #REF!，请填上内容".to_owned(), vec!["#REF!", "the name"]),
        (
            cell(Formula),
            "名称是没有结果的公式，请在 Excel 里打开、保存后再导入，或直接填上内容".to_owned(),
            vec!["formula without a result", "the name", "Excel"],
        ),
    ];
    let names = [
        (Head::Kind, "类型", "the kind"),
        (Head::Id, "编号", "the id"),
        (Head::Category, "分类", "the category"),
        (Head::Name, "名称", "the name"),
        (Head::Price, "价格", "the price"),
        (Head::Status, "状态", "the state"),
        (Head::Stock, "库存", "the stock"),
        (Head::Hours, "时段", "the hours"),
        (Head::Sort, "排序", "the order of display"),
        (Head::Options, "选项", "the options"),
        (Head::Combo, "套餐菜品", "the combo's dishes"),
        (Head::Description, "描述", "the description"),
        (Head::Image, "图片", "the picture"),
    ];
    let unclear = |(head, zh, en): (Head, &str, &'static str)| {
        (Unread::Cell(head, Unclear("甲9".into())), format!("{zh}“甲9”看不懂"), vec!["“甲9”", en])
    };
    all.extend(names.map(unclear));
    all
}

#[test]
fn whatever_cannot_be_read_of_a_file_is_told_in_both_languages() {
    for (why, wanted, named) in unread() {
        let Sentence { chinese, mut english } = of_fault(&Fault::Unread(why.clone()));
        assert_eq!(chinese, wanted, "{why:?}");
        assert!(english.len() > 16 && !english.ends_with('.'), "{why:?}: {english}");
        for one in named {
            assert!(english.contains(one), "{why:?} names {one}: {english}");
            english = english.replace(one, "");
        }
        assert!(!has_chinese(&english), "{why:?}: {english}");
    }
}

/// Every change of a dish or a category, and the words for it in the audit log and in English.
fn changes() -> Vec<(Change, &'static str, &'static str)> {
    use Change::*;
    vec![
        (Name("甲9".into()), "原名 甲9", "was 甲9"),
        (Category("甲9".into(), "乙8".into()), "甲9 → 乙8", "甲9 → 乙8"),
        (Price(Fen(1800), Fen(2000)), "18.00 → 20.00 元", "18.00 → 20.00 yuan"),
        (OnSale(true), "起售", "on sale"),
        (OnSale(false), "停售", "not on sale"),
        (Stock(None, Some(7)), "库存 不限 → 7", "stock not counted → 7"),
        (Stock(Some(7), None), "库存 7 → 不限", "stock 7 → not counted"),
        (Hours("11:00-14:00".into()), "时段 11:00-14:00", "hours 11:00-14:00"),
        (Hours(String::new()), "时段 全天", "hours: all day"),
        (Options, "选项", "options"),
        (Parts, "套餐菜品", "the combo's dishes"),
        (Image, "图片", "picture"),
        (Description, "描述", "description"),
        (Enabled(true), "启用", "shown"),
        (Enabled(false), "禁用", "hidden"),
        (SortOrder, "排序", "order of display"),
    ]
}

#[test]
fn what_a_line_of_a_file_becomes_is_told_in_both_languages() {
    for (change, chinese, english) in changes() {
        let told = of_changes(&[change]);
        assert_eq!((told.chinese.as_str(), told.english.as_str()), (chinese, english));
    }
    let several = of_changes(&[Change::Price(Fen(1800), Fen(2000)), Change::Options]);
    assert_eq!(
        (several.chinese.as_str(), several.english.as_str()),
        ("18.00 → 20.00 元，选项", "18.00 → 20.00 yuan, options")
    );
    assert_eq!(of_changes(&[]), Sentence { chinese: String::new(), english: String::new() });
    for (kind, chinese, english) in [
        (LineKind::Section(Kind::Dish), "菜品分类", "dish category"),
        (LineKind::Section(Kind::Combo), "套餐分类", "combo category"),
        (LineKind::Dish(Kind::Dish), "菜品", "dish"),
        (LineKind::Dish(Kind::Combo), "套餐", "combo"),
    ] {
        assert_eq!(of_kind(kind), Sentence { chinese: chinese.into(), english: english.into() });
    }
}

#[test]
fn two_reasons_never_sound_alike_in_english_only() {
    let sentences: BTreeSet<(String, String)> =
        all().iter().map(|(refusal, _)| of(refusal)).map(|one| (one.chinese, one.english)).collect();
    let chinese: BTreeSet<&String> = sentences.iter().map(|(chinese, _)| chinese).collect();
    assert_eq!(chinese.len(), sentences.len(), "one Chinese sentence has one English one");
}

#[test]
fn a_name_from_the_right_keeps_its_hands_off_the_sentence() {
    let told = of(&Refusal::SoldOut("שלום".into()));
    assert_eq!(told.chinese, "\u{2068}שלום\u{2069}已售完");
    assert_eq!(told.english, "\u{2068}שלום\u{2069} is sold out");
}

#[test]
fn a_line_of_a_table_that_is_read_in_is_no_request() {
    let fault = || MenuFault::NoSuchPart("米饭".into());
    assert_eq!(of_fault(&Fault::Refused(Refusal::BadMenu(fault()))).chinese, "没有套餐里的菜“米饭”");
    assert_eq!(of(&Refusal::BadMenu(fault())).chinese, "请求有误：没有套餐里的菜“米饭”");
    assert_eq!(of_fault(&Fault::Refused(Refusal::CategoryNotFound)), of(&Refusal::CategoryNotFound));
}

/// What the counter reads when a member's code pays is what the member's phone says of it.
#[test]
fn a_member_s_code_is_told_alike_at_both_ends() {
    use crate::member::Outcome;
    for outcome in [Outcome::Expired, Outcome::Used, Outcome::Disabled, Outcome::Forged] {
        let fault = outcome.fault().unwrap();
        assert_eq!(of(&Refusal::MemberCode(fault)).chinese, outcome.text());
    }
}
