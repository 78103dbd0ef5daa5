import assert from "node:assert/strict";
import { test } from "node:test";
import { ROOM_WORDS } from "../../../assets/js/counter/room/words.js";
import { COUNTER_WORDS } from "../../../assets/js/counter/words.js";
import { PHONE_WORDS } from "../../../assets/js/phone/words.js";
import { backoff } from "../../../assets/js/shared/backoff.js";
import { storeCall } from "../../../assets/js/shared/http.js";
import { chooseLang, translator } from "../../../assets/js/shared/i18n.js";
import { formatFen, toFen } from "../../../assets/js/shared/money.js";
import { optionsText } from "../../../assets/js/shared/options.js";
import { clock, elapsed, secondsUntil, span } from "../../../assets/js/shared/time.js";
import { ERRORS, errorSentence } from "../../../assets/js/shared/words.js";

test("of a combo each choice says which dish it is for", () => {
  const chosen = [
    { name: "面 · 加料", value: "加蛋", dish: "面" },
    { name: "面 · 辣度", value: "微辣", dish: "面" },
    { name: "汤 · 份量", value: "大份", dish: "汤" },
  ];
  assert.equal(optionsText(chosen), "面：加蛋、微辣 · 汤：大份");
  assert.equal(
    optionsText([
      { name: "辣度", value: "微辣" },
      { name: "份量", value: "大份" },
    ]),
    "微辣 · 大份",
  );
  assert.equal(optionsText(undefined), "");
  assert.equal(
    optionsText([{ name: "x", value: "חריף", dish: "面" }]),
    "面：\u2068חריף\u2069",
    "and one from the right keeps to itself",
  );
});

test("money: exact fen, always two decimals", () => {
  assert.deepEqual([38.0, 0.1 + 0.2, 19.99, 0, 1234.5].map(toFen), [3800, 30, 1999, 0, 123450]);
  assert.deepEqual([3800, 5, 0, 123450, -150].map(formatFen), ["¥38.00", "¥0.05", "¥0.00", "¥1234.50", "-¥1.50"]);
});

test("waiting times and the clock", () => {
  const waits = [0, 7_900, 760_000, 3_729_000, -5, 86_399_000].map((ms) => elapsed(ms, "zh"));
  assert.deepEqual(waits, ["0:00", "0:07", "12:40", "1:02:09", "0:00", "23:59:59"]);
  assert.equal(clock("2026-11-20T18:05:00+08:00"), "18:05", "the shop's wall, whatever the phone's zone");
  assert.match(clock("2026-11-20T10:05:00Z"), /^\d\d:05$/);
  assert.equal(clock("2026-11-20 18:05"), "18:05", "the staff API's form is the shop's own time");
  assert.deepEqual([clock(null), clock(undefined), clock("soon")], ["", "", ""]);
});

test("backoff doubles, is capped, and never waits less than half a step", () => {
  assert.deepEqual(
    [0, 1, 2, 5, 50].map((n) => backoff(n, 0)),
    [250, 500, 1000, 7500, 7500],
  );
  assert.deepEqual(
    [0, 1, 2, 5, 50].map((n) => backoff(n, 1)),
    [500, 1000, 2000, 15000, 15000],
  );
});

test("Chinese unless the browser prefers English first; the switch wins", () => {
  assert.equal(chooseLang(undefined, ["zh-CN", "en"]), "zh");
  assert.equal(chooseLang(undefined, ["en-GB", "zh"]), "en");
  assert.equal(chooseLang(undefined, ["ja", "ko"]), "zh");
  assert.equal(chooseLang(undefined, []), "zh");
  assert.equal(chooseLang("en", ["zh-CN"]), "en");
  assert.equal(chooseLang({ junk: 1 }, ["fr", "en"]), "en");
});

test("variables fill their places and nothing else", () => {
  const words = { zh: { a: "{x}和{y}" }, en: { a: "{x} and {y}" } };
  assert.equal(translator(words, "en")("a", { x: "{y}", y: 2 }), "{y} and 2");
  assert.equal(translator(words, "zh")("a"), "{x}和{y}");
});

for (const [name, words] of Object.entries({ PHONE_WORDS, COUNTER_WORDS, ROOM_WORDS, ERRORS })) {
  test(`${name}: both languages say the same things with the same variables`, () => {
    const holes = (/** @type {string} */ text) => (text.match(/\{\w+\}/g) ?? []).sort();
    const en = /** @type {Record<string, string>} */ (words.en);
    const zh = /** @type {Record<string, string>} */ (words.zh);
    assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
    for (const [key, text] of Object.entries(zh)) {
      assert.ok(text && en[key], key);
      assert.deepEqual(holes(en[key] ?? ""), holes(text), key);
    }
  });
}

test("an error speaks the server's sentence, ours where it has said nothing, and always something", () => {
  assert.equal(errorSentence("zh", "SOLD_OUT", "宫保鸡丁已售罄"), "宫保鸡丁已售罄");
  assert.equal(
    errorSentence("en", "SOLD_OUT", "Only 2 of 宫保鸡丁 left"),
    "Only 2 of 宫保鸡丁 left",
    "with the dish's own name",
  );
  assert.equal(errorSentence("en", "UNREACHABLE", ""), ERRORS.en.UNREACHABLE);
  assert.equal(errorSentence("zh", "BRAND_NEW", ""), ERRORS.zh.INTERNAL);
});

test("a refusal is asked for in the page's language, and a sentence in another one is not shown", async () => {
  /** @param {string} lang @param {string | null} told the answer's own language */
  const said = async (lang, told) => {
    let wanted = "";
    globalThis.document = /** @type {any} */ ({ documentElement: { lang } });
    globalThis.fetch = async (_, init) => {
      wanted = new Headers(init?.headers).get("Accept-Language") ?? "";
      const envelope = { code: 409, msg: "Only 2 of 宫保鸡丁 left", data: null, error: "SOLD_OUT" };
      return new Response(JSON.stringify(envelope), { status: 409, headers: told ? { "Content-Language": told } : {} });
    };
    const refused = await storeCall("GET", "/api/store/cart").catch((error) => error);
    return [wanted, refused.code, refused.message];
  };
  const { fetch } = globalThis;
  try {
    assert.deepEqual(await said("en", "en"), ["en", "SOLD_OUT", "Only 2 of 宫保鸡丁 left"]);
    assert.deepEqual(await said("en", null), ["en", "SOLD_OUT", ""], "from one that knows Chinese only");
    assert.deepEqual(await said("zh-CN", null), ["zh-CN", "SOLD_OUT", "Only 2 of 宫保鸡丁 left"]);
  } finally {
    globalThis.fetch = fetch;
    Reflect.deleteProperty(globalThis, "document");
  }
});

test("a wait that nobody waits, and a span between two clocks, are told in units that people read", () => {
  // A clock of 2000 that was put right: 235,000 hours.
  assert.deepEqual(
    [86_400_000, 235_000 * 3_600_000].map((ms) => elapsed(ms, "zh")),
    ["一天以上", "一天以上"],
  );
  assert.equal(elapsed(86_400_000, "en"), "over a day");
  assert.deepEqual(
    [-3_600_001, -846_000_000_000, NaN].map((ms) => elapsed(ms, "zh")),
    ["—", "—", "—"],
    "of the future",
  );
  const spans = [75, -119, 120, 7_200, 172_800, -846_000_000].map((seconds) => span(seconds, "zh"));
  assert.deepEqual(spans, ["75 秒", "119 秒", "2 分钟", "2 小时", "2 天", "26 年"]);
  assert.equal(span(-7_200, "en"), "2 h");
});

test("what may be done once a minute may be done at once where the clock was set back", () => {
  assert.deepEqual(
    [60_000, 59_001, 1, 0, -5, 60_001, 63_000_000_000].map((left) => secondsUntil(left, 60_000)),
    [60, 60, 1, 0, 0, 0, 0],
  );
});
