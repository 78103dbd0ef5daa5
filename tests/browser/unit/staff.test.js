// 员工 as data: people, their secrets, and what was done.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  applyStaff,
  FIRST_STAFF,
  personForm,
  requestOf,
  saidOf,
  secretForm,
} from "../../../assets/js/counter/staff/state.js";
import { open } from "../../../assets/js/counter/staff/view.js";
import { openOffice, submit, type } from "./offices.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {Deed, Person} from "../../../assets/js/types.js" */
/** @import {StaffForm, StaffMessage, StaffState} from "../../../assets/js/counter/staff/state.js" */

const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
});

/** @type {Person} */
const li = {
  id: 3,
  name: "小李",
  username: "xiaoli",
  phone: "",
  sex: "1",
  idNumber: "",
  role: "waiter",
  status: 1,
  hasPassword: true,
  hasPin: false,
  createTime: "2026-11-01 09:00",
  updateTime: "2026-11-01 09:00",
  createUser: 1,
  updateUser: 1,
};
/** @type {Deed} */
const deed = { id: 70, at: "2026-11-20 18:00", actor: "admin", act: "table.clear", target: "A01", detail: "跑单" };
const answers = {
  "GET /admin/employee/page": { records: [li, { ...li, id: 4, name: "王姐", status: 0 }] },
  "GET /admin/audit": { total: 120, records: [deed] },
};

/**
 * @param {StaffState} state
 * @param {...StaffMessage} messages
 */
const after = (state, ...messages) => messages.reduce(applyStaff, state);

test("people are added and changed, secrets set, each by its own request", () => {
  /** @type {[StaffForm, object, [string, string, object], string][]} */
  const table = [
    [
      personForm(),
      { name: " 王姐 ", username: "wangjie", role: "cashier" },
      ["POST", "", { name: "王姐", username: "wangjie", phone: "", role: "cashier" }],
      "added",
    ],
    [
      personForm(li),
      { phone: "13800138000" },
      ["PUT", "", { id: 3, name: "小李", username: "xiaoli", phone: "13800138000", role: "waiter" }],
      "saved",
    ],
    [secretForm("pin", li), { secret: "2580" }, ["PUT", "/pin", { id: 3, pin: "2580" }], "pinSet"],
    [
      secretForm("password", li),
      { secret: "secret-1" },
      ["PUT", "/password", { id: 3, password: "secret-1" }],
      "passwordSet",
    ],
  ];
  for (const [form, change, request, said] of table) {
    const filled = /** @type {StaffForm} */ (
      after(FIRST_STAFF, { type: "open", form }, { type: "typed", change }).form
    );
    assert.deepEqual(requestOf(filled), request);
    assert.equal(saidOf(filled).key, said);
  }
});

test("a secret is gone with its dialog, also when it was set", () => {
  const typed = after(
    FIRST_STAFF,
    { type: "open", form: secretForm("pin", li) },
    { type: "typed", change: { secret: "2580" } },
  );
  assert.doesNotMatch(JSON.stringify(after(typed, { type: "close" })), /2580/);
  assert.doesNotMatch(
    JSON.stringify(after(typed, { type: "done", said: { key: "pinSet", vars: { name: "小李" } } })),
    /2580/,
  );
});

test("a PIN is set, the list and the log are read again, and what was done is said", async () => {
  const staff = openOffice(open, { ...answers, "PUT /admin/employee/pin": null, "POST /admin/employee/status": null });
  staff.view.enter?.();
  assert.deepEqual(await staff.settled(true), [
    ["GET /admin/employee/page?page=1&pageSize=100"],
    ["GET /admin/audit?page=1&pageSize=50"],
  ]);
  press(find(staff.page(), "aria-label", "给 小李 设口令码"));
  type(staff.sheet(), "secret", "2580");
  submit(staff.sheet());
  assert.deepEqual((await staff.settled(true))[0], ["PUT /admin/employee/pin", { id: 3, pin: "2580" }]);
  assert.equal(textOf(find(staff.page(), "class", "notice info")), "小李 的口令码已生效");
  press(find(staff.page(), "aria-label", "启用 王姐"));
  assert.deepEqual(await staff.settled(), [["POST /admin/employee/status/1?id=4"]]);
  assert.equal(textOf(find(staff.page(), "class", "notice info")), "王姐 已启用");
});

test("the log is turned page by page, by whoever may read it", async () => {
  const staff = openOffice(open, answers);
  staff.view.enter?.();
  await staff.settled();
  assert.match(textOf(staff.page()), /1\/3.*未结账清台A01跑单/s);
  const older = findAll(staff.page(), "onclick").find((one) => textOf(one) === "更早的");
  press(older ?? assert.fail());
  assert.deepEqual(await staff.settled(true), [["GET /admin/audit?page=2&pageSize=50"]]);
  assert.match(textOf(staff.page()), /2\/3/);
  const waiter = openOffice(open, answers, ["GET employee/page"]);
  waiter.view.enter?.();
  assert.deepEqual(await waiter.settled(true), [["GET /admin/employee/page?page=1&pageSize=100"]]);
  assert.doesNotMatch(textOf(waiter.page()), /操作记录/);
});
