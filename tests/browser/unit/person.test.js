// 换人: the dialog as data, and what becomes of the page when another person goes on with it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { applyPerson, CLOSED } from "../../../assets/js/counter/person/state.js";
import { apply, firstState } from "../../../assets/js/counter/state.js";
import { staffMe } from "./samples.js";

/** @import {PersonMessage, PersonState} from "../../../assets/js/counter/person/state.js" */
/** @import {CounterState} from "../../../assets/js/counter/state.js" */
/** @import {Me} from "../../../assets/js/types.js" */

const LI = { username: "xiaoli", name: "小李", hasPin: true };

/**
 * @param {PersonState} state
 * @param {...PersonMessage} messages
 */
const after = (state, ...messages) => messages.reduce(applyPerson, state);

/** @param {string} digits */
const pressed = (digits) => [...digits].map((digit) => /** @type {PersonMessage} */ ({ type: "digit", digit }));

const atPad = after(CLOSED, { type: "open" }, { type: "people", people: [LI] }, { type: "pick", person: LI });

test("four to six digits are sent; they are forgotten when the daemon has answered, and with the screen", () => {
  const typed = after(atPad, ...pressed("123"), { type: "enter" });
  assert.equal(typed.waiting, false, "too short");
  const sent = after(typed, ...pressed("4567"), { type: "erase" }, { type: "enter" }, ...pressed("9"), {
    type: "erase",
  });
  assert.deepEqual([sent.digits, sent.waiting], ["12345", true], "what is sent stands");
  const refused = after(sent, { type: "refused", code: "BAD_LOGIN", said: "账号或密码错误" });
  assert.deepEqual([refused.digits, refused.waiting, refused.trouble], ["", false, { key: "wrongPin" }]);
  assert.equal(after(refused, ...pressed("1")).trouble, null);
  for (const away of /** @type {PersonMessage[]} */ ([{ type: "back" }, { type: "own" }, { type: "close" }]))
    assert.equal(after(typed, away).digits, "");
  assert.equal(after(atPad, { type: "back" }, ...pressed("1")).digits, "", "no pad, no digits");
});

test("how long a name is locked is told; an answer to a dialog that was closed is told nobody", () => {
  const sent = after(atPad, ...pressed("2468"), { type: "enter" });
  const locked = /** @type {const} */ ({ type: "refused", code: "LOGIN_LOCKED", said: "错误次数太多，请 31 秒后再试" });
  assert.deepEqual(after(sent, locked).trouble, { key: "locked", seconds: "31" });
  assert.deepEqual(after(sent, { type: "close" }, locked), CLOSED);
});

test("another person keeps the alerts, and gets nothing that the last one saw or was about to do", () => {
  const at = { id: "m1", at: 1 };
  /** @type {(userName: string, role: "owner" | "kitchen") => Me} */
  const me = (userName, role) => staffMe({ userName, name: userName, role });
  /** @type {CounterState} */
  const ready = { ...firstState("zh"), phase: "ready", question: { kind: "reject", orderId: 1, reason: "" } };
  const owner = apply(ready, { type: "me", me: me("admin", "owner"), ...at });
  assert.deepEqual([owner.shift, owner.notice, owner.question], [0, null, ready.question], "the first one is told");
  assert.equal(apply(owner, { type: "me", me: me("admin", "owner"), ...at }).shift, 0, "the same one");
  const kitchen = apply(owner, { type: "me", me: me("chef", "kitchen"), ...at });
  assert.deepEqual([kitchen.shift, kitchen.role, kitchen.question, kitchen.alerts], [1, "kitchen", null, owner.alerts]);
  assert.deepEqual(kitchen.notice?.text, { key: "personNow", vars: { name: "chef" } });
});
