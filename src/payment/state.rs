//! The machines of money that comes and of money that goes back: pure and exhaustive. SQL compares and sets what they say.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentState {
    /// Our row is on disk, the provider may or may not know it yet.
    Creating,
    /// The payer can pay.
    Open,
    Paid,
    /// Can't be paid any more.
    Closed,
    /// Paid, but not what or to whom we asked: a person decides.
    NeedsReview,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentInput {
    /// The provider knows it.
    Opened,
    /// Its money has come.
    Paid,
    /// The provider takes no money for it any more.
    Closed,
    /// What came is not what was asked for.
    Doubted,
    /// A person has decided: what came counts as its money.
    Accepted,
    /// A person has decided, and nothing came.
    Dismissed,
}

/// How far a refund has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    /// It has been asked for, or is to be.
    Pending,
    /// The money is back.
    Done,
    /// The payer's account can't take it.
    Abnormal,
    /// The provider gave it up.
    Closed,
    /// The provider does not take it.
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundInput {
    Done,
    Abnormal,
    Closed,
    Refused,
}

names!(PaymentState {
    Creating = "creating",
    Open = "open",
    Paid = "paid",
    Closed = "closed",
    NeedsReview = "needs_review",
});

impl PaymentState {
    /// Whether the payer may still pay it.
    pub fn is_open(self) -> bool {
        matches!(self, PaymentState::Creating | PaymentState::Open)
    }

    /// Where `input` takes a payment; `None` where it stays as it is.
    pub fn step(self, input: PaymentInput) -> Option<PaymentState> {
        use PaymentState::{Closed, Creating, NeedsReview, Open, Paid};
        match (self, input) {
            // A code that is made anew is another one.
            (Creating | Open, PaymentInput::Opened) => Some(Open),
            (Paid | Closed | NeedsReview, PaymentInput::Opened) => None,

            // Money comes for a code that outlived its closing, too, and after other money that was not ours.
            (Creating | Open | Closed | NeedsReview, PaymentInput::Paid) => Some(Paid),
            (Paid, PaymentInput::Paid) => None,

            (Creating | Open, PaymentInput::Closed) => Some(Closed),
            (Paid | Closed | NeedsReview, PaymentInput::Closed) => None,

            (Creating | Open | Closed | NeedsReview, PaymentInput::Doubted) => Some(NeedsReview),
            (Paid, PaymentInput::Doubted) => None,

            (NeedsReview, PaymentInput::Accepted) => Some(Paid),
            (NeedsReview, PaymentInput::Dismissed) => Some(Closed),
            (Creating | Open | Paid | Closed, PaymentInput::Accepted | PaymentInput::Dismissed) => None,
        }
    }
}

names!(RefundState {
    Pending = "pending",
    Done = "done",
    Abnormal = "abnormal",
    Closed = "closed",
    Refused = "refused",
});

impl RefundState {
    /// Where `input` takes a refund; `None` where it stays as it is. What has failed may still turn out to be done: the
    /// provider mends it, or staff hand the money back.
    pub fn step(self, input: RefundInput) -> Option<RefundState> {
        use RefundState::{Abnormal, Closed, Done, Pending, Refused};
        match (self, input) {
            (Pending | Abnormal | Closed | Refused, RefundInput::Done) => Some(Done),
            (Pending, RefundInput::Abnormal) => Some(Abnormal),
            (Pending, RefundInput::Closed) => Some(Closed),
            (Pending, RefundInput::Refused) => Some(Refused),
            (Abnormal | Closed | Refused, RefundInput::Abnormal | RefundInput::Closed | RefundInput::Refused) => None,
            (Done, RefundInput::Done | RefundInput::Abnormal | RefundInput::Closed | RefundInput::Refused) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole grids. A row: input, then the outcome for each state in the order of `ALL`: its first letter, or `=` where
    /// it stays.
    #[test]
    fn every_state_and_input_does_what_the_grids_say() {
        let letter = |name: Option<&str>| name.map_or("=".to_owned(), |name| name[..1].to_owned());
        for (input, row) in [
            (PaymentInput::Opened, "o o = = ="),
            (PaymentInput::Paid, "p p = p p"),
            (PaymentInput::Closed, "c c = = ="),
            (PaymentInput::Doubted, "n n = n n"),
            (PaymentInput::Accepted, "= = = = p"),
            (PaymentInput::Dismissed, "= = = = c"),
        ] {
            let said = PaymentState::ALL.map(|state| letter(state.step(input).map(PaymentState::name)));
            assert_eq!(said.join(" "), row, "{input:?}");
        }
        for (input, row) in [
            (RefundInput::Done, "d = d d d"),
            (RefundInput::Abnormal, "a = = = ="),
            (RefundInput::Closed, "c = = = ="),
            (RefundInput::Refused, "r = = = ="),
        ] {
            let said = RefundState::ALL.map(|state| letter(state.step(input).map(RefundState::name)));
            assert_eq!(said.join(" "), row, "{input:?}");
        }
    }
}
