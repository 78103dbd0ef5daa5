//! Categories, dishes and combos as sky-take-out's web reads them, with our own keys beside.

use crate::error::Result;
use crate::menu::OptionGroup;
use crate::menu::edit::{Dish, Kind, Section, flavor};
use crate::units::{Calendar, CategoryId, CuisineId, Fen, Timestamp};
use crate::web::http::pictures;
use serde::Serialize;
use std::borrow::Cow;

fn minute(at: Timestamp, calendar: &Calendar) -> Option<String> {
    (at.0 > 0).then(|| calendar.minute(at))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "MenuCategory"))]
#[serde(rename_all = "camelCase")]
pub struct CategoryView<'a> {
    id: CategoryId,
    #[serde(rename = "type")]
    kind: i64,
    name: &'a str,
    sort: i64,
    status: i64,
    hours: &'a str,
    create_time: Option<String>,
    update_time: Option<String>,
    create_user: Option<i64>,
    update_user: Option<i64>,
}

impl CategoryView<'_> {
    pub fn of<'a>(section: &'a Section, calendar: &Calendar) -> CategoryView<'a> {
        CategoryView {
            id: section.id,
            kind: section.kind as i64,
            name: &section.name,
            sort: section.sort_order,
            status: i64::from(section.enabled),
            hours: &section.hours,
            create_time: None,
            update_time: minute(section.updated_at, calendar),
            create_user: None,
            update_user: None,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Dish"))]
#[serde(rename_all = "camelCase")]
pub struct DishView<'a> {
    id: CuisineId,
    name: &'a str,
    category_id: CategoryId,
    category_name: &'a str,
    price: Fen,
    image: Cow<'a, str>,
    description: &'a str,
    status: i64,
    /// Of a form that sends them back, so that what it did not touch is known (`body.rs`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    status_was: Option<i64>,
    create_time: Option<String>,
    update_time: Option<String>,
    create_user: Option<i64>,
    update_user: Option<i64>,
    stock: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    stock_was: Option<Option<i64>>,
    hours: &'a str,
    sort: i64,
    options: &'a [OptionGroup],
    flavors: Vec<FlavorView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    setmeal_dishes: Option<Vec<PartView<'a>>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Flavor"))]
#[serde(rename_all = "camelCase")]
struct FlavorView {
    id: Option<i64>,
    dish_id: CuisineId,
    name: String,
    /// A JSON array as text.
    value: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ComboPart"))]
#[serde(rename_all = "camelCase")]
struct PartView<'a> {
    id: i64,
    setmeal_id: CuisineId,
    dish_id: CuisineId,
    name: &'a str,
    price: Fen,
    copies: i64,
}

impl DishView<'_> {
    /// A row of a list.
    pub fn row<'a>(dish: &'a Dish, calendar: &Calendar) -> DishView<'a> {
        DishView {
            id: dish.id,
            name: &dish.name,
            category_id: dish.category,
            category_name: &dish.category_name,
            price: dish.price,
            image: pictures::for_counter(&dish.image),
            description: &dish.description,
            status: i64::from(dish.is_on_sale()),
            status_was: None,
            create_time: None,
            update_time: minute(dish.updated_at, calendar),
            create_user: None,
            update_user: None,
            stock: dish.stock,
            stock_was: None,
            hours: &dish.hours,
            sort: dish.sort_order,
            options: &dish.options,
            flavors: Vec::new(),
            setmeal_dishes: (dish.kind == Kind::Combo).then(Vec::new),
        }
    }

    /// All of it, as its form needs it.
    ///
    /// # Errors
    /// None in practice: strings are always JSON.
    pub fn whole<'a>(dish: &'a Dish, calendar: &Calendar) -> Result<DishView<'a>> {
        let mut view = DishView::row(dish, calendar);
        for flavor in flavor::of(&dish.options) {
            let value = serde_json::to_string(&flavor.values)?;
            view.flavors.push(FlavorView { id: flavor.id, dish_id: dish.id, name: flavor.name, value });
        }
        let part = |(id, part): (i64, &'a crate::menu::edit::Part)| PartView {
            id,
            setmeal_id: dish.id,
            dish_id: part.dish,
            name: &part.name,
            price: part.price,
            copies: part.copies,
        };
        view.setmeal_dishes = view.setmeal_dishes.map(|_| (1..).zip(&dish.parts).map(part).collect());
        (view.status_was, view.stock_was) = (Some(view.status), Some(view.stock));
        Ok(view)
    }
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<CategoryView<'static>>();
    to.visit::<DishView<'static>>();
}
