//! sky-take-out's admin web as a client (docs/protocol.md §5): orders, shop, dashboard, reports; names, types, numbers
//! and envelope, and what that web sends wrongly. The menu's routes are in menu.rs, the staff's in employee.rs.

use crate::employee::{hire, log_in};
use crate::support::{Counter, Daemon};
use calamine::{Data, Reader, Xlsx};
use jiff::civil::Date;
use jiff::{ToSpan, tz::TimeZone};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// The demo's business day: Asia/Shanghai, from 4 o'clock.
pub fn today() -> Date {
    (jiff::Zoned::now().with_time_zone(TimeZone::get("Asia/Shanghai").unwrap()).datetime() - 4.hours()).date()
}

/// So many hours after a business day began, in unix milliseconds.
pub fn moment(day: Date, hours: i8) -> i64 {
    let begin = day.at(4, 0, 0, 0).to_zoned(TimeZone::get("Asia/Shanghai").unwrap()).unwrap();
    (&begin + hours.hours()).timestamp().as_millisecond()
}

/// Orders of days gone by: (when, yuan, dish, pieces), each paid in cash at that moment.
pub fn seed(daemon: &Daemon, orders: &[(i64, i64, &str, i64)]) {
    let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
    database.busy_timeout(crate::support::PATIENCE).unwrap();
    database
        .execute_batch("insert into seating (id, table_id, opened_at, closed_at) values (900, 8, 0, 1); insert into diner (id, seating_id, joined_at) values (900, 900, 0);")
        .unwrap();
    for (index, (at, yuan, dish, pieces)) in orders.iter().enumerate() {
        let id = 9000 + index as i64;
        database.execute(
            "insert into dining_order (id, number, table_id, seating_id, diner_id, status, pay_status, pay_method, amount_fen, created_at, paid_at, ended_at) values (?1, ?2, 8, 900, 900, 5, 1, 3, ?3, ?4, ?4, ?4)",
            (id, format!("old{id}"), yuan * 100, at)).unwrap();
        database.execute("insert into order_item (order_id, position, cuisine_id, name, kind, unit_price_fen, quantity, options, remark, diner_id) values (?, 1, 1001, ?, 1, ?, ?, '[]', '', 900)",
            (id, dish, yuan * 100 / pieces, pieces)).unwrap();
        database.execute("insert into payment (id, order_id, provider, channel, out_trade_no, amount_fen, received_fen, state, created_at, expires_at, paid_at) values (?1, ?1, 'counter', 'cash', ?2, ?3, ?3, 'paid', ?4, ?4, ?4)",
            (id, format!("old{id}"), yuan * 100, at)).unwrap();
        database.execute("insert into ledger_entry (order_id, payment_id, kind, provider, method, amount_fen, reference, at, provider_at, actor) values (?1, ?1, 'payment', 'counter', 'cash', ?2, ?3, ?4, ?4, 'staff admin')",
            (id, yuan * 100, format!("old{id}"), at)).unwrap();
    }
}

async fn get(counter: &Counter, path: &str) -> Value {
    counter.ok(Method::GET, &format!("/admin/{path}"), Value::Null).await
}

/// What the body says, to the character.
async fn text(counter: &Counter, path: &str) -> String {
    let request = counter.http.get(format!("{}/admin/{path}", counter.lan)).header("token", &counter.token);
    request.send().await.unwrap().text().await.unwrap()
}

/// A request as axios sends it: any body, any content type.
async fn raw(counter: &Counter, method: Method, path: &str, kind: &str, body: &str) -> (StatusCode, Value) {
    let mut request =
        counter.http.request(method, format!("{}/admin/{path}", counter.lan)).header("token", &counter.token);
    if !kind.is_empty() {
        request = request.header("content-type", kind).body(body.to_owned());
    }
    let answer = crate::support::answer(request).await;
    (answer.status, answer.body)
}

const JSON: &str = "application/json;charset=utf-8";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn the_dashboard_shows_the_business_day_in_its_own_names() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let nothing = r#"{"code":1,"msg":null,"data":{"turnover":0.00,"validOrderCount":0,"orderCompletionRate":0.0000,"unitPrice":0.00,"newUsers":0}}"#;
    assert_eq!(text(&counter, "workspace/businessData").await, nothing, "numbers where nothing has happened");
    seed(&daemon, &[(moment(today(), -1), 500, "昨天的菜", 1)]);
    for (number, steps) in [&[][..], &["confirm"], &["confirm", "complete"], &["rejection"]].iter().enumerate() {
        let order = ann.paid_order(&format!("o{number}")).await;
        for step in *steps {
            let path = if *step == "complete" { format!("/complete/{}", order["orderId"]) } else { format!("/{step}") };
            assert_eq!(
                counter.put(&format!("/admin/order{path}"), json!({ "id": order["orderId"] })).await.body["code"],
                1
            );
        }
        if steps == &["rejection"] {
            ann.order_when(&order, |order| order["payStatus"] == 2).await;
        }
    }
    ann.order("unpaid").await;
    assert_eq!(
        text(&counter, "workspace/businessData").await,
        r#"{"code":1,"msg":null,"data":{"turnover":114.00,"validOrderCount":3,"orderCompletionRate":0.6000,"unitPrice":38.00,"newUsers":0}}"#
    );
    let orders =
        json!({ "waitingOrders": 1, "deliveredOrders": 1, "completedOrders": 1, "cancelledOrders": 1, "allOrders": 5 });
    assert_eq!(get(&counter, "workspace/overviewOrders").await, orders);
    for (path, cuisine) in [("workspace/overviewDishes", 1001), ("workspace/overviewSetmeals", 0)] {
        let before = get(&counter, path).await;
        let count = |value: &Value, name: &str| value[name].as_i64().unwrap_or_else(|| panic!("{path}: {value}"));
        if cuisine > 0 {
            counter.set_sold_out(cuisine, true).await;
            let after = get(&counter, path).await;
            assert_eq!(count(&after, "sold"), count(&before, "sold") - 1);
            assert_eq!(count(&after, "discontinued"), count(&before, "discontinued") + 1);
        }
        assert!(count(&before, "sold") > 0 && count(&before, "discontinued") >= 0, "{before}");
    }
}

/// It is everybody's first page in the old web, which takes each figure unread: `NaN%` where a rate is missing.
#[tokio::test]
async fn the_dashboard_shows_everybody_what_the_role_may_see_in_the_same_shape() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, owner) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.paid_order("a").await;
    owner.ok(Method::PUT, "/admin/order/confirm", json!({ "id": order["orderId"] })).await;
    ann.order("unpaid").await;
    for role in ["cashier", "waiter", "kitchen"] {
        hire(&owner, &format!("a-{role}"), role).await;
        let person = log_in(&daemon, &format!("a-{role}")).await;
        let (turnover, mean) = if role == "cashier" { ("38.00", "38.00") } else { ("null", "null") };
        assert_eq!(
            text(&person, "workspace/businessData").await,
            format!(
                r#"{{"code":1,"msg":null,"data":{{"turnover":{turnover},"validOrderCount":1,"orderCompletionRate":0.5000,"unitPrice":{mean},"newUsers":0}}}}"#
            ),
            "{role}"
        );
        for path in ["overviewOrders", "overviewDishes", "overviewSetmeals"] {
            let path = format!("workspace/{path}");
            assert_eq!(get(&person, &path).await, get(&owner, &path).await, "{role}: {path}");
        }
        // The other page with a rate.
        let range = format!("report/ordersStatistics?begin={0}&end={0}", today());
        assert_eq!(get(&person, &range).await["orderCompletionRate"], 0.5, "{role}");
    }
}

#[tokio::test]
async fn charts_have_an_entry_for_every_day_and_zeros_for_days_to_come() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let day = |ago: i64| today() - ago.days();
    seed(
        &daemon,
        &[
            // The first and the last moment of a business day, and the moment after it.
            (moment(day(3), 0), 40, "鱼,香肉丝", 2),
            (moment(day(2), 0) - 1, 20, "米饭", 10),
            (moment(day(2), 0), 75, "宫保鸡丁", 1),
        ],
    );
    daemon.stored::<i64>("select count(*) from ledger_entry");
    let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
    for (name, at) in [("甲", moment(day(9), 1)), ("乙", moment(day(2), 1)), ("丙", moment(day(2), 2))] {
        database.execute("insert into member (name, phone, created_at) values (?1, ?1, ?2)", (name, at)).unwrap();
    }
    let range = format!("begin={}&end={}", day(3), day(-2));
    let dates: Vec<String> = (-2..=3).rev().map(|ago| day(ago).to_string()).collect();
    let dates = dates.join(",");
    assert_eq!(
        get(&counter, &format!("report/turnoverStatistics?{range}")).await,
        json!({ "dateList": dates, "turnoverList": "60.00,75.00,0.00,0.00,0.00,0.00" })
    );
    assert_eq!(
        get(&counter, &format!("report/ordersStatistics?{range}")).await,
        json!({ "dateList": dates, "orderCountList": "2,1,0,0,0,0", "validOrderCountList": "2,1,0,0,0,0",
            "totalOrderCount": 3, "validOrderCount": 3, "orderCompletionRate": 1.0 })
    );
    assert_eq!(
        get(&counter, &format!("report/userStatistics?{range}")).await,
        json!({ "dateList": dates, "totalUserList": "1,3,3,3,3,3", "newUserList": "0,2,0,0,0,0" })
    );
    assert_eq!(
        get(&counter, &format!("report/top10?{range}")).await,
        json!({ "nameList": "米饭,鱼，香肉丝,宫保鸡丁", "numberList": "10,2,1" }),
        "best first; a comma in a name is none of the series"
    );
    let empty = json!({ "nameList": "", "numberList": "" });
    assert_eq!(get(&counter, &format!("report/top10?begin={0}&end={0}", day(-1))).await, empty);
}

#[tokio::test]
async fn an_impossible_range_is_refused_with_series_that_can_be_split() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    for route in ["turnoverStatistics", "ordersStatistics", "userStatistics", "top10"] {
        for range in [
            "",
            "begin=&end=",
            "begin=2026-11-02&end=2026-11-01",
            "begin=2020-01-01&end=2026-01-01",
            "begin=x&end=2026-11-01",
            "begin=2026-02-30&end=2026-03-01",
            "begin=9999-12-31&end=9999-12-31",
        ] {
            let answer = counter.send(Method::GET, &format!("/admin/report/{route}?{range}"), Value::Null).await;
            assert_eq!((answer.status, &answer.body["code"]), (StatusCode::OK, &json!(0)), "{route} {range}");
            assert!(answer.body["msg"].as_str().is_some_and(|msg| !msg.is_empty()), "{route} {range}");
            for series in
                ["dateList", "turnoverList", "totalUserList", "newUserList", "orderCountList", "nameList", "numberList"]
            {
                assert_eq!(answer.body["data"][series], "", "{route} {range}");
            }
        }
    }
}

async fn workbook(counter: &Counter, query: &str) -> calamine::Range<Data> {
    let url = format!("{}/admin/report/export{query}", counter.lan);
    let response = counter.http.get(url).header("token", &counter.token).send().await.unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    assert!(header("content-disposition").starts_with("attachment;"));
    let mut workbook: Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(response.bytes().await.unwrap())).unwrap();
    workbook.worksheet_range("Sheet1").unwrap()
}

/// By the name that a spreadsheet shows: `C8`.
fn cell(sheet: &calamine::Range<Data>, name: &str) -> Data {
    let column = u32::from(name.as_bytes()[0] - b'A');
    sheet.get_value((name[1..].parse::<u32>().unwrap() - 1, column)).cloned().unwrap_or(Data::Empty)
}

#[tokio::test]
async fn the_workbook_has_the_days_that_are_asked_for_and_today() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let day = |ago: i64| today() - ago.days();
    seed(&daemon, &[(moment(today(), 0), 38, "面", 1), (moment(day(40), 0), 20, "饭", 1)]);
    let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
    database.busy_timeout(crate::support::PATIENCE).unwrap();
    let free = "insert into adjustment (order_id, kind, position, amount_fen, actor, at) values (9000, 'free', 1, -3800, 'staff admin', 0)";
    database.execute(free, []).unwrap();
    let debt =
        "insert into let_go (at, table_number, amount_fen, reason, actor) values (?, 'A01', 5000, '跑单', 'admin')";
    database.execute(debt, [moment(today(), 1)]).unwrap();
    let text = |text: String| Data::String(text);
    // The old web says nothing of days.
    let sheet = workbook(&counter, "").await;
    assert_eq!(cell(&sheet, "B2"), text(format!("时间：{}至{}", day(29), today())));
    assert_eq!([cell(&sheet, "B37"), cell(&sheet, "B38")], [text(today().to_string()), Data::Empty]);
    assert_eq!([cell(&sheet, "C4"), cell(&sheet, "C37")], [Data::Float(38.0), Data::Float(38.0)]);
    assert_eq!(
        [cell(&sheet, "H7"), cell(&sheet, "J7")],
        ["免单份数（计入销量）", "未收已放弃"].map(|head| text(head.into()))
    );
    assert_eq!([cell(&sheet, "H37"), cell(&sheet, "I37"), cell(&sheet, "J37")], [1.0, 38.0, 50.0].map(Data::Float));
    let asked = workbook(&counter, &format!("?begin={}&end={}", day(41), day(39))).await;
    assert_eq!(cell(&asked, "B2"), text(format!("时间：{}至{}", day(41), day(39))));
    assert_eq!([cell(&asked, "C4"), cell(&asked, "C9")], [Data::Float(20.0), Data::Float(20.0)]);
    assert_eq!([cell(&asked, "B10"), cell(&asked, "B11")], [text(day(39).to_string()), Data::Empty]);
    let until = workbook(&counter, &format!("?begin=&end={}", day(39))).await;
    assert_eq!(cell(&until, "B2"), text(format!("时间：{}至{}", day(68), day(39))));
    for query in ["begin=x", "end=2026-13-01", "begin=2026-02-02&end=2026-02-01"] {
        let answer = counter.send(Method::GET, &format!("/admin/report/export?{query}"), Value::Null).await;
        assert_eq!((answer.status, answer.error()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{query}");
    }
}

#[tokio::test]
async fn the_workbook_says_what_the_charts_say() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let day = |ago: i64| today() - ago.days();
    seed(
        &daemon,
        &[
            (moment(day(1), 5), 38, "宫保鸡丁", 1),
            (moment(day(1), 6), 25, "米饭", 5),
            (moment(day(30), 0), 100, "面", 3),
            (moment(day(31), 5), 999, "旧", 1),
        ],
    );
    let range = format!("begin={}&end={}", day(30), day(1));
    let sheet = workbook(&counter, &format!("?{range}")).await;
    let cell = |name: &str| cell(&sheet, name);
    for (name, wanted) in [
        ("B1", "运营数据报表".to_owned()),
        ("B2", format!("时间：{}至{}", day(30), day(1))),
        ("B3", "概览数据".into()),
        ("B4", "营业额".into()),
        ("D4", "订单完成率".into()),
        ("F4", "新增用户数".into()),
        ("B5", "有效订单".into()),
        ("D5", "平均客单价".into()),
        ("B6", "明细数据".into()),
        ("B7", "日期".into()),
        ("C7", "营业额".into()),
        ("D7", "有效订单".into()),
        ("E7", "订单完成率".into()),
        ("F7", "平均客单价".into()),
        ("G7", "新增用户数".into()),
    ] {
        assert_eq!(cell(name), Data::String(wanted), "{name}");
    }
    for (name, wanted) in [("C4", 163.0), ("E4", 1.0), ("G4", 0.0), ("C5", 3.0), ("E5", 54.33)] {
        assert_eq!(cell(name), Data::Float(wanted), "{name}");
    }
    let split = async |route: &str, series: &str| -> Vec<String> {
        let data = get(&counter, &format!("report/{route}?{range}")).await;
        data[series].as_str().unwrap().split(',').map(str::to_owned).collect()
    };
    let columns = [
        ('B', split("turnoverStatistics", "dateList").await),
        ('C', split("turnoverStatistics", "turnoverList").await),
        ('D', split("ordersStatistics", "validOrderCountList").await),
        ('G', split("userStatistics", "newUserList").await),
    ];
    for (column, series) in columns {
        assert_eq!(series.len(), 30);
        for (row, wanted) in (8..).zip(series) {
            let wanted = wanted.parse().map_or(Data::String(wanted), Data::Float);
            assert_eq!(cell(&format!("{column}{row}")), wanted, "{column}{row}");
        }
    }
    assert_eq!((cell("E37"), cell("F37"), cell("B38")), (Data::Float(1.0), Data::Float(31.5), Data::Empty));
    assert_eq!(cell("A8"), Data::Empty, "column A stays empty");
}

#[tokio::test]
async fn what_the_old_web_takes_unread_is_refused_with_an_honest_status() {
    let daemon = Daemon::demo(&[]);
    let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
    database.busy_timeout(crate::support::PATIENCE).unwrap();
    database.execute("update staff set role = 'waiter'", []).unwrap();
    let waiter = daemon.counter().await;
    for path in ["report/export", "report/turnoverStatistics"] {
        let answer = waiter.send(Method::GET, &format!("/admin/{path}"), Value::Null).await;
        assert_eq!((answer.status, answer.error()), (StatusCode::FORBIDDEN, "FORBIDDEN"), "{path}");
    }
    let stranger = Counter { http: reqwest::Client::new(), lan: daemon.lan.clone(), token: String::new() };
    let answer = stranger.send(Method::GET, "/admin/report/export", Value::Null).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(get(&waiter, "order/statistics").await.is_object(), "badges are everybody's");
}

#[tokio::test]
async fn a_row_of_orders_has_every_field_that_the_old_web_reads() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.paid_order("o1").await;
    let page = get(&counter, "order/conditionSearch?page=1&pageSize=10&status=2").await;
    let details = get(&counter, &format!("order/details/{}", order["orderId"])).await;
    for record in [&page["records"][0], &details] {
        for name in ["id", "status", "amount", "payStatus", "payMethod", "tablewareNumber"] {
            assert!(record[name].is_number(), "{name}: {record}");
        }
        for name in [
            "number",
            "orderDishes",
            "userName",
            "phone",
            "address",
            "consignee",
            "orderTime",
            "remark",
            "cancelReason",
            "rejectionReason",
            "checkoutTime",
        ] {
            assert!(record[name].is_string(), "{name}: {record}");
        }
        for name in ["cancelTime", "deliveryTime", "estimatedDeliveryTime"] {
            assert!(record.as_object().unwrap().contains_key(name) && record[name].is_null(), "{name}: {record}");
        }
    }
    let line = &details["orderDetailList"][0];
    assert_eq!((&line["name"], &line["number"], &line["amount"]), (&json!("宫保鸡丁"), &json!(1), &json!(38.0)));
    assert_eq!(
        counter
            .put("/admin/order/rejection", json!({ "id": order["orderId"], "rejectionReason": "餐厅已打烊" }))
            .await
            .body["code"],
        1
    );
    let row = get(&counter, "order/conditionSearch?page=1&pageSize=10&status=6").await["records"][0].clone();
    assert_eq!(
        (&row["cancelReason"], &row["rejectionReason"]),
        (&json!("餐厅已打烊"), &json!("餐厅已打烊")),
        "the list shows only the first"
    );
    assert!(row["cancelTime"].is_string(), "{row}");
}

#[tokio::test]
async fn a_completed_order_that_was_not_paid_says_so_where_its_payment_s_time_would_be() {
    let daemon = Daemon::demo(&["--pay", "later", "--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let id = ann.order("a").await["orderId"].as_i64().unwrap();
    counter.ok(Method::PUT, "/admin/order/confirm", json!({ "id": id })).await;
    counter.ok(Method::PUT, &format!("/admin/order/complete/{id}"), Value::Null).await;
    let said = async || {
        let row = get(&counter, "order/conditionSearch?page=1&pageSize=10&status=5").await["records"][0].clone();
        let details = get(&counter, &format!("order/details/{id}")).await;
        assert_eq!((&row["id"], &row["checkoutTime"]), (&json!(id), &details["checkoutTime"]));
        (row["payStatus"].as_i64().unwrap(), row["checkoutTime"].as_str().unwrap().to_owned())
    };
    assert_eq!(said().await, (0, "未付款".to_owned()));
    counter
        .ok(
            Method::POST,
            "/admin/payment/counter",
            json!({ "orderId": id, "method": "cash", "amount": 38.0, "opId": "cash-1" }),
        )
        .await;
    let (paid, at) = said().await;
    assert_eq!((paid, at.len()), (1, "2026-11-20 19:03".len()), "{at}");
}

#[tokio::test]
async fn searches_take_what_the_old_web_sends() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.order("o1").await;
    let number = order["orderNumber"].as_str().unwrap();
    let begin = today() - 1.days();
    let times = format!("beginTime={begin}%2000%3A00%3A00&endTime=2099-12-31+23%3A59%3A59");
    for (query, found) in [
        ("page=1&pageSize=10&status=&number=&phone=&beginTime=&endTime=".to_owned(), 1),
        (format!("page=1&pageSize=40&{times}"), 1),
        ("pageSize=1000000".into(), 1),
        ("pageNum=1&size=10&unknown=x".into(), 1),
        ("page=0&pageSize=0".into(), 1),
        (format!("number={number}"), 1),
        (format!("number={}", &number[..9]), 1),
        (format!("number={}", &number[4..]), 1),
        (format!("number={}9", &number[..8]), 0),
        ("number=2'%20or%20'1'='1".into(), 0),
        ("status=1".into(), 1),
        ("status=7".into(), 0),
        ("phone=138".into(), 0),
        ("page=99".into(), 0),
    ] {
        let page = get(&counter, &format!("order/conditionSearch?{query}")).await;
        assert_eq!(page["records"].as_array().unwrap().len(), found, "{query}");
        let total = if query == "page=99" { 1 } else { found };
        assert_eq!(page["total"], total, "{query}");
    }
    for query in ["page=x", "pageSize=1.5", "status=new", "beginTime=yesterday"] {
        let answer = counter.send(Method::GET, &format!("/admin/order/conditionSearch?{query}"), Value::Null).await;
        assert_eq!(
            (answer.status, &answer.body["code"], answer.error()),
            (StatusCode::OK, &json!(0), "BAD_REQUEST"),
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_unknown_order_is_an_empty_one_to_the_old_web() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    for id in ["4711", "-1", "null", "undefined", "99999999999999999999"] {
        let answer = counter.send(Method::GET, &format!("/admin/order/details/{id}"), Value::Null).await;
        assert_eq!(
            (answer.status, &answer.body["code"], &answer.body["data"]),
            (StatusCode::OK, &json!(0), &json!({})),
            "{id}"
        );
        assert!(answer.body["msg"].is_string(), "{id}");
    }
    for (path, body) in [
        ("confirm", json!({ "id": 4711 })),
        ("cancel", json!({ "id": "4711", "cancelReason": "" })),
        ("rejection", json!({ "id": 4711 })),
    ] {
        let answer = counter.put(&format!("/admin/order/{path}"), body).await;
        assert_eq!((answer.status, &answer.body["msg"]), (StatusCode::OK, &json!("订单不存在")), "{path}");
    }
}

#[tokio::test]
async fn buttons_work_with_ids_as_numbers_and_as_strings_and_without_bodies() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.paid_order("o1").await;
    let id = order["orderId"].as_i64().unwrap();
    for (body, error) in [
        ("", "BAD_REQUEST"),
        ("{}", "BAD_REQUEST"),
        ("17", "BAD_REQUEST"),
        (r#"{"id":""}"#, "BAD_REQUEST"),
        (r#"{"id":"x"}"#, "BAD_REQUEST"),
        ("[", "BAD_REQUEST"),
    ] {
        let (status, answer) = raw(&counter, Method::PUT, "order/confirm", JSON, body).await;
        assert_eq!((status, &answer["code"], &answer["error"]), (StatusCode::OK, &json!(0), &json!(error)), "{body}");
        assert!(answer["msg"].is_string() && answer.as_object().unwrap().contains_key("data"), "{answer}");
    }
    let (_, confirmed) = raw(&counter, Method::PUT, "order/confirm", JSON, &format!(r#"{{"id":"{id}"}}"#)).await;
    assert_eq!(confirmed, json!({ "code": 1, "msg": null, "data": null }));
    for path in [format!("order/delivery/{id}"), format!("order/complete/{id}")] {
        assert_eq!(raw(&counter, Method::PUT, &path, "", "").await.1["code"], 1, "{path}");
    }
    let other = ann.paid_order("o2").await;
    let body = format!(r#"{{"id":"{}","cancelReason":"客户电话取消","extra":[1]}}"#, other["orderId"]);
    assert_eq!(raw(&counter, Method::PUT, "order/cancel", JSON, &body).await.1["code"], 1);
    ann.order_when(&other, |order| order["payStatus"] == 2).await;
}

#[tokio::test]
async fn a_page_that_is_behind_ends_nothing_that_the_kitchen_cooks_or_has_served() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.paid_order("o1").await;
    let id = &order["orderId"];
    assert_eq!(counter.put("/admin/order/confirm", json!({ "id": id })).await.body["code"], 1);
    let late = counter.put("/admin/order/rejection", json!({ "id": id, "rejectionReason": "菜品已销售完" })).await;
    assert_eq!(
        (late.status, late.error(), &late.body["msg"]),
        (StatusCode::OK, "ORDER_STATE", &json!("订单已接单，不要请用取消"))
    );
    counter.put(&format!("/admin/order/complete/{id}"), Value::Null).await;
    let over = counter.put("/admin/order/cancel", json!({ "id": id, "cancelReason": "客户电话取消" })).await;
    assert_eq!((over.error(), &over.body["msg"]), ("ORDER_STATE", &json!("订单已完成，不能取消；要退钱请用退款")));
    let still = get(&counter, &format!("order/details/{id}")).await;
    assert_eq!((&still["status"], &still["payStatus"], &still["cancelReason"]), (&json!(5), &json!(1), &json!("")));
    assert_eq!(daemon.stored::<i64>("select count(*) from refund"), 0);
    let refund = json!({ "orderId": id, "amount": 38.0, "reason": "太咸", "opId": "r1" });
    assert_eq!(
        counter.send(Method::POST, "/admin/payment/refund", refund).await.body["code"],
        1,
        "as the sentence says"
    );
}

#[tokio::test]
async fn the_shop_opens_and_closes_whatever_the_body_is() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    for (state, kind, body) in
        [("0", FORM, "0"), ("1", FORM, "1"), ("0", "", ""), ("1", JSON, "1"), ("0", FORM, ""), ("1", JSON, "{")]
    {
        let (status, answer) = raw(&counter, Method::PUT, &format!("shop/{state}"), kind, body).await;
        assert_eq!(
            (status, &answer),
            (StatusCode::OK, &json!({ "code": 1, "msg": null, "data": null })),
            "{state} {kind} {body}"
        );
        assert_eq!(get(&counter, "shop/status").await, json!(state.parse::<i64>().unwrap()), "a number");
    }
    let (status, answer) = raw(&counter, Method::PUT, "shop/null", FORM, "").await;
    assert_eq!((status, &answer["code"]), (StatusCode::OK, &json!(0)), "{answer}");
    assert_eq!(get(&counter, "shop/status").await, 1);
}
