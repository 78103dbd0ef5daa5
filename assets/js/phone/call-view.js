import { h, whenFree } from "../shared/dom.js";
import { dialog, noticeRegion } from "./parts.js";
import { callWait } from "./queries.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {Call} from "./state.js" */

/**
 * @param {Ctx} ctx
 * @returns {VElement}
 */
export function callSheet(ctx) {
  const { state, t } = ctx;
  const open = state.sheet === "call";
  return dialog(
    ctx,
    { name: "call", open, title: t("callTitle"), close: { type: "sheet", sheet: null } },
    !open
      ? []
      : [
          noticeRegion(ctx, true),
          h(
            "div",
            { class: "ways" },
            callButton(ctx, "waiter", "primary wide"),
            callButton(ctx, "bill", "secondary wide"),
          ),
          h("p", { class: "fine" }, t("callHint")),
        ],
  );
}

/**
 * @param {Ctx} ctx
 * @param {Call} what
 * @param {string} look
 * @returns {VElement} it counts down the minute in which a second call would ring nobody
 */
export function callButton({ state, t, send }, what, look) {
  const wait = callWait(state, what);
  const busy = state.calling.includes(what);
  const said = wait > 0 ? t("calledWait", { seconds: wait }) : t(what === "bill" ? "callBill" : "callWaiter");
  return h(
    "button",
    {
      key: `call-${what}`,
      type: "button",
      class: look,
      "data-call": what,
      ...whenFree(busy || wait > 0, () => send({ type: "call", what })),
    },
    busy ? t("calling") : said,
  );
}
