//! Files at the counter: pictures of dishes, and the menu as a table. Files come from staff, and from enemies.

use crate::support::{self, Answer, Counter, Daemon};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn send(counter: &Counter, path: &str, field: &str, name: &str, file: &[u8]) -> Answer {
    support::answer(upload(counter, path, field, name, file)).await
}

/// As a browser's form sends a file.
fn upload(counter: &Counter, path: &str, field: &str, name: &str, file: &[u8]) -> reqwest::RequestBuilder {
    let head = format!(
        "--b\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\ncontent-type: image/png\r\n\r\n"
    );
    let body = [head.as_bytes(), file, b"\r\n--b--\r\n"].concat();
    let request = counter.http.post(format!("{}{path}", counter.lan)).header("token", &counter.token);
    request.header("content-type", "multipart/form-data; boundary=b").body(body)
}

/// A PNG of one red pixel, made by hand elsewhere.
fn pixel() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 1, 1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[250, 0, 0]).unwrap();
    file
}

#[tokio::test]
async fn a_picture_is_made_new_and_served_for_ever() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let answer = send(&counter, "/admin/common/upload", "file", "../../etc/passwd", &pixel()).await;
    assert_eq!((answer.status, &answer.body["code"]), (StatusCode::OK, &json!(1)), "{}", answer.body);
    let address = answer.body["data"].as_str().unwrap().to_owned();
    for address in [address.clone(), address.replace("512", "128")] {
        let picture = counter.http.get(format!("{}{address}", counter.lan)).send().await.unwrap();
        let header = |name: &str| picture.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((picture.status(), header("content-type").as_str()), (StatusCode::OK, "image/jpeg"));
        assert!(header("cache-control").contains("immutable") && header("x-content-type-options") == "nosniff");
        assert!(picture.bytes().await.unwrap().starts_with(b"\xff\xd8\xff"));
    }
    // Where sky-take-out's own nginx passes it on, with the prefix and without.
    let hash = address.split('/').nth(3).unwrap();
    let everywhere = ["", "/api", "/admin"].map(|below| format!("{below}/pictures/{hash}/512.jpg"));
    assert_eq!(address, everywhere[1]);
    for address in everywhere {
        let picture = counter.http.get(format!("{}{address}", counter.lan)).send().await.unwrap();
        assert_eq!(picture.status(), StatusCode::OK, "{address}");
    }
    let dish = json!({ "id": 1001, "image": address });
    counter.ok(Method::PUT, "/admin/dish", dish.clone()).await;
    assert_eq!(counter.ok(Method::GET, "/admin/dish/1001", Value::Null).await["image"], address.as_str());
    let stored = || daemon.stored::<String>("select image from cuisine where id = 1001");
    assert_eq!(stored(), format!("/pictures/{hash}/512.jpg"), "one picture has one address in the database");
    let menu = daemon.phone(0).await.get("/api/store/menu").await.to_string();
    assert!(menu.contains(&format!("\"/pictures/{hash}/128.jpg\"")) && !menu.contains("/api/pictures"), "{menu}");
    let again = send(&counter, "/admin/common/upload", "file", "b.gif", &pixel()).await;
    assert_eq!(again.body["data"], address.as_str(), "the same file is kept once");
    assert_eq!(daemon.stored::<i64>("select count(*) from picture"), 1);
    for path in [
        format!("/pictures/{hash}/256.jpg"),
        format!("/pictures/{hash}/..%2f512.jpg"),
        "/pictures/..%2f..%2fetc/512.jpg".into(),
        format!("/pictures/{}/512.jpg", "0".repeat(32)),
        format!("/pictures/{}/512.jpg", hash.to_uppercase()),
        "/pictures//512.jpg".into(),
        format!("/user/pictures/{hash}/512.jpg"),
    ] {
        let answer = support::answer(counter.http.get(format!("{}{path}", counter.lan))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn what_is_no_picture_is_refused_with_a_status_that_the_old_web_reads() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let upload = "/admin/common/upload";
    for (what, field, file, status) in [
        ("html in a picture's name", "file", &b"<html><script>alert(1)</script>"[..], 415),
        ("svg", "file", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
        ("nothing", "file", b"", 415),
        ("half of one", "file", &pixel()[..40], 415),
        ("a phone's HEIC", "file", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta", 415),
        ("another field", "image", &pixel()[..], 400),
    ] {
        let answer = send(&counter, upload, field, "a.png", file).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["code"], &answer.body["data"]),
            (status, &json!(0), &Value::Null),
            "{what}"
        );
    }
    let large = send(&counter, upload, "file", "a.png", &[pixel(), vec![0; 7 << 20]].concat()).await;
    assert_eq!(large.status, StatusCode::OK, "what follows a picture is not kept: {}", large.body);
    let nobody = Counter { http: reqwest::Client::new(), lan: counter.lan.clone(), token: String::new() };
    assert_eq!(send(&nobody, upload, "file", "a.png", &pixel()).await.status, StatusCode::UNAUTHORIZED);
    let json = counter.send(Method::POST, upload, json!({ "file": "x" })).await;
    assert_eq!(json.status, StatusCode::BAD_REQUEST, "no multipart body");
}

/// What a file made of the menu: new, changed, of these renamed, and unchanged; and its problems.
fn counts(report: &Answer) -> Value {
    json!(["added", "changed", "renamed", "unchanged", "problems"].map(|name| report.body["data"][name].clone()))
}

#[tokio::test]
async fn the_menu_goes_out_and_comes_back() {
    let daemon = Daemon::demo(&[]);
    let (counter, ann) = (daemon.counter().await, daemon.phone(0).await);
    let mut socket = ann.socket().await;
    for format in ["csv", "json", "xlsx"] {
        let url = format!("{}/admin/menu/export?format={format}", counter.lan);
        let file = counter.http.get(url).header("token", &counter.token).send().await.unwrap();
        assert!(file.headers()["content-disposition"].to_str().unwrap().ends_with(&format!("menu.{format}\"")));
        let file = file.bytes().await.unwrap();
        let report = send(&counter, "/admin/menu/import", "file", "menu", &file).await;
        assert_eq!(counts(&report), json!([0, 0, 0, 72, []]), "{format}");
    }
    let lines: String = (1..=300).map(|number| format!("大菜单,菜{number},{number}.50\r\n")).collect();
    let table = format!("分类,名称,价格\r\n{lines}");
    let trial = send(&counter, "/admin/menu/import?check=true", "file", "menu.csv", table.as_bytes()).await;
    assert_eq!((&trial.body["data"]["added"], daemon.stored::<i64>("select count(*) from cuisine")), (&json!(300), 64));
    let done = send(&counter, "/admin/menu/import", "file", "menu.csv", table.as_bytes()).await;
    assert_eq!(counts(&done), json!([300, 0, 0, 0, []]));
    socket.frame("menu_update").await;
    let wrong =
        send(&counter, "/admin/menu/import", "file", "menu.csv", "分类,名称,价格\n热菜,甲,1\n热菜,乙,贵\n".as_bytes())
            .await;
    assert_eq!(wrong.body["data"]["problems"], json!([{ "row": 3, "problem": "价格“贵”看不懂" }]));
    assert_eq!(daemon.stored::<i64>("select count(*) from cuisine"), 364, "all or nothing");
    let log = counter.ok(Method::GET, "/admin/audit?act=menu.import", Value::Null).await;
    assert_eq!((&log["total"], log["records"][0]["detail"].as_str()), (&json!(1), Some("新增 300，修改 0")));
    let url = format!("{}/api/store/menu?token={}", ann.lan, ann.token);
    for encoding in ["identity", "gzip"] {
        let begun = std::time::Instant::now();
        let answer = ann.http.get(&url).header("accept-encoding", encoding).send().await.unwrap();
        let size = answer.bytes().await.unwrap().len();
        println!("364 dishes, {encoding}: {size} bytes in {:?}", begun.elapsed());
    }
}

const IMPORT: &str = "/admin/menu/import";

#[tokio::test]
async fn who_reads_english_is_told_in_english_what_a_file_would_do_and_what_is_wrong_with_it() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let ask = async |path: &str, file: &str| {
        let request = upload(&counter, path, "file", "menu.csv", file.as_bytes());
        support::answer(request.header("accept-language", "en")).await.body["data"].clone()
    };
    let wrong = ask(IMPORT, "分类,名称,价格\n热菜,甲,1\n热菜,乙,贵\n").await;
    assert_eq!(wrong["problems"], json!([{ "row": 3, "problem": "“贵” cannot be understood as the price" }]));
    let check = format!("{IMPORT}?check=true");
    let table = |price: u8| format!("category,name,price\nNoodles,Beef noodles,{price}\n");
    let made = ask(IMPORT, &table(18)).await;
    assert_eq!((&made["added"], &made["lines"][0]["kind"]), (&json!(1), &json!("dish category")), "{made}");
    let fate = ask(&check, &table(20)).await["lines"][0].clone();
    assert_eq!((&fate["kind"], &fate["detail"]), (&json!("dish"), &json!("18.00 → 20.00 yuan")), "{fate}");
    let none = ask(&check, "").await;
    assert_eq!(none["problems"], json!([{ "row": 0, "problem": "The file is empty" }]));
}

/// A file of another shop's till, whose 1001 is no dish of ours.
#[tokio::test]
async fn numbers_of_another_system_rename_nothing_and_break_nothing() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let counter = daemon.counter().await;
    let before = daemon.stored::<String>("select name from cuisine where id = 1001");
    let numbers = ["1001", "9007199254740993", "9223372036854775807", "99999999999999999999"];
    let line = |(at, number): (usize, &&str)| format!("{number},热菜,外来菜{at},1{at}\n");
    let table = format!("编号,分类,名称,价格\n{}", numbers.iter().enumerate().map(line).collect::<String>());
    for times in 0..2 {
        let report = send(&counter, IMPORT, "file", "menu.csv", table.as_bytes()).await;
        assert_eq!(counts(&report), if times == 0 { json!([4, 0, 0, 0, []]) } else { json!([0, 0, 0, 4, []]) });
    }
    assert_eq!(daemon.stored::<String>("select name from cuisine where id = 1001"), before);
    let category = counter.ok(Method::GET, "/admin/category/page?page=1&pageSize=100&name=热菜", Value::Null).await;
    let draft = json!({ "name": "后来的菜", "categoryId": category["records"][0]["id"], "price": 12 });
    let dish = counter.ok(Method::POST, "/admin/dish", draft).await;
    assert!(dish["id"].as_i64().unwrap() < 10_000, "the next one is ours: {dish}");
    let phone = daemon.phone(0).await;
    let menu = phone.get("/api/store/menu").await;
    let dishes = menu["categories"].as_array().unwrap().iter().flat_map(|one| one["cuisines"].as_array().unwrap());
    let ids: Vec<i64> = dishes.map(|dish| dish["cuisineId"].as_i64().unwrap()).collect();
    assert!(ids.iter().all(|id| (1..1 << 53).contains(id)), "a page can name each: {ids:?}");
}

#[tokio::test]
async fn a_name_changes_only_when_the_owner_has_agreed() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let url = format!("{}/admin/menu/export?format=csv", counter.lan);
    let file = counter.http.get(url).header("token", &counter.token).send().await.unwrap().text().await.unwrap();
    let name = daemon.stored::<String>("select name from cuisine where id = 1001");
    let renamed = file.replace(&format!(",{name},"), ",招牌改名菜,");
    let checked = send(&counter, &format!("{IMPORT}?check=true"), "file", "menu.csv", renamed.as_bytes()).await;
    let fates = checked.body["data"]["lines"].as_array().unwrap();
    let fate = fates.iter().find(|fate| fate["becomes"] == "renamed").unwrap();
    assert_eq!((&fate["from"], &fate["name"], &fate["kind"]), (&json!(name), &json!("招牌改名菜"), &json!("菜品")));
    let asked = send(&counter, IMPORT, "file", "menu.csv", renamed.as_bytes()).await;
    assert_eq!((&asked.body["code"], &asked.body["error"]), (&json!(0), &json!("NAMES_CHANGE")), "{}", asked.body);
    assert!(asked.body["msg"].as_str().unwrap().contains(&format!("{name} → 招牌改名菜")), "{}", asked.body);
    assert_eq!(daemon.stored::<String>("select name from cuisine where id = 1001"), name, "nothing was done");
    let apart =
        send(&counter, &format!("{IMPORT}?check=true&renames=no"), "file", "menu.csv", renamed.as_bytes()).await;
    assert_eq!((&apart.body["data"]["added"], &apart.body["data"]["renamed"]), (&json!(1), &json!(0)));
    let done = send(&counter, &format!("{IMPORT}?renames=yes"), "file", "menu.csv", renamed.as_bytes()).await;
    assert_eq!(done.body["data"]["renamed"], 1, "{}", done.body);
    assert_eq!(daemon.stored::<String>("select name from cuisine where id = 1001"), "招牌改名菜");
    let odd = send(&counter, &format!("{IMPORT}?renames=perhaps"), "file", "menu.csv", renamed.as_bytes()).await;
    assert_eq!(odd.body["code"], 0);
}

#[tokio::test]
async fn names_lose_what_nobody_sees_wherever_they_come_in() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let evil = |name: &str| format!("\u{202e}{name}\u{200b}\u{2066}");
    let category = json!({ "name": evil("甲类"), "type": 1, "sort": 1 });
    counter.ok(Method::POST, "/admin/category", category).await;
    let category = daemon.stored::<i64>("select id from category where name = '甲类'");
    let option = json!({ "name": evil("辣度"), "values": [{ "value": evil("不辣"), "priceDelta": 0 }] });
    let dish = json!({ "name": evil("甲菜"), "categoryId": category, "price": 1, "options": [option], "description": evil("好") });
    let dish = counter.ok(Method::POST, "/admin/dish", dish).await;
    assert_eq!((&dish["name"], &dish["description"]), (&json!("甲菜"), &json!("好")));
    assert_eq!(
        (&dish["options"][0]["name"], &dish["options"][0]["values"][0]["value"]),
        (&json!("辣度"), &json!("不辣"))
    );
    counter.ok(Method::POST, "/admin/table", json!({ "tableNumber": evil("包间8"), "area": evil("楼上") })).await;
    assert_eq!(
        daemon.stored::<String>("select number || area from dining_table order by id desc limit 1"),
        "包间8楼上"
    );
    counter.ok(Method::POST, "/admin/member", json!({ "name": evil("王小明"), "phone": "13800138000" })).await;
    assert_eq!(daemon.stored::<String>("select name from member"), "王小明");
    let person =
        json!({ "username": "lisi", "name": evil("李四"), "phone": "13800138001", "sex": "1", "role": "waiter" });
    counter.ok(Method::POST, "/admin/employee", person).await;
    assert_eq!(daemon.stored::<String>("select name from staff where username = 'lisi'"), "李四");
    let table = format!("分类,名称,价格\n{},{},3\n", evil("甲类"), evil("乙菜"));
    assert_eq!(counts(&send(&counter, IMPORT, "file", "menu.csv", table.as_bytes()).await), json!([1, 0, 0, 0, []]));
    assert_eq!(daemon.stored::<i64>("select count(*) from cuisine where name = '乙菜'"), 1);
    let long = json!({ "name": "长".repeat(81), "categoryId": category, "price": 1 });
    let refused = counter.send(Method::POST, "/admin/dish", long).await;
    assert_eq!(refused.body["msg"], "名称须为 1 到 80 个字");
    let again = json!({ "name": "甲菜", "categoryId": category, "price": 1 });
    assert_eq!(counter.send(Method::POST, "/admin/dish", again.clone()).await.body["msg"], "'甲菜'已存在");
    let elsewhere = daemon.stored::<i64>("select id from category where kind = 1 order by id limit 1");
    let elsewhere = json!({ "name": "甲菜", "categoryId": elsewhere, "price": 2 });
    counter.ok(Method::POST, "/admin/dish", elsewhere).await;
}
