// The counter's views: what stands beside the alerts, one at a time, each at an address of its own (#room, #orders, …). A new one is a
// line in `VIEWS`, its name in words.js, and a file `<id>/view.js` that exports `open(port)`. It is fetched when it is first looked at,
// keeps its state to itself (keeper.js), and ends with the login.

import { may } from "./parts.js";
import { ticketsIn } from "./state.js";

/** @import {VElement} from "../shared/dom.js" */
/** @import {Ctx} from "./parts.js" */
/** @import {CounterState, Event, Intent} from "./state.js" */
/** @import {CounterKey} from "./words.js" */

/**
 * @typedef {object} ViewEntry
 * @property {string} id its address, after the #
 * @property {CounterKey} name
 * @property {string} needs the route without which it is of no use, as in permission.rs; who may not use it is not shown the view
 * @property {(state: CounterState) => number} [waiting] how much in it waits for somebody
 * @property {() => Promise<{open: (port: Port) => OpenView}>} load
 */

/**
 * @typedef {object} OpenView
 * @property {(ctx: Ctx) => (VElement | false | null)[]} render its regions
 * @property {(ctx: Ctx) => (VElement | false | null)[]} [dialogs] over everything, for as long as the view is shown
 * @property {() => void} [enter] each time it comes into view
 * @property {() => void} [leave]
 * @property {() => unknown} [refresh] after a reconnect, and now and then, while it is shown
 * @property {(event: string, data: any) => void} [receive] of the backstage stream, while it is shown
 */

/**
 * @typedef {object} Port what the shell lends a view
 * @property {() => CounterState} state
 * @property {(message: Event | Intent) => void} send to the shell
 * @property {() => void} draw
 * @property {(run: () => Promise<void>) => Promise<void>} quietly a background request: the connection's state already tells
 * @property {() => Promise<void>} tables asks for the list of tables anew
 * @property {() => Promise<void>} who asks anew whose page this is
 * @property {(error: unknown) => {code: string, said: string}} reasonOf what to say of a failure
 * @property {(error: unknown) => void} failed a tap's failure: said aloud, and a login that is over ends here
 */

/**
 * @typedef {object} Aside a dialog of its own over any view, fetched when it is first asked for
 * @property {() => void} enter
 * @property {() => void} leave
 * @property {(ctx: Ctx) => VElement} dialog
 */

/** @type {() => Promise<{open: (port: Port) => Aside}>} */
const loadPerson = () => import("./person/view.js");

/** @type {ViewEntry[]} */
export const VIEWS = [
  { id: "room", name: "room", needs: "GET table/list", waiting: callsOf, load: () => import("./room/view.js") },
  {
    id: "orders",
    name: "orders",
    needs: "GET order/conditionSearch",
    waiting: (state) => ticketsIn(state, [2], "oldest").length,
    load: () => import("./orders/view.js"),
  },
  { id: "members", name: "members", needs: "GET member/page", load: () => import("./members/view.js") },
  { id: "menu", name: "menu", needs: "POST dish", load: () => import("./menu/view.js") },
  { id: "staff", name: "staff", needs: "GET employee/page", load: () => import("./staff/view.js") },
  { id: "day", name: "day", needs: "GET day/*", load: () => import("./day/view.js") },
  { id: "books", name: "books", needs: "GET payment/ledger", load: () => import("./books/view.js") },
];

/**
 * @param {CounterState} state
 * @returns {number} tables that call
 */
function callsOf({ tables }) {
  return tables.filter((table) => table.calls.length > 0).length;
}

/**
 * @param {CounterState} state
 * @returns {ViewEntry[]} those that whoever is logged in may use
 */
export function viewsFor(state) {
  return VIEWS.filter((view) => may(state, view.needs));
}

/**
 * @param {CounterState} state
 * @returns {ViewEntry | undefined} the one that is wanted, or the first there is
 */
export function viewOf(state) {
  const views = viewsFor(state);
  return views.find((view) => view.id === state.view) ?? views[0];
}

export class Views {
  /** @param {Port} port */
  constructor(port) {
    this.port = port;
    /** @type {Map<string, OpenView>} */
    this.opened = new Map();
    /** @type {string | null} */
    this.shown = null;
    /** One that could not be fetched. @type {string | null} */
    this.missing = null;
    /** Counts the persons, as in the state. */
    this.shift = 0;
    /** @type {Aside | null} */
    this.person = null;
  }

  /** @returns {OpenView | undefined} undefined while it is on its way */
  current() {
    return this.shown === null ? undefined : this.opened.get(this.shown);
  }

  /** Follows the state: called after every message, does something when another view is wanted. */
  follow() {
    const state = this.port.state();
    if (state.phase !== "ready") return this.close();
    if (state.shift !== this.shift) {
      this.shift = state.shift;
      this.close();
    }
    const wanted = viewOf(state);
    if (wanted && wanted.id !== this.shown) void this.show(wanted);
  }

  /** 换人: another person goes on with this page. */
  async changePerson() {
    try {
      const { open } = await loadPerson();
      this.person ??= open(this.port);
      this.person.enter();
    } catch (error) {
      this.port.failed(error);
    }
  }

  /**
   * @private
   * @param {ViewEntry} entry
   */
  async show(entry) {
    const left = this.current();
    this.shown = entry.id;
    this.missing = null;
    left?.leave?.();
    const { opened } = this;
    try {
      const { open } = await entry.load();
      if (opened !== this.opened) return;
      if (!opened.has(entry.id)) opened.set(entry.id, open(this.port));
      if (this.shown === entry.id) opened.get(entry.id)?.enter?.();
    } catch {
      this.missing = entry.id;
    }
    this.port.draw();
  }

  /** @private The next to log in finds nothing of the last one's. */
  close() {
    if (this.shown === null) return;
    const left = this.current();
    this.shown = null;
    this.opened = new Map();
    left?.leave?.();
    this.person?.leave();
  }
}
