import { h } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { unitPriceFen, MOST_PER_LINE } from "./outbox.js";
import { dialog, noticeRegion, optionsText } from "./parts.js";
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
  return dialog(ctx, { name: "chooser", open, title: dish?.cuisineName ?? "", close: { type: "chooser.close" } },
    chooser && dish ? [form(ctx, chooser, dish)] : []);
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
  const price = formatFen(unitPriceFen(dish, chooser.options) * chooser.quantity);
  return h("form", {
    class: "order-form",
    onsubmit: (event) => {
      event.preventDefault();
      send({ type: "chooser.confirm" });
    },
  },
  noticeRegion(ctx, true),
  editing
    ? h("p", { key: "chosen", class: "fine" }, optionsText(chooser.options))
    : [dish.description && h("p", { key: "about", class: "fine" }, dish.description),
      dish.options.map((group) => optionGroup(ctx, chooser, group)), quantityField(ctx, chooser)],
  h("label", { key: "remark", class: "field stacked" }, t("remark"),
    h("input", {
      name: "line-remark", value: chooser.remark, required: editing, pattern: ".*\\S.*", maxlength: 60, autocomplete: "off",
      enterkeyhint: "done", placeholder: t("lineRemarkHint"),
      oninput: (event) => send({ type: "chooser.remark", text: event.target.value }),
    })),
  h("button", { key: "go", class: "primary wide", disabled: dish.soldOut },
    dish.soldOut ? t("soldOut") : t(editing ? "saveRemark" : "confirmAdd", { price })));
}

/**
 * @param {Ctx} ctx
 * @param {Chooser} chooser
 * @param {OptionGroup} group
 * @returns {VElement}
 */
function optionGroup({ send }, chooser, group) {
  const { name, multiple } = group;
  return h("fieldset", { key: `group-${name}` },
    h("legend", null, name),
    h("div", { class: "choices" }, group.values.map(({ value, priceDelta }) => h("label", { key: value, class: "choice" },
      h("input", {
        type: multiple ? "checkbox" : "radio", name: `option-${name}`, value,
        checked: chooser.options.some((option) => option.name === name && option.value === value),
        onchange: () => send({ type: "chooser.pick", name, value, multiple }),
      }),
      h("span", null, value, priceDelta !== 0 && h("small", null, ` ${priceDelta > 0 ? "+" : ""}${formatFen(toFen(priceDelta))}`))))));
}

/**
 * @param {Ctx} ctx
 * @param {Chooser} chooser
 * @returns {VElement}
 */
function quantityField({ t, send }, chooser) {
  const step = (/** @type {number} */ by) => () => send({ type: "chooser.quantity", by });
  return h("div", { key: "quantity", class: "field" },
    h("span", { id: "quantity-label" }, t("quantity")),
    h("span", { class: "stepper", role: "group", "aria-labelledby": "quantity-label" },
      h("button", { type: "button", class: "round", "aria-label": t("less", { name: "" }), disabled: chooser.quantity <= 1, onclick: step(-1) }, "−"),
      h("output", { class: "count" }, chooser.quantity),
      h("button", {
        type: "button", class: "round", "aria-label": t("more", { name: "" }), disabled: chooser.quantity >= MOST_PER_LINE, onclick: step(1),
      }, "+")));
}
