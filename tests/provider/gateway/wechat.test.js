/**
 * The WeChat Pay side against the SDK's own client, so that the gateway's word does not rest on our daemon agreeing with it.
 */

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import wechatpay from "wechatpay-axios-plugin";
import { day, failure, Run } from "./harness.js";

const { Rsa, Aes, Hash, Formatter } = wechatpay;

/** @type {Run} */
let run;
/** @type {any} */
let client;
let numbers = 0;
let violations = 0;

before(async () => {
  run = await Run.start();
  client = run.wechat();
});
after(async () => assert.equal(await run.stop(), 0, "the gateway ends with its standard input"));
beforeEach(async () => {
  await run.control("set", {
    clear: true,
    mode: "public_key",
    refundMode: "instant",
    publicKeyOnly: false,
    userPayingAs: "code",
  });
  violations = (await run.control("violations")).length;
});

/** @param {RegExp[]} expected the violations since the test began */
async function blamed(...expected) {
  const fresh = (await run.control("violations")).slice(violations);
  assert.equal(fresh.length, expected.length, fresh.join("\n"));
  expected.forEach((pattern, index) => assert.match(fresh[index], pattern));
}

const order = (changes = {}) => ({
  appid: run.ready.wechat.appId,
  mchid: run.ready.wechat.mchId,
  description: "A01 宫保鸡丁",
  out_trade_no: `T2026${String((numbers += 1)).padStart(8, "0")}`,
  notify_url: run.merchant.url,
  amount: { total: 11800, currency: "CNY" },
  ...changes,
});
const post = (/** @type {string} */ path, /** @type {object} */ body) => client.chain(path).post(body);
const create = async (changes = {}) => {
  const asked = order(changes);
  return { asked, answer: (await post("v3/pay/transactions/native", asked)).data };
};
const query = (/** @type {string} */ no) =>
  client
    .chain(`v3/pay/transactions/out-trade-no/${no}`)
    .get({ params: { mchid: run.ready.wechat.mchId } })
    .then((/** @type {any} */ one) => one.data);
const close = (/** @type {string} */ no) =>
  post(`v3/pay/transactions/out-trade-no/${no}/close`, { mchid: run.ready.wechat.mchId });
const pay = (/** @type {string} */ outTradeNo, more = {}) =>
  run.control("pay", { provider: "wechat", outTradeNo, ...more });

/** @param {import("./harness.js").Callback} callback @returns {Promise<{genuine: boolean, serial: string, age: number, event: any, inside: () => Promise<any>}>} */
async function opened({ headers, body }, key = "") {
  const serial = String(headers["wechatpay-serial"]);
  const pem = run.file(serial === run.ready.wechat.publicKeyId ? "wechat_public_key.pem" : "wechat_platform_cert.pem");
  const message = Formatter.response(String(headers["wechatpay-timestamp"]), String(headers["wechatpay-nonce"]), body);
  const event = JSON.parse(body);
  return {
    genuine: Rsa.verify(message, String(headers["wechatpay-signature"]), Rsa.from(pem, "public")),
    serial,
    age: Formatter.timestamp() - Number(headers["wechatpay-timestamp"]),
    event,
    inside: async () => {
      const { ciphertext, nonce, associated_data: data } = event.resource;
      return JSON.parse(Aes.AesGcm.decrypt(ciphertext, key || run.file("apiv3_key"), nonce, data));
    },
  };
}

test("the key files are private, whole and belong together", async () => {
  for (const name of ["merchant_key.pem", "apiv3_key", "app_key.pem", "wechat_platform_cert.pem"]) {
    assert.equal((await stat(join(run.folder, name))).mode & 0o777, 0o600, name);
  }
  assert.equal(run.file("apiv3_key").length, 32);
  const certificate = new X509Certificate(run.file("merchant_cert.pem"));
  assert.equal(certificate.serialNumber, run.ready.wechat.merchantSerial);
  assert.ok(certificate.checkPrivateKey(Rsa.from(run.file("merchant_key.pem"), "private")));
  assert.ok(certificate.checkPrivateKey(Rsa.from(run.file("merchant_key_pkcs1.pem"), "private")));
  const platform = new X509Certificate(run.file("wechat_platform_cert.pem")).publicKey;
  assert.ok(!platform.equals(Rsa.from(run.file("wechat_public_key.pem"), "public")));
});

test("an order is created, repeated, queried, closed", async () => {
  const { asked, answer } = await create();
  assert.match(answer.code_url, /^weixin:\/\/wxpay\/bizpayurl\?pr=/);
  assert.deepEqual((await post("v3/pay/transactions/native", asked)).data, answer);
  assert.equal((await run.control("trade", { provider: "wechat", outTradeNo: asked.out_trade_no })).createdTimes, 2);
  assert.equal((await query(asked.out_trade_no)).trade_state, "NOTPAY");
  assert.equal((await close(asked.out_trade_no)).status, 204);
  assert.equal((await query(asked.out_trade_no)).trade_state, "CLOSED");
  await assert.rejects(pay(asked.out_trade_no), /nobody can pay/);
  assert.equal((await failure(post("v3/pay/transactions/native", asked))).response.data.code, "ORDER_CLOSED");
  assert.equal((await failure(query("T20269999"))).response.data.code, "ORDER_NOT_EXIST");
  const jsapi = await post("v3/pay/transactions/jsapi", order({ payer: { openid: "oABC" } }));
  assert.match(jsapi.data.prepay_id, /^wx/);
  await blamed();
});

test("an expired order is closed by the provider", async () => {
  const soon = new Date(Date.now() + 90_000).toISOString().replace(/\.\d+/, "");
  const { asked } = await create({ time_expire: soon });
  assert.equal((await query(asked.out_trade_no)).trade_state, "NOTPAY");
  await run.control("expire", { provider: "wechat", outTradeNo: asked.out_trade_no });
  assert.equal((await query(asked.out_trade_no)).trade_state, "CLOSED");
  const early = new Date(Date.now() + 30_000).toISOString().replace(/\.\d+/, "");
  assert.equal((await failure(create({ time_expire: early }))).response.status, 400);
  await blamed(/time_expire .* less than a minute/);
});

test("a payment calls back in both key modes, and the query agrees", async () => {
  for (const mode of ["public_key", "certificate"]) {
    const { asked } = await create({ attach: "A01" });
    const { callbacks } = await pay(asked.out_trade_no, { mode, payerTotal: 11000 });
    assert.deepEqual(
      callbacks.map((/** @type {any} */ one) => [one.status, one.body]),
      [[200, "success"]],
    );
    const { genuine, serial, event, inside } = await opened(run.merchant.last);
    assert.ok(genuine);
    assert.equal(serial === run.ready.wechat.publicKeyId, mode === "public_key");
    assert.equal(event.event_type, "TRANSACTION.SUCCESS");
    const transaction = await inside();
    assert.deepEqual(transaction, await query(asked.out_trade_no));
    assert.equal(transaction.trade_type, "NATIVE");
    assert.deepEqual(transaction.amount, { total: 11800, payer_total: 11000, currency: "CNY", payer_currency: "CNY" });
    assert.equal((await failure(close(asked.out_trade_no))).response.data.code, "ORDERPAID");
    await assert.rejects(pay(asked.out_trade_no), /nobody can pay/);
  }
  await blamed();
});

test("answers are signed with the key of the mode", async () => {
  const { asked } = await create();
  const path = `v3/pay/transactions/out-trade-no/${asked.out_trade_no}`;
  const serial = async () =>
    (await client.chain(path).get({ params: { mchid: run.ready.wechat.mchId } })).headers["wechatpay-serial"];
  assert.equal(await serial(), run.ready.wechat.publicKeyId);
  await run.control("set", { mode: "certificate" });
  assert.equal(await serial(), new X509Certificate(run.file("wechat_platform_cert.pem")).serialNumber);
});

test("callbacks come lost, repeated and all at once", async () => {
  for (const [deliver, expected] of /** @type {[string, number][]} */ ([
    ["lost", 0],
    ["repeat", 5],
    ["concurrent", 50],
  ])) {
    const { asked } = await create();
    run.merchant.received = [];
    assert.equal((await pay(asked.out_trade_no, { deliver })).callbacks.length, expected);
    assert.equal(run.merchant.received.length, expected);
    assert.equal(new Set(run.merchant.received.map(({ body }) => JSON.parse(body).id)).size, Math.min(expected, 1));
    assert.equal(new Set(run.merchant.received.map(({ headers }) => headers["wechatpay-nonce"])).size, expected);
    assert.equal((await query(asked.out_trade_no)).trade_state, "SUCCESS");
  }
});

test("every way of tampering spoils the proof, and lies are well signed", async () => {
  const { asked } = await create();
  await pay(asked.out_trade_no);
  const callback = async (/** @type {object} */ twist) => {
    await run.control("callback", { provider: "wechat", outTradeNo: asked.out_trade_no, ...twist });
    return opened(run.merchant.last);
  };
  for (const tamper of ["body", "signature", "timestamp", "nonce"])
    assert.ok(!(await callback({ tamper })).genuine, tamper);
  assert.notEqual((await callback({ tamper: "serial" })).serial, run.ready.wechat.publicKeyId);
  const stale = await callback({ stale: -400 });
  assert.ok(stale.genuine && stale.age >= 400 && stale.age < 405);
  const lie = await callback({ amountFen: 1, appId: "wxother", mchId: "1900000000" });
  assert.ok(lie.genuine);
  const inside = await lie.inside();
  assert.deepEqual([inside.amount.total, inside.appid, inside.mchid], [1, "wxother", "1900000000"]);
  assert.equal((await query(asked.out_trade_no)).amount.total, 11800, "a lying callback changes no books");
  const other = "0".repeat(32);
  const reset = await callback({ apiv3Key: other });
  assert.ok(reset.genuine);
  await assert.rejects(reset.inside());
  await run.control("callback", { provider: "wechat", outTradeNo: asked.out_trade_no, apiv3Key: other });
  assert.equal((await (await opened(run.merchant.last, other)).inside()).trade_state, "SUCCESS");
  assert.ok(!("associated_data" in (await callback({ associatedData: null })).event.resource));
  await assert.rejects(callback({ tamper: "bodi" }), /tamper cannot be/);
});

test("a payment of another amount is what the query says too", async () => {
  const { asked } = await create();
  await pay(asked.out_trade_no, { amountFen: 100, deliver: "lost" });
  assert.equal((await query(asked.out_trade_no)).amount.total, 100);
});

const refundOf = (/** @type {any} */ asked, /** @type {string} */ no, /** @type {number} */ fen) => ({
  out_trade_no: asked.out_trade_no,
  out_refund_no: no,
  reason: "退菜",
  notify_url: run.merchant.url,
  amount: { refund: fen, total: 11800, currency: "CNY" },
});

test("refunds: at once, repeated, in processing, abnormal", async () => {
  const { asked } = await create();
  await pay(asked.out_trade_no);
  const first = refundOf(asked, `R1${asked.out_trade_no}`, 1800);
  const { data } = await post("v3/refund/domestic/refunds", first);
  assert.equal(data.status, "SUCCESS");
  assert.equal((await post("v3/refund/domestic/refunds", first)).data.refund_id, data.refund_id);
  assert.equal((await query(asked.out_trade_no)).trade_state, "REFUND");
  await run.control("set", { refundMode: "processing" });
  for (const status of ["SUCCESS", "ABNORMAL", "CLOSED"]) {
    const asked2 = refundOf(asked, `${status}${asked.out_trade_no}`, 1000);
    assert.equal((await post("v3/refund/domestic/refunds", asked2)).data.status, "PROCESSING");
    await run.control("refund", { provider: "wechat", outRefundNo: asked2.out_refund_no, status });
    const { genuine, event, inside } = await opened(run.merchant.last);
    assert.ok(genuine);
    assert.equal(event.event_type, `REFUND.${status}`);
    const { refund_status, amount, appid } = await inside();
    assert.deepEqual(
      [refund_status, amount, appid],
      [status, { total: 11800, refund: 1000, payer_total: 11800, payer_refund: 1000 }, undefined],
    );
    const asks = await client.chain(`v3/refund/domestic/refunds/${asked2.out_refund_no}`).get();
    assert.equal(asks.data.status, status);
  }
  const trade = await run.control("trade", { provider: "wechat", outTradeNo: asked.out_trade_no });
  assert.equal(trade.refunds[first.out_refund_no].requestedTimes, 2);
  await blamed();
});

test("wrong refunds are refused and blamed", async () => {
  const { asked } = await create();
  const ask = (/** @type {object} */ body) => failure(post("v3/refund/domestic/refunds", body));
  await ask(refundOf(asked, "Rearly", 100));
  await pay(asked.out_trade_no, { deliver: "lost" });
  await ask(refundOf(asked, "Rmuch", 11801));
  await post("v3/refund/domestic/refunds", refundOf(asked, "Ronce", 100));
  await ask(refundOf(asked, "Ronce", 200));
  await ask({ ...refundOf(asked, "Rtotal", 100), amount: { refund: 100, total: 1, currency: "CNY" } });
  await blamed(/which is NOTPAY/, /11801 where 11800/, /other parameters/, /amount.total/);
});

test("certificates can be fetched, rotated and taken away", async () => {
  const list = async () => {
    const { data } = (await client.chain("v3/certificates").get()).data;
    return Promise.all(
      data.map(async (/** @type {any} */ one) => {
        const { ciphertext, nonce, associated_data: about } = one.encrypt_certificate;
        const pem = Aes.AesGcm.decrypt(ciphertext, run.file("apiv3_key"), nonce, about);
        assert.equal(new X509Certificate(pem).serialNumber, one.serial_no);
        return pem;
      }),
    );
  };
  assert.deepEqual(await list(), [run.file("wechat_platform_cert.pem")]);
  const { serial } = await run.control("set", { rotateCertificate: true, mode: "certificate" });
  const { asked } = await failure(create()).then((error) => {
    assert.equal(error.code, "EV3_RES_HEADER_PLATFORM_SERIAL", "the client does not know the new certificate yet");
    return { asked: JSON.parse(error.config.data) };
  });
  await run.control("set", { mode: "public_key" });
  const pems = await list();
  assert.equal(pems.length, 2);
  const renewed = run.wechat({ certs: { [serial]: pems[0] } });
  await run.control("set", { mode: "certificate" });
  assert.equal((await renewed.chain("v3/pay/transactions/native").post(asked)).status, 200);
  await run.control("set", { mode: "public_key", publicKeyOnly: true });
  assert.equal((await failure(list())).response.status, 404);
});

test("a payer's code: pays, asks for the password, refuses, is reversed", async () => {
  const by = (/** @type {string} */ code) => {
    const { notify_url, ...asked } = order({ payer: { auth_code: code } });
    return asked;
  };
  const paid = by("131111111111111111");
  assert.equal((await post("v3/pay/transactions/codepay", paid)).data.trade_state, "SUCCESS");
  await run.control("payer", { authCode: "132222222222222222", behaviour: "password_then_pays", queries: 1 });
  const slow = by("132222222222222222");
  const answer = await post("v3/pay/transactions/codepay", slow);
  assert.deepEqual([answer.status, answer.data.code], [202, "USERPAYING"]);
  assert.equal((await query(slow.out_trade_no)).trade_state, "USERPAYING");
  assert.equal((await query(slow.out_trade_no)).trade_state, "SUCCESS");
  await run.control("set", { userPayingAs: "state" });
  await run.control("payer", { authCode: "133333333333333333", behaviour: "password" });
  const never = by("133333333333333333");
  assert.equal((await post("v3/pay/transactions/codepay", never)).data.trade_state, "USERPAYING");
  const { appId: appid, mchId: mchid } = run.ready.wechat;
  assert.equal(
    (await post(`v3/pay/transactions/out-trade-no/${never.out_trade_no}/reverse`, { appid, mchid })).status,
    200,
  );
  assert.equal((await query(never.out_trade_no)).trade_state, "REVOKED");
  await run.control("payer", { authCode: "134444444444444444", behaviour: "refuses" });
  const refused = by("134444444444444444");
  assert.equal((await failure(post("v3/pay/transactions/codepay", refused))).response.data.code, "NOT_ENOUGH");
  assert.equal((await query(refused.out_trade_no)).trade_state, "PAYERROR");
  const before = (await run.control("books")).wechat;
  await post(`v3/pay/transactions/out-trade-no/${paid.out_trade_no}/reverse`, { appid, mchid });
  const { inFen, outFen } = (await run.control("books")).wechat;
  assert.deepEqual([inFen, outFen], [before.inFen, before.outFen + 11800]);
  await blamed();
});

test("what is wrong in a request is refused and blamed", async () => {
  const other = run.wechat({ privateKey: run.file("app_key.pem") });
  const noSerial = run.wechat({ headers: {} });
  const otherMerchant = run.wechat({ mchid: "1900000000" });
  const otherSerial = run.wechat({ serial: "ABCDEF" });
  for (const [wrong, pattern] of /** @type {[any, RegExp][]} */ ([
    [other, /signature does not verify/],
    [noSerial, /Wechatpay-Serial/],
    [otherMerchant, /mchid 1900000000/],
    [otherSerial, /serial_no ABCDEF/],
  ])) {
    violations = (await run.control("violations")).length;
    const { response } = await failure(wrong.chain("v3/pay/transactions/native").post(order()));
    assert.deepEqual([response.status, response.data.code], [401, "SIGN_ERROR"]);
    assert.ok(response.headers["wechatpay-signature"], "errors are signed too");
    await blamed(pattern);
  }
  violations = (await run.control("violations")).length;
  const now = Date.now;
  Date.now = () => now() - 301_000;
  const late = await failure(post("v3/pay/transactions/native", order())).finally(() => (Date.now = now));
  assert.equal(late.response.status, 401);
  const { asked } = await create();
  for (const wrong of [
    { ...asked, amount: { total: 1, currency: "CNY" } },
    order({ amount: { total: 0 } }),
    order({ amount: { total: 1.5 } }),
    order({ description: " " }),
    order({ notify_url: "https://a.example/n?x=1" }),
    order({ noise: 1 }),
    order({ appid: "wxother" }),
    order({ description: "鸡🍗" }),
    order({ out_trade_no: "abc" }),
    { ...order(), notify_url: undefined },
  ])
    assert.equal((await failure(post("v3/pay/transactions/native", wrong))).response.status, 400);
  await blamed(
    /timestamp/,
    /other parameters/,
    /total 0 is not/,
    /total 1.5 is not/,
    /description is not/,
    /query or fragment/,
    /noise is no field/,
    /appid is/,
    /four UTF-8/,
    /out_trade_no "abc"/,
    /notify_url is missing/,
  );
});

test("faults strike as asked and as often as asked", async () => {
  const state = async (/** @type {string} */ outTradeNo) =>
    run.control("trade", { provider: "wechat", outTradeNo }).then(
      (one) => one.createdTimes,
      () => 0,
    );
  const match = "^POST /v3/pay/transactions/native$";
  /** @type {[string, (error: any) => void, number][]} */
  const cases = [
    ["500", ({ response }) => assert.deepEqual([response.status, response.data.code], [500, "SYSTEM_ERROR"]), 0],
    ["429", ({ response }) => assert.equal(response.status, 429), 0],
    ["drop", ({ code }) => assert.equal(code, "ECONNRESET"), 0],
    ["drop_after", ({ code }) => assert.equal(code, "ECONNRESET"), 1],
    ["unsigned", ({ code }) => assert.equal(code, "EV3_RES_HEADERS_INCOMPLATE"), 1],
    ["badsign", ({ code }) => assert.equal(code, "EV3_RES_HEADER_SIGNATURE_DIGEST"), 1],
  ];
  for (const [how, look, done] of cases) {
    await run.control("set", { fail: { match, how, times: 1 } });
    const asked = order();
    look(await failure(post("v3/pay/transactions/native", asked)));
    assert.equal(await state(asked.out_trade_no), done, how);
    assert.equal((await post("v3/pay/transactions/native", asked)).status, 200, how);
  }
  await run.control("set", { fail: { match, how: "hang" } });
  const impatient = run.wechat({ timeout: 300 });
  for (let turn = 0; turn < 2; turn += 1) {
    assert.equal((await failure(impatient.chain("v3/pay/transactions/native").post(order()))).code, "ECONNABORTED");
  }
  await run.control("set", { clear: true, latencyMs: 200 });
  const started = Date.now();
  await create();
  assert.ok(Date.now() - started >= 200);
  await assert.rejects(run.control("set", { fail: { match, how: "explode" } }), /fail cannot be/);
  await assert.rejects(run.control("set", { latency: 1 }), /latency cannot be/);
  await blamed();
});

test("the bill is that of the books, in the real format", async () => {
  const date = day(1);
  const get = async (/** @type {object} */ params = { bill_date: date }) => {
    const { data } = await client.chain("v3/bill/tradebill").get({ params });
    const file = await client.v3.billdownload.file.get({
      params: { token: new URL(data.download_url).searchParams.get("token") },
      responseType: "arraybuffer",
    });
    assert.equal(data.hash_type, "SHA1");
    assert.equal(Hash.sha1(file.data), data.hash_value);
    assert.equal(file.headers["wechatpay-signature"], undefined);
    return /** @type {any} */ (Formatter.castCsvBill(file.data));
  };
  assert.equal((await failure(get())).response.data.code, "NO_STATEMENT_EXIST");
  const paid = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const { asked } = await create({ description: "宫保鸡丁,米饭" });
    await pay(asked.out_trade_no, { paidAt: `${date}T12:0${turn}:00+08:00`, deliver: "lost" });
    paid.push(asked);
  }
  await post("v3/refund/domestic/refunds", refundOf(paid[0], "Rbill", 1800));
  const { rows, summary } = await get();
  assert.deepEqual(
    rows.map((/** @type {any} */ row) => [row.商户订单号, row.交易状态, row.订单金额]),
    paid.map((one) => [one.out_trade_no, "SUCCESS", "118.00"]),
  );
  assert.equal(rows[0].交易时间, `${date} 12:00:00`);
  assert.equal(rows[0].商品名称, "宫保鸡丁,米饭");
  assert.deepEqual([summary.总交易单数, summary.订单总金额, summary.退款总金额], ["3", "354.00", "0.00"]);
  const today = (await get({ bill_date: day() })).rows.filter((/** @type {any} */ row) => row.商户退款单号 === "Rbill");
  assert.deepEqual(
    today.map((/** @type {any} */ row) => [row.交易状态, row.申请退款金额, row.订单金额, row.商户订单号]),
    [["REFUND", "18.00", "0.00", paid[0].out_trade_no]],
  );
  await run.control("bill", {
    provider: "wechat",
    date,
    drop: [paid[1].out_trade_no],
    changeAmount: { [paid[2].out_trade_no]: 1 },
    extra: [{ outTradeNo: "Tstranger", amountFen: 500 }],
  });
  const changed = (await get()).rows.map((/** @type {any} */ row) => [row.商户订单号, row.订单金额]);
  assert.deepEqual(
    changed.sort(),
    [
      [paid[0].out_trade_no, "118.00"],
      [paid[2].out_trade_no, "0.01"],
      ["Tstranger", "5.00"],
    ].sort(),
  );
  await blamed();
});

test("requests are counted by their pattern", async () => {
  const before = (await run.control("count"))["GET /v3/pay/transactions/out-trade-no/{no}"] ?? 0;
  const { asked } = await create();
  await query(asked.out_trade_no);
  await query(asked.out_trade_no);
  assert.equal((await run.control("count"))["GET /v3/pay/transactions/out-trade-no/{no}"], before + 2);
});
