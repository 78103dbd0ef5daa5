//! Fees that follow the party: packing and service of what it has ordered, and one cover a head. An order's price
//! changes only while nobody pays it and no money is in it; what finds no place waits for the next order.

use crate::actor::Actor;
use crate::bill;
use crate::error::Result;
use crate::order::{self, AdjustmentKind, Company, Fees, Order};
use crate::payment::actions::list_open_of_order;
use crate::seating;
use crate::store::Tx;
use crate::units::{Fen, SeatingId};
use rusqlite::Connection;

/// The party's orders whose price can change, and those that can once what is under way for them has ended.
fn list_changeable(conn: &Connection, party: SeatingId) -> Result<(Vec<Order>, Vec<Order>)> {
    let (mut idle, mut busy) = (Vec::new(), Vec::new());
    for order in bill::actions::list_payable(conn, party)? {
        if bill::actions::paid_of(conn, order.id)? > Fen::ZERO {
            continue;
        }
        let paying = !list_open_of_order(conn, order.id)?.is_empty();
        if paying { &mut busy } else { &mut idle }.push(order);
    }
    Ok((idle, busy))
}

fn cover(order: &Order) -> i64 {
    order.fee(AdjustmentKind::Cover).map_or(0, |line| line.heads)
}

/// Brings the fees of what the party has not paid in line with who sits there. Doing it again changes nothing.
pub fn reckon(tx: &mut Tx<'_>, party: SeatingId, fees: &Fees, actor: &Actor) -> Result<()> {
    if seating::actions::has_left(tx.conn(), party)? {
        return Ok(());
    }
    let company = order::actions::load_company(tx.conn(), party)?;
    let (mut idle, _) = list_changeable(tx.conn(), party)?;
    // Whose dishes are eaten here has had its service fee from the beginning.
    let service =
        |order: &&Order| order.packed && order.adjustments.iter().all(|one| one.kind != AdjustmentKind::Service);
    if company.is_seated() && fees.service_percent > 0 {
        for order in idle.iter().filter(service) {
            bill::actions::take_back(tx, order.id, actor)?;
            order::actions::change_fees(tx, order.id, true, fees, actor)?;
        }
    }
    if !company.is_seated() {
        for order in idle.iter().filter(|order| order.fee(AdjustmentKind::Service).is_some()) {
            bill::actions::take_back(tx, order.id, actor)?;
            order::actions::change_fees(tx, order.id, false, fees, actor)?;
        }
    }
    // The one that has the cover of the others, or else the latest.
    idle.sort_by_key(|order| (std::cmp::Reverse(cover(order)), std::cmp::Reverse(order.id)));
    let mut missing = company.uncovered();
    for order in &idle {
        let more = missing.max(-cover(order));
        if more != 0 && (more < 0 || fees.cover > Fen::ZERO) {
            bill::actions::take_back(tx, order.id, actor)?;
            order::actions::change_cover(tx, order.id, more, fees.cover, actor)?;
            missing -= more;
        }
    }
    Ok(())
}

/// The order whose payment has to be ended, so that the cover of such a party finds its place: none where it has one
/// without that.
pub fn find_in_the_way(conn: &Connection, party: SeatingId, company: &Company, fees: &Fees) -> Result<Option<Order>> {
    let missing = company.uncovered();
    if missing == 0 || (missing > 0 && fees.cover == Fen::ZERO) {
        return Ok(None);
    }
    let fits = |order: &Order| missing > 0 || cover(order) > 0;
    let (idle, busy) = list_changeable(conn, party)?;
    Ok(busy.into_iter().find(fits).filter(|_| !idle.iter().any(fits)))
}
