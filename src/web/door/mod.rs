//! Who speaks, and where they sit.

pub(super) mod floor;
pub(super) mod token;
pub(super) mod tries;
pub(super) mod waiting;
