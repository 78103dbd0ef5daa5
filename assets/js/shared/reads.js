// What a page shows and is only told as it changes: read anew whenever something may have been missed, and until that has succeeded.
// Nobody tells a page again what it did not hear.

import { backoff } from "./backoff.js";
import { CLOCK } from "./clock.js";

/** @import {Clock} from "./clock.js" */

/** Further apart than that the tries do not get: somebody is looking at old numbers. */
const MOST_STEPS = 3;

/** @template {string} Name */
export class Reads {
  /**
   * @param {Record<Name, () => Promise<unknown>>} reads each tells the page what it has read; what it throws at is read again
   * @param {(fresh: boolean) => void} tell whether all that was asked for is here
   * @param {Clock} [platform]
   */
  constructor(reads, tell, platform = CLOCK) {
    this.reads = reads;
    this.tell = tell;
    this.platform = platform;
    /** @type {Set<Name>} asked for, and not begun since */
    this.wanted = new Set();
    /** @type {Map<Name, Promise<void>>} */
    this.running = new Map();
    /** @type {Set<Name>} what may be out of date as it is shown */
    this.owed = new Set();
    this.fresh = true;
    this.stopped = false;
    this.attempt = 0;
    /** 0 = no try is waited for. */
    this.timer = 0;
  }

  /**
   * Something may have been missed: until these have come the page is behind.
   *
   * @param {...Name} names none = all
   * @returns {Promise<void>} when each has been tried
   */
  async ask(...names) {
    const all = /** @type {Name[]} */ (Object.keys(this.reads));
    const asked = names.length > 0 ? names : all;
    for (const name of asked) this.owed.add(name);
    await this.renew(...asked);
  }

  /**
   * The page was told that these have changed, or looks whether they have: it is behind only when that fails. One question at a time
   * about each, so that no older answer comes after a newer one; asked for while it is under way, it is read once more.
   *
   * @param {...Name} names
   * @returns {Promise<void>} when each has been tried
   */
  async renew(...names) {
    this.stopped = false;
    for (const name of names) this.wanted.add(name);
    await this.begin();
  }

  /** Until something is asked for again. */
  stop() {
    this.stopped = true;
    this.wanted.clear();
    this.owed.clear();
    this.platform.cancel(this.timer);
    this.timer = 0;
  }

  /** @private */
  async begin() {
    this.platform.cancel(this.timer);
    this.timer = 0;
    const begun = [...this.wanted].map((name) => this.running.get(name) ?? this.drain(name));
    this.judge();
    await Promise.all(begun);
  }

  /**
   * @private
   * @param {Name} name
   * @returns {Promise<void>}
   */
  drain(name) {
    const done = this.read(name).finally(() => {
      this.running.delete(name);
      this.judge();
    });
    this.running.set(name, done);
    return done;
  }

  /**
   * @private
   * @param {Name} name
   */
  async read(name) {
    while (this.wanted.delete(name)) {
      try {
        await this.reads[name]();
      } catch {
        return this.missed(name);
      }
    }
    this.owed.delete(name);
  }

  /**
   * @private
   * @param {Name} name
   */
  missed(name) {
    if (this.stopped) return;
    this.wanted.add(name);
    this.owed.add(name);
    if (this.timer !== 0) return;
    this.timer = this.platform.after(
      () => void this.begin(),
      backoff(Math.min(this.attempt, MOST_STEPS), this.platform.random()),
    );
    this.attempt += 1;
  }

  /** @private */
  judge() {
    const fresh = this.owed.size === 0;
    if (fresh) this.attempt = 0;
    if (fresh === this.fresh || this.stopped) return;
    this.fresh = fresh;
    this.tell(fresh);
  }
}
