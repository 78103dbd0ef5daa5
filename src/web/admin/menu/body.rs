//! What the forms send: numbers as strings, the whole object they were given with keys that mean nothing, and what they
//! did not touch as it was when they were opened.

use crate::error::{Field, Refusal};
use crate::menu::edit::{DishDraft, Flavor, Kind, SectionDraft};
use crate::menu::{OptionGroup, OptionValue};
use crate::units::{CategoryId, CuisineId, Fen};
use crate::web::admin::loose;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct CategoryBody {
    #[serde(default, deserialize_with = "loose::number")]
    pub id: Option<CategoryId>,
    name: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "loose::number")]
    kind: Option<i64>,
    #[serde(default, deserialize_with = "loose::number")]
    sort: Option<i64>,
    hours: Option<String>,
}

impl CategoryBody {
    pub fn draft(self) -> Result<SectionDraft, Refusal> {
        let kind = |number| Kind::from_number(number).ok_or(Refusal::BadRequest(Field::Kind));
        Ok(SectionDraft {
            name: self.name,
            kind: self.kind.map(kind).transpose()?,
            sort_order: self.sort,
            enabled: None,
            hours: self.hours,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DishBody {
    #[serde(default, deserialize_with = "loose::number")]
    pub id: Option<CuisineId>,
    name: Option<String>,
    #[serde(default, deserialize_with = "loose::number")]
    category_id: Option<CategoryId>,
    #[serde(default, deserialize_with = "loose::yuan")]
    price: Option<Fen>,
    image: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "loose::number")]
    status: Option<i64>,
    /// The status and the stock as the form was given them: equal ones were not touched, and may be another by now.
    #[serde(default, deserialize_with = "loose::number")]
    status_was: Option<i64>,
    flavors: Option<Vec<FlavorBody>>,
    options: Option<Vec<GroupBody>>,
    #[serde(default, deserialize_with = "loose::nullable_number")]
    stock: Option<Option<i64>>,
    #[serde(default, deserialize_with = "loose::nullable_number")]
    stock_was: Option<Option<i64>>,
    hours: Option<String>,
    #[serde(default, deserialize_with = "loose::number")]
    sort: Option<i64>,
    setmeal_dishes: Option<Vec<PartBody>>,
}

#[derive(Deserialize)]
pub struct StockBody {
    #[serde(default, deserialize_with = "loose::nullable_number")]
    pub stock: Option<Option<i64>>,
}

#[derive(Deserialize)]
struct FlavorBody {
    #[serde(default, deserialize_with = "loose::number")]
    id: Option<i64>,
    name: Option<String>,
    /// A JSON array as text.
    value: Option<String>,
}

#[derive(Deserialize)]
struct GroupBody {
    name: String,
    #[serde(default)]
    multiple: bool,
    #[serde(default)]
    required: bool,
    values: Vec<ValueBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ValueBody {
    value: String,
    #[serde(default, deserialize_with = "loose::yuan")]
    price_delta: Option<Fen>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartBody {
    #[serde(default, deserialize_with = "loose::number")]
    dish_id: Option<CuisineId>,
    #[serde(default, deserialize_with = "loose::number")]
    copies: Option<i64>,
}

impl FlavorBody {
    /// Text that is no JSON array is one value.
    fn flavor(self) -> Flavor {
        let text = self.value.unwrap_or_default();
        let values = serde_json::from_str::<Vec<String>>(&text).unwrap_or_else(|_| vec![text]);
        let values = values.into_iter().filter(|value| !value.trim().is_empty()).collect();
        Flavor { id: self.id, name: self.name.unwrap_or_default(), values }
    }
}

impl GroupBody {
    fn group(self) -> OptionGroup {
        let value =
            |body: ValueBody| OptionValue { value: body.value, price_delta: body.price_delta.unwrap_or(Fen::ZERO) };
        OptionGroup {
            name: self.name,
            multiple: self.multiple,
            required: self.required,
            values: self.values.into_iter().map(value).collect(),
            ..OptionGroup::default()
        }
    }
}

impl DishBody {
    pub fn draft(self) -> Result<DishDraft, Refusal> {
        let on_sale = match self.status {
            status if status == self.status_was => None,
            None => None,
            Some(0) => Some(false),
            Some(1) => Some(true),
            Some(_) => return Err(Refusal::BadRequest(Field::Status)),
        };
        let part = |part: PartBody| match part.dish_id {
            Some(dish) => Ok((dish, part.copies.unwrap_or(1))),
            None => Err(Refusal::CuisineNotFound),
        };
        let parts = self.setmeal_dishes.map(|parts| parts.into_iter().map(part).collect::<Result<_, _>>());
        Ok(DishDraft {
            name: self.name,
            category: self.category_id,
            price: self.price,
            image: self.image,
            description: self.description,
            on_sale,
            options: self.options.map(|groups| groups.into_iter().map(GroupBody::group).collect()),
            flavors: self.flavors.map(|flavors| flavors.into_iter().map(FlavorBody::flavor).collect()),
            stock: self.stock.filter(|stock| self.stock_was != Some(*stock)),
            hours: self.hours,
            sort_order: self.sort,
            parts: parts.transpose()?,
        })
    }
}
