// The members' hands: the staff API, and the PC's camera.

import { Refused, staffCall } from "../../shared/http.js";
import { freshId } from "../../shared/ids.js";
import { act, OfficeHands } from "../office/effects.js";
import { Camera } from "./camera.js";
import { requestOf } from "./state.js";

/** @import {Lent} from "../office/effects.js" */
/** @import {MemberForm, MembersEvent, MembersIntent, MembersMessage, MembersState, MoneyForm} from "./state.js" */

const PAGE = 50;

/** @type {Record<MoneyForm["kind"], "topped" | "corrected">} */
const SAID = { topup: "topped", correct: "corrected" };

/** @extends {OfficeHands<MembersState, MembersIntent | MembersEvent, MembersMessage>} */
export class MembersHands extends OfficeHands {
  /** @param {Lent<MembersState, MembersIntent | MembersEvent>} lent */
  constructor(lent) {
    super(lent);
    this.camera = new Camera({
      read: (picture) => this.decode(picture),
      found: (code) => this.found(code),
      missing: () => lent.send({ type: "camera", camera: "none" }),
    });
    /** What the camera saw last: sent again under its name where nothing was answered, it takes a use once. */
    this.seen = { code: "", opId: "" };
  }

  /** @param {MembersMessage} message */
  after(message) {
    if (message.type === "camera.turn") return this.turnCamera();
    super.after(message);
  }

  /** The view is left: nobody holds a phone up any more. */
  stop() {
    this.camera.stop();
    this.lent.send({ type: "camera", camera: "off" });
  }

  /**
   * @protected
   * @param {MembersMessage} message
   * @returns {(() => Promise<void>) | undefined}
   */
  asked(message) {
    switch (message.type) {
      case "look":
        return () => this.look();
      case "scan":
        return () => this.scan(message.code, message.id);
      case "history":
        return () => this.show(message.member.userId);
      case "renew":
        return () => this.renew(message.member.userId, message.member.name);
      case "go":
        return () => this.go();
    }
  }

  /** @protected */
  async look() {
    const search = encodeURIComponent(this.lent.state().search.trim());
    const { total, records } = await staffCall("GET", `/admin/member/page?page=1&pageSize=${PAGE}&name=${search}`);
    this.lent.send({ type: "found", found: { members: records, total } });
  }

  /**
   * @private
   * @param {string} code
   * @param {string} opId
   */
  async scan(code, opId) {
    const scan = await staffCall("POST", "/admin/member/scan", { code, opId });
    await this.look();
    this.lent.send({ type: "scanned", scan });
  }

  /**
   * @private
   * @param {number} userId
   */
  async show(userId) {
    this.lent.send({
      type: "open",
      form: { kind: "card", card: await staffCall("GET", `/admin/member/${userId}`), fields: {} },
    });
  }

  /**
   * @private
   * @param {number} userId
   * @param {string} name
   */
  async renew(userId, name) {
    this.lent.send({
      type: "open",
      form: { kind: "link", link: await staffCall("POST", `/admin/member/token/${userId}`), name, fields: {} },
    });
  }

  /** @private */
  async go() {
    const { form } = this.lent.state();
    if (form?.kind === "member") return this.save(form);
    if (form?.kind !== "topup" && form?.kind !== "correct") return;
    const [method, path, body] = requestOf(form);
    await staffCall(method, `/admin/${path}`, body);
    await this.look();
    this.lent.send({ type: "done", said: { key: SAID[form.kind], vars: { name: form.name } } });
  }

  /**
   * @private A new member takes the link along.
   * @param {MemberForm} form
   */
  async save(form) {
    const name = form.fields.name.trim();
    const [method, path, body] = requestOf(form);
    const link = await staffCall(method, `/admin/${path}`, body);
    await this.look();
    if (form.id) this.lent.send({ type: "done", said: { key: "saved", vars: { name } } });
    else
      this.lent.send({
        type: "done",
        said: { key: "added", vars: { name } },
        form: { kind: "link", link, name, fields: {} },
      });
  }

  /** @private */
  turnCamera() {
    if (this.lent.state().camera !== "on") return this.camera.stop();
    void this.camera.start(/** @type {HTMLVideoElement} */ (document.querySelector(".camera video")));
  }

  /**
   * @private Nothing in the picture yet, or the line is down: the page says that elsewhere.
   * @param {Blob} picture
   * @returns {Promise<string | null>}
   */
  async decode(picture) {
    try {
      return (await staffCall("POST", "/admin/member/decode", picture)).code;
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.camera.stop();
      return null;
    }
  }

  /**
   * @private
   * @param {string} code
   * @returns {Promise<boolean>} whether it was taken up
   */
  async found(code) {
    if (this.seen.code !== code) this.seen = { code, opId: freshId() };
    const { opId } = this.seen;
    const outcome = await act(this.lent, () => this.scan(code, opId));
    return outcome === "done" || outcome === "refused";
  }
}
