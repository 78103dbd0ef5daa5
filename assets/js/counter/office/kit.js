// What the office's views (members, menu, staff, the day) are built of.

import { h, whenFree } from "../../shared/dom.js";
import { formatFen, toFen } from "../../shared/money.js";
import { submits } from "../parts.js";

/** @import {Child, Props, VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {AnyForm, Office} from "./state.js" */

/**
 * @typedef {object} OfficeCtx what a view lends its pieces
 * @property {Office<AnyForm, any>} state
 * @property {(message: {type: "close"} | {type: "go"}) => void} send
 */

/**
 * @template F
 * @typedef {object} Draft what fields are filled into: a form, or one of the rows in it
 * @property {F} fields
 * @property {string} [place] which row, as its fields' names say it
 * @property {(change: Partial<F>) => void} change
 */

/**
 * @param {string} label
 * @param {string} search
 * @param {(typed: string) => void} typed what stands there is kept: the page is drawn anew every second
 * @param {() => void} look
 * @returns {VElement}
 */
export function searchField(label, search, typed, look) {
  return h("input", {
    type: "search",
    "aria-label": label,
    placeholder: label,
    value: search,
    oninput: (event) => typed(event.target.value),
    onchange: look,
  });
}

/**
 * A form over the page. What stands in it is in the state as it is typed: Enter may come before the next drawing.
 *
 * @param {OfficeCtx} ctx
 * @param {{title: string, go: string, back: string, wide?: boolean}} about
 * @param {...Child} children
 * @returns {VElement}
 */
export function formSheet({ state, send }, { title, go, back, wide = false }, ...children) {
  const { form, busy } = state;
  const close = () => send({ type: "close" });
  return h(
    "dialog",
    {
      key: `form ${nameOf(form)}`,
      class: wide ? "question office-sheet wide-sheet" : "question office-sheet",
      modal: true,
      "aria-labelledby": "office-title",
      onclose: (event) => !event.target.open && close(),
    },
    h(
      "form",
      { onsubmit: submits(() => send({ type: "go" })) },
      h("h2", { id: "office-title" }, title),
      children,
      h(
        "div",
        { key: "buttons", class: "actions" },
        h("button", { type: "button", class: "secondary", onclick: close }, back),
        h("button", { type: "submit", class: "primary", "aria-disabled": busy ? "true" : null }, go),
      ),
    ),
  );
}

/**
 * @param {(AnyForm & {id?: number | null}) | null} form
 * @returns {string} whose form it is
 */
function nameOf(form) {
  return `${form?.kind} ${form?.id}`;
}

/**
 * Something to read over the page.
 *
 * @param {OfficeCtx} ctx
 * @param {string} title
 * @param {string} back
 * @param {...Child} children
 * @returns {VElement}
 */
export function noteSheet({ state, send }, title, back, ...children) {
  const close = () => send({ type: "close" });
  return h(
    "dialog",
    {
      key: `note ${state.form?.kind}`,
      class: "question office-sheet",
      modal: true,
      "aria-labelledby": "office-title",
      onclose: (event) => !event.target.open && close(),
    },
    h("h2", { id: "office-title", tabindex: -1 }, title),
    children,
    h(
      "div",
      { key: "buttons", class: "actions" },
      h("button", { type: "button", class: "primary", onclick: close }, back),
    ),
  );
}

/**
 * @template F
 * @param {{send: (message: {type: "typed", change: Partial<F>}) => void}} ctx
 * @param {F} fields of the form that is open
 * @returns {Draft<F>}
 */
export function draftOf({ send }, fields) {
  return { fields, change: (change) => send({ type: "typed", change }) };
}

/**
 * @template F
 * @param {Draft<F>} draft
 * @param {keyof F & string} name
 * @param {string} label
 * @param {Props & {hint?: string}} [more]
 * @returns {VElement}
 */
export function field(draft, name, label, more = {}) {
  const { hint, ...props } = more;
  return h(
    "label",
    { key: name, class: "field" },
    h("span", null, label),
    h(props.rows ? "textarea" : "input", {
      name: nameIn(draft, name),
      autocomplete: "off",
      ...props,
      value: String(draft.fields[name]),
      oninput: (event) => draft.change(changeOf(name, event.target.value)),
    }),
    hint && h("span", { class: "fine" }, hint),
  );
}

/**
 * @template F
 * @param {Draft<F>} draft
 * @param {keyof F & string} name
 * @param {string} label
 * @param {[value: string, text: string][]} choices
 * @returns {VElement}
 */
export function choice(draft, name, label, choices) {
  const chosen = draft.fields[name];
  return h(
    "label",
    { key: name, class: "field" },
    h("span", null, label),
    h(
      "select",
      { name: nameIn(draft, name), onchange: (event) => draft.change(changeOf(name, event.target.value)) },
      choices.map(([value, text]) => h("option", { key: value, value, selected: value === chosen }, text)),
    ),
  );
}

/**
 * @template F
 * @param {Draft<F>} draft
 * @param {keyof F & string} name
 * @param {string} label
 * @returns {VElement}
 */
export function tick(draft, name, label) {
  return h(
    "label",
    { key: name, class: "tick" },
    h("input", {
      type: "checkbox",
      name: nameIn(draft, name),
      checked: Boolean(draft.fields[name]),
      onchange: (event) => draft.change(changeOf(name, event.target.checked)),
    }),
    h("span", null, label),
  );
}

/**
 * @param {Draft<any>} draft
 * @param {string} name
 * @returns {string}
 */
function nameIn({ place }, name) {
  return place === undefined ? name : `${name} ${place}`;
}

/**
 * @template F
 * @param {keyof F & string} name
 * @param {unknown} value
 * @returns {Partial<F>}
 */
function changeOf(name, value) {
  return /** @type {Partial<F>} */ ({ [name]: value });
}

/**
 * @param {string} title
 * @param {string[]} heads
 * @param {VElement[]} rows
 * @returns {VElement}
 */
export function grid(title, heads, rows) {
  return h(
    "div",
    { class: "grid-scroll", tabindex: 0, role: "region", "aria-label": title },
    h(
      "table",
      { class: "sheet-table" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          heads.map((head, index) => h("th", { key: index, scope: "col" }, head)),
        ),
      ),
      h("tbody", null, rows),
    ),
  );
}

/**
 * @param {string | number} key
 * @param {Child[]} cells
 * @returns {VElement}
 */
export function row(key, cells) {
  return h(
    "tr",
    { key },
    cells.map((cell, index) => h("td", { key: index }, cell)),
  );
}

/**
 * @param {OfficeCtx} ctx
 * @param {string} label
 * @param {() => void} run
 * @param {Props & {key?: string}} [more]
 * @returns {VElement}
 */
export function action({ state }, label, run, more = {}) {
  return h("button", { type: "button", class: "secondary", ...more, ...whenFree(state.busy, run) }, label);
}

/**
 * @template {string} K
 * @param {{state: Office<AnyForm, K>, t: Translate<K>}} ctx
 * @returns {VElement} what was done; empty for nothing
 */
export function saidLine({ state: { said }, t }) {
  return h(
    "p",
    { key: "said", class: "notice info", role: "status", "aria-live": "polite" },
    said ? t(said.key, said.vars) : "",
  );
}

/**
 * @param {number | null | undefined} yuan as it stands on the wire
 * @returns {string}
 */
export function money(yuan) {
  return yuan === null || yuan === undefined ? "—" : formatFen(toFen(yuan));
}
