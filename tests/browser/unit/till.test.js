// Money at the counter: what is taken and given back, what waits for a person, which lines are down.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alertsRegion } from "../../../assets/js/counter/alerts-view.js";
import { boardRegion } from "../../../assets/js/counter/board-view.js";
import { booksRegion } from "../../../assets/js/counter/books-view.js";
import { questionDialog } from "../../../assets/js/counter/question-view.js";
import { reviewsRegion } from "../../../assets/js/counter/reviews-view.js";
import { apply, firstState } from "../../../assets/js/counter/state.js";
import { strips } from "../../../assets/js/counter/strips-view.js";
import { alertsOfReview, mayEnd, refundable } from "../../../assets/js/counter/till-state.js";
import { COUNTER_WORDS } from "../../../assets/js/counter/words.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import { parseYuan, toYuan } from "../../../assets/js/shared/money.js";
import {
  account as accountOf,
  alert as alertOf,
  daemonStatus,
  ledger as ledgerOf,
  order,
  payWays,
  providerHealth,
  tunnelHealth,
} from "./samples.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {Alert, DaemonStatus, Reconciliation, Review, Unclaimed} from "../../../assets/js/types.js" */
/** @import {CounterState, Event, Intent} from "../../../assets/js/counter/state.js" */

let stamps = 0;
const NOW = Date.parse("2026-11-20T18:10:00+08:00");

/**
 * @param {CounterState} state
 * @param {...(Event | Intent)} messages
 * @returns {CounterState}
 */
function run(state, ...messages) {
  return messages.reduce((before, message) => apply(before, { ...message, id: `m${(stamps += 1)}`, at: NOW }), state);
}

/**
 * @param {CounterState} state
 * @returns {{ctx: import("../../../assets/js/counter/parts.js").Ctx, sent: Intent[]}}
 */
function seen(state) {
  /** @type {Intent[]} */
  const sent = [];
  return { ctx: { state, t: translator(COUNTER_WORDS, state.lang), send: (intent) => sent.push(intent) }, sent };
}

/**
 * @param {Partial<Review>} [changes]
 * @returns {Review}
 */
const review = (changes = {}) => ({
  reviewId: 3,
  kind: "amount",
  paymentId: 8,
  orderId: 17,
  orderNumber: "202611200001",
  tableNumber: "A01",
  provider: "wechat",
  outTradeNo: "2026x",
  amount: 38,
  received: 1,
  reason: "应收 38.00 元，实付 1.00 元",
  notices: 1,
  raisedAt: "2026-11-20T18:03:00+08:00",
  actions: ["refund", "accept"],
  ...changes,
});

/**
 * @param {Partial<Alert>} [changes]
 * @returns {Alert}
 */
const alert = (changes = {}) => alertOf({ type: 3, ...changes });

const account = accountOf();

const onDuty = run(firstState("zh"), { type: "signed.in" }, { type: "sound", sound: "on" });
const unpaid = run(
  onDuty,
  { type: "order", order: order({ status: 1, payStatus: 0 }) },
  { type: "ways", ways: payWays() },
);
const paid = run(onDuty, { type: "order", order: order({ status: 3, payStatus: 1 }) });

test("typed amounts are exact fen, or nothing", () => {
  assert.deepEqual(["38", "38.5", " 0.29 ", "19.99", "1234567.01"].map(parseYuan), [3800, 3850, 29, 1999, 123456701]);
  assert.deepEqual(["", "-1", "1.234", "1e3", "1,5", "abc", ".5", "12345678"].map(parseYuan), Array(8).fill(null));
  for (const fen of [1, 29, 58, 115, 1999, 100005, 999999999])
    assert.match(JSON.stringify(toYuan(fen)), /^\d+(\.\d{1,2})?$/);
});

test("an unpaid ticket takes cash and cards, and codes where a provider reads them; a paid one gives back", () => {
  const names = (/** @type {CounterState} */ state) =>
    findAll(boardRegion(seen(state).ctx), "data-till").map((button) => button.props["data-till"]);
  assert.deepEqual(names(unpaid), ["takeCash", "takeTerminal"]);
  assert.deepEqual(names(run(unpaid, { type: "ways", ways: payWays(["wechat"]) })), [
    "takeCash",
    "takeTerminal",
    "scan",
  ]);
  assert.deepEqual(names(paid), ["refund"]);
  assert.deepEqual(names(run(onDuty, { type: "order", order: order({ status: 6, payStatus: 0 }) })), []);
  assert.deepEqual(names(run(onDuty, { type: "order", order: order({ status: 5, payStatus: 2 }) })), []);
});

test("cash is asked once more, with the amount", () => {
  const { ctx, sent } = seen(unpaid);
  press(find(boardRegion(ctx), "data-till", "takeCash"));
  const asked = run(unpaid, /** @type {Intent} */ (sent[0]));
  const dialog = questionDialog(seen(asked).ctx);
  assert.match(textOf(dialog), /A01 收现金.*¥76\.00.*已收 ¥76\.00/s);
  const taken = run(asked, { type: "take", orderId: 17, method: "cash", fen: 7600 });
  assert.deepEqual([taken.question, taken.busy], [null, ["order 17"]]);
});

test("of a bill that its party has left half paid, what is left of it is taken with any of its orders", () => {
  for (const question of /** @type {const} */ ([
    { kind: "take", orderId: 17, method: "cash", account: null },
    { kind: "scan", orderId: 17, account: null, waiting: false, trouble: null },
  ])) {
    const asked = run(unpaid, { type: "ask", question }, { type: "account", account: accountOf({ owed: 47.33 }) });
    const { ctx, sent } = seen(asked);
    const dialog = questionDialog(ctx);
    assert.match(textOf(dialog), /¥47\.33.*客人已离店，账单已有人付过一部分/s);
    if (question.kind === "scan") continue;
    find(dialog, "type", "submit");
    const form = /** @type {any} */ (findAll(dialog, "onsubmit")[0]);
    form.props.onsubmit({ preventDefault() {} });
    assert.deepEqual(sent, [{ type: "take", orderId: 17, method: "cash", fen: 4733 }]);
  }
  const known = run(
    unpaid,
    { type: "ask", question: { kind: "take", orderId: 17, method: "cash", account: null } },
    { type: "account", account: accountOf({ owed: 76 }) },
  );
  assert.ok(!textOf(questionDialog(seen(known).ctx)).includes("客人已离店"));
});

test("a payer's code: waits for the password, tells what came of it, and is kept nowhere", () => {
  const asked = run(unpaid, {
    type: "ask",
    question: { kind: "scan", orderId: 17, account: null, waiting: false, trouble: null },
  });
  const waiting = run(asked, { type: "scan", orderId: 17, authCode: "134567890123456789" });
  assert.match(textOf(questionDialog(seen(waiting).ctx)), /等待顾客输入密码…/);
  assert.ok(!JSON.stringify(waiting).includes("134567890123456789"));
  assert.equal(run(waiting, { type: "scan", orderId: 17, authCode: "1" }).busy.length, 1, "Enter twice is one request");
  const done = run(waiting, { type: "scanned", orderId: 17, status: "paid" });
  assert.deepEqual([done.question, done.notice?.text], [null, { key: "scanPaid", vars: { number: "202611200001" } }]);
  for (const [status, words] of /** @type {const} */ ([
    ["closed", /作废，请重新扫码/],
    ["waiting", /不要重复收款/],
    ["needs_review", /待处理付款/],
  ])) {
    assert.match(
      textOf(questionDialog(seen(run(waiting, { type: "scanned", orderId: 17, status })).ctx)),
      words,
      status,
    );
  }
  const said = "无法识别付款码，请重新扫描";
  const refused = run(waiting, { type: "scan.refused", orderId: 17, code: "PAYER_CODE_UNKNOWN", said });
  assert.match(textOf(questionDialog(seen(refused).ctx)), /无法识别付款码/);
  const left = run(waiting, { type: "ask.close" }, { type: "scanned", orderId: 17, status: "paid" });
  assert.equal(left.notice?.tone, "info", "told all the same when nobody looks at the question any more");
});

/** @type {Intent} */
const askRefund = {
  type: "ask",
  question: {
    kind: "refund",
    orderId: 17,
    amount: "",
    reason: "",
    opId: "",
    account: null,
    waiting: false,
    unsure: false,
    trouble: null,
  },
};

/**
 * @param {CounterState} state
 * @returns {import("../../../assets/js/counter/till-state.js").RefundQuestion}
 */
function refundQuestion(state) {
  assert.equal(state.question?.kind, "refund");
  return /** @type {any} */ (state.question);
}

test("a refund offers what is left, with one opId a question", () => {
  assert.equal(refundable(account), 4550, "what came, less what went, less what is on its way");
  const asked = run(paid, askRefund, { type: "account", account });
  assert.equal(refundQuestion(asked).amount, "45.50");
  assert.ok(refundQuestion(asked).opId);
  assert.notEqual(refundQuestion(run(paid, askRefund)).opId, refundQuestion(asked).opId);
  const typed = run(paid, askRefund, { type: "refund.amount", text: "3" }, { type: "account", account });
  assert.equal(refundQuestion(typed).amount, "3", "what is being typed stays");
  for (const amount of ["45.51", "0", "x"]) {
    const bad = run(asked, { type: "refund", orderId: 17, amount, reason: "" });
    assert.deepEqual([refundQuestion(bad).trouble, bad.busy], [{ key: "refundBad" }, []], amount);
  }
});

test("a refund that was not answered can only be sent again as the same one", () => {
  const asked = run(paid, askRefund, { type: "account", account });
  const sent = run(asked, { type: "refund", orderId: 17, amount: "3.00", reason: "少上菜" });
  const lost = run(
    sent,
    { type: "refund.refused", orderId: 17, code: "UNREACHABLE", said: "", unsure: true },
    { type: "free", key: "order 17" },
  );
  const dialog = questionDialog(seen(lost).ctx);
  assert.match(textOf(dialog), /不会重复退款/);
  assert.equal(find(dialog, "name", "amount").props.readonly, true);
  const again = run(lost, { type: "refund", orderId: 17, amount: "3.00", reason: "少上菜" });
  assert.equal(refundQuestion(again).opId, refundQuestion(asked).opId);
  const done = run(again, { type: "refunded", orderId: 17 });
  assert.deepEqual([done.question, done.notice?.tone], [null, "info"]);
});

test("a whole refund of what nobody has accepted asks whether the order is over: yes, unless the cashier says no", () => {
  const waiting = run(onDuty, { type: "order", order: order({ status: 2, payStatus: 1 }) });
  const asked = run(waiting, askRefund, { type: "account", account });
  const tick = (/** @type {CounterState} */ state) =>
    findAll(questionDialog(seen(state).ctx), "type").find((one) => one.props.type === "checkbox");
  assert.equal(tick(asked)?.props.checked, true);
  assert.match(textOf(questionDialog(seen(asked).ctx)), /同时取消这个订单.*还没有人接单/);
  assert.equal(tick(run(asked, { type: "refund.amount", text: "45.49" })), undefined, "a part leaves it as it is");
  assert.equal(tick(run(paid, askRefund, { type: "account", account })), undefined, "somebody cooks it");
  assert.equal(tick(run(waiting, askRefund)), undefined, "what is left is not known yet");
  const kept = run(asked, { type: "refund.end", end: false });
  assert.deepEqual([tick(kept)?.props.checked, mayEnd(kept, refundQuestion(kept))], [false, true]);
  const sent = run(kept, { type: "refund", orderId: 17, amount: "45.50", reason: "" });
  assert.deepEqual(
    [tick(sent)?.props.disabled, refundQuestion(sent).end],
    [true, false],
    "what is sent stays as it was",
  );
});

test("who cancels what is being cooked is asked whether its dishes can be sold again: no, unless ticked", () => {
  const ask = (/** @type {1 | 2 | 3 | 4} */ status) =>
    run(
      onDuty,
      { type: "order", order: order({ status, payStatus: 1 }) },
      { type: "ask", question: { kind: "cancel", orderId: 17, reason: "客人要求" } },
    );
  const tick = (/** @type {CounterState} */ state) =>
    findAll(questionDialog(seen(state).ctx), "type").find((one) => one.props.type === "checkbox");
  assert.deepEqual(
    [1, 2, 3, 4].map((status) => tick(ask(/** @type {1} */ (status)))?.props.checked),
    [undefined, undefined, false, false],
  );
  const back = run(ask(4), { type: "dishes", back: true });
  assert.equal(tick(back)?.props.checked, true);
});

test("each item waiting for a person shows its sums and its ways out; money asks once more", () => {
  assert.equal(reviewsRegion(seen(onDuty).ctx), false);
  const state = run(onDuty, {
    type: "reviews",
    reviews: [
      review(),
      review({ reviewId: 4, kind: "refund_abnormal", actions: ["retry", "handed_back", "dismiss"], received: null }),
    ],
  });
  const { ctx, sent } = seen(state);
  const region = reviewsRegion(ctx);
  assert.ok(region);
  assert.match(textOf(region), /金额不符.*应收 38\.00 元，实付 1\.00 元.*应收¥38\.00实收¥1\.00.*退款没成功.*实收不明/s);
  assert.deepEqual(findAll(region, "data-action").map(textOf), [
    "退回",
    "按已付款处理",
    "重新退款",
    "已人工退还",
    "知道了",
  ]);
  for (const button of findAll(region, "data-action")) press(button);
  assert.deepEqual(
    sent.map((intent) => intent.type),
    ["ask", "resolve", "ask", "ask", "resolve"],
  );
  assert.match(
    textOf(questionDialog(seen(run(state, /** @type {Intent} */ (sent[0]))).ctx)),
    /把 A01 付的 ¥1\.00 退回？/,
  );
  const resolved = run(state, { type: "resolve", reviewId: 3, action: "accept" });
  assert.deepEqual(resolved.busy, ["review 3"]);
});

test("the bell of an order goes quiet with the last question about its money", () => {
  const state = run(
    onDuty,
    { type: "alert", alert: alert() },
    { type: "alert", alert: alert({ alertId: 2, type: 1 }) },
    { type: "alert", alert: alert({ alertId: 5, orderId: 18 }) },
    { type: "reviews", reviews: [review(), review({ reviewId: 4 })] },
  );
  assert.deepEqual(alertsOfReview(state, review()), []);
  assert.deepEqual(alertsOfReview(run(state, { type: "reviews", reviews: [review()] }), review()), [1]);
});

test("an alert about no order says its note in place of a table", () => {
  const state = run(onDuty, {
    type: "alert",
    alert: alert({ orderId: null, tableNumber: "", content: "", note: "本机时间不准" }),
  });
  const region = alertsRegion(seen(state).ctx);
  assert.match(textOf(region), /本机时间不准/);
  assert.equal(
    findAll(region, "class").some((view) => String(view.props.class).includes("table-number")),
    false,
  );
});

/**
 * @param {Partial<DaemonStatus>} status
 * @returns {string[]} the red strips
 */
function red(status) {
  const cut = run(onDuty, { type: "stream", online: true }, { type: "status", status: daemonStatus(status) });
  return strips(seen(cut).ctx)
    .filter((strip) => strip && String(strip.props.class) === "strip bad")
    .map((strip) => textOf(/** @type {any} */ (strip)));
}

test("the lines money comes in by: red with what to do when down, unseen when there is no tunnel", () => {
  const line = providerHealth;
  assert.deepEqual(red({ providers: [line()] }), []);
  assert.deepEqual(red({ tunnel: tunnelHealth(), providers: [line()] }), []);
  assert.match(
    red({ tunnel: tunnelHealth({ ok: false, detail: "timeout" }) })[0] ?? "",
    /^付款通知通道断开 自 12:03.*请检查外网和通道程序.*timeout$/,
  );
  assert.match(red({ providers: [line({ ok: false })] })[0] ?? "", /^微信支付没有回应 自 12:05.*收现金/);
  assert.deepEqual(
    [59, -59, null].map((clockSkewSeconds) => red({ providers: [line({ clockSkewSeconds })] }).length),
    [0, 0, 0],
  );
  assert.match(red({ providers: [line({ clockSkewSeconds: -60 })] })[0] ?? "", /相差 60 秒.*校准/);
});

test("the books: sums by way, and what the providers' bills say", () => {
  const ledger = ledgerOf();
  /** @type {Reconciliation["differences"]} */
  const differences = [{ kind: "missing_here", outTradeNo: "x1", reference: "4200", ours: null, theirs: 38 }];
  const open = run(
    onDuty,
    { type: "books", open: true },
    { type: "ledger", date: "", ledger },
    {
      type: "reconciliations",
      reconciliations: [
        {
          date: "2026-11-19",
          provider: "wechat",
          checkedAt: "2026-11-20T10:00:00+08:00",
          rows: 12,
          differences: [],
          problem: null,
        },
        {
          date: "2026-11-19",
          provider: "alipay",
          checkedAt: "2026-11-20T10:00:00+08:00",
          rows: 3,
          differences,
          problem: null,
        },
        {
          date: "2026-11-18",
          provider: "wechat",
          checkedAt: "2026-11-19T10:00:00+08:00",
          rows: 0,
          differences: [],
          problem: "没有回应",
        },
      ],
    },
  );
  assert.ok(open.books);
  const { ctx, sent } = seen(open);
  const text = textOf(booksRegion(ctx, open.books));
  assert.match(text, /前台 · 现金2¥114\.00-¥14\.00¥100\.00/);
  assert.match(
    text,
    /2026-11-19.*✔ 微信支付：12 笔全部一致.*✘ 支付宝：1 处不一致.*本机没有x14200—¥38\.00.*2026-11-18.*没有拿到账单：没有回应/s,
  );
  const again = find(booksRegion(ctx, open.books), "data-day", "2026-11-18");
  press(find(again, "type", "button"));
  assert.deepEqual(sent, [{ type: "reconcile", date: "2026-11-18" }]);
  const moved = run(open, { type: "books.date", date: "2026-11-18" }, { type: "ledger", date: "", ledger });
  const stray = run(open, { type: "ledger", date: "", ledger: ledgerOf({ stray: ["2000-01-01"] }) });
  assert.ok(stray.books);
  const look = seen(stray);
  press(
    findAll(booksRegion(look.ctx, stray.books), "class").find((one) => textOf(one) === "2000-01-01") ?? assert.fail(),
  );
  assert.deepEqual(look.sent, [{ type: "books.date", date: "2000-01-01" }], "what a wrong clock booked is a tap away");
  assert.equal(moved.books?.ledger, null, "the answer for another day comes too late");
  assert.equal(run(open, { type: "books", open: false }, { type: "ledger", date: "", ledger }).books, null);
});

/**
 * @param {Partial<Unclaimed>} [changes]
 * @returns {Unclaimed}
 */
const unclaimed = (changes = {}) => ({
  unclaimedId: 5,
  kind: "payment",
  provider: "wechat",
  outTradeNo: "202611200044abcdef",
  reference: "42000",
  amount: 38,
  ours: true,
  at: "2026-11-20T18:03:00+08:00",
  raisedAt: "2026-11-20T18:03:01+08:00",
  refunding: false,
  problem: "",
  actions: ["refund", "order", "handed_back", "keep"],
  ...changes,
});

/**
 * @param {CounterState} state
 * @returns {import("../../../assets/js/shared/dom.js").VElement}
 */
function listOf(state) {
  const region = reviewsRegion(seen(state).ctx);
  assert.ok(region);
  return region;
}

test("a question that many notices have raised says how many", () => {
  assert.match(textOf(listOf(run(onDuty, { type: "reviews", reviews: [review({ notices: 19 })] }))), /19 次通知/);
  assert.doesNotMatch(textOf(listOf(run(onDuty, { type: "reviews", reviews: [review()] }))), /次通知/);
});

test("money that no order knows stands on the list, and whose it is is asked with what has to be written", () => {
  const state = run(onDuty, {
    type: "unclaimed",
    unclaimed: [unclaimed(), unclaimed({ unclaimedId: 6, ours: false, actions: ["dismiss"] })],
  });
  const { ctx, sent } = seen(state);
  const region = reviewsRegion(ctx);
  assert.ok(region);
  assert.match(textOf(region), /查不到订单的收款.*¥38\.00.*202611200044abcdef.*别家商户的收款/s);
  press(find(region, "data-action", "order"));
  press(find(region, "data-action", "dismiss"));
  assert.deepEqual(sent[1], { type: "claim", unclaimedId: 6, action: "dismiss", text: "" });
  const asked = run(state, /** @type {Intent} */ (sent[0]), { type: "reason", text: " 202611200001 " });
  const dialog = seen(asked);
  const form = findAll(questionDialog(dialog.ctx), "onsubmit")[0];
  assert.ok(form);
  assert.match(textOf(form), /¥38\.00 是哪个订单的？.*订单号/s);
  /** @type {any} */ (form.props.onsubmit)({ preventDefault() {}, target: {} });
  assert.deepEqual(dialog.sent[0], { type: "claim", unclaimedId: 5, action: "order", text: "202611200001" });
  const waiting = run(asked, /** @type {Intent} */ (dialog.sent[0]));
  assert.deepEqual(waiting.busy, ["unclaimed 5"]);
  const refused = run(waiting, {
    type: "claim.refused",
    unclaimedId: 5,
    code: "ORDER_NOT_FOUND",
    said: "没有这个订单",
  });
  assert.match(textOf(questionDialog(seen(refused).ctx)), /没有这个订单/);
  assert.equal(run(waiting, { type: "claimed", unclaimedId: 5 }).question, null);
});

test("what is on its way back waits, and what could not go says why", () => {
  const text = (/** @type {Partial<Unclaimed>} */ changes) =>
    textOf(listOf(run(onDuty, { type: "unclaimed", unclaimed: [unclaimed(changes)] })));
  assert.match(text({ refunding: true, actions: [] }), /正在原路退回/);
  assert.match(text({ problem: "退款被拒绝：余额不足（NOT_ENOUGH）" }), /余额不足/);
});
