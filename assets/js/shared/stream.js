// An EventSource that also comes back after an HTTP error (the built-in one gives up) and after a silence (it never notices one).

import { backoff } from "./backoff.js";

/** Two and a half server heartbeats of 30 s. */
const SILENCE_MS = 75_000;

/**
 * @typedef {object} StreamOptions
 * @property {string} url
 * @property {string[]} events the named events to hand on
 * @property {(event: string, data: any) => void} onEvent data is parsed JSON, or the text where it is not JSON
 * @property {(online: boolean) => void} onState
 */

export class Stream {
  /** @param {StreamOptions} options */
  constructor(options) {
    this.options = options;
    /** @type {EventSource | null} */
    this.source = null;
    this.attempt = 0;
    /** Waiting to retry, or for the next sign of life. */
    this.timer = 0;
  }

  start() {
    this.stop();
    const source = new EventSource(this.options.url);
    this.source = source;
    this.heard();
    source.onopen = () => {
      this.attempt = 0;
      this.heard();
      this.options.onState(true);
    };
    source.onerror = () => this.lost();
    for (const name of ["connected", "heartbeat"]) source.addEventListener(name, () => this.heard());
    for (const name of this.options.events) {
      source.addEventListener(name, (event) => {
        this.heard();
        this.options.onEvent(name, parse(event.data));
      });
    }
  }

  stop() {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  /** There is reason to doubt that it lives. */
  renew() {
    if (!this.source) return;
    this.options.onState(false);
    this.start();
  }

  /** @private */
  heard() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.lost(), SILENCE_MS);
  }

  /** @private */
  lost() {
    this.stop();
    this.options.onState(false);
    this.timer = window.setTimeout(() => this.start(), backoff(this.attempt, Math.random()));
    this.attempt += 1;
  }
}

/**
 * @param {string} text
 * @returns {any}
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
