// A real daemon, a real Chromium, and a network that can be cut: what every end-to-end test stands on.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";
import { Desk } from "./desk.js";
import { WAIT_MS } from "./wait.js";

export { eventually, shortest } from "./wait.js";

/** @import {Browser, BrowserContext, Locator, Page} from "playwright-core" */

export const BINARY =
  process.env.TABLEBELL_BIN ?? fileURLToPath(new URL("../../../target/debug/tablebell", import.meta.url));
const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5_000;

/** `TABLEBELL_PAGES=disk`: the pages as they lie in assets/, not as they were when the binary was built. For whoever writes them. */
const FROM_DISK = process.env.TABLEBELL_PAGES === "disk";
const ASSETS = fileURLToPath(new URL("../../../assets/", import.meta.url));
/** @type {Record<string, string>} */
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

export const PHONE = { width: 360, height: 740 };
export const COUNTER = { width: 1366, height: 768 };

/**
 * @typedef {object} Ready docs/protocol.md §1.8
 * @property {string} lan
 * @property {string} tunnel
 * @property {{tableId: number, tableNumber: string, code: string, url: string}[]} tables
 * @property {{username: string, password: string}} staff
 */

/** @typedef {{ready: Ready, home: string, desk: Desk, stop: () => Promise<void>}} Daemon */

/**
 * The demo daemon on free ports, with a temporary directory of its own, and a desktop on which nothing runs yet.
 *
 * @param {string[]} [flags] of `tablebell demo`
 * @returns {Promise<Daemon>}
 */
export async function startDaemon(flags = []) {
  const home = mkdtempSync(join(tmpdir(), "tablebell-browser-"));
  const desk = new Desk(home);
  const daemon = spawn(BINARY, ["demo", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", ...flags], {
    env: { ...process.env, ...desk.environment, TMPDIR: home },
    stdio: ["ignore", "pipe", process.env.TABLEBELL_LOG ? "inherit" : "ignore"],
  });
  const exited = once(daemon, "exit");
  const stop = async () => {
    daemon.kill("SIGTERM");
    const late = setTimeout(() => daemon.kill("SIGKILL"), STOP_WITHIN_MS);
    await exited;
    clearTimeout(late);
    await desk.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    return { ready: await readyLine(daemon, exited), home, desk, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {import("node:child_process").ChildProcess} daemon
 * @param {Promise<unknown>} exited
 * @returns {Promise<Ready>}
 */
export function readyLine(daemon, exited) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${BINARY} printed no ready line`)), READY_WITHIN_MS);
    void exited
      .then(() => reject(new Error(`${BINARY} ended before it was ready`)), reject)
      .finally(() => clearTimeout(late));
    createInterface({ input: /** @type {import("node:stream").Readable} */ (daemon.stdout) }).on("line", (line) => {
      if (line.startsWith("ready ")) resolve(JSON.parse(line.slice("ready ".length)));
    });
  });
}

/** The address bar's suggestions are web pages of the browser's own, made anew for each window: seconds of a small machine's time. */
const UNWANTED = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"];

/**
 * @param {string[]} [more] flags of Chromium
 * @returns {Promise<Browser>}
 */
export function startBrowser(more = []) {
  const unwanted = FROM_DISK ? [...UNWANTED, "LocalNetworkAccessChecks"] : UNWANTED;
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--num-raster-threads=1",
      `--disable-features=${unwanted.join(",")}`,
      ...more,
    ],
  });
}

/** @typedef {{daemon: Daemon, browser: Browser}} Shop */

/**
 * One daemon and one browser for all tests of a file.
 *
 * @param {(shop: Shop) => Promise<void>} [furnish] what else is needed; another `before` would not wait for this one
 * @param {string[]} [flags] of `tablebell demo`
 * @returns {Shop} filled in before the first test
 */
export function openShop(furnish, flags) {
  const shop = /** @type {Shop} */ ({});
  before(async () => {
    shop.daemon = await startDaemon(flags);
    shop.browser = await startBrowser();
    await furnish?.(shop);
  });
  after(async () => {
    await shop.browser?.close();
    await shop.daemon?.stop();
  });
  return shop;
}

/**
 * A page that remembers whatever went wrong in it, and every host it asked.
 *
 * @typedef {object} Watched
 * @property {Page} page
 * @property {BrowserContext} context
 * @property {string[]} troubles console errors and uncaught exceptions
 * @property {Set<string>} hosts
 */

/**
 * @param {Browser} browser
 * @param {{width: number, height: number}} viewport
 * @param {string} [locale]
 * @returns {Promise<Watched>}
 */
export async function openPage(browser, viewport, locale = "zh-CN") {
  const context = await browser.newContext({
    viewport,
    locale,
    timezoneId: "Asia/Shanghai",
    hasTouch: viewport.width < 500,
    reducedMotion: "reduce",
  });
  await context.addInitScript(countStrokes);
  if (FROM_DISK) await serveFromDisk(context);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  /** @type {Watched} */
  const watched = { page, context, troubles: [], hosts: new Set() };
  page.on("console", (message) => message.type() === "error" && watched.troubles.push(message.text()));
  page.on("pageerror", (error) => watched.troubles.push(String(error)));
  page.on("request", (request) => watched.hosts.add(new URL(request.url()).hostname));
  page.on("websocket", (socket) => watched.hosts.add(new URL(socket.url()).hostname));
  return watched;
}

/**
 * @param {BrowserContext} context
 */
async function serveFromDisk(context) {
  const html = (/** @type {string} */ name) => readFileSync(join(ASSETS, name), "utf8").replaceAll("{{hash}}", "disk");
  // The whole address: a route below /admin ends with "counter" too.
  await context.route(/^https?:\/\/[^/]+\/(counter|member|t\/[^/]+)$/, async (route) => {
    // Asked all the same: it says who sits at the table.
    const response = await route.fetch();
    const page = /\/(counter|member)$/.exec(new URL(route.request().url()).pathname)?.[1] ?? "phone";
    const body = html(`${page}.html`);
    await route.fulfill({ response, ...(response.ok() ? { body } : {}) });
  });
  await context.route("**/assets/disk/**", (route) => {
    const path = join(ASSETS, String(route.request().url().split("/assets/disk/")[1]));
    return route.fulfill({ path, contentType: TYPES[extname(path)] ?? "" });
  });
}

/** In the page: counts the strokes of the synthesised bell, at the point where the sound is made. */
function countStrokes() {
  const page = /** @type {any} */ (window);
  page.__strokes = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (when) {
    page.__strokes += 1;
    start.call(this, when);
  };
}

/**
 * @param {Page} page
 * @returns {Promise<number>}
 */
export function strokes(page) {
  return page.evaluate(() => /** @type {any} */ (window).__strokes);
}

/**
 * @param {Watched} watched
 */
export function assertClean({ troubles, hosts }) {
  assert.deepEqual(troubles, [], "console errors");
  assert.deepEqual([...hosts], ["127.0.0.1"], "hosts asked");
}

/**
 * @param {Browser} browser
 * @param {string} url
 * @param {string} [locale]
 * @returns {Promise<Watched>} a phone that sits at the table, online
 */
export async function openPhone(browser, url, locale) {
  const phone = await openPage(browser, PHONE, locale);
  await phone.page.goto(url);
  await phone.page.locator(".dish").first().waitFor();
  await phone.page.locator(".top .link-up").waitFor();
  return phone;
}

/**
 * @param {Browser} browser
 * @param {Ready} ready
 * @param {string} [origin]
 * @param {string} [view] which of its views
 * @returns {Promise<Watched>} a counter page, logged in, connected, its sound on
 */
export async function openCounter(browser, ready, origin = ready.lan, view = "orders") {
  const counter = await openPage(browser, COUNTER);
  const { page } = counter;
  await page.goto(`${origin}/counter#${view}`);
  await page.getByLabel("用户名").fill(ready.staff.username);
  await page.getByLabel("密码").fill(ready.staff.password);
  await page.getByRole("button", { name: "登录" }).click();
  await page.locator(".top .link-up").waitFor();
  await page.getByRole("button", { name: "关闭本页声音" }).waitFor();
  return counter;
}

/**
 * Adds one of the nth dish that can be had, choosing its first options where it has any.
 *
 * @param {Page} page
 * @param {number} index
 * @returns {Promise<string>} the dish's name
 */
export async function addDish(page, index) {
  const dish = page.locator(".dish:not(.sold-out)").nth(index);
  const name = await dish.locator("h3").evaluate((heading) => heading.firstChild?.textContent ?? "");
  const pill = dish.locator("button.pill");
  if (await pill.count()) {
    await pill.click();
    await page.locator("dialog.chooser[open] button.primary").waitFor();
    for (const group of await page.locator("dialog.chooser[open] fieldset").all()) {
      if ((await group.locator("input[type=radio]").count()) && !(await group.locator("input:checked").count()))
        await group.locator("label").first().click();
    }
    await page.locator("dialog.chooser[open] button.primary").click();
    await page.locator("dialog.chooser[open]").waitFor({ state: "hidden" });
  } else {
    await dish.locator("button.solid").click();
  }
  return name;
}

/**
 * @param {Page} page
 * @param {string} name
 * @returns {Locator} the dish's line in the open cart
 */
export function cartLine(page, name) {
  return page.locator("dialog.cart[open] .line").filter({ has: page.getByRole("heading", { name, exact: true }) });
}

/**
 * @param {Page} page
 * @param {"cart" | "orders" | "call"} name
 */
export async function openSheet(page, name) {
  // In one step: a sheet that is about to close would be gone before a click.
  await page.evaluate(() =>
    /** @type {HTMLElement | null} */ (document.querySelector("dialog.sheet[open] .close"))?.click(),
  );
  await page.locator(`.${name}-button`).click();
  await page.locator(`dialog.${name}[open]`).waitFor();
}

/**
 * From an open cart to the order's card in the list of orders.
 *
 * @param {Page} page
 * @returns {Promise<string>} the order id
 */
export async function submitCart(page) {
  await page.locator("dialog.cart[open] .order-form > button.primary:enabled").click();
  const card = page.locator("dialog.orders[open] .order").first();
  await card.waitFor();
  return String(await card.getAttribute("data-order"));
}

/**
 * From the open order list to the ways in which the newest order can be paid.
 *
 * @param {Page} page
 */
export async function openPay(page) {
  await page
    .locator("dialog.orders[open] .order")
    .first()
    .getByRole("button", { name: /^(付款|Pay)/ })
    .click();
  await page.locator("dialog.pay[open]").waitFor();
}

/**
 * Pays the newest order through the demo provider's page and comes back to the table.
 *
 * @param {Page} page with the order list open
 */
export async function payAtDemo(page) {
  await openPay(page);
  await page.locator('dialog.pay[open] [data-way="demo"]').click();
  await page.waitForURL((url) => !url.pathname.startsWith("/t/"));
  await page.getByRole("button", { name: /支付|付款|Pay/ }).click();
  await page.getByRole("link").click();
  await page.locator(".top .link-up").waitFor();
  // The first thing that it shows is the order that was paid.
  await page.locator("dialog.orders[open] .close").click();
  await page.locator("dialog.orders[open]").waitFor({ state: "hidden" });
}

/**
 * A genuine callback of the demo provider, about a payment of its.
 *
 * @param {{ready: Ready, home: string}} daemon
 * @param {string} outTradeNo
 * @param {number} fen
 */
export async function callBack({ ready, home }, outTradeNo, fen) {
  const database = readdirSync(home, { recursive: true, encoding: "utf8" }).find((name) =>
    name.endsWith("tablebell.db"),
  );
  assert.ok(database, "the demo's database is in its own temporary directory");
  // By another door than `import`: the types of Node 20 do not know it yet.
  const { DatabaseSync } = /** @type {any} */ (process).getBuiltinModule("node:sqlite");
  const books = new DatabaseSync(join(home, database), { readOnly: true });
  const key = String(books.prepare("select value from setting where key = 'demo_key'").get().value);
  books.close();
  const transactionId = `demo-test-${outTradeNo}`;
  const body = JSON.stringify({ merchant: "tablebell-demo", outTradeNo, transactionId, amount: fen, state: "SUCCESS" });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", key).update(`${timestamp}\nnonce-1\n${body}\n`).digest("hex");
  const headers = { "demo-timestamp": timestamp, "demo-nonce": "nonce-1", "demo-signature": signature };
  const answer = await fetch(`${ready.tunnel}/pay/notify/demo`, { method: "POST", headers, body });
  assert.equal(answer.status, 200, await answer.text());
}

/**
 * Nothing scrolls sideways, and axe finds nothing serious.
 *
 * @param {Page} page
 * @param {string} where
 */
export async function inspect(page, where) {
  await assertNoSidewaysScroll(page);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => /** @type {any} */ (window).axe.run());
  const serious = violations.filter(
    (/** @type {any} */ found) => found.impact === "serious" || found.impact === "critical",
  );
  const told = serious.map((/** @type {any} */ found) => [
    found.id,
    ...found.nodes.map((/** @type {any} */ node) => node.html),
  ]);
  assert.deepEqual(told, [], where);
}

/**
 * Presses Tab as someone without a mouse does, until the wanted element has the focus.
 *
 * @param {Page} page
 * @param {Locator} wanted
 */
export async function tabTo(page, wanted) {
  for (let presses = 0; presses < 80; presses += 1) {
    if ((await wanted.count()) && (await wanted.first().evaluate((element) => element === document.activeElement)))
      return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab never reached ${wanted}`);
}

/**
 * A TCP relay in front of the daemon, as bad as a restaurant's Wi-Fi.
 *
 * - `open`: carries everything;
 * - `cut`: breaks what is there, refuses what comes;
 * - `oneWay`: what phones send arrives, what the daemon answers is lost;
 * - `noSockets`: pages load, WebSockets do not connect.
 */
export class Relay {
  /** @param {string} target origin of the daemon */
  constructor(target) {
    this.target = new URL(target);
    /** @type {"open" | "cut" | "oneWay" | "noSockets"} */
    this.mode = "open";
    /** @type {Set<import("node:net").Socket>} */
    this.sockets = new Set();
    /** @type {WeakSet<import("node:net").Socket>} nothing goes through these any more, and nobody is told */
    this.dead = new WeakSet();
    this.server = createServer((client) => this.carry(client));
  }

  /** @returns {Promise<string>} its origin */
  async start() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    const address = /** @type {import("node:net").AddressInfo} */ (this.server.address());
    return `http://127.0.0.1:${address.port}`;
  }

  /** @param {Relay["mode"]} mode */
  set(mode) {
    this.mode = mode;
    if (mode === "cut" || mode === "noSockets") this.sockets.forEach((socket) => socket.destroy());
  }

  /** What is there is there for ever, and carries nothing: packets dropped, no FIN, as when a phone changes its access point. */
  drop() {
    this.sockets.forEach((socket) => this.dead.add(socket));
  }

  async stop() {
    this.set("cut");
    this.server.close();
    await once(this.server, "close");
  }

  /** @param {import("node:net").Socket} client */
  carry(client) {
    if (this.mode === "cut") return client.destroy();
    const daemon = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of /** @type {const} */ ([
      [client, daemon],
      [daemon, client],
    ])) {
      this.sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (bytes) => {
      if (this.dead.has(client)) return;
      if (this.mode === "noSockets" && /^upgrade: *websocket/im.test(bytes.toString("latin1"))) client.destroy();
      else daemon.write(bytes);
    });
    daemon.on("data", (bytes) => {
      if (this.mode !== "oneWay" && !this.dead.has(client)) client.write(bytes);
    });
  }
}

/**
 * @param {Page} page
 */
export async function assertNoSidewaysScroll(page) {
  const [content, window_] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(Number(content) <= Number(window_), `content ${content}px in a window of ${window_}px`);
  const open = page.locator("dialog[open]");
  if (await open.count()) {
    assert.ok(
      await open.last().evaluate((dialog) => dialog.scrollWidth <= dialog.clientWidth),
      "the open dialog scrolls sideways",
    );
  }
}
