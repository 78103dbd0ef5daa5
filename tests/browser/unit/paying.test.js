// The dialog in which a diner pays.

import assert from "node:assert/strict";
import { test } from "node:test";
import { payDialog } from "../../../assets/js/phone/pay-view.js";
import { isPayable } from "../../../assets/js/phone/queries.js";
import { apply, firstState } from "../../../assets/js/phone/state.js";
import { PHONE_WORDS } from "../../../assets/js/phone/words.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import { menu, order, payment as paymentOf, payRules, session } from "./samples.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {PayRules, Payment} from "../../../assets/js/types.js" */
/** @import {Event, Intent, PhoneState} from "../../../assets/js/phone/state.js" */

let stamps = 0;

/**
 * @param {PhoneState} state
 * @param {...(Event | Intent)} messages
 * @returns {PhoneState}
 */
function run(state, ...messages) {
  return messages.reduce(
    (now, message) => apply(now, { ...message, id: `op${(stamps += 1)}`, at: 1_000_000 + stamps }),
    state,
  );
}

const both = payRules({ providers: ["wechat", "alipay"], counter: true });

/**
 * @param {PayRules} pay
 * @param {PhoneState["app"]} [app]
 * @returns {PhoneState} with an unpaid order and its pay dialog open
 */
function asked(pay, app) {
  return run(
    firstState("zh", app),
    { type: "session", session, kept: {} },
    { type: "menu", menu },
    { type: "pay.rules", pay },
    { type: "order", order: order() },
    { type: "pay.open", orderId: 17 },
  );
}

/**
 * @param {PhoneState} state
 * @param {Intent[]} [sent]
 * @returns {import("../../../assets/js/shared/dom.js").VElement}
 */
const drawn = (state, sent = []) =>
  payDialog({ state, t: translator(PHONE_WORDS, state.lang), send: (intent) => sent.push(intent) });
const waysOf = (/** @type {PhoneState} */ state) =>
  findAll(drawn(state), "data-way").map((button) => button.props["data-way"]);

const payment = (/** @type {string} */ provider, /** @type {string} */ codeUrl) => paymentOf({ provider, codeUrl });

test("every way that there is, the counter always", () => {
  assert.deepEqual(waysOf(asked(both)), ["wechat", "alipay", "counter"]);
  assert.deepEqual(waysOf(asked(both, "alipay")), ["alipay", "wechat", "counter"], "first the app that shows the page");
  assert.match(textOf(drawn(asked(both))), /付款 ¥76\.00.*微信支付.*支付宝.*在前台付款/s);
  const none = asked({ ...both, providers: [] });
  assert.equal(isPayable(none, order()), true);
  assert.match(textOf(drawn(none)), /请到前台说A01桌¥76\.00/);
  assert.equal(isPayable(run(none, { type: "pay.rules", pay: payRules({ providers: [] }) }), order()), false);
});

test("no provider answers: the counter first, with the reason, and the order is said to be safe", () => {
  const offline = asked({ ...both, online: false });
  assert.deepEqual(waysOf(offline), ["counter", "wechat", "alipay"]);
  assert.match(textOf(drawn(offline)), /支付平台暂时没有回应，可以在前台用现金或刷卡付款，订单不会丢/);
  for (const [code, words] of /** @type {const} */ ([
    ["PAYMENT_UNCONFIRMED", /暂时没有回应.*订单不会丢/],
    ["PAYMENT_REFUSED", /拒绝了这笔付款.*订单不会丢/],
    ["UNREACHABLE", /网络不通.*订单不会丢/],
  ])) {
    const refused = run(
      asked(both),
      { type: "order.pay", orderId: 17, provider: "wechat" },
      { type: "pay.refused", orderId: 17, provider: "wechat", code, said: "" },
    );
    assert.equal(waysOf(refused)[0], "counter", code);
    assert.match(textOf(drawn(refused)), words);
  }
  const other = run(
    asked(both),
    { type: "order.pay", orderId: 17, provider: "wechat" },
    { type: "pay.refused", orderId: 17, provider: "wechat", code: "ORDER_STATE", said: "订单已付款" },
  );
  assert.deepEqual([waysOf(other)[0], /订单已付款/.test(textOf(drawn(other)))], ["wechat", true]);
});

test("a code of WeChat's is a picture to scan, never a link; an address of Alipay's is both", () => {
  const waiting = (/** @type {PhoneState} */ state, /** @type {Payment} */ given) =>
    run(
      state,
      { type: "order.pay", orderId: 17, provider: given.provider },
      { type: "payment", orderId: 17, payment: given },
    );
  const wechat = drawn(waiting(asked(both), payment("wechat", "weixin://wxpay/bizpayurl?pr=1")));
  assert.equal(findAll(wechat, "href").length, 0);
  assert.equal(findAll(wechat, "src")[0]?.props.src, "/api/store/order/17/pay/qr?payment=8");
  const alipay = drawn(waiting(asked(both), payment("alipay", "https://qr.alipay.com/1")));
  assert.equal(find(alipay, "href", "https://qr.alipay.com/1").props.rel, "noopener noreferrer");
  assert.equal(findAll(alipay, "src").length, 1);
  assert.match(textOf(alipay), /打开支付宝付款.*请在 18:30 前付款/s);
  const rival = drawn(waiting(asked(both, "wechat"), payment("alipay", "https://qr.alipay.com/1")));
  assert.equal(findAll(rival, "href").length, 0, "WeChat does not open Alipay");
  assert.equal(findAll(drawn(waiting(asked(both), payment("wechat", "javascript:alert(1)"))), "href").length, 0);
  const broken = run(waiting(asked(both), payment("wechat", "weixin://wxpay/bizpayurl?pr=1")), { type: "qr.failed" });
  assert.match(textOf(drawn(broken)), /weixin:\/\/wxpay\/bizpayurl\?pr=1/);
});

test("an answer for what nobody waits for any more changes nothing", () => {
  const sent = run(asked(both), { type: "order.pay", orderId: 17, provider: "wechat" });
  const late = payment("wechat", "weixin://1");
  assert.equal(run(sent, { type: "pay.back" }, { type: "payment", orderId: 17, payment: late }).paying?.payment, null);
  assert.equal(run(sent, { type: "pay.close" }, { type: "payment", orderId: 17, payment: late }).paying, null);
  assert.equal(
    run(sent, { type: "pay.counter" }, { type: "pay.refused", orderId: 17, provider: "wechat", code: "BUSY", said: "" })
      .paying?.trouble,
    null,
  );
  assert.equal(run(sent, { type: "payment", orderId: 17, payment: late }).paying?.payment, late);
});

test("the dialog goes when the order is paid, by whomever, or gone", () => {
  const atCounter = run(asked(both), { type: "pay.counter" });
  assert.equal(run(atCounter, { type: "order", order: order({ status: 2, payStatus: 1 }) }).paying, null);
  assert.equal(run(atCounter, { type: "orders", orders: [order({ status: 6 })], asOf: atCounter.tick }).paying, null);
  assert.equal(run(atCounter, { type: "clock" }).paying?.way, "counter");
  assert.equal(run(atCounter, { type: "closed" }).paying, null);
});

test("a tap sends the way", () => {
  /** @type {Intent[]} */
  const sent = [];
  const dialog = drawn(asked(both), sent);
  press(find(dialog, "data-way", "alipay"));
  press(find(dialog, "data-way", "counter"));
  assert.deepEqual(sent, [
    { type: "order.pay", orderId: 17, partId: null, provider: "alipay" },
    { type: "pay.counter" },
  ]);
});
