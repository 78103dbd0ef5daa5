// Names as long as they may be, and one that is written from the right: every page that shows them keeps its shape.

import assert from "node:assert/strict";
import { test } from "node:test";
import { counterOf } from "./banquet.js";
import {
  addDish,
  assertClean,
  COUNTER,
  inspect,
  openCounter,
  openPhone,
  openSheet,
  openShop,
  PHONE,
  submitCart,
} from "./harness.js";

/** @type {(text: string) => string} */
const longest = (text) => text.repeat(80).slice(0, 80);
const DISH = longest("香辣小龙虾（麻辣、蒜蓉、十三香）");
const WORD = longest("Kung-Pao-Chicken");
const FROM_THE_RIGHT = "חומוס 2";

/** @type {Awaited<ReturnType<typeof counterOf>>} */
let admin;
let tableUrl = "";
const shop = openShop(furnish, ["--pay", "later"]);

/** @param {import("./harness.js").Shop} shop */
async function furnish({ daemon }) {
  admin = await counterOf(daemon.ready);
  const { tableId = 0, url = "" } = daemon.ready.tables[0] ?? {};
  tableUrl = url;
  await admin("PUT", "/table", {
    tableId,
    tableNumber: "二楼临窗大包间二楼临窗大包间二楼",
    area: "二楼临窗大包间二楼临窗大包间二楼",
    seats: 4,
  });
  const category = longest("招牌热菜");
  await admin("POST", "/category", { type: 1, name: category, sort: 0 });
  const categoryId = (await admin("GET", `/category/page?page=1&pageSize=100&name=${encodeURIComponent(category)}`))
    .records[0].id;
  await admin("POST", `/category/status/1?id=${categoryId}`);
  const options = [
    { name: longest("辣度"), required: true, values: [{ value: longest("不辣") }, { value: WORD, priceDelta: 2 }] },
  ];
  for (const [name, more] of /** @type {[string, object][]} */ ([
    [DISH, { options }],
    [WORD, {}],
    [FROM_THE_RIGHT, {}],
  ])) {
    await admin("POST", "/dish", { name, categoryId, price: 18, description: longest("好吃"), status: 1, ...more });
  }
}

test("on the phone and at the counter", async () => {
  const phone = await openPhone(shop.browser, tableUrl);
  const { page } = phone;
  await page.getByText(DISH).first().waitFor();
  await inspect(page, "menu");
  for (const index of [0, 1, 2]) await addDish(page, index);
  await openSheet(page, "cart");
  await page.locator("dialog.cart[open] .order-form > button.primary:enabled").waitFor();
  await inspect(page, "cart");
  await submitCart(page);
  await inspect(page, "orders");
  assertClean(phone);

  const counter = await openCounter(shop.browser, shop.daemon.ready);
  await counter.page.getByText(FROM_THE_RIGHT).first().waitFor();
  for (const [view, shown] of [
    ["", FROM_THE_RIGHT],
    ["菜单", DISH],
  ]) {
    if (view) await counter.page.getByRole("link", { name: view }).click();
    await counter.page.getByText(String(shown)).filter({ visible: true }).first().waitFor();
    for (const viewport of [PHONE, COUNTER]) {
      await counter.page.setViewportSize(viewport);
      await inspect(counter.page, `${view || "orders"} at ${viewport.width}`);
    }
  }
  assertClean(counter);
});

test("a name from the right leaves the number beside it where it is", async () => {
  const { page } = await openPhone(shop.browser, tableUrl);
  await page.getByText(FROM_THE_RIGHT).first().waitFor();
  // The same text nodes beside each other, as a line of an order has them: where the count is drawn says whether it was turned.
  const places = await page.evaluate((name) => {
    const line = document.createElement("p");
    line.append(
      Object.assign(document.createElement("span"), { textContent: name }),
      Object.assign(document.createElement("span"), { textContent: " 3" }),
    );
    document.body.append(line);
    const [left, right] = [...line.children].map((one) => one.getBoundingClientRect());
    line.remove();
    return [left?.left ?? 0, right?.left ?? 0];
  }, FROM_THE_RIGHT);
  assert.ok(Number(places[0]) < Number(places[1]), "the count stands behind the name");
});
