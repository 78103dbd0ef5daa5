// 日结: a business day's figures, counted and signed, and how the days before went.

import { h } from "../../shared/dom.js";
import { translator } from "../../shared/i18n.js";
import { formatFen, parseYuan, toFen, toYuan } from "../../shared/money.js";
import { staffCall } from "../../shared/http.js";
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

/**
 * @typedef {object} Day
 * @property {string} day
 * @property {number} orders
 * @property {number} guests
 * @property {number} turnover
 * @property {{method: string, name: string, payments: number, refunds: number, net: number}[]} methods
 * @property {number} refunds
 * @property {number} discounts
 * @property {number} free
 * @property {number} fees
 * @property {{name: string, quantity: number, amount: number}[]} dishes
 * @property {{methods: {method: string, name: string, net: number}[]}} topups
 * @property {number} ledger
 * @property {number} difference between these totals and the ledger
 * @property {number} expectedCash
 * @property {{at: string, by: string, cash: number, difference: number, note: string, later: number} | null} closed
 */

/**
 * @typedef {object} Figures
 * @property {string} date
 * @property {Day | null} day
 * @property {{hour: string, orders: number, turnover: number}[]} hours
 * @property {{day: string, over: boolean, closed: object | null}[]} days
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
function dayRegion({ desk, t, ctx }, show) {
  const { day, date, days, hours, trend, said } = desk.state();
  const waiting = days.filter((one) => one.over && !one.closed && one.day !== date);
  return h("section", { key: "day", class: "region office", "data-region": "day", "aria-labelledby": "day-title" },
    h("header", { class: "region-head" },
      h("h2", { id: "day-title", tabindex: -1 }, t("day")),
      h("label", { class: "day" }, h("span", null, t("date")), h("input", { type: "date", value: date, onchange: (event) => show(event.target.value) })),
      saidLine(said),
      may(ctx.state, "POST day/close") && day && action(desk, t(day.closed ? "closeAgain" : "close"), () => desk.send({
        type: "open", form: { kind: "close", fields: { cash: "", note: "" } },
      }), { class: "primary", key: "close" })),
    waiting.length > 0 && h("p", { key: "waiting", class: "warning" }, t("notClosed"),
      waiting.slice(0, 7).map((one) => h("button", { key: one.day, type: "button", class: "quiet", onclick: () => show(one.day) }, one.day))),
    day ? figures({ desk, t, ctx }, day, hours, trend) : h("p", { class: "empty", role: "status" }, t("loading")));
}

/**
 * @param {Here} here
 * @param {Day} day
 * @param {Figures["hours"]} hours
 * @param {Figures["trend"]} trend
 * @returns {VElement}
 */
function figures({ t }, day, hours, trend) {
  const facts = [
    ["turnover", money(day.turnover)], ["orders", String(day.orders)], ["guests", String(day.guests)], ["refunds", money(day.refunds)],
    ["discounts", money(day.discounts)], ["free", money(day.free)], ["fees", money(day.fees)], ["expectedCash", money(day.expectedCash)],
  ];
  const best = day.dishes.slice(0, 10);
  return h("div", { class: "figures" },
    day.closed && h("p", { key: "closed", class: "strip well" }, t("closedBy", {
      by: day.closed.by, time: day.closed.at, cash: money(day.closed.cash), difference: money(day.closed.difference), note: day.closed.note,
    })),
    day.closed && day.closed.later !== 0 && h("p", { key: "later", class: "warning" }, t("later", { amount: money(day.closed.later) })),
    day.difference !== 0 && h("p", { key: "odd", class: "strip bad", role: "alert" }, t("odd", { amount: money(day.difference) })),
    h("dl", { class: "facts" }, facts.map(([name, value]) => h("div", { key: name }, h("dt", null, t(/** @type {DayKey} */ (name))), h("dd", null, value ?? "")))),
    grid(t("methods"), [t("method"), t("came"), t("went"), t("net")],
      [...day.methods.map((one) => row(one.method, [one.name, money(one.payments), money(one.refunds), money(one.net)])),
        ...day.topups.methods.map((one) => row(`topup ${one.method}`, [t("topup", { method: one.name }), money(one.net), "", money(one.net)]))]),
    barChart(t("byHour"), hours.map((one) => ({ name: one.hour.slice(0, 2), value: toFen(one.turnover), text: money(one.turnover) })), [t("hour"), t("turnover")]),
    best.length > 0 && barChart(t("best"), best.map((one) => ({ name: one.name, value: one.quantity, text: String(one.quantity) })), [t("dish"), t("pieces")]),
    trend && barChart(t("trend", { days: TREND_DAYS }), trend.dates.map((date, index) => ({
      name: date.slice(5), value: toFen(trend.turnovers[index] ?? 0), text: money(trend.turnovers[index] ?? 0),
    })), [t("date"), t("turnover")]));
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
    await staffCall("POST", "/admin/day/close", { date: day.day, cash: toYuan(cash), note: text(form, "note"), again: day.closed !== null });
    return { ...(await load(day.day)), form: null, said: t("closed", { date: day.day }) };
  };
  return formSheet(desk, { title: t("closeAsk", { date: day.day }), go: t("close"), back: t("back"), run },
    h("p", null, t("expected", { amount: money(day.expectedCash) })),
    field(desk, "cash", t("counted"), { inputmode: "decimal", required: true, pattern: "\\d{1,7}([.]\\d{1,2})?" }),
    h("p", { key: "difference", role: "status", class: difference === 0 ? "good" : "warning" },
      difference === null ? t("countFirst") : t("differs", { amount: formatFen(difference) })),
    field(desk, "note", t("note"), { maxlength: 200 }));
}
