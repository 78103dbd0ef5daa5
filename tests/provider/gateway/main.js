/**
 * node main.js --dir DIR: makes keys in DIR, plays both payment providers on a free port, and ends with its standard input.
 */

import { parseArgs } from "node:util";
import { makeKeys, writeKeys } from "./keys.js";
import { Gateway } from "./server.js";

const { values } = parseArgs({ options: { dir: { type: "string" } } });
if (!values.dir) {
  console.error("usage: node main.js --dir DIR");
  process.exit(2);
}

// A test that was killed cannot stop its gateway, but its end of the pipe closes.
process.stdin
  .on("close", () => process.exit(0))
  .on("end", () => process.exit(0))
  .on("error", () => process.exit(0))
  .resume();

const keys = await makeKeys();
await writeKeys(values.dir, keys);
const url = await new Gateway(keys).listen();
const { appId, mchId, merchant, publicKeyId } = keys.wechat;
const wechat = { appId, mchId, merchantSerial: merchant.serial, publicKeyId };
console.log(
  `ready ${JSON.stringify({ url, wechat, alipay: { appId: keys.alipay.appId, sellerId: keys.alipay.sellerId } })}`,
);
