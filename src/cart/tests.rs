use super::*;
use crate::menu::{OptionGroup, OptionValue};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn dish(id: i64, fen: i64) -> Cuisine {
    let value = |value: &str, delta| OptionValue { value: value.into(), price_delta: Fen(delta) };
    Cuisine {
        cuisine_id: CuisineId(id),
        cuisine_name: format!("菜{id}"),
        cuisine_type: 1,
        cuisine_image: String::new(),
        unit_price: Fen(fen),
        description: String::new(),
        sold_out: false,
        left: None,
        hours: String::new(),
        open: true,
        options: vec![OptionGroup {
            name: "份量".into(),
            multiple: false,
            required: false,
            values: vec![value("例份", 0), value("大份", 1200)],
            ..OptionGroup::default()
        }],
    }
}

fn large() -> Vec<Choice> {
    vec![Choice { name: "份量".into(), value: "大份".into(), dish: String::new() }]
}

fn cart() -> Cart {
    Cart {
        table_id: TableId(1),
        table_number: "A01".into(),
        store_id: 1,
        items: Vec::new(),
        total_amount: Fen::ZERO,
        total_quantity: 0,
        version: 0,
    }
}

/// Adds as the store does: a new line gets the next id.
fn add(cart: &mut Cart, dish: &Cuisine, quantity: i64, remark: &str, options: Vec<Choice>) -> Result<Edit, Refusal> {
    let next = LineId(cart.items.iter().map(|line| line.line_id.0).max().unwrap_or(0) + 1);
    let edit = cart.add(dish, DinerId(7), quantity, remark.to_owned(), options)?;
    if let Edit::Insert(index) = edit {
        cart.items[index].line_id = next;
    }
    Ok(edit)
}

#[test]
fn the_same_dish_and_choices_are_one_line_and_a_new_remark_replaces_the_old() {
    let mut cart = cart();
    let chicken = dish(1, 3800);
    assert_eq!(add(&mut cart, &chicken, 2, "不要花生", vec![]), Ok(Edit::Insert(0)));
    assert_eq!(add(&mut cart, &chicken, 1, "", vec![]), Ok(Edit::Update(0)));
    assert_eq!((cart.items[0].quantity, cart.items[0].remark.as_str()), (3, "不要花生"));
    assert_eq!(add(&mut cart, &chicken, 1, " 少盐\u{7} ", vec![]), Ok(Edit::Update(0)));
    assert_eq!(cart.items[0].remark, "少盐");
    assert_eq!(add(&mut cart, &chicken, 1, "", large()), Ok(Edit::Insert(1)));
    assert_eq!((cart.total_amount, cart.total_quantity), (Fen(4 * 3800 + 5000), 5));
}

#[test]
fn a_dish_on_several_lines_has_to_be_named_by_its_line() {
    let mut cart = cart();
    add(&mut cart, &dish(1, 100), 1, "", vec![]).unwrap();
    add(&mut cart, &dish(1, 100), 1, "", large()).unwrap();
    let by_dish = Target::Cuisine(CuisineId(1));
    assert_eq!(cart.set_quantity(by_dish, 2), Err(Refusal::AmbiguousLine));
    assert_eq!(cart.remove(by_dish), Err(Refusal::AmbiguousLine));
    assert_eq!(cart.set_quantity(Target::Line(LineId(2)), 0), Ok(Edit::Delete(LineId(2))));
    assert_eq!(cart.set_quantity(by_dish, 99), Ok(Edit::Update(0)));
    assert_eq!(cart.remove(Target::Line(LineId(2))), Err(Refusal::LineNotFound));
}

#[test]
fn what_is_refused_leaves_the_cart_as_it_was() {
    let mut full = cart();
    add(&mut full, &dish(1, 100), 99, "", vec![]).unwrap();
    let before = full.clone();
    let sold_out = Cuisine { sold_out: true, ..dish(2, 100) };
    let long = "长".repeat(MAX_REMARK + 1);
    let unknown = vec![Choice { name: "份量".into(), value: "无".into(), dish: String::new() }];
    let one = dish(1, 100);
    let two = dish(2, 100);
    for (dish, quantity, remark, options, refusal) in [
        (&one, 1, "", vec![], Refusal::BadQuantity),
        (&two, 0, "", vec![], Refusal::BadQuantity),
        (&two, -1, "", vec![], Refusal::BadQuantity),
        (&two, 100, "", vec![], Refusal::BadQuantity),
        (&two, i64::MAX, "", vec![], Refusal::BadQuantity),
        (&two, 1, long.as_str(), vec![], Refusal::RemarkTooLong),
        (&two, 1, "", unknown, Refusal::BadOption("份量 无".into())),
        (&sold_out, 1, "", vec![], Refusal::SoldOut("菜2".into())),
    ] {
        assert_eq!(add(&mut full, dish, quantity, remark, options), Err(refusal));
        assert_eq!(full, before);
    }
    for quantity in [-1, 100, i64::MIN] {
        assert_eq!(full.set_quantity(Target::Cuisine(CuisineId(1)), quantity), Err(Refusal::BadQuantity));
        assert_eq!(full, before);
    }
}

#[test]
fn a_cart_holds_so_many_lines_and_no_more() {
    let mut cart = cart();
    for id in 0..MAX_LINES as i64 {
        add(&mut cart, &dish(id, 1), 1, "", vec![]).unwrap();
    }
    assert_eq!(add(&mut cart, &dish(-1, 1), 1, "", vec![]), Err(Refusal::CartFull));
    assert_eq!(add(&mut cart, &dish(0, 1), 1, "", vec![]), Ok(Edit::Update(0)));
}

#[test]
fn phone_numbers_are_masked() {
    for (phone, masked) in [("13800138000", "138****8000"), ("", ""), ("123", "***"), ("电话", "**")] {
        assert_eq!(mask_phone(phone), masked);
    }
}

#[derive(Debug, Clone)]
enum Op {
    Add(i64, i64, bool),
    Set(i64, i64),
    Remove(i64),
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..4i64, -1..60i64, any::<bool>()).prop_map(|(dish, quantity, large)| Op::Add(dish, quantity, large)),
        3 => (0..4i64, -2..102i64).prop_map(|(dish, quantity)| Op::Set(dish, quantity)),
        2 => (0..4i64).prop_map(Op::Remove),
        1 => Just(Op::Clear),
    ]
}

proptest! {
    /// Any sequence of changes against a model that is a map from (dish, large) to quantity.
    #[test]
    fn a_cart_agrees_with_the_obvious_model(ops in proptest::collection::vec(op(), 1..60)) {
        let mut cart = cart();
        let mut model: BTreeMap<(i64, bool), i64> = BTreeMap::new();
        for op in ops {
            let lines = |model: &BTreeMap<(i64, bool), i64>, id| {
                model.keys().filter(|(dish, _)| *dish == id).copied().collect::<Vec<_>>()
            };
            match op {
                Op::Add(id, quantity, is_large) => {
                    let options = if is_large { large() } else { vec![] };
                    let sum = model.get(&(id, is_large)).copied().unwrap_or(0) + quantity;
                    let allowed = (1..=99).contains(&quantity) && sum <= 99;
                    prop_assert_eq!(add(&mut cart, &dish(id, 100 + id), quantity, "", options).is_ok(), allowed);
                    if allowed {
                        model.insert((id, is_large), sum);
                    }
                }
                Op::Set(id, quantity) => {
                    let keys = lines(&model, id);
                    let allowed = (0..=99).contains(&quantity) && keys.len() == 1;
                    prop_assert_eq!(cart.set_quantity(Target::Cuisine(CuisineId(id)), quantity).is_ok(), allowed);
                    if allowed && quantity == 0 {
                        model.remove(&keys[0]);
                    } else if allowed {
                        model.insert(keys[0], quantity);
                    }
                }
                Op::Remove(id) => {
                    let keys = lines(&model, id);
                    prop_assert_eq!(cart.remove(Target::Cuisine(CuisineId(id))).is_ok(), keys.len() == 1);
                    if keys.len() == 1 {
                        model.remove(&keys[0]);
                    }
                }
                Op::Clear => {
                    cart.clear();
                    model.clear();
                }
            }
            let price = |(id, large): (i64, bool)| 100 + id + if large { 1200 } else { 0 };
            prop_assert_eq!(cart.items.len(), model.len());
            prop_assert_eq!(cart.total_quantity, model.values().sum::<i64>());
            prop_assert_eq!(cart.total_amount, Fen(model.iter().map(|(key, quantity)| price(*key) * quantity).sum()));
        }
    }
}
