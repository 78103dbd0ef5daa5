// One phone sits at one table; and whoever comes back from the payment page sees what became of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { linkChip } from "../../../assets/js/phone/parts.js";
import { apply, firstState, readKept, toKeep } from "../../../assets/js/phone/state.js";
import { PHONE_WORDS } from "../../../assets/js/phone/words.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import { bill, billPart, cart, line, menu, order, payment, payRules, session, split as splitOf } from "./samples.js";
import { textOf } from "./views.js";

/** @import {Event, Intent, Kept, PhoneState} from "../../../assets/js/phone/state.js" */

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

const seated = run(
  firstState("zh"),
  { type: "session", session, kept: {} },
  { type: "menu", menu },
  { type: "cart", cart: cart([line()]) },
);
const seat = { tableNumber: "A03", code: "c3" };

test("a phone that sits elsewhere gives up what it had not sent, and says how much that was", () => {
  const tapped = run(seated, { type: "dish.plus", cuisineId: 1001 }, { type: "sheet", sheet: "cart" });
  const gone = run(tapped, { type: "elsewhere", seat });
  assert.deepEqual([gone.phase, gone.elsewhere, gone.unsent, gone.ops, gone.sheet], ["elsewhere", seat, 1, [], null]);
  assert.deepEqual(toKeep(gone).ops, [], "nor does a reload find it");
  assert.equal(run(gone, { type: "elsewhere", seat: { ...seat, tableNumber: "A04" } }).unsent, 1, "told twice");
});

test("it comes back only when its user says so, and what an earlier load had not sent stays unsent", () => {
  const kept = readKept(toKeep(run(seated, { type: "dish.plus", cuisineId: 1001 })));
  assert.equal(kept.ops?.length, 1);
  const gone = run(firstState("zh"), { type: "elsewhere", seat });
  const back = run(gone, { type: "come.back" }, { type: "session", session, kept });
  assert.deepEqual([back.phase, back.elsewhere, back.ops, back.cart], ["ready", null, [], null]);
  assert.deepEqual(back.notice?.text, { key: "unsent", vars: { count: 1 } });
  assert.equal(
    run(firstState("zh"), { type: "session", session, kept }).ops.length,
    1,
    "a reload of the same table's page sends it",
  );
});

test("a renewed session is the same table's, also where it is another person by now", () => {
  const renewed = run(seated, { type: "reseated", session: { ...session, userId: 107 } });
  assert.deepEqual([renewed.session?.userId, renewed.people[0], renewed.cart?.items.length], [107, 107, 1]);
  const moved = run(seated, { type: "reseated", session: { ...session, tableId: 125, tableNumber: "A05" } });
  assert.deepEqual(
    [moved.session?.tableNumber, moved.cart, moved.notice?.text],
    ["A05", null, { key: "moved", vars: { number: "A05" } }],
  );
});

test("online is said of a page that is up to date, and of no other", () => {
  const chip = (/** @type {PhoneState} */ state) =>
    textOf(linkChip({ state, t: translator(PHONE_WORDS, "zh"), send: () => {} }));
  const online = run(seated, { type: "link", link: { phase: "online", retryAt: 0 } });
  assert.equal(chip(online), "在线");
  assert.equal(chip(run(online, { type: "fresh", fresh: false })), "正在更新…");
  assert.equal(chip(run(online, { type: "fresh", fresh: false }, { type: "fresh", fresh: true })), "在线");
  assert.equal(chip(run(online, { type: "link", link: { phase: "waiting", retryAt: 9 } })), "正在重连…");
});

/** @returns {PhoneState} that has just opened the provider's page for order 17 */
const paying = () =>
  run(
    seated,
    { type: "pay.rules", pay: payRules() },
    { type: "order", order: order() },
    { type: "pay.open", orderId: 17 },
    { type: "order.pay", orderId: 17, provider: "demo" },
    { type: "payment", orderId: 17, payment: payment() },
  );

test("back from the payment page: the order is there, and that it is paid", () => {
  const kept = readKept(structuredClone(toKeep(paying())));
  const back = run(firstState("zh"), { type: "session", session, kept }, { type: "menu", menu });
  assert.equal(back.sheet, "orders", "before anything has been read");
  const waiting = run(back, { type: "orders", orders: [order()], asOf: 9 });
  assert.deepEqual([waiting.sheet, waiting.notice, waiting.left?.orderId], ["orders", null, 17], "not paid yet");
  for (const state of [back, waiting]) {
    const paid = run(state, { type: "orders", orders: [order({ status: 2, payStatus: 1 })], asOf: 99 });
    assert.deepEqual(
      [paid.sheet, paid.left, paid.notice?.text],
      ["orders", null, { order: order({ status: 2, payStatus: 1 }) }],
    );
    assert.equal(
      run(paid, { type: "notice.gone", notice: String(paid.notice?.id) }, { type: "orders", orders: [], asOf: 999 })
        .notice,
      null,
      "said once",
    );
  }
});

test("the page as the browser has kept it tells the same, with its dialog closed", () => {
  const paid = run(paying(), { type: "orders", orders: [order({ status: 2, payStatus: 1 })], asOf: 99 });
  assert.deepEqual([paid.paying, paid.sheet, paid.left], [null, "orders", null]);
  assert.deepEqual(paid.notice?.text, { order: order({ status: 2, payStatus: 1 }) });
});

test("whoever turns to something else has not been waiting for it", () => {
  for (const intent of /** @type {Intent[]} */ ([
    { type: "pay.close" },
    { type: "pay.back" },
    { type: "pay.counter" },
    { type: "sheet", sheet: "cart" },
  ])) {
    assert.equal(run(paying(), intent).left, null, intent.type);
  }
});

test("the same of a bill, and of a part of one", () => {
  const split = (/** @type {"open" | "paid"} */ state) =>
    bill({ bill: splitOf(billPart({ partId: 4, amount: 50, state }), billPart({ partId: 5, amount: 98.2 })) });
  const later = { type: /** @type {const} */ ("pay.rules"), pay: payRules({ mode: "later" }) };
  const left = (/** @type {number | null} */ partId) =>
    run(
      firstState("zh"),
      { type: "session", session, kept: /** @type {Partial<Kept>} */ ({ left: { orderId: 0, partId } }) },
      later,
    );
  assert.equal(left(4).sheet, "bill");
  assert.equal(run(left(4), { type: "bill", bill: split("open") }).notice, null);
  assert.deepEqual(run(left(4), { type: "bill", bill: split("paid") }).notice?.text, { key: "billPaid" });
  assert.equal(run(left(null), { type: "bill", bill: split("paid") }).notice, null, "the rest is still owed");
  assert.deepEqual(run(left(null), { type: "bill", bill: bill({ owed: 0, paid: 148.2 }) }).notice?.text, {
    key: "billPaid",
  });
});

test("what is kept may be anything", () => {
  for (const left of [null, 3, "x", {}, { orderId: "17" }]) assert.equal(readKept({ left }).left, undefined);
  assert.deepEqual(readKept({ left: { orderId: 17 } }).left, { orderId: 17, partId: null });
});
