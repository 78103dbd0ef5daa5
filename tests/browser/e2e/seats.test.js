// One browser, one party: a phone that goes from one table to another, with the pages of both in its history or in two tabs.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { addDish, assertClean, eventually, inspect, openPhone, openSheet, openShop, Relay } from "./harness.js";

/** @import {Page} from "playwright-core" */

/** @type {Relay} */
let relay;
let origin = "";

const shop = openShop(async ({ daemon }) => {
  relay = new Relay(daemon.ready.lan);
  origin = await relay.start();
});
after(async () => {
  await relay?.stop();
});

/**
 * @param {number} index
 * @param {string} [from] origin
 * @returns {string} the address of the table's page
 */
function address(index, from = shop.daemon.ready.lan) {
  const found = shop.daemon.ready.tables[index];
  assert.ok(found, `the demo has a table ${index}`);
  return `${from}/t/${found.code}`;
}

/**
 * @param {Page} page
 * @param {number} pieces that the table's cart has
 */
async function assertCart(page, pieces) {
  const badge = page.locator(".cart-button .badge");
  await eventually(
    async () => (pieces === 0 ? (await badge.count()) === 0 : (await badge.textContent()) === String(pieces)),
    `${pieces} in the cart`,
  );
}

const elsewhere = (/** @type {Page} */ page, /** @type {string} */ number) =>
  page.getByRole("heading", { name: `这部手机现在坐在 ${number} 桌` });

test("Back to the table that was left: it says where the phone sits, joins nobody, and comes back when asked to", async () => {
  const mate = await openPhone(shop.browser, address(0));
  const phone = await openPhone(shop.browser, address(0));
  const { page } = phone;
  await addDish(page, 0);
  await assertCart(mate.page, 1);
  await page.goto(address(2));
  await page.locator(".top .table").getByText("A03桌").waitFor();
  await page.locator(".top .link-up").waitFor();
  await page.goBack();
  await elsewhere(page, "A03").waitFor();
  await inspect(page, "elsewhere");
  await page.reload();
  await elsewhere(page, "A03").waitFor();
  await page.getByRole("button", { name: "去 A03 桌的点餐页" }).click();
  await page.locator(".top .table").getByText("A03桌").waitFor();
  await page.locator(".top .link-up").waitFor();
  await addDish(page, 1);
  await assertCart(page, 1);
  await page.goto(address(0));
  await page.getByRole("button", { name: "离开 A03 桌，回到这一桌" }).click();
  await page.locator(".top .table").getByText("A01桌").waitFor();
  await assertCart(page, 1);
  await openSheet(page, "cart");
  await page.locator("dialog.cart .line .person").getByText("我", { exact: true }).waitFor();
  assert.equal(await mate.page.locator(".cart-button .badge").textContent(), "1");
  // Asking where the phone sits is answered with 409: the browser's console tells every such answer.
  phone.troubles = phone.troubles.filter((trouble) => !trouble.includes("409"));
  for (const watched of [phone, mate]) assertClean(watched);
});

test("two tabs: the old one stops at once, and what it had not sent goes nowhere, not by a reload either", async () => {
  const mate = await openPhone(shop.browser, address(3));
  const phone = await openPhone(shop.browser, address(3, origin));
  const old = phone.page;
  relay.set("noSockets");
  await old.locator(".top .link-down").waitFor();
  await addDish(old, 0);
  await addDish(old, 0);
  await assertCart(old, 2);
  relay.set("open");
  // Sat down elsewhere before the old page has connected again: as if by a scan, in another tab.
  relay.set("noSockets");
  const young = await phone.context.newPage();
  await young.goto(address(4, origin));
  await young.locator(".dish").first().waitFor();
  await elsewhere(old, "A05").waitFor();
  relay.set("open");
  await young.locator(".top .link-up").waitFor();
  await old.reload();
  await elsewhere(old, "A05").waitFor();
  await old.getByRole("button", { name: "回到这一桌" }).click();
  await old.locator(".top .table").getByText("A04桌").waitFor();
  await old.locator(".top .link-up").waitFor();
  await assertCart(old, 0);
  await assertCart(mate.page, 0);
  await elsewhere(young, "A04").waitFor();
});

test("a page that another browser's tab knows nothing of learns it from the daemon: its socket is another table's", async () => {
  const phone = await openPhone(shop.browser, address(5, origin));
  const old = phone.page;
  await old.evaluate(() => {
    // As where storage is off: no other page can tell this one.
    Storage.prototype.getItem = () => null;
  });
  const young = await phone.context.newPage();
  await young.goto(address(6, origin));
  await young.locator(".top .link-up").waitFor();
  relay.set("cut");
  await old.locator(".top .link-down").waitFor();
  relay.set("open");
  await elsewhere(old, "A07").waitFor();
});

test("a phone whose token counts no longer is seated again where its party sits, and the order that it was sending is placed once", async () => {
  const phone = await openPhone(shop.browser, address(7, origin));
  const { page } = phone;
  await addDish(page, 0);
  await assertCart(page, 1);
  await openSheet(page, "cart");
  await phone.context.clearCookies();
  await page.locator("dialog.cart[open] .order-form > button.primary:enabled").click();
  await page.locator("dialog.orders[open] .order").waitFor();
  assert.equal(await page.locator("dialog.orders[open] .order").count(), 1);
  await phone.context.clearCookies();
  relay.set("cut");
  await page.locator("dialog.orders .link-down").waitFor();
  relay.set("open");
  await page.locator("dialog.orders .link-up").waitFor();
});
