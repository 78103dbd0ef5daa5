import { h } from "../shared/dom.js";
import { clockAndDay, span } from "../shared/time.js";
import { providerName } from "../shared/words.js";
import { backupAt, backupStrip } from "./backup-view.js";
import { clockStrip } from "./clock-view.js";
import { testSpeakerButton, trouble } from "./parts.js";
import { isBroken } from "./ring-state.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Health, ProviderHealth, TunnelHealth} from "../types.js" */
/** @import {Ctx} from "./parts.js" */

/** From this on providers begin to refuse what this PC signs. */
const SKEW_SECONDS = 60;

/**
 * What is wrong, in the order of how much it hides: no connection, no sound, the lines money comes in by, the clock, no popups, no backup.
 *
 * @param {Ctx} ctx
 * @returns {(VElement | false | null | undefined)[]}
 */
export function strips(ctx) {
  const { state, t, send } = ctx;
  const { sound, popup, tunnel, providers = [] } = state.status;
  // The alarm tells these three itself.
  const calm = state.alarm === "none";
  return [
    state.link.phase !== "online" &&
      !state.stream &&
      h("p", { key: "cut", class: "strip bad", role: "alert" }, t("offlineStrip")),
    calm &&
      isBroken(sound) &&
      trouble("bad-sound", soundText(ctx, sound), t("deviceSoundDo"), sound.detail, testSpeakerButton(ctx)),
    calm &&
      state.sound !== "on" &&
      h(
        "p",
        { key: "sound", class: "strip loud", role: "status" },
        h("span", null, t(state.sound === "blocked" ? "soundBlocked" : "soundOff")),
        h("button", { type: "button", class: "primary", onclick: () => send({ type: "sound.on" }) }, t("soundTurnOn")),
      ),
    tunnel && !tunnel.ok && trouble("bad-tunnel", tunnelText(ctx, tunnel), t("tunnelDo"), tunnel.detail),
    ...providers
      .filter((line) => !line.ok)
      .map((line) => trouble(`bad-${line.name}`, lineText(ctx, line), t("providerDo"), line.detail)),
    clockStrip(ctx),
    ...providers.filter(isSkewed).map((line) => trouble(`skew-${line.name}`, skewText(ctx, line), t("skewDo"), "")),
    calm && isBroken(popup) && popupStrip(ctx, popup),
    backupStrip(ctx),
    wellStrip(ctx),
  ];
}

/**
 * @param {ProviderHealth} line
 * @returns {boolean}
 */
function isSkewed({ clockSkewSeconds }) {
  return Math.abs(clockSkewSeconds ?? 0) >= SKEW_SECONDS;
}

/**
 * @param {Ctx} ctx
 * @param {Health} popup
 * @returns {VElement}
 */
function popupStrip({ state, t }, { since, detail }) {
  const time = clockAndDay(since, state.now, state.lang);
  return h(
    "p",
    { key: "bad-popup", class: "strip warn", role: "status", "data-strip": "bad-popup" },
    h("span", { class: "what" }, time === "" ? t("devicePopupBad") : t("devicePopupBadSince", { time })),
    h("span", { class: "help" }, t("devicePopupDo")),
    detail && h("span", { class: "detail", title: detail }, detail),
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement | false}
 */
function wellStrip(ctx) {
  const { state, t } = ctx;
  const { sound, popup, tunnel, providers = [], backup } = state.status;
  const well = [
    sound?.ok && t("deviceOk", { device: t("deviceSound") }),
    popup?.ok && t("deviceOk", { device: t("devicePopup") }),
    tunnel?.ok && t("deviceOk", { device: t("deviceTunnel") }),
    ...providers
      .filter((line) => line.ok && !isSkewed(line))
      .map(({ name }) => t("deviceOk", { device: providerName(state.lang, name) })),
    backup?.ok && backupAt(ctx, backup),
  ].filter(Boolean);
  return (
    well.length > 0 &&
    h("p", { key: "well", class: "strip well" }, h("span", null, well.join("　")), sound?.ok && testSpeakerButton(ctx))
  );
}

/**
 * @param {Ctx} ctx
 * @param {TunnelHealth} tunnel
 * @returns {string}
 */
function tunnelText({ state, t }, { since }) {
  const time = clockAndDay(since, state.now, state.lang);
  return time === "" ? t("tunnelDown") : t("tunnelDownSince", { time });
}

/**
 * @param {Ctx} ctx
 * @param {ProviderHealth} line
 * @returns {string}
 */
function lineText({ state, t }, { name, since }) {
  const [provider, time] = [providerName(state.lang, name), clockAndDay(since, state.now, state.lang)];
  return time === "" ? t("providerDown", { provider }) : t("providerDownSince", { provider, time });
}

/**
 * @param {Ctx} ctx
 * @param {ProviderHealth} line
 * @returns {string}
 */
function skewText({ state, t }, { name, clockSkewSeconds }) {
  return t("skewed", { provider: providerName(state.lang, name), span: span(clockSkewSeconds ?? 0, state.lang) });
}

/**
 * @param {Ctx} ctx
 * @param {Health} health
 * @returns {string}
 */
function soundText({ state, t }, { since }) {
  const time = clockAndDay(since, state.now, state.lang);
  return time === "" ? t("deviceSoundBad") : t("deviceSoundBadSince", { time });
}
