// Wire samples, as the protocol's document shows them, for the pure tests.

/** @import {Account, AdminOrder, AdminOrderDetails, Alert, Bill, BillItem, BillOrder, BillPart, Cart, CartLine} from "../../../assets/js/types.js" */
/** @import {ClockHealth, Cuisine, DaemonStatus, Health, Ledger, LedgerEntry, Me, Menu, OptionGroup, Order, OrderDetail} from "../../../assets/js/types.js" */
/** @import {OrderItem, PayRules, PayWays, Payment, ProviderHealth, Session, Split, TableRow, TunnelHealth} from "../../../assets/js/types.js" */

/** @type {Session} */
export const session = {
  token: "t1",
  userId: 100,
  tableId: 123,
  tableNumber: "A01",
  seatingId: 5,
  expiresAt: "2026-11-21T02:00:00+08:00",
};

/**
 * @param {Partial<Cuisine>} [changes]
 * @returns {Cuisine} a dish with nothing to choose
 */
export function cuisine(changes = {}) {
  return {
    cuisineId: 1001,
    cuisineName: "宫保鸡丁",
    cuisineType: 1,
    cuisineImage: "",
    unitPrice: 38,
    description: "",
    soldOut: false,
    hours: "",
    options: [],
    ...changes,
  };
}

/**
 * @param {string} name
 * @param {Record<string, number>} values with what each costs more
 * @param {Partial<OptionGroup>} [changes]
 * @returns {OptionGroup} one of them, or none
 */
export function optionGroup(name, values, changes = {}) {
  return {
    name,
    multiple: false,
    required: false,
    values: Object.entries(values).map(([value, priceDelta]) => ({ value, priceDelta })),
    ...changes,
  };
}

/** @type {Menu} */
export const menu = {
  storeName: "桌铃小馆",
  categories: [
    {
      categoryId: 1,
      name: "热菜",
      cuisines: [
        cuisine(),
        cuisine({
          cuisineId: 1002,
          cuisineName: "水煮鱼",
          unitPrice: 68.1,
          options: [
            optionGroup("辣度", { 不辣: 0, 微辣: 0 }),
            optionGroup("加料", { 豆皮: 4.2, 豆芽: 3 }, { multiple: true }),
          ],
        }),
        cuisine({ cuisineId: 1003, cuisineName: "回锅肉", unitPrice: 42, soldOut: true }),
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
    cuisineType: 1,
    cuisineImage: "",
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
    storeId: 1,
    items,
    totalAmount,
    totalQuantity: items.reduce((sum, item) => sum + item.quantity, 0),
    version,
  };
}

/**
 * @param {Partial<OrderItem>} [changes]
 * @returns {OrderItem}
 */
export function orderItem(changes = {}) {
  return {
    cuisineId: 1001,
    cuisineName: "宫保鸡丁",
    unitPrice: 38,
    quantity: 2,
    subtotalAmount: 76,
    options: [],
    remark: "",
    addUserId: 101,
    ...changes,
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
    packed: false,
    remark: "",
    dinersCount: null,
    cancelReason: "",
    createdAt: "2026-11-20T18:00:00+08:00",
    paidAt: null,
    items: [orderItem()],
    adjustments: [],
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
 * @param {Partial<BillItem>} [changes]
 * @returns {BillItem}
 */
export function billItem(changes = {}) {
  return {
    position: 0,
    cuisineName: "宫保鸡丁",
    quantity: 2,
    unitPrice: 38,
    subtotalAmount: 76,
    options: [],
    free: false,
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
    packed: false,
    items: [
      billItem(),
      billItem({
        position: 1,
        cuisineName: "水煮鱼",
        quantity: 1,
        unitPrice: 72.2,
        subtotalAmount: 72.2,
        options: [{ name: "加料", value: "豆皮" }],
      }),
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

/**
 * @param {Partial<BillPart>} [changes]
 * @returns {BillPart}
 */
export function billPart(changes = {}) {
  return { partId: 1, label: "", amount: 74.1, state: "open", items: [], paidAt: null, ...changes };
}

/**
 * @param {...BillPart} parts
 * @returns {Split} a bill that is being paid part by part
 */
export function split(...parts) {
  return { billId: 2, state: "open", parts };
}

/**
 * @param {Partial<PayRules>} [changes]
 * @returns {PayRules}
 */
export function payRules(changes = {}) {
  return { mode: "first", providers: ["demo"], counter: false, online: true, ...changes };
}

/**
 * @param {Partial<Payment>} [changes]
 * @returns {Payment}
 */
export function payment(changes = {}) {
  return {
    paymentId: 8,
    orderId: 17,
    provider: "demo",
    outTradeNo: "x",
    amount: 76,
    codeUrl: "/demo-pay/x",
    expiresAt: "2026-11-20T18:30:00+08:00",
    ...changes,
  };
}

/**
 * @param {string[]} [scan] the providers that read a payer's code
 * @returns {PayWays}
 */
export function payWays(scan = []) {
  return { counter: ["cash", "terminal"], scan };
}

/**
 * @param {Partial<Alert>} [changes]
 * @returns {Alert} a new order's
 */
export function alert(changes = {}) {
  return {
    alertId: 1,
    type: 1,
    orderId: 17,
    orderNumber: "202611200001",
    tableId: 123,
    tableNumber: "A01",
    content: "订单号: 202611200001",
    note: "",
    createdAt: "2026-11-20T18:00:01+08:00",
    heardAt: null,
    ...changes,
  };
}

/**
 * @param {Partial<AdminOrder>} [changes]
 * @returns {AdminOrder}
 */
export function adminOrder(changes = {}) {
  return {
    id: 17,
    number: "202611200001",
    status: 2,
    payStatus: 1,
    payMethod: 1,
    orderDishes: "宫保鸡丁*3;米饭*2;",
    userName: "",
    phone: "",
    address: "A01",
    consignee: "A01",
    tableNumber: "A01",
    orderTime: "2026-11-20 18:00",
    amount: 118,
    remark: "",
    tablewareNumber: 2,
    cancelReason: "",
    rejectionReason: "",
    cancelTime: null,
    deliveryTime: null,
    estimatedDeliveryTime: null,
    checkoutTime: "2026-11-20 18:01",
    packed: false,
    ...changes,
  };
}

/**
 * @param {Partial<OrderDetail>} [changes]
 * @returns {OrderDetail}
 */
export function orderDetail(changes = {}) {
  return {
    orderId: 17,
    dishId: 1001,
    name: "宫保鸡丁",
    number: 3,
    amount: 38,
    dishFlavor: "",
    remark: "",
    image: "",
    ...changes,
  };
}

/**
 * @param {OrderDetail[]} orderDetailList
 * @returns {AdminOrderDetails}
 */
export function adminOrderDetails(orderDetailList) {
  return { ...adminOrder(), orderDetailList, packAmount: 0, adjustments: [] };
}

/** @type {LedgerEntry} */
const entry = {
  entryId: 1,
  orderId: 17,
  orderNumber: "1",
  at: "2026-11-20 18:01",
  kind: "payment",
  provider: "wechat",
  method: "code",
  amount: 76,
  actor: "wechat callback",
  reference: "t",
};

/**
 * @param {Partial<Account>} [changes]
 * @returns {Account}
 */
export function account(changes = {}) {
  return {
    orderId: 17,
    orderNumber: "202611200001",
    tableNumber: "A01",
    amount: 76,
    balance: 66,
    owed: 0,
    entries: [entry],
    payments: [],
    refunds: [
      { refundId: 1, amount: 10, state: "done", reason: "" },
      { refundId: 2, amount: 20.5, state: "pending", reason: "" },
      { refundId: 3, amount: 5, state: "refused", reason: "" },
    ],
    ...changes,
  };
}

/**
 * @param {Partial<Ledger>} [changes]
 * @returns {Ledger}
 */
export function ledger(changes = {}) {
  return {
    date: "2026-11-20",
    totals: [{ provider: "counter", method: "cash", count: 2, paid: 114, refunded: 14, net: 100 }],
    paid: 114,
    refunded: 14,
    net: 100,
    entries: [entry],
    stray: [],
    ...changes,
  };
}

/**
 * @param {Partial<Health>} [changes]
 * @returns {Health}
 */
export function health(changes = {}) {
  return { ok: true, since: "2026-11-20T09:00:00+08:00", detail: "", ...changes };
}

/**
 * @param {Partial<TunnelHealth>} [changes]
 * @returns {TunnelHealth}
 */
export function tunnelHealth(changes = {}) {
  return { ...health({ since: "2026-11-20T12:03:00+08:00" }), checkedAt: null, lastCallbackAt: null, ...changes };
}

/**
 * @param {Partial<ProviderHealth>} [changes]
 * @returns {ProviderHealth}
 */
export function providerHealth(changes = {}) {
  return { ...health({ since: "2026-11-20T12:05:00+08:00" }), name: "wechat", clockSkewSeconds: 0, ...changes };
}

/**
 * @param {Partial<ClockHealth>} [changes]
 * @returns {ClockHealth}
 */
export function clockHealth(changes = {}) {
  return {
    ok: true,
    kind: "right",
    since: null,
    detail: "",
    shows: null,
    known: null,
    skewSeconds: null,
    booked: null,
    ...changes,
  };
}

/**
 * @param {Partial<DaemonStatus>} [changes]
 * @returns {DaemonStatus} with nothing wrong
 */
export function daemonStatus(changes = {}) {
  return {
    tunnel: null,
    providers: [],
    backup: { ok: true, at: "2026-11-20T03:30:00+08:00", detail: "" },
    clock: clockHealth(),
    sound: health(),
    popup: health(),
    ...changes,
  };
}

/**
 * @param {Partial<Me>} [changes]
 * @returns {Me} who is logged in at the counter
 */
export function staffMe(changes = {}) {
  return {
    id: 1,
    userName: "admin",
    name: "老板",
    role: "owner",
    hasPin: true,
    allowed: ["GET alert/list"],
    ...changes,
  };
}
