/**
 * Money, times and numbers as the two providers write them.
 */

import { randomInt } from "node:crypto";

const EIGHT_HOURS = 8 * 3600 * 1000;

/**
 * Both providers write Beijing time whatever the zone of the machine.
 * @param {Date} when
 * @returns {string} "2026-11-20 18:00:00"
 */
export function beijing(when) {
  return new Date(when.getTime() + EIGHT_HOURS).toISOString().slice(0, 19).replace("T", " ");
}

/** @param {Date} when @returns {string} "2026-11-20T18:00:00+08:00" */
export const rfc3339 = (when) => `${beijing(when).replace(" ", "T")}+08:00`;

/** @param {Date} when @returns {string} "2026-11-20" */
export const beijingDay = (when) => beijing(when).slice(0, 10);

/** @param {string} text "2026-11-20 18:00:00", Beijing time @returns {Date} invalid when the text is */
export const fromBeijing = (text) => new Date(`${text.replace(" ", "T")}+08:00`);

/**
 * Integers only: a float would hide the very rounding faults the tests look for.
 * @param {number} fen
 * @returns {string} "12.34"
 */
export function yuan(fen) {
  const digits = String(Math.abs(fen)).padStart(3, "0");
  return `${fen < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** @param {string} text exactly two decimals @returns {number} fen */
export const fen = (text) => Number(text.replace(".", ""));

/** @param {number} length @returns {string} */
export function digits(length) {
  return Array.from({ length }, () => randomInt(10)).join("");
}

/**
 * Two requests are the same when this text is, whatever the order of their keys.
 * @param {unknown} value
 * @returns {string}
 */
export function canonical(value) {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
