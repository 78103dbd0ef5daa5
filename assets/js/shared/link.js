// A WebSocket that comes back. It promises nothing about what was sent while it was down: whoever holds something unsent keeps it
// and sends it again on "online" (see phone/outbox.js).

import { backoff } from "./backoff.js";
import { CLOCK } from "./clock.js";

/** @import {Clock} from "./clock.js" */

const OPEN_WITHIN_MS = 8_000;
const HEARTBEAT_MS = 15_000;
const ANSWER_WITHIN_MS = 6_000;
/**
 * Somebody looks at the page, or touches it: a line that does not prove itself within this is dead. What a phone does on it would go
 * nowhere, and a socket whose packets are dropped says nothing for many minutes.
 */
const PROOF_WITHIN_MS = 1_500;
/** A touch asks for no proof of a line that was heard so lately. */
const LATELY_MS = 500;

/** @typedef {{phase: "connecting" | "online" | "waiting", retryAt: number}} LinkState retryAt: unix ms, 0 unless waiting */

/**
 * @typedef {object} LinkOptions
 * @property {string | (() => string)} url
 * @property {(frame: any) => void} onFrame every frame that can be read
 * @property {(state: LinkState) => void} onState
 * @property {() => void} [onLost] an attempt failed or a connection broke: the place to ask over HTTP why
 * @property {string} [heartbeat] the frame a client sends to ask "still there?"; without it silence is not judged here
 * @property {(text: string) => any} [read] a frame's text; what it throws at is ignored; without it: JSON
 * @property {(frame: any) => boolean} [isReady] the first frame that counts as being online; without it: the socket being open
 */

/** @typedef {Clock & {open: (url: string) => WebSocket}} Platform what a test replaces */

/** @type {Platform} */
const BROWSER = { ...CLOCK, open: (url) => new WebSocket(url) };

export class Link {
  /**
   * @param {LinkOptions} options
   * @param {Platform} [platform]
   */
  constructor(options, platform = BROWSER) {
    this.options = options;
    this.platform = platform;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.attempt = 0;
    this.online = false;
    this.stopped = false;
    this.openedAt = 0;
    this.heardAt = 0;
    /** When the question under way was asked, and until when it has to be answered; 0 = none is. */
    this.askedAt = 0;
    this.due = 0;
    /** Grows on a line that answers, only slowly. */
    this.patience = PROOF_WITHIN_MS;
    /** Waiting to retry, to be opened, to send the next heartbeat, or for an answer: never two at once. */
    this.timer = 0;
  }

  start() {
    this.stopped = false;
    this.connect();
  }

  /** For good: no more attempts, no more callbacks. */
  stop() {
    this.stopped = true;
    this.drop();
  }

  /**
   * The page has a reason to doubt the state (network back, tab shown again): retry now, or make the server prove it is there.
   */
  kick() {
    if (this.stopped) return;
    const stuck = !this.online && this.platform.now() - this.openedAt > this.patience;
    if (!this.socket || stuck) this.connect();
    else if (this.online) this.prove();
  }

  /** Somebody touches the page: its line is proven, unless it has just spoken. */
  touch() {
    if (!this.online || !this.options.heartbeat || this.due > 0) return;
    const since = this.platform.now() - this.heardAt;
    if (since >= LATELY_MS) return this.prove();
    // What is said until then proves it, too.
    this.platform.cancel(this.timer);
    this.timer = this.platform.after(() => this.prove(), LATELY_MS - since);
  }

  /** Throws the connection away and makes a new one, e.g. when a request on it was never answered. */
  restart() {
    if (this.stopped) return;
    this.drop();
    this.retryLater();
  }

  /**
   * @param {unknown} frame
   * @returns {boolean} false when it certainly did not leave; true is no promise that it arrived
   */
  send(frame) {
    if (!this.online || !this.socket) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** @private */
  connect() {
    this.drop();
    this.options.onState({ phase: "connecting", retryAt: 0 });
    this.openedAt = this.platform.now();
    const socket = this.platform.open(typeof this.options.url === "string" ? this.options.url : this.options.url());
    this.socket = socket;
    this.timer = this.platform.after(() => this.restart(), OPEN_WITHIN_MS);
    socket.onopen = () => {
      if (!this.options.isReady) this.ready();
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = () => this.restart();
  }

  /**
   * @private
   * @param {unknown} text
   */
  receive(text) {
    /** @type {any} */
    let frame;
    try {
      frame = (this.options.read ?? JSON.parse)(String(text));
    } catch {
      return;
    }
    if (!this.online && this.options.isReady?.(frame)) this.ready();
    if (this.online) this.heard();
    this.options.onFrame(frame);
  }

  /** @private */
  ready() {
    this.online = true;
    this.attempt = 0;
    this.heard();
    this.options.onState({ phase: "online", retryAt: 0 });
  }

  /** @private Any frame proves the line; the next question is due a whole period later. */
  heard() {
    this.platform.cancel(this.timer);
    this.heardAt = this.platform.now();
    if (this.due > 0)
      this.patience = Math.min(ANSWER_WITHIN_MS, Math.max(PROOF_WITHIN_MS, 2 * (this.heardAt - this.askedAt)));
    this.due = 0;
    if (this.options.heartbeat) this.timer = this.platform.after(() => this.ask(ANSWER_WITHIN_MS), HEARTBEAT_MS);
  }

  /** @private */
  prove() {
    if (this.options.heartbeat) this.ask(this.patience);
  }

  /**
   * @private One question at a time; asked for an earlier answer, that counts.
   * @param {number} within ms
   */
  ask(within) {
    const now = this.platform.now();
    if (this.due > 0 && this.due <= now + within) return;
    if (this.due === 0) {
      this.askedAt = now;
      this.socket?.send(String(this.options.heartbeat));
    }
    this.due = now + within;
    this.platform.cancel(this.timer);
    this.timer = this.platform.after(() => this.unanswered(), within);
  }

  /** @private Dead, or slower than anybody waits for: the next one gets more time. */
  unanswered() {
    this.patience = Math.min(ANSWER_WITHIN_MS, 2 * this.patience);
    this.restart();
  }

  /** @private */
  retryLater() {
    const wait = backoff(this.attempt, this.platform.random());
    this.attempt += 1;
    this.options.onState({ phase: "waiting", retryAt: this.platform.now() + wait });
    this.timer = this.platform.after(() => this.connect(), wait);
    this.options.onLost?.();
  }

  /** @private */
  drop() {
    this.platform.cancel(this.timer);
    this.online = false;
    this.due = 0;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

/**
 * @param {string} path
 * @returns {string} the same host, ws or wss as the page itself
 */
export function socketUrl(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
