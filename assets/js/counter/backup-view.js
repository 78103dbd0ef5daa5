// 备份: how old the last good one is, red when it is too old, and one more on demand.

import { h, whenFree } from "../shared/dom.js";
import { toMillis } from "../shared/time.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {BackupHealth} from "../types.js" */
/** @import {Ctx} from "./parts.js" */

const HOUR_MS = 3_600_000;
const DAYS_FROM_HOURS = 48;

/**
 * @param {Ctx} ctx
 * @returns {VElement | false} while all is well there is none
 */
export function backupStrip(ctx) {
  const { backup } = ctx.state.status;
  if (!backup || backup.ok) return false;
  // A new shop has none yet: that is told, but not as an alarm.
  return h("p", { key: "bad-backup", class: backup.at ? "strip bad" : "strip warn", role: "status", "data-strip": "bad-backup" },
    h("span", { class: "what" }, backupAge(ctx, backup)), h("span", { class: "detail", title: backup.detail }, backup.detail), backUpNow(ctx));
}

/**
 * @param {Ctx} ctx
 * @returns {VElement | undefined} for the books: the day is closed, so it is worth keeping
 */
export function backupPanel(ctx) {
  const { backup } = ctx.state.status;
  return backup && h("section", { key: "backup", class: "panel", "aria-labelledby": "backup-title" },
    h("header", { class: "region-head" },
      h("h3", { id: "backup-title" }, ctx.t("backup")), h("span", { class: "backup-age" }, backupAge(ctx, backup)), backUpNow(ctx)));
}

/**
 * @param {Ctx} ctx
 * @param {BackupHealth} backup
 * @returns {string}
 */
export function backupAge({ state, t }, { at }) {
  const hours = Math.floor((state.now - toMillis(at)) / HOUR_MS);
  if (Number.isNaN(hours)) return t("backupNone");
  if (hours < 1) return t("backupFresh");
  return hours < DAYS_FROM_HOURS ? t("backupHours", { hours }) : t("backupDays", { days: Math.floor(hours / 24) });
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function backUpNow({ state, t, send }) {
  const busy = state.busy.includes("backup");
  return h("button", { type: "button", class: "secondary", ...whenFree(busy, () => send({ type: "backup" })) }, t(busy ? "backupBusy" : "backupNow"));
}
