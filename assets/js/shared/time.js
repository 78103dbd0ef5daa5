// Times as people in the restaurant read them: the clock on the wall, and how long someone has been waiting.

import { HTML_LANG } from "./i18n.js";

/** @import {Lang} from "./i18n.js" */

/**
 * @param {string | null | undefined} iso RFC 3339, or the staff API's "yyyy-MM-dd HH:mm"
 * @returns {number} unix ms; NaN when it is no time
 */
export function toMillis(iso) {
  return iso ? Date.parse(iso.replace(" ", "T")) : NaN;
}

/**
 * The time on the shop's wall, as the daemon wrote it with the shop's offset: a guest's phone may still be set to the zone of home.
 *
 * @param {string | null | undefined} iso
 * @returns {string} "12:03", or "" when it is no time; a time in UTC is shown as the browser's own
 */
export function clock(iso) {
  const written = /[T ](\d\d:\d\d)/.exec(iso ?? "");
  if (written && !iso?.endsWith("Z")) return String(written[1]);
  const at = toMillis(iso);
  if (Number.isNaN(at)) return "";
  const date = new Date(at);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/**
 * The same, with the day where it is not today's. Today is the shop's, whatever zone this browser is set to.
 *
 * @param {string | null | undefined} iso
 * @param {number} now unix ms
 * @param {Lang} lang
 * @returns {string} "12:03", "11月20日 12:03" or "20 Nov 12:03", with the year where it is not this one; "" when it is no time
 */
export function clockAndDay(iso, now, lang) {
  const at = toMillis(iso);
  if (Number.isNaN(at)) return "";
  const ahead = /([+-])(\d\d):(\d\d)$/.exec(iso ?? "");
  const minutes = ahead
    ? Number(`${ahead[1]}1`) * (Number(ahead[2]) * 60 + Number(ahead[3]))
    : -new Date(at).getTimezoneOffset();
  const [then, today] = [at, now].map((ms) => new Date(ms + minutes * 60_000));
  const [thenDay, todayDay] = [then, today].map((day) => day?.toISOString().slice(0, 10));
  if (thenDay === todayDay) return clock(iso);
  const year = thenDay?.slice(0, 4) === todayDay?.slice(0, 4) ? undefined : "numeric";
  const day = new Intl.DateTimeFormat(HTML_LANG[lang], {
    year,
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  }).format(then);
  return `${day} ${clock(iso)}`;
}

const DAY_MS = 86_400_000;

/** @type {Record<Lang, string>} */
const LONG = { zh: "一天以上", en: "over a day" };

/**
 * How long someone has been waiting, as far as anyone waits: beyond that a clock was wrong, or is.
 *
 * @param {number} ms
 * @param {Lang} lang
 * @returns {string} "0:07", "12:40", "1:02:09", "一天以上"; a clock that runs a little behind the server's shows 0:00; "—" = not known
 */
export function elapsed(ms, lang) {
  if (Number.isNaN(ms) || ms < -DAY_MS / 24) return "—";
  if (ms >= DAY_MS) return LONG[lang];
  const total = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** @type {[number, Record<Lang, string>][]} */
const UNITS = [
  [31_536_000, { zh: "年", en: "years" }],
  [86_400, { zh: "天", en: "days" }],
  [3600, { zh: "小时", en: "h" }],
  [60, { zh: "分钟", en: "min" }],
];

/**
 * A difference between two clocks.
 *
 * @param {number} seconds
 * @param {Lang} lang
 * @returns {string} "75 秒", "3 小时", "26 年": in the largest unit that it fills twice
 */
export function span(seconds, lang) {
  const size = Math.abs(seconds);
  const [length, unit] = UNITS.find(([one]) => size >= 2 * one) ?? [1, { zh: "秒", en: "s" }];
  return `${Math.floor(size / length)} ${unit[lang]}`;
}

/**
 * @param {number} leftMs until something may be done again
 * @param {number} everyMs how often it may be
 * @returns {number} whole seconds; 0 = now: also where the clock was set back meanwhile
 */
export function secondsUntil(leftMs, everyMs) {
  return leftMs > everyMs ? 0 : Math.max(0, Math.ceil(leftMs / 1000));
}
