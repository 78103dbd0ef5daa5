import assert from "node:assert/strict";
import { test } from "node:test";
import {
  enqueue,
  frameOf,
  markSent,
  overlay,
  pairKey,
  retract,
  settle,
  unitPriceFen,
} from "../../../assets/js/phone/outbox.js";
import { cart, line, menu } from "./samples.js";

/** @import {PendingOp} from "../../../assets/js/phone/outbox.js" */

const dish = (/** @type {number} */ id) => menu.categories[0]?.cuisines.find((cuisine) => cuisine.cuisineId === id);

/**
 * @param {string} opId
 * @param {PendingOp["type"]} type
 * @param {PendingOp["data"]} data
 * @param {number} [tries]
 * @returns {PendingOp}
 */
const op = (opId, type, data, tries = 0) => ({ opId, type, data, tries });
const add = (/** @type {string} */ opId, quantity = 1, tries = 0) =>
  op(opId, "add_item", { cuisineId: 1001, quantity, remark: null, options: [] }, tries);

test("a pair is the same whatever order its options were named in", () => {
  const mild = { name: "辣度", value: "微辣" };
  const skin = { name: "加料", value: "豆皮" };
  assert.equal(pairKey(1, [mild, skin]), pairKey(1, [skin, mild]));
  assert.notEqual(pairKey(1, [mild]), pairKey(1, [skin]));
  assert.notEqual(pairKey(1, []), pairKey(2, []));
});

test("taps that never left the phone merge; one that did keeps its own opId", () => {
  assert.deepEqual(enqueue([add("a")], add("b")), [add("a", 2)]);
  assert.deepEqual(enqueue([add("a", 1, 1)], add("b")), [add("a", 1, 1), add("b")]);
  assert.deepEqual(enqueue([add("a", 99)], add("b")), [add("a", 99), add("b")]);
  const set = (/** @type {string} */ id, /** @type {number} */ quantity) =>
    op(id, "update_quantity", { lineId: 3, quantity });
  assert.deepEqual(enqueue([set("a", 4)], set("b", 3)), [set("b", 3)]);
  assert.equal(enqueue([set("a", 4)], add("b")).length, 2);
  const noted = op("b", "add_item", { cuisineId: 1001, quantity: 1, remark: "少油", options: [] });
  assert.equal(enqueue([add("a")], noted).length, 2);
});

test("an unsent add can be taken back, a sent one cannot", () => {
  const pair = pairKey(1001, []);
  assert.deepEqual(retract([add("a", 2)], pair), [add("a", 1)]);
  assert.deepEqual(retract([add("a")], pair), []);
  const sent = [add("a", 1, 1)];
  assert.equal(retract(sent, pair), sent);
});

test("the frame is docs/protocol.md's (§1.4), with the opId at the top", () => {
  assert.deepEqual(frameOf(markSent([add("a")], "a")[0] ?? add("x"), "zh"), {
    type: "add_item",
    opId: "a",
    data: { cuisineId: 1001, quantity: 1, remark: null, options: [] },
  });
  assert.equal(frameOf(add("a"), "en").lang, "en", "so that a refusal says in English why");
  assert.deepEqual(settle([add("a"), add("b")], "a"), [add("b")]);
});

test("what is under way is laid over the server's cart and marked", () => {
  const shown = overlay(cart([line()]), [add("a", 3)], dish, 100);
  assert.equal(shown.lines.length, 1);
  assert.deepEqual([shown.lines[0]?.quantity, shown.lines[0]?.pending, shown.lines[0]?.ghost], [5, true, false]);
  assert.deepEqual([shown.totalFen, shown.totalQuantity, shown.pending], [19_000, 5, true]);
});

test("a line the server does not know yet is a ghost with the menu's price", () => {
  const options = [
    { name: "辣度", value: "微辣" },
    { name: "加料", value: "豆皮" },
  ];
  const shown = overlay(
    null,
    [op("a", "add_item", { cuisineId: 1002, quantity: 3, remark: "少油", options })],
    dish,
    100,
  );
  assert.equal(shown.lines[0]?.ghost, true);
  assert.equal(shown.totalFen, 3 * (6810 + 420));
  assert.equal(shown.lines[0]?.remark, "少油");
});

test("removals and clearing show at once", () => {
  const two = cart([line(), line({ lineId: 2, cuisineId: 1002 })]);
  assert.deepEqual(
    overlay(two, [op("a", "remove_item", { lineId: 1 })], dish, 100).lines.map((l) => l.lineId),
    [2],
  );
  assert.deepEqual(
    overlay(two, [op("a", "update_quantity", { lineId: 2, quantity: 0 })], dish, 100).lines.map((l) => l.lineId),
    [1],
  );
  assert.deepEqual(overlay(two, [op("a", "clear_cart", {})], dish, 100).lines, []);
  assert.equal(overlay(two, [op("a", "update_quantity", { lineId: 2, quantity: 9 })], dish, 100).lines[1]?.quantity, 9);
});

test("sums are integer fen: 0.1 + 0.2 never shows", () => {
  const shown = overlay(
    cart([line({ unitPrice: 0.1, quantity: 3 }), line({ lineId: 2, unitPrice: 0.2, quantity: 1, cuisineId: 9 })]),
    [],
    dish,
    100,
  );
  assert.equal(shown.totalFen, 50);
  const fish = dish(1002);
  assert.ok(fish);
  assert.equal(unitPriceFen(fish, [{ name: "没有", value: "这样" }]), 6810);
});
