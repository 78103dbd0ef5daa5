/** @import {Lang} from "../../types.js" */

const zh = {
  day: "日结", date: "营业日", loading: "正在读取…", close: "日结", closeAgain: "重新日结", back: "返回", notClosed: "还没有日结的日子：", turnover: "营业额", orders: "订单", guests: "客人",
  refunds: "退款", discounts: "折扣", free: "免单", fees: "服务费等", expectedCash: "钱箱应有现金", methods: "各种收款", method: "方式", came: "收", went: "退", net: "净额",
  topup: "会员充值 · {method}", byHour: "每小时营业额", hour: "时", best: "卖得最多的菜", dish: "菜", pieces: "份", trend: "近 {days} 天营业额",
  closedBy: "{by} 于 {time} 日结：点到现金 {cash}，差额 {difference} {note}", valid: "有效订单", letGo: "未收已放弃",
  laterCash: "日结之后现金又变动 {amount}：钱箱现在应有 {expected}，和点到的相差 {difference}。请核对，必要时重新日结。", laterNoCash: "日结之后又有进出，现金总数没有变。请核对，必要时重新日结。", movedTitle: "日结之后的进出",
  movedSince: "日结之后又有进出的日子：", stray: "电脑时间不准时记下的账，在这些日子：", freeDishes: "免单的菜", listPrice: "菜价", debts: "未收已放弃（清台或取消）", table: "桌台", amount: "金额", why: "原因", who: "经手",
  gifts: "会员赠送 {count} 笔：储值 {amount}，次数 {uses}", piecesHint: "份数包括免单的菜（{count} 份）。", forgone: "免单 {pieces} 份，菜价 {value}；未收已放弃 {debts}。", export: "下载到 {date} 为止 30 天的 Excel 报表",
  odd: "合计与账本相差 {amount}，请核对流水", closeAsk: "{date} 日结",
  expected: "钱箱里应有现金 {amount}。请点一遍，填上实数。", counted: "点到的现金（元）", countFirst: "填上数字就能看到差额", differs: "差额 {amount}", note: "备注",
  closed: "{date} 已日结",
};

/** @typedef {keyof typeof zh} DayKey */

/** @type {Record<DayKey, string>} */
const en = {
  day: "Day close", date: "Business day", loading: "Reading…", close: "Close the day", closeAgain: "Close it again", back: "Back", notClosed: "Not closed yet: ", turnover: "Turnover", orders: "Orders", guests: "Guests",
  refunds: "Refunds", discounts: "Discounts", free: "Free dishes", fees: "Fees", expectedCash: "Cash expected", methods: "Money by method", method: "Method", came: "In", went: "Out", net: "Net",
  topup: "Member top-up · {method}", byHour: "Turnover by hour", hour: "Hour", best: "Best dishes", dish: "Dish", pieces: "Pieces", trend: "Turnover of {days} days",
  closedBy: "Closed by {by} at {time}: cash {cash}, difference {difference} {note}", valid: "Valid orders", letGo: "Let go unpaid",
  laterCash: "After the close the cash moved by {amount}: there should be {expected} in the till now, {difference} from what was counted. Check, and close it again if need be.", laterNoCash: "Money moved after the close; the cash is as much as it was. Check, and close it again if need be.", movedTitle: "What moved after the close",
  movedSince: "Money moved after their close: ", stray: "Booked while this PC's clock was wrong, on: ", freeDishes: "Dishes given free", listPrice: "List price", debts: "Let go unpaid (table cleared, order cancelled)", table: "Table", amount: "Amount", why: "Why", who: "By",
  gifts: "Given to members {count} times: {amount}, {uses} uses", piecesHint: "Pieces that were given free count ({count}).", forgone: "Given free: {pieces} pieces, {value} at list prices; let go unpaid: {debts}.", export: "The Excel report of the 30 days until {date}",
  odd: "The totals and the ledger differ by {amount}: check the entries", closeAsk: "Close {date}",
  expected: "There should be {amount} in the till. Count it and enter what is there.", counted: "Cash counted (yuan)", countFirst: "Enter it to see the difference", differs: "Difference {amount}", note: "Note",
  closed: "{date} is closed",
};

/** @type {Record<Lang, Record<DayKey, string>>} */
export const DAY_WORDS = { zh, en };
