// 备份: when the last good one was made, red when that is too long ago, and one more on demand.

import { h, whenFree } from "../shared/dom.js";
import { clock, clockAndDay } from "../shared/time.js";
import { isForOwner, trouble } from "./parts.js";
import { isBroken } from "./ring-state.js";
import { busyKey } from "./steps.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {BackupHealth} from "../types.js" */
/** @import {Ctx} from "./parts.js" */

/**
 * @param {Ctx} ctx
 * @returns {VElement | false} while all is well there is none
 */
export function backupStrip(ctx) {
  const { backup } = ctx.state.status;
  return (
    isBroken(backup) && trouble("bad-backup", backupAt(ctx, backup), ctx.t("backupDo"), backup.detail, backUpNow(ctx))
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement | undefined} for the books: the day is closed, so it is worth keeping
 */
export function backupPanel(ctx) {
  const { backup } = ctx.state.status;
  return (
    backup &&
    h(
      "section",
      { key: "backup", class: "panel", "aria-labelledby": "backup-title" },
      h(
        "header",
        { class: "region-head" },
        h("h3", { id: "backup-title" }, ctx.t("backup")),
        h("span", null, backupAt(ctx, backup)),
        backUpNow(ctx),
      ),
    )
  );
}

/**
 * @param {Ctx} ctx
 * @param {BackupHealth} backup
 * @returns {string}
 */
export function backupAt({ state, t }, { at }) {
  const time = clockAndDay(at, state.now, state.lang);
  if (time === "") return t("backupNone");
  return t(time === clock(at) ? "backupToday" : "backupAt", { time });
}

/**
 * @param {Ctx} ctx
 * @returns {VElement | false}
 */
function backUpNow({ state, t, send }) {
  const busy = state.busy.includes(busyKey({ type: "backup" }));
  return (
    isForOwner(state) &&
    h(
      "button",
      {
        key: "backup",
        type: "button",
        class: "secondary",
        ...whenFree(busy, () => send({ type: "backup" })),
      },
      t(busy ? "backupBusy" : "backupNow"),
    )
  );
}
