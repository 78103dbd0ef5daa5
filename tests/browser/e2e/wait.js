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
