// What moves money is done once: a deed that got no answer is asked for again under the same name.

import { Refused, staffCall } from "../shared/http.js";
import { freshId } from "../shared/ids.js";

/** The opIds of deeds of which nobody knows whether they were done, by what they are. @type {Map<string, string>} */
const unanswered = new Map();

/**
 * @param {"POST" | "PUT" | "DELETE"} method
 * @param {string} path
 * @param {Record<string, unknown>} [body] what the deed is: the same again is the same deed
 * @param {{patienceMs?: number, secret?: Record<string, string>}} [more] secret: goes with the body, and is not kept
 * @returns {Promise<any>} as `staffCall`
 */
export async function deedCall(method, path, body = {}, { patienceMs, secret = {} } = {}) {
  const deed = JSON.stringify([method, path, body]);
  const opId = unanswered.get(deed) ?? freshId();
  try {
    const answer = await (method === "DELETE"
      ? staffCall(method, `${path}?opId=${opId}`, undefined, patienceMs)
      : staffCall(method, path, { ...body, ...secret, opId }, patienceMs));
    // Whoever does something else has seen what became of the deeds before: the same again is another one.
    unanswered.clear();
    return answer;
  } catch (error) {
    // A no is an answer.
    if (error instanceof Refused && error.status < 500) unanswered.delete(deed);
    else unanswered.set(deed, opId);
    throw error;
  }
}
