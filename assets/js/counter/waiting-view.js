// 等待进店: phones that scanned a table's code from outside the shop's network wait for somebody to look up.

import { h, whenFree } from "../shared/dom.js";
import { elapsed, toMillis } from "../shared/time.js";
import { may } from "./parts.js";
import { busyKey } from "./steps.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Waiting} from "../types.js" */
/** @import {Ctx} from "./parts.js" */

/**
 * @param {Ctx} ctx
 * @returns {VElement | false} none while nobody waits
 */
export function waitingRegion(ctx) {
  const { state, t } = ctx;
  return (
    state.waiting.length > 0 &&
    h(
      "section",
      { key: "waiting", class: "waitings", "data-region": "waiting", "aria-labelledby": "waiting-title" },
      h(
        "header",
        { class: "region-head" },
        h("h2", { id: "waiting-title", tabindex: -1 }, t("waitings")),
        h("span", { class: "badge", "aria-live": "polite" }, state.waiting.length),
      ),
      h(
        "ul",
        { class: "plain" },
        state.waiting.map((one) => card(ctx, one)),
      ),
    )
  );
}

/**
 * @param {Ctx} ctx
 * @param {Waiting} waiting
 * @returns {VElement}
 */
function card({ state, t, send }, { requestId, tableNumber: table, address, at }) {
  const busy = state.busy.includes(busyKey({ type: "admit", requestId, welcome: true }));
  return h(
    "li",
    { key: requestId, class: "waiting-card", "data-request": requestId },
    h(
      "div",
      { class: "alert-head" },
      h("strong", { class: "table-number" }, table),
      h("span", { class: "waited" }, t("waited", { time: elapsed(state.now - toMillis(at), state.lang) })),
    ),
    h("p", null, t("waitingText", { table })),
    h("p", { class: "fine" }, t("waitingFrom", { address })),
    may(state, "POST table/admit/*") &&
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          {
            key: "refuse",
            type: "button",
            class: "secondary",
            "aria-label": t("refuseFor", { table }),
            ...whenFree(busy, () => send({ type: "admit", requestId, welcome: false })),
          },
          t("refuse"),
        ),
        h(
          "button",
          {
            key: "admit",
            type: "button",
            class: "primary",
            "aria-label": t("admitFor", { table }),
            ...whenFree(busy, () => send({ type: "admit", requestId, welcome: true })),
          },
          t("admit"),
        ),
      ),
  );
}
