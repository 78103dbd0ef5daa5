/**
 * What a request to WeChat Pay must look like.
 */

import wechatpay from "wechatpay-axios-plugin";
import { anything, count, exactly, like, misfits, needed, notifyUrl, optional, Refusal, text, utf8 } from "./checks.js";

/** @typedef {import("./checks.js").Shape} Shape */
/** @typedef {import("./server.js").Request} Request */

const { Rsa, Formatter } = wechatpay;

const CLOCK_SECONDS = 300;

/** @type {import("./checks.js").Rule} */
const soon = (value) => {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(value))
    return `${JSON.stringify(value)} is not RFC 3339 with an offset`;
  return Date.parse(value) < Date.now() + 60_000 ? `${value} is less than a minute ahead` : undefined;
};

/** @param {string} why @returns {never} */
export function refuse(why) {
  throw new Refusal(400, "PARAM_ERROR", `参数错误: ${why}`, why);
}

export class WechatRequests {
  /** @param {import("./keys.js").Keys["wechat"]} keys @param {import("./faults.js").Settings} settings */
  constructor(keys, settings) {
    this.keys = keys;
    this.settings = settings;
    const ours = { appid: needed(like(/^[0-9A-Za-z]{1,32}$/)), mchid: needed(exactly(keys.mchId)) };
    const money = { total: needed(count), currency: optional(exactly("CNY")) };
    const order = {
      ...ours,
      description: needed(text(127)),
      out_trade_no: needed(like(/^[0-9A-Za-z]{6,32}$/)),
      attach: optional(text(128)),
      goods_tag: optional(text(32)),
      support_fapiao: optional(anything),
      amount: needed(money),
      detail: optional(anything),
      scene_info: optional(anything),
      settle_info: optional(anything),
    };
    const later = { notify_url: needed(notifyUrl), time_expire: optional(soon) };
    const refundMoney = {
      refund: needed(count),
      total: needed(count),
      currency: needed(exactly("CNY")),
      from: optional(anything),
    };
    /** @type {Record<string, Shape>} */
    this.shapes = {
      native: { ...order, ...later },
      jsapi: { ...order, ...later, payer: needed({ openid: needed(text(128)) }) },
      codepay: { ...order, payer: needed({ auth_code: needed(like(/^\d{16,24}$/)) }) },
      close: { mchid: ours.mchid },
      reverse: ours,
      refund: {
        out_trade_no: order.out_trade_no,
        out_refund_no: needed(like(/^[0-9A-Za-z_\-|*@]{1,64}$/)),
        reason: optional(text(80)),
        notify_url: optional(notifyUrl),
        amount: needed(refundMoney),
        funds_account: optional(anything),
        goods_detail: optional(anything),
      },
    };
  }

  /** @param {Request} request @returns {string} the path with its numbers taken out, for counting */
  pattern({ method, path }) {
    return `${method} ${path.replace(/(out-trade-no|refunds)\/[^/]+/, "$1/{no}")}`;
  }

  /**
   * Everything that can be known without looking at the books.
   * @param {Request} request
   * @returns {string} the body as text
   */
  check(request) {
    const { method, target, headers } = request;
    /** @param {string} why @returns {never} */
    const unauthorized = (why) => {
      throw new Refusal(401, "SIGN_ERROR", "错误的签名，验签失败", why);
    };
    const body = utf8(request.body);
    if (body === undefined) return unauthorized("the body is not UTF-8");
    const [scheme, list] = (headers.authorization ?? "").split(/ (.*)/s);
    const parts = Object.fromEntries(
      [...(list ?? "").matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    );
    if (scheme !== "WECHATPAY2-SHA256-RSA2048")
      unauthorized("the Authorization header does not begin with WECHATPAY2-SHA256-RSA2048");
    if (parts.mchid !== this.keys.mchId) unauthorized(`Authorization names mchid ${parts.mchid}`);
    if (parts.serial_no !== this.keys.merchant.serial) unauthorized(`Authorization names serial_no ${parts.serial_no}`);
    if (!/^[0-9A-Za-z]{1,32}$/.test(parts.nonce_str ?? "")) unauthorized("nonce_str is not 1 to 32 letters and digits");
    if (
      !/^\d+$/.test(parts.timestamp ?? "") ||
      Math.abs(Formatter.timestamp() - Number(parts.timestamp)) >= CLOCK_SECONDS
    ) {
      unauthorized(`timestamp ${parts.timestamp} is not within ${CLOCK_SECONDS} s`);
    }
    const message = Formatter.request(method, target, parts.timestamp, parts.nonce_str, body);
    if (!parts.signature || !Rsa.verify(message, parts.signature, this.keys.merchant.publicKey))
      unauthorized("the signature does not verify");
    if (this.settings.mode === "public_key" && headers["wechatpay-serial"] !== this.keys.publicKeyId) {
      unauthorized(`Wechatpay-Serial is ${headers["wechatpay-serial"]}, not the public key's id`);
    }
    if (!headers["user-agent"]) throw new Refusal(403, "NO_AUTH", "缺少User-Agent", "there is no User-Agent");
    if (!/application\/json|\*\/\*/.test(headers.accept ?? ""))
      throw new Refusal(406, "INVALID_REQUEST", "Accept有误", `Accept is ${headers.accept}`);
    if (body && !/^application\/json\b/.test(headers["content-type"] ?? "")) {
      throw new Refusal(415, "INVALID_REQUEST", "Content-Type有误", `Content-Type is ${headers["content-type"]}`);
    }
    return body;
  }

  /** @param {string} body @param {string} shape @returns {any} */
  parse(body, shape) {
    let value;
    try {
      value = JSON.parse(body);
    } catch {
      refuse("the body is not JSON");
    }
    const [first, ...more] = misfits(value, this.shapes[shape]);
    if (first) refuse([first, ...more].join("; "));
    if (/[\u{10000}-\u{10ffff}]/u.test(body)) refuse("the body has a character of four UTF-8 bytes");
    // JSON.parse reads 100.0 and 1e2 as 100; the provider's parser does not.
    if (/"(total|refund)"\s*:\s*\d*[.eE]/.test(body)) refuse("an amount is not written as an integer");
    return value;
  }
}
