// 会员: cards are found, filled and scanned here.

import { h } from "../../shared/dom.js";
import { translator } from "../../shared/i18n.js";
import { parseYuan } from "../../shared/money.js";
import { keeper } from "../keeper.js";
import {
  action,
  choice,
  draftOf,
  field,
  formSheet,
  grid,
  money,
  noteSheet,
  row,
  saidLine,
  searchField,
} from "../office/kit.js";
import { may, submits, textOf } from "../parts.js";
import { MembersHands } from "./effects.js";
import { applyMembers, FIRST_MEMBERS, memberForm } from "./state.js";
import { MEMBER_WORDS } from "./words.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {Kept} from "../keeper.js" */
/** @import {Ctx} from "../parts.js" */
/** @import {OpenView, Port} from "../views.js" */
/** @import {MemberCard} from "../../types.js" */
/** @import {LinkNote, Member, MemberForm, MembersEvent, MembersIntent, MembersState, MoneyForm} from "./state.js" */
/** @import {MemberKey} from "./words.js" */

/** @typedef {{state: MembersState, t: Translate<MemberKey>, send: (message: MembersIntent) => void, offers: (route: string) => boolean}} MembersCtx */

const YUAN = { inputmode: "decimal", pattern: "\\d{1,6}([.]\\d{1,2})?", placeholder: "0.00" };

/** @type {Record<string, MemberKey>} */
const ACTS = {
  topup: "topup",
  gift: "gift",
  correction: "correct",
  scan: "used",
  payment: "payment",
  refund: "refund",
};

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open(port) {
  /** @type {Kept<MembersState, MembersIntent | MembersEvent>} */
  const members = keeper(FIRST_MEMBERS, applyMembers, (message) => hands.after(message), port.draw);
  const hands = new MembersHands({ port, ...members });
  const within = (/** @type {Ctx} */ { state }) => ({
    state: members.state(),
    t: translator(MEMBER_WORDS, state.lang),
    send: members.send,
    offers: (/** @type {string} */ route) => may(state, route),
  });
  const refresh = () => hands.refresh();
  return {
    enter: refresh,
    refresh,
    leave: () => hands.stop(),
    render: (ctx) => membersRegions(within(ctx)),
    dialogs: (ctx) => [membersSheet(within(ctx))],
  };
}

/**
 * @param {MembersCtx} ctx
 * @returns {VElement[]}
 */
function membersRegions(ctx) {
  return [scanRegion(ctx), listRegion(ctx)];
}

/**
 * @param {MembersCtx} ctx
 * @returns {VElement | null}
 */
function membersSheet(ctx) {
  const { form } = ctx.state;
  switch (form?.kind) {
    case "member":
      return memberSheet(ctx, form);
    case "topup":
      return topupSheet(ctx, form);
    case "correct":
      return correctSheet(ctx, form);
    case "card":
      return cardSheet(ctx, form.card);
    case "link":
      return linkSheet(ctx, form);
  }
  return null;
}

/**
 * A scanner types like a keyboard, and ends with Enter.
 *
 * @param {MembersCtx} ctx
 * @returns {VElement}
 */
function scanRegion(ctx) {
  const { state, t, send } = ctx;
  const { scan, camera } = state;
  const go = (/** @type {HTMLFormElement} */ form) => {
    const code = textOf(form, "code");
    form.reset();
    if (code) send({ type: "scan", code });
  };
  return h(
    "section",
    { key: "scan", class: "region office scan", "data-region": "scan", "aria-labelledby": "scan-title" },
    h(
      "header",
      { class: "region-head" },
      h("h2", { id: "scan-title", tabindex: -1 }, t("scan")),
      action(ctx, t(camera === "on" ? "cameraOff" : "camera"), () => send({ type: "camera.turn" }), {
        "aria-pressed": String(camera === "on"),
      }),
    ),
    h(
      "form",
      { class: "scan-form", onsubmit: submits(go) },
      h(
        "label",
        { class: "field" },
        h("span", null, t("code")),
        h("input", { name: "code", autocomplete: "off", spellcheck: "false", "aria-describedby": "scan-hint" }),
      ),
      h("button", { type: "submit", class: "primary" }, t("take")),
    ),
    h("p", { id: "scan-hint", class: "fine" }, t(camera === "none" ? "cameraNone" : "scanHint")),
    h(
      "div",
      { key: "camera", class: "camera", hidden: camera !== "on" },
      h("video", { playsinline: true, "aria-label": t("camera") }),
    ),
    h(
      "p",
      {
        key: "result",
        class: scan ? `scan-result ${scan.status === 0 ? "good" : "bad"}` : "scan-result",
        role: "status",
        "aria-live": "assertive",
      },
      scan && `${scan.name ?? ""} ${scan.text} ${t("remaining", { count: scan.remaining })}`,
    ),
  );
}

/**
 * @param {MembersCtx} ctx
 * @returns {VElement}
 */
function listRegion(ctx) {
  const { state, t, send, offers } = ctx;
  const { members, total, search } = state;
  return h(
    "section",
    { key: "members", class: "region office", "data-region": "members", "aria-labelledby": "members-title" },
    h(
      "header",
      { class: "region-head" },
      h("h2", { id: "members-title", tabindex: -1 }, t("members")),
      searchField(
        t("search"),
        search,
        (typed) => send({ type: "search", search: typed }),
        () => send({ type: "look" }),
      ),
      h("span", { class: "fine" }, t("count", { total })),
      saidLine(ctx),
      offers("POST member") &&
        action(ctx, t("add"), () => send({ type: "open", form: memberForm() }), { class: "primary", key: "add" }),
    ),
    grid(
      t("members"),
      [t("name"), t("phone"), t("uses"), t("balance"), t("state"), t("do")],
      members.map((member) => memberRow(ctx, member)),
    ),
  );
}

/**
 * @param {MembersCtx} ctx
 * @param {Member} member
 * @returns {VElement}
 */
function memberRow(ctx, member) {
  const { t, send, offers } = ctx;
  const { userId, name, phone, uses, balance, enabled } = member;
  return row(userId, [
    name,
    phone,
    uses,
    money(balance),
    t(enabled ? "active" : "stopped"),
    h(
      "div",
      { class: "actions" },
      offers("POST member/topup") &&
        action(ctx, t("topup"), () => send({ type: "money", kind: "topup", member }), {
          key: "topup",
          "aria-label": t("topupOf", { name }),
        }),
      offers("POST member/topup") &&
        action(ctx, t("correct"), () => send({ type: "money", kind: "correct", member }), {
          key: "correct",
          "aria-label": t("correctOf", { name }),
        }),
      action(ctx, t("history"), () => send({ type: "history", member }), { "aria-label": t("historyOf", { name }) }),
      action(ctx, t("edit"), () => send({ type: "open", form: memberForm(member) }), {
        "aria-label": t("editOf", { name }),
      }),
      offers("POST member/token/*") &&
        action(ctx, t("link"), () => send({ type: "renew", member }), {
          key: "link",
          "aria-label": t("linkOf", { name }),
        }),
    ),
  ]);
}

/**
 * @param {MembersCtx} ctx
 * @param {MemberForm} form
 * @returns {VElement}
 */
function memberSheet(ctx, { id, fields }) {
  const { t } = ctx;
  const draft = draftOf(ctx, fields);
  return formSheet(
    ctx,
    { title: t(id ? "edit" : "add"), go: t("save"), back: t("back") },
    field(draft, "name", t("name"), { required: true, maxlength: 20 }),
    field(draft, "phone", t("phone"), { required: true, inputmode: "tel", pattern: "1[3-9]\\d{9}" }),
    id &&
      choice(draft, "enabled", t("state"), [
        ["1", t("active")],
        ["", t("stopped")],
      ]),
  );
}

/**
 * @param {MembersCtx} ctx
 * @param {MoneyForm} form
 * @returns {VElement}
 */
function topupSheet(ctx, { name, fields }) {
  const { t } = ctx;
  const draft = draftOf(ctx, fields);
  return formSheet(
    ctx,
    { title: t("topupOf", { name }), go: t("topup"), back: t("back") },
    field(draft, "amount", t("amount"), YUAN),
    field(draft, "uses", t("addUses"), { inputmode: "numeric", pattern: "\\d{0,4}", placeholder: "0" }),
    field(draft, "paid", t("paid"), { ...YUAN, required: true, hint: t("paidHint") }),
    choice(draft, "method", t("method"), [
      ["cash", t("cash")],
      ["terminal", t("terminal")],
    ]),
    h("p", { key: "gift", role: "status", class: "warning" }, parseYuan(fields.paid) === 0 && t("giftHint")),
  );
}

/**
 * What was put on a card wrongly, or is given back with the card, goes off it again; so does what was paid for it.
 *
 * @param {MembersCtx} ctx
 * @param {MoneyForm} form
 * @returns {VElement}
 */
function correctSheet(ctx, { name, fields }) {
  const { t } = ctx;
  const draft = draftOf(ctx, fields);
  return formSheet(
    ctx,
    { title: t("correctOf", { name }), go: t("correct"), back: t("back") },
    field(draft, "amount", t("amountOff"), YUAN),
    field(draft, "uses", t("usesOff"), { inputmode: "numeric", pattern: "\\d{0,4}", placeholder: "0" }),
    field(draft, "paid", t("paidBack"), { ...YUAN, required: true, hint: t("paidBackHint") }),
    choice(draft, "method", t("methodBack"), [
      ["cash", t("cash")],
      ["terminal", t("terminal")],
    ]),
    field(draft, "note", t("why"), { required: true, pattern: ".*\\S.*", maxlength: 100 }),
  );
}

/**
 * @param {MembersCtx} ctx
 * @param {MemberCard} card
 * @returns {VElement}
 */
function cardSheet(ctx, { name, balance, uses, entries }) {
  const { t } = ctx;
  return noteSheet(
    ctx,
    `${name} ${money(balance)} · ${t("remaining", { count: uses })}`,
    t("back"),
    grid(
      t("history"),
      [t("time"), t("what"), t("uses"), t("amount"), t("balance"), t("who")],
      entries.map((entry) =>
        row(entry.entryId, [
          entry.at,
          `${t(ACTS[entry.act] ?? "what")} ${entry.note}`.trim(),
          entry.uses || "",
          entry.amount ? money(entry.amount) : "",
          money(entry.balanceAfter),
          entry.actor,
        ]),
      ),
    ),
  );
}

/**
 * What a new member takes along: a code that opens the card's page. It is shown once.
 *
 * @param {MembersCtx} ctx
 * @param {LinkNote} note
 * @returns {VElement}
 */
function linkSheet(ctx, { link, name }) {
  const { t } = ctx;
  return noteSheet(
    ctx,
    t("linkFor", { name }),
    t("back"),
    h("p", null, t("linkHint")),
    h("img", {
      class: "link-code",
      src: `data:image/svg+xml,${encodeURIComponent(link.svg)}`,
      alt: t("linkFor", { name }),
    }),
  );
}
