/** @import {Lang} from "../../types.js" */

const zh = {
  members: "会员", search: "姓名或手机号", count: "共 {total} 位", add: "添加会员", edit: "修改", back: "返回", save: "保存", name: "姓名", phone: "手机", uses: "次数", balance: "余额", state: "状态", do: "操作",
  active: "正常", stopped: "已停用", topup: "充值", history: "记录", link: "会员码", topupOf: "给 {name} 充值", historyOf: "{name} 的记录", editOf: "修改 {name}", linkOf: "{name} 的新会员码",
  saved: "{name} 已保存", added: "{name} 已添加", topped: "{name} 已充值", amount: "储值（元）", addUses: "次卡（次）", paid: "实收（元）", paidHint: "送的不算在内", method: "收款方式", cash: "现金", terminal: "刷卡机",
  gift: "赠送", giftHint: "实收是 0：记为赠送，没有收钱。",
  correct: "更正", correctOf: "更正 {name} 的卡", corrected: "{name} 的卡已更正", amountOff: "扣下储值（元）", usesOff: "扣下次数", paidBack: "退给客人（元）", paidBackHint: "不退钱填 0",
  methodBack: "退款方式", why: "原因",
  scan: "扫会员码扣次", code: "会员码", take: "扣一次", scanHint: "用扫码枪扫会员手机上的码，或打开摄像头。", camera: "用摄像头", cameraOff: "关摄像头", cameraNone: "这台电脑没有可用的摄像头，请用扫码枪。",
  remaining: "剩余 {count} 次", time: "时间", what: "事项", who: "经手", used: "扣次", payment: "付款", refund: "退款",
  linkFor: "{name} 的会员页", linkHint: "请会员用手机扫这个码打开会员页。只显示这一次；以前的码随即失效。",
};

/** @typedef {keyof typeof zh} MemberKey */

/** @type {Record<MemberKey, string>} */
const en = {
  members: "Members", search: "Name or phone", count: "{total} in all", add: "Add a member", edit: "Edit", back: "Back", save: "Save", name: "Name", phone: "Phone", uses: "Uses", balance: "Balance", state: "State", do: "Actions",
  active: "Active", stopped: "Stopped", topup: "Top up", history: "History", link: "Link", topupOf: "Top up {name}", historyOf: "{name}'s history", editOf: "Edit {name}", linkOf: "A new link for {name}",
  saved: "{name} was saved", added: "{name} was added", topped: "{name} was topped up", amount: "Balance (yuan)", addUses: "Uses", paid: "Taken (yuan)", paidHint: "Without what is given on top", method: "By", cash: "Cash", terminal: "Terminal",
  gift: "Gift", giftHint: "Nothing is paid: this is a gift.",
  correct: "Correct", correctOf: "Correct {name}'s card", corrected: "{name}'s card is corrected", amountOff: "Off the balance (yuan)", usesOff: "Uses off", paidBack: "Back to the guest (yuan)", paidBackHint: "0 where no money goes back",
  methodBack: "Paid back in", why: "Why",
  scan: "Scan a member", code: "Member's code", take: "Take one use", scanHint: "Read the code on the member's phone with the scanner, or use the camera.", camera: "Camera", cameraOff: "Camera off", cameraNone: "No camera can be used here: use the scanner.",
  remaining: "{count} left", time: "Time", what: "What", who: "By", used: "Use", payment: "Payment", refund: "Refund",
  linkFor: "{name}'s card page", linkHint: "Let the member scan this code with the phone. It is shown once; earlier ones are void.",
};

/** @type {Record<Lang, Record<MemberKey, string>>} */
export const MEMBER_WORDS = { zh, en };
