// A menu of 300 dishes, each with a picture of its own, made through the counter's API as an owner would make it.

import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";

/** @import {Ready} from "./harness.js" */

export const DISHES = 300;
const CATEGORIES = 15;
const PICTURE_PX = 200;

/**
 * @param {Ready} ready
 * @returns {Promise<(method: string, path: string, body?: unknown) => Promise<any>>} the counter's API; refusals are failures
 */
export async function counterOf({ lan, staff }) {
  let token = "";
  const call = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body) => {
    const form = body instanceof FormData;
    const headers = { token, ...(form || body === undefined ? {} : { "content-type": "application/json" }) };
    const answer = await fetch(`${lan}/admin${path}`, {
      method,
      headers,
      body: form ? body : body === undefined ? null : JSON.stringify(body),
    });
    const envelope = await answer.json();
    assert.equal(envelope.code, 1, `${method} ${path}: ${JSON.stringify(envelope)}`);
    return envelope.data;
  };
  token = (await call("POST", "/employee/login", staff)).token;
  return call;
}

/**
 * @param {Ready} ready
 */
export async function fillMenu(ready) {
  const call = await counterOf(ready);
  for (let category = 0; category < CATEGORIES; category += 1) {
    await call("POST", "/category", { type: 1, name: `宴席 ${category + 1}`, sort: 100 + category });
  }
  const { records } = await call("GET", "/category/page?page=1&pageSize=100&name=宴席");
  const categories = records.sort((/** @type {any} */ a, /** @type {any} */ b) => a.sort - b.sort);
  for (const { id } of categories) await call("POST", `/category/status/1?id=${id}`);
  assert.equal(categories.length, CATEGORIES);
  for (let dish = 0; dish < DISHES; dish += 1) {
    const form = new FormData();
    form.append("file", new Blob([new Uint8Array(picture(dish))], { type: "image/png" }), `${dish}.png`);
    const image = await call("POST", "/common/upload", form);
    await call("POST", "/dish", {
      name: `宴席菜 ${dish + 1}`,
      categoryId: categories[Math.floor(dish / (DISHES / CATEGORIES))].id,
      price: 18 + (dish % 90),
      image,
      description: "现点现做，选用当天早市的食材，少油少盐，老少皆宜",
      status: 1,
      flavors: dish % 4 === 0 ? [{ name: "辣度", value: '["不辣","微辣","中辣"]' }] : [],
    });
  }
}

/**
 * Not one colour: a photograph's worth of detail, so that its JPEG has a photograph's size.
 *
 * @param {number} seed
 * @returns {Buffer} a PNG
 */
function picture(seed) {
  const rows = Buffer.alloc(PICTURE_PX * (1 + PICTURE_PX * 3));
  let chance = seed * 7919 + 1;
  for (let y = 0, at = 0; y < PICTURE_PX; y += 1) {
    rows[at++] = 0;
    for (let x = 0; x < PICTURE_PX; x += 1) {
      chance = (chance * 1_103_515_245 + 12_345) % 2_147_483_648;
      const round = Math.hypot(x - PICTURE_PX / 2, y - PICTURE_PX / 2) < PICTURE_PX / 2.5;
      const grain = (chance >> 8) % 40;
      rows[at++] = (round ? 150 : 60) + ((x + seed * 13) % 60) + grain;
      rows[at++] = (round ? 90 : 50) + ((y + seed * 29) % 60) + grain;
      rows[at++] = 40 + ((x + y + seed * 7) % 50) + grain;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(PICTURE_PX, 0);
  head.writeUInt32BE(PICTURE_PX, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/**
 * @param {string} kind
 * @param {Buffer} data
 * @returns {Buffer}
 */
function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/**
 * @param {Buffer} bytes
 * @returns {number}
 */
function crc32(bytes) {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
