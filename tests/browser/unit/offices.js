// An office view without a document, over a daemon that answers from a table.

import { firstState } from "../../../assets/js/counter/state.js";
import { find, findAll } from "./views.js";

/** @import {OpenView, Port} from "../../../assets/js/counter/views.js" */
/** @import {View, VElement} from "../../../assets/js/shared/dom.js" */

/** @typedef {[request: string, body?: any]} Sent "PUT /admin/dish", and what went with it */

/**
 * @typedef {object} Office
 * @property {() => VElement} page
 * @property {() => VElement} sheet the form that is open
 * @property {() => boolean} isOpen
 * @property {unknown[]} failures that are said aloud
 * @property {(reads?: boolean) => Promise<Sent[]>} settled what was asked until everything has its answer; `reads`: also what is only read
 * @property {OpenView} view
 */

/**
 * @param {(port: Port) => OpenView} open
 * @param {Record<string, unknown>} answers by the request's beginning; the longest that fits counts, and what is not here is never answered
 * @param {string[] | null} [allowed]
 * @returns {Office}
 */
export function openOffice(open, answers, allowed = null) {
  /** @type {Sent[]} */
  let sent = [];
  /** @type {unknown[]} */
  const failures = [];
  globalThis.fetch = async (path, init) => {
    const request = `${init?.method} ${path}`;
    sent.push(typeof init?.body === "string" ? [request, JSON.parse(init.body)] : [request]);
    const known = Object.keys(answers)
      .filter((one) => request.startsWith(one))
      .sort((a, b) => b.length - a.length)[0];
    if (known === undefined) throw new TypeError("Failed to fetch");
    const answer = answers[known];
    const envelope = answer instanceof Error ? { code: 0, error: answer.message, msg: "" } : { code: 1, data: answer };
    return new Response(JSON.stringify(envelope));
  };
  const state = { ...firstState("zh"), phase: /** @type {const} */ ("ready"), allowed };
  const view = open({
    state: () => state,
    send: () => {},
    draw: () => {},
    quietly: (run) => run(),
    tables: async () => {},
    who: async () => {},
    reasonOf: () => ({ code: "", said: "" }),
    failed: (error) => failures.push(error),
  });
  /** @type {any} */
  const ctx = { state, send: () => {}, t: (/** @type {string} */ key) => key };
  const all = (/** @type {(View | false | null)[]} */ views) =>
    /** @type {VElement} */ ({ tag: "div", key: undefined, props: {}, children: views.flatMap((one) => one || []) });
  const sheet = () => all(view.dialogs?.(ctx) ?? []);
  return {
    view,
    failures,
    sheet,
    page: () => all(view.render(ctx)),
    isOpen: () => sheet().children.length > 0,
    settled: async (reads = false) => {
      await new Promise((resolve) => setImmediate(resolve));
      const asked = sent;
      sent = [];
      return reads ? asked : asked.filter(([request]) => !request.startsWith("GET "));
    },
  };
}

/**
 * @param {VElement} sheet
 * @param {string} name
 * @param {string | boolean} value
 */
export function type(sheet, name, value) {
  const { oninput, onchange } = find(sheet, "name", name).props;
  /** @type {any} */ (oninput ?? onchange)({ target: { value, checked: value } });
}

/** @param {VElement} sheet */
export function submit(sheet) {
  const form = /** @type {any} */ (findAll(sheet, "onsubmit")[0]);
  form.props.onsubmit({ preventDefault: () => {}, target: null });
}
