// The office's views as data: forms, the owner's way to write options.

import assert from "node:assert/strict";
import { test } from "node:test";
import { applyOffice, IDLE } from "../../../assets/js/counter/office/state.js";
import { readValues, writeValues } from "../../../assets/js/counter/menu/options.js";

test("options are read and written one a line, prices to the fen", () => {
  const values = [{ value: "不辣", priceDelta: 0 }, { value: "加蛋", priceDelta: 2 }, { value: "小 份", priceDelta: -0.5 }];
  assert.equal(writeValues(values), "不辣\n加蛋 2.00\n小 份 -0.50");
  assert.deepEqual(readValues(writeValues(values)), values);
  assert.deepEqual(readValues(" 微辣 \n\n加肉  8 \n"), [{ value: "微辣", priceDelta: 0 }, { value: "加肉", priceDelta: 8 }]);
  assert.deepEqual(readValues("加肉 +8"), [{ value: "加肉", priceDelta: 8 }], "as people write it");
  const cola = [{ value: "可乐 330", priceDelta: 0 }, { value: "可乐 500", priceDelta: 1.5 }];
  assert.deepEqual(readValues(writeValues(cola)), cola, "a number in the name is no price");
  assert.equal(readValues("\n \n"), null);
  assert.deepEqual(readValues("加蛋 1.234"), [{ value: "加蛋 1.234", priceDelta: 0 }], "no price: the daemon or the owner sees it in the name");
});

test("a form keeps what is typed until it is closed, and nothing is typed into none", () => {
  const opened = applyOffice(IDLE, { type: "open", form: { kind: "person", id: 3, fields: { name: "小李" } } });
  const typed = applyOffice(opened, { type: "typed", name: "phone", text: "138" });
  assert.deepEqual(typed.form, { kind: "person", id: 3, fields: { name: "小李", phone: "138" } });
  assert.equal(opened.form?.fields.phone, undefined, "what was is not touched");
  assert.deepEqual(applyOffice(applyOffice(typed, { type: "close" }), { type: "typed", name: "phone", text: "1" }), IDLE);
  assert.equal(applyOffice(typed, { type: "busy", busy: true }).busy, true);
  assert.equal(applyOffice({ ...IDLE, said: "已保存" }, { type: "open", form: { kind: "x", fields: {} } }).said, "", "an old success is not shown beside a new question");
});
