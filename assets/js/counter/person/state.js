// The dialog 换人 as data: who has a PIN, who was picked, and the digits pressed so far. Pure.

/** @import {PersonName} from "../../types.js" */

/** @typedef {{key: "wrongPin"} | {key: "locked", seconds: string} | {code: string, said: string}} Trouble */

/**
 * @typedef {object} PersonState
 * @property {"closed" | "people" | "enter" | "own"} screen enter: the PIN of whoever was picked; own: a new one of whoever is logged in
 * @property {PersonName[] | null} people who can come in; null = not known yet
 * @property {PersonName | null} picked
 * @property {string} digits pressed so far; forgotten as soon as the daemon has answered, and with the screen
 * @property {boolean} waiting for the daemon to answer
 * @property {Trouble | null} trouble
 */

/**
 * @typedef {(
 *   | {type: "open"} | {type: "close"} | {type: "people", people: PersonName[]} | {type: "pick", person: PersonName} | {type: "own"} | {type: "back"}
 *   | {type: "digit", digit: string} | {type: "erase"} | {type: "enter"} | {type: "refused", code: string, said: string}
 * )} PersonMessage
 */

const SHORTEST_PIN = 4;
const LONGEST_PIN = 6;

/** @type {PersonState} */
export const CLOSED = { screen: "closed", people: null, picked: null, digits: "", waiting: false, trouble: null };

/**
 * @param {PersonState} state
 * @param {PersonMessage} message
 * @returns {PersonState}
 */
export function applyPerson(state, message) {
  switch (message.type) {
    case "open":
      return { ...CLOSED, screen: "people" };
    case "close":
      return CLOSED;
    case "people":
      return { ...state, people: message.people };
    case "pick":
      return { ...CLOSED, screen: "enter", people: state.people, picked: message.person };
    case "own":
      return { ...CLOSED, screen: "own", people: state.people };
    case "back":
      return { ...CLOSED, screen: "people", people: state.people };
    case "digit":
      return withDigits(state, (state.digits + message.digit).slice(0, LONGEST_PIN));
    case "erase":
      return withDigits(state, state.digits.slice(0, -1));
    case "enter":
      return isPin(state.digits) ? { ...state, waiting: true, trouble: null } : state;
    case "refused":
      return state.waiting ? { ...state, digits: "", waiting: false, trouble: troubleOf(message) } : state;
  }
}

/**
 * @param {string} digits
 * @returns {boolean}
 */
export function isPin(digits) {
  return digits.length >= SHORTEST_PIN;
}

/**
 * @param {PersonState} state
 * @param {string} digits
 * @returns {PersonState}
 */
function withDigits(state, digits) {
  const asked = state.screen === "enter" || state.screen === "own";
  return asked && !state.waiting ? { ...state, digits, trouble: null } : state;
}

/**
 * @param {{code: string, said: string}} refusal
 * @returns {Trouble}
 */
function troubleOf({ code, said }) {
  if (code === "BAD_LOGIN") return { key: "wrongPin" };
  // How long is in the daemon's sentence only.
  const seconds = /\d+/.exec(said)?.[0];
  return code === "LOGIN_LOCKED" && seconds ? { key: "locked", seconds } : { code, said };
}
