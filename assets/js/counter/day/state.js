// A business day's figures, what was counted, and how the days before went, as data. Pure.

import { parseYuan, toYuan } from "../../shared/money.js";
import { applyOffice, IDLE } from "../office/state.js";

/** @import {Office, OfficeEvent, OfficeIntent} from "../office/state.js" */
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

/** @typedef {{kind: "close", fields: {cash: string, note: string}}} CloseForm what was counted, in yuan */
/** @typedef {Office<CloseForm, DayKey> & Figures} DayState */

/** @typedef {OfficeIntent<CloseForm> | {type: "show", date: string}} DayIntent an empty date is today's */
/** @typedef {OfficeEvent<CloseForm, DayKey> | {type: "figures", figures: Partial<Figures>}} DayEvent */
/** @typedef {DayIntent | DayEvent} DayMessage */

/** @type {DayState} */
export const FIRST_DAY = { ...IDLE, date: "", day: null, hours: [], days: [], trend: null };

export const TREND_DAYS = 14;

/** @type {CloseForm} */
export const TO_CLOSE = { kind: "close", fields: { cash: "", note: "" } };

/**
 * @param {DayState} state
 * @param {DayMessage} message
 * @returns {DayState}
 */
export function applyDay(state, message) {
  if (message.type === "figures") return { ...state, ...message.figures };
  return applyOffice(state, message);
}

/**
 * What signing the day asks the daemon for.
 *
 * @param {DayState} state
 * @returns {{date: string, cash: number, note: string, again: boolean} | null} null while nothing was counted
 */
export function closeOf({ form, day }) {
  const cash = parseYuan(form?.fields.cash ?? "");
  if (!form || !day || cash === null) return null;
  return { date: day.day, cash: toYuan(cash), note: form.fields.note.trim(), again: day.closed !== null };
}

/**
 * @param {Moved} closed
 * @returns {boolean} also where all of it cancels out
 */
export function hasMoved({ laterMethods, laterTopups }) {
  return laterMethods.length + laterTopups.length > 0;
}
