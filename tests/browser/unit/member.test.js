import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, firstState, isOver, readResult, secondsLeft, wantsCode } from "../../../assets/js/member/state.js";
import { MEMBER_WORDS } from "../../../assets/js/member/words.js";

/** @import {CardPage, LastScan} from "../../../assets/js/types.js" */
/** @import {MemberState, Message} from "../../../assets/js/member/state.js" */

const T0 = 1_795_000_000_000;

/**
 * @param {Partial<LastScan>} [changes]
 * @returns {LastScan}
 */
function scan(changes = {}) {
  return { scanId: 5, status: 0, text: "扣费成功", remaining: 7, at: "", result: "", fresh: true, ...changes };
}

/**
 * @param {LastScan | null} [lastScan]
 * @returns {CardPage}
 */
function me(lastScan = null) {
  return {
    userId: 3,
    storeId: 1,
    name: "王小明",
    phone: "138****8000",
    uses: 8,
    balance: 20,
    storeName: "桌铃小馆",
    entries: [],
    lastScan,
  };
}

/**
 * @param {MemberState} state
 * @param {...any} messages without their time
 * @returns {MemberState}
 */
function after(state, ...messages) {
  return messages.reduce((now, message) => apply(now, /** @type {Message} */ ({ at: T0, ...message })), state);
}

const open = (seen = 0, lastScan = /** @type {LastScan | null} */ (null)) =>
  after(firstState("zh", seen), { type: "me", me: me(lastScan) });
const code = {
  type: "code",
  code: { code: "M1", expiresAt: "2026-11-20T18:01:00+08:00", svg: "<svg/>", seconds: 60, uses: 8, balance: 20 },
};

test("a result is read as the wire has it, and nothing else is one", () => {
  assert.deepEqual(readResult("0_扣费成功_剩余次数: 7"), { status: 0, text: "扣费成功", remaining: 7 });
  assert.deepEqual(readResult("1_余额不足_剩余次数: 0"), { status: 1, text: "余额不足", remaining: 0 });
  for (const text of ["pong", "", "0_扣费成功", '{"type":1}', "x_y_剩余次数: 1"]) assert.equal(readResult(text), null);
});

test("a frame is shown, counts down the card and uses the code up", () => {
  const state = after(open(), code, { type: "frame", text: "0_扣费成功_剩余次数: 7" });
  assert.deepEqual([state.result?.status, state.card?.uses, state.code], [0, 7, null]);
  assert.ok(wantsCode(state), "the next code is fetched at once");
  assert.equal(after(state, { type: "result.close" }).result, null);
  const odd = after(open(), { type: "frame", text: "hello" });
  assert.equal(odd.result, null);
});

test("what the socket has shown, the number that follows does not show again", () => {
  const shown = after(open(), { type: "frame", text: "0_扣费成功_剩余次数: 7" });
  const numbered = after(shown, { type: "me", me: me(scan()) });
  assert.deepEqual([numbered.seen, numbered.result], [5, shown.result]);
  const put = after(numbered, { type: "result.close" }, { type: "me", me: me(scan()) });
  assert.equal(put.result, null);
});

test("a page that comes back shows what it missed, once, and no history", () => {
  assert.equal(open(4, scan()).result?.text, "扣费成功");
  assert.equal(open(5, scan()).result, null, "seen before the reload");
  assert.equal(open(4, scan({ fresh: false })).result, null);
  const polled = after(
    open(4, scan({ scanId: 4 })),
    { type: "scan", scan: scan() },
    { type: "result.close" },
    { type: "scan", scan: scan() },
  );
  assert.deepEqual([polled.result, polled.seen], [null, 5]);
});

test("a shop restored from a backup counts scans from lower again", () => {
  assert.equal(open(900, scan()).seen, 5);
});

test("a code is replaced before it ends, whatever this phone's clock says", () => {
  const state = after(open(), code);
  assert.equal(wantsCode(state), false);
  assert.equal(secondsLeft(state), 48);
  const later = (/** @type {number} */ s) => after(state, { type: "clock", at: T0 + s * 1000 });
  assert.deepEqual(
    [wantsCode(later(47)), wantsCode(later(48)), isOver(later(59)), isOver(later(60))],
    [false, true, false, true],
  );
});

test("a link that is over leaves nothing of the card on the page", () => {
  const state = after(open(4, scan()), code, { type: "over" });
  assert.deepEqual([state.phase, state.card, state.code, state.result, state.entries], ["over", null, null, null, []]);
  assert.equal(wantsCode(state), false);
});

test("both languages say the same things", () => {
  assert.deepEqual(Object.keys(MEMBER_WORDS.en), Object.keys(MEMBER_WORDS.zh));
});
