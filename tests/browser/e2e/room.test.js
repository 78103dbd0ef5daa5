// The room at the counter: tables, bills and ordering for a table, against the real daemon.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDish,
  assertClean,
  COUNTER,
  eventually,
  inspect,
  openCounter,
  openPhone,
  openSheet,
  openShop,
  PHONE,
  submitCart,
  tabTo,
} from "./harness.js";

/** @import {Locator, Page} from "playwright-core" */
/** @import {Bill, TableRow} from "../../../assets/js/types.js" */

const SIZES = [PHONE, { width: 820, height: 1180 }, COUNTER];

const shop = openShop();

/**
 * @param {number} index
 * @returns {import("./harness.js").Ready["tables"][number]}
 */
function table(index) {
  const found = shop.daemon.ready.tables[index];
  assert.ok(found, `the demo has a table ${index}`);
  return found;
}

const openRoom = () => openCounter(shop.browser, shop.daemon.ready, shop.daemon.ready.lan, "room");

/**
 * @param {Page} page
 * @param {number} tableId
 * @returns {Locator}
 */
const tile = (page, tableId) => page.locator(`.tile[data-table="${tableId}"]`);

/**
 * @param {Page} page
 * @param {string} path
 * @returns {Promise<any>}
 */
async function ask(page, path) {
  return (await (await page.request.get(`${shop.daemon.ready.lan}/admin/${path}`)).json()).data;
}

/**
 * @param {Page} page
 * @param {number} tableId
 * @returns {Promise<Bill>}
 */
const billOf = (page, tableId) => ask(page, `bill/table/${tableId}`);

/**
 * @param {Page} page
 * @param {number} tableId
 * @returns {Promise<TableRow>}
 */
async function rowOf(page, tableId) {
  /** @type {TableRow[]} */
  const rows = await ask(page, "table/list");
  const row = rows.find((one) => one.tableId === tableId);
  assert.ok(row);
  return row;
}

/**
 * @param {number} index of the table
 * @param {...number[]} rounds dishes of each round, by their place on the menu
 * @returns {Promise<import("./harness.js").Watched>} a phone whose orders have been placed and not paid
 */
async function ordered(index, ...rounds) {
  const guest = await openPhone(shop.browser, table(index).url);
  for (const dishes of rounds) {
    for (const dish of dishes) await addDish(guest.page, dish);
    await openSheet(guest.page, "cart");
    await submitCart(guest.page);
    await guest.page.locator("dialog.orders .close").click();
  }
  return guest;
}

/**
 * Presses Tab until it is there, then Enter.
 *
 * @param {Page} page
 * @param {Locator} wanted
 */
async function pressKey(page, wanted) {
  await wanted.first().waitFor();
  await tabTo(page, wanted);
  await page.keyboard.press("Enter");
}

/**
 * @param {Page} page
 * @param {string} selector
 */
async function focused(page, selector) {
  await eventually(
    () => page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector),
    `the focus is on ${selector}`,
  );
}

test("without a mouse: a table is opened, ordered for, paid in cash with change, cleared", async () => {
  const counter = await openRoom();
  const { page } = counter;
  const { tableId, tableNumber } = table(0);
  const dialog = page.locator("dialog.room-dialog[open]");
  await pressKey(page, tile(page, tableId).locator('[data-step="open"]'));
  await focused(page, "[name=heads]");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("3");
  await page.keyboard.press("Enter");
  await page.locator(".notice").getByText(`${tableNumber} 已开台`).waitFor();

  // Its dialog goes on with the next step under the finger: Enter, the dish by a part of its name, Enter, place the order.
  await focused(page, '[data-do="order"]');
  await page.keyboard.press("Enter");
  await focused(page, "[name=search]");
  await page.keyboard.type("宫保");
  await page.keyboard.press("Enter");
  const choice = dialog.locator(".choice-form");
  const line = dialog.locator(".cart-line");
  await choice.or(line).first().waitFor();
  if (await choice.count()) await pressKey(page, choice.getByRole("button", { name: /^加入/ }));
  await line.first().waitFor();
  await pressKey(page, dialog.locator('[data-do="place"]'));
  await page.locator(".notice").getByText(`${tableNumber} 已下单`).waitFor();
  await pressKey(page, dialog.locator('[data-do="bill"]'));
  await focused(page, '[data-do="take"]');
  const { owed, heads } = await billOf(page, tableId);
  assert.ok(owed > 0);
  assert.equal(heads, 3);
  await page.keyboard.press("Enter");
  await focused(page, "[name=tendered]");
  await page.keyboard.type(String(Math.floor(owed) - 1));
  await dialog.getByText(/^还差 ¥/).waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("1000");
  const change = `找零 ¥${(1000 - owed).toFixed(2)}`;
  await dialog.getByText(change).waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".notice").getByText(change).waitFor();
  const paid = await billOf(page, tableId);
  assert.deepEqual([paid.owed, paid.paid], [0, owed]);

  await focused(page, '[data-do="clear"]');
  await page.keyboard.press("Enter");
  await focused(page, "dialog.room-dialog button[type=submit]");
  await page.keyboard.press("Enter");
  await page.locator(".notice").getByText(`${tableNumber} 已清台`).waitFor();
  await tile(page, tableId).and(page.locator('[data-state="free"]')).waitFor();
  assertClean(counter);
});

test("by head: three parts that are together what is owed; cash, card terminal, and the rest; each counter sees it", async () => {
  const { tableId } = table(1);
  const guest = await ordered(1, [0, 3], [1]);
  const one = await openRoom();
  const two = await openRoom();
  for (const { page } of [one, two]) {
    await tile(page, tableId).locator("[data-main]").click();
    await page.locator('dialog.room-dialog [data-do="bill"]').click();
    await page.locator('[data-do="take"]').waitFor();
  }
  const { page } = one;
  const whole = await billOf(page, tableId);
  assert.equal(whole.orders.length, 2);
  await page.getByRole("button", { name: "分单", exact: true }).click();
  await page.getByLabel("分成几份").fill("3");
  await page.locator(".panel-form").getByRole("button", { name: "分单" }).click();
  const parts = page.locator("[data-part]");
  await parts.nth(2).waitFor();
  const fen = (/** @type {number} */ yuan) => Math.round(yuan * 100);
  const cut = await billOf(page, tableId);
  const amounts = (cut.bill?.parts ?? []).map((part) => fen(part.amount));
  assert.equal(amounts.length, 3);
  assert.equal(
    amounts.reduce((sum, amount) => sum + amount, 0),
    fen(whole.owed),
    "not a fen more or less",
  );
  assert.ok(Math.max(...amounts) - Math.min(...amounts) <= 1);
  await two.page.locator("[data-part]").nth(2).waitFor();

  for (const [at, method, yes] of /** @type {const} */ ([
    [0, "cash", "已收"],
    [1, "terminal", "已刷"],
  ])) {
    await parts.nth(at).getByRole("button").click();
    await page.locator(`[data-method="${method}"]`).click();
    await page
      .locator(".take")
      .getByRole("button", { name: new RegExp(`^${yes}`) })
      .click();
    await parts.nth(at).and(page.locator('[data-state="paid"]')).waitFor();
  }
  await two.page.locator('[data-part][data-state="paid"]').nth(1).waitFor();
  const most = await billOf(page, tableId);
  assert.deepEqual([fen(most.owed), fen(most.paid)], [amounts[2], fen(whole.owed) - (amounts[2] ?? 0)]);
  // Cash was the wrong button: it goes back, and the same is taken by card, as a part of its own.
  await parts.first().getByRole("button", { name: /^退款/ }).click();
  await page.getByRole("button", { name: "换支付方式" }).click();
  await page.locator(".panel-form.giveBack").getByRole("button", { name: "退款" }).click();
  await two.page.locator('[data-part][data-state="open"]').nth(1).waitFor();
  const undone = await billOf(page, tableId);
  assert.deepEqual([fen(undone.owed), fen(undone.paid)], [(amounts[0] ?? 0) + (amounts[2] ?? 0), amounts[1]]);
  await page.locator('[data-part][data-state="open"]').nth(1).getByRole("button").click();
  await page.locator('[data-method="terminal"]').click();
  await page.locator(".take").getByRole("button", { name: /^已刷/ }).click();
  await two.page.locator('[data-part][data-state="paid"]').nth(1).waitFor();
  // What is left is the last part, so all that is owed is that.
  await two.page.locator('[data-do="take"]').click();
  await two.page.locator(".take").getByRole("button", { name: /^已收/ }).click();
  for (const watched of [one, two]) await watched.page.locator(".bill-sums").getByText("已结清").waitFor();
  for (const watched of [one, two, guest]) assertClean(watched);
});

test("by dish, with a free dish, a discount that is undone, and a discount that stays", async () => {
  const { tableId } = table(2);
  const guest = await ordered(2, [0, 1, 4]);
  const counter = await openRoom();
  const { page } = counter;
  await tile(page, tableId).locator("[data-main]").click();
  await page.locator('dialog.room-dialog [data-do="bill"]').click();
  const first = await billOf(page, tableId);
  const [order] = first.orders;
  assert.ok(order);
  const [one, two] = order.items;
  assert.ok(one && two);
  const owed = () => billOf(page, tableId).then((bill) => Math.round(bill.owed * 100));

  await page.getByRole("button", { name: `免单：${one.cuisineName}` }).click();
  await page.getByRole("button", { name: "菜品有问题" }).click();
  await page.getByRole("button", { name: "免单", exact: true }).click();
  await page.locator(".adjustment").getByText("菜品有问题").waitFor();
  const free = Math.round((first.owed - one.subtotalAmount) * 100);
  assert.equal(await owed(), free);

  await page.getByRole("button", { name: "打折", exact: true }).click();
  await page.getByRole("button", { name: "8 折", exact: true }).click();
  await page.getByRole("button", { name: "熟客" }).click();
  await page.locator(".panel-form").getByRole("button", { name: "打折" }).click();
  await page.locator(".adjustment").getByText("熟客").waitFor();
  const cheaper = await owed();
  assert.ok(cheaper < free && cheaper >= Math.floor(free * 0.8), `${cheaper} of ${free}`);
  await page.getByRole("button", { name: /^撤销：打折/ }).click();
  await page.locator(".panel-form").getByRole("button", { name: "撤销" }).click();
  await page.locator(".adjustment").getByText("熟客").waitFor({ state: "detached" });
  assert.equal(await owed(), free);

  await page.getByRole("button", { name: "分单", exact: true }).click();
  await page.getByRole("button", { name: "按菜分" }).click();
  await page.getByRole("button", { name: `放进第 1 份：${two.cuisineName}` }).click();
  await page.locator(".panel-form").getByRole("button", { name: "分单", exact: true }).click();
  await page.locator("[data-part]").nth(1).waitFor();
  const { bill } = await billOf(page, tableId);
  assert.equal(
    (bill?.parts ?? []).reduce((sum, part) => sum + Math.round(part.amount * 100), 0),
    free,
  );
  assert.ok((bill?.parts ?? []).some((part) => part.items?.length === 1 && part.items[0]?.position === two.position));
  await page.getByRole("button", { name: "取消分单" }).click();
  await page.locator("[data-part]").first().waitFor({ state: "detached" });
  for (const watched of [counter, guest]) assertClean(watched);
});

test("a party moves and joins another: the phone goes along, the bill too; what owes is cleared with a reason only", async () => {
  const [from, to, into] = [table(3), table(4), table(5)];
  const guest = await ordered(3, [0]);
  const others = await ordered(5, [1]);
  const counter = await openRoom();
  const { page } = counter;
  const owed = (await billOf(page, from.tableId)).owed + (await billOf(page, into.tableId)).owed;
  const move = async (/** @type {number} */ tableId, /** @type {string} */ kind, /** @type {string} */ other) => {
    await tile(page, tableId).locator("[data-main]").click();
    await page.locator(`dialog.room-dialog [data-do="${kind}"]`).click();
    await page.locator(".tables-choice").getByRole("button", { name: other, exact: true }).click();
    await page.locator("dialog.room-dialog button[type=submit]").click();
    await page.locator("dialog.room-dialog[open]").waitFor({ state: "hidden" });
  };
  await move(from.tableId, "transfer", to.tableNumber);
  await tile(page, from.tableId).and(page.locator('[data-state="free"]')).waitFor();
  assert.notEqual((await rowOf(page, to.tableId)).seatingId, null);
  await move(to.tableId, "merge", into.tableNumber);
  await tile(page, to.tableId).and(page.locator('[data-state="free"]')).waitFor();
  const joined = await billOf(page, into.tableId);
  assert.equal(joined.orders.length, 2);
  assert.equal(Math.round(joined.owed * 100), Math.round(owed * 100), "nothing lost, nothing doubled");

  await tile(page, into.tableId).locator("[data-main]").click();
  await page.locator('dialog.room-dialog [data-do="clear"]').click();
  await page
    .locator("dialog.room-dialog")
    .getByText(/还有 ¥.*没有结账/)
    .waitFor();
  await page.locator("dialog.room-dialog button[type=submit]").click();
  assert.notEqual((await rowOf(page, into.tableId)).seatingId, null, "without a reason nothing happens");
  await page.getByRole("button", { name: "挂账" }).click();
  await page.locator("dialog.room-dialog button[type=submit]").click();
  await tile(page, into.tableId).and(page.locator('[data-state="free"]')).waitFor();
  for (const watched of [guest, others]) await watched.page.getByText("本桌已结束").waitFor();
  assertClean(counter);
});

test("the owner adds a table, changes it, retires it", async () => {
  const counter = await openRoom();
  const { page } = counter;
  await page.getByRole("button", { name: "管理桌台" }).click();
  await page.getByRole("button", { name: "加一张桌台" }).click();
  await page.getByLabel("桌号").fill("露台 9");
  await page.getByLabel("区域").fill("露台");
  await page.getByLabel("座位数").fill("6");
  await page.getByRole("button", { name: "保存" }).click();
  const fresh = page.locator(".area").filter({ hasText: "露台" }).locator(".tile");
  await fresh.getByText("6 座").waitFor();
  await page.getByRole("button", { name: "修改：露台 9" }).click();
  await page.getByLabel("座位数").fill("8");
  await page.getByRole("button", { name: "保存" }).click();
  await fresh.getByText("8 座").waitFor();
  await page.getByRole("button", { name: "修改：露台 9" }).click();
  await page.getByRole("button", { name: "停用" }).click();
  await page.locator("dialog.room-dialog button[type=submit]").click();
  await fresh.waitFor({ state: "detached" });
  assertClean(counter);
});

test("a call rings at the table's tile and among the alerts; answered once it is gone everywhere", async () => {
  const { tableId, url, tableNumber } = table(6);
  const guest = await openPhone(shop.browser, url);
  const one = await openRoom();
  const two = await openRoom();
  for (const what of ["waiter", "bill"]) {
    const answer = await guest.page.request.post(`${shop.daemon.ready.lan}/api/store/call`, {
      data: { tableId, what },
    });
    assert.equal((await answer.json()).code, 200);
  }
  for (const { page } of [one, two]) {
    await tile(page, tableId).locator('[data-call="8"]').waitFor();
    await page.locator('.alert[data-kind="7"]').filter({ hasText: tableNumber }).waitFor();
  }
  await one.page
    .getByRole("button", { name: `知道了：${tableNumber} 呼叫服务员` })
    .first()
    .click();
  for (const { page } of [one, two]) {
    await tile(page, tableId).locator('[data-call="7"]').waitFor({ state: "detached" });
    await page.locator('.alert[data-kind="7"]').filter({ hasText: tableNumber }).waitFor({ state: "detached" });
    await tile(page, tableId).locator('[data-call="8"]').waitFor();
  }
  for (const watched of [one, two]) assertClean(watched);
});

test("sold out at the counter, gone on the phone; the order board is narrowed down", async () => {
  const { tableId } = table(7);
  const guest = await openPhone(shop.browser, table(7).url);
  const counter = await openRoom();
  const { page } = counter;
  await tile(page, tableId).locator("[data-main]").click();
  await page.locator('dialog.room-dialog [data-do="order"]').click();
  const dish = page.locator("[data-dish]").last();
  const id = String(await dish.getAttribute("data-dish"));
  await dish.getByRole("button", { name: /^沽清/ }).click();
  await page.locator(`[data-dish="${id}"].sold-out`).waitFor();
  await guest.page.locator(`[data-cuisine="${id}"].sold-out`).waitFor();
  await page
    .locator(`[data-dish="${id}"]`)
    .getByRole("button", { name: /^恢复供应/ })
    .click();
  await guest.page.locator(`[data-cuisine="${id}"]:not(.sold-out)`).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: /^订单/ }).click();
  await page.locator(".ticket").first().waitFor({ state: "attached" });
  await page.getByRole("searchbox").fill("没有这道菜");
  await page.locator(".ticket").first().waitFor({ state: "detached" });
  await page.getByRole("button", { name: "全部显示" }).click();
  await page.locator(".ticket").first().waitFor({ state: "attached" });
  for (const watched of [counter, guest]) assertClean(watched);
});

test("every screen of the room at 360, 820 and 1366, in both languages", async () => {
  await ordered(0, [0, 3], [1]);
  const { page } = await openRoom();
  const { tableId } = table(0);
  const everywhere = async (/** @type {string} */ what) => {
    for (const viewport of SIZES) {
      await page.setViewportSize(viewport);
      await inspect(page, `${what} at ${viewport.width}`);
    }
    await page.setViewportSize(COUNTER);
  };
  for (const next of ["English", "中文"]) {
    await everywhere("map");
    const dialog = page.locator("dialog.room-dialog[open]");
    const main = tile(page, tableId).locator("[data-main]");
    const free = page.locator('.tile[data-state="free"] [data-step="open"]').first();
    await free.click();
    await everywhere("open");
    await page.keyboard.press("Escape");
    for (const kind of ["transfer", "merge", "heads", "clear"]) {
      await main.click();
      if (kind === "transfer") await everywhere("table");
      await dialog.locator(`[data-do="${kind}"]`).click();
      await everywhere(kind);
      await page.keyboard.press("Escape");
    }
    await main.click();
    await dialog.locator('[data-do="bill"]').click();
    await dialog.locator('[data-do="take"]').waitFor();
    await everywhere("bill");
    await dialog.locator('[data-do="take"]').click();
    for (const method of ["terminal", "cash"]) {
      await dialog.locator(`[data-method="${method}"]`).click();
      await everywhere(method);
    }
    await dialog.locator(".panel-form .actions .secondary").click();
    for (const nth of [0, 1]) {
      await dialog.locator(".tools button").nth(nth).click();
      if (nth === 1) await dialog.locator(".usual button").nth(1).click();
      await everywhere(nth === 0 ? "discount" : "split");
      await dialog.locator(".panel-form .actions .secondary").click();
    }
    await page.keyboard.press("Escape");
    await main.click();
    await dialog.locator('[data-do="order"]').click();
    await dialog.locator("[data-dish]").first().waitFor();
    await everywhere("ordering");
    await page.keyboard.press("Escape");
    await page.locator(".map > .region-head button").click();
    await everywhere("managing");
    await page.locator(".tile-edit button").first().click();
    await everywhere("edit");
    await page.keyboard.press("Escape");
    await page.locator(".map > .region-head button").click();
    await page.getByRole("button", { name: next, exact: true }).click();
  }
});
