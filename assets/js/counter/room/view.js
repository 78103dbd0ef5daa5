// 房间: the map of tables, and one dialog for whatever is done with one of them.

import { h } from "../../shared/dom.js";
import { translator } from "../../shared/i18n.js";
import { keeper } from "../keeper.js";
import { billScreen } from "./bill-view.js";
import { mapRegion } from "./map-view.js";
import { orderingScreen } from "./ordering-view.js";
import { tableOf } from "./parts.js";
import { RoomHands } from "./room-effects.js";
import { applyRoom, FIRST_ROOM } from "./room-state.js";
import { formScreen, tableScreen } from "./table-view.js";
import { ROOM_WORDS } from "./words.js";

/** @import {Child, VElement} from "../../shared/dom.js" */
/** @import {Kept} from "../keeper.js" */
/** @import {Ctx} from "../parts.js" */
/** @import {OpenView, Port} from "../views.js" */
/** @import {RoomCtx} from "./parts.js" */
/** @import {RoomEvent, RoomIntent, RoomState, Screen} from "./room-state.js" */

/** Whatever the stream tells of these may have changed a bill. */
const BILL_EVENTS = ["order_update", "table_update", "bill_update"];

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open(port) {
  const say = (/** @type {string} */ text) => port.send({ type: "said", text: { plain: text } });
  /** @type {Kept<RoomState, RoomIntent | RoomEvent>} */
  const room = keeper(FIRST_ROOM, applyRoom, (message) => hands.after(message), port.draw);
  const hands = new RoomHands({
    port,
    state: room.state,
    send: room.send,
    say: (key, vars) => say(translator(ROOM_WORDS, port.state().lang)(key, vars)),
    numberOf: (tableId) => port.state().tables.find((table) => table.tableId === tableId)?.tableNumber ?? "",
  });
  const within = (/** @type {Ctx} */ ctx) =>
    /** @type {RoomCtx} */ ({
      counter: ctx.state,
      state: room.state(),
      t: translator(ROOM_WORDS, ctx.state.lang),
      send: room.send,
      tell: ctx.send,
    });
  return {
    render: (ctx) => [mapRegion(within(ctx))],
    dialogs: (ctx) => [roomDialog(within(ctx))],
    leave: () => hands.stop(),
    refresh: () => hands.refresh(),
    receive: (event) => {
      if (BILL_EVENTS.includes(event)) void hands.refresh();
    },
  };
}

/**
 * @param {RoomCtx} ctx
 * @returns {VElement}
 */
function roomDialog(ctx) {
  const { screen } = ctx.state;
  return h(
    "dialog",
    {
      key: "room",
      class: `room-dialog is-${screen?.kind ?? "none"}`,
      modal: Boolean(screen),
      "aria-labelledby": "room-dialog-title",
      onclose: (event) => !event.target.open && ctx.state.screen && ctx.send({ type: "show", screen: null }),
    },
    screen && h("div", { key: `${screen.kind} ${screen.tableId}`, class: "room-screen" }, screenView(ctx, screen)),
  );
}

/**
 * @param {RoomCtx} ctx
 * @param {Screen} screen
 * @returns {Child}
 */
function screenView(ctx, screen) {
  switch (screen.kind) {
    case "table": {
      const table = tableOf(ctx, screen.tableId);
      return table && tableScreen(ctx, table);
    }
    case "bill":
      return billScreen(ctx, screen);
    case "order":
      return orderingScreen(ctx, screen);
    default:
      return formScreen(ctx, screen);
  }
}
