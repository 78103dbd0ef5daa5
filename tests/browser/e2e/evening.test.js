// One evening: eight phones at four tables and the counter. Rounds, a dish that is sold out in the middle, a party that moves, two that
// merge, a bill that is split, a refund, a Wi-Fi that drops, a member who pays by balance, and a day close that equals the ledger.

import assert from "node:assert/strict";
import { test } from "node:test";
import { counterOf } from "./banquet.js";
import {
  addDish,
  assertClean,
  COUNTER,
  cartLine,
  eventually,
  inspect,
  openCounter,
  openPage,
  openPhone,
  openSheet,
  openShop,
  PHONE,
  Relay,
  submitCart,
} from "./harness.js";

/** @import {Page} from "playwright-core" */
/** @import {Watched} from "./harness.js" */

/** @type {Awaited<ReturnType<typeof counterOf>>} */
let admin;
/** @type {Relay} */
let wifi;

const shop = openShop(
  async ({ daemon }) => {
    admin = await counterOf(daemon.ready);
    wifi = new Relay(daemon.ready.lan);
  },
  ["--pay", "later"],
);

const SIZES = [PHONE, { width: 820, height: 1180 }, COUNTER];
const fen = (/** @type {number} */ yuan) => Math.round(yuan * 100);

/**
 * @param {number} index
 * @returns {import("./harness.js").Ready["tables"][number]}
 */
function table(index) {
  const found = shop.daemon.ready.tables[index];
  assert.ok(found);
  return found;
}

/**
 * @param {Page} page
 * @param {...number} dishes by their place on the menu
 * @returns {Promise<number>} the order's id
 */
async function round(page, ...dishes) {
  for (const dish of dishes) await addDish(page, dish);
  await openSheet(page, "cart");
  const order = Number(await submitCart(page));
  await page.locator("dialog.orders .close").click();
  return order;
}

/**
 * Takes the rest of what a table owes, part by part.
 *
 * @param {number} tableId
 * @param {string[]} methods for the parts, in turn
 */
async function settle(tableId, ...methods) {
  const open = async () =>
    (await admin("GET", `/bill/table/${tableId}`)).bill?.parts.filter(
      (/** @type {any} */ part) => part.state === "open",
    ) ?? [];
  for (const method of methods) {
    const [part] = await open();
    await admin("POST", "/payment/counter", { partId: part.partId, method, amount: part.amount });
  }
  assert.deepEqual(await open(), []);
  assert.equal((await admin("GET", `/bill/table/${tableId}`)).owed, 0);
}

/**
 * @param {Page} page
 * @param {string} where
 */
async function inspectAll(page, where) {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await inspect(page, `${where} at ${size.width}`);
  }
}

test("an evening at four tables ends with a day close that equals the ledger", async () => {
  const counter = await openCounter(shop.browser, shop.daemon.ready, shop.daemon.ready.lan, "room");
  const tile = (/** @type {number} */ index) => counter.page.locator(`.tile[data-table="${table(index).tableId}"]`);
  const origin = await wifi.start();
  /** @type {Watched[]} two phones at each of the first four tables; the second at table 0 comes through the bad Wi-Fi */
  const phones = [];
  for (let seat = 0; seat < 8; seat += 1) {
    const { url } = table(Math.floor(seat / 2));
    phones.push(await openPhone(shop.browser, seat === 1 ? url.replace(shop.daemon.ready.lan, origin) : url));
  }
  const at = (/** @type {number} */ seat) => /** @type {Watched} */ (phones[seat]).page;

  // First rounds, from every table at once.
  const first = await Promise.all([0, 2, 4, 6].map((seat) => round(at(seat), seat % 5, 2)));
  for (const index of [0, 1, 2, 3]) await tile(index).and(counter.page.locator('[data-state="ordered"]')).waitFor();
  for (const id of first) await admin("PUT", "/order/confirm", { id });

  // Sold out in the middle: seen at once by phones at two tables, and the one who has it in the cart is told by name.
  const row = at(0)
    .locator(".dish:not(.sold-out)")
    .filter({ has: at(0).locator("button.solid") })
    .nth(3);
  const gone = {
    id: Number(await row.getAttribute("data-cuisine")),
    name: await row.locator("h3").evaluate((heading) => heading.firstChild?.textContent ?? ""),
  };
  await row.locator("button.solid").click();
  await openSheet(at(0), "cart");
  await cartLine(at(0), gone.name).waitFor();
  await admin("POST", `/dish/status/0?id=${gone.id}`);
  await Promise.all(
    [at(5), at(7)].map((page) => page.locator(`[data-cuisine="${gone.id}"].sold-out`).waitFor({ state: "attached" })),
  );
  await at(0).locator("dialog.cart .shortage").getByText(gone.name).waitFor();
  await at(0).getByRole("button", { name: "拿掉售罄的菜" }).click();
  await at(0).locator("dialog.cart .close").click();

  // The Wi-Fi of one phone drops while the other goes on ordering; it misses nothing.
  wifi.set("cut");
  const missed = await addDish(at(0), 1);
  wifi.set("open");
  await at(1).locator(".top .link-up").waitFor();
  await openSheet(at(1), "cart");
  await cartLine(at(1), missed).waitFor();
  const second = Number(await submitCart(at(1)));
  await at(1).locator("dialog.orders .close").click();
  await admin("PUT", "/order/confirm", { id: second });

  // The party of table 1 moves to a free one and orders there; those of tables 2 and 3 sit together from now on.
  await admin("POST", "/table/transfer", { from: table(1).tableId, to: table(5).tableId });
  await at(2)
    .getByText(`已换到 ${table(5).tableNumber} 桌`)
    .waitFor();
  await at(3).locator(".top .link-up").waitFor();
  await round(at(3), 1);
  await tile(1).and(counter.page.locator('[data-state="free"]')).waitFor();
  await admin("POST", "/table/merge", { from: table(2).tableId, into: table(3).tableId });
  await at(4)
    .getByText(`已换到 ${table(3).tableNumber} 桌`)
    .waitFor();
  await at(4).locator(".top .link-up").waitFor();
  await round(at(5), 0);
  const merged = await admin("GET", `/bill/table/${table(3).tableId}`);
  assert.equal(merged.orders.length, 3, "both parties' rounds, and the one after");

  // Table 3 pays in three parts: cash, the terminal, and a phone by code.
  await admin("POST", "/bill/split", { tableId: table(3).tableId, by: "head", heads: 3 });
  await at(6)
    .getByRole("button", { name: /账单已分好/ })
    .click();
  await at(6).locator(".part").first().getByRole("button").click();
  await at(6).locator('dialog.pay[open] [data-way="demo"]').click();
  await at(6).waitForURL((address) => !address.pathname.startsWith("/t/"));
  await at(6).getByRole("button", { name: /Pay/ }).click();
  await at(6).getByRole("link").click();
  await eventually(
    async () =>
      (await admin("GET", `/bill/table/${table(3).tableId}`)).bill.parts.some(
        (/** @type {any} */ part) => part.state === "paid",
      ),
    "the phone's part",
  );
  await settle(table(3).tableId, "cash", "terminal");

  // Table 0 pays in cash, and one of its orders goes back in part.
  await admin("POST", "/bill/split", { tableId: table(0).tableId, by: "whole" });
  await settle(table(0).tableId, "cash");
  await admin("POST", "/payment/refund", {
    orderId: first[0],
    amount: 5,
    reason: "少上一道菜",
    opId: "evening-refund",
  });

  // A member of the moved party pays by balance, at the phone.
  const { url } = await admin("POST", "/member", { name: "王女士", phone: "13800138000" }).then(async (member) => {
    await admin("POST", "/member/topup", {
      userId: member.userId,
      amount: 500,
      paid: 450,
      method: "cash",
      opId: "evening-topup",
    });
    return member;
  });
  const card = await at(3).context().newPage();
  await card.goto(url);
  await card.getByText("500.00").first().waitFor();
  await card.close();
  await at(3).reload();
  await at(3).locator(".top .link-up").waitFor();
  await openSheet(at(3), "orders");
  await at(3).getByRole("button", { name: "我们的账单" }).click();
  await at(3).locator('[data-pay="whole"]').click();
  await at(3).locator('dialog.pay[open] [data-way="balance"]').click();
  await at(3).locator("dialog.question[open] button.primary").click();
  await eventually(async () => (await admin("GET", `/bill/table/${table(5).tableId}`)).owed === 0, "paid by balance");

  for (const [seat, phone] of phones.entries()) {
    if (seat !== 1) assertClean(phone);
  }

  // They leave; nobody's token is any good, and every table is free.
  for (const index of [0, 3, 5]) await admin("POST", `/table/clear/${table(index).tableId}`, {});
  await Promise.all(
    phones.map(({ page }) =>
      page
        .getByText(/本桌已结束|请重新扫码/)
        .first()
        .waitFor(),
    ),
  );
  for (const index of [0, 1, 2, 3, 5]) await tile(index).and(counter.page.locator('[data-state="free"]')).waitFor();

  // The day: what the page shows is what the ledger has.
  await counter.page.locator('.views a[href="#day"]').click();
  await counter.page.getByText("钱箱应有现金").waitFor();
  const day = await admin("GET", "/day/today");
  const ledger = await admin("GET", `/payment/ledger?date=${day.day}`);
  assert.equal(day.difference, 0);
  assert.equal(fen(day.turnover), fen(ledger.net), "the day's turnover is the ledger's");
  assert.equal(
    fen(day.ledger),
    ledger.entries.reduce((/** @type {number} */ sum, /** @type {any} */ entry) => sum + fen(entry.amount), 0),
  );
  const net = (/** @type {string} */ method) =>
    fen(day.methods.find((/** @type {any} */ one) => one.method === method)?.net ?? 0);
  assert.deepEqual(
    ["cash", "terminal", "balance", "demo"].map((method) => net(method) > 0),
    [true, true, true, true],
    JSON.stringify(day.methods),
  );
  assert.equal(fen(day.expectedCash), net("cash") + 45_000, "with the top-up's cash");
  await inspectAll(counter.page, "the day");
  await counter.page.getByRole("button", { name: "日结", exact: true }).click();
  await counter.page.getByLabel("点到的现金（元）").fill(String(day.expectedCash - 1));
  await counter.page.getByText("差额 -¥1.00").waitFor();
  await counter.page.locator("dialog.office-sheet button[type=submit]").click();
  await counter.page.getByText(`${day.day} 已日结`).waitFor();
  assert.equal((await admin("GET", `/day/${day.day}`)).closed.difference, -1);
  assertClean(counter);
  await wifi.stop();
});

test("the office's views fit any screen and keyboard: members, menu, staff", async () => {
  const counter = await openCounter(shop.browser, shop.daemon.ready);
  const { page } = counter;
  for (const [view, title] of [
    ["members", "会员"],
    ["menu", "菜单"],
    ["staff", "员工"],
  ]) {
    await page.setViewportSize(COUNTER);
    await page.locator(`.views a[href="#${view}"]`).click();
    await page.getByRole("heading", { name: title, exact: true }).waitFor();
    await page.locator(".grid-scroll").first().waitFor();
    await inspectAll(page, view ?? "");
  }
  await page.setViewportSize(COUNTER);
  await page.getByRole("button", { name: "添加员工" }).click();
  await page.getByLabel("姓名").fill("<b>小李</b>");
  await page.getByLabel("账号").fill("xiaoli");
  await page.locator("dialog.office-sheet button[type=submit]").click();
  await page.getByText("已添加 <b>小李</b>，请设密码").waitFor();
  await page.getByRole("button", { name: "给 <b>小李</b> 设新密码" }).click();
  await page.locator("dialog.office-sheet [name=secret]").fill("waiter-1");
  await page.locator("dialog.office-sheet button[type=submit]").click();
  await page.getByText("新密码已生效").waitFor();
  await page.getByRole("cell", { name: "设密码" }).first().waitFor();
  const waiter = await openPage(shop.browser, COUNTER);
  await waiter.page.goto(`${shop.daemon.ready.lan}/counter`);
  await waiter.page.getByLabel("用户名").fill("xiaoli");
  await waiter.page.getByLabel("密码").fill("waiter-1");
  await waiter.page.getByRole("button", { name: "登录" }).click();
  await waiter.page.locator(".top .link-up").waitFor();
  assert.equal(await waiter.page.locator('.views a[href="#staff"]').count(), 0, "a waiter is not shown the staff");
  assertClean(waiter);

  await page.locator('.views a[href="#menu"]').click();
  await page.getByRole("button", { name: "添加菜品" }).click();
  await page.getByLabel("名称", { exact: true }).fill("清蒸鲈鱼");
  await page.getByLabel("价格（元）").fill("68.50");
  await page.getByRole("button", { name: "添加一组选项" }).click();
  await page.getByLabel("选项名称").fill("做法");
  await page.getByLabel("必选").check();
  await page.getByLabel("可选的内容").fill("清蒸\n豉汁 3.00");
  await page.locator("dialog.office-sheet button[type=submit]").click();
  await page.getByText("清蒸鲈鱼 已保存").waitFor();
  const phone = await openPhone(shop.browser, table(6).url);
  await phone.page.locator(".dish").filter({ hasText: "清蒸鲈鱼" }).getByText("68.50").waitFor();
  for (const watched of [counter, phone]) assertClean(watched);
});
