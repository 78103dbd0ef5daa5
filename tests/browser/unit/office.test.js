// The office's views as data: forms, the owner's way to write options.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readValues, writeValues } from "../../../assets/js/counter/menu/options.js";
import { act } from "../../../assets/js/counter/office/effects.js";
import { applyOffice, IDLE } from "../../../assets/js/counter/office/state.js";
import { Refused } from "../../../assets/js/shared/http.js";

test("options are read and written one a line, prices to the fen", () => {
  const values = [
    { value: "不辣", priceDelta: 0 },
    { value: "加蛋", priceDelta: 2 },
    { value: "小 份", priceDelta: -0.5 },
  ];
  assert.equal(writeValues(values), "不辣\n加蛋 2.00\n小 份 -0.50");
  assert.deepEqual(readValues(writeValues(values)), values);
  assert.deepEqual(readValues(" 微辣 \n\n加肉  8 \n"), [
    { value: "微辣", priceDelta: 0 },
    { value: "加肉", priceDelta: 8 },
  ]);
  assert.deepEqual(readValues("加肉 +8"), [{ value: "加肉", priceDelta: 8 }], "as people write it");
  const cola = [
    { value: "可乐 330", priceDelta: 0 },
    { value: "可乐 500", priceDelta: 1.5 },
  ];
  assert.deepEqual(readValues(writeValues(cola)), cola, "a number in the name is no price");
  assert.equal(readValues("\n \n"), null);
  assert.deepEqual(
    readValues("加蛋 1.234"),
    [{ value: "加蛋 1.234", priceDelta: 0 }],
    "no price: the daemon or the owner sees it in the name",
  );
});

/** @typedef {{kind: string, id: number, fields: {name: string, phone?: string}}} PersonForm */

/** @type {import("../../../assets/js/counter/office/state.js").Office<PersonForm, string>} */
const idle = IDLE;

test("a form keeps what is typed until it is closed, and nothing is typed into none", () => {
  const opened = applyOffice(idle, { type: "open", form: { kind: "person", id: 3, fields: { name: "小李" } } });
  const typed = applyOffice(opened, { type: "typed", change: { phone: "138" } });
  assert.deepEqual(typed.form, { kind: "person", id: 3, fields: { name: "小李", phone: "138" } });
  assert.equal(opened.form?.fields.phone, undefined, "what was is not touched");
  assert.deepEqual(applyOffice(applyOffice(typed, { type: "close" }), { type: "typed", change: { phone: "1" } }), IDLE);
  assert.equal(applyOffice(typed, { type: "busy", busy: true }).busy, true);
  const done = applyOffice(typed, { type: "done", said: { key: "saved", vars: { name: "小李" } } });
  assert.deepEqual([done.form, done.said], [null, { key: "saved", vars: { name: "小李" } }]);
  assert.equal(
    applyOffice(done, { type: "open", form: opened.form ?? assert.fail() }).said,
    null,
    "an old success is not shown beside a new question",
  );
});

test("a tap asks for one thing at a time, and tells whether it was answered", async () => {
  let state = IDLE;
  /** @type {unknown[]} */
  const failures = [];
  /** @type {any} */
  const lent = {
    port: { failed: (/** @type {unknown} */ error) => failures.push(error) },
    state: () => state,
    send: (/** @type {any} */ message) => {
      state = applyOffice(state, message);
    },
  };
  let finish = () => {};
  const first = act(
    lent,
    () =>
      new Promise((resolve) => {
        finish = () => resolve();
      }),
  );
  assert.deepEqual([state.busy, await act(lent, async () => assert.fail())], [true, "busy"]);
  finish();
  assert.deepEqual([await first, state.busy], ["done", false]);
  assert.equal(
    await act(lent, async () => {
      throw new Refused(409, "ORDER_STATE", "", null);
    }),
    "refused",
  );
  assert.equal(
    await act(lent, async () => {
      throw new TypeError("offline");
    }),
    "unanswered",
  );
  assert.deepEqual([failures.length, state.busy], [2, false]);
});
