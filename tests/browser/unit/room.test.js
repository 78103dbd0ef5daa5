// The map of tables and what is done with a table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { mapRegion } from "../../../assets/js/counter/room/map-view.js";
import { byArea, formOf, nextStep, requestOf, tally, waitedMs } from "../../../assets/js/counter/room/room-state.js";
import { formScreen, tableScreen } from "../../../assets/js/counter/room/table-view.js";
import { waitingRegion } from "../../../assets/js/counter/waiting-view.js";
import { COUNTER_WORDS } from "../../../assets/js/counter/words.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import { elapsed } from "../../../assets/js/shared/time.js";
import { go, NOW, seen, told } from "./rooms.js";
import { tableRow } from "./samples.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {FormKind, FormScreen} from "../../../assets/js/counter/room/room-state.js" */
/** @import {TableRow} from "../../../assets/js/types.js" */

/**
 * @param {string} clock
 * @returns {string}
 */
const at = (clock) => `2026-11-20T${clock}:00+08:00`;

/** @type {TableRow[]} */
const tables = [
  tableRow(),
  tableRow({ tableId: 124, tableNumber: "A10", seatingId: 6, openedAt: at("18:30"), heads: 2, state: "seated" }),
  tableRow({
    tableId: 125,
    tableNumber: "A2",
    seatingId: 7,
    openedAt: at("18:00"),
    heads: 3,
    state: "ordered",
    owed: 88,
    unconfirmed: 1,
    lastOrderAt: at("18:40"),
  }),
  tableRow({
    tableId: 126,
    tableNumber: "包厢 1",
    area: "包厢",
    seatingId: 8,
    openedAt: at("17:30"),
    heads: 8,
    state: "toPay",
    owed: 0.1 + 0.2,
    lastOrderAt: at("18:10"),
    billAskedAt: at("18:58"),
    calls: [
      { alertId: 9, kind: 8, at: at("18:58") },
      { alertId: 10, kind: 7, at: at("18:59") },
    ],
  }),
  tableRow({
    tableId: 127,
    tableNumber: "包厢 2",
    area: "包厢",
    seatingId: 9,
    openedAt: at("17:00"),
    heads: 8,
    state: "toClear",
  }),
];

test("areas in the order of their tables, numbers as people count", () => {
  assert.deepEqual(
    byArea(tables).map(([area, row]) => [area, row.map((table) => table.tableNumber)]),
    [
      ["大厅", ["A01", "A2", "A10"]],
      ["包厢", ["包厢 1", "包厢 2"]],
    ],
  );
  assert.deepEqual(Object.fromEntries(tally(tables)), { free: 1, seated: 1, ordered: 1, toPay: 1, toClear: 1 });
});

test("one next step for every state", () => {
  assert.deepEqual(tables.map(nextStep), ["open", "order", "bill", "bill", "clear"]);
});

test("what is waited for: the seat, the dishes, the bill; nobody waits at a free or a paid table", () => {
  const minutes = (/** @type {number | null} */ ms) => (ms === null ? null : ms / 60_000);
  assert.deepEqual(
    tables.map((table) => minutes(waitedMs(table, NOW))),
    [null, 30, 20, 2, null],
  );
  const early = waitedMs(tableRow({ state: "toPay", seatingId: 1, billAskedAt: at("19:05") }), NOW);
  assert.equal(elapsed(early ?? NaN, "zh"), "0:00", "a clock that runs behind");
});

test("a tile says its state in words, what is owed to the fen, how long, and what to do next", () => {
  const { ctx, sent, toShell } = seen(told(), tables);
  const map = mapRegion(ctx);
  const tiles = new Map(findAll(map, "data-table").map((tile) => [tile.props["data-table"], tile]));
  assert.match(textOf(tiles.get(123) ?? ""), /^A01○空闲4 座开台$/);
  assert.match(textOf(tiles.get(125) ?? ""), /^A2●用餐中3 人 · 已坐 1:00:00¥88\.001 单待接等了 20:00账单$/);
  assert.match(textOf(tiles.get(126) ?? ""), /¥0\.30等了 2:00.*请求结账2:00.*呼叫服务员1:00.*收款$/);
  assert.match(String(tiles.get(125)?.props.class), / long$/, "dishes that take more than a quarter of an hour");
  const call = find(map, "data-call", 8);
  assert.match(textOf(call), /知道了：包厢 1 请求结账$/);
  press(call);
  assert.deepEqual(toShell, [{ type: "ack", alertId: 9 }]);
  press(find(map, "aria-label", "开台：A01"));
  press(find(map, "aria-label", "收款：包厢 1"));
  press(find(tiles.get(127) ?? map, "data-step", "clear"));
  assert.deepEqual(
    sent.map((intent) =>
      intent.type === "show"
        ? [intent.screen?.kind, intent.screen && "tableId" in intent.screen && intent.screen.tableId]
        : intent,
    ),
    [
      ["open", 123],
      ["bill", 126],
      ["clear", 127],
    ],
  );
});

test("a role is offered what it may do, and nothing else", () => {
  const kitchen = mapRegion(seen(told(), tables, ["GET table/list"]).ctx);
  assert.equal(findAll(kitchen, "data-step").length, 0);
  assert.equal(findAll(kitchen, "aria-pressed").length, 0, "managing is the owner's");
  const waiter = seen(told(), tables, [
    "GET table/list",
    "POST table/open/*",
    "POST table/session/*",
    "POST table/transfer",
  ]);
  assert.deepEqual(
    findAll(mapRegion(waiter.ctx), "data-step").map(({ props }) => props["data-step"]),
    ["open", "order"],
  );
  const dialog = tableScreen(waiter.ctx, /** @type {TableRow} */ (tables[2]));
  assert.deepEqual(
    findAll(dialog, "data-do").map(({ props }) => props["data-do"]),
    ["order", "transfer"],
  );
});

test("the dialog of a table has its next step first in line for Enter", () => {
  const { ctx } = seen(told({ type: "show", screen: { kind: "table", tableId: 125 } }), tables);
  const dialog = tableScreen(ctx, /** @type {TableRow} */ (tables[2]));
  assert.deepEqual(
    findAll(dialog, "data-do").map(({ props }) => [props["data-do"], props["data-first"] !== null]),
    [
      ["order", false],
      ["bill", true],
      ["clear", false],
      ["transfer", false],
      ["merge", false],
      ["heads", false],
    ],
  );
  assert.match(textOf(dialog), /^A2用餐中 · 3 人 · 已坐 1:00:00 · ¥88\.00/);
});

test("every form asks the daemon for exactly what was filled in", () => {
  /** @type {[FormKind, number, Record<string, string>, unknown[]][]} */
  const grid = [
    ["open", 123, { heads: "4" }, ["POST", "/open/123", { heads: 4 }]],
    ["heads", 125, { heads: "5" }, ["PUT", "/heads/125", { heads: 5 }]],
    ["transfer", 125, { other: "123" }, ["POST", "/transfer", { from: 125, to: 123 }]],
    ["merge", 125, { other: "126" }, ["POST", "/merge", { from: 125, into: 126 }]],
    ["clear", 127, {}, ["POST", "/clear/127", {}]],
    ["clear", 125, { reason: " 挂账 " }, ["POST", "/clear/125", { reason: "挂账" }]],
    [
      "edit",
      0,
      { tableNumber: " B1", area: "露台", seats: "6" },
      ["POST", "", { tableNumber: "B1", area: "露台", seats: 6 }],
    ],
    [
      "edit",
      123,
      { tableNumber: "A01", area: "", seats: "2" },
      ["PUT", "", { tableId: 123, tableNumber: "A01", area: "", seats: 2 }],
    ],
    ["retire", 123, {}, ["DELETE", "/123"]],
    ["rotate", 123, {}, ["POST", "/rotate/123"]],
  ];
  for (const [kind, tableId, draft, wanted] of grid)
    assert.deepEqual(requestOf(formOf(kind, tableId, draft)), wanted, kind);
});

test("a form goes once, stays with its reason when refused, and closes when it is done", () => {
  const asked = told(
    { type: "show", screen: formOf("transfer", 125) },
    { type: "draft", name: "other", value: "123" },
    { type: "go" },
  );
  const again = go(asked, { type: "go" });
  assert.equal(again.screen, asked.screen, "Enter pressed twice is one request");
  const refused = go(asked, { type: "trouble", code: "TABLE_TAKEN", said: "A01 已经有人坐了" });
  const form = formScreen(seen(refused, tables).ctx, /** @type {FormScreen} */ (refused.screen));
  assert.equal(textOf(find(form, "role", "alert")), "A01 已经有人坐了");
  assert.equal(/** @type {FormScreen} */ (refused.screen).draft.other, "123");
  assert.equal(go(asked, { type: "done" }).screen, null);
});

test("a party moves to free tables and joins taken ones only", () => {
  const offered = (/** @type {FormKind} */ kind, tableId = 125) => {
    const { ctx } = seen(told({ type: "show", screen: formOf(kind, tableId) }), tables);
    return findAll(formScreen(ctx, formOf(kind, tableId)), "aria-pressed").map(textOf);
  };
  assert.deepEqual(offered("transfer"), ["A01"]);
  assert.deepEqual(offered("merge"), ["A10", "包厢 1", "包厢 2"]);
  const { ctx } = seen(told(), [/** @type {TableRow} */ (tables[2])]);
  assert.match(textOf(formScreen(ctx, formOf("transfer", 125))), /现在没有空桌/);
});

test("a table that owes is cleared with a reason only, and says how much; also when only the daemon knew", () => {
  const reasons = (/** @type {FormScreen} */ screen) => {
    const form = formScreen(seen(told(), tables).ctx, screen);
    return [textOf(form).includes("还有 ¥88.00 没有结账"), findAll(form, "required").length];
  };
  assert.deepEqual(reasons(formOf("clear", 125)), [true, 1]);
  assert.deepEqual(reasons(formOf("clear", 127)), [false, 0]);
  assert.deepEqual(
    reasons({ ...formOf("clear", 127), trouble: { code: "TABLE_OWES", said: "包厢 2桌还有 5.00 元没有结账" } }),
    [false, 1],
  );
});

test("the owner's tools: a table is added, changed, retired while it is free, and gets a new code with the command that prints it", () => {
  const { ctx, sent } = seen(told({ type: "editing", on: true }), tables);
  const map = mapRegion(ctx);
  assert.equal(findAll(map, "data-step").length, 0);
  press(find(map, "aria-label", "修改：A01"));
  press(find(map, "aria-label", "换码：包厢 2"));
  const [edit, rotate] = sent.map((intent) => /** @type {FormScreen} */ (intent.type === "show" && intent.screen));
  assert.ok(edit && rotate);
  assert.deepEqual(edit.draft, { tableNumber: "A01", area: "大厅", seats: "4" });
  assert.match(textOf(formScreen(ctx, edit)), /停用/);
  assert.doesNotMatch(textOf(formScreen(ctx, formOf("edit", 125))), /停用/, "guests sit there");
  assert.match(textOf(formScreen(ctx, rotate)), /已经印好的桌码立即作废/);
  assert.equal(
    textOf(find(formScreen(ctx, rotate), "class", "command")),
    "tablebell qr --table '包厢 2' --pdf '包厢 2.pdf'",
  );
  assert.equal(
    textOf(find(formScreen(ctx, formOf("rotate", 123)), "class", "command")),
    "tablebell qr --table A01 --pdf A01.pdf",
  );
});

test("phones at the door: who, which table, how long, in or not", () => {
  const { ctx } = seen(told(), tables);
  /** @type {import("../../../assets/js/counter/state.js").Intent[]} */
  const sent = [];
  const state = {
    ...ctx.counter,
    waiting: [{ requestId: "r1", tableId: 123, tableNumber: "A01", address: "203.0.113.7", at: at("18:59") }],
  };
  const region = waitingRegion({ state, t: translator(COUNTER_WORDS, "zh"), send: (intent) => sent.push(intent) });
  assert.ok(region);
  assert.match(textOf(region), /A01已等 1:00.*扫了 A01 的码。人在店里吗？来自 203\.0\.113\.7/);
  press(find(region, "aria-label", "允许：A01"));
  press(find(region, "aria-label", "拒绝：A01"));
  assert.deepEqual(sent, [
    { type: "admit", requestId: "r1", welcome: true },
    { type: "admit", requestId: "r1", welcome: false },
  ]);
  assert.equal(
    waitingRegion({ state: { ...state, waiting: [] }, t: translator(COUNTER_WORDS, "zh"), send: () => {} }),
    false,
  );
});
