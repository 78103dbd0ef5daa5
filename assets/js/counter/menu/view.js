// 菜单: dishes, combos and categories, what is left of them, and the whole menu as a file.

import { setApart } from "../../shared/bidi.js";
import { h } from "../../shared/dom.js";
import { staffCall } from "../../shared/http.js";
import { translator } from "../../shared/i18n.js";
import { parseYuan, toYuan } from "../../shared/money.js";
import { action, choice, field, formSheet, grid, money, noteSheet, openDesk, row, saidLine, searchField, text, tick } from "../office/kit.js";
import { IDLE } from "../office/state.js";
import { fateList, problemList } from "./import.js";
import { readValues, writeValues } from "./options.js";
import { MENU_WORDS } from "./words.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {Desk} from "../office/kit.js" */
/** @import {Form, Office} from "../office/state.js" */
/** @import {Ctx} from "../parts.js" */
/** @import {OpenView, Port} from "../views.js" */
/** @import {Group} from "./options.js" */
/** @import {MenuKey} from "./words.js" */

/** @typedef {"dish" | "setmeal"} Kind */
/** @typedef {{id: number, type: 1 | 2, name: string, sort: number, status: 0 | 1, hours?: string}} Category */
/**
 * @typedef {object} Dish
 * @property {number} id
 * @property {string} name
 * @property {number} categoryId
 * @property {string} categoryName
 * @property {number} price
 * @property {string} image
 * @property {string} description
 * @property {0 | 1} status
 * @property {number | null} [stock]
 * @property {string} [hours]
 * @property {Group[]} [options]
 * @property {{dishId: number, name: string, price: number, copies: number}[]} [setmealDishes]
 */
/** @typedef {"new" | "changed" | "renamed" | "same"} Becomes */
/** @typedef {{row: number, kind: string, name: string, becomes: Becomes, from: string, detail: string}} Fate what becomes of one line of a file */
/** @typedef {{row: number, problem: string}} Problem */
/** @typedef {{added: number, changed: number, renamed: number, unchanged: number, problems: Problem[], lines: Fate[]}} Imported */
/**
 * @typedef {object} Card what is shown of the menu
 * @property {Kind} kind
 * @property {string} search
 * @property {Dish[]} dishes
 * @property {number} total
 * @property {number} page
 * @property {Category[]} categories
 * @property {Dish[]} parts dishes that a combo may be made of
 * @property {Imported | null} imported
 * @property {File | null} file
 */
/** @typedef {Office & Card} MenuState */
/** @typedef {{desk: Desk<MenuState>, t: Translate<MenuKey>, load: (part?: Partial<Card>) => Promise<Partial<MenuState>>}} Here */

const PAGE = 50;

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open(port) {
  const desk = openDesk(/** @type {MenuState} */ ({ ...IDLE, kind: "dish", search: "", dishes: [], total: 0, page: 1, categories: [], parts: [], imported: null, file: null }), port);
  const load = async (/** @type {Partial<Card>} */ part = {}) => {
    const { kind, search, page } = { ...desk.state(), ...part };
    const [dishes, categories] = await Promise.all([
      staffCall("GET", `/admin/${kind}/page?page=${page}&pageSize=${PAGE}&name=${encodeURIComponent(search.trim())}`),
      staffCall("GET", "/admin/category/page?page=1&pageSize=100"),
    ]);
    return { ...part, dishes: dishes.records, total: dishes.total, categories: categories.records };
  };
  const refresh = () => desk.fetch(load);
  const here = (/** @type {Ctx} */ ctx) => ({ desk, load, t: translator(MENU_WORDS, ctx.state.lang) });
  return {
    enter: refresh,
    refresh,
    render: (ctx) => [dishesRegion(here(ctx)), categoriesRegion(here(ctx))],
    dialogs: (ctx) => [dishSheet(here(ctx)), categorySheet(here(ctx)), importSheet(here(ctx))],
  };
}

/**
 * @param {Here} here
 * @returns {VElement}
 */
function dishesRegion(here) {
  const { desk, t, load } = here;
  const { kind, search, dishes, total, page, said } = desk.state();
  const show = (/** @type {Partial<Card>} */ part) => void desk.act(() => load(part));
  const last = Math.max(1, Math.ceil(total / PAGE));
  return h("section", { key: "dishes", class: "region office", "data-region": "menu", "aria-labelledby": "menu-title" },
    h("header", { class: "region-head" },
      h("h2", { id: "menu-title", tabindex: -1 }, t("menu")),
      ["dish", "setmeal"].map((one) => h("button", {
        key: one, type: "button", class: "secondary", "aria-pressed": String(kind === one), onclick: () => show({ kind: /** @type {Kind} */ (one), page: 1 }),
      }, t(/** @type {MenuKey} */ (one)))),
      searchField(t("search"), search, (search) => desk.tell({ search }), () => show({ page: 1 })),
      saidLine(said),
      action(desk, t(kind === "dish" ? "addDish" : "addCombo"), () => void desk.act(() => editing(here, null)), { class: "primary", key: "add" })),
    grid(t("menu"), [t("name"), t("category"), t("price"), t("stock"), t("hours"), t("state"), t("do")], dishes.map((dish) => dishRow(here, dish))),
    h("footer", { class: "region-head" },
      page > 1 && action(desk, t("before"), () => show({ page: page - 1 }), { key: "before" }),
      h("span", { class: "fine" }, t("pages", { page, last, total })),
      page < last && action(desk, t("after"), () => show({ page: page + 1 }), { key: "after" }),
      filesPanel(here)));
}

/**
 * @param {Here} here
 * @param {Dish} dish
 * @returns {VElement}
 */
function dishRow(here, dish) {
  const { desk, t, load } = here;
  const { kind } = desk.state();
  const { id, name, status } = dish;
  const act = (/** @type {string} */ path, /** @type {MenuKey} */ said, method = "POST") => void desk.act(async () => {
    await staffCall(method, path);
    return { ...(await load()), said: t(said, { name }) };
  });
  return row(id, [
    h("span", { class: "dish-cell" }, dish.image && h("img", { src: dish.image.replace("/512.jpg", "/128.jpg"), alt: "", width: 44, height: 44, loading: "lazy" }), name),
    dish.categoryName, money(dish.price), dish.stock ?? "—", dish.hours || "—", t(status ? "onSale" : "stopped"),
    h("div", { class: "actions" },
      action(desk, t("edit"), () => void desk.act(() => editing(here, id)), { "aria-label": t("editOf", { name }) }),
      action(desk, t(status ? "stop" : "start"), () => act(`/admin/${kind}/status/${status ? 0 : 1}?id=${id}`, status ? "stoppedNow" : "startedNow"),
        { "aria-label": t(status ? "stopOf" : "startOf", { name }) }),
      !status && action(desk, t("remove"), () => act(`/admin/${kind}?ids=${id}`, "removed", "DELETE"), { key: "remove", "aria-label": t("removeOf", { name }) })),
  ]);
}

/**
 * Opens the form of a dish as it is now, or an empty one.
 *
 * @param {Here} here
 * @param {number | null} id
 * @returns {Promise<Partial<MenuState>>}
 */
async function editing({ desk }, id) {
  const { kind, categories } = desk.state();
  /** @type {Partial<Dish>} */
  const dish = id === null ? {} : await staffCall("GET", `/admin/${kind}/${id}`);
  const parts = kind === "setmeal" ? await allDishes() : [];
  /** @type {Record<string, string>} */
  const fields = {
    name: dish.name ?? "", price: dish.price === undefined ? "" : money(dish.price).replace("¥", ""), image: dish.image ?? "", description: dish.description ?? "",
    hours: dish.hours ?? "", stock: String(dish.stock ?? ""), stockWas: String(dish.stock ?? ""),
    categoryId: String(dish.categoryId ?? categories.find((one) => one.type === (kind === "dish" ? 1 : 2))?.id ?? ""),
  };
  (dish.options ?? []).forEach((group, index) => Object.assign(fields, {
    [`group ${index}`]: group.name, [`multiple ${index}`]: group.multiple ? "1" : "", [`required ${index}`]: group.required ? "1" : "", [`values ${index}`]: writeValues(group.values),
  }));
  (dish.setmealDishes ?? []).forEach((part, index) => Object.assign(fields, { [`part ${index}`]: String(part.dishId), [`copies ${index}`]: String(part.copies) }));
  fields.groups = String((dish.options ?? []).length);
  fields.rows = String(Math.max(1, (dish.setmealDishes ?? []).length));
  return { parts, form: { kind: "dish", id, fields } };
}

/** @returns {Promise<Dish[]>} however many pages they are */
async function allDishes() {
  /** @type {Dish[]} */
  const dishes = [];
  for (let page = 1; ; page += 1) {
    const { total, records } = await staffCall("GET", `/admin/dish/page?page=${page}&pageSize=100`);
    dishes.push(...records);
    if (records.length === 0 || dishes.length >= total) return dishes;
  }
}

/**
 * @param {Here} here
 * @returns {VElement | null}
 */
function dishSheet(here) {
  const { desk, t, load } = here;
  const { form, kind, categories } = desk.state();
  if (form?.kind !== "dish") return null;
  const run = async (/** @type {Form} */ form) => {
    const name = text(form, "name");
    const body = kind === "dish" ? { ...about(form), options: groupsOf(form) } : { ...about(form), setmealDishes: partsOf(here, form) };
    await (form.id ? staffCall("PUT", `/admin/${kind}`, { id: form.id, ...body, stockWas: stockOf(form, "stockWas") }) : staffCall("POST", `/admin/${kind}`, { ...body, status: 1 }));
    return { ...(await load()), form: null, said: t("saved", { name }) };
  };
  const fitting = categories.filter((one) => one.type === (kind === "dish" ? 1 : 2));
  return formSheet(desk, { title: t(form.id ? "edit" : kind === "dish" ? "addDish" : "addCombo"), go: t("save"), back: t("back"), run, wide: true },
    h("div", { class: "two" },
      field(desk, "name", t("name"), { required: true, maxlength: 80 }),
      field(desk, "price", t("price"), { required: true, inputmode: "decimal", pattern: "\\d{1,6}([.]\\d{1,2})?" }),
      choice(desk, "categoryId", t("category"), fitting.map((one) => [String(one.id), one.name])),
      field(desk, "stock", t("stock"), { inputmode: "numeric", pattern: "\\d{0,5}", hint: t("stockHint") }),
      field(desk, "hours", t("hours"), { placeholder: "11:00-14:00 17:00-21:00", hint: t("hoursHint") }),
      pictureField(here, form)),
    field(desk, "description", t("description"), { maxlength: 255 }),
    kind === "dish" ? groupFields(here, form) : partFields(here, form));
}

/**
 * @param {Form} form
 * @returns {object}
 */
function about(form) {
  return {
    name: text(form, "name"), price: toYuan(parseYuan(text(form, "price")) ?? 0), categoryId: Number(text(form, "categoryId")), image: text(form, "image"),
    description: text(form, "description"), hours: text(form, "hours"), stock: stockOf(form, "stock"),
  };
}

/**
 * @param {Form} form
 * @param {"stock" | "stockWas"} name as it is wanted, and as it was when the form was opened: equal ones were not touched, and guests may
 *   have bought some since
 * @returns {number | null} null = not counted
 */
function stockOf(form, name) {
  const stock = text(form, name);
  return stock === "" ? null : Number(stock);
}

/**
 * @param {Form} form
 * @returns {Group[]}
 */
function groupsOf(form) {
  return indices(form, "groups").flatMap((index) => {
    const name = text(form, `group ${index}`);
    const values = readValues(form.fields[`values ${index}`] ?? "");
    return name && values ? [{ name, multiple: text(form, `multiple ${index}`) === "1", required: text(form, `required ${index}`) === "1", values }] : [];
  });
}

/**
 * @param {Here} here
 * @param {Form} form
 * @returns {Dish["setmealDishes"]}
 */
function partsOf({ desk }, form) {
  return indices(form, "rows").flatMap((index) => {
    const dish = desk.state().parts.find((one) => String(one.id) === text(form, `part ${index}`));
    return dish ? [{ dishId: dish.id, name: dish.name, price: dish.price, copies: Number(text(form, `copies ${index}`) || 1) }] : [];
  });
}

/**
 * @param {Form} form
 * @param {string} count the field that says how many there are
 * @returns {number[]}
 */
function indices(form, count) {
  return Array.from({ length: Number(form.fields[count] ?? 0) }, (_, index) => index);
}

/**
 * @param {Here} here
 * @param {Form} form
 * @returns {VElement}
 */
function pictureField({ desk, t }, form) {
  const upload = (/** @type {File | undefined} */ file) => file && void desk.act(async () => {
    const body = new FormData();
    body.append("file", file);
    desk.send({ type: "typed", name: "image", text: await staffCall("POST", "/admin/common/upload", body, 60_000) });
  });
  const image = text(form, "image");
  return h("label", { key: "picture", class: "field" }, h("span", null, t("picture")),
    image !== "" && h("img", { key: "shown", src: image, alt: t("picture"), width: 96, height: 96 }),
    h("input", { type: "file", accept: "image/*", onchange: (event) => upload(event.target.files[0]) }));
}

/**
 * @param {Here} here
 * @param {Form} form
 * @returns {VElement}
 */
function groupFields({ desk, t }, form) {
  return h("div", { key: "groups", class: "groups" },
    indices(form, "groups").map((index) => h("fieldset", { key: index },
      h("legend", null, t("group", { number: index + 1 })),
      field(desk, `group ${index}`, t("groupName"), { maxlength: 80, placeholder: t("groupExample") }),
      tick(desk, `required ${index}`, t("required")), tick(desk, `multiple ${index}`, t("multiple")),
      field(desk, `values ${index}`, t("values"), { rows: 4, hint: t("valuesHint") }))),
    action(desk, t("addGroup"), () => desk.send({ type: "typed", name: "groups", text: String(Number(form.fields.groups ?? 0) + 1) }), { key: "more" }));
}

/**
 * @param {Here} here
 * @param {Form} form
 * @returns {VElement}
 */
function partFields({ desk, t }, form) {
  /** @type {[string, string][]} */
  const dishes = [["", t("noPart")], ...desk.state().parts.map((one) => /** @type {[string, string]} */ ([String(one.id), `${setApart(one.name)} ${one.categoryName} ${money(one.price)}`]))];
  return h("div", { key: "parts", class: "groups" },
    indices(form, "rows").map((index) => h("div", { key: index, class: "two" },
      choice(desk, `part ${index}`, t("part", { number: index + 1 }), dishes),
      field(desk, `copies ${index}`, t("copies"), { inputmode: "numeric", pattern: "[1-9]\\d?", placeholder: "1" }))),
    action(desk, t("addPart"), () => desk.send({ type: "typed", name: "rows", text: String(Number(form.fields.rows ?? 0) + 1) }), { key: "more" }));
}

/**
 * @param {Here} here
 * @returns {VElement}
 */
function categoriesRegion(here) {
  const { desk, t } = here;
  return h("section", { key: "categories", class: "region office", "data-region": "categories", "aria-labelledby": "categories-title" },
    h("header", { class: "region-head" },
      h("h2", { id: "categories-title", tabindex: -1 }, t("categories")),
      action(desk, t("addCategory"), () => desk.send({ type: "open", form: categoryForm() }), { key: "add" })),
    grid(t("categories"), [t("sort"), t("name"), t("kind"), t("hours"), t("state"), t("do")], desk.state().categories.map((one) => categoryRow(here, one))));
}

/**
 * @param {Here} here
 * @param {Category} category
 * @returns {VElement}
 */
function categoryRow({ desk, t, load }, category) {
  const { id, name, sort, type, status, hours } = category;
  const act = (/** @type {string} */ method, /** @type {string} */ path) => void desk.act(async () => {
    await staffCall(method, path);
    return load();
  });
  return row(id, [sort, name, t(type === 1 ? "dish" : "setmeal"), hours || "—", t(status ? "shown" : "hidden"), h("div", { class: "actions" },
    action(desk, t("edit"), () => desk.send({ type: "open", form: categoryForm(category) }), { "aria-label": t("editOf", { name }) }),
    action(desk, t(status ? "hide" : "show"), () => act("POST", `/admin/category/status/${status ? 0 : 1}?id=${id}`), { "aria-label": t(status ? "hideOf" : "showOf", { name }) }),
    action(desk, t("remove"), () => act("DELETE", `/admin/category?id=${id}`), { "aria-label": t("removeOf", { name }) }))]);
}

/**
 * @param {Category} [category]
 * @returns {Form}
 */
function categoryForm(category) {
  const { id = null, name = "", type = 1, sort = 1, hours = "" } = category ?? {};
  return { kind: "category", id, fields: { name, type: String(type), sort: String(sort), hours } };
}

/**
 * @param {Here} here
 * @returns {VElement | null}
 */
function categorySheet({ desk, t, load }) {
  const { form } = desk.state();
  if (form?.kind !== "category") return null;
  const run = async (/** @type {Form} */ form) => {
    const name = text(form, "name");
    const body = { name, type: Number(text(form, "type")), sort: Number(text(form, "sort")), hours: text(form, "hours") };
    await (form.id ? staffCall("PUT", "/admin/category", { id: form.id, ...body }) : staffCall("POST", "/admin/category", body));
    return { ...(await load()), form: null, said: t("saved", { name }) };
  };
  return formSheet(desk, { title: t(form.id ? "edit" : "addCategory"), go: t("save"), back: t("back"), run },
    field(desk, "name", t("name"), { required: true, maxlength: 80 }),
    !form.id && choice(desk, "type", t("kind"), [["1", t("dish")], ["2", t("setmeal")]]),
    field(desk, "sort", t("sort"), { inputmode: "numeric", pattern: "\\d{1,3}", required: true }),
    field(desk, "hours", t("hours"), { placeholder: "11:00-14:00 17:00-21:00", hint: t("hoursHint") }));
}

/**
 * @param {Here} here
 * @returns {VElement}
 */
function filesPanel({ desk, t }) {
  const check = (/** @type {File | undefined} */ file) => file && void desk.act(async () => ({
    imported: await sendMenu(file, { check: "true" }), file, form: { kind: "import", fields: {} },
  }));
  return h("div", { key: "files", class: "files" },
    h("span", null, t("export")),
    ["xlsx", "csv", "json"].map((format) => h("a", { key: format, href: `/admin/menu/export?format=${format}`, download: `menu.${format}` }, format)),
    h("label", { class: "file-button" }, h("span", null, t("import")),
      h("input", { type: "file", accept: ".xlsx,.csv,.json", onchange: (event) => { check(event.target.files[0]); event.target.value = ""; } })));
}

/**
 * @param {File} file
 * @param {Record<string, string>} how `check`: only say what would happen; `renames`: whether rows whose ids have other names take these
 * @returns {Promise<Imported>}
 */
function sendMenu(file, how) {
  const body = new FormData();
  body.append("file", file);
  return staffCall("POST", `/admin/menu/import?${new URLSearchParams(how)}`, body, 60_000);
}

/**
 * What an import would do, and a last chance to let it be.
 *
 * @param {Here} here
 * @returns {VElement | null}
 */
function importSheet({ desk, t, load }) {
  const { form, imported, file } = desk.state();
  if (form?.kind !== "import" || !imported || !file) return null;
  if (imported.problems.length > 0) return noteSheet(desk, t("importBad"), t("back"), problemList(t, imported.problems));
  const run = async (/** @type {Form} */ form) => {
    const renames = text(form, "renames");
    await sendMenu(file, renames ? { renames } : {});
    return { ...(await load()), form: null, file: null, said: t("imported") };
  };
  return formSheet(desk, { title: t("importAsk"), go: t("import"), back: t("back"), run, wide: true },
    h("p", { key: "sum" }, t("importWould", { added: imported.added, changed: imported.changed, unchanged: imported.unchanged })),
    imported.renamed > 0 && choice(desk, "renames", t("importRenames", { count: imported.renamed }),
      [["", t("importChoose")], ["yes", t("importRename")], ["no", t("importByName")]]),
    fateList(t, imported.lines));
}
