// Writes docs/phone.png, docs/phone-cart.png and docs/counter.png from the real daemon: `npm run screenshots`.

import { fileURLToPath } from "node:url";
import { addDish, cartLine, openCounter, openPhone, openSheet, payAtDemo, startBrowser, startDaemon, submitCart } from "./harness.js";

const docs = (/** @type {string} */ name) => fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url));
const daemon = await startDaemon();
const browser = await startBrowser();
try {
  const tables = daemon.ready.tables;
  const counter = await openCounter(browser, daemon.ready);
  // Three parties order; the first is being served, the second has been accepted and urges, the third has just come in.
  for (const [index, dishes] of /** @type {const} */ ([[1, [0, 3, 7]], [2, [1, 4]], [3, [5, 2, 8]]])) {
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
    await counter.page.locator(".alert").first().waitFor({ state: index === 1 ? "detached" : "visible" });
  }

  const url = tables[0]?.url ?? "";
  const ann = await openPhone(browser, url);
  const ben = await openPhone(browser, url);
  await addDish(ben.page, 0);
  await addDish(ann.page, 1);
  const shared = await addDish(ann.page, 3);
  await openSheet(ben.page, "cart");
  await cartLine(ben.page, shared).waitFor();
  await ann.page.locator(".cart-button:not(.pending) .badge").filter({ hasText: "3" }).waitFor();
  await ann.page.screenshot({ path: docs("phone.png"), animations: "disabled" });
  await openSheet(ann.page, "cart");
  await ann.page.screenshot({ path: docs("phone-cart.png"), animations: "disabled" });
  await counter.page.locator(".alert").nth(1).waitFor();
  await counter.page.locator(".alert").nth(1).locator(".alert-dishes").waitFor();
  await counter.page.screenshot({ path: docs("counter.png"), animations: "disabled" });
} finally {
  await browser.close();
  await daemon.stop();
}
