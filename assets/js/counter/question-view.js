import { h } from "../shared/dom.js";
import { buttons, submits, textOf } from "./parts.js";
import { ticketsIn } from "./state.js";
import { tillForm } from "./till-view.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {Question} from "./state.js" */

/**
 * The one dialog of the counter: why an order is refused, whether a table is really to be cleared, what money is taken or given back.
 *
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function questionDialog(ctx) {
  const { state, send } = ctx;
  const question = state.question;
  const close = () => send({ type: "ask.close" });
  return h("dialog", {
    key: "question", class: "question", modal: Boolean(question), "aria-labelledby": "question-title",
    onclose: (event) => !event.target.open && question && close(),
  }, question && form(ctx, question, close));
}

/**
 * @param {Ctx} ctx
 * @param {Question} question
 * @param {() => void} close
 * @returns {VElement}
 */
function form(ctx, question, close) {
  switch (question.kind) {
    case "clear":
      return clearForm(ctx, question.tableId, close);
    case "rotate":
      return rotateForm(ctx, question.tableId, close);
    case "reject":
    case "cancel":
      return reasonForm(ctx, question, close);
    default:
      return tillForm(ctx, question, close);
  }
}

/**
 * @param {Ctx} ctx
 * @param {number} tableId
 * @param {() => void} close
 * @returns {VElement}
 */
function clearForm({ state, t, send }, tableId, close) {
  const table = state.tables.find((row) => row.tableId === tableId)?.tableNumber ?? "";
  const open = ticketsIn(state, [1, 2, 3, 4], "oldest").filter((ticket) => ticket.table === table).length;
  return h("form", { key: "clear", onsubmit: submits(() => send({ type: "clear", tableId })) },
    h("h2", { id: "question-title" }, t("clearAsk", { table })),
    h("p", null, t("clearText")),
    open > 0 && h("p", { key: "open", class: "warning" }, t("clearActive", { count: open })),
    buttons({ state, t, send }, close, t("clear")));
}

/**
 * @param {Ctx} ctx
 * @param {number} tableId
 * @param {() => void} close
 * @returns {VElement}
 */
function rotateForm({ state, t, send }, tableId, close) {
  const table = state.tables.find((row) => row.tableId === tableId)?.tableNumber ?? "";
  return h("form", { key: "rotate", onsubmit: submits(() => send({ type: "rotate", tableId })) },
    h("h2", { id: "question-title" }, t("rotateAsk", { table })),
    h("p", { class: "warning" }, t("rotateText", { table })),
    h("p", null, t("rotatePrint"), h("code", { class: "command" }, printCommand(table).map((word) => h("span", null, word)))),
    buttons({ state, t, send }, close, t("recode")));
}

/**
 * @param {string} table
 * @returns {string[]} words as a shell takes them, whatever the table is called; a line breaks between them only
 */
function printCommand(table) {
  const [name, file] = [table, `${table}.pdf`].map((word) => (/^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ["tablebell ", "qr ", `--table ${name} `, `--pdf ${file}`];
}

/**
 * @param {Ctx} ctx
 * @param {Extract<Question, {kind: "reject" | "cancel"}>} question
 * @param {() => void} close
 * @returns {VElement}
 */
function reasonForm({ state, t, send }, question, close) {
  const { kind, orderId, reason } = question;
  const ticket = state.tickets.get(orderId)?.value;
  const vars = { table: ticket?.table ?? "", number: ticket?.number ?? "" };
  const usual = [t("reasonSoldOut"), t("reasonBusy"), t("reasonGuest"), t("reasonClosing")];
  return h("form", { key: "reason", onsubmit: submits((form) => send({ type: "act", action: kind, orderId, reason: textOf(form, "reason") })) },
    h("h2", { id: "question-title" }, t(kind === "reject" ? "rejectAsk" : "cancelAsk", vars)),
    h("div", { class: "usual" }, usual.map((text) => h("button", {
      key: text, type: "button", class: "secondary", "aria-pressed": String(text === reason), onclick: () => send({ type: "reason", text }),
    }, text))),
    h("label", { class: "field" }, t("reason"),
      h("input", {
        name: "reason", value: reason, required: true, pattern: ".*\\S.*", maxlength: 60, autocomplete: "off",
        oninput: (event) => send({ type: "reason", text: event.target.value }),
      })),
    buttons({ state, t, send }, close, t(kind)));
}
