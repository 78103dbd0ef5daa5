// Money by hand: cash at the counter, a payment that needs a person, a part given back, and a phone whose provider is away.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDish,
  assertClean,
  callBack,
  eventually,
  openCounter,
  openPage,
  openPay,
  openPhone,
  openSheet,
  openShop,
  PHONE,
  payAtDemo,
  submitCart,
  tabTo,
} from "./harness.js";

const shop = openShop();

/**
 * @param {number} index of the table
 * @returns {Promise<{guest: import("./harness.js").Watched, orderId: string, tableNumber: string}>} a phone with an unpaid order, its list open
 */
async function ordered(index) {
  const table = shop.daemon.ready.tables[index];
  assert.ok(table, `the demo has a table ${index}`);
  const guest = await openPhone(shop.browser, table.url);
  await addDish(guest.page, 0);
  await openSheet(guest.page, "cart");
  return { guest, orderId: await submitCart(guest.page), tableNumber: table.tableNumber };
}

test("paid in cash at the counter: the phone shows it, the kitchen gets the order", async () => {
  const counter = await openCounter(shop.browser, shop.daemon.ready);
  const { guest, orderId, tableNumber } = await ordered(0);
  await openPay(guest.page);
  await guest.page.locator('dialog.pay [data-way="counter"]').click();
  await guest.page.locator("dialog.pay").getByText(`${tableNumber}桌`).waitFor();

  // The whole of it without a mouse.
  const { page } = counter;
  const ticket = page.locator(`[data-shelf="awaiting"] [data-order="${orderId}"]`);
  await ticket.waitFor();
  await tabTo(page, ticket.getByRole("button", { name: /^收现金/ }));
  await page.keyboard.press("Enter");
  const question = page.locator("dialog.question[open]");
  const price = String(await question.locator(".big-sum").textContent());
  assert.match(price, /^¥\d+\.\d\d$/);
  await tabTo(page, question.getByRole("button", { name: `已收 ${price}` }));
  await page.keyboard.press("Enter");

  await page.locator(`[data-column="2"] [data-order="${orderId}"]`).getByText("已支付").waitFor();
  await page.locator(".alert[data-kind='1']").filter({ hasText: tableNumber }).waitFor();
  await guest.page.locator("dialog.pay[open]").waitFor({ state: "hidden" });
  await guest.page.locator(`[data-order="${orderId}"][data-pay="1"]`).getByText("已支付").waitFor();

  await page.getByRole("link", { name: "账目" }).click();
  const row = page.locator(".books tbody tr").filter({ hasText: "前台 · 现金" });
  await row.getByText(price).first().waitFor();
  await page.getByRole("link", { name: "订单" }).click();
  await page.locator('[data-column="2"]').waitFor();
  for (const watched of [guest, counter]) assertClean(watched);
});

test("back from the payment page, by Back or out of the browser's memory: paid, at once", async () => {
  const { guest, orderId } = await ordered(6);
  const { page } = guest;
  await openPay(page);
  await page.locator('dialog.pay[open] [data-way="demo"]').click();
  await page.waitForURL((url) => !url.pathname.startsWith("/t/"));
  await page.getByRole("button", { name: /支付/ }).click();
  await page.getByRole("link").waitFor();
  while (!new URL(page.url()).pathname.startsWith("/t/")) await page.goBack();
  const card = page.locator(`dialog.orders[open] [data-order="${orderId}"]`);
  await card.getByText("已支付").waitFor();
  await page
    .locator("dialog.orders .notice")
    .getByText(/订单 \d+ 已支付/)
    .waitFor();
  await page.reload();
  await page.locator(".dish").first().waitFor();
  await page.locator(".top .link-up").waitFor();
  assert.equal(await page.locator("dialog[open]").count(), 0, "told once");
  assertClean(guest);

  // The page as it was left. Its socket was closed with it, and is not what tells: here it never opens again.
  const { guest: other, orderId: second } = await ordered(7);
  await other.context.routeWebSocket(/\/ws\/cart\//, () => {});
  await other.page.reload();
  await openSheet(other.page, "orders");
  await openPay(other.page);
  /** @type {any} */
  let payment;
  await other.context.route(/\/pay$/, async (route) => {
    const response = await route.fetch();
    payment = (await response.json()).data;
    await route.fulfill({ response });
  });
  // The browser stays where it is.
  await other.context.route("**/demo-pay/**", (route) => route.fulfill({ status: 204 }));
  await other.page.locator('dialog.pay[open] [data-way="demo"]').click();
  await eventually(async () => payment !== undefined, "the payment is open");
  await callBack(shop.daemon, payment.outTradeNo, Math.round(payment.amount * 100));
  await other.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await other.page.locator(`dialog.orders[open] [data-order="${second}"]`).getByText("已支付").waitFor();
  await other.page.locator("dialog.pay[open]").waitFor({ state: "hidden" });
});

test("a wrong amount waits for a person: one tap takes it as paid, everywhere", async () => {
  const one = await openCounter(shop.browser, shop.daemon.ready);
  const two = await openCounter(shop.browser, shop.daemon.ready);
  const { guest, orderId, tableNumber } = await ordered(1);
  const started = await guest.page.request.post(`${shop.daemon.ready.lan}/api/store/order/${orderId}/pay`, {
    data: { provider: "demo" },
  });
  const { data: payment } = await started.json();
  await callBack(shop.daemon, payment.outTradeNo, 100);

  for (const { page } of [one, two]) {
    const review = page.locator(".review").filter({ hasText: tableNumber });
    await review.getByText("¥1.00").waitFor();
    await page.locator('.alert[data-kind="3"]').filter({ hasText: tableNumber }).waitFor();
  }
  await guest.page.locator(`[data-order="${orderId}"][data-pay="0"]`).waitFor();
  await one.page
    .locator(".review")
    .filter({ hasText: tableNumber })
    .getByRole("button", { name: /^按已付款处理/ })
    .click();
  for (const { page } of [one, two]) {
    await page.locator(".review").waitFor({ state: "detached" });
    await page.locator('.alert[data-kind="3"]').waitFor({ state: "detached" });
    await page.locator(`[data-column="2"] [data-order="${orderId}"]`).waitFor();
  }
  await guest.page.locator(`[data-order="${orderId}"][data-pay="1"]`).waitFor();
  for (const watched of [guest, one, two]) assertClean(watched);
});

test("a part of an order goes back, the rest is offered next", async () => {
  const counter = await openCounter(shop.browser, shop.daemon.ready);
  const { page } = counter;
  const { guest, orderId } = await ordered(2);
  await payAtDemo(guest.page);
  const ticket = page.locator(`[data-column="2"] [data-order="${orderId}"]`);
  const refund = ticket.getByRole("button", { name: /^退款/ });
  await refund.click();
  const question = page.locator("dialog.question[open]");
  const amount = question.getByRole("textbox", { name: /^退多少/ });
  await eventually(async () => (await amount.inputValue()) !== "", "what is left is offered");
  const whole = Number(await amount.inputValue());
  await amount.fill(String(whole + 1));
  await question.getByRole("button", { name: "退款", exact: true }).click();
  await question.getByRole("alert").getByText("金额不对").waitFor();
  await amount.fill("3.5");
  await question.getByRole("button", { name: "少上菜" }).click();
  await question.getByRole("button", { name: "退款", exact: true }).click();
  await question.waitFor({ state: "hidden" });

  const left = (whole - 3.5).toFixed(2);
  await refund.click();
  await eventually(async () => (await amount.inputValue()) === left, `${left} is left`);
  await page.keyboard.press("Escape");
  const account = async () =>
    (await (await page.request.get(`${shop.daemon.ready.lan}/admin/payment/order/${orderId}`)).json()).data;
  await eventually(async () => (await account()).balance === Number(left), "the refund is booked");
  assert.deepEqual(
    (await account()).refunds.map((/** @type {any} */ one) => [one.amount, one.state, one.reason]),
    [[3.5, "done", "少上菜"]],
  );
  await ticket.getByText("已支付").waitFor();
  for (const watched of [guest, counter]) assertClean(watched);
});

test("no provider answers: the phone says so and sends to the counter; the order stands", async () => {
  const table = shop.daemon.ready.tables[3];
  assert.ok(table);
  const { guest: first, orderId } = await ordered(3);
  const guest = await openPage(shop.browser, PHONE);
  await guest.context.route("**/api/store/payment/providers", async (route) => {
    const response = await route.fetch();
    const told = await response.json();
    told.data = { ...told.data, providers: ["wechat", "alipay"], online: true };
    await route.fulfill({ response, json: told });
  });
  await guest.context.route(`**/api/store/order/${orderId}/pay`, (route) =>
    route.fulfill({
      status: 503,
      json: { code: 503, msg: "支付平台暂时没有回应，请稍后再试", error: "PAYMENT_UNCONFIRMED", data: null },
    }),
  );
  await guest.page.goto(table.url);
  await guest.page.locator(".top .link-up").waitFor();
  await openSheet(guest.page, "orders");
  await openPay(guest.page);
  await guest.page.locator('dialog.pay [data-way="wechat"]').click();
  await guest.page.getByRole("alert").getByText("可以在前台用现金或刷卡付款，订单不会丢").waitFor();
  assert.equal(await guest.page.locator("dialog.pay [data-way]").first().getAttribute("data-way"), "counter");
  await guest.page.locator('dialog.pay [data-way="counter"]').click();
  await guest.page.locator("dialog.pay").getByText("请到前台说").waitFor();
  await first.page.locator(`[data-order="${orderId}"][data-status="1"]`).waitFor();
  assertClean(first);
});

test("a payment for another app's scanner is shown as a picture, and goes when it is paid", async () => {
  const { guest, orderId } = await ordered(4);
  const { page } = guest;
  const started = await page.request.post(`${shop.daemon.ready.lan}/api/store/order/${orderId}/pay`, {
    data: { provider: "demo" },
  });
  const { data: payment } = await started.json();
  // The demo's payment, told as WeChat tells one: the demo's own address is a page that the phone would open.
  await guest.context.route(`**/api/store/order/${orderId}/pay`, (route) =>
    route.fulfill({
      json: { code: 200, msg: "success", data: { ...payment, codeUrl: "weixin://wxpay/bizpayurl?pr=demo" } },
    }),
  );
  await openPay(page);
  await page.locator('dialog.pay [data-way="demo"]').click();
  const picture = page.getByRole("img", { name: "演示支付付款二维码" });
  await picture.waitFor();
  await eventually(
    () => picture.evaluate((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0),
    "the picture has come",
  );
  await callBack(shop.daemon, payment.outTradeNo, Math.round(payment.amount * 100));
  await page.locator("dialog.pay[open]").waitFor({ state: "hidden" });
  await page.locator(`[data-order="${orderId}"][data-pay="1"]`).waitFor();
  assertClean(guest);
});
