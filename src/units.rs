//! Money, quantities, ids and points in time: small types that keep the rest honest.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;

pub use jiff::civil::Date;

/// The one store of this database.
pub const STORE_ID: i64 = 1;

/// The largest id on any wire, 2^53 − 1: pages know no larger whole number.
pub const MAX_ID: i64 = (1 << 53) - 1;

/// Integer money in fen (1/100 yuan). On the wire: a JSON number of yuan with exactly two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Yuan"))]
pub struct Fen(pub i64);

impl Fen {
    pub const ZERO: Fen = Fen(0);

    /// The price of `quantity` pieces. Prices and quantities are bounded far below overflow; saturating keeps that no panic.
    pub fn times(self, quantity: i64) -> Fen {
        Fen(self.0.saturating_mul(quantity))
    }

    pub fn plus(self, other: Fen) -> Fen {
        Fen(self.0.saturating_add(other.0))
    }

    pub fn minus(self, other: Fen) -> Fen {
        Fen(self.0.saturating_sub(other.0))
    }

    /// This amount over so many shares, in proportion to their weights and to the fen: no fen is lost or made, and no
    /// share is a whole fen away from its exact one. What the fen do not divide goes to those who are short of most, the
    /// first among equals. Without any weight all shares are alike. Neither amount nor weights are negative.
    pub fn spread(self, weights: &[Fen]) -> Vec<Fen> {
        let total: i128 = weights.iter().map(|weight| i128::from(weight.0)).sum();
        if total == 0 {
            return if weights.is_empty() { Vec::new() } else { self.spread(&vec![Fen(1); weights.len()]) };
        }
        let exact = |weight: &Fen| i128::from(self.0) * i128::from(weight.0);
        let mut shares: Vec<Fen> = weights.iter().map(|weight| Fen((exact(weight) / total) as i64)).collect();
        let missing = self.0 - shares.iter().map(|share| share.0).sum::<i64>();
        let mut short: Vec<usize> = (0..weights.len()).collect();
        short.sort_by_key(|index| std::cmp::Reverse(exact(&weights[*index]) % total));
        for index in short.into_iter().take(missing as usize) {
            shares[index] = shares[index].plus(Fen(1));
        }
        shares
    }

    /// So many percent of it, to the nearest fen; half a fen counts as one. Not of a negative amount.
    pub fn percent(self, percent: i64) -> Fen {
        Fen(((i128::from(self.0) * i128::from(percent) + 50) / 100) as i64)
    }

    /// Reads yuan as providers and clients write them: `38`, `38.5`, `38.00`, `-0.50`. Exact: what has more than two
    /// decimals, an exponent or anything else is `None`.
    pub fn from_yuan(text: &str) -> Option<Fen> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (yuan, cents) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(yuan) || !plain(cents) || cents.len() > 2 || yuan.len() > 12 {
            return None;
        }
        let hundredths: i64 = cents.parse().ok()?;
        let hundredths = if cents.len() == 1 { hundredths * 10 } else { hundredths };
        let fen = yuan.parse::<i64>().ok()? * 100 + hundredths;
        Some(Fen(if negative { -fen } else { fen }))
    }
}

/// Yuan with exactly two decimals: `38.00`, `-0.50`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl Serialize for Fen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.to_string();
        serde_json::from_str::<&RawValue>(&text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// A JSON number of yuan; read from its digits, never through a float.
impl<'de> Deserialize<'de> for Fen {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Fen, D::Error> {
        let number = Box::<RawValue>::deserialize(deserializer)?;
        Fen::from_yuan(number.get())
            .ok_or_else(|| serde::de::Error::custom("an amount of yuan with at most two decimals"))
    }
}

impl std::iter::Sum for Fen {
    fn sum<I: Iterator<Item = Fen>>(amounts: I) -> Fen {
        amounts.fold(Fen::ZERO, Fen::plus)
    }
}

/// By which way money came: `payMethod` on the wire and in the database (docs/protocol.md §1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayMethod {
    Wechat = 1,
    Alipay = 2,
    Cash = 3,
    /// The bank's own card terminal.
    Terminal = 4,
    /// 会员余额
    Balance = 5,
    /// The demo provider, and what a later version may have written.
    Other = 9,
}

impl PayMethod {
    pub fn from_number(number: i64) -> PayMethod {
        match number {
            1 => PayMethod::Wechat,
            2 => PayMethod::Alipay,
            3 => PayMethod::Cash,
            4 => PayMethod::Terminal,
            5 => PayMethod::Balance,
            _ => PayMethod::Other,
        }
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(test, derive(ts_rs::TS))]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    )+};
}

ids! {
    TableId,
    /// One party's stay at one table.
    SeatingId,
    /// A phone in a seating; `userId` on the wire.
    DinerId,
    StaffId,
    /// A dish or a combo.
    CuisineId,
    LineId,
    OrderId,
    PaymentId,
    RefundId,
    /// A decision about money that waits for a person.
    ReviewId,
    UnclaimedId,
    /// A line of the ledger.
    EntryId,
    AlertId,
    /// A party's account: some of its orders, paid together.
    BillId,
    /// What one payer pays of a bill.
    PartId,
    /// A reduction or a fee of an order.
    AdjustmentId,
    /// `userId` of a member on the wire.
    MemberId,
    CategoryId,
}

/// A point in time: unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub fn now() -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }

    /// Seconds since the PC was started, asleep or awake: a clock that nobody sets.
    pub fn steady_seconds() -> i64 {
        rustix::time::clock_gettime(rustix::time::ClockId::Boottime).tv_sec
    }

    pub fn plus_seconds(self, seconds: i64) -> Timestamp {
        Timestamp(self.0 + seconds * 1000)
    }

    /// Whole seconds from `earlier` to `self`; negative when `earlier` is later.
    pub fn seconds_since(self, earlier: Timestamp) -> i64 {
        (self.0 - earlier.0) / 1000
    }
}

/// A time on the wall, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(jiff::civil::Time);

impl TimeOfDay {
    /// `08:30`.
    pub fn parse(text: &str) -> Option<TimeOfDay> {
        jiff::civil::Time::strptime("%H:%M", text).ok().map(TimeOfDay)
    }
}

/// Hours that come every day, such as 22:30-08:00: from the first minute to before the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: TimeOfDay,
    until: TimeOfDay,
}

impl Hours {
    /// `22:30-08:00`.
    pub fn parse(text: &str) -> Option<Hours> {
        let (from, until) = text.split_once('-')?;
        Some(Hours { from: TimeOfDay::parse(from.trim())?, until: TimeOfDay::parse(until.trim())? })
    }

    pub fn contain(self, time: TimeOfDay) -> bool {
        match self.from <= self.until {
            true => self.from <= time && time < self.until,
            false => self.from <= time || time < self.until,
        }
    }
}

const STAMP: &str = "%Y%m%d-%H%M%S";

/// The store's wall clock: its time zone and the hour at which a business day ends.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: jiff::tz::TimeZone,
    cutover_hour: i8,
}

impl Calendar {
    pub fn new(zone: jiff::tz::TimeZone, cutover_hour: i8) -> Calendar {
        Calendar { zone, cutover_hour }
    }

    /// As this PC shows the time.
    pub fn of_this_pc() -> Calendar {
        Calendar::new(jiff::tz::TimeZone::system(), 0)
    }

    /// Such as `Asia/Shanghai`.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    fn local(&self, at: Timestamp) -> jiff::Zoned {
        jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(self.zone.clone())
    }

    pub fn time_of_day(&self, at: Timestamp) -> TimeOfDay {
        TimeOfDay(self.local(at).time())
    }

    /// `20261120`. An order at 01:30 belongs to the evening before when the cut-over hour is later than one.
    pub fn business_day(&self, at: Timestamp) -> String {
        let local = self.local(at);
        let date = if local.hour() < self.cutover_hour {
            local.date().yesterday().unwrap_or(local.date())
        } else {
            local.date()
        };
        date.strftime("%Y%m%d").to_string()
    }

    /// RFC 3339 with the store's offset: `2026-11-20T19:03:11+08:00`.
    pub fn rfc3339(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// `2026-11-20 19:03`, as the sky-take-out family prints times.
    pub fn minute(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// `20261120-190311`, for the names of files.
    pub fn stamp(&self, at: Timestamp) -> String {
        self.local(at).strftime(STAMP).to_string()
    }

    /// Reads such a stamp in the store's zone.
    pub fn parse_stamp(&self, text: &str) -> Option<Timestamp> {
        let local = jiff::civil::DateTime::strptime(STAMP, text).ok()?;
        let zoned = local.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond())).filter(|at| self.stamp(*at) == text)
    }

    /// `2026-11-20` or `20261120`.
    pub fn parse_date(text: &str) -> Option<Date> {
        let format = if text.contains('-') { "%Y-%m-%d" } else { "%Y%m%d" };
        Date::strptime(format, text).ok()
    }

    /// The business day that `at` belongs to, as a date.
    pub fn business_date(&self, at: Timestamp) -> Date {
        Calendar::parse_date(&self.business_day(at)).unwrap_or_default()
    }

    /// From the first instant of a business day to the first after it.
    pub fn bounds(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let begins = |day: Date| {
            let zoned = day.at(self.cutover_hour, 0, 0, 0).to_zoned(self.zone.clone()).ok()?;
            Some(Timestamp(zoned.timestamp().as_millisecond()))
        };
        Some((begins(day)?, begins(day.tomorrow().ok()?)?))
    }

    /// Reads `2026-11-20 19:03:11` in the store's zone.
    pub fn parse_second(&self, text: &str) -> Option<Timestamp> {
        let local = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
        let zoned = local.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_with_exactly_two_decimals() {
        for (fen, text) in [(0, "0.00"), (5, "0.05"), (3800, "38.00"), (123456, "1234.56"), (-50, "-0.50")] {
            assert_eq!(serde_json::to_string(&Fen(fen)).unwrap(), text);
        }
    }

    #[test]
    fn money_is_read_from_its_digits() {
        for (text, fen) in [("38", 3800), ("38.5", 3850), ("38.05", 3805), ("0.01", 1), ("-1.00", -100)] {
            assert_eq!(Fen::from_yuan(text), Some(Fen(fen)), "{text}");
            assert_eq!(serde_json::from_str::<Fen>(text).ok(), Some(Fen(fen)), "{text}");
        }
        for text in ["", "-", ".5", "1.", "1.234", "1e3", "+1", "1,00", " 1", "٣", "9999999999999", "\"1\""] {
            assert_eq!(Fen::from_yuan(text), None, "{text}");
            assert!(serde_json::from_str::<Fen>(text).is_err() || text.starts_with(' '), "{text}");
        }
    }

    #[test]
    fn an_amount_is_spread_to_the_fen() {
        let spread = |fen, weights: &[i64]| {
            let weights: Vec<Fen> = weights.iter().copied().map(Fen).collect();
            Fen(fen).spread(&weights).into_iter().map(|share| share.0).collect::<Vec<_>>()
        };
        assert_eq!(spread(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(spread(100, &[0, 0]), [50, 50], "no weight at all");
        assert_eq!(spread(10, &[3800, 0, 3800]), [5, 0, 5]);
        assert_eq!(spread(1, &[1, 2]), [0, 1], "the one that is short of most");
        assert_eq!(spread(0, &[1]), [0]);
        assert_eq!(spread(5, &[]), [0; 0]);
        assert_eq!((Fen(3333).percent(15), Fen(50).percent(1), Fen(49).percent(1)), (Fen(500), Fen(1), Fen(0)));
    }

    proptest::proptest! {
        #[test]
        fn spreading_loses_and_makes_no_fen(fen in 0..10_000_000i64, weights in proptest::collection::vec(0..1_000_000i64, 1..20)) {
            let weights: Vec<Fen> = weights.into_iter().map(Fen).collect();
            let shares = Fen(fen).spread(&weights);
            assert_eq!(shares.iter().copied().sum::<Fen>(), Fen(fen));
            let total: i64 = weights.iter().map(|weight| weight.0).sum();
            for (share, weight) in shares.iter().zip(&weights).filter(|_| total > 0) {
                assert!((share.0 * total - fen * weight.0).abs() < total, "{shares:?} of {fen} by {weights:?}");
                assert!(fen > total || share <= weight, "a reduction never exceeds what it reduces");
            }
        }
    }

    #[test]
    fn hours_may_go_over_midnight() {
        let at = |text| TimeOfDay::parse(text).unwrap();
        let night = Hours::parse("22:30-08:00").unwrap();
        assert!(["22:30", "23:59", "00:00", "07:59"].map(at).into_iter().all(|time| night.contain(time)));
        assert!(["08:00", "12:00", "22:29"].map(at).into_iter().all(|time| !night.contain(time)));
        let noon = Hours::parse("14:00 - 16:00").unwrap();
        assert!(noon.contain(at("15:00")) && !noon.contain(at("16:00")) && !noon.contain(at("03:00")));
        assert!(
            ["", "8-9", "08:00", "24:00-01:00", "8:00-9:00-10:00"].into_iter().all(|text| Hours::parse(text).is_none())
        );
    }

    #[test]
    fn a_business_day_ends_at_the_cutover_hour() {
        let calendar = Calendar::new(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap(), 4);
        let at = |text| calendar.parse_second(text).unwrap();
        assert_eq!(calendar.business_day(at("2026-11-20 23:59:59")), "20261120");
        assert_eq!(calendar.business_day(at("2026-11-21 03:59:59")), "20261120");
        assert_eq!(calendar.business_day(at("2026-11-21 04:00:00")), "20261121");
        assert_eq!(calendar.rfc3339(at("2026-11-21 04:00:00")), "2026-11-21T04:00:00+08:00");
        assert_eq!(calendar.minute(at("2026-11-21 04:00:59")), "2026-11-21 04:00");
        assert_eq!(calendar.stamp(at("2026-11-21 04:00:59")), "20261121-040059");
        assert_eq!(calendar.parse_stamp("20261121-040059"), Some(at("2026-11-21 04:00:59")));
        for text in ["", "20261121-04005", "20261121-0400590", "20261321-040059", "20261121 040059"] {
            assert_eq!(calendar.parse_stamp(text), None, "{text}");
        }
        let bounds = calendar.bounds(Calendar::parse_date("2026-11-20").unwrap()).unwrap();
        assert_eq!(bounds, (at("2026-11-20 04:00:00"), at("2026-11-21 04:00:00")));
    }
}
