use super::*;
use crate::error::{
    CodeFault, Column, Counted, End, Field, MenuFault, MenuReason, Money, NoticeFault, OrderReason, PersonFault,
    PhoneFormat, Refusal, SplitReason, TopupFault,
};
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
    let debug: String = all().iter().map(|(refusal, _)| format!("{refusal:?} ")).collect();
    let seen: BTreeSet<&str> = debug.split(|c: char| !c.is_alphanumeric()).collect();
    let mut count = 0;
    let sources =
        [include_str!("../../error.rs"), include_str!("../../error/field.rs"), include_str!("../../error/reason.rs")];
    let enums = sources.iter().flat_map(|source| source.split("\npub enum ").skip(1));
    for line in enums.filter_map(|rest| rest.split("\n}").next()).flat_map(|one| one.lines().skip(1)) {
        let variant = line.trim_start().split([',', '(']).next().unwrap_or_default();
        if variant.starts_with(|c: char| c.is_ascii_uppercase()) && !["Refused", "Internal"].contains(&variant) {
            assert!(seen.contains(variant), "{variant} is in no list of this test");
            count += 1;
        }
    }
    assert!(count > 200, "{count} variants are read from the sources");
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
