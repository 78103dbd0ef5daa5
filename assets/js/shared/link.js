// A WebSocket that comes back. It promises nothing about what was sent while it was down: whoever holds something unsent keeps it
// and sends it again on "online" (see phone/outbox.js).

import { backoff } from "./backoff.js";

/** @import {LinkState} from "../types.js" */

const OPEN_WITHIN_MS = 8_000;
const HEARTBEAT_MS = 15_000;
const ANSWER_WITHIN_MS = 6_000;

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

/**
 * @typedef {object} Platform what a test replaces
 * @property {(url: string) => WebSocket} open
 * @property {(run: () => void, ms: number) => number} after
 * @property {(timer: number) => void} cancel
 * @property {() => number} now
 * @property {() => number} random
 */

/** @type {Platform} */
const BROWSER = {
  open: (url) => new WebSocket(url),
  after: (run, ms) => window.setTimeout(run, ms),
  cancel: (timer) => window.clearTimeout(timer),
  now: () => Date.now(),
  random: () => Math.random(),
};

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
    if (!this.socket) this.connect();
    else if (this.online && this.options.heartbeat) this.ask();
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
    if (this.options.heartbeat) this.timer = this.platform.after(() => this.ask(), HEARTBEAT_MS);
  }

  /** @private */
  ask() {
    this.platform.cancel(this.timer);
    this.socket?.send(String(this.options.heartbeat));
    this.timer = this.platform.after(() => this.restart(), ANSWER_WITHIN_MS);
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
