// The office: a member from the first top-up to the scan, by scanner and by camera; the menu out to a file and in again.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertClean, inspect, openCounter, openPage, openPhone, openShop, PHONE, startBrowser } from "./harness.js";

/** @import {Locator, Page} from "playwright-core" */
/** @import {Watched} from "./harness.js" */

const shop = openShop();

/** @param {string} view */
const openView = (view, browser = shop.browser) => openCounter(browser, shop.daemon.ready, shop.daemon.ready.lan, view);

/**
 * A new member, added and topped up at the counter; the phone that takes the link along shows the card.
 *
 * @param {Page} counter
 * @param {string} name
 * @param {string} phone
 * @param {Record<string, string>} amounts by field
 * @returns {Promise<Watched>}
 */
async function enrol(counter, name, phone, amounts) {
  await counter.getByRole("button", { name: "添加会员" }).click();
  const sheet = counter.locator("dialog.office-sheet");
  await sheet.locator("[name=name]").fill(name);
  await sheet.locator("[name=phone]").fill(phone);
  const added = counter.waitForResponse(
    (response) => response.request().method() === "POST" && response.url().endsWith("/admin/member"),
  );
  await sheet.locator("button[type=submit]").click();
  const { url } = (await (await added).json()).data;
  await sheet.getByRole("img", { name: `${name} 的会员页` }).waitFor();
  await sheet.getByRole("button", { name: "返回" }).click();
  await topUp(counter, name, amounts);
  const card = await openPage(shop.browser, PHONE);
  await card.page.goto(url);
  await card.page.locator(".code-picture").waitFor();
  await card.page.locator(".top .link-up").waitFor();
  return card;
}

/**
 * @param {Page} counter
 * @param {string} name
 * @param {Record<string, string>} amounts by field
 */
async function topUp(counter, name, amounts) {
  await counter.getByRole("button", { name: `给 ${name} 充值` }).click();
  const sheet = counter.locator("dialog.office-sheet");
  for (const [field, amount] of Object.entries(amounts)) await sheet.locator(`[name=${field}]`).fill(amount);
  await inspect(counter, "top-up");
  await sheet.locator("button[type=submit]").click();
  await counter.getByText(`${name} 已充值`).waitFor();
}

/**
 * @param {Page} counter
 * @param {string} name
 * @returns {Locator} the member's row
 */
const row = (counter, name) => counter.locator('[data-region="members"] tbody tr').filter({ hasText: name });

/**
 * What a scanner reads off the phone.
 *
 * @param {Page} counter
 * @param {Page} card
 * @returns {Promise<string>}
 */
async function readCode(counter, card) {
  const data = await card.locator(".code-picture").screenshot({ type: "jpeg" });
  const seen = await counter.request.post(`${shop.daemon.ready.lan}/admin/member/decode`, {
    data,
    headers: { "content-type": "image/jpeg" },
  });
  return (await seen.json()).data.code;
}

test("a member is added and topped up; the scanner takes a use, and both sides say so; a used code is refused", async () => {
  const counter = await openView("members");
  const { page } = counter;
  const card = await enrol(page, "陈女士", "13800138001", { amount: "200", uses: "3", paid: "180" });
  await row(page, "陈女士").getByText("¥200.00").waitFor();
  await card.page.locator(".fact.uses").getByText("3").waitFor();
  await card.page.getByText("200.00").first().waitFor();

  const code = await readCode(page, card.page);
  await page.getByLabel("会员码", { exact: true }).focus();
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
  await page.locator(".scan-result.good").getByText("剩余 2 次").waitFor();
  assert.equal(await page.getByLabel("会员码", { exact: true }).inputValue(), "", "ready for the next one");
  await row(page, "陈女士").getByRole("cell", { name: "2", exact: true }).waitFor();
  const result = card.page.locator("dialog.result.good[open]");
  await result.getByText("剩余 2 次").waitFor();
  await result.getByRole("button").click();
  await card.page.locator(".fact.uses").getByText("2").waitFor();

  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
  await page.locator(".scan-result.bad").waitFor();
  await row(page, "陈女士").getByRole("cell", { name: "2", exact: true }).waitFor();
  await inspect(page, "refused");
  await page.getByRole("button", { name: "陈女士 的记录" }).click();
  const entries = page.locator("dialog.office-sheet tbody tr");
  await entries.filter({ hasText: "扣次" }).filter({ hasText: "admin" }).waitFor();
  await entries.filter({ hasText: "充值" }).filter({ hasText: "¥200.00" }).waitFor();
  for (const watched of [counter, card]) assertClean(watched);
});

test("what is typed into a search stays while the page draws itself, and is looked for with Enter", async () => {
  const counter = await openView("members");
  const { page } = counter;
  await enrol(page, "钱先生", "13800138021", { amount: "10", paid: "10" });
  const search = page.locator('[data-region="members"] input[type=search]');
  await search.focus();
  await page.keyboard.type("钱", { delay: 50 });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2_200)));
  assert.equal(await search.inputValue(), "钱", "two drawings later");
  await page.keyboard.type("先生");
  await page.keyboard.press("Enter");
  await row(page, "陈女士").waitFor({ state: "detached" });
  await row(page, "钱先生").waitFor();
  assertClean(counter);
});

test("saving a dish's form takes back nothing that happened since it was opened, and a combo keeps all its dishes", async () => {
  const counter = await openView("menu");
  const { page } = counter;
  const { lan } = shop.daemon.ready;
  const api = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {object} */ data = {}) =>
    (await (await page.request.fetch(`${lan}${path}`, { method, headers: { origin: lan }, data })).json()).data;
  const stock = await api("PUT", "/admin/dish/stock/1062", { stock: 10 });
  assert.equal(stock, null);
  await page.getByRole("button", { name: "修改 双皮奶" }).click();
  const sheet = page.locator("dialog.office-sheet");
  await sheet.locator("[name=price]").fill("13");
  await sheet.locator("[name=hours]").fill("11:00-14:00 17:00-23:59");
  await api("PUT", "/admin/dish/stock/1062", { stock: 3 });
  await api("POST", "/admin/dish/status/0?id=1062");
  await sheet.locator("button[type=submit]").click();
  await page.getByText("双皮奶 已保存").waitFor();
  const saved = await api("GET", "/admin/dish/1062");
  assert.deepEqual([saved.price, saved.stock, saved.status, saved.hours], [13, 3, 0, "11:00-14:00,17:00-23:59"]);

  // More dishes than one page of the list: the combo's own are the oldest.
  for (let number = 0; number < 60; number += 1)
    await api("POST", "/admin/dish", { name: `新菜${number}`, price: 8, categoryId: 1, status: 0 });
  const before = await api("GET", "/admin/setmeal/1064");
  await page.getByRole("button", { name: "套餐", exact: true }).click();
  await page.getByRole("button", { name: "修改 四人套餐" }).click();
  await sheet.locator("[name=price]").fill("199");
  await sheet.locator("button[type=submit]").click();
  await page.getByText("四人套餐 已保存").waitFor();
  const after = await api("GET", "/admin/setmeal/1064");
  const parts = (/** @type {any} */ { setmealDishes }) =>
    setmealDishes.map((/** @type {any} */ part) => [part.dishId, part.copies]);
  assert.deepEqual([after.price, parts(after)], [199, parts(before)]);
  assertClean(counter);
});

/**
 * What a camera sees of the card in somebody's hand. It never sees the same picture twice: of some the reader finds nothing,
 * and of a film of one such picture it would never find anything.
 *
 * @param {Page} card
 * @returns {Promise<Buffer>} JPEG after JPEG
 */
async function filmOf(card) {
  const pictures = [];
  for (const degrees of [-7, -4, -1, 2, 5, 8]) {
    await card.evaluate(async (degrees) => {
      await /** @type {HTMLImageElement} */ (document.querySelector(".code-picture")).decode();
      document.body.style.transform = `rotate(${degrees}deg) scale(${1 - Math.abs(degrees) / 50})`;
    }, degrees);
    pictures.push(await card.screenshot({ type: "jpeg" }));
  }
  await card.evaluate(() => document.body.style.removeProperty("transform"));
  return Buffer.concat(pictures);
}

test("the camera reads the code off the phone, once", async (t) => {
  const at = await openView("members");
  const card = await enrol(at.page, "赵先生", "13800138002", { uses: "5", paid: "50" });
  await card.page.locator(".fact.uses").getByText("5").waitFor();
  const film = join(shop.daemon.home, "phone.mjpeg");
  writeFileSync(film, await filmOf(card.page));
  const browser = await startBrowser([
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    `--use-file-for-fake-video-capture=${film}`,
  ]);
  t.after(() => browser.close());
  const { page } = await openView("members", browser);
  await page.getByRole("button", { name: "用摄像头" }).click();
  // A busy machine makes few pictures a second; the code is good for a minute.
  await page.locator(".scan-result.good").getByText("剩余 4 次").waitFor({ timeout: 50_000 });
  await card.page.locator("dialog.result.good[open]").getByText("剩余 4 次").waitFor();
  await inspect(page, "camera");
  assert.ok(
    await page
      .locator(".camera video")
      .evaluate((video) => /** @type {HTMLVideoElement} */ (video).videoWidth > 0 && video.checkVisibility()),
    "what the camera sees is still shown",
  );
  await page.getByRole("button", { name: "关摄像头" }).click();
  await page.locator(".camera video").waitFor({ state: "hidden" });
  await page.locator(".scan-result.good").getByText("剩余 4 次").waitFor();
});

/**
 * @param {Page} page in the menu view
 * @returns {Promise<string>} the menu as it would be edited in a spreadsheet
 */
async function exported(page) {
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "csv", exact: true }).click();
  return readFileSync(await (await download).path(), "utf8");
}

/**
 * @param {Page} page
 * @param {string} text
 * @param {string} would
 */
async function offer(page, text, would) {
  await page
    .locator(".file-button input")
    .setInputFiles({ name: "menu.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.locator("dialog.office-sheet").getByText(would).waitFor();
}

test("a menu file says what it will change, and the phone has it once that is confirmed; an export imports without a change", async () => {
  const counter = await openView("menu");
  const { page } = counter;
  const sheet = page.locator("dialog.office-sheet");
  const table = shop.daemon.ready.tables[0];
  assert.ok(table);
  const phone = await openPhone(shop.browser, table.url);
  const lines = (await exported(page)).trimEnd().split(/\r?\n/);
  const columns = String(lines[0]).replace("\uFEFF", "").split(",");
  const at = (/** @type {string} */ column) => columns.indexOf(column);
  const index = lines.findIndex((line) => line.startsWith("菜品,"));
  const cells = String(lines[index]).split(",");
  cells[at("价格")] = "123.45";
  const fresh = columns.map(
    (column) =>
      ({ 类型: "菜品", 分类: cells[at("分类")], 名称: "松鼠鳜鱼", 价格: "98.50", 状态: "起售" })[column] ?? "",
  );
  const text = [...lines.slice(0, index), cells.join(","), fresh.join(","), ...lines.slice(index + 1), ""].join("\n");

  await offer(page, text, "新增 1");
  await inspect(page, "what an import would do");
  await sheet.getByText("修改 1").waitFor();
  await sheet.getByRole("button", { name: "返回" }).click();
  assert.equal(await page.getByRole("cell", { name: "松鼠鳜鱼", exact: true }).count(), 0, "not yet");
  await offer(page, text, "新增 1");
  await sheet.locator("button[type=submit]").click();
  await page.getByRole("cell", { name: "松鼠鳜鱼", exact: true }).waitFor();
  await phone.page.locator(".dish").filter({ hasText: "松鼠鳜鱼" }).getByText("98.50").waitFor();
  await phone.page
    .locator(".dish")
    .filter({ hasText: String(cells[at("名称")]) })
    .getByText("123.45")
    .waitFor();

  const again = await exported(page);
  assert.match(again, /松鼠鳜鱼/);
  await offer(page, again, "新增 0");
  await sheet.getByText("修改 0").waitFor();
  await sheet.locator("button[type=submit]").click();
  await sheet.waitFor({ state: "hidden" });
  assert.equal(await exported(page), again);

  await offer(page, again.replace(/(松鼠鳜鱼),[^,]+/, "$1,时价"), "文件里有问题，什么都没有改");
  const line = again.split("\n").findIndex((one) => one.includes("松鼠鳜鱼")) + 1;
  await sheet.getByText(`第 ${line} 行：价格“时价”看不懂`).waitFor();
  await inspect(page, "a bad file");
  for (const watched of [counter, phone]) assertClean(watched);
});
