import { h } from "../shared/dom.js";
import { formatFen } from "../shared/money.js";
import { MOST_PER_LINE, unitPriceFen } from "./outbox.js";
import { dishTags, picture, stepper } from "./parts.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Category, Cuisine} from "../types.js" */
/** @import {ShownCart} from "./outbox.js" */
/** @import {Ctx} from "./parts.js" */

/** From here on a menu is too long to be looked through. */
const LONG_MENU = 24;

/**
 * What one drawing has in hand for all dishes.
 *
 * @typedef {object} Hand
 * @property {Map<number, number>} counts cuisineId → pieces in the cart
 * @property {string} wanted what is looked for, in small letters
 * @property {number} room dishes that may still be drawn this time
 * @property {number} found dishes that are shown
 */

/**
 * @param {Ctx} ctx
 * @param {ShownCart} cart
 * @param {number} most dishes that are drawn; the others of a long menu follow when the first are on the screen
 * @returns {VElement}
 */
export function menuView(ctx, cart, most) {
  const { state, t } = ctx;
  const categories = state.menu?.categories ?? [];
  /** @type {Hand} */
  const hand = { counts: new Map(), wanted: state.search.trim().toLowerCase(), room: most, found: 0 };
  for (const { cuisineId, quantity } of cart.lines)
    hand.counts.set(cuisineId, quantity + (hand.counts.get(cuisineId) ?? 0));
  const sections = categories.map((category, index) => section(ctx, category, index, hand));
  const long = categories.reduce((sum, category) => sum + category.cuisines.length, 0) >= LONG_MENU;
  return h(
    "div",
    { class: "menu" },
    h(
      "nav",
      { class: "rail", "aria-label": t("menu") },
      categories.map((category) => railButton(ctx, category, hand)),
    ),
    h("main", { class: "dishes" }, (long || state.search !== "") && searchBox(ctx, hand), sections),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Hand} hand
 * @returns {VElement}
 */
function searchBox({ state, t, send }, { wanted, found }) {
  return h(
    "div",
    { key: "search", class: "search", role: "search" },
    h("input", {
      type: "search",
      name: "search",
      value: state.search,
      maxlength: 30,
      autocomplete: "off",
      enterkeyhint: "search",
      "aria-label": t("search"),
      placeholder: t("search"),
      oninput: (event) => send({ type: "search", text: event.target.value }),
    }),
    h(
      "p",
      { class: wanted ? "fine" : "fine none", role: "status" },
      wanted && t(found > 0 ? "found" : "foundNone", { count: found }),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Category} category
 * @param {Hand} hand
 * @returns {VElement}
 */
function railButton({ state, send }, { categoryId, name, cuisines }, { counts }) {
  const count = counts.size === 0 ? 0 : cuisines.reduce((sum, { cuisineId }) => sum + (counts.get(cuisineId) ?? 0), 0);
  return h(
    "button",
    {
      key: categoryId,
      type: "button",
      class: "rail-item",
      "aria-current": categoryId === state.category ? "true" : null,
      onclick: () => send({ type: "category.jump", categoryId }),
    },
    name,
    count > 0 && h("span", { class: "badge" }, count),
  );
}

/** @type {WeakMap<Category, {rows: VElement[], hidden: boolean, view: VElement}>} */
const keptSections = new WeakMap();

/**
 * The very one of the last drawing unless one of its rows changed.
 *
 * @param {Ctx} ctx
 * @param {Category} category
 * @param {number} colour
 * @param {Hand} hand
 * @returns {VElement}
 */
function section(ctx, category, colour, hand) {
  const found = hand.found;
  const rows = category.cuisines.slice(0, Math.max(0, hand.room)).map((cuisine) => dish(ctx, cuisine, colour, hand));
  hand.room -= rows.length;
  const hidden = hand.wanted !== "" && hand.found === found;
  const before = keptSections.get(category);
  if (
    before?.hidden === hidden &&
    before.rows.length === rows.length &&
    before.rows.every((row, index) => row === rows[index])
  )
    return before.view;
  const id = `category-${category.categoryId}`;
  const view = h(
    "section",
    { key: category.categoryId, id, "data-category": category.categoryId, "aria-labelledby": `${id}-name`, hidden },
    h("h2", { id: `${id}-name` }, category.name),
    h("ul", { class: "plain" }, rows),
  );
  keptSections.set(category, { rows, hidden, view });
  return view;
}

/** @type {WeakMap<Cuisine, {seen: string, view: VElement}>} */
const kept = new WeakMap();

/**
 * A dish's row, the very one of the last drawing unless something of it changed: see `patch`. A row that is not looked for stays
 * where it is, hidden, so that the whole menu is back at once.
 *
 * @param {Ctx} ctx
 * @param {Cuisine} cuisine
 * @param {number} colour
 * @param {Hand} hand
 * @returns {VElement}
 */
function dish(ctx, cuisine, colour, hand) {
  const count = hand.counts.get(cuisine.cuisineId) ?? 0;
  const hidden =
    hand.wanted !== "" && !`${cuisine.cuisineName} ${cuisine.description}`.toLowerCase().includes(hand.wanted);
  if (!hidden) hand.found += 1;
  const seen = `${ctx.state.lang} ${count} ${colour} ${hidden}`;
  const before = kept.get(cuisine);
  if (before?.seen === seen) return before.view;
  const view = dishRow(ctx, cuisine, colour, count, hidden);
  kept.set(cuisine, { seen, view });
  return view;
}

/**
 * @param {Ctx} ctx
 * @param {Cuisine} cuisine
 * @param {number} colour
 * @param {number} count
 * @param {boolean} hidden
 * @returns {VElement}
 */
function dishRow(ctx, cuisine, colour, count, hidden) {
  const { t, send } = ctx;
  const { cuisineId, cuisineName: name, soldOut, description, hours } = cuisine;
  return h(
    "li",
    { key: cuisineId, class: soldOut ? "dish sold-out" : "dish", "data-cuisine": cuisineId, hidden },
    h(
      "button",
      {
        type: "button",
        class: "dish-open",
        disabled: soldOut,
        "aria-label": t("details", { name }),
        onclick: () => send({ type: "chooser.open", cuisineId }),
      },
      picture(cuisine.cuisineImage, name, colour),
    ),
    h(
      "div",
      { class: "dish-text" },
      h("h3", null, name, cuisine.cuisineType === 2 && h("span", { class: "tag" }, t("combo"))),
      description && h("p", { class: "fine" }, description),
      dishTags(ctx, cuisine),
      h(
        "div",
        { class: "dish-foot" },
        h("span", { class: "price" }, priceText(ctx, cuisine)),
        soldOut
          ? h("span", { key: "sold", class: "tag" }, t(hours ? "notNow" : "soldOut"))
          : dishStepper(ctx, cuisine, count),
      ),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Cuisine} cuisine
 * @param {number} count
 * @returns {VElement}
 */
function dishStepper(ctx, cuisine, count) {
  const { cuisineId, cuisineName: name } = cuisine;
  if (cuisine.options.length > 0) {
    const label = ctx.t("chooseFor", { name });
    return h(
      "button",
      {
        key: "choose",
        type: "button",
        class: count > 0 ? "pill counted" : "pill",
        "aria-label": count > 0 ? `${label} ${ctx.t("inCart", { count })}` : label,
        onclick: () => ctx.send({ type: "chooser.open", cuisineId }),
      },
      ctx.t("choose"),
      count > 0 && h("span", { class: "badge", "aria-hidden": "true" }, count),
    );
  }
  return stepper(ctx, {
    name,
    count,
    plus: { type: "dish.plus", cuisineId },
    minus: { type: "dish.minus", cuisineId },
    noPlus: count >= Math.min(MOST_PER_LINE, cuisine.left ?? MOST_PER_LINE),
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
