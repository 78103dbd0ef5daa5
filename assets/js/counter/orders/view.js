// 订单: the board, as wide as the screen allows, and what narrows it down.

import { h } from "../../shared/dom.js";
import { ORDER_STATUS } from "../../shared/words.js";
import { boardRegion } from "../board-view.js";
import { keeper } from "../keeper.js";
import { ALL_ORDERS, applyFilter, fits, isFiltering } from "./filter-state.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {OrderStatus} from "../../types.js" */
/** @import {Ctx} from "../parts.js" */
/** @import {OpenView, Port} from "../views.js" */
/** @import {Filter, FilterMessage} from "./filter-state.js" */

/** @type {OrderStatus[]} */
const STATES = [1, 2, 3, 4, 5, 6];

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open(port) {
  const { state, send } = keeper(ALL_ORDERS, applyFilter, () => {}, port.draw);
  return {
    render: (ctx) => [
      h(
        "div",
        { key: "orders", class: "orders" },
        filterBar(ctx, state(), send),
        boardRegion(ctx, isFiltering(state()) ? (ticket) => fits(state(), ticket) : null),
      ),
    ],
  };
}

/**
 * @param {Ctx} ctx
 * @param {Filter} filter
 * @param {(message: FilterMessage) => void} send
 * @returns {VElement}
 */
function filterBar({ state, t }, filter, send) {
  const set = (/** @type {Partial<Filter>} */ change) => send({ type: "filter", change });
  const tables = [...new Set([...state.tickets.values()].map((told) => told.value.table))]
    .filter(Boolean)
    .sort((a, b) => a.localeCompare(b, "zh-CN", { numeric: true }));
  return h(
    "div",
    { key: "filter", class: "filter", role: "search", "aria-label": t("filter") },
    h("input", {
      key: "text",
      type: "search",
      name: "find",
      value: filter.text,
      placeholder: t("filterText"),
      "aria-label": t("filterText"),
      autocomplete: "off",
      oninput: (event) => set({ text: event.target.value }),
    }),
    h(
      "select",
      {
        key: "table",
        name: "table",
        "aria-label": t("filterTable"),
        onchange: (event) => set({ table: event.target.value }),
      },
      h("option", { key: "all", value: "", selected: filter.table === "" }, t("filterTable")),
      tables.map((table) => h("option", { key: `t ${table}`, value: table, selected: filter.table === table }, table)),
    ),
    h(
      "select",
      {
        key: "status",
        name: "status",
        "aria-label": t("filterStatus"),
        onchange: (event) => set({ status: /** @type {OrderStatus | null} */ (Number(event.target.value) || null) }),
      },
      h("option", { key: "all", value: "0", selected: filter.status === null }, t("filterStatus")),
      STATES.map((status) =>
        h(
          "option",
          { key: status, value: String(status), selected: filter.status === status },
          ORDER_STATUS[state.lang][status],
        ),
      ),
    ),
    isFiltering(filter) &&
      h("button", { key: "clear", type: "button", class: "secondary", onclick: () => set(ALL_ORDERS) }, t("filterAll")),
  );
}
