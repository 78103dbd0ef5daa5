//! Options as the admin web of the system before us knows them: a name and the values as a JSON array in text. Prices,
//! duties and multiple choice are not in it and have to survive its forms.

use crate::menu::{OptionGroup, OptionValue};
use crate::units::Fen;

/// `flavors[]` of its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flavor {
    /// As `of` numbers them; none for one that was added.
    pub id: Option<i64>,
    pub name: String,
    pub values: Vec<String>,
}

/// The groups as its forms read them.
pub fn of(groups: &[OptionGroup]) -> Vec<Flavor> {
    let values = |group: &OptionGroup| group.values.iter().map(|value| value.value.clone()).collect();
    let flavor =
        |(id, group): (i64, &OptionGroup)| Flavor { id: Some(id), name: group.name.clone(), values: values(group) };
    (1..).zip(groups).map(flavor).collect()
}

/// What its form means for the groups there were. Rows without a name or values, which it sends for what was added and
/// left empty, are nothing.
pub fn onto(old: &[OptionGroup], flavors: &[Flavor]) -> Vec<OptionGroup> {
    let named = |name: &str| old.iter().find(|group| group.name == name);
    let numbered = |id: Option<i64>| old.get(usize::try_from(id?).ok()?.checked_sub(1)?);
    let renamed = |flavor: &Flavor| {
        numbered(flavor.id).filter(|group| flavors.iter().all(|other| other.name.trim() != group.name))
    };
    let group = |flavor: &Flavor| {
        let before = named(flavor.name.trim()).or_else(|| renamed(flavor));
        let delta = |value: &str| {
            let known = before.and_then(|group| group.values.iter().find(|old| old.value == value));
            known.map_or(Fen::ZERO, |known| known.price_delta)
        };
        let value = |text: &String| OptionValue { value: text.clone(), price_delta: delta(text) };
        OptionGroup {
            name: flavor.name.trim().to_owned(),
            multiple: before.is_some_and(|group| group.multiple),
            required: before.is_some_and(|group| group.required),
            values: flavor.values.iter().map(value).collect(),
            ..OptionGroup::default()
        }
    };
    flavors.iter().filter(|flavor| !flavor.name.trim().is_empty() && !flavor.values.is_empty()).map(group).collect()
}
