/** @import {Lang} from "../../types.js" */

const zh = {
  day: "日结", date: "营业日", loading: "正在读取…", close: "日结", closeAgain: "重新日结", back: "返回", notClosed: "还没有日结的日子：", turnover: "营业额", orders: "订单", guests: "客人",
  refunds: "退款", discounts: "折扣", free: "免单", fees: "服务费等", expectedCash: "钱箱应有现金", methods: "各种收款", method: "方式", came: "收", went: "退", net: "净额",
  topup: "会员充值 · {method}", byHour: "每小时营业额", hour: "时", best: "卖得最多的菜", dish: "菜", pieces: "份", trend: "近 {days} 天营业额",
  closedBy: "{by} 于 {time} 日结：点到现金 {cash}，差额 {difference} {note}", later: "日结之后这一天又有 {amount} 进出，请核对，必要时重新日结。", odd: "合计与账本相差 {amount}，请核对流水", closeAsk: "{date} 日结",
  expected: "钱箱里应有现金 {amount}。请点一遍，填上实数。", counted: "点到的现金（元）", countFirst: "填上数字就能看到差额", differs: "差额 {amount}", note: "备注",
  closed: "{date} 已日结",
};

/** @typedef {keyof typeof zh} DayKey */

/** @type {Record<DayKey, string>} */
const en = {
  day: "Day close", date: "Business day", loading: "Reading…", close: "Close the day", closeAgain: "Close it again", back: "Back", notClosed: "Not closed yet: ", turnover: "Turnover", orders: "Orders", guests: "Guests",
  refunds: "Refunds", discounts: "Discounts", free: "Free dishes", fees: "Fees", expectedCash: "Cash expected", methods: "Money by method", method: "Method", came: "In", went: "Out", net: "Net",
  topup: "Member top-up · {method}", byHour: "Turnover by hour", hour: "Hour", best: "Best dishes", dish: "Dish", pieces: "Pieces", trend: "Turnover of {days} days",
  closedBy: "Closed by {by} at {time}: cash {cash}, difference {difference} {note}", later: "After its close {amount} more came to this day: check, and close it again if need be.", odd: "The totals and the ledger differ by {amount}: check the entries", closeAsk: "Close {date}",
  expected: "There should be {amount} in the till. Count it and enter what is there.", counted: "Cash counted (yuan)", countFirst: "Enter it to see the difference", differs: "Difference {amount}", note: "Note",
  closed: "{date} is closed",
};

/** @type {Record<Lang, Record<DayKey, string>>} */
export const DAY_WORDS = { zh, en };
