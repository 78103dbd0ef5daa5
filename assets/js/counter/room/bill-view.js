// 账单: all rounds of a table, what was taken off, who pays which part. Beside it stands what is being done with it.

import { h } from "../../shared/dom.js";
import { formatFen, toFen } from "../../shared/money.js";
import { optionsText } from "../../shared/options.js";
import { ORDER_STATUS, PAY_STATUS } from "../../shared/words.js";
import { may } from "../parts.js";
import { isGiven, isOpen, openParts, uncutFen } from "./bill-state.js";
import { panelForm } from "./panel-view.js";
import { numberOf, screenHead, tableOf, troubleLine } from "./parts.js";
import { formOf } from "./room-state.js";
import { takeForm } from "./take-view.js";

/** @import {Child, VElement} from "../../shared/dom.js" */
/** @import {Adjustment, Bill, BillItem, BillOrder, BillPart} from "../../types.js" */
/** @import {BillScreen, TakePanel} from "./bill-state.js" */
/** @import {RoomCtx} from "./parts.js" */
/** @import {RoomKey} from "./words.js" */

/**
 * @param {RoomCtx} ctx
 * @param {BillScreen} screen
 * @returns {VElement}
 */
export function billScreen(ctx, screen) {
  const { t } = ctx;
  const { bill, panel } = screen;
  const head = screenHead(
    ctx,
    t("billAsk", { table: numberOf(ctx, screen.tableId) }),
    bill?.heads ? h("span", { key: "heads", class: "about" }, t("heads", { count: bill.heads })) : false,
  );
  if (!bill)
    return h(
      "div",
      null,
      head,
      troubleLine(ctx, screen.trouble) ||
        h("p", { class: "empty", role: "status", tabindex: -1, "data-first": "" }, t("loading")),
    );
  return h(
    "div",
    { class: "bill" },
    head,
    h(
      "div",
      { class: "bill-columns" },
      h(
        "div",
        { class: "bill-rounds", tabindex: 0, role: "group", "aria-label": t("bill") },
        bill.orders.length === 0 && h("p", { class: "empty" }, t("billEmpty")),
        bill.orders.map((order, index) => round(ctx, order, index + 1)),
      ),
      h(
        "div",
        { class: "bill-side" },
        panel === null
          ? summary(ctx, screen, bill)
          : panel.kind === "take"
            ? takeForm(ctx, screen, bill, panel)
            : panelForm(ctx, screen, bill, panel),
      ),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {BillOrder} order
 * @param {number} n
 * @returns {VElement}
 */
function round(ctx, order, n) {
  const { counter, t } = ctx;
  const { orderId, orderNumber, status, payStatus, items, adjustments } = order;
  return h(
    "section",
    {
      key: orderId,
      class: status === 6 ? "round off" : "round",
      "data-order": orderId,
      "aria-label": t("round", { n }),
    },
    h(
      "header",
      { class: "round-head" },
      h("h3", null, t("round", { n })),
      h("span", { class: "fine" }, orderNumber),
      h("span", { class: "tag" }, ORDER_STATUS[counter.lang][status]),
      h("span", { class: `tag pay-${payStatus}` }, PAY_STATUS[counter.lang][payStatus]),
      order.packed && h("span", { key: "packed", class: "tag wait" }, t("packed")),
      isOpen(order) && may(counter, "PUT order/packed") && packButton(ctx, order, n),
      payStatus === 1 && status !== 6 && may(counter, "POST payment/refund") && refundButton(ctx, order),
    ),
    h(
      "ul",
      { class: "plain bill-lines" },
      items.map((item) => itemLine(ctx, order, item)),
      adjustments.map((one) => adjustmentLine(ctx, order, one)),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {BillOrder} order
 * @param {BillItem} item
 * @returns {VElement}
 */
function itemLine({ counter, t, send }, order, { position, cuisineName, quantity, subtotalAmount, options, free }) {
  const offered = isOpen(order) && !free && subtotalAmount > 0 && may(counter, "POST bill/free");
  const orderId = order.orderId;
  return h(
    "li",
    { key: `item ${position}`, class: free ? "is-free" : null },
    h(
      "span",
      { class: "dish-name" },
      cuisineName,
      options && options.length > 0 && h("span", { class: "dish-note" }, optionsText(options)),
    ),
    offered &&
      h(
        "button",
        {
          key: "free",
          type: "button",
          class: "quiet",
          "aria-label": t("freeFor", { name: cuisineName }),
          onclick: () =>
            send({ type: "panel", panel: { kind: "free", orderId, position, name: cuisineName, draft: {} } }),
        },
        t("freeItem"),
      ),
    free && h("span", { key: "is-free", class: "tag" }, t("kind_free")),
    h("span", { class: "times" }, `×${quantity}`),
    h("span", { class: "price" }, formatFen(toFen(subtotalAmount))),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {BillOrder} order
 * @param {Adjustment} adjustment
 * @returns {VElement}
 */
function adjustmentLine(ctx, order, { adjustmentId, kind, position, amount, reason }) {
  const { counter, t, send } = ctx;
  const name = order.items.find((item) => item.position === position)?.cuisineName;
  const what = [t(/** @type {RoomKey} */ (`kind_${kind}`)), kind === "free" ? name : "", reason]
    .filter(Boolean)
    .join(" · ");
  const fee = kind !== "discount" && kind !== "free";
  const undone =
    adjustmentId !== undefined &&
    (isOpen(order) || (!fee && isGiven(order))) &&
    may(counter, "DELETE bill/adjustment/*");
  return h(
    "li",
    { key: `adjustment ${adjustmentId ?? kind}`, class: "adjustment" },
    h("span", { class: "dish-name" }, what),
    undone &&
      h(
        "button",
        {
          key: "undo",
          type: "button",
          class: "quiet",
          "aria-label": t(fee ? "waiveFor" : "undoFor", { what }),
          onclick: () => send({ type: "panel", panel: { kind: "undo", adjustmentId, fee } }),
        },
        t(fee ? "waive" : "undo"),
      ),
    h("span", { class: "price" }, formatFen(toFen(amount))),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {BillOrder} order
 * @param {number} n
 * @returns {VElement}
 */
function packButton({ t, send }, { orderId, packed }, n) {
  return h(
    "button",
    {
      key: "pack",
      type: "button",
      class: "quiet",
      "aria-label": t(packed ? "eatHereFor" : "packFor", { n }),
      onclick: () => send({ type: "packed", orderId, packed: !packed }),
    },
    t(packed ? "eatHere" : "pack"),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {BillOrder} order
 * @returns {VElement}
 */
function refundButton({ t, tell }, { orderId, orderNumber }) {
  return h(
    "button",
    {
      key: "refund",
      type: "button",
      class: "quiet",
      "aria-label": t("refundFor", { number: orderNumber }),
      onclick: () =>
        tell({
          type: "ask",
          question: {
            kind: "refund",
            orderId,
            amount: "",
            reason: "",
            opId: "",
            account: null,
            waiting: false,
            unsure: false,
            trouble: null,
          },
        }),
    },
    t("refund"),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {BillScreen} screen
 * @param {Bill} bill
 * @returns {VElement}
 */
function summary(ctx, screen, bill) {
  const { counter, t, send } = ctx;
  const [total, paid, owed] = [bill.total, bill.paid, bill.owed].map(toFen);
  const parts = (bill.bill?.parts ?? []).filter((part) => part.state !== "void");
  const till = may(counter, "POST payment/counter");
  const some = openParts(bill).length > 0;
  return h(
    "div",
    { key: "summary", class: "summary" },
    h(
      "dl",
      { class: "bill-sums" },
      sum(t("total"), total ?? 0),
      sum(t("paid"), paid ?? 0),
      h(
        "div",
        { key: "owed", class: "owed" },
        h("dt", null, t("owed")),
        h("dd", { class: "price" }, owed === 0 && bill.orders.length > 0 ? t("settled") : formatFen(owed ?? 0)),
      ),
    ),
    parts.length > 0 &&
      h(
        "ol",
        { key: "parts", class: "plain parts" },
        parts.map((part, index) => partLine(ctx, part, index, till, (owed ?? 0) > 0)),
      ),
    uncutFen(bill) > 0 && h("p", { key: "uncut", class: "fine" }, t("uncut", { amount: formatFen(uncutFen(bill)) })),
    troubleLine(ctx, screen.trouble),
    (owed ?? 0) > 0 &&
      till &&
      h(
        "button",
        {
          key: "all",
          type: "button",
          class: some ? "secondary big" : "primary big",
          "data-do": "take",
          "data-first": some ? null : "",
          onclick: () => send({ type: "panel", panel: takePanel(null) }),
        },
        t("takeAll", { amount: formatFen(owed ?? 0) }),
      ),
    owed === 0 &&
      tableOf(ctx, screen.tableId) &&
      may(counter, "POST table/clear/*") &&
      h(
        "button",
        {
          key: "clear",
          type: "button",
          class: "primary big",
          "data-do": "clear",
          "data-first": "",
          onclick: () => send({ type: "show", screen: formOf("clear", screen.tableId) }),
        },
        t("clear"),
      ),
    h("div", { key: "tools", class: "tools" }, tools(ctx, bill, owed ?? 0, some)),
  );
}

/**
 * @param {string} name
 * @param {number} fen
 * @returns {VElement}
 */
function sum(name, fen) {
  return h("div", { key: name }, h("dt", null, name), h("dd", { class: "price" }, formatFen(fen)));
}

/**
 * @param {RoomCtx} ctx
 * @param {Bill} bill
 * @param {number} owed fen
 * @param {boolean} some whether it is split now
 * @returns {Child[]}
 */
function tools({ counter, t, send }, bill, owed, some) {
  if (owed <= 0) return [];
  return [
    may(counter, "POST bill/discount") &&
      h(
        "button",
        {
          key: "discount",
          type: "button",
          class: "secondary",
          onclick: () => send({ type: "panel", panel: { kind: "discount", of: owed, draft: {} } }),
        },
        t("discount"),
      ),
    may(counter, "POST bill/split") &&
      h(
        "button",
        {
          key: "split",
          type: "button",
          class: "secondary",
          onclick: () =>
            send({
              type: "panel",
              panel: {
                kind: "split",
                by: "head",
                heads: String(bill.heads && bill.heads > 1 ? bill.heads : 2),
                picks: [{}],
                current: 0,
              },
            }),
        },
        t(some ? "splitAgain" : "split"),
      ),
    some &&
      may(counter, "DELETE bill/*") &&
      h(
        "button",
        { key: "unsplit", type: "button", class: "secondary", onclick: () => send({ type: "unsplit" }) },
        t("unsplit"),
      ),
  ];
}

/**
 * @param {RoomCtx} ctx
 * @param {BillPart} part
 * @param {number} index
 * @param {boolean} till
 * @param {boolean} open whether the bill is: what a paid one brought goes back order by order
 * @returns {VElement}
 */
function partLine({ counter, t, send }, part, index, till, open) {
  const label = part.label || t("partNumber", { n: index + 1 });
  const amount = formatFen(toFen(part.amount));
  const paid = part.state === "paid";
  return h(
    "li",
    { key: part.partId, class: `part ${part.state}`, "data-part": part.partId, "data-state": part.state },
    h("span", { class: "dish-name" }, label),
    paid &&
      open &&
      part.amount > 0 &&
      may(counter, "POST payment/refund") &&
      h(
        "button",
        {
          key: "back",
          type: "button",
          class: "quiet",
          "aria-label": t("giveBackFor", { label, amount }),
          onclick: () =>
            send({
              type: "panel",
              panel: { kind: "giveBack", partId: part.partId, label: `${label} ${amount}`, draft: {} },
            }),
        },
        t("refund"),
      ),
    h("span", { class: "price" }, amount),
    paid
      ? h("span", { key: "paid", class: "tag pay-1" }, t("partPaid"))
      : till &&
          h(
            "button",
            {
              key: "take",
              type: "button",
              class: "primary",
              "aria-label": t("takePartFor", { label, amount }),
              "data-first": "",
              onclick: () => send({ type: "panel", panel: takePanel(part.partId) }),
            },
            t("takeSum"),
          ),
  );
}

/**
 * @param {number | null} partId
 * @returns {TakePanel}
 */
function takePanel(partId) {
  return { kind: "take", partId, method: "cash", draft: {} };
}
