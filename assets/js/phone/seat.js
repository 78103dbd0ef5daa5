// Steps of `apply` for where this phone sits: it joins, it is found to sit at another table, it comes back. One phone, one party.

import { moved, say } from "./ordering.js";
import { THE_BILL } from "./queries.js";

/** @import {Seat, Session} from "../types.js" */
/** @import {Kept, PhoneState} from "./state.js" */

/**
 * What an earlier load of the page left is taken up again. Not so its unsent changes where the phone has sat at another table meanwhile:
 * what was tapped then is not what its user means now.
 *
 * @param {PhoneState} state
 * @param {Session} session
 * @param {Partial<Kept>} kept
 * @param {string} id
 * @returns {PhoneState}
 */
export function seated(state, session, kept, id) {
  const { ops = [], submission = null, left = null, ...rest } = kept;
  const phase = /** @type {const} */ ("ready");
  const here = { ...state, ...rest, left, phase, session, elsewhere: null, unsent: 0, people: [session.userId] };
  const given = state.elsewhere ? ops.length + Number(submission !== null) : 0;
  if (state.elsewhere) return unsentNote({ ...withoutTable(here), cart: null, orders: new Map() }, given, id);
  return { ...here, ops, submission, sheet: left && (left.orderId === THE_BILL ? "bill" : "orders") };
}

/**
 * The daemon has said once more who this phone is: perhaps another person by now, perhaps at the table where its party was moved.
 *
 * @param {PhoneState} state
 * @param {Session} session
 * @param {string} id
 * @returns {PhoneState}
 */
export function reseated(state, session, id) {
  return { ...moved(state, session, id), session, people: [...new Set([session.userId, ...state.people])] };
}

/**
 * @param {PhoneState} state
 * @param {number} count
 * @param {string} id
 * @returns {PhoneState}
 */
function unsentNote(state, count, id) {
  return count > 0 ? say(state, { key: "unsent", vars: { count } }, id) : state;
}

/**
 * Another page of this browser, or another scan, has sat down at another table. What was not sent to this one never will be.
 *
 * @param {PhoneState} state
 * @param {Seat} seat
 * @returns {PhoneState}
 */
export function sitElsewhere(state, { tableNumber, code }) {
  const unsent = state.unsent + state.ops.length + Number(state.submission !== null);
  return { ...withoutTable(state), phase: "elsewhere", elsewhere: { tableNumber, code }, unsent };
}

/**
 * @param {PhoneState} state
 * @returns {PhoneState}
 */
export function comeBack(state) {
  return state.phase === "elsewhere" ? { ...state, phase: "starting" } : state;
}

/**
 * @param {PhoneState} state
 * @returns {PhoneState} with nothing open, and nothing on its way
 */
export function withoutTable(state) {
  return {
    ...state,
    ops: [],
    submission: null,
    sheet: null,
    chooser: null,
    paying: null,
    left: null,
    question: null,
    notice: null,
    bill: null,
  };
}
