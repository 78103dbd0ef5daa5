// A view's own state: as everywhere, a message makes the next one, and then something is done about it.

import { freshId } from "../shared/ids.js";

/** @typedef {{id: string, at: number}} Stamp a name of its own, and when it was sent in unix ms */

/**
 * @template S
 * @template M
 * @typedef {{state: () => S, send: (message: M) => void}} Kept
 */

/**
 * @template S
 * @template {{type: string, id?: never, at?: never}} M
 * @param {S} first
 * @param {(state: S, message: M & Stamp) => S} apply pure
 * @param {(message: M & Stamp) => void} after
 * @param {() => void} draw
 * @returns {Kept<S, M>}
 */
export function keeper(first, apply, after, draw) {
  let state = first;
  return {
    state: () => state,
    send: (message) => {
      const stamped = { ...message, id: freshId(), at: Date.now() };
      state = apply(state, stamped);
      draw();
      after(stamped);
    },
  };
}
