//! The people behind the counter.

pub mod actions;
mod sql;

use crate::units::StaffId;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Owner,
    Cashier,
    Waiter,
    Kitchen,
}

impl Role {
    pub const ALL: [(Role, &'static str); 4] =
        [(Role::Owner, "owner"), (Role::Cashier, "cashier"), (Role::Waiter, "waiter"), (Role::Kitchen, "kitchen")];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<Role> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
    }
}

#[derive(Debug, Clone)]
pub struct Staff {
    pub id: StaffId,
    pub username: String,
    pub name: String,
    pub role: Role,
}
