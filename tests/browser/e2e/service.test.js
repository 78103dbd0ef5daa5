// An evening's service: two phones at one table, the counter, the kitchen's bell.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDish,
  assertClean,
  COUNTER,
  cartLine,
  eventually,
  openCounter,
  openPage,
  openPay,
  openPhone,
  openSheet,
  openShop,
  payAtDemo,
  strokes,
  submitCart,
  tabTo,
} from "./harness.js";

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

test("two phones share a cart; the order is paid, rung, accepted, urged and acknowledged", async () => {
  const { url, tableNumber } = table(0);
  const counter = await openCounter(shop.browser, shop.daemon.ready);
  const ann = await openPhone(shop.browser, url);
  const ben = await openPhone(shop.browser, url);

  // The cart is live both ways, and says who added what.
  const first = await addDish(ann.page, 0);
  await openSheet(ben.page, "cart");
  await cartLine(ben.page, first).getByText("同桌1").waitFor();
  await ben.page.locator("dialog.cart .close").click();
  const second = await addDish(ben.page, 1);
  await openSheet(ann.page, "cart");
  await cartLine(ann.page, second).getByText("同桌1").waitFor();
  await cartLine(ann.page, first).getByText("我", { exact: true }).waitFor();
  await openSheet(ben.page, "cart");
  await cartLine(ben.page, first)
    .getByRole("button", { name: `${first}加一份` })
    .click();
  await cartLine(ann.page, first).locator(".count").filter({ hasText: /^2$/ }).waitFor();
  await cartLine(ann.page, first)
    .getByRole("button", { name: `${first}减一份` })
    .click();
  await cartLine(ben.page, first).locator(".count").filter({ hasText: /^1$/ }).waitFor();

  // One of them orders; the other's cart empties and the order is there too.
  const orderId = await submitCart(ann.page);
  await ben.page.locator("dialog.cart[open] .empty").waitFor();
  await openSheet(ben.page, "orders");
  await ben.page.locator(`[data-order="${orderId}"]`).waitFor();
  assert.equal(await counter.page.locator(".alert").count(), 0, "nothing is due to the kitchen before it is paid");

  const silence = await strokes(counter.page);
  await payAtDemo(ann.page);
  await openSheet(ann.page, "orders");
  for (const { page } of [ann, ben])
    await page.locator(`[data-order="${orderId}"][data-pay="1"]`).getByText("已支付").waitFor();

  const alert = counter.page.locator('.alert[data-kind="1"]').filter({ hasText: tableNumber });
  await alert.waitFor();
  await eventually(async () => (await strokes(counter.page)) > silence, "the counter page rings");
  await alert.getByRole("button", { name: "接单", exact: true }).click();
  await alert.waitFor({ state: "detached" });
  await counter.page.locator(`[data-column="3"] [data-order="${orderId}"]`).waitFor();
  for (const { page } of [ann, ben]) await page.locator(`[data-order="${orderId}"][data-status="3"]`).waitFor();

  // Urging: said on the phone, heard and seen at the counter, silenced there.
  const calm = await strokes(counter.page);
  await ben.page.locator(`[data-order="${orderId}"]`).getByRole("button", { name: "催单" }).click();
  await ben.page.getByText("已催单，店里已收到").waitFor();
  await ben.page.getByRole("button", { name: /已催，\d+ 秒后可再催/ }).waitFor();
  const urge = counter.page.locator('.alert[data-kind="2"]').filter({ hasText: tableNumber });
  await urge.getByText("催单").waitFor();
  await eventually(async () => (await strokes(counter.page)) > calm, "the counter page rings for the urge");
  await urge.getByRole("button", { name: "知道了" }).click();
  await urge.waitFor({ state: "detached" });

  // To the end of the meal.
  await counter.page
    .locator(`[data-column="3"] [data-order="${orderId}"]`)
    .getByRole("button", { name: "上菜" })
    .click();
  await counter.page
    .locator(`[data-column="4"] [data-order="${orderId}"]`)
    .getByRole("button", { name: "完成" })
    .click();
  await ben.page.locator(`[data-order="${orderId}"][data-status="5"]`).waitFor();
  await counter.page.getByRole("link", { name: /^房间/ }).click();
  await counter.page.locator(".tile").filter({ hasText: tableNumber }).locator("[data-main]").click();
  await counter.page.locator('dialog.room-dialog [data-do="clear"]').click();
  await counter.page.locator("dialog.room-dialog").getByRole("button", { name: "清台", exact: true }).click();
  for (const { page } of [ann, ben]) await page.getByText("本桌已结束，请重新扫码").waitFor();

  for (const watched of [ann, ben, counter]) assertClean(watched);
});

test("a submitted cart that has changed is shown and asked again", async () => {
  const { url } = table(1);
  const ann = await openPhone(shop.browser, url);
  const ben = await openPhone(shop.browser, url);
  await addDish(ann.page, 0);
  await openSheet(ann.page, "cart");
  await ann.page.locator("dialog.cart[open] .order-form > button.primary:enabled").waitFor();
  // Ann's submission is held on its way until Ben's change has been made: she orders a cart she has not seen.
  await ann.page.route(
    "**/api/store/order/submit",
    async (route) => {
      const name = await addDish(ben.page, 2);
      await openSheet(ben.page, "cart");
      await cartLine(ben.page, name).and(ben.page.locator(":not(.pending)")).waitFor();
      await route.continue();
    },
    { times: 1 },
  );
  await ann.page.locator("dialog.cart[open] .order-form > button.primary").click();
  await ann.page.getByRole("alert").getByText("购物车刚有变化，请核对后再下单").waitFor();
  assert.equal(await ann.page.locator("dialog.cart[open] .line").count(), 2);
  await ann.page.getByRole("button", { name: /核对好了，下单/ }).click();
  await ann.page.locator("dialog.orders[open] .order").waitFor();
  assert.equal(await ann.page.locator("dialog.orders[open] .order").count(), 1);

  // Unpaid, it can be withdrawn.
  await ann.page.getByRole("button", { name: "取消订单" }).click();
  await ann.page.locator("dialog.question[open]").getByRole("button", { name: "取消订单" }).click();
  await ann.page.locator('.order[data-status="6"]').waitFor();
  assert.deepEqual(
    ann.troubles.filter((text) => !text.includes("409")),
    [],
    "only the refused submission is in the console",
  );
  assertClean(ben);
});

test("markup in remarks stays text, on both phones and at the counter", async () => {
  const { url, tableNumber } = table(2);
  const evil = '<img src=x onerror="window.__pwned=1"><b>少盐</b>';
  const counter = await openCounter(shop.browser, shop.daemon.ready);
  const ann = await openPhone(shop.browser, url);
  const ben = await openPhone(shop.browser, url);
  const name = await addDish(ann.page, 0);
  await openSheet(ann.page, "cart");
  await ann.page.getByRole("button", { name: `${name}的备注` }).click();
  await ann.page.locator("dialog.chooser[open] input[name=line-remark]").fill(evil);
  await ann.page.getByRole("button", { name: "保存备注" }).click();
  await openSheet(ben.page, "cart");
  await cartLine(ben.page, name).getByText(evil).waitFor();
  await cartLine(ben.page, name).locator(".count").filter({ hasText: /^1$/ }).waitFor();
  await ann.page.locator("dialog.cart[open] input[name=remark]").fill(evil);
  const orderId = await submitCart(ann.page);
  await ann.page.locator(`[data-order="${orderId}"] .remark`).getByText(evil).waitFor();
  await payAtDemo(ann.page);
  const ticket = counter.page.locator(`.ticket[data-order="${orderId}"]`);
  await ticket.locator(".remark").getByText(evil).waitFor();
  await ticket.locator(".dish-note").getByText(evil).waitFor();
  await counter.page.locator(".alert").filter({ hasText: tableNumber }).waitFor();
  for (const { page } of [ann, ben, counter]) {
    assert.equal(await page.evaluate(() => /** @type {any} */ (window).__pwned), undefined);
    assert.equal(await page.locator("img[src=x], .remark b").count(), 0);
  }
  for (const watched of [ann, ben, counter]) assertClean(watched);
});

test("the counter works without a mouse", async () => {
  const { url, tableNumber } = table(3);
  const guest = await openPhone(shop.browser, url);
  for (const round of [0, 1]) {
    await addDish(guest.page, round);
    await openSheet(guest.page, "cart");
    await submitCart(guest.page);
    await payAtDemo(guest.page);
  }

  const counter = await openPage(shop.browser, COUNTER);
  const { page } = counter;
  const { keyboard } = page;
  await page.goto(`${shop.daemon.ready.lan}/counter#orders`);
  await page.getByLabel("用户名").waitFor();
  await tabTo(page, page.getByLabel("用户名"));
  await keyboard.type(shop.daemon.ready.staff.username);
  await keyboard.press("Tab");
  await keyboard.type(shop.daemon.ready.staff.password);
  await keyboard.press("Enter");

  // A acknowledges the oldest, wherever the focus is.
  const mine = page.locator(".alert").filter({ hasText: tableNumber });
  await mine.nth(1).waitFor();
  const oldest = await page.locator(".alert").first().getAttribute("data-alert");
  await keyboard.press("a");
  await page.locator(`.alert[data-alert="${oldest}"]`).waitFor({ state: "detached" });
  const next = page.locator(".alert").first();
  await tabTo(page, next.getByRole("button", { name: /知道了/ }));
  const known = await next.getAttribute("data-alert");
  const left = await page.locator(".alert").count();
  await keyboard.press("Enter");
  await page.locator(`.alert[data-alert="${known}"]`).waitFor({ state: "detached" });
  const region = left > 1 ? '[data-region="alerts"] button' : "#alerts-title";
  await eventually(
    () => page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, region),
    "focus stays among the alerts",
  );

  // Accept one order; refuse the other, with a reason, after changing one's mind once.
  const waiting = page.locator('[data-column="2"] .ticket').filter({ hasText: tableNumber });
  await tabTo(page, waiting.first().getByRole("button", { name: /^接单/ }));
  await keyboard.press("Enter");
  await page.locator('[data-column="3"] .ticket').filter({ hasText: tableNumber }).waitFor();
  const refuse = waiting.first().getByRole("button", { name: /^拒单/ });
  await tabTo(page, refuse);
  await keyboard.press("Enter");
  await page.locator("dialog.question[open]").waitFor();
  await keyboard.press("Escape");
  await page.locator("dialog.question[open]").waitFor({ state: "hidden" });
  await tabTo(page, refuse);
  await keyboard.press("Enter");
  await tabTo(page, page.getByLabel("原因"));
  await keyboard.type("aaa");
  await keyboard.press("Enter");
  await waiting.first().waitFor({ state: "detached" });
  await openSheet(guest.page, "orders");
  await guest.page.locator('.order[data-status="6"]').getByText("aaa").waitFor();

  // The English switch, by keyboard too.
  await tabTo(page, page.getByRole("button", { name: "English" }));
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Alerts" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  for (const watched of [guest, counter]) assertClean(watched);
});

test("closing time and a second counter: both are told at once, in the reader's language", async () => {
  const { url, tableNumber } = table(4);
  const one = await openCounter(shop.browser, shop.daemon.ready);
  const two = await openCounter(shop.browser, shop.daemon.ready);
  const guest = await openPhone(shop.browser, url, "en-GB");
  await addDish(guest.page, 0);
  await openSheet(guest.page, "cart");

  await one.page.getByRole("switch", { name: "营业中" }).click();
  await one.page.getByRole("switch", { name: "已打烊" }).waitFor();
  await guest.page.locator("dialog.cart[open] .order-form > button.primary:enabled").click();
  await guest.page.locator("dialog.cart[open] .notice.error").getByText("The restaurant is closed").waitFor();
  await one.page.getByRole("switch", { name: "已打烊" }).click();
  await one.page.getByRole("switch", { name: "营业中" }).waitFor();
  await submitCart(guest.page);
  await openPay(guest.page);
  await guest.page.locator("dialog.pay[open]").getByRole("button", { name: "Demo payment" }).click();
  await guest.page.waitForURL((address) => !address.pathname.startsWith("/t/"));
  await guest.page.getByRole("button", { name: /Pay/ }).click();

  // Either counter may answer; the other stops ringing.
  for (const { page } of [one, two]) await page.locator(".alert").filter({ hasText: tableNumber }).waitFor();
  await two.page.locator(".alert").filter({ hasText: tableNumber }).getByRole("button", { name: "知道了" }).click();
  for (const { page } of [one, two])
    await page.locator(".alert").filter({ hasText: tableNumber }).waitFor({ state: "detached" });
  for (const watched of [one, two]) assertClean(watched);
  assert.deepEqual([...guest.hosts], ["127.0.0.1"]);
});

test("a dish that sells out during the meal cannot be added any more, on a phone that is already open", async () => {
  const { url } = table(5);
  const counter = await openCounter(shop.browser, shop.daemon.ready);
  const guest = await openPhone(shop.browser, url);
  const dish = guest.page.locator(".dish:not(.sold-out)").last();
  const id = String(await dish.getAttribute("data-cuisine"));
  const change = (/** @type {0 | 1} */ status) =>
    counter.page.request.post(`${shop.daemon.ready.lan}/admin/dish/status/${status}?id=${id}`);
  assert.equal((await (await change(0)).json()).code, 1);
  await guest.page.locator(`[data-cuisine="${id}"].sold-out`).getByText("售罄").waitFor();
  assert.equal(await guest.page.locator(`[data-cuisine="${id}"] .stepper, [data-cuisine="${id}"] .pill`).count(), 0);
  assert.equal((await (await change(1)).json()).code, 1);
  await guest.page.locator(`[data-cuisine="${id}"]:not(.sold-out)`).waitFor();
  assertClean(guest);
});
