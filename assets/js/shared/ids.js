/**
 * A client-made unique string for `opId` and the counter socket's `sid`. `crypto.randomUUID` is missing on plain-http LAN pages
 * (not a secure context); `getRandomValues` is not.
 *
 * @returns {string} 32 characters of [0-9a-f]
 */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
