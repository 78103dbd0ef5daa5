//! The machines of a bill and of its parts: pure and exhaustive. SQL compares and sets what they say.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillState {
    Open,
    Paid,
    Void,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillInput {
    /// All that its orders cost has come.
    Settled,
    /// Its orders are on it no more.
    Dropped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    Open,
    Paid,
    Void,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartInput {
    /// Its money has come.
    Paid,
    /// The bill is cut anew, or an order has left it: nobody can pay this part any more. What is paid stays.
    Recut,
    /// Its money goes back.
    Returned,
}

names!(BillState { Open = "open", Paid = "paid", Void = "void" });

impl BillState {
    /// Where `input` takes a bill; `None` where it stays as it is.
    pub fn step(self, input: BillInput) -> Option<BillState> {
        match (self, input) {
            (BillState::Open, BillInput::Settled) => Some(BillState::Paid),
            (BillState::Open, BillInput::Dropped) => Some(BillState::Void),
            (BillState::Paid | BillState::Void, BillInput::Settled | BillInput::Dropped) => None,
        }
    }
}

names!(PartState { Open = "open", Paid = "paid", Void = "void" });

impl PartState {
    /// Where `input` takes a part; `None` where it stays as it is.
    pub fn step(self, input: PartInput) -> Option<PartState> {
        match (self, input) {
            (PartState::Open, PartInput::Paid) => Some(PartState::Paid),
            (PartState::Open, PartInput::Recut) => Some(PartState::Void),
            (PartState::Paid, PartInput::Returned) => Some(PartState::Void),
            (PartState::Open, PartInput::Returned) => None,
            (PartState::Paid, PartInput::Paid | PartInput::Recut) => None,
            (PartState::Void, PartInput::Paid | PartInput::Recut | PartInput::Returned) => None,
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
        for (input, row) in [(BillInput::Settled, "p = ="), (BillInput::Dropped, "v = =")] {
            let said = BillState::ALL.map(|state| letter(state.step(input).map(BillState::name)));
            assert_eq!(said.join(" "), row, "{input:?}");
        }
        for (input, row) in [(PartInput::Paid, "p = ="), (PartInput::Recut, "v = ="), (PartInput::Returned, "= v =")] {
            let said = PartState::ALL.map(|state| letter(state.step(input).map(PartState::name)));
            assert_eq!(said.join(" "), row, "{input:?}");
        }
    }
}
