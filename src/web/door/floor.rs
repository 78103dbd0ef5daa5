//! Where the party of a token is now, as committed: asked on every request, told by events.

use crate::error::Refusal;
use crate::seating::{Diner, Move, Party};
use crate::units::{SeatingId, TableId};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The parties that sit somewhere, by the seating that their tokens name: one more entry for each that became a part
/// of another.
#[derive(Default)]
pub struct Floor {
    parties: RwLock<HashMap<SeatingId, Party>>,
}

impl Floor {
    fn read(&self) -> RwLockReadGuard<'_, HashMap<SeatingId, Party>> {
        self.parties.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<SeatingId, Party>> {
        self.parties.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// At the start: whoever sits there already.
    pub fn fill(&self, parties: Vec<Party>) {
        self.write().extend(parties.into_iter().map(|party| (party.named, party)));
    }

    pub fn opened(&self, table: TableId, seating: SeatingId) {
        self.write().insert(seating, Party { named: seating, seating, table, left: Vec::new() });
    }

    pub fn moved(&self, step: &Move) {
        for party in self.write().values_mut().filter(|party| party.seating == step.seating) {
            party.left.push(party.table);
            party.seating = step.into;
            party.table = step.to;
        }
    }

    pub fn closed(&self, seating: SeatingId) {
        self.write().retain(|_, party| party.seating != seating);
    }

    /// The diner of a token, where the party is now. A request may name that table, or one where the party has sat:
    /// pages that have not heard of a move yet go on naming it.
    ///
    /// # Errors
    /// `SeatingClosed`, `Forbidden` for any other table.
    pub fn locate(&self, token: Diner, named: Option<TableId>) -> Result<Diner, Refusal> {
        let parties = self.read();
        let party = parties.get(&token.seating).ok_or(Refusal::SeatingClosed)?;
        match named.is_none_or(|table| table == party.table || party.left.contains(&table)) {
            true => Ok(Diner { id: token.id, table: party.table, seating: party.seating }),
            false => Err(Refusal::Forbidden),
        }
    }

    /// Whether this party sits at this table now.
    pub fn seats(&self, table: TableId, seating: SeatingId) -> bool {
        self.read().get(&seating).is_some_and(|party| party.table == table && party.seating == seating)
    }

    /// Tables where somebody sits.
    pub fn tables(&self) -> Vec<TableId> {
        self.read().values().filter(|party| party.named == party.seating).map(|party| party.table).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diner(table: i64, seating: i64) -> Diner {
        Diner { id: crate::units::DinerId(9), table: TableId(table), seating: SeatingId(seating) }
    }

    fn step(seating: i64, from: i64, to: i64, into: i64) -> Move {
        Move { seating: SeatingId(seating), from: TableId(from), to: TableId(to), into: SeatingId(into) }
    }

    /// Where the token of a party that sat down at `table` speaks for, when its request names `named`.
    fn located(floor: &Floor, token: Diner, named: i64) -> Result<(i64, i64), Refusal> {
        floor.locate(token, Some(TableId(named))).map(|diner| (diner.table.0, diner.seating.0))
    }

    #[test]
    fn a_token_goes_where_its_party_goes_and_ends_with_it() {
        let floor = Floor::default();
        floor.opened(TableId(1), SeatingId(11));
        floor.opened(TableId(2), SeatingId(12));
        let (ann, bob) = (diner(1, 11), diner(2, 12));
        assert_eq!(located(&floor, ann, 1), Ok((1, 11)));
        assert_eq!(located(&floor, ann, 2), Err(Refusal::Forbidden));
        floor.moved(&step(11, 1, 3, 11));
        for named in [1, 3] {
            assert_eq!(located(&floor, ann, named), Ok((3, 11)), "{named}");
        }
        assert!(floor.seats(TableId(3), SeatingId(11)) && !floor.seats(TableId(1), SeatingId(11)));
        floor.opened(TableId(1), SeatingId(13));
        assert_eq!(located(&floor, ann, 1), Ok((3, 11)), "not the next party there");
        floor.moved(&step(11, 3, 2, 12));
        assert_eq!(located(&floor, ann, 1), Ok((2, 12)));
        assert_eq!(located(&floor, bob, 3), Err(Refusal::Forbidden), "where the others sat before");
        floor.moved(&step(12, 2, 4, 12));
        assert_eq!((located(&floor, ann, 3), located(&floor, bob, 2)), (Ok((4, 12)), Ok((4, 12))));
        let mut tables = floor.tables();
        tables.sort_unstable();
        assert_eq!(tables, [TableId(1), TableId(4)]);
        floor.closed(SeatingId(12));
        for token in [ann, bob] {
            assert_eq!(floor.locate(token, None), Err(Refusal::SeatingClosed));
        }
        assert_eq!(floor.tables(), [TableId(1)]);
    }
}
