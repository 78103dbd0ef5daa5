// What travels on the wire, made from the Rust types that are sent (src/web/declarations.rs). Don't edit.

export type Account = { orderId: OrderId, orderNumber: string, tableNumber: string, amount: Yuan, balance: Yuan, owed: Yuan, entries: Array<LedgerEntry>, payments: Array<PaymentLine>, refunds: Array<RefundLine>, };

/**
 * What an order costs beside its items.
 */
export type Adjustment = { adjustmentId: AdjustmentId, kind: "discount" | "free" | "service" | "cover" | "packing", position: number | null, amount: Yuan, reason: string, };

/**
 * A reduction or a fee of an order.
 */
export type AdjustmentId = number;

/**
 * An order as sky-take-out's web reads it; a dine-in order shows its table as address and consignee.
 */
export type AdminOrder = { id: OrderId, number: string, status: OrderStatus, orderDishes: string, userName: string, phone: string, address: string, consignee: string, tableNumber: string, orderTime: string, amount: Yuan, remark: string, payMethod: number | null, payStatus: PayStatus, tablewareNumber: number, cancelReason: string, 
/**
 * The list of cancelled orders shows only the other one.
 */
rejectionReason: string, cancelTime: string | null, deliveryTime: string | null, estimatedDeliveryTime: string | null, 
/**
 * When it was paid, or that it was not: the old web shows a completed order as paid and this text beside it.
 */
checkoutTime: string | null, packed: boolean, };

export type AdminOrderDetails = { orderDetailList: Array<OrderDetail>, 
/**
 * sky-take-out's name for what packing costs.
 */
packAmount: Yuan, adjustments: Array<Adjustment>, id: OrderId, number: string, status: OrderStatus, orderDishes: string, userName: string, phone: string, address: string, consignee: string, tableNumber: string, orderTime: string, amount: Yuan, remark: string, payMethod: number | null, payStatus: PayStatus, tablewareNumber: number, cancelReason: string, 
/**
 * The list of cancelled orders shows only the other one.
 */
rejectionReason: string, cancelTime: string | null, deliveryTime: string | null, estimatedDeliveryTime: string | null, 
/**
 * When it was paid, or that it was not: the old web shows a completed order as paid and this text beside it.
 */
checkoutTime: string | null, packed: boolean, };

/**
 * The alert frame of docs/protocol.md §2. `content` holds nothing that a diner typed.
 */
export type Alert = { type: number, orderId: OrderId | null, content: string, note: string, alertId: AlertId, orderNumber: string, tableId: TableId | null, tableNumber: string, createdAt: string, heardAt: string | null, };

export type AlertId = number;

/**
 * How old the newest is, for people.
 */
export type BackupHealth = { ok: boolean, 
/**
 * When the newest was made, RFC 3339.
 */
at: string | null, 
/**
 * What is wrong and what to do; empty when nothing is.
 */
detail: string, };

export type Becomes = "new" | "changed" | "renamed" | "same";

/**
 * What a party has to pay: its orders, and the bill that it is paying.
 */
export type Bill = { tableId: TableId, tableNumber: string, seatingId: SeatingId, heads: number | null, orders: Array<BillOrder>, total: Yuan, paid: Yuan, owed: Yuan, bill: Split | null, };

/**
 * A party's account: some of its orders, paid together.
 */
export type BillId = number;

export type BillItem = { position: number, cuisineName: string, quantity: number, unitPrice: Yuan, subtotalAmount: Yuan, options: Array<ChosenOption>, free: boolean, };

export type BillOrder = { orderId: OrderId, orderNumber: string, status: OrderStatus, payStatus: PayStatus, amount: Yuan, packed: boolean, items: Array<BillItem>, adjustments: Array<Adjustment>, };

export type BillPart = { partId: PartId, label: string, amount: Yuan, state: "open" | "paid" | "void", items: Array<PartItem>, paidAt: string | null, };

export type Booked = { orders: number, first: string, last: string, };

export type Card = { userId: MemberId, storeId: number, name: string, phone: string, uses: number, balance: Yuan, };

export type CardCode = { code: string, expiresAt: string, 
/**
 * The same for a phone whose clock is wrong.
 */
seconds: number, 
/**
 * The code as a picture.
 */
svg: string, uses: number, balance: Yuan, };

export type CardPage = { storeName: string, entries: Array<HistoryLine>, lastScan: LastScan | null, userId: MemberId, storeId: number, name: string, phone: string, uses: number, balance: Yuan, };

/**
 * `CartDTO` of docs/protocol.md §1.2, field for field.
 */
export type Cart = { tableId: TableId, tableNumber: string, storeId: number, items: Array<CartLine>, totalAmount: Yuan, totalQuantity: number, version: number, };

export type CartLine = { lineId: LineId, cuisineId: CuisineId, cuisineName: string, cuisineType: number, cuisineImage: string, unitPrice: Yuan, quantity: number, subtotalAmount: Yuan, addUserId: DinerId, 
/**
 * Masked: `138****8000`.
 */
addUserPhone: string, remark: string, options: Array<ChosenOption>, };

export type Category = { categoryId: number, name: string, cuisines: Array<Cuisine>, };

export type CategoryId = number;

/**
 * One chosen value of one option group.
 */
export type ChosenOption = { name: string, value: string, 
/**
 * Which dish of a combo it is for, as the menu says it; empty for the dish itself.
 */
dish?: string, };

/**
 * Whether the PC's time can be right.
 */
export type ClockHealth = { ok: boolean, kind: string, 
/**
 * Since when it is wrong, by itself, or right again.
 */
since: string | null, 
/**
 * For the operator.
 */
detail: string, 
/**
 * The time, to the minute, while it is wrong.
 */
shows: string | null, 
/**
 * What it contradicts.
 */
known: string | null, skewSeconds: number | null, 
/**
 * While it was wrong.
 */
booked: Booked | null, };

export type Closed = { at: string, by: string, cash: Yuan, expectedCash: Yuan, 
/**
 * What was counted beyond `expectedCash`.
 */
difference: Yuan, note: string, 
/**
 * Money of this day that was booked after its close, for orders.
 */
later: Yuan, 
/**
 * The same in the till, with top-ups.
 */
laterCash: Yuan, 
/**
 * By method and direction, for orders and for cards: also where it cancels out.
 */
laterMethods: Array<MethodTotal>, laterTopups: Array<MethodTotal>, report?: Partial<Day>, };

export type ComboPart = { id: number, setmealId: CuisineId, dishId: CuisineId, name: string, price: Yuan, copies: number, };

/**
 * A dish or a combo (`cuisineType` 1 or 2).
 */
export type Cuisine = { cuisineId: CuisineId, cuisineName: string, cuisineType: number, cuisineImage: string, unitPrice: Yuan, description: string, 
/**
 * Nobody can have it now: 沽清, none left, or outside its hours.
 */
soldOut: boolean, 
/**
 * Pieces that are left; `None` where nobody counts. A combo's are those that its dishes are enough for.
 */
left?: number, 
/**
 * When it is sold; empty for always.
 */
hours: string, 
/**
 * A combo's are its dishes' (see `combo`).
 */
options: Array<OptionGroup>, };

/**
 * A dish or a combo.
 */
export type CuisineId = number;

/**
 * The counter PC's devices and lines, for the counter page.
 */
export type DaemonStatus = { tunnel: TunnelHealth | null, providers: Array<ProviderHealth>, backup: BackupHealth, clock: ClockHealth, sound: Health, popup: Health, };

export type Day = { 
/**
 * Whether the business day has ended.
 */
over: boolean, closed: Closed | null, day: string, 
/**
 * Placed.
 */
orders: number, valid: number, cancelled: number, guests: number, 
/**
 * As the orders account for it: see `Settled`.
 */
turnover: Yuan, methods: Array<MethodTotal>, refunds: Yuan, 
/**
 * Money that pays for no order: a person looks at it.
 */
extra: Yuan, 
/**
 * The orders that were paid in the day: `gross − discounts − free + fees` is what they cost.
 */
gross: Yuan, discounts: Yuan, free: Yuan, fees: Yuan, dishes: Array<DishSold>, 
/**
 * Dishes of the orders that were paid in the day that were given free: `free` is what they took off them.
 */
freeDishes: Array<DishSold>, freePieces: number, 
/**
 * At list prices.
 */
freeValue: Yuan, debts: Array<Debt>, 
/**
 * The sum of `debts`.
 */
letGo: Yuan, topups: Topups, 
/**
 * The sum of the ledger's entries.
 */
ledger: Yuan, 
/**
 * `turnover − ledger`: 0.00, or something is wrong.
 */
difference: Yuan, 
/**
 * What the till has of this day, without the float: cash that came for orders and top-ups, less what went back.
 */
expectedCash: Yuan, };

export type DayLine = { day: string, over: boolean, orders: number, turnover: Yuan, closed: Closed | null, 
/**
 * Beyond the days that were asked for: money was booked on it by a clock that was wrong.
 */
stray: boolean, };

/**
 * A debt that staff let go.
 */
export type Debt = { 
/**
 * The table's number.
 */
table: string, amount: Yuan, reason: string, by: string, };

export type Deed = { id: number, at: string, actor: string, act: string, target: string, detail: string, };

export type Difference = { kind: DifferenceKind, outTradeNo: string, 
/**
 * The provider's transaction, or the refund's number.
 */
reference: string, ours: Yuan | null, theirs: Yuan | null, };

export type DifferenceKind = "missing_here" | "missing_there" | "amount";

/**
 * A phone in a seating; `userId` on the wire.
 */
export type DinerId = number;

export type Dish = { id: CuisineId, name: string, categoryId: CategoryId, categoryName: string, price: Yuan, image: string, description: string, status: number, 
/**
 * Of a form that sends them back, so that what it did not touch is known (`body.rs`).
 */
statusWas?: number, createTime: string | null, updateTime: string | null, createUser: number | null, updateUser: number | null, stock: number | null, stockWas?: number | null, hours: string, sort: number, options: Array<OptionGroup>, flavors: Array<Flavor>, setmealDishes?: Array<ComboPart>, };

/**
 * A dish by the pieces that were sold of it, free ones among them; `amount` is their list price.
 */
export type DishSold = { name: string, quantity: number, amount: Yuan, };

/**
 * A line of the ledger.
 */
export type EntryId = number;

export type Fate = { row: number, kind: string, name: string, becomes: Becomes, from: string, detail: string, };

export type Flavor = { id: number | null, dishId: CuisineId, name: string, 
/**
 * A JSON array as text.
 */
value: string, };

export type Gifts = { count: number, amount: Yuan, uses: number, };

export type Health = { ok: boolean, 
/**
 * Since when it is so, RFC 3339.
 */
since: string, 
/**
 * What is wrong, in words; empty when nothing is.
 */
detail: string, };

/**
 * A line of the card's history. Who at the counter did it is not the member's business.
 */
export type HistoryLine = { entryId: number, kind: "topup" | "scan" | "payment" | "refund", uses: number, amount: Yuan, usesAfter: number, balanceAfter: Yuan, paid: Yuan, at: string, };

/**
 * An hour of a business day on the store's clock.
 */
export type Hour = { 
/**
 * `18:00`.
 */
hour: string, turnover: Yuan, 
/**
 * Placed.
 */
orders: number, };

export type Imported = { added: number, changed: number, renamed: number, unchanged: number, problems: Array<Problem>, lines: Array<Fate>, };

export type LastScan = { 
/**
 * Grows with each scan: a page that has seen it knows what is news.
 */
scanId: number, status: number, text: string, remaining: number, at: string, 
/**
 * As the socket says it.
 */
result: string, 
/**
 * False once it is history.
 */
fresh: boolean, };

export type Ledger = { date: string, totals: Array<LedgerTotal>, paid: Yuan, refunded: Yuan, net: Yuan, entries: Array<LedgerEntry>, 
/**
 * Days on which money was booked by a clock that was wrong, the latest first.
 */
stray: Array<string>, };

export type LedgerEntry = { entryId: EntryId, orderId: OrderId, orderNumber: string, at: string, kind: "payment" | "refund", provider: string, method: string, amount: Yuan, actor: string, reference: string, };

export type LedgerTotal = { provider: string, method: string, count: number, paid: Yuan, refunded: Yuan, net: Yuan, };

export type LineId = number;

export type Me = { id: StaffId, userName: string, name: string, role: "owner" | "cashier" | "waiter" | "kitchen", hasPin: boolean, 
/**
 * `POST payment/refund`, and what else this role may do.
 */
allowed: Array<string>, };

export type MemberCard = { entries: Array<MemberEntry>, userId: MemberId, name: string, phone: string, uses: number, balance: Yuan, enabled: boolean, createdAt: string, };

export type MemberEntry = { entryId: number, kind: "topup" | "scan" | "payment" | "refund", 
/**
 * Of a top-up whether it was one, a gift or a correction; else the kind.
 */
act: string, uses: number, amount: Yuan, usesAfter: number, balanceAfter: Yuan, paid: Yuan, method: string, note: string, actor: string, at: string, };

/**
 * `userId` of a member on the wire.
 */
export type MemberId = number;

/**
 * What is given to a member once: the link opens the page, whoever has it.
 */
export type MemberLink = { userId: MemberId, token: string, url: string, 
/**
 * The same as a code for the member's phone to scan.
 */
svg: string, expiresAt: string, };

export type MemberScan = { userId: MemberId | null, status: number, text: string, remaining: number, 
/**
 * For the eye of whoever scans.
 */
name: string | null, balance: Yuan | null, };

export type Menu = { storeName: string, categories: Array<Category>, };

export type MenuCategory = { id: CategoryId, type: number, name: string, sort: number, status: number, hours: string, createTime: string | null, updateTime: string | null, createUser: number | null, updateUser: number | null, };

/**
 * What came and went by one way of paying.
 */
export type MethodTotal = { 
/**
 * `wechat`, `alipay`, `cash`, `terminal`, `balance`, …
 */
method: string, name: string, payments: Yuan, 
/**
 * Positive.
 */
refunds: Yuan, net: Yuan, };

/**
 * 辣度: 不辣, 微辣, … Where nothing has to be chosen, a diner who chooses nothing gets the kitchen's usual.
 */
export type OptionGroup = { name: string, 
/**
 * Whether several values of this group may be chosen together.
 */
multiple: boolean, 
/**
 * Whether one has to be chosen.
 */
required: boolean, values: Array<OptionValue>, 
/**
 * Which dish of a combo it is about; empty for the dish itself.
 */
dish?: string, };

export type OptionValue = { value: string, priceDelta: Yuan, };

/**
 * `order` of docs/protocol.md §1.7.
 */
export type Order = { orderId: OrderId, orderNumber: string, tableId: TableId, tableNumber: string, status: OrderStatus, payStatus: PayStatus, payMethod: number | null, amount: Yuan, packed: boolean, remark: string, dinersCount: number | null, cancelReason: string, createdAt: string, paidAt: string | null, items: Array<OrderItem>, adjustments: Array<Adjustment>, };

export type OrderDetail = { orderId: OrderId, dishId: CuisineId, name: string, number: number, amount: Yuan, dishFlavor: string, remark: string, image: string, };

export type OrderId = number;

export type OrderItem = { cuisineId: CuisineId, cuisineName: string, unitPrice: Yuan, quantity: number, subtotalAmount: Yuan, options: Array<ChosenOption>, remark: string, addUserId: DinerId, };

export type OrderStatus = 1 | 2 | 3 | 4 | 5 | 6;

export type Page<T> = { total: number, records: Array<T>, };

/**
 * What one payer pays of a bill.
 */
export type PartId = number;

/**
 * Some pieces of one item of an order.
 */
export type PartItem = { orderId: OrderId, position: number, quantity: number, };

/**
 * 先付后吃 or 先吃后付.
 */
export type PayMode = "first" | "later";

export type PayRules = { 
/**
 * Whether the staff take money at the counter.
 */
counter: boolean, mode: PayMode, 
/**
 * `false`: no provider answers just now.
 */
online: boolean, 
/**
 * `balance` where this phone holds a member's card.
 */
providers: Array<string>, };

export type PayStatus = 0 | 1 | 2;

export type PayWays = { counter: ["code" | "jsapi" | "scan" | "cash" | "terminal" | "balance", "code" | "jsapi" | "scan" | "cash" | "terminal" | "balance"], scan: Array<string>, };

export type Payment = { paymentId: PaymentId, 
/**
 * What it pays, or the first order of the bill that it pays: where its picture is.
 */
orderId: OrderId, 
/**
 * The part of a bill that it pays.
 */
partId?: PartId, provider: string, outTradeNo: string, amount: Yuan, codeUrl: string, expiresAt: string, jsapi?: object, };

export type PaymentId = number;

export type PaymentLine = { paymentId: PaymentId, provider: string, method: "code" | "jsapi" | "scan" | "cash" | "terminal" | "balance", state: "creating" | "open" | "paid" | "closed" | "needs_review", amount: Yuan, outTradeNo: string, };

/**
 * A member of staff as sky-take-out's web reads one, and what it passes over.
 */
export type Person = { id: StaffId, username: string, name: string, 
/**
 * Only so that the old form finds the field; what comes back in it is never stored.
 */
password?: string, phone: string, sex: string, idNumber: string, status: number, role: "owner" | "cashier" | "waiter" | "kitchen", hasPassword: boolean, hasPin: boolean, createTime: string, updateTime: string, createUser: StaffId | null, updateUser: StaffId | null, };

export type PersonName = { username: string, name: string, hasPin: boolean, };

export type Problem = { row: number, problem: string, };

export type ProviderHealth = { name: string, ok: boolean, since: string, detail: string, clockSkewSeconds: number | null, };

export type Reconciliation = { date: string, provider: string, checkedAt: string, rows: number, differences: Array<Difference>, problem: string | null, };

export type RefundId = number;

export type RefundLine = { refundId: RefundId, amount: Yuan, state: "pending" | "done" | "abnormal" | "closed" | "refused", reason: string, };

export type Review = { reviewId: ReviewId, kind: "amount" | "merchant" | "transaction" | "refunded_before" | "refunded_elsewhere" | "refund_notice" | "refund_abnormal" | "refund_closed" | "refund_refused", paymentId: PaymentId, orderId: OrderId, orderNumber: string, tableNumber: string, provider: string, outTradeNo: string, amount: Yuan, received: Yuan | null, reason: string, 
/**
 * How many notices have raised it.
 */
notices: number, raisedAt: string, actions: Array<"accept" | "refund" | "dismiss" | "retry" | "handed_back">, };

/**
 * A decision about money that waits for a person.
 */
export type ReviewId = number;

/**
 * Where this phone sits: a table, and the code that leads there.
 */
export type Seat = { code: string, tableNumber: string, };

/**
 * One party's stay at one table.
 */
export type SeatingId = number;

export type Session = { token: string, userId: DinerId, tableId: TableId, tableNumber: string, seatingId: SeatingId, expiresAt: string, };

export type Split = { billId: BillId, state: "open" | "paid" | "void", parts: Array<BillPart>, };

export type StaffId = number;

export type TableCall = { alertId: AlertId, kind: number, at: string, };

export type TableId = number;

export type TableRow = { seatingId: SeatingId | null, openedAt: string | null, heads: number | null, state: TableState, owed: Yuan, 
/**
 * Orders 待接单.
 */
unconfirmed: number, lastOrderAt: string | null, billAskedAt: string | null, phones: number, calls: Array<TableCall>, tableId: TableId, tableNumber: string, area: string, seats: number | null, code: string, url: string, };

export type TableState = "free" | "seated" | "ordered" | "toPay" | "toClear";

/**
 * What members paid at the counter for their cards, less what they were paid back.
 */
export type Topups = { count: number, paid: Yuan, 
/**
 * What was put on the cards, in yuan and in uses.
 */
amount: Yuan, uses: number, methods: Array<MethodTotal>, 
/**
 * Those among them that nobody paid for.
 */
gifts: Gifts, };

export type TunnelHealth = { ok: boolean, since: string, detail: string, checkedAt: string | null, lastCallbackAt: string | null, };

export type Unclaimed = { unclaimedId: UnclaimedId, kind: "payment" | "refund", provider: string, outTradeNo: string, reference: string, amount: Yuan, ours: boolean, 
/**
 * When it came or went, by the provider's clock.
 */
at: string, raisedAt: string, 
/**
 * It is on its way back.
 */
refunding: boolean, 
/**
 * Why it could not be sent back; empty while nothing is wrong.
 */
problem: string, actions: Array<"refund" | "order" | "handed_back" | "keep" | "dismiss">, };

export type UnclaimedId = number;

export type Waiting = { requestId: string, tableId: TableId, tableNumber: string, address: string, at: string, };

/**
 * Integer money in fen (1/100 yuan). On the wire: a JSON number of yuan with exactly two decimals.
 */
export type Yuan = number;
