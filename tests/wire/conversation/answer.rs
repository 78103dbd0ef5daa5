//! An answer as text: status, the headers that tell something, and the body.

use super::body;
use super::layout::Node;
use super::names::Names;
use reqwest::header::HeaderMap;
use tokio_tungstenite::tungstenite::http;

/// What hyper adds, or tells of the connection.
const PASSED_OVER: [&str; 4] = ["date", "content-length", "connection", "transfer-encoding"];
/// What nearly every answer has: `json` stands for it.
const USUAL: [(&str, &str); 3] =
    [("cache-control", "no-store"), ("content-type", "application/json"), ("x-content-type-options", "nosniff")];

pub struct Answer {
    status: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Answer {
        let mut answer = Answer::head(response.status().as_u16(), response.headers());
        answer.body = response.bytes().await.expect("a whole body").to_vec();
        answer
    }

    pub fn head(status: u16, headers: &HeaderMap) -> Answer {
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let pairs = headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
        Answer { status: status.to_string(), headers: pairs.collect(), body: Vec::new() }
    }

    /// A refused handshake.
    pub fn of_handshake(response: http::Response<Option<Vec<u8>>>) -> Answer {
        let mut answer = Answer::head(response.status().as_u16(), response.headers());
        answer.body = response.into_body().unwrap_or_default();
        answer
    }

    /// All that came on a connection.
    pub fn of_raw(bytes: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            return Answer { status: "nothing".to_owned(), headers: Vec::new(), body: bytes.to_vec() };
        };
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Answer { status, headers: lines.filter_map(header).collect(), body: body.as_bytes().to_vec() }
    }

    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Option<Node> {
        Node::read(std::str::from_utf8(&self.body).ok()?)
    }

    fn header(&self, wanted: &str) -> &str {
        self.headers.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value)
    }

    pub fn lines(&self, names: &mut Names) -> Vec<String> {
        let mut headers: Vec<&(String, String)> =
            self.headers.iter().filter(|(name, _)| !PASSED_OVER.contains(&name.as_str())).collect();
        headers.sort();
        let is_usual = |(name, value): &(String, String)| USUAL.contains(&(name.as_str(), value.as_str()));
        let all = USUAL.iter().all(|(name, value)| self.header(name) == *value);
        let mut lines = vec![if all { format!("{} json", self.status) } else { self.status.clone() }];
        for (name, value) in headers.into_iter().filter(|header| !(all && is_usual(header))) {
            lines.push(names.hide(&format!("{name}: {}", rounded(value))));
        }
        lines.extend(body::shown(&self.body, self.header("content-type"), self.header("content-encoding"), names));
        lines
    }
}

/// A cookie's age, which may be some seconds less than what its token was given out for.
fn rounded(cookie: &str) -> String {
    let Some((before, age)) = cookie.split_once("Max-Age=") else { return cookie.to_owned() };
    let seconds: i64 = age.parse().expect("the age is last");
    format!("{before}Max-Age={}", (seconds + 50) / 100 * 100)
}
