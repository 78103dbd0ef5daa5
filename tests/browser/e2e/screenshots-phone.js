// Writes docs/phone.png, docs/phone-cart.png and docs/phone-bill.png from the real daemon: part of `npm run screenshots`.

import { counterOf } from "./banquet.js";
import { addDish, cartLine, openPhone, openSheet, startBrowser, startDaemon, submitCart } from "./harness.js";
import { photograph } from "./photograph.js";

const daemon = await startDaemon(["--pay", "later"]);
const browser = await startBrowser();
try {
  const counter = await counterOf(daemon.ready);
  const { url = "", tableId = 0 } = daemon.ready.tables[0] ?? {};
  await counter("POST", `/table/open/${tableId}`, { heads: 4 });
  const ann = await openPhone(browser, url);
  const ben = await openPhone(browser, url);
  for (const dish of [1, 3]) {
    await addDish(ben.page, dish);
    await openSheet(ben.page, "cart");
    await submitCart(ben.page);
    await ben.page.locator("dialog.orders .close").click();
  }
  await addDish(ben.page, 0);
  await addDish(ann.page, 1);
  const shared = await addDish(ann.page, 3);
  await openSheet(ben.page, "cart");
  await cartLine(ben.page, shared).waitFor();
  await ann.page.locator(".cart-button:not(.pending) .badge").filter({ hasText: "3" }).waitFor();
  await photograph(ann.page, "phone");
  await openSheet(ann.page, "cart");
  await photograph(ann.page, "phone-cart");
  await ann.page.locator("dialog.cart .close").click();
  await counter("POST", "/bill/discount", { tableId, percent: 12, reason: "老顾客" });
  await counter("POST", "/bill/split", { tableId, by: "head", heads: 4 });
  await ann.page.getByRole("button", { name: /账单已分好/ }).click();
  await ann.page.locator("dialog.bill .part").nth(3).waitFor();
  await ann.page.locator("dialog.bill").evaluate((sheet) => sheet.scrollTo(0, sheet.scrollHeight));
  await photograph(ann.page, "phone-bill");
} finally {
  await browser.close();
  await daemon.stop();
}
