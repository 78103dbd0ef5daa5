// A table's bill: what it shows, how it is split, and money to the fen.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  billOf,
  changeOf,
  oddFen,
  offOf,
  partsOf,
  picksFen,
  portions,
  takenFen,
  unpicked,
  usualTenders,
} from "../../../assets/js/counter/room/bill-state.js";
import { billScreen } from "../../../assets/js/counter/room/bill-view.js";
import { go, seen, told } from "./rooms.js";
import { bill, billItem, billOrder, billPart, split, tableRow } from "./samples.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {Bill} from "../../../assets/js/types.js" */
/** @import {BillScreen, SplitPanel} from "../../../assets/js/counter/room/bill-state.js" */
/** @import {RoomEvent, RoomIntent, RoomState} from "../../../assets/js/counter/room/room-state.js" */

const tables = [tableRow({ seatingId: 5, state: "toPay", owed: 148.2, heads: 3 })];

/**
 * @param {Bill} shown
 * @param {...(RoomIntent | RoomEvent)} messages
 * @returns {RoomState}
 */
const opened = (shown, ...messages) =>
  told({ type: "show", screen: billOf(123) }, { type: "bill", bill: shown }, ...messages);

/**
 * @param {RoomState} state
 * @param {string[] | null} [allowed]
 */
function look(state, allowed = null) {
  const told_ = seen(state, tables, allowed);
  return { ...told_, view: billScreen(told_.ctx, /** @type {BillScreen} */ (state.screen)) };
}

test("change is counted in fen, and too little is no amount", () => {
  /** @type {[number, string, number | null][]} */
  const table = [
    [8800, "", 0],
    [8800, "100", 1200],
    [8800, "88", 0],
    [8800, "87.99", null],
    [1999, "20", 1],
    [30, "0.3", 0],
    [29, "0.30", 1],
    [8800, "abc", null],
    [8800, "88.001", null],
    [1, "10000", 999_999],
  ];
  for (const [fen, tendered, wanted] of table) assert.equal(changeOf(fen, tendered), wanted, `${fen} of ${tendered}`);
});

test("what guests hand over: the next ten, fifty, hundred; never less than is asked", () => {
  assert.deepEqual(usualTenders(8820), [9000, 10_000, 20_000]);
  assert.deepEqual(usualTenders(10_000), [20_000]);
  assert.deepEqual(usualTenders(1), [1000, 5000, 10_000]);
  for (const fen of [1, 999, 1000, 1001, 14_820, 99_999])
    assert.ok(usualTenders(fen).every((sum) => sum > fen && sum % 1000 === 0));
});

test("rounds with their dishes, options and reductions; what is paid, what is owed", () => {
  const shown = bill({
    orders: [
      billOrder({
        adjustments: [{ adjustmentId: 4, kind: "discount", position: null, amount: -14.82, reason: "熟客" }],
      }),
      billOrder({
        orderId: 18,
        orderNumber: "202611200002",
        payStatus: 1,
        items: [billItem({ cuisineName: "米饭", quantity: 3, unitPrice: 2, subtotalAmount: 6 })],
      }),
      billOrder({ orderId: 19, orderNumber: "202611200003", status: 6 }),
    ],
    total: 139.38,
    paid: 6,
    owed: 133.38,
  });
  const { view, sent } = look(opened(shown));
  assert.match(
    textOf(view),
    /第 1 轮202611200001已接单未支付改为打包宫保鸡丁免单×2¥76\.00水煮鱼豆皮免单×1¥72\.20打折 · 熟客撤销-¥14\.82/,
  );
  assert.match(textOf(view), /合计¥139\.38已付¥6\.00还欠¥133\.38收款 ¥133\.38/);
  press(find(view, "aria-label", "撤销：打折 · 熟客"));
  press(find(view, "aria-label", "免单：宫保鸡丁"));
  assert.deepEqual(
    sent.map((intent) => intent.type === "panel" && intent.panel?.kind),
    ["undo", "free"],
  );
  const orders = findAll(view, "data-order");
  assert.match(textOf(orders[1] ?? ""), /已支付退款/);
  assert.doesNotMatch(textOf(orders[2] ?? ""), /免单|退款/, "called off: nothing to be done");
});

test("a fee is waived by one press and a question, while its order is to be paid", () => {
  const adjustments = [
    { adjustmentId: 9, kind: /** @type {const} */ ("cover"), position: null, amount: 6, reason: "" },
  ];
  const { view, sent } = look(
    opened(bill({ orders: [billOrder({ adjustments }), billOrder({ orderId: 18, payStatus: 1, adjustments })] })),
  );
  const waives = findAll(view, "aria-label").filter(({ props }) => String(props["aria-label"]).startsWith("免收："));
  assert.deepEqual(
    waives.map(({ props }) => props["aria-label"]),
    ["免收：茶位费"],
    "not where it is paid",
  );
  press(find(view, "aria-label", "免收：茶位费"));
  assert.deepEqual(sent, [{ type: "panel", panel: { kind: "undo", adjustmentId: 9, fee: true } }]);
});

test("what was given free is taken back also where nothing else was to be paid", () => {
  const free = { adjustmentId: 4, kind: /** @type {const} */ ("free"), position: 1, amount: -38, reason: "上错了" };
  const offered = (/** @type {Parameters<typeof billOrder>[0]} */ changes) => {
    const { view } = look(
      opened(bill({ orders: [billOrder({ payStatus: 1, adjustments: [free], ...changes })], owed: 0 })),
    );
    return /撤销/.test(textOf(view));
  };
  assert.ok(offered({ amount: 0 }), "it counts as paid, and nobody paid");
  assert.ok(!offered({ amount: 38 }), "somebody paid");
  assert.ok(!offered({ amount: 0, status: 6 }));
});

test("the counter sees what is packed, and changes it where nobody has paid", () => {
  const shown = bill({ orders: [billOrder({ packed: true }), billOrder({ orderId: 18, packed: true, payStatus: 1 })] });
  const { view, sent } = look(opened(shown));
  assert.match(textOf(view), /第 1 轮.*未支付打包改为堂食.*第 2 轮.*已支付打包(?!改)/);
  press(find(view, "aria-label", "改为堂食：第 1 轮"));
  assert.deepEqual(sent, [{ type: "packed", orderId: shown.orders[0]?.orderId, packed: false }]);
  assert.doesNotMatch(textOf(look(opened(shown), ["GET bill/table/*"]).view), /改为/, "a waiter does not");
});

test("a refund is the till's own question", () => {
  const { view, toShell } = look(opened(bill({ orders: [billOrder({ payStatus: 1 })], paid: 148.2, owed: 0 })));
  press(find(view, "aria-label", "退款：订单 202611200001"));
  assert.equal(toShell[0]?.type === "ask" && toShell[0].question.kind, "refund");
  assert.match(textOf(view), /还欠已结清清台/);
});

test("a waiter sees the bill and takes no money", () => {
  const { view } = look(opened(bill()), ["GET bill/table/*"]);
  assert.equal(findAll(view, "data-do").length, 0);
  assert.doesNotMatch(textOf(view), /打折|分单|撤销/);
});

test("cash: too little cannot be taken, the change is said, a second Enter is no second payment", () => {
  const taking = opened(bill(), { type: "panel", panel: { kind: "take", partId: null, method: "cash", draft: {} } });
  assert.match(textOf(look(taking).view), /收款：整桌¥148\.20.*正好¥150\.00¥200\.00找零 ¥0\.00/);
  const short = go(taking, { type: "draft", name: "tendered", value: "100" });
  assert.match(textOf(look(short).view), /还差 ¥48\.20/);
  assert.equal(find(look(short).view, "type", "submit").props["aria-disabled"], "true");
  const enough = go(short, { type: "draft", name: "tendered", value: "150" });
  assert.match(textOf(look(enough).view), /找零 ¥1\.80/);
  const gone = go(enough, { type: "go" });
  assert.equal(go(gone, { type: "go" }).screen, gone.screen);
  const refused = go(gone, { type: "trouble", code: "WRONG_AMOUNT", said: "金额不符" });
  assert.equal(textOf(find(look(refused).view, "role", "alert")), "金额不符");
  const paid = go(gone, { type: "done" }, { type: "bill", bill: bill({ paid: 148.2, owed: 0 }) });
  assert.match(textOf(look(paid).view), /已结清清台/);
});

test("another way to pay starts with an empty field: a code is not kept as an amount", () => {
  const taking = opened(
    bill(),
    { type: "panel", panel: { kind: "take", partId: null, method: "cash", draft: {} } },
    { type: "draft", name: "tendered", value: "150" },
    { type: "method", method: "scan" },
  );
  const { panel } = /** @type {BillScreen} */ (taking.screen);
  assert.deepEqual(panel, { kind: "take", partId: null, method: "scan", draft: {} });
  assert.match(textOf(look(taking).view), /顾客的付款码/);
  assert.match(textOf(look(go(taking, { type: "go", draft: {} })).view), /等待顾客输入密码/);
});

test("parts: each is taken by itself, paid ones stay, and one that is paid elsewhere closes its form", () => {
  const shown = bill({
    bill: split(
      billPart(),
      billPart({ partId: 2, label: "王先生", state: "paid" }),
      billPart({ partId: 3, state: "void" }),
    ),
    paid: 74.1,
    owed: 74.1,
  });
  const { view, sent } = look(opened(shown));
  assert.deepEqual(
    findAll(view, "data-part").map(({ props }) => [props["data-part"], props["data-state"]]),
    [
      [1, "open"],
      [2, "paid"],
    ],
  );
  assert.match(textOf(view), /第 1 份¥74\.10收款王先生退款¥74\.10已付.*重新分单取消分单/);
  press(find(view, "aria-label", "收款：第 1 份 ¥74.10"));
  assert.deepEqual(sent, [{ type: "panel", panel: { kind: "take", partId: 1, method: "cash", draft: {} } }]);
  const taking = opened(shown, /** @type {RoomIntent} */ (sent[0]));
  assert.equal(takenFen(shown, 1), 7410);
  const elsewhere = go(taking, {
    type: "bill",
    bill: { ...shown, owed: 0, paid: 148.2, bill: split(billPart({ state: "paid" })) },
  });
  assert.equal(/** @type {BillScreen} */ (elsewhere.screen).panel, null);
});

test("a paid part goes back while its bill is open; where another counter was quicker the form closes", () => {
  const paid = billPart({ partId: 2, label: "王先生", state: "paid" });
  const shown = bill({ bill: split(billPart(), paid), paid: 74.1, owed: 74.1 });
  const { view, sent } = look(opened(shown));
  press(find(view, "aria-label", "退款：王先生 ¥74.10"));
  assert.deepEqual(sent, [
    { type: "panel", panel: { kind: "giveBack", partId: 2, label: "王先生 ¥74.10", draft: {} } },
  ]);
  const asking = opened(shown, /** @type {RoomIntent} */ (sent[0]));
  assert.match(textOf(look(asking).view), /退 王先生 ¥74\.10？退后重新收款/);
  const elsewhere = go(asking, {
    type: "bill",
    bill: {
      ...shown,
      owed: 148.2,
      paid: 0,
      bill: split(billPart(), billPart({ partId: 3, label: "王先生" })),
    },
  });
  assert.equal(/** @type {BillScreen} */ (elsewhere.screen).panel, null);
  const whole = look(opened(bill({ bill: split(paid), paid: 148.2, owed: 0 }))).view;
  assert.ok(
    !findAll(whole, "aria-label").some(({ props }) => String(props["aria-label"]).startsWith("退款：王先生")),
    "a paid bill's orders give money back",
  );
  const waiter = look(opened(shown), ["POST bill/split"]).view;
  assert.ok(!findAll(waiter, "aria-label").some(({ props }) => String(props["aria-label"]).startsWith("退款：王先生")));
});

test("by dish: what is picked goes on its part, what is left is the last part, nothing twice", () => {
  /** @type {SplitPanel} */
  const panel = { kind: "split", by: "item", heads: "2", picks: [{}], current: 0 };
  const state = opened(
    bill(),
    { type: "panel", panel },
    { type: "split.pick", key: "17:0", by: 1 },
    { type: "split.more" },
    { type: "split.pick", key: "17:1", by: 1 },
    { type: "split.pick", key: "17:0", by: 1 },
    { type: "split.pick", key: "17:0", by: -1 },
    { type: "split.pick", key: "17:0", by: -1 },
  );
  const { picks, current } = /** @type {SplitPanel} */ (/** @type {BillScreen} */ (state.screen).panel);
  assert.deepEqual([picks, current], [[{ "17:0": 1 }, { "17:1": 1, "17:0": 0 }], 1]);
  assert.deepEqual(partsOf(bill(), picks), [
    { items: [{ orderId: 17, position: 0, quantity: 1 }] },
    { items: [{ orderId: 17, position: 1, quantity: 1 }] },
    { items: [{ orderId: 17, position: 0, quantity: 1 }] },
  ]);
  const all = portions(bill());
  assert.deepEqual(
    picks.map((one) => picksFen(all, one)),
    [3800, 7220],
  );
  assert.deepEqual(
    all.map((portion) => unpicked(portion, picks)),
    [1, 0],
  );
  const { view } = look(state);
  assert.match(textOf(view), /第 1 份 ¥38\.00第 2 份 ¥72\.20其余 ¥38\.00/);
  assert.equal(
    find(view, "aria-label", "放进第 2 份：水煮鱼").props["aria-disabled"],
    "true",
    "there is no more of it",
  );
});

test("what is paid or called off can be put on no part", () => {
  const shown = bill({
    orders: [billOrder(), billOrder({ orderId: 18, payStatus: 1 }), billOrder({ orderId: 19, status: 6 })],
    bill: split(
      billPart({ state: "paid", items: [{ orderId: 17, position: 0, quantity: 1 }] }),
      billPart({ partId: 2, items: [{ orderId: 17, position: 1, quantity: 1 }] }),
    ),
  });
  assert.deepEqual(
    portions(shown).map(({ key, quantity }) => [key, quantity]),
    [
      ["17:0", 1],
      ["17:1", 1],
    ],
  );
});

test("the odd fen can be left off, where there are any", () => {
  assert.equal(oddFen(bill()), 20);
  const discount = {
    type: /** @type {const} */ ("panel"),
    panel: { kind: /** @type {const} */ ("discount"), of: 14_820, draft: {} },
  };
  const { view, sent } = look(opened(bill(), discount));
  const odd = findAll(view, "aria-pressed").find((button) => textOf(button) === "抹零 ¥0.20");
  assert.ok(odd);
  press(odd);
  const state = go(opened(bill(), discount), ...sent);
  const { panel } = /** @type {BillScreen} */ (state.screen);
  assert.deepEqual(panel?.kind === "discount" && panel.draft, { percent: "", amount: "0.20" });
  assert.doesNotMatch(textOf(look(opened(bill({ owed: 148 }), discount)).view), /抹零/);
  /** @type {[Record<string, string>, unknown][]} */
  const table = [
    [{}, null],
    [{ percent: "10" }, { percent: 10 }],
    [{ percent: "100" }, null],
    [{ amount: "0.00" }, null],
    [{ amount: "3.5" }, { fen: 350 }],
    [{ percent: "0", amount: "1" }, { fen: 100 }],
  ];
  for (const [draft, off] of table) assert.deepEqual(offOf(draft), off, JSON.stringify(draft));
  const nothing = opened(bill(), discount, { type: "go" });
  assert.equal(/** @type {BillScreen} */ (nothing.screen).waiting, false);
  assert.match(textOf(find(look(nothing).view, "role", "alert")), /请写减百分之几/);
});

test("a discount is taken of what was to be paid when it was opened; who has been told of another goes on from there", () => {
  const discount = {
    type: /** @type {const} */ ("panel"),
    panel: { kind: /** @type {const} */ ("discount"), of: 14_820, draft: { percent: "10" } },
  };
  const of = (/** @type {RoomState} */ { screen }) =>
    screen?.kind === "bill" && screen.panel?.kind === "discount" ? screen.panel.of : undefined;
  const less = { type: /** @type {const} */ ("bill"), bill: bill({ owed: 133.38 }) };
  const other = go(opened(bill(), discount), less);
  assert.equal(of(other), 14_820, "the other till's discount has come meanwhile: this one is not of that sum");
  const told_ = go(other, { type: "go" }, { type: "trouble", code: "DISCOUNTED_BEFORE", said: "已有人优惠过" });
  assert.equal(of(go(told_, less)), 13_338);
});
