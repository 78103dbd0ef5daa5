// What a party does beside ordering: it calls, pays together or apart, moves to another table, and chooses from what there still is.

import assert from "node:assert/strict";
import { test } from "node:test";
import axe from "axe-core";
import { counterOf } from "./banquet.js";
import {
  addDish,
  assertClean,
  assertNoSidewaysScroll,
  cartLine,
  eventually,
  openPage,
  openPhone,
  openSheet,
  openShop,
  shortest,
  submitCart,
  tabTo,
} from "./harness.js";

/** @import {Page} from "playwright-core" */

/** @type {Awaited<ReturnType<typeof counterOf>>} */
let counter;

const shop = openShop(
  async ({ daemon }) => {
    counter = await counterOf(daemon.ready);
  },
  ["--pay", "later", "--tables", "12"],
);

const SIZES = [
  { width: 820, height: 1180 },
  { width: 360, height: 740 },
];

/**
 * @param {number} index
 * @returns {import("./harness.js").Ready["tables"][number]}
 */
function table(index) {
  const found = shop.daemon.ready.tables[index];
  assert.ok(found, `the demo has a table ${index}`);
  return found;
}

/**
 * Nothing scrolls sideways and axe finds nothing serious, on a phone and on a tablet.
 *
 * @param {Page} page
 * @param {string} where
 */
async function inspect(page, where) {
  for (const size of SIZES) {
    await page.setViewportSize(size);
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
    assert.deepEqual(told, [], `${where} at ${size.width}`);
  }
}

/**
 * @param {Page} page
 * @returns {Promise<{id: number, name: string}>} a dish that can be added with one tap
 */
async function plainDish(page) {
  const row = page
    .locator(".dish:not(.sold-out)")
    .filter({ has: page.locator("button.solid") })
    .first();
  const name = await row.locator("h3").evaluate((heading) => heading.firstChild?.textContent ?? "");
  return { id: Number(await row.getAttribute("data-cuisine")), name };
}

/**
 * One round: a dish, ordered.
 *
 * @param {Page} page
 * @param {number} dish
 */
async function orderRound(page, dish) {
  await addDish(page, dish);
  await openSheet(page, "cart");
  await submitCart(page);
  await page.locator("dialog.orders .close").click();
}

/** @param {Page} page */
async function openBill(page) {
  await openSheet(page, "orders");
  await page.getByRole("button", { name: "我们的账单" }).click();
  await page.locator("dialog.bill[open]").waitFor();
}

test("the waiter is called once a minute, and the phone says that it was heard", async () => {
  const { url, tableId } = table(0);
  const guest = await openPhone(shop.browser, url);
  const { page } = guest;
  await openSheet(page, "call");
  await inspect(page, "call");
  await tabTo(page, page.getByRole("button", { name: "呼叫服务员" }));
  await page.keyboard.press("Enter");
  await page.locator("dialog.call .notice").getByText("已呼叫，服务员马上来").waitFor();
  await page.getByRole("button", { name: /已呼叫，\d+ 秒后可再叫/ }).waitFor();
  await page.getByRole("button", { name: "请求结账" }).click();
  await page.getByText("已通知店员来结账").waitFor();
  const asked = (await counter("GET", "/table/list")).find((/** @type {any} */ one) => one.tableId === tableId);
  assert.deepEqual(asked.calls.map((/** @type {any} */ call) => call.kind).sort(), [7, 8]);
  assert.ok(asked.billAskedAt, "the table map shows who wants to pay");
  await page.reload();
  await page.locator(".top .link-up").waitFor();
  await openSheet(page, "call");
  await page
    .getByRole("button", { name: /已呼叫/ })
    .first()
    .waitFor();
  assertClean(guest);
});

test("a sold-out dish is marked in every open cart within a second, blocks the order by name, and goes with one tap", async () => {
  const { url } = table(1);
  const ann = await openPhone(shop.browser, url);
  const ben = await openPhone(shop.browser, url);
  const { id, name } = await plainDish(ann.page);
  await ann.page.locator(`[data-cuisine="${id}"] button.solid`).click();
  const other = await addDish(ann.page, 3);
  for (const { page } of [ann, ben]) {
    await openSheet(page, "cart");
    await cartLine(page, other).waitFor();
  }
  /** @param {"visible" | "hidden"} state */
  const shortage = (state) =>
    Promise.all(
      [ann, ben].map(({ page }) =>
        page.locator("dialog.cart .shortage").getByText(`${name}已售罄，拿掉后才能下单。`).waitFor({ state }),
      ),
    );
  try {
    const took = await shortest(1_000, async () => {
      await counter("POST", `/dish/status/1?id=${id}`);
      await shortage("hidden");
      await counter("POST", `/dish/status/0?id=${id}`);
      const told = Date.now();
      await shortage("visible");
      return Date.now() - told;
    });
    assert.ok(took < 1_000, `both phones knew after ${took} ms`);
    await cartLine(ann.page, name).getByText("售罄").waitFor();
    assert.equal(await ann.page.locator("dialog.cart .order-form > button.primary").isDisabled(), true);
    await inspect(ann.page, "sold out in the cart");
    await ben.page.getByRole("button", { name: "拿掉售罄的菜" }).click();
    await cartLine(ann.page, name).waitFor({ state: "detached" });
    await ann.page.locator("dialog.cart .order-form > button.primary:enabled").waitFor();
  } finally {
    await counter("POST", `/dish/status/1?id=${id}`);
  }
  for (const watched of [ann, ben]) assertClean(watched);
});

test("what is left is shown, limits the plus, and is never ordered beyond", async () => {
  const { url } = table(2);
  const guest = await openPhone(shop.browser, url);
  const { page } = guest;
  const { id, name } = await plainDish(page);
  await counter("PUT", `/dish/stock/${id}`, { stock: 2 });
  try {
    const row = page.locator(`[data-cuisine="${id}"]`);
    await row.getByText("剩 2 份").waitFor();
    await row.locator("button.solid").click();
    await row.locator("button.solid:enabled").click();
    await row.locator("button.solid:disabled").waitFor();
    await counter("PUT", `/dish/stock/${id}`, { stock: 1 });
    await openSheet(page, "cart");
    await page.getByText(`${name}只剩 1 份`).waitFor();
    await page.getByRole("button", { name: "改成能点的数量" }).click();
    await cartLine(page, name).locator(".count").filter({ hasText: /^1$/ }).waitFor();
    await submitCart(page);
    await page.locator("dialog.orders .close").click();
    await page.locator(`[data-cuisine="${id}"].sold-out`).waitFor();
  } finally {
    await counter("PUT", `/dish/stock/${id}`, { stock: null });
  }
  assertClean(guest);
});

test("what must be chosen is asked for before a dish is added", async () => {
  const { url } = table(3);
  const [category] = await counter("GET", "/category/list?type=1");
  const values = [
    { value: "大碗", priceDelta: 4 },
    { value: "小碗", priceDelta: 0 },
  ];
  await counter("POST", "/dish", {
    name: "必选牛肉面",
    categoryId: category.id,
    price: 22,
    image: "",
    description: "",
    status: 1,
    flavors: [],
    options: [{ name: "分量", multiple: false, required: true, values }],
  });
  const guest = await openPhone(shop.browser, url);
  const { page } = guest;
  const row = page.locator(".dish").filter({ hasText: "必选牛肉面" });
  await row.locator("button.pill").click();
  const go = page.locator("dialog.chooser[open] .order-form > button.primary");
  await go.getByText("请先选：分量").waitFor();
  await go.click();
  await page.locator("dialog.chooser fieldset.missed").waitFor();
  await inspect(page, "chooser with a choice to make");
  assert.equal(await page.locator(".cart-button.empty").count(), 1, "nothing was added");
  await page.locator('dialog.chooser[open] input[value="大碗"]').check();
  await go.getByText("加入 ¥26.00").click();
  await page.locator("dialog.chooser[open]").waitFor({ state: "hidden" });
  await page.locator(".cart-button .badge").getByText("1").waitFor();
  assertClean(guest);
});

test("rounds, fees and reductions are on one bill; it is paid in parts, and each phone sees the others pay", async () => {
  const { url, tableId } = table(4);
  const ann = await openPhone(shop.browser, url);
  const ben = await openPhone(shop.browser, url);
  await orderRound(ann.page, 0);
  await openSheet(ben.page, "cart");
  await ben.page.locator("dialog.cart .close").click();
  await addDish(ben.page, 1);
  await openSheet(ben.page, "cart");
  await ben.page.getByLabel("打包带走").check();
  await submitCart(ben.page);
  await ben.page.locator("dialog.orders .order").first().getByText("打包", { exact: true }).waitFor();
  await openBill(ann.page);
  await ann.page.locator("dialog.bill").getByText("第 2 轮").waitFor();
  await counter("POST", "/bill/discount", { tableId, percent: 12, reason: "老顾客" });
  await ann.page.locator("dialog.bill .adjustment").getByText("老顾客").first().waitFor();
  await inspect(ann.page, "bill");

  await counter("POST", "/bill/split", { tableId, by: "head", heads: 2 });
  await ann.page.locator(".part").nth(1).waitFor();
  await inspect(ann.page, "split bill");
  await ben.page.locator("dialog.orders .close").click();
  await ben.page.getByRole("button", { name: /账单已分好/ }).click();
  await ben.page.locator(".part").first().getByRole("button").click();
  await ben.page.locator('dialog.pay[open] [data-way="demo"]').click();
  await ben.page.waitForURL((address) => !address.pathname.startsWith("/t/"));
  await ben.page.getByRole("button", { name: /Pay/ }).click();
  await ben.page.getByRole("link").click();
  await ann.page.locator('.part[data-state="paid"]').getByText("已付").waitFor();
  await ann.page.locator('.part[data-state="open"]').getByRole("button").click();
  await ann.page.locator("dialog.pay[open]").waitFor();
  await inspect(ann.page, "pay one's part");
  await ann.page.locator('dialog.pay[open] [data-way="demo"]').click();
  await ann.page.waitForURL((address) => !address.pathname.startsWith("/t/"));
  await ann.page.getByRole("button", { name: /Pay/ }).click();
  await ann.page.getByRole("link").click();
  for (const { page } of [ann, ben]) {
    await page.locator(".top .link-up").waitFor();
    await openBill(page);
    await page.locator("dialog.bill").getByText("已全部付清，谢谢").waitFor();
  }
  const bill = await counter("GET", `/bill/table/${tableId}`);
  assert.deepEqual([bill.owed, bill.paid], [0, bill.total]);
  for (const watched of [ann, ben]) assertClean(watched);
});

test("the whole bill is paid by one code, whatever the rounds", async () => {
  const { url } = table(5);
  const guest = await openPhone(shop.browser, url);
  const { page } = guest;
  await orderRound(page, 0);
  await orderRound(page, 1);
  await openBill(page);
  const owed = await page.locator(".sum-owed .price").textContent();
  await tabTo(page, page.locator('[data-pay="whole"]'));
  await page.keyboard.press("Enter");
  await page.locator("dialog.pay[open]").getByRole("heading").getByText(`付款 ${owed}`).waitFor();
  await page.locator('dialog.pay[open] [data-way="counter"]').click();
  await page.locator("dialog.pay .say-this").getByText(String(owed)).waitFor();
  await page.getByRole("button", { name: "换一种付款方式" }).click();
  await page.locator('dialog.pay[open] [data-way="demo"]').click();
  await page.waitForURL((address) => !address.pathname.startsWith("/t/"));
  await page.getByRole("button", { name: /Pay/ }).click();
  await page.getByRole("link").click();
  await page.locator(".top .link-up").waitFor();
  await openBill(page);
  await page.locator("dialog.bill").getByText("已全部付清，谢谢").waitFor();
  assertClean(guest);
});

test("a party that is moved goes on there, cart, orders and all; one that is merged has everything of both", async () => {
  const [from, to, into] = [table(6), table(7), table(8)];
  const ann = await openPhone(shop.browser, from.url);
  const name = await addDish(ann.page, 0);
  await counter("POST", "/table/transfer", { from: from.tableId, to: to.tableId });
  await ann.page.getByText(`已换到 ${to.tableNumber} 桌`).waitFor();
  await ann.page.locator(".top .table").getByText(`${to.tableNumber}桌`).waitFor();
  await ann.page.locator(".top .link-up").waitFor();
  await openSheet(ann.page, "cart");
  await cartLine(ann.page, name).waitFor();
  await ann.page.locator("dialog.cart .close").click();

  const ben = await openPhone(shop.browser, into.url);
  const other = await addDish(ben.page, 1);
  await ben.page.locator(".cart-button:not(.pending) .badge").waitFor();
  await counter("POST", "/table/merge", { from: to.tableId, into: into.tableId });
  await ann.page.getByText(`已换到 ${into.tableNumber} 桌`).waitFor();
  for (const { page } of [ann, ben]) {
    await openSheet(page, "cart");
    for (const dish of [name, other]) await cartLine(page, dish).waitFor();
  }
  // A reload at the old code's address stays with the party.
  await ann.page.reload();
  await ann.page.locator(".top .table").getByText(`${into.tableNumber}桌`).waitFor();
  await eventually(
    async () => (await ann.page.locator(".cart-button .badge").textContent()) === "2",
    "the cart of both",
  );
  for (const watched of [ann, ben]) assertClean(watched);
});

test("a long menu is searched and jumped through, at the keyboard too", async () => {
  const [category] = await counter("GET", "/category/list?type=1");
  for (let dish = 0; dish < 24; dish += 1) {
    await counter("POST", "/dish", {
      name: `长菜单 ${dish}`,
      categoryId: category.id,
      price: 10,
      image: "",
      description: "",
      status: 1,
      flavors: [],
    });
  }
  const guest = await openPhone(shop.browser, table(9).url);
  const { page } = guest;
  await page.getByRole("searchbox").fill("长菜单 1");
  await page.getByText("找到 11 道菜").waitFor();
  assert.equal(await page.locator(".dish:visible").count(), 11);
  await inspect(page, "search");
  const last = page.locator(".rail-item").last();
  const name = await last.textContent();
  await tabTo(page, last);
  await page.keyboard.press("Enter");
  await eventually(
    async () =>
      (await page
        .locator("section[data-category]")
        .last()
        .boundingBox()
        .then((box) => box?.y ?? 9_999)) < 400,
    "the last category is in view",
  );
  await page.locator('.rail-item[aria-current="true"]').getByText(String(name)).waitFor();
  assert.equal(await page.getByRole("searchbox").inputValue(), "", "a category shows all of it");
  assertClean(guest);
});

test("no such phone page scrolls sideways in English either", async () => {
  const { page } = await openPage(shop.browser, { width: 360, height: 740 }, "en-GB");
  await page.goto(table(0).url);
  await page.locator(".top .link-up").waitFor();
  await openSheet(page, "call");
  await inspect(page, "call, in English");
});
