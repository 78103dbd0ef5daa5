//! Making a new shop's database: keys, a first login, and on wish a sample menu and tables.

use crate::backup::hand_over;
use crate::error::Error;
use crate::menu::{self, Cuisine, OptionGroup, OptionValue};
use crate::staff::{self, Role};
use crate::store::{Tx, create_with, setting};
use crate::units::{CuisineId, Fen};
use crate::{seating, secret};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::Path;

const SAMPLE_MENU: &str = include_str!("../../assets/sample-menu.json");

/// What a new database starts with.
pub struct Plan {
    name: String,
    password: String,
    tables: u32,
    menu: bool,
}

impl Plan {
    pub fn demo(tables: u32) -> Plan {
        Plan { name: "桌铃小馆".into(), password: "123456".into(), tables, menu: true }
    }

    pub fn sample(password: &str) -> Plan {
        Plan { password: password.into(), ..Plan::demo(8) }
    }

    pub fn empty(password: &str) -> Plan {
        Plan { name: "我的小店".into(), password: password.into(), tables: 0, menu: false }
    }
}

#[derive(Deserialize)]
struct SampleCategory {
    name: String,
    dishes: Vec<SampleDish>,
}

#[derive(Deserialize)]
struct SampleDish {
    id: i64,
    name: String,
    fen: i64,
    #[serde(default)]
    description: String,
    #[serde(default)]
    options: Vec<SampleOptions>,
    /// A combo's dishes: id and copies.
    #[serde(default)]
    combo: Vec<(i64, i64)>,
}

#[derive(Deserialize)]
struct SampleOptions {
    name: String,
    #[serde(default)]
    multiple: bool,
    #[serde(default)]
    required: bool,
    values: Vec<(String, i64)>,
}

/// Writes the database: it is there whole or not at all.
///
/// # Errors
/// The file can't be written.
pub fn create(path: &Path, plan: Plan) -> Result<()> {
    let hash = staff::actions::hash(&plan.password).map_err(Error::into_anyhow)?;
    // Made beside and moved: a power cut leaves no half shop behind.
    let beside = path.with_extension("new");
    let _ = std::fs::remove_file(&beside);
    create_with(&beside, |tx| fill(tx, &plan, &hash))
        .map_err(Error::into_anyhow)
        .with_context(|| format!("making {}", path.display()))?;
    hand_over(&beside);
    std::fs::rename(&beside, path).with_context(|| format!("making {}", path.display()))
}

fn fill(tx: &mut Tx<'_>, plan: &Plan, password_hash: &str) -> crate::error::Result<()> {
    setting::set(tx.conn(), setting::STORE_NAME, &plan.name)?;
    for key in [setting::TOKEN_KEY, setting::DEMO_KEY] {
        setting::set(tx.conn(), key, &(secret::random_code() + &secret::random_code()))?;
    }
    staff::actions::add_staff(tx, "admin", "管理员", Role::Owner, password_hash)?;
    if plan.menu {
        fill_menu(tx)?;
    }
    for number in 1..=plan.tables {
        seating::actions::add_table(tx, &table_number(number, plan.tables), &secret::random_code())?;
    }
    Ok(())
}

/// A01 … A08, and for large rooms A001 ….
fn table_number(number: u32, of: u32) -> String {
    let width = of.to_string().len().max(2);
    format!("A{number:0width$}")
}

fn fill_menu(tx: &mut Tx<'_>) -> crate::error::Result<()> {
    let categories: Vec<SampleCategory> = serde_json::from_str(SAMPLE_MENU)?;
    let mut combos = Vec::new();
    for (sort_order, category) in (1..).zip(categories) {
        let kind = if category.dishes.iter().any(|dish| !dish.combo.is_empty()) { 2 } else { 1 };
        let id = menu::actions::add_category(tx, &category.name, kind, sort_order)?;
        for (sort_order, dish) in (1..).zip(category.dishes) {
            combos.extend(dish.combo.iter().map(|(part, copies)| (dish.id, *part, *copies)));
            menu::actions::add_cuisine(tx, id, sort_order, &cuisine(dish))?;
        }
    }
    for (combo, part, copies) in combos {
        menu::actions::add_combo_item(tx, CuisineId(combo), CuisineId(part), copies)?;
    }
    Ok(())
}

fn cuisine(dish: SampleDish) -> Cuisine {
    let value = |(value, fen)| OptionValue { value, price_delta: Fen(fen) };
    let group = |group: SampleOptions| OptionGroup {
        name: group.name,
        multiple: group.multiple,
        required: group.required,
        values: group.values.into_iter().map(value).collect(),
        ..OptionGroup::default()
    };
    Cuisine {
        cuisine_id: CuisineId(dish.id),
        cuisine_name: dish.name,
        cuisine_type: if dish.combo.is_empty() { 1 } else { 2 },
        cuisine_image: String::new(),
        unit_price: Fen(dish.fen),
        description: dish.description,
        sold_out: false,
        left: None,
        hours: String::new(),
        open: true,
        options: dish.options.into_iter().map(group).collect(),
    }
}
