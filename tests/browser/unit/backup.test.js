// The backups on the counter page: their age, the alarm, and one on demand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { backupPanel } from "../../../assets/js/counter/backup-view.js";
import { apply, firstState } from "../../../assets/js/counter/state.js";
import { strips } from "../../../assets/js/counter/strips-view.js";
import { COUNTER_WORDS } from "../../../assets/js/counter/words.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import { daemonStatus, health } from "./samples.js";
import { find, press, textOf } from "./views.js";

/** @import {BackupHealth} from "../../../assets/js/types.js" */
/** @import {CounterState, Event, Intent, Role} from "../../../assets/js/counter/state.js" */
/** @import {VElement} from "../../../assets/js/shared/dom.js" */

const AT = "2026-11-21T03:30:00+08:00";
const UNCHECKED = health({ ok: false, detail: "尚未检查" });
const HOUR_MS = 3_600_000;

/**
 * @param {CounterState} state
 * @param {Event | Intent} message
 * @param {number} [hours] after the last backup
 * @returns {CounterState}
 */
const run = (state, message, hours = 0) => apply(state, { ...message, id: "m", at: Date.parse(AT) + hours * HOUR_MS });

/**
 * @param {BackupHealth} backup
 * @param {number} hours
 * @param {Role} [role]
 * @returns {{state: CounterState, shown: VElement[], sent: Intent[], panel: VElement | undefined}}
 */
function seen(backup, hours, role) {
  /** @type {Intent[]} */
  const sent = [];
  const state = run(
    run(firstState("zh"), { type: "signed.in", role }),
    { type: "status", status: daemonStatus({ backup, sound: UNCHECKED, popup: UNCHECKED }) },
    hours,
  );
  const ctx = {
    state,
    t: translator(COUNTER_WORDS, state.lang),
    send: (/** @type {Intent} */ intent) => sent.push(intent),
  };
  const shown = /** @type {VElement[]} */ (
    strips(ctx).filter((strip) => strip && /bad-backup|well/.test(String(strip.key)))
  );
  return { state, shown, sent, panel: backupPanel(ctx) };
}

test("a good backup is told with when it was", () => {
  for (const [hours, text] of /** @type {[number, string][]} */ ([
    [0.5, "上次备份：今天 03:30"],
    [20, "上次备份：今天 03:30"],
    [25.9, "上次备份：11月21日 03:30"],
  ])) {
    const { shown } = seen({ ok: true, at: AT, detail: "" }, hours);
    assert.deepEqual(
      shown.map((strip) => [strip.props.class, textOf(strip)]),
      [["strip well", text]],
    );
  }
});

test("an old one, or none, is an alarm with a button; what has not been looked at is none", () => {
  const {
    shown: [old],
    sent,
  } = seen({ ok: false, at: AT, detail: "run it" }, 80);
  assert.ok(old);
  assert.equal(old.props.class, "strip bad");
  assert.match(textOf(old), /^上次备份：11月21日 03:30请老板备份一次.*run it立即备份$/);
  press(find(old, "type", "button"));
  assert.deepEqual(sent, [{ type: "backup" }]);
  const {
    shown: [none],
  } = seen({ ok: false, at: null, detail: "备份盘没有插好" }, 0);
  assert.ok(none);
  assert.equal(none.props.class, "strip bad");
  assert.match(textOf(none), /没有可用的备份.*备份盘没有插好/);
  assert.deepEqual(seen({ ok: false, at: null, detail: "尚未检查" }, 0).shown, []);
});

test("only the owner is offered one; of an older login the daemon decides", () => {
  for (const [role, offered] of /** @type {[Role | undefined, boolean][]} */ ([
    ["owner", true],
    [undefined, true],
    ["cashier", false],
    ["kitchen", false],
  ])) {
    const {
      shown: [strip],
    } = seen({ ok: false, at: null, detail: "没有备份" }, 0, role);
    assert.equal(/立即备份/.test(textOf(strip ?? "")), offered, role);
  }
});

test("the books offer one more, one at a time", () => {
  const { state, panel } = seen({ ok: true, at: AT, detail: "" }, 2);
  assert.match(textOf(panel ?? ""), /备份上次备份：今天 03:30立即备份/);
  const busy = run(state, { type: "backup" });
  assert.deepEqual(busy.busy, ["backup"]);
  const ctx = { state: busy, t: translator(COUNTER_WORDS, "zh"), send: () => assert.fail("it is under way") };
  assert.match(textOf(backupPanel(ctx) ?? ""), /正在备份…/);
  assert.deepEqual(run(busy, { type: "free", key: "backup" }).busy, []);
});
