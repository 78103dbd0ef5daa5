// The counter page's hands for money. The daemon decides everything; a request that may have been done without an answer is only ever
// repeated as the same one.

import { Refused, staffCall } from "../shared/http.js";
import { parseYuan, toYuan } from "../shared/money.js";
import { deedCall } from "./deeds.js";
import { busyKey } from "./steps.js";
import { alertsOfReview, mayEnd } from "./till-state.js";

/** @import {ReviewAction} from "./till-state.js" */
/** @import {Store} from "./effects.js" */
/** @import {Message} from "./state.js" */

/** A little longer than the daemon itself waits: for the payer's password and the reversal after it, and for a provider's bill. */
const PAYER_PATIENCE_MS = 100_000;
const BILL_PATIENCE_MS = 100_000;

/** Questions that say what is owed, or can go back. */
const ASKS_OF_MONEY = ["take", "scan", "refund"];

/**
 * @typedef {object} Hands what the rest of the page lends
 * @property {(key: string, run: () => Promise<void>) => Promise<void>} run a tap: its failure is said aloud
 * @property {(run: () => Promise<void>) => Promise<void>} quietly a background request
 * @property {(alertId: number) => Promise<void>} silence
 * @property {(orderId: number) => Promise<void>} reload
 * @property {(error: unknown) => {code: string, said: string}} reasonOf
 */

export class Till {
  /**
   * @param {Store} store
   * @param {Hands} hands
   */
  constructor(store, hands) {
    this.store = store;
    this.hands = hands;
    /** Orders with a code or a refund under way: Enter pressed twice is one request. @type {Set<number>} */
    this.under = new Set();
    this.again = false;
    /** @type {Promise<void> | null} */
    this.fetching = null;
  }

  /** @param {Message} message */
  after(message) {
    switch (message.type) {
      case "take":
        return void this.hands.run(busyKey(message), () => this.take(message));
      case "scan":
        return void this.once(message, () => this.scan(message.orderId, message.authCode));
      case "refund":
        return void this.once(message, () => this.refund(message.orderId));
      case "resolve":
        return void this.hands.run(busyKey(message), () => this.resolve(message.reviewId, message.action));
      case "claim":
        return void this.hands.run(busyKey(message), () => this.claim(message));
      case "ask":
        return (
          ASKS_OF_MONEY.includes(message.question.kind) &&
          "orderId" in message.question &&
          void this.fetchAccount(message.question.orderId)
        );
      case "books":
        return message.open && void Promise.all([this.fetchBooks(), this.fetchReconciliations()]);
      case "books.date":
        return void this.fetchBooks();
      case "reconcile":
        return void this.hands.run(busyKey(message), () => this.reconcile(message.date));
      case "alert":
        return message.alert.type === 3 && void this.fetchReviews();
      case "alert.acked":
        return this.store.state().reviews.length + this.store.state().unclaimed.length > 0 && void this.fetchReviews();
      case "order":
        return void this.refresh();
    }
  }

  /** Everything about money that the page shows and nobody pushes. */
  async refresh() {
    await Promise.all([this.fetchReviews(), this.fetchWays(), this.store.state().books && this.fetchBooks()]);
  }

  /**
   * @private The state has the last word whether this is a request at all: what was refused at once is not under way.
   * @param {Extract<Message, {type: "scan" | "refund"}>} message
   * @param {() => Promise<void>} run
   */
  async once(message, run) {
    const { question } = this.store.state();
    const asked = question?.kind === message.type && question.orderId === message.orderId && question.waiting;
    if (!asked || this.under.has(message.orderId)) return;
    this.under.add(message.orderId);
    await this.hands.run(busyKey(message), run);
    this.under.delete(message.orderId);
  }

  /** @private One at a time; asked for meanwhile, once more after it. */
  async fetchReviews() {
    this.again = true;
    this.fetching ??= this.drain();
    await this.fetching;
  }

  /** @private */
  async drain() {
    while (this.again) {
      this.again = false;
      await this.hands.quietly(async () => {
        this.store.dispatch({ type: "reviews", reviews: await staffCall("GET", "/admin/payment/review") });
        this.store.dispatch({ type: "unclaimed", unclaimed: await staffCall("GET", "/admin/payment/unclaimed") });
      });
    }
    this.fetching = null;
  }

  /** @private */
  async fetchWays() {
    if (this.store.state().ways) return;
    await this.hands.quietly(async () => {
      this.store.dispatch({ type: "ways", ways: await staffCall("GET", "/admin/payment/ways") });
    });
  }

  /**
   * @private
   * @param {number} orderId
   */
  async fetchAccount(orderId) {
    await this.hands.quietly(async () => {
      this.store.dispatch({ type: "account", account: await staffCall("GET", `/admin/payment/order/${orderId}`) });
    });
  }

  /** @private */
  async fetchBooks() {
    const { books } = this.store.state();
    if (!books) return;
    const { date } = books;
    await this.hands.quietly(async () => {
      const ledger = await staffCall("GET", `/admin/payment/ledger${date ? `?date=${encodeURIComponent(date)}` : ""}`);
      this.store.dispatch({ type: "ledger", date, ledger });
    });
  }

  /** @private */
  async fetchReconciliations() {
    await this.hands.quietly(async () => {
      this.store.dispatch({
        type: "reconciliations",
        reconciliations: await staffCall("GET", "/admin/payment/reconciliation"),
      });
    });
  }

  /**
   * @private
   * @param {string} date
   */
  async reconcile(date) {
    const reconciliations = await staffCall("POST", "/admin/payment/reconcile", { date }, BILL_PATIENCE_MS);
    this.store.dispatch({ type: "reconciliations", reconciliations });
  }

  /**
   * @private
   * @param {Extract<Message, {type: "take"}>} message
   */
  async take({ orderId, method, fen }) {
    const ticket = this.store.state().tickets.get(orderId)?.value;
    await deedCall("POST", "/admin/payment/counter", { orderId, method, amount: toYuan(fen) });
    this.store.dispatch({
      type: "said",
      text: { key: method === "cash" ? "tookCash" : "tookTerminal", vars: { number: ticket?.number ?? "" } },
    });
    await this.hands.reload(orderId);
  }

  /**
   * @private
   * @param {number} orderId
   * @param {string} authCode
   */
  async scan(orderId, authCode) {
    try {
      const { status } = await deedCall(
        "POST",
        "/admin/payment/scan",
        { orderId },
        { patienceMs: PAYER_PATIENCE_MS, secret: { authCode } },
      );
      this.store.dispatch({ type: "scanned", orderId, status });
      if (status === "needs_review") await this.fetchReviews();
      await this.hands.reload(orderId);
    } catch (error) {
      this.refused(error, (reason) => this.store.dispatch({ type: "scan.refused", orderId, ...reason }));
    }
  }

  /**
   * @private What stands in the question is what is sent, its opId above all.
   * @param {number} orderId
   */
  async refund(orderId) {
    const { question } = this.store.state();
    if (question?.kind !== "refund") return;
    const { amount, reason, opId } = question;
    const endOrder = mayEnd(this.store.state(), question) ? question.end !== false : undefined;
    try {
      await staffCall("POST", "/admin/payment/refund", {
        orderId,
        amount: toYuan(parseYuan(amount) ?? 0),
        reason,
        opId,
        endOrder,
      });
      this.store.dispatch({ type: "refunded", orderId });
      await Promise.all([this.hands.reload(orderId), this.refresh()]);
    } catch (error) {
      const unsure = !(error instanceof Refused);
      this.refused(error, (refusal) => this.store.dispatch({ type: "refund.refused", orderId, unsure, ...refusal }));
    }
  }

  /**
   * @private
   * @param {number} reviewId
   * @param {ReviewAction} action
   */
  async resolve(reviewId, action) {
    const review = this.store.state().reviews.find((one) => one.reviewId === reviewId);
    await deedCall("POST", `/admin/payment/review/${reviewId}`, { action });
    this.store.dispatch({ type: "said", text: { key: "resolved", vars: { number: review?.orderNumber ?? "" } } });
    const rings = review ? alertsOfReview(this.store.state(), review) : [];
    await Promise.all([
      this.fetchReviews(),
      ...rings.map((alertId) => this.hands.silence(alertId)),
      review && this.hands.reload(review.orderId),
    ]);
  }

  /**
   * @private
   * @param {Extract<Message, {type: "claim"}>} message
   */
  async claim({ unclaimedId, action, text }) {
    const said = action === "order" ? { orderNumber: text } : { note: text };
    try {
      await staffCall("POST", `/admin/payment/unclaimed/${unclaimedId}`, { action, ...said });
      this.store.dispatch({ type: "claimed", unclaimedId });
      await this.fetchReviews();
    } catch (error) {
      this.refused(error, (reason) => this.store.dispatch({ type: "claim.refused", unclaimedId, ...reason }));
    }
  }

  /**
   * @private Said in the question, which stays; only the end of the login is everybody's business.
   * @param {unknown} error
   * @param {(reason: {code: string, said: string}) => void} tell
   */
  refused(error, tell) {
    if (error instanceof Refused && error.status === 401) throw error;
    tell(this.hands.reasonOf(error));
  }
}
