//! The main job from end to end: phones order and pay, the counter PC says so and shows it, until somebody answers.

use crate::desk::{Desk, health_when};
use crate::hearing::{Clip, HEARD, RATE, is_loud};
use crate::shop::answer_all;
use crate::sound::{Recording, assert_loud_and_clear};
use crate::support::{Daemon, Events, PATIENCE, Phone, Socket};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NEW_ORDER: [&str; 4] = ["chime/order", "zh/letter.A", "zh/table.01", "zh/say.new_order"];
const URGED: [&str; 4] = ["chime/reminder", "zh/letter.A", "zh/table.01", "zh/say.urge"];
const NOT_SAID: [&str; 6] =
    ["chime/fault", "chime/reminder", "zh/table.02", "zh/table.10", "zh/say.urge", "zh/say.payment_problem"];

/// As dunst is given it: a body is markup.
const ALLERGY: &str = "对&lt;花生&gt;过敏";

/// A party at A01: two phones with a socket, one with an event stream.
struct Party {
    phones: [Phone; 3],
    ann: Socket,
    bob: Socket,
    eve: Events,
}

impl Party {
    async fn sits_down(daemon: &Daemon) -> Party {
        let phones = [daemon.phone(0).await, daemon.phone(0).await, daemon.phone(0).await];
        let (ann, bob, eve) = (phones[0].socket().await, phones[1].socket().await, phones[2].events().await);
        Party { phones, ann, bob, eve }
    }

    /// Ann adds a dish over her socket, Bob one over HTTP; everybody sees both. Answers the cart's version.
    async fn fills_the_cart(&mut self) -> Value {
        self.ann
            .send(json!({ "type": "add_item", "data": { "cuisineId": 1001, "quantity": 2, "remark": "对<花生>过敏" } }))
            .await;
        self.ann.frame("add_item_success").await;
        let cart = self.phones[1].add(1002, 1).await;
        assert_eq!(cart["totalQuantity"], 3);
        for socket in [&mut self.ann, &mut self.bob] {
            let seen = socket.until(|it| it["type"] == "cart_update" && it["data"]["totalQuantity"] == 3).await;
            assert_eq!(seen["data"]["items"], cart["items"]);
        }
        while self.eve.event("cart_update").await.json()["items"] != cart["items"] {}
        cart["version"].clone()
    }

    async fn sees_it_paid(&mut self, order: &Value) {
        let paid = |it: &Value| it["orderId"] == order["orderId"] && it["payStatus"] == 1 && it["status"] == 2;
        for socket in [&mut self.ann, &mut self.bob] {
            socket.until(|it| it["type"] == "order_update" && paid(&it["data"])).await;
        }
        while !paid(&self.eve.event("order_update").await.json()) {}
    }
}

#[tokio::test]
async fn a_paid_order_is_pushed_spoken_and_shown_until_somebody_answers() {
    let desk = Desk::new();
    let (sound, _bus, screen) = (desk.start_sound(), desk.start_bus(), desk.start_screen());
    let (notifier, recording) = (desk.start_notifier(&screen), sound.record());
    let daemon = desk.daemon(2);
    let counter = daemon.counter().await;
    let mut pushed = counter.socket().await;
    health_when(&daemon, "sound", true).await;
    health_when(&daemon, "popup", true).await;
    let mut party = Party::sits_down(&daemon).await;
    let version = party.fills_the_cart().await;
    let order = party.phones[1].submit(&version, "bob-1").await.body["data"].clone();
    let payment = party.phones[0].start_payment(&order).await;
    recording.stays_silent(0, Duration::from_millis(100)).await;
    assert_eq!((notifier.displayed(), counter.alerts().await.len()), (0, 0), "an unpaid order concerns nobody");

    let mark = recording.now();
    let paying = Instant::now();
    // Five callbacks for one payment: it still rings for one order.
    let press = party.phones[0].press_pay(&payment, "repeat");
    let (frame, ()) = tokio::join!(pushed.next(), press);
    let told = Instant::now();
    assert_pushed(&frame, 1, &order);
    notifier
        .shows(0, &["来单提醒：A01桌", "宫保鸡丁 ×2", "备注：", ALLERGY, order["orderNumber"].as_str().unwrap()])
        .await;
    println!("the popup is shown {:?} after the press of the pay button", paying.elapsed());
    party.sees_it_paid(&order).await;
    println!("all phones know {:?} after the counter", told.elapsed());
    is_heard(&recording, mark, paying).await;
    screen.photograph("new-order");
    five_callbacks_came_in(&daemon).await;

    let urging = recording.now();
    let urged = format!("/user/order/reminder/{}", order["orderId"]);
    assert_eq!(party.phones[1].send(Method::GET, &urged, Value::Null).await.body["code"], 1);
    assert_pushed(&pushed.next().await, 2, &order);
    notifier.shows(1, &["客户催单：A01桌", order["orderNumber"].as_str().unwrap()]).await;
    let heard = recording.sentence(urging, &URGED).await;
    assert_loud_and_clear(&URGED, &heard);
    println!("the reminder sounds {:.1} s after it", (heard[0].start - urging) as f32 / RATE as f32);
    screen.photograph("urged");
    assert_eq!(notifier.displayed(), 1, "one popup, replaced and not stacked");

    answer_all(&counter).await;
    let answered = Instant::now();
    notifier.displays(0);
    println!("the popup is gone {:?} after the answer", answered.elapsed());
    assert!(answered.elapsed() < Duration::from_secs(4), "the popup waits for the sentence: {:?}", answered.elapsed());
    let quiet = recording.silence(Duration::from_secs(1)).await;
    recording.stays_silent(quiet, Duration::from_secs(5)).await;
    assert_eq!(notifier.displayed(), 0);
    assert_eq!(pushed.all_within(Duration::from_millis(300)).await, [Value::Null; 0], "each alert was pushed once");
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}

fn assert_pushed(frame: &Option<Value>, kind: i64, order: &Value) {
    let frame = frame.as_ref().expect("the socket stays open");
    assert_eq!((&frame["type"], &frame["orderId"]), (&json!(kind), &order["orderId"]), "{frame}");
    assert_eq!(frame["content"], format!("订单号: {}", order["orderNumber"].as_str().expect("a number")));
    assert_eq!(frame["tableNumber"], "A01");
}

/// The whole sentence, and nothing that is not in it.
async fn is_heard(recording: &Recording, mark: usize, since: Instant) {
    let sentence = recording.sentence(mark, &NEW_ORDER).await;
    assert_loud_and_clear(&NEW_ORDER, &sentence);
    let (start, end) = (sentence[0].start, sentence[3].end);
    println!("the first sound comes {:?} after the press of the pay button", recording.arrival(start) - since);
    let heard = recording.from(mark);
    for id in NOT_SAID {
        let score = Clip::load(id).best_score(&heard[..end - mark]);
        println!("{id}, which is not said: {score:.3}");
        assert!(score < HEARD - 0.2, "{id} seems to be heard: {score}");
    }
    assert!(heard[..start - mark].iter().all(|sample| !is_loud(*sample)), "nothing sounds before the chime");
}

/// Each over the tunnel listener: the LAN listener has no route for them.
async fn five_callbacks_came_in(daemon: &Daemon) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let metrics = reqwest::get(format!("{}/metrics", daemon.lan)).await.unwrap().text().await.unwrap();
        if metrics.contains("tablebell_callbacks_taken_total 5\n") {
            return;
        }
        assert!(Instant::now() < deadline, "{metrics}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
