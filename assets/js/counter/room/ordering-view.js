// 点菜: ordering for a table, from the menu that its phones have, into the cart that they see; and what is sold out, at the same place.

import { h, whenFree } from "../../shared/dom.js";
import { formatFen, toFen } from "../../shared/money.js";
import { optionsText, optionTexts } from "../../shared/options.js";
import { may, submits, textOf } from "../parts.js";
import { choiceFen, chosenOptions, dishesShown, dishOf, inCart, MOST, missingGroup } from "./ordering-state.js";
import { buttons, field, numberOf, screenHead, troubleLine } from "./parts.js";

/** @import {Child, VElement} from "../../shared/dom.js" */
/** @import {CartLine, Cuisine, OptionGroup} from "../../types.js" */
/** @import {Choice, OrderingScreen} from "./ordering-state.js" */
/** @import {RoomCtx} from "./parts.js" */

/**
 * @param {RoomCtx} ctx
 * @param {OrderingScreen} screen
 * @returns {VElement}
 */
export function orderingScreen(ctx, screen) {
  const { t } = ctx;
  const head = screenHead(ctx, t("orderAsk", { table: numberOf(ctx, screen.tableId) }));
  if (!screen.menu || !screen.session) {
    return h(
      "div",
      null,
      head,
      troubleLine(ctx, screen.trouble) ||
        h("p", { class: "empty", role: "status", tabindex: -1, "data-first": "" }, t("loading")),
    );
  }
  return h(
    "div",
    { class: "ordering" },
    head,
    h(
      "div",
      { class: "ordering-columns" },
      h(
        "div",
        { key: "menu", class: "ordering-menu" },
        screen.choice ? choiceForm(ctx, screen, screen.choice) : [finder(ctx, screen), dishList(ctx, screen)],
      ),
      cartColumn(ctx, screen),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {OrderingScreen} screen
 * @returns {VElement}
 */
function finder({ t, send }, screen) {
  const categories = screen.menu?.categories ?? [];
  const chip = (/** @type {number | null} */ categoryId, /** @type {string} */ name) =>
    h(
      "button",
      {
        key: categoryId ?? "all",
        type: "button",
        class: "secondary",
        "aria-pressed": String(screen.search === "" && screen.category === categoryId),
        onclick: () => send({ type: "category", categoryId }),
      },
      name,
    );
  return h(
    "form",
    {
      // Enter takes the first that was found: type, Enter, type, Enter.
      key: "finder",
      class: "finder",
      role: "search",
      onsubmit: submits((form) => {
        const search = textOf(form, "search");
        const first = dishesShown({ ...screen, search }).find((dish) => !dish.soldOut);
        if (first && search) send({ type: "add", cuisineId: first.cuisineId });
      }),
    },
    h("input", {
      name: "search",
      value: screen.search,
      placeholder: t("search"),
      "aria-label": t("search"),
      autocomplete: "off",
      "data-first": "",
      oninput: (event) => send({ type: "search", text: event.target.value }),
    }),
    h(
      "div",
      { class: "usual", role: "group" },
      chip(null, t("all")),
      categories.map(({ categoryId, name }) => chip(categoryId, name)),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {OrderingScreen} screen
 * @returns {VElement}
 */
function dishList(ctx, screen) {
  const dishes = dishesShown(screen);
  return h(
    "ul",
    { key: "dishes", class: "plain dishes" },
    dishes.length === 0 && h("li", { key: "none", class: "empty" }, ctx.t("noDish")),
    dishes.map((dish) => (screen.stocking === dish.cuisineId ? stockForm(ctx, dish) : dishTile(ctx, screen, dish))),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {OrderingScreen} screen
 * @param {Cuisine} dish
 * @returns {VElement}
 */
function dishTile({ counter, t, send }, screen, dish) {
  const { cuisineId, cuisineName: name, cuisineType, unitPrice, soldOut, left } = dish;
  const count = inCart(screen, cuisineId);
  const toggles = may(counter, cuisineType === 2 ? "POST setmeal/status/*" : "POST dish/status/*");
  const counts = cuisineType !== 2 && may(counter, "PUT dish/stock/*");
  return h(
    "li",
    { key: cuisineId, class: soldOut ? "dish sold-out" : "dish", "data-dish": cuisineId },
    h(
      "button",
      {
        key: "add",
        type: "button",
        class: "dish-add",
        ...whenFree(soldOut, () => send({ type: "add", cuisineId })),
      },
      h(
        "span",
        { class: "dish-name" },
        name,
        soldOut && h("span", { class: "dish-note" }, t("soldOut")),
        typeof left === "number" && h("span", { class: "dish-note" }, t("pieces", { count: left })),
      ),
      h("span", { class: "price" }, formatFen(toFen(unitPrice))),
      count > 0 && h("span", { key: "count", class: "badge" }, count),
    ),
    (toggles || counts) &&
      h(
        "span",
        { key: "tools", class: "dish-tools" },
        toggles &&
          h(
            "button",
            {
              key: "toggle",
              type: "button",
              class: "quiet",
              "aria-label": t(soldOut ? "setOnSaleFor" : "setSoldOutFor", { name }),
              onclick: () => send({ type: "sold.out", cuisineId, soldOut: !soldOut }),
            },
            t(soldOut ? "setOnSale" : "setSoldOut"),
          ),
        counts &&
          h(
            "button",
            {
              key: "stock",
              type: "button",
              class: "quiet",
              "aria-label": t("stockFor", { name }),
              onclick: () => send({ type: "stocking", cuisineId }),
            },
            t("stock"),
          ),
      ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {Cuisine} dish
 * @returns {VElement}
 */
function stockForm(ctx, { cuisineId, cuisineName, left }) {
  const { t, send } = ctx;
  const go = (/** @type {HTMLFormElement} */ form) => {
    const text = textOf(form, "left");
    send({ type: "stock", cuisineId, left: text === "" ? null : Number(text) });
  };
  return h(
    "li",
    { key: cuisineId, class: "dish", "data-dish": cuisineId },
    h(
      "form",
      { class: "stock-form", onsubmit: submits(go) },
      h(
        "label",
        { class: "field" },
        `${cuisineName}：${t("stockField")}`,
        h("input", {
          name: "left",
          inputmode: "numeric",
          pattern: "\\d{1,4}",
          autocomplete: "off",
          placeholder: typeof left === "number" ? String(left) : "",
          "data-first": "",
        }),
      ),
      buttons(ctx, { type: "stocking", cuisineId: null }, t("save")),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {OrderingScreen} screen
 * @param {Choice} choice
 * @returns {VElement}
 */
function choiceForm(ctx, screen, choice) {
  const { t, send } = ctx;
  const dish = dishOf(screen, choice.cuisineId);
  const missing = missingGroup(screen, choice);
  const step = (/** @type {number} */ by) => () => send({ type: "choice.quantity", by });
  return h(
    "form",
    {
      key: "choice",
      class: "choice-form",
      onsubmit: submits((form) => send({ type: "choice.go", remark: textOf(form, "remark") })),
    },
    h("h3", null, dish?.cuisineName ?? ""),
    (dish?.options ?? []).map((group, index) => optionGroup(ctx, choice, group, index === 0)),
    h(
      "div",
      { key: "quantity", class: "stepper", role: "group", "aria-label": t("quantity") },
      h(
        "button",
        {
          type: "button",
          class: "secondary round",
          "aria-label": t("less", { name: "" }),
          ...whenFree(choice.quantity <= 1, step(-1)),
        },
        "−",
      ),
      h("output", { class: "count" }, choice.quantity),
      h(
        "button",
        {
          type: "button",
          class: "secondary round",
          "aria-label": t("more", { name: "" }),
          ...whenFree(choice.quantity >= MOST, step(1)),
        },
        "+",
      ),
    ),
    h(
      "label",
      { key: "remark", class: "field" },
      t("remark"),
      h("input", { name: "remark", maxlength: 60, autocomplete: "off" }),
    ),
    missing && h("p", { key: "missing", class: "fine", role: "status" }, t("chooseFirst", { name: missing.name })),
    buttons(ctx, { type: "choice.close" }, t("add", { amount: formatFen(choiceFen(screen, choice)) }), {
      busy: Boolean(missing),
    }),
    h("p", { key: "chosen", class: "for-ears", "aria-live": "polite" }, optionsText(chosenOptions(screen, choice))),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {Choice} choice
 * @param {OptionGroup} group
 * @param {boolean} first
 * @returns {VElement}
 */
function optionGroup({ t, send }, choice, { name, multiple, required, values }, first) {
  return h(
    "fieldset",
    { key: `group ${name}` },
    h("legend", null, name, " ", h("small", { class: "fine" }, t(required ? "required" : "optional"))),
    h(
      "div",
      { class: "usual" },
      values.map(({ value, priceDelta }, index) =>
        h(
          "button",
          {
            key: value,
            type: "button",
            class: "secondary",
            "data-first": first && index === 0 ? "" : null,
            "aria-pressed": String(choice.options.some((option) => option.name === name && option.value === value)),
            onclick: () => send({ type: "choice.pick", name, value, multiple }),
          },
          value,
          priceDelta !== 0 && h("small", null, ` ${priceDelta > 0 ? "+" : ""}${formatFen(toFen(priceDelta))}`),
        ),
      ),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {OrderingScreen} screen
 * @returns {VElement}
 */
function cartColumn(ctx, screen) {
  const { t, send } = ctx;
  const lines = screen.cart?.items ?? [];
  const amount = formatFen(toFen(screen.cart?.totalAmount ?? 0));
  return h(
    "form",
    { key: "cart", class: "ordering-cart", onsubmit: submits(() => send({ type: "go" })) },
    h(
      "h3",
      null,
      t("cart"),
      " ",
      h("span", { class: lines.length > 0 ? "badge" : "badge calm" }, screen.cart?.totalQuantity ?? 0),
    ),
    h(
      "ul",
      { class: "plain cart-lines" },
      lines.length === 0 && h("li", { key: "none", class: "empty" }, t("cartEmpty")),
      lines.map((line) => cartLine(ctx, line)),
    ),
    field(ctx, "remark", t("orderRemark"), { remark: screen.remark }, { maxlength: 200 }),
    troubleLine(ctx, screen.trouble),
    h(
      "button",
      {
        key: "place",
        type: "submit",
        class: "primary big",
        "aria-disabled": lines.length === 0 || screen.waiting ? "true" : null,
        "data-do": "place",
      },
      screen.waiting ? t("placing") : t("place", { amount }),
    ),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {CartLine} line
 * @returns {Child}
 */
function cartLine({ t, send }, { lineId, cuisineName: name, quantity, subtotalAmount, options, remark }) {
  const note = [...optionTexts(options), remark ?? ""].filter(Boolean).join(" · ");
  return h(
    "li",
    { key: lineId, class: "cart-line", "data-line": lineId },
    h("span", { class: "dish-name" }, name, note && h("span", { class: "dish-note" }, note)),
    h(
      "span",
      { class: "stepper" },
      h(
        "button",
        {
          type: "button",
          class: "secondary round",
          "aria-label": t("less", { name }),
          onclick: () => send({ type: "line", lineId, quantity: quantity - 1 }),
        },
        "−",
      ),
      h("output", { class: "count" }, quantity),
      h(
        "button",
        {
          type: "button",
          class: "secondary round",
          "aria-label": t("more", { name }),
          ...whenFree(quantity >= MOST, () => send({ type: "line", lineId, quantity: quantity + 1 })),
        },
        "+",
      ),
    ),
    h("span", { class: "price" }, formatFen(toFen(subtotalAmount))),
  );
}
