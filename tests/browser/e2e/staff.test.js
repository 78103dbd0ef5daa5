// 换人: staff with PINs go on with one counter page in turn.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClean, COUNTER, eventually, inspect, openCounter, openShop, PHONE, tabTo } from "./harness.js";

/** @import {Page} from "playwright-core" */

const shop = openShop();

const SIZES = [PHONE, { width: 820, height: 1180 }, COUNTER];
const SHOTS = process.env.TABLEBELL_SHOTS;

/**
 * @param {Page} page
 * @param {string} where
 */
async function inspectAll(page, where) {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await inspect(page, `${where} at ${size.width}`);
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/staff-${where.replaceAll(" ", "-")}-${size.width}.png` });
  }
}

const dialog = (/** @type {Page} */ page) => page.locator("dialog.person[open]");
const who = (/** @type {Page} */ page, /** @type {string} */ name) =>
  page.locator(".top .who").getByText(name, { exact: true }).waitFor();

/**
 * The owner adds somebody and sets their PIN, in the staff view.
 *
 * @param {Page} page
 * @param {{name: string, username: string, role: string, pin: string}} person
 */
async function hire(page, { name, username, role, pin }) {
  const sheet = page.locator("dialog.office-sheet");
  await page.getByRole("button", { name: "添加员工" }).click();
  await sheet.locator("[name=name]").fill(name);
  await sheet.locator("[name=username]").fill(username);
  await sheet.locator("[name=role]").selectOption(role);
  await sheet.locator("button[type=submit]").click();
  await page.getByText(`已添加 ${name}`).waitFor();
  await setPin(page, name, pin);
}

/**
 * @param {Page} page in the staff view
 * @param {string} name
 * @param {string} pin
 */
async function setPin(page, name, pin) {
  const sheet = page.locator("dialog.office-sheet");
  await page.getByRole("button", { name: `给 ${name} 设口令码` }).click();
  await sheet.locator("[name=secret]").fill(pin);
  await sheet.locator("button[type=submit]").click();
  await page.getByText(`${name} 的口令码已生效`).waitFor();
}

/**
 * @param {Page} page
 * @param {string} name
 */
async function pick(page, name) {
  await page.getByRole("button", { name: "换人" }).click();
  await dialog(page).getByRole("button", { name, exact: true }).click();
  await dialog(page)
    .getByRole("heading", { name: `${name} 的口令码` })
    .and(page.locator(":focus"))
    .waitFor();
}

/**
 * @param {Page} page
 * @param {string} pin
 */
async function click(page, pin) {
  for (const digit of pin) await dialog(page).locator(`[data-key="${digit}"]`).click();
}

/**
 * Without a mouse, from wherever the focus is.
 *
 * @param {Page} page
 * @param {string} name
 * @param {string} pin
 */
async function changeByKeys(page, name, pin) {
  await tabTo(page, page.getByRole("button", { name: "换人" }));
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("button", { name, exact: true }).waitFor();
  await tabTo(page, dialog(page).getByRole("button", { name, exact: true }));
  await page.keyboard.press("Enter");
  await dialog(page)
    .getByRole("heading", { name: `${name} 的口令码` })
    .and(page.locator(":focus"))
    .waitFor();
  await page.keyboard.type(pin);
  await page.keyboard.press("Enter");
}

/**
 * @param {Page} page
 * @returns {Promise<string[]>} the addresses of the views that are offered
 */
const views = (page) =>
  page.locator(".views a").evaluateAll((links) => links.map((link) => String(link.getAttribute("href"))));

test("the owner sets PINs; a waiter goes on by mouse, the cashier and the owner by keyboard, each with their own views and name", async () => {
  const counter = await openCounter(shop.browser, shop.daemon.ready, shop.daemon.ready.lan, "staff");
  const { page } = counter;
  await who(page, "管理员");
  await page.getByRole("button", { name: "换人" }).click();
  await dialog(page).getByText("还没有别人设口令码").waitFor();
  await inspectAll(page, "nobody");
  await page.keyboard.press("Escape");
  await setPin(page, "管理员", "908172");
  await hire(page, { name: "小李", username: "xiaoli", role: "waiter", pin: "2580" });
  await hire(page, { name: "<b>王姐</b>", username: "wangjie", role: "cashier", pin: "13579" });
  const table = shop.daemon.ready.tables[0];
  assert.ok(table);
  await page.request.post(`${shop.daemon.ready.lan}/admin/alert/test`);
  await page.locator(".alert").waitFor();

  await page.getByRole("button", { name: "换人" }).click();
  await dialog(page).getByRole("button", { name: "小李", exact: true }).waitFor();
  assert.deepEqual(
    await dialog(page).locator(".names button").allInnerTexts(),
    ["<b>王姐</b>", "小李"],
    "the others who have a PIN",
  );
  await inspectAll(page, "people");
  await dialog(page).getByRole("button", { name: "小李", exact: true }).click();
  await click(page, "258");
  await dialog(page).getByText("已输入 3 位").waitFor({ state: "attached" });
  await inspectAll(page, "pad");
  await click(page, "1");
  await dialog(page).getByRole("button", { name: "删除" }).click();
  await click(page, "0");
  await dialog(page).getByRole("button", { name: "换人" }).click();
  await who(page, "小李");
  await page.locator(".notice").getByText("现在是 小李").waitFor();
  assert.deepEqual(await views(page), ["#room", "#orders", "#members"]);
  await page.locator('.view[data-view="room"]').waitFor();
  assert.equal(await page.locator(".alert").count(), 1, "what waited is still there");

  await page.locator(`.tile[data-table="${table.tableId}"] [data-step="open"]`).click();
  await page.locator("dialog.room-dialog[open] [name=heads]").fill("2");
  await page.keyboard.press("Enter");
  await page.locator(".notice").getByText(`${table.tableNumber} 已开台`).waitFor();
  await page.locator('dialog.room-dialog[open] [data-do="order"]').click();
  await page.locator("dialog.room-dialog[open] [name=search]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog.room-dialog[open]").waitFor({ state: "hidden" });

  await changeByKeys(page, "<b>王姐</b>", "13579");
  await who(page, "<b>王姐</b>");
  assert.ok((await views(page)).includes("#day"));
  await page.getByRole("button", { name: "换人" }).and(page.locator(":focus")).waitFor();
  await changeByKeys(page, "管理员", "908172");
  await who(page, "管理员");
  await page.locator('.view[data-view="staff"]').waitFor();
  const deeds = page.locator('[data-region="deeds"] tbody tr');
  await deeds.filter({ hasText: table.tableNumber }).filter({ hasText: "xiaoli" }).waitFor();
  await deeds
    .filter({ hasText: /登录.*PIN/ })
    .filter({ hasText: "wangjie" })
    .first()
    .waitFor();
  await page.reload();
  await who(page, "管理员");
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
  assert.doesNotMatch(kept, /2580|13579|908172/, "no PIN is kept");
  assertClean(counter);
});

test("a wrong PIN is refused and forgotten; after several the wait is told; Enter sends after the keys were clicked", async () => {
  const { page } = await openCounter(shop.browser, shop.daemon.ready);
  await pick(page, "小李");
  await click(page, "2581");
  await page.keyboard.press("Enter");
  await dialog(page).getByText("口令码不对，请再输一次。").waitFor();
  await dialog(page).getByText("已输入 0 位").waitFor({ state: "attached" });
  await inspectAll(page, "wrong");
  for (const tries of [2, 3, 4, 5]) {
    await page.keyboard.type(`258${tries}`);
    const answered = page.waitForResponse("**/admin/employee/login");
    await page.keyboard.press("Enter");
    await answered;
    await dialog(page).getByText("口令码不对，请再输一次。").waitFor();
  }
  await page.keyboard.type("2580");
  await page.keyboard.press("Enter");
  await dialog(page)
    .getByText(/输错太多次，请等 \d+ 秒再输。/)
    .waitFor();
  await inspectAll(page, "locked");
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  await who(page, "管理员");
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("button", { name: "Change person" }).click();
  await dialog(page).getByRole("button", { name: "小李" }).click();
  await dialog(page).getByRole("heading", { name: "小李's PIN" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("2580");
  await page.keyboard.press("Enter");
  await dialog(page)
    .getByText(/please wait \d+ seconds/)
    .waitFor();
  await inspectAll(page, "locked in English");
});

test("whoever is logged in sets their own PIN, and a second page of the same browser follows the change", async () => {
  const counter = await openCounter(shop.browser, shop.daemon.ready);
  const { page } = counter;
  const second = await counter.context.newPage();
  await second.goto(`${shop.daemon.ready.lan}/counter#staff`);
  await second.locator('.view[data-view="staff"]').waitFor();
  await pick(page, "<b>王姐</b>");
  await page.keyboard.type("13579");
  await page.keyboard.press("Enter");
  await who(page, "<b>王姐</b>");
  await page.getByRole("button", { name: "换人" }).click();
  await dialog(page).getByRole("button", { name: "设我的口令码" }).click();
  await dialog(page).getByRole("heading", { name: "设我的口令码" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("1234");
  await page.keyboard.press("Enter");
  await dialog(page)
    .getByText(/不能是 1234/)
    .waitFor();
  await inspectAll(page, "own");
  await page.keyboard.type("8642");
  await page.keyboard.press("Enter");
  await page.locator(".notice").getByText("你的口令码已生效").waitFor();
  await second.evaluate(() => window.dispatchEvent(new Event("online")));
  await who(second, "<b>王姐</b>");
  await eventually(async () => !(await views(second)).includes("#staff"), "the staff is the owner's");
  await pick(page, "管理员");
  await page.keyboard.type("908172");
  await page.keyboard.press("Enter");
  await who(page, "管理员");
  await pick(page, "<b>王姐</b>");
  await page.keyboard.type("8642");
  await page.keyboard.press("Enter");
  await who(page, "<b>王姐</b>");
});

test("what is typed and sent before the page is drawn again is what is sent", async () => {
  const { page } = await openCounter(shop.browser, shop.daemon.ready, shop.daemon.ready.lan, "staff");
  await page.getByRole("button", { name: "给 小李 设口令码" }).click();
  const sent = page.waitForRequest("**/admin/employee/pin");
  await page.locator("dialog.office-sheet [name=secret]").evaluate((element) => {
    const input = /** @type {HTMLInputElement} */ (element);
    input.value = "7531";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.form?.requestSubmit();
  });
  assert.equal((await sent).postDataJSON().pin, "7531");
  await page.getByText("小李 的口令码已生效").waitFor();
});

test("a drawing right after Escape does not bring the dialog back", async () => {
  const { page } = await openCounter(shop.browser, shop.daemon.ready);
  await page.getByRole("button", { name: "换人" }).click();
  await dialog(page).getByRole("button", { name: "设我的口令码" }).click();
  await dialog(page).getByRole("heading", { name: "设我的口令码" }).waitFor();
  const open = await dialog(page).evaluate(
    (element) =>
      new Promise((resolve) => {
        // In this order within one frame: closed, as by Escape; drawn, as the key asks for; looked at.
        requestAnimationFrame(() => /** @type {HTMLDialogElement} */ (element).close());
        element.dispatchEvent(new KeyboardEvent("keydown", { key: "7", bubbles: true }));
        requestAnimationFrame(() => resolve(/** @type {HTMLDialogElement} */ (element).open));
      }),
  );
  assert.equal(open, false);
  await page.getByRole("button", { name: "换人" }).click();
  await dialog(page).getByRole("heading", { name: "谁来接着用？" }).waitFor();
});
