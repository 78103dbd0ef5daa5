// A phone that scans from outside the store's networks waits until somebody at the counter agrees. Here it comes through a proxy on
// this PC, as through nginx, which says whose request it passes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClean, COUNTER, inspect, openCounter, openPage, openShop, PHONE } from "./harness.js";

/** @import {Page} from "playwright-core" */

const OUTSIDE = "203.0.113.7";

const shop = openShop();

/**
 * @param {number} index of the table
 * @returns {Promise<Page>} a phone elsewhere that has scanned its code
 */
async function scanOutside(index) {
  const { page, context } = await openPage(shop.browser, PHONE);
  await context.setExtraHTTPHeaders({ "x-forwarded-for": OUTSIDE });
  await page.goto(String(shop.daemon.ready.tables[index]?.url));
  await page.getByText("请稍等，店员正在确认您在店里").waitFor();
  return page;
}

test("the counter allows one phone from outside and refuses the other: one goes on to the menu, the other is told", async () => {
  const counter = await openCounter(shop.browser, shop.daemon.ready);
  const { page } = counter;
  const cards = page.locator(".waiting-card");
  const welcome = await scanOutside(0);
  const unknown = await scanOutside(1);
  await cards.nth(1).waitFor();
  assert.deepEqual(
    await cards.locator(".table-number").allInnerTexts(),
    ["A01", "A02"],
    "the one that came first first",
  );
  await cards.first().getByText(OUTSIDE).waitFor();
  for (const size of [PHONE, { width: 820, height: 1180 }, COUNTER]) {
    await page.setViewportSize(size);
    await inspect(page, `two wait at ${size.width}`);
  }
  await page.getByRole("button", { name: "允许：A01" }).click();
  await welcome.locator(".dish").first().waitFor();
  await welcome.locator(".top .link-up").waitFor();
  await page.getByRole("button", { name: "拒绝：A02" }).click();
  await unknown.getByText("店员没有同意").waitFor();
  await cards.first().waitFor({ state: "detached" });
  const audit = await (await page.request.get(`${shop.daemon.ready.lan}/admin/audit?page=1&pageSize=10`)).json();
  const deeds = audit.data.records.map((/** @type {any} */ { actor, act, target, detail }) =>
    [actor, act, target, detail].join(" "),
  );
  assert.deepEqual(deeds.slice(0, 2), [`admin table.refuse A02 ${OUTSIDE}`, `admin table.admit A01 ${OUTSIDE}`]);
  assertClean(counter);
});
