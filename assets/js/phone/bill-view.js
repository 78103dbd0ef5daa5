import { h } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { optionsText } from "../shared/options.js";
import { callButton } from "./call-view.js";
import { adjustmentLines, dialog, linkChip, noticeRegion } from "./parts.js";
import { partsOf, takesMoney } from "./queries.js";

/** @import {Child, VElement} from "../shared/dom.js" */
/** @import {Bill, BillItem, BillOrder, BillPart} from "../types.js" */
/** @import {Ctx} from "./parts.js" */

/**
 * What the whole party has ordered, and what is left to pay of it.
 *
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function billSheet(ctx) {
  const { state, t } = ctx;
  const { bill } = state;
  const open = state.sheet === "bill" && bill !== null;
  return dialog(
    ctx,
    { name: "bill", open, title: t("ourBill"), close: { type: "sheet", sheet: null } },
    !open || !bill
      ? []
      : [
          h(
            "div",
            { class: "sheet-tools" },
            linkChip(ctx),
            bill.heads !== null && h("span", { class: "fine" }, t("heads", { count: bill.heads })),
          ),
          noticeRegion(ctx, !state.paying && !state.question),
          rounds(bill).length === 0
            ? h("p", { key: "empty", class: "empty" }, t("noOrders"))
            : rounds(bill).map((order, index) => round(ctx, order, index)),
          h(
            "dl",
            { key: "sums", class: "sums" },
            sum(t("total"), bill.total, "total"),
            bill.paid !== 0 && sum(t("paidSum"), bill.paid, "paid"),
            sum(t("owed"), bill.owed, "owed"),
          ),
          settling(ctx, bill),
        ],
  );
}

/**
 * @param {Bill} bill
 * @returns {BillOrder[]}
 */
function rounds({ orders }) {
  return orders.filter((order) => order.status !== 6).sort((a, b) => a.orderId - b.orderId);
}

/**
 * @param {Ctx} ctx
 * @param {BillOrder} order
 * @param {number} index
 * @returns {VElement}
 */
function round(ctx, order, index) {
  const { t } = ctx;
  return h(
    "section",
    {
      key: order.orderId,
      class: "round-of",
      "data-order": order.orderId,
      "aria-label": t("roundNo", { n: index + 1 }),
    },
    h(
      "h3",
      { class: "fine" },
      t("roundNo", { n: index + 1 }),
      ` · ${order.orderNumber}`,
      order.payStatus === 1 && h("span", { class: "tag pay-1" }, t("partPaid")),
    ),
    h(
      "ul",
      { class: "plain order-items" },
      order.items.map((item) => billItem(ctx, item)),
      adjustmentLines(ctx, order.adjustments),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {BillItem} item
 * @returns {VElement}
 */
function billItem({ t }, { position, cuisineName, quantity, subtotalAmount, options, free }) {
  return h(
    "li",
    { key: `item-${position}` },
    h(
      "span",
      { class: "item-name" },
      cuisineName,
      optionsText(options) && h("span", { class: "fine" }, ` ${optionsText(options)}`),
      free && h("span", { class: "tag pay-1" }, t("free")),
    ),
    h("span", { class: "times" }, `×${quantity}`),
    h("span", { class: "price" }, formatFen(toFen(subtotalAmount))),
  );
}

/**
 * @param {string} name
 * @param {number} yuan
 * @param {string} which
 * @returns {VElement}
 */
function sum(name, yuan, which) {
  return h(
    "div",
    { key: which, class: `sum sum-${which}` },
    h("dt", null, name),
    h("dd", { class: "price" }, formatFen(toFen(yuan))),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Bill} bill
 * @returns {Child}
 */
function settling(ctx, bill) {
  const { state, t, send } = ctx;
  const parts = partsOf(state);
  if (toFen(bill.owed) <= 0) {
    return [
      toFen(bill.total) > 0 && h("p", { key: "settled", class: "settled" }, t("settled")),
      parts.length > 0 &&
        h(
          "ul",
          { key: "parts", class: "plain parts" },
          parts.map((part, index) => partRow(ctx, part, index)),
        ),
    ];
  }
  const open = parts.filter((part) => part.state === "open");
  // A round that came after the bill was cut is in none of its parts.
  const uncut = toFen(bill.owed) - open.reduce((sum, part) => sum + toFen(part.amount), 0);
  const whole = open.length === 0 || (open.length === 1 && uncut > 0);
  return [
    parts.length > 0 &&
      h(
        "ul",
        { key: "parts", class: "plain parts" },
        parts.map((part, index) => partRow(ctx, part, index)),
      ),
    open.length > 0 && uncut > 0 && h("p", { key: "uncut", class: "fine" }, t("uncut", { price: formatFen(uncut) })),
    h(
      "div",
      { key: "settle", class: "ways" },
      takesMoney(state) &&
        whole &&
        h(
          "button",
          {
            key: "whole",
            type: "button",
            class: "primary wide",
            "data-pay": "whole",
            onclick: () => send({ type: "bill.pay", partId: null }),
          },
          t("payNow", { price: formatFen(toFen(bill.owed)) }),
        ),
      callButton(ctx, "bill", "secondary wide"),
    ),
    open.length === 0 && h("p", { key: "hint", class: "fine" }, t("splitHint")),
  ];
}

/**
 * @param {Ctx} ctx
 * @param {BillPart} part
 * @param {number} index
 * @returns {VElement}
 */
function partRow(ctx, part, index) {
  const { state, t, send } = ctx;
  const name = partName(ctx, part, index);
  const price = formatFen(toFen(part.amount));
  return h(
    "li",
    { key: part.partId, class: "part", "data-part": part.partId, "data-state": part.state },
    h("span", { class: "item-name" }, name),
    part.state === "paid" || !takesMoney(state)
      ? [
          h("span", { class: "price" }, price),
          part.state === "paid" && h("span", { class: "tag pay-1" }, t("partPaid")),
        ]
      : h(
          "button",
          {
            type: "button",
            class: "primary",
            "aria-label": `${name} ${t("payNow", { price })}`,
            onclick: () => send({ type: "bill.pay", partId: part.partId }),
          },
          t("payNow", { price }),
        ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {BillPart} part
 * @param {number} index
 * @returns {string}
 */
export function partName({ t }, part, index) {
  return part.label || t("partNo", { n: index + 1 });
}
