/**
 * Alipay's open platform, gateway v2, as far as a restaurant meets it: the trades and what is asked about them.
 */

import { randomBytes } from "node:crypto";
import { callback } from "./alipay-callback.js";
import { AlipayRequests } from "./alipay-request.js";
import { AlipaySigning } from "./alipay-signing.js";
import { alipayBill } from "./bills.js";
import { Books, PAID } from "./books.js";
import { Refusal } from "./checks.js";
import { beijing, canonical, digits, fen, yuan } from "./units.js";

/** @typedef {import("./books.js").Trade} Trade */
/** @typedef {import("./books.js").Refund} Refund */
/** @typedef {import("./alipay-request.js").Call} Call */
/** @typedef {import("./server.js").Reply} Reply */
/** @typedef {{node: string, value: Record<string, unknown>}} Answer */

const DOWNLOAD_MS = 30_000;
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

/** @param {string} code @param {string} message @param {string} [why] */
const business = (code, message, why) => new Refusal("40004", code, message, why);

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
    this.signing = new AlipaySigning(keys);
    this.requests = new AlipayRequests(keys.appId, this.signing);
    /** @type {Record<string, (biz: any, call: Call) => Record<string, unknown>>} */
    this.methods = {
      "alipay.trade.precreate": (biz, call) => this.precreate(biz, call),
      "alipay.trade.pay": (biz, call) => this.pay(biz, call),
      "alipay.trade.query": (biz) => this.query(biz),
      "alipay.trade.close": (biz) => this.close(biz),
      "alipay.trade.cancel": (biz) => this.cancel(biz),
      "alipay.trade.refund": (biz) => this.refund(biz),
      "alipay.trade.fastpay.refund.query": (biz) => this.queryRefund(biz),
      "alipay.data.dataservice.bill.downloadurl.query": (biz) => this.bill(biz),
    };
  }

  /** @param {Call} call @param {any} biz @returns {Answer} */
  perform(call, biz) {
    return {
      node: this.node(call.method),
      value: { code: "10000", msg: MESSAGES[10000], ...this.methods[call.method](biz, call) },
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
   * @returns {Reply}
   */
  seal({ node, value }, fault) {
    // The gateway escapes slashes; whoever parses and writes again before verifying is found out by this.
    const inner = JSON.stringify(value).replaceAll("/", "\\/");
    const sign = this.signing.sign(fault === "badsign" ? `${inner} ` : inner);
    const body = `{${JSON.stringify(node)}:${inner}${fault === "unsigned" ? "" : `,"sign":"${sign}"`}}`;
    return { status: 200, body, headers: { "content-type": "text/html;charset=utf-8" } };
  }

  /** @param {Call | undefined} call @param {"500" | "429"} how @returns {Reply} */
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
    return callback(this, trade, refund, twist);
  }
}
