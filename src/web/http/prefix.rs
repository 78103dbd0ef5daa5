//! Where diners' front ends look for the table family. Those of the table-cart manual, once deployed, call it through a
//! gateway, below a prefix and without `/api`: `/aliendining/store/order/cart/add`. Some gateways take the prefix off.

/// `[listen] path_prefixes`, each as its segments.
#[derive(Debug, Clone)]
pub struct Prefixes(Vec<Vec<String>>);

impl Prefixes {
    pub fn new(prefixes: Vec<Vec<String>>) -> Prefixes {
        Prefixes(prefixes)
    }

    /// The path as the LAN's table of routes has it. Whatever is no route of the table family is nothing below a prefix:
    /// it stays as it was asked for, which leads nowhere.
    pub fn resolve<'p>(&self, asked: &[&'p str]) -> Vec<&'p str> {
        let below = self.0.iter().filter_map(|prefix| after(prefix, asked));
        let found = std::iter::once(asked).chain(below).find_map(table_family);
        found.unwrap_or_else(|| asked.to_vec())
    }
}

fn after<'s, 'p>(prefix: &[String], asked: &'s [&'p str]) -> Option<&'s [&'p str]> {
    let (begin, rest) = asked.split_at_checked(prefix.len())?;
    (begin == prefix).then_some(rest)
}

fn table_family<'p>(path: &[&'p str]) -> Option<Vec<&'p str>> {
    match path {
        ["api", "store", ..] | ["ws", "cart", _] => Some(path.to_vec()),
        ["store", rest @ ..] => Some([&["api", "store"], rest].concat()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_a_prefix_lies_the_table_family_and_nothing_else() {
        let prefixes = Prefixes::new(vec![vec!["aliendining".into()], vec!["gw".into(), "shop".into()]]);
        for (asked, found) in [
            ("aliendining/store/order/sse/1", "api/store/order/sse/1"),
            ("aliendining/api/store/order/sse/1", "api/store/order/sse/1"),
            ("aliendining/ws/cart/1", "ws/cart/1"),
            ("gw/shop/store/order/cart/add", "api/store/order/cart/add"),
            ("gw/shop/ws/cart/1", "ws/cart/1"),
            // The gateway took the prefix off.
            ("store/order/cart/add", "api/store/order/cart/add"),
            ("api/store/menu", "api/store/menu"),
            ("ws/cart/1", "ws/cart/1"),
            // Our own, as they are.
            ("ws/counter-1", "ws/counter-1"),
            ("ws/cart", "ws/cart"),
            ("admin/store/x", "admin/store/x"),
            ("", ""),
            // Nothing of these is below a prefix.
            ("aliendining", "aliendining"),
            ("aliendining/ws/cart", "aliendining/ws/cart"),
            ("aliendining/ws/counter-1", "aliendining/ws/counter-1"),
            ("aliendining/ws/cart/1/2", "aliendining/ws/cart/1/2"),
            ("aliendining/admin/order/statistics", "aliendining/admin/order/statistics"),
            ("aliendining/aliendining/store/menu", "aliendining/aliendining/store/menu"),
            ("aliendining2/store/menu", "aliendining2/store/menu"),
            ("gw/store/menu", "gw/store/menu"),
            ("shop/store/menu", "shop/store/menu"),
            ("aliendining//store/menu", "aliendining//store/menu"),
        ] {
            let segments: Vec<&str> = asked.split('/').collect();
            assert_eq!(prefixes.resolve(&segments).join("/"), found, "{asked}");
        }
        assert_eq!(Prefixes::new(vec![]).resolve(&["aliendining", "store"]), ["aliendining", "store"]);
    }
}
