/**
 * WeChat Pay's callbacks: true ones, and such as a merchant must not believe.
 */

import { randomBytes, randomUUID } from "node:crypto";
import wechatpay from "wechatpay-axios-plugin";
import { rfc3339 } from "./units.js";

/** @typedef {import("./books.js").Trade} Trade */
/** @typedef {import("./books.js").Refund} Refund */
/** @typedef {import("./callbacks.js").Twist} Twist */

const { Formatter } = wechatpay;

/**
 * @param {import("./wechat.js").Wechat} wechat
 * @param {Trade} trade
 * @param {Refund | undefined} refund
 * @param {Twist} twist
 * @returns {import("./callbacks.js").Sender}
 */
export function callback(wechat, trade, refund, twist) {
  const url = refund ? refund.notifyUrl : trade.notifyUrl;
  if (!url) throw new TypeError(`${refund ? refund.outRefundNo : trade.outTradeNo} was requested without a notify_url`);
  const refundStatus = twist.refundStatus ?? refund?.status;
  const inside = refund
    ? {
        mchid: twist.mchId ?? wechat.keys.mchId,
        out_trade_no: twist.aboutTradeNo ?? trade.outTradeNo,
        transaction_id: trade.transactionId,
        out_refund_no: refund.outRefundNo,
        refund_id: refund.refundId,
        refund_status: refundStatus,
        ...(refund.doneAt ? { success_time: rfc3339(refund.doneAt) } : {}),
        user_received_account: "支付用户零钱",
        amount: { ...wechat.refundMoney(trade, refund), ...(twist.amountFen ? { refund: twist.amountFen } : {}) },
      }
    : wechat.transaction(trade, twist);
  const event = twist.kind ?? (refund ? `REFUND.${refundStatus}` : "TRANSACTION.SUCCESS");
  const data = twist.associatedData === undefined ? (refund ? "refund" : "transaction") : twist.associatedData;
  const body = JSON.stringify({
    id: randomUUID(),
    create_time: rfc3339(new Date()),
    resource_type: "encrypt-resource",
    event_type: event,
    summary: refund ? "退款成功" : "支付成功",
    resource: {
      original_type: refund ? "refund" : "transaction",
      ...wechat.signing.encrypt(JSON.stringify(inside), data ?? "", twist.apiv3Key),
      ...(data === null ? {} : { associated_data: data }),
    },
  });
  return () => ({ url, ...tampered(body, wechat.signing.signature(body, twist), twist.tamper) });
}

/**
 * @param {string} body
 * @param {Record<string, string>} signed
 * @param {Twist["tamper"]} tamper
 */
function tampered(body, signed, tamper) {
  const headers = { ...signed, "Content-Type": "application/json", Accept: "*/*", "User-Agent": "Mozilla/4.0" };
  /** @param {string} sent @param {string} name @param {string} value */
  const with_ = (sent, name, value) => ({ body: sent, headers: { ...headers, [name]: value } });
  if (tamper === "body") return { body: body.replace("encrypt-resource", "encrypt-Resource"), headers };
  if (tamper === "signature")
    return with_(body, "Wechatpay-Signature", `WECHATPAY/SIGNTEST/${signed["Wechatpay-Signature"].slice(19)}`);
  if (tamper === "timestamp")
    return with_(body, "Wechatpay-Timestamp", String(Number(signed["Wechatpay-Timestamp"]) - 1));
  if (tamper === "nonce") return with_(body, "Wechatpay-Nonce", Formatter.nonce(32));
  if (tamper === "serial") return with_(body, "Wechatpay-Serial", randomBytes(20).toString("hex").toUpperCase());
  return { body, headers };
}
