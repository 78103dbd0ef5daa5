import { h } from "../shared/dom.js";
import { formatFen } from "../shared/money.js";
import { optionsText } from "../shared/options.js";
import { lineFen, MOST_PER_LINE, pairKey } from "./outbox.js";
import { dialog, linkChip, noticeRegion, person, stepper } from "./parts.js";
import { leftOf, shortages } from "./queries.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {ShownCart, ShownLine} from "./outbox.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {Shortage} from "./queries.js" */

/**
 * @param {Ctx} ctx
 * @param {ShownCart} cart
 * @returns {VElement}
 */
export function cartSheet(ctx, cart) {
  const { state, t, send } = ctx;
  const open = state.sheet === "cart";
  const topmost = !state.chooser && !state.question;
  const short = open ? shortages(state) : [];
  return dialog(
    ctx,
    { name: "cart", open, title: t("cart"), close: { type: "sheet", sheet: null } },
    !open
      ? []
      : [
          h(
            "div",
            { class: "sheet-tools" },
            linkChip(ctx),
            cart.lines.length > 0 &&
              h(
                "button",
                {
                  type: "button",
                  class: "quiet",
                  onclick: () => send({ type: "ask", question: { kind: "clear" } }),
                },
                t("clear"),
              ),
          ),
          short.length > 0 && shortageNote(ctx, short),
          state.changed && h("p", { key: "changed", class: "warning", role: "alert" }, t("changed")),
          noticeRegion(ctx, topmost),
          cart.lines.length === 0
            ? h(
                "p",
                { key: "empty", class: "empty" },
                t("cartEmpty"),
                h("br", null),
                h("span", { class: "fine" }, t("cartHint")),
              )
            : h(
                "ul",
                { key: "lines", class: "plain lines" },
                cart.lines.map((line) => cartLine(ctx, line, short)),
              ),
          cart.lines.length > 0 && orderForm(ctx, cart, short.length > 0),
        ],
  );
}

/**
 * Says by name what cannot be ordered, and puts it right with one tap.
 *
 * @param {Ctx} ctx
 * @param {Shortage[]} short
 * @returns {VElement}
 */
function shortageNote({ state, t, send }, short) {
  const named = short.map(({ name, left }) =>
    left === 0 ? t("goneOne", { name }) : t("scarceOne", { name, count: left }),
  );
  const gone = short.every(({ left }) => left === 0);
  return h(
    "div",
    { key: "short", class: "warning shortage", role: "alert" },
    h("p", null, named.join(state.lang === "zh" ? "，" : ", "), t("cannotOrder")),
    h(
      "button",
      { type: "button", class: "secondary", onclick: () => send({ type: "cart.fit" }) },
      t(gone ? "dropGone" : "fitCart"),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {ShownLine} line
 * @param {Shortage[]} short
 * @returns {VElement}
 */
function cartLine(ctx, line, short) {
  const { t, send } = ctx;
  const pair = pairKey(line.cuisineId, line.options);
  const name = line.cuisineName;
  const lack = short.find(({ cuisineId }) => cuisineId === line.cuisineId);
  return h(
    "li",
    { key: pair, class: `line${line.pending ? " pending" : ""}${lack ? " short" : ""}`, "data-line": line.lineId },
    h(
      "div",
      { class: "line-text" },
      h("h3", null, name),
      lack &&
        h(
          "p",
          { key: "lack", class: "dish-tags" },
          h("span", { class: "tag gone" }, lack.left === 0 ? t("soldOut") : t("left", { count: lack.left })),
        ),
      optionsText(line.options) && h("p", { key: "options", class: "fine" }, optionsText(line.options)),
      line.remark && h("p", { key: "remark", class: "remark" }, t("remarkLine", { text: line.remark })),
      h(
        "div",
        { key: "who", class: "line-who" },
        person(ctx, line.addUserId),
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            "aria-label": t("remarkEdit", { name }),
            disabled: line.ghost,
            onclick: () => send({ type: "line.remark", pair }),
          },
          t("remark"),
        ),
        line.pending && h("span", { class: "tag wait" }, t("pending")),
      ),
    ),
    h(
      "div",
      { class: "line-side" },
      h("span", { class: "price" }, formatFen(lineFen(line))),
      stepper(ctx, {
        name,
        count: line.quantity,
        plus: { type: "line.plus", pair },
        minus: { type: "line.minus", pair },
        noPlus: line.quantity >= Math.min(MOST_PER_LINE, leftOf(ctx.state, line.cuisineId) ?? MOST_PER_LINE),
      }),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {ShownCart} cart
 * @param {boolean} short something in it cannot be had
 * @returns {VElement}
 */
function orderForm(ctx, cart, short) {
  const { state, t, send } = ctx;
  return h(
    "form",
    {
      key: "form",
      class: "order-form",
      onsubmit: (event) => {
        event.preventDefault();
        send({ type: "submit" });
      },
    },
    h(
      "div",
      { class: "field" },
      h("span", { id: "diners-label" }, t("diners")),
      h(
        "span",
        { class: "stepper", role: "group", "aria-labelledby": "diners-label" },
        h(
          "button",
          {
            type: "button",
            class: "round",
            "aria-label": t("dinersLess"),
            disabled: state.diners === 0,
            onclick: () => send({ type: "diners", by: -1 }),
          },
          "−",
        ),
        h("output", { class: "count" }, state.diners || t("dinersNone")),
        h(
          "button",
          {
            type: "button",
            class: "round",
            "aria-label": t("dinersMore"),
            onclick: () => send({ type: "diners", by: 1 }),
          },
          "+",
        ),
      ),
    ),
    h(
      "label",
      { class: "field tick" },
      h("input", { type: "checkbox", name: "packed", checked: state.packed, onchange: () => send({ type: "packed" }) }),
      h("span", null, t("pack")),
    ),
    h(
      "label",
      { class: "field stacked" },
      t("orderRemark"),
      h("input", {
        name: "remark",
        value: state.remark,
        maxlength: 100,
        autocomplete: "off",
        enterkeyhint: "done",
        placeholder: t("orderRemarkHint"),
        oninput: (event) => send({ type: "remark", text: event.target.value }),
      }),
    ),
    h(
      "button",
      { class: "primary wide", disabled: short || Boolean(state.submission) || cart.pending || !state.cart },
      submitLabel(ctx, cart),
    ),
  );
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
