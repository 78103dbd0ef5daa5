// Carries the pending operations to the server: one at a time, in order, again after every reconnect, each with its own opId.

import { frameOf } from "./outbox.js";

/** @import {Link} from "../shared/link.js" */
/** @import {Store} from "./effects.js" */

const ANSWER_WITHIN_MS = 8_000;
const RETRY_BUSY_MS = 1_500;
/** An operation that still has no answer after this many sendings is given up aloud, so that it cannot block those behind it. */
const MOST_TRIES = 8;

export class Courier {
  /**
   * @param {Store} store
   * @param {Link} link
   */
  constructor(store, link) {
    this.store = store;
    this.link = link;
    /** The opId on the wire now, or waiting to be retried; null = free to send the next. */
    this.flight = /** @type {string | null} */ (null);
    this.timer = 0;
  }

  /** Sends the oldest pending operation, if none is under way. Called after every message, so it must be cheap and idempotent. */
  pump() {
    const op = this.store.state().ops[0];
    if (!op || this.flight !== null || !this.link.online) return;
    if (op.tries >= MOST_TRIES)
      return this.store.dispatch({ type: "op.refused", opId: op.opId, code: "BUSY", said: "" });
    this.flight = op.opId;
    this.wait(ANSWER_WITHIN_MS, () => this.link.restart());
    this.link.send(frameOf(op, this.store.state().lang));
    this.store.dispatch({ type: "op.sent", opId: op.opId });
  }

  /** The connection is gone: whether the operation arrived is unknown, so it is sent again on the next one. */
  forgetFlight() {
    window.clearTimeout(this.timer);
    this.flight = null;
  }

  /**
   * @param {any} frame a reply to this phone: `…_success` or `error`
   */
  answered(frame) {
    const opId = frame.opId;
    if (typeof opId !== "string" || opId === "") return;
    const code = frame.type === "error" ? (frame.data?.error ?? "INTERNAL") : null;
    if (code === "BUSY" || code === "RATE_LIMITED") return this.wait(RETRY_BUSY_MS, () => this.again());
    if (opId === this.flight) this.forgetFlight();
    if (code === null) this.store.dispatch({ type: "op.done", opId, cart: frame.data ?? null });
    else this.store.dispatch({ type: "op.refused", opId, code, said: frame.message ?? "" });
  }

  /** @private */
  again() {
    this.flight = null;
    this.pump();
  }

  /**
   * @private
   * @param {number} ms
   * @param {() => void} run
   */
  wait(ms, run) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(run, ms);
  }
}
