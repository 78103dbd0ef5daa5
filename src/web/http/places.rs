//! Who may stay connected when more want to than there are places for. Coming in never waits: where all places of a kind
//! are taken, whoever holds the most of them gives up the one held for longest. So an address (or a table) that takes
//! everything takes it from itself, and everybody behind one router may come as long as there is room.

use crate::units::{MemberId, StaffId, TableId};
use crate::web::door::tries::network;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How many connections one listener keeps of each kind. What one costs is measured in tests/wire/flood.rs.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// Those that have not shown a whole request yet; a kilobyte or two each.
    pub waiting: usize,
    /// Those that a request of nobody in particular is answered on.
    pub strangers: usize,
    /// Those of somebody with a token. No stranger can take one of them.
    pub known: usize,
}

/// Whom a token speaks for, as far as places go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bearer {
    Table(TableId),
    Staff(StaffId),
    Member(MemberId),
    /// This PC itself, where the owner trusts it.
    Here,
}

/// The places of one listener.
pub struct Doors {
    waiting: Arc<Places<IpAddr>>,
    strangers: Arc<Places<IpAddr>>,
    known: Arc<Places<Bearer>>,
}

impl Doors {
    pub fn new(most: Most) -> Arc<Doors> {
        Arc::new(Doors {
            waiting: Places::new(most.waiting),
            strangers: Places::new(most.strangers),
            known: Places::new(most.known),
        })
    }

    /// Somebody has connected and has said nothing yet.
    pub fn enter(self: &Arc<Doors>, address: IpAddr) -> Stay {
        let (address, leave) = (network(address), Arc::new(Notify::new()));
        let place = Standing::Waiting { _place: self.waiting.take(address, &leave) };
        Stay { doors: self.clone(), address, leave, standing: Mutex::new(place) }
    }

    /// One connection less of those that have not shown what they want, if there is one.
    pub fn make_room(&self) {
        lock(&self.waiting.held).turn_one_out();
    }
}

enum Standing {
    Waiting { _place: Place<IpAddr> },
    Stranger { _place: Place<IpAddr> },
    Known(Place<Bearer>),
}

/// The place of one connection, until the last of whatever it becomes is gone.
pub struct Stay {
    doors: Arc<Doors>,
    /// The device's, or the network's that a device has to itself.
    address: IpAddr,
    leave: Arc<Notify>,
    standing: Mutex<Standing>,
}

impl Stay {
    /// A whole request has come.
    pub fn serve(&self) {
        let place = self.doors.strangers.take(self.address, &self.leave);
        *lock(&self.standing) = Standing::Stranger { _place: place };
    }

    /// A request on it has shown a token that counts.
    pub fn know(&self, bearer: Bearer) {
        let mut standing = lock(&self.standing);
        if !matches!(&*standing, Standing::Known(place) if place.holder == bearer) {
            *standing = Standing::Known(self.doors.known.take(bearer, &self.leave));
        }
    }

    /// Ends when somebody else needs the place more.
    pub async fn told_to_leave(&self) {
        self.leave.notified().await;
    }
}

struct Places<K: Eq + Hash> {
    most: usize,
    held: Mutex<Held<K>>,
}

struct Held<K> {
    count: usize,
    next: u64,
    /// Each holder's places by their age, the oldest first.
    by: HashMap<K, BTreeMap<u64, Arc<Notify>>>,
}

impl<K: Copy + Eq + Hash> Places<K> {
    fn new(most: usize) -> Arc<Places<K>> {
        Arc::new(Places { most, held: Mutex::new(Held { count: 0, next: 0, by: HashMap::new() }) })
    }

    fn take(self: &Arc<Places<K>>, holder: K, leave: &Arc<Notify>) -> Place<K> {
        let mut held = lock(&self.held);
        if held.count >= self.most {
            held.turn_one_out();
        }
        let number = held.next;
        held.next += 1;
        held.count += 1;
        held.by.entry(holder).or_default().insert(number, leave.clone());
        Place { places: self.clone(), holder, number }
    }
}

impl<K: Copy + Eq + Hash> Held<K> {
    /// The oldest place of whoever holds the most; of several that hold as many, of whoever has held one for longest.
    fn turn_one_out(&mut self) {
        let age = |places: &BTreeMap<u64, _>| std::cmp::Reverse(places.first_key_value().map(|(number, _)| *number));
        let greediest = self.by.iter().max_by_key(|(_, places)| (places.len(), age(places)));
        let Some((holder, number)) =
            greediest.and_then(|(holder, places)| Some((*holder, *places.first_key_value()?.0)))
        else {
            return;
        };
        if let Some(leave) = self.remove(holder, number) {
            leave.notify_one();
        }
    }

    fn remove(&mut self, holder: K, number: u64) -> Option<Arc<Notify>> {
        let places = self.by.get_mut(&holder)?;
        let removed = places.remove(&number)?;
        if places.is_empty() {
            self.by.remove(&holder);
        }
        self.count -= 1;
        Some(removed)
    }
}

struct Place<K: Copy + Eq + Hash> {
    places: Arc<Places<K>>,
    holder: K,
    number: u64,
}

impl<K: Copy + Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        lock(&self.places.held).remove(self.holder, self.number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const MOST: Most = Most { waiting: 8, strangers: 4, known: 4 };

    fn from(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    fn is_turned_out(stay: &Stay) -> bool {
        stay.told_to_leave().now_or_never().is_some()
    }

    #[test]
    fn a_newcomer_always_finds_a_place_at_the_cost_of_whoever_has_the_most() {
        let doors = Doors::new(MOST);
        let guests: Vec<Stay> = (1..=3).map(|last| doors.enter(from(last))).collect();
        let flood: Vec<Stay> = (0..100).map(|_| doors.enter(from(99))).collect();
        let newcomer = doors.enter(from(4));
        assert!(!guests.iter().chain([&newcomer]).any(is_turned_out), "who has one keeps it");
        let left = flood.iter().filter(|stay| !is_turned_out(stay)).count();
        assert_eq!(left, MOST.waiting - 4, "the flood has what nobody else needs");
    }

    #[test]
    fn the_oldest_goes_first_and_places_are_given_back() {
        let doors = Doors::new(MOST);
        let stays: Vec<Stay> = (0..8).map(|_| doors.enter(from(1))).collect();
        let ninth = doors.enter(from(1));
        assert!(is_turned_out(&stays[0]) && !stays[1..].iter().any(is_turned_out) && !is_turned_out(&ninth));
        drop(stays);
        let again: Vec<Stay> = (0..7).map(|_| doors.enter(from(1))).collect();
        assert!(!again.iter().chain([&ninth]).any(is_turned_out));
    }

    #[test]
    fn each_kind_has_its_own_places_and_no_stranger_takes_one_of_those_with_a_token() {
        let doors = Doors::new(MOST);
        let phone = doors.enter(from(1));
        phone.serve();
        phone.know(Bearer::Table(TableId(1)));
        let strangers: Vec<Stay> = (0..50).map(|_| doors.enter(from(1))).collect();
        strangers.iter().for_each(Stay::serve);
        assert!(!is_turned_out(&phone));
        assert_eq!(strangers.iter().filter(|stay| !is_turned_out(stay)).count(), MOST.strangers);
        let greedy: Vec<Stay> = (0..50).map(|_| doors.enter(from(2))).collect();
        greedy.iter().for_each(|stay| stay.know(Bearer::Table(TableId(2))));
        assert!(!is_turned_out(&phone), "nor does another table");
        assert_eq!(greedy.iter().filter(|stay| !is_turned_out(stay)).count(), MOST.known - 1);
    }

    #[test]
    fn whoever_speaks_for_another_on_the_same_connection_holds_one_place_all_the_same() {
        let doors = Doors::new(MOST);
        let proxy = doors.enter(from(1));
        proxy.serve();
        for table in 0..100 {
            proxy.know(Bearer::Table(TableId(table)));
        }
        proxy.know(Bearer::Staff(StaffId(1)));
        assert_eq!(lock(&doors.known.held).count, 1);
        drop(proxy);
        let left = [lock(&doors.waiting.held).count, lock(&doors.strangers.held).count, lock(&doors.known.held).count];
        assert_eq!(left, [0, 0, 0]);
    }

    #[test]
    fn a_device_has_one_share_however_many_addresses_it_gives_itself() {
        let doors = Doors::new(MOST);
        let six = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]);
        let guest = doors.enter(from(1));
        let flood: Vec<Stay> = (0..50).map(|last| doors.enter(six(last))).collect();
        assert!(!is_turned_out(&guest));
        assert_eq!(flood.iter().filter(|stay| !is_turned_out(stay)).count(), MOST.waiting - 1);
    }
}
