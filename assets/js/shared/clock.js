/**
 * @typedef {object} Clock what a test replaces
 * @property {(run: () => void, ms: number) => number} after
 * @property {(timer: number) => void} cancel
 * @property {() => number} now
 * @property {() => number} random
 */

/** @type {Clock} */
export const CLOCK = {
  after: (run, ms) => window.setTimeout(run, ms),
  cancel: (timer) => window.clearTimeout(timer),
  now: () => Date.now(),
  random: () => Math.random(),
};
