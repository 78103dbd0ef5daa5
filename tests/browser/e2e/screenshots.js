// Makes the counter's pictures below docs/ from the real daemon, the same evening once in each language: part of `npm run screenshots`.

import { DAY_WORDS } from "../../../assets/js/counter/day/words.js";
import { MENU_WORDS } from "../../../assets/js/counter/menu/words.js";
import { ROOM_WORDS } from "../../../assets/js/counter/room/words.js";
import { COUNTER_WORDS } from "../../../assets/js/counter/words.js";
import { PHONE_WORDS } from "../../../assets/js/phone/words.js";
import { counterOf } from "./banquet.js";
import {
  addDish,
  callBack,
  openPage,
  openPhone,
  openSheet,
  PHONE,
  payAtDemo,
  startBrowser,
  startDaemon,
  submitCart,
} from "./harness.js";
import { button, LANGS, LOCALES, photograph } from "./photograph.js";

/** @import {Browser, Page} from "playwright-core" */
/** @import {Lang} from "../../../assets/js/shared/i18n.js" */
/** @import {Daemon} from "./harness.js" */

/**
 * @typedef {object} Evening
 * @property {Daemon} daemon
 * @property {Browser} browser
 * @property {Lang} lang
 * @property {Page} page the counter's
 * @property {Awaited<ReturnType<typeof counterOf>>} admin what else is done at the counter
 */

/** Where the top line in English is one line. */
const PC = { width: 1436, height: 808 };
const TALL = { width: 1436, height: 1080 };
const LOW = { width: 1200, height: 720 };
const LOGIN = { width: 760, height: 460 };

/** What people write. */
const WRITTEN = {
  en: { note: "Cold dishes first", regular: "Regular guest", members: ["Ms Chen", "Mr Wang", "Mr Li"] },
  zh: { note: "先上凉菜", regular: "熟客", members: ["陈女士", "王先生", "李先生"] },
};

/**
 * @param {Browser} browser
 * @param {Lang} lang
 */
async function photographEvening(browser, lang) {
  const daemon = await startDaemon();
  try {
    await daemon.desk.startSound();
    await daemon.desk.startPopups();
    const { page } = await openPage(browser, PC, LOCALES[lang]);
    const evening = { daemon, browser, lang, page, admin: await counterOf(daemon.ready) };
    await logIn(evening);
    await photographOrders(evening);
    await photographRoom(evening);
    await photographRefund(evening);
    await photographMembers(evening);
    await photographOffice(evening);
    await photographLines(evening);
    await daemon.desk.stop();
    await page.locator(".alarm .detail").nth(1).waitFor();
    await photograph(page, lang, "counter-alarm");
    await page.context().close();
  } finally {
    await daemon.stop();
  }
}

/** @param {Evening} evening */
async function logIn({ daemon, page, lang }) {
  await page.setViewportSize(LOGIN);
  await page.goto(`${daemon.ready.lan}/counter#orders`);
  await page.locator("[name=username]").fill(daemon.ready.staff.username);
  await photograph(page, lang, "counter-login");
  await page.setViewportSize(PC);
  await page.locator("[name=password]").fill(daemon.ready.staff.password);
  await button(page, COUNTER_WORDS, lang, "loginGo").click();
  await ringing(page, lang);
  await page.locator(".strip.well").getByText(COUNTER_WORDS[lang].devicePopup).waitFor();
  await button(page, COUNTER_WORDS, lang, "backupNow").click();
  await page.locator('[data-strip="bad-backup"]').waitFor({ state: "detached" });
}

/**
 * @param {Page} page
 * @param {Lang} lang
 */
async function ringing(page, lang) {
  await page.locator(".top .link-up").waitFor();
  await page.mouse.click(5, PC.height / 2);
  await button(page, COUNTER_WORDS, lang, "soundMute").waitFor();
}

/**
 * @param {Evening} evening
 * @param {number} index of the table
 * @param {number[]} dishes
 * @param {string} [note]
 * @returns {Promise<{phone: Page, orderId: string}>} with its list of orders open
 */
async function order({ daemon, browser, lang }, index, dishes, note = "") {
  const { page: phone } = await openPhone(browser, daemon.ready.tables[index]?.url ?? "", LOCALES[lang]);
  for (const dish of dishes) await addDish(phone, dish);
  await openSheet(phone, "cart");
  await phone.locator("dialog.cart[open] input[name=remark]").fill(note);
  return { phone, orderId: await submitCart(phone) };
}

/**
 * One party is being served, one has been accepted and urges, one order has just come in, one party is still choosing.
 *
 * @param {Evening} evening
 */
async function photographOrders(evening) {
  const { daemon, browser, page, lang } = evening;
  for (const [index, dishes] of /** @type {[number, number[]][]} */ ([
    [1, [0, 3, 7]],
    [2, [1, 4]],
    [3, [5, 2, 8]],
  ])) {
    const { phone } = await order(evening, index, dishes, index === 3 ? WRITTEN[lang].note : "");
    await payAtDemo(phone);
    if (index === 3) continue;
    await page.locator(".alert button.primary").click();
    const accepted = page.locator('[data-column="3"] .ticket');
    await accepted.waitFor();
    if (index === 1) await button(accepted, COUNTER_WORDS, lang, "serve").click();
    else {
      await openSheet(phone, "orders");
      await button(phone, PHONE_WORDS, lang, "urge").click();
    }
    await page
      .locator(".alert")
      .first()
      .waitFor({ state: index === 1 ? "detached" : "visible" });
  }
  const { page: choosing } = await openPhone(browser, daemon.ready.tables[0]?.url ?? "");
  for (const dish of [0, 1]) await addDish(choosing, dish);
  await page.locator(".alert").nth(1).locator(".alert-dishes").waitFor();
  await photograph(page, lang, "counter");
}

/**
 * One table is open, one has ordered two rounds and pays in parts, one asks for its bill.
 *
 * @param {Evening} evening
 */
async function photographRoom(evening) {
  const { daemon, page, lang, admin } = evening;
  const ids = daemon.ready.tables.map(({ tableId }) => tableId);
  const [open = 0, pays = 0, calls = 0] = ids.slice(4);
  await admin("POST", `/table/open/${open}`, { heads: 2 });
  await admin("POST", `/table/open/${pays}`, { heads: 3 });
  await order(evening, 5, [0, 3, 4]);
  await order(evening, 5, [1, 8]);
  const { phone } = await order(evening, 6, [2]);
  await phone.request.post(`${daemon.ready.lan}/api/store/call`, { data: { tableId: calls, what: "bill" } });
  await admin("POST", "/bill/discount", { tableId: pays, percent: 10, reason: WRITTEN[lang].regular });
  await page.locator('.views a[href="#room"]').click();
  await page.locator(`.tile[data-table="${calls}"][data-state="toPay"]`).waitFor();
  await photograph(page, lang, "counter-room");
  await page.locator(`.tile[data-table="${pays}"] [data-main]`).click();
  await page.locator('dialog.room-dialog [data-do="bill"]').click();
  await photographBill(evening);
}

/**
 * @param {Evening} evening its page shows a bill
 */
async function photographBill({ page, lang }) {
  await page.setViewportSize(LOW);
  const dialog = page.locator("dialog.room-dialog[open]");
  const form = dialog.locator(".panel-form");
  await button(dialog.locator(".tools"), ROOM_WORDS, lang, "split").click();
  await button(form, ROOM_WORDS, lang, "splitItem").click();
  for (const nth of [0, 1]) await form.locator(".pick").nth(nth).locator(".round").last().click();
  await photograph(page, lang, "counter-split", dialog);
  await button(form, ROOM_WORDS, lang, "splitHead").click();
  await form.locator("[name=heads]").fill("3");
  await form.locator("button[type=submit]").click();
  await dialog.locator("[data-part]").first().getByRole("button").click();
  await dialog.locator('[data-method="cash"]').click();
  await dialog.locator("[name=tendered]").fill("100");
  await photograph(page, lang, "counter-take", dialog);
  await form.locator("button[type=submit]").click();
  await dialog.locator('[data-part][data-state="paid"]').waitFor();
  await photograph(page, lang, "counter-bill", dialog);
  await page.keyboard.press("Escape");
  await page.setViewportSize(PC);
}

/**
 * @param {Evening} evening
 */
async function photographRefund({ page, lang }) {
  await page.locator('.views a[href="#orders"]').click();
  await page.locator('[data-column="3"] [data-till="refund"]').click();
  const question = page.locator("dialog.question[open]");
  await question.locator(".entries li").first().waitFor();
  await question.locator("[name=amount]").fill("32");
  await button(question, COUNTER_WORDS, lang, "refundMissing").click();
  await photograph(page, lang, "counter-refund", question);
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "hidden" });
}

/**
 * @param {Evening} evening
 */
async function photographMembers({ daemon, browser, page, lang, admin }) {
  let url = "";
  for (const [index, name] of WRITTEN[lang].members.entries()) {
    const member = await admin("POST", "/member", { name, phone: `1380013800${index}` });
    const card = { userId: member.userId, amount: 200 + 100 * index, uses: 10 - 3 * index };
    await admin("POST", "/member/topup", { ...card, paid: 180 + 100 * index, method: "cash", opId: `card-${index}` });
    url ||= member.url;
  }
  const { page: card } = await openPage(browser, PHONE, LOCALES[lang]);
  await card.goto(url);
  await card.locator(".code-picture").waitFor();
  await card.locator(".top .link-up").waitFor();
  await photograph(card, lang, "phone-member");
  const data = await card.locator(".code-frame").screenshot({ type: "jpeg" });
  const seen = await page.request.post(`${daemon.ready.lan}/admin/member/decode`, {
    data,
    headers: { "content-type": "image/jpeg" },
  });
  await page.locator('.views a[href="#members"]').click();
  await page.locator(".scan-form [name=code]").fill((await seen.json()).data.code);
  await page.keyboard.press("Enter");
  await page.locator(".scan-result.good").waitFor();
  await photograph(page, lang, "counter-members");
}

/**
 * The menu, the day, the books.
 *
 * @param {Evening} evening
 */
async function photographOffice({ page, lang, admin }) {
  await page.locator('.views a[href="#menu"]').click();
  await page.locator('[data-region="menu"] tbody tr').nth(9).waitFor();
  await photograph(page, lang, "counter-menu");
  await page.locator('[data-region="menu"] input[type=search]').fill("宫保鸡丁");
  await page.keyboard.press("Enter");
  await page.locator('[data-region="menu"] tbody tr').nth(9).waitFor({ state: "detached" });
  await button(page.locator('[data-region="menu"] tbody'), MENU_WORDS, lang, "edit").click();
  await page.setViewportSize(TALL);
  await photograph(page, lang, "counter-dish", page.locator("dialog.office-sheet[open]"));
  await page.keyboard.press("Escape");
  await page.locator('.views a[href="#day"]').click();
  await page.locator(".chart").nth(1).waitFor();
  await photograph(page, lang, "counter-day");
  await button(page, DAY_WORDS, lang, "close").click();
  const sheet = page.locator("dialog.office-sheet[open]");
  await sheet.locator("[name=cash]").fill("905");
  await photograph(page, lang, "counter-close", sheet);
  await page.keyboard.press("Escape");
  const yesterday = new Date(Date.now() - 24 * 3_600_000).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
  await admin("POST", `/payment/reconcile?date=${yesterday}`);
  await page.locator('.views a[href="#books"]').click();
  await page.locator(".entries-fold summary").click();
  await page.locator(".check-day").first().waitFor();
  await photograph(page, lang, "counter-books");
  await page.setViewportSize(PC);
}

/**
 * A payment that needs a person, and lines that are down: the demo has no such lines, so what the page is told of them is made up.
 *
 * @param {Evening} evening
 */
async function photographLines(evening) {
  const { daemon, page, lang } = evening;
  const { phone, orderId } = await order(evening, 7, [3]);
  const started = await phone.request.post(`${daemon.ready.lan}/api/store/order/${orderId}/pay`, {
    data: { provider: "demo" },
  });
  await callBack(daemon, (await started.json()).data.outTradeNo, 100);
  const since = new Date(Date.now() - 600_000).toISOString();
  const down = { ok: false, since, clockSkewSeconds: 0 };
  await page.route("**/admin/alert/desktop", async (route) => {
    const response = await route.fetch();
    const told = await response.json();
    told.data.tunnel = { ...down, detail: "no answer within 5 s from https://pay.example.com/healthz" };
    told.data.providers = [
      { ...down, name: "wechat", detail: "connection refused", clockSkewSeconds: 75 },
      { ...down, name: "alipay", ok: true },
    ];
    await route.fulfill({ response, json: told });
  });
  await page.locator('.views a[href="#orders"]').click();
  await page.reload();
  await ringing(page, lang);
  await page.locator('[data-strip="bad-wechat"]').waitFor();
  await page.locator(".review").waitFor();
  await photograph(page, lang, "counter-lines");
  await page.unroute("**/admin/alert/desktop");
  await page.reload();
  await ringing(page, lang);
}

const browser = await startBrowser();
try {
  await Promise.all(LANGS.map((lang) => photographEvening(browser, lang)));
} finally {
  await browser.close();
}
