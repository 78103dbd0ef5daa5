//! Networks, and whose a request is that came through proxies. Pure.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Addresses that begin alike: `192.168.0.0/16`, `fc00::/7`, or one address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl std::str::FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Network, ()> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(drop)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(drop)?;
        let whole = Network::from(address).prefix;
        let prefix = prefix.unwrap_or(whole);
        if prefix > whole { Err(()) } else { Ok(Network { address, prefix }) }
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Network {
        Network { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }
}

impl Network {
    pub fn contains(&self, address: IpAddr) -> bool {
        let differ = match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            _ => return false,
        };
        differ >= u32::from(self.prefix)
    }
}

pub fn is_in(networks: &[Network], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(address))
}

/// Whose request this is. A trusted proxy says for whom it asks, as the last of `forwarded`; that may be another trusted
/// proxy, and so on. From anybody else the header means nothing. What cannot be read is nobody's address.
pub fn client<'a>(peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>, trusted: &[Network]) -> IpAddr {
    let mut client = peer.to_canonical();
    for hop in forwarded.rev() {
        if !is_in(trusted, client) {
            break;
        }
        client = parse_hop(hop).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    }
    client
}

/// Some proxies add the port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let address = hop.parse().ok().or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_network_is_the_addresses_that_begin_alike() {
        for (network, inside, outside) in [
            ("192.168.0.0/16", "192.168.255.1", "192.169.0.1"),
            ("100.64.0.0/10", "100.127.255.255", "100.128.0.0"),
            ("10.0.0.7", "10.0.0.7", "10.0.0.8"),
            ("fc00::/7", "fd12::1", "fe80::1"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("127.0.0.0/8", "::ffff:127.0.0.1", "::1"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{network:?} {inside}");
            assert!(!network.contains(outside.parse().unwrap()), "{network:?} {outside}");
        }
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "wlan0"] {
            assert_eq!(wrong.parse::<Network>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_for_whom_it_asks() {
        let trusted = networks(&["127.0.0.0/8", "::1/128", "10.0.0.2"]);
        for (peer, forwarded, wanted) in [
            ("192.168.1.9", "", "192.168.1.9"),
            ("192.168.1.9", "192.168.1.1", "192.168.1.9"),
            ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
            ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
            ("127.0.0.1", "", "127.0.0.1"),
            // What the client wrote itself stands before what the proxy saw.
            ("127.0.0.1", "192.168.1.1, 203.0.113.7", "203.0.113.7"),
            ("127.0.0.1", "192.168.1.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
            ("127.0.0.1", "10.0.0.2, 127.0.0.1", "10.0.0.2"),
            ("127.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
            ("127.0.0.1", "[2001:db8::1]:80", "2001:db8::1"),
            ("127.0.0.1", "192.168.1.1, unknown", "0.0.0.0"),
        ] {
            let hops = forwarded.split(',').filter(|hop| !hop.is_empty());
            assert_eq!(client(peer.parse().unwrap(), hops, &trusted).to_string(), wanted, "{peer} {forwarded}");
        }
    }
}
