/**
 * One HTTP server for both providers and for the tests' control.
 */

import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Alipay } from "./alipay.js";
import { Refusal } from "./checks.js";
import { Control } from "./control.js";
import { Settings } from "./faults.js";
import { Wechat } from "./wechat.js";

/** @typedef {import("node:http").IncomingMessage} Incoming */
/** @typedef {import("node:http").ServerResponse} Outgoing */
/** @typedef {{method: string, path: string, query: URLSearchParams, target: string, headers: import("node:http").IncomingHttpHeaders, body: Buffer}} Request */
/** @typedef {{status: number, body: string | Buffer, headers?: Record<string, string>, plain?: boolean}} Reply */
/** @typedef {import("./faults.js").How} How */

/** @param {Incoming} incoming @returns {Promise<Request>} */
async function read(incoming) {
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const target = incoming.url ?? "/";
  const [path, query = ""] = target.split(/\?(.*)/s);
  return {
    method: incoming.method ?? "",
    target,
    path,
    query: new URLSearchParams(query),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  };
}

/** An answer that comes "late": the work is done at once. */
const LATE_MS = 2_000;

/**
 * @template T
 * @param {() => T} work
 * @returns {T | Refusal}
 */
function attempt(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

export class Gateway {
  settings = new Settings();

  /** @param {import("./keys.js").Keys} keys */
  constructor(keys) {
    this.wechat = new Wechat(keys.wechat, this.settings);
    this.alipay = new Alipay(keys.alipay, this.settings);
    this.control = new Control({ wechat: this.wechat, alipay: this.alipay }, this.settings);
    this.server = createServer((incoming, outgoing) => {
      this.serve(incoming, outgoing).catch((error) => {
        console.error(error);
        this.write(outgoing, { status: 500, body: String(error) });
      });
    });
  }

  /** @returns {Promise<string>} the base URL */
  async listen() {
    // A pooled connection that is closed just as a client takes it would look like a fault that no test asked for.
    this.server.keepAliveTimeout = 600_000;
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", () => resolve(undefined)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.server.address());
    const url = `http://127.0.0.1:${port}`;
    this.wechat.baseUrl = url;
    this.alipay.baseUrl = url;
    return url;
  }

  /** @param {Outgoing} outgoing @param {Reply} reply */
  write(outgoing, { status, body, headers }) {
    if (outgoing.destroyed || outgoing.writableEnded) return;
    const skew = this.settings.skewSeconds;
    outgoing.writeHead(status, skew ? { ...headers, date: new Date(Date.now() + skew * 1000).toUTCString() } : headers);
    outgoing.end(body);
  }

  /** @param {Incoming} incoming @param {Outgoing} outgoing */
  async serve(incoming, outgoing) {
    const request = await read(incoming);
    if (request.path.startsWith("/control/")) return this.write(outgoing, await this.controlled(request));
    if (request.path === "/gateway.do") return this.play(outgoing, this.alipayCall(request));
    if (request.path === "/downloadBillFile.resource") return this.play(outgoing, this.alipayDownload(request));
    return this.play(outgoing, this.wechatCall(request));
  }

  /** @param {Request} request @returns {Promise<Reply>} */
  async controlled(request) {
    const json = { "content-type": "application/json" };
    try {
      const asked = request.body.length ? JSON.parse(request.body.toString()) : {};
      return {
        status: 200,
        body: JSON.stringify(await this.control.run(request.path.slice("/control/".length), asked)),
        headers: json,
      };
    } catch (error) {
      return {
        status: error instanceof RangeError ? 409 : 400,
        body: JSON.stringify({ error: String(/** @type {Error} */ (error).message) }),
        headers: json,
      };
    }
  }

  /**
   * The request is checked before the fault strikes, so that no fault hides a violation; the work comes after, for that is what the faults differ in.
   * @param {Outgoing} outgoing
   * @param {{name: string, pattern: string, ready: unknown, work: () => Reply | Refusal, seal: (done: any, fault?: How) => Reply, broken: (how: "500" | "429") => Reply, poor?: Refusal}} call
   */
  async play(outgoing, { name, pattern, ready, work, seal, broken, poor }) {
    this.settings.saw(pattern);
    this.note(pattern, ready);
    const fault = this.settings.take(name);
    if (this.settings.latencyMs) await sleep(this.settings.latencyMs);
    if (fault === "hang") return;
    if (fault === "drop") return void outgoing.socket?.resetAndDestroy();
    if (fault === "500" || fault === "429") return this.write(outgoing, broken(fault));
    if (fault === "refuse" && poor) return this.write(outgoing, seal(poor));
    const done = ready instanceof Refusal ? ready : work();
    if (fault === "late") await sleep(LATE_MS);
    if (done !== ready) this.note(pattern, done);
    if (fault === "drop_after") return void outgoing.socket?.resetAndDestroy();
    this.write(outgoing, seal(done, fault));
  }

  /** @param {string} pattern @param {unknown} outcome */
  note(pattern, outcome) {
    if (outcome instanceof Refusal && outcome.why) this.settings.violated(`${pattern}: ${outcome.why}`);
  }

  /** @param {Request} request */
  wechatCall(request) {
    const ready = attempt(() => this.wechat.requests.check(request));
    return {
      name: `${request.method} ${request.path}`,
      pattern: this.wechat.requests.pattern(request),
      ready,
      work: () => attempt(() => this.wechat.perform(request, String(ready))),
      seal: (/** @type {Reply | Refusal} */ done, /** @type {How | undefined} */ fault) =>
        this.wechat.seal(done instanceof Refusal ? this.wechat.refusal(done) : done, fault),
      broken: (/** @type {"500" | "429"} */ how) => this.wechat.seal(this.wechat.fault(how), undefined),
      poor: new Refusal(403, "NOT_ENOUGH", "商户账户余额不足"),
    };
  }

  /** @param {Request} request */
  alipayCall(request) {
    const seen = this.alipay.requests.read(request);
    const name = seen?.call.method || `${request.method} ${request.path}`;
    const ready = attempt(() => this.alipay.requests.check(request, seen));
    return {
      name,
      pattern: name,
      ready,
      work: () => /** @type {any} */ (attempt(() => this.alipay.perform(/** @type {any} */ (seen).call, ready))),
      seal: (/** @type {any} */ done, /** @type {How | undefined} */ fault) =>
        this.alipay.seal(done instanceof Refusal ? this.alipay.refusal(seen?.call, done) : done, fault),
      broken: (/** @type {"500" | "429"} */ how) => this.alipay.fault(seen?.call, how),
      poor: new Refusal("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"),
    };
  }

  /** @param {Request} request */
  alipayDownload(request) {
    const name = `${request.method} ${request.path}`;
    const work = () => {
      const file = this.alipay.download(request.query);
      if (!file) return new Refusal(404, "", "", "the token of a bill's download is unknown or too old");
      const headers = {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="${file.name}"`,
      };
      return { status: 200, body: file.bytes, headers };
    };
    const seal = (/** @type {any} */ done) => (done instanceof Refusal ? { status: 404, body: "" } : done);
    return {
      name,
      pattern: name,
      ready: undefined,
      work,
      seal,
      broken: (/** @type {"500" | "429"} */ how) => ({ status: Number(how), body: "" }),
    };
  }
}
