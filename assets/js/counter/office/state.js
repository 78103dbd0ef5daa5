// The state of an office view: what the daemon told, one form at most, and whether a request is under way. Pure.

/**
 * @typedef {object} Form a question with fields that someone fills in
 * @property {string} kind
 * @property {Record<string, string>} fields
 * @property {number | null} [id] of what is changed; null or none = something new
 */

/** @typedef {{form: Form | null, busy: boolean, said: string}} Office */

/**
 * @template S
 * @typedef {(
 *   | {type: "told", part: Partial<S>} | {type: "open", form: Form} | {type: "close"} | {type: "typed", name: string, text: string}
 *   | {type: "busy", busy: boolean}
 * )} OfficeMessage
 */

/** @type {Office} */
export const IDLE = { form: null, busy: false, said: "" };

/**
 * @template {Office} S
 * @param {S} state
 * @param {OfficeMessage<S>} message
 * @returns {S}
 */
export function applyOffice(state, message) {
  switch (message.type) {
    case "told":
      return { ...state, ...message.part };
    case "open":
      return { ...state, form: message.form, said: "" };
    case "close":
      return { ...state, form: null };
    case "typed":
      return state.form ? { ...state, form: { ...state.form, fields: { ...state.form.fields, [message.name]: message.text } } } : state;
    case "busy":
      return { ...state, busy: message.busy };
  }
}
