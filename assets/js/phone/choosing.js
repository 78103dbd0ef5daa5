// Steps of `apply` for taps that change the cart, and for the dialog that chooses a dish's options. Each tap becomes one pending operation.

import { enqueue, MOST_PER_LINE, pairKey, retract } from "./outbox.js";
import { dishOf, leftOf, lineOf, shortages, shownCart } from "./queries.js";

/** @import {ChosenOption, Cuisine, OptionGroup} from "../types.js" */
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
  if (spare(state, cuisineId) < 1) return state;
  return queue(state, {
    opId,
    type: "add_item",
    data: { cuisineId, quantity: 1, remark: null, options: [] },
    tries: 0,
  });
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
  if (line.quantity >= MOST_PER_LINE || spare(state, line.cuisineId) < 1) return state;
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
  return queue(state, {
    opId,
    type: "update_quantity",
    data: { lineId: line.lineId, quantity: line.quantity - 1 },
    tries: 0,
  });
}

/**
 * @param {PhoneState} state
 * @param {number} cuisineId
 * @returns {number} pieces that may still be added at this table
 */
export function spare(state, cuisineId) {
  const wanted = shownCart(state).lines.reduce(
    (sum, line) => sum + (line.cuisineId === cuisineId ? line.quantity : 0),
    0,
  );
  return (leftOf(state, cuisineId) ?? Infinity) - wanted;
}

/**
 * One tap makes the cart one that can be ordered: what cannot be had any more leaves it, the latest lines first.
 *
 * @param {PhoneState} state
 * @param {string} opId
 * @returns {PhoneState}
 */
export function fitCart(state, opId) {
  let next = state;
  for (const { cuisineId, left } of shortages(state)) {
    let room = left;
    for (const { lineId, quantity, ghost, cuisineId: dish } of shownCart(state).lines) {
      if (dish !== cuisineId || ghost) continue;
      const kept = Math.min(quantity, room);
      room -= kept;
      if (kept === quantity) continue;
      /** @type {PendingOp} */
      const op =
        kept === 0
          ? { opId: `${opId}-${lineId}`, type: "remove_item", data: { lineId }, tries: 0 }
          : { opId: `${opId}-${lineId}`, type: "update_quantity", data: { lineId, quantity: kept }, tries: 0 };
      next = queue(next, op);
    }
  }
  return next;
}

/**
 * Where nothing has to be chosen and the first value costs nothing, it is the usual one. What has to be chosen, a person chooses.
 *
 * @param {OptionGroup} group
 * @returns {ChosenOption[]}
 */
function usual({ name, multiple, required, values: [first, ...others] }) {
  const settled = required ? others.length === 0 : first?.priceDelta === 0;
  return first && !multiple && settled ? [{ name, value: first.value }] : [];
}

/**
 * @param {Cuisine} dish
 * @param {ChosenOption[]} chosen
 * @returns {OptionGroup[]} those that nothing was chosen of, although something has to be
 */
export function unanswered(dish, chosen) {
  return dish.options.filter((group) => group.required && !chosen.some((option) => option.name === group.name));
}

/**
 * @param {PhoneState} state
 * @param {number} cuisineId
 * @returns {PhoneState}
 */
export function openChooser(state, cuisineId) {
  const dish = dishOf(state, cuisineId);
  if (!dish) return state;
  const options = dish.options.flatMap(usual);
  return { ...state, chooser: { cuisineId, options, quantity: 1, remark: "", pair: null, asked: false } };
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
  return { ...state, chooser: { cuisineId, options, quantity, remark: remark ?? "", pair, asked: false } };
}

/**
 * @param {Chooser} chooser
 * @param {Extract<Intent, {type: "chooser.pick" | "chooser.drop" | "chooser.quantity" | "chooser.remark"}>} message
 * @returns {Chooser}
 */
export function choose(chooser, message) {
  if (message.type === "chooser.remark") return { ...chooser, remark: message.text };
  if (message.type === "chooser.quantity")
    return { ...chooser, quantity: clamp(chooser.quantity + message.by, 1, MOST_PER_LINE) };
  if (message.type === "chooser.drop")
    return { ...chooser, options: chooser.options.filter((option) => option.name !== message.name) };
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
  const dish = dishOf(state, cuisineId);
  if (dish && unanswered(dish, options).length > 0) return { ...state, chooser: { ...chooser, asked: true } };
  const data = {
    cuisineId,
    quantity,
    remark: chooser.remark.trim() || null,
    options: inMenuOrder(state, cuisineId, options),
  };
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
      .map(({ value }) => ({ name: group.name, value, ...(group.dish ? { dish: group.dish } : {}) })),
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
