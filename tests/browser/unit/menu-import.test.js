// What an import would do, as the owner reads it before anything is done.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fateList, fatesToShow, problemList } from "../../../assets/js/counter/menu/import-view.js";
import { MENU_WORDS } from "../../../assets/js/counter/menu/words.js";
import { h } from "../../../assets/js/shared/dom.js";
import { translator } from "../../../assets/js/shared/i18n.js";

/** @import {View} from "../../../assets/js/shared/dom.js" */
/** @import {Becomes, Fate} from "../../../assets/js/types.js" */

const t = translator(MENU_WORDS, "zh");

/** @type {(row: number, becomes: Becomes, name: string, more?: Partial<Fate>) => Fate} */
const fate = (row, becomes, name, more = {}) => ({ row, kind: "菜品", becomes, name, from: "", detail: "", ...more });

/** @type {(view: View) => string} */
const text = (view) => (typeof view === "string" ? view : view.children.map(text).join(""));

/** @type {(view: View) => string[]} */
const lines = (view) => (typeof view === "string" ? [] : view.children.map(text));

test("names that change are read first, and what stays is not read at all", () => {
  const fates = [
    fate(2, "same", "米饭"),
    fate(3, "changed", "牛肉面", { from: "牛肉面", detail: "18.00 → 20.00 元" }),
    fate(4, "new", "凉皮"),
    fate(5, "renamed", "鱼香肉丝（大份）", { from: "鱼香肉丝", detail: "原名 鱼香肉丝" }),
    fate(6, "changed", "汤"),
  ];
  assert.deepEqual(
    fatesToShow(fates).map((one) => one.row),
    [5, 4, 3, 6],
  );
  assert.deepEqual(lines(fateList(t, fates)), [
    "第 5 行：菜品改名 鱼香肉丝 → 鱼香肉丝（大份）",
    "第 4 行：新增菜品 凉皮",
    "第 3 行：修改菜品 牛肉面（18.00 → 20.00 元）",
    "第 6 行：修改菜品 汤",
  ]);
});

test("all problems are told, or how many more there are", () => {
  const problems = Array.from({ length: 260 }, (_, index) => ({ row: index + 2, problem: "缺少价格" }));
  const told = lines(problemList(t, problems));
  assert.equal(told.length, 201);
  assert.deepEqual([told[0], told[200]], ["第 2 行：缺少价格", "还有 60 条"]);
  assert.deepEqual(lines(problemList(t, [{ row: 0, problem: "文件是空的" }])), ["文件是空的"]);
});

test("a name from the right, or with signs that turn the rest around, stays where it is in a sentence", () => {
  assert.deepEqual(lines(fateList(t, [fate(2, "new", "שלום")])), ["第 2 行：新增菜品 \u2068שלום\u2069"]);
  assert.deepEqual(lines(fateList(t, [fate(2, "new", "\u202e丁鸡")])), ["第 2 行：新增菜品 \u2068丁鸡\u2069"]);
  assert.deepEqual(lines(fateList(t, [fate(2, "new", "宫保鸡丁")])), ["第 2 行：新增菜品 宫保鸡丁"]);
  assert.deepEqual(h("p", null, "שלום", " ×2").children, ["\u2066שלום\u2069", " ×2"], "beside another text");
  assert.deepEqual(h("p", null, "שלום").children, ["שלום"], "alone");
});
