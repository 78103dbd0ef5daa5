import { h, whenFree } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { clock } from "../shared/time.js";
import { errorSentence, providerName } from "../shared/words.js";
import { partName } from "./bill-view.js";
import { dialog, noticeRegion } from "./parts.js";
import { BALANCE, COUNTER, isOutOfOrder, pageOf, providersInOrder } from "./paying.js";
import { dueOf, partsOf } from "./queries.js";

/** @import {Child, VElement} from "../shared/dom.js" */
/** @import {Payment} from "../types.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {Paying} from "./paying.js" */
/** @import {Due} from "./queries.js" */

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function payDialog(ctx) {
  const { state, t } = ctx;
  const { paying } = state;
  const due = dueOf(state);
  const title = due ? t("payTitle", { price: formatFen(due.fen) }) : "";
  return dialog(
    ctx,
    { name: "pay", open: Boolean(paying && due), title, close: { type: "pay.close" } },
    !paying || !due
      ? []
      : [
          h("p", { key: "which", class: "fine" }, whatFor(ctx, due)),
          noticeRegion(ctx, !state.question),
          body(ctx, paying, due),
        ],
  );
}

/**
 * @param {Ctx} ctx
 * @param {Due} due
 * @returns {string}
 */
function whatFor(ctx, { order, part }) {
  if (order) return ctx.t("orderNumber", { number: order.orderNumber });
  return part ? partName(ctx, part, partsOf(ctx.state).indexOf(part)) : ctx.t("ourBill");
}

/**
 * @param {Ctx} ctx
 * @param {Paying} paying
 * @param {Due} due
 * @returns {Child}
 */
function body(ctx, paying, due) {
  if (paying.way === "") return ways(ctx, paying, due);
  if (paying.way === COUNTER) return counterSteps(ctx, due);
  return paying.payment ? waiting(ctx, paying, paying.payment) : opening(ctx, paying.way);
}

/**
 * @param {Ctx} ctx
 * @param {Paying} paying
 * @param {Due} due
 * @returns {VElement}
 */
function ways(ctx, paying, due) {
  const { state, t } = ctx;
  const counterFirst = isOutOfOrder(state);
  const providers = [
    state.card && balanceButton(ctx, due),
    ...providersInOrder(state).map((name) => providerButton(ctx, paying, name, counterFirst)),
  ].filter((button) => button !== null);
  if (!counterFirst) {
    return h(
      "div",
      { key: "ways", class: "ways" },
      paying.trouble &&
        h(
          "p",
          { key: "trouble", class: "warning", role: "alert" },
          errorSentence(state.lang, paying.trouble.code, paying.trouble.said),
        ),
      providers,
      counterButton(ctx, false),
    );
  }
  return h(
    "div",
    { key: "ways", class: "ways" },
    h("p", { key: "trouble", class: "warning", role: "alert" }, t(whyCounter(paying.trouble?.code))),
    counterButton(ctx, true),
    providers.length > 0 && h("p", { key: "again", class: "fine again" }, t("payAgain")),
    providers,
  );
}

/**
 * @param {string | undefined} code
 * @returns {"payRefusedHelp" | "payUnreachableHelp" | "payOfflineHelp"}
 */
function whyCounter(code) {
  if (code === "PAYMENT_REFUSED") return "payRefusedHelp";
  return code === "UNREACHABLE" ? "payUnreachableHelp" : "payOfflineHelp";
}

/**
 * @param {Ctx} ctx
 * @param {Paying} paying
 * @param {string} provider
 * @param {boolean} second whether another way is named first
 * @returns {VElement}
 */
function providerButton({ state, send }, { orderId, partId }, provider, second) {
  return h(
    "button",
    {
      key: provider,
      type: "button",
      "data-way": provider,
      class: second ? "secondary wide" : `wide way way-${provider}`,
      ...whenFree(state.busy.includes(orderId), () => send({ type: "order.pay", orderId, partId, provider })),
    },
    providerName(state.lang, provider),
  );
}

/**
 * A member's own card: asked once more, for nothing can be taken back after that.
 *
 * @param {Ctx} ctx
 * @param {Due} due
 * @returns {VElement}
 */
function balanceButton({ state, t, send }, due) {
  const balance = toFen(state.card?.balance ?? 0);
  const enough = balance >= due.fen;
  return h(
    "button",
    {
      key: BALANCE,
      type: "button",
      "data-way": BALANCE,
      class: "primary wide",
      ...whenFree(!enough || state.busy.length > 0, () => send({ type: "ask", question: { kind: "balance" } })),
    },
    t(enough ? "payBalance" : "payBalanceShort", { balance: formatFen(balance) }),
  );
}

/**
 * @param {Ctx} ctx
 * @param {boolean} first
 * @returns {VElement}
 */
function counterButton({ t, send }, first) {
  return h(
    "button",
    {
      key: COUNTER,
      type: "button",
      "data-way": COUNTER,
      class: first ? "primary wide" : "secondary wide",
      onclick: () => send({ type: "pay.counter" }),
    },
    t("payAtCounter"),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Due} due
 * @returns {VElement}
 */
function counterSteps(ctx, due) {
  const { state, t } = ctx;
  return h(
    "div",
    { key: "counter", class: "ways" },
    h(
      "p",
      { class: "say-this" },
      h("span", null, t("counterSay")),
      h("strong", { class: "say-table" }, t("table", { number: state.session?.tableNumber ?? "" })),
      h("strong", { class: "price" }, formatFen(due.fen)),
    ),
    h("p", null, t("counterHow")),
    h("p", { class: "fine" }, t("counterSafe")),
    state.pay.providers.length > 0 && otherWay(ctx),
  );
}

/**
 * @param {Ctx} ctx
 * @param {string} provider
 * @returns {VElement}
 */
function opening(ctx, provider) {
  const { state, t } = ctx;
  return h(
    "div",
    { key: "opening", class: "ways" },
    h("p", { class: "opening", role: "status" }, t("payOpening", { provider: providerName(state.lang, provider) })),
    counterButton(ctx, false),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Paying} paying
 * @param {Payment} payment
 * @returns {VElement}
 */
function waiting(ctx, paying, payment) {
  const { state, t } = ctx;
  const provider = providerName(state.lang, payment.provider);
  const page = pageOf(payment);
  // WeChat opens no page of its rival.
  const blocked = state.app === "wechat" && payment.provider === "alipay";
  return h(
    "div",
    { key: "waiting", class: "ways", "data-payment": payment.paymentId },
    page &&
      !blocked &&
      h(
        "a",
        {
          key: "open",
          class: `wide way way-${payment.provider}`,
          href: page,
          target: "_blank",
          rel: "noopener noreferrer",
        },
        t("payOpen", { provider }),
      ),
    qr(ctx, paying, payment),
    h("p", { key: "hint" }, paying.plain ? t("payNoQr") : hint(ctx, payment, page !== null, blocked)),
    clock(payment.expiresAt) !== "" &&
      h("p", { key: "until", class: "fine" }, t("payUntil", { time: clock(payment.expiresAt) })),
    otherWay(ctx),
    counterButton(ctx, false),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Paying} paying
 * @param {Payment} payment
 * @returns {VElement}
 */
function qr({ state, t, send }, { orderId, plain }, { paymentId, provider, codeUrl, orderId: first = orderId }) {
  if (plain) return h("p", { key: "plain" }, t("payElsewhere"), h("code", { class: "address" }, codeUrl));
  return h("img", {
    key: "qr",
    class: "qr",
    width: 220,
    height: 220,
    src: `/api/store/order/${first}/pay/qr?payment=${paymentId}`,
    alt: t("payQr", { provider: providerName(state.lang, provider) }),
    onerror: () => send({ type: "qr.failed" }),
  });
}

/**
 * @param {Ctx} ctx
 * @param {Payment} payment
 * @param {boolean} opens whether a browser can open it
 * @param {boolean} blocked whether this one will not
 * @returns {string}
 */
function hint({ state, t }, payment, opens, blocked) {
  const provider = providerName(state.lang, payment.provider);
  // WeChat takes its payment codes neither by a long press nor out of the album: only through another phone's camera.
  if (payment.provider === "wechat" && !opens) return t("payScanWechat");
  return t(opens && !blocked ? "payScanOr" : "payScan", { provider });
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function otherWay({ t, send }) {
  return h(
    "button",
    { key: "other", type: "button", class: "quiet", onclick: () => send({ type: "pay.back" }) },
    t("payOtherWay"),
  );
}
