// The backups on the counter page: their age, the alarm, and one on demand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { backupPanel } from "../../../assets/js/counter/backup-view.js";
import { apply, firstState } from "../../../assets/js/counter/state.js";
import { strips } from "../../../assets/js/counter/strips-view.js";
import { COUNTER_WORDS } from "../../../assets/js/counter/words.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import { find, press, textOf } from "./views.js";

/** @import {BackupHealth} from "../../../assets/js/types.js" */
/** @import {VElement} from "../../../assets/js/shared/dom.js" */
/** @import {CounterState, Event, Intent} from "../../../assets/js/counter/state.js" */

const AT = "2026-11-21T03:30:00+08:00";
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
 * @returns {{state: CounterState, shown: VElement[], sent: Intent[], panel: VElement | undefined}}
 */
function seen(backup, hours) {
  /** @type {Intent[]} */
  const sent = [];
  const state = run(run(firstState("zh"), { type: "signed.in" }), { type: "status", status: { backup } }, hours);
  const ctx = { state, t: translator(COUNTER_WORDS, state.lang), send: (/** @type {Intent} */ intent) => sent.push(intent) };
  const shown = /** @type {VElement[]} */ (strips(ctx).filter((strip) => strip && /bad-backup|well/.test(String(strip.key))));
  return { state, shown, sent, panel: backupPanel(ctx) };
}

test("a good backup is told with its age", () => {
  for (const [hours, text] of /** @type {[number, string][]} */ ([[0.5, "刚刚备份过"], [3, "上次备份在 3 小时前"], [25.9, "上次备份在 25 小时前"]])) {
    const { shown } = seen({ ok: true, at: AT, detail: "" }, hours);
    assert.deepEqual(shown.map((strip) => [strip.props.class, textOf(strip)]), [["strip well", text]]);
  }
});

test("an old one is an alarm with a button, none at all a warning", () => {
  const { shown: [old], sent } = seen({ ok: false, at: AT, detail: "run it" }, 80);
  assert.ok(old);
  assert.equal(old.props.class, "strip bad");
  assert.match(textOf(old), /^上次备份在 3 天前run it立即备份$/);
  press(find(old, "type", "button"));
  assert.deepEqual(sent, [{ type: "backup" }]);
  const { shown: [none] } = seen({ ok: false, at: null, detail: "备份盘没有插好" }, 0);
  assert.ok(none);
  assert.equal(none.props.class, "strip warn");
  assert.match(textOf(none), /没有可用的备份备份盘没有插好/);
});

test("the books offer one more, one at a time", () => {
  const { state, panel } = seen({ ok: true, at: AT, detail: "" }, 2);
  assert.match(textOf(panel ?? ""), /备份上次备份在 2 小时前立即备份/);
  const busy = run(state, { type: "backup" });
  assert.deepEqual(busy.busy, ["backup"]);
  const ctx = { state: busy, t: translator(COUNTER_WORDS, "zh"), send: () => assert.fail("it is under way") };
  assert.match(textOf(backupPanel(ctx) ?? ""), /正在备份…/);
  assert.deepEqual(run(busy, { type: "free", key: "backup" }).busy, []);
});
