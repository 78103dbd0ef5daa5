//! What is pushed: sockets, event streams, their frames, and how the daemon is.

pub mod frames;
pub(super) mod socket;
pub(super) mod sse;
pub(super) mod status;
