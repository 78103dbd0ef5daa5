/**
 * Whether a request has exactly the fields that a provider documents.
 */

/**
 * The answer of a provider that does not do what it was asked.
 * `why` is set when the merchant's software is at fault; it goes into the violations.
 */
export class Refusal extends Error {
  /** @param {number | string} status @param {string} code @param {string} message @param {string} [why] */
  constructor(status, code, message, why) {
    super(message);
    this.status = status;
    this.code = code;
    this.why = why;
  }
}

/** @typedef {(value: unknown) => string | undefined} Rule says what is wrong */
/** @typedef {{rule: Rule | Shape, needed: boolean}} Field */
/** @typedef {{[key: string]: Field}} Shape */

/** @param {Rule | Shape} rule @returns {Field} */
export const needed = (rule) => ({ rule, needed: true });
/** @param {Rule | Shape} rule @returns {Field} */
export const optional = (rule) => ({ rule, needed: false });

/** @param {string} only @returns {Rule} */
export const exactly = (only) => (value) => (value === only ? undefined : `is ${JSON.stringify(value)}, not ${only}`);

/** @param {number} max in characters @returns {Rule} */
export const text = (max) => (value) => {
  if (typeof value !== "string" || value.trim() === "") return "is not a text with something in it";
  return [...value].length > max ? `is longer than ${max} characters` : undefined;
};

/** @param {RegExp} pattern @returns {Rule} */
export const like = (pattern) => (value) =>
  typeof value === "string" && pattern.test(value) ? undefined : `${JSON.stringify(value)} does not match ${pattern}`;

/** @type {Rule} */
export const count = (value) =>
  Number.isSafeInteger(value) && Number(value) > 0 ? undefined : `${JSON.stringify(value)} is not a positive integer`;

/** @type {Rule} */
export const anything = () => undefined;

/** @type {Rule} */
export const notifyUrl = (value) => {
  if (typeof value !== "string" || value.length > 255 || !URL.canParse(value))
    return `${JSON.stringify(value)} is not a URL of at most 255 characters`;
  const url = new URL(value);
  if (!["http:", "https:"].includes(url.protocol)) return `${value} is neither http nor https`;
  return value.includes("?") || value.includes("#") ? `${value} carries a query or fragment` : undefined;
};

/**
 * @param {unknown} value
 * @param {Shape} shape
 * @param {string} [at]
 * @returns {string[]} what is wrong, field by field
 */
export function misfits(value, shape, at = "") {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [`${at || "the body"} is not an object`];
  const object = /** @type {Record<string, unknown>} */ (value);
  const strangers = Object.keys(object)
    .filter((key) => !Object.hasOwn(shape, key))
    .map((key) => `${at}${key} is no field of this request`);
  const wrong = Object.entries(shape).flatMap(([key, { rule, needed: must }]) => {
    const name = `${at}${key}`;
    if (!Object.hasOwn(object, key)) return must ? [`${name} is missing`] : [];
    if (typeof rule !== "function") return misfits(object[key], rule, `${name}.`);
    const complaint = rule(object[key]);
    return complaint ? [`${name} ${complaint}`] : [];
  });
  return [...strangers, ...wrong];
}

/**
 * @param {Buffer} bytes
 * @returns {string | undefined} undefined when it is not UTF-8, which a signature over the decoded text would hide
 */
export function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
