// A backup from the counter page: told that there is none, made with one press, seen at every counter.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { assertClean, openCounter, openShop } from "./harness.js";

const shop = openShop();

test("one press makes a backup; this counter and the other one see it", async () => {
  const [counter, other] = [
    await openCounter(shop.browser, shop.daemon.ready),
    await openCounter(shop.browser, shop.daemon.ready),
  ];
  for (const { page } of [counter, other])
    await page.locator('[data-strip="bad-backup"]').getByText("没有可用的备份").waitFor();
  await counter.page.locator('[data-strip="bad-backup"]').getByRole("button", { name: "立即备份" }).click();
  await counter.page.locator(".notice").getByText("备份完成").waitFor();
  for (const { page } of [counter, other]) {
    await page.locator('[data-strip="bad-backup"]').waitFor({ state: "detached" });
    await page
      .locator(".strip.well")
      .getByText(/上次备份：今天 \d\d:\d\d/)
      .waitFor();
  }
  const made = readdirSync(shop.daemon.home, { recursive: true, encoding: "utf8" }).filter((name) =>
    /backup\/tablebell-\d{8}-\d{6}\.db$/.test(name),
  );
  assert.equal(made.length, 1);
  await counter.page.getByRole("link", { name: "账目" }).click();
  await counter.page.locator('[data-region="books"]').getByRole("button", { name: "立即备份" }).waitFor();
  assertClean(counter);
  assertClean(other);
});
