// The hands of the day's close.

import { staffCall } from "../../shared/http.js";
import { deedCall } from "../deeds.js";
import { OfficeHands } from "../office/effects.js";
import { closeOf, TREND_DAYS } from "./state.js";

/** @import {DayEvent, DayIntent, DayMessage, DayState, Figures} from "./state.js" */

const DAY_MS = 86_400_000;

/** @extends {OfficeHands<DayState, DayIntent | DayEvent, DayMessage>} */
export class DayHands extends OfficeHands {
  /**
   * @protected
   * @param {DayMessage} message
   * @returns {(() => Promise<void>) | undefined}
   */
  asked(message) {
    switch (message.type) {
      case "show":
        return () => this.show(message.date);
      case "go":
        return () => this.close();
    }
  }

  /** @protected */
  async look() {
    const { state, send } = this.lent;
    const figures = await read(state().date);
    send({ type: "figures", figures: { ...figures, trend: await readTrend(state().day?.day) } });
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
