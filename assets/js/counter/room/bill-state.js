// A table's bill as data: rounds, what is taken off, how it is split, and money on its way into the till. Fen everywhere.

import { parseYuan, toFen } from "../../shared/money.js";

/** @import {Bill, BillItem, BillOrder, BillPart, PartItem} from "../../types.js" */
/** @import {RoomMessage, Trouble} from "./room-state.js" */

/** @typedef {"cash" | "terminal" | "scan" | "balance"} Method */

/** @typedef {{kind: "discount", of: number | null, draft: Record<string, string>}} DiscountPanel of: what was to be paid when it was opened; null = to be read again */
/** @typedef {{kind: "free", orderId: number, position: number, name: string, draft: Record<string, string>}} FreePanel */
/** @typedef {{kind: "undo", adjustmentId: number, fee: boolean}} UndoPanel a reduction is taken back, or a fee is not asked for */
/** @typedef {{kind: "giveBack", partId: number, label: string, draft: Record<string, string>}} GiveBackPanel */
/** @typedef {Record<string, number>} Picks quantity by `itemKey` */
/** @typedef {{kind: "split", by: "head" | "item", heads: string, picks: Picks[], current: number}} SplitPanel */
/** @typedef {{kind: "take", partId: number | null, method: Method, draft: Record<string, string>}} TakePanel partId null = all that is owed */
/** @typedef {DiscountPanel | FreePanel | UndoPanel | GiveBackPanel | SplitPanel | TakePanel} Panel */

/**
 * @typedef {object} BillScreen
 * @property {"bill"} kind
 * @property {number} tableId
 * @property {Bill | null} bill
 * @property {Panel | null} panel what is being done with it
 * @property {boolean} waiting
 * @property {Trouble} trouble
 */

/**
 * @typedef {(
 *   | {type: "panel", panel: Panel | null} | {type: "method", method: Method} | {type: "split.by", by: "head" | "item"}
 *   | {type: "split.pick", key: string, by: 1 | -1} | {type: "split.part", index: number} | {type: "split.more"} | {type: "unsplit"}
 *   | {type: "packed", orderId: number, packed: boolean}
 * )} BillIntent
 */

/** @typedef {{type: "bill", bill: Bill} | {type: "told", trouble: Trouble}} BillEvent */

/**
 * @param {number} tableId
 * @returns {BillScreen}
 */
export function billOf(tableId) {
  return { kind: "bill", tableId, bill: null, panel: null, waiting: false, trouble: null };
}

/**
 * @param {BillScreen} screen
 * @param {RoomMessage} message
 * @returns {BillScreen}
 */
export function applyBill(screen, message) {
  switch (message.type) {
    case "bill":
      return message.bill.tableId === screen.tableId ? settlePanel({ ...screen, bill: message.bill }) : screen;
    case "panel":
      return screen.waiting ? screen : { ...screen, panel: message.panel, trouble: null };
    case "go":
      if (screen.panel?.kind === "discount" && offOf(screen.panel.draft) === null)
        return { ...screen, trouble: { key: "discountBad" } };
      return screen.waiting ? screen : withDraft({ ...screen, waiting: true, trouble: null }, message.draft ?? {});
    case "unsplit":
    case "packed":
      return { ...screen, waiting: true, trouble: null };
    case "draft":
      return withDraft({ ...screen, trouble: null }, { [message.name]: message.value });
    case "done":
      return { ...screen, waiting: false, panel: null };
    case "trouble":
      // Whoever was told what is to be paid now, and goes on, means that.
      return {
        ...screen,
        panel: screen.panel && withOf(screen.panel, null),
        waiting: false,
        trouble: { code: message.code, said: message.said },
      };
    case "told":
      return { ...screen, waiting: false, trouble: message.trouble };
    default:
      return screen.panel ? { ...screen, panel: applyPanel(screen.panel, message) } : screen;
  }
}

/**
 * What the panel is about may be gone meanwhile: paid at the other counter, or cut anew.
 *
 * @param {BillScreen} screen
 * @returns {BillScreen}
 */
function settlePanel(screen) {
  const { panel, bill } = screen;
  if (!panel || !bill || screen.waiting) return screen;
  if (panel.kind === "discount" && panel.of === null) return { ...screen, panel: withOf(panel, toFen(bill.owed)) };
  if (panel.kind === "take" && takenFen(bill, panel.partId) === 0) return { ...screen, panel: null };
  if (
    panel.kind === "giveBack" &&
    !bill.bill?.parts.some((part) => part.partId === panel.partId && part.state === "paid")
  )
    return { ...screen, panel: null };
  return screen;
}

/**
 * @template {Panel} P
 * @param {P} panel
 * @param {number | null} of
 * @returns {P}
 */
function withOf(panel, of) {
  return panel.kind === "discount" ? { ...panel, of } : panel;
}

/**
 * @param {BillScreen} screen
 * @param {Record<string, string>} draft
 * @returns {BillScreen}
 */
function withDraft(screen, draft) {
  const { panel } = screen;
  if (!panel || panel.kind === "undo") return screen;
  if (panel.kind === "split") return { ...screen, panel: { ...panel, heads: draft.heads ?? panel.heads } };
  return { ...screen, panel: { ...panel, draft: { ...panel.draft, ...draft } } };
}

/**
 * @param {Panel} panel
 * @param {RoomMessage} message
 * @returns {Panel}
 */
function applyPanel(panel, message) {
  if (message.type === "method" && panel.kind === "take") return { ...panel, method: message.method, draft: {} };
  if (panel.kind !== "split") return panel;
  switch (message.type) {
    case "split.by":
      return { ...panel, by: message.by };
    case "split.part":
      return { ...panel, current: message.index };
    case "split.more":
      return { ...panel, picks: [...panel.picks, {}], current: panel.picks.length };
    case "split.pick": {
      const picks = panel.picks.map((one, index) => {
        if (index !== panel.current) return one;
        return { ...one, [message.key]: Math.max(0, (one[message.key] ?? 0) + message.by) };
      });
      return { ...panel, picks };
    }
  }
  return panel;
}

// --- questions asked of the bill ---

/**
 * @param {Record<string, string>} draft
 * @returns {{percent: number} | {fen: number} | null} what comes off; null = that is nothing
 */
export function offOf({ percent = "", amount = "" }) {
  if (/^[1-9]\d?$/.test(percent)) return { percent: Number(percent) };
  const fen = parseYuan(amount);
  return fen ? { fen } : null;
}

/**
 * @param {Bill} bill
 * @returns {BillPart[]} to be paid yet
 */
export function openParts({ bill }) {
  return (bill?.parts ?? []).filter((part) => part.state === "open");
}

/**
 * @param {Bill} bill
 * @returns {number} fen that are owed and in none of the parts it is cut into: a round that came after
 */
export function uncutFen(bill) {
  const open = openParts(bill);
  return open.length === 0 ? 0 : toFen(bill.owed) - open.reduce((sum, part) => sum + toFen(part.amount), 0);
}

/**
 * @param {Bill} bill
 * @param {number | null} partId null = all that is owed
 * @returns {number} fen; 0 when there is nothing to take
 */
export function takenFen(bill, partId) {
  if (partId === null) return toFen(bill.owed);
  return toFen(openParts(bill).find((part) => part.partId === partId)?.amount ?? 0);
}

/**
 * @param {BillOrder} order
 * @returns {boolean} whether its price can still change
 */
export function isOpen({ status, payStatus }) {
  return payStatus === 0 && status !== 6;
}

/**
 * @param {BillOrder} order
 * @returns {boolean} whether it counts as paid only because nothing of it is to be paid
 */
export function isGiven({ status, payStatus, amount }) {
  return payStatus === 1 && toFen(amount) === 0 && status !== 6;
}

/**
 * What to hand back, when so much was handed over.
 *
 * @param {number} fen to be paid
 * @param {string} tendered as typed; "" = exactly
 * @returns {number | null} fen; null = that is no amount, or not enough
 */
export function changeOf(fen, tendered) {
  if (tendered.trim() === "") return 0;
  const given = parseYuan(tendered);
  return given === null || given < fen ? null : given - fen;
}

/**
 * What guests hand over for this: up to the next ten, fifty and hundred yuan.
 *
 * @param {number} fen
 * @returns {number[]} fen, more than is asked, the least first
 */
export function usualTenders(fen) {
  const notes = [1_000, 5_000, 10_000, 20_000].map((note) => Math.ceil(fen / note) * note);
  return [...new Set(notes)]
    .filter((sum) => sum > fen)
    .sort((a, b) => a - b)
    .slice(0, 3);
}

/**
 * 抹零: what is left off, so that whole yuan are to be paid.
 *
 * @param {Bill} bill
 * @returns {number} fen
 */
export function oddFen(bill) {
  return toFen(bill.owed) % 100;
}

/**
 * @param {{orderId: number, position: number}} item
 * @returns {string}
 */
function itemKey({ orderId, position }) {
  return `${orderId}:${position}`;
}

/** @typedef {{key: string, orderId: number, item: BillItem, quantity: number}} Portion */

/**
 * @param {Bill} bill
 * @returns {Portion[]} what can still be put on a part: not paid, not called off
 */
export function portions(bill) {
  /** @type {Map<string, number>} */
  const paid = new Map();
  for (const part of bill.bill?.parts ?? []) {
    if (part.state !== "paid") continue;
    for (const item of part.items ?? []) paid.set(itemKey(item), (paid.get(itemKey(item)) ?? 0) + item.quantity);
  }
  return bill.orders
    .filter(isOpen)
    .flatMap(({ orderId, items }) =>
      items.map((item) => {
        const key = itemKey({ orderId, position: item.position });
        return { key, orderId, item, quantity: item.quantity - (paid.get(key) ?? 0) };
      }),
    )
    .filter((portion) => portion.quantity > 0);
}

/**
 * @param {Portion} portion
 * @param {Picks[]} picks
 * @returns {number} that nobody has picked yet
 */
export function unpicked({ key, quantity }, picks) {
  return quantity - picks.reduce((sum, one) => sum + (one[key] ?? 0), 0);
}

/**
 * @param {Portion[]} all
 * @param {Picks} picks
 * @returns {number} fen, before what is taken off the bill
 */
export function picksFen(all, picks) {
  return all.reduce((sum, { key, item }) => sum + (picks[key] ?? 0) * toFen(item.unitPrice), 0);
}

/**
 * What nobody has picked is the last part: everything is on one.
 *
 * @param {Bill} bill
 * @param {Picks[]} picks
 * @returns {{items: PartItem[]}[]} as the daemon takes them
 */
export function partsOf(bill, picks) {
  const all = portions(bill);
  /** @type {Picks} */
  const rest = Object.fromEntries(all.map((portion) => [portion.key, unpicked(portion, picks)]));
  return [...picks, rest]
    .map((one) => ({
      items: all.flatMap(({ key, orderId, item }) =>
        (one[key] ?? 0) > 0 ? [{ orderId, position: item.position, quantity: one[key] ?? 0 }] : [],
      ),
    }))
    .filter((part) => part.items.length > 0);
}
