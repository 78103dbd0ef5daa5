import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_ORDERS, applyFilter, fits, isFiltering } from "../../../assets/js/counter/orders/filter-state.js";
import { alertsOldestFirst, RING_EVERY_MS, ringDue } from "../../../assets/js/counter/ring-state.js";
import { apply, firstState, ticketsIn, ticketsWithoutDetails } from "../../../assets/js/counter/state.js";
import { fromAdmin, fromOrder, parseDishes } from "../../../assets/js/counter/tickets.js";
import { adminOrder, adminOrderDetails, alert, order, orderDetail, orderItem } from "./samples.js";

/** @import {CounterState, Event, Intent} from "../../../assets/js/counter/state.js" */

let stamps = 0;
let now = 1_000_000;

/**
 * @param {CounterState} state
 * @param {...(Event | Intent)} messages
 * @returns {CounterState}
 */
function run(state, ...messages) {
  return messages.reduce((before, message) => apply(before, { ...message, id: `m${(stamps += 1)}`, at: now }), state);
}

const onDuty = run(firstState("zh"), { type: "signed.in" }, { type: "sound", sound: "on" });
const ids = (/** @type {CounterState} */ state) => alertsOldestFirst(state).map((a) => a.alertId);

test("the same alert over socket, stream and list is one alert", () => {
  const state = run(
    onDuty,
    { type: "alert", alert: alert({ alertId: 2 }) },
    { type: "alert", alert: alert() },
    { type: "alert", alert: alert({ alertId: 2 }) },
    { type: "alerts", alerts: [alert(), alert({ alertId: 2 })], asOf: onDuty.tick },
  );
  assert.deepEqual(ids(state), [1, 2]);
});

test("an acknowledged alert is not brought back by a late frame or list", () => {
  const state = run(
    onDuty,
    { type: "alert", alert: alert() },
    { type: "alert.acked", alertId: 1 },
    { type: "alert", alert: alert() },
    { type: "alerts", alerts: [alert()], asOf: 0 },
  );
  assert.deepEqual(ids(state), []);
});

test("a list that was asked for before an alert came does not lose it", () => {
  const asOf = onDuty.tick;
  const state = run(onDuty, { type: "alert", alert: alert({ alertId: 3 }) }, { type: "alerts", alerts: [], asOf });
  assert.deepEqual(ids(state), [3]);
  assert.deepEqual(
    ids(run(state, { type: "alerts", alerts: [], asOf: state.tick })),
    [],
    "a later list without it: someone else acknowledged it",
  );
});

test("a new alert rings at once, then every half minute until acknowledged", () => {
  const arrived = run(onDuty, { type: "alert", alert: alert() });
  assert.equal(ringDue(arrived)?.alertId, 1);
  const rung = run(arrived, { type: "rung" });
  assert.equal(ringDue(rung), null);
  now += RING_EVERY_MS - 1;
  assert.equal(ringDue(run(rung, { type: "clock" })), null);
  now += 1;
  assert.equal(ringDue(run(rung, { type: "clock" }))?.alertId, 1);
  assert.equal(
    ringDue(run(rung, { type: "alert", alert: alert({ alertId: 2, type: 2 }) }))?.type,
    2,
    "a further one does not wait",
  );
  assert.equal(ringDue(run(rung, { type: "alert.acked", alertId: 1 }, { type: "clock" })), null);
});

test("a page that may not sound has rung for nothing: it rings as soon as it may", () => {
  const silent = run(onDuty, { type: "sound", sound: "blocked" }, { type: "alert", alert: alert() });
  assert.equal(ringDue(silent), null);
  assert.equal(ringDue(run(silent, { type: "sound", sound: "on" }))?.alertId, 1);
});

test("the board's columns follow the status, and details once known stay", () => {
  const listed = run(onDuty, {
    type: "orders",
    records: [adminOrder(), adminOrder({ id: 16, status: 3 })],
    asOf: onDuty.tick,
  });
  assert.deepEqual(ticketsWithoutDetails(listed), [16, 17]);
  const full = adminOrderDetails([orderDetail({ dishFlavor: "例份,微辣", remark: "不要花生" })]);
  const detailed = run(listed, { type: "order.record", record: full, asOf: listed.tick });
  assert.deepEqual(ticketsIn(detailed, [2], "oldest")[0]?.dishes, [
    { name: "宫保鸡丁", quantity: 3, note: "例份 · 微辣 · 不要花生" },
  ]);
  const again = run(detailed, { type: "orders", records: [adminOrder({ status: 4 })], asOf: detailed.tick });
  const [ticket] = ticketsIn(again, [4], "oldest");
  assert.deepEqual([ticket?.detailed, ticket?.dishes.length, again.tickets.size], [true, 1, 1]);
});

test("a slow answer cannot move an order back", () => {
  const asOf = onDuty.tick;
  const accepted = run(onDuty, { type: "order", order: order({ status: 3, payStatus: 1 }) });
  assert.equal(run(accepted, { type: "orders", records: [adminOrder()], asOf }).tickets.get(17)?.value.status, 3);
  assert.equal(run(accepted, { type: "order.record", record: adminOrder(), asOf }).tickets.get(17)?.value.status, 3);
});

test("both dialects of an order make the same ticket", () => {
  const fromStream = fromOrder(order({ status: 2, payStatus: 1, amount: 118, dinersCount: 2 }));
  const fromList = fromAdmin(adminOrder());
  for (const field of /** @type {const} */ ([
    "id",
    "number",
    "table",
    "status",
    "payStatus",
    "fen",
    "diners",
    "remark",
  ])) {
    assert.deepEqual(fromStream[field], fromList[field], field);
  }
});

test("of a combo the kitchen reads which dish each choice is for, in both dialects", () => {
  const options = [
    { name: "面 · 加料", value: "加蛋", dish: "面" },
    { name: "面 · 辣度", value: "微辣", dish: "面" },
    { name: "汤 · 份量", value: "大份", dish: "汤" },
  ];
  const combo = orderItem({
    cuisineId: 1063,
    cuisineName: "双人套餐",
    unitPrice: 88,
    quantity: 1,
    subtotalAmount: 88,
    options,
    remark: "快点",
  });
  const detail = orderDetail({
    dishId: 1063,
    name: "双人套餐",
    number: 1,
    amount: 88,
    dishFlavor: "面：加蛋、微辣,汤：大份",
    remark: "快点",
  });
  const note = "面：加蛋、微辣 · 汤：大份 · 快点";
  assert.equal(fromOrder(order({ items: [combo] })).dishes[0]?.note, note);
  assert.equal(fromAdmin(adminOrderDetails([detail])).dishes[0]?.note, note);
});

test("dish lists are read from the right: a name may hold a star", () => {
  assert.deepEqual(parseDishes("宫保鸡丁*3;A*B*2;"), [
    { name: "宫保鸡丁", quantity: 3, note: "" },
    { name: "A*B", quantity: 2, note: "" },
  ]);
  assert.deepEqual(parseDishes(""), []);
  assert.deepEqual(parseDishes("米饭"), [{ name: "米饭", quantity: 1, note: "" }]);
});

test("signing out forgets the shop, not the sound or the language", () => {
  const state = run(onDuty, { type: "lang", lang: "en" }, { type: "alert", alert: alert() }, { type: "signed.out" });
  assert.deepEqual([state.phase, state.alerts.size, state.sound, state.lang], ["login", 0, "on", "en"]);
});

test("the board is narrowed down by state, table, number and anything written on an order", () => {
  const tickets = [
    fromAdmin(adminOrder()),
    fromAdmin(
      adminOrder({
        id: 18,
        number: "202611200002",
        tableNumber: "A02",
        status: 3,
        orderDishes: "水煮鱼*1;",
        remark: "先上凉菜",
      }),
    ),
    fromAdmin(adminOrder({ id: 19, number: "202611200013", tableNumber: "A02", status: 5 })),
  ];
  /** @type {[Partial<import("../../../assets/js/counter/orders/filter-state.js").Filter>, number[]][]} */
  const table = [
    [{}, [17, 18, 19]],
    [{ status: 3 }, [18]],
    [{ table: "A02" }, [18, 19]],
    [{ table: "A02", status: 5 }, [19]],
    [{ text: "0013" }, [19]],
    [{ text: " 凉菜 " }, [18]],
    [{ text: "a01" }, [17]],
    [{ text: "米饭" }, [17, 19]],
    [{ text: "米饭", table: "A01" }, [17]],
    [{ text: "没有" }, []],
  ];
  for (const [change, found] of table) {
    const filter = applyFilter(ALL_ORDERS, { type: "filter", change });
    assert.deepEqual(
      tickets.filter((ticket) => fits(filter, ticket)).map(({ id }) => id),
      found,
      JSON.stringify(change),
    );
    assert.equal(isFiltering(filter), found.length < 3);
  }
});
