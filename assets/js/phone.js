// Entry point of /t/{code}: ties state, view and effects together. See ARCHITECTURE.md, "A browser page".

import { PhoneEffects } from "./phone/effects.js";
import { callWait, urgeWait } from "./phone/queries.js";
import { apply, firstState, readKept, toKeep } from "./phone/state.js";
import { render } from "./phone/view.js";
import { keepLang, markLang, readLang } from "./shared/i18n.js";
import { freshId } from "./shared/ids.js";
import { keep, recall } from "./shared/keep.js";

/** @import {Event, Intent, PhoneState} from "./phone/state.js" */
/** @import {Stage} from "./phone/view.js" */

const NOTICE_MS = 6_000;
/** Where this phone sits: the same for all pages of this browser. */
const PRESENT_KEY = "tablebell.present";
/** More than the largest phone shows at once: these are drawn first. */
const FIRST_DISHES = 8;
/** The others follow in portions that a slow phone draws between two touches. */
const DISHES_A_TIME = 8;
const RETRY_SHEETS_MS = 1_500;

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
let state = firstState(readLang(), appOf(navigator.userAgent));
markLang(state.lang);
let drawing = 0;
/** @type {Stage} */
const stage = { dishes: FIRST_DISHES, sheets: null };

const effects = new PhoneEffects(
  {
    state: () => state,
    dispatch: send,
    recallFor: (session) => readKept(recall(sessionStorage, `tablebell.seating.${session.seatingId}`)),
    sit: (present) => keep(localStorage, PRESENT_KEY, present ?? undefined),
    present,
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
    markLang(state.lang);
    render(root, state, send, stage);
    for (const section of root.querySelectorAll("section[data-category]")) watch.observe(section);
    if (state.phase === "ready" && state.menu) furnish();
  });
}

let furnishing = false;

/** The first dishes are on the screen: now for the rest of the page. */
function furnish() {
  if (furnishing) return;
  furnishing = true;
  requestAnimationFrame(() =>
    window.setTimeout(() => {
      void fetchSheets();
      drawMore();
    }),
  );
}

async function fetchSheets() {
  try {
    stage.sheets = (await import("./phone/sheets.js")).sheets;
    draw();
  } catch {
    window.setTimeout(fetchSheets, RETRY_SHEETS_MS);
  }
}

function drawMore() {
  const all = state.menu?.categories.reduce((sum, category) => sum + category.cuisines.length, 0) ?? 0;
  if (stage.dishes >= all) stage.dishes = Infinity;
  else {
    stage.dishes += DISHES_A_TIME;
    window.setTimeout(() => requestAnimationFrame(drawMore));
  }
  draw();
}

/** @param {string} notice */
function fade(notice) {
  window.setTimeout(() => send({ type: "notice.gone", notice }), NOTICE_MS);
}

/** @param {number} categoryId */
function jumpTo(categoryId) {
  requestAnimationFrame(() =>
    document.getElementById(`category-${categoryId}`)?.scrollIntoView({ behavior: "instant" }),
  );
}

/** The category in view is the one at a quarter of the screen's height. The browser tells when another one comes there: nothing runs as a list is flung. */
const watch = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      const categoryId = Number(/** @type {HTMLElement} */ (target).dataset.category);
      if (isIntersecting && categoryId !== state.category) send({ type: "category", categoryId });
    }
  },
  { rootMargin: "-25% 0px -74% 0px" },
);

/** @returns {import("./phone/effects.js").Present | null} */
function present() {
  const kept = /** @type {any} */ (recall(localStorage, PRESENT_KEY));
  return typeof kept?.code === "string" && typeof kept.userId === "number" ? kept : null;
}

window.addEventListener("storage", () => effects.checkSeat());
window.addEventListener("online", () => effects.kick());
window.addEventListener("pageshow", (event) => {
  // As it was left, out of the browser's memory.
  if (event.persisted) effects.kick();
});
for (const touch of ["pointerdown", "keydown"])
  document.addEventListener(touch, () => effects.touch(), { capture: true, passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") effects.kick();
});
window.setInterval(() => {
  if (isCountingDown()) send({ type: "clock" });
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
function isCountingDown() {
  const called = callWait(state, "waiter") > 0 || callWait(state, "bill") > 0;
  return called || Object.keys(state.urgedAt).some((orderId) => urgeWait(state, Number(orderId)) > 0);
}

draw();
void effects.start();
