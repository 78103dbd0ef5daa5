//! The order machine: one pure, exhaustive function. Numbers are those of docs/protocol.md §0.3.

use crate::error::{End, Money, OrderReason, Refusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 待付款
    PendingPayment = 1,
    /// 待接单: due to the kitchen, nobody has accepted it yet.
    ToBeConfirmed = 2,
    /// 已接单
    Confirmed = 3,
    /// 上菜中
    Serving = 4,
    /// 已完成
    Completed = 5,
    /// 已取消
    Cancelled = 6,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pay {
    Unpaid = 0,
    Paid = 1,
    Refunded = 2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub status: Status,
    pub pay: Pay,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A payment of the whole amount is confirmed.
    Paid,
    /// It was paid because it cost nothing; now it costs something again. What the kitchen has, it keeps.
    Reopen,
    /// 接单
    Accept,
    /// 上菜
    Serve,
    /// 完成
    Complete,
    /// The diner, or the clock, while unpaid.
    Withdraw,
    /// 拒单 or 取消 by staff.
    Cancel,
    /// The whole amount went back to the payer.
    Refunded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Moved(State),
    AlreadyDone,
}

impl Status {
    pub const ALL: [Status; 6] = [
        Status::PendingPayment,
        Status::ToBeConfirmed,
        Status::Confirmed,
        Status::Serving,
        Status::Completed,
        Status::Cancelled,
    ];

    pub fn from_number(number: i64) -> Option<Status> {
        Status::ALL.into_iter().find(|status| *status as i64 == number)
    }

    pub fn is_over(self) -> bool {
        matches!(self, Status::Completed | Status::Cancelled)
    }

    /// Nobody has begun to cook it: what it took of counted dishes can be had again when it is cancelled.
    pub fn is_unaccepted(self) -> bool {
        matches!(self, Status::PendingPayment | Status::ToBeConfirmed)
    }
}

impl Pay {
    pub const ALL: [Pay; 3] = [Pay::Unpaid, Pay::Paid, Pay::Refunded];

    pub fn from_number(number: i64) -> Option<Pay> {
        Pay::ALL.into_iter().find(|pay| *pay as i64 == number)
    }
}

/// Where `input` takes an order in `state`.
///
/// # Errors
/// `OrderState` when the state does not allow it; the order stays as it is.
pub fn step(state: State, input: Input) -> Result<Step, Refusal> {
    use Status::{Cancelled, Completed, Confirmed, PendingPayment, Serving, ToBeConfirmed};
    let to = |status| Ok(Step::Moved(State { status, ..state }));
    let refuse = |reason| Err(Refusal::OrderState(reason));
    match (input, state.status, state.pay) {
        (Input::Paid, Cancelled, Pay::Unpaid) => refuse(OrderReason::Cancelled),
        (Input::Paid, PendingPayment, Pay::Unpaid) => Ok(Step::Moved(State { status: ToBeConfirmed, pay: Pay::Paid })),
        (Input::Paid, ToBeConfirmed | Confirmed | Serving | Completed, Pay::Unpaid) => {
            Ok(Step::Moved(State { pay: Pay::Paid, ..state }))
        }
        (Input::Paid, _, Pay::Paid) => Ok(Step::AlreadyDone),
        (Input::Paid, _, Pay::Refunded) => refuse(OrderReason::Refunded),

        (Input::Reopen, Cancelled, _) => refuse(OrderReason::Cancelled),
        (Input::Reopen, PendingPayment | ToBeConfirmed | Confirmed | Serving | Completed, Pay::Unpaid) => {
            Ok(Step::AlreadyDone)
        }
        (Input::Reopen, PendingPayment | ToBeConfirmed | Confirmed | Serving | Completed, Pay::Paid) => {
            Ok(Step::Moved(State { pay: Pay::Unpaid, ..state }))
        }
        (Input::Reopen, PendingPayment | ToBeConfirmed | Confirmed | Serving | Completed, Pay::Refunded) => {
            refuse(OrderReason::Refunded)
        }

        (Input::Accept, PendingPayment, _) => refuse(OrderReason::Unpaid),
        (Input::Accept, ToBeConfirmed, _) => to(Confirmed),
        (Input::Accept, Confirmed, _) => Ok(Step::AlreadyDone),
        (Input::Accept, Serving | Completed | Cancelled, _) => refuse(OrderReason::NotToBeAccepted),

        (Input::Serve, PendingPayment, _) => refuse(OrderReason::Unpaid),
        (Input::Serve, ToBeConfirmed, _) => refuse(OrderReason::NotAccepted),
        (Input::Serve, Confirmed, _) => to(Serving),
        (Input::Serve, Serving, _) => Ok(Step::AlreadyDone),
        (Input::Serve, Completed | Cancelled, _) => refuse(OrderReason::Over),

        (Input::Complete, PendingPayment, _) => refuse(OrderReason::Unpaid),
        (Input::Complete, ToBeConfirmed, _) => refuse(OrderReason::NotAccepted),
        (Input::Complete, Confirmed | Serving, _) => to(Completed),
        (Input::Complete, Completed, _) => Ok(Step::AlreadyDone),
        (Input::Complete, Cancelled, _) => refuse(OrderReason::Cancelled),

        (Input::Withdraw, PendingPayment, Pay::Unpaid) => to(Cancelled),
        (Input::Withdraw, ToBeConfirmed, Pay::Unpaid) => to(Cancelled),
        (Input::Withdraw, Confirmed | Serving | Completed, Pay::Unpaid) => refuse(OrderReason::KitchenHasIt),
        (Input::Withdraw, Cancelled, _) => Ok(Step::AlreadyDone),
        (
            Input::Withdraw,
            PendingPayment | ToBeConfirmed | Confirmed | Serving | Completed,
            Pay::Paid | Pay::Refunded,
        ) => refuse(OrderReason::PaidAlready),

        (Input::Cancel, PendingPayment | ToBeConfirmed | Confirmed | Serving, _) => to(Cancelled),
        // sky-take-out let it pass; here what was eaten stays eaten, and only its money can go back.
        (Input::Cancel, Completed, pay) => refuse(eaten(pay, End::Cancel)),
        (Input::Cancel, Cancelled, _) => Ok(Step::AlreadyDone),

        (Input::Refunded, _, Pay::Unpaid) => refuse(OrderReason::Unpaid),
        (Input::Refunded, _, Pay::Paid) => Ok(Step::Moved(State { pay: Pay::Refunded, ..state })),
        (Input::Refunded, _, Pay::Refunded) => Ok(Step::AlreadyDone),
    }
}

/// What becomes of the money of an order that was eaten: it goes back, or nobody takes it.
fn eaten(pay: Pay, ending: End) -> OrderReason {
    let money = match pay {
        Pay::Unpaid => Money::Owed,
        Pay::Paid => Money::Taken,
        Pay::Refunded => Money::Returned,
    };
    OrderReason::Eaten(ending, money)
}

/// Whether a diner may urge: due to the kitchen and not finished (docs/protocol.md §2).
///
/// # Errors
/// `OrderState` with the reason.
pub fn check_urgeable(state: State) -> Result<(), Refusal> {
    match state.status {
        Status::PendingPayment => Err(Refusal::OrderState(OrderReason::Unpaid)),
        Status::ToBeConfirmed | Status::Confirmed | Status::Serving => Ok(()),
        Status::Completed => Err(Refusal::OrderState(OrderReason::Completed)),
        Status::Cancelled => Err(Refusal::OrderState(OrderReason::Cancelled)),
    }
}

/// Whether 拒单 is the word for it: a page that is behind must not end what the kitchen cooks.
///
/// # Errors
/// `OrderState` with the reason.
pub fn check_rejectable(state: State) -> Result<(), Refusal> {
    match state.status {
        Status::PendingPayment => Err(Refusal::OrderState(OrderReason::RejectUnpaid)),
        Status::ToBeConfirmed | Status::Cancelled => Ok(()),
        Status::Confirmed | Status::Serving => Err(Refusal::OrderState(OrderReason::RejectAccepted)),
        Status::Completed => Err(Refusal::OrderState(eaten(state.pay, End::Reject))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole grid. A row: input, pay status, then the outcome for 待付款 待接单 已接单 上菜中 已完成 已取消:
    /// a digit is the new status, `=` already done, `-` refused; a following `u`, `p` or `r` is the new pay status.
    const GRID: &str = "
        Paid      0   2p 2p 3p 4p 5p -
        Paid      1   =  =  =  =  =  =
        Paid      2   -  -  -  -  -  -
        Reopen    0   =  =  =  =  =  -
        Reopen    1   1u 2u 3u 4u 5u -
        Reopen    2   -  -  -  -  -  -
        Accept    0   -  3  =  -  -  -
        Accept    1   -  3  =  -  -  -
        Accept    2   -  3  =  -  -  -
        Serve     0   -  -  4  =  -  -
        Serve     1   -  -  4  =  -  -
        Serve     2   -  -  4  =  -  -
        Complete  0   -  -  5  5  =  -
        Complete  1   -  -  5  5  =  -
        Complete  2   -  -  5  5  =  -
        Withdraw  0   6  6  -  -  -  =
        Withdraw  1   -  -  -  -  -  =
        Withdraw  2   -  -  -  -  -  =
        Cancel    0   6  6  6  6  -  =
        Cancel    1   6  6  6  6  -  =
        Cancel    2   6  6  6  6  -  =
        Refunded  0   -  -  -  -  -  -
        Refunded  1   1r 2r 3r 4r 5r 6r
        Refunded  2   =  =  =  =  =  =";

    const INPUTS: [Input; 8] = [
        Input::Paid,
        Input::Reopen,
        Input::Accept,
        Input::Serve,
        Input::Complete,
        Input::Withdraw,
        Input::Cancel,
        Input::Refunded,
    ];

    #[test]
    fn every_state_and_input_does_what_the_grid_says() {
        let mut seen = 0;
        for row in GRID.trim().lines() {
            let words: Vec<&str> = row.split_whitespace().collect();
            let input = INPUTS.into_iter().find(|input| format!("{input:?}") == words[0]).unwrap();
            let pay = Pay::from_number(words[1].parse().unwrap()).unwrap();
            for (status, expected) in Status::ALL.into_iter().zip(&words[2..]) {
                let state = State { status, pay };
                let said = match step(state, input) {
                    Err(_) => "-".to_owned(),
                    Ok(Step::AlreadyDone) => "=".to_owned(),
                    Ok(Step::Moved(to)) => {
                        let pay = match to.pay {
                            changed if changed == pay => "",
                            Pay::Paid => "p",
                            Pay::Refunded => "r",
                            Pay::Unpaid => "u",
                        };
                        format!("{}{pay}", to.status as i64)
                    }
                };
                assert_eq!(&said, expected, "{input:?} in {state:?}");
                seen += 1;
            }
        }
        assert_eq!(seen, INPUTS.len() * Pay::ALL.len() * Status::ALL.len());
    }

    #[test]
    fn what_to_do_about_an_order_that_was_eaten_fits_its_money() {
        for (pay, money) in [(Pay::Unpaid, Money::Owed), (Pay::Paid, Money::Taken), (Pay::Refunded, Money::Returned)] {
            let state = State { status: Status::Completed, pay };
            let refused = |ending| Err(Refusal::OrderState(OrderReason::Eaten(ending, money)));
            assert_eq!(step(state, Input::Cancel).map(drop), refused(End::Cancel), "{pay:?}");
            assert_eq!(check_rejectable(state), refused(End::Reject), "{pay:?}");
        }
    }

    #[test]
    fn nothing_leaves_an_order_that_is_over() {
        for status in Status::ALL.into_iter().filter(|status| status.is_over()) {
            for pay in Pay::ALL {
                for input in INPUTS {
                    if let Ok(Step::Moved(to)) = step(State { status, pay }, input) {
                        assert_eq!(to.status, status, "{input:?}");
                    }
                }
            }
        }
    }
}
