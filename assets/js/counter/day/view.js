// 日结: a business day's figures, counted and signed, and how the days before went.

import { h } from "../../shared/dom.js";
import { translator } from "../../shared/i18n.js";
import { formatFen, parseYuan, toFen, toYuan } from "../../shared/money.js";
import { staffCall } from "../../shared/http.js";
import { deedCall } from "../deeds.js";
import { barChart } from "../office/chart.js";
import { action, field, formSheet, grid, money, openDesk, row, saidLine, text } from "../office/kit.js";
import { IDLE } from "../office/state.js";
import { may } from "../parts.js";
import { DAY_WORDS } from "./words.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {Desk} from "../office/kit.js" */
/** @import {Form, Office} from "../office/state.js" */
/** @import {Ctx} from "../parts.js" */
/** @import {OpenView, Port} from "../views.js" */
/** @import {DayKey} from "./words.js" */

/** @typedef {{method: string, name: string, payments: number, refunds: number, net: number}} Method */
/** @typedef {{name: string, quantity: number, amount: number}} Dish amount: its list price */

/**
 * @typedef {object} Report
 * @property {number} orders
 * @property {number} valid
 * @property {number} guests
 * @property {number} turnover
 * @property {Method[]} methods
 * @property {number} refunds
 * @property {number} discounts
 * @property {number} free
 * @property {number} fees
 * @property {Dish[]} dishes
 * @property {Dish[]} [freeDishes] not in what was kept of days that were closed before there was such a line, like those below
 * @property {number} [freePieces]
 * @property {number} [freeValue]
 * @property {{table: string, amount: number, reason: string, by: string}[]} [debts] that staff let go
 * @property {number} [letGo]
 * @property {{methods: Method[], gifts?: {count: number, amount: number, uses: number}}} topups
 * @property {number} ledger
 * @property {number} difference between these totals and the ledger
 * @property {number} expectedCash
 */

/**
 * @typedef {object} Moved what came and went after a day's close
 * @property {number} laterCash in the till
 * @property {Method[]} laterMethods
 * @property {Method[]} laterTopups
 */

/** @typedef {Moved & {at: string, by: string, cash: number, difference: number, note: string, report: Report}} Closed report: as it was then */
/** @typedef {Report & {day: string, closed: Closed | null}} Day */
/** @typedef {{day: string, over: boolean, closed: Moved | null, stray: boolean}} Line stray: a wrong clock booked money on it */

/**
 * @typedef {object} Figures
 * @property {string} date
 * @property {Day | null} day
 * @property {{hour: string, orders: number, turnover: number}[]} hours
 * @property {Line[]} days
 * @property {{dates: string[], turnovers: number[]} | null} trend
 */

/** @typedef {Office & Figures} DayState */
/** @typedef {{desk: Desk<DayState>, t: Translate<DayKey>, ctx: Ctx}} Here */

const TREND_DAYS = 14;

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open(port) {
  const desk = openDesk(/** @type {DayState} */ ({ ...IDLE, date: "", day: null, hours: [], days: [], trend: null }), port);
  const load = async (/** @type {string} */ date) => {
    const [day, hours, days] = await Promise.all([
      staffCall("GET", `/admin/day/${date || "today"}`), staffCall("GET", `/admin/day/hours/${date || "today"}`), staffCall("GET", "/admin/day/list"),
    ]);
    return { date: day.day, day, hours, days };
  };
  const refresh = () => desk.fetch(async () => ({ ...(await load(desk.state().date)), trend: await trend(desk.state().day?.day) }));
  const show = (/** @type {string} */ date) => void desk.act(() => load(date));
  return {
    enter: refresh,
    refresh,
    render: (ctx) => [dayRegion({ desk, ctx, t: translator(DAY_WORDS, ctx.state.lang) }, show)],
    dialogs: (ctx) => [closeSheet({ desk, ctx, t: translator(DAY_WORDS, ctx.state.lang) }, load)],
  };
}

/**
 * @param {string | undefined} until the present business day, where it is known
 * @returns {Promise<Figures["trend"]>}
 */
async function trend(until) {
  const end = until ?? new Date().toISOString().slice(0, 10);
  const begin = new Date(Date.parse(end) - (TREND_DAYS - 1) * 86_400_000).toISOString().slice(0, 10);
  const { dateList, turnoverList } = await staffCall("GET", `/admin/report/turnoverStatistics?begin=${begin}&end=${end}`);
  return { dates: dateList.split(","), turnovers: turnoverList.split(",").map(Number) };
}

/**
 * @param {Here} here
 * @param {(date: string) => void} show
 * @returns {VElement}
 */
export function dayRegion({ desk, t, ctx }, show) {
  const { day, date, days, hours, trend, said } = desk.state();
  const others = days.filter((one) => one.day !== date);
  const hint = (/** @type {DayKey} */ key, /** @type {Line[]} */ lines) => lines.length > 0 && h("p", { key, class: "warning" }, t(key),
    lines.slice(0, 7).map((one) => h("button", { key: one.day, type: "button", class: "quiet", onclick: () => show(one.day) }, one.day)));
  return h("section", { key: "day", class: "region office", "data-region": "day", "aria-labelledby": "day-title" },
    h("header", { class: "region-head" },
      h("h2", { id: "day-title", tabindex: -1 }, t("day")),
      h("label", { class: "day" }, h("span", null, t("date")), h("input", { type: "date", value: date, onchange: (event) => show(event.target.value) })),
      saidLine(said),
      may(ctx.state, "POST day/close") && day && action(desk, t(day.closed ? "closeAgain" : "close"), () => desk.send({
        type: "open", form: { kind: "close", fields: { cash: "", note: "" } },
      }), { class: "primary", key: "close" })),
    hint("stray", others.filter((one) => one.stray && !one.closed)),
    hint("movedSince", others.filter((one) => one.closed && hasMoved(one.closed))),
    hint("notClosed", others.filter((one) => one.over && !one.closed && !one.stray)),
    day ? figures({ desk, t, ctx }, day, hours, trend) : h("p", { class: "empty", role: "status" }, t("loading")));
}

/**
 * @param {Moved} closed
 * @returns {boolean} also where all of it cancels out
 */
function hasMoved({ laterMethods, laterTopups }) {
  return laterMethods.length + laterTopups.length > 0;
}

/**
 * @param {Here} here
 * @param {Method[]} methods of the orders
 * @param {Method[]} topups
 * @returns {VElement[]}
 */
function methodRows({ t }, methods, topups) {
  const line = (/** @type {Method} */ one, /** @type {string} */ key, /** @type {string} */ name) => row(key, [name, money(one.payments), money(one.refunds), money(one.net)]);
  return [...methods.map((one) => line(one, one.method, one.name)),
    ...topups.map((one) => line(one, `topup ${one.method}`, t("topup", { method: one.name })))];
}

/**
 * What moved after the close, cash above all: who counted the till has not counted that.
 *
 * @param {Here} here
 * @param {Day} day
 * @returns {VElement | false | null}
 */
function later(here, { closed, expectedCash }) {
  const { t } = here;
  return closed && hasMoved(closed) && h("div", { key: "later", class: "later", role: "alert" },
    h("p", { class: "warning" }, t(closed.laterCash === 0 ? "laterNoCash" : "laterCash", {
      amount: money(closed.laterCash), expected: money(expectedCash), difference: formatFen(toFen(closed.cash) - toFen(expectedCash)),
    })),
    grid(t("movedTitle"), [t("method"), t("came"), t("went"), t("net")], methodRows(here, closed.laterMethods, closed.laterTopups)));
}

/**
 * What the day did without: dishes that were given, debts that were let go, what members got for nothing.
 *
 * @param {Here} here
 * @param {Report} report
 * @returns {(VElement | false)[]}
 */
function forgone({ t }, { freeDishes = [], debts = [], topups: { gifts } }) {
  const section = (/** @type {DayKey} */ key, /** @type {VElement} */ content) => h("section", { key, class: "panel" }, h("h3", null, t(key)), content);
  return [
    freeDishes.length > 0 && section("freeDishes", grid(t("freeDishes"), [t("dish"), t("pieces"), t("listPrice")],
      freeDishes.map((one) => row(one.name, [one.name, one.quantity, money(one.amount)])))),
    debts.length > 0 && section("debts", grid(t("debts"), [t("table"), t("amount"), t("why"), t("who")],
      debts.map((one, index) => row(index, [one.table, money(one.amount), one.reason, one.by])))),
    gifts !== undefined && gifts.count > 0 && h("p", { key: "gifts", class: "fine" }, t("gifts", { count: gifts.count, amount: money(gifts.amount), uses: gifts.uses })),
  ];
}

/**
 * A closed day's figures are those that were signed.
 *
 * @param {Here} here
 * @param {Day} day
 * @param {Figures["hours"]} hours
 * @param {Figures["trend"]} trend
 * @returns {VElement}
 */
function figures(here, day, hours, trend) {
  const { t } = here;
  const report = day.closed?.report ?? day;
  const facts = [
    ["turnover", money(report.turnover)], ["orders", String(report.orders)], ["valid", String(report.valid)], ["guests", String(report.guests)],
    ["refunds", money(report.refunds)], ["discounts", money(report.discounts)], ["free", money(report.free)], ["fees", money(report.fees)],
    ["letGo", money(report.letGo ?? 0)], ["expectedCash", money(report.expectedCash)],
  ];
  const best = report.dishes.slice(0, 10);
  return h("div", { class: "figures" },
    day.closed && h("p", { key: "closed", class: "strip well" }, t("closedBy", {
      by: day.closed.by, time: day.closed.at, cash: money(day.closed.cash), difference: money(day.closed.difference), note: day.closed.note,
    })),
    later(here, day),
    day.difference !== 0 && h("p", { key: "odd", class: "strip bad", role: "alert" }, t("odd", { amount: money(day.difference) })),
    h("dl", { class: "facts" }, facts.map(([name, value]) => h("div", { key: name }, h("dt", null, t(/** @type {DayKey} */ (name))), h("dd", null, value ?? "")))),
    grid(t("methods"), [t("method"), t("came"), t("went"), t("net")], methodRows(here, report.methods, report.topups.methods)),
    forgone(here, report),
    barChart(t("byHour"), hours.map((one) => ({ name: one.hour.slice(0, 2), value: toFen(one.turnover), text: money(one.turnover) })), [t("hour"), t("turnover")]),
    best.length > 0 && h("p", { key: "pieces", class: "fine" }, t("piecesHint", { count: report.freePieces ?? 0 })),
    best.length > 0 && barChart(t("best"), best.map((one) => ({ name: one.name, value: one.quantity, text: String(one.quantity) })), [t("dish"), t("pieces")]),
    trend && barChart(t("trend", { days: TREND_DAYS }), trend.dates.map((date, index) => ({
      name: date.slice(5), value: toFen(trend.turnovers[index] ?? 0), text: money(trend.turnovers[index] ?? 0),
    })), [t("date"), t("turnover")]),
    h("p", { key: "export" }, h("a", { href: `/admin/report/export?end=${day.day}`, download: true }, t("export", { date: day.day }))));
}

/**
 * @param {Here} here
 * @param {(date: string) => Promise<Partial<DayState>>} load
 * @returns {VElement | null}
 */
function closeSheet({ desk, t }, load) {
  const { form, day } = desk.state();
  if (form?.kind !== "close" || !day) return null;
  const counted = parseYuan(text(form, "cash"));
  const difference = counted === null ? null : counted - toFen(day.expectedCash);
  const run = async (/** @type {Form} */ form) => {
    const cash = parseYuan(text(form, "cash"));
    if (cash === null) return;
    await deedCall("POST", "/admin/day/close", { date: day.day, cash: toYuan(cash), note: text(form, "note"), again: day.closed !== null });
    return { ...(await load(day.day)), form: null, said: t("closed", { date: day.day }) };
  };
  return formSheet(desk, { title: t("closeAsk", { date: day.day }), go: t("close"), back: t("back"), run },
    h("p", null, t("expected", { amount: money(day.expectedCash) })),
    ((day.freePieces ?? 0) > 0 || (day.letGo ?? 0) > 0) && h("p", { key: "forgone", class: "fine" }, t("forgone", {
      pieces: day.freePieces ?? 0, value: money(day.freeValue ?? 0), debts: money(day.letGo ?? 0),
    })),
    field(desk, "cash", t("counted"), { inputmode: "decimal", required: true, pattern: "\\d{1,7}([.]\\d{1,2})?" }),
    h("p", { key: "difference", role: "status", class: difference === 0 ? "good" : "warning" },
      difference === null ? t("countFirst") : t("differs", { amount: formatFen(difference) })),
    field(desk, "note", t("note"), { maxlength: 200 }));
}
