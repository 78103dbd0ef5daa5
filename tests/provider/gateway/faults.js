/**
 * What a test switched on: the mode of the provider, its faults, and what it saw.
 */

/** @typedef {"public_key" | "certificate"} Mode */
/** @typedef {"500" | "hang" | "drop" | "drop_after" | "late" | "refuse" | "429" | "unsigned" | "badsign"} How */
/** @typedef {{match: RegExp, how: How, times: number}} Fault */
/** @typedef {{behaviour: "pays" | "password" | "password_then_pays" | "password_then_fails" | "refuses", queries: number}} Payer */

const HOWS = ["500", "hang", "drop", "drop_after", "late", "refuse", "429", "unsigned", "badsign"];
const BEHAVIOURS = ["pays", "password", "password_then_pays", "password_then_fails", "refuses"];

export class Settings {
  /** @type {Mode} */
  mode = "public_key";
  latencyMs = 0;
  /** How far the header Date is ahead. */
  skewSeconds = 0;
  publicKeyOnly = false;
  /** @type {"instant" | "processing"} */
  refundMode = "instant";
  billNotEnabled = false;
  billsReady = true;
  /** @type {"code" | "state"} */
  userPayingAs = "code";
  /** @type {Fault[]} */
  faults = [];
  /** @type {Map<string, Payer>} */
  payers = new Map();
  /** @type {string[]} */
  violations = [];
  /** @type {Map<string, number>} */
  counts = new Map();

  /** @param {Record<string, any>} wanted */
  set(wanted) {
    /** @type {Record<string, (value: any) => boolean>} */
    const known = {
      mode: (value) => ["public_key", "certificate"].includes(value),
      latencyMs: (value) => Number.isInteger(value) && value >= 0,
      skewSeconds: (value) => Number.isInteger(value),
      publicKeyOnly: (value) => typeof value === "boolean",
      refundMode: (value) => ["instant", "processing"].includes(value),
      billNotEnabled: (value) => typeof value === "boolean",
      billsReady: (value) => typeof value === "boolean",
      userPayingAs: (value) => ["code", "state"].includes(value),
    };
    const { fail, clear, ...rest } = wanted;
    // All or nothing, and no silent misspelling: a fault that is not there makes a test pass for the wrong reason.
    for (const [key, value] of Object.entries(rest)) {
      if (!known[key]?.(value)) throw new TypeError(`set: ${key} cannot be ${JSON.stringify(value)}`);
    }
    if (fail && (typeof fail.match !== "string" || !HOWS.includes(fail.how)))
      throw new TypeError(`set: fail cannot be ${JSON.stringify(fail)}`);
    if (clear) Object.assign(this, { faults: [], latencyMs: 0 });
    Object.assign(this, rest);
    if (fail) this.faults.push({ match: new RegExp(fail.match), how: fail.how, times: fail.times ?? Infinity });
  }

  /** @param {{authCode: string, behaviour: Payer["behaviour"], queries?: number}} payer */
  setPayer({ authCode, behaviour, queries = 2 }) {
    if (typeof authCode !== "string" || !BEHAVIOURS.includes(behaviour))
      throw new TypeError("payer: authCode and a known behaviour are needed");
    this.payers.set(authCode, { behaviour, queries });
  }

  /** @param {string} authCode @returns {Payer} */
  payer(authCode) {
    return this.payers.get(authCode) ?? { behaviour: "pays", queries: 0 };
  }

  /**
   * @param {string} name "METHOD path" or Alipay's method
   * @returns {How | undefined} the fault of this very request
   */
  take(name) {
    const fault = this.faults.find((one) => one.times > 0 && one.match.test(name));
    if (!fault) return undefined;
    fault.times -= 1;
    return fault.how;
  }

  /** @param {string} pattern */
  saw(pattern) {
    this.counts.set(pattern, (this.counts.get(pattern) ?? 0) + 1);
  }

  /** @param {string} sentence */
  violated(sentence) {
    this.violations.push(sentence);
  }
}
