/**
 * What one provider knows of the merchant's trades and money.
 */

/** @typedef {"NOTPAY" | "USERPAYING" | "SUCCESS" | "CLOSED" | "REVOKED" | "REFUND" | "PAYERROR"} State */
/** @typedef {"PROCESSING" | "SUCCESS" | "CLOSED" | "ABNORMAL"} RefundStatus */

/**
 * @typedef {object} Refund
 * @property {string} outRefundNo
 * @property {number} amountFen
 * @property {RefundStatus} status
 * @property {string} refundId
 * @property {number} requestedTimes
 * @property {string} [notifyUrl]
 * @property {string} [reason]
 * @property {string} asked the request in canonical form, to tell a repeat from another request
 * @property {Date} createdAt
 * @property {Date} [doneAt]
 */

/**
 * @typedef {object} Trade
 * @property {string} outTradeNo
 * @property {number} amountFen what the merchant asked
 * @property {State} state
 * @property {string} [transactionId]
 * @property {string} [notifyUrl]
 * @property {"native" | "jsapi" | "codepay" | "precreate" | "barcode"} channel
 * @property {number} createdTimes
 * @property {Date} createdAt
 * @property {Date} [paidAt]
 * @property {number} [paidFen] what the payer's bill says; differs from amountFen in tests only
 * @property {number} [payerFen] less than paidFen where a coupon paid the rest
 * @property {string} [paidAppId]
 * @property {string} [paidMerchant]
 * @property {Map<string, Refund>} refunds
 * @property {string} asked
 * @property {string} token code_url, prepay_id or qr_code
 * @property {string} title
 * @property {string} [attach]
 * @property {string} [openid]
 * @property {Date} [expiresAt]
 * @property {string} [timeoutExpress] how long an Alipay trade waits once scanned
 * @property {boolean} scanned an Alipay trade exists only from here on
 * @property {number} [queriesUntilPaid]
 * @property {number} [queriesUntilFailed]
 */

export const PAID = new Set(["SUCCESS", "REFUND"]);

export class Books {
  /** @type {Map<string, Trade>} */
  trades = new Map();

  /**
   * @param {Pick<Trade, "outTradeNo" | "amountFen" | "channel" | "asked" | "token" | "title"> & Partial<Trade>} trade
   * @returns {Trade}
   */
  open(trade) {
    const opened = /** @type {Trade} */ ({
      state: "NOTPAY",
      createdTimes: 1,
      createdAt: new Date(),
      refunds: new Map(),
      scanned: false,
      ...trade,
    });
    this.trades.set(trade.outTradeNo, opened);
    return opened;
  }

  /**
   * An order past its expiry is closed by the provider itself; nobody tells the merchant.
   * @param {string} outTradeNo
   * @returns {Trade | undefined}
   */
  find(outTradeNo) {
    const trade = this.trades.get(outTradeNo);
    if (trade?.expiresAt && trade.expiresAt <= new Date() && ["NOTPAY", "USERPAYING"].includes(trade.state))
      trade.state = "CLOSED";
    return trade;
  }

  /**
   * @param {Trade} trade
   * @param {{transactionId: string, at?: Date, paidFen?: number, payerFen?: number, appId?: string, merchant?: string}} how
   */
  pay(trade, { transactionId, at = new Date(), paidFen = trade.amountFen, payerFen = paidFen, appId, merchant }) {
    trade.transactionId ??= transactionId;
    Object.assign(trade, {
      state: "SUCCESS",
      scanned: true,
      paidAt: at,
      paidFen,
      payerFen,
      paidAppId: appId,
      paidMerchant: merchant,
    });
  }

  /** @param {Trade} trade @returns {number} what can still be given back */
  remaining(trade) {
    // The money of a refund that ended so is with the merchant again.
    const taken = [...trade.refunds.values()]
      .filter((one) => one.status !== "CLOSED" && one.status !== "ABNORMAL")
      .reduce((sum, one) => sum + one.amountFen, 0);
    return (trade.paidFen ?? 0) - taken;
  }

  /** @param {Trade} trade @returns {number} */
  refunded(trade) {
    return [...trade.refunds.values()]
      .filter((one) => one.status === "SUCCESS")
      .reduce((sum, one) => sum + one.amountFen, 0);
  }

  /**
   * @param {Trade} trade
   * @param {Pick<Refund, "outRefundNo" | "amountFen" | "refundId" | "asked"> & Partial<Refund>} refund
   * @returns {Refund}
   */
  refund(trade, refund) {
    const booked = /** @type {Refund} */ ({
      requestedTimes: 1,
      createdAt: new Date(),
      status: "PROCESSING",
      ...refund,
    });
    trade.refunds.set(booked.outRefundNo, booked);
    return booked;
  }

  /** @param {Refund} refund @param {RefundStatus} status @param {Date} [at] */
  endRefund(refund, status, at = new Date()) {
    refund.status = status;
    if (status === "SUCCESS") refund.doneAt = at;
  }

  /** @param {string} outRefundNo @returns {{trade: Trade, refund: Refund} | undefined} */
  findRefund(outRefundNo) {
    for (const trade of this.trades.values()) {
      const refund = trade.refunds.get(outRefundNo);
      if (refund) return { trade, refund };
    }
    return undefined;
  }

  /** @returns {{inFen: number, outFen: number}} */
  sums() {
    const all = [...this.trades.values()];
    return {
      inFen: all.reduce((sum, trade) => sum + (trade.paidAt ? (trade.paidFen ?? 0) : 0), 0),
      outFen: all.reduce((sum, trade) => sum + this.refunded(trade), 0),
    };
  }
}

/**
 * @param {Trade} trade
 * @returns {object} as /control/trade shows it
 */
export function shown(trade) {
  const { asked, token, refunds, ...rest } = trade;
  const shownRefunds = [...refunds.values()].map(({ asked: _, ...refund }) => [refund.outRefundNo, refund]);
  return { ...rest, codeUrl: token, refunds: Object.fromEntries(shownRefunds) };
}
