use super::*;
use crate::menu::OptionValue;
use crate::typed::BadLength;
use proptest::prelude::*;

fn group(name: &str, multiple: bool, required: bool, values: &[(&str, i64)]) -> OptionGroup {
    let value = |(value, delta): &(&str, i64)| OptionValue { value: (*value).into(), price_delta: Fen(*delta) };
    OptionGroup {
        name: name.into(),
        multiple,
        required,
        values: values.iter().map(value).collect(),
        ..OptionGroup::default()
    }
}

fn noodles() -> Dish {
    let options = vec![
        group("辣度", false, true, &[("不辣", 0), ("微辣", 0)]),
        group("加料", true, false, &[("加蛋", 200), ("加肉", 800)]),
    ];
    Dish { name: "牛肉面".into(), price: Fen(1800), options, ..Dish::new(Kind::Dish) }
}

fn flavor(id: Option<i64>, name: &str, values: &[&str]) -> Flavor {
    Flavor { id, name: name.into(), values: values.iter().map(|value| (*value).into()).collect() }
}

#[test]
fn the_old_form_changes_names_and_values_and_keeps_what_it_does_not_know() {
    let flavors = vec![
        flavor(Some(2), "加料", &["加蛋", "加青菜"]),
        flavor(Some(1), "辣味", &["不辣", "微辣", "特辣"]),
        flavor(None, "温度", &["热"]),
        flavor(None, "", &[]),
        flavor(None, "忌口", &[]),
    ];
    let draft = DishDraft { options: Some(noodles().options), flavors: Some(flavors), ..DishDraft::default() };
    let wanted = vec![
        group("加料", true, false, &[("加蛋", 200), ("加青菜", 0)]),
        group("辣味", false, true, &[("不辣", 0), ("微辣", 0), ("特辣", 0)]),
        group("温度", false, false, &[("热", 0)]),
    ];
    assert_eq!(draft.onto(noodles()).unwrap().options, wanted);
}

#[test]
fn a_number_that_is_no_option_s_is_none() {
    for id in [i64::MIN, -1, 0, 3, i64::MAX] {
        let groups = flavor::onto(&noodles().options, &[flavor(Some(id), "温度", &["热"])]);
        assert_eq!(groups, [group("温度", false, false, &[("热", 0)])], "{id}");
    }
}

#[test]
fn our_own_form_wins_where_it_changes_something() {
    let options = vec![group("辣度", true, false, &[("不辣", 100)])];
    let draft = DishDraft {
        options: Some(options.clone()),
        flavors: Some(flavor::of(&noodles().options)),
        ..DishDraft::default()
    };
    assert_eq!(draft.onto(noodles()).unwrap().options, options);
    let untouched = DishDraft { name: Some(" 红烧牛肉面 ".into()), ..DishDraft::default() }.onto(noodles()).unwrap();
    assert_eq!((untouched.name.as_str(), untouched.options), ("红烧牛肉面", noodles().options));
}

#[test]
fn what_is_no_dish_is_refused_by_its_field() {
    let options = |groups: Vec<OptionGroup>| DishDraft { options: Some(groups), ..DishDraft::default() };
    let long = |what, least, most| Refusal::BadLength(BadLength { what, least, most });
    let (bad, alike) = (Refusal::BadMenu, || Refusal::BadMenu(MenuFault::Options("份量".into())));
    for (draft, refusal) in [
        (DishDraft { name: Some("  ".into()), ..DishDraft::default() }, long(What::MenuName, 1, 80)),
        (DishDraft { name: Some("面".repeat(81)), ..DishDraft::default() }, long(What::MenuName, 1, 80)),
        (options(vec![group(&"辣".repeat(81), false, false, &[("不辣", 0)])]), long(What::OptionName, 1, 80)),
        (options(vec![group("辣度", false, false, &[(&"辣".repeat(81), 0)])]), long(What::OptionValue, 1, 80)),
        (DishDraft { description: Some("长".repeat(256)), ..DishDraft::default() }, long(What::Description, 0, 255)),
        (DishDraft { price: Some(Fen(-1)), ..DishDraft::default() }, bad(MenuFault::Price)),
        (DishDraft { price: Some(Fen(100_000_000)), ..DishDraft::default() }, bad(MenuFault::Price)),
        (DishDraft { stock: Some(Some(-1)), ..DishDraft::default() }, bad(MenuFault::Range(Counted::Stock, 0, 99_999))),
        (
            DishDraft { sort_order: Some(10_000), ..DishDraft::default() },
            bad(MenuFault::Range(Counted::SortOrder, 0, 9_999)),
        ),
        (DishDraft { image: Some("javascript:alert(1)".into()), ..DishDraft::default() }, bad(MenuFault::Picture)),
        (DishDraft { image: Some("/api/admin".into()), ..DishDraft::default() }, bad(MenuFault::Picture)),
        (options(vec![group("份量", false, false, &[("小份", -1801)])]), bad(MenuFault::Price)),
        (options(vec![group("减", true, false, &[("少肉", -1000), ("少面", -801)])]), bad(MenuFault::Price)),
        (options(vec![group("份量", false, false, &[])]), alike()),
        (options(vec![group("份量", false, false, &[("大", 0), ("大", 1)])]), alike()),
        (options(vec![group("份量", false, false, &[("大", 0)]), group("份量", false, false, &[("大", 0)])]), alike()),
    ] {
        assert_eq!(draft.onto(noodles()), Err(refusal), "{draft:?}");
    }
    let long = DishDraft { name: Some(format!("\u{202e}{}\u{200b}", "面".repeat(80))), ..DishDraft::default() };
    assert_eq!(long.onto(noodles()).unwrap().name, "面".repeat(80), "what nobody sees does not count");
    let cheap = options(vec![group("份量", false, false, &[("小份", -1000), ("迷你", -1800)])]);
    assert!(cheap.onto(noodles()).is_ok(), "of one group only one value counts");
    for (typed, kept) in [
        ("null", ""),
        ("/pictures/a/512.jpg", "/pictures/a/512.jpg"),
        ("/api/pictures/a/512.jpg", "/pictures/a/512.jpg"),
        ("https://example.com/api/pictures/a.jpg", "https://example.com/api/pictures/a.jpg"),
    ] {
        let draft = DishDraft { image: Some(typed.into()), ..DishDraft::default() };
        assert_eq!(draft.onto(noodles()).unwrap().image, kept, "{typed}");
    }
}

proptest! {
    /// An edit form that is saved as it was opened changes nothing.
    #[test]
    fn an_echoed_form_changes_no_option(
        groups in prop::collection::btree_map(
            "[\\p{Han}a-z]{1,4}",
            (any::<bool>(), any::<bool>(), prop::collection::btree_map("[\\p{Han}a-z]{1,4}", -100i64..10_000, 1..5)),
            0..5,
        )
    ) {
        let value = |(value, delta)| OptionValue { value, price_delta: Fen(delta) };
        let group = |(name, (multiple, required, values)): (String, (bool, bool, std::collections::BTreeMap<_, _>))| OptionGroup {
            name, multiple, required, values: values.into_iter().map(value).collect(), ..OptionGroup::default()
        };
        let options: Vec<OptionGroup> = groups.into_iter().map(group).collect();
        prop_assert_eq!(&flavor::onto(&options, &flavor::of(&options)), &options);
    }
}
