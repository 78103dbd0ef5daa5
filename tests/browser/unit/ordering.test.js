// Ordering for a table at the counter.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  choiceFen,
  chosenOptions,
  dishesShown,
  inCart,
  missingGroup,
  orderingOf,
} from "../../../assets/js/counter/room/ordering-state.js";
import { orderingScreen } from "../../../assets/js/counter/room/ordering-view.js";
import { go, seen, told } from "./rooms.js";
import { cart, cuisine, line, menu, optionGroup, session, tableRow } from "./samples.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {OrderingScreen} from "../../../assets/js/counter/room/ordering-state.js" */
/** @import {RoomEvent, RoomIntent, RoomState} from "../../../assets/js/counter/room/room-state.js" */
/** @import {Menu} from "../../../assets/js/types.js" */

/** @type {Menu} */
const full = {
  ...menu,
  categories: [
    ...menu.categories,
    {
      categoryId: 2,
      name: "饮品",
      cuisines: [
        cuisine({
          cuisineId: 2001,
          cuisineName: "奶茶",
          unitPrice: 12,
          left: 3,
          options: [
            optionGroup("温度", { 热: 0, 冰: 1.1 }, { required: true }),
            optionGroup("甜度", { 正常: 0, 少糖: 0 }),
          ],
        }),
      ],
    },
  ],
};

/**
 * @param {...(RoomIntent | RoomEvent)} messages
 * @returns {RoomState}
 */
const ordering = (...messages) =>
  told(
    { type: "show", screen: orderingOf(123) },
    { type: "session", session },
    { type: "menu", menu: full },
    { type: "cart", cart: cart([], 1) },
    ...messages,
  );

/**
 * @param {RoomState} state
 * @returns {OrderingScreen}
 */
const screenOf = (state) => /** @type {OrderingScreen} */ (state.screen);

/**
 * @param {RoomState} state
 * @param {string[] | null} [allowed]
 */
function look(state, allowed = null) {
  const told_ = seen(state, [tableRow()], allowed);
  return { ...told_, view: orderingScreen(told_.ctx, screenOf(state)) };
}

test("a dish is found by any part of its name, by its characters in order, and by its number", () => {
  /** @type {[string, number[]][]} */
  const table = [
    ["鸡", [1001]],
    ["宫丁", [1001]],
    ["丁宫", []],
    ["2001", [2001]],
    ["01", [1001, 2001]],
    ["", [1001, 1002, 1003, 2001]],
    ["  水 ", [1002]],
    ["没有", []],
  ];
  for (const [text, found] of table) {
    assert.deepEqual(
      dishesShown(screenOf(ordering({ type: "search", text }))).map(({ cuisineId }) => cuisineId),
      found,
      text,
    );
  }
});

test("a category narrows the list, a search looks in all of them", () => {
  const drinks = ordering({ type: "search", text: "鸡" }, { type: "category", categoryId: 2 });
  assert.deepEqual(
    dishesShown(screenOf(drinks)).map(({ cuisineId }) => cuisineId),
    [2001],
  );
  assert.deepEqual(
    dishesShown(screenOf(go(drinks, { type: "search", text: "鸡" }))).map(({ cuisineId }) => cuisineId),
    [1001],
  );
});

test("what has to be chosen is asked for, and not added without", () => {
  const asked = ordering({ type: "add", cuisineId: 2001 });
  const { choice } = screenOf(asked);
  assert.ok(choice);
  assert.deepEqual(choice.options, [{ name: "甜度", value: "正常" }]);
  assert.equal(missingGroup(screenOf(asked), choice)?.name, "温度");
  assert.match(textOf(look(asked).view), /请选择：温度/);
  assert.ok(screenOf(go(asked, { type: "choice.go", remark: "快点" })).choice, "it stays");
  const chosen = go(
    asked,
    { type: "choice.pick", name: "温度", value: "冰", multiple: false },
    { type: "choice.quantity", by: 1 },
  );
  const made = screenOf(chosen).choice;
  assert.ok(made);
  assert.equal(choiceFen(screenOf(chosen), made), 2620);
  assert.deepEqual(
    chosenOptions(screenOf(chosen), made),
    [
      { name: "温度", value: "冰" },
      { name: "甜度", value: "正常" },
    ],
    "in the menu's order",
  );
  assert.equal(screenOf(go(chosen, { type: "choice.go", remark: "" })).choice, null);
  const sweet = { type: /** @type {const} */ ("choice.pick"), name: "甜度", value: "正常", multiple: false };
  assert.deepEqual(screenOf(go(asked, sweet)).choice?.options, [], "what need not be chosen is given up");
  const icy = { ...sweet, name: "温度", value: "冰" };
  assert.equal(screenOf(go(asked, icy, icy)).choice?.options.length, 2, "what has to be stays");
});

test("a plain dish needs no question, a sold-out one cannot be had", () => {
  assert.equal(screenOf(ordering({ type: "add", cuisineId: 1001 })).choice, null);
  const { view } = look(ordering());
  const gone = find(view, "data-dish", /** @type {any} */ (1003));
  assert.equal(find(gone, "class", "dish-add").props["aria-disabled"], "true");
  assert.match(textOf(gone), /已沽清.*恢复/);
});

test("sold-out and stock are set where the dish stands, by whom may", () => {
  const { view, sent } = look(ordering());
  press(find(view, "aria-label", "沽清：宫保鸡丁"));
  press(find(view, "aria-label", "恢复供应：回锅肉"));
  press(find(view, "aria-label", "设置份数：奶茶"));
  assert.deepEqual(sent, [
    { type: "sold.out", cuisineId: 1001, soldOut: true },
    { type: "sold.out", cuisineId: 1003, soldOut: false },
    { type: "stocking", cuisineId: 2001 },
  ]);
  assert.match(
    textOf(find(look(ordering({ type: "stocking", cuisineId: 2001 })).view, "class", "stock-form")),
    /奶茶：还有几份/,
  );
  assert.equal(
    findAll(look(ordering(), ["POST table/session/*"]).view, "aria-label").filter(({ props }) =>
      /沽清|份数：/.test(String(props["aria-label"])),
    ).length,
    0,
  );
  assert.match(textOf(view), /奶茶剩 3 份/);
});

test("the cart is the phones' cart; an older telling does not undo a newer one", () => {
  const state = ordering({ type: "cart", cart: cart([line({ quantity: 2 })], 9) }, { type: "cart", cart: cart([], 8) });
  assert.equal(inCart(screenOf(state), 1001), 2);
  const { view, sent } = look(state);
  assert.match(textOf(view), /宫保鸡丁不要花生−2\+¥76\.00.*下单 ¥76\.00/);
  press(find(view, "aria-label", "宫保鸡丁减一份"));
  assert.deepEqual(sent, [{ type: "line", lineId: 1, quantity: 1 }]);
});

test("an empty cart is not ordered, a full one once", () => {
  const empty = ordering();
  assert.equal(screenOf(go(empty, { type: "go" })).waiting, false);
  const gone = ordering({ type: "cart", cart: cart([line()], 2) }, { type: "go" });
  assert.equal(screenOf(gone).waiting, true);
  const refused = go(gone, { type: "trouble", code: "SOLD_OUT", said: "宫保鸡丁已售罄" });
  assert.equal(screenOf(refused).waiting, false);
  assert.equal(textOf(find(look(refused).view, "role", "alert")), "宫保鸡丁已售罄");
  assert.equal(go(gone, { type: "done" }).screen, null);
});
