// The phone page's hands: everything that touches the network. It reads the state, and tells what happened by dispatching events;
// it never changes the state itself.

import { backoff } from "../shared/backoff.js";
import { isFinal, Refused, storeCall } from "../shared/http.js";
import { Link, socketUrl } from "../shared/link.js";
import { toYuan } from "../shared/money.js";
import { Reads } from "../shared/reads.js";
import { Courier } from "./courier.js";
import { BALANCE } from "./paying.js";
import { THE_BILL } from "./queries.js";

/** A provider that does not answer costs the daemon a while of its own; longer than this nobody looks at a phone. */
const PROVIDER_PATIENCE_MS = 40_000;
/** A list that does not come within this is asked for anew, on a new connection: the old one may have died with the Wi-Fi. */
const READ_PATIENCE_MS = 4_000;

/** What the daemon says to whoever it does not know, or not at this table. */
const STRANGER = ["UNAUTHORIZED", "FORBIDDEN"];

/** @import {Order, Payment, Seat, Session} from "../types.js" */
/** @import {Call, Event, Kept, Message, PhoneState} from "./state.js" */

/**
 * @typedef {object} Store
 * @property {() => PhoneState} state
 * @property {(event: Event) => void} dispatch
 * @property {(session: Session) => Partial<Kept>} recallFor what an earlier load of this page left for this seating
 * @property {(present: Present | null) => void} sit tells this browser's other pages where this phone sits; null = it has left
 * @property {() => Present | null} present where it sits, as the last of its pages that sat down has told
 * @property {(url: string) => void} leaveFor navigates away, to a payment page of this same origin
 */

/** @typedef {Seat & {userId: number, seatingId: number}} Present */

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
    /** Of the scan that the counter was asked about; null = none had to be. @type {string | null} */
    this.request = null;
    /** The table that the link is about. */
    this.table = 0;
    /** @type {Promise<void> | null} */
    this.reseating = null;
    /** Everything that is only pushed as it changes; the cart comes with the socket. */
    this.reads = new Reads(
      {
        menu: () => this.read(() => this.readMenu()),
        orders: () => this.read(() => this.readOrders()),
        rules: () => this.read(() => this.readPayRules()),
        bill: () => this.read(() => this.readBill()),
      },
      (fresh) => this.store.dispatch({ type: "fresh", fresh }),
    );
  }

  /**
   * Joins the table, then connects. Tried until the server answers. The page itself has joined already: the menu need not wait.
   *
   * @param {boolean} [comeBack] its user has said so: it may have been left for another table
   */
  async start(comeBack = false) {
    void this.reads.ask("menu");
    try {
      this.joined(
        await storeCall("POST", "/api/store/session", { code: this.code, comeBack, requestId: this.request }),
      );
    } catch (error) {
      if (this.isOver(error)) return;
      if (error instanceof Refused && error.code === "AWAITING_APPROVAL")
        this.request = /** @type {any} */ (error.data).requestId;
      if (error instanceof Refused && (error.status === 400 || error.status === 404))
        this.store.dispatch({ type: "unknown" });
      else {
        this.store.dispatch({ type: "start.failed" });
        this.later(() => this.start(comeBack));
      }
    }
  }

  /**
   * @private
   * @param {Session} session
   */
  joined(session) {
    this.attempt = 0;
    this.sit(session);
    this.store.dispatch({ type: "session", session, kept: this.store.recallFor(session) });
    this.connect(session.tableId);
    void this.reads.ask("orders", "rules");
    void this.deliverSubmission();
  }

  /**
   * @private
   * @param {Session} session
   */
  sit({ userId, seatingId, tableNumber }) {
    this.store.sit({ userId, seatingId, tableNumber, code: this.code });
  }

  /**
   * One phone sits at one table. Has another page of this browser sat down elsewhere since, this one is that table's no more: whoever
   * taps here would write into a cart that they do not see.
   *
   * @returns {boolean} whether this page may speak for its table
   */
  checkSeat() {
    const { session, phase } = this.store.state();
    if (phase === "elsewhere") return false;
    const present = this.store.present();
    if (phase !== "ready" || !session || !present) return true;
    if (present.userId === session.userId || present.seatingId === session.seatingId) return true;
    this.store.dispatch({ type: "elsewhere", seat: present });
    return false;
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
    const { ops, submission } = this.store.state();
    if ((ops.length > 0 || submission) && !this.checkSeat()) return;
    this.courier?.pump();
    if (message.type === "submit") void this.deliverSubmission();
    else if (message.type === "pay.open" || message.type === "bill.pay") void this.prepareToPay();
    else if (message.type === "order.pay") void this.pay(message);
    else if (message.type === "call") void this.call(message.what);
    else if (message.type === "sheet" && (message.sheet === "orders" || message.sheet === "bill")) this.billMayDiffer();
    else if (message.type === "submitted" || message.type === "order" || message.type === "pay.rules")
      this.billMayDiffer();
    else if (message.type === "order.urge") void this.urge(message.orderId);
    else if (message.type === "order.cancel") void this.cancel(message.orderId);
    else if (message.type === "come.back") void this.start(true);
    else if (message.type === "go.there") this.goThere();
    else if (message.type === "closed" || message.type === "unknown" || message.type === "elsewhere")
      this.end(message.type);
  }

  /** @private */
  goThere() {
    const { elsewhere } = this.store.state();
    if (elsewhere) this.store.leaveFor(`/t/${encodeURIComponent(elsewhere.code)}`);
  }

  /**
   * @private Nothing is sent or asked for any more.
   * @param {"closed" | "unknown" | "elsewhere"} how
   */
  end(how) {
    this.link?.stop();
    this.courier?.forgetFlight();
    this.link = this.courier = null;
    this.reads.stop();
    if (how === "closed" && this.store.present()?.userId === this.store.state().session?.userId) this.store.sit(null);
  }

  /** @private The party was moved to another table: its room is another one. */
  followParty() {
    const { session } = this.store.state();
    if (!session || !this.link || session.tableId === this.table) return;
    this.courier?.forgetFlight();
    this.sit(session);
    this.connect(session.tableId);
    void this.reads.ask();
  }

  /** The network came back, or the page is looked at again: perhaps from the page where something was paid. */
  kick() {
    if (!this.link || !this.checkSeat()) return;
    this.link.kick();
    void this.reads.renew("orders", "bill");
  }

  /** Somebody touches the page: what they do should not go into a line that is dead. */
  touch() {
    this.link?.touch();
  }

  /**
   * @private
   * @param {import("../shared/link.js").LinkState} link
   */
  linkChanged(link) {
    this.store.dispatch({ type: "link", link });
    if (link.phase !== "online") return;
    if (this.stale) void this.reads.ask();
    this.stale = false;
    void this.deliverSubmission();
  }

  /** @private Events were missed from here on; and the reason may be that this seating is over, which only HTTP can tell. */
  async lost() {
    this.stale = true;
    this.courier?.forgetFlight();
    const session = this.store.state().session;
    if (!session) return;
    try {
      const cart = await this.ask("GET", `/api/store/order/cart/${session.tableId}`, undefined, READ_PATIENCE_MS);
      this.store.dispatch({ type: "cart", cart });
    } catch (error) {
      this.isOver(error);
    }
  }

  /**
   * @private One request of a diner. Does the daemon not know who speaks, it is told, and the request is sent once more: the token ran
   * out, as it does when the PC's clock jumps, or is another table's.
   *
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {number} [patienceMs]
   * @returns {Promise<any>}
   * @throws {Refused | Unreachable}
   */
  async ask(method, path, body, patienceMs) {
    if (!this.checkSeat()) throw new Refused(409, "SITS_ELSEWHERE", "", this.store.state().elsewhere);
    try {
      return await storeCall(method, path, body, patienceMs);
    } catch (error) {
      if (!(error instanceof Refused) || !STRANGER.includes(error.code) || !this.store.state().session) throw error;
      this.reseating ??= this.reseat().finally(() => (this.reseating = null));
      await this.reseating;
      return await storeCall(method, path, body, patienceMs);
    }
  }

  /** @private At our own party's table, and at no other: that takes a new scan. */
  async reseat() {
    const seatingId = this.store.state().session?.seatingId;
    const session = await storeCall("POST", "/api/store/session", { code: this.code, seatingId, comeBack: false });
    this.store.dispatch({ type: "reseated", session });
    this.sit(session);
  }

  /**
   * @private
   * @param {unknown} error
   * @returns {boolean} whether this page has nothing to ask any more
   */
  isOver(error) {
    if (!(error instanceof Refused)) return false;
    if (error.code === "SEATING_CLOSED") this.store.dispatch({ type: "closed" });
    else if (error.code === "SITS_ELSEWHERE")
      this.store.dispatch({ type: "elsewhere", seat: /** @type {Seat} */ (error.data) });
    else return false;
    return true;
  }

  /**
   * @private
   * @param {any} frame docs/protocol.md §1.4
   */
  receive(frame) {
    switch (frame.type) {
      case "cart_update":
        return this.store.dispatch({ type: "cart", cart: frame.data });
      case "order_update":
        return this.store.dispatch({ type: "order", order: frame.data });
      case "menu_update":
        return void this.reads.renew("menu");
      case "bill_update":
        return this.billMayDiffer();
      case "seating_moved":
        return this.store.dispatch({ type: "moved", ...frame.data });
      case "seating_closed":
        return this.store.dispatch({ type: "closed" });
      default:
        if (frame.data?.error === "SEATING_CLOSED") this.store.dispatch({ type: "closed" });
        else this.courier?.answered(frame);
    }
  }

  /**
   * @private Read until it has succeeded: see `Reads`. What is refused for good is an answer, too.
   * @param {() => Promise<void>} run
   */
  async read(run) {
    try {
      await run();
    } catch (error) {
      if (!this.isOver(error) && !isFinal(error)) throw error;
    }
  }

  /** @private */
  async readMenu() {
    this.store.dispatch({ type: "menu", menu: await this.ask("GET", "/api/store/menu") });
  }

  /** @private */
  async readOrders() {
    const { session, tick } = this.store.state();
    if (!session) return;
    const orders = await this.ask("GET", `/api/store/order/list/${session.tableId}`, undefined, READ_PATIENCE_MS);
    this.store.dispatch({ type: "orders", orders, asOf: tick });
  }

  /** @private */
  async readPayRules() {
    this.store.dispatch({
      type: "pay.rules",
      pay: await this.ask("GET", "/api/store/payment/providers", undefined, READ_PATIENCE_MS),
    });
  }

  /** @private Only where the party pays at the end is there one. */
  async readBill() {
    const { session, pay } = this.store.state();
    if (!session || pay.mode !== "later") return;
    const bill = await this.ask("GET", `/api/store/bill/${session.tableId}`, undefined, READ_PATIENCE_MS);
    if (bill.tableId === this.store.state().session?.tableId) this.store.dispatch({ type: "bill", bill });
  }

  /** @private */
  billMayDiffer() {
    void this.reads.renew("bill");
  }

  /** @private What may be paid with just now; a member's card only where this phone has one. */
  async prepareToPay() {
    await this.reads.renew("rules");
    if (this.store.state().pay.providers.includes(BALANCE)) await this.fetchCard();
  }

  /** @private */
  async fetchCard() {
    try {
      const { name, balance } = await storeCall("GET", "/api/store/member/me", undefined, READ_PATIENCE_MS);
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
      await this.ask("POST", "/api/store/call", { tableId: session.tableId, what });
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
    const body = {
      tableId: session.tableId,
      version,
      remark,
      opId,
      ...(dinersCount > 0 ? { dinersCount } : {}),
      ...(packed ? { packed } : {}),
    };
    try {
      const order = await this.ask("POST", "/api/store/order/submit", body);
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
    if (this.isOver(error)) return;
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
      const payment = await this.ask(
        "POST",
        path,
        { provider, ...(partId === null ? {} : { partId }), ...(fen === undefined ? {} : { amount: toYuan(fen) }) },
        PROVIDER_PATIENCE_MS,
      );
      if (provider === BALANCE) return await this.paidByCard();
      this.store.dispatch({ type: "payment", orderId, partId, payment });
      const waiting = this.store.state().paying?.payment?.paymentId === payment.paymentId;
      if (waiting && isOwn(payment.codeUrl)) this.store.leaveFor(payment.codeUrl);
    } catch (error) {
      if (!this.isOver(error))
        this.store.dispatch({ type: "pay.refused", orderId, partId, provider, ...reasonOf(error) });
    } finally {
      this.store.dispatch({ type: "order.free", orderId });
    }
  }

  /** @private A card is charged at once: nothing has to be waited for. */
  async paidByCard() {
    this.store.dispatch({ type: "paid" });
    await Promise.all([this.reads.renew("orders", "bill"), this.fetchCard()]);
  }

  /**
   * @private
   * @param {number} orderId
   */
  async urge(orderId) {
    await this.onOrder(orderId, async () => {
      await this.ask("POST", `/api/store/order/${orderId}/reminder`);
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
      const order = await this.ask("POST", `/api/store/order/${orderId}/cancel`);
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
    if (!this.isOver(error)) this.store.dispatch({ type: "refused", ...reasonOf(error) });
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
