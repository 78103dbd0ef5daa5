// Small pieces that the room's screens share.

import { h } from "../../shared/dom.js";
import { errorSentence } from "../../shared/words.js";

/** @import {Child, VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {TableRow} from "../../types.js" */
/** @import {CounterState, Intent} from "../state.js" */
/** @import {RoomIntent, RoomState, Trouble} from "./room-state.js" */
/** @import {RoomKey} from "./words.js" */

/**
 * @typedef {object} RoomCtx what every piece of the room gets
 * @property {CounterState} counter the shell's state: tables, role, time
 * @property {RoomState} state
 * @property {Translate<RoomKey>} t
 * @property {(intent: RoomIntent) => void} send
 * @property {(intent: Intent) => void} tell to the shell
 */

/**
 * @param {RoomCtx} ctx
 * @param {number} tableId
 * @returns {TableRow | undefined}
 */
export function tableOf({ counter }, tableId) {
  return counter.tables.find((table) => table.tableId === tableId);
}

/**
 * @param {RoomCtx} ctx
 * @param {number} tableId
 * @returns {string}
 */
export function numberOf(ctx, tableId) {
  return tableOf(ctx, tableId)?.tableNumber ?? "";
}

/**
 * @param {RoomCtx} ctx
 * @param {string} title
 * @param {...Child} more beside it
 * @returns {VElement}
 */
export function screenHead({ t, send }, title, ...more) {
  return h(
    "header",
    { key: "head", class: "screen-head" },
    h("h2", { id: "room-dialog-title" }, title),
    more,
    h(
      "button",
      { key: "close", type: "button", class: "quiet", onclick: () => send({ type: "show", screen: null }) },
      t("close"),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {Trouble} trouble
 * @returns {Child}
 */
export function troubleLine({ counter, t }, trouble) {
  if (!trouble) return false;
  const text =
    "key" in trouble ? t(trouble.key, trouble.vars) : errorSentence(counter.lang, trouble.code, trouble.said);
  return h("p", { key: "trouble", class: "warning", role: "alert" }, text);
}

/**
 * A field that is remembered as it is typed.
 *
 * @param {RoomCtx} ctx
 * @param {string} name
 * @param {string} label
 * @param {Record<string, string>} draft
 * @param {import("../../shared/dom.js").Props} [more]
 * @returns {VElement}
 */
export function field({ send }, name, label, draft, more = {}) {
  return h(
    "label",
    { key: name, class: "field" },
    label,
    h("input", {
      name,
      value: draft[name] ?? "",
      autocomplete: "off",
      ...more,
      oninput: (event) => send({ type: "draft", name, value: event.target.value }),
    }),
  );
}

/**
 * Sentences that are used again and again, and the field they go into.
 *
 * @param {RoomCtx} ctx
 * @param {Record<string, string>} draft
 * @param {RoomKey[]} usual
 * @param {boolean} [required]
 * @returns {Child}
 */
export function reasonField(ctx, draft, usual, required = true) {
  const { t, send } = ctx;
  return [
    h(
      "div",
      { key: "usual", class: "usual" },
      usual.map((key) =>
        h(
          "button",
          {
            key,
            type: "button",
            class: "secondary",
            "aria-pressed": String(draft.reason === t(key)),
            onclick: () => send({ type: "draft", name: "reason", value: t(key) }),
          },
          t(key),
        ),
      ),
    ),
    field(ctx, "reason", t("reason"), draft, { required, pattern: ".*\\S.*", maxlength: 60 }),
  ];
}

/**
 * @param {RoomCtx} ctx
 * @param {RoomIntent} back
 * @param {string} yes
 * @param {{busy?: boolean, tone?: "primary" | "danger", first?: boolean}} [how]
 * @returns {VElement}
 */
export function buttons({ t, send }, back, yes, { busy = false, tone = "primary", first = false } = {}) {
  return h(
    "div",
    { key: "buttons", class: "actions" },
    h("button", { key: "back", type: "button", class: "secondary", onclick: () => send(back) }, t("back")),
    h(
      "button",
      {
        key: "yes",
        type: "submit",
        class: `${tone} big`,
        "aria-disabled": busy ? "true" : null,
        "data-first": first ? "" : null,
      },
      yes,
    ),
  );
}
