import { h } from "../shared/dom.js";
import { buttons, submits, textOf, tickLine } from "./parts.js";
import { tillForm } from "./till-view.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {Question} from "./state.js" */

/**
 * The one dialog of the counter: why an order is refused, what money is taken or given back.
 *
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function questionDialog(ctx) {
  const { state, send } = ctx;
  const question = state.question;
  const close = () => send({ type: "ask.close" });
  return h(
    "dialog",
    {
      key: "question",
      class: "question",
      modal: Boolean(question),
      "aria-labelledby": "question-title",
      onclose: (event) => !event.target.open && question && close(),
    },
    question && form(ctx, question, close),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Question} question
 * @param {() => void} close
 * @returns {VElement}
 */
function form(ctx, question, close) {
  switch (question.kind) {
    case "reject":
    case "cancel":
      return reasonForm(ctx, question, close);
    default:
      return tillForm(ctx, question, close);
  }
}

/**
 * @param {Ctx} ctx
 * @param {Extract<Question, {kind: "reject" | "cancel"}>} question
 * @param {() => void} close
 * @returns {VElement}
 */
function reasonForm({ state, t, send }, question, close) {
  const { kind, orderId, reason, dishesBack = false } = question;
  const ticket = state.tickets.get(orderId)?.value;
  const vars = { table: ticket?.table ?? "", number: ticket?.number ?? "" };
  const usual = [t("reasonSoldOut"), t("reasonBusy"), t("reasonGuest"), t("reasonClosing")];
  const made = kind === "cancel" && (ticket?.status === 3 || ticket?.status === 4);
  const go = (/** @type {HTMLFormElement} */ form) =>
    send({
      type: "act",
      action: kind,
      orderId,
      reason: textOf(form, "reason"),
      ...(made ? { dishesBack } : {}),
    });
  return h(
    "form",
    { key: "reason", onsubmit: submits(go) },
    h("h2", { id: "question-title" }, t(kind === "reject" ? "rejectAsk" : "cancelAsk", vars)),
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
            onclick: () => send({ type: "reason", text }),
          },
          text,
        ),
      ),
    ),
    h(
      "label",
      { class: "field" },
      t("reason"),
      h("input", {
        name: "reason",
        value: reason,
        required: true,
        pattern: ".*\\S.*",
        maxlength: 60,
        autocomplete: "off",
        oninput: (event) => send({ type: "reason", text: event.target.value }),
      }),
    ),
    made && tickLine("dishes", t("dishesBack"), dishesBack, (on) => send({ type: "dishes", back: on })),
    buttons({ state, t, send }, close, t(kind)),
  );
}
