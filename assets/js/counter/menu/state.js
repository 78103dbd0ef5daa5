// The menu as data: which of its dishes are looked at, and what is being made of one of them. Pure.

import { formatFen, parseYuan, toFen, toYuan } from "../../shared/money.js";
import { applyOffice, changeFields, IDLE } from "../office/state.js";
import { readValues, writeValues } from "./options.js";

/** @import {ComboPart, Dish, Imported, MenuCategory, OptionGroup} from "../../types.js" */
/** @import {Office, OfficeEvent, OfficeIntent} from "../office/state.js" */
/** @import {MenuKey} from "./words.js" */

/** @typedef {"dish" | "setmeal"} Family */

/** @typedef {{name: string, required: boolean, multiple: boolean, values: string}} GroupFields values: one a line */
/** @typedef {{dishId: string, copies: string}} PartFields dishId: empty = none */
/**
 * @typedef {object} DishFields
 * @property {string} name
 * @property {string} price
 * @property {string} categoryId
 * @property {string} image
 * @property {string} description
 * @property {string} hours
 * @property {string} stock empty = not counted
 * @property {GroupFields[]} groups of a dish
 * @property {PartFields[]} parts of a combo
 */
/**
 * @typedef {object} DishForm
 * @property {"dish"} kind
 * @property {number | null} id null = a new one
 * @property {Family} family
 * @property {Dish[]} choices dishes that a combo may be made of
 * @property {string} stockWas when the form was opened: equal ones were not touched, and guests may have bought some since
 * @property {DishFields} fields
 */
/** @typedef {{kind: "category", id: number | null, fields: {name: string, type: string, sort: string, hours: string}}} CategoryForm */
/** @typedef {{kind: "import", file: File, would: Imported, fields: {renames: string}}} ImportForm would: what the file would change */
/** @typedef {DishForm | CategoryForm | ImportForm} MenuForm */

/** @typedef {{family: Family, search: string, page: number}} Place what is looked at */
/** @typedef {{dishes: Dish[], total: number, categories: MenuCategory[]}} Lists */
/** @typedef {Office<MenuForm, MenuKey> & Place & Lists} MenuState */

/**
 * @typedef {(
 *   | OfficeIntent<MenuForm> | {type: "search", search: string} | {type: "show", place: Partial<Place>} | {type: "edit", dishId: number | null}
 *   | {type: "sale", dish: Dish, on: boolean} | {type: "remove", dish: Dish} | {type: "picture", file: File} | {type: "check", file: File}
 *   | {type: "group.typed", index: number, change: Partial<GroupFields>} | {type: "group.add"}
 *   | {type: "part.typed", index: number, change: Partial<PartFields>} | {type: "part.add"}
 *   | {type: "category.show", category: MenuCategory, on: boolean} | {type: "category.remove", category: MenuCategory}
 * )} MenuIntent
 */

/** @typedef {OfficeEvent<MenuForm, MenuKey> | {type: "listed", lists: Lists, place: Partial<Place>}} MenuEvent */

/** @typedef {MenuIntent | MenuEvent} MenuMessage */

/** @type {MenuState} */
export const FIRST_MENU = { ...IDLE, family: "dish", search: "", page: 1, dishes: [], total: 0, categories: [] };

export const PAGE = 50;

/** @type {GroupFields} */
const NO_GROUP = { name: "", required: false, multiple: false, values: "" };
/** @type {PartFields} */
const NO_PART = { dishId: "", copies: "" };

/**
 * @param {MenuState} state
 * @param {MenuMessage} message
 * @returns {MenuState}
 */
export function applyMenu(state, message) {
  const { form } = state;
  const rows = form?.kind === "dish" ? form.fields : { groups: [], parts: [] };
  switch (message.type) {
    case "search":
      return { ...state, search: message.search };
    case "listed":
      return { ...state, ...message.place, ...message.lists };
    case "group.typed":
      return changeFields(state, { groups: changed(rows.groups, message.index, message.change) });
    case "group.add":
      return changeFields(state, { groups: [...rows.groups, NO_GROUP] });
    case "part.typed":
      return changeFields(state, { parts: changed(rows.parts, message.index, message.change) });
    case "part.add":
      return changeFields(state, { parts: [...rows.parts, NO_PART] });
  }
  return applyOffice(state, message);
}

/**
 * @template T
 * @param {T[]} rows
 * @param {number} index
 * @param {Partial<T>} change
 * @returns {T[]}
 */
function changed(rows, index, change) {
  return rows.map((row, at) => (at === index ? { ...row, ...change } : row));
}

/**
 * @param {MenuState} state
 * @param {Family} family
 * @returns {MenuCategory[]} those that such a dish can be in
 */
export function fittingCategories({ categories }, family) {
  return categories.filter((one) => one.type === (family === "dish" ? 1 : 2));
}

/**
 * @param {MenuState} state
 * @param {number | null} id
 * @param {Partial<Dish>} dish as it is now
 * @param {Dish[]} choices
 * @returns {DishForm}
 */
export function dishForm(state, id, dish, choices) {
  const { family } = state;
  const stock = String(dish.stock ?? "");
  return {
    kind: "dish",
    id,
    family,
    choices,
    stockWas: stock,
    fields: {
      name: dish.name ?? "",
      price: dish.price === undefined ? "" : formatFen(toFen(dish.price)).replace("¥", ""),
      image: dish.image ?? "",
      description: dish.description ?? "",
      hours: dish.hours ?? "",
      stock,
      categoryId: String(dish.categoryId ?? fittingCategories(state, family)[0]?.id ?? ""),
      groups: (dish.options ?? []).map(({ name, required, multiple, values }) => ({
        name,
        required,
        multiple,
        values: writeValues(values),
      })),
      parts: dish.setmealDishes?.length
        ? dish.setmealDishes.map(({ dishId, copies }) => ({ dishId: String(dishId), copies: String(copies) }))
        : [NO_PART],
    },
  };
}

/**
 * @param {MenuCategory} [category]
 * @returns {CategoryForm}
 */
export function categoryForm(category) {
  const { id = null, name = "", type = 1, sort = 1, hours = "" } = category ?? {};
  return { kind: "category", id, fields: { name, type: String(type), sort: String(sort), hours } };
}

/**
 * What a filled-in form asks the daemon for.
 *
 * @param {DishForm | CategoryForm} form
 * @returns {[method: "POST" | "PUT", path: string, body: object]} below /admin/
 */
export function requestOf(form) {
  if (form.kind === "category") {
    const { name, type, sort, hours } = form.fields;
    const body = { name: name.trim(), type: Number(type), sort: Number(sort), hours: hours.trim() };
    return form.id ? ["PUT", "category", { id: form.id, ...body }] : ["POST", "category", body];
  }
  const { family, fields, stockWas } = form;
  const body = {
    ...about(fields),
    ...(family === "dish" ? { options: groupsOf(fields) } : { setmealDishes: partsOf(form) }),
  };
  return form.id
    ? ["PUT", family, { id: form.id, ...body, stockWas: countOf(stockWas) }]
    : ["POST", family, { ...body, status: 1 }];
}

/**
 * @param {DishFields} fields
 * @returns {object}
 */
function about({ name, price, categoryId, image, description, hours, stock }) {
  return {
    name: name.trim(),
    price: toYuan(parseYuan(price) ?? 0),
    categoryId: Number(categoryId),
    image: image.trim(),
    description: description.trim(),
    hours: hours.trim(),
    stock: countOf(stock),
  };
}

/**
 * @param {string} stock
 * @returns {number | null} null = not counted
 */
function countOf(stock) {
  return stock.trim() === "" ? null : Number(stock);
}

/**
 * @param {DishFields} fields
 * @returns {OptionGroup[]} those that are filled in
 */
function groupsOf({ groups }) {
  return groups.flatMap(({ name, multiple, required, values }) => {
    const read = readValues(values);
    return name.trim() && read ? [{ name: name.trim(), multiple, required, values: read }] : [];
  });
}

/**
 * @param {DishForm} form
 * @returns {Pick<ComboPart, "dishId" | "name" | "price" | "copies">[]} those that are filled in
 */
function partsOf({ fields, choices }) {
  return fields.parts.flatMap(({ dishId, copies }) => {
    const dish = choices.find((one) => String(one.id) === dishId);
    return dish ? [{ dishId: dish.id, name: dish.name, price: dish.price, copies: Number(copies.trim() || 1) }] : [];
  });
}
