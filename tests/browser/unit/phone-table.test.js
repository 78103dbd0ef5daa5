// What a party does at its table beside filling a cart: calls, its bill, another table, dishes that run out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { billSheet } from "../../../assets/js/phone/bill-view.js";
import { cartSheet } from "../../../assets/js/phone/cart-view.js";
import { chooserDialog } from "../../../assets/js/phone/chooser-view.js";
import { menuView } from "../../../assets/js/phone/menu-view.js";
import { payDialog } from "../../../assets/js/phone/pay-view.js";
import { callWait, dueOf, isPayable, shortages, shownCart } from "../../../assets/js/phone/queries.js";
import { apply, firstState, readKept, toKeep } from "../../../assets/js/phone/state.js";
import { PHONE_WORDS } from "../../../assets/js/phone/words.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import {
  billItem,
  billOrder,
  billPart,
  cart,
  line,
  menu,
  optionGroup,
  order,
  payment as paymentOf,
  payRules,
  bill as sampleBill,
  session,
  split as splitOf,
} from "./samples.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {Bill, BillPart, Cuisine, Menu} from "../../../assets/js/types.js" */
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

/**
 * @param {PhoneState} state
 * @param {Intent[]} [sent]
 */
function ctx(state, sent = []) {
  return {
    state,
    t: translator(PHONE_WORDS, state.lang),
    send: (/** @type {Intent} */ intent) => void sent.push(intent),
  };
}

/**
 * @param {number} cuisineId
 * @param {Partial<Cuisine>} changes
 * @returns {Menu} the sample with one dish changed
 */
function menuWith(cuisineId, changes) {
  const fresh = /** @type {Menu} */ (structuredClone(menu));
  for (const { cuisines } of fresh.categories) {
    for (const dish of cuisines) if (dish.cuisineId === cuisineId) Object.assign(dish, changes);
  }
  return fresh;
}

// What the node tests have no document for: pictures are compared with the page's own address.
/** @type {any} */ (globalThis).location = { href: "http://127.0.0.1/t/code", origin: "http://127.0.0.1" };

const seated = run(firstState("zh"), { type: "session", session, kept: {} }, { type: "menu", menu });
const two = run(seated, {
  type: "cart",
  cart: cart([line(), line({ lineId: 2, cuisineId: 1002, cuisineName: "水煮鱼", quantity: 1 })]),
});

test("a dish that sells out while it lies in the cart is named, blocks the order, and goes with one tap", () => {
  const gone = run(two, { type: "menu", menu: menuWith(1001, { soldOut: true }) }, { type: "sheet", sheet: "cart" });
  assert.deepEqual(shortages(gone), [{ cuisineId: 1001, name: "宫保鸡丁", left: 0 }]);
  const sheet = cartSheet(ctx(gone), shownCart(gone));
  const note = find(sheet, "role", "alert");
  assert.match(textOf(note), /宫保鸡丁已售罄，拿掉后才能下单。/);
  assert.equal(
    findAll(sheet, "disabled").find((button) => button.props.class === "primary wide")?.props.disabled,
    true,
  );
  assert.equal(run(gone, { type: "submit" }).submission, null);
  const fitted = run(gone, { type: "cart.fit" });
  assert.deepEqual(
    fitted.ops.map((op) => [op.type, op.data]),
    [["remove_item", { lineId: 1 }]],
  );
  assert.deepEqual([shortages(fitted), shownCart(fitted).lines.map((one) => one.cuisineName)], [[], ["水煮鱼"]]);
});

test("a dish that left the menu altogether cannot be ordered either; a menu that is not known yet forbids nothing", () => {
  const without = {
    ...menu,
    categories: menu.categories.map((category) => ({ ...category, cuisines: category.cuisines.slice(1) })),
  };
  assert.deepEqual(
    shortages(run(two, { type: "menu", menu: without })).map(({ cuisineId, left }) => [cuisineId, left]),
    [[1001, 0]],
  );
  assert.deepEqual(shortages({ ...two, menu: null }), []);
});

test("what is left limits what is added, over all lines of the dish, and the cart is cut to it from its end", () => {
  const three = run(two, { type: "menu", menu: menuWith(1001, { left: 3 }) });
  const more = run(three, { type: "dish.plus", cuisineId: 1001 }, { type: "dish.plus", cuisineId: 1001 });
  assert.equal(shownCart(more).lines[0]?.quantity, 3, "two were there; one may come, not two");
  const spicy = [{ name: "辣度", value: "微辣" }];
  const lines = [
    line({ quantity: 2 }),
    line({ lineId: 3, options: spicy, quantity: 2 }),
    line({ lineId: 4, options: [{ name: "辣度", value: "不辣" }], quantity: 1 }),
  ];
  const scarce = run(three, { type: "cart", cart: cart(lines, 8) });
  assert.deepEqual(
    shortages(scarce).map(({ left }) => left),
    [3],
  );
  assert.deepEqual(
    run(scarce, { type: "cart.fit" }).ops.map((op) => [op.type, op.data]),
    [
      ["update_quantity", { lineId: 3, quantity: 1 }],
      ["remove_item", { lineId: 4 }],
    ],
  );
});

test("what has to be chosen is asked for by name, and nothing is added before", () => {
  const options = [optionGroup("辣度", { 不辣: 0, 微辣: 0 }, { required: true }), optionGroup("加饭", { 加: 3 })];
  const asked = run(
    seated,
    { type: "menu", menu: menuWith(1002, { options }) },
    { type: "dish.plus", cuisineId: 1002 },
  );
  assert.deepEqual(asked.chooser?.options, [], "nothing that costs or has to be chosen is chosen for the diner");
  const early = run(asked, { type: "chooser.confirm" });
  assert.deepEqual([early.ops.length, early.chooser?.asked], [0, true]);
  const dialog = chooserDialog(ctx(early));
  assert.match(textOf(dialog), /请先选：辣度/);
  assert.equal(findAll(dialog, "class").filter((one) => one.props.class === "missed").length, 1);
  const chosen = run(early, { type: "chooser.pick", name: "辣度", value: "微辣", multiple: false });
  assert.match(textOf(chooserDialog(ctx(chosen))), /加入 ¥68\.10/);
  assert.deepEqual(run(chosen, { type: "chooser.confirm" }).ops[0]?.data.options, [{ name: "辣度", value: "微辣" }]);
});

test("a choice that need not be made can be taken back; one that must be made cannot", () => {
  const opened = run(seated, { type: "dish.plus", cuisineId: 1002 });
  /** @type {Intent[]} */
  const sent = [];
  press(find(chooserDialog(ctx(opened, sent)), "value", "不辣"));
  assert.deepEqual(sent, [{ type: "chooser.drop", name: "辣度" }]);
  assert.deepEqual(run(opened, ...sent).chooser?.options, []);
  const options = [optionGroup("辣度", { 不辣: 0, 微辣: 0 }, { required: true })];
  const must = run(
    seated,
    { type: "menu", menu: menuWith(1002, { options }) },
    { type: "dish.plus", cuisineId: 1002 },
    { type: "chooser.pick", name: "辣度", value: "微辣", multiple: false },
  );
  assert.equal(find(chooserDialog(ctx(must)), "value", "微辣").props.onclick, undefined);
});

test("a combo's dishes are asked for their options, and the cart says which dish each choice is for", () => {
  const options = [
    optionGroup("宫保鸡丁 · 辣度", { 不辣: 0, 微辣: 0 }, { dish: "宫保鸡丁", required: true }),
    optionGroup("番茄蛋汤 · 份量", { 例份: 0, 大份: 12 }, { dish: "番茄蛋汤" }),
  ];
  const asked = run(
    seated,
    { type: "menu", menu: menuWith(1001, { cuisineType: 2, options }) },
    { type: "dish.plus", cuisineId: 1001 },
  );
  assert.match(textOf(chooserDialog(ctx(asked))), /宫保鸡丁 · 辣度必选.*番茄蛋汤 · 份量可选/);
  const added = run(
    asked,
    { type: "chooser.pick", name: "宫保鸡丁 · 辣度", value: "微辣", multiple: false },
    { type: "chooser.pick", name: "番茄蛋汤 · 份量", value: "大份", multiple: false },
    { type: "chooser.confirm" },
    { type: "sheet", sheet: "cart" },
  );
  assert.match(textOf(cartSheet(ctx(added), shownCart(added))), /宫保鸡丁：微辣 · 番茄蛋汤：大份.*¥50\.00/);
});

test("a menu that changed in one dish keeps the objects, and so the rows, of all others", () => {
  const rows = (/** @type {PhoneState} */ state) =>
    findAll(menuView(ctx(state), shownCart(state), Infinity), "data-cuisine");
  const before = rows(seated);
  const later = run(seated, { type: "menu", menu: menuWith(1001, { left: 2 }) });
  const after = rows(later);
  assert.deepEqual(
    before.map((row, index) => row === after[index]),
    [false, true, true],
  );
  assert.match(textOf(after[0] ?? ""), /剩 2 份/);
  const filled = run(later, { type: "cart", cart: cart([line({ cuisineId: 1002 })]) });
  assert.deepEqual(
    rows(filled).map((row, index) => row === after[index]),
    [true, false, true],
  );
});

test("a dish outside its hours says when it is served", () => {
  const lunch = run(seated, { type: "menu", menu: menuWith(1001, { soldOut: true, hours: "11:00-14:00" }) });
  const row = findAll(menuView(ctx(lunch), shownCart(lunch), Infinity), "data-cuisine")[0] ?? "";
  assert.match(textOf(row), /11:00-14:00 供应.*暂不供应/);
});

test("the search hides what is not looked for and says when nothing is found", () => {
  const seen = (/** @type {string} */ text) => {
    const state = run(seated, { type: "search", text });
    const view = menuView(ctx(state), shownCart(state), Infinity);
    const rows = findAll(view, "data-cuisine")
      .filter((row) => row.props.hidden !== true)
      .map((row) => row.key);
    return [
      rows,
      findAll(view, "data-category").map((section) => section.props.hidden),
      textOf(find(view, "role", "search")),
    ];
  };
  assert.deepEqual(seen(" 鱼 "), [[1002], [false], "找到 1 道菜"]);
  assert.deepEqual(seen("x"), [[], [true], "没有找到，换个词试试"]);
  const jumped = run(seated, { type: "search", text: "鱼" }, { type: "category.jump", categoryId: 1 });
  assert.equal(jumped.search, "", "a category shows all of it");
});

test("a long menu's first rows are drawn first", () => {
  const first = menuView(ctx(seated), shownCart(seated), 2);
  assert.deepEqual(
    findAll(first, "data-cuisine").map((row) => row.key),
    [1001, 1002],
  );
});

test("a call is confirmed, and repeated after a minute at the earliest", () => {
  const calling = run(seated, { type: "call", what: "waiter" });
  assert.deepEqual(calling.calling, ["waiter"]);
  const called = run(calling, { type: "call.done", what: "waiter" }, { type: "call.free", what: "waiter" });
  assert.deepEqual([called.calling, called.notice?.text], [[], { key: "waiterCalled" }]);
  assert.ok(callWait(called, "waiter") > 58 && callWait(called, "bill") === 0, "the bill is another matter");
  assert.deepEqual(run(called, { type: "call", what: "waiter" }).calling, [], "not within the minute");
  assert.equal(callWait({ ...called, now: called.now + 60_000 }, "waiter"), 0);
  assert.deepEqual(
    readKept(JSON.parse(JSON.stringify(toKeep(called)))).calledAt,
    called.calledAt,
    "a reload does not shorten it",
  );
});

test("a party that is moved goes on at the other table, whose cart counts from another number", () => {
  const moved = run(two, { type: "moved", tableId: 9, tableNumber: "B02" });
  assert.deepEqual(
    [moved.session?.tableId, moved.session?.tableNumber, moved.session?.seatingId, moved.cart],
    [9, "B02", 5, null],
  );
  assert.deepEqual(moved.notice?.text, { key: "moved", vars: { number: "B02" } });
  const there = { ...cart([line({ quantity: 1 })], 2), tableId: 9, tableNumber: "B02" };
  const arrived = run(moved, { type: "cart", cart: there });
  assert.equal(arrived.cart?.version, 2);
  assert.equal(
    run(arrived, { type: "moved", tableId: 9, tableNumber: "B02" }).cart,
    arrived.cart,
    "told twice, moved once",
  );
});

test("a phone that was away while its party moved learns it from the cart", () => {
  const there = { ...cart([line({ quantity: 1 })], 2), tableId: 9, tableNumber: "B02" };
  const back = run(two, { type: "cart", cart: there });
  assert.deepEqual(
    [back.session?.tableNumber, back.cart?.version, back.notice?.text],
    ["B02", 2, { key: "moved", vars: { number: "B02" } }],
  );
});

test("an order that was on its way when the party moved is asked for again, never lost in silence", () => {
  const moved = run(two, { type: "submit" }, { type: "moved", tableId: 9, tableNumber: "B02" });
  assert.deepEqual([moved.submission, moved.changed, moved.sheet], [null, true, "cart"]);
});

/**
 * @param {Partial<Bill>} [changes]
 * @returns {Bill}
 */
function bill(changes = {}) {
  const round = billOrder({
    status: 2,
    amount: 90,
    items: [billItem()],
    adjustments: [
      { adjustmentId: 1, kind: "cover", position: null, amount: 15, reason: "" },
      { adjustmentId: 2, kind: "discount", position: null, amount: -1, reason: "老顾客" },
    ],
  });
  return sampleBill({ total: 90, owed: 90, orders: [round], ...changes });
}

const later = run(
  seated,
  { type: "pay.rules", pay: payRules({ mode: "later", counter: true }) },
  { type: "order", order: order({ status: 2 }) },
);

test("where a party pays at the end its rounds are on one bill, and are paid with it", () => {
  assert.equal(isPayable(later, order({ status: 2 })), true, "while the bill is not known an order is paid by itself");
  const billed = run(later, { type: "bill", bill: bill() }, { type: "sheet", sheet: "bill" });
  assert.equal(isPayable(billed, order({ status: 2 })), false);
  /** @type {Intent[]} */
  const sent = [];
  const sheet = billSheet(ctx(billed, sent));
  for (const said of ["3 位", "第 1 轮", "宫保鸡丁", "茶位费", "优惠 老顾客", "-¥1.00", "待付¥90.00"])
    assert.ok(textOf(sheet).includes(said), said);
  press(find(sheet, "data-pay", "whole"));
  assert.deepEqual(sent, [{ type: "bill.pay", partId: null }]);
  const paying = run(billed, ...sent);
  assert.equal(dueOf(paying)?.fen, 9000);
  const paid = run(paying, { type: "bill", bill: bill({ paid: 90, owed: 0 }) });
  assert.equal(paid.paying, null, "paid, by whomever: the dialog closes");
  assert.match(textOf(billSheet(ctx(paid))), /已全部付清/);
});

test("one's own part is paid alone; a part that somebody else paid closes the dialog", () => {
  const parts = (/** @type {"open" | "paid"} */ first) =>
    splitOf(
      billPart({ partId: 7, amount: 45, state: first }),
      billPart({ partId: 8, label: "李姐", amount: 45 }),
      billPart({ partId: 6, amount: 90, state: "void" }),
    );
  const split = run(later, { type: "bill", bill: bill({ bill: parts("open") }) }, { type: "sheet", sheet: "bill" });
  const rows = findAll(billSheet(ctx(split)), "data-part");
  assert.deepEqual(
    rows.map((row) => [row.key, textOf(row)]),
    [
      [7, "第 1 份付款 ¥45.00"],
      [8, "李姐付款 ¥45.00"],
    ],
  );
  assert.equal(
    findAll(billSheet(ctx(split)), "data-pay").length,
    0,
    "a bill in parts is paid part by part: the daemon refuses it whole",
  );
  const paying = run(
    split,
    { type: "bill.pay", partId: 7 },
    { type: "order.pay", orderId: 0, partId: 7, provider: "demo" },
  );
  assert.equal(dueOf(paying)?.fen, 4500);
  const payment = paymentOf();
  assert.equal(
    run(paying, { type: "payment", orderId: 0, partId: 8, payment }).paying?.payment,
    null,
    "an answer for another part is not this one's",
  );
  assert.equal(run(paying, { type: "payment", orderId: 0, partId: 7, payment }).paying?.payment, payment);
  assert.equal(run(paying, { type: "bill", bill: bill({ paid: 45, owed: 45, bill: parts("paid") }) }).paying, null);
});

test("a round that came after the bill was cut is told, and is paid with the only part that is left", () => {
  const part = (/** @type {number} */ partId, /** @type {"open" | "paid"} */ state) =>
    billPart({ partId, amount: 35, state });
  const cut = (/** @type {BillPart[]} */ ...parts) =>
    run(later, { type: "bill", bill: bill({ owed: 55, bill: splitOf(...parts) }) }, { type: "sheet", sheet: "bill" });
  const one = billSheet(ctx(cut(part(7, "paid"), part(8, "open"))));
  assert.match(textOf(one), /后来点的 ¥20\.00 还没有分/);
  assert.match(textOf(find(one, "data-pay", "whole")), /¥55\.00/);
  const two = billSheet(ctx(cut(part(7, "open"), part(8, "open"), part(9, "paid"))));
  assert.equal(findAll(two, "data-pay").length, 0, "the staff's cut stands");
});

test("a member's balance is a way to pay where it is enough, and asked once more", () => {
  const billed = run(
    later,
    { type: "pay.rules", pay: payRules({ mode: "later", providers: ["demo", "balance"], counter: true }) },
    { type: "bill", bill: bill() },
    { type: "bill.pay", partId: null },
    { type: "card", card: { name: "王", balance: 100 } },
  );
  const ways = (/** @type {PhoneState} */ state) =>
    findAll(payDialog(ctx(state)), "data-way").map((button) => [
      button.props["data-way"],
      button.props["aria-disabled"],
    ]);
  assert.deepEqual(ways(billed), [
    ["balance", null],
    ["demo", null],
    ["counter", undefined],
  ]);
  assert.deepEqual(ways(run(billed, { type: "card", card: { name: "王", balance: 89.99 } }))[0], ["balance", "true"]);
  const asked = run(billed, { type: "ask", question: { kind: "balance" } });
  assert.deepEqual(asked.question, { kind: "balance" });
  const sent = run(asked, { type: "order.pay", orderId: 0, partId: null, provider: "balance" });
  assert.deepEqual([sent.question, sent.paying?.way, sent.busy], [null, "balance", [0]]);
  const done = run(sent, { type: "paid" }, { type: "order.free", orderId: 0 });
  assert.deepEqual([done.paying, done.busy, done.notice?.text], [null, [], { key: "paidByCard" }]);
});

test("打包 goes with the order and is not kept for the next one", () => {
  const sent = run(two, { type: "packed" }, { type: "submit" });
  assert.equal(sent.submission?.packed, true);
  assert.equal(run(sent, { type: "submitted", order: order() }).packed, false);
});
