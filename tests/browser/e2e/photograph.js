// The pictures of README and manuals, below docs/: NAME.png for the English ones, NAME.zh-CN.png for the Chinese.

import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { translator } from "../../../assets/js/shared/i18n.js";

/** @import {Locator, Page} from "playwright-core" */
/** @import {Lang} from "../../../assets/js/shared/i18n.js" */

/** @type {Lang[]} */
export const LANGS = ["en", "zh"];

/** @type {Record<Lang, string>} */
export const LOCALES = { en: "en-GB", zh: "zh-CN" };

/** Flat colours all of them, so a palette makes a third of what their reader loads. */
const COLOURS = 96;

/** Around a dialog that is shown without its page. */
const MARGIN_PX = 14;

/**
 * @param {string} name
 * @param {Lang | null} [lang] null where one picture serves both
 * @returns {string}
 */
export function pathOf(name, lang = null) {
  return fileURLToPath(new URL(`../../../docs/${name}${lang === "zh" ? ".zh-CN" : ""}.png`, import.meta.url));
}

/**
 * @param {Page} page
 * @param {Lang} lang
 * @param {string} name
 * @param {Locator} [around] only this
 */
export async function photograph(page, lang, name, around) {
  // What was just done is told for some seconds, over what is to be seen.
  await page.locator(".notice:not(.none)").first().waitFor({ state: "hidden" });
  // A busy machine's sound server falters.
  await page.locator('[data-strip="bad-sound"]').waitFor({ state: "detached" });
  await page.mouse.move(0, 0);
  const path = pathOf(name, lang);
  const clip = around && (await roomy(page, around));
  await page.screenshot({ path, animations: "disabled", caret: "hide", ...(clip ? { clip } : {}) });
  finish(path);
}

/**
 * @param {string} path of a PNG as it was taken
 * @param {number} [colours]
 */
export function finish(path, colours = COLOURS) {
  const smaller = ["+dither", "-colors", String(colours), "-strip", "-define", "png:compression-level=9"];
  execFileSync("convert", [path, ...smaller, path]);
  console.log(`${path.slice(path.lastIndexOf("/") + 1)}\t${statSync(path).size}`);
}

/**
 * @param {Page} page
 * @param {Locator} around
 * @returns {Promise<{x: number, y: number, width: number, height: number}>}
 */
async function roomy(page, around) {
  const box = await around.boundingBox();
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  if (!box) throw new Error(`${around} is not shown`);
  const [x, y] = [Math.max(0, box.x - MARGIN_PX), Math.max(0, box.y - MARGIN_PX)];
  return {
    x,
    y,
    width: Math.min(width, box.x + box.width + MARGIN_PX) - x,
    height: Math.min(height, box.y + box.height + MARGIN_PX) - y,
  };
}

/**
 * A button by its word, in the page's language.
 *
 * @template {string} K
 * @param {Page | Locator} within
 * @param {Record<Lang, Record<K, string>>} words
 * @param {Lang} lang
 * @param {K} key
 * @param {Record<string, string>} [vars]
 * @returns {Locator}
 */
export function button(within, words, lang, key, vars = {}) {
  return within.getByRole("button", { name: translator(words, lang)(key, vars) });
}
