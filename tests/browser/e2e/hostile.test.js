// Names, reasons and remarks that want to be tags: on every page that shows them they are text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { counterOf } from "./banquet.js";
import { addDish, assertClean, openCounter, openPage, openPhone, openSheet, openShop, PHONE } from "./harness.js";

/** @import {Page} from "playwright-core" */

/** As long as a table's area may be, the shortest of all. */
const TAG = "<img src=x>";
const SPEAKS = "<img src=x onerror=__pwned=1>";

/** @type {Awaited<ReturnType<typeof counterOf>>} */
let admin;
let card = "";
let tableUrl = "";
const shop = openShop(furnish, ["--pay", "later"]);

/**
 * A shop in which everything that has a name has a hostile one, and a party that has ordered.
 *
 * @param {import("./harness.js").Shop} shop
 */
async function furnish({ daemon }) {
  admin = await counterOf(daemon.ready);
  const { tableId = 0, url = "" } = daemon.ready.tables[0] ?? {};
  tableUrl = url;
  await admin("PUT", "/table", { tableId, tableNumber: `A${TAG}`, area: TAG, seats: 4 });
  await admin("POST", "/category", { type: 1, name: `${TAG}菜`, sort: 0 });
  await admin("POST", "/category", { type: 2, name: `${TAG}套`, sort: 1 });
  const named = async (/** @type {string} */ name) =>
    (await admin("GET", `/category/page?page=1&pageSize=100&name=${encodeURIComponent(name)}`)).records[0].id;
  const [dishes, combos] = [await named(`${TAG}菜`), await named(`${TAG}套`)];
  for (const id of [dishes, combos]) await admin("POST", `/category/status/1?id=${id}`);
  const flavors = [{ name: TAG, value: JSON.stringify([`${TAG}辣`, "不辣"]) }];
  await admin("POST", "/dish", {
    name: SPEAKS,
    categoryId: dishes,
    price: 18,
    image: "",
    description: SPEAKS,
    status: 1,
    flavors,
  });
  const { id: dishId } = (await admin("GET", `/dish/page?page=1&pageSize=10&name=${encodeURIComponent(SPEAKS)}`))
    .records[0];
  await admin("POST", "/setmeal", {
    name: `${TAG}双人餐`,
    categoryId: combos,
    price: 58,
    image: "",
    description: TAG,
    status: 1,
    setmealDishes: [{ dishId, name: SPEAKS, price: 18, copies: 2 }],
  });
  await admin("POST", "/employee", { username: "hostile", name: SPEAKS, phone: "13800138000", sex: "1", idNumber: "" });
  const member = await admin("POST", "/member", { name: TAG, phone: "13900139000" });
  await admin("POST", "/member/topup", { userId: member.userId, uses: 1, amount: 100 });
  card = member.url;
}

/**
 * @param {Page} page
 * @param {string} where
 * @param {string} [text] that has to stand there
 */
async function isText(page, where, text = TAG) {
  await page.getByText(text).filter({ visible: true }).first().waitFor();
  assert.equal(
    await page.locator('img[src="x"], img[src$="/x"]').count(),
    0,
    `${where}: an element was made of a text`,
  );
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).__pwned), undefined, where);
}

test("on the phone: menu, choices, cart, orders, bill", async () => {
  const phone = await openPhone(shop.browser, tableUrl);
  const { page } = phone;
  await isText(page, "the table's name", `A${TAG}`);
  await isText(page, "the rail", `${TAG}菜`);
  await isText(page, "the menu", SPEAKS);
  await page.locator(".dish button.pill").first().click();
  await isText(page, "the choices", `${TAG}辣`);
  await page.locator("dialog.chooser .close").click();
  assert.equal(await addDish(page, 0), SPEAKS);
  await openSheet(page, "cart");
  await isText(page, "the cart", SPEAKS);
  await page.locator("dialog.cart[open] input[name=remark]").fill(SPEAKS);
  await page.locator("dialog.cart[open] .order-form > button.primary:enabled").click();
  await page.locator("dialog.orders[open] .order").first().waitFor();
  await isText(page, "the orders", SPEAKS);
  const { tableId = 0 } = shop.daemon.ready.tables[0] ?? {};
  await admin("POST", "/bill/discount", { tableId, percent: 50, reason: SPEAKS });
  await page.locator("dialog.orders[open] .bill-card button").click();
  await isText(page, "the bill", SPEAKS);
  await admin("POST", "/bill/split", { tableId, by: "head", heads: 2 });
  const { parts } = (await admin("GET", `/bill/table/${tableId}`)).bill;
  await admin("POST", "/payment/counter", { partId: parts[0].partId, method: "cash", amount: parts[0].amount });
  assertClean(phone);
});

test("at the counter: the room, a table's sheet, the board, and every view of the office", async () => {
  const counter = await openCounter(shop.browser, shop.daemon.ready, shop.daemon.ready.lan, "room");
  const { page } = counter;
  await isText(page, "the room", `A${TAG}`);
  await isText(page, "the alerts", `A${TAG}`);
  await page.locator(".tile").first().click();
  await isText(page, "a table", SPEAKS);
  await page.locator("dialog.room-dialog").getByRole("button", { name: "关闭", exact: true }).click();
  for (const [view, text] of [
    ["orders", SPEAKS],
    ["members", TAG],
    ["menu", SPEAKS],
    ["staff", SPEAKS],
    ["day", SPEAKS],
    ["books", TAG],
  ]) {
    await page.locator(`.views a[href="#${view}"]`).click();
    await isText(page, String(view), text);
  }
  assertClean(counter);
});

test("on the member's page", async () => {
  const phone = await openPage(shop.browser, PHONE);
  await phone.page.goto(card);
  await isText(phone.page, "the card");
  assertClean(phone);
});
