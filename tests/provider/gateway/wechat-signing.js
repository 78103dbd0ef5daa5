/**
 * What proves and hides the words of WeChat Pay. Signing and encrypting are the SDK's own.
 */

import wechatpay from "wechatpay-axios-plugin";
import { certify, makePair } from "./keys.js";

const { Rsa, Aes, Formatter } = wechatpay;

export class WechatSigning {
  /** @param {import("./keys.js").Keys["wechat"]} keys @param {import("./faults.js").Settings} settings */
  constructor(keys, settings) {
    this.keys = keys;
    this.settings = settings;
    this.certificates = [keys.platform];
  }

  /** The old certificates stay listed, as in the weeks of a real rotation, but nothing is signed with them any more. */
  async rotate() {
    const made = certify(await makePair(), "Tenpay.com sign");
    this.certificates.unshift(made);
    return made;
  }

  /**
   * @param {string} body
   * @param {{mode?: import("./faults.js").Mode, stale?: number}} [how]
   * @returns {Record<string, string>} the headers that prove the body
   */
  signature(body, { mode = this.settings.mode, stale = 0 } = {}) {
    const [newest] = this.certificates;
    const [serial, key] =
      mode === "public_key"
        ? [this.keys.publicKeyId, this.keys.publicKey.privateKey]
        : [newest.serial, newest.privateKey];
    const timestamp = String(Formatter.timestamp() + stale);
    const nonce = Formatter.nonce(32);
    return {
      "Wechatpay-Timestamp": timestamp,
      "Wechatpay-Nonce": nonce,
      "Wechatpay-Serial": serial,
      "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
      "Wechatpay-Signature": Rsa.sign(Formatter.response(timestamp, nonce, body), key),
    };
  }

  /**
   * @param {string} plain
   * @param {string} associatedData
   * @param {string} [key] where it is not the merchant's
   */
  encrypt(plain, associatedData, key) {
    const nonce = Formatter.nonce(12);
    const ciphertext = Aes.AesGcm.encrypt(plain, key ?? this.keys.apiv3Key, nonce, associatedData);
    return { algorithm: "AEAD_AES_256_GCM", nonce, ciphertext };
  }
}
