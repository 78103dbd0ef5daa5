/**
 * The keys and certificates that a merchant would get from the two providers, made afresh for every run.
 */

import { generateKeyPair, randomBytes, randomInt } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import forge from "node-forge";
import wechatpay from "wechatpay-axios-plugin";
import { digits } from "./units.js";

/** @typedef {{publicKey: import("node:crypto").KeyObject, privateKey: import("node:crypto").KeyObject}} Pair */
/** @typedef {Pair & {serial: string, pem: string, from: Date, until: Date}} Certified */

const generate = promisify(generateKeyPair);
const CERTIFICATE_YEARS = 5;

/** @returns {Promise<Pair>} */
export const makePair = () => generate("rsa", { modulusLength: 2048 });

/** @param {import("node:crypto").KeyObject} key @param {"spki" | "pkcs8" | "pkcs1"} type @returns {string} */
const pem = (key, type) => /** @type {string} */ (key.export({ type, format: "pem" }));

/**
 * @param {Pair} pair
 * @param {string} name
 * @returns {Certified}
 */
export function certify(pair, name) {
  // The real serials have 40 digits. A first digit of 1 to 7 keeps the number positive and its length fixed.
  const serial = `${randomInt(1, 8)}${randomBytes(20).toString("hex").slice(1)}`.toUpperCase();
  const from = new Date(Math.floor(Date.now() / 1000) * 1000 - 3600_000);
  const until = new Date(from);
  until.setUTCFullYear(until.getUTCFullYear() + CERTIFICATE_YEARS);
  const made = forge.pki.createCertificate();
  made.publicKey = forge.pki.publicKeyFromPem(pem(pair.publicKey, "spki"));
  made.serialNumber = serial;
  made.validity.notBefore = from;
  made.validity.notAfter = until;
  const who = [
    { name: "commonName", value: name },
    { name: "organizationName", value: "Test" },
  ];
  made.setSubject(who);
  made.setIssuer(who);
  made.sign(forge.pki.privateKeyFromPem(pem(pair.privateKey, "pkcs1")), forge.md.sha256.create());
  return { ...pair, serial, from, until, pem: forge.pki.certificateToPem(made) };
}

/**
 * @typedef {object} Keys
 * @property {{appId: string, mchId: string, apiv3Key: string, merchant: Certified, publicKey: Pair, publicKeyId: string, platform: Certified}} wechat
 * @property {{appId: string, sellerId: string, app: Pair, alipay: Certified}} alipay
 */

/** @returns {Promise<Keys>} */
export async function makeKeys() {
  const [merchant, publicKey, platform, app, alipay] = await Promise.all(Array.from({ length: 5 }, makePair));
  const mchId = `16${digits(8)}`;
  return {
    wechat: {
      appId: `wx${randomBytes(8).toString("hex")}`,
      mchId,
      apiv3Key: wechatpay.Formatter.nonce(32),
      merchant: certify(merchant, mchId),
      publicKey,
      publicKeyId: `PUB_KEY_ID_01${mchId}2024091200${digits(10)}`,
      platform: certify(platform, "Tenpay.com sign"),
    },
    alipay: { appId: `2021${digits(12)}`, sellerId: `2088${digits(12)}`, app, alipay: certify(alipay, "Alipay") },
  };
}

/**
 * @param {string} folder
 * @param {Keys} keys
 */
export async function writeKeys(folder, { wechat, alipay }) {
  const files = {
    "merchant_key.pem": pem(wechat.merchant.privateKey, "pkcs8"),
    "merchant_key_pkcs1.pem": pem(wechat.merchant.privateKey, "pkcs1"),
    "merchant_cert.pem": wechat.merchant.pem,
    apiv3_key: wechat.apiv3Key,
    "wechat_public_key.pem": pem(wechat.publicKey.publicKey, "spki"),
    "wechat_platform_cert.pem": wechat.platform.pem,
    "app_key.pem": pem(alipay.app.privateKey, "pkcs8"),
    "alipay_public_key.pem": pem(alipay.alipay.publicKey, "spki"),
    "alipay_cert.pem": alipay.alipay.pem,
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text, { mode: 0o600 })));
}
