// What all pages say: what went wrong where the server has said nothing, an order's states and the ways to pay.

/** @import {OrderStatus} from "../types.js" */
/** @import {Lang} from "./i18n.js" */

const zh = {
  UNAUTHORIZED: "登录已失效",
  SITS_ELSEWHERE: "这部手机现在坐在另一桌",
  BUSY: "店里正忙，请稍后再试",
  INTERNAL: "系统出错，请叫服务员",
  WRONG_AMOUNT: "金额不符，请核对",
  UNREACHABLE: "网络不通，请检查 Wi-Fi",
};

/** @type {Record<keyof typeof zh, string>} */
const en = {
  UNAUTHORIZED: "Your session has expired",
  SITS_ELSEWHERE: "This phone is at another table now",
  BUSY: "The restaurant's computer is busy; try again shortly",
  INTERNAL: "Something went wrong; please call the staff",
  WRONG_AMOUNT: "That is not the right amount; please check it",
  UNREACHABLE: "No connection; check the Wi-Fi",
};

/** @type {Record<Lang, Record<keyof typeof zh, string>>} */
export const ERRORS = { zh, en };

/**
 * The sentence is the server's own, which names the dish, the table or the field. Ours are for what no server says.
 *
 * @param {Lang} lang
 * @param {string} code
 * @param {string} [said] the server's sentence
 * @returns {string}
 */
export function errorSentence(lang, code, said) {
  const known = /** @type {Record<string, string | undefined>} */ (ERRORS[lang]);
  return said || (known[code] ?? ERRORS[lang].INTERNAL);
}

/** @type {Record<Lang, Record<OrderStatus, string>>} */
export const ORDER_STATUS = {
  zh: { 1: "待付款", 2: "待接单", 3: "已接单", 4: "上菜中", 5: "已完成", 6: "已取消" },
  en: { 1: "Awaiting payment", 2: "To be accepted", 3: "Accepted", 4: "Serving", 5: "Completed", 6: "Cancelled" },
};

/** @type {Record<Lang, Record<0 | 1 | 2, string>>} */
export const PAY_STATUS = {
  zh: { 0: "未支付", 1: "已支付", 2: "已退款" },
  en: { 0: "Unpaid", 1: "Paid", 2: "Refunded" },
};

/** @type {Record<Lang, Record<string, string>>} */
const PROVIDERS = {
  zh: {
    wechat: "微信支付",
    alipay: "支付宝",
    demo: "演示支付",
    counter: "前台",
    balance: "会员余额",
    member: "会员余额",
  },
  en: {
    wechat: "WeChat Pay",
    alipay: "Alipay",
    demo: "Demo payment",
    counter: "Counter",
    balance: "Member balance",
    member: "Member balance",
  },
};

/** @type {Record<Lang, Record<string, string>>} */
const METHODS = {
  zh: {
    code: "扫码",
    native: "扫码",
    jsapi: "微信内",
    scan: "付款码",
    cash: "现金",
    terminal: "刷卡机",
    balance: "余额",
  },
  en: {
    code: "QR code",
    native: "QR code",
    jsapi: "in WeChat",
    scan: "payer's code",
    cash: "cash",
    terminal: "card terminal",
    balance: "balance",
  },
};

/**
 * @param {Lang} lang
 * @param {string} provider
 * @returns {string}
 */
export function providerName(lang, provider) {
  return PROVIDERS[lang][provider] ?? provider;
}

/**
 * @param {Lang} lang
 * @param {string} method
 * @returns {string}
 */
export function methodName(lang, method) {
  return METHODS[lang][method] ?? method;
}
