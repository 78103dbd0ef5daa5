// The room as data: which table is looked at, and what is being done with it. The tables themselves are the shell's.

import { toFen } from "../../shared/money.js";
import { toMillis } from "../../shared/time.js";
import { applyBill } from "./bill-state.js";
import { applyOrdering } from "./ordering-state.js";

/** @import {TableRow, TableState} from "../../types.js" */
/** @import {BillEvent, BillIntent, BillScreen} from "./bill-state.js" */
/** @import {OrderingEvent, OrderingIntent, OrderingScreen} from "./ordering-state.js" */
/** @import {RoomKey} from "./words.js" */

/** @typedef {{code: string, said: string} | {key: RoomKey, vars?: Record<string, string>} | null} Trouble what a screen says instead of closing */

/** @typedef {"open" | "heads" | "transfer" | "merge" | "clear" | "edit" | "retire" | "rotate"} FormKind */

/**
 * @typedef {object} FormScreen something small that is asked before it is done
 * @property {FormKind} kind
 * @property {number} tableId 0 = a table that is yet to be
 * @property {Record<string, string>} draft what is typed or chosen, by the field's name
 * @property {boolean} waiting
 * @property {Trouble} trouble
 */

/** @typedef {{kind: "table", tableId: number}} TableScreen what can be done with a table */

/** @typedef {TableScreen | FormScreen | BillScreen | OrderingScreen} Screen */

/** @typedef {{screen: Screen | null, editing: boolean}} RoomState editing: the owner changes the tables themselves */

/**
 * @typedef {(
 *   | {type: "show", screen: Screen | null} | {type: "editing", on: boolean} | {type: "draft", name: string, value: string}
 *   | {type: "go", draft?: Record<string, string>} | BillIntent | OrderingIntent
 * )} RoomIntent
 */

/** @typedef {{type: "done"} | {type: "trouble", code: string, said: string} | BillEvent | OrderingEvent} RoomEvent */

/** @typedef {(RoomIntent | RoomEvent) & {id: string, at: number}} RoomMessage */

/** @type {RoomState} */
export const FIRST_ROOM = { screen: null, editing: false };

const FORMS = ["open", "heads", "transfer", "merge", "clear", "edit", "retire", "rotate"];

/**
 * @param {RoomState} state
 * @param {RoomMessage} message
 * @returns {RoomState}
 */
export function applyRoom(state, message) {
  switch (message.type) {
    case "show":
      return { ...state, screen: message.screen };
    case "editing":
      return { ...state, editing: message.on };
  }
  const { screen } = state;
  if (!screen || screen.kind === "table") return state;
  if (screen.kind === "bill") return { ...state, screen: applyBill(screen, message) };
  if (screen.kind === "order") return { ...state, screen: applyOrdering(screen, message) };
  return { ...state, screen: applyForm(screen, message) };
}

/**
 * @param {FormScreen} screen
 * @param {RoomMessage} message
 * @returns {FormScreen | null}
 */
function applyForm(screen, message) {
  switch (message.type) {
    case "draft":
      return { ...screen, draft: { ...screen.draft, [message.name]: message.value }, trouble: null };
    case "go":
      return screen.waiting
        ? screen
        : { ...screen, draft: { ...screen.draft, ...message.draft }, waiting: true, trouble: null };
    case "trouble":
      return { ...screen, waiting: false, trouble: { code: message.code, said: message.said } };
    case "done":
      return null;
  }
  return screen;
}

/**
 * @param {FormKind} kind
 * @param {number} tableId
 * @param {Record<string, string>} [draft]
 * @returns {FormScreen}
 */
export function formOf(kind, tableId, draft = {}) {
  return { kind, tableId, draft, waiting: false, trouble: null };
}

/**
 * @param {Screen | null} screen
 * @returns {screen is FormScreen}
 */
export function isForm(screen) {
  return screen !== null && FORMS.includes(screen.kind);
}

/**
 * What a filled-in form asks the daemon for.
 *
 * @param {FormScreen} screen
 * @returns {[method: "POST" | "PUT" | "DELETE", path: string, body?: object]} below /admin/table
 */
export function requestOf({ kind, tableId, draft }) {
  const number = (/** @type {string} */ name) => Number(draft[name] ?? 0);
  switch (kind) {
    case "open":
      return ["POST", `/open/${tableId}`, { heads: number("heads") }];
    case "heads":
      return ["PUT", `/heads/${tableId}`, { heads: number("heads") }];
    case "transfer":
      return ["POST", "/transfer", { from: tableId, to: number("other") }];
    case "merge":
      return ["POST", "/merge", { from: tableId, into: number("other") }];
    case "clear": {
      const reason = (draft.reason ?? "").trim();
      return ["POST", `/clear/${tableId}`, reason ? { reason } : {}];
    }
    case "edit": {
      const body = {
        tableNumber: (draft.tableNumber ?? "").trim(),
        area: (draft.area ?? "").trim(),
        seats: number("seats"),
      };
      return tableId === 0 ? ["POST", "", body] : ["PUT", "", { tableId, ...body }];
    }
    case "retire":
      return ["DELETE", `/${tableId}`];
    case "rotate":
      return ["POST", `/rotate/${tableId}`];
  }
}

/** @typedef {"open" | "order" | "bill" | "clear"} Step */

/** @type {Record<TableState, Step>} */
const NEXT = { free: "open", seated: "order", ordered: "bill", toPay: "bill", toClear: "clear" };

/**
 * @param {TableRow} table
 * @returns {Step} the one thing that is usually done next
 */
export function nextStep(table) {
  return NEXT[table.state] ?? "bill";
}

/**
 * @param {TableRow[]} tables
 * @returns {[area: string, tables: TableRow[]][]} areas in the order in which their first table comes, tables by number
 */
export function byArea(tables) {
  /** @type {Map<string, TableRow[]>} */
  const areas = new Map();
  for (const table of tables) areas.set(table.area, [...(areas.get(table.area) ?? []), table]);
  const byNumber = (/** @type {TableRow} */ a, /** @type {TableRow} */ b) =>
    a.tableNumber.localeCompare(b.tableNumber, "zh-CN", { numeric: true });
  return [...areas].map(([area, row]) => [area, row.sort(byNumber)]);
}

/**
 * @param {TableRow[]} tables
 * @returns {[state: TableState, count: number][]} all states, the most pressing first
 */
export function tally(tables) {
  /** @type {TableState[]} */
  const states = ["toPay", "toClear", "ordered", "seated", "free"];
  return states.map((state) => [state, tables.filter((table) => table.state === state).length]);
}

/**
 * @param {TableRow} table
 * @param {number} now unix ms
 * @returns {number | null} ms that the guests have waited for what comes next; null = nobody waits
 */
export function waitedMs(table, now) {
  /** @type {Record<TableState, string | null>} */
  const since = {
    free: null,
    seated: table.openedAt,
    ordered: table.lastOrderAt ?? table.openedAt,
    toPay: table.billAskedAt ?? table.lastOrderAt,
    toClear: null,
  };
  const at = since[table.state];
  return at === null || at === undefined ? null : now - toMillis(at);
}

/**
 * @param {TableRow} table
 * @returns {number} fen
 */
export function owedFen(table) {
  return toFen(table.owed);
}

/**
 * @param {TableRow[]} tables
 * @param {number} tableId
 * @returns {TableRow[]} where the party of this table can go
 */
export function freeTables(tables, tableId) {
  return tables.filter((table) => table.seatingId === null && table.tableId !== tableId);
}

/**
 * @param {TableRow[]} tables
 * @param {number} tableId
 * @returns {TableRow[]} whom the party of this table can join
 */
export function takenTables(tables, tableId) {
  return tables.filter((table) => table.seatingId !== null && table.tableId !== tableId);
}
