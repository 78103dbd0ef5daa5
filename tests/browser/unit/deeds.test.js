// A deed that got no answer is asked for again under the same name.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { deedCall } from "../../../assets/js/counter/deeds.js";

/** @type {{path: string, body: Record<string, unknown>}[]} */
let sent = [];

const done = () => new Response(JSON.stringify({ code: 1, data: null }), { status: 200 });
const no = (status = 409) => new Response(JSON.stringify({ code: 0, error: "ORDER_STATE", msg: "" }), { status });

/** @param {...(() => Response)} answers */
function daemon(...answers) {
  globalThis.fetch = async (path, init) => {
    sent.push({ path: String(path), body: JSON.parse(String(init?.body ?? "{}")) });
    const answer = answers.shift();
    if (!answer) throw new TypeError("Failed to fetch");
    return answer();
  };
}

const quietly = async (/** @type {Promise<unknown>} */ call) => {
  await call.catch(() => null);
};
const names = () => sent.map(({ path, body }) => body.opId ?? new URL(path, "http://counter").searchParams.get("opId"));

const { fetch } = globalThis;

afterEach(async () => {
  daemon(done);
  await deedCall("POST", "/another");
  sent = [];
  globalThis.fetch = fetch;
});

test("what got no answer keeps its name, and what is answered does not", async () => {
  daemon();
  await quietly(deedCall("POST", "/admin/bill/discount", { tableId: 1, percent: 10 }));
  await quietly(deedCall("POST", "/admin/bill/discount", { tableId: 1, percent: 20 }));
  daemon(() => no(500), done, done);
  for (let i = 0; i < 3; i += 1) await quietly(deedCall("POST", "/admin/bill/discount", { tableId: 1, percent: 10 }));
  const [first, other, again, once, later] = names();
  assert.deepEqual([again, once], [first, first], "also after the daemon's own trouble");
  assert.equal(new Set([first, other, later]).size, 3);
});

test("a no is an answer, and whoever goes on with something else has seen what became of it", async () => {
  daemon(no, done);
  for (let i = 0; i < 2; i += 1) await quietly(deedCall("DELETE", "/admin/bill/adjustment/4"));
  daemon();
  await quietly(deedCall("POST", "/admin/bill/free", { orderId: 1, position: 1 }));
  daemon(done, done);
  await deedCall("DELETE", "/admin/bill/adjustment/5");
  await deedCall("POST", "/admin/bill/free", { orderId: 1, position: 1 });
  assert.equal(new Set(names()).size, 5);
});

test("a payer's code goes out, and is no part of the name", async () => {
  daemon();
  await quietly(deedCall("POST", "/admin/payment/scan", { partId: 3 }, { secret: { authCode: "134" } }));
  await quietly(deedCall("POST", "/admin/payment/scan", { partId: 3 }, { secret: { authCode: "135" } }));
  assert.deepEqual(
    sent.map(({ body }) => body.authCode),
    ["134", "135"],
  );
  assert.equal(new Set(names()).size, 1);
});
