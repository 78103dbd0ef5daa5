/**
 * Alipay's callbacks: true ones, and such as a merchant must not believe.
 */

import { randomBytes } from "node:crypto";
import { beijing, digits, fen, yuan } from "./units.js";

/** @typedef {import("./books.js").Trade} Trade */
/** @typedef {import("./books.js").Refund} Refund */
/** @typedef {import("./callbacks.js").Twist} Twist */

/**
 * @param {import("./alipay.js").Alipay} alipay
 * @param {Trade} trade
 * @param {Refund | undefined} refund
 * @param {Twist} twist
 * @returns {import("./callbacks.js").Sender}
 */
export function callback(alipay, trade, refund, twist) {
  const url = trade.notifyUrl;
  if (!url) throw new TypeError(`${trade.outTradeNo} was created without a notify_url`);
  const total = yuan(twist.amountFen ?? trade.paidFen ?? trade.amountFen);
  const payer = yuan(twist.payerTotal ?? twist.amountFen ?? trade.payerFen ?? trade.amountFen);
  const appId = twist.appId ?? trade.paidAppId ?? alipay.keys.appId;
  // Of a trade that lost money again Alipay tells the sum given back so far, whatever the callback is about.
  const given = alipay.books.refunded(trade);
  const last = refund ?? [...trade.refunds.values()].filter((one) => one.doneAt).at(-1);
  const fields = {
    gmt_create: beijing(trade.createdAt),
    charset: "utf-8",
    seller_email: "bell@example.com",
    subject: trade.title,
    body: "",
    buyer_id: alipay.buyer,
    buyer_logon_id: "138****0000",
    invoice_amount: payer,
    notify_id: `${beijing(new Date()).slice(0, 10).replaceAll("-", "")}00222${digits(20)}`,
    fund_bill_list: JSON.stringify([{ amount: total, fundChannel: "ALIPAYACCOUNT" }]),
    notify_type: "trade_status_sync",
    trade_status: twist.kind ?? alipay.status(trade),
    receipt_amount: total,
    buyer_pay_amount: payer,
    app_id: appId,
    auth_app_id: appId,
    seller_id: twist.sellerId ?? trade.paidMerchant ?? alipay.keys.sellerId,
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
    sign: alipay.signing.signFields(fields),
    sign_type: "RSA2",
  });
  tamper(form, twist.tamper);
  const headers = { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "User-Agent": "Mozilla/4.0" };
  return () => ({ url, body: form.toString(), headers });
}

/** @param {URLSearchParams} form @param {Twist["tamper"]} tamper */
function tamper(form, tamper) {
  if (tamper === "body") form.set("total_amount", yuan(fen(form.get("total_amount") ?? "0.00") + 1));
  if (tamper === "signature") form.set("sign", randomBytes(256).toString("base64"));
  if (tamper === "timestamp") form.set("notify_time", beijing(new Date(Date.now() - 1000_000)));
  if (tamper === "nonce") form.set("notify_id", `2026${digits(29)}`);
  if (tamper === "serial") form.set("app_id", `2021${digits(12)}`);
}
