/**
 * What a request to Alipay's gateway must look like.
 */

import { anything, exactly, like, misfits, needed, notifyUrl, optional, Refusal, text, utf8 } from "./checks.js";
import { fen, fromBeijing } from "./units.js";

/** @typedef {import("./checks.js").Shape} Shape */
/** @typedef {import("./server.js").Request} Request */
/** @typedef {{method: string, params: Record<string, string>}} Call */

const CLOCK_MS = 300_000;
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

/** @type {import("./checks.js").Rule} */
const money = (value) =>
  typeof value === "string" && /^(0|[1-9]\d{0,8})\.\d\d$/.test(value) && fen(value) > 0
    ? undefined
    : `${JSON.stringify(value)} is not a text like "12.34" above nought`;

/** @type {import("./checks.js").Rule} */
const subject = (value) =>
  text(256)(value) ?? (/[/=&]/.test(String(value)) ? `${JSON.stringify(value)} has one of / = &` : undefined);

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

/** @type {Record<string, Shape>} biz_content by method */
const SHAPES = {
  "alipay.trade.precreate": { ...order, qr_code_timeout_express: optional(like(/^[1-9]\d*[mhd]$/)) },
  "alipay.trade.pay": { ...order, scene: needed(exactly("bar_code")), auth_code: needed(like(/^\d{16,24}$/)) },
  "alipay.trade.query": { ...number, query_options: optional(anything) },
  "alipay.trade.close": { ...number, operator_id: clerk.operator_id },
  "alipay.trade.cancel": number,
  "alipay.trade.refund": {
    ...number,
    refund_amount: needed(money),
    out_request_no: needed(text(64)),
    refund_reason: optional(text(256)),
    ...clerk,
  },
  "alipay.trade.fastpay.refund.query": {
    ...number,
    out_request_no: needed(text(64)),
    query_options: optional(anything),
  },
  "alipay.data.dataservice.bill.downloadurl.query": {
    bill_type: needed(exactly("trade")),
    bill_date: needed(like(/^\d{4}-\d\d-\d\d$/)),
  },
};

export class AlipayRequests {
  /** @param {string} appId @param {import("./alipay-signing.js").AlipaySigning} signing */
  constructor(appId, signing) {
    this.appId = appId;
    this.signing = signing;
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
   * @param {ReturnType<AlipayRequests["read"]>} read
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
    if (!SHAPES[method]) invalid("isv.invalid-method", `there is no method ${method}`);
    if (params.app_id !== this.appId) invalid("isv.invalid-app-id", `app_id is ${params.app_id}`);
    if (params.sign_type !== "RSA2") invalid("isv.invalid-signature-type", `sign_type is ${params.sign_type}`);
    if (!params.sign) throw new Refusal("40001", "isv.missing-signature", "缺少签名参数", "sign is missing");
    if (!this.signing.verifies(params)) invalid("isv.invalid-signature", "the signature does not verify");
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
    const wrong = misfits(biz, SHAPES[method]);
    if (wrong.length) invalid("isv.invalid-parameter", wrong.join("; "));
    return biz;
  }
}
