import { h, whenFree } from "../shared/dom.js";
import { formatFen } from "../shared/money.js";
import { clock } from "../shared/time.js";
import { ORDER_STATUS, PAY_STATUS } from "../shared/words.js";
import { ticketsIn } from "./state.js";
import { busyKey } from "./steps.js";
import { refundButton, tillButtons } from "./till-view.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {OrderStatus} from "../types.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {OrderAction} from "./state.js" */
/** @import {Ticket} from "./tickets.js" */

/** What the staff may do with an order in each state; the last is the usual next step. @type {Record<OrderStatus, OrderAction[]>} */
const ACTIONS = {
  1: ["cancel"],
  2: ["reject", "confirm"],
  3: ["cancel", "serve"],
  4: ["cancel", "complete"],
  5: [],
  6: [],
};

/** @typedef {((ticket: Ticket) => boolean) | null} Wanted null = all */

/**
 * @param {Ctx} ctx
 * @param {Wanted} [wanted]
 * @returns {VElement}
 */
export function boardRegion(ctx, wanted = null) {
  const { state, t } = ctx;
  const awaiting = chosen(ticketsIn(state, [1], "newest"), wanted);
  const finished = chosen(ticketsIn(state, [5, 6], "newest"), wanted);
  return h(
    "section",
    { key: "board", class: "region board", "data-region": "board", "aria-labelledby": "board-title" },
    h("h2", { id: "board-title", class: "for-ears", tabindex: -1 }, t("orders")),
    h("div", { class: "columns" }, column(ctx, 2, wanted), column(ctx, 3, wanted), column(ctx, 4, wanted)),
    awaiting.length > 0 && shelf(ctx, "awaiting", t("awaitingPay", { count: awaiting.length }), awaiting, true),
    finished.length > 0 && shelf(ctx, "finished", t("finished", { count: finished.length }), finished, wanted !== null),
  );
}

/**
 * @param {Ticket[]} tickets
 * @param {Wanted} wanted
 * @returns {Ticket[]}
 */
function chosen(tickets, wanted) {
  return wanted ? tickets.filter(wanted) : tickets;
}

/**
 * @param {Ctx} ctx
 * @param {OrderStatus} status
 * @param {Wanted} wanted
 * @returns {VElement}
 */
function column(ctx, status, wanted) {
  const tickets = chosen(ticketsIn(ctx.state, [status], "oldest"), wanted);
  return h(
    "section",
    { key: status, class: "column", "data-column": status, "aria-labelledby": `column-${status}` },
    h(
      "header",
      { class: "region-head" },
      h("h3", { id: `column-${status}` }, ORDER_STATUS[ctx.state.lang][status]),
      h("span", { class: tickets.length > 0 && status === 2 ? "badge" : "badge calm" }, tickets.length),
    ),
    h(
      "ul",
      { class: "plain" },
      tickets.length === 0 && h("li", { key: "none", class: "empty" }, ctx.t("noOrders")),
      tickets.map((ticket) => card(ctx, ticket)),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {string} name
 * @param {string} title
 * @param {Ticket[]} tickets
 * @param {boolean} open at first; then as someone leaves it
 * @returns {VElement}
 */
function shelf(ctx, name, title, tickets, open) {
  return h(
    "details",
    { key: name, class: "shelf", "data-shelf": name, open },
    h("summary", null, title),
    h(
      "ul",
      { class: "plain shelf-list" },
      tickets.map((ticket) => card(ctx, ticket)),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Ticket} ticket
 * @returns {VElement}
 */
function card(ctx, ticket) {
  const { state, t } = ctx;
  const shelved = ![2, 3, 4].includes(ticket.status);
  const actions = ACTIONS[ticket.status].map((action) => actionButton(ctx, ticket, action));
  const awaiting = ticket.status === 1 && ticket.payStatus === 0;
  return h(
    "li",
    { key: ticket.id, class: "ticket", "data-order": ticket.id, "data-status": ticket.status },
    h(
      "div",
      { class: "ticket-head" },
      h("strong", { class: "table-number" }, ticket.table || t("noTable")),
      h("span", { class: "fine" }, clock(ticket.orderedAt), h("br", null), ticket.number),
    ),
    h(
      "ul",
      { key: "dishes", class: "plain ticket-dishes" },
      ticket.dishes.map((dish, index) =>
        h(
          "li",
          { key: index },
          h("span", { class: "dish-name" }, dish.name, dish.note && h("span", { class: "dish-note" }, dish.note)),
          h("span", { class: "times" }, `×${dish.quantity}`),
        ),
      ),
    ),
    ticket.remark && h("p", { key: "remark", class: "remark" }, t("remarkLine", { text: ticket.remark })),
    h(
      "p",
      { key: "money", class: "ticket-money" },
      shelved && h("strong", null, ORDER_STATUS[state.lang][ticket.status]),
      !awaiting &&
        h("span", { key: "paid", class: `tag pay-${ticket.payStatus}` }, PAY_STATUS[state.lang][ticket.payStatus]),
      ticket.packed && h("span", { key: "packed", class: "tag wait" }, t("packed")),
      refundButton(ctx, ticket),
      ticket.diners > 0 && h("span", { class: "fine" }, t("diners", { count: ticket.diners })),
      h("span", { class: "price" }, formatFen(ticket.fen)),
    ),
    tillButtons(ctx, ticket, awaiting ? actions : []),
    !awaiting && h("div", { key: "actions", class: "actions" }, actions),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Ticket} ticket
 * @param {OrderAction} action
 * @returns {VElement}
 */
function actionButton({ state, t, send }, ticket, action) {
  const asks = action === "reject" || action === "cancel";
  const orderId = ticket.id;
  const run = () => {
    if (action === "reject" || action === "cancel")
      send({ type: "ask", question: { kind: action, orderId, reason: "" } });
    else send({ type: "act", action, orderId });
  };
  return h(
    "button",
    {
      key: action,
      type: "button",
      class: asks ? "secondary" : "primary",
      "aria-label": t("actionFor", { action: t(action), table: ticket.table || t("noTable"), number: ticket.number }),
      ...whenFree(state.busy.includes(busyKey({ type: "act", action, orderId })), run),
    },
    t(action),
  );
}
