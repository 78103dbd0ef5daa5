//! How any request is carried: the accept loop and its places, limits, envelopes, files and pages.

#[cfg(test)]
mod bundle;
pub(super) mod gzip;
pub mod limits;
pub(super) mod multipart;
pub(super) mod pages;
pub(super) mod pictures;
pub(super) mod places;
pub(super) mod prefix;
pub(super) mod reply;
pub(super) mod serve;
