import { setApart } from "../shared/bidi.js";
import { h, whenFree } from "../shared/dom.js";
import { clock, elapsed, toMillis } from "../shared/time.js";
import { alertsOldestFirst, isBroken, PAID, SPEAKER_TEST } from "./ring-state.js";
import { busyKey } from "./steps.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Alert} from "../types.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {CounterKey} from "./words.js" */

/** After this a waiting alert is drawn as late. */
const LATE_MS = 180_000;

/** @type {Record<number, CounterKey>} */
const KINDS = {
  1: "alert1",
  2: "alert2",
  3: "alert3",
  4: "alert4",
  5: "alert5",
  6: "alert6",
  7: "alert7",
  8: "alert8",
};

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function alertsRegion(ctx) {
  const { t } = ctx;
  // Whoever has just pressed 试音 is to find the question; it is answered at a glance.
  const byAge = alertsOldestFirst(ctx.state);
  const alerts = [
    ...byAge.filter((alert) => alert.type === SPEAKER_TEST),
    ...byAge.filter((alert) => alert.type !== SPEAKER_TEST),
  ];
  return h(
    "section",
    { key: "alerts", class: "alerts", "data-region": "alerts", "aria-labelledby": "alerts-title" },
    h(
      "header",
      { class: "region-head" },
      h("h2", { id: "alerts-title", tabindex: -1 }, t("alerts")),
      h("span", { class: alerts.length > 0 ? "badge" : "badge calm", "aria-live": "polite" }, alerts.length),
      h("span", { class: "fine" }, t("ackHint")),
    ),
    h(
      "ul",
      { class: "plain" },
      alerts.length === 0 && h("li", { key: "none", class: "empty" }, t("noAlerts")),
      alerts.map((alert) => alertCard(ctx, alert)),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Alert} alert
 * @returns {VElement}
 */
function alertCard(ctx, alert) {
  if (alert.type === SPEAKER_TEST) return testCard(ctx, alert);
  const { state, t } = ctx;
  const waited = state.now - toMillis(alert.createdAt);
  const ticket = alert.orderId === null ? undefined : state.tickets.get(alert.orderId)?.value;
  const late = waited > LATE_MS && alert.type !== PAID;
  return h(
    "li",
    {
      key: alert.alertId,
      class: `alert kind-${alert.type}${late ? " late" : ""}`,
      "data-alert": alert.alertId,
      "data-kind": alert.type,
    },
    h(
      "div",
      { class: "alert-head" },
      alert.orderId === null && !alert.tableNumber
        ? h("strong", { class: "alert-note" }, alert.note || alert.content || kindName(ctx, alert))
        : h("strong", { class: "table-number" }, alert.tableNumber || t("noTable")),
      h(
        "div",
        { class: "alert-what" },
        h("span", { class: "kind" }, kindName(ctx, alert)),
        h("span", { class: "waited" }, t("waited", { time: elapsed(waited, state.lang) })),
        h("span", { class: "fine" }, clock(alert.createdAt)),
      ),
    ),
    ticket?.remark && h("p", { key: "remark", class: "remark" }, t("remarkLine", { text: setApart(ticket.remark) })),
    ticket &&
      h(
        "p",
        { key: "dishes", class: "alert-dishes" },
        ticket.dishes.map((dish, index) =>
          h(
            "span",
            { key: index, class: "alert-dish" },
            `${setApart(dish.name)}×${dish.quantity}`,
            dish.note && h("span", { class: "remark" }, `（${setApart(dish.note)}）`),
          ),
        ),
      ),
    alert.orderId !== null && alert.note && h("p", { key: "note", class: "alert-dishes" }, alert.note),
    alert.orderId !== null && h("p", { key: "content", class: "fine" }, alert.content),
    h("div", { key: "actions", class: "actions" }, alertButtons(ctx, alert, ticket?.status === 2)),
  );
}

/**
 * The one alert that asks about this PC instead of telling about guests.
 *
 * @param {Ctx} ctx
 * @param {Alert} alert
 * @returns {VElement}
 */
function testCard({ state, t, send }, { alertId, type }) {
  const busy = state.busy.includes(busyKey({ type: "ack", alertId }));
  const mute = isBroken(state.status.sound);
  return h(
    "li",
    { key: alertId, class: "alert kind-6", "data-alert": alertId, "data-kind": type },
    h("span", { class: "kind" }, t("alert6")),
    h("strong", { class: "alert-note" }, t(mute ? "heardMute" : "heardAsk")),
    !mute && h("p", { key: "not", class: "fine" }, t("heardNot")),
    h(
      "div",
      { class: "actions" },
      h(
        "button",
        { key: "ack", type: "button", class: "primary heard", ...whenFree(busy, () => send({ type: "ack", alertId })) },
        t("heard"),
      ),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Alert} alert
 * @param {boolean} acceptable
 * @returns {(VElement | false)[]}
 */
function alertButtons(ctx, alert, acceptable) {
  const { state, t, send } = ctx;
  const { alertId, orderId, type } = alert;
  const busy = state.busy.includes(busyKey({ type: "ack", alertId }));
  const table = alert.tableNumber || t("noTable");
  return [
    h(
      "button",
      {
        key: "ack",
        type: "button",
        class: "secondary",
        "aria-label": t("ackFor", { table, kind: kindName(ctx, alert) }),
        ...whenFree(busy, () => send({ type: "ack", alertId })),
      },
      t("ack"),
    ),
    type === 1 &&
      acceptable &&
      orderId !== null &&
      h(
        "button",
        {
          key: "accept",
          type: "button",
          class: "primary",
          ...whenFree(busy, () => send({ type: "accept", alertId, orderId })),
        },
        t("confirm"),
      ),
  ];
}

/**
 * @param {Ctx} ctx
 * @param {Alert} alert
 * @returns {string}
 */
function kindName({ t }, { type }) {
  return t(KINDS[type] ?? "alertOther");
}
