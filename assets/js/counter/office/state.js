// The state of an office view: one form at most, whether a request is under way, and what was done last. Pure.

/**
 * @template {string} K the view's words
 * @typedef {{key: K, vars: Record<string, string | number>}} Said
 */

/** @typedef {{kind: string, fields: Record<string, any>}} AnyForm */

/**
 * @template {AnyForm} F a question with fields that someone fills in, or something to read over the page
 * @template {string} K
 * @typedef {{form: F | null, busy: boolean, said: Said<K> | null}} Office
 */

/**
 * @template {AnyForm} F
 * @typedef {{type: "open", form: F} | {type: "close"} | {type: "typed", change: Partial<F["fields"]>} | {type: "go"}} OfficeIntent
 */

/**
 * @template {AnyForm} F
 * @template {string} K
 * @typedef {{type: "busy", busy: boolean} | {type: "done", said: Said<K>, form?: F}} OfficeEvent what was asked for is done, and there may be more to read
 */

/** @type {{form: null, busy: boolean, said: null}} */
export const IDLE = { form: null, busy: false, said: null };

/**
 * What is left of a view's messages when those of its own are dealt with.
 *
 * @template {Office<any, any>} S
 * @param {S} state
 * @param {OfficeIntent<any> | OfficeEvent<any, any> | {type: string}} message one that only its hands know changes nothing here
 * @returns {S}
 */
export function applyOffice(state, message) {
  const told = /** @type {OfficeIntent<any> | OfficeEvent<any, any>} */ (message);
  switch (told.type) {
    case "open":
      return { ...state, form: told.form, said: null };
    case "close":
      return { ...state, form: null };
    case "typed":
      return changeFields(state, told.change);
    case "busy":
      return { ...state, busy: told.busy };
    case "done":
      return { ...state, form: told.form ?? null, said: told.said };
  }
  return state;
}

/**
 * @template {Office<any, any>} S
 * @param {S} state
 * @param {object} change
 * @returns {S}
 */
export function changeFields(state, change) {
  const { form } = state;
  return form ? { ...state, form: { ...form, fields: { ...form.fields, ...change } } } : state;
}
