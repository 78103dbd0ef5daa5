// 员工: who works here, in which role, and what was done that somebody may ask about.

import { h } from "../../shared/dom.js";
import { translator } from "../../shared/i18n.js";
import { keeper } from "../keeper.js";
import { action, choice, draftOf, field, formSheet, grid, row, saidLine } from "../office/kit.js";
import { may } from "../parts.js";
import { StaffHands } from "./effects.js";
import { applyStaff, DEEDS_PAGE, FIRST_STAFF, personForm, secretForm } from "./state.js";
import { ACTS, STAFF_WORDS } from "./words.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {CounterState, Role} from "../state.js" */
/** @import {Kept} from "../keeper.js" */
/** @import {Ctx} from "../parts.js" */
/** @import {OpenView, Port} from "../views.js" */
/** @import {Person} from "../../types.js" */
/** @import {PersonForm, SecretForm, StaffEvent, StaffIntent, StaffState} from "./state.js" */
/** @import {StaffKey} from "./words.js" */

/** @typedef {{counter: CounterState, state: StaffState, t: Translate<StaffKey>, send: (message: StaffIntent) => void}} StaffCtx */

/** @type {Role[]} */
const ROLES = ["owner", "cashier", "waiter", "kitchen"];

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open(port) {
  /** @type {Kept<StaffState, StaffIntent | StaffEvent>} */
  const staff = keeper(FIRST_STAFF, applyStaff, (message) => hands.after(message), port.draw);
  const hands = new StaffHands({ port, ...staff });
  const within = (/** @type {Ctx} */ { state: counter }) => ({
    counter,
    state: staff.state(),
    t: translator(STAFF_WORDS, counter.lang),
    send: staff.send,
  });
  const refresh = () => hands.refresh();
  return {
    enter: refresh,
    refresh,
    render: (ctx) => staffRegions(within(ctx)),
    dialogs: (ctx) => [staffSheet(within(ctx))],
  };
}

/**
 * @param {StaffCtx} ctx
 * @returns {(VElement | false)[]}
 */
function staffRegions(ctx) {
  return [peopleRegion(ctx), may(ctx.counter, "GET audit") && deedsRegion(ctx)];
}

/**
 * @param {StaffCtx} ctx
 * @returns {VElement | null}
 */
function staffSheet(ctx) {
  const { form } = ctx.state;
  if (form === null) return null;
  return form.kind === "person" ? personSheet(ctx, form) : secretSheet(ctx, form);
}

/**
 * @param {StaffCtx} ctx
 * @returns {VElement}
 */
function peopleRegion(ctx) {
  const { state, t, send } = ctx;
  return h(
    "section",
    { key: "people", class: "region office", "data-region": "staff", "aria-labelledby": "staff-title" },
    h(
      "header",
      { class: "region-head" },
      h("h2", { id: "staff-title", tabindex: -1 }, t("staff")),
      saidLine(ctx),
      action(ctx, t("add"), () => send({ type: "open", form: personForm() }), { class: "primary", key: "add" }),
    ),
    grid(
      t("staff"),
      [t("name"), t("username"), t("role"), t("phone"), t("state"), t("do")],
      state.people.map((person) => personRow(ctx, person)),
    ),
  );
}

/**
 * @param {StaffCtx} ctx
 * @param {Person} person
 * @returns {VElement}
 */
function personRow(ctx, person) {
  const { t, send } = ctx;
  const { id, name, username, role, phone, status } = person;
  return row(id, [
    name,
    username,
    t(role),
    phone,
    t(status ? "active" : "inactive"),
    h(
      "div",
      { class: "actions" },
      action(ctx, t("edit"), () => send({ type: "open", form: personForm(person) }), {
        "aria-label": t("editOf", { name }),
      }),
      action(ctx, t("password"), () => send({ type: "open", form: secretForm("password", person) }), {
        "aria-label": t("passwordOf", { name }),
      }),
      action(ctx, t("pin"), () => send({ type: "open", form: secretForm("pin", person) }), {
        "aria-label": t("pinOf", { name }),
      }),
      action(ctx, t(status ? "stop" : "start"), () => send({ type: "employ", person, on: !status }), {
        "aria-label": t(status ? "stopOf" : "startOf", { name }),
      }),
    ),
  ]);
}

/**
 * @param {StaffCtx} ctx
 * @param {PersonForm} form
 * @returns {VElement}
 */
function personSheet(ctx, { id, fields }) {
  const { t } = ctx;
  const draft = draftOf(ctx, fields);
  return formSheet(
    ctx,
    { title: t(id ? "edit" : "add"), go: t("save"), back: t("back") },
    field(draft, "name", t("name"), { required: true, maxlength: 20 }),
    field(draft, "username", t("username"), {
      required: true,
      pattern: "[a-z0-9]{3,20}",
      autocapitalize: "none",
      spellcheck: "false",
      hint: t("usernameHint"),
    }),
    field(draft, "phone", t("phone"), { inputmode: "tel", pattern: "1[3-9]\\d{9}" }),
    choice(
      draft,
      "role",
      t("role"),
      ROLES.map((role) => [role, t(role)]),
    ),
    !id && h("p", { key: "hint", class: "fine" }, t("addHint")),
  );
}

/**
 * @param {StaffCtx} ctx
 * @param {SecretForm} form
 * @returns {VElement}
 */
function secretSheet(ctx, { kind, name, fields }) {
  const { t } = ctx;
  const draft = draftOf(ctx, fields);
  const rule =
    kind === "pin"
      ? { inputmode: "numeric", pattern: "\\d{4,6}", hint: t("pinHint") }
      : { minlength: 6, maxlength: 64, hint: t("passwordHint") };
  return formSheet(
    ctx,
    { title: t(kind === "pin" ? "pinOf" : "passwordOf", { name }), go: t("save"), back: t("back") },
    field(draft, "secret", t(kind), { type: "password", autocomplete: "new-password", required: true, ...rule }),
  );
}

/**
 * @param {StaffCtx} ctx
 * @returns {VElement}
 */
function deedsRegion(ctx) {
  const { counter, state, t, send } = ctx;
  const { deeds, deedCount, page } = state;
  const last = Math.max(1, Math.ceil(deedCount / DEEDS_PAGE));
  return h(
    "section",
    { key: "deeds", class: "region office", "data-region": "deeds", "aria-labelledby": "deeds-title" },
    h(
      "header",
      { class: "region-head" },
      h("h2", { id: "deeds-title", tabindex: -1 }, t("deeds")),
      page > 1 && action(ctx, t("newer"), () => send({ type: "turn", page: page - 1 }), { key: "newer" }),
      h("span", { class: "fine" }, `${page}/${last}`),
      page < last && action(ctx, t("older"), () => send({ type: "turn", page: page + 1 }), { key: "older" }),
    ),
    grid(
      t("deeds"),
      [t("time"), t("who"), t("what"), t("target"), t("detail")],
      deeds.map((deed) =>
        row(deed.id, [deed.at, deed.actor, ACTS[counter.lang][deed.act] ?? deed.act, deed.target, deed.detail]),
      ),
    ),
  );
}
