use super::*;
use crate::actor::Actor;
use crate::payment;
use crate::units::{SeatingId, TableId};
use std::sync::mpsc;

fn open(folder: &Path) -> (Arc<Store>, mpsc::Receiver<Event>) {
    let (events, published) = mpsc::channel();
    let publish = Box::new(move |event| events.send(event).expect("the test listens"));
    let store = Store::open(&folder.join("t.db"), false, publish).expect("a new database opens");
    (Arc::new(store), published)
}

async fn value(store: &Store, key: &'static str) -> Option<String> {
    store.read(move |conn| setting::find(conn, key)).await.expect("reading works")
}

#[tokio::test]
async fn what_a_closure_did_is_there_and_published_before_it_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (store, published) = open(folder.path());
    for number in 0..100 {
        let write = store.write(move |tx| {
            setting::set(tx.conn(), "k", &number.to_string())?;
            tx.emit(Event::SeatingOpened(TableId(number), SeatingId(number)));
            Ok(number)
        });
        assert_eq!(write.await.unwrap(), number);
        assert!(matches!(published.try_recv(), Ok(Event::SeatingOpened(TableId(table), _)) if table == number));
        assert_eq!(value(&store, "k").await, Some(number.to_string()));
    }
}

#[tokio::test]
async fn what_one_read_finds_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _published) = open(folder.path());
    store.write(|tx| setting::set(tx.conn(), "k", "before")).await.unwrap();
    let (begun, begin) = oneshot::channel();
    let (go, wait) = mpsc::channel::<()>();
    let both = store.read(move |conn| {
        let first = setting::find(conn, "k")?;
        begun.send(()).expect("the test waits");
        wait.recv().map_err(|error| Error::Internal(error.into()))?;
        Ok((first, setting::find(conn, "k")?))
    });
    let change = async {
        begin.await.unwrap();
        store.write(|tx| setting::set(tx.conn(), "k", "after")).await.unwrap();
        go.send(()).unwrap();
    };
    let (both, ()) = tokio::join!(both, change);
    assert_eq!(both.unwrap(), (Some("before".into()), Some("before".into())));
    assert_eq!(value(&store, "k").await.as_deref(), Some("after"));
}

#[tokio::test]
async fn after_the_close_whoever_still_asks_is_refused_and_nothing_has_panicked() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _published) = open(folder.path());
    let (begun, begin) = oneshot::channel();
    let (go, wait) = mpsc::channel::<()>();
    let under_way = store.read(move |conn| {
        begun.send(()).expect("the test waits");
        wait.recv().map_err(|error| Error::Internal(error.into()))?;
        setting::find(conn, "k")
    });
    let close = async {
        begin.await.unwrap();
        store.clone().close().await;
        go.send(()).unwrap();
    };
    let (read, ()) = tokio::join!(under_way, close);
    assert_eq!(read.unwrap(), None, "a read that has begun is answered");
    let late = store.read(|conn| setting::find(conn, "k")).await;
    assert!(matches!(late, Err(Error::Refused(Refusal::Busy))), "{late:?}");
    let panicked = open(tempfile::tempdir().unwrap().path()).0.read(|_| -> Result<()> { panic!("a test") }).await;
    assert!(matches!(panicked, Err(Error::Internal(_))), "{panicked:?}");
}

#[tokio::test]
async fn a_refusal_or_a_panic_undoes_only_its_own_closure() {
    let folder = tempfile::tempdir().unwrap();
    let (store, published) = open(folder.path());
    let (go, wait) = mpsc::channel::<()>();
    // Holds the writer until the others wait, so that they share one transaction.
    let first = store.write(move |_| wait.recv().map_err(|error| Error::Internal(error.into())));
    let kept = store.write(|tx| setting::set(tx.conn(), "kept", "1"));
    let refused = store.write(|tx| {
        setting::set(tx.conn(), "refused", "1")?;
        tx.emit(Event::MenuChanged);
        Err::<(), _>(Refusal::CartEmpty.into())
    });
    let panicked = store.write(|tx| {
        setting::set(tx.conn(), "panicked", "1")?;
        if tx.now.0 > 0 {
            panic!("on purpose");
        }
        Ok(())
    });
    let also_kept = store.write(|tx| setting::set(tx.conn(), "also kept", "1"));
    let start = async { go.send(()).unwrap() };
    let (_, kept, refused, panicked, also_kept, ()) = tokio::join!(first, kept, refused, panicked, also_kept, start);
    assert!(kept.is_ok() && also_kept.is_ok());
    assert!(matches!(refused, Err(Error::Refused(Refusal::CartEmpty))));
    assert!(matches!(panicked, Err(Error::Internal(_))));
    assert_eq!(value(&store, "kept").await.as_deref(), Some("1"));
    assert_eq!(value(&store, "also kept").await.as_deref(), Some("1"));
    assert_eq!(value(&store, "refused").await, None);
    assert_eq!(value(&store, "panicked").await, None);
    assert!(published.try_recv().is_err(), "a refused closure publishes nothing");
}

#[tokio::test]
async fn what_is_rehearsed_is_undone_and_refused_as_it_would_be() {
    let folder = tempfile::tempdir().unwrap();
    let (store, published) = open(folder.path());
    let set = |tx: &mut Tx<'_>| {
        setting::set(tx.conn(), "k", "1")?;
        tx.emit(Event::MenuChanged);
        Ok(())
    };
    assert!(store.rehearse(set).await.is_ok());
    assert!(value(&store, "k").await.is_none() && published.try_recv().is_err());
    let refused = store.rehearse(|_| Err::<(), _>(Refusal::CartEmpty.into())).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::CartEmpty))));
    store.write(set).await.unwrap();
    assert_eq!(value(&store, "k").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn writes_that_wait_together_share_one_commit() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _published) = open(folder.path());
    let (go, wait) = mpsc::channel::<()>();
    let first = store.write(move |_| wait.recv().map_err(|error| Error::Internal(error.into())));
    let others = (0..200).map(|n| store.write(move |tx| setting::set(tx.conn(), &format!("k{n}"), "1")));
    let start = async { go.send(()).unwrap() };
    let (first, others, ()) = tokio::join!(first, futures_util::future::join_all(others), start);
    assert!(first.is_ok() && others.iter().all(Result::is_ok));
    assert!(store.commits() <= 3, "{} commits for 201 writes", store.commits());
}

#[tokio::test]
async fn too_many_waiting_writes_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _published) = open(folder.path());
    let (go, wait) = mpsc::channel::<()>();
    let first = store.write(move |_| wait.recv().map_err(|error| Error::Internal(error.into())));
    let many = (0..QUEUE + writer::GROUP + 1).map(|_| store.write(|_| Ok(())));
    let start = async { go.send(()).unwrap() };
    let (_, many, ()) = tokio::join!(first, futures_util::future::join_all(many), start);
    let busy = many.iter().filter(|one| matches!(one, Err(Error::Refused(Refusal::Busy)))).count();
    assert!((1..=writer::GROUP + 2).contains(&busy), "{busy} were refused");
}

#[tokio::test]
async fn closing_finishes_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _published) = open(folder.path());
    let write = store.write(|tx| setting::set(tx.conn(), "k", "last"));
    let (written, ()) = tokio::join!(write, store.clone().close());
    written.unwrap();
    assert!(matches!(store.write(|_| Ok(())).await, Err(Error::Refused(Refusal::Busy))));
    let (store, _published) = open(folder.path());
    assert_eq!(value(&store, "k").await.as_deref(), Some("last"));
}

#[test]
fn a_database_of_every_older_schema_opens() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for version in 1..=open::MIGRATIONS.len() {
        let copy = folder.path().join(format!("{version}.db"));
        std::fs::copy(fixtures.join(format!("schema-{version}.db")), &copy).unwrap();
        let connection = migrate::prepare(&copy, true).unwrap();
        let orders: i64 = connection.query_row("select count(*) from dining_order", [], |row| row.get(0)).unwrap();
        assert!(orders > 0, "the fixture is populated and stays so");
        for table in ["bill_part", "adjustment", "audit", "member_entry", "member_scan", "day_close", "seating_move"] {
            let rows = format!("select count(*) from {table}");
            let rows: i64 = connection.query_row(&rows, [], |row| row.get(0)).unwrap();
            assert_eq!(rows > 0, version >= 4, "{table} came with schema 4, whose fixture has some");
        }
        let missing = "select count(*) from payment p where p.state = 'paid' and not exists \
             (select 1 from ledger_entry e where e.payment_id = p.id and e.amount_fen = p.amount_fen)";
        let missing: i64 = connection.query_row(missing, [], |row| row.get(0)).unwrap();
        assert_eq!(missing, 0, "what was paid before there was a ledger is in it");
        let unsaid = "select count(*) from bill_part p where p.state <> 'void' and p.amount_fen <> \
             (select coalesce(sum(w.amount_fen), 0) from bill_part_order w where w.part_id = p.id)";
        let unsaid: i64 = connection.query_row(unsaid, [], |row| row.get(0)).unwrap();
        assert_eq!(unsaid, 0, "what parts of before pay is some order's, to the fen");
        for table in ["order_event", "adjustment", "bill", "refund", "ledger_entry"] {
            let strangers = read_texts::<Actor>(&connection, &format!("select distinct actor from {table}"));
            assert_eq!(strangers, [""; 0], "who did something is somebody, in {table}");
        }
        let causes = read_texts::<payment::Cause>(&connection, "select distinct cause from refund");
        assert_eq!(causes, [""; 0], "each refund has a cause that is known");
        let broken = connection.prepare("pragma foreign_key_check").unwrap().exists([]).unwrap();
        assert!(!broken, "nothing refers to what is gone");
        let rewritten = connection.execute("update ledger_entry set amount_fen = 1", []);
        assert!(rewritten.unwrap_err().to_string().contains("append-only"), "nobody rewrites the ledger");
        connection.execute("delete from ledger_entry", []).expect_err("nobody shortens it");
    }
}

/// The texts that are no `T`.
fn read_texts<T: std::str::FromStr>(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(sql).unwrap();
    let texts = statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(|text| text.unwrap());
    texts.filter(|text| text.parse::<T>().is_err()).collect()
}

/// Fees as schema 4 wrote them, each on the first order, which has items of 22.00 at a table of two.
const OLD_FEES: &str = "
    update order_item set quantity = 1, unit_price_fen = 2200 where order_id = 9;
    update seating set heads = 2 where id = (select seating_id from dining_order where id = 9);
    insert into adjustment (order_id, kind, amount_fen, actor, at) values (9, 'cover', 600, 'diner 1', 1);
    insert into adjustment (order_id, kind, amount_fen, actor, at)
    select 9, 'service', (sum(unit_price_fen * quantity) * 12 + 50) / 100, 'diner 1', 1 from order_item where order_id = 9;";

#[test]
fn a_fee_of_an_older_schema_knows_what_it_is_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schema-4.db"), &path).unwrap();
    Connection::open(&path).unwrap().execute_batch(OLD_FEES).unwrap();
    let migrated = migrate::prepare(&path, true).unwrap();
    let of = |kind: &str| -> (Option<i64>, i64, i64) {
        let sql = "select percent, heads, amount_fen from adjustment where kind = ? order by id limit 1";
        migrated.query_row(sql, [kind], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
    };
    assert_eq!((of("service").0, of("cover")), (Some(12), (None, 2, 600)));
    assert_eq!(of("discount"), (None, 0, -220), "a discount stays the sum that it was");
}

/// What schema 1 knew of odd money, on a copy of its fixture: a wrong amount, somebody else's money, a second
/// transaction, and a refund that did not go.
const ODD_MONEY: &str = "
    insert into payment (id, order_id, provider, out_trade_no, amount_fen, state, review_reason, transaction_id,
        created_at, expires_at, paid_at)
    select 101, id, 'demo', 'n101', 3800, 'needs_review', '应收 38.00 元，实付 35.00 元', null, 1, 2, null from dining_order limit 1;
    insert into payment (id, order_id, provider, out_trade_no, amount_fen, state, review_reason, created_at, expires_at)
    select 102, id, 'demo', 'n102', 3800, 'needs_review', '收款商户不是本店', 1, 2 from dining_order limit 1;
    insert into payment (id, order_id, provider, out_trade_no, amount_fen, state, review_reason, transaction_id,
        created_at, expires_at, paid_at)
    select 103, id, 'demo', 'n103', 3800, 'paid', '同一笔付款出现了第二个交易号', 't103', 1, 2, 2 from dining_order limit 1;
    insert into payment_callback (provider, transaction_id, out_trade_no, amount_fen, received_at, outcome) values
        ('demo', 't101', 'n101', 3500, 1, ''), ('demo', 't102', 'n102', 3800, 1, ''),
        ('demo', 't103', 'n103', 3800, 1, ''), ('demo', 't103b', 'n103', 3900, 2, '');
    insert into refund (payment_id, provider, out_refund_no, amount_fen, reason, state, created_at)
    values (103, 'demo', 'n103R', 3800, '', 'abnormal', 3);";

#[test]
fn odd_money_of_the_first_schema_still_waits_for_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schema-1.db"), &path).unwrap();
    Connection::open(&path).unwrap().execute_batch(ODD_MONEY).unwrap();
    let migrated = migrate::prepare(&path, true).unwrap();
    let list = |sql: &str| {
        let mut statement = migrated.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.collect::<rusqlite::Result<Vec<_>>>().unwrap()
    };
    assert_eq!(
        list("select payment_id || ' ' || kind || ' ' || amount_fen from review order by id"),
        ["101 amount 3500", "102 merchant 3800", "103 transaction 3900", "103 refund_abnormal 3800"]
    );
    assert_eq!(
        list(
            "select payment_id || ' ' || amount_fen || ' ' || reference from ledger_entry where payment_id > 100 order by payment_id"
        ),
        ["101 3500 t101", "103 3800 t103"]
    );
    assert_eq!(list("select received_fen || transaction_id from payment where id = 101"), ["3500t101"]);
}

/// Ids as imports once took them from other systems' tables, on a copy of schema 4's fixture: the last of 64 bits, one
/// beyond what a page can hold, and a negative one; in carts, orders and combos.
const FOREIGN_IDS: &str = "
    insert into category (id, name, kind, sort_order) values (9223372036854775806, '外来', 1, 1), (-5, '负数', 2, 2);
    insert into cuisine (id, category_id, name, kind, price_fen, sort_order) values
        (9223372036854775807, 9223372036854775806, '外来菜', 1, 100, 1), (1397849739276890114, -5, '外来套餐', 2, 200, 2);
    insert into combo_item values (1397849739276890114, 9223372036854775807, 2);
    insert into order_item (order_id, position, cuisine_id, name, kind, unit_price_fen, quantity, options, remark, diner_id)
        select order_id, 90, 9223372036854775807, '外来菜', 1, 100, 1, '[]', '', diner_id from order_item limit 1;
    insert into order_item (order_id, position, cuisine_id, name, kind, unit_price_fen, quantity, options, remark, diner_id)
        select order_id, 91, 9223372036854775800, '早已删除', 1, 100, 1, '[]', '', diner_id from order_item limit 1;
    insert into cart_line (table_id, cuisine_id, options, quantity, diner_id)
        select table_id, 9223372036854775807, '[]', 1, diner_id from dining_order limit 1;
    insert into setting values ('last_cuisine_id', '9223372036854775807')
        on conflict (key) do update set value = excluded.value;";

#[test]
fn ids_that_imports_took_from_other_systems_become_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schema-4.db"), &path).unwrap();
    Connection::open(&path).unwrap().execute_batch(FOREIGN_IDS).unwrap();
    let migrated = migrate::prepare(&path, true).unwrap();
    assert!(!migrated.prepare("pragma foreign_key_check").unwrap().exists([]).unwrap());
    let number = |sql: &str| migrated.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    for column in ["id from category", "id from cuisine", "cuisine_id from order_item", "cuisine_id from cart_line"] {
        let name = column.split(' ').next().unwrap();
        assert_eq!(
            number(&format!("select count(*) from (select {column}) where {name} not between 1 and 1000000000")),
            0
        );
    }
    let dish = number("select id from cuisine where name = '外来菜' and foreign_id = '编号 9223372036854775807'");
    let combo = number("select id from cuisine where name = '外来套餐' and foreign_id = '编号 1397849739276890114'");
    assert_eq!(number("select count(*) from category where foreign_id in ('编号 9223372036854775806', '编号 -5')"), 2);
    assert_eq!(number(&format!("select count(*) from combo_item where combo_id = {combo} and cuisine_id = {dish}")), 1);
    assert_eq!(number(&format!("select count(*) from order_item where name = '外来菜' and cuisine_id = {dish}")), 1);
    assert_eq!(number(&format!("select count(*) from cart_line where cuisine_id = {dish}")), 1);
    let next = "select max(coalesce((select max(id) from cuisine), 0), (select cast(value as integer) from setting where key = 'last_cuisine_id')) + 1";
    assert!(number(next) < 1_000_000_000, "there is a next one");
}

#[test]
fn debts_that_were_let_go_before_they_had_a_place_of_their_own_are_read_off_the_audit_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schema-4.db"), &path).unwrap();
    let audited = "insert into audit (at, actor, act, target, detail) values
        (5, 'admin', 'table.clear', 'A02', '38.50 元未结：客人：跑单'), (6, 'bob', 'table.clear', 'A03', '0.29 元未结：x'),
        (7, 'bob', 'bill.free', 'A04', '9.00 元未结：x')";
    Connection::open(&path).unwrap().execute_batch(audited).unwrap();
    let migrated = migrate::prepare(&path, true).unwrap();
    let mut statement = migrated
        .prepare("select at || ' ' || table_number || ' ' || amount_fen || ' ' || reason || ' ' || actor from let_go order by id")
        .unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>().unwrap();
    assert_eq!(rows, ["5 A02 3850 客人：跑单 admin", "6 A03 29 x bob"]);
}

#[test]
fn a_migration_is_preceded_by_a_backup_that_opens_and_a_failed_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let latest = open::MIGRATIONS.len();
    let fixture = format!("tests/data/schema-{latest}.db");
    let path = folder.path().join("t.db");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture), &path).unwrap();
    let state = |connection: &Connection| {
        let version: i64 = connection.query_row("pragma user_version", [], |row| row.get(0)).unwrap();
        let orders: i64 = connection.query_row("select count(*) from dining_order", [], |row| row.get(0)).unwrap();
        let columns = "select count(*) from pragma_table_info('setting')";
        (version as usize, orders, connection.query_row::<i64, _, _>(columns, [], |row| row.get(0)).unwrap())
    };
    let before = state(&Connection::open(&path).unwrap());
    let add = "alter table setting add column note text;";
    let broken = format!("{add} insert into nowhere values (1);");
    assert!(migrate::prepare_with(&path, true, &[open::MIGRATIONS, &[broken.as_str()]].concat()).is_err());
    assert_eq!(state(&Connection::open(&path).unwrap()), before);

    let connection = migrate::prepare_with(&path, true, &[open::MIGRATIONS, &[add]].concat()).unwrap();
    assert_eq!(state(&connection), (latest + 1, before.1, before.2 + 1));
    let backup = folder.path().join(format!("t.before-schema-{}.db", latest + 1));
    assert_eq!(state(&Connection::open(backup).unwrap()), before);
}
