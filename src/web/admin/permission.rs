//! Who may do what at the counter: every route of the counter's family is in this table, or nobody may use it.

use crate::error::Refusal;
use crate::staff::Role::{self, Cashier, Kitchen, Owner, Waiter};
use hyper::Method;

const EVERYBODY: &[Role] = &[Owner, Cashier, Waiter, Kitchen];
/// Who talks to guests.
const FLOOR: &[Role] = &[Owner, Cashier, Waiter];
/// Who may move money.
const TILL: &[Role] = &[Owner, Cashier];
const OWNER: &[Role] = &[Owner];

/// Method, path below `/admin/` (`*` is any one segment), and who. The first line that fits decides.
const TABLE: &[(&str, &str, &[Role])] = &[
    ("GET", "employee/me", EVERYBODY),
    ("GET", "employee/names", EVERYBODY),
    ("GET", "employee/page", OWNER),
    ("GET", "employee/*", OWNER),
    ("POST", "employee", OWNER),
    ("PUT", "employee", OWNER),
    ("POST", "employee/status/*", OWNER),
    ("PUT", "employee/editPassword", EVERYBODY),
    ("PUT", "employee/password", OWNER),
    // One's own; another's is the owner's.
    ("PUT", "employee/pin", EVERYBODY),
    ("GET", "shop/status", EVERYBODY),
    ("PUT", "shop/*", FLOOR),
    ("GET", "order/conditionSearch", EVERYBODY),
    ("GET", "order/statistics", EVERYBODY),
    ("GET", "order/details/*", EVERYBODY),
    ("PUT", "order/confirm", FLOOR),
    ("PUT", "order/rejection", FLOOR),
    ("PUT", "order/cancel", FLOOR),
    // It changes the price.
    ("PUT", "order/packed", TILL),
    ("PUT", "order/delivery/*", EVERYBODY),
    ("PUT", "order/complete/*", EVERYBODY),
    ("POST", "common/upload", TILL),
    ("GET", "menu/export", OWNER),
    ("POST", "menu/import", OWNER),
    ("GET", "category/page", EVERYBODY),
    ("GET", "category/list", EVERYBODY),
    ("POST", "category", TILL),
    ("PUT", "category", TILL),
    ("DELETE", "category", TILL),
    ("POST", "category/status/*", TILL),
    // 起售, 停售 and 沽清: whoever learns first that there is none left.
    ("POST", "dish/status/*", FLOOR),
    ("POST", "setmeal/status/*", FLOOR),
    ("PUT", "dish/stock/*", FLOOR),
    ("PUT", "setmeal/stock/*", FLOOR),
    ("GET", "dish/*", EVERYBODY),
    ("POST", "dish", TILL),
    ("PUT", "dish", TILL),
    ("DELETE", "dish", TILL),
    ("GET", "setmeal/*", EVERYBODY),
    ("POST", "setmeal", TILL),
    ("PUT", "setmeal", TILL),
    ("DELETE", "setmeal", TILL),
    ("GET", "alert/list", EVERYBODY),
    ("POST", "alert/ack/*", EVERYBODY),
    ("POST", "alert/test", FLOOR),
    ("GET", "alert/stream", EVERYBODY),
    ("GET", "alert/desktop", EVERYBODY),
    ("GET", "audit", OWNER),
    ("POST", "backup", OWNER),
    ("POST", "clock/confirm", TILL),
    ("GET", "bill/table/*", FLOOR),
    // A waiter may say who pays what; only the till takes something off.
    ("POST", "bill/split", FLOOR),
    ("POST", "bill/discount", TILL),
    ("POST", "bill/free", TILL),
    ("DELETE", "bill/adjustment/*", TILL),
    ("DELETE", "bill/*", FLOOR),
    ("GET", "payment/ways", EVERYBODY),
    ("GET", "payment/review", EVERYBODY),
    ("POST", "payment/review/*", TILL),
    ("GET", "payment/unclaimed", EVERYBODY),
    ("POST", "payment/unclaimed/*", TILL),
    ("POST", "payment/counter", TILL),
    ("POST", "payment/scan", TILL),
    ("POST", "payment/refund", TILL),
    ("GET", "payment/order/*", EVERYBODY),
    ("GET", "payment/ledger", TILL),
    ("GET", "payment/reconciliation", TILL),
    ("POST", "payment/reconcile", TILL),
    // What was taken is the till's; `workspace` leaves it out for others.
    ("GET", "workspace/businessData", EVERYBODY),
    ("GET", "workspace/overviewOrders", EVERYBODY),
    ("GET", "workspace/overviewDishes", EVERYBODY),
    ("GET", "workspace/overviewSetmeals", EVERYBODY),
    ("GET", "report/turnoverStatistics", TILL),
    // Counts only, as everybody sees them in the list of orders.
    ("GET", "report/ordersStatistics", EVERYBODY),
    ("GET", "report/userStatistics", TILL),
    ("GET", "report/top10", TILL),
    ("GET", "report/export", TILL),
    ("GET", "day/list", TILL),
    ("GET", "day/hours/*", TILL),
    ("POST", "day/close", TILL),
    ("GET", "day/*", TILL),
    ("GET", "online", EVERYBODY),
    // Members' names and numbers are for those who serve them.
    ("GET", "member/page", FLOOR),
    // Who holds a member's link can pay with the card.
    ("POST", "member", TILL),
    ("PUT", "member", FLOOR),
    ("POST", "member/topup", TILL),
    ("POST", "member/scan", FLOOR),
    ("POST", "member/decode", FLOOR),
    ("POST", "member/token/*", TILL),
    ("GET", "member/*", FLOOR),
    ("GET", "table/list", EVERYBODY),
    ("GET", "table/waiting", FLOOR),
    ("POST", "table/admit/*", FLOOR),
    ("POST", "table/refuse/*", FLOOR),
    ("POST", "table", OWNER),
    ("PUT", "table", OWNER),
    ("DELETE", "table/*", OWNER),
    ("POST", "table/session/*", FLOOR),
    ("POST", "table/open/*", FLOOR),
    ("PUT", "table/heads/*", FLOOR),
    ("POST", "table/transfer", FLOOR),
    ("POST", "table/merge", FLOOR),
    ("POST", "table/clear/*", FLOOR),
    // What is printed on the table becomes worthless.
    ("POST", "table/rotate/*", OWNER),
];

/// # Errors
/// `NotFound` for what is not in the table, `MethodNotAllowed` for a path that is there with other methods only,
/// `NotAllowed` for another role's.
pub fn check(role: Role, method: &Method, path: &[&str]) -> Result<(), Refusal> {
    let mut known = false;
    for (allowed, pattern, roles) in TABLE {
        if !fits(pattern, path) {
            continue;
        }
        known = true;
        if *allowed == method.as_str() {
            return if roles.contains(&role) { Ok(()) } else { Err(Refusal::NotAllowed) };
        }
    }
    Err(if known { Refusal::MethodNotAllowed } else { Refusal::NotFound })
}

fn fits(pattern: &str, path: &[&str]) -> bool {
    let mut wanted = pattern.split('/');
    path.iter().all(|segment| wanted.next().is_some_and(|one| one == "*" || one == *segment)) && wanted.next().is_none()
}

/// `POST payment/refund`, and whatever else this role may do: pages show what works.
pub fn allowed(role: Role) -> Vec<String> {
    let fitting = TABLE.iter().filter(|(_, _, roles)| roles.contains(&role));
    fitting.map(|(method, pattern, _)| format!("{method} {pattern}")).collect()
}

/// Whether this role may see what the day has taken.
pub fn may_see_takings(role: Role) -> bool {
    TILL.contains(&role)
}

/// Whether this role may send money back.
pub fn may_refund(role: Role) -> bool {
    TILL.contains(&role)
}
