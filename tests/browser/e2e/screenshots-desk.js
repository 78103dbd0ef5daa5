// Makes docs/popup.png, its Chinese sister and docs/qr-sheet.png: what a shop's PC shows on its desktop, and the cards that it prints.
// Part of `npm run screenshots`. Needs poppler's pdftoppm.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Desk } from "./desk.js";
import { addDish, BINARY, openPhone, openSheet, readyLine, startBrowser, submitCart } from "./harness.js";
import { finish, LANGS, LOCALES, pathOf } from "./photograph.js";
import { eventually } from "./wait.js";

/** @import {Browser} from "playwright-core" */
/** @import {Lang} from "../../../assets/js/shared/i18n.js" */

/** @typedef {{home: string, desk: Desk, config: string, environment: NodeJS.ProcessEnv}} Shop */

const WIFI = '\n[wifi]\nssid = "桌铃馆"\npassword = "chibaohehao"\n';
const NOTES = { en: "No peanuts", zh: "不要花生" };
/** Popups lie on a black screen. */
const TRIM = ["-bordercolor", "black", "-border", "1", "-trim", "+repage", "-strip"];
const GAP = ["-bordercolor", "white", "-border", "8"];

/**
 * @param {Lang} lang
 * @returns {Shop} with the sample menu, where the bill comes after the meal
 */
function foundShop(lang) {
  const home = mkdtempSync(join(tmpdir(), "tablebell-desk-"));
  const desk = new Desk(home);
  const shop = {
    home,
    desk,
    config: join(home, "tablebell.toml"),
    environment: { ...process.env, ...desk.environment },
  };
  tablebell(shop, "init", "--sample", "--data", join(home, "shop"));
  const text = readFileSync(shop.config, "utf8");
  const later = text.replace('mode = "first"', 'mode = "later"').replace('language = "zh"', `language = "${lang}"`);
  writeFileSync(shop.config, later + WIFI);
  return shop;
}

/**
 * @param {Shop} shop
 * @param {...string} args
 * @returns {string} what it prints
 */
function tablebell({ config, environment }, ...args) {
  const quiet = /** @type {const} */ (["ignore", "pipe", "ignore"]);
  return execFileSync(BINARY, [...args, "--config", config], { env: environment, encoding: "utf8", stdio: [...quiet] });
}

/** @param {Shop} shop */
function photographCards(shop) {
  const text = readFileSync(shop.config, "utf8");
  writeFileSync(shop.config, text.replace("[listen]", '[listen]\nbase_url = "http://192.168.1.10:8080"'));
  const [sheet, path] = [join(shop.home, "tables.pdf"), pathOf("qr-sheet")];
  tablebell(shop, "qr", "--pdf", sheet);
  execFileSync("pdftoppm", ["-r", "90", "-gray", "-png", "-singlefile", sheet, path.replace(/\.png$/, "")]);
  writeFileSync(shop.config, text);
  execFileSync("convert", [path, "-bordercolor", "#999", "-border", "1", path]);
  finish(path, 16);
}

/**
 * @param {Shop} shop
 * @returns {Promise<{lan: string, stop: () => Promise<void>}>}
 */
async function openShop({ home, desk, config, environment }) {
  await desk.startSound();
  await desk.startPopups();
  const listeners = ["--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0"];
  const daemon = spawn(BINARY, ["run", "--config", config, ...listeners], {
    env: environment,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(daemon, "exit");
  const stop = async () => {
    daemon.kill("SIGKILL");
    await exited;
    await desk.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    return { ...(await readyLine(daemon, exited)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * One order; three; the backlog while nobody hears the PC.
 *
 * @param {Browser} browser
 * @param {Lang} lang
 * @param {Shop} shop
 */
async function photographPopups(browser, lang, shop) {
  const { lan, stop } = await openShop(shop);
  try {
    const codes = JSON.parse(tablebell(shop, "table", "list", "--json")).map((/** @type {any} */ one) => one.code);
    const order = async (/** @type {number} */ table, /** @type {number[]} */ dishes, note = "") => {
      const { page, context } = await openPhone(browser, `${lan}/t/${codes[table]}`, LOCALES[lang]);
      for (const dish of dishes) await addDish(page, dish);
      await openSheet(page, "cart");
      await page.locator("dialog.cart[open] input[name=remark]").fill(note);
      await submitCart(page);
      await context.close();
    };
    const health = async () => (await fetch(`${lan}/healthz`)).json();
    await eventually(async () => (await health()).popup.ok, "popups are shown");
    await order(0, [0, 0, 1], NOTES[lang]);
    const shots = [await shoot(shop, 1)];
    for (const table of [1, 2]) await order(table, [table + 1]);
    shots.push(await shoot(shop, 2));
    await shop.desk.stopSound();
    await eventually(async () => !(await health()).sound.ok, "nothing is heard");
    await order(3, [4]);
    shots.push(await shoot(shop, 3));
    const path = pathOf("popup", lang);
    execFileSync("convert", [...shots, "-background", "white", "-gravity", "north", ...GAP, "+append", path]);
    finish(path);
  } finally {
    await stop();
  }
}

/**
 * @param {Shop} shop
 * @param {number} number
 * @returns {Promise<string>} the picture of its popups, once they are still
 */
async function shoot({ home, desk }, number) {
  const path = join(home, `popup-${number}.png`);
  let before = "";
  await eventually(async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    execFileSync("import", ["-display", desk.display, "-window", "root", path]);
    execFileSync("convert", [path, ...TRIM, path]);
    const now = readFileSync(path, "base64");
    const still = now === before;
    before = now;
    return still;
  }, "popups that are still");
  return path;
}

const browser = await startBrowser();
try {
  for (const lang of LANGS) {
    const shop = foundShop(lang);
    if (lang === "zh") photographCards(shop);
    await photographPopups(browser, lang, shop);
  }
} finally {
  await browser.close();
}
