//! What an operator should know of how this shop is set up: said once, at the start.

use super::exposed::{self, Mended};
use super::listener::lan_address;
use crate::config::Config;
use crate::network;

pub fn warn_of_risks(config: &Config) {
    if config.demo_payments {
        tracing::warn!("DEMO PAYMENTS ARE ON: orders are marked paid without any money");
    }
    if config.notify_base.as_deref().is_some_and(|base| base.starts_with("http://")) {
        tracing::warn!("payment.notify_base is not https: real providers refuse such an address");
    }
    if config.open_diners {
        tracing::warn!("diner_auth is \"open\": anyone on this network can order for any table");
    }
    let own = lan_address(config.lan).ip();
    if !network::is_in(&config.presence, own) {
        tracing::warn!(
            "presence.networks does not have this PC's own address, {own}: the phones beside it have to wait for the \
             counter's approval; add their network"
        );
    }
    if config.trust_loopback {
        tracing::warn!(
            "counter.trust_loopback IS ON: whoever sits at this PC, or comes through a proxy on it that sends no \
             X-Forwarded-For, hears of new orders without logging in"
        );
    }
}

/// Files of earlier versions are as open as the umask was.
pub fn warn_of_open_files(Mended { closed, left }: &Mended) {
    if !closed.is_empty() {
        let list = exposed::list(closed);
        tracing::warn!("other users of this PC could get at {list}: from now on only their owner can");
    }
    if !left.is_empty() {
        let list = exposed::list(left);
        tracing::warn!("other users of this PC can get at {list}, and it can't be changed: see `tablebell doctor`");
    }
}
