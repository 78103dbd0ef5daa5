// What is done with a bill before it is paid: reductions, and splitting it.

import { h } from "../../shared/dom.js";
import { formatFen, toYuan } from "../../shared/money.js";
import { submits } from "../parts.js";
import { oddFen, picksFen, portions, unpicked } from "./bill-state.js";
import { buttons, field, numberOf, reasonField, troubleLine } from "./parts.js";

/** @import {Child, VElement} from "../../shared/dom.js" */
/** @import {Bill} from "../../types.js" */
/** @import {BillScreen, DiscountPanel, Panel, Portion, SplitPanel} from "./bill-state.js" */
/** @import {RoomCtx} from "./parts.js" */
/** @import {RoomKey} from "./words.js" */

/** @type {[string, RoomKey][]} what comes off, in percent */
const USUAL = [
  ["10", "percent10"],
  ["15", "percent15"],
  ["20", "percent20"],
  ["50", "percent50"],
];

/**
 * @param {RoomCtx} ctx
 * @param {BillScreen} screen
 * @param {Bill} bill
 * @param {Exclude<Panel, {kind: "take"}>} panel
 * @returns {VElement}
 */
export function panelForm(ctx, screen, bill, panel) {
  const { send } = ctx;
  const { title, yes, body } = panelParts(ctx, screen, bill, panel);
  return h(
    "form",
    {
      key: panel.kind,
      class: `panel-form ${panel.kind}`,
      onsubmit: submits(() => !screen.waiting && send({ type: "go" })),
    },
    h("h3", null, title),
    body,
    troubleLine(ctx, screen.trouble),
    buttons(ctx, { type: "panel", panel: null }, yes, {
      busy: screen.waiting,
      tone: panel.kind === "undo" ? "danger" : "primary",
      first: panel.kind === "undo",
    }),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {BillScreen} screen
 * @param {Bill} bill
 * @param {Exclude<Panel, {kind: "take"}>} panel
 * @returns {{title: string, yes: string, body: Child}}
 */
function panelParts(ctx, screen, bill, panel) {
  const { t } = ctx;
  const table = numberOf(ctx, screen.tableId);
  switch (panel.kind) {
    case "discount":
      return { title: t("discountAsk", { table }), yes: t("discountGo"), body: discountFields(ctx, bill, panel) };
    case "free":
      return {
        title: t("freeAsk", { name: panel.name }),
        yes: t("freeGo"),
        body: reasonField(ctx, panel.draft, ["reasonDish", "reasonSlow", "reasonRegular"]),
      };
    case "undo":
      return panel.fee
        ? { title: t("waiveAsk"), yes: t("waive"), body: false }
        : { title: t("undoAsk"), yes: t("undo"), body: false };
    case "giveBack":
      return {
        title: t("giveBackAsk", { label: panel.label }),
        yes: t("giveBackGo"),
        body: reasonField(ctx, panel.draft, ["reasonOtherWay", "reasonMistake"], false),
      };
    case "split":
      return { title: t("splitAsk", { table }), yes: t("splitGo"), body: splitFields(ctx, bill, panel) };
  }
}

/**
 * @param {RoomCtx} ctx
 * @param {Bill} bill
 * @param {DiscountPanel} panel
 * @returns {Child}
 */
function discountFields(ctx, bill, { draft }) {
  const { t, send } = ctx;
  const odd = oddFen(bill);
  const set = (/** @type {string} */ percent, /** @type {string} */ amount) => () => {
    send({ type: "draft", name: "percent", value: percent });
    send({ type: "draft", name: "amount", value: amount });
  };
  return [
    h(
      "div",
      { key: "usual-off", class: "usual" },
      USUAL.map(([percent, word], index) =>
        h(
          "button",
          {
            key: percent,
            type: "button",
            class: "secondary",
            "aria-pressed": String(draft.percent === percent),
            "data-first": index === 0 ? "" : null,
            onclick: set(percent, ""),
          },
          t(word),
        ),
      ),
      odd > 0 &&
        h(
          "button",
          {
            key: "odd",
            type: "button",
            class: "secondary",
            "aria-pressed": String(draft.amount === toYuan(odd).toFixed(2)),
            onclick: set("", toYuan(odd).toFixed(2)),
          },
          t("odd", { amount: formatFen(odd) }),
        ),
    ),
    h(
      "div",
      { key: "fields", class: "two" },
      field(ctx, "percent", t("percentField"), draft, { inputmode: "numeric", pattern: "[1-9]\\d?" }),
      field(ctx, "amount", t("amountField"), draft, { inputmode: "decimal", pattern: "\\d{1,7}([.]\\d{1,2})?" }),
    ),
    reasonField(ctx, draft, ["reasonRegular", "reasonSlow", "reasonDish", "reasonEvent"]),
  ];
}

/**
 * @param {RoomCtx} ctx
 * @param {Bill} bill
 * @param {SplitPanel} panel
 * @returns {Child}
 */
function splitFields(ctx, bill, panel) {
  const { t, send } = ctx;
  const ways = /** @type {const} */ ([
    ["head", "splitHead"],
    ["item", "splitItem"],
  ]);
  return [
    h(
      "div",
      { key: "by", class: "usual", role: "group" },
      ways.map(([by, word], index) =>
        h(
          "button",
          {
            key: by,
            type: "button",
            class: "secondary",
            "aria-pressed": String(panel.by === by),
            "data-first": index === 0 ? "" : null,
            onclick: () => send({ type: "split.by", by }),
          },
          t(word),
        ),
      ),
    ),
    panel.by === "head"
      ? field(
          ctx,
          "heads",
          t("splitHeads"),
          { heads: panel.heads },
          { inputmode: "numeric", pattern: "([2-9]|[1-9]\\d)", required: true },
        )
      : itemFields(ctx, portions(bill), panel),
  ];
}

/**
 * @param {RoomCtx} ctx
 * @param {Portion[]} all
 * @param {SplitPanel} panel
 * @returns {Child}
 */
function itemFields({ t, send }, all, { picks, current }) {
  const rest = Object.fromEntries(all.map((portion) => [portion.key, unpicked(portion, picks)]));
  return [
    h("p", { key: "hint", class: "fine" }, t("splitHint")),
    h(
      "div",
      { key: "parts", class: "usual", role: "group", "aria-label": t("split") },
      picks.map((one, index) =>
        h(
          "button",
          {
            key: index,
            type: "button",
            class: "secondary",
            "aria-pressed": String(index === current),
            onclick: () => send({ type: "split.part", index }),
          },
          t("partNumber", { n: index + 1 }),
          " ",
          h("span", { class: "price" }, formatFen(picksFen(all, one))),
        ),
      ),
      h(
        "span",
        { key: "rest", class: "rest" },
        t("splitRest"),
        " ",
        h("span", { class: "price" }, formatFen(picksFen(all, rest))),
      ),
      h(
        "button",
        { key: "more", type: "button", class: "quiet", onclick: () => send({ type: "split.more" }) },
        t("splitMore"),
      ),
    ),
    h(
      "ul",
      { key: "items", class: "plain picks" },
      all.map((portion) => pickLine({ t, send }, portion, picks, current)),
    ),
  ];
}

/**
 * @param {Pick<RoomCtx, "t" | "send">} ctx
 * @param {Portion} portion
 * @param {SplitPanel["picks"]} picks
 * @param {number} current
 * @returns {VElement}
 */
function pickLine({ t, send }, portion, picks, current) {
  const { key, item } = portion;
  const left = unpicked(portion, picks);
  const mine = picks[current]?.[key] ?? 0;
  const about = { n: current + 1, name: item.cuisineName };
  return h(
    "li",
    { key, class: "pick", "data-pick": key },
    h("span", { class: "dish-name" }, item.cuisineName, h("span", { class: "dish-note" }, t("left", { count: left }))),
    h(
      "button",
      {
        key: "less",
        type: "button",
        class: "secondary round",
        "aria-label": t("unpickFor", about),
        "aria-disabled": mine === 0 ? "true" : null,
        onclick: mine === 0 ? undefined : () => send({ type: "split.pick", key, by: -1 }),
      },
      "−",
    ),
    h("output", { class: "count" }, mine),
    h(
      "button",
      {
        key: "more",
        type: "button",
        class: "secondary round",
        "aria-label": t("pickFor", about),
        "aria-disabled": left === 0 ? "true" : null,
        onclick: left === 0 ? undefined : () => send({ type: "split.pick", key, by: 1 }),
      },
      "+",
    ),
  );
}
