// The counter PC is not heard, not seen, or neither: what the page says, rings and asks then.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alarmBanner, pageTitle } from "../../../assets/js/counter/alarm-view.js";
import { alertsRegion } from "../../../assets/js/counter/alerts-view.js";
import { ALARM_EVERY_MS, answerable, RING_EVERY_MS, ringDue } from "../../../assets/js/counter/ring-state.js";
import { apply, firstState } from "../../../assets/js/counter/state.js";
import { strips } from "../../../assets/js/counter/strips-view.js";
import { COUNTER_WORDS } from "../../../assets/js/counter/words.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import { clockAndDay } from "../../../assets/js/shared/time.js";
import {
  alert as alertOf,
  clockHealth,
  daemonStatus,
  health,
  orderItem,
  order as orderOf,
  providerHealth,
} from "./samples.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {Alert, ClockHealth, Health} from "../../../assets/js/types.js" */
/** @import {Lang} from "../../../assets/js/shared/i18n.js" */
/** @import {CounterState, Event, Intent} from "../../../assets/js/counter/state.js" */

const NOON = Date.parse("2026-11-20T12:10:00+08:00");
let now = NOON;
let stamps = 0;

/**
 * @param {CounterState} state
 * @param {...(Event | Intent)} messages
 * @returns {CounterState}
 */
function run(state, ...messages) {
  return messages.reduce((before, message) => apply(before, { ...message, id: `m${(stamps += 1)}`, at: now }), state);
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

const well = health();
const bad = health({ ok: false, since: "2026-11-20T12:03:00+08:00", detail: "没有声卡 no sound card" });
const unchecked = health({ ok: false, since: "2026-11-20T12:03:00+08:00", detail: "尚未检查 not checked yet" });

/**
 * @param {Health} sound
 * @param {Health} popup
 * @returns {Event}
 */
const status = (sound, popup) => ({
  type: "status",
  status: daemonStatus({ sound, popup, backup: { ok: false, at: null, detail: unchecked.detail } }),
});

/**
 * @param {Partial<Alert>} [changes]
 * @returns {Event}
 */
const alert = (changes = {}) => ({
  type: "alert",
  alert: alertOf({ createdAt: "2026-11-20T12:09:00+08:00", ...changes }),
});

/** @type {Partial<Alert>} */
const speakerTest = { alertId: 6, type: 6, orderId: null, tableNumber: "", content: "", note: "" };

const onDuty = run(
  firstState("zh"),
  { type: "signed.in", role: "owner" },
  { type: "sound", sound: "on" },
  { type: "stream", online: true },
);

/**
 * @param {CounterState} state
 * @returns {Record<string, string>} the strips' texts by their keys
 */
function stripTexts(state) {
  const shown = strips(seen(state).ctx).flatMap((strip) => (strip ? [strip] : []));
  return Object.fromEntries(shown.map((strip) => [String(strip.key), textOf(strip)]));
}

test("no sound is a red strip with since when, what to do and a test; no popups a calmer one", () => {
  const mute = run(onDuty, status(bad, well));
  assert.match(
    String(stripTexts(mute)["bad-sound"]),
    /^前台电脑没有声音（自 12:03）请检查音箱.*没有声卡 no sound card试音$/,
  );
  const { ctx, sent } = seen(mute);
  const strip = strips(ctx).find((one) => one && one.key === "bad-sound");
  assert.ok(strip);
  assert.equal(strip.props.class, "strip bad");
  press(find(strip, "type", "button"));
  assert.deepEqual(sent, [{ type: "speaker.test" }]);
  const unseen = run(onDuty, status(well, bad));
  assert.match(String(stripTexts(unseen)["bad-popup"]), /^弹窗不可用（自 12:03）/);
  assert.match(String(stripTexts(unseen).well), /前台电脑声音正常.*试音$/);
  assert.deepEqual(
    Object.keys(stripTexts(run(onDuty, status(unchecked, unchecked)))),
    [],
    "what has not been tried is not said to be broken",
  );
});

test("a time of another day says its day, by the shop's calendar", () => {
  /** @type {[string, Lang, string][]} */
  const table = [
    ["2026-11-20T12:03:00+08:00", "zh", "12:03"],
    ["2026-11-19T23:59:59+08:00", "zh", "11月19日 23:59"],
    ["2026-11-20T00:00:00+08:00", "zh", "00:00"],
    ["2025-11-20T12:03:00+08:00", "zh", "2025年11月20日 12:03"],
    ["2026-11-19T12:03:00+08:00", "en", "Nov 19 12:03"],
    ["2026-11-19T20:00:00-08:00", "zh", "20:00"],
    ["", "zh", ""],
    ["soon", "zh", ""],
  ];
  for (const [iso, lang, shown] of table) assert.equal(clockAndDay(iso, NOON, lang), shown, iso);
});

test("neither heard nor seen: the banner takes over, and ends with the state", () => {
  for (const begin of [status(bad, bad), /** @type {Event} */ ({ type: "escalation" })]) {
    const alarmed = run(onDuty, begin, alert());
    const banner = alarmBanner(seen(alarmed).ctx);
    assert.ok(banner);
    assert.match(textOf(banner), /前台电脑没有声音，也没有弹窗1 个提醒等待处理/);
    assert.equal(stripTexts(alarmed)["bad-sound"], undefined, "said once");
    for (const end of [status(well, bad), status(bad, well), status(well, well)]) {
      assert.equal(alarmBanner(seen(run(alarmed, end)).ctx), false);
    }
    assert.ok(
      alarmBanner(seen(run(alarmed, { type: "escalation" }, status(unchecked, unchecked))).ctx),
      "a device not tried yet ends nothing",
    );
  }
  assert.equal(alarmBanner(seen(run(onDuty, status(unchecked, unchecked))).ctx), false);
  assert.equal(alarmBanner(seen(run(onDuty, status(bad, unchecked))).ctx), false);
});

test("a status that was asked for before a newer one was pushed changes nothing", () => {
  const asOf = onDuty.tick;
  const allWell = { type: /** @type {const} */ ("status"), status: daemonStatus() };
  const alarmed = run(onDuty, status(bad, bad));
  assert.notEqual(run(alarmed, { ...allWell, asOf }).alarm, "none");
  assert.equal(run(alarmed, { ...allWell, asOf: alarmed.tick }).alarm, "none");
});

test("the alarm rings once for itself, then every few seconds while something waits", () => {
  now = NOON;
  const alarmed = run(onDuty, { type: "escalation" });
  assert.deepEqual(ringDue(alarmed), { type: 5, alertId: null });
  const rung = run(alarmed, { type: "rung" }, { type: "escalation" });
  now += RING_EVERY_MS;
  assert.equal(ringDue(run(rung, { type: "clock" })), null, "nothing waits: silence");
  const called = run(rung, alert(), { type: "rung" });
  now += ALARM_EVERY_MS - 1;
  assert.equal(ringDue(run(called, { type: "clock" })), null);
  now += 1;
  assert.equal(ringDue(run(called, { type: "clock" }))?.alertId, 1);
  assert.equal(ringDue(run(called, status(well, bad), { type: "clock" })), null, "the usual half minute again");
  assert.equal(ringDue(run(called, { type: "sound", sound: "blocked" }, { type: "clock" })), null);
  now = NOON;
});

test("a page that may not ring says so in the banner, and takes a click", () => {
  const { ctx, sent } = seen(run(onDuty, status(bad, bad), { type: "sound", sound: "blocked" }));
  const banner = alarmBanner(ctx);
  assert.ok(banner);
  const button = findAll(banner, "onclick").find((one) => textOf(one) === "点一下页面以开启声音");
  assert.ok(button);
  press(button);
  assert.deepEqual(sent, [{ type: "sound.on" }]);
  assert.equal(stripTexts(ctx.state).sound, undefined, "said once");
  const muted = alarmBanner(seen(run(onDuty, status(bad, bad), { type: "sound", sound: "off" })).ctx);
  assert.match(textOf(muted || ""), /本页声音已关/);
});

test("the tab tells how much waits, and blinks in the alarm", () => {
  now = NOON;
  const waiting = run(onDuty, alert(), alert({ alertId: 2 }));
  assert.equal(pageTitle(onDuty), "桌铃 · 柜台");
  assert.equal(pageTitle(waiting), "(2) 桌铃 · 柜台");
  const alarmed = run(waiting, status(bad, bad));
  const titles = [0, 1000, 2000].map((ms) => {
    now = NOON + ms;
    return pageTitle(run(alarmed, { type: "clock" }));
  });
  now = NOON;
  assert.deepEqual(titles, ["(2) 桌铃 · 柜台", "🔔 2 个提醒！", "(2) 桌铃 · 柜台"]);
  assert.equal(pageTitle(run(onDuty, status(bad, bad))), "⚠ 桌铃 · 柜台");
});

test("the speaker test asks first of all, is answered by its own button only, and never rings here", () => {
  const state = run(onDuty, status(well, well), alert(), { type: "rung" }, alert(speakerTest));
  assert.equal(ringDue(state), null, "whoever heard this page would answer wrongly");
  assert.deepEqual(
    answerable(state).map(({ alertId }) => alertId),
    [1],
    "the key A does not confirm it out of habit",
  );
  const { ctx, sent } = seen(state);
  const cards = findAll(alertsRegion(ctx), "data-alert");
  assert.deepEqual(
    cards.map((card) => card.props["data-kind"]),
    [6, 1],
  );
  const [card] = cards;
  assert.ok(card);
  assert.match(textOf(card), /^语音播报测试刚才播放了测试语音，听到了吗？.*我听到了$/);
  press(find(card, "type", "button"));
  assert.deepEqual(sent, [{ type: "ack", alertId: 6 }]);
  const mute = findAll(alertsRegion(seen(run(state, status(bad, well))).ctx), "data-alert")[0];
  assert.match(textOf(mute ?? ""), /现在没有声音，测试语音放不出来/);
});

test("paid, cut off, and kinds that come later: content and 知道了, nothing to accept", () => {
  const state = run(
    onDuty,
    alert({ alertId: 4, type: 4 }),
    alert({
      alertId: 5,
      type: 5,
      orderId: null,
      tableNumber: "",
      content: "收款通知进不来：通道无响应",
      note: "收款通知进不来：通道无响应",
    }),
    alert({ alertId: 9, type: 99, orderId: null, tableNumber: "", content: "新的一种" }),
    alert({ alertId: 10, type: 100, orderId: null, tableNumber: "", content: "", note: "" }),
  );
  const cards = new Map(
    findAll(alertsRegion(seen(state).ctx), "data-alert").map((card) => [card.props["data-alert"], card]),
  );
  assert.match(textOf(cards.get(4) ?? ""), /^A01已付款.*订单号: 202611200001知道了$/);
  assert.match(textOf(cards.get(5) ?? ""), /^收款通知进不来：通道无响应收款通知通道断开.*知道了$/);
  assert.match(textOf(cards.get(9) ?? ""), /^新的一种提醒.*知道了$/);
  assert.match(textOf(cards.get(10) ?? ""), /^提醒提醒.*知道了$/);
});

test("money that came rings once, not again", () => {
  const paid = run(onDuty, alert({ type: 4 }));
  assert.equal(ringDue(paid)?.type, 4);
  now = NOON + RING_EVERY_MS;
  assert.equal(ringDue(run(paid, { type: "rung" })), null);
  now += RING_EVERY_MS;
  assert.equal(ringDue(run(paid, { type: "rung" }, { type: "clock" })), null);
  now = NOON;
});

/**
 * @param {Partial<ClockHealth>} changes
 * @returns {Event}
 */
const clockIs = (changes) => ({ type: "status", status: daemonStatus({ clock: clockHealth(changes) }) });

/**
 * @param {import("../../../assets/js/counter/parts.js").Ctx} ctx
 * @param {string} key
 * @returns {import("../../../assets/js/shared/dom.js").VElement}
 */
function stripOf(ctx, key) {
  const strip = strips(ctx).find((one) => one && one.key === key);
  assert.ok(strip, key);
  return strip;
}

test("a clock that can't be right is a red strip, which says what it contradicts and takes a person's word where that may be", () => {
  const wrong = { ok: false, shows: "2026-11-20 12:10" };
  for (const [kind, known, words, taken] of /** @type {const} */ ([
    ["early", null, "2026-11-20 12:10，不可能是今天", false],
    ["behind", "2026-11-20T19:30:00+08:00", "早于已经记下的订单（19:30）", true],
    ["ahead", "2024-05-01T20:00:00+08:00", "离上一次营业（2024年5月1日 20:00）太久", true],
  ])) {
    const { ctx, sent } = seen(run(firstState("zh"), clockIs({ ...wrong, kind, known })));
    const strip = stripOf(ctx, "bad-clock");
    assert.ok(strip.props.class === "strip bad" && textOf(strip).includes(words), textOf(strip));
    assert.equal(findAll(strip, "onclick").length, taken ? 1 : 0, kind);
    findAll(strip, "onclick").forEach(press);
    assert.deepEqual(sent, taken ? [{ type: "clock.confirm" }] : []);
  }
});

test("when the clock is right again, what was booked meanwhile stays told until somebody has noted it", () => {
  const booked = { orders: 3, first: "2028-01-01T12:00:00+08:00", last: "2028-01-02T09:30:00+08:00" };
  const state = run(firstState("zh"), clockIs({ since: "2026-11-20T12:00:00+08:00", booked }));
  const { ctx, sent } = seen(state);
  const strip = stripOf(ctx, "clock-was");
  assert.match(textOf(strip), /自 12:00 恢复正常；不对时记了 3 单，记在 2028-01-01 12:00 到 2028-01-02 09:30/);
  findAll(strip, "onclick").forEach(press);
  assert.deepEqual(sent, [{ type: "clock.confirm" }]);
  const busy = run(state, { type: "clock.confirm" });
  assert.deepEqual([busy.busy, run(busy, { type: "free", key: "clock" }).busy], [["clock"], []]);
  const waiter = { ...state, allowed: ["POST alert/test"] };
  assert.equal(findAll(stripOf(seen(waiter).ctx, "clock-was"), "onclick").length, 0);
  for (const calm of [firstState("zh"), run(firstState("zh"), clockIs({}))]) {
    assert.ok(strips(seen(calm).ctx).every((strip) => !strip || !String(strip.key).includes("clock")));
  }
});

test("a provider's clock that is years away is told in years", () => {
  const line = providerHealth({ clockSkewSeconds: -846_000_000 });
  const { ctx } = seen(run(firstState("zh"), { type: "status", status: daemonStatus({ providers: [line] }) }));
  assert.match(textOf(stripOf(ctx, "skew-wechat")), /相差 26 年/);
});

test("alerts are in the order in which they were raised, whatever the clock said then", () => {
  const ahead = alert({ alertId: 1, createdAt: "2028-01-01T12:00:00+08:00" });
  const state = run(firstState("zh"), alert({ alertId: 2, createdAt: "2026-11-20T12:00:00+08:00" }), ahead);
  assert.deepEqual(
    answerable(state).map((one) => one.alertId),
    [1, 2],
  );
});

test("an alert's card shows what guests wrote on the order and its dishes, whole and as text", () => {
  const remark = `<b>${"辣".repeat(196)}`;
  const order = orderOf({
    orderId: 42,
    remark,
    items: [
      orderItem({ options: [{ name: "辣度", value: "微辣" }], remark: "不要花生" }),
      orderItem({ cuisineName: "米饭", unitPrice: 0, quantity: 1, subtotalAmount: 0 }),
    ],
  });
  const card = findAll(
    alertsRegion(seen(run(onDuty, { type: "order", order }, alert({ alertId: 1, orderId: 42 }))).ctx),
    "data-alert",
  )[0];
  assert.ok(card);
  assert.ok(textOf(card).includes(`备注：${remark}宫保鸡丁×2（微辣 · 不要花生）米饭×1`), textOf(card));
});
