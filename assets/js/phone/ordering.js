// Steps of `apply` for snapshots, orders and notices.

import { mergeFetched, tell } from "../shared/merge.js";
import { shortages } from "./queries.js";

/** @import {Cart, Category, Menu, Order} from "../types.js" */
/** @import {PhoneNotice, PhoneState} from "./state.js" */

/**
 * @param {PhoneState} state
 * @param {PhoneNotice} text
 * @param {string} id
 * @param {"info" | "error"} [tone]
 * @returns {PhoneState}
 */
export function say(state, text, id, tone = "info") {
  return { ...state, notice: { tone, text, id } };
}

/**
 * @param {PhoneState} state
 * @param {{code: string, said: string}} refusal
 * @param {string} id
 * @returns {PhoneState}
 */
export function refuse(state, { code, said }, id) {
  return say(state, { code, said }, id, "error");
}

/**
 * @param {PhoneState} state
 * @param {Menu} menu
 * @returns {PhoneState}
 */
export function withMenu(state, menu) {
  const known = menu.categories.some((category) => category.categoryId === state.category);
  const categories = keepSame(state.menu?.categories ?? [], menu.categories);
  return {
    ...state,
    menu: { ...menu, categories },
    category: known ? state.category : (menu.categories[0]?.categoryId ?? 0),
  };
}

/**
 * A dish that did not change stays the object it was: three hundred rows need not be drawn again because one is sold out.
 *
 * @param {Category[]} before
 * @param {Category[]} now
 * @returns {Category[]}
 */
function keepSame(before, now) {
  const known = new Map(before.flatMap((category) => category.cuisines.map((dish) => [dish.cuisineId, dish])));
  return now.map((category) => ({
    ...category,
    cuisines: category.cuisines.map((dish) => {
      const old = known.get(dish.cuisineId);
      return old && JSON.stringify(old) === JSON.stringify(dish) ? old : dish;
    }),
  }));
}

/**
 * Snapshots carry a version, so one that was overtaken on another path is dropped. Each table counts for itself: a party that was
 * moved while this phone was away learns it from its cart.
 *
 * @param {PhoneState} state
 * @param {Cart | null} cart
 * @param {string} id
 * @returns {PhoneState}
 */
export function withCart(state, cart, id) {
  if (!cart) return state;
  if (state.session && cart.tableId !== state.session.tableId) {
    return meet({ ...moved(state, cart, id), cart }, cart.items);
  }
  if (state.cart && cart.version < state.cart.version) return state;
  return meet({ ...state, cart }, cart.items);
}

/**
 * 转台, 并台: the party goes on at another table, with the same session.
 *
 * @param {PhoneState} state
 * @param {{tableId: number, tableNumber: string}} to
 * @param {string} id
 * @returns {PhoneState}
 */
export function moved(state, { tableId, tableNumber }, id) {
  const { session } = state;
  if (!session || session.tableId === tableId) return state;
  // What was being ordered has met another table's cart, perhaps: it is looked at again. If it did arrive, the order list has it.
  const again = state.submission ? { submission: null, changed: true, sheet: /** @type {const} */ ("cart") } : {};
  const next = { ...state, session: { ...session, tableId, tableNumber }, cart: null, bill: null, ...again };
  return say(next, { key: "moved", vars: { number: tableNumber } }, id);
}

/**
 * @param {PhoneState} state
 * @param {Order} order
 * @returns {PhoneState}
 */
export function withOrder(state, order) {
  return meet({ ...state, orders: tell(state.orders, order.orderId, order, state.tick) }, order.items);
}

/**
 * @param {PhoneState} state
 * @param {Order[]} fetched
 * @param {number} asOf
 * @returns {PhoneState}
 */
export function withOrders(state, fetched, asOf) {
  const orders = mergeFetched(state.orders, fetched, (order) => order.orderId, asOf);
  return meet(
    { ...state, orders },
    fetched.flatMap((order) => order.items),
  );
}

/**
 * @param {PhoneState} state
 * @param {{addUserId: number}[]} lines
 * @returns {PhoneState}
 */
function meet(state, lines) {
  const fresh = [...new Set(lines.map((line) => line.addUserId))].filter((id) => !state.people.includes(id));
  return fresh.length > 0 ? { ...state, people: [...state.people, ...fresh] } : state;
}

/**
 * Says aloud what a phone lying on the table should tell: the order moved, or was paid (perhaps by another phone).
 *
 * @param {PhoneState} state
 * @param {Order} order
 * @param {string} id
 * @returns {PhoneState}
 */
export function announce(state, order, id) {
  const was = state.orders.get(order.orderId)?.value;
  const moved = was && (was.status !== order.status || was.payStatus !== order.payStatus);
  const next = withOrder(state, order);
  return moved ? say(next, { order }, id) : next;
}

/**
 * @param {PhoneState} state
 * @param {string} opId
 * @returns {PhoneState}
 */
export function submit(state, opId) {
  if (state.submission || state.ops.length > 0 || !state.cart || state.cart.items.length === 0) return state;
  if (shortages(state).length > 0) return { ...state, sheet: "cart" };
  const { version } = state.cart;
  const submission = { opId, version, remark: state.remark.trim(), dinersCount: state.diners, packed: state.packed };
  return { ...state, submission, changed: false };
}

/**
 * @param {PhoneState} state
 * @param {Order} order
 * @param {string} id
 * @returns {PhoneState}
 */
export function submitted(state, order, id) {
  const next = withOrder(
    { ...state, submission: null, changed: false, remark: "", packed: false, sheet: "orders" },
    order,
  );
  return say(next, { key: order.status === 1 ? "orderPlacedPay" : "orderPlaced" }, id);
}

/**
 * @param {PhoneState} state
 * @param {{code: string, said: string, cart: Cart | null}} refusal
 * @param {string} id
 * @returns {PhoneState}
 */
export function submitRefused(state, refusal, id) {
  const next = withCart({ ...state, submission: null }, refusal.cart, id);
  if (refusal.code !== "CART_CHANGED") return refuse(next, refusal, id);
  return { ...next, changed: true, sheet: "cart", notice: null };
}
