// One shape for an order on the board. The staff API and the event stream tell the same order in two dialects; both end here.

import { toFen } from "../shared/money.js";
import { optionTexts } from "../shared/options.js";

/** @import {AdminOrder, AdminOrderDetails, Order, OrderDetail, OrderStatus} from "../types.js" */

/** @typedef {{name: string, quantity: number, note: string}} TicketDish */

/**
 * @typedef {object} Ticket
 * @property {number} id
 * @property {string} number
 * @property {string} table
 * @property {OrderStatus} status
 * @property {0 | 1 | 2} payStatus
 * @property {number} fen
 * @property {string} remark
 * @property {number} diners 0 = not told
 * @property {boolean} packed 打包
 * @property {string} orderedAt
 * @property {TicketDish[]} dishes
 * @property {boolean} detailed whether the dishes carry their options and remarks
 */

/**
 * @param {AdminOrder | AdminOrderDetails} record of conditionSearch or details
 * @returns {Ticket}
 */
export function fromAdmin(record) {
  const details = "orderDetailList" in record ? record.orderDetailList : null;
  return {
    id: record.id,
    number: record.number,
    table: record.tableNumber || record.address,
    status: record.status,
    payStatus: record.payStatus,
    fen: toFen(record.amount),
    remark: record.remark,
    diners: record.tablewareNumber,
    packed: record.packed,
    orderedAt: record.orderTime,
    dishes: details ? details.map(fromDetail) : parseDishes(record.orderDishes),
    detailed: Boolean(details),
  };
}

/**
 * @param {Order} order of an order_update
 * @param {Ticket} [known] what was known of it
 * @returns {Ticket}
 */
export function fromOrder(order, known) {
  return {
    id: order.orderId,
    number: order.orderNumber,
    table: order.tableNumber,
    status: order.status,
    payStatus: order.payStatus,
    fen: toFen(order.amount),
    remark: order.remark,
    diners: order.dinersCount ?? known?.diners ?? 0,
    orderedAt: order.createdAt,
    packed: order.packed,
    detailed: true,
    dishes: order.items.map(({ cuisineName, quantity, options, remark }) => ({
      name: cuisineName,
      quantity,
      note: notes([...optionTexts(options), remark]),
    })),
  };
}

/**
 * @param {OrderDetail} detail
 * @returns {TicketDish}
 */
function fromDetail({ name, number, dishFlavor, remark }) {
  return { name, quantity: number, note: notes([...dishFlavor.split(","), remark]) };
}

/**
 * @param {string[]} parts
 * @returns {string}
 */
function notes(parts) {
  return parts.filter(Boolean).join(" · ");
}

/**
 * @param {string} text "宫保鸡丁*3;米饭*2;": a dish's own name may hold a "*", its count never does
 * @returns {TicketDish[]}
 */
export function parseDishes(text) {
  return text
    .split(";")
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const star = part.lastIndexOf("*");
      const quantity = star < 0 ? NaN : Number(part.slice(star + 1));
      return Number.isInteger(quantity)
        ? { name: part.slice(0, star), quantity, note: "" }
        : { name: part, quantity: 1, note: "" };
    });
}
