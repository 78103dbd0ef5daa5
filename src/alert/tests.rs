//! What is raised, and what is answered.

use super::{Kind, actions};
use crate::store::{Tx, in_memory};
use crate::units::{AlertId, TableId, Timestamp};

const MINUTE: i64 = 60_000;

#[test]
fn what_concerns_no_order_is_told_once_until_somebody_answers() {
    let conn = in_memory();
    let kinds = || actions::list_open(&conn).unwrap().iter().map(|alert| alert.kind).collect::<Vec<_>>();
    let mut tx = Tx::new(&conn, Timestamp(MINUTE));
    for day in ["20261121", "20261121"] {
        actions::raise_daily_test(&mut tx, day).unwrap();
    }
    actions::raise_tunnel(&mut tx, "no answer").unwrap();
    actions::raise_tunnel(&mut tx, "another answer").unwrap();
    assert_eq!(kinds(), [Kind::Test, Kind::Tunnel]);
    actions::acknowledge_tunnel(&mut tx).unwrap();
    assert_eq!(kinds(), [Kind::Test]);
    actions::acknowledge(&mut tx, AlertId(1), "boss").unwrap();
    actions::raise_daily_test(&mut tx, "20261121").unwrap();
    assert_eq!(kinds(), [], "once a day");
    actions::raise_daily_test(&mut tx, "20261122").unwrap();
    assert_eq!(kinds(), [Kind::Test]);
}

#[test]
fn a_call_in_the_future_of_a_clock_that_was_ahead_counts_as_never() {
    let conn = in_memory();
    conn.execute_batch("insert into dining_table (id, number, code) values (1, 'A01', 'code')").unwrap();
    let call = |at| {
        actions::call(&mut Tx::new(&conn, at), Kind::Waiter, TableId(1)).unwrap();
        let open = actions::list_open(&conn).unwrap();
        let ids: Vec<AlertId> = open.iter().map(|alert| alert.id).collect();
        ids.iter().for_each(|id| actions::acknowledge(&mut Tx::new(&conn, at), *id, "somebody").unwrap());
        ids.len()
    };
    assert_eq!([call(Timestamp(900 * MINUTE)), call(Timestamp(MINUTE)), call(Timestamp(MINUTE + 1))], [1, 1, 0]);
}

#[test]
fn trouble_falls_silent_when_it_is_over() {
    let conn = in_memory();
    let mut tx = Tx::new(&conn, Timestamp(MINUTE));
    for note in ["the clock", "the clock", "something else"] {
        actions::raise_trouble(&mut tx, note).unwrap();
    }
    assert_eq!(actions::list_open(&conn).unwrap().len(), 2);
    actions::acknowledge_trouble(&mut tx, "the clock").unwrap();
    let left: Vec<String> = actions::list_open(&conn).unwrap().into_iter().map(|alert| alert.note).collect();
    assert_eq!(left, ["something else"]);
}
