// A counter PC that is neither heard nor seen, and comes back: the counter page is the alarm in between. It starts without any desktop.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDish,
  assertClean,
  eventually,
  openCounter,
  openPhone,
  openSheet,
  openShop,
  payAtDemo,
  strokes,
  submitCart,
  tabTo,
} from "./harness.js";

const shop = openShop();

test("the speaker test is asked for at one counter, answered at another, gone at both", async () => {
  const one = await openCounter(shop.browser, shop.daemon.ready);
  const two = await openCounter(shop.browser, shop.daemon.ready);
  await one.page.locator(".alarm").getByText("现在没有待处理的提醒").waitFor();
  await eventually(async () => (await strokes(two.page)) > 0, "it has rung for the alarm itself");
  const quiet = await strokes(two.page);
  await tabTo(one.page, one.page.locator(".alarm").getByRole("button", { name: "试音" }));
  await one.page.keyboard.press("Enter");
  for (const { page } of [one, two])
    await page.locator(".alert[data-kind='6']").getByText("前台电脑现在没有声音").waitFor();
  const asked = await two.page.locator(".alert[data-kind='6']").getAttribute("data-alert");
  await one.page.keyboard.press("Enter");
  for (const { page } of [one, two]) await page.locator(`.alert[data-kind='6']:not([data-alert='${asked}'])`).waitFor();
  for (const { page } of [one, two]) await page.locator(`[data-alert='${asked}']`).waitFor({ state: "detached" });
  await one.page.keyboard.press("a");
  await two.page.locator(".alert[data-kind='6']").getByRole("button", { name: "我听到了" }).click();
  for (const { page } of [one, two]) await page.locator(".alert[data-kind='6']").waitFor({ state: "detached" });
  assert.equal(await strokes(two.page), quiet, "no page pretends to be the speaker");
  for (const watched of [one, two]) assertClean(watched);
});

test("neither heard nor seen: the page calls until the order is answered, and until the PC is back", async () => {
  const table = shop.daemon.ready.tables[0];
  assert.ok(table);
  const counter = await openCounter(shop.browser, shop.daemon.ready);
  const { page } = counter;
  await page.locator(".alarm").getByText("前台电脑没有声音，也没有弹窗").waitFor();
  await eventually(async () => (await page.title()) === "⚠ 桌铃 · 柜台", "the tab warns");
  await eventually(async () => (await strokes(page)) > 0, "it rings for that");
  const guest = await openPhone(shop.browser, table.url);
  await addDish(guest.page, 0);
  await openSheet(guest.page, "cart");
  await submitCart(guest.page);
  const silence = await strokes(page);
  await payAtDemo(guest.page);
  await page.locator(".alarm").getByText("1 个提醒等待处理").waitFor();
  await eventually(async () => (await page.title()).startsWith("🔔 1 "), "the tab blinks");
  await eventually(async () => (await page.title()).startsWith("(1) "), "the tab blinks back");
  await eventually(async () => (await strokes(page)) > silence, "it rings");
  const rung = await strokes(page);
  // Twice within the patience of a test, which is shorter than the usual half minute.
  await eventually(async () => (await strokes(page)) > rung, "it rings again soon");

  // Sooner or later a page is loaded anew, and may not ring until it is touched.
  await page.reload();
  await page.locator(".alarm .call").getByText("点一下页面以开启声音").waitFor();
  await page.mouse.click(5, 400);
  await page.locator(".alarm .call").waitFor({ state: "detached" });
  await eventually(async () => (await strokes(page)) > 0, "the touch brings its sound back");

  await shop.daemon.desk.startPopups();
  await page.locator(".alarm").waitFor({ state: "detached" });
  await page
    .locator('[data-strip="bad-sound"]')
    .getByText(/^前台电脑没有声音（自 \d\d:\d\d）$/)
    .waitFor();
  await shop.daemon.desk.startSound();
  await page.locator('[data-strip="bad-sound"]').waitFor({ state: "detached" });
  await page.locator(".strip.well").getByText("前台电脑声音正常").waitFor();
  await page.locator(".alert[data-kind='1']").getByRole("button", { name: "接单", exact: true }).click();
  await page.locator(".alert").waitFor({ state: "detached" });
  await eventually(async () => (await page.title()) === "桌铃 · 柜台", "the tab is calm");

  await page.locator(".strip.well").getByRole("button", { name: "试音" }).click();
  const asked = page.locator(".alert[data-kind='6']");
  await asked.getByText("刚才播放了测试语音，听到了吗？").waitFor();
  await asked.getByRole("button", { name: "我听到了" }).click();
  await asked.waitFor({ state: "detached" });
  for (const watched of [guest, counter]) assertClean(watched);
});

test("a new code for a table: asked twice, at once in force, told to the other counter; who sits there stays", async () => {
  const table = shop.daemon.ready.tables[1];
  assert.ok(table);
  const { tableNumber, url } = table;
  const guest = await openPhone(shop.browser, url);
  const one = await openCounter(shop.browser, shop.daemon.ready, shop.daemon.ready.lan, "room");
  const two = await openCounter(shop.browser, shop.daemon.ready);
  const { page } = one;
  await tabTo(page, page.getByRole("button", { name: "管理桌台", exact: true }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: `换码：${tableNumber}` }));
  await page.keyboard.press("Enter");
  const question = page.locator("dialog.room-dialog[open]");
  await question.getByText("已经印好的桌码立即作废").waitFor();
  assert.equal(
    await question.locator(".command").textContent(),
    `tablebell qr --table ${tableNumber} --pdf ${tableNumber}.pdf`,
  );
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "hidden" });
  assert.equal((await fetch(url)).status, 200, "changed one's mind: nothing has changed");

  const reloaded = two.page.waitForResponse((response) => response.url().endsWith("/admin/table/list"));
  await page.getByRole("button", { name: `换码：${tableNumber}` }).click();
  await question.getByRole("button", { name: "换码", exact: true }).click();
  await page.locator(".notice").getByText(`${tableNumber} 的桌码已更换`).waitFor();
  /** @type {import("../../../assets/js/types.js").TableRow[]} */
  const rows = (await (await reloaded).json()).data;
  const fresh = rows.find((row) => row.tableNumber === tableNumber);
  assert.ok(fresh && fresh.url !== url, "the other counter has asked for the new list");
  assert.equal((await fetch(url)).status, 404, "the printed code is dead");
  await addDish(guest.page, 0);
  await guest.page.locator(".cart-button:not(.pending) .badge").filter({ hasText: "1" }).waitFor();
  await openPhone(shop.browser, fresh.url);
  for (const watched of [guest, one, two]) assertClean(watched);
});
