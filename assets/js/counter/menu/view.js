// 菜单: dishes, combos and categories, what is left of them, and the whole menu as a file.

import { h } from "../../shared/dom.js";
import { translator } from "../../shared/i18n.js";
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
import { dishSheet } from "./dish-view.js";
import { MenuHands } from "./effects.js";
import { fateList, problemList } from "./import-view.js";
import { applyMenu, categoryForm, FIRST_MENU, PAGE } from "./state.js";
import { MENU_WORDS } from "./words.js";

/** @import {VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {Kept} from "../keeper.js" */
/** @import {Ctx} from "../parts.js" */
/** @import {OpenView, Port} from "../views.js" */
/** @import {Dish, MenuCategory} from "../../types.js" */
/** @import {CategoryForm, Family, ImportForm, MenuEvent, MenuIntent, MenuState} from "./state.js" */
/** @import {MenuKey} from "./words.js" */

/** @typedef {{state: MenuState, t: Translate<MenuKey>, send: (message: MenuIntent) => void}} MenuCtx */

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open(port) {
  /** @type {Kept<MenuState, MenuIntent | MenuEvent>} */
  const menu = keeper(FIRST_MENU, applyMenu, (message) => hands.after(message), port.draw);
  const hands = new MenuHands({ port, ...menu });
  const within = (/** @type {Ctx} */ { state: { lang } }) => ({
    state: menu.state(),
    t: translator(MENU_WORDS, lang),
    send: menu.send,
  });
  const refresh = () => hands.refresh();
  return {
    enter: refresh,
    refresh,
    render: (ctx) => menuRegions(within(ctx)),
    dialogs: (ctx) => [menuSheet(within(ctx))],
  };
}

/**
 * @param {MenuCtx} ctx
 * @returns {VElement[]}
 */
function menuRegions(ctx) {
  return [dishesRegion(ctx), categoriesRegion(ctx)];
}

/**
 * @param {MenuCtx} ctx
 * @returns {VElement | null}
 */
function menuSheet(ctx) {
  const { form } = ctx.state;
  switch (form?.kind) {
    case "dish":
      return dishSheet(ctx, form);
    case "category":
      return categorySheet(ctx, form);
    case "import":
      return importSheet(ctx, form);
  }
  return null;
}

/**
 * @param {MenuCtx} ctx
 * @returns {VElement}
 */
function dishesRegion(ctx) {
  const { state, t, send } = ctx;
  const { family, search, dishes, total, page } = state;
  const last = Math.max(1, Math.ceil(total / PAGE));
  return h(
    "section",
    { key: "dishes", class: "region office", "data-region": "menu", "aria-labelledby": "menu-title" },
    h(
      "header",
      { class: "region-head" },
      h("h2", { id: "menu-title", tabindex: -1 }, t("menu")),
      familyButton(ctx, "dish"),
      familyButton(ctx, "setmeal"),
      searchField(
        t("search"),
        search,
        (typed) => send({ type: "search", search: typed }),
        () => send({ type: "show", place: { page: 1 } }),
      ),
      saidLine(ctx),
      action(ctx, t(family === "dish" ? "addDish" : "addCombo"), () => send({ type: "edit", dishId: null }), {
        class: "primary",
        key: "add",
      }),
    ),
    grid(
      t("menu"),
      [t("name"), t("category"), t("price"), t("stock"), t("hours"), t("state"), t("do")],
      dishes.map((dish) => dishRow(ctx, dish)),
    ),
    h(
      "footer",
      { class: "region-head" },
      page > 1 && action(ctx, t("before"), () => send({ type: "show", place: { page: page - 1 } }), { key: "before" }),
      h("span", { class: "fine" }, t("pages", { page, last, total })),
      page < last && action(ctx, t("after"), () => send({ type: "show", place: { page: page + 1 } }), { key: "after" }),
      filesPanel(ctx),
    ),
  );
}

/**
 * @param {MenuCtx} ctx
 * @param {Family} family
 * @returns {VElement}
 */
function familyButton({ state, t, send }, family) {
  return h(
    "button",
    {
      key: family,
      type: "button",
      class: "secondary",
      "aria-pressed": String(state.family === family),
      onclick: () => send({ type: "show", place: { family, page: 1 } }),
    },
    t(family),
  );
}

/**
 * @param {MenuCtx} ctx
 * @param {Dish} dish
 * @returns {VElement}
 */
function dishRow(ctx, dish) {
  const { t, send } = ctx;
  const { id, name, status } = dish;
  return row(id, [
    h(
      "span",
      { class: "dish-cell" },
      dish.image &&
        h("img", { src: dish.image.replace("/512.jpg", "/128.jpg"), alt: "", width: 44, height: 44, loading: "lazy" }),
      name,
    ),
    dish.categoryName,
    money(dish.price),
    dish.stock ?? "—",
    dish.hours || "—",
    t(status ? "onSale" : "stopped"),
    h(
      "div",
      { class: "actions" },
      action(ctx, t("edit"), () => send({ type: "edit", dishId: id }), { "aria-label": t("editOf", { name }) }),
      action(ctx, t(status ? "stop" : "start"), () => send({ type: "sale", dish, on: !status }), {
        "aria-label": t(status ? "stopOf" : "startOf", { name }),
      }),
      !status &&
        action(ctx, t("remove"), () => send({ type: "remove", dish }), {
          key: "remove",
          "aria-label": t("removeOf", { name }),
        }),
    ),
  ]);
}

/**
 * @param {MenuCtx} ctx
 * @returns {VElement}
 */
function categoriesRegion(ctx) {
  const { state, t, send } = ctx;
  return h(
    "section",
    { key: "categories", class: "region office", "data-region": "categories", "aria-labelledby": "categories-title" },
    h(
      "header",
      { class: "region-head" },
      h("h2", { id: "categories-title", tabindex: -1 }, t("categories")),
      action(ctx, t("addCategory"), () => send({ type: "open", form: categoryForm() }), { key: "add" }),
    ),
    grid(
      t("categories"),
      [t("sort"), t("name"), t("kind"), t("hours"), t("state"), t("do")],
      state.categories.map((one) => categoryRow(ctx, one)),
    ),
  );
}

/**
 * @param {MenuCtx} ctx
 * @param {MenuCategory} category
 * @returns {VElement}
 */
function categoryRow(ctx, category) {
  const { t, send } = ctx;
  const { id, name, sort, type, status, hours } = category;
  return row(id, [
    sort,
    name,
    t(type === 1 ? "dish" : "setmeal"),
    hours || "—",
    t(status ? "shown" : "hidden"),
    h(
      "div",
      { class: "actions" },
      action(ctx, t("edit"), () => send({ type: "open", form: categoryForm(category) }), {
        "aria-label": t("editOf", { name }),
      }),
      action(ctx, t(status ? "hide" : "show"), () => send({ type: "category.show", category, on: !status }), {
        "aria-label": t(status ? "hideOf" : "showOf", { name }),
      }),
      action(ctx, t("remove"), () => send({ type: "category.remove", category }), {
        "aria-label": t("removeOf", { name }),
      }),
    ),
  ]);
}

/**
 * @param {MenuCtx} ctx
 * @param {CategoryForm} form
 * @returns {VElement}
 */
function categorySheet(ctx, { id, fields }) {
  const { t } = ctx;
  const draft = draftOf(ctx, fields);
  return formSheet(
    ctx,
    { title: t(id ? "edit" : "addCategory"), go: t("save"), back: t("back") },
    field(draft, "name", t("name"), { required: true, maxlength: 80 }),
    !id &&
      choice(draft, "type", t("kind"), [
        ["1", t("dish")],
        ["2", t("setmeal")],
      ]),
    field(draft, "sort", t("sort"), { inputmode: "numeric", pattern: "\\d{1,3}", required: true }),
    field(draft, "hours", t("hours"), { placeholder: "11:00-14:00 17:00-21:00", hint: t("hoursHint") }),
  );
}

/**
 * @param {MenuCtx} ctx
 * @returns {VElement}
 */
function filesPanel({ t, send }) {
  const check = (/** @type {File | undefined} */ file) => file && send({ type: "check", file });
  return h(
    "div",
    { key: "files", class: "files" },
    h("span", null, t("export")),
    ["xlsx", "csv", "json"].map((format) =>
      h("a", { key: format, href: `/admin/menu/export?format=${format}`, download: `menu.${format}` }, format),
    ),
    h(
      "label",
      { class: "file-button" },
      h("span", null, t("import")),
      h("input", {
        type: "file",
        accept: ".xlsx,.csv,.json",
        onchange: (event) => {
          check(event.target.files[0]);
          event.target.value = "";
        },
      }),
    ),
  );
}

/**
 * What an import would do, and a last chance to let it be.
 *
 * @param {MenuCtx} ctx
 * @param {ImportForm} form
 * @returns {VElement}
 */
function importSheet(ctx, { would, fields }) {
  const { t } = ctx;
  if (would.problems.length > 0) return noteSheet(ctx, t("importBad"), t("back"), problemList(t, would.problems));
  const draft = draftOf(ctx, fields);
  return formSheet(
    ctx,
    { title: t("importAsk"), go: t("import"), back: t("back"), wide: true },
    h(
      "p",
      { key: "sum" },
      t("importWould", { added: would.added, changed: would.changed, unchanged: would.unchanged }),
    ),
    would.renamed > 0 &&
      choice(draft, "renames", t("importRenames", { count: would.renamed }), [
        ["", t("importChoose")],
        ["yes", t("importRename")],
        ["no", t("importByName")],
      ]),
    fateList(t, would.lines),
  );
}
