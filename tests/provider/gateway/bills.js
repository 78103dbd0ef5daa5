/**
 * The two providers' daily bills, in the formats that they really have.
 */

import AdmZip from "adm-zip";
import iconv from "iconv-lite";
import { PAID } from "./books.js";
import { beijing, beijingDay, digits, yuan } from "./units.js";

/** @typedef {import("./books.js").Books} Books */
/**
 * @typedef {object} Row
 * @property {string} outTradeNo
 * @property {string} [transactionId]
 * @property {number} amountFen positive for refunds too
 * @property {Date} at
 * @property {Date} [createdAt]
 * @property {string} [outRefundNo] makes it a refund
 * @property {string} [refundId]
 * @property {string} [title]
 * @property {string} [attach]
 * @property {string} [openid]
 * @property {string} [type]
 */
/** @typedef {{extra: Row[], drop: string[], changeAmount: Record<string, number>}} Change */
/** @typedef {Map<string, Change>} Changes by date */

const WECHAT_HEADER =
  "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const WECHAT_SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
const ALIPAY_HEADER =
  "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";
const ALIPAY_SUMMARY =
  "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）";
export const TRADE_TYPES = { native: "NATIVE", jsapi: "JSAPI", codepay: "MICROPAY", precreate: "", barcode: "" };
const FEE = 0.006;

/**
 * @param {Books} books
 * @param {string} date
 * @param {Change} [changes]
 * @returns {Row[]} the money that moved on that day, in order
 */
export function billRows(books, date, { extra, drop, changeAmount } = { extra: [], drop: [], changeAmount: {} }) {
  const own = [...books.trades.values()]
    .filter((trade) => trade.paidAt || PAID.has(trade.state))
    .flatMap((trade) => {
      const { outTradeNo, transactionId, title, attach, openid, createdAt } = trade;
      const common = { outTradeNo, transactionId, title, attach, openid, createdAt, type: TRADE_TYPES[trade.channel] };
      const refunds = [...trade.refunds.values()].filter((one) => one.doneAt);
      return [
        { ...common, amountFen: trade.paidFen ?? 0, at: /** @type {Date} */ (trade.paidAt) },
        ...refunds.map(({ outRefundNo, refundId, amountFen, doneAt }) => ({
          ...common,
          outRefundNo,
          refundId,
          amountFen,
          at: /** @type {Date} */ (doneAt),
        })),
      ];
    });
  return [...own.filter((row) => beijingDay(row.at) === date && !drop.includes(row.outTradeNo)), ...extra]
    .map((/** @type {Row} */ row) =>
      row.outRefundNo || changeAmount[row.outTradeNo] === undefined
        ? row
        : { ...row, amountFen: changeAmount[row.outTradeNo] },
    )
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** @param {Row[]} rows @param {boolean} refunds */
const total = (rows, refunds) =>
  rows.filter((row) => Boolean(row.outRefundNo) === refunds).reduce((sum, row) => sum + row.amountFen, 0);

/**
 * @param {Books} books
 * @param {string} date
 * @param {{appId: string, mchId: string, changes?: Change}} who
 * @returns {string | undefined} undefined on a day without trades, for which WeChat Pay makes no bill
 */
export function wechatBill(books, date, { appId, mchId, changes }) {
  const rows = billRows(books, date, changes);
  if (rows.length === 0) return undefined;
  /** @param {number} fen */
  const fee = (fen) => `${fen < 0 ? "-" : ""}${((Math.abs(fen) * FEE) / 100).toFixed(5)}`;
  /** @param {(string | number)[]} cells */
  const line = (cells) => cells.map((cell) => `\`${cell}`).join(",");
  const lines = rows.map((row) => {
    const amount = yuan(row.amountFen);
    const refund = Boolean(row.outRefundNo);
    return line([
      beijing(row.at),
      appId,
      mchId,
      0,
      "",
      row.transactionId ?? `42000${digits(23)}`,
      row.outTradeNo,
      row.openid ?? "oUnknown",
      row.type ?? "NATIVE",
      refund ? "REFUND" : "SUCCESS",
      "OTHERS",
      "CNY",
      refund ? "0.00" : amount,
      "0.00",
      row.refundId || "0",
      row.outRefundNo ?? "0",
      refund ? amount : "0.00",
      "0.00",
      refund ? "ORIGINAL" : "",
      refund ? "SUCCESS" : "",
      row.title ?? "",
      row.attach ?? "",
      fee(refund ? -row.amountFen : row.amountFen),
      "0.60%",
      refund ? "0.00" : amount,
      refund ? amount : "0.00",
      "",
    ]);
  });
  const [paid, back] = [total(rows, false), total(rows, true)];
  const summary = line([rows.length, yuan(paid), yuan(back), "0.00", fee(paid - back), yuan(paid), yuan(back)]);
  return `\ufeff${[WECHAT_HEADER, ...lines, WECHAT_SUMMARY, summary].join("\r\n")}\r\n`;
}

/**
 * @param {Books} books
 * @param {string} date
 * @param {{sellerId: string, changes?: Change}} who
 * @returns {Buffer | undefined} a zip
 */
export function alipayBill(books, date, { sellerId, changes }) {
  const rows = billRows(books, date, changes);
  if (rows.length === 0) return undefined;
  /** @param {(string | number)[]} cells */
  const line = (cells) => cells.map((cell) => `${cell}\t`).join(",");
  const lines = rows.map((row) => {
    const refund = Boolean(row.outRefundNo);
    const amount = yuan(refund ? -row.amountFen : row.amountFen);
    const fee = yuan(Math.round((refund ? row.amountFen : -row.amountFen) * FEE));
    return line([
      row.transactionId ?? `${date.replaceAll("-", "")}22001${digits(15)}`,
      row.outTradeNo,
      refund ? "退款" : "交易",
      row.title ?? "",
      beijing(row.createdAt ?? row.at),
      beijing(row.at),
      "",
      "",
      "",
      "",
      "*客(138****0000)",
      amount,
      amount,
      "0.00",
      "0.00",
      "0.00",
      "0.00",
      "0.00",
      "",
      "0.00",
      "0.00",
      row.outRefundNo ?? "",
      fee,
      "0.00",
      "",
    ]);
  });
  const [paid, back] = [total(rows, false), total(rows, true)];
  const refunds = rows.filter((row) => row.outRefundNo).length;
  const net = yuan(paid - back);
  const next = beijing(new Date(Date.parse(`${date}T00:00:00+08:00`) + 86_400_000));
  /** @param {string} time */
  const long = (time) => time.replace(/^(\d+)-(\d+)-(\d+)/, "$1年$2月$3日");
  const account = [`#账号：[${sellerId}0156]`, `#起始日期：[${long(`${date} 00:00:00`)}]   终止日期：[${long(next)}]`];
  const exported = `#导出时间：[${long(beijing(new Date()))}]`;
  const detail = [
    "#支付宝业务明细查询",
    ...account,
    "#-----------------------------------------业务明细列表----------------------------------------",
    ALIPAY_HEADER,
    ...lines,
    "#-----------------------------------------业务明细列表结束------------------------------------",
    `#交易合计：${rows.length - refunds}笔，商家实收共${yuan(paid)}元，商家优惠共0.00元`,
    `#退款合计：${refunds}笔，商家实收退款共${yuan(-back)}元，商家优惠退款共0.00元`,
    exported,
  ];
  const sums = [
    "#支付宝业务汇总查询",
    ...account,
    "#-----------------------------------------业务汇总列表----------------------------------------",
    ALIPAY_SUMMARY,
    line(["合计", "", rows.length - refunds, refunds, net, net, "0.00", "0.00", "0.00", "0.00", "0.00", net]),
    "#----------------------------------------业务汇总列表结束-------------------------------------",
    exported,
  ];
  return packed({
    [`${sellerId}_${date.replaceAll("-", "")}_业务明细.csv`]: detail,
    [`${sellerId}_${date.replaceAll("-", "")}_业务明细(汇总).csv`]: sums,
  });
}

/**
 * Names and contents are GBK and the zip does not say so: this is how Alipay's own archives are.
 * @param {Record<string, string[]>} files
 * @returns {Buffer}
 */
function packed(files) {
  const decoder = {
    efs: false,
    encode: (/** @type {string} */ name) => iconv.encode(name, "gbk"),
    decode: (/** @type {Buffer} */ bytes) => iconv.decode(bytes, "gbk"),
  };
  const zip = new AdmZip(undefined, /** @type {any} */ ({ decoder }));
  for (const [name, lines] of Object.entries(files))
    zip.addFile(name, iconv.encode(`${lines.join("\r\n")}\r\n`, "gbk"));
  return zip.toBuffer();
}
