//! The line to a provider's hosts: bounded time and size, no redirects, a spare host, and a breaker per host, so that
//! a dead host costs nobody's patience.

use crate::payment::provider::{CallError, Called, LineReport};
use crate::units::Timestamp;
use anyhow::{Context, Result, anyhow, bail};
use bytes::{Bytes, BytesMut};
use hyper::{HeaderMap, Method};
use reqwest::{Client, Url, redirect};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const CONNECT: Duration = Duration::from_secs(3);
/// One try at one host.
const TRY: Duration = Duration::from_secs(5);
/// A bill of a busy day comes slower than an answer.
const DOWNLOAD: Duration = Duration::from_secs(60);
/// Bytes of an answer, and of a bill, at most.
const MAX_ANSWER: usize = 1 << 20;
const MAX_BILL: usize = 64 << 20;
/// Failures in a row that open a host's breaker.
const FAILURES: u32 = 3;
/// How long an open breaker spares its host; then one call tries again.
const SPARED: Duration = Duration::from_secs(10);

/// Both hosts of a provider. The signed parts of a call do not name the host, so the same call goes to either.
pub struct Line {
    provider: &'static str,
    hosts: Vec<Host>,
    http: Client,
    state: Mutex<State>,
}

struct Host {
    base: Url,
    breaker: Mutex<Breaker>,
}

#[derive(Default)]
struct Breaker {
    failures: u32,
    open_until: Option<Instant>,
}

struct State {
    ok: bool,
    since: Timestamp,
    detail: String,
    /// The provider's clock, by one that nobody sets.
    ahead_of_steady: Option<i64>,
}

/// A call, ready to be sent: nothing is serialised again after it was signed.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    /// Path with query, as signed, below the base URL's host.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Breaker {
    /// Whether a call may go out now. When the time of sparing is over, one goes and the others still wait.
    fn admits(&mut self, now: Instant) -> bool {
        match self.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                self.open_until = Some(now + SPARED);
                true
            }
            None => true,
        }
    }

    fn note(&mut self, ok: bool, now: Instant) {
        if ok {
            *self = Breaker::default();
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            self.open_until = Some(now + SPARED);
        }
    }
}

impl Line {
    /// `bases`: the host, and spare ones, with scheme and port.
    ///
    /// # Errors
    /// A URL that is none, or not https (plain http is for this PC itself only).
    pub fn new(provider: &'static str, bases: &[&str]) -> Result<Line> {
        let host = |base: &&str| Ok(Host { base: base_url(base)?, breaker: Mutex::default() });
        let http = Client::builder()
            .user_agent(concat!("Tablebell/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .context("preparing TLS")?;
        let state = State { ok: true, since: Timestamp::now(), detail: String::new(), ahead_of_steady: None };
        let hosts = bases.iter().map(host).collect::<Result<_>>()?;
        Ok(Line { provider, hosts, http, state: Mutex::new(state) })
    }

    /// Sends to the first host that is not spared; when it does not answer, to the next. An answer of 5xx is none.
    ///
    /// # Errors
    /// `Unanswered`.
    pub async fn send(&self, request: &Request) -> Called<Answer> {
        let mut last = anyhow!("{} does not answer; trying again within {} s", self.provider, SPARED.as_secs());
        let mut asked = false;
        for host in &self.hosts {
            if !lock(&host.breaker).admits(Instant::now()) {
                continue;
            }
            asked = true;
            let url = host.base.join(&request.path).context("the call's path").map_err(CallError::Unanswered)?;
            let sent = self.send_once(request, url, TRY, MAX_ANSWER).await.and_then(|answer| match answer.status {
                500.. => Err(anyhow!("{} answered {}", host.base, answer.status)),
                _ => Ok(answer),
            });
            lock(&host.breaker).note(sent.is_ok(), Instant::now());
            match sent {
                Ok(answer) => {
                    self.note_answer(&answer);
                    return Ok(answer);
                }
                Err(error) => last = error,
            }
        }
        if asked {
            self.note_failure(&last);
        }
        Err(CallError::Unanswered(last))
    }

    /// Gets a file that the provider has named. A file on our provider's own host gets `headers`; elsewhere none go.
    ///
    /// # Errors
    /// `Unanswered`, also for an address that is not https or not answered with 200.
    pub async fn download(&self, url: &str, headers: impl FnOnce(&str) -> HeaderMap) -> Called<Bytes> {
        let url = base_url(url)?;
        let own = self.hosts.iter().any(|host| host.base.origin() == url.origin());
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let headers = if own { headers(&path) } else { HeaderMap::new() };
        let request = Request { method: Method::GET, path, headers, body: Bytes::new() };
        let answer = self.send_once(&request, url, DOWNLOAD, MAX_BILL).await?;
        match answer.status {
            200 => Ok(answer.body),
            other => Err(anyhow!("the bill's download was answered with {other}").into()),
        }
    }

    async fn send_once(&self, request: &Request, url: Url, patience: Duration, most: usize) -> Result<Answer> {
        let asked = async {
            let call = self.http.request(request.method.clone(), url).headers(request.headers.clone());
            let mut response = call.body(request.body.clone()).send().await.map_err(|error| error.without_url())?;
            let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
            let mut body = BytesMut::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| error.without_url())? {
                if body.len() + chunk.len() > most {
                    bail!("the answer is longer than {most} bytes");
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Answer { status, headers, body: body.freeze() })
        };
        tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| Err(anyhow!("no answer within {patience:?}")))
    }

    fn note_answer(&self, answer: &Answer) {
        let now = Timestamp::now();
        let date = answer.headers.get("date").and_then(|value| value.to_str().ok());
        let mut state = lock(&self.state);
        if let Some(there) = date.and_then(parse_date) {
            state.ahead_of_steady = Some(there.0 / 1000 - Timestamp::steady_seconds());
        }
        if !state.ok {
            tracing::info!("{} answers again", self.provider);
            *state = State { ok: true, since: now, detail: String::new(), ahead_of_steady: state.ahead_of_steady };
        }
    }

    fn note_failure(&self, error: &anyhow::Error) {
        let mut state = lock(&self.state);
        if state.ok {
            tracing::warn!("{} does not answer: {error:#}", self.provider);
            state.ok = false;
            state.since = Timestamp::now();
        }
        state.detail = format!("{error:#}");
    }

    pub fn report(&self) -> LineReport {
        let state = lock(&self.state);
        // As it is now: somebody may have set this PC's clock since the provider answered.
        let skew_seconds =
            state.ahead_of_steady.map(|ahead| ahead + Timestamp::steady_seconds() - Timestamp::now().0 / 1000);
        LineReport { ok: state.ok, since: state.since, detail: state.detail.clone(), skew_seconds }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// # Errors
/// Not a URL, not https, or with a user name in it; http only to this PC itself.
fn base_url(text: &str) -> Result<Url> {
    let url = Url::parse(text).with_context(|| format!("{text:?} is not a URL"))?;
    let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        bail!("{text:?} is not an https address");
    }
    if !url.username().is_empty() || url.password().is_some() {
        bail!("an address with a user name in it is refused");
    }
    Ok(url)
}

/// HTTP's date: `Sat, 21 Nov 2026 15:38:49 GMT`.
fn parse_date(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix(" GMT")?;
    let local = jiff::civil::DateTime::strptime("%a, %d %b %Y %H:%M:%S", text).ok()?;
    Some(Timestamp(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breaker_opens_after_failures_in_a_row_and_lets_one_call_try_again() {
        let begun = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES {
            breaker.note(false, begun);
            assert!(breaker.admits(begun));
        }
        breaker.note(false, begun);
        assert!(!breaker.admits(begun) && !breaker.admits(begun + SPARED - Duration::from_millis(1)));
        assert!(breaker.admits(begun + SPARED), "one tries");
        assert!(!breaker.admits(begun + SPARED), "the others wait for it");
        breaker.note(true, begun + SPARED);
        assert!(breaker.admits(begun + SPARED));
        breaker.note(false, begun + SPARED);
        assert!(breaker.admits(begun + SPARED), "the count began anew");
    }

    #[test]
    fn only_https_leaves_this_pc() {
        for good in ["https://api.mch.weixin.qq.com", "http://127.0.0.1:1", "http://localhost:1/gateway.do"] {
            assert!(base_url(good).is_ok(), "{good}");
        }
        for bad in ["http://api.mch.weixin.qq.com", "ftp://127.0.0.1", "https://a:b@c", "api", ""] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_date_header_is_read() {
        assert_eq!(parse_date("Sat, 21 Nov 2026 15:38:49 GMT"), Some(Timestamp(1_795_275_529_000)));
        assert_eq!(parse_date("yesterday"), None);
    }
}
