/**
 * The Alipay side against the SDK's own client, so that the gateway's word does not rest on our daemon agreeing with it.
 */

import assert from "node:assert/strict";
import { createSign } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import AdmZip from "adm-zip";
import iconv from "iconv-lite";
import { day, failure, Run } from "./harness.js";

/** @type {Run} */
let run;
/** @type {import("alipay-sdk").AlipaySdk} */
let client;
let numbers = 0;
let violations = 0;

before(async () => {
  run = await Run.start();
  client = run.alipay();
});
after(async () => assert.equal(await run.stop(), 0, "the gateway ends with its standard input"));
beforeEach(async () => {
  await run.control("set", { clear: true, refundMode: "instant", billNotEnabled: false });
  violations = (await run.control("violations")).length;
});

/** @param {RegExp[]} expected the violations since the test began */
async function blamed(...expected) {
  const fresh = (await run.control("violations")).slice(violations);
  assert.equal(fresh.length, expected.length, fresh.join("\n"));
  expected.forEach((pattern, index) => assert.match(fresh[index], pattern));
}

/** @param {string} method @param {object} bizContent @param {import("alipay-sdk").AlipaySdk} [by] @returns {Promise<any>} */
const exec = (method, bizContent, by = client) =>
  by.exec(`alipay.${method}`, { notify_url: run.merchant.url, bizContent }, { validateSign: true });
const order = (changes = {}) => ({
  out_trade_no: `T2026_${(numbers += 1)}`,
  total_amount: "118.00",
  subject: "A01 宫保鸡丁",
  timeout_express: "15m",
  ...changes,
});
const create = async (changes = {}) => {
  const asked = order(changes);
  return { asked, answer: await exec("trade.precreate", asked) };
};
const query = (/** @type {string} */ no) => exec("trade.query", { out_trade_no: no });
const pay = (/** @type {string} */ outTradeNo, more = {}) =>
  run.control("pay", { provider: "alipay", outTradeNo, ...more });
const form = () => Object.fromEntries(new URLSearchParams(run.merchant.last.body));

test("an order is created, repeated, scanned, closed", async () => {
  const { asked, answer } = await create();
  assert.equal(answer.code, "10000");
  assert.match(answer.qr_code, /^https:\/\/qr\.alipay\.com\/bax/);
  assert.equal((await exec("trade.precreate", asked)).qr_code, answer.qr_code);
  for (const method of ["trade.query", "trade.close"]) {
    const { code, sub_code } = await exec(method, { out_trade_no: asked.out_trade_no });
    assert.deepEqual([code, sub_code], ["40004", "ACQ.TRADE_NOT_EXIST"]);
  }
  await run.control("scan", { provider: "alipay", outTradeNo: asked.out_trade_no });
  assert.equal((await query(asked.out_trade_no)).trade_status, "WAIT_BUYER_PAY");
  assert.equal((await exec("trade.close", { out_trade_no: asked.out_trade_no })).code, "10000");
  assert.equal((await query(asked.out_trade_no)).trade_status, "TRADE_CLOSED");
  await assert.rejects(pay(asked.out_trade_no), /nobody can pay/);
  const unscanned = (await create()).asked.out_trade_no;
  assert.equal((await exec("trade.cancel", { out_trade_no: unscanned })).retry_flag, "N");
  await assert.rejects(run.control("scan", { provider: "alipay", outTradeNo: unscanned }), /nobody can scan/);
  await blamed();
});

test("a payment calls back, and the query agrees", async () => {
  const { asked } = await create();
  run.merchant.received = [];
  const { callbacks } = await pay(asked.out_trade_no, { deliver: "repeat" });
  assert.deepEqual(
    callbacks.map((/** @type {any} */ one) => one.body),
    Array(5).fill("success"),
  );
  assert.equal(new Set(run.merchant.received.map(({ body }) => body)).size, 1);
  const fields = form();
  assert.ok(client.checkNotifySignV2(fields));
  assert.equal(fields.body, "", "an empty field is there, and signed");
  const { trade_status, total_amount, trade_no } = await query(asked.out_trade_no);
  assert.deepEqual([fields.trade_status, fields.total_amount, fields.trade_no], [trade_status, total_amount, trade_no]);
  assert.deepEqual(
    [trade_status, total_amount, fields.app_id, fields.seller_id],
    ["TRADE_SUCCESS", "118.00", run.ready.alipay.appId, run.ready.alipay.sellerId],
  );
  assert.equal((await exec("trade.close", { out_trade_no: asked.out_trade_no })).sub_code, "ACQ.TRADE_STATUS_ERROR");
  assert.equal((await exec("trade.precreate", asked)).sub_code, "ACQ.TRADE_HAS_SUCCESS");
  await blamed();
});

test("every way of tampering spoils the proof, and lies are well signed", async () => {
  const { asked } = await create();
  await pay(asked.out_trade_no, { deliver: "lost" });
  const callback = async (/** @type {object} */ twist) => {
    await run.control("callback", { provider: "alipay", outTradeNo: asked.out_trade_no, ...twist });
    return form();
  };
  for (const tamper of ["body", "signature", "timestamp", "nonce", "serial"])
    assert.ok(!client.checkNotifySignV2(await callback({ tamper })), tamper);
  const lie = await callback({ amountFen: 1, appId: "2021000000000000", sellerId: "2088000000000000" });
  assert.ok(client.checkNotifySignV2(lie));
  assert.deepEqual([lie.total_amount, lie.app_id, lie.seller_id], ["0.01", "2021000000000000", "2088000000000000"]);
  assert.equal((await query(asked.out_trade_no)).total_amount, "118.00");
});

test("refunds: partial, repeated, in processing, full", async () => {
  const { asked } = await create();
  const no = { out_trade_no: asked.out_trade_no };
  await pay(asked.out_trade_no);
  const first = { ...no, refund_amount: "18.00", out_request_no: "R1", refund_reason: "退菜" };
  const answer = await exec("trade.refund", first);
  assert.deepEqual([answer.fund_change, answer.refund_fee], ["Y", "18.00"]);
  assert.equal((await exec("trade.refund", first)).fund_change, "N");
  await run.control("refund", { provider: "alipay", outRefundNo: "R1", status: "SUCCESS" });
  assert.ok(client.checkNotifySignV2(form()));
  assert.deepEqual([form().trade_status, form().refund_fee, form().out_biz_no], ["TRADE_SUCCESS", "18.00", "R1"]);
  await run.control("set", { refundMode: "processing" });
  assert.equal((await exec("trade.refund", { ...no, refund_amount: "100.00", out_request_no: "R2" })).fund_change, "N");
  const asks = () => exec("trade.fastpay.refund.query", { ...no, out_request_no: "R2" });
  assert.equal((await asks()).refund_status, undefined);
  assert.equal((await query(asked.out_trade_no)).trade_status, "TRADE_SUCCESS");
  await run.control("refund", { provider: "alipay", outRefundNo: "R2", status: "SUCCESS" });
  assert.deepEqual([form().trade_status, form().refund_fee, form().out_biz_no], ["TRADE_CLOSED", "118.00", "R2"]);
  assert.deepEqual([(await asks()).refund_status, (await asks()).refund_amount], ["REFUND_SUCCESS", "100.00"]);
  const { inFen, outFen } = (await run.control("books")).alipay;
  assert.ok(inFen >= outFen && outFen >= 11800);
  await blamed();
  assert.equal((await exec("trade.refund", { ...no, refund_amount: "0.01", out_request_no: "R3" })).code, "40004");
  assert.equal((await exec("trade.refund", { ...no, refund_amount: "19.00", out_request_no: "R1" })).code, "40004");
  await blamed(/where 0 is left/, /other parameters/);
});

test("a timeout's callback has no refund in it", async () => {
  const { asked } = await create();
  await run.control("scan", { provider: "alipay", outTradeNo: asked.out_trade_no });
  await exec("trade.close", { out_trade_no: asked.out_trade_no });
  await run.control("callback", { provider: "alipay", outTradeNo: asked.out_trade_no });
  assert.deepEqual([form().trade_status, form().refund_fee], ["TRADE_CLOSED", undefined]);
});

test("a payer's code: pays, asks for the password, refuses, is cancelled", async () => {
  const by = (/** @type {string} */ code) => order({ scene: "bar_code", auth_code: code });
  const paid = by("281111111111111111");
  assert.equal((await exec("trade.pay", paid)).code, "10000");
  await run.control("payer", { authCode: "282222222222222222", behaviour: "password_then_pays", queries: 1 });
  const slow = by("282222222222222222");
  assert.equal((await exec("trade.pay", slow)).code, "10003");
  assert.equal((await query(slow.out_trade_no)).trade_status, "WAIT_BUYER_PAY");
  assert.equal((await query(slow.out_trade_no)).trade_status, "TRADE_SUCCESS");
  await run.control("payer", { authCode: "283333333333333333", behaviour: "password" });
  const never = by("283333333333333333");
  await exec("trade.pay", never);
  assert.equal((await exec("trade.cancel", { out_trade_no: never.out_trade_no })).action, "close");
  await run.control("payer", { authCode: "284444444444444444", behaviour: "refuses" });
  assert.equal((await exec("trade.pay", by("284444444444444444"))).code, "40004");
  assert.equal((await exec("trade.cancel", { out_trade_no: paid.out_trade_no })).action, "refund");
  assert.equal((await query(paid.out_trade_no)).trade_status, "TRADE_CLOSED");
  await blamed();
});

test("what is wrong in a request is refused and blamed", async () => {
  const other = run.alipay({ privateKey: run.file("merchant_key.pem") });
  assert.equal((await exec("trade.precreate", order(), other)).sub_code, "isv.invalid-signature");
  const { asked } = await create();
  for (const wrong of [
    { ...asked, total_amount: "1.00" },
    order({ total_amount: "1.5" }),
    order({ total_amount: "0.00" }),
    order({ subject: "a/b" }),
    order({ noise: 1 }),
    order({ out_trade_no: "a-b" }),
  ])
    assert.match((await exec("trade.precreate", wrong)).code, /^4000[24]$/);
  const queried = { notify_url: `${run.merchant.url}?x=1`, bizContent: order() };
  assert.equal(
    /** @type {any} */ (await client.exec("alipay.trade.precreate", queried, { validateSign: true })).code,
    "40002",
  );
  await blamed(/signature/, /other parameters/, /"1.5"/, /"0.00"/, /has one of/, /noise/, /"a-b"/, /notify_url/);
});

test("the signature of a request covers sign_type, and the clock is Beijing's", async () => {
  const key = run.file("app_key.pem");
  /** @param {(signed: Record<string, string>) => Record<string, string>} covers @param {number} [late] */
  const send = async (covers, late = 0) => {
    const timestamp = new Date(Date.now() + 8 * 3600_000 - late).toISOString().slice(0, 19).replace("T", " ");
    const biz_content = JSON.stringify({ out_trade_no: "none" });
    const params = {
      app_id: run.ready.alipay.appId,
      method: "alipay.trade.query",
      format: "JSON",
      charset: "utf-8",
      sign_type: "RSA2",
      timestamp,
      version: "1.0",
    };
    const message = Object.entries(covers({ ...params, biz_content }))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map((pair) => pair.join("="))
      .join("&");
    const sign = createSign("RSA-SHA256").update(message).sign(key, "base64");
    const response = await fetch(`${run.ready.url}/gateway.do?${new URLSearchParams({ ...params, sign })}`, {
      method: "POST",
      body: new URLSearchParams({ biz_content }),
    });
    return /** @type {any} */ (await response.json()).alipay_trade_query_response.sub_code;
  };
  assert.equal(await send((all) => all), "ACQ.TRADE_NOT_EXIST");
  assert.equal(await send(({ sign_type, ...rest }) => rest), "isv.invalid-signature");
  assert.equal(await send((all) => all, 301_000), "isv.invalid-timestamp");
  assert.equal(await send((all) => all, 8 * 3600_000), "isv.invalid-timestamp");
  await blamed(/signature/, /timestamp/, /timestamp/);
});

test("faults strike as asked and as often as asked", async () => {
  const known = async (/** @type {string} */ outTradeNo) =>
    run.control("trade", { provider: "alipay", outTradeNo }).then(
      () => true,
      () => false,
    );
  const match = "^alipay\\.trade\\.precreate$";
  // The SDK's HTTP client repeats a request by itself when the connection breaks, so those faults must strike twice.
  for (const [how, pattern, done] of /** @type {[string, RegExp, boolean][]} */ ([
    ["500", /status: 500/, false],
    ["drop", /request error/i, false],
    ["drop_after", /request error/i, true],
    ["unsigned", /./, true],
    ["badsign", /验签失败/, true],
  ])) {
    await run.control("set", { fail: { match, how, times: how.startsWith("drop") ? 2 : 1 } });
    const asked = order();
    assert.match(String(await failure(exec("trade.precreate", asked))), pattern, how);
    assert.equal(await known(asked.out_trade_no), done, how);
    assert.equal((await exec("trade.precreate", asked)).code, "10000", how);
  }
  await run.control("set", { fail: { match, how: "429", times: 1 } });
  assert.equal((await exec("trade.precreate", order())).code, "40005");
  await run.control("set", { fail: { match, how: "hang" } });
  assert.match(String(await failure(exec("trade.precreate", order(), run.alipay({ timeout: 300 })))), /timeout/i);
  await blamed();
});

test("the bill is that of the books, in the real format", async () => {
  const date = day(1);
  const get = async () => {
    const answer = await exec("data.dataservice.bill.downloadurl.query", { bill_type: "trade", bill_date: date });
    if (answer.code !== "10000") return answer.sub_code;
    const zip = new AdmZip(Buffer.from(await (await fetch(answer.bill_download_url)).arrayBuffer()));
    return zip.getEntries().map((entry) => ({
      name: iconv.decode(entry.rawEntryName, "gbk"),
      lines: iconv.decode(entry.getData(), "gbk").trim().split("\r\n"),
    }));
  };
  assert.equal(await get(), "isp.bill_not_exist");
  const paid = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const { asked } = await create();
    await pay(asked.out_trade_no, { paidAt: `${date}T12:0${turn}:00+08:00`, deliver: "lost" });
    paid.push(asked.out_trade_no);
  }
  const extra = [{ outTradeNo: paid[0], outRefundNo: "Rx", amountFen: 1800, at: `${date}T13:00:00+08:00` }];
  await run.control("bill", { provider: "alipay", date, extra, drop: [paid[1]], changeAmount: { [paid[2]]: 1 } });
  const [detail, sums] = await get();
  const stem = `${run.ready.alipay.sellerId}_${date.replaceAll("-", "")}`;
  assert.deepEqual([detail.name, sums.name], [`${stem}_业务明细.csv`, `${stem}_业务明细(汇总).csv`]);
  const header = detail.lines.find((/** @type {string} */ line) => line.startsWith("支付宝交易号")).split(",");
  const rows = detail.lines
    .filter((/** @type {string} */ line) => /^\d/.test(line))
    .map((/** @type {string} */ line) => {
      const cells = line.split(",");
      assert.ok(cells.length === header.length && cells.every((cell) => cell.endsWith("\t")));
      return Object.fromEntries(cells.map((cell, index) => [header[index], cell.trim()]));
    });
  assert.deepEqual(
    rows.map((/** @type {any} */ row) => [
      row.商户订单号,
      row.业务类型,
      row["订单金额（元）"],
      row["退款批次号/请求号"],
    ]),
    [
      [paid[0], "交易", "118.00", ""],
      [paid[2], "交易", "0.01", ""],
      [paid[0], "退款", "-18.00", "Rx"],
    ],
  );
  assert.ok(detail.lines.some((/** @type {string} */ line) => line.includes("业务明细列表结束")));
  await run.control("set", { billNotEnabled: true });
  assert.equal(await get(), "isv.insufficient-isv-permissions");
  await blamed();
});
