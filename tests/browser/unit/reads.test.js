// What may have been missed is read until it has come, one question at a time about each.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Reads } from "../../../assets/js/shared/reads.js";

/** A clock and answers under the test's control. */
function setUp() {
  /** @type {{at: number, run: () => void, id: number}[]} */
  let timers = [];
  let ids = 0;
  let time = 0;
  const clock = {
    after: (/** @type {() => void} */ run, /** @type {number} */ ms) => {
      timers.push({ at: time + ms, run, id: (ids += 1) });
      return ids;
    },
    cancel: (/** @type {number} */ id) => (timers = timers.filter((timer) => timer.id !== id)),
    now: () => time,
    random: () => 1,
  };
  /** @type {Record<string, {yes: () => void, no: () => void}[]>} */
  const asked = { orders: [], menu: [] };
  const question = (/** @type {string} */ name) => () =>
    new Promise((resolve, reject) => {
      asked[name]?.push({ yes: () => resolve(undefined), no: () => reject(new Error("no answer")) });
    });
  /** @type {boolean[]} */
  const told = [];
  const reads = new Reads({ orders: question("orders"), menu: question("menu") }, (fresh) => told.push(fresh), clock);
  return {
    reads,
    asked,
    told,
    /** @param {number} ms */
    pass: async (ms) => {
      time += ms;
      for (const timer of timers.filter(({ at }) => at <= time)) {
        clock.cancel(timer.id);
        timer.run();
      }
      await settle();
    },
    timers: () => timers.length,
  };
}

const settle = () => new Promise(setImmediate);

test("asked for while it is under way, it runs once more, and never twice at a time", async () => {
  const { reads, asked } = setUp();
  void reads.ask("menu");
  void reads.ask("menu");
  void reads.renew("menu");
  assert.equal(asked.menu?.length, 1);
  asked.menu?.[0]?.yes();
  await settle();
  assert.equal(asked.menu?.length, 2, "what came meanwhile is asked for, once");
  asked.menu?.[1]?.yes();
  await settle();
  assert.equal(asked.menu?.length, 2);
  void reads.renew("menu");
  assert.equal(asked.menu?.length, 3, "and later again");
});

test("one that fails is asked again until it has come, and until then the page is behind", async () => {
  const { reads, asked, told, pass } = setUp();
  void reads.ask();
  assert.deepEqual(told, [false]);
  asked.menu?.[0]?.yes();
  asked.orders?.[0]?.no();
  await settle();
  assert.deepEqual(told, [false], "all but one is not all");
  for (let tries = 1; tries < 6; tries += 1) {
    await pass(4_000);
    assert.equal(asked.orders?.length, tries + 1);
    asked.orders?.[tries]?.no();
    await settle();
  }
  assert.equal(asked.menu?.length, 1, "what has come is not asked for again");
  await pass(4_000);
  asked.orders?.[6]?.yes();
  await settle();
  assert.deepEqual(told, [false, true]);
});

test("a look at what was only told is no sign of being behind, until it fails", async () => {
  const { reads, asked, told, pass } = setUp();
  void reads.renew("orders");
  assert.deepEqual(told, []);
  asked.orders?.[0]?.no();
  await settle();
  assert.deepEqual(told, [false]);
  await pass(500);
  asked.orders?.[1]?.yes();
  await settle();
  assert.deepEqual(told, [false, true]);
});

test("stopped, it asks nothing and tells nothing, until it is asked again", async () => {
  const { reads, asked, told, timers, pass } = setUp();
  void reads.ask("orders");
  reads.stop();
  asked.orders?.[0]?.no();
  await settle();
  assert.equal(timers(), 0);
  await pass(60_000);
  assert.deepEqual([asked.orders?.length, told], [1, [false]]);
  void reads.ask("orders");
  asked.orders?.[1]?.yes();
  await settle();
  assert.deepEqual(told, [false, true]);
});
