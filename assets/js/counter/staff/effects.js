// The staff view's hands.

import { staffCall } from "../../shared/http.js";
import { OfficeHands } from "../office/effects.js";
import { may } from "../parts.js";
import { DEEDS_PAGE, requestOf, saidOf } from "./state.js";

/** @import {Person} from "../../types.js" */
/** @import {Deeds, StaffEvent, StaffIntent, StaffMessage, StaffState} from "./state.js" */

/** @extends {OfficeHands<StaffState, StaffIntent | StaffEvent, StaffMessage>} */
export class StaffHands extends OfficeHands {
  /**
   * @protected
   * @param {StaffMessage} message
   * @returns {(() => Promise<void>) | undefined}
   */
  asked(message) {
    switch (message.type) {
      case "turn":
        return async () => this.told(await this.readDeeds(message.page));
      case "employ":
        return () => this.employ(message.person, message.on);
      case "go":
        return () => this.go();
    }
  }

  /** @protected Who is here and what was done, of now. */
  async look() {
    const { records } = await staffCall("GET", "/admin/employee/page?page=1&pageSize=100");
    const deeds = await this.readDeeds(this.lent.state().page);
    this.lent.send({ type: "people", people: records });
    this.told(deeds);
  }

  /**
   * @private
   * @param {number} page
   * @returns {Promise<Deeds | null>} null for whoever may not read them
   */
  async readDeeds(page) {
    if (!may(this.lent.port.state(), "GET audit")) return null;
    const { total, records } = await staffCall("GET", `/admin/audit?page=${page}&pageSize=${DEEDS_PAGE}`);
    return { deeds: records, deedCount: total, page };
  }

  /**
   * @private
   * @param {Deeds | null} deeds
   */
  told(deeds) {
    if (deeds) this.lent.send({ type: "deeds", deeds });
  }

  /**
   * @private
   * @param {Person} person
   * @param {boolean} on
   */
  async employ({ id, name }, on) {
    await staffCall("POST", `/admin/employee/status/${on ? 1 : 0}?id=${id}`);
    await this.look();
    this.lent.send({ type: "done", said: { key: on ? "started" : "stopped", vars: { name } } });
  }

  /** @private */
  async go() {
    const { form } = this.lent.state();
    if (!form) return;
    const [method, path, body] = requestOf(form);
    await staffCall(method, `/admin/employee${path}`, body);
    await this.look();
    this.lent.send({ type: "done", said: saidOf(form) });
  }
}
