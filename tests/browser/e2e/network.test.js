// The Wi-Fi goes, the Wi-Fi comes back: nothing is lost, nothing happens twice.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  addDish,
  cartLine,
  eventually,
  openCounter,
  openPhone,
  openSheet,
  openShop,
  payAtDemo,
  Relay,
  shortest,
  strokes,
  submitCart,
} from "./harness.js";

/** @type {Relay} */
let relay;
let origin = "";

const shop = openShop(async ({ daemon }) => {
  relay = new Relay(daemon.ready.lan);
  origin = await relay.start();
});
after(async () => {
  await relay?.stop();
});

/**
 * @param {number} index
 * @returns {{direct: string, shaky: string}} the table's page straight from the daemon, and through the relay
 */
function addresses(index) {
  const found = shop.daemon.ready.tables[index];
  assert.ok(found, `the demo has a table ${index}`);
  return { direct: `${shop.daemon.ready.lan}/t/${found.code}`, shaky: `${origin}/t/${found.code}` };
}

/**
 * @param {import("playwright-core").Page} page
 * @returns {any[]} every cart operation the page puts on the wire, from now on
 */
function recordOperations(page) {
  /** @type {any[]} */
  const sent = [];
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      const frame = JSON.parse(String(payload));
      if (frame.opId) sent.push(frame);
    }),
  );
  return sent;
}

test("an answer lost on the way: the operation is sent again with its opId and done once", async () => {
  relay.set("open");
  const { direct, shaky } = addresses(0);
  const ben = await openPhone(shop.browser, direct);
  const ann = await openPhone(shop.browser, shaky);
  const sent = recordOperations(ann.page);
  await ann.page.reload();
  await ann.page.locator(".top .link-up").waitFor();

  relay.set("oneWay");
  const name = await addDish(ann.page, 0);
  await openSheet(ben.page, "cart");
  await cartLine(ben.page, name).locator(".count").filter({ hasText: /^1$/ }).waitFor();
  assert.equal(await ann.page.locator(".cart-button.pending").count(), 1, "Ann cannot know yet, and her page says so");
  relay.set("cut");
  await ann.page.locator(".top .link-down").getByText("正在重连…").waitFor();
  relay.set("open");
  await ann.page.locator(".top .link-up").waitFor();
  await ann.page.locator(".cart-button:not(.pending)").waitFor();

  assert.equal(sent.length, 2, "sent again");
  assert.equal(sent[0].opId, sent[1].opId, "with the same opId");
  for (const { page } of [ann, ben])
    assert.equal(await page.locator(".cart-button .badge").textContent(), "1", "done once");
});

test("taps while offline are kept across a reload and delivered once", async () => {
  relay.set("open");
  const { direct, shaky } = addresses(1);
  const ben = await openPhone(shop.browser, direct);
  const ann = await openPhone(shop.browser, shaky);
  relay.set("noSockets");
  await ann.page.locator(".top .link-down").waitFor();
  const name = await addDish(ann.page, 0);
  await addDish(ann.page, 0);
  await openSheet(ann.page, "cart");
  await cartLine(ann.page, name).getByText("发送中…").waitFor();
  assert.equal(
    await ann.page.locator("dialog.cart[open] .order-form > button.primary").isDisabled(),
    true,
    "no order from a cart in flux",
  );
  await ann.page.reload();
  await ann.page.locator(".dish").first().waitFor();
  await openSheet(ann.page, "cart");
  await cartLine(ann.page, name).getByText("发送中…").waitFor();
  relay.set("open");
  await cartLine(ann.page, name).and(ann.page.locator(":not(.pending)")).waitFor();
  for (const { page } of [ann, ben]) {
    await eventually(
      async () => (await page.locator(".cart-button .badge").textContent()) === "2",
      "both phones have two",
    );
  }
});

test("an order submitted into a dead network is placed once when it is back", async () => {
  relay.set("open");
  const { direct, shaky } = addresses(2);
  const ben = await openPhone(shop.browser, direct);
  const ann = await openPhone(shop.browser, shaky);
  await addDish(ann.page, 0);
  await openSheet(ann.page, "cart");
  const submit = ann.page.locator("dialog.cart[open] .order-form > button.primary:enabled");
  await submit.waitFor();
  relay.set("oneWay");
  await submit.click();
  await openSheet(ben.page, "orders");
  await ben.page.locator(".order").waitFor();
  relay.set("cut");
  await ann.page.getByText("等网络恢复后自动下单…").waitFor();
  relay.set("open");
  await ann.page.locator("dialog.orders[open] .order").waitFor();
  for (const { page } of [ann, ben]) assert.equal(await page.locator(".order").count(), 1);
});

test("a counter that was cut off says so, and on its return shows and rings what it missed", async () => {
  relay.set("open");
  const { direct } = addresses(3);
  const guest = await openPhone(shop.browser, direct);
  const counter = await openCounter(shop.browser, shop.daemon.ready, origin);
  relay.set("cut");
  await counter.page.getByText("与桌铃主机断开").waitFor();
  await addDish(guest.page, 0);
  await openSheet(guest.page, "cart");
  const orderId = await submitCart(guest.page);
  await payAtDemo(guest.page);
  await openSheet(guest.page, "orders");
  await guest.page.locator(`[data-order="${orderId}"][data-pay="1"]`).waitFor();
  assert.equal(await counter.page.locator(".alert").count(), 0);
  const silence = await strokes(counter.page);
  relay.set("open");
  await counter.page.locator('.alert[data-kind="1"]').waitFor();
  await counter.page.locator(`[data-column="2"] [data-order="${orderId}"]`).waitFor();
  await eventually(async () => (await strokes(counter.page)) > silence, "the missed alert rings");
  await counter.page.locator(".top .link-up").waitFor();
});

test("one of the counter's two lines is enough to hear an order", async () => {
  relay.set("open");
  const { direct } = addresses(4);
  const guest = await openPhone(shop.browser, direct);
  const counter = await openCounter(shop.browser, shop.daemon.ready, origin);
  relay.set("noSockets");
  await counter.page.getByText("部分断开，正在重连…").waitFor();
  const known = await counter.page.locator(".alert").count();
  await addDish(guest.page, 1);
  await openSheet(guest.page, "cart");
  await submitCart(guest.page);
  await payAtDemo(guest.page);
  await eventually(
    async () => (await counter.page.locator(".alert").count()) > known,
    "the alert comes over the stream",
  );
});

test("the money comes while the phone is away, and the one question about it fails: it is asked again before the page is online", async () => {
  relay.set("open");
  const { direct, shaky } = addresses(5);
  const ben = await openPhone(shop.browser, direct);
  const ann = await openPhone(shop.browser, shaky);
  await addDish(ann.page, 0);
  await openSheet(ann.page, "cart");
  const orderId = await submitCart(ann.page);
  relay.set("cut");
  await ann.page.locator("dialog.orders .link-down").waitFor();
  await openSheet(ben.page, "orders");
  await payAtDemo(ben.page);
  let failed = 0;
  await ann.context.route("**/api/store/order/list/*", (route) => {
    failed += 1;
    return failed <= 2 ? route.abort() : route.fallback();
  });
  // What the chip and the order say, whenever the page is drawn.
  await ann.page.evaluate((id) => {
    const told = /** @type {string[]} */ ([]);
    /** @type {any} */ (window).__told = told;
    new MutationObserver(() => {
      const up = document.querySelector("dialog.orders .link-up") !== null;
      const paid = document.querySelector(`[data-order="${id}"][data-pay="1"]`) !== null;
      told.push(`${up ? "online" : "not"} ${paid ? "paid" : "unpaid"}`);
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  }, orderId);
  relay.set("open");
  await ann.page.locator(`[data-order="${orderId}"][data-pay="1"]`).waitFor();
  await ann.page.locator("dialog.orders .link-up").waitFor();
  const told = await ann.page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (window).__told));
  assert.ok(failed >= 3, "asked until it was answered");
  assert.deepEqual(
    told.filter((one) => one === "online unpaid"),
    [],
    "online means up to date",
  );
});

const look = "document.dispatchEvent(new Event('visibilitychange'))";
const touch = "document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))";
for (const [who, what, doubt] of /** @type {const} */ ([
  ["phone", "is looked at again", look],
  ["phone", "is touched", touch],
  ["counter", "is looked at again", look],
])) {
  test(`a ${who}'s socket whose packets are dropped is noticed within three seconds after the page ${what}`, async () => {
    relay.set("open");
    const { shaky } = addresses(6);
    const ann =
      who === "phone"
        ? await openPhone(shop.browser, shaky)
        : await openCounter(shop.browser, shop.daemon.ready, origin);
    const took = await shortest(3_000, async () => {
      const noticed = ann.page.evaluate(`new Promise((resolve) => {
        new MutationObserver(() => document.querySelector(".top .link-down") && resolve(performance.now()))
          .observe(document.body, { subtree: true, childList: true, attributes: true });
      })`);
      relay.drop();
      // A touch asks for no proof of a line that was heard within the last half second.
      await new Promise((resolve) => setTimeout(resolve, 600));
      const doubted = Number(await ann.page.evaluate(`${doubt}; performance.now()`));
      const ended = Number(await noticed);
      await ann.page.locator(".top .link-up").waitFor();
      return ended - doubted;
    });
    assert.ok(took < 3_000, `${took} ms`);
    if (who === "counter") return;
    await addDish(ann.page, 0);
    await ann.page.locator(".cart-button:not(.pending) .badge").waitFor();
  });
}
