// What a file would make of the menu, line by line: new names first looked for among those that change.

import { h } from "../../shared/dom.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {Becomes, Fate, Problem} from "../../types.js" */
/** @import {MenuKey} from "./words.js" */

/** So many lines are shown; how many more there are is said. */
const MOST = 200;
/** What has to be looked at comes first. @type {Record<Becomes, number>} */
const ORDER = { renamed: 0, new: 1, changed: 2, same: 3 };

/**
 * @param {Fate[]} lines
 * @returns {Fate[]} without those that stay as they are
 */
export function fatesToShow(lines) {
  return lines
    .filter((line) => line.becomes !== "same")
    .sort((a, b) => ORDER[a.becomes] - ORDER[b.becomes] || a.row - b.row);
}

/**
 * @param {Translate<MenuKey>} t
 * @param {Fate[]} lines
 * @returns {VElement}
 */
export function fateList(t, lines) {
  return list(t, "fates", fatesToShow(lines), (line) => {
    const { row, kind, name, from, detail } = line;
    if (line.becomes === "new") return t("lineNew", { row, kind, name });
    if (line.becomes === "renamed") return t("lineRenamed", { row, kind, name, from });
    return detail ? t("lineChanged", { row, kind, name, detail }) : t("lineTouched", { row, kind, name });
  });
}

/**
 * @param {Translate<MenuKey>} t
 * @param {Problem[]} problems
 * @returns {VElement}
 */
export function problemList(t, problems) {
  return list(t, "problems", problems, (one) => (one.row ? t("importProblem", one) : one.problem));
}

/**
 * @template T
 * @param {Translate<MenuKey>} t
 * @param {string} key
 * @param {T[]} all
 * @param {(one: T) => string} words
 * @returns {VElement}
 */
function list(t, key, all, words) {
  const rest = all.length - MOST;
  return h(
    "ul",
    { key, class: "import-lines", tabindex: 0 },
    all.slice(0, MOST).map((one, index) => h("li", { key: index }, words(one))),
    rest > 0 && h("li", { key: "rest" }, t("importMore", { rest })),
  );
}
