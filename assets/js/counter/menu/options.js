// Option groups as the owner writes them, one value a line: "加蛋 2.00". What is written here reads back the same. Pure.

import { formatFen, parseYuan, toFen, toYuan } from "../../shared/money.js";

/** @import {OptionValue} from "../../types.js" */

const LINE = /^(.*?)(?:\s+([+-]?)(\d+(?:\.\d{1,2})?))?$/;

/**
 * @param {OptionValue[]} values
 * @returns {string}
 */
export function writeValues(values) {
  // A name that ends like a price, as 可乐 330 does, needs one after it.
  const plain = (/** @type {string} */ value) => LINE.exec(value)?.[3] === undefined;
  return values
    .map(({ value, priceDelta }) =>
      priceDelta === 0 && plain(value) ? value : `${value} ${formatFen(toFen(priceDelta)).replace("¥", "")}`,
    )
    .join("\n");
}

/**
 * @param {string} lines
 * @returns {OptionValue[] | null} null when a line is no value: a price with nothing before it
 */
export function readValues(lines) {
  const values = [];
  for (const line of lines
    .split("\n")
    .map((one) => one.trim())
    .filter((one) => one !== "")) {
    const [, name, sign, price] = LINE.exec(line) ?? [];
    const fen = price === undefined ? 0 : parseYuan(price);
    if (!name || fen === null) return null;
    values.push({ value: name, priceDelta: toYuan(sign === "-" ? -fen : fen) });
  }
  return values.length > 0 ? values : null;
}
