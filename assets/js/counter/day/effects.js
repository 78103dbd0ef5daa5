// The hands of the day's close.

import { staffCall } from "../../shared/http.js";
import { deedCall } from "../deeds.js";
import { act } from "../office/effects.js";
import { closeOf, TREND_DAYS } from "./state.js";

/** @import {Lent} from "../office/effects.js" */
/** @import {DayEvent, DayIntent, DayMessage, DayState, Figures} from "./state.js" */

const DAY_MS = 86_400_000;

export class DayHands {
  /** @param {Lent<DayState, DayIntent | DayEvent>} lent */
  constructor(lent) {
    this.lent = lent;
  }

  /** @param {DayMessage} message */
  after(message) {
    if (message.type === "show") void act(this.lent, () => this.show(message.date));
    if (message.type === "go") void act(this.lent, () => this.close());
  }

  /** After a reconnect, and now and then. */
  async refresh() {
    const { port, state, send } = this.lent;
    await port.quietly(async () => {
      const figures = await read(state().date);
      send({ type: "figures", figures: { ...figures, trend: await readTrend(state().day?.day) } });
    });
  }

  /**
   * @private
   * @param {string} date
   */
  async show(date) {
    this.lent.send({ type: "figures", figures: await read(date) });
  }

  /** @private */
  async close() {
    const { state, send } = this.lent;
    const close = closeOf(state());
    if (!close) return;
    await deedCall("POST", "/admin/day/close", close);
    await this.show(close.date);
    send({ type: "done", said: { key: "closed", vars: { date: close.date } } });
  }
}

/**
 * @param {string} date empty for today
 * @returns {Promise<Omit<Figures, "trend">>}
 */
async function read(date) {
  const [day, hours, days] = await Promise.all([
    staffCall("GET", `/admin/day/${date || "today"}`),
    staffCall("GET", `/admin/day/hours/${date || "today"}`),
    staffCall("GET", "/admin/day/list"),
  ]);
  return { date: day.day, day, hours, days };
}

/**
 * @param {string | undefined} until the present business day, where it is known
 * @returns {Promise<Figures["trend"]>}
 */
async function readTrend(until) {
  const end = until ?? new Date().toISOString().slice(0, 10);
  const begin = new Date(Date.parse(end) - (TREND_DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  const { dateList, turnoverList } = await staffCall(
    "GET",
    `/admin/report/turnoverStatistics?begin=${begin}&end=${end}`,
  );
  return { dates: dateList.split(","), turnovers: turnoverList.split(",").map(Number) };
}
