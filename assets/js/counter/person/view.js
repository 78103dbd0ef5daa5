// 换人: whoever comes to the counter picks their name and enters their PIN, and the page goes on as theirs. Over any view.

import { h, whenFree } from "../../shared/dom.js";
import { translator } from "../../shared/i18n.js";
import { errorSentence } from "../../shared/words.js";
import { keeper } from "../keeper.js";
import { submits } from "../parts.js";
import { PersonHands } from "./effects.js";
import { applyPerson, CLOSED, isPin } from "./state.js";
import { PERSON_WORDS } from "./words.js";

/** @import {Child, VElement} from "../../shared/dom.js" */
/** @import {Translate} from "../../shared/i18n.js" */
/** @import {Kept} from "../keeper.js" */
/** @import {CounterState} from "../state.js" */
/** @import {Aside, Port} from "../views.js" */
/** @import {PersonMessage, PersonState, Trouble} from "./state.js" */
/** @import {PersonKey} from "./words.js" */

/** @typedef {{counter: CounterState, state: PersonState, now: () => PersonState, t: Translate<PersonKey>, send: (message: PersonMessage) => void}} PersonCtx */

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/**
 * @param {Port} port
 * @returns {Aside}
 */
export function open(port) {
  /** @type {Kept<PersonState, PersonMessage>} */
  const person = keeper(CLOSED, applyPerson, (message) => hands.after(message), port.draw);
  const hands = new PersonHands({
    port,
    state: person.state,
    send: person.send,
    say: (key) => port.send({ type: "said", text: { plain: translator(PERSON_WORDS, port.state().lang)(key) } }),
  });
  return {
    enter: () => person.send({ type: "open" }),
    leave: () => person.send({ type: "close" }),
    dialog: ({ state: counter }) =>
      personDialog({
        counter,
        state: person.state(),
        now: person.state,
        t: translator(PERSON_WORDS, counter.lang),
        send: person.send,
      }),
  };
}

/**
 * @param {PersonCtx} ctx
 * @returns {VElement}
 */
function personDialog(ctx) {
  const { screen } = ctx.state;
  const shown = screen !== "closed";
  return h(
    "dialog",
    {
      key: "person",
      class: "question person",
      modal: shown,
      "aria-labelledby": "person-title",
      onclose: (event) => !event.target.open && shown && ctx.send({ type: "close" }),
      onkeydown: (event) => onKey(ctx, event),
    },
    shown && (screen === "people" ? peopleScreen(ctx) : padScreen(ctx)),
  );
}

/**
 * @param {PersonCtx} ctx
 * @returns {VElement}
 */
function peopleScreen({ counter, state, t, send }) {
  const others = state.people?.filter(({ hasPin, username }) => hasPin && username !== counter.username);
  return h(
    "div",
    { key: "people", class: "person-screen" },
    h("h2", { id: "person-title", tabindex: -1, "data-first": others?.length ? null : "" }, t("pick")),
    others?.length === 0 && h("p", { key: "nobody", class: "warning" }, t("nobody")),
    others
      ? h(
          "div",
          { key: "names", class: "names" },
          others.map((person, index) =>
            h(
              "button",
              {
                key: person.username,
                type: "button",
                class: "secondary",
                "data-first": index === 0 ? "" : null,
                onclick: () => send({ type: "pick", person }),
              },
              person.name,
            ),
          ),
        )
      : h("p", { key: "loading", class: "empty", role: "status" }, t("loading")),
    h(
      "div",
      { key: "buttons", class: "actions" },
      h("button", { type: "button", class: "secondary", onclick: () => send({ type: "own" }) }, t("own")),
      h("button", { type: "button", class: "secondary", onclick: () => send({ type: "close" }) }, t("close")),
    ),
  );
}

/**
 * @param {PersonCtx} ctx
 * @returns {VElement}
 */
function padScreen(ctx) {
  const { state, t, send } = ctx;
  const { screen, picked, digits, waiting, trouble } = state;
  const own = screen === "own";
  return h(
    "form",
    { key: "pad", class: "person-screen", onsubmit: submits(() => send({ type: "enter" })) },
    h(
      "h2",
      { id: "person-title", tabindex: -1, "data-first": "" },
      own ? t("own") : t("pinOf", { name: picked?.name ?? "" }),
    ),
    own && h("p", { key: "hint", class: "fine" }, t("ownHint")),
    h(
      "p",
      { key: "typed", class: "pin-typed", role: "status", "aria-live": "polite" },
      h("span", { "aria-hidden": "true" }, "●".repeat(digits.length)),
      h("span", { class: "unseen" }, t("typed", { count: digits.length })),
    ),
    trouble && h("p", { key: "trouble", class: "warning", role: "alert" }, sentence(ctx, trouble)),
    h(
      "div",
      { key: "keys", class: "pin-keys" },
      DIGITS.map((digit) => padKey(ctx, digit)),
      h(
        "button",
        {
          key: "erase",
          type: "button",
          class: "secondary",
          "data-key": "erase",
          ...whenFree(waiting, () => send({ type: "erase" })),
        },
        t("erase"),
      ),
      padKey(ctx, "0"),
      h(
        "button",
        { key: "enter", type: "submit", class: "primary", "aria-disabled": waiting || !isPin(digits) ? "true" : null },
        t(waiting ? "busy" : own ? "save" : "enter"),
      ),
    ),
    h(
      "div",
      { key: "buttons", class: "actions" },
      h("button", { type: "button", class: "secondary", onclick: () => send({ type: "back" }) }, t("back")),
    ),
  );
}

/**
 * @param {PersonCtx} ctx
 * @param {string} digit
 * @returns {VElement}
 */
function padKey({ state, send }, digit) {
  return h(
    "button",
    {
      key: digit,
      type: "button",
      class: "secondary",
      "data-key": digit,
      ...whenFree(state.waiting, () => send({ type: "digit", digit })),
    },
    digit,
  );
}

/**
 * Digits count wherever the focus is, also before the pad is drawn; and after its keys were clicked, Enter still sends.
 *
 * @param {PersonCtx} ctx
 * @param {KeyboardEvent} event
 */
function onKey({ now, send }, event) {
  const { screen } = now();
  if ((screen !== "enter" && screen !== "own") || event.ctrlKey || event.metaKey || event.altKey) return;
  const onButton = event.target instanceof HTMLButtonElement && event.target.dataset.key === undefined;
  if (/^\d$/.test(event.key)) send({ type: "digit", digit: event.key });
  else if (event.key === "Backspace") send({ type: "erase" });
  else if (event.key === "Enter" && !onButton && !event.repeat) send({ type: "enter" });
  else return;
  event.preventDefault();
}

/**
 * @param {PersonCtx} ctx
 * @param {Trouble} trouble
 * @returns {Child}
 */
function sentence({ counter, t }, trouble) {
  if ("code" in trouble) return errorSentence(counter.lang, trouble.code, trouble.said);
  return t(trouble.key, trouble.key === "locked" ? { seconds: trouble.seconds } : {});
}
