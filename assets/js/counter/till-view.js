// Money at a ticket: the buttons on it, and the questions they ask.

import { h, whenFree } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { errorSentence, methodName, providerName } from "../shared/words.js";
import { buttons, submits, textOf, tickLine } from "./parts.js";
import { REVIEW_ACTIONS } from "./reviews-view.js";
import { mayEnd, refundable, reviewFen, wantedFen } from "./till-state.js";
import { claimForm } from "./unclaimed-view.js";

/** @import {Child, VElement} from "../shared/dom.js" */
/** @import {Account, LedgerEntry} from "../types.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {Question} from "./state.js" */
/** @import {Ticket} from "./tickets.js" */
/** @import {RefundQuestion, TillQuestion, Trouble} from "./till-state.js" */
/** @import {CounterKey} from "./words.js" */

/**
 * @param {Ctx} ctx
 * @param {Ticket} ticket
 * @param {VElement[]} [others] what else can be done with it, where that is little
 * @returns {VElement | false}
 */
export function tillButtons(ctx, ticket, others = []) {
  if (ticket.payStatus !== 0 || ticket.status === 6) return false;
  const { state, t } = ctx;
  const orderId = ticket.id;
  const scans = (state.ways?.scan.length ?? 0) > 0;
  return h(
    "div",
    { key: "till", class: others.length > 0 ? "till narrow" : "till", role: "group", "aria-label": t("take") },
    tillButton(ctx, ticket, "takeCash", { kind: "take", orderId, method: "cash", account: null }),
    tillButton(ctx, ticket, "takeTerminal", { kind: "take", orderId, method: "terminal", account: null }),
    scans && tillButton(ctx, ticket, "scan", { kind: "scan", orderId, account: null, waiting: false, trouble: null }),
    others,
  );
}

/**
 * @param {Ctx} ctx
 * @param {Ticket} ticket
 * @returns {VElement | false}
 */
export function refundButton(ctx, ticket) {
  if (ticket.payStatus !== 1 || ticket.status === 6) return false;
  return tillButton(ctx, ticket, "refund", {
    kind: "refund",
    orderId: ticket.id,
    amount: "",
    reason: "",
    opId: "",
    account: null,
    waiting: false,
    unsure: false,
    trouble: null,
  });
}

/**
 * @param {Ctx} ctx
 * @param {Ticket} ticket
 * @param {CounterKey} name
 * @param {Question} question
 * @returns {VElement}
 */
function tillButton({ state, t, send }, ticket, name, question) {
  return h(
    "button",
    {
      key: name,
      type: "button",
      class: name === "refund" ? "quiet" : "secondary",
      "data-till": name,
      "aria-label": t("actionFor", { action: t(name), table: ticket.table || t("noTable"), number: ticket.number }),
      ...whenFree(state.busy.includes(`order ${ticket.id}`), () => send({ type: "ask", question })),
    },
    t(name),
  );
}

/**
 * @param {Ctx} ctx
 * @param {TillQuestion} question
 * @param {() => void} close
 * @returns {VElement}
 */
export function tillForm(ctx, question, close) {
  switch (question.kind) {
    case "take":
      return takeForm(ctx, question, close);
    case "scan":
      return scanForm(ctx, question, close);
    case "refund":
      return refundForm(ctx, question, close);
    case "resolve":
      return resolveForm(ctx, question, close);
    case "claim":
      return claimForm(ctx, question, close);
  }
}

/** @typedef {{table: string, number: string, fen: number, amount: string}} AboutOrder */

/**
 * @param {Ctx} ctx
 * @param {number} orderId
 * @param {Account | null} [account]
 * @returns {AboutOrder}
 */
function about({ state, t }, orderId, account = null) {
  const ticket = state.tickets.get(orderId)?.value;
  const fen = wantedFen(account, ticket?.fen ?? 0);
  return { table: ticket?.table || t("noTable"), number: ticket?.number ?? "", fen, amount: formatFen(fen) };
}

/**
 * @param {Ctx} ctx
 * @param {number} orderId
 * @param {AboutOrder} order
 * @returns {VElement | false}
 */
function restLine({ state, t }, orderId, { fen }) {
  return (
    fen !== (state.tickets.get(orderId)?.value.fen ?? 0) && h("p", { key: "rest", class: "fine" }, t("restOfBill"))
  );
}

/**
 * @param {Ctx} ctx
 * @param {Extract<TillQuestion, {kind: "take"}>} question
 * @param {() => void} close
 * @returns {VElement}
 */
function takeForm(ctx, { orderId, method, account }, close) {
  const { t, send } = ctx;
  const order = about(ctx, orderId, account);
  return h(
    "form",
    { key: "take", onsubmit: submits(() => send({ type: "take", orderId, method, fen: order.fen })) },
    h("h2", { id: "question-title" }, t(method === "cash" ? "takeCashAsk" : "takeTerminalAsk", order)),
    h("p", { class: "big-sum price" }, order.amount),
    h("p", { class: "fine" }, t("orderLine", order)),
    restLine(ctx, orderId, order),
    buttons(ctx, close, t(method === "cash" ? "takeCashYes" : "takeTerminalYes", order)),
  );
}

/**
 * A scanner types like a keyboard, and ends with Enter. The code is not kept here: it is money.
 *
 * @param {Ctx} ctx
 * @param {Extract<TillQuestion, {kind: "scan"}>} question
 * @param {() => void} close
 * @returns {VElement}
 */
function scanForm(ctx, { orderId, account, waiting, trouble }, close) {
  const { t, send } = ctx;
  const order = about(ctx, orderId, account);
  const scan = (/** @type {HTMLFormElement} */ form) => {
    const authCode = textOf(form, "code").replace(/\s/g, "");
    form.reset();
    if (authCode && !waiting) send({ type: "scan", orderId, authCode });
  };
  return h(
    "form",
    { key: "scan", onsubmit: submits(scan) },
    h("h2", { id: "question-title" }, t("scanAsk", order)),
    h("p", { class: "big-sum price" }, order.amount),
    restLine(ctx, orderId, order),
    h(
      "label",
      { class: "field" },
      t("scanField"),
      h("input", {
        name: "code",
        inputmode: "numeric",
        autocomplete: "off",
        readonly: waiting,
        "aria-describedby": "scan-state",
      }),
    ),
    h(
      "p",
      { id: "scan-state", class: waiting ? "waiting" : "fine", role: "status", "aria-live": "polite" },
      t(waiting ? "scanPassword" : "scanHint"),
    ),
    troubleLine(ctx, trouble),
    h(
      "div",
      { key: "buttons", class: "actions" },
      h("button", { type: "button", class: "secondary", onclick: close }, t(waiting ? "close" : "back")),
      h("button", { type: "submit", class: "primary", "aria-disabled": waiting ? "true" : null }, t("scanGo")),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {RefundQuestion} question
 * @param {() => void} close
 * @returns {VElement}
 */
function refundForm(ctx, question, close) {
  const { t, send } = ctx;
  const { orderId, account, amount, reason, waiting, unsure, trouble } = question;
  const fixed = waiting || unsure;
  const usual = [t("refundMissing"), t("refundWrong"), t("reasonGuest")];
  const go = (/** @type {HTMLFormElement} */ form) =>
    send({ type: "refund", orderId, amount: textOf(form, "amount"), reason: textOf(form, "reason") });
  return h(
    "form",
    { key: "refund", onsubmit: submits(go) },
    h("h2", { id: "question-title" }, t("refundAsk", about(ctx, orderId))),
    account &&
      h(
        "ul",
        { key: "entries", class: "plain entries" },
        account.entries.map((entry) => entryLine(ctx, entry)),
      ),
    h(
      "label",
      { class: "field" },
      account ? t("refundAmount", { most: formatFen(refundable(account)) }) : t("refundAmountOnly"),
      h("input", {
        name: "amount",
        value: amount,
        required: true,
        inputmode: "decimal",
        pattern: "\\d{1,7}([.]\\d{1,2})?",
        autocomplete: "off",
        readonly: fixed,
        oninput: (event) => send({ type: "refund.amount", text: event.target.value }),
      }),
    ),
    h(
      "div",
      { class: "usual" },
      usual.map((text) =>
        h(
          "button",
          {
            key: text,
            type: "button",
            class: "secondary",
            "aria-pressed": String(text === reason),
            ...whenFree(fixed, () => send({ type: "reason", text })),
          },
          text,
        ),
      ),
    ),
    h(
      "label",
      { class: "field" },
      t("refundReason"),
      h("input", {
        name: "reason",
        value: reason,
        maxlength: 60,
        autocomplete: "off",
        readonly: fixed,
        oninput: (event) => send({ type: "reason", text: event.target.value }),
      }),
    ),
    mayEnd(ctx.state, question) &&
      tickLine("end", t("refundEnds"), question.end !== false, (end) => send({ type: "refund.end", end }), fixed),
    troubleLine(ctx, trouble),
    unsure && h("p", { key: "unsure", class: "warning" }, t("refundUnsure")),
    buttons(ctx, close, t(unsure ? "refundAgain" : "refund"), waiting),
  );
}

/**
 * @param {Ctx} ctx
 * @param {LedgerEntry} entry
 * @returns {VElement}
 */
function entryLine({ state }, { entryId, at, provider, method, amount }) {
  const way = `${providerName(state.lang, provider)} · ${methodName(state.lang, method)}`;
  return h(
    "li",
    { key: entryId },
    h("span", null, way),
    h("span", { class: "fine" }, at),
    h("span", { class: "price" }, formatFen(toFen(amount))),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Extract<TillQuestion, {kind: "resolve"}>} question
 * @param {() => void} close
 * @returns {VElement}
 */
function resolveForm(ctx, { reviewId, action }, close) {
  const { state, t, send } = ctx;
  const review = state.reviews.find((one) => one.reviewId === reviewId);
  const amount = review ? formatFen(reviewFen(review)) : "";
  const vars = { amount, table: review?.tableNumber || t("noTable"), number: review?.orderNumber ?? "" };
  return h(
    "form",
    { key: "resolve", onsubmit: submits(() => send({ type: "resolve", reviewId, action })) },
    h(
      "h2",
      { id: "question-title" },
      t(action === "handed_back" ? "handedBackAsk" : action === "retry" ? "retryAsk" : "reviewRefundAsk", vars),
    ),
    h("p", { class: "big-sum price" }, amount),
    review && h("p", { key: "why" }, review.reason),
    h("p", { class: "fine" }, t("orderLine", vars)),
    buttons(ctx, close, t(REVIEW_ACTIONS[action])),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Trouble} trouble
 * @returns {Child}
 */
function troubleLine({ state, t }, trouble) {
  if (!trouble) return false;
  const text = "key" in trouble ? t(trouble.key) : errorSentence(state.lang, trouble.code, trouble.said);
  return h("p", { key: "trouble", class: "warning", role: "alert" }, text);
}
