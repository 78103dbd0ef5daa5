// The member's page as a value: `apply(state, message)` is the only way it changes.

import { secondsUntil } from "../shared/time.js";

/** @import {Card, CardCode, CardPage, HistoryLine, LastScan} from "../types.js" */
/** @import {Lang} from "../shared/i18n.js" */
/** @import {LinkState} from "../shared/link.js" */

/** @typedef {{svg: string, code: string, until: number}} ShownCode until: by this phone's clock */

/** @typedef {{status: number, text: string, remaining: number, at: number}} Result */

/**
 * @typedef {object} MemberState
 * @property {Lang} lang
 * @property {"starting" | "over" | "ready"} phase
 * @property {boolean} slow starting takes longer than it should
 * @property {Card | null} card
 * @property {string} storeName
 * @property {HistoryLine[]} entries
 * @property {ShownCode | null} code
 * @property {Result | null} result shown until it is put away
 * @property {number} seen the last scan that this page has shown
 * @property {LinkState} link
 * @property {boolean} fresh whether the card is as it is now
 * @property {boolean} reachable the last request was answered
 * @property {boolean} sound
 * @property {number} now unix ms, as of the last message
 */

/**
 * @typedef {{type: "me", me: CardPage}
 *   | {type: "over"}
 *   | {type: "start.failed"}
 *   | {type: "code", code: CardCode}
 *   | {type: "frame", text: string}
 *   | {type: "scan", scan: LastScan}
 *   | {type: "link", link: LinkState}
 *   | {type: "reach", reachable: boolean}
 *   | {type: "fresh", fresh: boolean}
 *   | {type: "clock"}
 *   | {type: "sound", on: boolean}
 * } Event
 */

/** @typedef {{type: "lang", lang: Lang} | {type: "result.close"} | {type: "code.renew"} | {type: "sound.on"}} Intent */

/** @typedef {(Event | Intent) & {at: number}} Message */

/** How long before its end a code is replaced: whoever is just scanning still has a moment. */
const RENEW_BEFORE_S = 12;
/** A code is good for a minute. */
const LONGEST_CODE_MS = 61_000;

/**
 * @param {Lang} lang
 * @param {number} seen
 * @returns {MemberState}
 */
export function firstState(lang, seen) {
  return {
    lang,
    phase: "starting",
    slow: false,
    card: null,
    storeName: "",
    entries: [],
    code: null,
    result: null,
    seen,
    link: { phase: "connecting", retryAt: 0 },
    fresh: true,
    reachable: true,
    sound: false,
    now: 0,
  };
}

/**
 * @param {string} text a frame of the member's socket
 * @returns {{status: number, text: string, remaining: number} | null}
 */
export function readResult(text) {
  const parts = /^(\d+)_(.*)_剩余次数: (\d+)$/.exec(text);
  return parts ? { status: Number(parts[1]), text: String(parts[2]), remaining: Number(parts[3]) } : null;
}

/**
 * @param {MemberState} state
 * @param {Message} message
 * @returns {MemberState}
 */
export function apply(state, message) {
  return step({ ...state, now: message.at }, message);
}

/**
 * @param {MemberState} state
 * @param {Message} message
 * @returns {MemberState}
 */
function step(state, message) {
  switch (message.type) {
    case "me":
      return meCame(state, message.me);
    case "over":
      return { ...state, phase: "over", card: null, entries: [], code: null, result: null };
    case "start.failed":
      return { ...state, slow: true };
    case "code":
      return codeCame(state, message.code);
    case "frame": {
      const result = readResult(message.text);
      return result ? resultCame(state, result, message.at) : state;
    }
    case "scan":
      return scanCame(state, message.scan);
    case "link":
      return { ...state, link: message.link };
    case "fresh":
      return { ...state, fresh: message.fresh };
    case "reach":
      return { ...state, reachable: message.reachable };
    case "lang":
      return { ...state, lang: message.lang };
    case "result.close":
      return { ...state, result: null };
    case "sound":
      return { ...state, sound: message.on };
    case "code.renew":
      return { ...state, code: null };
    case "sound.on":
    case "clock":
      return state;
  }
}

/**
 * @param {MemberState} state
 * @param {CardPage} me
 * @returns {MemberState}
 */
function meCame(state, me) {
  const { storeName, entries, lastScan, ...card } = me;
  // Numbers of a shop that was restored from a backup may have gone back.
  const seen = state.phase === "starting" ? Math.min(state.seen, lastScan?.scanId ?? 0) : state.seen;
  const known = { ...state, phase: /** @type {const} */ ("ready"), slow: false, card, storeName, entries, seen };
  return lastScan ? scanCame(known, lastScan) : known;
}

/**
 * What was scanned while this page did not listen: shown once, and only while it is news.
 *
 * @param {MemberState} state
 * @param {LastScan} scan
 * @returns {MemberState}
 */
function scanCame(state, scan) {
  if (scan.scanId <= state.seen) return state;
  const seen = { ...state, seen: scan.scanId };
  const shown = state.result;
  // The socket was faster: this only tells its number.
  const same = shown?.status === scan.status && shown.text === scan.text && shown.remaining === scan.remaining;
  return scan.fresh && !same ? resultCame(seen, scan, state.now) : seen;
}

/**
 * @param {MemberState} state
 * @param {{status: number, text: string, remaining: number}} result
 * @param {number} at
 * @returns {MemberState}
 */
function resultCame(state, { status, text, remaining }, at) {
  const card = state.card ? { ...state.card, uses: remaining } : null;
  // The code that was just shown is used up.
  return { ...state, card, code: null, result: { status, text, remaining, at } };
}

/**
 * @param {MemberState} state
 * @param {CardCode} answer
 * @returns {MemberState}
 */
function codeCame(state, { code, svg, seconds, uses, balance }) {
  const card = state.card ? { ...state.card, uses, balance } : null;
  return { ...state, card, code: { code, svg, until: state.now + seconds * 1000 } };
}

/**
 * @param {MemberState} state
 * @returns {number} seconds until the shown code is replaced; 0 = it has to be
 */
export function secondsLeft({ code, now }) {
  // A clock that was set back would keep a code for ever.
  return code ? Math.max(0, secondsUntil(code.until - now, LONGEST_CODE_MS) - RENEW_BEFORE_S) : 0;
}

/**
 * @param {MemberState} state
 * @returns {boolean} whether the shown code is good for nothing any more
 */
export function isOver({ code, now }) {
  return code !== null && secondsUntil(code.until - now, LONGEST_CODE_MS) === 0;
}

/**
 * @param {MemberState} state
 * @returns {boolean} whether a new code is wanted now
 */
export function wantsCode(state) {
  return state.phase === "ready" && secondsLeft(state) === 0;
}
