/**
 * What proves the words of Alipay, and those of the merchant. Signing and verifying are the SDK's own.
 */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AlipaySdk } from "alipay-sdk";

// The SDK is a client: it exports no way to sign an answer or a callback, so its inner function is taken from beside its entry.
const require = createRequire(import.meta.url);
/** @type {{signatureV3: (message: string, key: string) => string}} */
const { signatureV3 } = require(join(dirname(require.resolve("alipay-sdk")), "util.js"));

/** @param {[string, string][]} fields @returns {string} what is signed */
const joined = (fields) =>
  fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join("&");

export class AlipaySigning {
  /** @param {import("./keys.js").Keys["alipay"]} keys */
  constructor({ appId, app, alipay }) {
    this.key = /** @type {string} */ (alipay.privateKey.export({ type: "pkcs8", format: "pem" }));
    // Our own public key in the place of Alipay's: so the SDK's verification checks what we send.
    this.verifier = new AlipaySdk({
      appId,
      keyType: "PKCS8",
      privateKey: this.key,
      alipayPublicKey: /** @type {string} */ (app.publicKey.export({ type: "spki", format: "pem" })),
    });
  }

  /** @param {string} message @returns {string} */
  sign(message) {
    return signatureV3(message, this.key);
  }

  /** @param {Record<string, string>} fields @returns {string} */
  signFields(fields) {
    return this.sign(joined(Object.entries(fields)));
  }

  /** @param {Record<string, string>} params of a request @returns {boolean} */
  verifies({ sign, ...params }) {
    const signed = Object.entries(params).filter(([, value]) => value !== "");
    // Not checkNotifySignV2: that one tries again without sign_type, which the real gateway demands in a request's signature.
    return this.verifier.rsaCheck(joined(signed), sign, "RSA2");
  }
}
