// Small steps that both halves of the counter's `apply` take.

/** @import {CounterNotice, CounterState, Intent} from "./state.js" */

/**
 * @typedef {Extract<Intent, {type:
 *   "ack" | "accept" | "act" | "admit" | "shop.set" | "speaker.test" | "backup" | "clock.confirm" | "take" | "scan" | "refund" | "resolve" | "claim" | "reconcile"
 * }>} Request
 */

/**
 * @param {CounterState} state
 * @param {CounterNotice} text
 * @param {string} id
 * @returns {CounterState}
 */
export function say(state, text, id) {
  return { ...state, notice: { tone: "info", text, id } };
}

/**
 * @param {CounterState} state
 * @param {{code: string, said: string}} refusal
 * @param {string} id
 * @returns {CounterState}
 */
export function refuse(state, { code, said }, id) {
  return { ...state, notice: { tone: "error", text: { code, said }, id } };
}

/**
 * @param {CounterState} state
 * @param {Request} intent
 * @returns {CounterState}
 */
export function occupy(state, intent) {
  return { ...state, busy: [...state.busy, busyKey(intent)] };
}

/**
 * @param {Request} intent
 * @returns {string}
 */
export function busyKey(intent) {
  switch (intent.type) {
    case "ack":
    case "accept":
      return `alert ${intent.alertId}`;
    case "act":
    case "take":
    case "scan":
    case "refund":
      return `order ${intent.orderId}`;
    case "resolve":
      return `review ${intent.reviewId}`;
    case "claim":
      return `unclaimed ${intent.unclaimedId}`;
    case "admit":
      return `admit ${intent.requestId}`;
    case "shop.set":
      return "shop";
    case "speaker.test":
      return "speaker test";
    case "backup":
      return "backup";
    case "clock.confirm":
      return "clock";
    case "reconcile":
      return "reconcile";
  }
}
