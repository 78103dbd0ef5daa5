// The member's page as a function of its state.

import { h, patch } from "../shared/dom.js";
import { translator } from "../shared/i18n.js";
import { formatFen, toFen } from "../shared/money.js";
import { clockAndDay } from "../shared/time.js";
import { isOver, secondsLeft } from "./state.js";
import { MEMBER_WORDS, RESULTS_EN } from "./words.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Translate} from "../shared/i18n.js" */
/** @import {HistoryLine} from "../types.js" */
/** @import {Intent, MemberState, Result} from "./state.js" */
/** @import {MemberKey} from "./words.js" */

/** @typedef {{state: MemberState, t: Translate<MemberKey>, send: (intent: Intent) => void}} Ctx */

/**
 * @param {Element} root
 * @param {MemberState} state
 * @param {(intent: Intent) => void} send
 */
export function render(root, state, send) {
  const ctx = { state, send, t: translator(MEMBER_WORDS, state.lang) };
  patch(root, state.phase === "ready" && state.card ? cardPage(ctx) : [placard(ctx)]);
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function placard(ctx) {
  const { state, t } = ctx;
  const over = state.phase === "over";
  return h(
    "main",
    { key: state.phase, class: `placard placard-${state.phase}`, role: "status", "aria-live": "polite" },
    h("span", { class: "bell", "aria-hidden": "true" }),
    h("h1", null, t(over ? "overTitle" : "loading")),
    h("p", null, over ? t("overText") : state.slow ? t("loadingSlow") : ""),
    langButton(ctx),
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement[]}
 */
function cardPage(ctx) {
  const { state, t } = ctx;
  return [
    h(
      "header",
      { key: "top", class: "top" },
      h("h1", null, state.storeName ? `${state.storeName} · ${t("title")}` : t("title")),
      linkChip(ctx),
      langButton(ctx),
    ),
    h("main", { key: "card", class: "card" }, holder(ctx), codePanel(ctx), soundButton(ctx), history(ctx)),
    resultDialog(ctx),
  ];
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function linkChip({ state, t }) {
  const { phase } = state.link;
  const up = phase === "online" && state.fresh;
  const word = !state.reachable
    ? "offline"
    : up
      ? "online"
      : phase === "online"
        ? "updating"
        : phase === "waiting"
          ? "polling"
          : "connecting";
  return h("span", { class: `chip link-${up ? "up" : "down"}`, role: "status", "aria-live": "polite" }, t(word));
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function langButton({ state, t, send }) {
  const other = state.lang === "zh" ? "en" : "zh";
  return h(
    "button",
    {
      type: "button",
      class: "quiet lang",
      lang: other === "zh" ? "zh-CN" : "en",
      onclick: () => send({ type: "lang", lang: other }),
    },
    t("switchLang"),
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function holder({ state, t }) {
  const card = /** @type {NonNullable<MemberState["card"]>} */ (state.card);
  const fact = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ kind) =>
    h("div", { class: `fact ${kind}` }, h("dt", null, name), h("dd", null, value));
  return h(
    "section",
    { class: "holder" },
    h("p", { class: "holder-name" }, card.name, " ", h("span", { class: "fine" }, card.phone)),
    h(
      "dl",
      { class: "facts" },
      fact(t("uses"), t("usesUnit", { count: card.uses }), "uses"),
      fact(t("balance"), formatFen(toFen(card.balance)), "balance"),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function codePanel(ctx) {
  const { state, t, send } = ctx;
  const { code } = state;
  const fresh = code && !isOver(state);
  return h(
    "section",
    { class: "code", "aria-labelledby": "code-title" },
    h("h2", { id: "code-title" }, t("showCode")),
    h(
      "div",
      { class: "code-frame" },
      fresh
        ? h("img", {
            key: code.code,
            class: "code-picture",
            src: `data:image/svg+xml,${encodeURIComponent(code.svg)}`,
            alt: t("codePicture"),
            width: 240,
            height: 240,
          })
        : h(
            "p",
            { key: "none", class: "code-none", role: "status" },
            t(code || !state.reachable ? "codeOver" : "codeWaiting"),
          ),
    ),
    h(
      "p",
      { class: "code-foot" },
      h("span", { class: "fine countdown" }, fresh ? t("secondsLeft", { seconds: secondsLeft(state) }) : ""),
      h("button", { type: "button", class: "secondary", onclick: () => send({ type: "code.renew" }) }, t("refresh")),
    ),
    h("p", { class: "fine" }, t("codeHint")),
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function soundButton({ state, t, send }) {
  return h(
    "button",
    {
      type: "button",
      class: "secondary wide sound",
      "aria-pressed": String(state.sound),
      onclick: () => send({ type: "sound.on" }),
    },
    t(state.sound ? "soundIsOn" : "soundOn"),
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function history(ctx) {
  const { state, t } = ctx;
  return h(
    "section",
    { class: "history", "aria-labelledby": "history-title" },
    h("h2", { id: "history-title" }, t("history")),
    state.entries.length === 0
      ? h("p", { key: "none", class: "fine" }, t("historyEmpty"))
      : h(
          "ul",
          { key: "lines", class: "plain" },
          state.entries.map((entry) => historyLine(ctx, entry)),
        ),
  );
}

/**
 * @param {HistoryLine} entry
 * @returns {HistoryLine["kind"] | "correction" | "gift"}
 */
function actOf({ kind, uses, amount, paid }) {
  if (kind !== "topup") return kind;
  if (uses < 0 || amount < 0) return "correction";
  return paid === 0 ? "gift" : "topup";
}

/**
 * @param {Ctx} ctx
 * @param {HistoryLine} entry
 * @returns {VElement}
 */
function historyLine({ state, t }, entry) {
  const signed = (/** @type {number} */ value, /** @type {string} */ text) => (value > 0 ? `+${text}` : text);
  const what = [
    entry.uses !== 0 && signed(entry.uses, t("usesUnit", { count: entry.uses })),
    entry.amount !== 0 && signed(entry.amount, formatFen(toFen(entry.amount))),
  ]
    .filter(Boolean)
    .join(" · ");
  const after = [
    entry.uses !== 0 && t("usesAfter", { count: entry.usesAfter }),
    entry.amount !== 0 && t("balanceAfter", { amount: formatFen(toFen(entry.balanceAfter)) }),
  ]
    .filter(Boolean)
    .join(" · ");
  return h(
    "li",
    { key: entry.entryId, class: "entry" },
    h("span", { class: "entry-what" }, t(actOf(entry))),
    h("span", { class: "entry-amount" }, what),
    h("span", { class: "fine" }, clockAndDay(entry.at, state.now, state.lang)),
    h("span", { class: "fine entry-after" }, after),
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function resultDialog(ctx) {
  const { state, t, send } = ctx;
  const { result } = state;
  const close = () => send({ type: "result.close" });
  return h(
    "dialog",
    {
      key: "result",
      class: `result ${result?.status === 0 ? "good" : "bad"}`,
      modal: Boolean(result),
      "aria-labelledby": "result-text",
      onclose: (event) => event.target === event.currentTarget && !event.target.open && result && close(),
    },
    result &&
      h(
        "div",
        { class: "result-body", role: "alert" },
        h("span", { class: "result-mark", "aria-hidden": "true" }, result.status === 0 ? "✓" : "✕"),
        h("h2", { id: "result-text" }, resultText(ctx, result)),
        h("p", { class: "result-left" }, t("left", { count: result.remaining })),
        h("button", { type: "button", class: "primary wide", onclick: close }, t("ok")),
      ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Result} result
 * @returns {string} the daemon's own sentence, which knows amounts; in English ours, by number
 */
function resultText({ state }, { status, text }) {
  return state.lang === "zh" ? text : (RESULTS_EN[status] ?? text);
}
