// Bars, where people would rather look than read. Whoever cannot look gets the same numbers as a table.

import { h } from "../../shared/dom.js";

/** @import {VElement} from "../../shared/dom.js" */

/**
 * @typedef {object} Bar
 * @property {string} name below the bar, and the table's first column
 * @property {number} value
 * @property {string} text the value as people read it
 */

const WIDTH = 720;
const HEIGHT = 200;
const HEAD = 22;
const FOOT = 24;
/** Room that one label needs; of more names than fit only every second, third, … is written. */
const LABEL = 48;

/**
 * @param {string} caption
 * @param {Bar[]} bars
 * @param {[name: string, value: string]} heads
 * @returns {VElement}
 */
export function barChart(caption, bars, heads) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  const step = WIDTH / Math.max(1, bars.length);
  const every = Math.max(1, Math.ceil(LABEL / step));
  return h(
    "figure",
    { key: caption, class: "chart" },
    h("figcaption", null, caption),
    h(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true", focusable: "false" },
      h("line", { class: "axis", x1: 0, x2: WIDTH, y1: HEIGHT - FOOT, y2: HEIGHT - FOOT }),
      bars.map((bar, index) => column(bar, index, { step, most, every })),
    ),
    h(
      "table",
      { class: "unseen" },
      h("caption", null, caption),
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          heads.map((head, index) => h("th", { key: index, scope: "col" }, head)),
        ),
      ),
      h(
        "tbody",
        null,
        bars.map((bar) => h("tr", { key: bar.name }, h("th", { scope: "row" }, bar.name), h("td", null, bar.text))),
      ),
    ),
  );
}

/**
 * @param {Bar} bar
 * @param {number} index
 * @param {{step: number, most: number, every: number}} scale
 * @returns {VElement}
 */
function column(bar, index, { step, most, every }) {
  const height = Math.round((Math.max(0, bar.value) / most) * (HEIGHT - HEAD - FOOT));
  const top = HEIGHT - FOOT - height;
  const middle = step * (index + 0.5);
  const written = index % every === 0;
  return h(
    "g",
    { key: bar.name },
    h("rect", { class: "bar", x: round(step * (index + 0.15)), y: top, width: round(step * 0.7), height }),
    bar.value > 0 &&
      step >= LABEL &&
      h("text", { class: "bar-value", x: round(middle), y: top - 6, "text-anchor": "middle" }, bar.text),
    written && h("text", { class: "bar-name", x: round(middle), y: HEIGHT - 6, "text-anchor": "middle" }, bar.name),
  );
}

/**
 * @param {number} pixels
 * @returns {number}
 */
function round(pixels) {
  return Math.round(pixels * 10) / 10;
}
