// What both pages say: the protocol's stable error codes, an order's states and the ways to pay.

/** @import {Lang, OrderStatus} from "../types.js" */

const zh = {
  BAD_REQUEST: "请求有误，请刷新页面再试",
  UNAUTHORIZED: "登录已失效",
  SEATING_CLOSED: "本桌已结束，请重新扫码",
  FORBIDDEN: "没有权限这样做",
  SITS_ELSEWHERE: "这部手机现在坐在另一桌",
  NOT_FOUND: "没有找到",
  CUISINE_NOT_FOUND: "这道菜已下架",
  LINE_NOT_FOUND: "这道菜刚被同桌移除",
  AMBIGUOUS_LINE: "这道菜有多种口味，请在购物车里修改",
  BAD_QUANTITY: "每样最多 99 份",
  SOLD_OUT: "这道菜已售罄",
  CART_CHANGED: "购物车刚有变化，请核对后再下单",
  CART_EMPTY: "购物车是空的，可能同桌已经下单",
  CART_FULL: "购物车已满，请先下单",
  ORDER_NOT_FOUND: "订单不存在",
  ORDER_STATE: "订单状态已变化，不能这样做",
  SHOP_CLOSED: "本店已打烊",
  RATE_LIMITED: "操作太快，请稍候",
  BUSY: "店里正忙，请稍后再试",
  TOO_LARGE: "内容太长",
  INTERNAL: "系统出错，请叫服务员",
  TABLE_NOT_FOUND: "二维码无效，请联系店员",
  BAD_OPTION: "这道菜没有这个选项，请重新选择",
  REMARK_TOO_LONG: "备注太长",
  OP_ID_REUSED: "这次操作没有成功，请再试一次",
  ALERT_NOT_FOUND: "这条提醒已不存在",
  BAD_LOGIN: "用户名或密码不对",
  PROVIDER_UNKNOWN: "没有开通这种支付方式",
  PAYMENT_UNCONFIRMED: "支付平台暂时没有回应，请稍后再试",
  PAYMENT_REFUSED: "支付平台拒绝了这笔付款，请换一种方式",
  PAYER_FAILED: "顾客这次没有付成，没有扣款：请顾客再出示付款码，或换一种方式",
  PROVIDER_SILENT: "这种付款方式暂时查不到付款结果，请换一种方式，或到收银台付款",
  WRONG_AMOUNT: "金额不符，请核对",
  PAYER_CODE_UNKNOWN: "无法识别付款码，请重新扫描",
  REVIEW_NOT_FOUND: "没有这条待处理付款",
  REVIEW_RESOLVED: "这条已由他人处理",
  UNDECIPHERABLE: "付款通知无法解密，请核对支付密钥",
  TOO_MANY_CONNECTIONS: "打开的页面太多，请关掉一些",
  STORAGE_DOWN: "暂时无法保存，请叫服务员",
  DAY_CLOSED: "这一天已经日结，要改请重新日结",
  BACKUP_RUNNING: "正在备份，请稍候",
  BACKUP_FAILED: "备份失败，请检查备份盘",
  CLOCK_IMPOSSIBLE: "电脑的时间不可能是对的，请先校准",
  AWAITING_APPROVAL: "请等店员同意",
  NOT_ADMITTED: "店员没有同意，请联系店员",
  REQUEST_NOT_FOUND: "这个请求已过期",
  TABLE_NUMBER_TAKEN: "已经有这个桌号了",
  CATEGORY_NOT_FOUND: "没有这个分类",
  MENU_RULE: "菜单不能这样改",
  NAME_TAKEN: "这个名字已有了",
  NAMES_CHANGE: "有名称会改，请先核对并确认",
  NOT_A_PICTURE: "这不是能用的图片",
  PICTURE_TOO_LARGE: "图片太大",
  SAME_TABLE: "请选择另一张桌子",
  TABLE_FREE: "这桌没有客人",
  TABLE_TAKEN: "这桌有客人，请换一张空桌，或者并台",
  TABLE_OWES: "这桌还有钱没有结清",
  BAD_HEADS: "人数不对",
  CARTS_DO_NOT_FIT: "两桌的购物车放不到一起，请先下单再并台",
  ADJUSTMENT_NOT_FOUND: "这项优惠已不存在",
  DISCOUNTED_BEFORE: "已有人优惠过：请核对应收金额，确实还要优惠再按一次",
  AMOUNT_CHANGED: "应收金额刚刚变了：请核对后再按一次",
  DISCOUNT_TOO_LARGE: "优惠超过了应付金额",
  BAD_SPLIT: "这样分不了单，请重新分",
  BILL_NOT_FOUND: "这张账单已不存在，请刷新",
  LOGIN_LOCKED: "试错太多次，请稍后再试",
  PIN_NEEDS_LOGIN: "这台设备要先用密码登录一次",
  WRONG_PASSWORD: "原密码不对",
  WEAK_PASSWORD: "密码太短",
  WEAK_PIN: "口令码须为 4 到 6 位数字，不能是 1234 或 0000 这样的",
  STAFF_NOT_FOUND: "没有这位员工",
  USERNAME_TAKEN: "这个用户名已有人用",
  LAST_OWNER: "至少要留一位老板",
  NOT_YOURSELF: "不能这样改自己",
  MEMBER_NOT_FOUND: "没有这位会员",
  PHONE_TAKEN: "这个手机号已是会员",
  MEMBER_DISABLED: "会员卡已停用，请先启用",
  MEMBER_CODE: "会员码无效或已过期，请扫会员现在显示的码",
  MEMBER_LINK_OVER: "会员链接已失效，请向店员要新的链接",
  BALANCE_TOO_LOW: "会员卡余额不足，请先充值",
  CARD_HOLDS_LESS: "卡上没有这么多，扣不了",
  BAD_TOPUP: "充值的金额、次数和实收对不上，请核对",
  NO_USES_LEFT: "会员卡次数不足",
  UNREACHABLE: "网络不通，请检查 Wi-Fi",
};

/** @type {Record<keyof typeof zh, string>} */
const en = {
  BAD_REQUEST: "That request was not understood; reload the page",
  UNAUTHORIZED: "Your session has expired",
  SEATING_CLOSED: "This table has been closed; please scan the code again",
  FORBIDDEN: "You may not do that",
  SITS_ELSEWHERE: "This phone is at another table now",
  NOT_FOUND: "Not found",
  CUISINE_NOT_FOUND: "This dish is no longer on the menu",
  LINE_NOT_FOUND: "Someone at your table has just removed this dish",
  AMBIGUOUS_LINE: "This dish is in the cart in several ways; change it there",
  BAD_QUANTITY: "At most 99 of each",
  SOLD_OUT: "This dish is sold out",
  CART_CHANGED: "The cart has just changed; please check it and order again",
  CART_EMPTY: "The cart is empty; someone may have ordered already",
  CART_FULL: "The cart is full; please place the order first",
  ORDER_NOT_FOUND: "There is no such order",
  ORDER_STATE: "The order has moved on; that is no longer possible",
  SHOP_CLOSED: "The restaurant is closed",
  RATE_LIMITED: "Too fast; wait a moment",
  BUSY: "The restaurant's computer is busy; try again shortly",
  TOO_LARGE: "That is too long",
  INTERNAL: "Something went wrong; please call the staff",
  TABLE_NOT_FOUND: "This table code is not valid; please ask the staff",
  BAD_OPTION: "This dish has no such option; please choose again",
  REMARK_TOO_LONG: "The note is too long",
  OP_ID_REUSED: "That did not work; please try again",
  ALERT_NOT_FOUND: "This alert no longer exists",
  BAD_LOGIN: "Wrong user name or password",
  PROVIDER_UNKNOWN: "This way to pay is not available here",
  PAYMENT_UNCONFIRMED: "The payment provider does not answer; try again shortly",
  PAYMENT_REFUSED: "The payment provider refused; please pay another way",
  PAYER_FAILED: "The guest's payment failed and nothing was charged: scan a new code, or take the money another way",
  PROVIDER_SILENT: "This way to pay can't tell whether money has come just now; choose another, or pay at the counter",
  WRONG_AMOUNT: "That is not the right amount; please check it",
  PAYER_CODE_UNKNOWN: "This is no payment code that we take; please scan again",
  REVIEW_NOT_FOUND: "There is no such payment to resolve",
  REVIEW_RESOLVED: "Somebody has resolved this already",
  UNDECIPHERABLE: "A payment notice cannot be decrypted; please check the payment keys",
  TOO_MANY_CONNECTIONS: "Too many pages are open; please close some",
  STORAGE_DOWN: "Nothing can be saved right now; please call the staff",
  DAY_CLOSED: "This day is closed already; close it again to change it",
  BACKUP_RUNNING: "A backup is being made already; please wait",
  BACKUP_FAILED: "The backup failed; please check the backup disk",
  CLOCK_IMPOSSIBLE: "The PC's time cannot be right; please set the clock first",
  AWAITING_APPROVAL: "Please wait until the staff let you in",
  NOT_ADMITTED: "The staff did not let you in; please ask them",
  REQUEST_NOT_FOUND: "This request has expired",
  TABLE_NUMBER_TAKEN: "Another table has this number",
  CATEGORY_NOT_FOUND: "There is no such category",
  MENU_RULE: "The menu cannot be changed like that",
  NAME_TAKEN: "This name is taken",
  NAMES_CHANGE: "Names would change: please check and confirm",
  NOT_A_PICTURE: "That is no picture that can be used",
  PICTURE_TOO_LARGE: "The picture is too large",
  SAME_TABLE: "Please choose another table",
  TABLE_FREE: "Nobody sits at this table",
  TABLE_TAKEN: "This table is taken; choose a free one, or merge",
  TABLE_OWES: "This table has not paid everything",
  BAD_HEADS: "That is no number of guests",
  CARTS_DO_NOT_FIT: "The two carts do not fit into one; please order first, then merge",
  ADJUSTMENT_NOT_FOUND: "This reduction is gone already",
  DISCOUNTED_BEFORE: "Somebody has taken something off already: check what is due, press again to take off more",
  AMOUNT_CHANGED: "What is due has just changed: please check it and press again",
  DISCOUNT_TOO_LARGE: "That is more than there is to pay",
  BAD_SPLIT: "It cannot be split like that; please split again",
  BILL_NOT_FOUND: "This bill is gone; please reload",
  LOGIN_LOCKED: "Too many wrong attempts; try again later",
  PIN_NEEDS_LOGIN: "Log in on this device with a password first",
  WRONG_PASSWORD: "The old password is wrong",
  WEAK_PASSWORD: "The password is too short",
  WEAK_PIN: "A PIN has 4 to 6 digits, and is not one like 1234 or 0000",
  STAFF_NOT_FOUND: "There is no such member of staff",
  USERNAME_TAKEN: "Somebody else has this user name",
  LAST_OWNER: "At least one owner has to stay",
  NOT_YOURSELF: "You cannot change yourself like that",
  MEMBER_NOT_FOUND: "There is no such member",
  PHONE_TAKEN: "This phone number is a member's already",
  MEMBER_DISABLED: "This card is out of use; enable it first",
  MEMBER_CODE: "This member code is not valid; please scan the one that is shown now",
  MEMBER_LINK_OVER: "This member link is no longer valid; please ask the staff for a new one",
  BALANCE_TOO_LOW: "The card's balance is too low; please top it up first",
  CARD_HOLDS_LESS: "There is not as much on the card: it cannot be taken off",
  BAD_TOPUP: "Amount, uses and money of this top-up do not agree: please check them",
  NO_USES_LEFT: "The card has not enough uses left",
  UNREACHABLE: "No connection; check the Wi-Fi",
};

/** @type {Record<Lang, Record<keyof typeof zh, string>>} */
export const ERRORS = { zh, en };

const CHINESE = /\p{Script=Han}/u;

/**
 * The sentence is the server's own, since it names the dish, the table or the field. An English page has its own, by code, where that
 * one is in Chinese: over a socket, and of the rules that are worded in Chinese only.
 *
 * @param {Lang} lang
 * @param {string} code
 * @param {string} [said] the server's sentence
 * @returns {string}
 */
export function errorSentence(lang, code, said) {
  if (said && (lang === "zh" || !CHINESE.test(said))) return said;
  const known = /** @type {Record<string, string | undefined>} */ (ERRORS[lang]);
  return known[code] ?? (said || ERRORS[lang].INTERNAL);
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
