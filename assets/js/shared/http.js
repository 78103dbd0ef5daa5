// One fetch for both families: the table's (success code 200) and the staff's (success code 1, business errors on HTTP 200).

/** Enough for what the daemon decides by itself; what it has to ask a payment provider for says its own patience. */
const PATIENCE_MS = 10_000;

/** The server answered, and the answer is no. */
export class Refused extends Error {
  /**
   * @param {number} status HTTP status
   * @param {string} code stable code, "INTERNAL" when the answer had none
   * @param {string} message one human sentence in the page's language, or ""
   * @param {unknown} data
   */
  constructor(status, code, message, data) {
    super(message);
    this.name = "Refused";
    this.status = status;
    this.code = code;
    this.data = data;
  }
}

/**
 * @param {unknown} error
 * @returns {boolean} whether asking once more would get the same answer: it is refused for what it is, not for the moment
 */
export function isFinal(error) {
  return (
    error instanceof Refused && error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status)
  );
}

/** No answer that can be trusted: the network, a timeout, or something that is not our envelope. */
class Unreachable extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super("unreachable", { cause });
    this.name = "Unreachable";
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {number} [patienceMs]
 * @param {string} [token] of whoever speaks, where that is not the cookie's owner
 * @returns {Promise<any>} `data` of a code-200 envelope
 * @throws {Refused | Unreachable}
 */
export async function storeCall(method, path, body, patienceMs = PATIENCE_MS, token) {
  return unwrap(await request(method, path, body, patienceMs, token), 200);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {number} [patienceMs]
 * @returns {Promise<any>} `data` of a code-1 envelope
 * @throws {Refused | Unreachable}
 */
export async function staffCall(method, path, body, patienceMs = PATIENCE_MS) {
  return unwrap(await request(method, path, body, patienceMs), 1);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} body
 * @param {number} patienceMs
 * @param {string} [token]
 * @returns {Promise<{status: number, envelope: any, foreign: boolean}>} `foreign`: in another language than the page
 */
async function request(method, path, body, patienceMs, token) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patienceMs);
  /** @type {RequestInit} */
  const init = { method, credentials: "same-origin", cache: "no-cache", signal: abort.signal };
  // A form or a picture says itself what it is.
  const asItIs = body instanceof FormData || body instanceof Blob;
  // The sentence of a refusal comes in the page's language; what the browser itself prefers may be another.
  const lang = globalThis.document?.documentElement.lang || "zh-CN";
  init.headers = {
    "Accept-Language": lang,
    ...(body === undefined || asItIs ? {} : { "Content-Type": "application/json" }),
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
  };
  if (body !== undefined) init.body = asItIs ? body : JSON.stringify(body);
  try {
    const response = await fetch(path, init);
    const text = await response.text();
    const foreign = (lang === "en") !== (response.headers.get("Content-Language") === "en");
    // The old staff API answers 401 with an empty body; everything else must be an envelope.
    return { status: response.status, envelope: text === "" && !response.ok ? {} : JSON.parse(text), foreign };
  } catch (error) {
    throw new Unreachable(error);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {{status: number, envelope: any, foreign: boolean}} answer
 * @param {number} success
 * @returns {any}
 */
function unwrap({ status, envelope, foreign }, success) {
  if (status < 300 && envelope?.code === success) return envelope.data;
  const code = envelope?.error ?? (status === 401 ? "UNAUTHORIZED" : "INTERNAL");
  throw new Refused(status, code, foreign ? "" : (envelope?.msg ?? ""), envelope?.data ?? null);
}
