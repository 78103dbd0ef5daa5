// What can be done with a table, and the small questions that asks.

import { h } from "../../shared/dom.js";
import { formatFen } from "../../shared/money.js";
import { elapsed, toMillis } from "../../shared/time.js";
import { may, submits } from "../parts.js";
import { isOffered, screenOf } from "./map-view.js";
import { buttons, field, numberOf, reasonField, screenHead, tableOf, troubleLine } from "./parts.js";
import { formOf, freeTables, nextStep, owedFen, takenTables } from "./room-state.js";

/** @import {Child, VElement} from "../../shared/dom.js" */
/** @import {TableRow} from "../../types.js" */
/** @import {RoomCtx} from "./parts.js" */
/** @import {FormKind, FormScreen, Screen, Step} from "./room-state.js" */
/** @import {RoomKey} from "./words.js" */

/**
 * @param {RoomCtx} ctx
 * @param {TableRow} table
 * @returns {VElement}
 */
export function tableScreen(ctx, table) {
  const { counter, t } = ctx;
  const { seatingId, heads, openedAt, phones, tableNumber } = table;
  const taken = seatingId !== null;
  const owed = owedFen(table);
  const about = [
    t(table.state),
    taken && heads ? t("heads", { count: heads }) : "",
    taken && openedAt ? t("sat", { time: elapsed(counter.now - toMillis(openedAt), counter.lang) }) : "",
    phones > 0 ? t("phones", { count: phones }) : "",
    owed > 0 ? formatFen(owed) : "",
  ]
    .filter(Boolean)
    .join(" · ");
  /** @type {Step[]} */
  const steps = taken ? ["order", "bill", "clear"] : ["open", "order"];
  /** @type {[FormKind, RoomKey, string][]} */
  const forms = [
    ["transfer", "transfer", "POST table/transfer"],
    ["merge", "merge", "POST table/merge"],
    ["heads", "changeHeads", "PUT table/heads/*"],
  ];
  return h(
    "div",
    { class: "table-screen" },
    screenHead(ctx, tableNumber, h("span", { key: "about", class: "about" }, about)),
    h(
      "div",
      { class: "choices-grid" },
      steps
        .filter((step) => isOffered(ctx, step))
        .map((step) => bigButton(ctx, step, t(step), screenOf(step, table), step === nextStep(table))),
      taken &&
        forms
          .filter(([, , needs]) => may(counter, needs))
          .map(([kind, word]) =>
            bigButton(
              ctx,
              kind,
              t(word),
              formOf(kind, table.tableId, kind === "heads" ? { heads: String(heads ?? "") } : {}),
              false,
            ),
          ),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {string} key
 * @param {string} label
 * @param {Screen} screen
 * @param {boolean} next whether it is the usual one
 * @returns {VElement}
 */
function bigButton({ send }, key, label, screen, next) {
  return h(
    "button",
    {
      key,
      type: "button",
      class: next ? "primary big" : "secondary big",
      "data-do": key,
      "data-first": next ? "" : null,
      onclick: () => send({ type: "show", screen }),
    },
    label,
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {FormScreen} screen
 * @returns {VElement}
 */
export function formScreen(ctx, screen) {
  const { send } = ctx;
  const table = numberOf(ctx, screen.tableId);
  const { title, yes, body, tone, ready = true } = formParts(ctx, screen, table);
  /** @type {Screen | null} */
  const from = screen.kind === "edit" || screen.kind === "rotate" ? null : { kind: "table", tableId: screen.tableId };
  return h(
    "form",
    { class: "screen-form", onsubmit: submits(() => ready && send({ type: "go" })) },
    screenHead(ctx, title),
    body,
    troubleLine(ctx, screen.trouble),
    buttons(ctx, { type: "show", screen: from }, yes, {
      busy: screen.waiting || !ready,
      tone,
      first: screen.kind === "clear" || screen.kind === "rotate",
    }),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {FormScreen} screen
 * @param {string} table
 * @returns {{title: string, yes: string, body: Child, tone?: "primary" | "danger", ready?: boolean}}
 */
function formParts(ctx, screen, table) {
  const { counter, t } = ctx;
  const { kind, tableId, draft } = screen;
  switch (kind) {
    case "open":
      return { title: t("openAsk", { table }), yes: t("openGo"), body: headsFields(ctx, draft) };
    case "heads":
      return { title: t("headsAsk", { table }), yes: t("save"), body: headsFields(ctx, draft) };
    case "transfer":
      return {
        title: t("transferAsk", { table }),
        yes: t("transferGo"),
        ready: Boolean(draft.other),
        body: [
          h("p", { key: "text" }, t("transferText")),
          tableChoice(ctx, draft, freeTables(counter.tables, tableId), "transferNone"),
        ],
      };
    case "merge":
      return {
        title: t("mergeAsk", { table }),
        yes: t("mergeGo"),
        ready: Boolean(draft.other),
        body: [
          h("p", { key: "text" }, t("mergeText", { table })),
          tableChoice(ctx, draft, takenTables(counter.tables, tableId), "mergeNone"),
        ],
      };
    case "clear":
      return { title: t("clearAsk", { table }), yes: t("clear"), tone: "danger", body: clearText(ctx, screen) };
    case "edit":
      return {
        title: tableId === 0 ? t("addAsk") : t("editAsk", { table }),
        yes: t("save"),
        body: editFields(ctx, screen),
      };
    case "retire":
      return {
        title: t("retireAsk", { table }),
        yes: t("retire"),
        tone: "danger",
        body: h("p", { key: "text", class: "warning" }, t("retireText")),
      };
    case "rotate":
      return {
        title: t("rotateAsk", { table }),
        yes: t("rotate"),
        tone: "danger",
        body: [
          h("p", { key: "text", class: "warning" }, t("rotateText", { table })),
          h(
            "p",
            { key: "print" },
            t("rotatePrint"),
            h(
              "code",
              { class: "command" },
              printCommand(table).map((word) => h("span", null, word)),
            ),
          ),
        ],
      };
  }
}

/**
 * @param {RoomCtx} ctx
 * @param {Record<string, string>} draft
 * @returns {Child}
 */
function headsFields(ctx, draft) {
  const { send } = ctx;
  return [
    h(
      "div",
      { key: "usual", class: "usual heads" },
      [1, 2, 3, 4, 5, 6, 8, 10].map((count) =>
        h(
          "button",
          {
            key: count,
            type: "button",
            class: "secondary",
            "aria-pressed": String(draft.heads === String(count)),
            onclick: () => send({ type: "draft", name: "heads", value: String(count) }),
          },
          count,
        ),
      ),
    ),
    field(ctx, "heads", ctx.t("headsField"), draft, {
      inputmode: "numeric",
      pattern: "[1-9]\\d?",
      required: true,
      "data-first": "",
    }),
  ];
}

/**
 * @param {RoomCtx} ctx
 * @param {Record<string, string>} draft
 * @param {TableRow[]} tables
 * @param {RoomKey} none
 * @returns {VElement}
 */
function tableChoice({ t, send }, draft, tables, none) {
  if (tables.length === 0) return h("p", { key: "none", class: "empty" }, t(none));
  return h(
    "div",
    { key: "tables", class: "usual tables-choice", role: "group" },
    tables.map(({ tableId, tableNumber }, index) =>
      h(
        "button",
        {
          key: tableId,
          type: "button",
          class: "secondary",
          "aria-pressed": String(draft.other === String(tableId)),
          "data-first": index === 0 ? "" : null,
          onclick: () => send({ type: "draft", name: "other", value: String(tableId) }),
        },
        tableNumber,
      ),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {FormScreen} screen
 * @returns {Child}
 */
function clearText(ctx, { tableId, draft, trouble }) {
  const { t } = ctx;
  const table = tableOf(ctx, tableId);
  const owed = table ? owedFen(table) : 0;
  const owes = owed > 0 || (trouble !== null && "code" in trouble && trouble.code === "TABLE_OWES");
  return [
    h("p", { key: "text" }, t("clearText")),
    table &&
      table.unconfirmed > 0 &&
      h("p", { key: "new", class: "warning" }, t("clearUnconfirmed", { count: table.unconfirmed })),
    owed > 0 && h("p", { key: "owes", class: "warning" }, t("clearOwes", { amount: formatFen(owed) })),
    owes && reasonField(ctx, draft, ["reasonWalked", "reasonOnAccount", "reasonTest"]),
  ];
}

/**
 * @param {RoomCtx} ctx
 * @param {FormScreen} screen
 * @returns {Child}
 */
function editFields(ctx, { tableId, draft }) {
  const { counter, t, send } = ctx;
  const areas = [...new Set(counter.tables.map((table) => table.area).filter(Boolean))];
  const table = tableOf(ctx, tableId);
  return [
    field(ctx, "tableNumber", t("tableNumber"), draft, { required: true, maxlength: 12, "data-first": "" }),
    areas.length > 0 &&
      h(
        "div",
        { key: "areas", class: "usual" },
        areas.map((area) =>
          h(
            "button",
            {
              key: area,
              type: "button",
              class: "secondary",
              "aria-pressed": String(draft.area === area),
              onclick: () => send({ type: "draft", name: "area", value: area }),
            },
            area,
          ),
        ),
      ),
    field(ctx, "area", t("area"), draft, { maxlength: 12 }),
    field(ctx, "seats", t("seatsField"), draft, { inputmode: "numeric", pattern: "\\d{1,2}", required: true }),
    table &&
      table.seatingId === null &&
      may(counter, "DELETE table/*") &&
      h(
        "button",
        {
          key: "retire",
          type: "button",
          class: "quiet",
          onclick: () => send({ type: "show", screen: formOf("retire", tableId) }),
        },
        t("retire"),
      ),
  ];
}

/**
 * @param {string} table
 * @returns {string[]} words as a shell takes them, whatever the table is called; a line breaks between them only
 */
function printCommand(table) {
  const [name, file] = [table, `${table}.pdf`].map((word) =>
    /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return ["tablebell ", "qr ", `--table ${name} `, `--pdf ${file}`];
}
