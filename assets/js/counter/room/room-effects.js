// The room's hands: tables by the staff API. Bills and ordering have hands of their own.

import { Refused, staffCall } from "../../shared/http.js";
import { BillHands } from "./bill-effects.js";
import { OrderingHands } from "./ordering-effects.js";
import { isForm, requestOf } from "./room-state.js";

/** @import {Port} from "../views.js" */
/** @import {FormKind, FormScreen, RoomEvent, RoomIntent, RoomMessage, RoomState, Screen} from "./room-state.js" */
/** @import {RoomKey} from "./words.js" */

/** @type {Record<FormKind, RoomKey>} */
const SAID = {
  open: "opened",
  heads: "headsSet",
  transfer: "transferred",
  merge: "merged",
  clear: "cleared",
  edit: "saved",
  retire: "retired",
  rotate: "rotated",
};

/**
 * @typedef {object} Room what the hands work on
 * @property {Port} port
 * @property {() => RoomState} state
 * @property {(message: RoomIntent | RoomEvent) => void} send
 * @property {(key: RoomKey, vars: Record<string, string>) => void} say aloud, in the shell's bar
 * @property {(tableId: number) => string} numberOf
 */

export class RoomHands {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    this.bill = new BillHands(room);
    this.ordering = new OrderingHands(room);
    /** @type {Screen | null} */
    this.before = null;
  }

  /** @param {RoomMessage} message */
  after(message) {
    const { screen } = this.room.state();
    const before = this.before;
    this.before = screen;
    if (placeOf(screen) !== placeOf(before)) this.entered(screen);
    if (screen?.kind === "bill") return this.bill.after(message, screen, before);
    if (before?.kind === "order" || screen?.kind === "order") return this.ordering.after(message, before, screen);
    if (message.type === "go" && isForm(screen) && screen.waiting && !(isForm(before) && before.waiting))
      void this.go(screen);
  }

  /** After a reconnect, and when the table's money or orders have changed. */
  refresh() {
    const { screen } = this.room.state();
    if (screen?.kind === "bill") return this.bill.refresh(screen.tableId);
    if (screen?.kind === "order") return this.ordering.refresh();
  }

  /** The view is left: nothing of it goes on. */
  stop() {
    this.ordering.stop();
    this.room.send({ type: "show", screen: null });
  }

  /**
   * @private Whoever works by keyboard goes on where the next thing is done.
   * @param {Screen | null} screen
   */
  entered(screen) {
    if (!screen) return;
    window.requestAnimationFrame(() => {
      /** @type {HTMLElement | null} */ (document.querySelector(".room-dialog [data-first]"))?.focus();
    });
  }

  /**
   * @private
   * @param {FormScreen} screen
   */
  async go(screen) {
    const { kind, tableId, draft } = screen;
    const { room } = this;
    const [method, path, body] = requestOf(screen);
    const vars = { table: draft.tableNumber || room.numberOf(tableId), other: room.numberOf(Number(draft.other ?? 0)) };
    try {
      await staffCall(method, `/admin/table${path}`, body);
      room.say(SAID[kind], vars);
      // The next step is the one of how the table stands now.
      await room.port.tables();
      if (room.state().screen?.kind === kind) room.send({ type: "done" });
      if (kind === "open") room.send({ type: "show", screen: { kind: "table", tableId } });
    } catch (error) {
      this.refused(error);
      await room.port.tables();
    }
  }

  /**
   * @private
   * @param {unknown} error
   */
  refused(error) {
    if (error instanceof Refused && error.status === 401) this.room.port.failed(error);
    else this.room.send({ type: "trouble", ...this.room.port.reasonOf(error) });
  }
}

/**
 * @param {Screen | null} screen
 * @returns {string} what the focus is brought to: a screen, or the panel within it
 */
function placeOf(screen) {
  if (!screen) return "";
  if (screen.kind === "bill")
    return `bill ${screen.bill !== null} ${screen.panel?.kind ?? ""} ${screen.panel?.kind === "take" ? screen.panel.method : ""}`;
  if (screen.kind === "order")
    return `order ${screen.menu !== null && screen.session !== null} ${screen.choice !== null} ${screen.stocking}`;
  return `${screen.kind} ${screen.tableId}`;
}
