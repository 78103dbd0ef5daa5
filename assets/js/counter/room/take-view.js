// 收款: one part of a bill, or all that is owed, in one of the ways money comes in.

import { h } from "../../shared/dom.js";
import { formatFen, parseYuan, toYuan } from "../../shared/money.js";
import { may, submits, textOf } from "../parts.js";
import { changeOf, takenFen, usualTenders } from "./bill-state.js";
import { buttons, field, troubleLine } from "./parts.js";

/** @import {Child, VElement} from "../../shared/dom.js" */
/** @import {Bill} from "../../types.js" */
/** @import {BillScreen, Method, TakePanel} from "./bill-state.js" */
/** @import {RoomCtx} from "./parts.js" */

/**
 * @param {RoomCtx} ctx
 * @param {BillScreen} screen
 * @param {Bill} bill
 * @param {TakePanel} panel
 * @returns {VElement}
 */
export function takeForm(ctx, screen, bill, panel) {
  const { t, send } = ctx;
  const { method, partId, draft } = panel;
  const fen = takenFen(bill, partId);
  const amount = formatFen(fen);
  const index = (bill.bill?.parts ?? [])
    .filter((part) => part.state !== "void")
    .findIndex((part) => part.partId === partId);
  const label =
    partId === null
      ? t("whole")
      : bill.bill?.parts.find((part) => part.partId === partId)?.label || t("partNumber", { n: index + 1 });
  const short = method === "cash" && changeOf(fen, draft.tendered ?? "") === null;
  const go = (/** @type {HTMLFormElement} */ form) => {
    if (short || screen.waiting) return;
    // A code is money: it goes from the field to the daemon, and is not kept.
    const code = method === "scan" || method === "balance" ? textOf(form, "code").replace(/\s/g, "") : "";
    if (code === "" && (method === "scan" || method === "balance")) return;
    form.reset();
    send({ type: "go", draft: code ? { code } : {} });
  };
  const yes = {
    cash: t("cashGo", { amount }),
    terminal: t("terminalGo", { amount }),
    scan: t("scanGo"),
    balance: t("balanceGo", { amount }),
  }[method];
  return h(
    "form",
    { key: "take", class: "panel-form take", onsubmit: submits(go) },
    h("h3", null, t("takeAsk", { label })),
    h("p", { class: "big-sum price" }, amount),
    h(
      "div",
      { class: "usual methods", role: "group", "aria-label": t("method") },
      methods(ctx).map((one) =>
        h(
          "button",
          {
            key: one,
            type: "button",
            class: "secondary",
            "data-method": one,
            "aria-pressed": String(one === method),
            onclick: () => send({ type: "method", method: one }),
          },
          t(one),
        ),
      ),
    ),
    h("div", { key: method, class: "method-fields" }, methodFields(ctx, screen, panel, fen)),
    troubleLine(ctx, screen.trouble),
    buttons(ctx, { type: "panel", panel: null }, yes, { busy: screen.waiting || short, first: method === "terminal" }),
  );
}

/**
 * @param {RoomCtx} ctx
 * @returns {Method[]} what is switched on
 */
function methods({ counter }) {
  const scans = (counter.ways?.scan.length ?? 0) > 0;
  return [
    ...(scans ? /** @type {const} */ (["scan"]) : []),
    "cash",
    "terminal",
    .../** @type {Method[]} */ (may(counter, "GET member/page") ? ["balance"] : []),
  ];
}

/**
 * @param {RoomCtx} ctx
 * @param {BillScreen} screen
 * @param {TakePanel} panel
 * @param {number} fen
 * @returns {Child}
 */
function methodFields(ctx, screen, { method, draft }, fen) {
  const { t } = ctx;
  switch (method) {
    case "cash":
      return cashFields(ctx, draft, fen);
    case "terminal":
      return false;
    case "scan":
      return [
        codeField(ctx, t("scanField"), screen.waiting, "numeric"),
        h(
          "p",
          { key: "state", class: screen.waiting ? "waiting" : "fine", role: "status", "aria-live": "polite" },
          t(screen.waiting ? "scanPassword" : "scanHint"),
        ),
      ];
    case "balance":
      return [
        codeField(ctx, t("balanceField"), screen.waiting, "text"),
        h("p", { key: "hint", class: "fine" }, t("balanceHint")),
      ];
  }
}

/**
 * A scanner types like a keyboard, and ends with Enter.
 *
 * @param {RoomCtx} _ctx
 * @param {string} label
 * @param {boolean} waiting
 * @param {string} inputmode
 * @returns {VElement}
 */
function codeField(_ctx, label, waiting, inputmode) {
  return h(
    "label",
    { key: "code", class: "field" },
    label,
    h("input", { name: "code", inputmode, autocomplete: "off", readonly: waiting, "data-first": "" }),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {Record<string, string>} draft
 * @param {number} fen
 * @returns {Child}
 */
function cashFields(ctx, draft, fen) {
  const { t, send } = ctx;
  const tendered = draft.tendered ?? "";
  const change = changeOf(fen, tendered);
  const given = parseYuan(tendered);
  const missing = given === null ? fen : fen - given;
  return [
    field(ctx, "tendered", t("tendered"), draft, {
      inputmode: "decimal",
      pattern: "\\d{1,7}([.]\\d{1,2})?",
      "data-first": "",
    }),
    h(
      "div",
      { key: "tenders", class: "usual" },
      [fen, ...usualTenders(fen)].map((sum, index) =>
        h(
          "button",
          {
            key: sum,
            type: "button",
            class: "secondary",
            "aria-pressed": String(given === sum),
            onclick: () => send({ type: "draft", name: "tendered", value: toYuan(sum).toFixed(2) }),
          },
          index === 0 ? t("exact") : formatFen(sum),
        ),
      ),
    ),
    h(
      "p",
      { key: "change", class: change === null ? "change short" : "change", role: "status", "aria-live": "polite" },
      change === null ? t("tooLittle", { amount: formatFen(missing) }) : t("change", { amount: formatFen(change) }),
    ),
  ];
}
