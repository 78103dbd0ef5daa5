// Questions asked of the phone's state. Pure; shared by the steps that change it and the views that show it.

import { overlay, pairKey } from "./outbox.js";

/** @import {Cuisine, Order} from "../types.js" */
/** @import {ShownCart, ShownLine} from "./outbox.js" */
/** @import {PhoneState} from "./state.js" */

/** An order is urged at most once a minute; the server keeps the same rule. */
export const URGE_EVERY_MS = 60_000;

/**
 * @param {PhoneState} state
 * @param {number} cuisineId
 * @returns {Cuisine | undefined}
 */
export function dishOf(state, cuisineId) {
  for (const category of state.menu?.categories ?? []) {
    const found = category.cuisines.find((cuisine) => cuisine.cuisineId === cuisineId);
    if (found) return found;
  }
  return undefined;
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
  if (order.payStatus !== 0 || (state.pay.providers.length === 0 && !state.pay.counter)) return false;
  return order.status === 1 || (state.pay.mode === "later" && order.status !== 6);
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
  return Math.max(0, Math.ceil(left / 1000));
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
