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
