// One question at a time about the present state of something.

import assert from "node:assert/strict";
import { test } from "node:test";
import { again } from "../../../assets/js/shared/again.js";

test("asked for while it is under way, it runs once more, and never twice at a time", async () => {
  /** @type {(() => void)[]} */
  const answers = [];
  const ask = again(() => new Promise((resolve) => answers.push(() => resolve(undefined))));
  const first = ask();
  void ask();
  void ask();
  assert.equal(answers.length, 1);
  answers[0]?.();
  await new Promise(setImmediate);
  assert.equal(answers.length, 2, "what came meanwhile is asked for, once");
  answers[1]?.();
  await first;
  assert.equal(answers.length, 2);
  void ask();
  assert.equal(answers.length, 3, "and later again");
});
