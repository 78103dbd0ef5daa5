import { h } from "../shared/dom.js";
import { clock } from "../shared/time.js";
import { providerName } from "../shared/words.js";
import { backupAge, backupStrip } from "./backup-view.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Health, ProviderHealth, TunnelHealth} from "../types.js" */
/** @import {Ctx} from "./parts.js" */

/** From this on providers begin to refuse what this PC signs. */
const SKEW_SECONDS = 60;

/**
 * What is wrong, in the order of how much it hides: no connection, no sound here, the lines money comes in by, the PC's own devices, the backups.
 *
 * @param {Ctx} ctx
 * @returns {(VElement | false | null | undefined)[]}
 */
export function strips(ctx) {
  const { state, t, send } = ctx;
  const { sound, popup, tunnel, providers = [] } = state.status;
  return [
    state.link.phase !== "online" && !state.stream && h("p", { key: "cut", class: "strip bad", role: "alert" }, t("offlineStrip")),
    state.sound !== "on" && h("p", { key: "sound", class: "strip loud", role: "status" },
      h("span", null, t(state.sound === "blocked" ? "soundBlocked" : "soundOff")),
      h("button", { type: "button", class: "primary", onclick: () => send({ type: "sound.on" }) }, t("soundTurnOn"))),
    tunnel && !tunnel.ok && trouble("bad-tunnel", tunnelText(ctx, tunnel), t("tunnelDo"), tunnel.detail),
    ...providers.filter((line) => !line.ok).map((line) => trouble(`bad-${line.name}`, lineText(ctx, line), t("providerDo"), line.detail)),
    ...providers.filter(isSkewed).map((line) => trouble(`skew-${line.name}`, skewText(ctx, line), t("skewDo"), "")),
    sound && !sound.ok && device("bad-sound", soundText(ctx, sound), sound),
    popup && !popup.ok && device("bad-popup", popupText(ctx, popup), popup),
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
 * @param {string} key
 * @param {string} what
 * @param {string} help what to do about it
 * @param {string | null} detail for whoever is called to repair it
 * @returns {VElement}
 */
function trouble(key, what, help, detail) {
  return h("p", { key, class: "strip bad", role: "alert", "data-strip": key },
    h("span", { class: "what" }, what), h("span", { class: "help" }, help), detail && h("span", { class: "detail", title: detail }, detail));
}

/**
 * @param {string} key
 * @param {string} what
 * @param {Health} health
 * @returns {VElement}
 */
function device(key, what, { detail }) {
  return h("p", { key, class: "strip warn", role: "status", "data-strip": key },
    h("span", { class: "what" }, what), detail && h("span", { class: "detail", title: detail }, detail));
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
    ...providers.filter((line) => line.ok && !isSkewed(line)).map(({ name }) => t("deviceOk", { device: providerName(state.lang, name) })),
    backup?.ok && backupAge(ctx, backup),
  ].filter(Boolean);
  return well.length > 0 && h("p", { key: "well", class: "strip well" }, well.join("　"));
}

/**
 * @param {Ctx} ctx
 * @param {TunnelHealth} tunnel
 * @returns {string}
 */
function tunnelText({ t }, { since }) {
  const time = clock(since);
  return time === "" ? t("tunnelDown") : t("tunnelDownSince", { time });
}

/**
 * @param {Ctx} ctx
 * @param {ProviderHealth} line
 * @returns {string}
 */
function lineText({ state, t }, { name, since }) {
  const [provider, time] = [providerName(state.lang, name), clock(since)];
  return time === "" ? t("providerDown", { provider }) : t("providerDownSince", { provider, time });
}

/**
 * @param {Ctx} ctx
 * @param {ProviderHealth} line
 * @returns {string}
 */
function skewText({ state, t }, { name, clockSkewSeconds }) {
  return t("skewed", { provider: providerName(state.lang, name), seconds: Math.abs(clockSkewSeconds ?? 0) });
}

/**
 * @param {Ctx} ctx
 * @param {Health} health
 * @returns {string}
 */
function soundText({ t }, { since }) {
  const time = clock(since);
  return time === "" ? t("deviceBad", { device: t("deviceSound") }) : t("deviceSoundBadSince", { time });
}

/**
 * @param {Ctx} ctx
 * @param {Health} health
 * @returns {string}
 */
function popupText({ t }, { since }) {
  const [name, time] = [t("devicePopup"), clock(since)];
  return time === "" ? t("deviceBad", { device: name }) : t("deviceBadSince", { device: name, time });
}
