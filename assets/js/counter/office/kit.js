// What the office's views (members, menu, staff, the day) are built of.

import { h, whenFree } from "../../shared/dom.js";
import { Refused } from "../../shared/http.js";
import { formatFen, toFen } from "../../shared/money.js";
import { keeper } from "../keeper.js";
import { submits } from "../parts.js";
import { applyOffice } from "./state.js";

/** @import {Child, Props, VElement} from "../../shared/dom.js" */
/** @import {Port} from "../views.js" */
/** @import {Form, Office, OfficeMessage} from "./state.js" */

/** @typedef {"done" | "refused" | "unanswered" | "busy"} Outcome busy: another tap is not answered yet, and this one asked nothing */

/**
 * @template {Office} S
 * @typedef {object} Desk
 * @property {() => S} state
 * @property {(message: OfficeMessage<S>) => void} send
 * @property {(part: Partial<S>) => void} tell
 * @property {(run: () => Promise<Partial<S> | void>) => Promise<Outcome>} act what a tap asks for, one at a time; what it answers is told
 * @property {(run: () => Promise<Partial<S>>) => Promise<void>} fetch in the background
 */

/**
 * @template {Office} S
 * @param {S} first
 * @param {Port} port
 * @returns {Desk<S>}
 */
export function openDesk(first, port) {
  const own = keeper(first, (/** @type {S} */ state, /** @type {OfficeMessage<S>} */ message) => applyOffice(state, message), () => {}, port.draw);
  const tell = (/** @type {Partial<S>} */ part) => own.send({ type: "told", part });
  return {
    state: own.state, send: own.send, tell,
    fetch: (run) => port.quietly(async () => tell(await run())),
    act: async (run) => {
      if (own.state().busy) return "busy";
      own.send({ type: "busy", busy: true });
      try {
        const part = await run();
        if (part) tell(part);
        return "done";
      } catch (error) {
        port.failed(error);
        return error instanceof Refused ? "refused" : "unanswered";
      } finally {
        own.send({ type: "busy", busy: false });
      }
    },
  };
}

/**
 * @param {string} label
 * @param {string} search
 * @param {(typed: string) => void} typed what stands there is kept: the page is drawn anew every second
 * @param {() => void} look
 * @returns {VElement}
 */
export function searchField(label, search, typed, look) {
  return h("input", {
    type: "search", "aria-label": label, placeholder: label, value: search,
    oninput: (event) => typed(event.target.value), onchange: look,
  });
}

/**
 * A form over the page.
 *
 * @template {Office} S
 * @param {Desk<S>} desk
 * @param {{title: string, go: string, back: string, run: (form: Form) => Promise<Partial<S> | void>, wide?: boolean}} about `run` answers what is told then; what
 *   stands in the form is what it is given: fast typing and Enter may come before the next drawing
 * @param {...Child} children
 * @returns {VElement}
 */
export function formSheet(desk, { title, go, back, run, wide = false }, ...children) {
  const close = () => desk.send({ type: "close" });
  const { form, busy } = desk.state();
  return h("dialog", {
    key: `form ${form?.kind} ${form?.id}`, class: wide ? "question office-sheet wide-sheet" : "question office-sheet", modal: true,
    "aria-labelledby": "office-title", onclose: (event) => !event.target.open && close(),
  },
  h("form", { onsubmit: submits(() => void desk.act(async () => filled(desk, run))) },
    h("h2", { id: "office-title" }, title),
    children,
    h("div", { key: "buttons", class: "actions" },
      h("button", { type: "button", class: "secondary", onclick: close }, back),
      h("button", { type: "submit", class: "primary", "aria-disabled": busy ? "true" : null }, go))));
}

/**
 * @template {Office} S
 * @param {Desk<S>} desk
 * @param {(form: Form) => Promise<Partial<S> | void>} run
 * @returns {Promise<Partial<S> | void>}
 */
async function filled(desk, run) {
  const { form } = desk.state();
  if (form) return run(form);
}

/**
 * Something to read over the page.
 *
 * @template {Office} S
 * @param {Desk<S>} desk
 * @param {string} title
 * @param {string} back
 * @param {...Child} children
 * @returns {VElement}
 */
export function noteSheet(desk, title, back, ...children) {
  const close = () => desk.send({ type: "close" });
  return h("dialog", {
    key: `note ${desk.state().form?.kind}`, class: "question office-sheet", modal: true, "aria-labelledby": "office-title",
    onclose: (event) => !event.target.open && close(),
  },
  h("h2", { id: "office-title", tabindex: -1 }, title), children,
  h("div", { key: "buttons", class: "actions" }, h("button", { type: "button", class: "primary", onclick: close }, back)));
}

/**
 * @template {Office} S
 * @param {Desk<S>} desk
 * @param {string} name
 * @param {string} label
 * @param {Props & {hint?: string}} [more]
 * @returns {VElement}
 */
export function field(desk, name, label, more = {}) {
  const { hint, ...props } = more;
  const typed = (/** @type {any} */ event) => desk.send({ type: "typed", name, text: event.target.value });
  return h("label", { key: name, class: "field" }, h("span", null, label),
    h(props.rows ? "textarea" : "input", { name, autocomplete: "off", ...props, value: desk.state().form?.fields[name] ?? "", oninput: typed }),
    hint && h("span", { class: "fine" }, hint));
}

/**
 * @template {Office} S
 * @param {Desk<S>} desk
 * @param {string} name
 * @param {string} label
 * @param {[value: string, text: string][]} choices
 * @returns {VElement}
 */
export function choice(desk, name, label, choices) {
  const chosen = desk.state().form?.fields[name] ?? "";
  return h("label", { key: name, class: "field" }, h("span", null, label),
    h("select", { name, onchange: (event) => desk.send({ type: "typed", name, text: event.target.value }) },
      choices.map(([value, text]) => h("option", { key: value, value, selected: value === chosen }, text))));
}

/**
 * @template {Office} S
 * @param {Desk<S>} desk
 * @param {string} name "1" where it is ticked
 * @param {string} label
 * @returns {VElement}
 */
export function tick(desk, name, label) {
  return h("label", { key: name, class: "tick" },
    h("input", {
      type: "checkbox", name, checked: desk.state().form?.fields[name] === "1",
      onchange: (event) => desk.send({ type: "typed", name, text: event.target.checked ? "1" : "" }),
    }), h("span", null, label));
}

/**
 * @param {string} title
 * @param {string[]} heads
 * @param {VElement[]} rows
 * @returns {VElement}
 */
export function grid(title, heads, rows) {
  return h("div", { class: "grid-scroll", tabindex: 0, role: "region", "aria-label": title },
    h("table", { class: "sheet-table" },
      h("thead", null, h("tr", null, heads.map((head, index) => h("th", { key: index, scope: "col" }, head)))),
      h("tbody", null, rows)));
}

/**
 * @param {string | number} key
 * @param {Child[]} cells
 * @returns {VElement}
 */
export function row(key, cells) {
  return h("tr", { key }, cells.map((cell, index) => h("td", { key: index }, cell)));
}

/**
 * @template {Office} S
 * @param {Desk<S>} desk
 * @param {string} label
 * @param {() => void} run
 * @param {Props & {key?: string}} [more]
 * @returns {VElement}
 */
export function action(desk, label, run, more = {}) {
  return h("button", { type: "button", class: "secondary", ...more, ...whenFree(desk.state().busy, run) }, label);
}

/**
 * @param {string} text what was done; empty for nothing
 * @returns {VElement}
 */
export function saidLine(text) {
  return h("p", { key: "said", class: "notice info", role: "status", "aria-live": "polite" }, text);
}

/**
 * @param {number | null | undefined} yuan as it stands on the wire
 * @returns {string}
 */
export function money(yuan) {
  return yuan === null || yuan === undefined ? "—" : formatFen(toFen(yuan));
}

/**
 * @param {Form | null} form
 * @param {string} name
 * @returns {string}
 */
export function text(form, name) {
  return (form?.fields[name] ?? "").trim();
}
