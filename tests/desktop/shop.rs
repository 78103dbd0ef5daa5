//! Phone, counter and its socket: what has to work whatever happens to the desktop.

use crate::desk::noticed;
use crate::support::{Counter, Daemon, PATIENCE, Phone, Socket};
use crate::vitals::Vitals;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub const NONE: [Value; 0] = [];
/// Long enough for several rings and looks at the devices.
const OUTAGE: Duration = Duration::from_secs(8);

pub struct Shop {
    pub phone: Phone,
    pub counter: Counter,
    pub pushed: Socket,
    sold: u32,
    /// Orders that nobody has answered.
    pub open: usize,
}

impl Shop {
    pub async fn opens(daemon: &Daemon) -> Shop {
        let counter = daemon.counter().await;
        Shop { phone: daemon.phone(0).await, pushed: counter.socket().await, counter, sold: 0, open: 0 }
    }

    /// One order, paid and pushed without delay.
    pub async fn sells(&mut self) -> Value {
        let begun = Instant::now();
        self.sold += 1;
        self.open += 1;
        let order = self.phone.paid_order(&format!("order-{}", self.sold)).await;
        let frame = self.pushed.next().await.expect("the socket stays open");
        assert_eq!((&frame["type"], &frame["orderId"]), (&json!(1), &order["orderId"]));
        // A daemon that waited for a hung device would wait for four seconds at least.
        assert!(begun.elapsed() < Duration::from_secs(4), "an order took {:?}", begun.elapsed());
        order
    }

    async fn sells_quietly(&mut self) {
        self.sells().await;
        assert_eq!(self.pushed.all_within(Duration::from_secs(2)).await, NONE, "a ring that fails pushes nothing");
    }

    /// Sells through the outage of one `device` since `since`: it is told in time and as the only one, and costs
    /// nothing.
    pub async fn sells_through(&mut self, daemon: &Daemon, device: &str, since: Instant) {
        noticed(daemon, device, false, since).await;
        let health = daemon.health().await;
        assert_eq!((health.status, &health.body["status"]), (StatusCode::OK, &json!("degraded")), "{health:?}");
        self.sells_quietly().await;
        // By now everything has been needed once, and is in memory.
        let vitals = Vitals::of(daemon);
        while vitals.age() < OUTAGE {
            self.sells_quietly().await;
        }
        vitals.stayed_flat();
        let alerts = self.counter.alerts().await;
        assert_eq!(alerts.len(), self.open, "no alert is lost: {alerts:?}");
        let log = daemon.log();
        assert!(!log.contains("panicked") && !log.contains("ALSA lib") && log.lines().count() < 100, "{log}");
    }

    /// How many of the open alerts have been heard.
    pub async fn heard(&self) -> usize {
        self.counter.alerts().await.iter().filter(|alert| !alert["heardAt"].is_null()).count()
    }

    pub async fn is_heard_at_last(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.heard().await < self.open {
            assert!(Instant::now() < deadline, "heardAt stays empty");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn answers_all(&mut self) {
        answer_all(&self.counter).await;
        self.open = 0;
    }
}

pub async fn answer_all(counter: &Counter) {
    for alert in counter.alerts().await {
        counter.ok(Method::POST, &format!("/admin/alert/ack/{}", alert["alertId"]), Value::Null).await;
    }
}
