// 菜单 as data: what a form is filled with, what it asks for, and what is shown meanwhile.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { applyMenu, categoryForm, dishForm, FIRST_MENU, requestOf } from "../../../assets/js/counter/menu/state.js";
import { open } from "../../../assets/js/counter/menu/view.js";
import { openOffice, submit, type } from "./offices.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {ComboPart, Dish, Imported, MenuCategory} from "../../../assets/js/types.js" */
/** @import {DishForm, MenuMessage, MenuState} from "../../../assets/js/counter/menu/state.js" */

const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
});

const untouched = { createTime: null, updateTime: null, createUser: null, updateUser: null };
/** @type {MenuCategory[]} */
const categories = [
  { id: 9, type: 2, name: "套餐", sort: 2, status: 1, hours: "", ...untouched },
  { id: 1, type: 1, name: "热菜", sort: 1, status: 1, hours: "", ...untouched },
];

/** @type {Dish} */
const fish = {
  id: 7,
  name: "水煮鱼",
  categoryId: 1,
  categoryName: "热菜",
  price: 68.1,
  image: "",
  description: "麻",
  status: 1,
  sort: 1,
  stock: 4,
  flavors: [],
  ...untouched,
  hours: "11:00-14:00",
  options: [
    { name: "辣度", multiple: false, required: true, values: [{ value: "微辣", priceDelta: 0 }] },
    {
      name: "加料",
      multiple: true,
      required: false,
      values: [
        { value: "豆皮", priceDelta: 4.2 },
        { value: "豆芽", priceDelta: 3 },
      ],
    },
  ],
};

/**
 * @param {MenuState} state
 * @param {...MenuMessage} messages
 */
const after = (state, ...messages) => messages.reduce(applyMenu, state);

/** @type {MenuState} */
const shown = { ...FIRST_MENU, categories };

/** @param {MenuState} state */
const formOf = ({ form }) => /** @type {DishForm} */ (form);

test("a dish's groups of options are rows of its form, and one is typed into without the others", () => {
  const opened = after(shown, { type: "open", form: dishForm(shown, 7, fish, []) });
  assert.deepEqual(formOf(opened).fields, {
    name: "水煮鱼",
    price: "68.10",
    image: "",
    description: "麻",
    hours: "11:00-14:00",
    stock: "4",
    categoryId: "1",
    groups: [
      { name: "辣度", required: true, multiple: false, values: "微辣" },
      { name: "加料", required: false, multiple: true, values: "豆皮 4.20\n豆芽 3.00" },
    ],
    parts: [{ dishId: "", copies: "" }],
  });
  const typed = after(
    opened,
    { type: "group.typed", index: 1, change: { name: "配菜" } },
    { type: "group.add" },
    { type: "group.typed", index: 2, change: { values: "大份" } },
  );
  assert.deepEqual(
    formOf(typed).fields.groups.map(({ name, values }) => [name, values]),
    [
      ["辣度", "微辣"],
      ["配菜", "豆皮 4.20\n豆芽 3.00"],
      ["", "大份"],
    ],
  );
  assert.equal(formOf(opened).fields.groups[1]?.name, "加料", "what was is not touched");
  const closed = after(typed, { type: "close" });
  assert.deepEqual(
    after(closed, { type: "group.typed", index: 0, change: { name: "x" } }, { type: "part.add" }),
    closed,
    "nothing is typed into none",
  );
});

test("a dish is saved as it is filled in, and the groups that are not are left out", () => {
  const opened = after(shown, { type: "open", form: dishForm(shown, 7, fish, []) });
  const saved = {
    name: "水煮鱼",
    price: 68.1,
    categoryId: 1,
    image: "",
    description: "麻",
    hours: "11:00-14:00",
    stock: 4,
    options: fish.options,
  };
  assert.deepEqual(requestOf(formOf(opened)), ["PUT", "dish", { id: 7, ...saved, stockWas: 4 }]);
  const changed = after(
    opened,
    { type: "typed", change: { price: "70", stock: " ", name: " 鱼 " } },
    { type: "group.add" },
    { type: "group.typed", index: 2, change: { name: "没有内容" } },
    { type: "group.typed", index: 0, change: { name: " " } },
  );
  assert.deepEqual(requestOf(formOf(changed))[2], {
    id: 7,
    ...saved,
    name: "鱼",
    price: 70,
    stock: null,
    stockWas: 4,
    options: fish.options.slice(1),
  });
  const fresh = after(
    shown,
    { type: "open", form: dishForm(shown, null, {}, []) },
    { type: "typed", change: { name: "凉皮", price: "9.5" } },
  );
  const body = {
    name: "凉皮",
    price: 9.5,
    categoryId: 1,
    image: "",
    description: "",
    hours: "",
    stock: null,
    options: [],
    status: 1,
  };
  assert.deepEqual(requestOf(formOf(fresh)), ["POST", "dish", body]);
});

test("a combo is the dishes in its rows, one copy each where no number stands", () => {
  const combos = after(shown, {
    type: "listed",
    lists: { dishes: [], total: 0, categories },
    place: { family: "setmeal" },
  });
  const rice = { ...fish, id: 8, name: "米饭", price: 2 };
  /** @type {ComboPart} */
  const part = { id: 1, setmealId: 20, dishId: 7, name: "水煮鱼", price: 60, copies: 1 };
  const combo = { ...fish, id: 20, name: "双人套餐", price: 88, categoryId: 9, options: [], setmealDishes: [part] };
  const opened = after(combos, { type: "open", form: dishForm(combos, 20, combo, [fish, rice]) });
  const typed = after(
    opened,
    { type: "part.add" },
    { type: "part.add" },
    { type: "part.typed", index: 1, change: { dishId: "8" } },
    { type: "part.typed", index: 0, change: { copies: "2" } },
  );
  const [method, path, body] = requestOf(formOf(typed));
  assert.deepEqual([method, path], ["PUT", "setmeal"]);
  assert.deepEqual(/** @type {any} */ (body).setmealDishes, [
    { dishId: 7, name: "水煮鱼", price: 68.1, copies: 2 },
    { dishId: 8, name: "米饭", price: 2, copies: 1 },
  ]);
  assert.equal("options" in body, false);
});

test("a category's kind is asked for once", () => {
  assert.deepEqual(requestOf(categoryForm()), ["POST", "category", { name: "", type: 1, sort: 1, hours: "" }]);
  assert.deepEqual(requestOf(categoryForm(categories[0])), [
    "PUT",
    "category",
    { id: 9, name: "套餐", type: 2, sort: 2, hours: "" },
  ]);
});

test("what is shown changes with the answer, not with the tap", () => {
  const asked = after(shown, { type: "search", search: "鱼" }, { type: "show", place: { page: 2, family: "setmeal" } });
  assert.deepEqual([asked.search, asked.page, asked.family], ["鱼", 1, "dish"]);
  const told = after(asked, {
    type: "listed",
    lists: { dishes: [fish], total: 51, categories },
    place: { page: 2, family: "setmeal" },
  });
  assert.deepEqual([told.page, told.family, told.total], [2, "setmeal", 51]);
});

const lists = {
  "GET /admin/dish/page": { records: [fish], total: 1 },
  "GET /admin/category/page": { records: categories },
};

test("a form that was filled in is sent as it stands, its list is read again, and what was done is said", async () => {
  const menu = openOffice(open, { ...lists, "GET /admin/dish/7": fish, "PUT /admin/dish": null });
  menu.view.enter?.();
  assert.deepEqual(
    (await menu.settled(true)).map(([request]) => request),
    ["GET /admin/dish/page?page=1&pageSize=50&name=", "GET /admin/category/page?page=1&pageSize=100"],
  );
  press(find(menu.page(), "aria-label", "修改 水煮鱼"));
  await menu.settled();
  type(menu.sheet(), "price", "70.5");
  type(menu.sheet(), "name 1", "配菜");
  type(menu.sheet(), "required 1", true);
  submit(menu.sheet());
  submit(menu.sheet());
  const sent = await menu.settled(true);
  assert.deepEqual(
    sent.map(([request]) => request).slice(0, 2),
    ["PUT /admin/dish", "GET /admin/dish/page?page=1&pageSize=50&name="],
    "twice is once",
  );
  assert.deepEqual(
    sent[0]?.[1].options.map((/** @type {any} */ one) => [one.name, one.required]),
    [
      ["辣度", true],
      ["配菜", true],
    ],
  );
  assert.equal(sent[0]?.[1].price, 70.5);
  assert.equal(menu.isOpen(), false);
  assert.equal(textOf(find(menu.page(), "class", "notice info")), "水煮鱼 已保存");
});

test("a form that is refused stays as it is, and the refusal is said aloud", async () => {
  const menu = openOffice(open, {
    ...lists,
    "GET /admin/dish/7": fish,
    "PUT /admin/dish": new Error("DISH_NAME_TAKEN"),
  });
  menu.view.enter?.();
  await menu.settled();
  press(find(menu.page(), "aria-label", "修改 水煮鱼"));
  await menu.settled();
  type(menu.sheet(), "name", "鱼");
  submit(menu.sheet());
  await menu.settled();
  assert.deepEqual(
    menu.failures.map((error) => /** @type {any} */ (error).code),
    ["DISH_NAME_TAKEN"],
  );
  assert.equal(find(menu.sheet(), "name", "name").props.value, "鱼");
  assert.ok(
    findAll(menu.sheet(), "aria-disabled").every((one) => one.props["aria-disabled"] === null),
    "it can be sent again",
  );
});

test("sales stop and start, dishes and categories go, each by its own address", async () => {
  const off = { ...fish, id: 8, name: "汤", status: 0 };
  const menu = openOffice(open, {
    ...lists,
    "GET /admin/dish/page": { records: [fish, off], total: 2 },
    "POST ": null,
    "DELETE ": null,
  });
  menu.view.enter?.();
  await menu.settled();
  /** @type {[label: string, request: string][]} */
  const table = [
    ["沽清 水煮鱼", "POST /admin/dish/status/0?id=7"],
    ["起售 汤", "POST /admin/dish/status/1?id=8"],
    ["删除 汤", "DELETE /admin/dish?ids=8"],
    ["隐藏 热菜", "POST /admin/category/status/0?id=1"],
    ["删除 热菜", "DELETE /admin/category?id=1"],
  ];
  for (const [label, request] of table) {
    press(find(menu.page(), "aria-label", label));
    assert.deepEqual(await menu.settled(), [[request]]);
  }
  assert.equal(textOf(find(menu.page(), "class", "notice info")), "汤 已删除");
});

test("a file says what it would do before it is sent to do it", async () => {
  /** @type {Imported} */
  const would = { added: 1, changed: 2, renamed: 1, unchanged: 3, problems: [], lines: [] };
  const menu = openOffice(open, { ...lists, "POST /admin/menu/import": would });
  const picked = () =>
    /** @type {any} */ (find(menu.page(), "accept", ".xlsx,.csv,.json").props.onchange)({
      target: { files: [new File(["x"], "menu.csv")], value: "menu.csv" },
    });
  picked();
  assert.deepEqual(await menu.settled(), [["POST /admin/menu/import?check=true"]]);
  assert.match(textOf(menu.sheet()), /新增 1 个，修改 2 个，3 个不变。/);
  type(menu.sheet(), "renames", "no");
  submit(menu.sheet());
  assert.deepEqual(await menu.settled(), [["POST /admin/menu/import?renames=no"]]);
  assert.equal(menu.isOpen(), false);
  assert.equal(textOf(find(menu.page(), "class", "notice info")), "菜单已导入");
});
