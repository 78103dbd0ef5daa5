// Members' cards as data: who is found, what is done to a card, and what was scanned last. Pure.

import { parseYuan, toYuan } from "../../shared/money.js";
import { applyOffice, IDLE } from "../office/state.js";

/** @import {MemberCard, MemberLink, MemberScan} from "../../types.js" */
/** @import {Office, OfficeEvent, OfficeIntent} from "../office/state.js" */
/** @import {MemberKey} from "./words.js" */

/** @typedef {Omit<MemberCard, "entries">} Member as a list has one */

/** @typedef {{kind: "member", id: number | null, fields: {name: string, phone: string, enabled: string}}} MemberForm enabled: empty = stopped */
/**
 * @typedef {object} MoneyForm what goes on a card, or off it again with what was paid for it
 * @property {"topup" | "correct"} kind
 * @property {number} id
 * @property {string} name whose card
 * @property {string} opId sent again under its name where nothing was answered: it is done once
 * @property {{amount: string, uses: string, paid: string, method: string, note: string}} fields
 */
/** @typedef {{kind: "card", card: MemberCard, fields: {}}} CardNote */
/** @typedef {{kind: "link", link: MemberLink, name: string, fields: {}}} LinkNote the link is shown once */
/** @typedef {MemberForm | MoneyForm | CardNote | LinkNote} MembersForm */

/** @typedef {"off" | "on" | "none"} CameraState none: there is no camera, or the page may not use it */
/** @typedef {{members: Member[], total: number}} Found */
/** @typedef {Office<MembersForm, MemberKey> & Found & {search: string, scan: MemberScan | null, camera: CameraState}} MembersState scan: the last one */

/**
 * @typedef {(
 *   | OfficeIntent<MembersForm> | {type: "search", search: string} | {type: "look"} | {type: "scan", code: string} | {type: "camera.turn"}
 *   | {type: "money", kind: MoneyForm["kind"], member: Member} | {type: "history", member: Member} | {type: "renew", member: Member}
 * )} MembersIntent
 */

/**
 * @typedef {(
 *   | OfficeEvent<MembersForm, MemberKey> | {type: "found", found: Found} | {type: "scanned", scan: MemberScan} | {type: "camera", camera: CameraState}
 * )} MembersEvent
 */

/** @typedef {(MembersIntent | MembersEvent) & {id: string}} MembersMessage */

/** @type {MembersState} */
export const FIRST_MEMBERS = { ...IDLE, search: "", members: [], total: 0, scan: null, camera: "off" };

/**
 * @param {MembersState} state
 * @param {MembersMessage} message
 * @returns {MembersState}
 */
export function applyMembers(state, message) {
  switch (message.type) {
    case "search":
      return { ...state, search: message.search };
    case "found":
      return { ...state, ...message.found };
    case "scanned":
      return { ...state, scan: message.scan };
    case "camera":
      return { ...state, camera: message.camera };
    case "camera.turn":
      return { ...state, camera: state.camera === "on" ? "off" : "on" };
    case "money":
      return { ...state, form: moneyForm(message.kind, message.member, message.id), said: null };
  }
  return applyOffice(state, message);
}

/**
 * @param {Member} [member]
 * @returns {MemberForm}
 */
export function memberForm(member) {
  const { userId = null, name = "", phone = "", enabled = true } = member ?? {};
  return { kind: "member", id: userId, fields: { name, phone, enabled: enabled ? "1" : "" } };
}

/**
 * @param {MoneyForm["kind"]} kind
 * @param {Member} member
 * @param {string} opId
 * @returns {MoneyForm}
 */
function moneyForm(kind, { userId, name }, opId) {
  return { kind, id: userId, name, opId, fields: { amount: "", uses: "", paid: "", method: "cash", note: "" } };
}

/**
 * What a filled-in form asks the daemon for.
 *
 * @param {MemberForm | MoneyForm} form
 * @returns {[method: "POST" | "PUT", path: string, body: object]} below /admin/
 */
export function requestOf(form) {
  switch (form.kind) {
    case "member": {
      const about = { name: form.fields.name.trim(), phone: form.fields.phone.trim() };
      return form.id
        ? ["PUT", "member", { userId: form.id, ...about, enabled: form.fields.enabled === "1" }]
        : ["POST", "member", about];
    }
    case "topup": {
      const {
        id: userId,
        opId,
        fields: { amount, uses, paid, method },
      } = form;
      return [
        "POST",
        "member/topup",
        { userId, uses: countOf(uses), amount: toYuan(fenOf(amount)), paid: toYuan(fenOf(paid)), method, opId },
      ];
    }
    case "correct": {
      const {
        id: userId,
        opId,
        fields: { amount, uses, paid, method, note },
      } = form;
      return [
        "POST",
        "member/topup",
        {
          userId,
          uses: off(countOf(uses)),
          amount: off(toYuan(fenOf(amount))),
          paid: off(toYuan(fenOf(paid))),
          method,
          note: note.trim(),
          opId,
        },
      ];
    }
  }
}

/**
 * @param {string} typed yuan
 * @returns {number} fen
 */
function fenOf(typed) {
  return parseYuan(typed) ?? 0;
}

/**
 * @param {string} typed
 * @returns {number}
 */
function countOf(typed) {
  return Number(typed.trim() || 0);
}

/**
 * @param {number} amount
 * @returns {number} as much less; nothing less is no negative zero
 */
function off(amount) {
  return -amount || 0;
}
