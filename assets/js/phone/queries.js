// Questions asked of the phone's state. Pure; shared by the steps that change it and the views that show it.

import { toFen } from "../shared/money.js";
import { secondsUntil } from "../shared/time.js";
import { overlay, pairKey } from "./outbox.js";

/** @import {BillPart, Cuisine, Menu, Order} from "../types.js" */
/** @import {ShownCart, ShownLine} from "./outbox.js" */
/** @import {PhoneState} from "./state.js" */

/** An order is urged at most once a minute; the server keeps the same rule. */
const URGE_EVERY_MS = 60_000;

/** The waiter is called at most once a minute; the server keeps the same rule. */
const CALL_EVERY_MS = 60_000;

/** In place of an order's id: the party's whole bill, or a part of it, is being paid. */
export const THE_BILL = 0;

/** @type {WeakMap<Menu, Map<number, Cuisine>>} */
const indexed = new WeakMap();

/**
 * @param {PhoneState} state
 * @param {number} cuisineId
 * @returns {Cuisine | undefined}
 */
export function dishOf({ menu }, cuisineId) {
  if (!menu) return undefined;
  let index = indexed.get(menu);
  if (!index) {
    index = new Map(menu.categories.flatMap((category) => category.cuisines.map((dish) => [dish.cuisineId, dish])));
    indexed.set(menu, index);
  }
  return index.get(cuisineId);
}

/**
 * @typedef {object} Shortage a dish of the cart that cannot be had as it is there
 * @property {number} cuisineId
 * @property {string} name
 * @property {number} left pieces that can still be had
 */

/**
 * @param {PhoneState} state
 * @returns {Shortage[]} each dish once, in the cart's order
 */
export function shortages(state) {
  /** @type {Map<number, {name: string, wanted: number}>} */
  const dishes = new Map();
  for (const { cuisineId, cuisineName, quantity } of shownCart(state).lines) {
    dishes.set(cuisineId, { name: cuisineName, wanted: quantity + (dishes.get(cuisineId)?.wanted ?? 0) });
  }
  return [...dishes].flatMap(([cuisineId, { name, wanted }]) => {
    const left = leftOf(state, cuisineId);
    return left !== null && left < wanted ? [{ cuisineId, name, left }] : [];
  });
}

/**
 * @param {PhoneState} state
 * @param {number} cuisineId
 * @returns {number | null} pieces that can be had; null = as many as anybody wants
 */
export function leftOf(state, cuisineId) {
  if (!state.menu) return null;
  const dish = dishOf(state, cuisineId);
  return !dish || dish.soldOut ? 0 : (dish.left ?? null);
}

/**
 * @param {PhoneState} state
 * @param {"waiter" | "bill"} what
 * @returns {number} seconds until it may be asked for again; 0 = now
 */
export function callWait(state, what) {
  const left = (state.calledAt[what] ?? -CALL_EVERY_MS) + CALL_EVERY_MS - state.now;
  return secondsUntil(left, CALL_EVERY_MS);
}

/**
 * @param {PhoneState} state
 * @returns {boolean} whether the party pays all its rounds together, at the end
 */
export function hasBill({ bill, pay }) {
  return pay.mode === "later" && bill !== null;
}

/**
 * @param {PhoneState} state
 * @returns {BillPart[]} the parts somebody has to pay or has paid; a bill in one piece has none
 */
export function partsOf({ bill }) {
  const parts = (bill?.bill?.parts ?? []).filter((part) => part.state !== "void");
  return parts.length > 1 ? parts : [];
}

/**
 * @typedef {object} Due what the pay dialog is about
 * @property {number} fen
 * @property {Order | null} order null = the bill, or a part of it
 * @property {BillPart | null} part
 */

/**
 * @param {PhoneState} state
 * @returns {Due | null} null = nothing is left to pay of it
 */
export function dueOf(state) {
  const { paying, bill } = state;
  if (!paying) return null;
  if (paying.orderId !== THE_BILL) {
    const order = state.orders.get(paying.orderId)?.value;
    return order && isPayable(state, order) ? { fen: toFen(order.amount), order, part: null } : null;
  }
  if (!bill || toFen(bill.owed) <= 0) return null;
  if (paying.partId === null) return { fen: toFen(bill.owed), order: null, part: null };
  const part = partsOf(state).find(({ partId, state: phase }) => partId === paying.partId && phase === "open");
  return part ? { fen: toFen(part.amount), order: null, part } : null;
}

/**
 * @param {PhoneState} state
 * @returns {ShownCart}
 */
export function shownCart(state) {
  return overlay(state.cart, state.ops, (id) => dishOf(state, id), state.session?.userId ?? 0);
}

/**
 * @param {PhoneState} state
 * @param {number} userId
 * @returns {number} 0 = me, 1… = the others, as this phone met them
 */
export function personIndex(state, userId) {
  return Math.max(0, state.people.indexOf(userId));
}

/**
 * @param {PhoneState} state
 * @returns {Order[]} newest first
 */
export function ordersNewestFirst(state) {
  return [...state.orders.values()].map((told) => told.value).sort((a, b) => b.orderId - a.orderId);
}

/**
 * @param {PhoneState} state
 * @param {Order} order
 * @returns {boolean}
 */
export function isPayable(state, order) {
  if (order.payStatus !== 0 || !takesMoney(state)) return false;
  // An order on the bill is paid with the bill.
  if (hasBill(state)) return false;
  return order.status === 1 || (state.pay.mode === "later" && order.status !== 6);
}

/**
 * @param {PhoneState} state
 * @returns {boolean}
 */
export function takesMoney({ pay }) {
  return pay.providers.length > 0 || pay.counter;
}

/**
 * @param {Order} order
 * @returns {boolean}
 */
export function isUrgeable(order) {
  return order.status === 2 || order.status === 3 || order.status === 4;
}

/**
 * @param {Order} order
 * @returns {boolean} the diner may withdraw it while it is unpaid and nobody cooks
 */
export function isCancellable(order) {
  return order.payStatus === 0 && (order.status === 1 || order.status === 2);
}

/**
 * @param {PhoneState} state
 * @param {number} orderId
 * @returns {number} seconds until it may be urged again; 0 = now
 */
export function urgeWait(state, orderId) {
  const left = (state.urgedAt[orderId] ?? -URGE_EVERY_MS) + URGE_EVERY_MS - state.now;
  return secondsUntil(left, URGE_EVERY_MS);
}

/**
 * @param {PhoneState} state
 * @param {string} pair
 * @returns {ShownLine | undefined}
 */
export function lineOf(state, pair) {
  return shownCart(state).lines.find((line) => pairKey(line.cuisineId, line.options) === pair);
}

/**
 * @param {PhoneState} state
 * @param {number} cuisineId
 * @returns {ShownLine | undefined} undefined when several lines have the dish: which one is meant is for the cart to say
 */
export function onlyLineOf(state, cuisineId) {
  const lines = shownCart(state).lines.filter((line) => line.cuisineId === cuisineId);
  return lines.length === 1 ? lines[0] : undefined;
}
