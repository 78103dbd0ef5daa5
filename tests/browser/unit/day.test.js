// 日结 as data: a closed day shows what was signed, and apart from it what has moved since.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { applyDay, closeOf, FIRST_DAY, TO_CLOSE } from "../../../assets/js/counter/day/state.js";
import { dayRegion, open } from "../../../assets/js/counter/day/view.js";
import { DAY_WORDS } from "../../../assets/js/counter/day/words.js";
import { firstState } from "../../../assets/js/counter/state.js";
import { translator } from "../../../assets/js/shared/i18n.js";
import { openOffice, submit, type } from "./offices.js";
import { find, findAll, press, textOf } from "./views.js";

/** @import {Closed, Day, DayLine, MethodTotal, Topups} from "../../../assets/js/types.js" */
/** @import {DayIntent, DayMessage, Report, ShownDay, SignedClose} from "../../../assets/js/counter/day/state.js" */

const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
});

/** @type {MethodTotal} */
const cash = { method: "cash", name: "现金", payments: 100, refunds: 0, net: 100 };
/** @type {Omit<Topups, "gifts">} */
const topups = { count: 1, paid: 0, amount: 20, uses: 0, methods: [] };
/** @type {Omit<Day, "over" | "closed">} */
const report = {
  day: "2026-11-20",
  orders: 6,
  valid: 6,
  cancelled: 0,
  guests: 9,
  turnover: 100,
  methods: [cash],
  refunds: 0,
  extra: 0,
  gross: 138,
  discounts: 0,
  free: 38,
  fees: 0,
  dishes: [{ name: "宫保鸡丁", quantity: 3, amount: 114 }],
  freeDishes: [{ name: "宫保鸡丁", quantity: 1, amount: 38 }],
  freePieces: 1,
  freeValue: 38,
  debts: [{ table: "A02", amount: 50, reason: "<b>跑单</b>", by: "小李" }],
  letGo: 50,
  topups: { ...topups, gifts: { count: 1, amount: 20, uses: 0 } },
  ledger: 100,
  difference: 0,
  expectedCash: 100,
};
/** @type {Omit<Closed, "report">} */
const counted = {
  at: "2026-11-20 22:00",
  by: "小李",
  cash: 100,
  expectedCash: 100,
  difference: 0,
  note: "",
  later: 0,
  laterCash: 0,
  laterMethods: [],
  laterTopups: [],
};
/** @type {SignedClose} */
const closed = { ...counted, report };
/** @type {ShownDay} */
const today = { ...report, over: false, closed: null };

/**
 * @param {Partial<ShownDay>} changes
 * @param {DayLine[]} [days]
 */
function seen(changes, days = []) {
  /** @type {string[]} */
  const shown = [];
  const state = { ...FIRST_DAY, date: "2026-11-20", day: { ...today, ...changes }, days };
  const send = (/** @type {DayIntent} */ message) => message.type === "show" && shown.push(message.date);
  return { view: dayRegion({ counter: firstState("zh"), state, t: translator(DAY_WORDS, "zh"), send }), shown };
}

test("a closed day shows what was signed, whatever its orders have become", () => {
  const { view } = seen({ turnover: 0, valid: 3, guests: 2, expectedCash: 0, closed });
  const facts = textOf(find(view, "class", "facts"));
  assert.match(facts, /营业额¥100\.00订单6有效订单6客人9/);
  assert.match(facts, /钱箱应有现金¥100\.00/);
  assert.doesNotMatch(textOf(view), /日结之后/, "nothing has moved");
});

test("what moved after the close is told by method and direction, cash above all, also where it cancels out", () => {
  const out = { method: "cash", name: "现金", payments: 0, refunds: 38, net: -38 };
  const card = { method: "terminal", name: "刷卡", payments: 38, refunds: 0, net: 38 };
  const topup = { method: "cash", name: "现金", payments: 388, refunds: 0, net: 388 };
  const { view } = seen({
    expectedCash: 450,
    closed: { ...closed, laterCash: 350, laterMethods: [out, card], laterTopups: [topup] },
  });
  const later = find(view, "class", "later");
  assert.match(textOf(later), /现金又变动 ¥350\.00：钱箱现在应有 ¥450\.00，和点到的相差 -¥350\.00/);
  assert.match(textOf(later), /现金¥0\.00¥38\.00-¥38\.00刷卡¥38\.00¥0\.00¥38\.00会员充值 · 现金¥388\.00/);
  const even = seen({ closed: { ...closed, laterMethods: [{ ...card, refunds: 38, net: 0 }] } });
  assert.match(textOf(find(even.view, "class", "later")), /现金总数没有变.*刷卡¥38\.00¥38\.00¥0\.00/s);
});

test("what was given and what was let go are lines of the day, and free pieces are said to count", () => {
  const text = textOf(seen({}).view);
  assert.match(text, /未收已放弃¥50\.00/);
  assert.match(text, /免单的菜.*宫保鸡丁1¥38\.00/s);
  assert.match(text, /A02¥50\.00<b>跑单<\/b>小李/, "text is text");
  assert.match(text, /份数包括免单的菜（1 份）/);
  assert.match(text, /会员赠送 1 笔：储值 ¥20\.00/);
  /** @type {Report} */
  const before = {
    ...report,
    freeDishes: undefined,
    freePieces: undefined,
    freeValue: undefined,
    debts: undefined,
    letGo: undefined,
    topups,
  };
  assert.match(
    textOf(seen({ closed: { ...closed, report: before } }).view),
    /未收已放弃¥0\.00/,
    "closed before there was such a line",
  );
});

test("days to look at: not closed, moved since, and booked by a wrong clock; each once", () => {
  const moved = { ...counted, laterMethods: [cash] };
  const line = (/** @type {string} */ day, /** @type {Closed | null} */ closed, stray = false, over = true) => ({
    day,
    over,
    orders: 6,
    turnover: 100,
    closed,
    stray,
  });
  const days = [
    line("2028-06-30", null, true, false),
    line("2026-11-20", null),
    line("2026-11-19", null),
    line("2026-11-18", moved),
    line("2026-11-17", { ...moved, laterMethods: [] }),
    line("2000-01-01", null, true),
    line("1999-01-01", { ...moved, laterMethods: [] }, true),
  ];
  const { view, shown } = seen({}, days);
  const warnings = findAll(view, "class").filter((one) => one.props.class === "warning");
  assert.deepEqual(warnings.map(textOf), [
    "电脑时间不准时记下的账，在这些日子：2028-06-302000-01-01",
    "日结之后又有进出的日子：2026-11-18",
    "还没有日结的日子：2026-11-19",
  ]);
  for (const button of warnings.flatMap((one) => findAll(one, "onclick"))) press(button);
  assert.deepEqual(shown, ["2028-06-30", "2000-01-01", "2026-11-18", "2026-11-19"]);
});

test("a day is signed with what was counted, and again once it was closed", () => {
  const opened = applyDay({ ...FIRST_DAY, day: today }, { type: "open", form: TO_CLOSE });
  assert.equal(closeOf(opened), null, "nothing was counted");
  const counted = [opened, { ...opened, day: { ...today, closed } }].map((state) =>
    applyDay(state, { type: "typed", change: { cash: "99.50", note: " 少五毛 " } }),
  );
  assert.deepEqual(
    counted.map(closeOf),
    [false, true].map((again) => ({ date: "2026-11-20", cash: 99.5, note: "少五毛", again })),
  );
  assert.equal(closeOf({ ...FIRST_DAY, day: today }), null, "no form");
});

test("figures come with the answer; another day's leave the trend as it is", () => {
  const trend = { dates: ["2026-11-20"], turnovers: [1] };
  /** @type {DayMessage[]} */
  const messages = [
    { type: "figures", figures: { date: "2026-11-20", trend } },
    { type: "show", date: "2026-11-19" },
  ];
  const asked = messages.reduce(applyDay, FIRST_DAY);
  assert.equal(asked.date, "2026-11-20");
  const told = applyDay(asked, { type: "figures", figures: { date: "2026-11-19" } });
  assert.deepEqual([told.date, told.trend], ["2026-11-19", trend]);
});

test("the day is read, counted and closed, by three requests and one", async () => {
  const answers = {
    "GET /admin/day/": today,
    "GET /admin/day/hours": [],
    "GET /admin/day/list": [],
    "GET /admin/report/turnoverStatistics": { dateList: "2026-11-19,2026-11-20", turnoverList: "1.00,100.00" },
    "POST /admin/day/close": null,
  };
  const office = openOffice(open, answers);
  office.view.enter?.();
  assert.deepEqual((await office.settled(true)).map(([request]) => request).slice(0, 3), [
    "GET /admin/day/today",
    "GET /admin/day/hours/today",
    "GET /admin/day/list",
  ]);
  press(find(office.page(), "class", "primary"));
  assert.match(textOf(office.sheet()), /填上数字就能看到差额/);
  type(office.sheet(), "cash", "98");
  assert.match(textOf(office.sheet()), /差额 -¥2\.00/);
  submit(office.sheet());
  const [close, ...reads] = await office.settled(true);
  assert.ok(close);
  const [request, { opId, ...body }] = close;
  assert.equal(request, "POST /admin/day/close");
  assert.deepEqual([body, typeof opId], [{ date: "2026-11-20", cash: 98, note: "", again: false }, "string"]);
  assert.deepEqual(
    reads.map(([request]) => request),
    ["GET /admin/day/2026-11-20", "GET /admin/day/hours/2026-11-20", "GET /admin/day/list"],
  );
  assert.equal(textOf(find(office.page(), "class", "notice info")), "2026-11-20 已日结");
});
