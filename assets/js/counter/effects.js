// The counter page's hands: the staff API, the ring's socket and the event stream. Any one of them may be down: an alert is heard
// over the socket, the stream or the list, whichever tells it first.

import { backoff } from "../shared/backoff.js";
import { isFinal, Refused, staffCall } from "../shared/http.js";
import { freshId } from "../shared/ids.js";
import { Link, socketUrl } from "../shared/link.js";
import { Reads } from "../shared/reads.js";
import { Stream } from "../shared/stream.js";
import { deedCall } from "./deeds.js";
import { may } from "./parts.js";
import { answerable } from "./ring-state.js";
import { ticketsWithoutDetails } from "./state.js";
import { busyKey } from "./steps.js";
import { Till } from "./till-effects.js";

/** @import {AdminOrder, Page} from "../types.js" */
/** @import {CounterState, Event, Intent, Message, OrderAction, Role} from "./state.js" */
/** @import {OpenView} from "./views.js" */

/** What pushes missed, if all of them did, is found at the latest after this. */
const POLL_MS = 30_000;
const OPEN_PAGE = 100;
const FINISHED_PAGE = 20;
/** Years of orders are copied, restored and checked meanwhile. */
const BACKUP_PATIENCE_MS = 90_000;
/** Answered by the daemon with a frame about no alert. The words of other clients' sockets it does not answer. */
const STILL_THERE = "tablebell?";

/** @type {Record<OrderAction, (id: number, reason: string, dishesBack?: boolean) => [path: string, body?: object]>} */
const ROUTES = {
  confirm: (id) => ["/admin/order/confirm", { id }],
  serve: (id) => [`/admin/order/delivery/${id}`],
  complete: (id) => [`/admin/order/complete/${id}`],
  reject: (id, reason) => ["/admin/order/rejection", { id, rejectionReason: reason }],
  cancel: (id, reason, dishesBack) => ["/admin/order/cancel", { id, cancelReason: reason, dishesBack }],
};

/** @typedef {{role?: Role}} Login */

/**
 * @typedef {object} Store
 * @property {() => CounterState} state
 * @property {(message: Event | Intent) => void} dispatch
 * @property {(login: Login | null) => void} remember across reloads, as the HttpOnly cookie itself cannot be seen
 * @property {() => Login | null} remembered
 * @property {() => OpenView | undefined} view the one that is shown
 */

export class CounterEffects {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.attempt = 0;
    this.poll = 0;
    this.persons = 0;
    this.detailing = false;
    /** Background requests without an answer, ever. */
    this.misses = 0;
    this.till = new Till(store, {
      run: (key, run) => this.run(key, run),
      quietly: (run) => this.quietly(run),
      silence: (alertId) => this.silence(alertId),
      reload: (orderId) => this.reload(orderId),
      reasonOf,
    });
    this.link = new Link({
      url: socketUrl(`/ws/counter-${freshId()}`),
      heartbeat: STILL_THERE,
      onFrame: (frame) => {
        // The one frame about no alert is the call for help.
        if (typeof frame?.alertId === "number") store.dispatch({ type: "alert", alert: frame });
        else if (typeof frame?.content === "string") store.dispatch({ type: "escalation" });
      },
      onState: (link) => {
        const broke = link.phase === "waiting" && store.state().link.phase === "online";
        store.dispatch({ type: "link", link });
        if (link.phase === "online") void this.refresh();
        // The other line goes through the same air, and nothing is ever asked on it.
        if (broke) this.stream.renew();
      },
      onLost: () => void this.check(),
    });
    this.stream = new Stream({
      url: "/admin/alert/stream",
      events: ["alert", "alert_acked", "order_update", "table_update", "status", "escalation"],
      onEvent: (event, data) => this.receive(event, data),
      onState: (online) => {
        store.dispatch({ type: "stream", online });
        if (online) void this.refresh();
      },
    });
    /** @param {() => unknown} run asks quietly */
    const read = (run) => async () => {
      const { misses } = this;
      await run();
      if (this.misses > misses) throw new Error("no answer");
    };
    this.reads = new Reads(
      {
        me: read(() => this.fetchMe()),
        alerts: read(() => this.fetchAlerts()),
        orders: read(() => this.fetchOrders()),
        tables: read(() => this.fetchTables()),
        waiting: read(() => this.fetchWaiting()),
        status: read(() => this.fetchStatus()),
        shop: read(() => this.check()),
        till: read(() => this.till.refresh()),
        view: read(() => this.store.view()?.refresh?.()),
      },
      (fresh) => this.store.dispatch({ type: "fresh", fresh }),
    );
  }

  /** Is the cookie of an earlier login still good? Asked until the daemon answers. */
  async start() {
    const login = this.store.remembered();
    if (!login) return this.signedOut();
    try {
      this.store.dispatch({ type: "shop", open: (await staffCall("GET", "/admin/shop/status")) === 1 });
      this.signedIn(login);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return this.signedOut();
      this.store.dispatch({ type: "check.failed" });
      window.setTimeout(() => this.start(), backoff(this.attempt, Math.random()));
      this.attempt += 1;
    }
  }

  /**
   * @param {Message} message
   */
  after(message) {
    this.till.after(message);
    switch (message.type) {
      case "login":
        return void this.login(message.username, message.password);
      case "logout":
        return void this.logout();
      case "ack.oldest": {
        const { busy } = this.store.state();
        const oldest = answerable(this.store.state()).find(
          ({ alertId }) => !busy.includes(busyKey({ type: "ack", alertId })),
        );
        return oldest && this.store.dispatch({ type: "ack", alertId: oldest.alertId });
      }
      case "ack":
        return void this.run(busyKey(message), () => this.acknowledge(message.alertId));
      case "accept":
        return void this.run(busyKey(message), () => this.accept(message.alertId, message.orderId));
      case "act":
        return void this.run(busyKey(message), () =>
          this.act(message.action, message.orderId, message.reason ?? "", message.dishesBack),
        );
      case "speaker.test":
        return void this.run(busyKey(message), () => this.testSpeaker());
      case "shop.set":
        return void this.run(busyKey(message), () => this.setShop(message.open));
      case "admit":
        return void this.run(busyKey(message), () => this.admit(message.requestId, message.welcome));
      case "backup":
        return void this.run(busyKey(message), () => this.backUp());
      case "clock.confirm":
        return void this.run(busyKey(message), () => this.confirmClock());
      case "orders":
        return void this.fetchDetails();
    }
  }

  /** The network came back, or the page is looked at again. */
  kick() {
    if (this.store.state().phase !== "ready") return;
    this.link.kick();
    this.look();
  }

  /** Somebody touches the page. */
  touch() {
    this.link.touch();
  }

  /**
   * @private
   * @param {Login} login
   */
  signedIn(login) {
    this.attempt = 0;
    this.store.remember(login);
    this.store.dispatch({ type: "signed.in", role: login.role });
    this.link.start();
    this.stream.start();
    this.poll = window.setInterval(() => this.look(), POLL_MS);
    void this.fetchMe().then(() => this.refresh());
  }

  /** Somebody else has come in: what was asked for the last person is not told any more. */
  who() {
    this.persons += 1;
    return this.fetchMe();
  }

  /** @private Who is at the till, and what that role may do: the cookie is another's after 换人, here or in another tab. */
  async fetchMe() {
    const { persons } = this;
    await this.quietly(async () => {
      const me = await staffCall("GET", "/admin/employee/me");
      if (persons !== this.persons || this.store.state().phase !== "ready") return;
      const { shift } = this.store.state();
      this.store.remember({ role: me.role });
      this.store.dispatch({ type: "me", me });
      if (this.store.state().shift !== shift) void this.refresh();
    });
  }

  /** @private */
  signedOut() {
    this.link.stop();
    this.stream.stop();
    this.reads.stop();
    window.clearInterval(this.poll);
    this.store.remember(null);
    if (this.store.state().phase !== "login") this.store.dispatch({ type: "signed.out" });
  }

  /**
   * @private
   * @param {string} username
   * @param {string} password
   */
  async login(username, password) {
    try {
      /** @type {Login} */
      const { role } = await staffCall("POST", "/admin/employee/login", { username, password });
      this.signedIn({ role });
    } catch (error) {
      this.store.dispatch({ type: "login.refused", ...reasonOf(error) });
    }
  }

  /** @private */
  async logout() {
    try {
      await staffCall("POST", "/admin/employee/logout");
      this.signedOut();
    } catch (error) {
      this.failed(error);
    }
  }

  /**
   * @private
   * @param {string} event
   * @param {any} data
   */
  receive(event, data) {
    this.store.view()?.receive?.(event, data);
    if (event === "alert") this.store.dispatch({ type: "alert", alert: data });
    else if (event === "alert_acked") this.store.dispatch({ type: "alert.acked", alertId: data.alertId });
    else if (event === "order_update") this.store.dispatch({ type: "order", order: data });
    else if (event === "table_update") void Promise.all([this.fetchTables(), this.fetchWaiting()]);
    else if (event === "status") this.store.dispatch({ type: "status", status: data });
    else if (event === "escalation") this.store.dispatch({ type: "escalation" });
  }

  /** @private Everything the pushes tell, asked for after each (re)connect until it is here. */
  async refresh() {
    if (this.store.state().phase === "ready") await this.reads.ask();
  }

  /** @private The same now and then: the page is not behind for that. */
  look() {
    const all = /** @type {const} */ ([
      "me",
      "alerts",
      "orders",
      "tables",
      "waiting",
      "status",
      "shop",
      "till",
      "view",
    ]);
    if (this.store.state().phase === "ready") void this.reads.renew(...all);
  }

  /** @private Also how a lost socket learns that the login is over. */
  async check() {
    await this.quietly(async () => {
      this.store.dispatch({ type: "shop", open: (await staffCall("GET", "/admin/shop/status")) === 1 });
    });
  }

  /** @private */
  async fetchAlerts() {
    const asOf = this.store.state().tick;
    await this.quietly(async () => {
      this.store.dispatch({ type: "alerts", alerts: await staffCall("GET", "/admin/alert/list"), asOf });
    });
  }

  /** @private Page by status, so that a busy evening's finished orders cannot push an open one off the page. */
  async fetchOrders() {
    const asOf = this.store.state().tick;
    await this.quietly(async () => {
      const pages = await Promise.all(
        [1, 2, 3, 4, 5, 6].map(async (status) => {
          const pageSize = status < 5 ? OPEN_PAGE : FINISHED_PAGE;
          /** @type {Page<AdminOrder>} */
          const page = await staffCall(
            "GET",
            `/admin/order/conditionSearch?page=1&pageSize=${pageSize}&status=${status}`,
          );
          return page.records;
        }),
      );
      this.store.dispatch({ type: "orders", records: pages.flat(), asOf });
    });
  }

  /** @private One after the other: the list names the dishes, the kitchen needs their options and remarks. */
  async fetchDetails() {
    if (this.detailing) return;
    this.detailing = true;
    await this.quietly(async () => {
      for (const id of ticketsWithoutDetails(this.store.state())) {
        const asOf = this.store.state().tick;
        this.store.dispatch({
          type: "order.record",
          record: await staffCall("GET", `/admin/order/details/${id}`),
          asOf,
        });
      }
    });
    this.detailing = false;
  }

  async fetchTables() {
    await this.quietly(async () => {
      this.store.dispatch({ type: "tables", tables: await staffCall("GET", "/admin/table/list") });
    });
  }

  /** @private Phones at the door. */
  async fetchWaiting() {
    if (!may(this.store.state(), "GET table/waiting")) return;
    await this.quietly(async () => {
      this.store.dispatch({ type: "waiting", waiting: await staffCall("GET", "/admin/table/waiting") });
    });
  }

  /**
   * @private
   * @param {string} requestId
   * @param {boolean} welcome
   */
  async admit(requestId, welcome) {
    await staffCall("POST", `/admin/table/${welcome ? "admit" : "refuse"}/${encodeURIComponent(requestId)}`);
    await this.fetchWaiting();
  }

  /** @private The stream tells changes of it; how things stand is asked for. */
  async fetchStatus() {
    const asOf = this.store.state().tick;
    await this.quietly(async () => {
      this.store.dispatch({ type: "status", status: await staffCall("GET", "/admin/alert/desktop"), asOf });
    });
  }

  /**
   * @private
   * @param {number} alertId
   */
  async acknowledge(alertId) {
    const table = this.store.state().alerts.get(alertId)?.value.tableNumber ?? "";
    await this.silence(alertId);
    this.store.dispatch({ type: "said", text: { key: table ? "acked" : "ackedAny", vars: { table } } });
  }

  /**
   * @private
   * @param {number} alertId
   */
  async silence(alertId) {
    await staffCall("POST", `/admin/alert/ack/${alertId}`);
    this.store.dispatch({ type: "alert.acked", alertId });
  }

  /**
   * @private
   * @param {number} alertId
   * @param {number} orderId
   */
  async accept(alertId, orderId) {
    await this.act("confirm", orderId, "");
    await this.silence(alertId);
  }

  /**
   * @private
   * @param {OrderAction} action
   * @param {number} orderId
   * @param {string} reason
   * @param {boolean} [dishesBack] whether its counted dishes can be had again; the daemon's rule where nobody was asked
   */
  async act(action, orderId, reason, dishesBack) {
    const [path, body] = ROUTES[action](orderId, reason, dishesBack);
    await (action === "cancel" || action === "reject"
      ? deedCall("PUT", path, { ...body })
      : staffCall("PUT", path, body));
    const asOf = this.store.state().tick;
    this.store.dispatch({ type: "moved", record: await staffCall("GET", `/admin/order/details/${orderId}`), asOf });
  }

  /**
   * @private Also told by the stream, where that is up.
   * @param {number} orderId
   */
  async reload(orderId) {
    const asOf = this.store.state().tick;
    await this.quietly(async () => {
      this.store.dispatch({
        type: "order.record",
        record: await staffCall("GET", `/admin/order/details/${orderId}`),
        asOf,
      });
    });
  }

  /** @private Its card is the answer. */
  async testSpeaker() {
    await staffCall("POST", "/admin/alert/test");
    await this.fetchAlerts();
  }

  /**
   * @private
   * @param {boolean} open
   */
  async setShop(open) {
    await staffCall("PUT", `/admin/shop/${open ? 1 : 0}`);
    this.store.dispatch({ type: "shop", open });
  }

  /** @private */
  async backUp() {
    await staffCall("POST", "/admin/backup", undefined, BACKUP_PATIENCE_MS);
    this.store.dispatch({ type: "said", text: { key: "backedUp", vars: {} } });
    await this.fetchStatus();
  }

  /** @private */
  async confirmClock() {
    await staffCall("POST", "/admin/clock/confirm");
    await this.fetchStatus();
  }

  /**
   * @private A tap: its failure is said aloud.
   * @param {string} key
   * @param {() => Promise<void>} run
   */
  async run(key, run) {
    try {
      await run();
    } catch (error) {
      this.failed(error);
      void this.refresh();
    } finally {
      this.store.dispatch({ type: "free", key });
    }
  }

  /**
   * A background request: the connection's state tells that something is wrong, and what belongs to `reads` is asked again.
   * @param {() => Promise<void>} run
   */
  async quietly(run) {
    try {
      await run();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.signedOut();
      else if (!isFinal(error)) this.misses += 1;
    }
  }

  /** @param {unknown} error */
  failed(error) {
    if (error instanceof Refused && error.status === 401) this.signedOut();
    else this.store.dispatch({ type: "refused", ...reasonOf(error) });
  }
}

/**
 * @param {unknown} error
 * @returns {{code: string, said: string}}
 */
export function reasonOf(error) {
  return error instanceof Refused ? { code: error.code, said: error.message } : { code: "UNREACHABLE", said: "" };
}
