/** @import {Lang} from "../types.js" */

const zh = {
  title: "会员卡",
  loading: "正在打开会员卡…",
  loadingSlow: "还连不上店里的电脑，正在重试…",
  overTitle: "会员链接已失效",
  overText: "请向店员要新的链接或二维码。",
  switchLang: "English",
  online: "在线",
  connecting: "正在连接…",
  polling: "网络不稳，每 2 秒查询一次",
  offline: "网络不通，请检查 Wi-Fi",
  uses: "剩余次数",
  usesUnit: "{count} 次",
  balance: "余额",
  showCode: "请店员扫这个码",
  codeHint: "每分钟自动换新，只能用一次，截图无效。",
  codePicture: "会员二维码",
  codeWaiting: "正在取新的二维码…",
  codeOver: "二维码已过期，联网后自动换新",
  secondsLeft: "{seconds} 秒后换新",
  refresh: "换一个",
  history: "明细",
  historyEmpty: "还没有记录",
  topup: "充值",
  correction: "更正",
  scan: "扫码扣次",
  payment: "余额支付",
  refund: "退回余额",
  usesAfter: "剩 {count} 次",
  balanceAfter: "余额 {amount}",
  ok: "知道了",
  left: "剩余 {count} 次",
  soundOn: "开启提示音",
  soundIsOn: "提示音已开",
};

/** @type {Record<keyof typeof zh, string>} */
const en = {
  title: "Member card",
  loading: "Opening your card…",
  loadingSlow: "Cannot reach the restaurant's computer yet; trying again…",
  overTitle: "This member link is no longer valid",
  overText: "Please ask the staff for a new link or code.",
  switchLang: "中文",
  online: "Online",
  connecting: "Connecting…",
  polling: "Weak connection; asking every 2 s",
  offline: "No connection; check the Wi-Fi",
  uses: "Uses left",
  usesUnit: "{count}",
  balance: "Balance",
  showCode: "Show this code to the staff",
  codeHint: "Renewed every minute and good once; a screenshot is worthless.",
  codePicture: "Member code",
  codeWaiting: "Fetching a new code…",
  codeOver: "The code has expired; a new one comes with the connection",
  secondsLeft: "New code in {seconds} s",
  refresh: "New code",
  history: "History",
  historyEmpty: "Nothing yet",
  topup: "Top-up",
  correction: "Correction",
  scan: "Scanned",
  payment: "Paid by balance",
  refund: "Back on the balance",
  usesAfter: "{count} left",
  balanceAfter: "balance {amount}",
  ok: "OK",
  left: "{count} left",
  soundOn: "Turn the sound on",
  soundIsOn: "Sound is on",
};

/** @type {Record<Lang, Record<keyof typeof zh, string>>} */
export const MEMBER_WORDS = { zh, en };

/** What a result says in English; anything else is shown as the daemon wrote it. @type {Record<number, string>} */
export const RESULTS_EN = {
  0: "Done",
  1: "Nothing left on the card",
  2: "The code had expired; please show the new one",
  3: "This code was used already; please show the new one",
  4: "This card is out of use; please ask the staff",
};

/** @typedef {keyof typeof zh} MemberKey */
