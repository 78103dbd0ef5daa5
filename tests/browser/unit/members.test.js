// 会员 as data: what goes on a card goes on it once, and a link is shown once.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { applyMembers, FIRST_MEMBERS, memberForm, requestOf } from "../../../assets/js/counter/members/state.js";
import { open } from "../../../assets/js/counter/members/view.js";
import { openOffice, submit, type } from "./offices.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {MemberEntry, MemberLink} from "../../../assets/js/types.js" */
/** @import {Member, MembersEvent, MembersIntent, MembersState, MoneyForm} from "../../../assets/js/counter/members/state.js" */

const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
});

/** @type {Member} */
const chen = {
  userId: 4,
  name: "陈女士",
  phone: "13800138001",
  uses: 3,
  balance: 200,
  enabled: true,
  createdAt: "2026-11-01T09:00:00+08:00",
};
const found = { "GET /admin/member/page": { records: [chen], total: 1 } };

let stamps = 0;

/**
 * @param {MembersState} state
 * @param {...(MembersIntent | MembersEvent)} messages
 */
const after = (state, ...messages) =>
  messages.reduce((before, message) => applyMembers(before, { ...message, id: `m${(stamps += 1)}` }), state);

test("money has a name of its own from the moment it is asked about, and what is left empty is nothing", () => {
  const asked = after(
    FIRST_MEMBERS,
    { type: "money", kind: "topup", member: chen },
    { type: "typed", change: { amount: "200", paid: "180.50" } },
  );
  const form = /** @type {MoneyForm} */ (asked.form);
  assert.deepEqual(requestOf(form), [
    "POST",
    "member/topup",
    { userId: 4, uses: 0, amount: 200, paid: 180.5, method: "cash", opId: `m${stamps - 1}` },
  ]);
  const again = /** @type {MoneyForm} */ (after(asked, { type: "money", kind: "topup", member: chen }).form);
  assert.notEqual(again.opId, form.opId);
});

test("a correction takes off what is typed, and nothing where nothing is", () => {
  const { form } = after(
    FIRST_MEMBERS,
    { type: "money", kind: "correct", member: chen },
    { type: "typed", change: { uses: "2", paid: "0", method: "terminal", note: " 充错了 " } },
  );
  const [, , body] = requestOf(/** @type {MoneyForm} */ (form));
  const wanted = {
    userId: 4,
    uses: -2,
    amount: 0,
    paid: 0,
    method: "terminal",
    note: "充错了",
    opId: `m${stamps - 1}`,
  };
  assert.equal(JSON.stringify(body), JSON.stringify(wanted), "no negative zero either");
});

test("a member is added or changed; only one who is there can be stopped", () => {
  assert.deepEqual(requestOf(memberForm()), ["POST", "member", { name: "", phone: "" }]);
  const { form } = after(
    { ...FIRST_MEMBERS, form: memberForm(chen) },
    { type: "typed", change: { name: " 陈太太 ", enabled: "" } },
  );
  assert.deepEqual(requestOf(/** @type {any} */ (form)), [
    "PUT",
    "member",
    { userId: 4, name: "陈太太", phone: "13800138001", enabled: false },
  ]);
});

test("the camera is turned on and off, and on again where there was none", () => {
  const on = after(FIRST_MEMBERS, { type: "camera.turn" });
  assert.deepEqual([on.camera, after(on, { type: "camera.turn" }).camera], ["on", "off"]);
  const none = after(on, { type: "camera", camera: "none" });
  assert.deepEqual([none.camera, after(none, { type: "camera.turn" }).camera], ["none", "on"]);
});

test("a top-up without an answer is sent again as the same one", async () => {
  const members = openOffice(open, found);
  members.view.enter?.();
  await members.settled();
  press(find(members.page(), "aria-label", "给 陈女士 充值"));
  type(members.sheet(), "paid", "0");
  assert.match(textOf(members.sheet()), /记为赠送/);
  type(members.sheet(), "paid", "10");
  submit(members.sheet());
  const [first] = await members.settled();
  submit(members.sheet());
  const [second] = await members.settled();
  assert.deepEqual(second, first);
  assert.match(first?.[1].opId, /^[0-9a-f]{32}$/);
  assert.equal(members.failures.length, 2);
  assert.equal(members.isOpen(), true);
});

test("a new member's link is shown, and forgotten with the dialog", async () => {
  /** @type {MemberLink} */
  const link = {
    userId: 5,
    token: "secret",
    url: "http://pc/member?token=secret",
    svg: "<svg/>",
    expiresAt: "2027-11-20T18:00:00+08:00",
  };
  const members = openOffice(open, { ...found, "POST /admin/member": link });
  press(
    findAll(members.page(), "class").filter((one) => one.props.class === "primary" && one.props.onclick)[0] ??
      assert.fail(),
  );
  type(members.sheet(), "name", "钱先生");
  type(members.sheet(), "phone", "13800138021");
  submit(members.sheet());
  assert.deepEqual(await members.settled(), [["POST /admin/member", { name: "钱先生", phone: "13800138021" }]]);
  assert.equal(find(members.sheet(), "class", "link-code").props.src, "data:image/svg+xml,%3Csvg%2F%3E");
  assert.match(textOf(find(members.page(), "class", "notice info")), /钱先生 已添加/);
  press(find(members.sheet(), "class", "primary"));
  assert.equal(members.isOpen(), false);
});

test("a search is looked for as it stands, and a card's history is read when it is asked for", async () => {
  /** @type {MemberEntry} */
  const entry = {
    entryId: 1,
    kind: "topup",
    act: "topup",
    uses: 3,
    amount: 200,
    usesAfter: 3,
    balanceAfter: 200,
    paid: 200,
    method: "cash",
    note: "",
    actor: "admin",
    at: "2026-11-20 18:00",
  };
  const members = openOffice(open, { ...found, "GET /admin/member/4": { ...chen, entries: [entry] } });
  const search = find(members.page(), "type", "search");
  /** @type {any} */ (search.props.oninput)({ target: { value: " 陈 " } });
  /** @type {any} */ (search.props.onchange)();
  assert.deepEqual(await members.settled(true), [["GET /admin/member/page?page=1&pageSize=50&name=%E9%99%88"]]);
  press(find(members.page(), "aria-label", "陈女士 的记录"));
  await members.settled();
  assert.match(textOf(members.sheet()), /陈女士 ¥200\.00 · 剩余 3 次.*2026-11-20 18:00充值3¥200\.00¥200\.00admin/s);
});

test("who may not fill cards is not offered it", async () => {
  const members = openOffice(open, found, ["GET member/page"]);
  members.view.enter?.();
  await members.settled();
  assert.deepEqual(
    findAll(members.page(), "aria-label")
      .map((one) => one.props["aria-label"])
      .filter((label) => String(label).includes("陈女士")),
    ["陈女士 的记录", "修改 陈女士"],
  );
});
