/** @import {Lang} from "../../types.js" */

const zh = {
  menu: "菜单", dish: "菜品", setmeal: "套餐", search: "找菜", addDish: "添加菜品", addCombo: "添加套餐", edit: "修改", back: "返回", save: "保存", remove: "删除",
  name: "名称", category: "分类", price: "价格（元）", stock: "剩余份数", stockHint: "空着就是不限量", hours: "供应时段", hoursHint: "空着就是全天", state: "状态", do: "操作",
  onSale: "在售", stopped: "已沽清", stop: "沽清", start: "起售", editOf: "修改 {name}", stopOf: "沽清 {name}", startOf: "起售 {name}", removeOf: "删除 {name}",
  stoppedNow: "{name} 已沽清", startedNow: "{name} 已起售", removed: "{name} 已删除", saved: "{name} 已保存", before: "上一页", after: "下一页", pages: "第 {page}/{last} 页，共 {total} 个",
  picture: "图片", description: "说明", group: "选项 {number}", groupName: "选项名称", groupExample: "如：辣度", required: "必选", multiple: "可多选", values: "可选的内容", valuesHint: "一行一个，要加价的写在后面，如：加蛋 2.00",
  addGroup: "添加一组选项", part: "菜品 {number}", noPart: "（不要）", copies: "份数", addPart: "再加一道", categories: "分类", addCategory: "添加分类", sort: "顺序", kind: "类型",
  shown: "显示", hidden: "隐藏", show: "显示", hide: "隐藏", showOf: "显示 {name}", hideOf: "隐藏 {name}", export: "导出：", import: "导入",
  importBad: "文件里有问题，什么都没有改", importProblem: "第 {row} 行：{problem}", importAsk: "导入菜单", importWould: "新增 {added} 个，修改 {changed} 个，{unchanged} 个不变。", imported: "菜单已导入",
  importRenames: "有 {count} 个名称会改，请先看清下面的“改名”", importChoose: "请选择", importRename: "对，改成文件里的名称", importByName: "不改名：编号不算，只按名称对照",
  lineNew: "第 {row} 行：新增{kind} {name}", lineRenamed: "第 {row} 行：{kind}改名 {from} → {name}", lineChanged: "第 {row} 行：修改{kind} {name}（{detail}）",
  lineTouched: "第 {row} 行：修改{kind} {name}", importMore: "还有 {rest} 条",
};

/** @typedef {keyof typeof zh} MenuKey */

/** @type {Record<MenuKey, string>} */
const en = {
  menu: "Menu", dish: "Dishes", setmeal: "Combos", search: "Find a dish", addDish: "Add a dish", addCombo: "Add a combo", edit: "Edit", back: "Back", save: "Save", remove: "Delete",
  name: "Name", category: "Category", price: "Price (yuan)", stock: "Left", stockHint: "Empty: not counted", hours: "Hours", hoursHint: "Empty: all day", state: "State", do: "Actions",
  onSale: "On sale", stopped: "Sold out", stop: "Sold out", start: "On sale", editOf: "Edit {name}", stopOf: "{name} is sold out", startOf: "Sell {name}", removeOf: "Delete {name}",
  stoppedNow: "{name} is sold out", startedNow: "{name} is on sale", removed: "{name} was deleted", saved: "{name} was saved", before: "Before", after: "Next", pages: "Page {page}/{last}, {total} in all",
  picture: "Picture", description: "Description", group: "Options {number}", groupName: "Name of the group", groupExample: "such as: spice", required: "Must choose", multiple: "Several may be chosen", values: "What can be chosen", valuesHint: "One a line, with its extra price: egg 2.00",
  addGroup: "Add a group of options", part: "Dish {number}", noPart: "(none)", copies: "Copies", addPart: "One more dish", categories: "Categories", addCategory: "Add a category", sort: "Order", kind: "Kind",
  shown: "Shown", hidden: "Hidden", show: "Show", hide: "Hide", showOf: "Show {name}", hideOf: "Hide {name}", export: "Export:", import: "Import",
  importBad: "The file has problems; nothing was changed", importProblem: "Row {row}: {problem}", importAsk: "Import the menu", importWould: "{added} new, {changed} changed, {unchanged} as they are.", imported: "The menu was imported",
  importRenames: "{count} names would change: please look at them below", importChoose: "Please choose", importRename: "Yes, take the file's names", importByName: "No: ignore the ids, go by names alone",
  lineNew: "Row {row}: new {kind} {name}", lineRenamed: "Row {row}: {kind} {from} becomes {name}", lineChanged: "Row {row}: {kind} {name} changes ({detail})",
  lineTouched: "Row {row}: {kind} {name} changes", importMore: "and {rest} more",
};

/** @type {Record<Lang, Record<MenuKey, string>>} */
export const MENU_WORDS = { zh, en };
