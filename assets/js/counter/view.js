// The counter page as a function of its state.

import { h, patch, whenFree } from "../shared/dom.js";
import { translator } from "../shared/i18n.js";
import { clock } from "../shared/time.js";
import { alarmBanner } from "./alarm-view.js";
import { alertsRegion } from "./alerts-view.js";
import { langButton, noticeRegion } from "./parts.js";
import { questionDialog } from "./question-view.js";
import { reviewsRegion } from "./reviews-view.js";
import { strips } from "./strips-view.js";
import { viewOf, viewsFor } from "./views.js";
import { waitingRegion } from "./waiting-view.js";
import { COUNTER_WORDS } from "./words.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {CounterState, Intent} from "./state.js" */
/** @import {ViewEntry, Views} from "./views.js" */

/**
 * @param {Element} root
 * @param {CounterState} state
 * @param {(intent: Intent) => void} send
 * @param {Views} views
 */
export function render(root, state, send, views) {
  const ctx = { state, send, t: translator(COUNTER_WORDS, state.lang) };
  const region = /** @type {HTMLElement | null | undefined} */ (document.activeElement?.closest("[data-region]"))
    ?.dataset.region;
  patch(
    root,
    state.phase === "ready" ? counterPage(ctx, views) : [state.phase === "login" ? loginPage(ctx) : checkingPage(ctx)],
  );
  if (region && document.activeElement === document.body) refocus(root, region);
}

/**
 * The focused button went away with its card: the next one in the same region takes over, or keyboard users start again at the top.
 *
 * @param {Element} root
 * @param {string} region
 */
function refocus(root, region) {
  const home = root.querySelector(`[data-region="${region}"]`) ?? root.querySelector('[data-region="alerts"]');
  const next = home?.querySelector("li button:not(:disabled)") ?? home?.querySelector("h2");
  /** @type {HTMLElement | null | undefined} */ (next)?.focus();
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function checkingPage(ctx) {
  const { state, t } = ctx;
  return h(
    "main",
    { key: "checking", class: "placard", role: "status", "aria-live": "polite" },
    h("span", { class: "bell", "aria-hidden": "true" }),
    h("h1", null, t(state.slow ? "checkingSlow" : "checking")),
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function loginPage(ctx) {
  const { state, t, send } = ctx;
  return h(
    "main",
    { key: "login", class: "placard" },
    h("span", { class: "bell", "aria-hidden": "true" }),
    h("h1", null, t("title")),
    h(
      "form",
      {
        class: "login",
        "aria-label": t("login"),
        onsubmit: (event) => {
          event.preventDefault();
          const form = new FormData(event.target);
          send({ type: "login", username: String(form.get("username")), password: String(form.get("password")) });
        },
      },
      h(
        "label",
        { class: "field" },
        t("username"),
        h("input", {
          name: "username",
          autocomplete: "username",
          required: true,
          autocapitalize: "none",
          spellcheck: "false",
        }),
      ),
      h(
        "label",
        { class: "field" },
        t("password"),
        h("input", { name: "password", type: "password", autocomplete: "current-password", required: true }),
      ),
      noticeRegion(ctx),
      h(
        "button",
        { key: "go", class: "primary wide", disabled: state.loggingIn },
        t(state.loggingIn ? "loginBusy" : "loginGo"),
      ),
    ),
    langButton(ctx),
  );
}

/**
 * @param {Ctx} ctx
 * @param {Views} views
 * @returns {VElement[]}
 */
function counterPage(ctx, views) {
  const alarm = alarmBanner(ctx);
  const shown = views.current();
  return [
    ...(alarm ? [alarm] : []),
    topBar(ctx),
    h("div", { key: "strips", class: "strips" }, strips(ctx)),
    h(
      "main",
      { key: "floor", class: "floor" },
      h("div", { key: "calls", class: "region calls" }, waitingRegion(ctx), reviewsRegion(ctx), alertsRegion(ctx)),
      h(
        "div",
        { key: `view-${views.shown}`, class: "view", "data-view": views.shown },
        shown ? shown.render(ctx) : onItsWay(ctx, views),
      ),
    ),
    ...(shown?.dialogs?.(ctx) ?? []).flatMap((dialog) => dialog || []),
    ...(views.person ? [views.person.dialog(ctx)] : []),
    questionDialog(ctx),
  ];
}

/**
 * @param {Ctx} ctx
 * @param {Views} views
 * @returns {VElement}
 */
function onItsWay({ t }, views) {
  if (views.missing === null) return h("p", { key: "loading", class: "empty", role: "status" }, t("loading"));
  return h(
    "p",
    { key: "missing", class: "empty", role: "alert" },
    t("viewMissing"),
    h("br", null),
    h("button", { type: "button", class: "primary", onclick: () => location.reload() }, t("reload")),
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function navigation(ctx) {
  const shown = viewOf(ctx.state);
  return h(
    "nav",
    { key: "nav", class: "views", "aria-label": ctx.t("views") },
    viewsFor(ctx.state).map((view) => viewLink(ctx, view, view === shown)),
  );
}

/**
 * @param {Ctx} ctx
 * @param {ViewEntry} view
 * @param {boolean} shown
 * @returns {VElement}
 */
function viewLink({ state, t }, { id, name, waiting }, shown) {
  const count = waiting?.(state) ?? 0;
  return h(
    "a",
    { key: id, href: `#${id}`, "aria-current": shown ? "page" : null },
    t(name),
    count > 0 && h("span", { class: "badge", "aria-label": t("viewWaiting", { count }) }, count),
  );
}

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
function topBar(ctx) {
  const { state, t, send } = ctx;
  const up = Number(state.link.phase === "online") + Number(state.stream);
  // "Online" is a promise: all that is shown is as it is now.
  const well = up === 2 && state.fresh;
  return h(
    "header",
    { key: "top", class: "top" },
    h("h1", null, t("title")),
    h("span", { class: "wall-clock" }, state.now ? clock(new Date(state.now).toISOString()) : ""),
    h(
      "span",
      { class: `chip ${well ? "link-up" : "link-down"}`, role: "status", "aria-live": "polite" },
      t(well ? "online" : up === 2 ? "updating" : up === 1 ? "partly" : "offline"),
    ),
    navigation(ctx),
    noticeRegion(ctx),
    state.sound === "on" &&
      h(
        "button",
        {
          key: "mute",
          type: "button",
          class: "quiet",
          "aria-label": t("soundMute"),
          onclick: () => send({ type: "sound.off" }),
        },
        t("soundOn"),
      ),
    state.open !== null &&
      h(
        "button",
        {
          key: "shop",
          type: "button",
          role: "switch",
          class: state.open ? "shop open" : "shop",
          "aria-checked": String(state.open),
          ...whenFree(state.busy.includes("shop"), () => send({ type: "shop.set", open: !state.open })),
        },
        t(state.open ? "shopOpen" : "shopClosed"),
      ),
    langButton(ctx),
    state.name && h("span", { key: "who", class: "who", title: state.name }, state.name),
    h(
      "button",
      { key: "person", type: "button", class: "quiet", onclick: () => send({ type: "person" }) },
      t("person"),
    ),
    h("button", { key: "out", type: "button", class: "quiet", onclick: () => send({ type: "logout" }) }, t("logout")),
  );
}
