// The half of the counter's `apply` that is about money: what is taken and given back here, what waits for a person, the day's books.

import { parseYuan, toFen, toYuan } from "../shared/money.js";
import { occupy, say } from "./steps.js";

/** @import {Account, Ledger, PayWays, Reconciliation, Review, Unclaimed} from "../types.js" */
/** @import {CounterState, Message} from "./state.js" */
/** @import {CounterKey} from "./words.js" */

/** @typedef {"cash" | "terminal"} TillMethod */
/** @typedef {Review["actions"][number]} ReviewAction */
/** @typedef {Unclaimed["actions"][number]} ClaimAction */

/** @typedef {{code: string, said: string} | {key: CounterKey} | null} Trouble what a question says instead of closing */

/**
 * @typedef {object} RefundQuestion
 * @property {"refund"} kind
 * @property {number} orderId
 * @property {string} amount as typed
 * @property {string} reason
 * @property {string} opId the same for every try of this question, so that a second try is no second refund
 * @property {Account | null} account
 * @property {boolean} waiting
 * @property {boolean} unsure a try was sent and not answered: only the very same may be sent again
 * @property {boolean} [end] false = the order stays although all of its money goes back before anybody has accepted it
 * @property {Trouble} trouble
 */

/**
 * @typedef {(
 *   | {kind: "take", orderId: number, method: TillMethod, account: Account | null}
 *   | {kind: "scan", orderId: number, account: Account | null, waiting: boolean, trouble: Trouble}
 *   | RefundQuestion
 *   | {kind: "resolve", reviewId: number, action: ReviewAction}
 *   | {kind: "claim", unclaimedId: number, action: ClaimAction, reason: string, waiting: boolean, trouble: Trouble}
 * )} TillQuestion
 */

/**
 * @typedef {object} Books the day's money, in place of the board
 * @property {string} date yyyy-MM-dd; "" = the business day that runs now
 * @property {Ledger | null} ledger
 * @property {Reconciliation[]} reconciliations
 */

/**
 * @typedef {(
 *   | {type: "reviews", reviews: Review[]} | {type: "unclaimed", unclaimed: Unclaimed[]}
 *   | {type: "claimed", unclaimedId: number} | {type: "claim.refused", unclaimedId: number, code: string, said: string} | {type: "ways", ways: PayWays} | {type: "account", account: Account}
 *   | {type: "scanned", orderId: number, status: string} | {type: "scan.refused", orderId: number, code: string, said: string}
 *   | {type: "refunded", orderId: number} | {type: "refund.refused", orderId: number, code: string, said: string, unsure: boolean}
 *   | {type: "ledger", date: string, ledger: Ledger} | {type: "reconciliations", reconciliations: Reconciliation[]}
 * )} TillEvent
 */

/**
 * @typedef {(
 *   | {type: "take", orderId: number, method: TillMethod, fen: number} | {type: "scan", orderId: number, authCode: string}
 *   | {type: "refund", orderId: number, amount: string, reason: string} | {type: "refund.amount", text: string} | {type: "refund.end", end: boolean}
 *   | {type: "resolve", reviewId: number, action: ReviewAction}
 *   | {type: "claim", unclaimedId: number, action: ClaimAction, text: string}
 *   | {type: "books", open: boolean} | {type: "books.date", date: string} | {type: "reconcile", date: string}
 * )} TillIntent
 */

/** Ways out that send money, or say that it was handed over: a slip of the finger would cost. */
const COSTLY = ["refund", "retry", "handed_back"];

/**
 * @param {CounterState} state
 * @param {Message} message
 * @returns {CounterState | undefined}
 */
export function applyTill(state, message) {
  switch (message.type) {
    case "reviews":
      return { ...state, reviews: message.reviews };
    case "unclaimed":
      return { ...state, unclaimed: message.unclaimed };
    case "claim":
    case "claimed":
    case "claim.refused":
      return applyClaim(state, message);
    case "ways":
      return { ...state, ways: message.ways };
    case "take":
    case "resolve":
      return occupy({ ...state, question: null }, message);
    case "scan":
    case "scanned":
    case "scan.refused":
      return applyScan(state, message);
    case "account":
      return { ...state, question: knowing(state.question, message.account) ?? state.question };
    case "refund":
    case "refund.amount":
    case "refund.end":
    case "refunded":
    case "refund.refused":
      return applyRefund(state, message);
    case "books":
      return { ...state, books: message.open ? { date: "", ledger: null, reconciliations: [] } : null };
    case "books.date":
      return state.books ? { ...state, books: { ...state.books, date: message.date, ledger: null } } : state;
    case "ledger":
      return state.books?.date === message.date
        ? { ...state, books: { ...state.books, ledger: message.ledger } }
        : state;
    case "reconciliations":
      return state.books ? { ...state, books: { ...state.books, reconciliations: message.reconciliations } } : state;
    case "reconcile":
      return occupy(state, message);
  }
}

/**
 * The question stays open until it is done: an order's number may be wrong.
 *
 * @param {CounterState} state
 * @param {Extract<Message, {type: "claim" | "claimed" | "claim.refused"}>} message
 * @returns {CounterState}
 */
function applyClaim(state, message) {
  const asked =
    state.question?.kind === "claim" && state.question.unclaimedId === message.unclaimedId ? state.question : null;
  if (message.type === "claim")
    return occupy(asked ? { ...state, question: { ...asked, waiting: true, trouble: null } } : state, message);
  if (message.type === "claimed")
    return say(asked ? { ...state, question: null } : state, { key: "claimDone", vars: {} }, message.id);
  const trouble = { code: message.code, said: message.said };
  return asked
    ? { ...state, question: { ...asked, waiting: false, trouble } }
    : { ...state, notice: { tone: "error", text: trouble, id: message.id } };
}

/**
 * The question stays open while the payer types a password, and for another code when that came to nothing.
 *
 * @param {CounterState} state
 * @param {Extract<Message, {type: "scan" | "scanned" | "scan.refused"}>} message
 * @returns {CounterState}
 */
function applyScan(state, message) {
  const asked = state.question?.kind === "scan" && state.question.orderId === message.orderId ? state.question : null;
  if (message.type === "scan")
    return asked && !asked.waiting
      ? occupy({ ...state, question: { ...asked, waiting: true, trouble: null } }, message)
      : state;
  const { number = "" } = state.tickets.get(message.orderId)?.value ?? {};
  if (message.type === "scan.refused") {
    const trouble = { code: message.code, said: message.said };
    return asked
      ? { ...state, question: { ...asked, waiting: false, trouble } }
      : { ...state, notice: { tone: "error", text: trouble, id: message.id } };
  }
  const key = scanKey(message.status);
  const told = { key, vars: { number } };
  if (key === "scanPaid") return say(asked ? { ...state, question: null } : state, told, message.id);
  if (asked) return { ...state, question: { ...asked, waiting: false, trouble: told } };
  return { ...state, notice: { tone: "error", text: told, id: message.id } };
}

/**
 * @param {string} status
 * @returns {"scanPaid" | "scanReview" | "scanClosed" | "scanWaiting"}
 */
function scanKey(status) {
  if (status === "paid") return "scanPaid";
  if (status === "needs_review") return "scanReview";
  return status === "closed" ? "scanClosed" : "scanWaiting";
}

/**
 * @param {CounterState} state
 * @param {Extract<Message, {type: "refund" | "refund.amount" | "refund.end" | "refunded" | "refund.refused"}>} message
 * @returns {CounterState}
 */
function applyRefund(state, message) {
  const asked = state.question?.kind === "refund" ? state.question : null;
  const change = (/** @type {Partial<RefundQuestion>} */ changes) =>
    asked ? { ...state, question: { ...asked, ...changes } } : state;
  if (message.type === "refund.amount") return change({ amount: message.text, trouble: null });
  if (message.type === "refund.end") return change({ end: message.end });
  const { orderId } = message;
  if (message.type === "refunded") {
    const { number = "" } = state.tickets.get(orderId)?.value ?? {};
    return say(
      asked?.orderId === orderId ? { ...state, question: null } : state,
      { key: "refunded", vars: { number } },
      message.id,
    );
  }
  if (asked?.orderId !== orderId) return state;
  switch (message.type) {
    case "refund": {
      if (asked.waiting) return state;
      if (!isRefundable(message.amount, asked.account)) return change({ trouble: { key: "refundBad" } });
      return occupy(change({ amount: message.amount, reason: message.reason, waiting: true, trouble: null }), message);
    }
    case "refund.refused":
      return change({ waiting: false, unsure: message.unsure, trouble: { code: message.code, said: message.said } });
  }
}

/**
 * @param {CounterState["question"]} asked
 * @param {Account} account
 * @returns {TillQuestion | null} the question that is about this order's money, with what is known of it
 */
function knowing(asked, account) {
  if (asked?.kind === "take" || asked?.kind === "scan")
    return asked.orderId === account.orderId ? { ...asked, account } : null;
  if (asked?.kind !== "refund" || asked.orderId !== account.orderId) return null;
  return { ...asked, account, amount: asked.amount || yuanText(refundable(account)) };
}

/**
 * @param {string} text
 * @param {Account | null} account null = not known: then the daemon is the one to say no
 * @returns {boolean}
 */
function isRefundable(text, account) {
  const fen = parseYuan(text);
  return fen !== null && fen > 0 && (account === null || fen <= refundable(account));
}

/**
 * @param {number} fen
 * @returns {string} "76.00", or "" when there is nothing
 */
function yuanText(fen) {
  return fen > 0 ? toYuan(fen).toFixed(2) : "";
}

// --- questions asked of the state ---

/**
 * @param {Account} account
 * @returns {number} fen that came in, less what has gone back or is on its way
 */
export function refundable({ balance, refunds }) {
  const underWay = refunds
    .filter((refund) => refund.state === "pending")
    .reduce((sum, refund) => sum + toFen(refund.amount), 0);
  return toFen(balance) - underWay;
}

/**
 * What is taken for an order: its price, or all that is left of the bill that its party has left behind.
 *
 * @param {Account | null} account
 * @param {number} fen the order's
 * @returns {number} fen
 */
export function wantedFen(account, fen) {
  return toFen(account?.owed ?? 0) || fen;
}

/**
 * @param {CounterState} state
 * @param {RefundQuestion} question
 * @returns {boolean} all of its money goes back before anybody has accepted it: whether it ends then is asked
 */
export function mayEnd(state, { orderId, amount, account }) {
  const ticket = state.tickets.get(orderId)?.value;
  return (
    ticket?.status === 2 && ticket.payStatus === 1 && account !== null && parseYuan(amount) === refundable(account)
  );
}

/**
 * @param {ReviewAction} action
 * @returns {boolean} whether it is asked once more before it is done
 */
export function isCostly(action) {
  return COSTLY.includes(action);
}

/**
 * @param {Review} review
 * @returns {number} fen that the ways out of it are about
 */
export function reviewFen({ received, amount }) {
  return toFen(received ?? amount);
}

/**
 * Once the last question about an order's money is answered, its bell need not ring on.
 *
 * @param {CounterState} state
 * @param {Review} resolved
 * @returns {number[]} alerts that were about it
 */
export function alertsOfReview(state, { reviewId, orderId }) {
  if (state.reviews.some((review) => review.orderId === orderId && review.reviewId !== reviewId)) return [];
  const alerts = [...state.alerts.values()].map((told) => told.value);
  return alerts.filter((alert) => alert.type === 3 && alert.orderId === orderId).map((alert) => alert.alertId);
}

/**
 * @param {Books} books
 * @returns {[date: string, checks: Reconciliation[]][]} by day, as they came: newest first
 */
export function checksByDay({ reconciliations }) {
  /** @type {Map<string, Reconciliation[]>} */
  const days = new Map();
  for (const one of reconciliations) days.set(one.date, [...(days.get(one.date) ?? []), one]);
  return [...days];
}
