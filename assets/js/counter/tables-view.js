import { h, whenFree } from "../shared/dom.js";
import { clock } from "../shared/time.js";
import { isForOwner } from "./parts.js";
import { busyKey } from "./steps.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {TableRow} from "../types.js" */
/** @import {Ctx} from "./parts.js" */

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function tablesRegion(ctx) {
  const { state, t, send } = ctx;
  const seated = state.tables.filter((table) => table.seatingId !== null).length;
  return h("section", { key: "tables", class: "region tables", "data-region": "tables", "aria-labelledby": "tables-title" },
    h("header", { class: "region-head" },
      h("h2", { id: "tables-title", tabindex: -1 }, t("tables")),
      h("span", { class: "badge calm" }, `${seated}/${state.tables.length}`),
      isForOwner(state) && h("button", {
        key: "recode", type: "button", class: "quiet recode", "aria-pressed": String(state.recoding),
        onclick: () => send({ type: "recode", on: !state.recoding }),
      }, t("recode"))),
    state.recoding && h("p", { key: "hint", class: "fine hint" }, t("recodeHint")),
    h("ul", { class: "plain table-list" }, state.tables.map((table) => tableTile(ctx, table))));
}

/**
 * @param {Ctx} ctx
 * @param {TableRow} table
 * @returns {VElement}
 */
function tableTile({ state, t, send }, table) {
  const { tableId, tableNumber } = table;
  const seated = table.seatingId !== null;
  const kind = state.recoding ? "rotate" : "clear";
  return h("li", { key: tableId, class: seated ? "table-tile seated" : "table-tile", "data-table": tableId },
    h("strong", { class: "tile-number" }, tableNumber),
    h("span", { class: "fine" }, seated ? t("tableSince", { time: clock(table.openedAt) }) : t("tableFree")),
    (seated || state.recoding) && h("button", {
      key: kind, type: "button", class: "quiet", "aria-label": t(`${kind}For`, { table: tableNumber }),
      ...whenFree(state.busy.includes(busyKey({ type: kind, tableId })), () => send({ type: "ask", question: { kind, tableId } })),
    }, t(state.recoding ? "recode" : "clear")));
}
