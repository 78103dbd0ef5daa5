// 日结: a business day's figures, counted and signed, and how the days before went.

import { h } from "../../shared/dom.js";
import { translator } from "../../shared/i18n.js";
import { formatFen, parseYuan, toFen } from "../../shared/money.js";
import { keeper } from "../keeper.js";
import { barChart } from "../office/chart.js";
import { action, draftOf, field, formSheet, grid, money, row, saidLine } from "../office/kit.js";
import { may } from "../parts.js";
import { DayHands } from "./effects.js";
import { applyDay, FIRST_DAY, hasMoved, TO_CLOSE, TREND_DAYS } from "./state.js";
import { DAY_WORDS } from "./words.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {Kept} from "../keeper.js" */
/** @import {Ctx} from "../parts.js" */
/** @import {CounterState} from "../state.js" */
/** @import {OpenView, Port} from "../views.js" */
/** @import {DayLine, MethodTotal} from "../../types.js" */
/** @import {DayEvent, DayIntent, DayState, Report, ShownDay} from "./state.js" */
/** @import {DayKey} from "./words.js" */

/** @typedef {{counter: CounterState, state: DayState, t: Translate<DayKey>, send: (message: DayIntent) => void}} DayCtx */

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open(port) {
  /** @type {Kept<DayState, DayIntent | DayEvent>} */
  const day = keeper(FIRST_DAY, applyDay, (message) => hands.after(message), port.draw);
  const hands = new DayHands({ port, ...day });
  const within = (/** @type {Ctx} */ { state: counter }) => ({
    counter,
    state: day.state(),
    t: translator(DAY_WORDS, counter.lang),
    send: day.send,
  });
  const refresh = () => hands.refresh();
  return {
    enter: refresh,
    refresh,
    render: (ctx) => [dayRegion(within(ctx))],
    dialogs: (ctx) => [closeSheet(within(ctx))],
  };
}

/**
 * @param {DayCtx} ctx
 * @returns {VElement}
 */
export function dayRegion(ctx) {
  const { counter, state, t, send } = ctx;
  const { day, date, days } = state;
  const show = (/** @type {string} */ date) => send({ type: "show", date });
  const others = days.filter((one) => one.day !== date);
  const hint = (/** @type {DayKey} */ key, /** @type {DayLine[]} */ lines) =>
    lines.length > 0 &&
    h(
      "p",
      { key, class: "warning" },
      t(key),
      lines
        .slice(0, 7)
        .map((one) =>
          h("button", { key: one.day, type: "button", class: "quiet", onclick: () => show(one.day) }, one.day),
        ),
    );
  return h(
    "section",
    { key: "day", class: "region office", "data-region": "day", "aria-labelledby": "day-title" },
    h(
      "header",
      { class: "region-head" },
      h("h2", { id: "day-title", tabindex: -1 }, t("day")),
      h(
        "label",
        { class: "day" },
        h("span", null, t("date")),
        h("input", { type: "date", value: date, onchange: (event) => show(event.target.value) }),
      ),
      saidLine(ctx),
      may(counter, "POST day/close") &&
        day &&
        action(ctx, t(day.closed ? "closeAgain" : "close"), () => send({ type: "open", form: TO_CLOSE }), {
          class: "primary",
          key: "close",
        }),
    ),
    hint(
      "stray",
      others.filter((one) => one.stray && !one.closed),
    ),
    hint(
      "movedSince",
      others.filter((one) => one.closed && hasMoved(one.closed)),
    ),
    hint(
      "notClosed",
      others.filter((one) => one.over && !one.closed && !one.stray),
    ),
    day ? figures(ctx, day) : h("p", { class: "empty", role: "status" }, t("loading")),
  );
}

/**
 * @param {DayCtx} ctx
 * @param {MethodTotal[]} methods of the orders
 * @param {MethodTotal[]} topups
 * @returns {VElement[]}
 */
function methodRows({ t }, methods, topups) {
  const line = (/** @type {MethodTotal} */ one, /** @type {string} */ key, /** @type {string} */ name) =>
    row(key, [name, money(one.payments), money(one.refunds), money(one.net)]);
  return [
    ...methods.map((one) => line(one, one.method, one.name)),
    ...topups.map((one) => line(one, `topup ${one.method}`, t("topup", { method: one.name }))),
  ];
}

/**
 * What moved after the close, cash above all: who counted the till has not counted that.
 *
 * @param {DayCtx} ctx
 * @param {ShownDay} day
 * @returns {VElement | false | null}
 */
function later(ctx, { closed, expectedCash }) {
  const { t } = ctx;
  return (
    closed &&
    hasMoved(closed) &&
    h(
      "div",
      { key: "later", class: "later", role: "alert" },
      h(
        "p",
        { class: "warning" },
        t(closed.laterCash === 0 ? "laterNoCash" : "laterCash", {
          amount: money(closed.laterCash),
          expected: money(expectedCash),
          difference: formatFen(toFen(closed.cash) - toFen(expectedCash)),
        }),
      ),
      grid(
        t("movedTitle"),
        [t("method"), t("came"), t("went"), t("net")],
        methodRows(ctx, closed.laterMethods, closed.laterTopups),
      ),
    )
  );
}

/**
 * What the day did without: dishes that were given, debts that were let go, what members got for nothing.
 *
 * @param {DayCtx} ctx
 * @param {Report} report
 * @returns {(VElement | false)[]}
 */
function forgone({ t }, { freeDishes = [], debts = [], topups: { gifts } }) {
  const section = (/** @type {DayKey} */ key, /** @type {VElement} */ content) =>
    h("section", { key, class: "panel" }, h("h3", null, t(key)), content);
  return [
    freeDishes.length > 0 &&
      section(
        "freeDishes",
        grid(
          t("freeDishes"),
          [t("dish"), t("pieces"), t("listPrice")],
          freeDishes.map((one) => row(one.name, [one.name, one.quantity, money(one.amount)])),
        ),
      ),
    debts.length > 0 &&
      section(
        "debts",
        grid(
          t("debts"),
          [t("table"), t("amount"), t("why"), t("who")],
          debts.map((one, index) => row(index, [one.table, money(one.amount), one.reason, one.by])),
        ),
      ),
    gifts !== undefined &&
      gifts.count > 0 &&
      h(
        "p",
        { key: "gifts", class: "fine" },
        t("gifts", { count: gifts.count, amount: money(gifts.amount), uses: gifts.uses }),
      ),
  ];
}

/**
 * A closed day's figures are those that were signed.
 *
 * @param {DayCtx} ctx
 * @param {ShownDay} day
 * @returns {VElement}
 */
function figures(ctx, day) {
  const { state, t } = ctx;
  const { hours, trend } = state;
  const report = day.closed?.report ?? day;
  const facts = [
    ["turnover", money(report.turnover)],
    ["orders", String(report.orders)],
    ["valid", String(report.valid)],
    ["guests", String(report.guests)],
    ["refunds", money(report.refunds)],
    ["discounts", money(report.discounts)],
    ["free", money(report.free)],
    ["fees", money(report.fees)],
    ["letGo", money(report.letGo ?? 0)],
    ["expectedCash", money(report.expectedCash)],
  ];
  const best = report.dishes.slice(0, 10);
  return h(
    "div",
    { class: "figures" },
    day.closed &&
      h(
        "p",
        { key: "closed", class: "strip well" },
        t("closedBy", {
          by: day.closed.by,
          time: day.closed.at,
          cash: money(day.closed.cash),
          difference: money(day.closed.difference),
          note: day.closed.note,
        }),
      ),
    later(ctx, day),
    day.difference !== 0 &&
      h("p", { key: "odd", class: "strip bad", role: "alert" }, t("odd", { amount: money(day.difference) })),
    h(
      "dl",
      { class: "facts" },
      facts.map(([name, value]) =>
        h("div", { key: name }, h("dt", null, t(/** @type {DayKey} */ (name))), h("dd", null, value ?? "")),
      ),
    ),
    grid(
      t("methods"),
      [t("method"), t("came"), t("went"), t("net")],
      methodRows(ctx, report.methods, report.topups.methods),
    ),
    forgone(ctx, report),
    barChart(
      t("byHour"),
      hours.map((one) => ({ name: one.hour.slice(0, 2), value: toFen(one.turnover), text: money(one.turnover) })),
      [t("hour"), t("turnover")],
    ),
    best.length > 0 && h("p", { key: "pieces", class: "fine" }, t("piecesHint", { count: report.freePieces ?? 0 })),
    best.length > 0 &&
      barChart(
        t("best"),
        best.map((one) => ({ name: one.name, value: one.quantity, text: String(one.quantity) })),
        [t("dish"), t("pieces")],
      ),
    trend &&
      barChart(
        t("trend", { days: TREND_DAYS }),
        trend.dates.map((date, index) => ({
          name: date.slice(5),
          value: toFen(trend.turnovers[index] ?? 0),
          text: money(trend.turnovers[index] ?? 0),
        })),
        [t("date"), t("turnover")],
      ),
    h(
      "p",
      { key: "export" },
      h("a", { href: `/admin/report/export?end=${day.day}`, download: true }, t("export", { date: day.day })),
    ),
  );
}

/**
 * @param {DayCtx} ctx
 * @returns {VElement | null}
 */
function closeSheet(ctx) {
  const {
    state: { form, day },
    t,
  } = ctx;
  if (!form || !day) return null;
  const { fields } = form;
  const draft = draftOf(ctx, fields);
  const counted = parseYuan(fields.cash);
  const difference = counted === null ? null : counted - toFen(day.expectedCash);
  return formSheet(
    ctx,
    { title: t("closeAsk", { date: day.day }), go: t("close"), back: t("back") },
    h("p", null, t("expected", { amount: money(day.expectedCash) })),
    ((day.freePieces ?? 0) > 0 || (day.letGo ?? 0) > 0) &&
      h(
        "p",
        { key: "forgone", class: "fine" },
        t("forgone", {
          pieces: day.freePieces ?? 0,
          value: money(day.freeValue ?? 0),
          debts: money(day.letGo ?? 0),
        }),
      ),
    field(draft, "cash", t("counted"), { inputmode: "decimal", required: true, pattern: "\\d{1,7}([.]\\d{1,2})?" }),
    h(
      "p",
      { key: "difference", role: "status", class: difference === 0 ? "good" : "warning" },
      difference === null ? t("countFirst") : t("differs", { amount: formatFen(difference) }),
    ),
    field(draft, "note", t("note"), { maxlength: 200 }),
  );
}
