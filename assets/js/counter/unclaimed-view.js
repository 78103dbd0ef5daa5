// Money that came for a number that this shop does not know: whose it is, a person says.

import { h, whenFree } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { clock } from "../shared/time.js";
import { errorSentence, providerName } from "../shared/words.js";
import { buttons, submits } from "./parts.js";
import { busyKey } from "./steps.js";

/** @import {Child, VElement} from "../shared/dom.js" */
/** @import {Unclaimed} from "../types.js" */
/** @import {ClaimAction, TillQuestion, Trouble} from "./till-state.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {CounterKey} from "./words.js" */

/** @type {Record<ClaimAction, CounterKey>} */
const ACTIONS = {
  refund: "reviewRefund",
  order: "claimOrder",
  handed_back: "claimHandedBack",
  keep: "claimKeep",
  dismiss: "reviewDismiss",
};

/** @type {Record<Exclude<ClaimAction, "dismiss">, CounterKey>} */
const ASKED = {
  refund: "claimRefundAsk",
  order: "claimOrderAsk",
  handed_back: "claimHandedBackAsk",
  keep: "claimKeepAsk",
};

/** What has to be written for it. @type {Partial<Record<ClaimAction, CounterKey>>} */
const FIELDS = { order: "claimOrderNumber", keep: "claimKeepWhy" };

/**
 * @param {Ctx} ctx
 * @param {Unclaimed} one
 * @returns {VElement}
 */
export function unclaimedCard(ctx, one) {
  const { state, t } = ctx;
  const { unclaimedId, kind, provider, amount, ours, at, outTradeNo, refunding, problem, actions } = one;
  const what = kind === "refund" ? "unclaimedRefund" : ours ? "unclaimed" : "unclaimedOther";
  return h(
    "li",
    { key: `unclaimed ${unclaimedId}`, class: "review", "data-unclaimed": unclaimedId },
    h(
      "div",
      { class: "review-head" },
      h("strong", { class: "table-number" }, t("noTable")),
      h(
        "div",
        { class: "alert-what" },
        h("span", { class: "kind" }, t(what)),
        h("span", { class: "fine" }, `${providerName(state.lang, provider)} ${clock(at)}`),
      ),
    ),
    h("p", { class: "big-sum price" }, formatFen(toFen(amount))),
    problem && h("p", { key: "problem", class: "warning" }, problem),
    refunding && h("p", { key: "refunding", class: "review-reason" }, t("claimRefunding")),
    h("p", { class: "fine" }, outTradeNo),
    h(
      "div",
      { class: "actions" },
      actions.map((action, index) => actionButton(ctx, one, action, index === 0)),
    ),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Unclaimed} one
 * @param {ClaimAction} action
 * @param {boolean} usual
 * @returns {VElement}
 */
function actionButton({ state, t, send }, { unclaimedId, amount }, action, usual) {
  /** @type {Extract<import("./state.js").Intent, {type: "claim"}>} */
  const claim = { type: "claim", unclaimedId, action, text: "" };
  const ask = () =>
    send({ type: "ask", question: { kind: "claim", unclaimedId, action, reason: "", waiting: false, trouble: null } });
  return h(
    "button",
    {
      key: action,
      type: "button",
      class: usual ? "primary" : "secondary",
      "data-action": action,
      "aria-label": `${t(ACTIONS[action])} ${formatFen(toFen(amount))}`,
      ...whenFree(state.busy.includes(busyKey(claim)), () => (action === "dismiss" ? send(claim) : ask())),
    },
    t(ACTIONS[action]),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Extract<TillQuestion, {kind: "claim"}>} question
 * @param {() => void} close
 * @returns {VElement}
 */
export function claimForm(ctx, { unclaimedId, action, reason, waiting, trouble }, close) {
  const { state, t, send } = ctx;
  const one = state.unclaimed.find((known) => known.unclaimedId === unclaimedId);
  const amount = one ? formatFen(toFen(one.amount)) : "";
  const field = FIELDS[action];
  return h(
    "form",
    { key: "claim", onsubmit: submits(() => send({ type: "claim", unclaimedId, action, text: reason.trim() })) },
    h("h2", { id: "question-title" }, action === "dismiss" ? t(ACTIONS.dismiss) : t(ASKED[action], { amount })),
    h("p", { class: "big-sum price" }, amount),
    one && h("p", { key: "number", class: "fine" }, one.outTradeNo),
    field &&
      h(
        "label",
        { key: "field", class: "field" },
        t(field),
        h("input", {
          name: "reason",
          value: reason,
          required: true,
          pattern: ".*\\S.*",
          maxlength: 60,
          autocomplete: "off",
          readonly: waiting,
          oninput: (event) => send({ type: "reason", text: event.target.value }),
        }),
      ),
    troubleLine(ctx, trouble),
    buttons(ctx, close, t(ACTIONS[action]), waiting),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Trouble} trouble
 * @returns {Child}
 */
function troubleLine({ state, t }, trouble) {
  if (!trouble) return false;
  const text = "key" in trouble ? t(trouble.key) : errorSentence(state.lang, trouble.code, trouble.said);
  return h("p", { key: "trouble", class: "warning", role: "alert" }, text);
}
