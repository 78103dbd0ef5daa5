import assert from "node:assert/strict";

/** Every single wait of a test; the machine may be compiling beside us. */
export const WAIT_MS = 20_000;

/**
 * @param {() => Promise<boolean>} holds
 * @param {string} what
 */
export async function eventually(holds, what) {
  const deadline = Date.now() + WAIT_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Measures until it took less than `limit`, three times at most. What the machine does beside the test makes some measurements
 * longer; what the page waits for is in each of them.
 *
 * @param {number} limit in ms
 * @param {() => Promise<number>} measure
 * @returns {Promise<number>} the shortest, in ms
 */
export async function shortest(limit, measure) {
  let least = Infinity;
  for (let turn = 0; turn < 3 && least >= limit; turn += 1) least = Math.min(least, await measure());
  return least;
}
