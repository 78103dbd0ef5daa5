// The page as the alarm: the counter PC is neither heard nor seen, so whoever has this page open is the only one to notice an order.

import { h } from "../shared/dom.js";
import { translator } from "../shared/i18n.js";
import { clockAndDay } from "../shared/time.js";
import { testSpeakerButton } from "./parts.js";
import { isBroken } from "./ring-state.js";
import { COUNTER_WORDS } from "./words.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {CounterState} from "./state.js" */

/**
 * What the tab says; in the alarm it blinks from second to second while something waits.
 *
 * @param {CounterState} state
 * @returns {string}
 */
export function pageTitle(state) {
  const t = translator(COUNTER_WORDS, state.lang);
  const count = state.alerts.size;
  const usual = count > 0 ? `(${count}) ${t("title")}` : t("title");
  if (state.alarm === "none") return usual;
  if (count === 0) return `⚠ ${usual}`;
  return Math.floor(state.now / 1000) % 2 === 0 ? usual : t("alarmTitle", { count });
}

/**
 * @param {Ctx} ctx
 * @returns {VElement | false}
 */
export function alarmBanner(ctx) {
  const { state, t } = ctx;
  const count = state.alerts.size;
  return (
    state.alarm !== "none" &&
    h(
      "section",
      { key: "alarm", class: count > 0 ? "alarm calling" : "alarm", "aria-labelledby": "alarm-title" },
      h(
        "div",
        { class: "alarm-head", role: "alert" },
        h("strong", { id: "alarm-title" }, t("alarm")),
        h("span", { class: "alarm-count" }, count > 0 ? t("alarmCount", { count }) : t("alarmNone")),
      ),
      h(
        "div",
        { class: "alarm-body" },
        h("div", { class: "alarm-text" }, h("p", null, t("alarmDo")), fault(ctx, "sound"), fault(ctx, "popup")),
        pageSound(ctx),
        testSpeakerButton(ctx),
      ),
    )
  );
}

/**
 * @param {Ctx} ctx
 * @param {"sound" | "popup"} device
 * @returns {VElement | false}
 */
function fault({ state, t }, device) {
  const health = state.status[device];
  if (!isBroken(health)) return false;
  const time = clockAndDay(health.since, state.now, state.lang);
  const name = t(device === "sound" ? "deviceSound" : "devicePopup");
  const text = [time ? t("faultSince", { device: name, time }) : name, health.detail].filter(Boolean).join(t("colon"));
  return h("p", { key: device, class: "detail", title: text }, text);
}

/**
 * @param {Ctx} ctx
 * @returns {VElement | false} while this page may not ring either
 */
function pageSound({ state, t, send }) {
  return (
    state.sound !== "on" &&
    h(
      "button",
      { key: "sound", type: "button", class: "primary call", onclick: () => send({ type: "sound.on" }) },
      t(state.sound === "blocked" ? "alarmBlocked" : "alarmMuted"),
    )
  );
}
