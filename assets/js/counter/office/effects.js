// What the office's hands have in common.

import { Refused } from "../../shared/http.js";

/** @import {Port} from "../views.js" */

/** @typedef {"done" | "refused" | "unanswered" | "busy"} Outcome busy: another tap is not answered yet, and this one asked nothing */

/**
 * @template S
 * @template M
 * @typedef {object} Lent what the hands of a view work on
 * @property {Port} port
 * @property {() => S} state
 * @property {(message: M) => void} send
 */

/**
 * What a tap asks for, one at a time; its failure is said aloud.
 *
 * @param {Lent<{busy: boolean}, {type: "busy", busy: boolean}>} lent
 * @param {() => Promise<void>} run
 * @returns {Promise<Outcome>}
 */
export async function act({ port, state, send }, run) {
  if (state().busy) return "busy";
  send({ type: "busy", busy: true });
  try {
    await run();
    return "done";
  } catch (error) {
    port.failed(error);
    return error instanceof Refused ? "refused" : "unanswered";
  } finally {
    send({ type: "busy", busy: false });
  }
}

/**
 * An office view's hands, which do one thing at a time.
 *
 * @template {{busy: boolean}} S
 * @template M what they say themselves
 * @template T what they are told
 */
export class OfficeHands {
  /** @param {Lent<S, M | {type: "busy", busy: boolean}>} lent */
  constructor(lent) {
    this.lent = lent;
  }

  /** @param {T} message */
  after(message) {
    const run = this.asked(message);
    if (run) void act(this.lent, run);
  }

  /** After a reconnect, and now and then. */
  async refresh() {
    await this.lent.port.quietly(() => this.look());
  }

  /**
   * @protected
   * @param {T} _message
   * @returns {(() => Promise<void>) | undefined} what it asks the daemon for
   */
  asked(_message) {
    return undefined;
  }

  /** @protected What is shown, as it is now. */
  async look() {}
}
