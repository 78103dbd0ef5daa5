//! When something is sold: windows that come every day, such as `11:00-14:00,17:00-21:00`. Empty is always.

use crate::error::{MenuFault, Refusal};
use crate::units::{Hours, TimeOfDay};

/// The windows as they are kept: `-` within one and `,` between, whatever keyboard they were typed on.
///
/// # Errors
/// `BadMenu` for what is no window, or one that never opens.
pub fn clean(typed: &str) -> Result<String, Refusal> {
    let plain = |typed: char| match typed {
        '：' => ':',
        '－' | '–' | '—' | '~' | '～' | '至' => '-',
        '，' | '、' | ';' | '；' | ' ' => ',',
        other => other,
    };
    let text: String = typed.trim().chars().map(plain).collect();
    let windows: Vec<&str> = text.split(',').filter(|window| !window.is_empty()).collect();
    let opens = |window: &&str| {
        Hours::parse(window).is_some() && window.split_once('-').is_some_and(|(from, until)| from != until)
    };
    match windows.iter().all(opens) {
        true => Ok(windows.join(",")),
        false => Err(Refusal::BadMenu(MenuFault::Hours(typed.to_owned()))),
    }
}

/// Whether something with these hours, as they are kept, is sold at this time.
pub fn are_open(hours: &str, time: TimeOfDay) -> bool {
    hours.is_empty() || hours.split(',').filter_map(Hours::parse).any(|window| window.contain(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_as_people_type_them() {
        for (typed, kept) in [
            ("", ""),
            (" 11:00-14:00 ", "11:00-14:00"),
            ("11：00～14：00、17:00至21:00", "11:00-14:00,17:00-21:00"),
            ("22:30-02:00", "22:30-02:00"),
        ] {
            assert_eq!(clean(typed).unwrap(), kept, "{typed}");
        }
        for typed in ["午市", "11:00", "11:00-25:00", "11:00-11:00", "11:00-14:00,x"] {
            assert!(matches!(clean(typed), Err(Refusal::BadMenu(MenuFault::Hours(_)))), "{typed}");
        }
    }

    #[test]
    fn any_window_opens_also_over_midnight() {
        let at = |text| TimeOfDay::parse(text).unwrap();
        let open = |hours| ["11:00", "13:59", "14:00", "23:00", "01:59", "02:00"].map(|time| are_open(hours, at(time)));
        assert_eq!(open(""), [true; 6]);
        assert_eq!(open("11:00-14:00"), [true, true, false, false, false, false]);
        assert_eq!(open("11:00-14:00,22:00-02:00"), [true, true, false, true, true, false]);
    }
}
