// The phone page as data. `apply` is the only way it changes; it is pure, so every test of it is a table.

import {
  addOne,
  addOrChoose,
  choose,
  clamp,
  confirmChooser,
  fitCart,
  openChooser,
  openRemark,
  queue,
  takeOne,
} from "./choosing.js";
import {
  announce,
  moved,
  refuse,
  say,
  submit,
  submitRefused,
  submitted,
  withCart,
  withMenu,
  withOrder,
  withOrders,
} from "./ordering.js";
import { markSent, settle } from "./outbox.js";
import {
  COUNTER,
  chooseWay,
  endPaying,
  openBillPay,
  openPay,
  paymentOpened,
  payRefused,
  welcomeBack,
} from "./paying.js";
import { callWait, lineOf, onlyLineOf } from "./queries.js";
import { comeBack, reseated, seated, sitElsewhere, withoutTable } from "./seat.js";

/** @import {Bill, Card, Cart, ChosenOption, Menu, Order, PayRules, Payment, Seat, Session} from "../types.js" */
/** @import {Lang} from "../shared/i18n.js" */
/** @import {LinkState} from "../shared/link.js" */
/** @import {Told} from "../shared/merge.js" */
/** @import {PendingOp} from "./outbox.js" */
/** @import {Paying} from "./paying.js" */
/** @import {PhoneKey} from "./words.js" */

const MOST_DINERS = 99;

/**
 * @typedef {object} Chooser the dialog for one dish
 * @property {number} cuisineId
 * @property {ChosenOption[]} options
 * @property {number} quantity
 * @property {string} remark
 * @property {string | null} pair set = the remark of this cart line is being edited
 * @property {boolean} asked it was confirmed without a choice that has to be made
 */

/** @typedef {{kind: "clear"} | {kind: "cancel", orderId: number} | {kind: "balance"}} Question */

/** @typedef {"waiter" | "bill"} Call */

/** @typedef {"cart" | "orders" | "bill" | "call"} Sheet */

/**
 * @typedef {object} Notice what the live region says
 * @property {"info" | "error"} tone
 * @property {PhoneNotice} text
 * @property {string} id
 */

/** @typedef {{key: PhoneKey, vars?: Record<string, string | number>} | {code: string, said: string} | {order: Order}} PhoneNotice */

/** @typedef {{orderId: number, partId: number | null}} Left what was being paid as the page was left, perhaps for the provider's */

/** @typedef {{opId: string, version: number, remark: string, dinersCount: number, packed?: boolean}} Submission kept and repeated until answered */

/**
 * @typedef {object} PhoneState
 * @property {"starting" | "ready" | "unknown" | "closed" | "elsewhere"} phase
 * @property {Seat | null} elsewhere where this phone sits instead: this page changes nothing any more
 * @property {number} unsent changes that were given up as it sat down there
 * @property {boolean} slow the first contact failed at least once
 * @property {Lang} lang
 * @property {"wechat" | "alipay" | "browser"} app what shows this page: its scanner was used on the table's code
 * @property {LinkState} link
 * @property {boolean} fresh whether all that may have been missed has been read since
 * @property {number} tick counts messages; see shared/merge.js
 * @property {number} now unix ms
 * @property {Session | null} session
 * @property {Menu | null} menu
 * @property {string} search what dishes are looked for by; "" = all are shown
 * @property {number} category the one in view
 * @property {Cart | null} cart
 * @property {PendingOp[]} ops
 * @property {number[]} people user ids in the order this phone first saw them
 * @property {Map<number, Told<Order>>} orders
 * @property {PayRules} pay
 * @property {Bill | null} bill the party's, where it pays at the end
 * @property {Pick<Card, "name" | "balance"> | null} card of the member whose phone this is
 * @property {Submission | null} submission
 * @property {boolean} changed the cart moved under a submission: ask again
 * @property {string} remark
 * @property {number} diners 0 = not told
 * @property {boolean} packed 打包
 * @property {Partial<Record<Call, number>>} calledAt unix ms
 * @property {Call[]} calling under way
 * @property {Record<string, number>} urgedAt orderId → unix ms
 * @property {number[]} busy orders with a request under way
 * @property {Paying | null} paying
 * @property {Left | null} left
 * @property {Sheet | null} sheet
 * @property {Chooser | null} chooser
 * @property {Question | null} question
 * @property {Notice | null} notice
 */

/**
 * @typedef {Pick<PhoneState, "ops" | "submission" | "urgedAt" | "calledAt" | "remark" | "diners" | "packed" | "left">} Kept what survives a reload
 */

/**
 * @typedef {(
 *   | {type: "session", session: Session, kept: Partial<Kept>}
 *   | {type: "reseated", session: Session} | {type: "elsewhere", seat: Seat}
 *   | {type: "start.failed"} | {type: "unknown"} | {type: "closed"}
 *   | {type: "link", link: LinkState} | {type: "fresh", fresh: boolean} | {type: "clock"}
 *   | {type: "menu", menu: Menu} | {type: "cart", cart: Cart}
 *   | {type: "orders", orders: Order[], asOf: number} | {type: "order", order: Order} | {type: "pay.rules", pay: PayRules}
 *   | {type: "bill", bill: Bill} | {type: "card", card: PhoneState["card"]} | {type: "moved", tableId: number, tableNumber: string}
 *   | {type: "call.done", what: Call} | {type: "call.free", what: Call} | {type: "paid"}
 *   | {type: "op.sent", opId: string} | {type: "op.done", opId: string, cart: Cart | null}
 *   | {type: "op.refused", opId: string, code: string, said: string}
 *   | {type: "submitted", order: Order} | {type: "submit.refused", code: string, said: string, cart: Cart | null}
 *   | {type: "urge.done", orderId: number} | {type: "order.free", orderId: number}
 *   | {type: "payment", orderId: number, partId?: number | null, payment: Payment} | {type: "cancel.done", order: Order}
 *   | {type: "pay.refused", orderId: number, partId?: number | null, provider: string, code: string, said: string}
 *   | {type: "refused", code: string, said: string} | {type: "notice.gone", notice: string}
 * )} Event what has happened
 */

/**
 * @typedef {(
 *   | {type: "dish.plus", cuisineId: number} | {type: "dish.minus", cuisineId: number}
 *   | {type: "line.plus", pair: string} | {type: "line.minus", pair: string}
 *   | {type: "line.remark", pair: string}
 *   | {type: "chooser.open", cuisineId: number} | {type: "chooser.pick", name: string, value: string, multiple: boolean}
 *   | {type: "chooser.drop", name: string} | {type: "cart.fit"} | {type: "search", text: string} | {type: "packed"}
 *   | {type: "call", what: Call} | {type: "bill.pay", partId: number | null}
 *   | {type: "chooser.quantity", by: number} | {type: "chooser.remark", text: string}
 *   | {type: "chooser.confirm"} | {type: "chooser.close"}
 *   | {type: "cart.clear"} | {type: "ask", question: Question} | {type: "ask.close"}
 *   | {type: "sheet", sheet: Sheet | null}
 *   | {type: "remark", text: string} | {type: "diners", by: number} | {type: "submit"}
 *   | {type: "pay.open", orderId: number} | {type: "order.pay", orderId: number, partId?: number | null, provider: string, fen?: number} | {type: "pay.counter"} | {type: "pay.back"}
 *   | {type: "pay.close"} | {type: "qr.failed"} | {type: "order.urge", orderId: number} | {type: "order.cancel", orderId: number}
 *   | {type: "come.back"} | {type: "go.there"}
 *   | {type: "lang", lang: Lang} | {type: "category", categoryId: number} | {type: "category.jump", categoryId: number}
 * )} Intent what someone wants
 */

/** @typedef {(Event | Intent) & {id: string, at: number}} Message stamped: a fresh id (an intent's opId) and the time */

/**
 * @param {Lang} lang
 * @param {PhoneState["app"]} [app]
 * @returns {PhoneState}
 */
export function firstState(lang, app = "browser") {
  return {
    phase: "starting",
    elsewhere: null,
    unsent: 0,
    slow: false,
    lang,
    app,
    link: { phase: "connecting", retryAt: 0 },
    fresh: true,
    tick: 0,
    now: 0,
    session: null,
    menu: null,
    search: "",
    bill: null,
    card: null,
    packed: false,
    calledAt: {},
    calling: [],
    category: 0,
    cart: null,
    ops: [],
    people: [],
    orders: new Map(),
    pay: { mode: "first", providers: [], counter: false, online: true },
    submission: null,
    changed: false,
    remark: "",
    diners: 0,
    urgedAt: {},
    busy: [],
    paying: null,
    left: null,
    sheet: null,
    chooser: null,
    question: null,
    notice: null,
  };
}

/**
 * @param {PhoneState} before
 * @param {Message} message
 * @returns {PhoneState}
 */
export function apply(before, message) {
  const state = { ...before, tick: before.tick + 1, now: message.at };
  const steps = [applyEvent, applyOrdering, applyCalling, applyPaying, applyTap, applySurface];
  for (const step of steps) {
    const next = step(state, message);
    if (next) return welcomeBack(endPaying(next), message.id);
  }
  return state;
}

/**
 * What the server or the line said.
 *
 * @param {PhoneState} state
 * @param {Message} message
 * @returns {PhoneState | undefined}
 */
function applyEvent(state, message) {
  switch (message.type) {
    case "session":
      return seated(state, message.session, message.kept, message.id);
    case "reseated":
      return reseated(state, message.session, message.id);
    case "elsewhere":
      return sitElsewhere(state, message.seat);
    case "come.back":
      return comeBack(state);
    case "start.failed":
      return { ...state, slow: true };
    case "unknown":
      return { ...state, phase: "unknown" };
    case "closed":
      return { ...withoutTable(state), phase: "closed" };
    case "moved":
      return moved(state, message, message.id);
    case "link":
      return { ...state, link: message.link };
    case "fresh":
      return { ...state, fresh: message.fresh };
    case "menu":
      return withMenu(state, message.menu);
    case "cart":
      return withCart(state, message.cart, message.id);
    case "pay.rules":
      return { ...state, pay: message.pay };
    case "bill":
      return { ...state, bill: message.bill };
    case "card":
      return { ...state, card: message.card };
    case "op.sent":
      return { ...state, ops: markSent(state.ops, message.opId) };
    case "op.done":
      return withCart({ ...state, ops: settle(state.ops, message.opId) }, message.cart, message.id);
    case "op.refused":
      return refuse({ ...state, ops: settle(state.ops, message.opId) }, message, message.id);
    case "refused":
      return refuse(state, message, message.id);
    case "notice.gone":
      return state.notice?.id === message.notice ? { ...state, notice: null } : state;
  }
}

/**
 * Orders: what is known of them, and what is under way.
 *
 * @param {PhoneState} state
 * @param {Message} message
 * @returns {PhoneState | undefined}
 */
function applyOrdering(state, message) {
  switch (message.type) {
    case "orders":
      return withOrders(state, message.orders, message.asOf);
    case "order":
      return announce(state, message.order, message.id);
    case "submit":
      return submit(state, message.id);
    case "submitted":
      return submitted(state, message.order, message.id);
    case "submit.refused":
      return submitRefused(state, message, message.id);
    case "order.cancel":
      return { ...state, question: null, busy: [...state.busy, message.orderId] };
    case "order.urge":
      return { ...state, busy: [...state.busy, message.orderId] };
    case "urge.done":
      return say(
        { ...state, urgedAt: { ...state.urgedAt, [message.orderId]: state.now } },
        { key: "urged" },
        message.id,
      );
    case "order.free":
      return { ...state, busy: state.busy.filter((id) => id !== message.orderId) };
    case "cancel.done":
      return say(withOrder(state, message.order), { key: "cancelled" }, message.id);
  }
}

/**
 * 呼叫服务员, 请求结账.
 *
 * @param {PhoneState} state
 * @param {Message} message
 * @returns {PhoneState | undefined}
 */
function applyCalling(state, message) {
  switch (message.type) {
    case "call":
      return callWait(state, message.what) > 0 ? state : { ...state, calling: [...state.calling, message.what] };
    case "call.done": {
      const calledAt = { ...state.calledAt, [message.what]: state.now };
      return say({ ...state, calledAt }, { key: message.what === "bill" ? "billCalled" : "waiterCalled" }, message.id);
    }
    case "call.free":
      return { ...state, calling: state.calling.filter((what) => what !== message.what) };
  }
}

/**
 * The dialog in which an order is paid.
 *
 * @param {PhoneState} state
 * @param {Message} message
 * @returns {PhoneState | undefined}
 */
function applyPaying(state, message) {
  switch (message.type) {
    case "pay.open":
      return openPay(state, message.orderId);
    case "bill.pay":
      return openBillPay(state, message.partId);
    case "order.pay":
      return { ...chooseWay(state, message.provider), question: null, busy: [...state.busy, message.orderId] };
    case "payment":
      return paymentOpened(state, message);
    case "paid":
      return say({ ...state, paying: null }, { key: "paidByCard" }, message.id);
    case "pay.refused":
      return payRefused(state, message);
    case "pay.counter":
      return chooseWay({ ...state, left: null }, COUNTER);
    case "pay.back":
      return chooseWay({ ...state, left: null }, "");
    case "qr.failed":
      return state.paying ? { ...state, paying: { ...state.paying, plain: true } } : state;
    case "pay.close":
      return { ...state, paying: null, left: null };
  }
}

/**
 * Taps that change the cart. Each becomes one pending operation; the message's id is its opId.
 *
 * @param {PhoneState} state
 * @param {Message} message
 * @returns {PhoneState | undefined}
 */
function applyTap(state, message) {
  switch (message.type) {
    case "dish.plus":
      return addOrChoose(state, message.cuisineId, message.id);
    case "dish.minus": {
      const line = onlyLineOf(state, message.cuisineId);
      return line ? takeOne(state, line, message.id) : { ...state, sheet: "cart" };
    }
    case "line.plus": {
      const line = lineOf(state, message.pair);
      return line ? addOne(state, line, message.id) : state;
    }
    case "line.minus": {
      const line = lineOf(state, message.pair);
      return line ? takeOne(state, line, message.id) : state;
    }
    case "chooser.confirm":
      return confirmChooser(state, message.id);
    case "cart.fit":
      return fitCart(state, message.id);
    case "cart.clear":
      return queue({ ...state, question: null }, { opId: message.id, type: "clear_cart", data: {}, tries: 0 });
  }
}

/**
 * What is open, typed or in view.
 *
 * @param {PhoneState} state
 * @param {Message} message
 * @returns {PhoneState | undefined}
 */
function applySurface(state, message) {
  switch (message.type) {
    case "chooser.open":
      return openChooser(state, message.cuisineId);
    case "line.remark":
      return openRemark(state, message.pair);
    case "chooser.pick":
    case "chooser.drop":
    case "chooser.quantity":
    case "chooser.remark":
      return state.chooser ? { ...state, chooser: choose(state.chooser, message) } : state;
    case "chooser.close":
      return { ...state, chooser: null };
    case "ask":
      return { ...state, question: message.question };
    case "ask.close":
      return { ...state, question: null };
    case "sheet":
      return { ...state, sheet: message.sheet, left: null, changed: message.sheet === "cart" && state.changed };
    case "remark":
      return { ...state, remark: message.text };
    case "search":
      return { ...state, search: message.text };
    case "packed":
      return { ...state, packed: !state.packed };
    case "diners":
      return { ...state, diners: clamp(state.diners + message.by, 0, MOST_DINERS) };
    case "lang":
      return { ...state, lang: message.lang };
    case "category":
      return { ...state, category: message.categoryId };
    case "category.jump":
      return { ...state, search: "", category: message.categoryId };
  }
}

/**
 * @param {PhoneState} state
 * @returns {Kept}
 */
export function toKeep({ ops, submission, urgedAt, calledAt, remark, diners, packed, left }) {
  return { ops, submission, urgedAt, calledAt, remark, diners, packed, left };
}

/**
 * What storage held: anything, written perhaps by an older version of this page.
 *
 * @param {any} stored
 * @returns {Partial<Kept>}
 */
export function readKept(stored) {
  if (typeof stored !== "object" || stored === null) return {};
  const { ops, submission, urgedAt, calledAt, remark, diners, packed, left } = stored;
  const sound = (/** @type {any} */ op) =>
    typeof op?.opId === "string" && typeof op.type === "string" && typeof op.data === "object";
  return {
    ...(Array.isArray(ops) ? { ops: ops.filter(sound) } : {}),
    ...(typeof submission?.opId === "string" ? { submission } : {}),
    ...(typeof urgedAt === "object" && urgedAt !== null ? { urgedAt } : {}),
    ...(typeof calledAt === "object" && calledAt !== null ? { calledAt } : {}),
    ...(typeof remark === "string" ? { remark } : {}),
    ...(typeof packed === "boolean" ? { packed } : {}),
    ...(typeof diners === "number" ? { diners } : {}),
    ...(typeof left?.orderId === "number" ? { left: { orderId: left.orderId, partId: left.partId ?? null } } : {}),
  };
}
