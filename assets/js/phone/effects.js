// The phone page's hands: everything that touches the network. It reads the state, and tells what happened by dispatching events;
// it never changes the state itself.

import { again } from "../shared/again.js";
import { backoff } from "../shared/backoff.js";
import { Refused, storeCall } from "../shared/http.js";
import { Link, socketUrl } from "../shared/link.js";
import { toYuan } from "../shared/money.js";
import { Courier } from "./courier.js";
import { BALANCE } from "./paying.js";
import { THE_BILL } from "./queries.js";

/** A provider that does not answer costs the daemon a while of its own; longer than this nobody looks at a phone. */
const PROVIDER_PATIENCE_MS = 40_000;

/** @import {Order, Payment, Session} from "../types.js" */
/** @import {Call, Event, Kept, Message, PhoneState} from "./state.js" */

/**
 * @typedef {object} Store
 * @property {() => PhoneState} state
 * @property {(event: Event) => void} dispatch
 * @property {(session: Session) => Partial<Kept>} recallFor what an earlier load of this page left for this seating
 * @property {(url: string) => void} leaveFor navigates away, to a payment page of this same origin
 */

export class PhoneEffects {
  /**
   * @param {Store} store
   * @param {string} code the table's code from the printed QR
   */
  constructor(store, code) {
    this.store = store;
    this.code = code;
    this.attempt = 0;
    this.stale = false;
    /** @type {Link | null} */
    this.link = null;
    /** @type {Courier | null} */
    this.courier = null;
    this.submitting = false;
    /** The table that the link is about. */
    this.table = 0;
    this.fetchMenu = again(() => this.askForMenu());
    this.fetchBill = again(() => this.askForBill());
  }

  /** Joins the table, then connects. Tried until the server answers. The page itself has joined already: the menu need not wait. */
  async start() {
    void this.fetchMenu();
    try {
      this.joined(await storeCall("POST", "/api/store/session", { code: this.code }));
    } catch (error) {
      if (error instanceof Refused && (error.status === 400 || error.status === 404)) this.store.dispatch({ type: "unknown" });
      else if (isClosed(error)) this.store.dispatch({ type: "closed" });
      else {
        this.store.dispatch({ type: "start.failed" });
        this.later(() => this.start());
      }
    }
  }

  /**
   * @private
   * @param {Session} session
   */
  joined(session) {
    this.attempt = 0;
    this.store.dispatch({ type: "session", session, kept: this.store.recallFor(session) });
    this.connect(session.tableId);
    void this.refresh();
    void this.deliverSubmission();
  }

  /**
   * @private
   * @param {number} tableId
   */
  connect(tableId) {
    this.link?.stop();
    const link = new Link({
      url: socketUrl(`/ws/cart/${tableId}`),
      heartbeat: JSON.stringify({ type: "heartbeat" }),
      isReady: (frame) => frame.type === "connected",
      onFrame: (frame) => this.receive(frame),
      onState: (state) => this.linkChanged(state),
      onLost: () => this.lost(),
    });
    this.link = link;
    this.courier = new Courier(this.store, link);
    this.table = tableId;
    link.start();
  }

  /**
   * After every message: what the new state asks for.
   *
   * @param {Message} message
   */
  after(message) {
    this.followParty();
    this.courier?.pump();
    if (message.type === "submit") void this.deliverSubmission();
    else if (message.type === "pay.open" || message.type === "bill.pay") void this.prepareToPay();
    else if (message.type === "order.pay") void this.pay(message);
    else if (message.type === "call") void this.call(message.what);
    else if (message.type === "sheet" && (message.sheet === "orders" || message.sheet === "bill")) void this.fetchBill();
    else if (message.type === "submitted" || message.type === "order" || message.type === "pay.rules") void this.fetchBill();
    else if (message.type === "order.urge") void this.urge(message.orderId);
    else if (message.type === "order.cancel") void this.cancel(message.orderId);
    else if (message.type === "closed" || message.type === "unknown") this.link?.stop();
  }

  /** @private The party was moved to another table: its room is another one. */
  followParty() {
    const { session } = this.store.state();
    if (!session || !this.link || session.tableId === this.table) return;
    this.courier?.forgetFlight();
    this.connect(session.tableId);
    void this.refresh();
  }

  /** The network came back, or the page is looked at again. */
  kick() {
    this.link?.kick();
  }

  /**
   * @private
   * @param {import("../types.js").LinkState} link
   */
  linkChanged(link) {
    this.store.dispatch({ type: "link", link });
    if (link.phase !== "online") return;
    if (this.stale) void this.refresh();
    void this.deliverSubmission();
  }

  /** @private Events were missed from here on; and the reason may be that this seating is over, which only HTTP can tell. */
  async lost() {
    this.stale = true;
    this.courier?.forgetFlight();
    const session = this.store.state().session;
    if (!session) return;
    try {
      this.store.dispatch({ type: "cart", cart: await storeCall("GET", `/api/store/order/cart/${session.tableId}`) });
    } catch (error) {
      if (isClosed(error)) this.store.dispatch({ type: "closed" });
      else if (error instanceof Refused && error.status === 401) await this.rejoin(session);
    }
  }

  /**
   * @private The session ran out, the seating may go on. A new seating is not ours to enter: that takes a new scan.
   * @param {Session} session
   */
  async rejoin(session) {
    try {
      const again = await storeCall("POST", "/api/store/session", { code: this.code });
      if (again.seatingId !== session.seatingId) this.store.dispatch({ type: "closed" });
    } catch (error) {
      if (isClosed(error)) this.store.dispatch({ type: "closed" });
    }
  }

  /**
   * @private
   * @param {any} frame wire.md §1.4
   */
  receive(frame) {
    switch (frame.type) {
      case "cart_update":
        return this.store.dispatch({ type: "cart", cart: frame.data });
      case "order_update":
        return this.store.dispatch({ type: "order", order: frame.data });
      case "menu_update":
        return void this.fetchMenu();
      case "bill_update":
        return void this.fetchBill();
      case "seating_moved":
        return this.store.dispatch({ type: "moved", ...frame.data });
      case "seating_closed":
        return this.store.dispatch({ type: "closed" });
      default:
        if (frame.data?.error === "SEATING_CLOSED") this.store.dispatch({ type: "closed" });
        else this.courier?.answered(frame);
    }
  }

  /** @private Everything that is only pushed as it changes. */
  async refresh() {
    this.stale = false;
    // The first menu is on its way since the start.
    await Promise.all([this.store.state().menu && this.fetchMenu(), this.fetchOrders(), this.fetchPayRules()]);
  }

  /** @private Tried until it is here: nobody tells this phone again what was sold out. */
  async askForMenu() {
    try {
      const menu = await storeCall("GET", "/api/store/menu");
      this.store.dispatch({ type: "menu", menu });
    } catch {
      this.later(() => this.fetchMenu());
    }
  }

  /** @private */
  async fetchOrders() {
    const { session, tick } = this.store.state();
    try {
      const orders = await storeCall("GET", `/api/store/order/list/${session?.tableId}`);
      this.store.dispatch({ type: "orders", orders, asOf: tick });
    } catch {
      this.stale = true;
    }
  }

  /** @private */
  async fetchPayRules() {
    try {
      this.store.dispatch({ type: "pay.rules", pay: await storeCall("GET", "/api/store/payment/providers") });
    } catch {
      this.stale = true;
    }
  }

  /** @private Only where the party pays at the end is there one. */
  async askForBill() {
    const { session, pay } = this.store.state();
    if (!session || pay.mode !== "later") return;
    try {
      const bill = await storeCall("GET", `/api/store/bill/${session.tableId}`);
      if (bill.tableId === this.store.state().session?.tableId) this.store.dispatch({ type: "bill", bill });
    } catch {
      this.stale = true;
    }
  }

  /** @private What may be paid with just now; a member's card only where this phone has one. */
  async prepareToPay() {
    await this.fetchPayRules();
    if (this.store.state().pay.providers.includes(BALANCE)) await this.fetchCard();
  }

  /** @private */
  async fetchCard() {
    try {
      const { name, balance } = await storeCall("GET", "/api/store/member/me");
      this.store.dispatch({ type: "card", card: { name, balance } });
    } catch (error) {
      if (error instanceof Refused) this.store.dispatch({ type: "card", card: null });
    }
  }

  /**
   * @private
   * @param {Call} what
   */
  async call(what) {
    const { session, calling } = this.store.state();
    if (!session || !calling.includes(what)) return;
    try {
      await storeCall("POST", "/api/store/call", { tableId: session.tableId, what });
      this.store.dispatch({ type: "call.done", what });
    } catch (error) {
      this.failed(error);
    } finally {
      this.store.dispatch({ type: "call.free", what });
    }
  }

  /** @private Sent until answered, always with the same opId: the diner taps once and the kitchen gets one order. */
  async deliverSubmission() {
    const { submission, session } = this.store.state();
    if (!submission || !session || this.submitting) return;
    this.submitting = true;
    const { opId, version, remark, dinersCount, packed } = submission;
    const body = { tableId: session.tableId, version, remark, opId, ...(dinersCount > 0 ? { dinersCount } : {}), ...(packed ? { packed } : {}) };
    try {
      const order = await storeCall("POST", "/api/store/order/submit", body);
      this.store.dispatch({ type: "submitted", order });
    } catch (error) {
      this.submissionFailed(error);
    } finally {
      this.submitting = false;
    }
  }

  /**
   * @private
   * @param {unknown} error
   */
  submissionFailed(error) {
    if (isClosed(error)) return this.store.dispatch({ type: "closed" });
    if (error instanceof Refused && error.code !== "BUSY" && error.code !== "RATE_LIMITED") {
      const cart = error.code === "CART_CHANGED" ? /** @type {any} */ (error.data) : null;
      return this.store.dispatch({ type: "submit.refused", code: error.code, said: error.message, cart });
    }
    this.later(() => this.deliverSubmission());
  }

  /**
   * @private
   * @param {{orderId: number, partId?: number | null, provider: string, fen?: number}} wanted fen: what the diner said yes to
   */
  async pay({ orderId, partId = null, provider, fen }) {
    const path = orderId === THE_BILL ? `/api/store/bill/${this.table}/pay` : `/api/store/order/${orderId}/pay`;
    try {
      /** @type {Payment} */
      const payment = await storeCall("POST", path, { provider, ...(partId === null ? {} : { partId }), ...(fen === undefined ? {} : { amount: toYuan(fen) }) }, PROVIDER_PATIENCE_MS);
      if (provider === BALANCE) return await this.paidByCard();
      this.store.dispatch({ type: "payment", orderId, partId, payment });
      const waiting = this.store.state().paying?.payment?.paymentId === payment.paymentId;
      if (waiting && isOwn(payment.codeUrl)) this.store.leaveFor(payment.codeUrl);
    } catch (error) {
      if (isClosed(error)) this.store.dispatch({ type: "closed" });
      else this.store.dispatch({ type: "pay.refused", orderId, partId, provider, ...reasonOf(error) });
    } finally {
      this.store.dispatch({ type: "order.free", orderId });
    }
  }

  /** @private A card is charged at once: nothing has to be waited for. */
  async paidByCard() {
    this.store.dispatch({ type: "paid" });
    await Promise.all([this.fetchOrders(), this.fetchBill(), this.fetchCard()]);
  }

  /**
   * @private
   * @param {number} orderId
   */
  async urge(orderId) {
    await this.onOrder(orderId, async () => {
      await storeCall("POST", `/api/store/order/${orderId}/reminder`);
      this.store.dispatch({ type: "urge.done", orderId });
    });
  }

  /**
   * @private
   * @param {number} orderId
   */
  async cancel(orderId) {
    await this.onOrder(orderId, async () => {
      /** @type {Order} */
      const order = await storeCall("POST", `/api/store/order/${orderId}/cancel`);
      this.store.dispatch({ type: "cancel.done", order });
    });
  }

  /**
   * @private A tap whose failure the diner sees and repeats: unlike the cart's operations these are not resent by themselves.
   * @param {number} orderId
   * @param {() => Promise<void>} run
   */
  async onOrder(orderId, run) {
    try {
      await run();
    } catch (error) {
      this.failed(error);
    } finally {
      this.store.dispatch({ type: "order.free", orderId });
    }
  }

  /**
   * @private
   * @param {unknown} error
   */
  failed(error) {
    if (isClosed(error)) this.store.dispatch({ type: "closed" });
    else this.store.dispatch({ type: "refused", ...reasonOf(error) });
  }

  /**
   * @private
   * @param {() => void} run
   */
  later(run) {
    window.setTimeout(run, backoff(this.attempt, Math.random()));
    this.attempt += 1;
  }
}

/**
 * @param {unknown} error
 * @returns {boolean}
 */
function isClosed(error) {
  return error instanceof Refused && error.code === "SEATING_CLOSED";
}

/**
 * @param {unknown} error
 * @returns {{code: string, said: string}}
 */
function reasonOf(error) {
  return error instanceof Refused ? { code: error.code, said: error.message } : { code: "UNREACHABLE", said: "" };
}

/**
 * @param {string} address
 * @returns {boolean} whether it is a page of this daemon: the demo's
 */
function isOwn(address) {
  return URL.canParse(address, location.href) && new URL(address, location.href).origin === location.origin;
}
