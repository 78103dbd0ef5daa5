// The hands of the dialog 换人.

import { Refused, staffCall } from "../../shared/http.js";

/** @import {Port} from "../views.js" */
/** @import {PersonMessage, PersonState} from "./state.js" */
/** @import {PersonKey} from "./words.js" */

/**
 * @typedef {object} Lent
 * @property {Port} port
 * @property {() => PersonState} state
 * @property {(message: PersonMessage) => void} send
 * @property {(key: PersonKey) => void} say
 */

export class PersonHands {
  /** @param {Lent} lent */
  constructor(lent) {
    this.lent = lent;
    /** Enter pressed twice is one request. */
    this.under = false;
  }

  /** @param {PersonMessage} message */
  after(message) {
    if (["open", "people", "pick", "own", "back"].includes(message.type)) this.focusFirst();
    if (message.type === "open") void this.fetchPeople();
    if (message.type === "enter" && this.lent.state().waiting && !this.under) void this.enter();
  }

  /** @private Whoever works by keyboard goes on where the next thing is done. */
  focusFirst() {
    window.requestAnimationFrame(() => {
      /** @type {HTMLElement | null} */ (document.querySelector("dialog.person [data-first]"))?.focus();
    });
  }

  /** @private */
  async fetchPeople() {
    const { port, send } = this.lent;
    try {
      send({ type: "people", people: await staffCall("GET", "/admin/employee/names") });
    } catch (error) {
      send({ type: "close" });
      port.failed(error);
    }
  }

  /** @private */
  async enter() {
    const { port, state, send, say } = this.lent;
    const { screen, picked, digits: pin } = state();
    this.under = true;
    try {
      if (screen === "own") await staffCall("PUT", "/admin/employee/pin", { pin });
      else await staffCall("POST", "/admin/employee/login", { username: picked?.username, pin });
      send({ type: "close" });
      if (screen === "own") say("ownSet");
      else await port.who();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) port.failed(error);
      else send({ type: "refused", ...port.reasonOf(error) });
    } finally {
      this.under = false;
    }
  }
}
