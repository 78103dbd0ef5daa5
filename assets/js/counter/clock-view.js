// The PC's clock: red while it can't be right, and once more, when it is, for what was booked meanwhile.

import { h, whenFree } from "../shared/dom.js";
import { clockAndDay } from "../shared/time.js";
import { may, trouble } from "./parts.js";
import { busyKey } from "./steps.js";

/** @import {Child, VElement} from "../shared/dom.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {CounterKey} from "./words.js" */

/** How far a provider's clock is away, its own strip says. @type {Record<string, CounterKey>} */
const WRONG = { early: "clockEarly", behind: "clockBehind", ahead: "clockAhead" };

/**
 * @param {Ctx} ctx
 * @returns {VElement | false | undefined}
 */
export function clockStrip(ctx) {
  const { state, t } = ctx;
  const { clock } = state.status;
  if (!clock) return false;
  const day = (/** @type {string | null} */ at) => clockAndDay(at, state.now, state.lang);
  const wrong = WRONG[clock.kind];
  if (wrong) {
    const text = t(wrong, { shows: clock.shows ?? "", known: day(clock.known) });
    return trouble("bad-clock", text, t("clockDo"), "", clock.kind !== "early" && confirmButton(ctx, "clockRight"));
  }
  const { booked } = clock;
  return (
    clock.ok &&
    booked !== null &&
    trouble(
      "clock-was",
      t("clockWas", {
        since: day(clock.since),
        orders: booked.orders,
        first: withYear(booked.first),
        last: withYear(booked.last),
      }),
      t("clockWasDo"),
      "",
      confirmButton(ctx, "clockNoted"),
    )
  );
}

/**
 * @param {string} iso
 * @returns {string} "2028-01-01 12:03": its year is what is wrong with it
 */
function withYear(iso) {
  return iso.slice(0, 16).replace("T", " ");
}

/**
 * @param {Ctx} ctx
 * @param {CounterKey} word
 * @returns {Child}
 */
function confirmButton({ state, t, send }, word) {
  const busy = state.busy.includes(busyKey({ type: "clock.confirm" }));
  return (
    may(state, "POST clock/confirm") &&
    h(
      "button",
      {
        key: "clock",
        type: "button",
        class: "secondary",
        ...whenFree(busy, () => send({ type: "clock.confirm" })),
      },
      t(word),
    )
  );
}
