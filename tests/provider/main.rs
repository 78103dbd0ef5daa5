//! Real payments, end to end: the spawned binary, and a gateway that plays both providers with third-party SDKs.

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each test binary uses its part")]
mod support;

mod gateway;
mod shop;

mod after_a_minute;
mod bill;
mod crash;
mod doctor;
mod journey;
mod outage;
mod refund;
mod review;
mod secret;
mod till;
mod trust;
mod unclaimed;
