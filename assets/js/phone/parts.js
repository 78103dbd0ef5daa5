// Small pieces that several surfaces of the phone page share.

import { h } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { errorSentence, ORDER_STATUS } from "../shared/words.js";
import { personIndex } from "./queries.js";

/** @import {Child, VElement} from "../shared/dom.js" */
/** @import {Translate} from "../shared/i18n.js" */
/** @import {Adjustment, Cuisine} from "../types.js" */
/** @import {Intent, Notice, PhoneState} from "./state.js" */
/** @import {PhoneKey} from "./words.js" */

/**
 * @typedef {object} Ctx what every view of the phone gets
 * @property {PhoneState} state
 * @property {Translate<PhoneKey>} t
 * @property {(intent: Intent) => void} send
 */

const COLOURS = 8;

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function linkChip({ state, t }) {
  const { phase } = state.link;
  // "Online" is a promise: all that is shown is as it is now.
  const up = phase === "online" && state.fresh;
  const down = phase === "connecting" && !state.cart ? "connecting" : phase === "online" ? "updating" : "reconnecting";
  const text = t(up ? "online" : down);
  return h("span", { class: `chip link-${up ? "up" : "down"}`, role: "status", "aria-live": "polite" }, text);
}

/**
 * @param {Ctx} ctx
 * @param {object} stepper
 * @param {string} stepper.name the dish, for people who hear the button instead of seeing it
 * @param {number} stepper.count 0 shows only the plus
 * @param {Intent} stepper.plus
 * @param {Intent} stepper.minus
 * @param {boolean} [stepper.noPlus]
 * @param {boolean} [stepper.noMinus]
 * @returns {VElement}
 */
export function stepper({ t, send }, { name, count, plus, minus, noPlus = false, noMinus = false }) {
  return h(
    "span",
    { class: "stepper" },
    count > 0 &&
      h(
        "button",
        {
          key: "less",
          type: "button",
          class: "round",
          "aria-label": t("less", { name }),
          disabled: noMinus,
          onclick: () => send(minus),
        },
        "−",
      ),
    count > 0 && h("span", { key: "count", class: "count" }, count),
    h(
      "button",
      {
        key: "more",
        type: "button",
        class: "round solid",
        "aria-label": t(count > 0 ? "more" : "add", { name }),
        disabled: noPlus,
        onclick: () => send(plus),
      },
      "+",
    ),
  );
}

/**
 * The dish's picture, or a tile in its category's colour with its first character. A picture from another host is not asked for:
 * no request leaves the restaurant.
 *
 * @param {string} image
 * @param {string} name
 * @param {number} colour
 * @returns {VElement}
 */
export function picture(image, name, colour) {
  if (isOwnPicture(image))
    return h("img", { class: "tile", alt: "", loading: "lazy", decoding: "async", width: 72, height: 72, src: image });
  return h("span", { class: `tile tile-${colour % COLOURS}`, "aria-hidden": "true" }, [...name][0] ?? "");
}

/**
 * The same, as large as the sheet is wide: the daemon keeps each picture in two sizes.
 *
 * @param {string} image
 * @returns {VElement | false}
 */
export function largePicture(image) {
  if (!isOwnPicture(image)) return false;
  const src = image.replace(/\/128\.jpg$/, "/512.jpg");
  return h("img", { key: "large", class: "large", alt: "", decoding: "async", width: 512, height: 512, src });
}

/**
 * What a diner has to know of a dish before choosing it.
 *
 * @param {Ctx} ctx
 * @param {Cuisine} cuisine
 * @returns {VElement | false}
 */
export function dishTags({ t }, { soldOut, left, hours }) {
  const counted = !soldOut && left !== null && left !== undefined;
  if (!counted && !hours) return false;
  return h(
    "p",
    { key: "tags", class: "dish-tags" },
    counted && h("span", { key: "left", class: "tag wait" }, t("left", { count: left })),
    hours && h("span", { key: "hours", class: "tag" }, t("servedAt", { hours })),
  );
}

/** @type {Record<Adjustment["kind"], PhoneKey>} */
const ADJUSTMENTS = {
  discount: "discount",
  free: "freeDish",
  service: "serviceFee",
  cover: "coverFee",
  packing: "packingFee",
};

/**
 * Fees and reductions, below the dishes that they belong to.
 *
 * @param {Ctx} ctx
 * @param {Adjustment[] | undefined} adjustments
 * @returns {VElement[]}
 */
export function adjustmentLines({ t }, adjustments) {
  return (adjustments ?? []).map(({ kind, reason, amount }, index) =>
    h(
      "li",
      { key: `adjustment-${index}`, class: "adjustment" },
      h("span", { class: "item-name" }, t(ADJUSTMENTS[kind]), reason && h("span", { class: "fine" }, ` ${reason}`)),
      h("span", { class: "price" }, formatFen(toFen(amount))),
    ),
  );
}

/**
 * @param {string} image
 * @returns {boolean}
 */
function isOwnPicture(image) {
  if (!image) return false;
  try {
    return new URL(image, location.href).origin === location.origin;
  } catch {
    return false;
  }
}

/**
 * @param {Ctx} ctx
 * @param {number} userId
 * @returns {VElement}
 */
export function person({ state, t }, userId) {
  const index = personIndex(state, userId);
  return h(
    "span",
    { class: "person" },
    h("span", { class: `dot dot-${index % COLOURS}`, "aria-hidden": "true" }),
    index === 0 ? t("me") : t("mate", { n: index }),
  );
}

/**
 * The live region of one surface. A region outside the open dialog is inert and stays silent, so each surface has its own and only
 * the topmost one speaks.
 *
 * @param {Ctx} ctx
 * @param {boolean} topmost
 * @returns {VElement}
 */
export function noticeRegion(ctx, topmost) {
  const notice = topmost ? ctx.state.notice : null;
  return h(
    "p",
    { class: `notice ${notice ? notice.tone : "none"}`, role: "status", "aria-live": "polite" },
    notice && noticeText(ctx, notice),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Notice} notice
 * @returns {string}
 */
function noticeText({ state, t }, { text }) {
  if ("key" in text) return t(text.key, text.vars);
  if ("code" in text) return errorSentence(state.lang, text.code, text.said);
  const { orderNumber, payStatus, status } = text.order;
  if (payStatus === 1 && status <= 2) return t("paidNow", { number: orderNumber });
  return t("orderMoved", { number: orderNumber, status: ORDER_STATUS[state.lang][status] });
}

/**
 * A sheet or dialog: closed by Escape, by its button or by a tap beside it.
 *
 * @param {Ctx} ctx
 * @param {object} dialog
 * @param {string} dialog.name
 * @param {boolean} dialog.open
 * @param {string} dialog.title
 * @param {Intent} dialog.close
 * @param {Child[]} children drawn only while open
 * @returns {VElement}
 */
export function dialog({ t, send }, { name, open, title, close }, children) {
  return h(
    "dialog",
    {
      key: name,
      class: `sheet ${name}`,
      modal: open,
      "aria-labelledby": `${name}-title`,
      onclose: (event) => event.target === event.currentTarget && !event.target.open && open && send(close),
      onclick: (event) => event.target === event.currentTarget && send(close),
    },
    open &&
      h(
        "div",
        { class: "sheet-body" },
        h(
          "header",
          { class: "sheet-head" },
          h("h2", { id: `${name}-title` }, title),
          h(
            "button",
            { type: "button", class: "quiet close", "aria-label": t("close"), onclick: () => send(close) },
            "×",
          ),
        ),
        children,
      ),
  );
}
