// Looking at what a view describes, without a document.

import assert from "node:assert/strict";

/** @import {VElement, View} from "../../../assets/js/shared/dom.js" */

/**
 * @param {View} view
 * @returns {string}
 */
export function textOf(view) {
  return typeof view === "string" ? view : view.children.map(textOf).join("");
}

/**
 * @param {View} view
 * @param {string} name
 * @returns {VElement[]} everything in it that has this property
 */
export function findAll(view, name) {
  if (typeof view === "string") return [];
  const within = view.children.flatMap((child) => findAll(child, name));
  return view.props[name] === undefined ? within : [view, ...within];
}

/**
 * @param {View} view
 * @param {string} name
 * @param {string | number} value
 * @returns {VElement} the first whose property has this value
 */
export function find(view, name, value) {
  const found = findAll(view, name).find((one) => one.props[name] === value);
  assert.ok(found, `nothing with ${name}="${value}"`);
  return found;
}

/** @param {VElement} view */
export function press(view) {
  const { onclick } = view.props;
  assert.equal(typeof onclick, "function", textOf(view));
  /** @type {any} */ (onclick)({});
}
