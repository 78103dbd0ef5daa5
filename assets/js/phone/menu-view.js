import { h } from "../shared/dom.js";
import { formatFen } from "../shared/money.js";
import { picture, stepper } from "./parts.js";
import { unitPriceFen } from "./outbox.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Category, Cuisine} from "../types.js" */
/** @import {ShownCart} from "./outbox.js" */
/** @import {Ctx} from "./parts.js" */

/**
 * @param {Ctx} ctx
 * @param {ShownCart} cart
 * @returns {VElement}
 */
export function menuView(ctx, cart) {
  const categories = ctx.state.menu?.categories ?? [];
  return h("div", { class: "menu" },
    h("nav", { class: "rail", "aria-label": ctx.t("menu") }, categories.map((category) => railButton(ctx, category, cart))),
    h("main", { class: "dishes" }, categories.map((category, index) => section(ctx, category, index, cart))));
}

/**
 * @param {Ctx} ctx
 * @param {Category} category
 * @param {ShownCart} cart
 * @returns {VElement}
 */
function railButton({ state, send }, category, cart) {
  const { categoryId, name } = category;
  const ids = new Set(category.cuisines.map((cuisine) => cuisine.cuisineId));
  const count = cart.lines.reduce((sum, line) => sum + (ids.has(line.cuisineId) ? line.quantity : 0), 0);
  return h("button", {
    key: categoryId, type: "button", class: "rail-item", "aria-current": categoryId === state.category ? "true" : null,
    onclick: () => send({ type: "category.jump", categoryId }),
  }, name, count > 0 && h("span", { class: "badge" }, count));
}

/**
 * @param {Ctx} ctx
 * @param {Category} category
 * @param {number} colour
 * @param {ShownCart} cart
 * @returns {VElement}
 */
function section(ctx, category, colour, cart) {
  const id = `category-${category.categoryId}`;
  return h("section", { key: category.categoryId, id, "data-category": category.categoryId, "aria-labelledby": `${id}-name` },
    h("h2", { id: `${id}-name` }, category.name),
    h("ul", { class: "plain" }, category.cuisines.map((cuisine) => dish(ctx, cuisine, colour, cart))));
}

/**
 * @param {Ctx} ctx
 * @param {Cuisine} cuisine
 * @param {number} colour
 * @param {ShownCart} cart
 * @returns {VElement}
 */
function dish(ctx, cuisine, colour, cart) {
  const { t, send } = ctx;
  const { cuisineId, cuisineName: name, soldOut, description } = cuisine;
  const hasOptions = cuisine.options.length > 0;
  return h("li", { key: cuisineId, class: soldOut ? "dish sold-out" : "dish", "data-cuisine": cuisineId },
    h("button", {
      type: "button", class: "dish-open", disabled: soldOut, "aria-label": t("details", { name }),
      onclick: () => send({ type: "chooser.open", cuisineId }),
    }, picture(cuisine.cuisineImage, name, colour)),
    h("div", { class: "dish-text" },
      h("h3", null, name, cuisine.cuisineType === 2 && h("span", { class: "tag" }, t("combo"))),
      description && h("p", { class: "fine" }, description),
      h("div", { class: "dish-foot" },
        h("span", { class: "price" }, priceText(ctx, cuisine)),
        soldOut ? h("span", { key: "sold", class: "tag" }, t("soldOut")) : dishStepper(ctx, cuisine, cart, hasOptions))));
}

/**
 * @param {Ctx} ctx
 * @param {Cuisine} cuisine
 * @param {ShownCart} cart
 * @param {boolean} hasOptions
 * @returns {VElement}
 */
function dishStepper(ctx, cuisine, cart, hasOptions) {
  const { cuisineId, cuisineName: name } = cuisine;
  const lines = cart.lines.filter((line) => line.cuisineId === cuisineId);
  const count = lines.reduce((sum, line) => sum + line.quantity, 0);
  if (hasOptions) {
    const label = ctx.t("chooseFor", { name });
    return h("button", {
      key: "choose", type: "button", class: "pill", "aria-label": count > 0 ? `${label} ${ctx.t("inCart", { count })}` : label,
      onclick: () => ctx.send({ type: "chooser.open", cuisineId }),
    }, ctx.t("choose"), count > 0 && h("span", { class: "badge", "aria-hidden": "true" }, count));
  }
  return stepper(ctx, {
    name, count, plus: { type: "dish.plus", cuisineId }, minus: { type: "dish.minus", cuisineId }, noPlus: count >= 99,
  });
}

/**
 * @param {Ctx} ctx
 * @param {Cuisine} cuisine
 * @returns {string} "from ¥x" where an option costs extra
 */
function priceText({ t }, cuisine) {
  const price = formatFen(unitPriceFen(cuisine, []));
  const dearer = cuisine.options.some((group) => group.values.some((value) => value.priceDelta > 0));
  return dearer ? t("from", { price }) : price;
}
