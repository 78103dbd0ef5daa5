//! Bytes of strangers: no panic, and nothing believed that Alipay has not signed.

use super::bills::{BACK_ROW, PAID_ROW, bill_text, gbk, whole_bill, zipped};
use super::callbacks::{form, verify};
use super::calls::success;
use super::*;

/// Bytes near a valid text: some replaced, a piece cut out, another put in.
fn mutated(valid: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = valid.len();
    let changes = prop::collection::vec((0..length, any::<u8>()), 0..6);
    (changes, 0..length, 0..8_usize, prop::collection::vec(any::<u8>(), 0..8)).prop_map(
        move |(changes, at, cut, piece)| {
            let mut bytes = valid.clone();
            for (index, byte) in changes {
                bytes[index] = byte;
            }
            let end = (at + cut).min(length);
            bytes.splice(at..end, piece);
            bytes
        },
    )
}

static GOOD_ANSWER: LazyLock<String> = LazyLock::new(|| {
    signed(QUERY, &success(r#","trade_no":"2026T","trade_status":"TRADE_SUCCESS","total_amount":"12.34","x":["{\""]"#))
});
static GOOD_FORM: LazyLock<Vec<u8>> = LazyLock::new(|| form(&[]));

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<Option<bool>>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[\\\\\"{}\\[\\],:a\n\u{4e2d}]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[\\\\\"{}a]{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Whatever is cut out of arbitrary bytes lies in them, and is believed only if it is the signed node itself.
fn check_answer(body: &[u8]) {
    if let Ok(node) = cut(body, &node_name(QUERY)) {
        assert!(node.text.starts_with(b"{") && node.text.ends_with(b"}"));
    }
    if let Ok(reply) = read(&ALIPAY.verifying(), body, QUERY) {
        let genuine = cut(GOOD_ANSWER.as_bytes(), &node_name(QUERY)).unwrap();
        assert_eq!(cut(body, &node_name(QUERY)).unwrap().text, genuine.text);
        assert_eq!(trade::queried(reply, NUMBER).unwrap(), paid_trade(None, false));
    }
}

/// A form is taken only if it says what the signed one says.
fn check_form(body: &[u8]) {
    let decode = |body: &[u8]| -> Option<BTreeMap<String, String>> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
        Some(pairs.into_iter().collect())
    };
    if let Ok(notice) = verify(body) {
        assert_eq!(notice, Notice::Trade(paid_trade(Some(Timestamp(NOW.0 - 2000)), false)));
        assert_eq!(decode(body).unwrap(), decode(&GOOD_FORM).unwrap());
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(400))]

    #[test]
    fn arbitrary_bytes_are_no_answer(body in prop::collection::vec(any::<u8>(), 0..400)) {
        check_answer(&body);
        prop_assert!(read(&ALIPAY.verifying(), &body, QUERY).is_err());
    }

    #[test]
    fn json_like_text_is_no_answer(body in r#"\{[\{\}\[\]":,\\ a1nsig]{0,60}\}?"#) {
        check_answer(body.as_bytes());
        if let Ok(node) = cut(body.as_bytes(), "n") {
            // Where the scanner sees an object, so does a JSON reader, or the node is refused when it is parsed.
            if let Ok(whole) = serde_json::from_str::<Value>(&body) {
                prop_assert_eq!(serde_json::from_slice::<Value>(node.text).unwrap(), whole["n"].clone());
            }
        }
    }

    #[test]
    fn any_json_is_cut_out_whole(
        members in prop::collection::btree_map(any::<String>(), any_json(), 0..4),
        pretty in any::<bool>(),
    ) {
        let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
        let node = write(&members).unwrap();
        let first = format!(r#"{{"n" : {node},"sign":"s"}}"#);
        let last = format!(r#"{{"sign":"s", "x":{node} ,"n":{node}}}"#);
        for body in [first, last] {
            prop_assert_eq!(cut(body.as_bytes(), "n").unwrap().text, node.as_bytes());
        }
    }

    #[test]
    fn a_changed_answer_is_believed_only_where_the_change_does_not_matter(
        body in mutated(GOOD_ANSWER.clone().into_bytes()),
    ) {
        check_answer(&body);
    }

    #[test]
    fn arbitrary_bytes_are_no_callback(body in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(verify(&body).is_err());
    }

    #[test]
    fn form_like_text_is_no_callback(body in "[a-z_&=%+0-9]{0,200}(&sign_type=RSA2)?(&sign=[A-Za-z0-9%+/]{0,40})?") {
        prop_assert!(verify(body.as_bytes()).is_err());
    }

    #[test]
    fn a_changed_callback_is_believed_only_where_the_change_does_not_matter(body in mutated(GOOD_FORM.clone())) {
        check_form(&body);
    }

    #[test]
    fn a_signed_callback_with_any_value_is_answered_with_a_notice_or_a_sentence(
        name in "trade_status|total_amount|refund_fee|notify_time|gmt_refund|out_biz_no|[a-z_]{1,8}",
        value in any::<String>(),
    ) {
        drop(verify(&form(&[(name.as_str(), value.as_str()), ("out_biz_no", "R1")])));
    }

    #[test]
    fn arbitrary_bytes_are_no_bill(file in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(bill::read_bounded(&file, 1 << 20).is_err());
    }

    #[test]
    fn a_changed_bill_is_read_or_refused(file in mutated(whole_bill())) {
        if let Ok(rows) = bill::read_bounded(&file, 1 << 20) {
            prop_assert!(rows.iter().all(|row| row.amount >= Fen::ZERO));
        }
    }

    #[test]
    fn a_changed_bill_text_is_read_or_refused(bytes in mutated(gbk(&bill_text(&[PAID_ROW, BACK_ROW])))) {
        if let Ok(rows) = bill::read_bounded(&zipped(&[("业务明细.csv", &bytes)]), 1 << 20) {
            prop_assert!(rows.iter().all(|row| row.amount >= Fen::ZERO));
        }
    }
}
