// The phone page as a function of its state.

import { h, patch } from "../shared/dom.js";
import { translator } from "../shared/i18n.js";
import { formatFen } from "../shared/money.js";
import { menuView } from "./menu-view.js";
import { linkChip, noticeRegion } from "./parts.js";
import { hasBill, isPayable, ordersNewestFirst, partsOf, shownCart } from "./queries.js";
import { PHONE_WORDS } from "./words.js";

/** @import {Child, VElement} from "../shared/dom.js" */
/** @import {ShownCart} from "./outbox.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {Intent, PhoneState} from "./state.js" */

/**
 * @typedef {object} Stage how much of the page there is by now
 * @property {number} dishes that are drawn
 * @property {((ctx: Ctx, cart: ShownCart) => VElement[]) | null} sheets what opens over the menu, once it is fetched
 */

/**
 * @param {Element} root
 * @param {PhoneState} state
 * @param {(intent: Intent) => void} send
 * @param {Stage} stage
 */
export function render(root, state, send, stage) {
  const ctx = { state, send, t: translator(PHONE_WORDS, state.lang) };
  if (state.phase === "ready" && state.menu) patch(root, tablePage(ctx, stage));
  else patch(root, [placard(ctx)]);
}

/**
 * The page when there is nothing to order from: not joined yet, no such table, or the party is over.
 *
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function placard(ctx) {
  const { state, t } = ctx;
  if (state.phase === "unknown") return notePage(ctx, "unknown", t("unknownTitle"), t("unknownText"));
  if (state.phase === "closed") return notePage(ctx, "closed", t("closedTitle"), t("closedText"));
  if (state.phase === "elsewhere") return elsewherePage(ctx);
  return notePage(ctx, "starting", t("loading"), state.slow ? t("loadingSlow") : "");
}

/**
 * @param {Ctx} ctx
 * @param {string} name
 * @param {string} title
 * @param {string} text
 * @param {...Child} more
 * @returns {VElement}
 */
function notePage(ctx, name, title, text, ...more) {
  return h(
    "main",
    { key: name, class: `placard placard-${name}`, role: "status", "aria-live": "polite" },
    h("span", { class: "bell", "aria-hidden": "true" }),
    h("h1", null, title),
    h("p", null, text),
    more,
    langButton(ctx),
  );
}

/**
 * This phone has sat down at another table: it is there to be gone to, and this one to be come back to, by a press of a button only.
 *
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function elsewherePage(ctx) {
  const { state, t, send } = ctx;
  const number = state.elsewhere?.tableNumber ?? "";
  return notePage(
    ctx,
    "elsewhere",
    t("elsewhereTitle", { number }),
    t("elsewhereText"),
    state.unsent > 0 && h("p", { key: "unsent" }, t("elsewhereUnsent", { count: state.unsent })),
    h("p", { key: "orders", class: "fine" }, t("elsewhereOrders")),
    h(
      "button",
      { key: "go", type: "button", class: "primary", onclick: () => send({ type: "go.there" }) },
      t("goThere", { number }),
    ),
    h(
      "button",
      { key: "back", type: "button", class: "secondary", onclick: () => send({ type: "come.back" }) },
      t("comeBack", { number }),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Stage} stage
 * @returns {VElement[]}
 */
function tablePage(ctx, stage) {
  const { state, t } = ctx;
  const cart = shownCart(state);
  return [
    h(
      "header",
      { key: "top", class: "top" },
      h("span", { class: "table" }, t("table", { number: state.session?.tableNumber ?? "" })),
      h("h1", null, state.menu?.storeName),
      linkChip(ctx),
      langButton(ctx),
    ),
    h("div", { key: "menu" }, menuView(ctx, cart, stage.dishes)),
    bottomBar(ctx, cart),
    ...(stage.sheets?.(ctx, cart) ?? []),
  ];
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
 * @param {ShownCart} cart
 * @returns {VElement}
 */
function bottomBar(ctx, cart) {
  const { state, t, send } = ctx;
  const orders = ordersNewestFirst(state);
  const unpaid = orders.some((order) => order.status === 1 && isPayable(state, order));
  const split = hasBill(state) && partsOf(state).some((part) => part.state === "open");
  const topmost = !state.sheet && !state.chooser && !state.question;
  return h(
    "footer",
    { key: "bar", class: "bar" },
    noticeRegion(ctx, topmost),
    unpaid &&
      h(
        "button",
        {
          key: "unpaid",
          type: "button",
          class: "banner",
          onclick: () => send({ type: "sheet", sheet: "orders" }),
        },
        t("unpaidBanner"),
        h("span", { "aria-hidden": "true" }, "›"),
      ),
    split &&
      h(
        "button",
        {
          key: "split",
          type: "button",
          class: "banner",
          onclick: () => send({ type: "sheet", sheet: "bill" }),
        },
        t("splitBanner"),
        h("span", { "aria-hidden": "true" }, "›"),
      ),
    h(
      "div",
      { key: "row", class: "bar-row" },
      h(
        "button",
        { type: "button", class: "secondary call-button", onclick: () => send({ type: "sheet", sheet: "call" }) },
        t("call"),
      ),
      h(
        "button",
        { type: "button", class: "secondary orders-button", onclick: () => send({ type: "sheet", sheet: "orders" }) },
        orders.length > 0 ? t("ordersCount", { count: orders.length }) : t("orders"),
      ),
      h(
        "button",
        {
          type: "button",
          class: `primary cart-button${cart.pending ? " pending" : ""}${cart.totalQuantity === 0 ? " empty" : ""}`,
          onclick: () => send({ type: "sheet", sheet: "cart" }),
        },
        cart.totalQuantity === 0
          ? t("cartEmpty")
          : [
              h("span", { class: "badge" }, cart.totalQuantity),
              h("span", { class: "bar-total" }, formatFen(cart.totalFen)),
              h("span", null, t("viewCart")),
            ],
      ),
    ),
  );
}
