//! Whatever comes from outside is read without a panic, and nothing is paid that WeChat Pay has not signed.

use super::*;
use crate::provider::wechat::{Us, bill, callback, certificates, wire};
use futures_util::FutureExt;
use hyper::header::HeaderName;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::LazyLock;

const US: Us<'static> = Us { app_id: APP_ID, mch_id: MCH_ID, notify_url: NOTIFY_URL };

static GENUINE: LazyLock<Vec<u8>> = LazyLock::new(|| envelope("TRANSACTION.SUCCESS", &transaction()));
static CERTIFICATES: LazyLock<Vec<u8>> =
    LazyLock::new(|| certificates_answer(&[(PLATFORM_SERIAL, &platform_certificate())]).to_string().into_bytes());

/// A change at a place: a byte changed, put in, or everything from there on cut off.
#[derive(Debug, Clone)]
enum Change {
    Flip(usize, u8),
    Insert(usize, u8),
    Remove(usize),
    Cut(usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        4 => (any::<usize>(), 1..=255u8).prop_map(|(at, by)| Change::Flip(at, by)),
        2 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        2 => any::<usize>().prop_map(Change::Remove),
        1 => any::<usize>().prop_map(Change::Cut),
    ];
    vec(change, 1..6)
}

fn changed(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for change in changes {
        let length = bytes.len();
        match *change {
            Change::Flip(at, by) if length > 0 => bytes[at % length] ^= by,
            Change::Insert(at, byte) => bytes.insert(at % (length + 1), byte),
            Change::Remove(at) if length > 0 => drop(bytes.remove(at % length)),
            Change::Cut(at) => bytes.truncate(at % (length + 1)),
            _ => {}
        }
    }
    bytes
}

/// Nothing is believed of it.
fn says_nothing(read: Result<Notice, Refusal>) -> bool {
    matches!(read, Err(_) | Ok(Notice::Unknown { .. }))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..crate::testing::cases(256) })]

    #[test]
    fn arbitrary_bytes_are_nothing(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(says_nothing(callback::read(&bytes, &APIV3_KEY, US)));
        prop_assert!(certificates::read(&bytes, &APIV3_KEY, NOW).is_err());
        prop_assert!(Transaction::read(&bytes).is_err());
        let _ = bill::read(&bytes);
    }

    #[test]
    fn arbitrary_text_is_nothing(text in r#"[\[\]{}":,0-9a-zA-Z\\ .+-]{0,200}"#) {
        prop_assert!(says_nothing(callback::read(text.as_bytes(), &APIV3_KEY, US)));
        prop_assert!(certificates::read(text.as_bytes(), &APIV3_KEY, NOW).is_err());
        let _ = bill::read(text.as_bytes());
    }

    /// The encryption alone keeps the tag: even unsigned, no other payment can be made of a genuine one.
    #[test]
    fn a_changed_resource_never_tells_of_another_payment(changes in changes()) {
        let genuine = callback::read(&GENUINE, &APIV3_KEY, US).unwrap();
        match callback::read(&changed(&GENUINE, &changes), &APIV3_KEY, US) {
            Ok(Notice::Unknown { .. }) | Err(_) => {}
            Ok(notice) => prop_assert_eq!(notice, genuine),
        }
    }

    #[test]
    fn a_changed_callback_is_never_believed(changes in changes()) {
        let body = changed(&GENUINE, &changes);
        prop_assume!(body != *GENUINE);
        let wechat = fuzzed();
        let headers = seal(&keys().public, PUBLIC_KEY_ID, &GENUINE, SECONDS);
        let refused = wechat.verify_callback(&headers, &body, NOW).now_or_never().unwrap();
        prop_assert_eq!(refused.err(), Some(Refusal::BadSignature));
    }

    #[test]
    fn changed_headers_are_never_believed(name in 0..4usize, text in "[ -~]{0,60}") {
        let names = ["wechatpay-signature", "wechatpay-timestamp", "wechatpay-nonce", "wechatpay-signature-type"];
        let name = HeaderName::from_static(names[name]);
        let mut headers = seal(&keys().public, PUBLIC_KEY_ID, &GENUINE, SECONDS);
        prop_assume!(headers.get(&name).is_none_or(|value| value != text.as_str()));
        headers.insert(name, text.parse().unwrap());
        let refused = fuzzed().verify_callback(&headers, &GENUINE, NOW).now_or_never().unwrap();
        prop_assert_eq!(refused.err(), Some(Refusal::BadSignature));
    }

    #[test]
    fn changed_certificates_never_bring_another_key(changes in changes()) {
        if let Ok(found) = certificates::read(&changed(&CERTIFICATES, &changes), &APIV3_KEY, NOW) {
            prop_assert!(found.iter().all(|one| one.key == keys().platform.verifying));
        }
    }

    #[test]
    fn a_changed_transaction_is_read_or_not(changes in changes()) {
        let bytes = changed(transaction().to_string().as_bytes(), &changes);
        let _ = Transaction::read(&bytes).and_then(|transaction| transaction.trade(US));
        let _ = RefundAnswer::read(&bytes).and_then(|refund| refund.state());
    }

    #[test]
    fn a_changed_bill_is_read_or_not(changes in changes()) {
        if let Ok(rows) = bill::read(&changed(bill_text().as_bytes(), &changes)) {
            prop_assert!(rows.len() <= 6 && rows.iter().all(|row| row.amount >= Fen::ZERO));
        }
    }

    #[test]
    fn a_description_fits(text in any::<String>(), most in 0..200usize) {
        let plain = wire::plain(&text, most);
        prop_assert!(plain.len() <= most && plain.chars().all(|character| character.len_utf8() < 4));
    }
}

fn fuzzed() -> &'static Wechat {
    static WECHAT: LazyLock<Wechat> = LazyLock::new(|| wechat("http://127.0.0.1:1"));
    &WECHAT
}
