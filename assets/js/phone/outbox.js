// What this phone has asked for and has no answer to yet. One operation is on the wire at a time, in order; it is sent again with the
// same opId after a reconnect, and the server does it once. What has never left may still be merged with the next tap.

import { toFen } from "../shared/money.js";

/** @import {Cart, CartLine, ChosenOption, Cuisine} from "../types.js" */
/** @import {Lang} from "../shared/i18n.js" */

export const MOST_PER_LINE = 99;

/**
 * @typedef {object} PendingOp
 * @property {string} opId
 * @property {"add_item" | "update_quantity" | "remove_item" | "clear_cart"} type
 * @property {{cuisineId?: number, lineId?: number, quantity?: number, remark?: string | null, options?: ChosenOption[]}} data
 * @property {number} tries how often it was put on the wire; 0 = surely unknown to the server
 */

/**
 * @typedef {Omit<CartLine, "cuisineType" | "cuisineImage" | "addUserPhone"> & {unitFen: number, pending: boolean, ghost: boolean}} ShownLine
 *   ghost: the server does not know this line yet, so it has no lineId
 */

/** @typedef {{lines: ShownLine[], totalFen: number, totalQuantity: number, pending: boolean}} ShownCart */

/**
 * @param {number} cuisineId
 * @param {ChosenOption[] | undefined} options
 * @returns {string} equal for equal (dish, options) pairs, whatever the order the options were named in
 */
export function pairKey(cuisineId, options) {
  const chosen = (options ?? []).map((option) => `${option.name}\u0000${option.value}`).sort();
  return [String(cuisineId), ...chosen].join("\u0001");
}

/**
 * @param {PendingOp[]} ops
 * @param {PendingOp} op
 * @returns {PendingOp[]}
 */
export function enqueue(ops, op) {
  const last = ops.at(-1);
  const merged = last && last.tries === 0 ? merge(last, op) : null;
  return merged ? [...ops.slice(0, -1), merged] : [...ops, op];
}

/**
 * @param {PendingOp} first never sent
 * @param {PendingOp} second
 * @returns {PendingOp | null} one operation that does what both would, or null
 */
function merge(first, second) {
  if (first.type !== second.type) return null;
  if (first.type === "update_quantity") return first.data.lineId === second.data.lineId ? second : null;
  if (first.type !== "add_item" || (second.data.remark ?? "") !== (first.data.remark ?? "")) return null;
  const same =
    pairKey(first.data.cuisineId ?? 0, first.data.options) === pairKey(second.data.cuisineId ?? 0, second.data.options);
  const quantity = (first.data.quantity ?? 0) + (second.data.quantity ?? 0);
  return same && quantity <= MOST_PER_LINE ? { ...first, data: { ...first.data, quantity } } : null;
}

/**
 * Takes one back from an add that has not left the phone.
 *
 * @param {PendingOp[]} ops
 * @param {string} pair
 * @returns {PendingOp[]} unchanged when nothing can be taken back
 */
export function retract(ops, pair) {
  let index = ops.length - 1;
  while (index >= 0 && !isUnsentAdd(ops[index], pair)) index -= 1;
  const op = ops[index];
  if (!op) return ops;
  const quantity = (op.data.quantity ?? 1) - 1;
  const rest = quantity > 0 ? [{ ...op, data: { ...op.data, quantity } }] : [];
  return [...ops.slice(0, index), ...rest, ...ops.slice(index + 1)];
}

/**
 * @param {PendingOp | undefined} op
 * @param {string} pair
 * @returns {boolean}
 */
function isUnsentAdd(op, pair) {
  return op?.type === "add_item" && op.tries === 0 && pairKey(op.data.cuisineId ?? 0, op.data.options) === pair;
}

/**
 * @param {PendingOp[]} ops
 * @param {string} opId
 * @returns {PendingOp[]}
 */
export function settle(ops, opId) {
  return ops.filter((op) => op.opId !== opId);
}

/**
 * @param {PendingOp[]} ops
 * @param {string} opId
 * @returns {PendingOp[]}
 */
export function markSent(ops, opId) {
  return ops.map((op) => (op.opId === opId ? { ...op, tries: op.tries + 1 } : op));
}

/**
 * @param {PendingOp} op
 * @param {Lang} lang in which a refusal shall say why
 * @returns {{type: string, opId: string, data: PendingOp["data"], lang?: Lang}} the frame of docs/protocol.md §1.4
 */
export function frameOf(op, lang) {
  return { type: op.type, opId: op.opId, data: op.data, ...(lang === "en" ? { lang } : {}) };
}

/**
 * The server's cart with what is still under way laid over it, each touched line marked.
 *
 * @param {Cart | null} cart
 * @param {PendingOp[]} ops
 * @param {(cuisineId: number) => Cuisine | undefined} dish
 * @param {number} userId
 * @returns {ShownCart}
 */
export function overlay(cart, ops, dish, userId) {
  /** @type {ShownLine[]} */
  let lines = (cart?.items ?? []).map((line) => ({
    ...line,
    unitFen: Math.round(toFen(line.subtotalAmount) / line.quantity),
    pending: false,
    ghost: false,
  }));
  for (const op of ops) lines = lay(lines, op, dish, userId);
  const totalFen = lines.reduce((sum, line) => sum + lineFen(line), 0);
  const totalQuantity = lines.reduce((sum, line) => sum + line.quantity, 0);
  return { lines, totalFen, totalQuantity, pending: ops.length > 0 };
}

/**
 * @param {ShownLine} line
 * @returns {number} fen
 */
export function lineFen(line) {
  return line.unitFen * line.quantity;
}

/**
 * @param {ShownLine[]} lines
 * @param {PendingOp} op
 * @param {(cuisineId: number) => Cuisine | undefined} dish
 * @param {number} userId
 * @returns {ShownLine[]}
 */
function lay(lines, op, dish, userId) {
  switch (op.type) {
    case "clear_cart":
      return [];
    case "remove_item":
      return lines.filter((line) => line.lineId !== op.data.lineId);
    case "update_quantity": {
      const quantity = op.data.quantity ?? 0;
      if (quantity === 0) return lines.filter((line) => line.lineId !== op.data.lineId);
      return lines.map((line) => (line.lineId === op.data.lineId ? { ...line, quantity, pending: true } : line));
    }
    case "add_item":
      return layAdd(lines, op, dish, userId);
  }
}

/**
 * @param {ShownLine[]} lines
 * @param {PendingOp} op
 * @param {(cuisineId: number) => Cuisine | undefined} dish
 * @param {number} userId
 * @returns {ShownLine[]}
 */
function layAdd(lines, op, dish, userId) {
  const { cuisineId = 0, quantity = 1, options = [], remark } = op.data;
  const pair = pairKey(cuisineId, options);
  const at = lines.findIndex((line) => pairKey(line.cuisineId, line.options) === pair);
  const known = lines[at];
  if (known) {
    const sum = Math.min(MOST_PER_LINE, known.quantity + quantity);
    return lines.map((line, i) =>
      i === at ? { ...line, quantity: sum, remark: remark || line.remark, pending: true } : line,
    );
  }
  const cuisine = dish(cuisineId);
  if (!cuisine) return lines;
  const unitFen = unitPriceFen(cuisine, options);
  return [
    ...lines,
    {
      lineId: 0,
      cuisineId,
      cuisineName: cuisine.cuisineName,
      unitPrice: unitFen / 100,
      unitFen,
      quantity,
      subtotalAmount: (unitFen * quantity) / 100,
      addUserId: userId,
      remark: remark ?? "",
      options,
      pending: true,
      ghost: true,
    },
  ];
}

/**
 * @param {Cuisine} cuisine
 * @param {ChosenOption[]} options
 * @returns {number} fen for one, options included
 */
export function unitPriceFen(cuisine, options) {
  let fen = toFen(cuisine.unitPrice);
  for (const { name, value } of options) {
    const group = cuisine.options.find((candidate) => candidate.name === name);
    const chosen = group?.values.find((candidate) => candidate.value === value);
    fen += toFen(chosen?.priceDelta ?? 0);
  }
  return fen;
}
