// Every surface, in both languages: nothing scrolls sideways, and axe finds nothing serious.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDish,
  COUNTER,
  callBack,
  inspect,
  openCounter,
  openPage,
  openPay,
  openPhone,
  openSheet,
  openShop,
  PHONE,
  payAtDemo,
  submitCart,
} from "./harness.js";

const shop = openShop();

for (const [lang, locale] of /** @type {const} */ ([
  ["zh", "zh-CN"],
  ["en", "en-GB"],
])) {
  test(`the phone at 360×740 (${lang})`, async () => {
    const table = shop.daemon.ready.tables[lang === "zh" ? 0 : 1];
    assert.ok(table);
    const { page } = await openPhone(shop.browser, table.url, locale);
    assert.equal(await page.evaluate(() => document.documentElement.lang), lang === "zh" ? "zh-CN" : "en");
    await inspect(page, "menu");
    await addDish(page, 0);
    await addDish(page, 1);
    await openSheet(page, "cart");
    await page.locator("dialog.cart[open] .order-form > button.primary:enabled").waitFor();
    await inspect(page, "cart");
    await page.locator("dialog.cart[open] .line-who .quiet").first().click();
    await page.locator("dialog.chooser[open]").waitFor();
    await inspect(page, "remark");
    await page.locator("dialog.chooser .close").click();
    await page.locator("dialog.cart .sheet-tools .quiet").click();
    await page.locator("dialog.question[open]").waitFor();
    await inspect(page, "question");
    await page.locator("dialog.question .close").click();
    await submitCart(page);
    await inspect(page, "orders");
    await openPay(page);
    await inspect(page, "ways to pay");
    await page.locator('dialog.pay [data-way="counter"]').click();
    await inspect(page, "pay at the counter");
    await page.locator("dialog.pay .close").click();
    await page.locator("dialog.orders .close").click();
    await page.locator(".dish:not(.sold-out) .dish-open").first().click();
    await page.locator("dialog.chooser[open]").waitFor();
    await inspect(page, "chooser");
  });
}

test("the counter at 1366×768, and stacked at 800", async () => {
  const login = await openPage(shop.browser, COUNTER);
  await login.page.goto(`${shop.daemon.ready.lan}/counter`);
  await login.page.getByLabel("用户名").waitFor();
  await inspect(login.page, "login");

  const table = shop.daemon.ready.tables[2];
  assert.ok(table);
  const guest = await openPhone(shop.browser, table.url);
  await addDish(guest.page, 0);
  await openSheet(guest.page, "cart");
  await submitCart(guest.page);
  await payAtDemo(guest.page);
  await addDish(guest.page, 1);
  await openSheet(guest.page, "cart");
  const odd = await submitCart(guest.page);
  const started = await guest.page.request.post(`${shop.daemon.ready.lan}/api/store/order/${odd}/pay`, {
    data: { provider: "demo" },
  });
  await callBack(shop.daemon, (await started.json()).data.outTradeNo, 100);
  const { page } = await openCounter(shop.browser, shop.daemon.ready);
  await page.locator(".alert").first().waitFor();
  await page.locator(".ticket").first().waitFor();
  await page.locator(".review").waitFor();
  await inspect(page, "board");
  for (const [button, where] of [
    [".till button", "cash"],
    ['[data-till="refund"]', "refund"],
    ['[data-action="refund"]', "send back"],
  ]) {
    await page.locator(String(button)).first().click();
    await page.locator("dialog.question[open]").waitFor();
    await inspect(page, String(where));
    await page.keyboard.press("Escape");
  }
  await page.getByRole("button", { name: /^拒单/ }).first().click();
  await page.locator("dialog.question[open]").waitFor();
  await inspect(page, "reason");
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 800, height: 900 });
  await inspect(page, "stacked");
  await page.getByRole("link", { name: "账目" }).click();
  await page.locator(".books table").first().waitFor();
  await inspect(page, "books, stacked");
  await page.setViewportSize(COUNTER);
  await inspect(page, "books");
});

test("the alarm, the speaker test and what is wrong, at 1366×768 and 360, in both languages", async () => {
  const { page } = await openCounter(shop.browser, shop.daemon.ready);
  const everywhere = async (/** @type {string} */ what) => {
    for (const lang of ["English", "中文"]) {
      for (const viewport of [COUNTER, PHONE]) {
        await page.setViewportSize(viewport);
        await inspect(page, `${what} at ${viewport.width} before ${lang}`);
      }
      await page.getByRole("button", { name: lang }).click();
    }
  };
  await page.locator(".alarm").getByRole("button", { name: "试音" }).click();
  await page.locator(".alert.kind-6").waitFor();
  await everywhere("alarm");
  await page.setViewportSize(COUNTER);
  await page.getByRole("link", { name: /^房间/ }).click();
  await page.getByRole("button", { name: "管理桌台" }).click();
  await page.getByRole("button", { name: "换码：A01" }).click();
  await page.locator("dialog.room-dialog[open]").waitFor();
  for (const viewport of [PHONE, COUNTER]) {
    await page.setViewportSize(viewport);
    await inspect(page, `new code at ${viewport.width}`);
  }
  await page.keyboard.press("Escape");
  await shop.daemon.desk.startSound();
  await page.locator('[data-strip="bad-popup"]').waitFor();
  await everywhere("no popups");
});

test("the sound warning stands until someone turns the sound on", async () => {
  const { page } = await openCounter(shop.browser, shop.daemon.ready);
  await page.getByRole("button", { name: "关闭本页声音" }).click();
  await page.getByText("声音未开启").waitFor();
  await page.reload();
  await page.getByText("声音未开启").waitFor();
  await page.getByRole("button", { name: "点这里开启声音" }).click();
  await page.getByText("声音未开启").waitFor({ state: "detached" });
});
