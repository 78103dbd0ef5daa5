//! Networks, and whose a request is that came through proxies. Pure.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// Addresses that begin alike: `192.168.0.0/16`, `fc00::/7`, or one address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = ();

    /// `ipnet` reads addresses by rules of its own (`010.0.0.1` is 10.0.0.1 to it) and none without a prefix: the standard
    /// library reads them here.
    fn from_str(text: &str) -> Result<Network, ()> {
        let network = match text.split_once('/') {
            Some((address, prefix)) => IpNet::new(address.parse().map_err(drop)?, prefix.parse().map_err(drop)?),
            None => return text.parse::<IpAddr>().map(Network::from).map_err(drop),
        };
        network.map(Network).map_err(drop)
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Network {
        Network(address.into())
    }
}

impl Network {
    /// An IPv4 address that came over IPv6 (`::ffff:10.0.0.1`) is an IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
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
            ("10.9.8.7/8", "10.0.0.1", "11.9.8.7"),
            ("10.0.0.7/32", "::ffff:10.0.0.7", "10.0.0.6"),
            ("fc00::/7", "fd12::1", "fe80::1"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("127.0.0.0/8", "::ffff:127.0.0.1", "::1"),
            ("::/0", "::1", "8.8.8.8"),
            ("::1", "::1", "::2"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{network:?} {inside}");
            assert!(!network.contains(outside.parse().unwrap()), "{network:?} {outside}");
        }
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "10.0.0.0/",
            "/8",
            "10.0.0.0/8/8",
            "10.0.0.0/-1",
            "010.0.0.0/8",
            "010.0.0.1",
            " 10.0.0.1",
            "wlan0",
        ] {
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
