// Makes the phones' pictures below docs/ from the real daemon: part of `npm run screenshots`.

import { PHONE_WORDS } from "../../../assets/js/phone/words.js";
import { counterOf } from "./banquet.js";
import { addDish, cartLine, openPhone, openSheet, startBrowser, startDaemon, submitCart } from "./harness.js";
import { button, LANGS, LOCALES, photograph } from "./photograph.js";

/** @import {Browser, Page, Route} from "playwright-core" */
/** @import {Lang} from "../../../assets/js/shared/i18n.js" */

const REGULAR = { en: "Regular guest", zh: "老顾客" };

/**
 * @param {Browser} browser
 * @param {Lang} lang
 */
async function photographParty(browser, lang) {
  const daemon = await startDaemon(["--pay", "later"]);
  try {
    const counter = await counterOf(daemon.ready);
    const { url = "", tableId = 0 } = daemon.ready.tables[0] ?? {};
    await counter("POST", `/table/open/${tableId}`, { heads: 4 });
    const { page: ann } = await openPhone(browser, url, LOCALES[lang]);
    const { page: ben } = await openPhone(browser, url, LOCALES[lang]);
    for (const dish of [1, 3]) {
      await addDish(ben, dish);
      await openSheet(ben, "cart");
      await submitCart(ben);
      await ben.locator("dialog.orders .close").click();
    }
    await addDish(ben, 0);
    await addDish(ann, 1);
    const shared = await addDish(ann, 3);
    await openSheet(ben, "cart");
    await cartLine(ben, shared).waitFor();
    await ben.locator("dialog.cart .close").click();
    await ann.locator(".cart-button:not(.pending) .badge").filter({ hasText: "3" }).waitFor();
    await photograph(ann, lang, "phone");
    await openSheet(ann, "cart");
    await photograph(ann, lang, "phone-cart");
    await ann.locator("dialog.cart .close").click();
    await counter("POST", "/bill/discount", { tableId, percent: 12, reason: REGULAR[lang] });
    await counter("POST", "/bill/split", { tableId, by: "head", heads: 4 });
    await photographPaying(ann, ben, lang);
  } finally {
    await daemon.stop();
  }
}

/**
 * @param {Page} ann
 * @param {Page} ben
 * @param {Lang} lang
 */
async function photographPaying(ann, ben, lang) {
  for (const phone of [ann, ben]) {
    await phone.route("**/api/store/payment/providers", bothProviders);
    await button(phone, PHONE_WORDS, lang, "splitBanner").click();
    await phone.locator("dialog.bill .part").nth(3).waitFor();
  }
  await ann.locator("dialog.bill").evaluate((sheet) => sheet.scrollTo(0, sheet.scrollHeight));
  await photograph(ann, lang, "phone-bill");
  await ann.route("**/pay", asWechat);
  await payFirstPart(ann);
  await ann.locator("dialog.pay img.qr").evaluate((picture) => /** @type {HTMLImageElement} */ (picture).decode());
  await photograph(ann, lang, "phone-pay");
  await ben.route("**/pay", (route) =>
    route.fulfill({ status: 503, json: { code: 503, msg: "", error: "PAYMENT_UNCONFIRMED", data: null } }),
  );
  await payFirstPart(ben);
  await ben.locator("dialog.pay .warning").waitFor();
  await photograph(ben, lang, "phone-offline");
}

/** @param {Page} phone */
async function payFirstPart(phone) {
  await phone.locator("dialog.bill .part button").first().click();
  await phone.locator('dialog.pay[open] [data-way="wechat"]').click();
}

/**
 * The demo's payments stand for those of a shop that has both.
 *
 * @param {Route} route
 */
async function bothProviders(route) {
  const response = await route.fetch();
  const told = await response.json();
  told.data.providers = ["wechat", "alipay"];
  await route.fulfill({ response, json: told });
}

/** @param {Route} route */
async function asWechat(route) {
  const response = await route.fetch({ postData: { ...route.request().postDataJSON(), provider: "demo" } });
  const told = await response.json();
  Object.assign(told.data, { provider: "wechat", codeUrl: "weixin://wxpay/bizpayurl?pr=demo" });
  await route.fulfill({ response, json: told });
}

const browser = await startBrowser();
try {
  await Promise.all(LANGS.map((lang) => photographParty(browser, lang)));
} finally {
  await browser.close();
}
