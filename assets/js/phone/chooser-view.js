import { h } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { optionsText } from "../shared/options.js";
import { spare, unanswered } from "./choosing.js";
import { MOST_PER_LINE, unitPriceFen } from "./outbox.js";
import { dialog, dishTags, largePicture, noticeRegion } from "./parts.js";
import { dishOf } from "./queries.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Cuisine, OptionGroup} from "../types.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {Chooser} from "./state.js" */

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function chooserDialog(ctx) {
  const chooser = ctx.state.chooser;
  const dish = chooser ? dishOf(ctx.state, chooser.cuisineId) : undefined;
  const open = Boolean(chooser);
  return dialog(
    ctx,
    { name: "chooser", open, title: dish?.cuisineName ?? "", close: { type: "chooser.close" } },
    chooser && dish ? [form(ctx, chooser, dish)] : [],
  );
}

/**
 * @param {Ctx} ctx
 * @param {Chooser} chooser
 * @param {Cuisine} dish
 * @returns {VElement}
 */
function form(ctx, chooser, dish) {
  const { t, send } = ctx;
  const editing = chooser.pair !== null;
  const missing = editing ? [] : unanswered(dish, chooser.options);
  const price = formatFen(unitPriceFen(dish, chooser.options) * chooser.quantity);
  return h(
    "form",
    {
      class: "order-form",
      onsubmit: (event) => {
        event.preventDefault();
        send({ type: "chooser.confirm" });
      },
    },
    noticeRegion(ctx, true),
    editing
      ? h("p", { key: "chosen", class: "fine" }, optionsText(chooser.options))
      : [
          largePicture(dish.cuisineImage),
          dishTags(ctx, dish),
          dish.description && h("p", { key: "about", class: "fine" }, dish.description),
          dish.options.map((group) => optionGroup(ctx, chooser, group, chooser.asked && missing.includes(group))),
          quantityField(ctx, chooser),
        ],
    h(
      "label",
      { key: "remark", class: "field stacked" },
      t("remark"),
      h("input", {
        name: "line-remark",
        value: chooser.remark,
        required: editing,
        pattern: ".*\\S.*",
        maxlength: 60,
        autocomplete: "off",
        enterkeyhint: "done",
        placeholder: t("lineRemarkHint"),
        oninput: (event) => send({ type: "chooser.remark", text: event.target.value }),
      }),
    ),
    h(
      "button",
      { key: "go", class: missing.length > 0 ? "primary wide undone" : "primary wide", disabled: dish.soldOut },
      goLabel(ctx, {
        soldOut: dish.soldOut,
        editing,
        price,
        missing: missing.map((group) => group.name),
      }),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {{soldOut: boolean, editing: boolean, price: string, missing: string[]}} how
 * @returns {string}
 */
function goLabel({ state, t }, { soldOut, editing, price, missing }) {
  if (soldOut) return t("soldOut");
  if (editing) return t("saveRemark");
  return missing.length > 0
    ? t("chooseFirst", { names: missing.join(state.lang === "zh" ? "、" : ", ") })
    : t("confirmAdd", { price });
}

/**
 * @param {Ctx} ctx
 * @param {Chooser} chooser
 * @param {OptionGroup} group
 * @param {boolean} missed it was passed over
 * @returns {VElement}
 */
function optionGroup({ t, send }, chooser, group, missed) {
  const { name, multiple, required } = group;
  const picked = chooser.options.find((option) => option.name === name)?.value;
  return h(
    "fieldset",
    { key: `group-${name}`, class: missed ? "missed" : null },
    h(
      "legend",
      null,
      name,
      h("span", { class: "tag" }, t(required ? "mustChoose" : multiple ? "mayChooseSome" : "mayChoose")),
    ),
    h(
      "div",
      { class: "choices" },
      group.values.map(({ value, priceDelta }) =>
        h(
          "label",
          { key: value, class: "choice" },
          h("input", {
            type: multiple ? "checkbox" : "radio",
            name: `option-${name}`,
            value,
            checked: chooser.options.some((option) => option.name === name && option.value === value),
            onchange: () => send({ type: "chooser.pick", name, value, multiple }),
            // A choice that need not be made can be taken back.
            onclick:
              !multiple && !required && picked === value ? () => send({ type: "chooser.drop", name }) : undefined,
          }),
          h(
            "span",
            null,
            value,
            priceDelta !== 0 && h("small", null, ` ${priceDelta > 0 ? "+" : ""}${formatFen(toFen(priceDelta))}`),
          ),
        ),
      ),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Chooser} chooser
 * @returns {VElement}
 */
function quantityField({ state, t, send }, chooser) {
  const step = (/** @type {number} */ by) => () => send({ type: "chooser.quantity", by });
  return h(
    "div",
    { key: "quantity", class: "field" },
    h("span", { id: "quantity-label" }, t("quantity")),
    h(
      "span",
      { class: "stepper", role: "group", "aria-labelledby": "quantity-label" },
      h(
        "button",
        {
          type: "button",
          class: "round",
          "aria-label": t("less", { name: "" }),
          disabled: chooser.quantity <= 1,
          onclick: step(-1),
        },
        "−",
      ),
      h("output", { class: "count" }, chooser.quantity),
      h(
        "button",
        {
          type: "button",
          class: "round",
          "aria-label": t("more", { name: "" }),
          disabled: chooser.quantity >= Math.min(MOST_PER_LINE, spare(state, chooser.cuisineId)),
          onclick: step(1),
        },
        "+",
      ),
    ),
  );
}
