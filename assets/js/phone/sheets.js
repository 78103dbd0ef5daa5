// Everything that opens over the menu, fetched when the menu is on the screen: nobody waits for a dialog before there is a dish.

import { h } from "../shared/dom.js";
import { formatFen } from "../shared/money.js";
import { billSheet } from "./bill-view.js";
import { callSheet } from "./call-view.js";
import { cartSheet } from "./cart-view.js";
import { chooserDialog } from "./chooser-view.js";
import { ordersSheet } from "./orders-view.js";
import { dialog } from "./parts.js";
import { payDialog } from "./pay-view.js";
import { BALANCE } from "./paying.js";
import { dueOf } from "./queries.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {ShownCart} from "./outbox.js" */
/** @import {Ctx} from "./parts.js" */

/**
 * @param {Ctx} ctx
 * @param {ShownCart} cart
 * @returns {VElement[]}
 */
export function sheets(ctx, cart) {
  return [
    cartSheet(ctx, cart),
    ordersSheet(ctx),
    billSheet(ctx),
    callSheet(ctx),
    chooserDialog(ctx),
    payDialog(ctx),
    questionDialog(ctx),
  ];
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function questionDialog(ctx) {
  const { state, t, send } = ctx;
  const { title, yes, go } = asked(ctx);
  return dialog(ctx, { name: "question", open: Boolean(state.question), title, close: { type: "ask.close" } }, [
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", class: "secondary", onclick: () => send({ type: "ask.close" }) }, t("back")),
      h(
        "button",
        { type: "button", class: state.question?.kind === "balance" ? "primary" : "danger", onclick: go },
        yes,
      ),
    ),
  ]);
}

/**
 * @param {Ctx} ctx
 * @returns {{title: string, yes: string, go: () => void}}
 */
function asked({ state, t, send }) {
  const { question, paying } = state;
  if (question?.kind === "cancel") {
    const { orderId } = question;
    const number = state.orders.get(orderId)?.value.orderNumber ?? "";
    return {
      title: t("cancelAsk", { number }),
      yes: t("cancelYes"),
      go: () => send({ type: "order.cancel", orderId }),
    };
  }
  if (question?.kind === "balance" && paying) {
    const fen = dueOf(state)?.fen ?? 0;
    const price = formatFen(fen);
    const { orderId, partId } = paying;
    return {
      title: t("balanceAsk", { price }),
      yes: t("payNow", { price }),
      go: () => send({ type: "order.pay", orderId, partId, provider: BALANCE, fen }),
    };
  }
  return { title: t("clearAsk"), yes: t("clearYes"), go: () => send({ type: "cart.clear" }) };
}
