import { h, whenFree } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { clock } from "../shared/time.js";
import { providerName } from "../shared/words.js";
import { busyKey } from "./steps.js";
import { isCostly } from "./till-state.js";
import { unclaimedCard } from "./unclaimed-view.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Review} from "../types.js" */
/** @import {ReviewAction} from "./till-state.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {CounterKey} from "./words.js" */

/** @type {Record<ReviewAction, CounterKey>} */
export const REVIEW_ACTIONS = {
  accept: "reviewAccept",
  refund: "reviewRefund",
  dismiss: "reviewDismiss",
  retry: "reviewRetry",
  handed_back: "reviewHandedBack",
};

/** @type {Record<string, CounterKey>} */
const KINDS = {
  amount: "reviewAmount",
  merchant: "reviewMerchant",
  transaction: "reviewTransaction",
  refunded_elsewhere: "reviewElsewhere",
  refunded_before: "reviewElsewhere",
  refund_notice: "reviewRefundNotice",
  refund_abnormal: "reviewRefundFailed",
  refund_closed: "reviewRefundFailed",
  refund_refused: "reviewRefundFailed",
};

/**
 * Payments that wait for a person. Nothing is drawn while there is none: that is the usual evening.
 *
 * @param {Ctx} ctx
 * @returns {VElement | false}
 */
export function reviewsRegion(ctx) {
  const { state, t } = ctx;
  const count = state.reviews.length + state.unclaimed.length;
  if (count === 0) return false;
  return h(
    "section",
    { key: "reviews", class: "reviews", "data-region": "reviews", "aria-labelledby": "reviews-title" },
    h(
      "header",
      { class: "region-head" },
      h("h2", { id: "reviews-title", tabindex: -1 }, t("reviews")),
      h("span", { class: "badge", "aria-live": "polite" }, count),
    ),
    h(
      "ul",
      { class: "plain" },
      state.reviews.map((review) => reviewCard(ctx, review)),
      state.unclaimed.map((one) => unclaimedCard(ctx, one)),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Review} review
 * @returns {VElement}
 */
function reviewCard(ctx, review) {
  const { state, t } = ctx;
  const kind = KINDS[review.kind];
  return h(
    "li",
    { key: review.reviewId, class: "review", "data-review": review.reviewId },
    h(
      "div",
      { class: "review-head" },
      h("strong", { class: "table-number" }, review.tableNumber || t("noTable")),
      h(
        "div",
        { class: "alert-what" },
        h("span", { class: "kind" }, kind ? t(kind) : review.kind),
        h("span", { class: "fine" }, `${providerName(state.lang, review.provider)} ${clock(review.raisedAt)}`),
      ),
    ),
    h("p", { class: "review-reason" }, review.reason),
    review.notices > 1 && h("p", { key: "notices", class: "fine" }, t("reviewNotices", { n: review.notices })),
    h(
      "dl",
      { class: "sums" },
      sum(t("asked"), formatFen(toFen(review.amount))),
      sum(t("received"), review.received === null ? t("unknown") : formatFen(toFen(review.received))),
    ),
    h("p", { class: "fine" }, t("orderLine", { number: review.orderNumber })),
    h(
      "div",
      { class: "actions" },
      review.actions.map((action, index) => actionButton(ctx, review, action, index === 0)),
    ),
  );
}

/**
 * @param {string} name
 * @param {string} amount
 * @returns {VElement}
 */
function sum(name, amount) {
  return h("div", { key: name }, h("dt", null, name), h("dd", { class: "price" }, amount));
}

/**
 * @param {Ctx} ctx
 * @param {Review} review
 * @param {ReviewAction} action
 * @param {boolean} usual
 * @returns {VElement}
 */
function actionButton({ state, t, send }, { reviewId, tableNumber, orderNumber }, action, usual) {
  /** @type {Extract<import("./state.js").Intent, {type: "resolve"}>} */
  const resolve = { type: "resolve", reviewId, action };
  const name = REVIEW_ACTIONS[action] ? t(REVIEW_ACTIONS[action]) : action;
  return h(
    "button",
    {
      key: action,
      type: "button",
      class: usual ? "primary" : "secondary",
      "data-action": action,
      "aria-label": t("actionFor", { action: name, table: tableNumber || t("noTable"), number: orderNumber }),
      ...whenFree(state.busy.includes(busyKey(resolve)), () =>
        send(isCostly(action) ? { type: "ask", question: { kind: "resolve", reviewId, action } } : resolve),
      ),
    },
    name,
  );
}
