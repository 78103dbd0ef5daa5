// A business day's figures, what was counted, and how the days before went, as data. Pure.

import { parseYuan, toYuan } from "../../shared/money.js";
import { applyOffice, IDLE } from "../office/state.js";

/** @import {Closed, Day, DayLine, Hour, Topups} from "../../types.js" */
/** @import {Office, OfficeEvent, OfficeIntent} from "../office/state.js" */
/** @import {DayKey} from "./words.js" */

/** @typedef {"freeDishes" | "freePieces" | "freeValue" | "debts" | "letGo"} Since days that were closed before there was such a line have not kept it, nor their gifts */
/** @typedef {Omit<Day, "over" | "closed" | "topups" | Since> & Partial<Pick<Day, Since>> & {topups: Omit<Topups, "gifts"> & Partial<Topups>}} Report */
/** @typedef {Omit<Closed, "report"> & {report: Report}} SignedClose report: as it was then */
/** @typedef {Omit<Day, "closed"> & {closed: SignedClose | null}} ShownDay */

/**
 * @typedef {object} Figures
 * @property {string} date
 * @property {ShownDay | null} day
 * @property {Hour[]} hours
 * @property {DayLine[]} days
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
 * @param {Pick<Closed, "laterMethods" | "laterTopups">} closed
 * @returns {boolean} also where all of it cancels out
 */
export function hasMoved({ laterMethods, laterTopups }) {
  return laterMethods.length + laterTopups.length > 0;
}
