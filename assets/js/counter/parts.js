// Small pieces that several regions of the counter page share.

import { h, whenFree } from "../shared/dom.js";
import { errorSentence, ORDER_STATUS } from "../shared/words.js";
import { busyKey } from "./steps.js";

/** @import {Child, VElement} from "../shared/dom.js" */
/** @import {Translate} from "../shared/i18n.js" */
/** @import {CounterState, Intent} from "./state.js" */
/** @import {CounterKey} from "./words.js" */

/**
 * @typedef {object} Ctx what every view of the counter gets
 * @property {CounterState} state
 * @property {Translate<CounterKey>} t
 * @property {(intent: Intent) => void} send
 */

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function noticeRegion({ state, t }) {
  const notice = state.notice;
  let text = "";
  if (notice && "plain" in notice.text) text = notice.text.plain;
  else if (notice && "key" in notice.text) text = t(notice.text.key, notice.text.vars);
  else if (notice && "code" in notice.text) text = errorSentence(state.lang, notice.text.code, notice.text.said);
  else if (notice && "ticket" in notice.text) {
    const { number, status } = notice.text.ticket;
    text = t("done", { number, status: ORDER_STATUS[state.lang][status] });
  }
  return h(
    "p",
    { key: "notice", class: `notice ${notice?.tone ?? "none"}`, role: "status", "aria-live": "polite" },
    text,
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function langButton({ state, t, send }) {
  const other = state.lang === "zh" ? "en" : "zh";
  return h(
    "button",
    {
      key: "lang",
      type: "button",
      class: "quiet",
      lang: other === "zh" ? "zh-CN" : "en",
      onclick: () => send({ type: "lang", lang: other }),
    },
    t("switchLang"),
  );
}

/**
 * @param {Ctx} ctx
 * @param {() => void} close
 * @param {string} yes
 * @param {boolean} [busy]
 * @returns {VElement}
 */
export function buttons({ t }, close, yes, busy = false) {
  return h(
    "div",
    { key: "buttons", class: "actions" },
    h("button", { type: "button", class: "secondary", onclick: close }, t("back")),
    h("button", { type: "submit", class: "danger", "aria-disabled": busy ? "true" : null }, yes),
  );
}

/**
 * Something that is done beside, as long as it is ticked.
 *
 * @param {string} name
 * @param {string} label
 * @param {boolean} on
 * @param {(on: boolean) => void} turn
 * @param {boolean} [fixed]
 * @returns {VElement}
 */
export function tickLine(name, label, on, turn, fixed = false) {
  return h(
    "label",
    { key: name, class: "tick" },
    h("input", {
      type: "checkbox",
      name,
      checked: on,
      disabled: fixed,
      onchange: (event) => turn(event.target.checked),
    }),
    h("span", null, label),
  );
}

/**
 * A red strip: something that somebody has to see to.
 *
 * @param {string} key
 * @param {string} what
 * @param {string} help what to do about it
 * @param {string | null} detail for whoever is called to repair it
 * @param {Child} [button]
 * @returns {VElement}
 */
export function trouble(key, what, help, detail, button) {
  return h(
    "p",
    { key, class: "strip bad", role: "alert", "data-strip": key },
    h("span", { class: "what" }, what),
    h("span", { class: "help" }, help),
    detail && h("span", { class: "detail", title: detail }, detail),
    button,
  );
}

/**
 * @param {CounterState} state
 * @returns {boolean} what only the owner may do is offered; of an older login the role is not known, and the daemon says no if need be
 */
export function isForOwner({ role }) {
  return role === "owner" || role === null;
}

/**
 * @param {CounterState} state
 * @param {string} route as in permission.rs: "POST payment/refund"
 * @returns {boolean} whether it is offered; until it is known who may do what, the daemon alone says no
 */
export function may({ allowed }, route) {
  return allowed === null || allowed.includes(route);
}

/**
 * 试音: the PC speaks a sentence and asks whether it was heard.
 *
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function testSpeakerButton({ state, t, send }) {
  const busy = state.busy.includes(busyKey({ type: "speaker.test" }));
  return h(
    "button",
    {
      key: "speaker-test",
      type: "button",
      class: "secondary",
      title: t("speakerTestHint"),
      ...whenFree(busy, () => send({ type: "speaker.test" })),
    },
    t("speakerTest"),
  );
}

/**
 * @param {(form: HTMLFormElement) => void} run
 * @returns {(event: SubmitEvent) => void}
 */
export function submits(run) {
  return (event) => {
    event.preventDefault();
    run(/** @type {HTMLFormElement} */ (event.target));
  };
}

/**
 * What stands in the field now: fast typing and Enter may come before the next drawing.
 *
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {string}
 */
export function textOf(form, name) {
  return String(new FormData(form).get(name) ?? "").trim();
}
