/**
 * WeChat Pay API v3, as far as a restaurant meets it: the trades and what is asked about them.
 */

import { randomBytes, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import wechatpay from "wechatpay-axios-plugin";
import { TRADE_TYPES, wechatBill } from "./bills.js";
import { Books, PAID } from "./books.js";
import { Refusal } from "./checks.js";
import { canonical, digits, rfc3339 } from "./units.js";
import { callback } from "./wechat-callback.js";
import { refuse, WechatRequests } from "./wechat-request.js";
import { WechatSigning } from "./wechat-signing.js";

/** @typedef {import("./books.js").Trade} Trade */
/** @typedef {import("./books.js").Refund} Refund */
/** @typedef {import("./server.js").Request} Request */
/** @typedef {import("./server.js").Reply} Reply */

const { Hash, Formatter } = wechatpay;

const DOWNLOAD_MS = 5 * 60_000;
const STATES = {
  SUCCESS: "支付成功",
  REFUND: "转入退款",
  NOTPAY: "订单未支付",
  CLOSED: "订单已关闭",
  REVOKED: "订单已撤销",
  USERPAYING: "用户支付中",
  PAYERROR: "支付失败",
};

export class Wechat {
  books = new Books();
  /** @type {import("./bills.js").Changes} */
  billChanges = new Map();
  /** @type {Map<string, {bytes: Buffer, until: number}>} */
  downloads = new Map();
  baseUrl = "";

  /** @param {import("./keys.js").Keys["wechat"]} keys @param {import("./faults.js").Settings} settings */
  constructor(keys, settings) {
    this.keys = keys;
    this.settings = settings;
    this.requests = new WechatRequests(keys, settings);
    this.signing = new WechatSigning(keys, settings);
  }

  /**
   * @param {Request} request
   * @param {string} body
   * @returns {Reply}
   */
  perform(request, body) {
    const { method, path } = request;
    const [, no, verb] = path.match(/^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(?:\/(close|reverse))?$/) ?? [];
    const [, create] = path.match(/^\/v3\/pay\/transactions\/(native|jsapi|codepay)$/) ?? [];
    const [, refundNo] = path.match(/^\/v3\/refund\/domestic\/refunds\/([^/]+)$/) ?? [];
    if (method === "POST") {
      if (create === "codepay") return this.codepay(this.requests.parse(body, "codepay"));
      if (create) return this.create(create === "native" ? "native" : "jsapi", this.requests.parse(body, create));
      if (verb === "close") return this.close(no, this.requests.parse(body, "close"));
      if (verb === "reverse") return this.reverse(no, this.requests.parse(body, "reverse"));
      if (path === "/v3/refund/domestic/refunds") return this.refund(this.requests.parse(body, "refund"));
    } else if (method === "GET") {
      if (body) refuse("a GET carries a body");
      if (no && !verb) return this.query(no, request.query);
      if (refundNo) return this.queryRefund(refundNo);
      if (path === "/v3/certificates") return this.listCertificates();
      if (path === "/v3/bill/tradebill") return this.bill(request.query);
      if (path === "/v3/billdownload/file") return this.download(request.query);
    }
    throw new Refusal(404, "RESOURCE_NOT_EXISTS", "无可用接口", "there is no such interface");
  }

  /** @param {any} asked an app that is another merchant's takes no money for this one */
  bound({ appid }) {
    if (appid !== this.keys.appId)
      throw new Refusal(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配", `appid is ${appid}`);
  }

  /** @param {any} asked @param {string} channel @returns {Trade | undefined} the trade when this is a repeat */
  repeated(asked, channel) {
    this.bound(asked);
    const trade = this.books.find(asked.out_trade_no);
    if (!trade) return undefined;
    if (trade.channel !== channel || trade.asked !== canonical(asked)) {
      throw new Refusal(
        400,
        "INVALID_REQUEST",
        "201 商户订单号重复",
        `${asked.out_trade_no} was created before with other parameters`,
      );
    }
    trade.createdTimes += 1;
    return trade;
  }

  /** @param {"native" | "jsapi"} channel @param {any} asked @returns {Reply} */
  create(channel, asked) {
    const trade =
      this.repeated(asked, channel) ??
      this.books.open({
        outTradeNo: asked.out_trade_no,
        amountFen: asked.amount.total,
        channel,
        asked: canonical(asked),
        title: asked.description,
        attach: asked.attach,
        openid: asked.payer?.openid ?? `o${randomBytes(14).toString("hex").slice(0, 27)}`,
        notifyUrl: asked.notify_url,
        expiresAt: asked.time_expire ? new Date(asked.time_expire) : undefined,
        token:
          channel === "native"
            ? `weixin://wxpay/bizpayurl?pr=${randomBytes(6).toString("hex").slice(0, 9)}zz`
            : `wx${digits(14)}${randomBytes(10).toString("hex")}`,
      });
    if (PAID.has(trade.state)) throw new Refusal(400, "ORDERPAID", "该订单已支付");
    if (trade.state !== "NOTPAY") throw new Refusal(400, "ORDER_CLOSED", "该订单已关闭");
    return this.json(200, channel === "native" ? { code_url: trade.token } : { prepay_id: trade.token });
  }

  /** @param {any} asked @returns {Reply} */
  codepay(asked) {
    let trade = this.repeated(asked, "codepay");
    if (!trade) {
      const payer = this.settings.payer(asked.payer.auth_code);
      trade = this.books.open({
        outTradeNo: asked.out_trade_no,
        amountFen: asked.amount.total,
        channel: "codepay",
        asked: canonical(asked),
        title: asked.description,
        attach: asked.attach,
        openid: `o${randomBytes(14).toString("hex").slice(0, 27)}`,
        token: asked.payer.auth_code,
      });
      if (payer.behaviour === "pays") this.pay(trade, {});
      else if (payer.behaviour === "refuses") trade.state = "PAYERROR";
      else trade.state = "USERPAYING";
      if (payer.behaviour === "password_then_pays") trade.queriesUntilPaid = payer.queries;
      if (payer.behaviour === "password_then_fails") trade.queriesUntilFailed = payer.queries;
    }
    if (trade.state === "USERPAYING" && this.settings.userPayingAs === "code")
      throw new Refusal(202, "USERPAYING", "需要用户输入支付密码");
    if (trade.state === "PAYERROR") throw new Refusal(403, "NOT_ENOUGH", "用户账户余额不足");
    if (trade.state === "REVOKED") throw new Refusal(400, "ORDER_REVERSED", "订单已撤销");
    return this.json(200, this.transaction(trade));
  }

  /** @param {Trade} trade @param {Omit<Parameters<Books["pay"]>[1], "transactionId">} how */
  pay(trade, how) {
    this.books.pay(trade, { transactionId: `42000${digits(23)}`, ...how });
  }

  /** @param {string} no @returns {Trade} */
  known(no) {
    const trade = this.books.find(no);
    if (!trade) throw new Refusal(404, "ORDER_NOT_EXIST", "订单不存在");
    return trade;
  }

  /** @param {string} no @param {URLSearchParams} query @returns {Reply} */
  query(no, query) {
    if (query.toString() !== `mchid=${this.keys.mchId}`) refuse(`the query is "${query}", not the mchid alone`);
    const trade = this.known(no);
    if (trade.state === "USERPAYING" && trade.queriesUntilPaid !== undefined) {
      if (trade.queriesUntilPaid > 0) trade.queriesUntilPaid -= 1;
      else this.pay(trade, {});
    }
    if (trade.state === "USERPAYING" && trade.queriesUntilFailed !== undefined) {
      if (trade.queriesUntilFailed > 0) trade.queriesUntilFailed -= 1;
      else trade.state = "PAYERROR";
    }
    return this.json(200, this.transaction(trade));
  }

  /** @param {string} no @param {unknown} _asked @returns {Reply} */
  close(no, _asked) {
    const trade = this.known(no);
    if (PAID.has(trade.state)) throw new Refusal(400, "ORDERPAID", "订单已支付");
    if (trade.channel === "codepay")
      throw new Refusal(
        400,
        "INVALID_REQUEST",
        "付款码支付不支持关单",
        `${no} was paid by code; it is reversed, not closed`,
      );
    trade.state = "CLOSED";
    return { status: 204, body: "" };
  }

  /** @param {string} no @param {any} asked @returns {Reply} */
  reverse(no, asked) {
    this.bound(asked);
    const trade = this.known(no);
    if (trade.channel !== "codepay")
      throw new Refusal(
        400,
        "INVALID_REQUEST",
        "仅支持付款码支付",
        `${no} was not paid by code; it cannot be reversed`,
      );
    if (PAID.has(trade.state)) {
      const left = this.books.remaining(trade);
      if (left > 0)
        this.books.endRefund(
          this.books.refund(trade, {
            outRefundNo: `reverse-${no}`,
            amountFen: left,
            refundId: `503${digits(25)}`,
            asked: "",
          }),
          "SUCCESS",
        );
    }
    trade.state = "REVOKED";
    return this.json(200, { appid: this.keys.appId, mchid: this.keys.mchId, out_trade_no: no });
  }

  /** @param {any} asked @returns {Reply} */
  refund(asked) {
    const trade = this.books.find(asked.out_trade_no);
    if (!trade)
      throw new Refusal(
        404,
        "RESOURCE_NOT_EXISTS",
        "订单不存在",
        `a refund of ${asked.out_trade_no}, which was never created`,
      );
    const before = this.books.findRefund(asked.out_refund_no);
    if (before) {
      if (before.refund.asked !== canonical(asked)) {
        throw new Refusal(
          400,
          "INVALID_REQUEST",
          "商户退款单号重复",
          `${asked.out_refund_no} was requested before with other parameters`,
        );
      }
      before.refund.requestedTimes += 1;
      return this.json(200, this.refundState(before.trade, before.refund));
    }
    if (!PAID.has(trade.state))
      throw new Refusal(
        400,
        "INVALID_REQUEST",
        "订单状态不允许退款",
        `a refund of ${trade.outTradeNo}, which is ${trade.state}`,
      );
    if (asked.amount.total !== trade.paidFen)
      throw new Refusal(
        400,
        "INVALID_REQUEST",
        "订单金额或退款金额与之前请求不一致",
        `amount.total of the refund is ${asked.amount.total}, of the trade ${trade.paidFen}`,
      );
    if (asked.amount.refund > this.books.remaining(trade)) {
      throw new Refusal(
        400,
        "INVALID_REQUEST",
        "申请退款金额大于可退金额",
        `refund of ${asked.amount.refund} where ${this.books.remaining(trade)} is left`,
      );
    }
    if (trade.refunds.size >= 50) throw new Refusal(400, "INVALID_REQUEST", "部分退款次数超限");
    const refund = this.books.refund(trade, {
      outRefundNo: asked.out_refund_no,
      amountFen: asked.amount.refund,
      refundId: `503${digits(25)}`,
      asked: canonical(asked),
      notifyUrl: asked.notify_url,
      reason: asked.reason,
    });
    trade.state = "REFUND";
    if (this.settings.refundMode === "instant") this.books.endRefund(refund, "SUCCESS");
    return this.json(200, this.refundState(trade, refund));
  }

  /** @param {string} no @returns {Reply} */
  queryRefund(no) {
    const found = this.books.findRefund(no);
    if (!found) throw new Refusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在");
    return this.json(200, this.refundState(found.trade, found.refund));
  }

  /** @returns {Reply} */
  listCertificates() {
    if (this.settings.publicKeyOnly) {
      throw new Refusal(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥");
    }
    const data = this.signing.certificates.map(({ serial, from, until, pem }) => {
      const encrypted = this.signing.encrypt(pem, "certificate");
      return {
        serial_no: serial,
        effective_time: rfc3339(from),
        expire_time: rfc3339(until),
        encrypt_certificate: { ...encrypted, associated_data: "certificate" },
      };
    });
    return this.json(200, { data });
  }

  /** @param {URLSearchParams} query @returns {Reply} */
  bill(query) {
    const strangers = [...query.keys()].filter((key) => !["bill_date", "bill_type", "tar_type"].includes(key));
    if (strangers.length) refuse(`${strangers} is no parameter of a bill`);
    const date = query.get("bill_date") ?? "";
    if (!/^\d{4}-\d\d-\d\d$/.test(date)) refuse(`bill_date is "${date}"`);
    if (!["ALL", null].includes(query.get("bill_type"))) refuse(`this gateway has bill_type ALL only`);
    const csv = wechatBill(this.books, date, { ...this.keys, changes: this.billChanges.get(date) });
    if (!this.settings.billsReady) throw new Refusal(400, "STATEMENT_CREATING", "账单生成中");
    if (!csv) throw new Refusal(400, "NO_STATEMENT_EXIST", "账单文件不存在");
    const bytes = Buffer.from(csv);
    const token = Formatter.nonce(32);
    this.downloads.set(token, {
      bytes: query.get("tar_type") === "GZIP" ? gzipSync(bytes) : bytes,
      until: Date.now() + DOWNLOAD_MS,
    });
    return this.json(200, {
      hash_type: "SHA1",
      hash_value: Hash.sha1(bytes),
      download_url: `${this.baseUrl}/v3/billdownload/file?token=${token}`,
    });
  }

  /** @param {URLSearchParams} query @returns {Reply} */
  download(query) {
    const file = this.downloads.get(query.get("token") ?? "");
    if (!file || file.until < Date.now())
      throw new Refusal(400, "PARAM_ERROR", "账单文件已过期", "the token of a bill's download is unknown or too old");
    return { status: 200, body: file.bytes, headers: { "content-type": "application/octet-stream" }, plain: true };
  }

  /**
   * @param {Trade} trade
   * @param {{amountFen?: number, payerTotal?: number, appId?: string, mchId?: string}} [lies] for callbacks that say something else than the books
   */
  transaction(trade, lies = {}) {
    const total = lies.amountFen ?? trade.paidFen ?? trade.amountFen;
    const paid = trade.paidAt && {
      transaction_id: trade.transactionId,
      bank_type: "OTHERS",
      success_time: rfc3339(trade.paidAt),
      payer: { openid: trade.openid },
    };
    return {
      appid: lies.appId ?? trade.paidAppId ?? this.keys.appId,
      mchid: lies.mchId ?? trade.paidMerchant ?? this.keys.mchId,
      out_trade_no: trade.outTradeNo,
      ...(trade.attach ? { attach: trade.attach } : {}),
      ...(paid ? { trade_type: TRADE_TYPES[trade.channel] } : {}),
      trade_state: trade.state,
      trade_state_desc: STATES[trade.state],
      promotion_detail: [],
      ...paid,
      amount: paid
        ? {
            total,
            payer_total: lies.payerTotal ?? (lies.amountFen ? total : trade.payerFen),
            currency: "CNY",
            payer_currency: "CNY",
          }
        : { total, currency: "CNY" },
    };
  }

  /** @param {Trade} trade @param {Refund} refund */
  refundMoney(trade, refund) {
    return {
      total: trade.paidFen,
      refund: refund.amountFen,
      payer_total: trade.payerFen,
      payer_refund: Math.min(refund.amountFen, trade.payerFen ?? 0),
    };
  }

  /** @param {Trade} trade @param {Refund} refund */
  refundState(trade, refund) {
    return {
      refund_id: refund.refundId,
      out_refund_no: refund.outRefundNo,
      transaction_id: trade.transactionId,
      out_trade_no: trade.outTradeNo,
      channel: "ORIGINAL",
      user_received_account: "支付用户零钱",
      create_time: rfc3339(refund.createdAt),
      ...(refund.doneAt ? { success_time: rfc3339(refund.doneAt) } : {}),
      status: refund.status,
      funds_account: "UNSETTLED",
      amount: {
        ...this.refundMoney(trade, refund),
        settlement_refund: refund.amountFen,
        settlement_total: trade.paidFen,
        discount_refund: 0,
        currency: "CNY",
      },
      promotion_detail: [],
    };
  }

  /** @param {number} status @param {object} value @returns {Reply} */
  json(status, value) {
    return { status, body: JSON.stringify(value), headers: { "content-type": "application/json; charset=utf-8" } };
  }

  /** @param {Refusal} refusal @returns {Reply} */
  refusal({ status, code, message, why }) {
    return this.json(Number(status), { code, message, ...(why ? { detail: { issue: why } } : {}) });
  }

  /** @param {"500" | "429"} how @returns {Reply} */
  fault(how) {
    return this.refusal(
      how === "500"
        ? new Refusal(500, "SYSTEM_ERROR", "系统繁忙，请稍后重试")
        : new Refusal(429, "FREQUENCY_LIMITED", "频率超限"),
    );
  }

  /**
   * @param {Reply} reply
   * @param {import("./faults.js").How | undefined} fault
   * @returns {Reply}
   */
  seal(reply, fault) {
    const headers = { "Request-ID": `08${randomUUID().replaceAll("-", "").toUpperCase()}`, ...reply.headers };
    if (reply.plain || fault === "unsigned") return { ...reply, headers };
    // A right signature over another body is the hardest of the bad ones to tell.
    const signed = this.signing.signature(fault === "badsign" ? `${reply.body} ` : String(reply.body));
    return { ...reply, headers: { ...headers, ...signed } };
  }

  /**
   * @param {Trade} trade
   * @param {Refund | undefined} refund
   * @param {import("./callbacks.js").Twist} twist
   * @returns {import("./callbacks.js").Sender}
   */
  callback(trade, refund, twist) {
    return callback(this, trade, refund, twist);
  }
}
