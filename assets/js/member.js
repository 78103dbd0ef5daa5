// Entry point of /member: ties state, view and effects together. See ARCHITECTURE.md, "A browser page".

import { Bell } from "./member/bell.js";
import { MemberEffects } from "./member/effects.js";
import { apply, firstState } from "./member/state.js";
import { render } from "./member/view.js";
import { keepLang, markLang, readLang } from "./shared/i18n.js";
import { keep, recall } from "./shared/keep.js";

/** @import {Event, Intent} from "./member/state.js" */

const SEEN_KEY = "tablebell.member.seen";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const bell = new Bell();
let state = firstState(readLang(), Number(recall(localStorage, SEEN_KEY)) || 0);
markLang(state.lang);
let drawing = 0;

const token = location.hash.slice(1);
// The token goes into a cookie that no script reads; nobody should find it in the address, or pass it on by mistake.
if (token) history.replaceState(null, "", location.pathname);
const effects = new MemberEffects({ state: () => state, dispatch: send }, token);

/**
 * The one way in, for taps and for what the server says.
 *
 * @param {Event | Intent} message
 */
function send(message) {
  const before = state;
  const stamped = { ...message, at: Date.now() };
  state = apply(state, stamped);
  if (state.lang !== before.lang) keepLang(state.lang);
  if (state.seen !== before.seen) keep(localStorage, SEEN_KEY, state.seen);
  if (state.result && state.result !== before.result) bell.ring(state.result.status === 0 ? "good" : "bad");
  if (message.type === "sound.on") void bell.unlock().then((on) => send({ type: "sound", on }));
  draw();
  effects.after(stamped);
}

/** At most one drawing a frame, however many messages came in it. */
function draw() {
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    markLang(state.lang);
    render(root, state, send);
  });
}

window.addEventListener("online", () => effects.kick());
document.addEventListener("pointerdown", () => effects.touch(), { capture: true, passive: true });
window.addEventListener("offline", () => send({ type: "reach", reachable: false }));
window.addEventListener("pageshow", () => effects.kick());
// The same link opened again in this page: another member's, or a new one.
window.addEventListener("hashchange", () => location.reload());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") effects.kick();
});
window.setInterval(() => {
  if (state.phase === "ready" && document.visibilityState === "visible") send({ type: "clock" });
}, 1000);

draw();
void effects.start();
