import { h, whenFree } from "../shared/dom.js";
import { clock, elapsed, toMillis } from "../shared/time.js";
import { alertsOldestFirst } from "./state.js";
import { busyKey } from "./steps.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Alert} from "../types.js" */
/** @import {Ctx} from "./parts.js" */

/** After this a waiting alert is drawn as late. */
const LATE_MS = 180_000;

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function alertsRegion(ctx) {
  const { t } = ctx;
  const alerts = alertsOldestFirst(ctx.state);
  return h("section", { key: "alerts", class: "alerts", "data-region": "alerts", "aria-labelledby": "alerts-title" },
    h("header", { class: "region-head" },
      h("h2", { id: "alerts-title", tabindex: -1 }, t("alerts")),
      h("span", { class: alerts.length > 0 ? "badge" : "badge calm", "aria-live": "polite" }, alerts.length),
      h("span", { class: "fine" }, t("ackHint"))),
    h("ul", { class: "plain" },
      alerts.length === 0 && h("li", { key: "none", class: "empty" }, t("noAlerts")),
      alerts.map((alert) => alertCard(ctx, alert))));
}

/**
 * @param {Ctx} ctx
 * @param {Alert} alert
 * @returns {VElement}
 */
function alertCard(ctx, alert) {
  const { state, t } = ctx;
  const waited = state.now - toMillis(alert.createdAt);
  const ticket = alert.orderId === null ? undefined : state.tickets.get(alert.orderId)?.value;
  return h("li", {
    key: alert.alertId, class: `alert kind-${alert.type}${waited > LATE_MS ? " late" : ""}`, "data-alert": alert.alertId, "data-kind": alert.type,
  },
  h("div", { class: "alert-head" },
    alert.orderId === null && !alert.tableNumber
      ? h("strong", { class: "alert-note" }, alert.note || alert.content)
      : h("strong", { class: "table-number" }, alert.tableNumber || t("noTable")),
    h("div", { class: "alert-what" },
      h("span", { class: "kind" }, kindName(ctx, alert)),
      h("span", { class: "waited" }, t("waited", { time: elapsed(waited) })),
      h("span", { class: "fine" }, clock(alert.createdAt)))),
  ticket && h("p", { key: "dishes", class: "alert-dishes" }, ticket.dishes.map((dish) => `${dish.name}×${dish.quantity}`).join("　")),
  alert.orderId !== null && alert.note && h("p", { key: "note", class: "alert-dishes" }, alert.note),
  alert.orderId !== null && h("p", { key: "content", class: "fine" }, alert.content),
  h("div", { key: "actions", class: "actions" }, alertButtons(ctx, alert, ticket?.status === 2)));
}

/**
 * @param {Ctx} ctx
 * @param {Alert} alert
 * @param {boolean} acceptable
 * @returns {(VElement | false)[]}
 */
function alertButtons({ state, t, send }, alert, acceptable) {
  const { alertId, orderId, type } = alert;
  const busy = state.busy.includes(busyKey({ type: "ack", alertId }));
  const table = alert.tableNumber || t("noTable");
  const kind = kindName({ state, t, send }, alert);
  return [
    h("button", {
      key: "ack", type: "button", class: "secondary", "aria-label": t("ackFor", { table, kind }),
      ...whenFree(busy, () => send({ type: "ack", alertId })),
    }, t("ack")),
    type === 1 && acceptable && orderId !== null && h("button", {
      key: "accept", type: "button", class: "primary", ...whenFree(busy, () => send({ type: "accept", alertId, orderId })),
    }, t("confirm")),
  ];
}

/**
 * @param {Ctx} ctx
 * @param {Alert} alert
 * @returns {string}
 */
function kindName({ t }, { type }) {
  if (type === 1) return t("alert1");
  return type === 2 ? t("alert2") : t("alert3");
}
