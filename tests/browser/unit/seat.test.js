// One phone sits at one table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { linkChip } from "../../../assets/js/phone/parts.js";
import { apply, firstState, readKept, toKeep } from "../../../assets/js/phone/state.js";
import { PHONE_WORDS } from "../../../assets/js/phone/words.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import { cart, line, menu, session } from "./samples.js";
import { textOf } from "./views.js";

/** @import {Event, Intent, PhoneState} from "../../../assets/js/phone/state.js" */

let stamps = 0;

/**
 * @param {PhoneState} state
 * @param {...(Event | Intent)} messages
 * @returns {PhoneState}
 */
function run(state, ...messages) {
  return messages.reduce((now, message) => apply(now, { ...message, id: `op${(stamps += 1)}`, at: 1_000_000 + stamps }), state);
}

const seated = run(firstState("zh"), { type: "session", session, kept: {} }, { type: "menu", menu }, { type: "cart", cart: cart([line()]) });
const seat = { tableNumber: "A03", code: "c3" };

test("a phone that sits elsewhere gives up what it had not sent, and says how much that was", () => {
  const tapped = run(seated, { type: "dish.plus", cuisineId: 1001 }, { type: "sheet", sheet: "cart" });
  const gone = run(tapped, { type: "elsewhere", seat });
  assert.deepEqual([gone.phase, gone.elsewhere, gone.unsent, gone.ops, gone.sheet], ["elsewhere", seat, 1, [], null]);
  assert.deepEqual(toKeep(gone).ops, [], "nor does a reload find it");
  assert.equal(run(gone, { type: "elsewhere", seat: { ...seat, tableNumber: "A04" } }).unsent, 1, "told twice");
});

test("it comes back only when its user says so, and what an earlier load had not sent stays unsent", () => {
  const kept = readKept(toKeep(run(seated, { type: "dish.plus", cuisineId: 1001 })));
  assert.equal(kept.ops?.length, 1);
  const gone = run(firstState("zh"), { type: "elsewhere", seat });
  const back = run(gone, { type: "come.back" }, { type: "session", session, kept });
  assert.deepEqual([back.phase, back.elsewhere, back.ops, back.cart], ["ready", null, [], null]);
  assert.deepEqual(back.notice?.text, { key: "unsent", vars: { count: 1 } });
  assert.equal(run(firstState("zh"), { type: "session", session, kept }).ops.length, 1, "a reload of the same table's page sends it");
});

test("a renewed session is the same table's, also where it is another person by now", () => {
  const renewed = run(seated, { type: "reseated", session: { ...session, userId: 107 } });
  assert.deepEqual([renewed.session?.userId, renewed.people[0], renewed.cart?.items.length], [107, 107, 1]);
  const moved = run(seated, { type: "reseated", session: { ...session, tableId: 125, tableNumber: "A05" } });
  assert.deepEqual([moved.session?.tableNumber, moved.cart, moved.notice?.text], ["A05", null, { key: "moved", vars: { number: "A05" } }]);
});

test("online is said of a page that is up to date, and of no other", () => {
  const chip = (/** @type {PhoneState} */ state) => textOf(linkChip({ state, t: translator(PHONE_WORDS, "zh"), send: () => {} }));
  const online = run(seated, { type: "link", link: { phase: "online", retryAt: 0 } });
  assert.equal(chip(online), "在线");
  assert.equal(chip(run(online, { type: "fresh", fresh: false })), "正在更新…");
  assert.equal(chip(run(online, { type: "fresh", fresh: false }, { type: "fresh", fresh: true })), "在线");
  assert.equal(chip(run(online, { type: "link", link: { phase: "waiting", retryAt: 9 } })), "正在重连…");
});
