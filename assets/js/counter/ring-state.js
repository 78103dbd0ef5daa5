// The part of the counter's `apply` that is about being noticed: what waits for an answer, what rings and when, and whether this page
// is the only one left to ring.

import { mergeFetched, tell } from "../shared/merge.js";

/** @import {Alert, DaemonStatus} from "../types.js" */
/** @import {CounterState, Message} from "./state.js" */

export const RING_EVERY_MS = 30_000;
/** While the PC is neither heard nor seen: nobody can be in the room and not hear that. */
export const ALARM_EVERY_MS = 6_000;
/** Ids of acknowledged alerts that are remembered, against frames that were already under way. */
const ACKED_KEPT = 500;

/** 已付款: told, nothing to be done. */
export const PAID = 4;
/** 收款通知通道断开; its melody is that of all faults. */
const FAULT = 5;
/** 语音播报测试: does the PC's speaker work? Whoever heard this page instead would answer wrongly, so it never rings here. */
export const SPEAKER_TEST = 6;

/** How the detail begins of what the daemon has not looked at yet. */
const UNCHECKED = "尚未检查";

/** @typedef {{type: number, alertId: number | null}} Ring null = the alarm itself */

/**
 * @param {CounterState} state
 * @param {Message} message
 * @returns {CounterState | undefined}
 */
export function applyRing(state, message) {
  switch (message.type) {
    case "alert":
      return withAlert(state, message.alert);
    case "alerts":
      return withAlertList(state, message.alerts, message.asOf);
    case "alert.acked":
      return withoutAlert(state, message.alertId);
    case "rung":
      return {
        ...state,
        rung: [...state.alerts.keys()],
        rungAt: state.now,
        alarm: state.alarm === "begun" ? "rung" : state.alarm,
      };
    case "sound":
      return { ...state, sound: message.sound };
    case "escalation":
      return { ...state, alarm: state.alarm === "none" ? "begun" : state.alarm };
    case "status":
      return withStatus(state, message.status, message.asOf);
  }
}

// --- questions asked of the state ---

/**
 * @param {CounterState} state
 * @returns {Alert[]} the one that has waited longest first
 */
export function alertsOldestFirst(state) {
  const alerts = [...state.alerts.values()].map((told) => told.value);
  // By number and not by time: the PC's clock may have been set meanwhile.
  return alerts.sort((a, b) => a.alertId - b.alertId);
}

/**
 * @param {CounterState} state
 * @returns {Alert[]} what one key answers, the oldest first: all but the speaker test, which nobody may confirm out of habit
 */
export function answerable(state) {
  return alertsOldestFirst(state).filter((alert) => alert.type !== SPEAKER_TEST);
}

/**
 * @param {CounterState} state
 * @returns {Ring | null} what to ring for now: the oldest not rung for yet, or any once its time has come again
 */
export function ringDue(state) {
  if (state.sound !== "on" || state.phase !== "ready") return null;
  const alerts = answerable(state);
  const fresh = alerts.find((alert) => !state.rung.includes(alert.alertId));
  if (fresh) return fresh;
  if (state.alarm === "begun") return { type: FAULT, alertId: null };
  const every = state.alarm === "none" ? RING_EVERY_MS : ALARM_EVERY_MS;
  return state.now - state.rungAt >= every ? (alerts.find((alert) => alert.type !== PAID) ?? null) : null;
}

/**
 * @template {{ok: boolean, detail: string}} T
 * @param {T | undefined} part of the daemon's status
 * @returns {part is T} it has been looked at, and is not well
 */
export function isBroken(part) {
  return part !== undefined && !part.ok && !part.detail.startsWith(UNCHECKED);
}

// --- steps ---

/**
 * @param {CounterState} state
 * @param {DaemonStatus} status
 * @param {number} [asOf] when it was asked for: what a push has told since is newer
 * @returns {CounterState}
 */
function withStatus(state, status, asOf = state.tick) {
  if (asOf < state.statusTick) return state;
  const { sound, popup } = status;
  if (sound.ok || popup.ok) return { ...state, status, statusTick: asOf, alarm: "none" };
  const begins = state.alarm === "none" && isBroken(sound) && isBroken(popup);
  return { ...state, status, statusTick: asOf, alarm: begins ? "begun" : state.alarm };
}

/**
 * The same alert comes over the socket, the stream and the list: once is one alert, and never again after it was acknowledged.
 *
 * @param {CounterState} state
 * @param {Alert} alert
 * @returns {CounterState}
 */
function withAlert(state, alert) {
  if (state.acked.includes(alert.alertId)) return state;
  const known = state.alerts.get(alert.alertId)?.value;
  return { ...state, alerts: tell(state.alerts, alert.alertId, { ...known, ...alert }, state.tick) };
}

/**
 * @param {CounterState} state
 * @param {Alert[]} fetched
 * @param {number} asOf
 * @returns {CounterState}
 */
function withAlertList(state, fetched, asOf) {
  const fresh = fetched.filter((alert) => !state.acked.includes(alert.alertId));
  return { ...state, alerts: mergeFetched(state.alerts, fresh, (alert) => alert.alertId, asOf) };
}

/**
 * @param {CounterState} state
 * @param {number} alertId
 * @returns {CounterState}
 */
function withoutAlert(state, alertId) {
  const alerts = new Map(state.alerts);
  alerts.delete(alertId);
  return { ...state, alerts, acked: [...state.acked, alertId].slice(-ACKED_KEPT) };
}
