//! Who did something: in the rows of orders, bills, refunds and the ledger as text, everywhere else as this.

use crate::units::DinerId;
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    Diner(DinerId),
    /// By username.
    Staff(String),
    /// Whoever pressed a button on the counter PC's popup, where nobody is logged in.
    Popup,
    /// A provider, by its name.
    Provider(String),
    /// Money that a provider has told of, and how.
    Told(String, Source),
    /// The clock: an order that nobody paid in time, a party that has left.
    Expiry,
}

/// How we came to know of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Callback,
    Query,
    /// The answer to a payer's code.
    Charge,
}

names!(Source { Callback = "callback", Query = "query", Charge = "charge" });

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Diner(id) => write!(f, "diner {id}"),
            Actor::Staff(name) => write!(f, "staff {name}"),
            Actor::Popup => f.write_str("popup"),
            Actor::Provider(name) => write!(f, "provider {name}"),
            Actor::Told(provider, source) => write!(f, "{provider} {}", source.name()),
            Actor::Expiry => f.write_str("expiry"),
        }
    }
}

/// What is no actor's text.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is nobody who does something")]
pub struct UnknownActor(String);

impl FromStr for Actor {
    type Err = UnknownActor;

    fn from_str(text: &str) -> Result<Actor, UnknownActor> {
        let actor = match text.split_once(' ') {
            None if text == "popup" => Some(Actor::Popup),
            None if text == "expiry" => Some(Actor::Expiry),
            None => None,
            Some(("diner", id)) => id.parse().ok().map(|id| Actor::Diner(DinerId(id))),
            Some(("staff", name)) => Some(Actor::Staff(name.to_owned())),
            Some(("provider", name)) => Some(Actor::Provider(name.to_owned())),
            Some((provider, source)) => source.parse().ok().map(|source| Actor::Told(provider.to_owned(), source)),
        };
        actor.ok_or_else(|| UnknownActor(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_read_as_it_was_written() {
        for (actor, text) in [
            (Actor::Diner(DinerId(7)), "diner 7"),
            (Actor::Staff("admin".into()), "staff admin"),
            (Actor::Staff("popup".into()), "staff popup"),
            (Actor::Staff("callback".into()), "staff callback"),
            (Actor::Popup, "popup"),
            (Actor::Provider("wechat".into()), "provider wechat"),
            (Actor::Told("alipay".into(), Source::Query), "alipay query"),
            (Actor::Expiry, "expiry"),
        ] {
            assert_eq!(actor.to_string(), text);
            assert_eq!(text.parse::<Actor>().unwrap(), actor);
        }
        for wrong in ["", "admin", "diner", "diner x", "wechat", "wechat guess"] {
            assert!(wrong.parse::<Actor>().is_err(), "{wrong:?}");
        }
    }
}
