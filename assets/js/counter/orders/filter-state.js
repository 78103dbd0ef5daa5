// Finding an order on the board: by its state, its table, its number, or anything written on it.

/** @import {OrderStatus} from "../../types.js" */
/** @import {Ticket} from "../tickets.js" */

/** @typedef {{status: OrderStatus | null, table: string, text: string}} Filter null and "" = all */

/** @typedef {{type: "filter", change: Partial<Filter>}} FilterMessage */

/** @type {Filter} */
export const ALL_ORDERS = { status: null, table: "", text: "" };

/**
 * @param {Filter} filter
 * @param {FilterMessage} message
 * @returns {Filter}
 */
export function applyFilter(filter, message) {
  return { ...filter, ...message.change };
}

/**
 * @param {Filter} filter
 * @param {Ticket} ticket
 * @returns {boolean}
 */
export function fits({ status, table, text }, ticket) {
  if (status !== null && ticket.status !== status) return false;
  if (table !== "" && ticket.table !== table) return false;
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return true;
  const written = [
    ticket.number,
    ticket.table,
    ticket.remark,
    ...ticket.dishes.flatMap((dish) => [dish.name, dish.note]),
  ];
  return written.some((part) => part.toLowerCase().includes(wanted));
}

/**
 * @param {Filter} filter
 * @returns {boolean}
 */
export function isFiltering({ status, table, text }) {
  return status !== null || table !== "" || text.trim() !== "";
}
