// Two languages, Chinese first. A dictionary is a flat object; `{name}` in a sentence is filled from the variables.

import { setApart } from "./bidi.js";
import { keep, recall } from "./keep.js";

const KEY = "tablebell.lang";

/** @typedef {"zh" | "en"} Lang */

/**
 * @template {string} K
 * @typedef {(key: K, vars?: Record<string, string | number>) => string} Translate
 */

/**
 * @template {string} K
 * @param {Record<Lang, Record<K, string>>} words
 * @param {Lang} lang
 * @returns {Translate<K>}
 */
export function translator(words, lang) {
  const dictionary = words[lang];
  return (key, vars = {}) =>
    dictionary[key].replace(/\{(\w+)\}/g, (whole, name) => setApart(String(vars[name] ?? whole)));
}

/**
 * @param {unknown} stored what the switch was last set to
 * @param {readonly string[]} preferred `navigator.languages`
 * @returns {Lang}
 */
export function chooseLang(stored, preferred) {
  if (stored === "zh" || stored === "en") return stored;
  for (const tag of preferred) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "zh" || primary === "en") return primary;
  }
  return "zh";
}

/** @returns {Lang} */
export function readLang() {
  return chooseLang(recall(localStorage, KEY), navigator.languages);
}

/** @param {Lang} lang */
export function keepLang(lang) {
  keep(localStorage, KEY, lang);
}

/** @type {Record<Lang, string>} */
export const HTML_LANG = { zh: "zh-CN", en: "en" };

/**
 * Tells the browser and whoever reads the page aloud. Not again while it holds: Chromium works out every element's style anew, even
 * when the attribute is set to what it is.
 *
 * @param {Lang} lang
 */
export function markLang(lang) {
  const root = document.documentElement;
  if (root.lang !== HTML_LANG[lang]) root.lang = HTML_LANG[lang];
}
