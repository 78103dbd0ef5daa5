/**
 * Sends the providers' callbacks and gathers what the merchant answered.
 */

/** @typedef {"once" | "lost" | "concurrent" | "repeat"} Deliver */
/**
 * How a callback differs from the plain truth.
 * @typedef {object} Twist
 * @property {number} [amountFen]
 * @property {number} [payerTotal]
 * @property {string} [appId]
 * @property {string} [mchId]
 * @property {string} [sellerId]
 * @property {string} [aboutTradeNo] another trade than it is about
 * @property {string} [refundStatus] how WeChat Pay says that the refund is
 * @property {string} [kind] WeChat Pay's event_type, Alipay's trade_status
 * @property {number} [stale] seconds, negative for the past
 * @property {import("./faults.js").Mode} [mode]
 * @property {"body" | "signature" | "timestamp" | "nonce" | "serial"} [tamper]
 * @property {string} [apiv3Key]
 * @property {string | null} [associatedData] null leaves it out
 */
/** @typedef {() => {url: string, body: string, headers: Record<string, string>}} Sender one call for each delivery, because each is signed anew */
/** @typedef {{status: number, body: string, ms: number, error?: string}} Answer status 0 where nobody answered */

const CONCURRENT = 50;
const REPEATS = 5;
const PATIENCE_MS = 15_000;

/** @param {Sender} sender @returns {Promise<Answer>} */
async function send(sender) {
  const { url, body, headers } = sender();
  const started = performance.now();
  const ms = () => Math.round(performance.now() - started);
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { status: response.status, body: await response.text(), ms: ms() };
  } catch (error) {
    const cause = /** @type {Error & {cause?: Error}} */ (error);
    return { status: 0, body: "", ms: ms(), error: String(cause.cause?.message ?? cause.message) };
  }
}

/**
 * @param {Deliver} how
 * @param {() => Sender} prepare
 * @returns {Promise<Answer[]>}
 */
export async function deliver(how, prepare) {
  if (how === "lost") return [];
  const sender = prepare();
  if (how === "once") return [await send(sender)];
  if (how === "concurrent") return Promise.all(Array.from({ length: CONCURRENT }, () => send(sender)));
  if (how !== "repeat") throw new TypeError(`deliver cannot be ${JSON.stringify(how)}`);
  const answers = [];
  for (let sent = 0; sent < REPEATS; sent += 1) answers.push(await send(sender));
  return answers;
}
