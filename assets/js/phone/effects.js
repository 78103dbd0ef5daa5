// The phone page's hands: everything that touches the network. It reads the state, and tells what happened by dispatching events;
// it never changes the state itself.

import { backoff } from "../shared/backoff.js";
import { Refused, storeCall } from "../shared/http.js";
import { Link, socketUrl } from "../shared/link.js";
import { Courier } from "./courier.js";

/** A provider that does not answer costs the daemon a while of its own; longer than this nobody looks at a phone. */
const PROVIDER_PATIENCE_MS = 40_000;

/** @import {Order, Payment, Session} from "../types.js" */
/** @import {Event, Kept, Message, PhoneState} from "./state.js" */

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
  }

  /** Joins the table, then connects. Tried until the server answers. */
  async start() {
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
    const link = new Link({
      url: socketUrl(`/ws/cart/${session.tableId}`),
      heartbeat: JSON.stringify({ type: "heartbeat" }),
      isReady: (frame) => frame.type === "connected",
      onFrame: (frame) => this.receive(frame),
      onState: (state) => this.linkChanged(state),
      onLost: () => this.lost(),
    });
    this.link = link;
    this.courier = new Courier(this.store, link);
    link.start();
    void this.refresh();
    void this.deliverSubmission();
  }

  /**
   * After every message: what the new state asks for.
   *
   * @param {Message} message
   */
  after(message) {
    this.courier?.pump();
    if (message.type === "submit") void this.deliverSubmission();
    else if (message.type === "pay.open") void this.fetchPayRules();
    else if (message.type === "order.pay") void this.pay(message.orderId, message.provider);
    else if (message.type === "order.urge") void this.urge(message.orderId);
    else if (message.type === "order.cancel") void this.cancel(message.orderId);
    else if (message.type === "closed" || message.type === "unknown") this.link?.stop();
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
    await Promise.all([this.fetchMenu(), this.fetchOrders(), this.fetchPayRules()]);
  }

  /** @private */
  async fetchMenu() {
    try {
      this.store.dispatch({ type: "menu", menu: await storeCall("GET", "/api/store/menu") });
    } catch {
      this.stale = true;
      if (!this.store.state().menu) this.later(() => this.fetchMenu());
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

  /** @private Sent until answered, always with the same opId: the diner taps once and the kitchen gets one order. */
  async deliverSubmission() {
    const { submission, session } = this.store.state();
    if (!submission || !session || this.submitting) return;
    this.submitting = true;
    const { opId, version, remark, dinersCount } = submission;
    const body = { tableId: session.tableId, version, remark, opId, ...(dinersCount > 0 ? { dinersCount } : {}) };
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
   * @param {number} orderId
   * @param {string} provider
   */
  async pay(orderId, provider) {
    try {
      /** @type {Payment} */
      const payment = await storeCall("POST", `/api/store/order/${orderId}/pay`, { provider }, PROVIDER_PATIENCE_MS);
      this.store.dispatch({ type: "payment", orderId, payment });
      const waiting = this.store.state().paying?.payment?.paymentId === payment.paymentId;
      if (waiting && isOwn(payment.codeUrl)) this.store.leaveFor(payment.codeUrl);
    } catch (error) {
      if (isClosed(error)) this.store.dispatch({ type: "closed" });
      else this.store.dispatch({ type: "pay.refused", orderId, provider, ...reasonOf(error) });
    } finally {
      this.store.dispatch({ type: "order.free", orderId });
    }
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
      if (isClosed(error)) this.store.dispatch({ type: "closed" });
      else this.store.dispatch({ type: "refused", ...reasonOf(error) });
    } finally {
      this.store.dispatch({ type: "order.free", orderId });
    }
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
