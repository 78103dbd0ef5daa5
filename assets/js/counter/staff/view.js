// 员工: who works here, in which role, and what was done that somebody may ask about.

import { h } from "../../shared/dom.js";
import { staffCall } from "../../shared/http.js";
import { translator } from "../../shared/i18n.js";
import { action, choice, field, formSheet, grid, openDesk, row, saidLine, text } from "../office/kit.js";
import { IDLE } from "../office/state.js";
import { may } from "../parts.js";
import { ACTS, STAFF_WORDS } from "./words.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {Role} from "../../types.js" */
/** @import {Desk} from "../office/kit.js" */
/** @import {Form, Office} from "../office/state.js" */
/** @import {Ctx} from "../parts.js" */
/** @import {OpenView, Port} from "../views.js" */
/** @import {StaffKey} from "./words.js" */

/** @typedef {{id: number, name: string, username: string, phone: string, role: Role, status: 0 | 1}} Person */
/** @typedef {{id: number, at: string, actor: string, act: string, target: string, detail: string}} Deed */
/** @typedef {Office & {people: Person[], deeds: Deed[], deedCount: number, page: number}} StaffState */
/** @typedef {{desk: Desk<StaffState>, t: Translate<StaffKey>, ctx: Ctx, look: () => Promise<Partial<StaffState>>}} Here `look` finds who is here and what was done, of now */

/** @type {Role[]} */
const ROLES = ["owner", "cashier", "waiter", "kitchen"];
const DEEDS_PAGE = 50;
const PEOPLE = "/admin/employee/page?page=1&pageSize=100";

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open(port) {
  const desk = openDesk(/** @type {StaffState} */ ({ ...IDLE, people: [], deeds: [], deedCount: 0, page: 1 }), port);
  const look = async () => ({ ...(await readPeople()), ...(await readDeeds(port, desk.state().page)) });
  const refresh = () => desk.fetch(look);
  const here = (/** @type {Ctx} */ ctx) => ({ desk, ctx, look, t: translator(STAFF_WORDS, ctx.state.lang) });
  const turn = (/** @type {number} */ page) => void desk.act(() => readDeeds(port, page));
  return {
    enter: refresh,
    refresh,
    render: (ctx) => [peopleRegion(here(ctx)), may(ctx.state, "GET audit") && deedsRegion(here(ctx), turn)],
    dialogs: (ctx) => [personSheet(here(ctx)), secretSheet(here(ctx))],
  };
}

/** @returns {Promise<Partial<StaffState>>} */
async function readPeople() {
  return { people: (await staffCall("GET", PEOPLE)).records };
}

/**
 * @param {Port} port
 * @param {number} page
 * @returns {Promise<Partial<StaffState>>}
 */
async function readDeeds(port, page) {
  if (!may(port.state(), "GET audit")) return {};
  const { total, records } = await staffCall("GET", `/admin/audit?page=${page}&pageSize=${DEEDS_PAGE}`);
  return { deeds: records, deedCount: total, page };
}

/**
 * @param {Here} here
 * @returns {VElement}
 */
function peopleRegion(here) {
  const { desk, t } = here;
  const { people, said } = desk.state();
  return h("section", { key: "people", class: "region office", "data-region": "staff", "aria-labelledby": "staff-title" },
    h("header", { class: "region-head" },
      h("h2", { id: "staff-title", tabindex: -1 }, t("staff")),
      saidLine(said),
      action(desk, t("add"), () => desk.send({ type: "open", form: personForm() }), { class: "primary", key: "add" })),
    grid(t("staff"), [t("name"), t("username"), t("role"), t("phone"), t("state"), t("do")], people.map((person) => personRow(here, person))));
}

/**
 * @param {Here} here
 * @param {Person} person
 * @returns {VElement}
 */
function personRow({ desk, t, look }, person) {
  const { id, name, username, role, phone, status } = person;
  const change = async () => {
    await staffCall("POST", `/admin/employee/status/${status ? 0 : 1}?id=${id}`);
    return { ...(await look()), said: t(status ? "stopped" : "started", { name }) };
  };
  const ask = (/** @type {string} */ kind) => desk.send({ type: "open", form: { kind, id, fields: { name } } });
  return row(id, [name, username, t(role), phone, t(status ? "active" : "inactive"), h("div", { class: "actions" },
    action(desk, t("edit"), () => desk.send({ type: "open", form: personForm(person) }), { "aria-label": t("editOf", { name }) }),
    action(desk, t("password"), () => ask("password"), { "aria-label": t("passwordOf", { name }) }),
    action(desk, t("pin"), () => ask("pin"), { "aria-label": t("pinOf", { name }) }),
    action(desk, t(status ? "stop" : "start"), () => void desk.act(change), { "aria-label": t(status ? "stopOf" : "startOf", { name }) }))]);
}

/**
 * @param {Person} [person]
 * @returns {Form}
 */
function personForm(person) {
  const { id = null, name = "", username = "", phone = "", role = "waiter" } = person ?? {};
  return { kind: "person", id, fields: { name, username, phone, role } };
}

/**
 * @param {Here} here
 * @returns {VElement | null}
 */
function personSheet({ desk, t, look }) {
  const { form } = desk.state();
  if (form?.kind !== "person") return null;
  const run = async (/** @type {Form} */ form) => {
    const name = text(form, "name");
    const person = { name, username: text(form, "username"), phone: text(form, "phone"), role: text(form, "role") };
    await (form.id ? staffCall("PUT", "/admin/employee", { id: form.id, ...person }) : staffCall("POST", "/admin/employee", person));
    return { ...(await look()), form: null, said: t(form.id ? "saved" : "added", { name }) };
  };
  return formSheet(desk, { title: t(form.id ? "edit" : "add"), go: t("save"), back: t("back"), run },
    field(desk, "name", t("name"), { required: true, maxlength: 20 }),
    field(desk, "username", t("username"), { required: true, pattern: "[a-z0-9]{3,20}", autocapitalize: "none", spellcheck: "false", hint: t("usernameHint") }),
    field(desk, "phone", t("phone"), { inputmode: "tel", pattern: "1[3-9]\\d{9}" }),
    choice(desk, "role", t("role"), ROLES.map((role) => [role, t(role)])),
    !form.id && h("p", { key: "hint", class: "fine" }, t("addHint")));
}

/**
 * A new password or PIN of somebody. It is not kept here longer than the dialog is open.
 *
 * @param {Here} here
 * @returns {VElement | null}
 */
function secretSheet({ desk, t, look }) {
  const { form } = desk.state();
  if (form?.kind !== "password" && form?.kind !== "pin") return null;
  const { kind, id } = form;
  const name = form.fields.name ?? "";
  const run = async (/** @type {Form} */ form) => {
    await staffCall("PUT", `/admin/employee/${kind}`, { id, [kind]: text(form, "secret") });
    return { ...(await look()), form: null, said: t(kind === "pin" ? "pinSet" : "passwordSet", { name }) };
  };
  const rule = kind === "pin" ? { inputmode: "numeric", pattern: "\\d{4,6}", hint: t("pinHint") } : { minlength: 6, maxlength: 64, hint: t("passwordHint") };
  return formSheet(desk, { title: t(kind === "pin" ? "pinOf" : "passwordOf", { name }), go: t("save"), back: t("back"), run },
    field(desk, "secret", t(kind), { type: "password", autocomplete: "new-password", required: true, ...rule }));
}

/**
 * @param {Here} here
 * @param {(page: number) => void} turn
 * @returns {VElement}
 */
function deedsRegion({ desk, t, ctx }, turn) {
  const { deeds, deedCount, page } = desk.state();
  const last = Math.max(1, Math.ceil(deedCount / DEEDS_PAGE));
  return h("section", { key: "deeds", class: "region office", "data-region": "deeds", "aria-labelledby": "deeds-title" },
    h("header", { class: "region-head" },
      h("h2", { id: "deeds-title", tabindex: -1 }, t("deeds")),
      page > 1 && action(desk, t("newer"), () => turn(page - 1), { key: "newer" }),
      h("span", { class: "fine" }, `${page}/${last}`),
      page < last && action(desk, t("older"), () => turn(page + 1), { key: "older" })),
    grid(t("deeds"), [t("time"), t("who"), t("what"), t("target"), t("detail")],
      deeds.map((deed) => row(deed.id, [deed.at, deed.actor, ACTS[ctx.state.lang][deed.act] ?? deed.act, deed.target, deed.detail]))));
}
