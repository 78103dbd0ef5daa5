const FIRST_MS = 500;
const LAST_MS = 15_000;

/**
 * Exponential backoff with equal jitter: after a router restart, forty phones must not come back in the same millisecond.
 *
 * @param {number} attempt 0 for the first retry
 * @param {number} random in [0, 1)
 * @returns {number} ms to wait, between half the step and the whole step
 */
export function backoff(attempt, random) {
  const step = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(step / 2 + (step / 2) * random);
}
