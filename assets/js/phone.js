// Entry point of /t/{code}: ties state, view and effects together. See ARCHITECTURE.md, "A browser page".

import { freshId } from "./shared/ids.js";
import { HTML_LANG, keepLang, readLang } from "./shared/i18n.js";
import { keep, recall } from "./shared/keep.js";
import { PhoneEffects } from "./phone/effects.js";
import { urgeWait } from "./phone/queries.js";
import { apply, firstState, readKept, toKeep } from "./phone/state.js";
import { render } from "./phone/view.js";

/** @import {Event, Intent, PhoneState} from "./phone/state.js" */

const NOTICE_MS = 6_000;

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
let state = firstState(readLang(), appOf(navigator.userAgent));
let drawing = 0;

const effects = new PhoneEffects(
  {
    state: () => state,
    dispatch: send,
    recallFor: (session) => readKept(recall(sessionStorage, `tablebell.seating.${session.seatingId}`)),
    leaveFor: (url) => location.assign(url),
  },
  decodeURIComponent(location.pathname.split("/")[2] ?? ""),
);

/**
 * The one way in, for taps and for what the server says.
 *
 * @param {Event | Intent} message
 */
function send(message) {
  const before = state;
  const stamped = { ...message, id: freshId(), at: Date.now() };
  state = apply(state, stamped);
  remember(before);
  draw();
  effects.after(stamped);
  if (message.type === "category.jump") jumpTo(message.categoryId);
  if (state.notice && state.notice !== before.notice) fade(state.notice.id);
}

/** @param {PhoneState} before */
function remember(before) {
  if (state.lang !== before.lang) keepLang(state.lang);
  if (!state.session) return;
  const now = toKeep(state);
  const then = toKeep(before);
  const same = Object.entries(now).every(([key, value]) => value === /** @type {any} */ (then)[key]);
  if (!same) keep(sessionStorage, `tablebell.seating.${state.session.seatingId}`, now);
}

/** At most one drawing a frame, however many messages came in it. */
function draw() {
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    document.documentElement.lang = HTML_LANG[state.lang];
    render(root, state, send);
  });
}

/** @param {string} notice */
function fade(notice) {
  window.setTimeout(() => send({ type: "notice.gone", notice }), NOTICE_MS);
}

/** @param {number} categoryId */
function jumpTo(categoryId) {
  document.getElementById(`category-${categoryId}`)?.scrollIntoView();
}

/** The category whose heading was last passed is the one in view. */
function watchScroll() {
  const passed = Array.from(root.querySelectorAll("section[data-category]")).filter(
    (section) => section.getBoundingClientRect().top <= window.innerHeight / 4,
  );
  const last = /** @type {HTMLElement | undefined} */ (passed.at(-1));
  const categoryId = Number(last?.dataset.category ?? 0);
  if (categoryId && categoryId !== state.category) send({ type: "category", categoryId });
}

window.addEventListener("scroll", () => requestAnimationFrame(watchScroll), { passive: true });
window.addEventListener("online", () => effects.kick());
window.addEventListener("pageshow", () => effects.kick());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") effects.kick();
});
window.setInterval(() => {
  if (ordersCountingDown()) send({ type: "clock" });
}, 1000);

/**
 * @param {string} agent
 * @returns {import("./phone/state.js").PhoneState["app"]}
 */
function appOf(agent) {
  if (/MicroMessenger/i.test(agent)) return "wechat";
  return /AlipayClient/i.test(agent) ? "alipay" : "browser";
}

/** @returns {boolean} whether a shown number changes by itself */
function ordersCountingDown() {
  return Object.keys(state.urgedAt).some((orderId) => urgeWait(state, Number(orderId)) > 0);
}

draw();
void effects.start();
