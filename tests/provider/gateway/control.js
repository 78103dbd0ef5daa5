/**
 * The tests' side of the gateway: plays the payer and the provider's staff, switches faults, and tells what was seen.
 */

import { shown } from "./books.js";
import { deliver } from "./callbacks.js";
import { fromBeijing } from "./units.js";

/** @typedef {import("./wechat.js").Wechat} Wechat */
/** @typedef {import("./alipay.js").Alipay} Alipay */
/** @typedef {Record<string, any>} Asked */

const STATUSES = ["SUCCESS", "ABNORMAL", "CLOSED"];
const MODES = [undefined, "public_key", "certificate"];
const TAMPERS = [undefined, "body", "signature", "timestamp", "nonce", "serial"];

export class Control {
  /** @param {{wechat: Wechat, alipay: Alipay}} providers @param {import("./faults.js").Settings} settings */
  constructor(providers, settings) {
    this.providers = providers;
    this.settings = settings;
    /** @type {Record<string, (asked: Asked) => unknown>} */
    this.verbs = {
      pay: (asked) => this.pay(asked),
      scan: (asked) => this.scan(asked),
      expire: (asked) => this.expire(asked),
      callback: (asked) => this.callback(asked),
      refund: (asked) => this.refund(asked),
      trade: (asked) => shown(this.trade(asked)),
      trades: () =>
        Object.fromEntries(
          Object.entries(providers).map(([name, { books }]) => [name, [...books.trades.values()].map(shown)]),
        ),
      violations: () => settings.violations,
      count: () => Object.fromEntries(settings.counts),
      books: () => ({ wechat: providers.wechat.books.sums(), alipay: providers.alipay.books.sums() }),
      set: (asked) => this.set(asked),
      payer: (asked) => {
        settings.setPayer(/** @type {any} */ (asked));
        return { ok: true };
      },
      bill: (asked) => this.bill(asked),
    };
  }

  /** @param {Asked} asked @returns {Wechat | Alipay} */
  provider({ provider }) {
    if (provider !== "wechat" && provider !== "alipay")
      throw new TypeError(`provider cannot be ${JSON.stringify(provider)}`);
    return this.providers[/** @type {"wechat"} */ (provider)];
  }

  /** @param {Asked} asked */
  trade(asked) {
    const trade = this.provider(asked).books.find(asked.outTradeNo);
    if (!trade) throw new RangeError(`there is no trade ${asked.outTradeNo} at ${asked.provider}`);
    return trade;
  }

  /** @param {Asked} asked */
  async pay(asked) {
    const { wechat, alipay } = this.providers;
    const trade = this.trade(asked);
    if (!asked.force && !["NOTPAY", "USERPAYING"].includes(trade.state))
      throw new RangeError(`nobody can pay ${trade.outTradeNo}: it is ${trade.state}`);
    const how = {
      paidFen: asked.amountFen,
      payerFen: asked.payerTotal,
      appId: asked.appId,
      merchant: asked.mchId ?? asked.sellerId,
      at: asked.paidAt === undefined ? undefined : new Date(asked.paidAt),
    };
    if (asked.provider === "wechat") wechat.pay(trade, how);
    else alipay.settle(trade, how);
    return this.send(asked, trade);
  }

  /** @param {Asked} asked */
  scan(asked) {
    const trade = this.trade(asked);
    if (trade.state !== "NOTPAY") throw new RangeError(`nobody can scan ${trade.outTradeNo}: it is ${trade.state}`);
    if (asked.provider === "alipay") this.providers.alipay.scan(trade);
    return shown(trade);
  }

  /**
   * The order's time runs out now instead of in minutes.
   * @param {Asked} asked
   */
  expire(asked) {
    this.trade(asked).expiresAt = new Date();
    return shown(this.trade(asked));
  }

  /** @param {Asked} asked */
  async callback(asked) {
    const found = asked.outRefundNo ? this.provider(asked).books.findRefund(asked.outRefundNo) : undefined;
    if (asked.outRefundNo && !found)
      throw new RangeError(`there is no refund ${asked.outRefundNo} at ${asked.provider}`);
    return this.send(asked, found?.trade ?? this.trade(asked), found?.refund);
  }

  /** @param {Asked} asked */
  async refund(asked) {
    const { wechat, alipay } = this.providers;
    const found = this.provider(asked).books.findRefund(asked.outRefundNo);
    if (!found) throw new RangeError(`there is no refund ${asked.outRefundNo} at ${asked.provider}`);
    if (!STATUSES.includes(asked.status)) throw new TypeError(`status cannot be ${JSON.stringify(asked.status)}`);
    const { trade, refund } = found;
    if (refund.status !== "PROCESSING" && refund.status !== asked.status)
      throw new RangeError(`${refund.outRefundNo} is ${refund.status} already`);
    if (refund.status === "PROCESSING") {
      if (asked.provider === "wechat") wechat.books.endRefund(refund, asked.status);
      else alipay.endRefund(trade, refund, asked.status);
    }
    // A failed refund is something that Alipay does not call about.
    if (asked.provider === "alipay" && asked.status !== "SUCCESS") return { callbacks: [] };
    return this.send(asked, trade, refund);
  }

  /**
   * @param {Asked} asked
   * @param {import("./books.js").Trade} trade
   * @param {import("./books.js").Refund} [refund]
   */
  async send(asked, trade, refund) {
    if (!MODES.includes(asked.mode)) throw new TypeError(`mode cannot be ${JSON.stringify(asked.mode)}`);
    if (!TAMPERS.includes(asked.tamper)) throw new TypeError(`tamper cannot be ${JSON.stringify(asked.tamper)}`);
    return {
      callbacks: await deliver(asked.deliver ?? "once", () => this.provider(asked).callback(trade, refund, asked)),
    };
  }

  /** @param {Asked} asked */
  async set({ rotateCertificate, ...asked }) {
    this.settings.set(asked);
    const made = rotateCertificate ? await this.providers.wechat.signing.rotate() : undefined;
    return { ok: true, ...(made ? { serial: made.serial } : {}) };
  }

  /** @param {Asked} asked */
  bill(asked) {
    const provider = this.provider(asked);
    if (!/^\d{4}-\d\d-\d\d$/.test(asked.date ?? ""))
      throw new TypeError(`date cannot be ${JSON.stringify(asked.date)}`);
    const extra = (asked.extra ?? []).map((/** @type {Asked} */ row) => {
      if (typeof row.outTradeNo !== "string" || !Number.isInteger(row.amountFen))
        throw new TypeError("a row needs outTradeNo and amountFen");
      return { ...row, at: row.at ? new Date(row.at) : fromBeijing(`${asked.date} 12:00:00`) };
    });
    provider.billChanges.set(asked.date, { extra, drop: asked.drop ?? [], changeAmount: asked.changeAmount ?? {} });
    return { ok: true };
  }

  /** @param {string} verb @param {Asked} asked */
  async run(verb, asked) {
    const known = this.verbs[verb];
    if (!known) throw new RangeError(`there is no verb ${verb}`);
    return known(asked);
  }
}
