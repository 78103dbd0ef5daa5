// The wire's shapes, for `tsc --checkJs` only: modules name these in `@import` comments, so no browser ever fetches this file.
// The source of every field is the protocol, not this page; money is yuan as a number here and integer fen after `toFen`.

/** @typedef {{name: string, value: string, dish?: string}} ChosenOption dish: which one of a combo it is for */

/** @typedef {{value: string, priceDelta: number}} OptionValue */

/** @typedef {{name: string, multiple: boolean, required?: boolean, values: OptionValue[], dish?: string}} OptionGroup dish: as above */

/**
 * @typedef {object} Cuisine
 * @property {number} cuisineId
 * @property {string} cuisineName
 * @property {number} cuisineType 1 = single dish, 2 = combo
 * @property {string} cuisineImage "" = none
 * @property {number} unitPrice yuan
 * @property {string} description
 * @property {boolean} soldOut also outside its hours
 * @property {number | null} [left] pieces, where they are counted
 * @property {string} [hours] "11:00-14:00"; "" = always
 * @property {OptionGroup[]} options
 */

/** @typedef {{categoryId: number, name: string, cuisines: Cuisine[]}} Category */

/** @typedef {{storeName: string, categories: Category[]}} Menu */

/**
 * @typedef {object} CartLine
 * @property {number} lineId
 * @property {number} cuisineId
 * @property {string} cuisineName
 * @property {number} unitPrice yuan, options included
 * @property {number} quantity
 * @property {number} subtotalAmount yuan
 * @property {number} addUserId
 * @property {string} [addUserPhone]
 * @property {string | null} [remark]
 * @property {ChosenOption[]} [options]
 */

/**
 * @typedef {object} Cart
 * @property {number} tableId
 * @property {string} tableNumber
 * @property {CartLine[]} items
 * @property {number} totalAmount yuan
 * @property {number} totalQuantity
 * @property {number} version grows by one per change of this table's cart
 */

/**
 * @typedef {object} OrderItem
 * @property {number} cuisineId
 * @property {string} cuisineName
 * @property {number} unitPrice
 * @property {number} quantity
 * @property {number} subtotalAmount
 * @property {ChosenOption[]} [options]
 * @property {string | null} [remark]
 * @property {number} addUserId
 */

/**
 * @typedef {object} Adjustment what a bill has beside its dishes
 * @property {number} [adjustmentId]
 * @property {"discount" | "free" | "service" | "cover" | "packing"} kind
 * @property {number | null} [position] the item that is free
 * @property {number} amount yuan, negative for reductions
 * @property {string} reason
 */

/** @typedef {1 | 2 | 3 | 4 | 5 | 6} OrderStatus 待付款 待接单 已接单 上菜中 已完成 已取消 */

/**
 * @typedef {object} Order
 * @property {number} orderId
 * @property {string} orderNumber
 * @property {number} tableId
 * @property {string} tableNumber
 * @property {OrderStatus} status
 * @property {0 | 1 | 2} payStatus 未支付 已支付 退款
 * @property {number | null} payMethod
 * @property {number} amount
 * @property {string | null} remark
 * @property {number | null} [dinersCount]
 * @property {string} [cancelReason] "" = none given
 * @property {string} createdAt RFC 3339
 * @property {string | null} paidAt
 * @property {boolean} [packed] taken away
 * @property {Adjustment[]} [adjustments]
 * @property {OrderItem[]} items
 */

/**
 * @typedef {object} BillItem
 * @property {number} position
 * @property {string} cuisineName
 * @property {number} quantity
 * @property {number} unitPrice
 * @property {number} subtotalAmount
 * @property {ChosenOption[]} [options]
 * @property {boolean} [free]
 */

/**
 * @typedef {object} BillOrder
 * @property {number} orderId
 * @property {string} orderNumber
 * @property {OrderStatus} status
 * @property {0 | 1 | 2} payStatus
 * @property {number} amount
 * @property {boolean} [packed] taken away
 * @property {BillItem[]} items
 * @property {Adjustment[]} adjustments
 */

/**
 * @typedef {object} BillPart
 * @property {number} partId
 * @property {string} label
 * @property {number} amount
 * @property {"open" | "paid" | "void"} state
 * @property {{orderId: number, position: number, quantity: number}[]} [items]
 * @property {string | null} paidAt
 */

/**
 * @typedef {object} Bill what a party owes for all its rounds
 * @property {number} tableId
 * @property {string} tableNumber
 * @property {number} seatingId
 * @property {number | null} heads
 * @property {BillOrder[]} orders
 * @property {number} total yuan
 * @property {number} paid
 * @property {number} owed
 * @property {{billId: number, parts: BillPart[]} | null} bill
 */

/** @typedef {{name: string, balance: number}} Card a member's prepaid card; yuan */

/** @typedef {{userId: number, tableId: number, tableNumber: string, seatingId: number, expiresAt: string}} Session */

/** @typedef {{tableNumber: string, code: string}} Seat where this phone sits: a table, and the code that leads there */

/**
 * @typedef {object} PayRules
 * @property {"first" | "later"} mode
 * @property {string[]} providers "balance" where this phone holds a member's card
 * @property {boolean} [counter] whether the staff take money at the counter
 * @property {boolean} [online] false = no provider answers just now
 */

/**
 * @typedef {object} Payment one that waits for the payer
 * @property {number} paymentId
 * @property {number} [orderId] whose it is: of a bill, the first order's
 * @property {string} provider
 * @property {string} outTradeNo
 * @property {string} codeUrl opened as a page where it is one, otherwise for the provider's own scanner
 * @property {string} expiresAt RFC 3339
 */

/** @typedef {"zh" | "en"} Lang */

/** @typedef {{phase: "connecting" | "online" | "waiting", retryAt: number}} LinkState retryAt: unix ms, 0 unless waiting */

// --- staff ---

/**
 * @typedef {object} Alert
 * @property {number} alertId
 * @property {number} type 1 order, 2 reminder, 3 a payment needs a person, 4 paid, 5 callbacks cannot come, 6 speaker test, 7 a table calls, 8 a table asks for the bill; there may be more
 * @property {number | null} orderId
 * @property {string} [orderNumber]
 * @property {string | null} tableNumber
 * @property {string} content
 * @property {string} [note] what a person should know; "" = the type says all
 * @property {string} createdAt RFC 3339
 * @property {string | null} [heardAt]
 */

/** @typedef {{total: number, records: AdminOrder[]}} OrderPage */

/** @typedef {{name: string, number: number, amount: number, dishFlavor?: string | null, remark?: string | null}} OrderDetail */

/**
 * @typedef {object} AdminOrder
 * @property {number} id
 * @property {string} number
 * @property {OrderStatus} status
 * @property {0 | 1 | 2} payStatus
 * @property {string} orderDishes "宫保鸡丁*3;米饭*2;"
 * @property {string} orderTime yyyy-MM-dd HH:mm
 * @property {number} amount
 * @property {string | null} remark
 * @property {string | null} [tableNumber]
 * @property {string | null} [address]
 * @property {number | null} [tablewareNumber]
 * @property {boolean} [packed] taken away
 * @property {OrderDetail[]} [orderDetailList]
 */

/** @typedef {"free" | "seated" | "ordered" | "toPay" | "toClear"} TableState */

/** @typedef {{alertId: number, kind: number, at: string}} TableCall kind 7 = for a waiter, 8 = for the bill */

/**
 * @typedef {object} TableRow
 * @property {number} tableId
 * @property {string} tableNumber
 * @property {string} area "" = none
 * @property {number} seats
 * @property {string} code
 * @property {string} url
 * @property {number | null} seatingId
 * @property {string | null} openedAt RFC 3339
 * @property {number | null} heads
 * @property {TableState} state
 * @property {number} owed yuan
 * @property {number} unconfirmed orders that nobody has accepted
 * @property {string | null} lastOrderAt
 * @property {string | null} billAskedAt
 * @property {number} phones
 * @property {TableCall[]} calls not answered yet
 */

/** @typedef {{requestId: string, tableId: number, tableNumber: string, address: string, at: string}} Waiting a phone from outside the shop's network that wants in */

/** @typedef {"owner" | "cashier" | "waiter" | "kitchen"} Role */

/** @typedef {{ok: boolean, since: string | null, detail: string | null}} Health */

/** @typedef {Health & {checkedAt: string | null, lastCallbackAt: string | null}} TunnelHealth */

/** @typedef {Health & {name: string, clockSkewSeconds: number | null}} ProviderHealth */

/** @typedef {{ok: boolean, at: string | null, detail: string}} BackupHealth `at`: of the last good one */

/**
 * @typedef {object} ClockHealth whether the PC's time can be right
 * @property {boolean} ok
 * @property {"right" | "early" | "behind" | "ahead" | "off"} kind
 * @property {string | null} since RFC 3339: wrong by its own time, or right again
 * @property {string} detail
 * @property {string | null} shows "2026-11-20 19:03" while it is wrong
 * @property {string | null} known what it contradicts
 * @property {number | null} skewSeconds
 * @property {{orders: number, first: string, last: string} | null} booked while it was wrong, until somebody has noted that
 */

/** @typedef {{clock?: ClockHealth, sound?: Health, popup?: Health, tunnel?: TunnelHealth | null, providers?: ProviderHealth[], backup?: BackupHealth}} DaemonStatus tunnel null = none is set up */

// --- money at the counter ---

/** @typedef {{counter: string[], scan: string[]}} PayWays what is switched on */

/** @typedef {"accept" | "refund" | "dismiss" | "retry" | "handed_back"} ReviewAction */

/**
 * @typedef {object} Review a payment that waits for a person
 * @property {number} reviewId
 * @property {string} kind
 * @property {number} paymentId
 * @property {number} orderId
 * @property {string} orderNumber
 * @property {string} tableNumber
 * @property {string} provider
 * @property {string} outTradeNo
 * @property {number} amount yuan asked for
 * @property {number | null} received yuan that came, where known
 * @property {string} reason
 * @property {number} notices how many have raised it
 * @property {string} raisedAt RFC 3339
 * @property {ReviewAction[]} actions the usual one first
 */

/** @typedef {"refund" | "order" | "handed_back" | "keep" | "dismiss"} ClaimAction */

/**
 * @typedef {object} Unclaimed money for a number that the shop does not know
 * @property {number} unclaimedId
 * @property {"payment" | "refund"} kind
 * @property {string} provider
 * @property {string} outTradeNo
 * @property {string} reference the provider's transaction, or the refund's number
 * @property {number} amount yuan
 * @property {boolean} ours whether it came to this shop's own account
 * @property {string} at RFC 3339, by the provider's clock
 * @property {string} raisedAt RFC 3339
 * @property {boolean} refunding on its way back
 * @property {string} problem why it could not be sent back; "" = nothing is wrong
 * @property {ClaimAction[]} actions the usual one first
 */

/**
 * @typedef {object} LedgerEntry
 * @property {number} entryId
 * @property {number} orderId
 * @property {string} orderNumber
 * @property {string} at yyyy-MM-dd HH:mm
 * @property {"payment" | "refund"} kind
 * @property {string} provider
 * @property {string} method
 * @property {number} amount yuan, negative for refunds
 * @property {string} actor
 * @property {string} reference
 */

/**
 * @typedef {object} Account an order's money
 * @property {number} orderId
 * @property {number} amount
 * @property {number} balance what came in and has not gone back
 * @property {number} owed
 * @property {LedgerEntry[]} entries
 * @property {{refundId: number, amount: number, state: string, reason: string}[]} refunds
 */

/** @typedef {{provider: string, method: string, count: number, paid: number, refunded: number, net: number}} LedgerTotal */

/** @typedef {{date: string, totals: LedgerTotal[], paid: number, refunded: number, net: number, entries: LedgerEntry[], stray?: string[]}} Ledger stray: days booked by a wrong clock */

/** @typedef {{kind: string, outTradeNo: string, reference: string, ours: number | null, theirs: number | null}} Difference */

/** @typedef {{date: string, provider: string, checkedAt: string, rows: number, differences: Difference[], problem: string | null}} Reconciliation */

/** @typedef {{orderId: number, position: number, quantity: number}} PartItem */

export {};
