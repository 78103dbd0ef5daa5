// Hands for ordering: a diner's token of the table, then the cart as the phones have it. One change at a time, in order.

import { Refused, staffCall, storeCall } from "../../shared/http.js";
import { freshId } from "../../shared/ids.js";
import { Reads } from "../../shared/reads.js";
import { Stream } from "../../shared/stream.js";
import { chosenOptions, dishOf, missingGroup } from "./ordering-state.js";

/** @import {Session} from "../../types.js" */
/** @import {OrderingScreen} from "./ordering-state.js" */
/** @import {Room} from "./room-effects.js" */
/** @import {RoomMessage, Screen} from "./room-state.js" */

export class OrderingHands {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    /** @type {Stream | null} */
    this.stream = null;
    this.reads = new Reads({ menu: () => this.readMenu() }, () => {});
    /** What has been asked for, one after the other. @type {Promise<void>} */
    this.line = Promise.resolve();
  }

  /**
   * @param {RoomMessage} message
   * @param {Screen | null} before
   * @param {Screen | null} screen
   */
  after(message, before, screen) {
    if (screen?.kind !== "order") return this.stop();
    if (message.type === "show") return void this.begin(screen.tableId);
    const was = before?.kind === "order" ? before : null;
    switch (message.type) {
      case "add": {
        const dish = dishOf(screen, message.cuisineId);
        if (dish && !dish.soldOut && dish.options.length === 0)
          this.queue(() => this.add(screen, { cuisineId: dish.cuisineId, quantity: 1, options: [], remark: null }));
        return;
      }
      case "choice.go": {
        const choice = was?.choice;
        if (!choice || !was || missingGroup(was, choice)) return;
        const { cuisineId, quantity } = choice;
        return this.queue(() =>
          this.add(screen, {
            cuisineId,
            quantity,
            options: chosenOptions(was, choice),
            remark: message.remark || null,
          }),
        );
      }
      case "line":
        return this.queue(() => this.setLine(screen, message.lineId, message.quantity));
      case "go":
        return screen.waiting && !was?.waiting ? this.queue(() => this.submit()) : undefined;
      case "sold.out":
        return void this.tell(() => this.setSoldOut(screen, message.cuisineId, message.soldOut));
      case "stock":
        return void this.tell(() => this.setStock(message.cuisineId, message.left));
    }
  }

  /** Everything that is pushed, asked for until it is here; the cart comes with the stream. */
  async refresh() {
    await this.reads.renew("menu");
  }

  stop() {
    this.reads.stop();
    this.stream?.stop();
    this.stream = null;
  }

  /**
   * @private
   * @param {number} tableId
   */
  async begin(tableId) {
    this.stop();
    await this.tell(async () => {
      /** @type {Session & {token: string}} */
      const session = await staffCall("POST", `/admin/table/session/${tableId}`, {});
      const screen = this.screen();
      if (screen?.tableId !== tableId) return;
      this.room.send({ type: "session", session });
      await this.fetchMenu();
      this.listen(session);
      void this.room.port.tables();
    });
  }

  /**
   * @private
   * @param {Session & {token: string}} session
   */
  listen({ tableId, token }) {
    this.stop();
    if (this.screen()?.session?.token !== token) return;
    this.stream = new Stream({
      url: `/api/store/order/sse/${tableId}?token=${encodeURIComponent(token)}`,
      events: ["cart_update", "menu_update", "seating_closed", "seating_moved"],
      onEvent: (event, data) => {
        if (event === "cart_update") this.room.send({ type: "cart", cart: data });
        else if (event === "menu_update") void this.refresh();
        else this.room.send({ type: "show", screen: null });
      },
      onState: (online) => void (online && this.refresh()),
    });
    this.stream.start();
  }

  /** @private What is refused is an answer, too. */
  async readMenu() {
    try {
      await this.fetchMenu();
    } catch (error) {
      if (!(error instanceof Refused) || error.status >= 500) throw error;
    }
  }

  /** @private */
  async fetchMenu() {
    const session = this.screen()?.session;
    if (session)
      this.room.send({
        type: "menu",
        menu: await storeCall("GET", "/api/store/menu", undefined, undefined, session.token),
      });
  }

  /**
   * @private
   * @param {() => Promise<void>} run
   */
  queue(run) {
    this.line = this.line.then(() => this.tell(run));
  }

  /**
   * @private
   * @param {() => Promise<void>} run
   */
  async tell(run) {
    try {
      await run();
    } catch (error) {
      if (error instanceof Refused && error.code === "CART_CHANGED" && error.data)
        this.room.send({ type: "cart", cart: /** @type {any} */ (error.data) });
      if (error instanceof Refused && error.code === "UNAUTHORIZED") this.room.port.failed(error);
      else if (this.screen()) this.room.send({ type: "trouble", ...this.room.port.reasonOf(error) });
    }
  }

  /**
   * @private
   * @param {OrderingScreen} screen
   * @param {{cuisineId: number, quantity: number, options: import("../../types.js").ChosenOption[], remark: string | null}} item
   */
  async add({ tableId, session }, item) {
    await this.cart("POST", "/api/store/order/cart/add", { tableId: session?.tableId ?? tableId, ...item });
  }

  /**
   * @private
   * @param {OrderingScreen} screen
   * @param {number} lineId
   * @param {number} quantity 0 takes it away
   */
  async setLine({ tableId, session }, lineId, quantity) {
    await this.cart("PUT", "/api/store/order/cart/update", { tableId: session?.tableId ?? tableId, lineId, quantity });
  }

  /**
   * @private
   * @param {string} method
   * @param {string} path
   * @param {object} body
   */
  async cart(method, path, body) {
    const session = this.screen()?.session;
    if (!session) return;
    this.room.send({
      type: "cart",
      cart: await storeCall(method, path, { ...body, opId: freshId() }, undefined, session.token),
    });
  }

  /** @private As it stands here: whoever has added something meanwhile is seen before anything is ordered. */
  async submit() {
    const screen = this.screen();
    if (!screen?.session || !screen.cart) return;
    const { session, cart, remark } = screen;
    const body = { tableId: session.tableId, version: cart.version, remark: remark.trim(), opId: freshId() };
    const order = await storeCall("POST", "/api/store/order/submit", body, undefined, session.token);
    this.room.say("placed", { table: order.tableNumber, number: order.orderNumber });
    this.room.send({ type: "done" });
    this.room.send({ type: "show", screen: { kind: "table", tableId: session.tableId } });
    await this.room.port.tables();
  }

  /**
   * @private
   * @param {OrderingScreen} screen
   * @param {number} cuisineId
   * @param {boolean} soldOut
   */
  async setSoldOut(screen, cuisineId, soldOut) {
    const family = dishOf(screen, cuisineId)?.cuisineType === 2 ? "setmeal" : "dish";
    await staffCall("POST", `/admin/${family}/status/${soldOut ? 0 : 1}?id=${cuisineId}`);
    await this.fetchMenu();
  }

  /**
   * @private
   * @param {number} cuisineId
   * @param {number | null} left
   */
  async setStock(cuisineId, left) {
    await staffCall("PUT", `/admin/dish/stock/${cuisineId}`, { stock: left });
    await this.fetchMenu();
  }

  /**
   * @private
   * @returns {OrderingScreen | null}
   */
  screen() {
    const { screen } = this.room.state();
    return screen?.kind === "order" ? screen : null;
  }
}
