import { h } from "../shared/dom.js";
import { formatFen } from "../shared/money.js";
import { lineFen, pairKey, MOST_PER_LINE } from "./outbox.js";
import { dialog, linkChip, noticeRegion, optionsText, person, stepper } from "./parts.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {ShownCart, ShownLine} from "./outbox.js" */
/** @import {Ctx} from "./parts.js" */

/**
 * @param {Ctx} ctx
 * @param {ShownCart} cart
 * @returns {VElement}
 */
export function cartSheet(ctx, cart) {
  const { state, t, send } = ctx;
  const open = state.sheet === "cart";
  const topmost = !state.chooser && !state.question;
  return dialog(ctx, { name: "cart", open, title: t("cart"), close: { type: "sheet", sheet: null } }, !open ? [] : [
    h("div", { class: "sheet-tools" },
      linkChip(ctx),
      cart.lines.length > 0 && h("button", {
        type: "button", class: "quiet", onclick: () => send({ type: "ask", question: { kind: "clear" } }),
      }, t("clear"))),
    state.changed && h("p", { key: "changed", class: "warning", role: "alert" }, t("changed")),
    noticeRegion(ctx, topmost),
    cart.lines.length === 0
      ? h("p", { key: "empty", class: "empty" }, t("cartEmpty"), h("br", null), h("span", { class: "fine" }, t("cartHint")))
      : h("ul", { key: "lines", class: "plain lines" }, cart.lines.map((line) => cartLine(ctx, line))),
    cart.lines.length > 0 && orderForm(ctx, cart),
  ]);
}

/**
 * @param {Ctx} ctx
 * @param {ShownLine} line
 * @returns {VElement}
 */
function cartLine(ctx, line) {
  const { t, send } = ctx;
  const pair = pairKey(line.cuisineId, line.options);
  const name = line.cuisineName;
  return h("li", { key: pair, class: line.pending ? "line pending" : "line", "data-line": line.lineId },
    h("div", { class: "line-text" },
      h("h3", null, name),
      optionsText(line.options) && h("p", { key: "options", class: "fine" }, optionsText(line.options)),
      line.remark && h("p", { key: "remark", class: "remark" }, t("remarkLine", { text: line.remark })),
      h("div", { key: "who", class: "line-who" },
        person(ctx, line.addUserId),
        h("button", {
          type: "button", class: "quiet", "aria-label": t("remarkEdit", { name }), disabled: line.ghost,
          onclick: () => send({ type: "line.remark", pair }),
        }, t("remark")),
        line.pending && h("span", { class: "tag wait" }, t("pending")))),
    h("div", { class: "line-side" },
      h("span", { class: "price" }, formatFen(lineFen(line))),
      stepper(ctx, {
        name, count: line.quantity, plus: { type: "line.plus", pair }, minus: { type: "line.minus", pair },
        noPlus: line.quantity >= MOST_PER_LINE,
      })));
}

/**
 * @param {Ctx} ctx
 * @param {ShownCart} cart
 * @returns {VElement}
 */
function orderForm(ctx, cart) {
  const { state, t, send } = ctx;
  return h("form", {
    key: "form", class: "order-form",
    onsubmit: (event) => {
      event.preventDefault();
      send({ type: "submit" });
    },
  },
  h("div", { class: "field" },
    h("span", { id: "diners-label" }, t("diners")),
    h("span", { class: "stepper", role: "group", "aria-labelledby": "diners-label" },
      h("button", {
        type: "button", class: "round", "aria-label": t("dinersLess"), disabled: state.diners === 0,
        onclick: () => send({ type: "diners", by: -1 }),
      }, "−"),
      h("output", { class: "count" }, state.diners || t("dinersNone")),
      h("button", { type: "button", class: "round", "aria-label": t("dinersMore"), onclick: () => send({ type: "diners", by: 1 }) }, "+"))),
  h("label", { class: "field stacked" }, t("orderRemark"),
    h("input", {
      name: "remark", value: state.remark, maxlength: 100, autocomplete: "off", enterkeyhint: "done", placeholder: t("orderRemarkHint"),
      oninput: (event) => send({ type: "remark", text: event.target.value }),
    })),
  h("button", { class: "primary wide", disabled: Boolean(state.submission) || cart.pending || !state.cart }, submitLabel(ctx, cart)));
}

/**
 * @param {Ctx} ctx
 * @param {ShownCart} cart
 * @returns {string}
 */
function submitLabel({ state, t }, cart) {
  const price = formatFen(cart.totalFen);
  if (state.submission) return t(state.link.phase === "online" ? "submitting" : "submitWaiting");
  if (cart.pending) return t("syncing");
  return t(state.changed ? "confirmChanged" : "submit", { price });
}
