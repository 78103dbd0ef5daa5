// The pictures of README and manual, below docs/.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Flat colours all of them, so a palette halves what their reader loads.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export async function photograph(page, name) {
  const path = fileURLToPath(new URL(`../../../docs/${name}.png`, import.meta.url));
  await page.screenshot({ path, animations: "disabled" });
  execFileSync("convert", [path, "+dither", "-colors", "255", "-strip", path]);
}
