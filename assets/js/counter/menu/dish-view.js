// The form of a dish or a combo.

import { setApart } from "../../shared/bidi.js";
import { h } from "../../shared/dom.js";
import { action, choice, draftOf, field, formSheet, money, tick } from "../office/kit.js";
import { fittingCategories } from "./state.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {Draft} from "../office/kit.js" */
/** @import {DishForm, GroupFields, PartFields} from "./state.js" */
/** @import {MenuCtx} from "./view.js" */

/**
 * @param {MenuCtx} ctx
 * @param {DishForm} form
 * @returns {VElement}
 */
export function dishSheet(ctx, form) {
  const { state, t } = ctx;
  const { id, family, fields } = form;
  const draft = draftOf(ctx, fields);
  return formSheet(
    ctx,
    { title: t(id ? "edit" : family === "dish" ? "addDish" : "addCombo"), go: t("save"), back: t("back"), wide: true },
    h(
      "div",
      { class: "two" },
      field(draft, "name", t("name"), { required: true, maxlength: 80 }),
      field(draft, "price", t("price"), { required: true, inputmode: "decimal", pattern: "\\d{1,6}([.]\\d{1,2})?" }),
      choice(
        draft,
        "categoryId",
        t("category"),
        fittingCategories(state, family).map((one) => [String(one.id), one.name]),
      ),
      field(draft, "stock", t("stock"), { inputmode: "numeric", pattern: "\\d{0,5}", hint: t("stockHint") }),
      field(draft, "hours", t("hours"), { placeholder: "11:00-14:00 17:00-21:00", hint: t("hoursHint") }),
      pictureField(ctx, fields.image.trim()),
    ),
    field(draft, "description", t("description"), { maxlength: 255 }),
    family === "dish" ? groupFields(ctx, fields.groups) : partFields(ctx, form),
  );
}

/**
 * @param {MenuCtx} ctx
 * @param {string} image
 * @returns {VElement}
 */
function pictureField({ t, send }, image) {
  const upload = (/** @type {File | undefined} */ file) => file && send({ type: "picture", file });
  return h(
    "label",
    { key: "picture", class: "field" },
    h("span", null, t("picture")),
    image !== "" && h("img", { key: "shown", src: image, alt: t("picture"), width: 96, height: 96 }),
    h("input", { type: "file", accept: "image/*", onchange: (event) => upload(event.target.files[0]) }),
  );
}

/**
 * @param {MenuCtx} ctx
 * @param {GroupFields[]} groups
 * @returns {VElement}
 */
function groupFields(ctx, groups) {
  const { t, send } = ctx;
  return h(
    "div",
    { key: "groups", class: "groups" },
    groups.map((group, index) => groupField(ctx, group, index)),
    action(ctx, t("addGroup"), () => send({ type: "group.add" }), { key: "more" }),
  );
}

/**
 * @param {MenuCtx} ctx
 * @param {GroupFields} fields
 * @param {number} index
 * @returns {VElement}
 */
function groupField({ t, send }, fields, index) {
  /** @type {Draft<GroupFields>} */
  const draft = { fields, place: String(index), change: (change) => send({ type: "group.typed", index, change }) };
  return h(
    "fieldset",
    { key: index },
    h("legend", null, t("group", { number: index + 1 })),
    field(draft, "name", t("groupName"), { maxlength: 80, placeholder: t("groupExample") }),
    tick(draft, "required", t("required")),
    tick(draft, "multiple", t("multiple")),
    field(draft, "values", t("values"), { rows: 4, hint: t("valuesHint") }),
  );
}

/**
 * @param {MenuCtx} ctx
 * @param {DishForm} form
 * @returns {VElement}
 */
function partFields(ctx, { choices, fields }) {
  const { t, send } = ctx;
  /** @type {[string, string][]} */
  const dishes = [
    ["", t("noPart")],
    ...choices.map(
      (one) =>
        /** @type {[string, string]} */ ([
          String(one.id),
          `${setApart(one.name)} ${one.categoryName} ${money(one.price)}`,
        ]),
    ),
  ];
  return h(
    "div",
    { key: "parts", class: "groups" },
    fields.parts.map((part, index) => partField(ctx, part, index, dishes)),
    action(ctx, t("addPart"), () => send({ type: "part.add" }), { key: "more" }),
  );
}

/**
 * @param {MenuCtx} ctx
 * @param {PartFields} fields
 * @param {number} index
 * @param {[string, string][]} dishes
 * @returns {VElement}
 */
function partField({ t, send }, fields, index, dishes) {
  /** @type {Draft<PartFields>} */
  const draft = { fields, place: String(index), change: (change) => send({ type: "part.typed", index, change }) };
  return h(
    "div",
    { key: index, class: "two" },
    choice(draft, "dishId", t("part", { number: index + 1 }), dishes),
    field(draft, "copies", t("copies"), { inputmode: "numeric", pattern: "[1-9]\\d?", placeholder: "1" }),
  );
}
