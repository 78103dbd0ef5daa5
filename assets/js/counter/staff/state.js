// Who works here and what was done, as data. Pure.

import { applyOffice, IDLE } from "../office/state.js";

/** @import {Deed, Person} from "../../types.js" */
/** @import {Office, OfficeEvent, OfficeIntent} from "../office/state.js" */
/** @import {StaffKey} from "./words.js" */

/** @typedef {{kind: "person", id: number | null, fields: {name: string, username: string, phone: string, role: string}}} PersonForm */
/** @typedef {{kind: "password" | "pin", id: number, name: string, fields: {secret: string}}} SecretForm a new one of somebody; kept no longer than the dialog is open */
/** @typedef {PersonForm | SecretForm} StaffForm */

/** @typedef {{deeds: Deed[], deedCount: number, page: number}} Deeds */
/** @typedef {Office<StaffForm, StaffKey> & {people: Person[]} & Deeds} StaffState */

/** @typedef {OfficeIntent<StaffForm> | {type: "turn", page: number} | {type: "employ", person: Person, on: boolean}} StaffIntent */
/** @typedef {OfficeEvent<StaffForm, StaffKey> | {type: "people", people: Person[]} | {type: "deeds", deeds: Deeds}} StaffEvent */
/** @typedef {StaffIntent | StaffEvent} StaffMessage */

/** @type {StaffState} */
export const FIRST_STAFF = { ...IDLE, people: [], deeds: [], deedCount: 0, page: 1 };

export const DEEDS_PAGE = 50;

/**
 * @param {StaffState} state
 * @param {StaffMessage} message
 * @returns {StaffState}
 */
export function applyStaff(state, message) {
  switch (message.type) {
    case "people":
      return { ...state, people: message.people };
    case "deeds":
      return { ...state, ...message.deeds };
  }
  return applyOffice(state, message);
}

/**
 * @param {Person} [person]
 * @returns {PersonForm}
 */
export function personForm(person) {
  const { id = null, name = "", username = "", phone = "", role = "waiter" } = person ?? {};
  return { kind: "person", id, fields: { name, username, phone, role } };
}

/**
 * @param {SecretForm["kind"]} kind
 * @param {Person} person
 * @returns {SecretForm}
 */
export function secretForm(kind, { id, name }) {
  return { kind, id, name, fields: { secret: "" } };
}

/**
 * What a filled-in form asks the daemon for.
 *
 * @param {StaffForm} form
 * @returns {[method: "POST" | "PUT", path: string, body: object]} below /admin/employee
 */
export function requestOf(form) {
  if (form.kind !== "person") return ["PUT", `/${form.kind}`, { id: form.id, [form.kind]: form.fields.secret.trim() }];
  const { name, username, phone, role } = form.fields;
  const person = { name: name.trim(), username: username.trim(), phone: phone.trim(), role };
  return form.id ? ["PUT", "", { id: form.id, ...person }] : ["POST", "", person];
}

/**
 * @param {StaffForm} form
 * @returns {{key: StaffKey, vars: {name: string}}} once it is done
 */
export function saidOf(form) {
  if (form.kind !== "person") return { key: form.kind === "pin" ? "pinSet" : "passwordSet", vars: { name: form.name } };
  return { key: form.id ? "saved" : "added", vars: { name: form.fields.name.trim() } };
}
