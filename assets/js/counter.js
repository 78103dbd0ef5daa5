// Entry point of /counter: ties state, view, effects and the bell together. See ARCHITECTURE.md, "A browser page".

import { pageTitle } from "./counter/alarm-view.js";
import { Chime } from "./counter/chime.js";
import { CounterEffects, reasonOf } from "./counter/effects.js";
import { ringDue } from "./counter/ring-state.js";
import { apply, firstState } from "./counter/state.js";
import { render } from "./counter/view.js";
import { Views } from "./counter/views.js";
import { keepLang, markLang, readLang } from "./shared/i18n.js";
import { freshId } from "./shared/ids.js";
import { keep, recall } from "./shared/keep.js";

/** @import {Login} from "./counter/effects.js" */
/** @import {Event, Intent} from "./counter/state.js" */

const NOTICE_MS = 6_000;
const SOUND_KEY = "tablebell.counter.sound";
const SIGNED_IN_KEY = "tablebell.counter.signedIn";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
let state = firstState(readLang());
markLang(state.lang);
let drawing = 0;
let soundWanted = recall(localStorage, SOUND_KEY) !== false;

const chime = new Chime((sounding) => {
  if (soundWanted) send({ type: "sound", sound: sounding ? "on" : "blocked" });
});
const views = new Views({
  state: () => state,
  send,
  draw,
  tables: () => effects.fetchTables(),
  who: () => effects.who(),
  reasonOf,
  quietly: (run) => effects.quietly(run),
  failed: (error) => effects.failed(error),
});
const effects = new CounterEffects({
  state: () => state,
  dispatch: send,
  remember: (login) => keep(localStorage, SIGNED_IN_KEY, login ?? undefined),
  remembered,
  view: () => views.current(),
});

/**
 * The one way in, for taps and for what the daemon says.
 *
 * @param {Event | Intent} message
 */
function send(message) {
  const before = state;
  const stamped = { ...message, id: freshId(), at: Date.now() };
  state = apply(state, stamped);
  if (state.lang !== before.lang) keepLang(state.lang);
  draw();
  // Not a part of the drawing either: it is what can be seen of a tab in the background.
  const title = pageTitle(state);
  if (document.title !== title) document.title = title;
  if (message.type === "sound.on" || message.type === "login") void soundOn();
  if (message.type === "sound.off") soundOff();
  if (message.type === "person") void views.changePerson();
  ring();
  views.follow();
  effects.after(stamped);
  if (state.notice && state.notice !== before.notice) fade(state.notice.id);
}

/** @returns {Login | null} */
function remembered() {
  const kept = recall(localStorage, SIGNED_IN_KEY);
  // Earlier pages kept `true`.
  return kept ? { role: /** @type {Login} */ (kept).role } : null;
}

/** Never waits for a drawing: a tab in the background is not drawn, and must ring all the same. */
function ring() {
  const due = ringDue(state);
  if (due && chime.ring(due.type)) send({ type: "rung" });
}

async function soundOn() {
  soundWanted = true;
  keep(localStorage, SOUND_KEY, true);
  send({ type: "sound", sound: (await chime.unlock()) ? "on" : "blocked" });
}

function soundOff() {
  soundWanted = false;
  keep(localStorage, SOUND_KEY, false);
  void chime.mute();
  send({ type: "sound", sound: "off" });
}

/** At most one drawing a frame, however many messages came in it. */
function draw() {
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    markLang(state.lang);
    render(root, state, send, views);
  });
}

/** Back and forward go through the views, and a reload stays in its own. */
function followAddress() {
  send({ type: "view", view: location.hash.slice(1) });
}

/** @param {string} notice */
function fade(notice) {
  window.setTimeout(() => send({ type: "notice.gone", notice }), NOTICE_MS);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const typing =
    (event.target instanceof HTMLElement && event.target.matches("input, select, textarea")) ||
    document.querySelector("dialog[open]") !== null;
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !event.repeat;
  if (event.key.toLowerCase() === "a" && plain && !typing && state.phase === "ready") send({ type: "ack.oldest" });
}

/** After a reload the first touch of the page, whatever it is for, brings the sound back: nobody has to remember to. */
function onGesture() {
  if (soundWanted && state.sound !== "on") void soundOn();
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", onGesture);
window.addEventListener("hashchange", followAddress);
window.addEventListener("online", () => effects.kick());
document.addEventListener("pointerdown", () => effects.touch(), { capture: true, passive: true });
window.addEventListener("pageshow", () => effects.kick());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") effects.kick();
});
window.setInterval(() => send({ type: "clock" }), 1000);

followAddress();
// Some browsers allow it at once; the others with the first touch, see onGesture.
if (soundWanted && remembered()) {
  send({ type: "sound", sound: "blocked" });
  void soundOn();
}
void effects.start();
