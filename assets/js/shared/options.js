// What was chosen of a dish's options, as a line says it. Of a combo it says which dish each choice is for.

import { setApart } from "./bidi.js";

/** @import {ChosenOption} from "../types.js" */

/**
 * @param {ChosenOption[] | undefined} options
 * @returns {string[]} 微辣, 大份; of a combo 宫保鸡丁：微辣、大份
 */
export function optionTexts(options) {
  /** @type {Map<string, string[]>} */
  const byDish = new Map();
  for (const { value, dish = "" } of options ?? []) byDish.set(dish, [...(byDish.get(dish) ?? []), setApart(value)]);
  return [...byDish].flatMap(([dish, values]) => (dish ? [`${setApart(dish)}：${values.join("、")}`] : values));
}

/**
 * @param {ChosenOption[] | undefined} options
 * @returns {string}
 */
export function optionsText(options) {
  return optionTexts(options).join(" · ");
}
