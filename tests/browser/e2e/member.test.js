// A member's phone at the counter: the code, the scan, a bad Wi-Fi, and a link that is over.

import assert from "node:assert/strict";
import { test } from "node:test";
import axe from "axe-core";
import { assertClean, assertNoSidewaysScroll, eventually, openPage, openShop, PHONE, Relay, tabTo } from "./harness.js";

/** @import {Page} from "playwright-core" */

const shop = openShop();
const SHOTS = process.env.TABLEBELL_SHOTS;
let numbers = 0;
/** @type {string | undefined} */
let staffToken;

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {string} [token]
 * @returns {Promise<any>} what the counter is answered
 */
async function call(method, path, body, token = "") {
  const headers = { "Content-Type": "application/json", token };
  const answer = await fetch(`${shop.daemon.ready.lan}${path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const envelope = /** @type {any} */ (await answer.json());
  assert.equal(envelope.code, 1, JSON.stringify(envelope));
  return envelope.data;
}

/** @returns {Promise<string>} of one login for the whole file: an address may try only so many in a second */
async function login() {
  staffToken ??= String((await call("POST", "/admin/employee/login", shop.daemon.ready.staff)).token);
  return staffToken;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 */
async function atCounter(method, path, body) {
  return call(method, path, body, await login());
}

/**
 * @param {number} uses
 * @param {number} [amount]
 * @returns {Promise<{userId: number, token: string, url: string}>}
 */
async function member(uses, amount) {
  numbers += 1;
  const link = await atCounter("POST", "/admin/member", { name: "王小明", phone: `1380013800${numbers}` });
  if (uses || amount) await atCounter("POST", "/admin/member/topup", { userId: link.userId, uses, amount });
  return link;
}

/**
 * @param {string} url
 * @param {string} [locale]
 */
async function openCard(url, locale) {
  const phone = await openPage(shop.browser, PHONE, locale);
  await phone.page.goto(url);
  await phone.page.locator(".code-picture").waitFor();
  await phone.page.locator(".top .link-up").waitFor();
  return phone;
}

/**
 * What the counter's camera sees: a photograph of the shown code.
 *
 * @param {Page} page
 * @returns {Promise<string>}
 */
async function readCode(page) {
  const picture = await page.locator(".code-frame").screenshot({ type: "jpeg", quality: 80 });
  const headers = { token: await login(), "Content-Type": "image/jpeg" };
  const seen = await fetch(`${shop.daemon.ready.lan}/admin/member/decode`, {
    method: "POST",
    headers,
    body: new Uint8Array(picture),
  });
  const { code } = /** @type {any} */ (await seen.json()).data;
  assert.match(String(code), /^M[A-Z2-7]{37}$/);
  return code;
}

/**
 * @param {string} code
 * @param {string} opId
 */
function scan(code, opId) {
  return atCounter("POST", "/admin/member/scan", { code, opId });
}

/**
 * @param {Page} page
 * @param {string} where
 */
async function inspect(page, where) {
  await assertNoSidewaysScroll(page);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => /** @type {any} */ (window).axe.run());
  const serious = violations.filter(
    (/** @type {any} */ found) => found.impact === "serious" || found.impact === "critical",
  );
  assert.deepEqual(
    serious.map((/** @type {any} */ found) => [found.id, ...found.nodes.map((/** @type {any} */ node) => node.html)]),
    [],
    where,
  );
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/member-${where.replaceAll(" ", "-")}.png`, fullPage: true });
}

for (const [lang, locale] of /** @type {const} */ ([
  ["zh", "zh-CN"],
  ["en", "en-GB"],
])) {
  test(`the code is shown, scanned off the screen, and the result is big (${lang})`, async () => {
    const { url } = await member(8, 50);
    const phone = await openCard(url, locale);
    const { page } = phone;
    assert.equal(new URL(page.url()).hash, "", "the token is out of the address");
    await inspect(page, `card ${lang}`);
    const code = await readCode(page);
    const answer = await scan(code, `e2e-${lang}-1`);
    assert.deepEqual([answer.status, answer.remaining], [0, 7]);
    const result = page.locator("dialog.result[open]");
    await result.waitFor();
    assert.match(await result.innerText(), lang === "zh" ? /扣费成功.*剩余 7 次/s : /Done.*7 left/s);
    await inspect(page, `result ${lang}`);
    await tabTo(page, result.getByRole("button"));
    await page.keyboard.press("Enter");
    await result.waitFor({ state: "hidden" });
    await page.locator(".code-picture").waitFor();
    assert.notEqual(await readCode(page), code, "a new code after each scan");
    await page.locator(".entry").nth(1).waitFor();
    assert.match(await page.locator(".fact.uses").innerText(), /7/);
    await scan(code, `e2e-${lang}-2`);
    await page.locator("dialog.result.bad[open]").waitFor();
    await inspect(page, `refused ${lang}`);
    assertClean(phone);
  });
}

test("a reload shows the card again without the link, and no old result", async () => {
  const { url } = await member(3);
  const { page } = await openCard(url);
  await scan(await readCode(page), "reload-1");
  await page.locator("dialog.result[open]").getByRole("button").click();
  await page.locator(".entry").nth(1).waitFor();
  await page.goto(`${shop.daemon.ready.lan}/member`);
  await page.locator(".code-picture").waitFor();
  assert.equal(await page.locator("dialog.result[open]").count(), 0);
});

test("without sockets the result comes by asking; without a network the page says so and catches up", async () => {
  const relay = new Relay(shop.daemon.ready.lan);
  const origin = await relay.start();
  const { url } = await member(5);
  const phone = await openPage(shop.browser, PHONE);
  const { page } = phone;
  relay.set("noSockets");
  await page.goto(url.replace(shop.daemon.ready.lan, origin));
  await page.locator(".code-picture").waitFor();
  await scan(await readCode(page), "poll-1");
  await page.locator("dialog.result.good[open]").waitFor();
  await page.locator("dialog.result[open]").getByRole("button").click();
  await page.locator(".code-picture").waitFor();
  const code = await readCode(page);
  relay.set("cut");
  await page.getByText("网络不通，请检查 Wi-Fi").waitFor();
  await scan(code, "poll-2");
  await inspect(page, "offline");
  relay.set("open");
  await page.locator("dialog.result.good[open]").waitFor();
  assert.match(await page.locator("dialog.result[open]").innerText(), /剩余 3 次/, "what was missed");
  await page.locator(".top .link-up").waitFor();
  await relay.stop();
});

test("two phones of one member hear it both; a link that is renewed is over on both", async () => {
  const { url, userId } = await member(2);
  const [first, second] = [await openCard(url), await openCard(url)];
  await scan(await readCode(first.page), "two-1");
  for (const { page } of [first, second]) await page.locator("dialog.result.good[open]").waitFor();
  await atCounter("POST", `/admin/member/token/${userId}`);
  for (const { page } of [first, second]) await page.getByText("会员链接已失效").waitFor();
  await inspect(first.page, "over");
  const late = await openPage(shop.browser, PHONE);
  await late.page.goto(url);
  await late.page.getByText("会员链接已失效").waitFor();
});

test("the code is a new one before the old one ends", async () => {
  const { url } = await member(1);
  const { page } = await openPage(shop.browser, PHONE);
  await page.clock.install();
  await page.goto(url);
  await page.locator(".code-picture").waitFor();
  const first = await page.locator(".code-picture").getAttribute("src");
  await page.clock.fastForward(50_000);
  await eventually(async () => {
    const picture = page.locator(".code-picture");
    return (await picture.count()) > 0 && (await picture.getAttribute("src")) !== first;
  }, "another code is shown");
});
