// Wire samples, as the protocol's document shows them, for the pure tests.

/** @import {Bill, BillOrder, Cart, CartLine, Menu, Order, Session, TableRow} from "../../../assets/js/types.js" */

/** @type {Session} */
export const session = {
  userId: 100,
  tableId: 123,
  tableNumber: "A01",
  seatingId: 5,
  expiresAt: "2026-11-21T02:00:00+08:00",
};

/** @type {Menu} */
export const menu = {
  storeName: "桌铃小馆",
  categories: [
    {
      categoryId: 1,
      name: "热菜",
      cuisines: [
        {
          cuisineId: 1001,
          cuisineName: "宫保鸡丁",
          cuisineType: 1,
          cuisineImage: "",
          unitPrice: 38.0,
          description: "",
          soldOut: false,
          options: [],
        },
        {
          cuisineId: 1002,
          cuisineName: "水煮鱼",
          cuisineType: 1,
          cuisineImage: "",
          unitPrice: 68.1,
          description: "",
          soldOut: false,
          options: [
            {
              name: "辣度",
              multiple: false,
              values: [
                { value: "不辣", priceDelta: 0 },
                { value: "微辣", priceDelta: 0 },
              ],
            },
            {
              name: "加料",
              multiple: true,
              values: [
                { value: "豆皮", priceDelta: 4.2 },
                { value: "豆芽", priceDelta: 3 },
              ],
            },
          ],
        },
        {
          cuisineId: 1003,
          cuisineName: "回锅肉",
          cuisineType: 1,
          cuisineImage: "",
          unitPrice: 42,
          description: "",
          soldOut: true,
          options: [],
        },
      ],
    },
  ],
};

/**
 * @param {Partial<CartLine>} [changes]
 * @returns {CartLine}
 */
export function line(changes = {}) {
  const quantity = changes.quantity ?? 2;
  const unitPrice = changes.unitPrice ?? 38;
  return {
    lineId: 1,
    cuisineId: 1001,
    cuisineName: "宫保鸡丁",
    addUserId: 100,
    addUserPhone: "138****8000",
    remark: "不要花生",
    options: [],
    ...changes,
    quantity,
    unitPrice,
    subtotalAmount: Math.round(unitPrice * quantity * 100) / 100,
  };
}

/**
 * @param {CartLine[]} items
 * @param {number} [version]
 * @returns {Cart}
 */
export function cart(items, version = 7) {
  const totalAmount = items.reduce((sum, item) => sum + item.subtotalAmount, 0);
  return {
    tableId: 123,
    tableNumber: "A01",
    items,
    totalAmount,
    totalQuantity: items.reduce((sum, item) => sum + item.quantity, 0),
    version,
  };
}

/**
 * @param {Partial<Order>} [changes]
 * @returns {Order}
 */
export function order(changes = {}) {
  return {
    orderId: 17,
    orderNumber: "202611200001",
    tableId: 123,
    tableNumber: "A01",
    status: 1,
    payStatus: 0,
    payMethod: null,
    amount: 76,
    remark: "",
    createdAt: "2026-11-20T18:00:00+08:00",
    paidAt: null,
    items: [
      {
        cuisineId: 1001,
        cuisineName: "宫保鸡丁",
        unitPrice: 38,
        quantity: 2,
        subtotalAmount: 76,
        options: [],
        remark: "",
        addUserId: 101,
      },
    ],
    ...changes,
  };
}

/**
 * @param {Partial<TableRow>} [changes]
 * @returns {TableRow} of GET /admin/table/list
 */
export function tableRow(changes = {}) {
  return {
    tableId: 123,
    tableNumber: "A01",
    area: "大厅",
    seats: 4,
    code: "c1",
    url: "http://192.168.1.10:8080/t/c1",
    seatingId: null,
    openedAt: null,
    heads: null,
    state: "free",
    owed: 0,
    unconfirmed: 0,
    lastOrderAt: null,
    billAskedAt: null,
    phones: 0,
    calls: [],
    ...changes,
  };
}

/**
 * @param {Partial<BillOrder>} [changes]
 * @returns {BillOrder}
 */
export function billOrder(changes = {}) {
  return {
    orderId: 17,
    orderNumber: "202611200001",
    status: 3,
    payStatus: 0,
    amount: 148.2,
    items: [
      {
        position: 0,
        cuisineName: "宫保鸡丁",
        quantity: 2,
        unitPrice: 38,
        subtotalAmount: 76,
        options: [],
        free: false,
      },
      {
        position: 1,
        cuisineName: "水煮鱼",
        quantity: 1,
        unitPrice: 72.2,
        subtotalAmount: 72.2,
        options: [{ name: "加料", value: "豆皮" }],
        free: false,
      },
    ],
    adjustments: [],
    ...changes,
  };
}

/**
 * @param {Partial<Bill>} [changes]
 * @returns {Bill} of GET /admin/bill/table/{tableId}
 */
export function bill(changes = {}) {
  return {
    tableId: 123,
    tableNumber: "A01",
    seatingId: 5,
    heads: 3,
    orders: [billOrder()],
    total: 148.2,
    paid: 0,
    owed: 148.2,
    bill: null,
    ...changes,
  };
}
