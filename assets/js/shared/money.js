// Money is integer fen inside the page, so that a shown sum is never 0.1 + 0.2.

/**
 * @param {number} yuan as it stands on the wire
 * @returns {number} integer fen
 */
export function toFen(yuan) {
  return Math.round(yuan * 100);
}

/**
 * @param {number} fen
 * @returns {string} "¥38.00"
 */
export function formatFen(fen) {
  const cents = Math.abs(fen) % 100;
  const whole = (Math.abs(fen) - cents) / 100;
  return `${fen < 0 ? "-" : ""}¥${whole}.${String(cents).padStart(2, "0")}`;
}

/**
 * @param {number} fen
 * @returns {number} yuan for the wire: the double nearest to two decimals is written with two decimals at most
 */
export function toYuan(fen) {
  return fen / 100;
}

/**
 * @param {string} text what someone typed: "38", "38.5", "38.00"
 * @returns {number | null} integer fen; null when it is no amount of money
 */
export function parseYuan(text) {
  const digits = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (!digits) return null;
  return Number(digits[1]) * 100 + Number((digits[2] ?? "").padEnd(2, "0"));
}
