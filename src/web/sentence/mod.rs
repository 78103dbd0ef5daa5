//! What people are told of a refusal, and of a menu that is read in, in Chinese and in English: the one place where these
//! sentences stand. Nobody below the web knows what is shown; the command line, above it, looks here, too.

/// One row of a table: the Chinese sentence, and the English one with the same facts.
macro_rules! say {
    ($chinese:literal, $english:literal $(,)?) => {
        Sentence { chinese: format!($chinese), english: format!($english) }
    };
}

mod exchange;
mod field;
mod reason;
mod refusal;

use crate::error::Error;
use crate::menu::exchange::Fault;

pub use exchange::{of_changes, of_kind};
pub use refusal::of;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub chinese: String,
    pub english: String,
}

impl Sentence {
    pub fn in_language(self, english: bool) -> String {
        if english { self.english } else { self.chinese }
    }
}

/// Of an error, whose cause is nobody's business.
pub fn of_error(error: &Error) -> Sentence {
    match error {
        Error::Refused(refusal) => of(refusal),
        Error::Internal(_) => say!("系统出错了，请联系店员", "Something went wrong, please ask the staff"),
    }
}

/// Of a cell or a line in a table that is read in: what is wrong with it is no wrong request.
pub fn of_fault(fault: &Fault) -> Sentence {
    match fault {
        Fault::Unread(why) => exchange::unread(why),
        Fault::Refused(crate::error::Refusal::BadMenu(fault)) => reason::menu_fault(fault),
        Fault::Refused(refusal) => of(refusal),
    }
}

#[cfg(test)]
mod tests;
