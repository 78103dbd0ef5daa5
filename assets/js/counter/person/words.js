/** @import {Lang} from "../../shared/i18n.js" */

const zh = {
  change: "换人",
  pick: "谁来接着用？",
  loading: "正在读取…",
  nobody: "还没有别人设口令码。请点「设我的口令码」，或请老板在「员工」里设。",
  pinOf: "{name} 的口令码",
  own: "设我的口令码",
  ownHint: "4 到 6 位数字，不要用 1234 或 0000 这样的。在柜台快速换人用。",
  typed: "已输入 {count} 位",
  erase: "删除",
  enter: "换人",
  save: "保存",
  back: "返回",
  close: "关闭",
  busy: "正在核对…",
  wrongPin: "口令码不对，请再输一次。",
  locked: "输错太多次，请等 {seconds} 秒再输。",
  ownSet: "你的口令码已生效",
};

/** @typedef {keyof typeof zh} PersonKey */

/** @type {Record<PersonKey, string>} */
const en = {
  change: "Change person",
  pick: "Who goes on here?",
  loading: "Loading…",
  nobody: "Nobody else has a PIN yet. Press “My PIN”, or let the owner set one under “Staff”.",
  pinOf: "{name}'s PIN",
  own: "My PIN",
  ownHint: "4 to 6 digits, and not ones like 1234 or 0000, to change persons quickly at the counter.",
  typed: "{count} digits entered",
  erase: "Delete",
  enter: "Change",
  save: "Save",
  back: "Back",
  close: "Close",
  busy: "Checking…",
  wrongPin: "Wrong PIN; please enter it again.",
  locked: "Too many wrong tries: please wait {seconds} seconds.",
  ownSet: "Your new PIN is in force",
};

/** @type {Record<Lang, Record<PersonKey, string>>} */
export const PERSON_WORDS = { zh, en };
