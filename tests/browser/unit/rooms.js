// The room without a document: what it is told, what it shows, what it asks for.

import { applyRoom, FIRST_ROOM } from "../../../assets/js/counter/room/room-state.js";
import { ROOM_WORDS } from "../../../assets/js/counter/room/words.js";
import { firstState } from "../../../assets/js/counter/state.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import { payWays } from "./samples.js";

/** @import {Intent} from "../../../assets/js/counter/state.js" */
/** @import {RoomCtx} from "../../../assets/js/counter/room/parts.js" */
/** @import {RoomEvent, RoomIntent, RoomState} from "../../../assets/js/counter/room/room-state.js" */
/** @import {TableRow} from "../../../assets/js/types.js" */

export const NOW = Date.parse("2026-11-20T19:00:00+08:00");

let stamps = 0;

/**
 * @param {...(RoomIntent | RoomEvent)} messages
 * @returns {RoomState}
 */
export function told(...messages) {
  return go(FIRST_ROOM, ...messages);
}

/**
 * @param {RoomState} state
 * @param {...(RoomIntent | RoomEvent)} messages
 * @returns {RoomState}
 */
export function go(state, ...messages) {
  return messages.reduce(
    (before, message) => applyRoom(before, { ...message, id: `m${(stamps += 1)}`, at: NOW }),
    state,
  );
}

/**
 * @param {RoomState} state
 * @param {TableRow[]} tables
 * @param {string[] | null} [allowed]
 * @returns {{ctx: RoomCtx, sent: RoomIntent[], toShell: Intent[]}}
 */
export function seen(state, tables, allowed = null) {
  /** @type {RoomIntent[]} */
  const sent = [];
  /** @type {Intent[]} */
  const toShell = [];
  const counter = {
    ...firstState("zh"),
    phase: /** @type {const} */ ("ready"),
    now: NOW,
    tables,
    allowed,
    ways: payWays(["wechat"]),
  };
  const ctx = {
    counter,
    state,
    t: translator(ROOM_WORDS, "zh"),
    send: (/** @type {RoomIntent} */ one) => sent.push(one),
    tell: (/** @type {Intent} */ one) => toShell.push(one),
  };
  return { ctx, sent, toShell };
}
