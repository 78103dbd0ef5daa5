/**
 * For the self-test: a gateway in its own process, the SDKs' clients for it, and a merchant that receives callbacks.
 */

import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AlipaySdk } from "alipay-sdk";
import wechatpay from "wechatpay-axios-plugin";

// The Alipay SDK stamps its requests with the machine's local time, and the gateway reads Beijing time.
process.env.TZ = "Asia/Shanghai";

/** @typedef {{headers: import("node:http").IncomingHttpHeaders, body: string}} Callback */

/** Receives callbacks and answers them with what it is told to. */
export class Merchant {
  /** @type {Callback[]} */
  received = [];
  answer = { status: 200, body: "success" };

  async open() {
    this.server = createServer(async (request, response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      this.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(this.answer.status).end(this.answer.body);
    });
    await new Promise((resolve) => this.server?.listen(0, "127.0.0.1", () => resolve(undefined)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.server.address());
    this.url = `http://127.0.0.1:${port}/notify`;
  }

  /** @returns {Callback} the newest */
  get last() {
    return /** @type {Callback} */ (this.received.at(-1));
  }

  close() {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

/** A running gateway. */
export class Run {
  merchant = new Merchant();
  folder = "";
  /** @type {any} what the gateway's first line says */
  ready;
  /** @type {import("node:child_process").ChildProcess | undefined} */
  process;
  /** @type {Promise<number> | undefined} */
  ended;

  static async start() {
    const run = new Run();
    await run.merchant.open();
    run.folder = await mkdtemp(join(tmpdir(), "gateway-"));
    const main = fileURLToPath(new URL("main.js", import.meta.url));
    const child = spawn(process.execPath, [main, "--dir", run.folder], { stdio: ["pipe", "pipe", "inherit"] });
    run.process = child;
    run.ended = new Promise((resolve) => child.on("exit", (code) => resolve(code ?? -1)));
    for await (const line of createInterface({ input: child.stdout })) {
      run.ready = JSON.parse(line.replace(/^ready /, ""));
      break;
    }
    return run;
  }

  async stop() {
    this.process?.stdin?.end();
    this.merchant.close();
    const code = await this.ended;
    await rm(this.folder, { recursive: true });
    return code;
  }

  /** @param {string} name */
  file(name) {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** @param {string} verb @param {object} [asked] @returns {Promise<any>} */
  async control(verb, asked = {}) {
    const response = await fetch(`${this.ready.url}/control/${verb}`, { method: "POST", body: JSON.stringify(asked) });
    const answer = /** @type {any} */ (await response.json());
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }

  /**
   * Not asynchronous: the client is a proxy with any property at all, `then` included, and a promise of it would never end.
   * @param {object} [changes] of the SDK's configuration
   * @returns {any}
   */
  wechat(changes = {}) {
    const { mchId, merchantSerial, publicKeyId } = this.ready.wechat;
    const platform = this.file("wechat_platform_cert.pem");
    return new /** @type {any} */ (wechatpay)({
      baseURL: this.ready.url,
      mchid: mchId,
      serial: merchantSerial,
      privateKey: this.file("merchant_key.pem"),
      proxy: false,
      certs: {
        [publicKeyId]: this.file("wechat_public_key.pem"),
        [new X509Certificate(platform).serialNumber]: platform,
      },
      headers: { "Wechatpay-Serial": publicKeyId },
      ...changes,
    });
  }

  /** @param {object} [changes] of the SDK's configuration */
  alipay(changes = {}) {
    return new AlipaySdk({
      gateway: `${this.ready.url}/gateway.do`,
      appId: this.ready.alipay.appId,
      keyType: "PKCS8",
      privateKey: this.file("app_key.pem"),
      alipayPublicKey: this.file("alipay_public_key.pem"),
      camelcase: false,
      ...changes,
    });
  }
}

/**
 * @param {Promise<any>} promise
 * @returns {Promise<any>} what the SDK's client threw, with the provider's answer in `response`
 */
export async function failure(promise) {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  if ("value" in outcome)
    throw new Error(`there was no failure but ${JSON.stringify(outcome.value?.data ?? outcome.value)}`);
  return outcome.error;
}

/** @param {number} [daysAgo] @returns {string} in Beijing */
export const day = (daysAgo = 0) =>
  new Date(Date.now() + 8 * 3600_000 - daysAgo * 86_400_000).toISOString().slice(0, 10);
