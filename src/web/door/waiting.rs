//! Scans from outside the shop's networks: a photographed code must not be worth anything at home. Each waits for the
//! counter to agree, for a while.

use crate::error::Refusal;
use crate::secret;
use crate::units::{TableId, Timestamp};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So long a request waits, and an answer is remembered.
const SECONDS: i64 = 300;
/// Requests at a time, at most: of all, and of one address.
const MOST: usize = 64;
const MOST_OF_ADDRESS: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Whoever knows it is let in once the counter agrees.
    pub id: String,
    pub table: TableId,
    pub table_number: String,
    pub address: IpAddr,
    pub at: Timestamp,
    answer: Option<bool>,
}

#[derive(Default)]
pub struct Waiting {
    requests: Mutex<Vec<Admission>>,
}

impl Waiting {
    fn present(&self, now: Timestamp) -> MutexGuard<'_, Vec<Admission>> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.retain(|request| (0..SECONDS).contains(&now.seconds_since(request.at)));
        requests
    }

    /// Whether the phone may come in: `Ok` once, when the counter has agreed. `id`: of an earlier request; without one,
    /// or when that is over, the same phone's request is found again or a new one is made. Answers in the error.
    ///
    /// # Errors
    /// `AwaitingApproval` with the request's id, `NotAdmitted`, `RateLimited` when too many wait.
    pub fn check(
        &self,
        id: Option<&str>,
        table: (TableId, &str),
        address: IpAddr,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let mut requests = self.present(now);
        let named = id.and_then(|id| requests.iter().position(|one| one.id == id && one.table == table.0));
        let same = |one: &Admission| one.address == address && one.table == table.0;
        match named.or_else(|| requests.iter().position(same)) {
            Some(index) => match requests[index].answer {
                Some(true) => {
                    requests.remove(index);
                    Ok(())
                }
                Some(false) => Err(Refusal::NotAdmitted),
                None => Err(Refusal::AwaitingApproval(requests[index].id.clone())),
            },
            None => {
                let of_address = requests.iter().filter(|one| one.address == address).count();
                if requests.len() >= MOST || of_address >= MOST_OF_ADDRESS {
                    return Err(Refusal::RateLimited);
                }
                let id = secret::random_code();
                let table_number = table.1.to_owned();
                requests.push(Admission {
                    id: id.clone(),
                    table: table.0,
                    table_number,
                    address,
                    at: now,
                    answer: None,
                });
                Err(Refusal::AwaitingApproval(id))
            }
        }
    }

    /// What nobody has answered yet, oldest first.
    pub fn list(&self, now: Timestamp) -> Vec<Admission> {
        self.present(now).iter().filter(|request| request.answer.is_none()).cloned().collect()
    }

    /// # Errors
    /// `RequestNotFound` for one that is over or answered.
    pub fn answer(&self, id: &str, admitted: bool, now: Timestamp) -> Result<Admission, Refusal> {
        let mut requests = self.present(now);
        let open = requests.iter_mut().find(|request| request.id == id && request.answer.is_none());
        let request = open.ok_or(Refusal::RequestNotFound)?;
        request.answer = Some(admitted);
        Ok(request.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A01: (TableId, &str) = (TableId(1), "A01");

    fn phone(last: u8) -> IpAddr {
        [203, 0, 113, last].into()
    }

    fn asked(waiting: &Waiting, table: i64, last: u8, now: i64) -> Result<String, Refusal> {
        match waiting.check(None, (TableId(table), "A"), phone(last), Timestamp(now)) {
            Err(Refusal::AwaitingApproval(id)) => Ok(id),
            other => Err(other.unwrap_err()),
        }
    }

    #[test]
    fn a_request_of_a_clock_that_was_ahead_is_over() {
        let waiting = Waiting::default();
        let id = asked(&waiting, 1, 7, 63_000_000_000).unwrap();
        assert!(waiting.list(Timestamp(0)).is_empty());
        assert_ne!(asked(&waiting, 1, 7, 0), Ok(id));
    }

    #[test]
    fn a_phone_waits_is_let_in_once_and_has_to_ask_again_then() {
        let waiting = Waiting::default();
        let id = asked(&waiting, 1, 7, 0).unwrap();
        assert_eq!(asked(&waiting, 1, 7, 1), Ok(id.clone()), "a reload is no second request");
        assert_eq!(waiting.list(Timestamp(1)).len(), 1);
        let check = |id: &str, last| waiting.check(Some(id), A01, phone(last), Timestamp(2));
        assert_eq!(check(&id, 7), Err(Refusal::AwaitingApproval(id.clone())));
        waiting.answer(&id, true, Timestamp(2)).unwrap();
        assert_eq!(waiting.answer(&id, true, Timestamp(2)), Err(Refusal::RequestNotFound));
        assert!(waiting.check(Some(&id), (TableId(2), "A02"), phone(9), Timestamp(2)).is_err(), "another table");
        assert_eq!(check(&id, 8), Ok(()), "its address may have changed");
        assert!(matches!(check(&id, 8), Err(Refusal::AwaitingApproval(_))));
    }

    #[test]
    fn one_who_was_refused_stays_refused_for_a_while() {
        let waiting = Waiting::default();
        let id = asked(&waiting, 1, 7, 0).unwrap();
        waiting.answer(&id, false, Timestamp(1)).unwrap();
        assert_eq!(asked(&waiting, 1, 7, 2), Err(Refusal::NotAdmitted));
        assert!(asked(&waiting, 1, 7, SECONDS * 1000).is_ok());
    }

    #[test]
    fn requests_are_few_and_end_by_themselves() {
        let waiting = Waiting::default();
        for table in 0..4 {
            assert!(asked(&waiting, table, 7, 0).is_ok());
        }
        assert_eq!(asked(&waiting, 4, 7, 0), Err(Refusal::RateLimited));
        for last in 100..160 {
            assert!(asked(&waiting, 1, last, 0).is_ok(), "{last}");
        }
        assert_eq!(asked(&waiting, 1, 9, 0), Err(Refusal::RateLimited));
        let later = SECONDS * 1000;
        assert!(waiting.list(Timestamp(later)).is_empty() && asked(&waiting, 1, 9, later).is_ok());
    }
}
