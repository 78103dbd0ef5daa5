//! Whole calls, to a gateway that answers what the test has laid out.

use super::bills::{bill_rows, whole_bill};
use super::*;

/// Answers every call with the node its method has here, or 500; keeps what was asked.
pub struct Gateway {
    asked: Arc<Mutex<Vec<(String, Value)>>>,
    url: String,
}

type Nodes = Vec<(&'static str, String)>;

impl Gateway {
    fn start(nodes: Nodes, file: Vec<u8>) -> Gateway {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, own) = (asked.clone(), url.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                Gateway::answer(stream.unwrap(), &nodes, &file, &own, &log);
            }
        });
        Gateway { asked, url }
    }

    fn answer(stream: TcpStream, nodes: &Nodes, file: &[u8], own: &str, log: &Mutex<Vec<(String, Value)>>) {
        let mut reader = BufReader::new(&stream);
        let (mut head, mut length) = (String::new(), 0);
        reader.read_line(&mut head).unwrap();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            length = line.strip_prefix("content-length: ").map_or(length, |text| text.parse().unwrap());
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = if head.starts_with("GET /bill ") {
            file.to_vec()
        } else {
            let (_, query) = head.split(' ').nth(1).unwrap().split_once('?').unwrap();
            let query: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap();
            let form: BTreeMap<String, String> = serde_urlencoded::from_bytes(&body).unwrap();
            let method = query["method"].clone();
            log.lock().unwrap().push((method.clone(), serde_json::from_str(&form["biz_content"]).unwrap()));
            let node = nodes.iter().find(|(known, _)| *known == method).map(|(_, node)| node.replace("HERE", own));
            node.map_or_else(Vec::new, |node| signed(&method, &node).into_bytes())
        };
        let status = if body.is_empty() { "500 Broken" } else { "200 OK" };
        let mut stream = &stream;
        write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
        stream.write_all(&body).unwrap();
    }

    fn provider(&self) -> Alipay {
        Alipay::new(Settings { base_url: format!("{}/gateway.do", self.url), ..settings() }).unwrap()
    }

    fn methods(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(method, _)| method.clone()).collect()
    }
}

pub fn success(rest: &str) -> String {
    format!(r#"{{"code":"10000","out_trade_no":"{NUMBER}"{rest}}}"#)
}

#[tokio::test]
async fn a_code_is_announced_and_shown() {
    let gateway = Gateway::start(vec![(PRECREATE, success(r#","qr_code":"https://qr.alipay.com/1""#))], vec![]);
    let alipay = gateway.provider();
    let mut payment = payment(Channel::Code);
    payment.code = alipay.create(&payment).await.unwrap();
    assert_eq!(alipay.create(&payment).await.unwrap(), payment.code);
    assert_eq!(alipay.present(&payment, NOW), Present { code_url: "https://qr.alipay.com/1".into(), jsapi: None });
    let asked = gateway.asked.lock().unwrap();
    assert_eq!(asked[0], asked[1], "a repeat is identical");
    assert_eq!(alipay.taken().as_bytes(), b"success");
    assert!(alipay.line().ok);
}

#[tokio::test]
async fn channels_that_alipay_has_not_are_not_asked_for() {
    let gateway = Gateway::start(vec![], vec![]);
    let alipay = gateway.provider();
    for channel in [Channel::Page, Channel::Scan, Channel::Cash, Channel::Terminal] {
        assert_eq!(outcome(alipay.create(&payment(channel)).await), "unanswered");
    }
    assert_eq!(outcome(alipay.charge(&payment(Channel::Code), "281234567890123456").await), "unanswered");
    let without = Alipay { settings: Settings { payer_codes: false, ..settings() }, ..gateway.provider() };
    assert!(!without.offers(Channel::Scan));
    assert_eq!(outcome(without.charge(&payment(Channel::Scan), "281234567890123456").await), "unanswered");
    assert!(gateway.methods().is_empty());
}

#[tokio::test]
async fn a_payers_code_is_charged_and_reversed() {
    let paid = success(r#","trade_no":"2026T","total_amount":"12.34""#);
    let closed = success(r#","retry_flag":"N""#);
    let gateway = Gateway::start(vec![(PAY, paid), (CANCEL, closed.clone()), (CLOSE, closed)], vec![]);
    let alipay = gateway.provider();
    let trade = alipay.charge(&payment(Channel::Scan), "281234567890123456").await.unwrap();
    assert_eq!(trade, paid_trade(None, false));
    alipay.close(&payment(Channel::Scan)).await.unwrap();
    alipay.close(&payment(Channel::Code)).await.unwrap();
    assert_eq!(gateway.methods(), [PAY, CANCEL, CLOSE]);
    let asked = gateway.asked.lock().unwrap();
    let terms = json!({
        "out_trade_no": NUMBER, "scene": "bar_code", "auth_code": "281234567890123456", "subject": "小馆 A01",
        "timeout_express": "15m", "total_amount": "12.34",
    });
    assert_eq!(asked[0].1, terms);
    assert_eq!(asked[1].1, json!({ "out_trade_no": NUMBER }));
}

#[tokio::test]
async fn a_refund_without_moved_money_is_asked_about() {
    let accepted = success(r#","fund_change":"N""#);
    let done = success(r#","out_request_no":"R1","refund_status":"REFUND_SUCCESS","refund_amount":"2.34""#);
    let gateway = Gateway::start(vec![(REFUND, accepted.clone()), (REFUND_QUERY, done)], vec![]);
    assert_eq!(gateway.provider().refund(&refund()).await.unwrap(), Returned::Done(None));
    assert_eq!(gateway.methods(), [REFUND, REFUND_QUERY]);
    let terms = json!({ "out_trade_no": NUMBER, "refund_amount": "2.34", "out_request_no": "R1" });
    assert_eq!(gateway.asked.lock().unwrap()[0].1, terms);

    let refused = r#"{"code":"40006","sub_code":"isv.insufficient-isv-permissions"}"#.to_owned();
    for silent in [vec![(REFUND, accepted.clone())], vec![(REFUND, accepted.clone()), (REFUND_QUERY, refused)]] {
        let gateway = Gateway::start(silent, vec![]);
        let state = gateway.provider().refund(&refund()).await.unwrap();
        assert_eq!(state, Returned::Pending, "accepted stays accepted");
    }
}

#[tokio::test]
async fn a_bill_is_looked_up_downloaded_and_read() {
    let place = r#"{"code":"10000","bill_download_url":"HERE/bill"}"#.to_owned();
    let gateway = Gateway::start(vec![(BILL, place)], whole_bill());
    let day = Date::constant(2026, 11, 18);
    assert_eq!(gateway.provider().bill(day).await.unwrap(), bill_rows());
    assert_eq!(gateway.asked.lock().unwrap()[0].1, json!({ "bill_type": "trade", "bill_date": "2026-11-18" }));
    let missing = r#"{"code":"40004","sub_code":"isp.bill_not_exist","sub_msg":"账单不存在"}"#.to_owned();
    let gateway = Gateway::start(vec![(BILL, missing)], vec![]);
    assert_eq!(gateway.provider().bill(day).await.unwrap(), [], "a day without trades has no bill");
    let ahead = Date::constant(9000, 1, 1);
    assert_eq!(outcome(gateway.provider().bill(ahead).await), "refused isp.bill_not_exist 账单不存在", "not yet");
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_says_nothing() {
    let gateway = Gateway::start(vec![], vec![]);
    let alipay = gateway.provider();
    assert_eq!(outcome(alipay.query(NUMBER).await), "unanswered");
    assert!(!alipay.line().ok);
}
