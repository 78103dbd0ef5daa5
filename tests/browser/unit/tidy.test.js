// What the pages promise about their own sources, read from the sources.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { ERRORS } from "../../../assets/js/shared/words.js";

const ASSETS = fileURLToPath(new URL("../../../assets/", import.meta.url));
const scripts = readdirSync(join(ASSETS, "js"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".js"))
  .map((name) => join("js", name));
const read = (/** @type {string} */ name) => readFileSync(join(ASSETS, name), "utf8");

/**
 * @param {string} entry
 * @param {Set<string>} [seen]
 * @returns {Set<string>} every module a page fetches before it draws anything
 */
function reach(entry, seen = new Set()) {
  return follow(entry, /^import [^"]*"(\.[^"]+)";/gm, seen);
}

/**
 * @param {string} entry
 * @returns {Set<string>} every module a page fetches, those too that it can do without at first
 */
function reachAll(entry) {
  return follow(entry, /(?:^import [^"]*|await import\()"(\.[^"]+)"/gm, new Set());
}

/**
 * @param {string} entry
 * @param {RegExp} imports
 * @param {Set<string>} seen
 * @returns {Set<string>}
 */
function follow(entry, imports, seen) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const [, target] of read(entry).matchAll(imports))
    follow(normalize(join(dirname(entry), String(target))), imports, seen);
  return seen;
}

test("nothing parses HTML or runs text as code", () => {
  for (const name of scripts) {
    assert.doesNotMatch(
      read(name),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function/,
      name,
    );
  }
});

test("state is pure: no clock, chance, network or document", () => {
  const pure = scripts.filter((name) =>
    /(state|seat|outbox|queries|choosing|ordering|paying|steps|tickets|words|merge|money)\.js$/.test(name),
  );
  assert.ok(pure.length >= 12);
  for (const name of pure) {
    assert.doesNotMatch(
      read(name),
      /\b(Date\.now|Math\.random|fetch\(|document\.|window\.|localStorage|sessionStorage|crypto\.)/,
      name,
    );
  }
});

const PAGES = ["phone", "counter", "member"];

test("the pages share only what is shared", () => {
  for (const page of PAGES) {
    const others = PAGES.filter((other) => other !== page);
    for (const name of reachAll(`js/${page}.js`))
      assert.ok(
        others.every((other) => !name.startsWith(`js/${other}`)),
        name,
      );
  }
});

/** Their modules come in one script, joined by the daemon: nothing is left to preload. */
const joined = ["phone"];

for (const page of PAGES) {
  test(`${page}.html: modules are preloaded exactly, nothing is inline, nothing is foreign`, () => {
    const html = read(`${page}.html`);
    const preloaded = [...html.matchAll(/modulepreload" href="\/assets\/\{\{hash\}\}\/([^"]+)"/g)]
      .map((match) => String(match[1]))
      .sort();
    const needed = joined.includes(page)
      ? []
      : [...reach(`js/${page}.js`)].filter((name) => name !== `js/${page}.js`).sort();
    assert.deepEqual(preloaded, needed);
    assert.doesNotMatch(html, /<style|style=|\son\w+=|https?:|<script(?![^>]*\ssrc=)/);
    const compressed = [...reachAll(`js/${page}.js`)].reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
    assert.ok(compressed < 72_000, `${compressed} bytes of compressed JavaScript`);
  });
}

test("the phone's menu needs none of what opens over it", () => {
  const first = reach("js/phone.js");
  const later = [...reachAll("js/phone.js")].filter((name) => !first.has(name));
  for (const name of ["sheets", "cart-view", "orders-view", "bill-view", "pay-view", "call-view", "chooser-view"]) {
    assert.ok(later.includes(`js/phone/${name}.js`), name);
  }
});

test("of errors the pages word what they find themselves, and nothing that the daemon says", () => {
  const raised = [
    /new Refused\(\d+, "([A-Z_]+)"/g,
    /\bcode: "([A-Z_]+)"/g,
    /error \?\? .*?"([A-Z_]+)"/g,
    /\? "([A-Z]+)" : "INTERNAL"/g,
    /: "(INTERNAL)"\)/g,
  ];
  const text = scripts.map(read).join("\n");
  const codes = new Set(raised.flatMap((way) => [...text.matchAll(way)].map((match) => String(match[1]))));
  assert.deepEqual(Object.keys(ERRORS.zh).sort(), [...codes].sort());
});

test("every word of a page's dictionary is shown somewhere", async () => {
  const code = scripts
    .filter((name) => !name.endsWith("words.js"))
    .map(read)
    .join("\n");
  let seen = 0;
  for (const name of scripts.filter((one) => one.endsWith("words.js"))) {
    const tables = Object.entries(await import(join(ASSETS, name))).filter(([table]) => table.endsWith("_WORDS"));
    for (const [table, words] of tables) {
      // By its name, or as one of a family: `kind_${kind}`.
      const family = (/** @type {string} */ key) => `\`${key.split("_")[0]}_\${`;
      const shown = (/** @type {string} */ key) =>
        code.includes(`"${key}"`) || (key.includes("_") && code.includes(family(key)));
      assert.deepEqual(
        Object.keys(words.zh).filter((key) => !shown(key)),
        [],
        table,
      );
      seen += Object.keys(words.zh).length;
    }
  }
  assert.ok(seen > 700, `${seen} words`);
});

test("style sheets fetch nothing", () => {
  for (const name of readdirSync(join(ASSETS, "css"))) {
    assert.doesNotMatch(read(join("css", name)), /@import|url\(|@font-face/, name);
  }
});
