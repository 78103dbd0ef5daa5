// 账目: a business day's money by provider and method, and how our ledger compares with the providers' bills.

import { h, whenFree } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { clock } from "../shared/time.js";
import { methodName, providerName } from "../shared/words.js";
import { backupPanel } from "./backup-view.js";
import { checksByDay } from "./till-state.js";

/** @import {Child, VElement} from "../shared/dom.js" */
/** @import {Difference, Ledger, LedgerEntry, LedgerTotal, Reconciliation} from "../types.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {Books} from "./till-state.js" */
/** @import {CounterKey} from "./words.js" */

/** @type {Record<string, CounterKey>} */
const DIFFERENCES = { missing_here: "missingHere", missing_there: "missingThere", amount: "amountDiffers" };

/**
 * @param {Ctx} ctx
 * @param {Books} books
 * @returns {VElement}
 */
export function booksRegion(ctx, books) {
  const { t, send } = ctx;
  const date = books.date || books.ledger?.date || "";
  return h(
    "section",
    { key: "books", class: "region books", "data-region": "books", "aria-labelledby": "books-title" },
    h(
      "header",
      { class: "region-head" },
      h("h2", { id: "books-title", tabindex: -1 }, t("books")),
      h(
        "label",
        { class: "day" },
        h("span", null, t("booksDay")),
        h("input", {
          type: "date",
          name: "day",
          value: date,
          onchange: (event) => send({ type: "books.date", date: event.target.value }),
        }),
      ),
    ),
    strayLine(ctx, books),
    books.ledger
      ? dayPanel(ctx, books.ledger)
      : h("p", { key: "loading", class: "empty", role: "status" }, t("loading")),
    checksPanel(ctx, books, date),
    backupPanel(ctx),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Books} books
 * @returns {VElement | false}
 */
function strayLine({ t, send }, { ledger }) {
  const stray = ledger?.stray ?? [];
  return (
    stray.length > 0 &&
    h(
      "p",
      { key: "stray", class: "warning" },
      t("strayDays"),
      stray.map((date) =>
        h(
          "button",
          { key: date, type: "button", class: "quiet", onclick: () => send({ type: "books.date", date }) },
          date,
        ),
      ),
    )
  );
}

/**
 * @param {Ctx} ctx
 * @param {Ledger} ledger
 * @returns {VElement}
 */
function dayPanel(ctx, ledger) {
  const { t } = ctx;
  return h(
    "div",
    { key: "day", class: "panel" },
    ledger.totals.length === 0
      ? h("p", { class: "empty" }, t("booksNone", { date: ledger.date }))
      : h(
          "table",
          { class: "sheet-table" },
          h("caption", null, t("booksTotals", { date: ledger.date })),
          h("thead", null, row("th", [t("way"), t("count"), t("paid"), t("refunds"), t("net")])),
          h(
            "tbody",
            null,
            ledger.totals.map((total) => totalRow(ctx, total)),
          ),
          h(
            "tfoot",
            null,
            row("td", [t("sum"), "", ...[ledger.paid, -Math.abs(ledger.refunded), ledger.net].map(yuan)]),
          ),
        ),
    ledger.entries.length > 0 &&
      h(
        "details",
        { key: "entries", class: "entries-fold" },
        h("summary", null, t("entries", { count: ledger.entries.length })),
        h(
          "table",
          { class: "sheet-table" },
          h("thead", null, row("th", [t("time"), t("order"), t("way"), t("by"), t("money")])),
          h(
            "tbody",
            null,
            ledger.entries.map((entry) => entryRow(ctx, entry)),
          ),
        ),
      ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {LedgerTotal} total
 * @returns {VElement}
 */
function totalRow({ state }, { provider, method, count, paid, refunded, net }) {
  const way = `${providerName(state.lang, provider)} · ${methodName(state.lang, method)}`;
  return row("td", [way, String(count), ...[paid, -Math.abs(refunded), net].map(yuan)], `${provider} ${method}`);
}

/**
 * @param {Ctx} ctx
 * @param {LedgerEntry} entry
 * @returns {VElement}
 */
function entryRow({ state }, { entryId, at, orderNumber, provider, method, actor, amount }) {
  return row(
    "td",
    [
      clock(at),
      orderNumber,
      `${providerName(state.lang, provider)} · ${methodName(state.lang, method)}`,
      actor,
      yuan(amount),
    ],
    entryId,
  );
}

/**
 * @param {"td" | "th"} tag
 * @param {Child[]} cells
 * @param {string | number} [key]
 * @returns {VElement}
 */
function row(tag, cells, key) {
  return h(
    "tr",
    { key },
    cells.map((cell, index) => h(tag, { key: index, ...(tag === "th" ? { scope: "col" } : {}) }, cell)),
  );
}

/**
 * @param {number | null} amount
 * @returns {string}
 */
function yuan(amount) {
  return amount === null ? "—" : formatFen(toFen(amount) || 0);
}

/**
 * @param {Ctx} ctx
 * @param {Books} books
 * @param {string} date the day that is shown, empty while it is not known
 * @returns {VElement}
 */
function checksPanel(ctx, books, date) {
  const { t } = ctx;
  const days = checksByDay(books);
  return h(
    "section",
    { key: "checks", class: "panel", "aria-labelledby": "checks-title" },
    h(
      "header",
      { class: "region-head" },
      h("h3", { id: "checks-title" }, t("checks")),
      date !== "" && !days.some(([day]) => day === date) && checkButton(ctx, date),
    ),
    h("p", { class: "fine" }, t("checksHint")),
    days.length === 0 && h("p", { key: "none", class: "empty" }, t("checksNone")),
    days.map(([day, checks]) =>
      h(
        "section",
        { key: day, class: "check-day", "data-day": day },
        h("header", { class: "region-head" }, h("h4", null, day), checkButton(ctx, day)),
        checks.map((one) => check(ctx, one)),
      ),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {string} date
 * @returns {VElement}
 */
function checkButton({ state, t, send }, date) {
  const busy = state.busy.includes("reconcile");
  return h(
    "button",
    {
      key: "check",
      type: "button",
      class: "secondary",
      ...whenFree(busy, () => send({ type: "reconcile", date })),
    },
    busy ? t("checkBusy") : t("checkAgain", { date }),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Reconciliation} one
 * @returns {VElement}
 */
function check({ state, t }, { provider, checkedAt, rows, differences, problem }) {
  const name = providerName(state.lang, provider);
  const time = clock(checkedAt);
  if (problem)
    return h("p", { key: provider, class: "check problem" }, t("checkProblem", { provider: name, problem, time }));
  if (differences.length === 0)
    return h("p", { key: provider, class: "check good" }, t("checkGood", { provider: name, rows, time }));
  return h(
    "div",
    { key: provider, class: "check" },
    h("p", { class: "problem" }, t("checkBad", { provider: name, count: differences.length, time })),
    h(
      "table",
      { class: "sheet-table differences" },
      h("thead", null, row("th", [t("difference"), t("tradeNumber"), t("ours"), t("theirs")])),
      h(
        "tbody",
        null,
        differences.map((one, index) => differenceRow(t, one, index)),
      ),
    ),
  );
}

/**
 * @param {Ctx["t"]} t
 * @param {Difference} difference
 * @param {number} index
 * @returns {VElement}
 */
function differenceRow(t, { kind, outTradeNo, reference, ours, theirs }, index) {
  const name = DIFFERENCES[kind];
  const numbers = [outTradeNo, h("br", null), h("span", { class: "fine" }, reference)];
  return row("td", [name ? t(name) : kind, numbers, yuan(ours), yuan(theirs)], index);
}
