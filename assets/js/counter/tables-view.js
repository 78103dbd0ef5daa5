import { h, whenFree } from "../shared/dom.js";
import { clock } from "../shared/time.js";
import { busyKey } from "./steps.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {TableRow} from "../types.js" */
/** @import {Ctx} from "./parts.js" */

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function tablesRegion(ctx) {
  const seated = ctx.state.tables.filter((table) => table.seatingId !== null).length;
  return h("section", { key: "tables", class: "region tables", "data-region": "tables", "aria-labelledby": "tables-title" },
    h("header", { class: "region-head" },
      h("h2", { id: "tables-title", tabindex: -1 }, ctx.t("tables")),
      h("span", { class: "badge calm" }, `${seated}/${ctx.state.tables.length}`)),
    h("ul", { class: "plain table-list" }, ctx.state.tables.map((table) => tableTile(ctx, table))));
}

/**
 * @param {Ctx} ctx
 * @param {TableRow} table
 * @returns {VElement}
 */
function tableTile({ state, t, send }, table) {
  const { tableId, tableNumber } = table;
  const seated = table.seatingId !== null;
  return h("li", { key: tableId, class: seated ? "table-tile seated" : "table-tile", "data-table": tableId },
    h("strong", { class: "tile-number" }, tableNumber),
    h("span", { class: "fine" }, seated ? t("tableSince", { time: clock(table.openedAt) }) : t("tableFree")),
    seated && h("button", {
      key: "clear", type: "button", class: "quiet", "aria-label": t("clearFor", { table: tableNumber }),
      ...whenFree(state.busy.includes(busyKey({ type: "clear", tableId })), () => send({ type: "ask", question: { kind: "clear", tableId } })),
    }, t("clear")));
}
