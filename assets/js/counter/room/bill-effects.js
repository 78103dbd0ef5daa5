// The bill's hands. The daemon does all the sums; a request that got no answer is looked up before anybody is asked to pay again.

import { Refused, staffCall } from "../../shared/http.js";
import { formatFen, toFen, toYuan } from "../../shared/money.js";
import { deedCall } from "../deeds.js";
import { changeOf, offOf, openParts, partsOf, takenFen } from "./bill-state.js";

/** @import {Bill} from "../../types.js" */
/** @import {BillScreen, Panel, TakePanel} from "./bill-state.js" */
/** @import {Room} from "./room-effects.js" */
/** @import {RoomMessage, Screen, Trouble} from "./room-state.js" */

/** A little longer than the daemon itself waits for the payer's password and the reversal after it. */
const PAYER_PATIENCE_MS = 100_000;

export class BillHands {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
  }

  /**
   * @param {RoomMessage} message
   * @param {BillScreen} screen
   * @param {Screen | null} before
   */
  after(message, screen, before) {
    if (message.type === "show") return void this.fetch(screen.tableId);
    const started = screen.waiting && !(before?.kind === "bill" && before.waiting);
    if (!started || !screen.bill) return;
    if (message.type === "unsplit") return void this.change(screen.tableId, () => this.unsplit(screen.bill));
    if (message.type === "packed")
      return void this.change(screen.tableId, () =>
        deedCall("PUT", "/admin/order/packed", { id: message.orderId, packed: message.packed }),
      );
    if (message.type !== "go" || !screen.panel) return;
    const { panel } = screen;
    if (panel.kind === "take") return void this.take(screen, screen.bill, panel, message.draft?.code ?? "");
    return void this.change(screen.tableId, () => this.apply(screen, panel));
  }

  /**
   * @param {number} tableId
   */
  async fetch(tableId) {
    try {
      this.told(await staffCall("GET", `/admin/bill/table/${tableId}`));
    } catch (error) {
      if (this.room.state().screen?.kind === "bill") this.refused(error);
    }
  }

  /**
   * What a push may have missed: asked for again, by whoever asks for this, until it has come.
   *
   * @param {number} tableId
   */
  async refresh(tableId) {
    await this.room.port.quietly(async () => this.told(await staffCall("GET", `/admin/bill/table/${tableId}`)));
  }

  /**
   * @private
   * @param {Bill} bill
   */
  told(bill) {
    this.room.send({ type: "bill", bill });
  }

  /**
   * @private
   * @param {number} tableId
   * @param {() => Promise<unknown>} run
   */
  async change(tableId, run) {
    try {
      await run();
      await this.fetch(tableId);
      this.room.send({ type: "done" });
    } catch (error) {
      this.refused(error);
      await this.fetch(tableId);
    }
  }

  /**
   * @private
   * @param {Bill | null} bill
   */
  async unsplit(bill) {
    if (bill?.bill) await deedCall("DELETE", `/admin/bill/${bill.bill.billId}`);
  }

  /**
   * @private
   * @param {BillScreen} screen
   * @param {Exclude<Panel, TakePanel>} panel
   */
  async apply({ tableId, bill }, panel) {
    switch (panel.kind) {
      case "discount": {
        const off = offOf(panel.draft);
        const how = off && "percent" in off ? off : { amount: toYuan(off?.fen ?? 0) };
        const of = panel.of === null ? {} : { of: toYuan(panel.of) };
        return deedCall("POST", "/admin/bill/discount", {
          tableId,
          ...how,
          ...of,
          reason: (panel.draft.reason ?? "").trim(),
        });
      }
      case "free":
        return deedCall("POST", "/admin/bill/free", {
          orderId: panel.orderId,
          position: panel.position,
          reason: (panel.draft.reason ?? "").trim(),
        });
      case "undo":
        return deedCall("DELETE", `/admin/bill/adjustment/${panel.adjustmentId}`);
      case "giveBack":
        // A part gives its money back once: what is to be paid then is another part.
        return staffCall("POST", "/admin/payment/refund", {
          partId: panel.partId,
          reason: (panel.draft.reason ?? "").trim(),
          opId: `part-${panel.partId}`,
        });
      case "split": {
        const how =
          panel.by === "head" ? { heads: Number(panel.heads) } : { parts: bill ? partsOf(bill, panel.picks) : [] };
        return deedCall("POST", "/admin/bill/split", { tableId, by: panel.by, ...how });
      }
    }
  }

  /**
   * @private
   * @param {BillScreen} screen
   * @param {Bill} bill
   * @param {TakePanel} panel
   * @param {string} code
   */
  async take(screen, bill, panel, code) {
    const { tableId } = screen;
    const table = this.room.numberOf(tableId);
    const fen = takenFen(bill, panel.partId);
    const change = panel.method === "cash" ? (changeOf(fen, panel.draft.tendered ?? "") ?? 0) : 0;
    try {
      const partId = panel.partId ?? (await this.whole(tableId, bill));
      const trouble = await this.pay(partId, fen, panel, code);
      if (trouble) this.room.send({ type: "told", trouble });
      else {
        // What is next depends on what is left to be paid.
        await this.fetch(tableId);
        this.room.send({ type: "done" });
        this.room.say(change > 0 ? "tookChange" : "took", { table, amount: formatFen(fen), change: formatFen(change) });
      }
    } catch (error) {
      this.refused(error);
    }
    await Promise.all([this.fetch(tableId), this.room.port.tables()]);
  }

  /**
   * @private All that is owed, as one part.
   * @param {number} tableId
   * @param {Bill} bill
   * @returns {Promise<number>}
   */
  async whole(tableId, bill) {
    const parts = openParts(bill);
    const [only] = parts;
    if (only && parts.length === 1 && toFen(only.amount) === toFen(bill.owed)) return only.partId;
    /** @type {Bill} */
    const cut = await deedCall("POST", "/admin/bill/split", { tableId, by: "whole" });
    const [part] = openParts(cut);
    if (!part) throw new Refused(409, "WRONG_AMOUNT", "", null);
    return part.partId;
  }

  /**
   * @private
   * @param {number} partId
   * @param {number} fen
   * @param {TakePanel} panel
   * @param {string} code
   * @returns {Promise<Trouble>}
   */
  async pay(partId, fen, { method }, code) {
    if (method === "scan") {
      const { status } = await deedCall(
        "POST",
        "/admin/payment/scan",
        { partId },
        { patienceMs: PAYER_PATIENCE_MS, secret: { authCode: code } },
      );
      if (status === "paid") return null;
      return { key: status === "needs_review" ? "scanReview" : status === "closed" ? "scanClosed" : "scanWaiting" };
    }
    /** @type {Record<string, string>} */
    const secret = method === "balance" ? { memberCode: code } : {};
    await deedCall("POST", "/admin/payment/counter", { partId, method, amount: toYuan(fen) }, { secret });
    return null;
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
