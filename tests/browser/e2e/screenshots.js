// Writes docs/counter.png, docs/counter-room.png, docs/counter-bill.png, docs/counter-day.png and docs/counter-alarm.png from
// the real daemon: `npm run screenshots`.

import {
  addDish,
  openCounter,
  openPhone,
  openSheet,
  payAtDemo,
  startBrowser,
  startDaemon,
  submitCart,
} from "./harness.js";
import { photograph } from "./photograph.js";

/**
 * One table is open, one has ordered two rounds and pays by head, one asks for its bill.
 *
 * @param {import("playwright-core").Page} page of the counter
 */
async function photographRoom(page) {
  const tables = daemon.ready.tables;
  const [open, pays, calls] = [tables[4], tables[5], tables[6]];
  if (!open || !pays || !calls) throw new Error("the demo has seven tables");
  for (const { tableId, heads } of [
    { tableId: open.tableId, heads: 2 },
    { tableId: pays.tableId, heads: 3 },
  ]) {
    await page.request.post(`${daemon.ready.lan}/admin/table/open/${tableId}`, { data: { heads } });
  }
  const guest = await openPhone(browser, pays.url);
  for (const dishes of [
    [0, 3, 4],
    [1, 8],
  ]) {
    for (const dish of dishes) await addDish(guest.page, dish);
    await openSheet(guest.page, "cart");
    await submitCart(guest.page);
    await guest.page.locator("dialog.orders .close").click();
  }
  const other = await openPhone(browser, calls.url);
  await addDish(other.page, 2);
  await openSheet(other.page, "cart");
  await submitCart(other.page);
  await other.page.request.post(`${daemon.ready.lan}/api/store/call`, {
    data: { tableId: calls.tableId, what: "bill" },
  });
  await page.getByRole("link", { name: /^房间/ }).click();
  await page.locator(`.tile[data-table="${calls.tableId}"][data-state="toPay"]`).waitFor();
  await photograph(page, "counter-room");
  await page.locator(`.tile[data-table="${pays.tableId}"] [data-main]`).click();
  await page.locator('dialog.room-dialog [data-do="bill"]').click();
  await page.getByRole("button", { name: "分单", exact: true }).click();
  await page.getByLabel("分成几份").fill("3");
  await page.locator(".panel-form").getByRole("button", { name: "分单" }).click();
  await page.locator("[data-part]").first().getByRole("button").click();
  await page.locator(".take").getByRole("button", { name: /^已收/ }).click();
  await page.locator('[data-part][data-state="paid"]').waitFor();
  await photograph(page, "counter-bill");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "日结" }).click();
  await page.locator(".chart").nth(1).waitFor();
  await photograph(page, "counter-day");
}

const daemon = await startDaemon();
const browser = await startBrowser();
try {
  const tables = daemon.ready.tables;
  await daemon.desk.startSound();
  await daemon.desk.startPopups();
  const counter = await openCounter(browser, daemon.ready);
  await counter.page.locator(".strip.well").getByText("前台电脑声音正常　桌面弹窗正常").waitFor();
  await counter.page.getByRole("button", { name: "立即备份" }).click();
  await counter.page.locator(".strip.well").getByText("上次备份：今天").waitFor();
  // Three parties order; the first is being served, the second has been accepted and urges, the third has just come in.
  for (const [index, dishes] of /** @type {const} */ ([
    [1, [0, 3, 7]],
    [2, [1, 4]],
    [3, [5, 2, 8]],
  ])) {
    const { page } = await openPhone(browser, tables[index]?.url ?? "");
    for (const dish of dishes) await addDish(page, dish);
    await openSheet(page, "cart");
    await page.locator("dialog.cart[open] input[name=remark]").fill(index === 3 ? "先上凉菜" : "");
    await submitCart(page);
    await payAtDemo(page);
    if (index === 3) continue;
    await counter.page.locator(".alert").getByRole("button", { name: "接单", exact: true }).click();
    await counter.page.locator('[data-column="3"] .ticket').waitFor();
    if (index === 1) await counter.page.locator('[data-column="3"]').getByRole("button", { name: "上菜" }).click();
    else {
      await openSheet(page, "orders");
      await page.getByRole("button", { name: "催单" }).click();
    }
    await counter.page
      .locator(".alert")
      .first()
      .waitFor({ state: index === 1 ? "detached" : "visible" });
  }

  // A fourth party is still choosing.
  for (const dish of [0, 1]) await addDish((await openPhone(browser, tables[0]?.url ?? "")).page, dish);
  await counter.page.locator(".alert").nth(1).waitFor();
  await counter.page.locator(".alert").nth(1).locator(".alert-dishes").waitFor();
  await photograph(counter.page, "counter");
  await photographRoom(counter.page);
  await daemon.desk.stop();
  await counter.page.locator(".alarm .detail").nth(1).waitFor();
  await photograph(counter.page, "counter-alarm");
} finally {
  await browser.close();
  await daemon.stop();
}
