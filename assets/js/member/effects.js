// The member page's hands: everything that touches the network. It reads the state and dispatches what happened.

import { backoff } from "../shared/backoff.js";
import { Refused, storeCall } from "../shared/http.js";
import { Link, socketUrl } from "../shared/link.js";
import { Reads } from "../shared/reads.js";
import { wantsCode } from "./state.js";

/** @import {Event, MemberState, Message} from "./state.js" */

const POLL_MS = 2_000;
/** After a code could not be fetched. */
const RETRY_MS = 2_000;

/**
 * @typedef {object} Store
 * @property {() => MemberState} state
 * @property {(event: Event) => void} dispatch
 */

export class MemberEffects {
  /**
   * @param {Store} store
   * @param {string} token what the link brought in its fragment; "" = the cookie of an earlier visit
   */
  constructor(store, token) {
    this.store = store;
    this.token = token;
    this.attempt = 0;
    /** @type {Link | null} */
    this.link = null;
    this.fetching = false;
    this.retryAt = 0;
    this.polling = 0;
    this.reads = new Reads({ me: () => this.readMe() }, (fresh) => this.store.dispatch({ type: "fresh", fresh }));
  }

  /** Tried until the server answers. */
  async start() {
    try {
      if (this.token) {
        await storeCall("POST", "/api/store/member/session", { token: this.token });
        this.token = "";
      }
      await this.readCard();
      this.connect();
    } catch (error) {
      if (isOver(error)) return this.over();
      this.store.dispatch({ type: "start.failed" });
      this.attempt += 1;
      window.setTimeout(() => void this.start(), backoff(this.attempt, Math.random()));
    }
  }

  /** @private */
  connect() {
    const card = this.store.state().card;
    if (!card || this.link) return;
    this.link = new Link({
      url: () => socketUrl(`/webSocket/${card.userId}/${card.storeId}?after=${this.store.state().seen}`),
      heartbeat: "ping",
      read: (text) => text,
      onFrame: (text) => this.heard(text),
      onState: (link) => this.linkChanged(link),
      onLost: () => void this.poll(),
    });
    this.link.start();
    this.polling = window.setInterval(() => this.store.state().link.phase !== "online" && void this.poll(), POLL_MS);
  }

  /**
   * @private
   * @param {string} text
   */
  heard(text) {
    if (text === "pong") return;
    this.store.dispatch({ type: "frame", text });
    void this.reads.ask();
  }

  /**
   * @private
   * @param {MemberState["link"]} link
   */
  linkChanged(link) {
    this.store.dispatch({ type: "link", link });
    if (link.phase !== "online") return;
    this.store.dispatch({ type: "reach", reachable: true });
    void this.reads.ask();
  }

  /** @private While the socket is down; and the reason may be that the link is over, which only HTTP can tell. */
  async poll() {
    const card = this.store.state().card;
    if (!card) return;
    const scan = await this.ask("GET", `/api/store/member/scan-result/${card.userId}`);
    if (!scan || scan.scanId <= this.store.state().seen) return;
    this.store.dispatch({ type: "scan", scan });
    await this.reads.ask();
  }

  /** @private Balance, history, and the number of the last scan: read until it is here. */
  async readMe() {
    const me = await this.ask("GET", "/api/store/member/me");
    if (me) this.store.dispatch({ type: "me", me });
    else throw new Error("no answer");
  }

  /** @private */
  async readCard() {
    this.store.dispatch({ type: "me", me: await storeCall("GET", "/api/store/member/me") });
  }

  /**
   * After every message: what the new state asks for.
   *
   * @param {Message} message
   */
  after(message) {
    if (message.type === "code.renew") this.retryAt = 0;
    if (wantsCode(this.store.state())) void this.fetchCode(message.at);
  }

  /**
   * @private
   * @param {number} now
   */
  async fetchCode(now) {
    if (this.fetching || now < this.retryAt) return;
    this.fetching = true;
    const code = await this.ask("GET", "/api/store/member/code");
    this.fetching = false;
    if (code) this.store.dispatch({ type: "code", code });
    else this.retryAt = now + RETRY_MS;
  }

  /**
   * @private
   * @param {string} method
   * @param {string} path
   * @returns {Promise<any>} null when there is no answer, or nothing to tell
   */
  async ask(method, path) {
    try {
      const data = await storeCall(method, path);
      if (!this.store.state().reachable) this.store.dispatch({ type: "reach", reachable: true });
      return data;
    } catch (error) {
      if (isOver(error)) this.over();
      else if (!(error instanceof Refused) && this.store.state().reachable)
        this.store.dispatch({ type: "reach", reachable: false });
      return null;
    }
  }

  /** @private */
  over() {
    this.link?.stop();
    this.reads.stop();
    window.clearInterval(this.polling);
    this.store.dispatch({ type: "over" });
  }

  /** The network came back, or the page is looked at again. */
  kick() {
    this.retryAt = 0;
    this.link?.kick();
    if (this.link) void this.reads.renew("me");
  }

  /** Somebody touches the page. */
  touch() {
    this.link?.touch();
  }
}

/**
 * @param {unknown} error
 * @returns {boolean}
 */
function isOver(error) {
  return error instanceof Refused && error.status === 401;
}
