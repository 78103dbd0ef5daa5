/**
 * Alipay's open platform, gateway v2, as far as a restaurant meets it. Signing and verifying are the SDK's own.
 */

import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AlipaySdk } from "alipay-sdk";
import { alipayBill } from "./bills.js";
import { Books, PAID } from "./books.js";
import { anything, exactly, like, misfits, needed, notifyUrl, optional, Refusal, text, utf8 } from "./checks.js";
import { beijing, canonical, digits, fen, fromBeijing, yuan } from "./units.js";

/** @typedef {import("./books.js").Trade} Trade */
/** @typedef {import("./books.js").Refund} Refund */
/** @typedef {import("./checks.js").Shape} Shape */
/** @typedef {import("./wechat.js").Request} Request */
/** @typedef {{method: string, params: Record<string, string>}} Call */
/** @typedef {{node: string, value: Record<string, unknown>}} Answer */

// The SDK is a client: it exports no way to sign an answer or a callback, so its inner function is taken from beside its entry.
const require = createRequire(import.meta.url);
/** @type {{signatureV3: (message: string, key: string) => string}} */
const { signatureV3 } = require(join(dirname(require.resolve("alipay-sdk")), "util.js"));

const CLOCK_MS = 300_000;
const DOWNLOAD_MS = 30_000;
const PUBLIC = [
  "app_id",
  "method",
  "format",
  "charset",
  "sign_type",
  "sign",
  "timestamp",
  "version",
  "notify_url",
  "app_auth_token",
  "biz_content",
];
const MESSAGES = {
  10000: "Success",
  10003: "order success pay inprocess",
  20000: "Service Currently Unavailable",
  40001: "Missing Required Arguments",
  40002: "Invalid Arguments",
  40004: "Business Failed",
  40005: "Call Limited",
  40006: "Insufficient Permissions",
};
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @type {import("./checks.js").Rule} */
const money = (value) =>
  typeof value === "string" && /^(0|[1-9]\d{0,8})\.\d\d$/.test(value) && fen(value) > 0
    ? undefined
    : `${JSON.stringify(value)} is not a text like "12.34" above nought`;

/** @type {import("./checks.js").Rule} */
const subject = (value) =>
  text(256)(value) ?? (/[/=&]/.test(String(value)) ? `${JSON.stringify(value)} has one of / = &` : undefined);

/** @param {string} code @param {string} message @param {string} [why] */
const business = (code, message, why) => new Refusal("40004", code, message, why);

/** @param {[string, string][]} fields @returns {string} what is signed */
const joined = (fields) =>
  fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join("&");

export class Alipay {
  books = new Books();
  /** @type {import("./bills.js").Changes} */
  billChanges = new Map();
  /** @type {Map<string, {bytes: Buffer, name: string, until: number}>} */
  downloads = new Map();
  baseUrl = "";

  /** @param {import("./keys.js").Keys["alipay"]} keys @param {import("./faults.js").Settings} settings */
  constructor(keys, settings) {
    this.keys = keys;
    this.settings = settings;
    this.signKey = /** @type {string} */ (keys.alipay.privateKey.export({ type: "pkcs8", format: "pem" }));
    // Our own public key in the place of Alipay's: so the SDK's verification checks what we send.
    this.verifier = new AlipaySdk({
      appId: keys.appId,
      keyType: "PKCS8",
      privateKey: this.signKey,
      alipayPublicKey: /** @type {string} */ (keys.app.publicKey.export({ type: "spki", format: "pem" })),
    });
    const number = { out_trade_no: needed(like(/^[A-Za-z0-9_]{1,64}$/)), trade_no: optional(like(/^\d{28}$/)) };
    const clerk = {
      operator_id: optional(text(28)),
      store_id: optional(text(32)),
      terminal_id: optional(text(32)),
      query_options: optional(anything),
    };
    const order = {
      out_trade_no: number.out_trade_no,
      total_amount: needed(money),
      subject: needed(subject),
      body: optional(text(128)),
      product_code: optional(text(64)),
      seller_id: optional(like(/^2088\d{12}$/)),
      timeout_express: optional(like(/^[1-9]\d*[mhd]$/)),
      time_expire: optional(like(/^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$/)),
      goods_detail: optional(anything),
      extend_params: optional(anything),
      business_params: optional(anything),
      ...clerk,
    };
    /** @type {Record<string, {shape: Shape, run: (biz: any, call: Call) => Record<string, unknown>}>} */
    this.methods = {
      "alipay.trade.precreate": {
        shape: { ...order, qr_code_timeout_express: optional(like(/^[1-9]\d*[mhd]$/)) },
        run: (biz, call) => this.precreate(biz, call),
      },
      "alipay.trade.pay": {
        shape: { ...order, scene: needed(exactly("bar_code")), auth_code: needed(like(/^\d{16,24}$/)) },
        run: (biz, call) => this.pay(biz, call),
      },
      "alipay.trade.query": { shape: { ...number, query_options: optional(anything) }, run: (biz) => this.query(biz) },
      "alipay.trade.close": { shape: { ...number, operator_id: clerk.operator_id }, run: (biz) => this.close(biz) },
      "alipay.trade.cancel": { shape: number, run: (biz) => this.cancel(biz) },
      "alipay.trade.refund": {
        shape: {
          ...number,
          refund_amount: needed(money),
          out_request_no: needed(text(64)),
          refund_reason: optional(text(256)),
          ...clerk,
        },
        run: (biz) => this.refund(biz),
      },
      "alipay.trade.fastpay.refund.query": {
        shape: { ...number, out_request_no: needed(text(64)), query_options: optional(anything) },
        run: (biz) => this.queryRefund(biz),
      },
      "alipay.data.dataservice.bill.downloadurl.query": {
        shape: { bill_type: needed(exactly("trade")), bill_date: needed(like(/^\d{4}-\d\d-\d\d$/)) },
        run: (biz) => this.bill(biz),
      },
    };
  }

  /**
   * @param {Request} request
   * @returns {{call: Call, query: URLSearchParams, form: URLSearchParams} | undefined} undefined when the body is not UTF-8
   */
  read(request) {
    const body = utf8(request.body);
    if (body === undefined) return undefined;
    const form = new URLSearchParams(body);
    const params = Object.fromEntries([...request.query, ...form]);
    return { call: { method: params.method ?? "", params }, query: request.query, form };
  }

  /**
   * Everything that can be known without looking at the books.
   * @param {Request} request
   * @param {ReturnType<Alipay["read"]>} read
   * @returns {any} biz_content
   */
  check(request, read) {
    /** @param {string} subCode @param {string} why @returns {never} */
    const invalid = (subCode, why) => {
      throw new Refusal("40002", subCode, `${why}`, why);
    };
    if (!read) return invalid("isv.invalid-encoding", "the body is not UTF-8");
    const {
      call: { method, params },
      query,
      form,
    } = read;
    if (request.method !== "POST") invalid("isv.invalid-method", `the request is a ${request.method}`);
    const keys = [...query.keys(), ...form.keys()];
    if (new Set(keys).size !== keys.length) invalid("isv.invalid-parameter", `a parameter is there twice: ${keys}`);
    if (!method) throw new Refusal("40001", "isv.missing-method", "缺少方法名参数", "method is missing");
    if (!this.methods[method]) invalid("isv.invalid-method", `there is no method ${method}`);
    if (params.app_id !== this.keys.appId) invalid("isv.invalid-app-id", `app_id is ${params.app_id}`);
    if (params.sign_type !== "RSA2") invalid("isv.invalid-signature-type", `sign_type is ${params.sign_type}`);
    if (!params.sign) throw new Refusal("40001", "isv.missing-signature", "缺少签名参数", "sign is missing");
    const signed = Object.entries(params).filter(([key, value]) => key !== "sign" && value !== "");
    // Not checkNotifySignV2: that one tries again without sign_type, which the real gateway demands in a request's signature.
    if (!this.verifier.rsaCheck(joined(signed), params.sign, "RSA2"))
      invalid("isv.invalid-signature", "the signature does not verify");
    const stranger = keys.find((key) => !PUBLIC.includes(key));
    if (stranger) invalid("isv.invalid-parameter", `${stranger} is no parameter of the gateway`);
    if (query.get("charset")?.toLowerCase() !== "utf-8")
      invalid("isv.invalid-charset", "charset=utf-8 is not in the query");
    if (query.has("biz_content") || !form.has("biz_content"))
      invalid("isv.invalid-parameter", "biz_content is not in the form body");
    if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers["content-type"] ?? "")) {
      invalid("isv.invalid-parameter", `Content-Type is ${request.headers["content-type"]}`);
    }
    if (![undefined, "JSON"].includes(params.format)) invalid("isv.invalid-format", `format is ${params.format}`);
    if (params.version !== "1.0") invalid("isv.invalid-version", `version is ${params.version}`);
    const when = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(params.timestamp ?? "")
      ? fromBeijing(params.timestamp).getTime()
      : NaN;
    if (!(Math.abs(Date.now() - when) < CLOCK_MS))
      invalid("isv.invalid-timestamp", `timestamp ${params.timestamp} is not Beijing time within 300 s`);
    const complaint = "notify_url" in params ? notifyUrl(params.notify_url) : undefined;
    if (complaint) invalid("isv.invalid-parameter", `notify_url ${complaint}`);
    let biz;
    try {
      biz = JSON.parse(params.biz_content);
    } catch {
      invalid("isv.invalid-parameter", "biz_content is not JSON");
    }
    const wrong = misfits(biz, this.methods[method].shape);
    if (wrong.length) invalid("isv.invalid-parameter", wrong.join("; "));
    return biz;
  }

  /** @param {Call} call @param {any} biz @returns {Answer} */
  perform(call, biz) {
    return {
      node: this.node(call.method),
      value: { code: "10000", msg: MESSAGES[10000], ...this.methods[call.method].run(biz, call) },
    };
  }

  /** @param {string} method */
  node(method) {
    return this.methods[method] ? `${method.replaceAll(".", "_")}_response` : "error_response";
  }

  /** @param {Call | undefined} call @param {Refusal} refusal @returns {Answer} */
  refusal(call, { status, code, message }) {
    const value = {
      code: String(status),
      msg: MESSAGES[/** @type {keyof typeof MESSAGES} */ (Number(status))],
      sub_code: code,
      sub_msg: message,
    };
    return { node: code === "isv.invalid-app-id" ? "error_response" : this.node(call?.method ?? ""), value };
  }

  /** @param {any} biz @param {Call} call @param {"precreate" | "barcode"} channel @returns {Trade | undefined} */
  repeated(biz, call, channel) {
    const trade = this.books.find(biz.out_trade_no);
    if (!trade) return undefined;
    if (trade.channel !== channel || trade.asked !== canonical([biz, call.params.notify_url])) {
      throw business(
        "ACQ.CONTEXT_INCONSISTENT",
        "交易信息被篡改",
        `${biz.out_trade_no} was created before with other parameters`,
      );
    }
    trade.createdTimes += 1;
    return trade;
  }

  /** @param {any} biz @param {Call} call @param {"precreate" | "barcode"} channel @returns {Trade} */
  open(biz, call, channel) {
    if (biz.seller_id !== undefined && biz.seller_id !== this.keys.sellerId) {
      throw business("ACQ.SELLER_NOT_EXIST", "卖家不存在", `seller_id is ${biz.seller_id}`);
    }
    return this.books.open({
      outTradeNo: biz.out_trade_no,
      amountFen: fen(biz.total_amount),
      channel,
      asked: canonical([biz, call.params.notify_url]),
      title: biz.subject,
      notifyUrl: call.params.notify_url,
      token:
        channel === "precreate"
          ? `https://qr.alipay.com/bax${randomBytes(12).toString("hex").slice(0, 21)}`
          : biz.auth_code,
      timeoutExpress: biz.timeout_express,
    });
  }

  /**
   * The payer has the trade on the screen: only now does it exist, and its time begin to run.
   * @param {Trade} trade
   */
  scan(trade) {
    if (trade.scanned) return;
    trade.scanned = true;
    trade.transactionId ??= `${beijing(new Date()).slice(0, 10).replaceAll("-", "")}22001${digits(15)}`;
    const [, amount, unit] = trade.timeoutExpress?.match(/^(\d+)([mhd])$/) ?? [];
    if (amount)
      trade.expiresAt = new Date(Date.now() + Number(amount) * UNITS[/** @type {keyof typeof UNITS} */ (unit)]);
  }

  /** @param {any} biz @param {Call} call */
  precreate(biz, call) {
    const trade = this.repeated(biz, call, "precreate") ?? this.open(biz, call, "precreate");
    if (PAID.has(trade.state)) throw business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付");
    if (trade.state === "CLOSED") throw business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭");
    return { out_trade_no: trade.outTradeNo, qr_code: trade.token };
  }

  /** @param {any} biz @param {Call} call */
  pay(biz, call) {
    let trade = this.repeated(biz, call, "barcode");
    if (!trade) {
      trade = this.open(biz, call, "barcode");
      const payer = this.settings.payer(biz.auth_code);
      if (payer.behaviour === "refuses") trade.state = "PAYERROR";
      else this.scan(trade);
      if (payer.behaviour === "pays") this.settle(trade, {});
      else if (payer.behaviour !== "refuses") trade.state = "USERPAYING";
      if (payer.behaviour === "password_then_pays") trade.queriesUntilPaid = payer.queries;
      if (payer.behaviour === "password_then_fails") trade.queriesUntilFailed = payer.queries;
    }
    if (trade.state === "PAYERROR")
      throw business("ACQ.PAYMENT_AUTH_CODE_INVALID", "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款");
    if (trade.state === "CLOSED") throw business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭");
    if (trade.state === "USERPAYING") {
      const { trade_status, send_pay_date, ...fields } = this.state(trade);
      return { ...fields, code: "10003", msg: MESSAGES[10003] };
    }
    const { trade_status, send_pay_date, ...fields } = this.state(trade);
    return { ...fields, gmt_payment: send_pay_date };
  }

  /** @param {Trade} trade @param {Omit<Parameters<Books["pay"]>[1], "transactionId">} how */
  settle(trade, how) {
    this.scan(trade);
    this.books.pay(trade, { transactionId: String(trade.transactionId), ...how });
  }

  /** @param {string} outTradeNo @returns {Trade} */
  known(outTradeNo) {
    const trade = this.books.find(outTradeNo);
    if (!trade?.scanned) throw business("ACQ.TRADE_NOT_EXIST", "交易不存在");
    return trade;
  }

  /** @param {any} biz */
  query(biz) {
    const trade = this.known(biz.out_trade_no);
    if (trade.state === "USERPAYING" && trade.queriesUntilPaid !== undefined) {
      if (trade.queriesUntilPaid > 0) trade.queriesUntilPaid -= 1;
      else this.settle(trade, {});
    }
    // A payer who gives up leaves a trade behind that was never paid.
    if (trade.state === "USERPAYING" && trade.queriesUntilFailed !== undefined) {
      if (trade.queriesUntilFailed > 0) trade.queriesUntilFailed -= 1;
      else trade.state = "CLOSED";
    }
    return this.state(trade);
  }

  /** @param {any} biz */
  close(biz) {
    const trade = this.known(biz.out_trade_no);
    if (!["NOTPAY", "USERPAYING"].includes(trade.state)) throw business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法");
    trade.state = "CLOSED";
    return { out_trade_no: trade.outTradeNo, trade_no: trade.transactionId };
  }

  /** @param {any} biz */
  cancel(biz) {
    const trade = this.books.find(biz.out_trade_no);
    const same = { out_trade_no: biz.out_trade_no, retry_flag: "N" };
    if (!trade || trade.state === "PAYERROR") return same;
    if (trade.state === "CLOSED") return { ...same, ...this.numbered(trade), action: "close" };
    if (!PAID.has(trade.state)) {
      trade.state = "CLOSED";
      return { ...same, ...this.numbered(trade), ...(trade.scanned ? { action: "close" } : {}) };
    }
    const left = this.books.remaining(trade);
    if (left > 0)
      this.books.endRefund(
        this.books.refund(trade, {
          outRefundNo: `cancel-${trade.outTradeNo}`,
          amountFen: left,
          refundId: "",
          asked: "",
        }),
        "SUCCESS",
      );
    trade.state = "REFUND";
    return { ...same, ...this.numbered(trade), action: "refund" };
  }

  /** @param {Trade} trade */
  numbered(trade) {
    return trade.transactionId ? { trade_no: trade.transactionId } : {};
  }

  /** @param {any} biz */
  refund(biz) {
    const trade = this.books.find(biz.out_trade_no);
    if (!trade?.scanned)
      throw business("ACQ.TRADE_NOT_EXIST", "交易不存在", `a refund of ${biz.out_trade_no}, which does not exist`);
    const before = trade.refunds.get(biz.out_request_no);
    // A repeat moves no money, so it says N even where the first request is long done.
    if (before) {
      if (before.asked !== canonical(biz)) {
        throw business(
          "ACQ.DISCORDANT_REPEAT_REQUEST",
          "不一致的请求",
          `${biz.out_request_no} was requested before with other parameters`,
        );
      }
      before.requestedTimes += 1;
      return { ...this.refundState(trade), fund_change: "N" };
    }
    const amountFen = fen(biz.refund_amount);
    if (!PAID.has(trade.state))
      throw business(
        "ACQ.TRADE_STATUS_ERROR",
        "交易状态不合法",
        `a refund of ${trade.outTradeNo}, which is ${trade.state}`,
      );
    if (amountFen > this.books.remaining(trade)) {
      throw business(
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        "退款金额超限",
        `refund of ${amountFen} where ${this.books.remaining(trade)} is left`,
      );
    }
    const refund = this.books.refund(trade, {
      outRefundNo: biz.out_request_no,
      amountFen,
      refundId: "",
      asked: canonical(biz),
      reason: biz.refund_reason,
    });
    if (this.settings.refundMode === "instant") this.endRefund(trade, refund, "SUCCESS");
    return { ...this.refundState(trade), fund_change: refund.status === "SUCCESS" ? "Y" : "N" };
  }

  /** @param {Trade} trade @param {Refund} refund @param {import("./books.js").RefundStatus} status */
  endRefund(trade, refund, status) {
    this.books.endRefund(refund, status);
    if (status === "SUCCESS") trade.state = "REFUND";
  }

  /** @param {Trade} trade */
  refundState(trade) {
    return {
      trade_no: trade.transactionId,
      out_trade_no: trade.outTradeNo,
      buyer_logon_id: "138****0000",
      buyer_user_id: this.buyer,
      refund_fee: yuan(this.books.refunded(trade)),
    };
  }

  /** @param {any} biz */
  queryRefund(biz) {
    const trade = this.known(biz.out_trade_no);
    const refund = trade.refunds.get(biz.out_request_no);
    // For an unknown or unfinished refund Alipay answers success with nothing in it.
    if (refund?.status !== "SUCCESS") return {};
    return {
      trade_no: trade.transactionId,
      out_trade_no: trade.outTradeNo,
      out_request_no: refund.outRefundNo,
      total_amount: yuan(trade.paidFen ?? 0),
      refund_amount: yuan(refund.amountFen),
      refund_status: "REFUND_SUCCESS",
    };
  }

  /** @param {any} biz */
  bill(biz) {
    if (this.settings.billNotEnabled)
      throw new Refusal(
        "40006",
        "isv.insufficient-isv-permissions",
        "ISV权限不足，建议在开发者中心检查对应功能是否已经添加",
      );
    const zip = alipayBill(this.books, biz.bill_date, {
      sellerId: this.keys.sellerId,
      changes: this.billChanges.get(biz.bill_date),
    });
    if (!zip || !this.settings.billsReady) throw business("isp.bill_not_exist", "账单不存在");
    const token = randomBytes(16).toString("hex");
    const name = `${this.keys.sellerId}_${biz.bill_date.replaceAll("-", "")}.csv.zip`;
    this.downloads.set(token, { bytes: zip, name, until: Date.now() + DOWNLOAD_MS });
    const query = new URLSearchParams({
      bizType: "trade",
      userId: this.keys.sellerId,
      fileType: "csv.zip",
      bizDates: biz.bill_date,
      downloadFileName: name,
      token,
    });
    return { bill_download_url: `${this.baseUrl}/downloadBillFile.resource?${query}` };
  }

  /** @param {URLSearchParams} query @returns {{bytes: Buffer, name: string} | undefined} */
  download(query) {
    const file = this.downloads.get(query.get("token") ?? "");
    return file && file.until >= Date.now() ? file : undefined;
  }

  get buyer() {
    return "2088102100000001";
  }

  /** @param {Trade} trade */
  status(trade) {
    if (PAID.has(trade.state))
      return this.books.refunded(trade) >= (trade.paidFen ?? 0) ? "TRADE_CLOSED" : "TRADE_SUCCESS";
    return trade.state === "CLOSED" ? "TRADE_CLOSED" : "WAIT_BUYER_PAY";
  }

  /** @param {Trade} trade */
  state(trade) {
    const total = yuan(trade.paidFen ?? trade.amountFen);
    const paid = {
      receipt_amount: total,
      buyer_pay_amount: yuan(trade.payerFen ?? 0),
      invoice_amount: yuan(trade.payerFen ?? 0),
      point_amount: "0.00",
      send_pay_date: trade.paidAt && beijing(trade.paidAt),
      fund_bill_list: [{ amount: total, fund_channel: "ALIPAYACCOUNT" }],
    };
    return {
      trade_no: trade.transactionId,
      out_trade_no: trade.outTradeNo,
      buyer_logon_id: "138****0000",
      buyer_user_id: this.buyer,
      trade_status: this.status(trade),
      total_amount: total,
      .../** @type {Partial<typeof paid>} */ (trade.paidAt ? paid : {}),
    };
  }

  /**
   * @param {Answer} answer
   * @param {import("./faults.js").How | undefined} fault
   * @returns {import("./wechat.js").Reply}
   */
  seal({ node, value }, fault) {
    // The gateway escapes slashes; whoever parses and writes again before verifying is found out by this.
    const inner = JSON.stringify(value).replaceAll("/", "\\/");
    const sign = signatureV3(fault === "badsign" ? `${inner} ` : inner, this.signKey);
    const body = `{${JSON.stringify(node)}:${inner}${fault === "unsigned" ? "" : `,"sign":"${sign}"`}}`;
    return { status: 200, body, headers: { "content-type": "text/html;charset=utf-8" } };
  }

  /** @param {Call | undefined} call @param {"500" | "429"} how @returns {import("./wechat.js").Reply} */
  fault(call, how) {
    if (how === "500")
      return {
        status: 500,
        body: "<html><body>Internal Server Error</body></html>",
        headers: { "content-type": "text/html" },
      };
    return this.seal(this.refusal(call, new Refusal("40005", "isv.app-call-limited", "应用调用次数超限")), undefined);
  }

  /**
   * @param {Trade} trade
   * @param {Refund | undefined} refund
   * @param {import("./callbacks.js").Twist} twist
   * @returns {import("./callbacks.js").Sender}
   */
  callback(trade, refund, twist) {
    const url = trade.notifyUrl;
    if (!url) throw new TypeError(`${trade.outTradeNo} was created without a notify_url`);
    const total = yuan(twist.amountFen ?? trade.paidFen ?? trade.amountFen);
    const payer = yuan(twist.payerTotal ?? twist.amountFen ?? trade.payerFen ?? trade.amountFen);
    const appId = twist.appId ?? trade.paidAppId ?? this.keys.appId;
    // Of a trade that lost money again Alipay tells the sum given back so far, whatever the callback is about.
    const given = this.books.refunded(trade);
    const last = refund ?? [...trade.refunds.values()].filter((one) => one.doneAt).at(-1);
    const fields = {
      gmt_create: beijing(trade.createdAt),
      charset: "utf-8",
      seller_email: "bell@example.com",
      subject: trade.title,
      body: "",
      buyer_id: this.buyer,
      buyer_logon_id: "138****0000",
      invoice_amount: payer,
      notify_id: `${beijing(new Date()).slice(0, 10).replaceAll("-", "")}00222${digits(20)}`,
      fund_bill_list: JSON.stringify([{ amount: total, fundChannel: "ALIPAYACCOUNT" }]),
      notify_type: "trade_status_sync",
      trade_status: twist.kind ?? this.status(trade),
      receipt_amount: total,
      buyer_pay_amount: payer,
      app_id: appId,
      auth_app_id: appId,
      seller_id: twist.sellerId ?? trade.paidMerchant ?? this.keys.sellerId,
      notify_time: beijing(new Date(Date.now() + (twist.stale ?? 0) * 1000)),
      version: "1.0",
      out_trade_no: twist.aboutTradeNo ?? trade.outTradeNo,
      total_amount: total,
      trade_no: trade.transactionId ?? "",
      point_amount: "0.00",
      ...(trade.paidAt ? { gmt_payment: beijing(trade.paidAt) } : {}),
      ...(given && last
        ? {
            refund_fee: yuan(given),
            gmt_refund: `${beijing(last.doneAt ?? new Date())}.000`,
            out_biz_no: last.outRefundNo,
          }
        : {}),
      ...(trade.state === "CLOSED" ? { gmt_close: beijing(new Date()) } : {}),
    };
    const form = new URLSearchParams({
      ...fields,
      sign: signatureV3(joined(Object.entries(fields)), this.signKey),
      sign_type: "RSA2",
    });
    this.tamper(form, twist.tamper);
    const headers = { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "User-Agent": "Mozilla/4.0" };
    return () => ({ url, body: form.toString(), headers });
  }

  /** @param {URLSearchParams} form @param {import("./callbacks.js").Twist["tamper"]} tamper */
  tamper(form, tamper) {
    if (tamper === "body") form.set("total_amount", yuan(fen(form.get("total_amount") ?? "0.00") + 1));
    if (tamper === "signature") form.set("sign", randomBytes(256).toString("base64"));
    if (tamper === "timestamp") form.set("notify_time", beijing(new Date(Date.now() - 1000_000)));
    if (tamper === "nonce") form.set("notify_id", `2026${digits(29)}`);
    if (tamper === "serial") form.set("app_id", `2021${digits(12)}`);
  }
}
