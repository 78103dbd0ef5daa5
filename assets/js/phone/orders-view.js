import { h, whenFree } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { optionsText } from "../shared/options.js";
import { clock } from "../shared/time.js";
import { ORDER_STATUS, PAY_STATUS } from "../shared/words.js";
import { adjustmentLines, dialog, linkChip, noticeRegion, person } from "./parts.js";
import { hasBill, isCancellable, isPayable, isUrgeable, ordersNewestFirst, urgeWait } from "./queries.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Order, OrderItem} from "../types.js" */
/** @import {Ctx} from "./parts.js" */

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function ordersSheet(ctx) {
  const { state, t } = ctx;
  const open = state.sheet === "orders";
  const orders = ordersNewestFirst(state);
  return dialog(
    ctx,
    { name: "orders", open, title: t("orders"), close: { type: "sheet", sheet: null } },
    !open
      ? []
      : [
          h("div", { class: "sheet-tools" }, linkChip(ctx)),
          noticeRegion(ctx, !state.question && !state.paying),
          hasBill(state) && orders.length > 0 && billCard(ctx),
          orders.length === 0
            ? h("p", { key: "empty", class: "empty" }, t("noOrders"))
            : h(
                "ul",
                { key: "orders", class: "plain orders-list" },
                orders.map((order) => orderCard(ctx, order)),
              ),
        ],
  );
}

/**
 * Where a party pays at the end, this is what all its rounds come to.
 *
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function billCard({ state, t, send }) {
  const owed = toFen(state.bill?.owed ?? 0);
  return h(
    "div",
    { key: "bill", class: "bill-card" },
    h(
      "span",
      null,
      t(owed > 0 ? "owed" : "settled"),
      owed > 0 && h("strong", { class: "price" }, ` ${formatFen(owed)}`),
    ),
    h(
      "button",
      { type: "button", class: "primary", onclick: () => send({ type: "sheet", sheet: "bill" }) },
      t("ourBill"),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Order} order
 * @returns {VElement}
 */
function orderCard(ctx, order) {
  const { state, t } = ctx;
  const waiting = order.payStatus === 0 && order.status === 1;
  return h(
    "li",
    {
      key: order.orderId,
      class: "order",
      "data-order": order.orderId,
      "data-status": order.status,
      "data-pay": order.payStatus,
    },
    h(
      "div",
      { class: "order-head" },
      h("h3", null, t("orderNumber", { number: order.orderNumber })),
      h("span", { class: "fine" }, clock(order.createdAt)),
    ),
    h(
      "p",
      { class: "order-state" },
      h("strong", { class: `state state-${order.status}` }, ORDER_STATUS[state.lang][order.status]),
      !waiting && h("span", { class: `tag pay-${order.payStatus}` }, PAY_STATUS[state.lang][order.payStatus]),
      order.packed && h("span", { key: "packed", class: "tag wait" }, t("packed")),
    ),
    h(
      "ul",
      { class: "plain order-items" },
      order.items.map((item, index) => orderItem(ctx, item, index)),
      adjustmentLines(ctx, order.adjustments),
    ),
    order.remark && h("p", { key: "remark", class: "remark" }, t("remarkLine", { text: order.remark })),
    order.status === 6 &&
      order.cancelReason &&
      h("p", { key: "reason", class: "remark" }, t("cancelReason", { text: order.cancelReason })),
    h(
      "p",
      { key: "total", class: "order-total" },
      t("total"),
      h("span", { class: "price" }, formatFen(toFen(order.amount))),
    ),
    h("div", { key: "actions", class: "actions" }, orderActions(ctx, order)),
  );
}

/**
 * @param {Ctx} ctx
 * @param {OrderItem} item
 * @param {number} index
 * @returns {VElement}
 */
function orderItem(ctx, item, index) {
  const about = [optionsText(item.options), item.remark].filter(Boolean).join(" · ");
  return h(
    "li",
    { key: index },
    h("span", { class: "item-name" }, item.cuisineName, about && h("span", { class: "fine" }, ` ${about}`)),
    person(ctx, item.addUserId),
    h("span", { class: "times" }, `×${item.quantity}`),
    h("span", { class: "price" }, formatFen(toFen(item.subtotalAmount))),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Order} order
 * @returns {VElement[]}
 */
function orderActions({ state, t, send }, order) {
  const { orderId } = order;
  const busy = state.busy.includes(orderId);
  const wait = urgeWait(state, orderId);
  /** @type {VElement[]} */
  const buttons = [];
  if (isCancellable(order)) {
    buttons.push(
      h(
        "button",
        {
          key: "cancel",
          type: "button",
          class: "secondary",
          ...whenFree(busy, () => send({ type: "ask", question: { kind: "cancel", orderId } })),
        },
        t("cancel"),
      ),
    );
  }
  if (isUrgeable(order)) {
    buttons.push(
      h(
        "button",
        {
          key: "urge",
          type: "button",
          class: "secondary",
          ...whenFree(busy || wait > 0, () => send({ type: "order.urge", orderId })),
        },
        wait > 0 ? t("urgedWait", { seconds: wait }) : t(busy ? "urging" : "urge"),
      ),
    );
  }
  if (isPayable(state, order)) {
    buttons.push(
      h(
        "button",
        {
          key: "pay",
          type: "button",
          class: "primary",
          ...whenFree(busy, () => send({ type: "pay.open", orderId })),
        },
        t("payNow", { price: formatFen(toFen(order.amount)) }),
      ),
    );
  }
  return buttons;
}
