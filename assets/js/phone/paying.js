// Steps of `apply` for the dialog in which an unpaid order's way to pay is chosen and waited for.

import { toFen } from "../shared/money.js";
import { say } from "./ordering.js";
import { dueOf, partsOf, THE_BILL } from "./queries.js";

/** @import {Payment} from "../types.js" */
/** @import {Left, PhoneState} from "./state.js" */

/** The way that needs no provider. */
export const COUNTER = "counter";

/** A member's prepaid card. */
export const BALANCE = "balance";

/** Refusals after which paying here is not worth another try just now. */
const OUT_OF_ORDER = ["PAYMENT_UNCONFIRMED", "PAYMENT_REFUSED", "PROVIDER_SILENT", "UNREACHABLE", "BUSY"];

/**
 * @typedef {object} Paying
 * @property {number} orderId THE_BILL = the party's bill
 * @property {number | null} partId of the bill; null = all of what is owed
 * @property {string} way "" = being chosen, COUNTER, BALANCE, or a provider's name
 * @property {Payment | null} payment what that provider waits for
 * @property {boolean} plain the payment's QR code could not be shown: its address is, as text
 * @property {{code: string, said: string} | null} trouble why the last try failed
 */

/**
 * @param {PhoneState} state
 * @param {number} orderId
 * @param {number | null} [partId]
 * @returns {PhoneState}
 */
export function openPay(state, orderId, partId = null) {
  const way = state.pay.providers.length === 0 && !state.card ? COUNTER : "";
  return { ...state, left: null, paying: { orderId, partId, way, payment: null, plain: false, trouble: null } };
}

/**
 * @param {PhoneState} state
 * @param {string} way
 * @returns {PhoneState}
 */
export function chooseWay(state, way) {
  return state.paying
    ? { ...state, paying: { ...state.paying, way, payment: null, plain: false, trouble: null } }
    : state;
}

/**
 * An answer for what nobody waits for any more changes nothing.
 *
 * @param {PhoneState} state
 * @param {{orderId: number, partId?: number | null, payment: Payment}} opened
 * @returns {PhoneState}
 */
export function paymentOpened(state, { orderId, partId = null, payment }) {
  const { paying } = state;
  if (paying?.orderId !== orderId || paying.partId !== partId || paying.way !== payment.provider) return state;
  return { ...state, left: { orderId, partId }, paying: { ...paying, payment } };
}

/**
 * What was being paid when the page was left is paid: that is the first thing that whoever comes back wants to know.
 *
 * @param {PhoneState} state
 * @param {string} id
 * @returns {PhoneState}
 */
export function welcomeBack(state, id) {
  const { left } = state;
  if (!left || state.phase !== "ready") return state;
  if (left.orderId === THE_BILL) {
    return isBillPaid(state, left)
      ? say({ ...state, left: null, sheet: state.sheet ?? "bill" }, { key: "billPaid" }, id)
      : state;
  }
  const order = state.orders.get(left.orderId)?.value;
  if (!order || (order.payStatus === 0 && order.status !== 6)) return state;
  return say({ ...state, left: null, sheet: state.sheet ?? "orders" }, { order }, id);
}

/**
 * @param {PhoneState} state
 * @param {Left} left
 * @returns {boolean}
 */
function isBillPaid(state, { partId }) {
  if (!state.bill) return false;
  if (partId === null) return toFen(state.bill.owed) <= 0;
  return partsOf(state).some((part) => part.partId === partId && part.state === "paid");
}

/**
 * @param {PhoneState} state
 * @param {{orderId: number, partId?: number | null, provider: string, code: string, said: string}} refusal
 * @returns {PhoneState}
 */
export function payRefused(state, { orderId, partId = null, provider, code, said }) {
  const { paying } = state;
  if (paying?.orderId !== orderId || paying.partId !== partId || paying.way !== provider) return state;
  return { ...state, paying: { ...paying, way: "", payment: null, trouble: { code, said } } };
}

/**
 * Paid (perhaps by another phone, or at the counter), cancelled, or gone: the dialog has nothing to ask any more.
 *
 * @param {PhoneState} state
 * @returns {PhoneState}
 */
export function endPaying(state) {
  return state.paying && !dueOf(state) ? { ...state, paying: null } : state;
}

/**
 * @param {PhoneState} state
 * @param {number | null} partId
 * @returns {PhoneState}
 */
export function openBillPay(state, partId) {
  return openPay(state, THE_BILL, partId);
}

/**
 * @param {PhoneState} state
 * @returns {boolean} whether the counter is the way to name first
 */
export function isOutOfOrder({ pay, paying }) {
  return !pay.online || OUT_OF_ORDER.includes(paying?.trouble?.code ?? "");
}

/**
 * @param {PhoneState} state
 * @returns {string[]} providers, the app that shows this page first: it needs no second one
 */
export function providersInOrder({ pay, app }) {
  return pay.providers.filter((name) => name !== BALANCE).sort((a, b) => Number(b === app) - Number(a === app));
}

/**
 * @param {Payment} payment
 * @returns {string | null} an address that a browser may open; WeChat's `weixin://` is for its scanner only
 */
export function pageOf({ codeUrl }) {
  return /^https?:\/\//i.test(codeUrl) ? codeUrl : null;
}
