// Ordering for a table as data: the menu and how it is narrowed down, the table's own cart, which its phones see too, a dish's options.

import { toFen } from "../../shared/money.js";

/** @import {Cart, ChosenOption, Cuisine, Menu, OptionGroup, Session} from "../../types.js" */
/** @import {RoomMessage, Trouble} from "./room-state.js" */

/** @typedef {{cuisineId: number, options: ChosenOption[], quantity: number, remark: string}} Choice a dish whose options are being chosen */

/**
 * @typedef {object} OrderingScreen
 * @property {"order"} kind
 * @property {number} tableId
 * @property {(Session & {token: string}) | null} session
 * @property {Menu | null} menu
 * @property {Cart | null} cart
 * @property {string} search
 * @property {number | null} category null = all
 * @property {Choice | null} choice
 * @property {number | null} stocking the dish whose stock is being set
 * @property {string} remark for the whole order
 * @property {boolean} waiting the order is on its way
 * @property {Trouble} trouble
 */

/**
 * @typedef {(
 *   | {type: "search", text: string} | {type: "category", categoryId: number | null} | {type: "add", cuisineId: number}
 *   | {type: "choice.pick", name: string, value: string, multiple: boolean} | {type: "choice.quantity", by: number} | {type: "choice.close"}
 *   | {type: "choice.go", remark: string} | {type: "line", lineId: number, quantity: number}
 *   | {type: "sold.out", cuisineId: number, soldOut: boolean} | {type: "stocking", cuisineId: number | null} | {type: "stock", cuisineId: number, left: number | null}
 * )} OrderingIntent
 */

/** @typedef {{type: "session", session: Session & {token: string}} | {type: "menu", menu: Menu} | {type: "cart", cart: Cart}} OrderingEvent */

/** What one line may hold, by the protocol. */
export const MOST = 99;

/**
 * @param {number} tableId
 * @returns {OrderingScreen}
 */
export function orderingOf(tableId) {
  return {
    kind: "order",
    tableId,
    session: null,
    menu: null,
    cart: null,
    search: "",
    category: null,
    choice: null,
    stocking: null,
    remark: "",
    waiting: false,
    trouble: null,
  };
}

/**
 * @param {OrderingScreen} screen
 * @param {RoomMessage} message
 * @returns {OrderingScreen | null}
 */
export function applyOrdering(screen, message) {
  switch (message.type) {
    case "session":
      return { ...screen, session: message.session };
    case "menu":
      return { ...screen, menu: message.menu };
    case "cart":
      // An answer may be overtaken by a push of what came after it.
      return message.cart.version >= (screen.cart?.version ?? 0) ? { ...screen, cart: message.cart } : screen;
    case "search":
      return { ...screen, search: message.text };
    case "category":
      return { ...screen, category: message.categoryId, search: "" };
    case "draft":
      return message.name === "remark" ? { ...screen, remark: message.value } : screen;
    case "stocking":
      return { ...screen, stocking: message.cuisineId, trouble: null };
    case "stock":
      return { ...screen, stocking: null };
    case "go":
      return screen.waiting || !screen.cart?.items.length ? screen : { ...screen, waiting: true, trouble: null };
    case "trouble":
      return { ...screen, waiting: false, trouble: { code: message.code, said: message.said } };
    case "done":
      return null;
    default:
      return applyChoice(screen, message);
  }
}

/**
 * @param {OrderingScreen} screen
 * @param {RoomMessage} message
 * @returns {OrderingScreen}
 */
function applyChoice(screen, message) {
  const { choice } = screen;
  switch (message.type) {
    case "add": {
      const dish = dishOf(screen, message.cuisineId);
      if (!dish || dish.soldOut || dish.options.length === 0) return { ...screen, trouble: null };
      return {
        ...screen,
        trouble: null,
        choice: { cuisineId: dish.cuisineId, options: firstOptions(dish), quantity: 1, remark: "" },
      };
    }
    case "choice.close":
      return { ...screen, choice: null };
    case "choice.go":
      return choice && missingGroup(screen, choice)
        ? { ...screen, choice: { ...choice, remark: message.remark } }
        : { ...screen, choice: null };
    case "choice.quantity":
      return choice
        ? { ...screen, choice: { ...choice, quantity: Math.min(MOST, Math.max(1, choice.quantity + message.by)) } }
        : screen;
    case "choice.pick":
      return choice
        ? {
            ...screen,
            choice: { ...choice, options: pick(choice.options, message, isRequired(screen, choice, message.name)) },
          }
        : screen;
  }
  return screen;
}

/**
 * @param {ChosenOption[]} options
 * @param {{name: string, value: string, multiple: boolean}} picked pressed once more it is given up, where it need not be chosen
 * @param {boolean} required
 * @returns {ChosenOption[]}
 */
function pick(options, { name, value, multiple }, required) {
  const has = options.some((option) => option.name === name && option.value === value);
  const others = options.filter((option) => option.name !== name || (multiple && option.value !== value));
  return has && (multiple || !required) ? others : [...others, { name, value }];
}

/**
 * @param {OrderingScreen} screen
 * @param {Choice} choice
 * @param {string} name of the group
 * @returns {boolean}
 */
function isRequired(screen, { cuisineId }, name) {
  return dishOf(screen, cuisineId)?.options.find((group) => group.name === name)?.required ?? false;
}

/**
 * As on the phone: what has to be chosen is left open, so that it is chosen; of the rest the first is usual, where it costs nothing.
 *
 * @param {Cuisine} dish
 * @returns {ChosenOption[]}
 */
function firstOptions({ options }) {
  return options.flatMap(({ name, multiple, required, values: [first, ...others] }) => {
    const settled = required ? others.length === 0 : first?.priceDelta === 0;
    return first && settled && !multiple ? [{ name, value: first.value }] : [];
  });
}

// --- questions asked of the screen ---

/**
 * @param {OrderingScreen} screen
 * @param {number} cuisineId
 * @returns {Cuisine | undefined}
 */
export function dishOf({ menu }, cuisineId) {
  return menu?.categories.flatMap((category) => category.cuisines).find((dish) => dish.cuisineId === cuisineId);
}

/**
 * @param {OrderingScreen} screen
 * @param {Choice} choice
 * @returns {OptionGroup | undefined} one that has to be chosen from, and is not
 */
export function missingGroup(screen, { cuisineId, options }) {
  return dishOf(screen, cuisineId)?.options.find(
    (group) => group.required && !options.some((option) => option.name === group.name),
  );
}

/**
 * @param {OrderingScreen} screen
 * @param {Choice} choice
 * @returns {ChosenOption[]} in the menu's order
 */
export function chosenOptions(screen, { cuisineId, options }) {
  return (dishOf(screen, cuisineId)?.options ?? []).flatMap(({ name, values, dish }) =>
    values
      .filter(({ value }) => options.some((option) => option.name === name && option.value === value))
      .map(({ value }) => ({ name, value, ...(dish ? { dish } : {}) })),
  );
}

/**
 * @param {OrderingScreen} screen
 * @param {Choice} choice
 * @returns {number} fen for all of them
 */
export function choiceFen(screen, choice) {
  const dish = dishOf(screen, choice.cuisineId);
  if (!dish) return 0;
  const deltas = dish.options.flatMap(({ name, values }) =>
    values
      .filter(({ value }) => choice.options.some((option) => option.name === name && option.value === value))
      .map(({ priceDelta }) => toFen(priceDelta)),
  );
  return deltas.reduce((sum, fen) => sum + fen, toFen(dish.unitPrice)) * choice.quantity;
}

/**
 * Any part of the name finds a dish, its characters in order too (“宫丁”), and its number as printed.
 *
 * @param {OrderingScreen} screen
 * @returns {Cuisine[]}
 */
export function dishesShown({ menu, search, category }) {
  const wanted = search.trim().toLowerCase();
  /** @type {Map<number, Cuisine>} */
  const found = new Map();
  for (const { categoryId, cuisines } of menu?.categories ?? []) {
    if (wanted === "" && category !== null && category !== categoryId) continue;
    for (const dish of cuisines) if (wanted === "" || fits(dish, wanted)) found.set(dish.cuisineId, dish);
  }
  return [...found.values()];
}

/**
 * @param {Cuisine} dish
 * @param {string} wanted lower case
 * @returns {boolean}
 */
function fits({ cuisineName, cuisineId }, wanted) {
  const name = cuisineName.toLowerCase();
  if (name.includes(wanted) || String(cuisineId).endsWith(wanted)) return true;
  let from = 0;
  for (const letter of wanted) {
    const at = name.indexOf(letter, from);
    if (at < 0) return false;
    from = at + letter.length;
  }
  return true;
}

/**
 * @param {OrderingScreen} screen
 * @param {number} cuisineId
 * @returns {number} in the cart, in all its variants
 */
export function inCart({ cart }, cuisineId) {
  return (cart?.items ?? [])
    .filter((line) => line.cuisineId === cuisineId)
    .reduce((sum, line) => sum + line.quantity, 0);
}
