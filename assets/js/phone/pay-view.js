import { h, whenFree } from "../shared/dom.js";
import { formatFen, toFen } from "../shared/money.js";
import { clock } from "../shared/time.js";
import { errorSentence, providerName } from "../shared/words.js";
import { dialog, noticeRegion } from "./parts.js";
import { COUNTER, isOutOfOrder, pageOf, providersInOrder } from "./paying.js";

/** @import {Child, VElement} from "../shared/dom.js" */
/** @import {Order, Payment} from "../types.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {Paying} from "./paying.js" */

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function payDialog(ctx) {
  const { state, t } = ctx;
  const { paying } = state;
  const order = paying ? state.orders.get(paying.orderId)?.value : undefined;
  const title = order ? t("payTitle", { price: formatFen(toFen(order.amount)) }) : "";
  return dialog(ctx, { name: "pay", open: Boolean(paying && order), title, close: { type: "pay.close" } }, !paying || !order ? [] : [
    h("p", { key: "which", class: "fine" }, t("orderNumber", { number: order.orderNumber })),
    noticeRegion(ctx, !state.question),
    body(ctx, paying, order),
  ]);
}

/**
 * @param {Ctx} ctx
 * @param {Paying} paying
 * @param {Order} order
 * @returns {Child}
 */
function body(ctx, paying, order) {
  if (paying.way === "") return ways(ctx, paying);
  if (paying.way === COUNTER) return counterSteps(ctx, order);
  return paying.payment ? waiting(ctx, paying, paying.payment) : opening(ctx, paying.way);
}

/**
 * @param {Ctx} ctx
 * @param {Paying} paying
 * @returns {VElement}
 */
function ways(ctx, paying) {
  const { state, t } = ctx;
  const counterFirst = isOutOfOrder(state);
  const providers = providersInOrder(state).map((name) => providerButton(ctx, paying.orderId, name, counterFirst));
  if (!counterFirst) {
    return h("div", { key: "ways", class: "ways" },
      paying.trouble && h("p", { key: "trouble", class: "warning", role: "alert" }, errorSentence(state.lang, paying.trouble.code, paying.trouble.said)),
      providers, counterButton(ctx, false));
  }
  return h("div", { key: "ways", class: "ways" },
    h("p", { key: "trouble", class: "warning", role: "alert" }, t(whyCounter(paying.trouble?.code))),
    counterButton(ctx, true),
    providers.length > 0 && h("p", { key: "again", class: "fine again" }, t("payAgain")),
    providers);
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
 * @param {number} orderId
 * @param {string} provider
 * @param {boolean} second whether another way is named first
 * @returns {VElement}
 */
function providerButton({ state, send }, orderId, provider, second) {
  return h("button", {
    key: provider, type: "button", "data-way": provider, class: second ? "secondary wide" : `wide way way-${provider}`,
    ...whenFree(state.busy.includes(orderId), () => send({ type: "order.pay", orderId, provider })),
  }, providerName(state.lang, provider));
}

/**
 * @param {Ctx} ctx
 * @param {boolean} first
 * @returns {VElement}
 */
function counterButton({ t, send }, first) {
  return h("button", {
    key: COUNTER, type: "button", "data-way": COUNTER, class: first ? "primary wide" : "secondary wide", onclick: () => send({ type: "pay.counter" }),
  }, t("payAtCounter"));
}

/**
 * @param {Ctx} ctx
 * @param {Order} order
 * @returns {VElement}
 */
function counterSteps(ctx, order) {
  const { state, t } = ctx;
  return h("div", { key: "counter", class: "ways" },
    h("p", { class: "say-this" },
      h("span", null, t("counterSay")),
      h("strong", { class: "say-table" }, t("table", { number: order.tableNumber })),
      h("strong", { class: "price" }, formatFen(toFen(order.amount)))),
    h("p", null, t("counterHow")),
    h("p", { class: "fine" }, t("counterSafe")),
    state.pay.providers.length > 0 && otherWay(ctx));
}

/**
 * @param {Ctx} ctx
 * @param {string} provider
 * @returns {VElement}
 */
function opening(ctx, provider) {
  const { state, t } = ctx;
  return h("div", { key: "opening", class: "ways" },
    h("p", { class: "opening", role: "status" }, t("payOpening", { provider: providerName(state.lang, provider) })),
    counterButton(ctx, false));
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
  return h("div", { key: "waiting", class: "ways", "data-payment": payment.paymentId },
    page && !blocked && h("a", {
      key: "open", class: `wide way way-${payment.provider}`, href: page, target: "_blank", rel: "noopener noreferrer",
    }, t("payOpen", { provider })),
    qr(ctx, paying, payment),
    h("p", { key: "hint" }, paying.plain ? t("payNoQr") : hint(ctx, payment, page !== null, blocked)),
    clock(payment.expiresAt) !== "" && h("p", { key: "until", class: "fine" }, t("payUntil", { time: clock(payment.expiresAt) })),
    otherWay(ctx),
    counterButton(ctx, false));
}

/**
 * @param {Ctx} ctx
 * @param {Paying} paying
 * @param {Payment} payment
 * @returns {VElement}
 */
function qr({ state, t, send }, { orderId, plain }, { paymentId, provider, codeUrl }) {
  if (plain) return h("p", { key: "plain" }, t("payElsewhere"), h("code", { class: "address" }, codeUrl));
  return h("img", {
    key: "qr", class: "qr", width: 220, height: 220, src: `/api/store/order/${orderId}/pay/qr?payment=${paymentId}`,
    alt: t("payQr", { provider: providerName(state.lang, provider) }), onerror: () => send({ type: "qr.failed" }),
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
  return h("button", { key: "other", type: "button", class: "quiet", onclick: () => send({ type: "pay.back" }) }, t("payOtherWay"));
}
