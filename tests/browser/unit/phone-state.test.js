import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isCancellable,
  isPayable,
  isUrgeable,
  ordersNewestFirst,
  personIndex,
  shownCart,
  urgeWait,
} from "../../../assets/js/phone/queries.js";
import { apply, firstState, readKept, toKeep } from "../../../assets/js/phone/state.js";
import { cart, line, menu, order, payRules, session } from "./samples.js";

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

const seated = run(firstState("zh"), { type: "session", session, kept: {} }, { type: "menu", menu });

const oneLine = cart([line()]);

test("a message changes nothing in the state it was given", () => {
  const frozen = Object.freeze({ ...seated });
  run(
    frozen,
    { type: "cart", cart: oneLine },
    { type: "dish.plus", cuisineId: 1001 },
    { type: "order", order: order() },
  );
  assert.equal(frozen.ops.length, 0);
  assert.equal(frozen.cart, null);
});

test("an older snapshot never replaces a newer one", () => {
  const state = run(seated, { type: "cart", cart: cart([line()], 9) }, { type: "cart", cart: cart([], 8) });
  assert.equal(state.cart?.version, 9);
  assert.equal(run(state, { type: "cart", cart: cart([], 10) }).cart?.items.length, 0);
});

test("people are numbered as this phone meets them; I am always 0", () => {
  const state = run(
    seated,
    { type: "cart", cart: cart([line({ addUserId: 105 }), line({ lineId: 2, cuisineId: 1002, addUserId: 100 })]) },
    { type: "orders", orders: [order()], asOf: 99 },
  );
  assert.deepEqual(
    [100, 105, 101].map((id) => personIndex(state, id)),
    [0, 1, 2],
  );
});

test("plus adds one more: commutes with the other phones", () => {
  const state = run(seated, { type: "cart", cart: oneLine }, { type: "dish.plus", cuisineId: 1001 });
  assert.equal(state.ops[0]?.type, "add_item");
  assert.deepEqual(state.ops[0]?.data, { cuisineId: 1001, quantity: 1, remark: null, options: [] });
  assert.equal(shownCart(state).lines[0]?.quantity, 3);
});

test("minus sets the quantity, and removes at one", () => {
  const two = run(seated, { type: "cart", cart: oneLine }, { type: "dish.minus", cuisineId: 1001 });
  assert.deepEqual([two.ops[0]?.type, two.ops[0]?.data], ["update_quantity", { lineId: 1, quantity: 1 }]);
  const one = run(
    seated,
    { type: "cart", cart: cart([line({ quantity: 1 })]) },
    { type: "dish.minus", cuisineId: 1001 },
  );
  assert.deepEqual([one.ops[0]?.type, one.ops[0]?.data], ["remove_item", { lineId: 1 }]);
});

test("minus on a dish with several lines leaves the choice to the cart", () => {
  const options = [{ name: "辣度", value: "微辣" }];
  const state = run(
    seated,
    { type: "cart", cart: cart([line(), line({ lineId: 2, options })]) },
    { type: "dish.minus", cuisineId: 1001 },
  );
  assert.deepEqual([state.ops.length, state.sheet], [0, "cart"]);
});

test("a dish with options asks first, with each single choice preset", () => {
  const state = run(seated, { type: "dish.plus", cuisineId: 1002 });
  assert.deepEqual(state.chooser?.options, [{ name: "辣度", value: "不辣" }]);
  const chosen = run(
    state,
    { type: "chooser.pick", name: "加料", value: "豆芽", multiple: true },
    { type: "chooser.pick", name: "加料", value: "豆皮", multiple: true },
    { type: "chooser.pick", name: "辣度", value: "微辣", multiple: false },
    { type: "chooser.pick", name: "加料", value: "豆芽", multiple: true },
    { type: "chooser.quantity", by: 1 },
    { type: "chooser.remark", text: " 少油 " },
    { type: "chooser.confirm" },
  );
  assert.equal(chosen.chooser, null);
  assert.deepEqual(chosen.ops[0]?.data, {
    cuisineId: 1002,
    quantity: 2,
    remark: "少油",
    options: [
      { name: "辣度", value: "微辣" },
      { name: "加料", value: "豆皮" },
    ],
  });
});

test("a sold-out dish cannot be added", () => {
  assert.equal(run(seated, { type: "dish.plus", cuisineId: 1003 }).ops.length, 0);
});

test("editing a remark re-adds with it and puts the quantity back", () => {
  const state = run(seated, { type: "cart", cart: oneLine }, { type: "line.remark", pair: "1001" });
  assert.equal(state.chooser?.remark, "不要花生");
  const saved = run(state, { type: "chooser.remark", text: "多放花生" }, { type: "chooser.confirm" });
  assert.deepEqual(
    saved.ops.map((op) => [op.type, op.data]),
    [
      ["add_item", { cuisineId: 1001, quantity: 1, remark: "多放花生", options: [] }],
      ["update_quantity", { lineId: 1, quantity: 2 }],
    ],
  );
  assert.notEqual(saved.ops[0]?.opId, saved.ops[1]?.opId);
  assert.equal(shownCart(saved).lines[0]?.quantity, 2);
});

test("an answer settles its operation; a refusal is said and settles it too", () => {
  const asked = run(seated, { type: "cart", cart: oneLine }, { type: "dish.plus", cuisineId: 1001 });
  const opId = asked.ops[0]?.opId ?? "";
  const done = run(asked, { type: "op.sent", opId }, { type: "op.done", opId, cart: cart([line({ quantity: 3 })], 8) });
  assert.deepEqual([done.ops.length, done.cart?.version, shownCart(done).lines[0]?.pending], [0, 8, false]);
  const refused = run(asked, { type: "op.refused", opId, code: "SOLD_OUT", said: "宫保鸡丁已售罄" });
  assert.deepEqual([refused.ops.length, refused.notice?.tone], [0, "error"]);
});

test("submit takes the cart as seen, waits for pending taps, and is made once", () => {
  assert.equal(run(seated, { type: "submit" }).submission, null);
  const full = run(seated, { type: "cart", cart: oneLine });
  assert.equal(run(full, { type: "dish.plus", cuisineId: 1001 }, { type: "submit" }).submission, null);
  const sent = run(
    full,
    { type: "diners", by: 1 },
    { type: "diners", by: 1 },
    { type: "remark", text: " 快 " },
    { type: "submit" },
  );
  assert.deepEqual(
    { ...sent.submission, opId: "" },
    { opId: "", version: 7, remark: "快", dinersCount: 2, packed: false },
  );
  assert.equal(run(sent, { type: "submit" }).submission, sent.submission);
});

test("CART_CHANGED shows the new cart and asks again", () => {
  const sent = run(seated, { type: "cart", cart: oneLine }, { type: "submit" });
  const again = run(sent, {
    type: "submit.refused",
    code: "CART_CHANGED",
    said: "",
    cart: cart([line({ quantity: 5 })], 9),
  });
  assert.deepEqual([again.submission, again.changed, again.sheet, again.cart?.version], [null, true, "cart", 9]);
  assert.equal(run(again, { type: "submit" }).submission?.version, 9);
});

test("an order that was placed opens the order list and empties the order remark", () => {
  const sent = run(seated, { type: "cart", cart: oneLine }, { type: "remark", text: "快" }, { type: "submit" });
  const placed = run(sent, { type: "submitted", order: order() });
  assert.deepEqual([placed.submission, placed.sheet, placed.remark], [null, "orders", ""]);
  assert.deepEqual(placed.notice?.text, { key: "orderPlacedPay" });
});

test("a slow order list cannot undo a newer update", () => {
  const paid = run(seated, { type: "order", order: order({ status: 2, payStatus: 1 }) });
  const stale = run(paid, { type: "orders", orders: [order(), order({ orderId: 16 })], asOf: seated.tick });
  assert.deepEqual(
    ordersNewestFirst(stale).map((o) => [o.orderId, o.payStatus]),
    [
      [17, 1],
      [16, 0],
    ],
  );
});

test("a phone that did nothing hears that the order was paid", () => {
  const known = run(seated, { type: "order", order: order() });
  assert.equal(known.notice, null);
  const paid = run(known, { type: "order", order: order({ status: 2, payStatus: 1 }) });
  assert.ok(paid.notice && "order" in paid.notice.text);
});

test("what may be done with an order follows its state and the shop's pay rule", () => {
  const first = run(seated, { type: "pay.rules", pay: payRules() });
  const later = run(seated, { type: "pay.rules", pay: payRules({ mode: "later" }) });
  const table = /** @type {const} */ ([
    // status, payStatus, payable first, payable later, urgeable, cancellable
    [1, 0, true, true, false, true],
    [2, 0, false, true, true, true],
    [2, 1, false, false, true, false],
    [3, 0, false, true, true, false],
    [4, 1, false, false, true, false],
    [5, 0, false, true, false, false],
    [6, 0, false, false, false, false],
    [6, 2, false, false, false, false],
  ]);
  for (const [status, payStatus, payFirst, payLater, urge, cancel] of table) {
    const one = order({ status, payStatus });
    assert.deepEqual(
      [isPayable(first, one), isPayable(later, one), isUrgeable(one), isCancellable(one)],
      [payFirst, payLater, urge, cancel],
      `${status}/${payStatus}`,
    );
  }
  assert.equal(isPayable(seated, order()), false, "no provider, no button");
});

test("an urge may be repeated after a minute", () => {
  const urged = run(seated, { type: "urge.done", orderId: 17 });
  assert.ok(urgeWait(urged, 17) > 58);
  assert.equal(urgeWait({ ...urged, now: urged.now + 60_000 }, 17), 0);
  assert.equal(urgeWait(urged, 18), 0);
});

test("a closed seating forgets everything pending", () => {
  const closed = run(
    seated,
    { type: "cart", cart: oneLine },
    { type: "dish.plus", cuisineId: 1001 },
    { type: "closed" },
  );
  assert.deepEqual([closed.phase, closed.ops.length, closed.sheet], ["closed", 0, null]);
});

test("what is kept survives a reload; rubbish in storage does not", () => {
  const asked = run(
    seated,
    { type: "cart", cart: oneLine },
    { type: "dish.plus", cuisineId: 1001 },
    { type: "diners", by: 3 },
  );
  const kept = readKept(JSON.parse(JSON.stringify(toKeep(asked))));
  const back = run(firstState("zh"), { type: "session", session, kept });
  assert.deepEqual([back.ops, back.diners], [asked.ops, 3]);
  for (const rubbish of [
    null,
    7,
    "x",
    { ops: "no", submission: 3, remark: {}, diners: "2" },
    { ops: [null, { opId: 1 }] },
  ]) {
    assert.equal((readKept(rubbish).ops ?? []).length, 0);
    assert.equal(readKept(rubbish).submission, undefined);
  }
});
