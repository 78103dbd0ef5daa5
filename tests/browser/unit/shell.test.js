// The counter's views: who is shown which, and what becomes of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, firstState } from "../../../assets/js/counter/state.js";
import { VIEWS, Views, viewOf, viewsFor } from "../../../assets/js/counter/views.js";

/** @import {CounterState} from "../../../assets/js/counter/state.js" */

/** @type {CounterState} */
const ready = { ...firstState("zh"), phase: "ready" };

test("only views whose route one may use are shown; the address chooses among them", () => {
  assert.deepEqual(viewsFor(ready), VIEWS, "not known yet: the daemon alone says no");
  const kitchen = { ...ready, allowed: ["GET order/conditionSearch"] };
  assert.deepEqual(
    viewsFor(kitchen).map(({ id }) => id),
    ["orders"],
  );
  assert.equal(viewOf({ ...ready, view: "books" })?.id, "books");
  assert.equal(viewOf({ ...kitchen, view: "books" })?.id, "orders", "an address of somebody else's");
  assert.equal(viewOf({ ...ready, view: "nonsense" }), VIEWS[0]);
  assert.equal(viewOf({ ...ready, allowed: [] }), undefined);
});

test("the address outlives the login, so that whoever logs in again is where they were", () => {
  const at = { id: "m1", at: 1 };
  const out = apply(apply(ready, { type: "view", view: "books", ...at }), { type: "signed.out", ...at });
  assert.deepEqual([out.view, out.allowed, out.phase], ["books", null, "login"]);
});

test("each view's name is a word, its address is its own", () => {
  assert.equal(new Set(VIEWS.map(({ id }) => id)).size, VIEWS.length);
  for (const { needs } of VIEWS) assert.match(needs, /^(GET|POST|PUT|DELETE) [a-zA-Z/*]+$/);
});

test("a view is left before the next is entered, and starts anew after a login", async () => {
  let state = { ...ready, view: "orders" };
  /** @type {string[]} */
  const told = [];
  let drawn = () => {};
  const views = new Views({
    state: () => state,
    draw: () => drawn(),
    quietly: async (run) => run(),
    failed: () => {},
    tables: async () => {},
    who: async () => {},
    reasonOf: () => ({ code: "", said: "" }),
    // As the shell does: every message is followed.
    send: (message) => {
      told.push(JSON.stringify(message));
      views.follow();
    },
  });
  /** A view is drawn once it has been fetched and entered. */
  const followed = () =>
    new Promise((resolve) => {
      drawn = () => resolve(undefined);
      views.follow();
    });
  await followed();
  const board = views.current();
  assert.ok(board);
  state = { ...state, view: "books" };
  await followed();
  state = { ...state, view: "orders" };
  await followed();
  assert.deepEqual(told, ['{"type":"books","open":true}', '{"type":"books","open":false}']);
  assert.equal(views.current(), board);
  state = { ...state, phase: "login" };
  views.follow();
  assert.equal(views.current(), undefined);
});
