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
