// Steps of `apply` for the dialog in which an unpaid order's way to pay is chosen and waited for.

import { isPayable } from "./queries.js";

/** @import {Payment} from "../types.js" */
/** @import {PhoneState} from "./state.js" */

/** The way that needs no provider. */
export const COUNTER = "counter";

/** Refusals after which paying here is not worth another try just now. */
const OUT_OF_ORDER = ["PAYMENT_UNCONFIRMED", "PAYMENT_REFUSED", "UNREACHABLE", "BUSY"];

/**
 * @typedef {object} Paying
 * @property {number} orderId
 * @property {string} way "" = being chosen, COUNTER, or a provider's name
 * @property {Payment | null} payment what that provider waits for
 * @property {boolean} plain the payment's QR code could not be shown: its address is, as text
 * @property {{code: string, said: string} | null} trouble why the last try failed
 */

/**
 * @param {PhoneState} state
 * @param {number} orderId
 * @returns {PhoneState}
 */
export function openPay(state, orderId) {
  const way = state.pay.providers.length === 0 ? COUNTER : "";
  return { ...state, paying: { orderId, way, payment: null, plain: false, trouble: null } };
}

/**
 * @param {PhoneState} state
 * @param {string} way
 * @returns {PhoneState}
 */
export function chooseWay(state, way) {
  return state.paying ? { ...state, paying: { ...state.paying, way, payment: null, plain: false, trouble: null } } : state;
}

/**
 * An answer for what nobody waits for any more changes nothing.
 *
 * @param {PhoneState} state
 * @param {number} orderId
 * @param {Payment} payment
 * @returns {PhoneState}
 */
export function paymentOpened(state, orderId, payment) {
  const { paying } = state;
  if (paying?.orderId !== orderId || paying.way !== payment.provider) return state;
  return { ...state, paying: { ...paying, payment } };
}

/**
 * @param {PhoneState} state
 * @param {{orderId: number, provider: string, code: string, said: string}} refusal
 * @returns {PhoneState}
 */
export function payRefused(state, { orderId, provider, code, said }) {
  const { paying } = state;
  if (paying?.orderId !== orderId || paying.way !== provider) return state;
  return { ...state, paying: { ...paying, way: "", payment: null, trouble: { code, said } } };
}

/**
 * Paid (perhaps by another phone, or at the counter), cancelled, or gone: the dialog has nothing to ask any more.
 *
 * @param {PhoneState} state
 * @returns {PhoneState}
 */
export function endPaying(state) {
  if (!state.paying) return state;
  const order = state.orders.get(state.paying.orderId)?.value;
  return order && isPayable(state, order) ? state : { ...state, paying: null };
}

/**
 * @param {PhoneState} state
 * @returns {boolean} whether the counter is the way to name first
 */
export function isOutOfOrder({ pay, paying }) {
  return pay.online === false || OUT_OF_ORDER.includes(paying?.trouble?.code ?? "");
}

/**
 * @param {PhoneState} state
 * @returns {string[]} providers, the app that shows this page first: it needs no second one
 */
export function providersInOrder({ pay, app }) {
  return [...pay.providers].sort((a, b) => Number(b === app) - Number(a === app));
}

/**
 * @param {Payment} payment
 * @returns {string | null} an address that a browser may open; WeChat's `weixin://` is for its scanner only
 */
export function pageOf({ codeUrl }) {
  return /^https?:\/\//i.test(codeUrl) ? codeUrl : null;
}
