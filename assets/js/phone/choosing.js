// Steps of `apply` for taps that change the cart, and for the dialog that chooses a dish's options. Each tap becomes one pending operation.

import { enqueue, pairKey, retract, MOST_PER_LINE } from "./outbox.js";
import { dishOf, lineOf } from "./queries.js";

/** @import {ChosenOption} from "../types.js" */
/** @import {PendingOp, ShownLine} from "./outbox.js" */
/** @import {Chooser, Intent, PhoneState} from "./state.js" */

/**
 * @param {PhoneState} state
 * @param {PendingOp} op
 * @returns {PhoneState}
 */
export function queue(state, op) {
  return { ...state, ops: enqueue(state.ops, op), changed: false };
}

/**
 * @param {PhoneState} state
 * @param {number} cuisineId
 * @param {string} opId
 * @returns {PhoneState}
 */
export function addOrChoose(state, cuisineId, opId) {
  const dish = dishOf(state, cuisineId);
  if (!dish || dish.soldOut) return state;
  if (dish.options.length > 0) return openChooser(state, cuisineId);
  return queue(state, { opId, type: "add_item", data: { cuisineId, quantity: 1, remark: null, options: [] }, tries: 0 });
}

/**
 * One more is an `add`, not "set to n": two phones tapping at the same moment then make two more, not one.
 *
 * @param {PhoneState} state
 * @param {ShownLine} line
 * @param {string} opId
 * @returns {PhoneState}
 */
export function addOne(state, line, opId) {
  if (line.quantity >= MOST_PER_LINE) return state;
  const data = { cuisineId: line.cuisineId, quantity: 1, remark: null, options: line.options ?? [] };
  return queue(state, { opId, type: "add_item", data, tries: 0 });
}

/**
 * @param {PhoneState} state
 * @param {ShownLine} line
 * @param {string} opId
 * @returns {PhoneState}
 */
export function takeOne(state, line, opId) {
  const ops = retract(state.ops, pairKey(line.cuisineId, line.options));
  if (ops !== state.ops) return { ...state, ops, changed: false };
  if (line.ghost) return state;
  if (line.quantity <= 1) return queue(state, { opId, type: "remove_item", data: { lineId: line.lineId }, tries: 0 });
  return queue(state, { opId, type: "update_quantity", data: { lineId: line.lineId, quantity: line.quantity - 1 }, tries: 0 });
}

/**
 * @param {PhoneState} state
 * @param {number} cuisineId
 * @returns {PhoneState}
 */
export function openChooser(state, cuisineId) {
  const dish = dishOf(state, cuisineId);
  if (!dish) return state;
  const options = dish.options
    .filter((group) => !group.multiple && group.values.length > 0)
    .map((group) => ({ name: group.name, value: /** @type {any} */ (group.values[0]).value }));
  return { ...state, chooser: { cuisineId, options, quantity: 1, remark: "", pair: null } };
}

/**
 * @param {PhoneState} state
 * @param {string} pair
 * @returns {PhoneState}
 */
export function openRemark(state, pair) {
  const line = lineOf(state, pair);
  if (!line || line.ghost) return state;
  const { cuisineId, options = [], quantity, remark } = line;
  return { ...state, chooser: { cuisineId, options, quantity, remark: remark ?? "", pair } };
}

/**
 * @param {Chooser} chooser
 * @param {Extract<Intent, {type: "chooser.pick" | "chooser.quantity" | "chooser.remark"}>} message
 * @returns {Chooser}
 */
export function choose(chooser, message) {
  if (message.type === "chooser.remark") return { ...chooser, remark: message.text };
  if (message.type === "chooser.quantity") return { ...chooser, quantity: clamp(chooser.quantity + message.by, 1, MOST_PER_LINE) };
  const { name, value, multiple } = message;
  const picked = chooser.options.some((option) => option.name === name && option.value === value);
  const others = chooser.options.filter((option) => option.name !== name || (multiple && option.value !== value));
  return { ...chooser, options: picked && multiple ? others : [...others, { name, value }] };
}

/**
 * @param {PhoneState} state
 * @param {string} opId
 * @returns {PhoneState}
 */
export function confirmChooser(state, opId) {
  const chooser = state.chooser;
  if (!chooser) return state;
  const closed = { ...state, chooser: null };
  if (chooser.pair !== null) return rewriteRemark(closed, chooser, opId);
  const { cuisineId, quantity, options } = chooser;
  const data = { cuisineId, quantity, remark: chooser.remark.trim() || null, options: inMenuOrder(state, cuisineId, options) };
  return queue(closed, { opId, type: "add_item", data, tries: 0 });
}

/**
 * The wire has no "set remark": adding the same pair with a new remark replaces it. So one is added with the new remark and the
 * quantity is put back, in that order, that the line never disappears between the two.
 *
 * @param {PhoneState} state
 * @param {Chooser} chooser
 * @param {string} opId
 * @returns {PhoneState}
 */
function rewriteRemark(state, chooser, opId) {
  const line = lineOf(state, chooser.pair ?? "");
  const remark = chooser.remark.trim();
  if (!line || line.ghost || !remark || remark === line.remark || line.quantity >= MOST_PER_LINE) return state;
  const { cuisineId, options = [], lineId, quantity } = line;
  const added = queue(state, { opId, type: "add_item", data: { cuisineId, quantity: 1, remark, options }, tries: 0 });
  return queue(added, { opId: `${opId}-2`, type: "update_quantity", data: { lineId, quantity }, tries: 0 });
}

/**
 * @param {PhoneState} state
 * @param {number} cuisineId
 * @param {ChosenOption[]} options
 * @returns {ChosenOption[]}
 */
function inMenuOrder(state, cuisineId, options) {
  const groups = dishOf(state, cuisineId)?.options ?? [];
  return groups.flatMap((group) =>
    group.values
      .filter(({ value }) => options.some((option) => option.name === group.name && option.value === value))
      .map(({ value }) => ({ name: group.name, value })),
  );
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 * @returns {number}
 */
export function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}
