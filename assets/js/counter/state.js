// The counter page as data. `apply` is the only way it changes, and is pure.

import { mergeFetched, tell } from "../shared/merge.js";
import { applyRing } from "./ring-state.js";
import { occupy, refuse, say } from "./steps.js";
import { fromAdmin, fromOrder } from "./tickets.js";
import { applyTill } from "./till-state.js";

/** @import {AdminOrder, Alert, DaemonStatus, Me, Order, OrderStatus, PayWays, Review, TableRow, Unclaimed, Waiting} from "../types.js" */
/** @import {Lang} from "../shared/i18n.js" */
/** @import {LinkState} from "../shared/link.js" */
/** @import {Told} from "../shared/merge.js" */
/** @import {Ticket} from "./tickets.js" */
/** @import {Books, TillEvent, TillIntent, TillQuestion} from "./till-state.js" */
/** @import {CounterKey} from "./words.js" */

/** @typedef {"confirm" | "serve" | "complete" | "reject" | "cancel"} OrderAction */

/**
 * @typedef {(
 *   | {kind: "reject" | "cancel", orderId: number, reason: string, dishesBack?: boolean}
 *   | TillQuestion
 * )} Question
 */

/** @typedef {{key: CounterKey, vars: Record<string, string>} | {code: string, said: string} | {ticket: Ticket} | {plain: string}} CounterNotice plain: a view's own words */

/** @typedef {Me["role"]} Role */

/** @typedef {{tone: "info" | "error", id: string, text: CounterNotice}} Notice */

/**
 * @typedef {object} CounterState
 * @property {"checking" | "login" | "ready"} phase
 * @property {boolean} slow
 * @property {boolean} loggingIn
 * @property {Lang} lang
 * @property {number} now unix ms
 * @property {number} tick
 * @property {LinkState} link the ring's socket
 * @property {boolean} stream the event stream
 * @property {boolean} fresh whether all that may have been missed has been read since
 * @property {Map<number, Told<Alert>>} alerts unacknowledged
 * @property {number[]} acked
 * @property {number[]} rung alerts this page has rung for
 * @property {number} rungAt unix ms of the last ring
 * @property {"off" | "on" | "blocked"} sound
 * @property {Map<number, Told<Ticket>>} tickets
 * @property {TableRow[]} tables
 * @property {Partial<DaemonStatus>} status empty until it is told
 * @property {number} statusTick of the newest telling of it
 * @property {"none" | "begun" | "rung"} alarm the PC is neither heard nor seen; "rung" once this page has rung for that
 * @property {string} view the one that is wanted, by the address; "" = the first there is
 * @property {string[] | null} allowed the routes that whoever is logged in may use; null = not known
 * @property {Role | null} role whose page this is; null = not known: the login is an older one
 * @property {string} username of whoever is logged in; "" = not known
 * @property {string} name
 * @property {number} shift goes up when another person goes on with this page
 * @property {Waiting[]} waiting phones from elsewhere that want in, the one that came first first
 * @property {Review[]} reviews payments that wait for a person, oldest first
 * @property {Unclaimed[]} unclaimed money for numbers that the shop does not know, oldest first
 * @property {PayWays | null} ways null = not known yet
 * @property {Books | null} books shown in place of the board
 * @property {boolean | null} open whether the shop takes orders; null = not known
 * @property {string[]} busy keys of requests under way
 * @property {Question | null} question
 * @property {Notice | null} notice
 */

/**
 * @typedef {(
 *   | {type: "signed.in", role?: Role} | {type: "signed.out"} | {type: "check.failed"} | {type: "login.refused", code: string, said: string}
 *   | {type: "clock"} | {type: "view", view: string} | {type: "link", link: LinkState} | {type: "stream", online: boolean} | {type: "fresh", fresh: boolean}
 *   | {type: "alert", alert: Alert} | {type: "alerts", alerts: Alert[], asOf: number} | {type: "alert.acked", alertId: number}
 *   | {type: "rung"} | {type: "sound", sound: CounterState["sound"]}
 *   | {type: "orders", records: AdminOrder[], asOf: number} | {type: "order.record", record: AdminOrder, asOf: number}
 *   | {type: "order", order: Order}
 *   | {type: "tables", tables: TableRow[]} | {type: "waiting", waiting: Waiting[]} | {type: "me", me: Me} | {type: "shop", open: boolean}
 *   | {type: "status", status: DaemonStatus, asOf?: number} | {type: "escalation"}
 *   | {type: "free", key: string} | {type: "refused", code: string, said: string}
 *   | {type: "said", text: {key: CounterKey, vars: Record<string, string>} | {plain: string}} | {type: "moved", record: AdminOrder, asOf: number}
 *   | {type: "notice.gone", notice: string} | TillEvent
 * )} Event what has happened
 */

/**
 * @typedef {(
 *   | {type: "login", username: string, password: string} | {type: "logout"} | {type: "person"} | {type: "lang", lang: Lang}
 *   | {type: "sound.on"} | {type: "sound.off"}
 *   | {type: "ack", alertId: number} | {type: "ack.oldest"} | {type: "accept", alertId: number, orderId: number}
 *   | {type: "act", action: OrderAction, orderId: number, reason?: string, dishesBack?: boolean}
 *   | {type: "admit", requestId: string, welcome: boolean} | {type: "shop.set", open: boolean} | {type: "speaker.test"} | {type: "backup"} | {type: "clock.confirm"}
 *   | {type: "ask", question: Question} | {type: "reason", text: string} | {type: "dishes", back: boolean} | {type: "ask.close"} | TillIntent
 * )} Intent what someone wants
 */

/** @typedef {(Event | Intent) & {id: string, at: number}} Message */

/**
 * @param {Lang} lang
 * @returns {CounterState}
 */
export function firstState(lang) {
  return {
    phase: "checking",
    slow: false,
    loggingIn: false,
    lang,
    now: 0,
    tick: 0,
    link: { phase: "connecting", retryAt: 0 },
    stream: false,
    fresh: true,
    alerts: new Map(),
    acked: [],
    rung: [],
    rungAt: 0,
    sound: "off",
    tickets: new Map(),
    tables: [],
    status: {},
    statusTick: 0,
    alarm: "none",
    view: "",
    allowed: null,
    role: null,
    username: "",
    name: "",
    shift: 0,
    waiting: [],
    reviews: [],
    unclaimed: [],
    ways: null,
    books: null,
    open: null,
    busy: [],
    question: null,
    notice: null,
  };
}

/**
 * @param {CounterState} before
 * @param {Message} message
 * @returns {CounterState}
 */
export function apply(before, message) {
  const state = { ...before, tick: before.tick + 1, now: message.at };
  const steps = [applySession, applyRing, applyBoard, applyTill, applyTap];
  for (const step of steps) {
    const next = step(state, message);
    if (next) return next;
  }
  return state;
}

/**
 * @param {CounterState} state
 * @param {Message} message
 * @returns {CounterState | undefined}
 */
function applySession(state, message) {
  switch (message.type) {
    case "signed.in":
      return { ...state, phase: "ready", role: message.role ?? null, slow: false, loggingIn: false, notice: null };
    case "me":
      return withPerson(state, message.me, message.id);
    case "signed.out":
      return {
        ...firstState(state.lang),
        tick: state.tick,
        now: state.now,
        sound: state.sound,
        phase: "login",
        view: state.view,
        shift: state.shift,
      };
    case "check.failed":
      return { ...state, slow: true };
    case "login":
      return { ...state, loggingIn: true, notice: null };
    case "login.refused":
      return refuse({ ...state, loggingIn: false }, message, message.id);
    case "view":
      return { ...state, view: message.view };
    case "link":
      return { ...state, link: message.link };
    case "stream":
      return { ...state, stream: message.online };
    case "fresh":
      return { ...state, fresh: message.fresh };
    case "lang":
      return { ...state, lang: message.lang };
    case "notice.gone":
      return state.notice?.id === message.notice ? { ...state, notice: null } : state;
  }
}

/**
 * @param {CounterState} state
 * @param {Message} message
 * @returns {CounterState | undefined}
 */
function applyBoard(state, message) {
  switch (message.type) {
    case "orders":
      return withOrderList(state, message.records, message.asOf);
    case "order.record":
      return withTicket(state, fromAdmin(message.record), message.asOf);
    case "order":
      return withTicket(state, fromOrder(message.order, state.tickets.get(message.order.orderId)?.value), state.tick);
    case "moved":
      return say(
        withTicket(state, fromAdmin(message.record), message.asOf),
        { ticket: fromAdmin(message.record) },
        message.id,
      );
    case "tables":
      return { ...state, tables: message.tables };
    case "waiting":
      return { ...state, waiting: message.waiting };
    case "shop":
      return { ...state, open: message.open };
  }
}

/**
 * @param {CounterState} state
 * @param {Message} message
 * @returns {CounterState | undefined}
 */
function applyTap(state, message) {
  switch (message.type) {
    case "ack":
    case "accept":
    case "act":
    case "admit":
    case "shop.set":
    case "speaker.test":
    case "backup":
    case "clock.confirm":
      return occupy({ ...state, question: null }, message);
    case "free":
      return { ...state, busy: state.busy.filter((key) => key !== message.key) };
    case "refused":
      return refuse(state, message, message.id);
    case "said":
      return say(state, message.text, message.id);
    case "ask":
      return {
        ...state,
        question: message.question.kind === "refund" ? { ...message.question, opId: message.id } : message.question,
      };
    case "ask.close":
      return { ...state, question: null };
    case "dishes":
      return state.question?.kind === "cancel"
        ? { ...state, question: { ...state.question, dishesBack: message.back } }
        : state;
    case "reason":
      if (!state.question || !("reason" in state.question)) return state;
      return { ...state, question: { ...state.question, reason: message.text } };
  }
}

// --- questions asked of the state ---

/**
 * @param {CounterState} state
 * @param {OrderStatus[]} statuses
 * @param {"oldest" | "newest"} first
 * @returns {Ticket[]}
 */
export function ticketsIn(state, statuses, first) {
  const tickets = [...state.tickets.values()]
    .map((told) => told.value)
    .filter((ticket) => statuses.includes(ticket.status));
  return tickets.sort((a, b) => (first === "oldest" ? a.id - b.id : b.id - a.id));
}

/**
 * @param {CounterState} state
 * @returns {number[]} open orders whose dishes are known by name only
 */
export function ticketsWithoutDetails(state) {
  return ticketsIn(state, [1, 2, 3, 4], "oldest")
    .filter((ticket) => !ticket.detailed)
    .map((ticket) => ticket.id);
}

// --- steps ---

/**
 * Every alert stays; what another person may not see, or was about to do, goes.
 *
 * @param {CounterState} state
 * @param {Me} me
 * @param {string} id
 * @returns {CounterState}
 */
function withPerson(state, { userName: username, name, role, allowed }, id) {
  const known = { ...state, username, name, role, allowed };
  if (state.username === "" || state.username === username) return known;
  return say(
    { ...known, shift: state.shift + 1, waiting: [], question: null },
    { key: "personNow", vars: { name } },
    id,
  );
}

/**
 * @param {CounterState} state
 * @param {AdminOrder[]} records
 * @param {number} asOf
 * @returns {CounterState}
 */
function withOrderList(state, records, asOf) {
  const tickets = records.map((record) => keepDetails(fromAdmin(record), state.tickets.get(record.id)?.value));
  return { ...state, tickets: mergeFetched(state.tickets, tickets, (ticket) => ticket.id, asOf) };
}

/**
 * @param {CounterState} state
 * @param {Ticket} ticket
 * @param {number} asOf
 * @returns {CounterState}
 */
function withTicket(state, ticket, asOf) {
  const known = state.tickets.get(ticket.id);
  if (known && known.tick > asOf) return state;
  return { ...state, tickets: tell(state.tickets, ticket.id, keepDetails(ticket, known?.value), asOf) };
}

/**
 * An order's dishes never change once it is placed, so a terser telling does not undo a fuller one.
 *
 * @param {Ticket} ticket
 * @param {Ticket | undefined} known
 * @returns {Ticket}
 */
function keepDetails(ticket, known) {
  if (ticket.detailed || !known?.detailed) return ticket;
  return { ...ticket, dishes: known.dishes, detailed: true };
}
