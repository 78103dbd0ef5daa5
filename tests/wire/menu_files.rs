//! Files at the counter: pictures of dishes, and the menu as a table. Files come from staff, and from enemies.

use crate::support::{self, Answer, Counter, Daemon};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// As a browser's form sends a file.
async fn send(counter: &Counter, path: &str, field: &str, name: &str, file: &[u8]) -> Answer {
    let head = format!(
        "--b\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\ncontent-type: image/png\r\n\r\n"
    );
    let body = [head.as_bytes(), file, b"\r\n--b--\r\n"].concat();
    let request = counter.http.post(format!("{}{path}", counter.lan)).header("token", &counter.token);
    support::answer(request.header("content-type", "multipart/form-data; boundary=b").body(body)).await
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
    let again = send(&counter, "/admin/common/upload", "file", "b.gif", &pixel()).await;
    assert_eq!(again.body["data"], address.as_str(), "the same file is kept once");
    assert_eq!(daemon.stored::<i64>("select count(*) from picture"), 1);
    let hash = address.split('/').nth(2).unwrap();
    for path in [
        format!("/pictures/{hash}/256.jpg"),
        format!("/pictures/{hash}/..%2f512.jpg"),
        "/pictures/..%2f..%2fetc/512.jpg".into(),
        format!("/pictures/{}/512.jpg", "0".repeat(32)),
        format!("/pictures/{}/512.jpg", hash.to_uppercase()),
        "/pictures//512.jpg".into(),
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
        assert_eq!(
            report.body["data"],
            json!({ "added": 0, "changed": 0, "unchanged": 72, "problems": [] }),
            "{format}"
        );
    }
    let lines: String = (1..=300).map(|number| format!("大菜单,菜{number},{number}.50\r\n")).collect();
    let table = format!("分类,名称,价格\r\n{lines}");
    let trial = send(&counter, "/admin/menu/import?check=true", "file", "menu.csv", table.as_bytes()).await;
    assert_eq!((&trial.body["data"]["added"], daemon.stored::<i64>("select count(*) from cuisine")), (&json!(300), 64));
    let done = send(&counter, "/admin/menu/import", "file", "menu.csv", table.as_bytes()).await;
    assert_eq!(done.body["data"], json!({ "added": 300, "changed": 0, "unchanged": 0, "problems": [] }));
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
