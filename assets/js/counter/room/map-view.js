// 房间: every table at a glance. A state is a colour, a sign and a word; each table has one obvious next step.

import { h, whenFree } from "../../shared/dom.js";
import { formatFen } from "../../shared/money.js";
import { elapsed, toMillis } from "../../shared/time.js";
import { may } from "../parts.js";
import { busyKey } from "../steps.js";
import { billOf } from "./bill-state.js";
import { orderingOf } from "./ordering-state.js";
import { byArea, formOf, nextStep, owedFen, tally, waitedMs } from "./room-state.js";

/** @import {Child, VElement} from "../../shared/dom.js" */
/** @import {TableCall, TableRow, TableState} from "../../types.js" */
/** @import {RoomCtx} from "./parts.js" */
/** @import {RoomIntent, Screen, Step} from "./room-state.js" */

/** @type {Record<TableState, string>} */
const SIGNS = { free: "○", seated: "◔", ordered: "●", toPay: "¥", toClear: "✓" };

/** After this a wait is drawn as long. */
const LONG_MS = 15 * 60_000;

/** What each step needs, as in permission.rs. @type {Record<Step, string>} */
const NEEDS = {
  open: "POST table/open/*",
  order: "POST table/session/*",
  bill: "GET bill/table/*",
  clear: "POST table/clear/*",
};

/**
 * @param {RoomCtx} ctx
 * @returns {VElement}
 */
export function mapRegion(ctx) {
  const { counter, state, t, send } = ctx;
  const owner = may(counter, "POST table");
  return h(
    "section",
    { key: "map", class: "region map", "data-region": "map", "aria-labelledby": "map-title" },
    h(
      "header",
      { key: "head", class: "region-head" },
      h("h2", { id: "map-title", tabindex: -1 }, t("room")),
      h(
        "ul",
        { class: "plain legend" },
        tally(counter.tables).map(([name, count]) =>
          h(
            "li",
            { key: name, class: `is-${name}` },
            h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[name]),
            t(name),
            h("strong", null, count),
          ),
        ),
      ),
      owner &&
        h(
          "button",
          {
            key: "manage",
            type: "button",
            class: "secondary",
            "aria-pressed": String(state.editing),
            onclick: () => send({ type: "editing", on: !state.editing }),
          },
          t("manage"),
        ),
    ),
    state.editing &&
      h(
        "div",
        { key: "hint", class: "manage" },
        h("p", { class: "fine" }, t("manageHint")),
        h(
          "button",
          {
            type: "button",
            class: "primary",
            onclick: () => send({ type: "show", screen: formOf("edit", 0, { seats: "4" }) }),
          },
          t("addTable"),
        ),
      ),
    counter.tables.length === 0 && h("p", { key: "none", class: "empty" }, t("noTables")),
    byArea(counter.tables).map(([area, tables]) =>
      h(
        "section",
        { key: `area ${area}`, class: "area", "aria-label": area || t("noArea") },
        h("h3", null, area || t("noArea")),
        h(
          "ul",
          { class: "plain tiles" },
          tables.map((table) => tile(ctx, table)),
        ),
      ),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {TableRow} table
 * @returns {VElement}
 */
function tile(ctx, table) {
  const { counter, state, t, send } = ctx;
  const { tableId, tableNumber } = table;
  const waited = waitedMs(table, counter.now);
  const owed = owedFen(table);
  const long = waited !== null && waited > LONG_MS && table.state !== "seated";
  return h(
    "li",
    {
      key: tableId,
      class: `tile is-${table.state}${long ? " long" : ""}`,
      "data-table": tableId,
      "data-state": table.state,
    },
    h(
      "button",
      {
        key: "main",
        type: "button",
        class: "tile-main",
        "data-main": "",
        onclick: () => send({ type: "show", screen: { kind: "table", tableId } }),
      },
      h(
        "span",
        { class: "tile-top" },
        h("strong", { class: "tile-number" }, tableNumber),
        h(
          "span",
          { class: "tile-state" },
          h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[table.state]),
          t(table.state),
        ),
      ),
      h("span", { class: "tile-facts" }, facts(ctx, table)),
      h(
        "span",
        { class: "tile-sums" },
        owed > 0 && h("span", { key: "owed", class: "price" }, formatFen(owed)),
        table.unconfirmed > 0 &&
          h("span", { key: "new", class: "tag hot" }, t("unconfirmed", { count: table.unconfirmed })),
        waited !== null &&
          table.state !== "seated" &&
          h("span", { key: "wait", class: "tile-wait" }, t("wait", { time: elapsed(waited, counter.lang) })),
      ),
    ),
    table.calls.map((call) => callButton(ctx, table, call)),
    state.editing ? editButtons(ctx, table) : stepButton(ctx, table),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {TableRow} table
 * @returns {string}
 */
function facts({ counter, t }, { seatingId, seats, heads, openedAt }) {
  if (seatingId === null) return seats ? t("seats", { count: seats }) : "";
  const sat = openedAt ? t("sat", { time: elapsed(counter.now - toMillis(openedAt), counter.lang) }) : "";
  return [heads ? t("heads", { count: heads }) : "", sat].filter(Boolean).join(" · ");
}

/**
 * @param {RoomCtx} ctx
 * @param {TableRow} table
 * @param {TableCall} call
 * @returns {VElement}
 */
function callButton({ counter, t, tell }, { tableNumber }, { alertId, kind, at }) {
  const call = t(kind === 8 ? "call8" : "call7");
  const busy = counter.busy.includes(busyKey({ type: "ack", alertId }));
  return h(
    "button",
    {
      key: `call ${alertId}`,
      type: "button",
      class: "tile-call",
      "data-call": kind,
      ...whenFree(busy, () => tell({ type: "ack", alertId })),
    },
    h("span", { class: "sign", "aria-hidden": "true" }, "!"),
    h("span", { "aria-hidden": "true" }, call),
    h("span", { class: "tile-wait", "aria-hidden": "true" }, elapsed(counter.now - toMillis(at), counter.lang)),
    h("span", { class: "unseen" }, t("callFor", { table: tableNumber, call })),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {TableRow} table
 * @returns {Child}
 */
function stepButton(ctx, table) {
  const { counter, t, send } = ctx;
  const step = nextStep(table);
  if (!may(counter, NEEDS[step])) return false;
  const label = step === "bill" && table.state === "toPay" ? t("takeSum") : t(step);
  return h(
    "button",
    {
      key: "step",
      type: "button",
      class: "tile-step",
      "data-step": step,
      "aria-label": t("stepFor", { step: label, table: table.tableNumber }),
      onclick: () => send({ type: "show", screen: screenOf(step, table) }),
    },
    label,
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {TableRow} table
 * @returns {VElement}
 */
function editButtons({ t, send }, table) {
  const { tableId, tableNumber, area, seats } = table;
  const show = (/** @type {Screen} */ screen) => () => send(/** @type {RoomIntent} */ ({ type: "show", screen }));
  return h(
    "div",
    { key: "edit", class: "tile-edit" },
    h(
      "button",
      {
        type: "button",
        class: "secondary",
        "aria-label": t("stepFor", { step: t("edit"), table: tableNumber }),
        onclick: show(formOf("edit", tableId, { tableNumber, area, seats: String(seats) })),
      },
      t("edit"),
    ),
    h(
      "button",
      {
        type: "button",
        class: "secondary",
        "aria-label": t("stepFor", { step: t("rotate"), table: tableNumber }),
        onclick: show(formOf("rotate", tableId)),
      },
      t("rotate"),
    ),
  );
}

/**
 * @param {Step} step
 * @param {TableRow} table
 * @returns {Screen}
 */
export function screenOf(step, { tableId, heads, seats }) {
  switch (step) {
    case "open":
      return formOf("open", tableId, { heads: String(heads || Math.min(seats ?? 2, 2) || 2) });
    case "order":
      return orderingOf(tableId);
    case "bill":
      return billOf(tableId);
    case "clear":
      return formOf("clear", tableId);
  }
}

/**
 * @param {RoomCtx} ctx
 * @param {Step} step
 * @returns {boolean}
 */
export function isOffered({ counter }, step) {
  return may(counter, NEEDS[step]);
}
