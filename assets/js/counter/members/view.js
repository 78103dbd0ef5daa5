// 会员: cards are found, filled and scanned here.

import { h } from "../../shared/dom.js";
import { staffCall } from "../../shared/http.js";
import { translator } from "../../shared/i18n.js";
import { freshId } from "../../shared/ids.js";
import { parseYuan, toYuan } from "../../shared/money.js";
import { action, choice, field, formSheet, grid, money, noteSheet, openDesk, row, saidLine, searchField, text } from "../office/kit.js";
import { IDLE } from "../office/state.js";
import { may, submits, textOf } from "../parts.js";
import { Camera } from "./camera.js";
import { MEMBER_WORDS } from "./words.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {Desk} from "../office/kit.js" */
/** @import {Form, Office} from "../office/state.js" */
/** @import {Ctx} from "../parts.js" */
/** @import {OpenView, Port} from "../views.js" */
/** @import {MemberKey} from "./words.js" */

/** @typedef {{userId: number, name: string, phone: string, uses: number, balance: number, enabled: boolean}} Member */
/** @typedef {{entryId: number, kind: string, uses: number, amount: number, usesAfter: number, balanceAfter: number, act: string, note: string, actor: string, at: string}} Entry act: the kind, and of a top-up what it was */
/** @typedef {{status: number, text: string, remaining: number, name: string | null}} Scan */
/**
 * @typedef {object} Cards
 * @property {string} search
 * @property {Member[]} members
 * @property {number} total
 * @property {(Member & {entries: Entry[]}) | null} chosen
 * @property {Scan | null} scan the last one
 * @property {"off" | "on" | "none"} camera
 * @property {{url: string, svg: string, name: string} | null} link
 */
/** @typedef {Office & Cards} MemberState */
/** @typedef {{desk: Desk<MemberState>, t: Translate<MemberKey>, load: () => Promise<Partial<MemberState>>, camera: Camera, offers: (route: string) => boolean}} Here */

const PAGE = 50;
const YUAN = { inputmode: "decimal", pattern: "\\d{1,6}([.]\\d{1,2})?", placeholder: "0.00" };

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open(port) {
  const desk = openDesk(/** @type {MemberState} */ ({ ...IDLE, search: "", members: [], total: 0, chosen: null, scan: null, camera: "off", link: null }), port);
  const load = async () => {
    const search = encodeURIComponent(desk.state().search.trim());
    const { total, records } = await staffCall("GET", `/admin/member/page?page=1&pageSize=${PAGE}&name=${search}`);
    return { members: records, total };
  };
  let seen = { code: "", opId: "" };
  const camera = new Camera(async (code) => {
    // Sent again under its name where nothing was answered: it takes a use once.
    if (seen.code !== code) seen = { code, opId: freshId() };
    const outcome = await desk.act(() => scanned(code, seen.opId, load));
    return outcome === "done" || outcome === "refused";
  }, () => desk.tell({ camera: "none" }));
  const refresh = () => desk.fetch(load);
  const here = (/** @type {Ctx} */ ctx) => ({
    desk, load, camera, t: translator(MEMBER_WORDS, ctx.state.lang), offers: (/** @type {string} */ route) => may(ctx.state, route),
  });
  return {
    enter: refresh,
    refresh,
    leave: () => {
      camera.stop();
      desk.tell({ camera: "off" });
    },
    render: (ctx) => [scanRegion(here(ctx)), listRegion(here(ctx))],
    dialogs: (ctx) => [memberSheet(here(ctx)), topupSheet(here(ctx)), correctSheet(here(ctx)), cardSheet(here(ctx)), linkSheet(here(ctx))],
  };
}

/**
 * @param {string} code
 * @param {string} opId
 * @param {Here["load"]} load
 * @returns {Promise<Partial<MemberState>>}
 */
async function scanned(code, opId, load) {
  const scan = await staffCall("POST", "/admin/member/scan", { code, opId });
  return { ...(await load()), scan };
}

/**
 * A scanner types like a keyboard, and ends with Enter.
 *
 * @param {Here} here
 * @returns {VElement}
 */
function scanRegion({ desk, t, load, camera }) {
  const state = desk.state();
  const { scan } = state;
  const go = (/** @type {HTMLFormElement} */ form) => {
    const code = textOf(form, "code");
    form.reset();
    if (code) void desk.act(() => scanned(code, freshId(), load));
  };
  const turn = () => {
    const on = state.camera !== "on";
    desk.tell({ camera: on ? "on" : "off" });
    if (on) void camera.start(/** @type {HTMLVideoElement} */ (document.querySelector(".camera video")));
    else camera.stop();
  };
  return h("section", { key: "scan", class: "region office scan", "data-region": "scan", "aria-labelledby": "scan-title" },
    h("header", { class: "region-head" }, h("h2", { id: "scan-title", tabindex: -1 }, t("scan")),
      action(desk, t(state.camera === "on" ? "cameraOff" : "camera"), turn, { "aria-pressed": String(state.camera === "on") })),
    h("form", { class: "scan-form", onsubmit: submits(go) },
      h("label", { class: "field" }, h("span", null, t("code")), h("input", { name: "code", autocomplete: "off", spellcheck: "false", "aria-describedby": "scan-hint" })),
      h("button", { type: "submit", class: "primary" }, t("take"))),
    h("p", { id: "scan-hint", class: "fine" }, t(state.camera === "none" ? "cameraNone" : "scanHint")),
    h("div", { key: "camera", class: "camera", hidden: state.camera !== "on" }, h("video", { playsinline: true, "aria-label": t("camera") })),
    h("p", { key: "result", class: scan ? `scan-result ${scan.status === 0 ? "good" : "bad"}` : "scan-result", role: "status", "aria-live": "assertive" },
      scan && `${scan.name ?? ""} ${scan.text} ${t("remaining", { count: scan.remaining })}`));
}

/**
 * @param {Here} here
 * @returns {VElement}
 */
function listRegion({ desk, t, load, offers }) {
  const { members, total, search, said } = desk.state();
  const ask = (/** @type {string} */ kind, /** @type {Member} */ member) => desk.send({ type: "open", form: {
    kind, id: member.userId, fields: { name: member.name, phone: member.phone, enabled: member.enabled ? "1" : "", method: "cash", opId: freshId() },
  } });
  const show = (/** @type {number} */ id) => void desk.act(async () => ({ chosen: await staffCall("GET", `/admin/member/${id}`), form: { kind: "card", fields: {} } }));
  const renew = (/** @type {Member} */ { userId, name }) => void desk.act(async () => ({
    link: { ...(await staffCall("POST", `/admin/member/token/${userId}`)), name }, form: { kind: "link", fields: {} },
  }));
  return h("section", { key: "members", class: "region office", "data-region": "members", "aria-labelledby": "members-title" },
    h("header", { class: "region-head" },
      h("h2", { id: "members-title", tabindex: -1 }, t("members")),
      searchField(t("search"), search, (search) => desk.tell({ search }), () => void desk.act(load)),
      h("span", { class: "fine" }, t("count", { total })), saidLine(said),
      offers("POST member") && action(desk, t("add"), () => desk.send({ type: "open", form: { kind: "member", fields: {} } }), { class: "primary", key: "add" })),
    grid(t("members"), [t("name"), t("phone"), t("uses"), t("balance"), t("state"), t("do")], members.map((member) => row(member.userId, [
      member.name, member.phone, member.uses, money(member.balance), t(member.enabled ? "active" : "stopped"),
      h("div", { class: "actions" },
        offers("POST member/topup") && action(desk, t("topup"), () => ask("topup", member), { key: "topup", "aria-label": t("topupOf", { name: member.name }) }),
        offers("POST member/topup") && action(desk, t("correct"), () => ask("correct", member), { key: "correct", "aria-label": t("correctOf", { name: member.name }) }),
        action(desk, t("history"), () => show(member.userId), { "aria-label": t("historyOf", { name: member.name }) }),
        action(desk, t("edit"), () => ask("member", member), { "aria-label": t("editOf", { name: member.name }) }),
        offers("POST member/token/*") && action(desk, t("link"), () => renew(member), { key: "link", "aria-label": t("linkOf", { name: member.name }) })),
    ]))));
}

/**
 * @param {Here} here
 * @returns {VElement | null}
 */
function memberSheet({ desk, t, load }) {
  const { form } = desk.state();
  if (form?.kind !== "member") return null;
  const run = async (/** @type {Form} */ form) => {
    const about = { name: text(form, "name"), phone: text(form, "phone") };
    if (form.id) {
      await staffCall("PUT", "/admin/member", { userId: form.id, ...about, enabled: text(form, "enabled") === "1" });
      return { ...(await load()), form: null, said: t("saved", about) };
    }
    const link = await staffCall("POST", "/admin/member", about);
    return { ...(await load()), link: { ...link, name: about.name }, form: { kind: "link", fields: {} }, said: t("added", about) };
  };
  return formSheet(desk, { title: t(form.id ? "edit" : "add"), go: t("save"), back: t("back"), run },
    field(desk, "name", t("name"), { required: true, maxlength: 20 }),
    field(desk, "phone", t("phone"), { required: true, inputmode: "tel", pattern: "1[3-9]\\d{9}" }),
    form.id && choice(desk, "enabled", t("state"), [["1", t("active")], ["", t("stopped")]]));
}

/**
 * @param {Here} here
 * @returns {VElement | null}
 */
function topupSheet({ desk, t, load }) {
  const { form } = desk.state();
  if (form?.kind !== "topup") return null;
  const name = form.fields.name ?? "";
  const paid = parseYuan(text(form, "paid"));
  const run = async (/** @type {Form} */ form) => {
    const yuan = (/** @type {string} */ field) => toYuan(parseYuan(text(form, field)) ?? 0);
    await staffCall("POST", "/admin/member/topup", {
      userId: form.id, uses: Number(text(form, "uses") || 0), amount: yuan("amount"), paid: yuan("paid"), method: text(form, "method"), opId: text(form, "opId"),
    });
    return { ...(await load()), form: null, said: t("topped", { name }) };
  };
  return formSheet(desk, { title: t("topupOf", { name }), go: t("topup"), back: t("back"), run },
    field(desk, "amount", t("amount"), YUAN),
    field(desk, "uses", t("addUses"), { inputmode: "numeric", pattern: "\\d{0,4}", placeholder: "0" }),
    field(desk, "paid", t("paid"), { ...YUAN, required: true, hint: t("paidHint") }),
    choice(desk, "method", t("method"), [["cash", t("cash")], ["terminal", t("terminal")]]),
    h("p", { key: "gift", role: "status", class: "warning" }, paid === 0 && t("giftHint")));
}

/**
 * What was put on a card wrongly, or is given back with the card, goes off it again; so does what was paid for it.
 *
 * @param {Here} here
 * @returns {VElement | null}
 */
function correctSheet({ desk, t, load }) {
  const { form } = desk.state();
  if (form?.kind !== "correct") return null;
  const name = form.fields.name ?? "";
  const run = async (/** @type {Form} */ form) => {
    const off = (/** @type {string} */ field) => toYuan(-(parseYuan(text(form, field)) ?? 0)) || 0;
    await staffCall("POST", "/admin/member/topup", {
      userId: form.id, uses: -Number(text(form, "uses") || 0) || 0, amount: off("amount"), paid: off("paid"), method: text(form, "method"), note: text(form, "note"), opId: text(form, "opId"),
    });
    return { ...(await load()), form: null, said: t("corrected", { name }) };
  };
  return formSheet(desk, { title: t("correctOf", { name }), go: t("correct"), back: t("back"), run },
    field(desk, "amount", t("amountOff"), YUAN),
    field(desk, "uses", t("usesOff"), { inputmode: "numeric", pattern: "\\d{0,4}", placeholder: "0" }),
    field(desk, "paid", t("paidBack"), { ...YUAN, required: true, hint: t("paidBackHint") }),
    choice(desk, "method", t("methodBack"), [["cash", t("cash")], ["terminal", t("terminal")]]),
    field(desk, "note", t("why"), { required: true, pattern: ".*\\S.*", maxlength: 100 }));
}

/**
 * @param {Here} here
 * @returns {VElement | null}
 */
function cardSheet({ desk, t }) {
  const { form, chosen } = desk.state();
  if (form?.kind !== "card" || !chosen) return null;
  const acts = /** @type {Record<string, MemberKey>} */ ({
    topup: "topup", gift: "gift", correction: "correct", scan: "used", payment: "payment", refund: "refund",
  });
  return noteSheet(desk, `${chosen.name} ${money(chosen.balance)} · ${t("remaining", { count: chosen.uses })}`, t("back"),
    grid(t("history"), [t("time"), t("what"), t("uses"), t("amount"), t("balance"), t("who")], chosen.entries.map((entry) => row(entry.entryId, [
      entry.at, `${t(acts[entry.act] ?? "what")} ${entry.note}`.trim(), entry.uses || "", entry.amount ? money(entry.amount) : "", money(entry.balanceAfter), entry.actor,
    ]))));
}

/**
 * What a new member takes along: a code that opens the card's page. It is shown once.
 *
 * @param {Here} here
 * @returns {VElement | null}
 */
function linkSheet({ desk, t }) {
  const { form, link } = desk.state();
  if (form?.kind !== "link" || !link) return null;
  return noteSheet(desk, t("linkFor", { name: link.name }), t("back"),
    h("p", null, t("linkHint")),
    h("img", { class: "link-code", src: `data:image/svg+xml,${encodeURIComponent(link.svg)}`, alt: t("linkFor", { name: link.name }) }));
}
