//! Which line of a table is which row of the menu. Pure.
//!
//! Ids of rows are ours. A table that we wrote names them; one of another system has numbers of its own, which are kept
//! beside our rows and say which is meant when such a table comes again. Otherwise a name in its category says it.

use super::Renames;
use std::collections::{HashMap, HashSet};

/// A row of the menu: a category (rank 0), a dish (1) or a combo (2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub rank: u8,
    pub id: i64,
    /// Empty for a category.
    pub category: String,
    pub name: String,
    /// The number that another system's table gave it; empty for none.
    pub foreign: String,
}

/// A line of a table, as far as it says which row it is.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub rank: u8,
    pub own: Option<i64>,
    pub foreign: Option<&'a str>,
    /// `None` where the line names none.
    pub category: Option<&'a str>,
    /// Then, that of the lines above.
    pub above: Option<&'a str>,
    pub name: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    New,
    /// The row of this index.
    Row(usize),
    /// Rows of this name are in several categories, and the line names none.
    Several,
}

/// What each line is; no row is two of them.
pub fn fit(known: &[Known], wanted: &[Wanted<'_>], renames: Renames) -> Vec<Fit> {
    let mut plan = Plan { known, taken: HashSet::new(), fits: vec![Fit::New; wanted.len()] };
    let agree = |line: &Wanted<'_>, row: &Known| line.name == row.name;
    plan.by_id(wanted, |line, row| agree(line, row) || line.own.is_some() && renames != Renames::No);
    plan.by_name(wanted);
    // Numbers of another system may be no more than those of the lines: names that are there go before them.
    plan.by_id(wanted, |line, row| agree(line, row) || renames != Renames::No);
    plan.by_name_elsewhere(wanted);
    plan.fits
}

struct Plan<'k> {
    known: &'k [Known],
    taken: HashSet<usize>,
    fits: Vec<Fit>,
}

impl Plan<'_> {
    fn take(&mut self, line: usize, row: usize) {
        if self.fits[line] == Fit::New && self.taken.insert(row) {
            self.fits[line] = Fit::Row(row);
        }
    }

    fn open<'w>(&self, wanted: &'w [Wanted<'w>]) -> Vec<(usize, &'w Wanted<'w>)> {
        wanted.iter().enumerate().filter(|(line, _)| self.fits[*line] == Fit::New).collect()
    }

    /// An id that a table has twice says nothing.
    fn by_id(&mut self, wanted: &[Wanted<'_>], fits: impl Fn(&Wanted<'_>, &Known) -> bool) {
        let mut times: HashMap<(u8, Option<i64>, Option<&str>), usize> = HashMap::new();
        wanted.iter().for_each(|line| *times.entry((line.rank, line.own, line.foreign)).or_default() += 1);
        let own: HashMap<_, _> = self.known.iter().enumerate().map(|(at, row)| ((row.rank, row.id), at)).collect();
        let named = self.known.iter().enumerate().filter(|(_, row)| !row.foreign.is_empty());
        let foreign: HashMap<_, _> = named.map(|(at, row)| ((row.rank, row.foreign.as_str()), at)).collect();
        for (at, line) in wanted.iter().enumerate() {
            let row = match (line.own, line.foreign) {
                (Some(id), _) => own.get(&(line.rank, id)),
                (None, Some(number)) => foreign.get(&(line.rank, number)),
                (None, None) => None,
            };
            let once = times.get(&(line.rank, line.own, line.foreign)) == Some(&1);
            if let Some(row) = row.filter(|row| once && fits(line, &self.known[**row])).copied() {
                self.take(at, row);
            }
        }
    }

    fn by_name(&mut self, wanted: &[Wanted<'_>]) {
        let key = |row: &Known| (row.rank, row.category.clone(), row.name.clone());
        let named: HashMap<_, _> = self.known.iter().enumerate().map(|(at, row)| (key(row), at)).collect();
        for (at, line) in self.open(wanted) {
            let category = line.category.or(line.above).unwrap_or_default();
            let key = (line.rank, category.to_owned(), line.name.to_owned());
            if let Some(row) = named.get(&key) {
                self.take(at, *row);
            }
        }
    }

    /// A dish that the table has in another category, or in none, where there is no doubt which one that is.
    fn by_name_elsewhere(&mut self, wanted: &[Wanted<'_>]) {
        let mut rows: HashMap<(u8, &str), Vec<usize>> = HashMap::new();
        for (at, row) in self.known.iter().enumerate().filter(|(at, _)| !self.taken.contains(at)) {
            rows.entry((row.rank, &row.name)).or_default().push(at);
        }
        let open = self.open(wanted);
        let mut lines: HashMap<(u8, &str), usize> = HashMap::new();
        open.iter().for_each(|(_, line)| *lines.entry((line.rank, line.name)).or_default() += 1);
        for (at, line) in open {
            let key = (line.rank, line.name);
            match rows.get(&key).map(Vec::as_slice) {
                Some([row]) if lines[&key] == 1 => self.take(at, *row),
                Some([_, _, ..]) if line.category.or(line.above).is_none() => self.fits[at] = Fit::Several,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, category: &str, name: &str, foreign: &str) -> Known {
        Known { rank: 1, id, category: category.into(), name: name.into(), foreign: foreign.into() }
    }

    fn line<'a>(own: Option<i64>, foreign: Option<&'a str>, category: Option<&'a str>, name: &'a str) -> Wanted<'a> {
        Wanted { rank: 1, own, foreign, category, above: None, name }
    }

    fn menu() -> Vec<Known> {
        vec![
            row(1, "热菜", "宫保鸡丁", "编号 7"),
            row(2, "热菜", "米饭", ""),
            row(3, "主食", "米饭", ""),
            row(7, "主食", "面", ""),
        ]
    }

    #[test]
    fn a_line_is_the_row_that_its_id_names_or_else_its_name() {
        use Fit::{New, Row, Several};
        for (what, lines, fits) in [
            ("ours, renamed", vec![line(Some(1), None, Some("热菜"), "辣子鸡")], vec![Row(0)]),
            (
                "ours, swapped",
                vec![line(Some(1), None, Some("热菜"), "面"), line(Some(7), None, Some("主食"), "宫保鸡丁")],
                vec![Row(0), Row(3)],
            ),
            ("theirs, known", vec![line(None, Some("编号 7"), Some("热菜"), "辣子鸡")], vec![Row(0)]),
            (
                "theirs, but only lines' numbers, which moved on",
                vec![
                    line(None, Some("编号 7"), Some("热菜"), "米饭"),
                    line(None, Some("编号 8"), Some("热菜"), "宫保鸡丁"),
                ],
                vec![Row(1), Row(0)],
            ),
            ("theirs, another head", vec![line(None, Some("sku 7"), Some("热菜"), "辣子鸡")], vec![New]),
            ("a foreign 1 is not ours", vec![line(None, Some("编号 1"), Some("热菜"), "鱼")], vec![New]),
            (
                "an id that is there twice",
                vec![line(Some(1), None, Some("热菜"), "甲"), line(Some(1), None, Some("热菜"), "乙")],
                vec![New, New],
            ),
            ("by name in its category", vec![line(None, None, Some("主食"), "米饭")], vec![Row(2)]),
            ("moved to another category", vec![line(None, None, Some("招牌"), "面")], vec![Row(3)]),
            (
                "one more of a name that is there",
                vec![line(None, None, Some("主食"), "面"), line(None, None, Some("招牌"), "面")],
                vec![Row(3), New],
            ),
            ("which of two", vec![line(None, None, None, "米饭")], vec![Several]),
            ("two of a name, a third category", vec![line(None, None, Some("小吃"), "米饭")], vec![New]),
            ("without a category", vec![line(None, None, None, "面")], vec![Row(3)]),
        ] {
            assert_eq!(fit(&menu(), &lines, Renames::Ask), fits, "{what}");
        }
    }

    #[test]
    fn a_line_without_a_category_belongs_to_the_lines_above() {
        let below = |above, name| Wanted { above: Some(above), ..line(None, None, None, name) };
        assert_eq!(fit(&menu(), &[below("主食", "米饭")], Renames::Ask), [Fit::Row(2)]);
        assert_eq!(fit(&menu(), &[below("热菜", "面")], Renames::Ask), [Fit::Row(3)], "the only one of its name");
        assert_eq!(fit(&menu(), &[below("小吃", "米饭")], Renames::Ask), [Fit::New], "one more");
    }

    #[test]
    fn who_wants_no_names_changed_goes_by_names_alone() {
        let lines = [
            line(Some(1), None, Some("热菜"), "面"),
            line(Some(2), None, Some("热菜"), "米饭"),
            line(None, Some("编号 7"), Some("热菜"), "辣子鸡"),
        ];
        assert_eq!(fit(&menu(), &lines, Renames::No), [Fit::Row(3), Fit::Row(1), Fit::New]);
    }

    proptest::proptest! {
        #[test]
        fn no_row_is_two_lines(
            lines in proptest::collection::vec((0i64..6, 0u8..4, 0u8..3, 0u8..4), 0..12),
            renames in proptest::sample::select(&[Renames::Ask, Renames::Yes, Renames::No][..]),
        ) {
            let names = ["宫保鸡丁", "米饭", "面", "鱼"];
            let numbers = ["编号 7", "编号 8", "编号 9", ""];
            let wanted: Vec<_> = lines.iter().map(|(own, foreign, category, name)| line(
                (*own > 2).then_some(*own), Some(numbers[usize::from(*foreign)]).filter(|text| !text.is_empty()),
                [Some("热菜"), Some("主食"), None][usize::from(*category)], names[usize::from(*name)],
            )).collect();
            let mut rows: Vec<usize> =
                fit(&menu(), &wanted, renames).into_iter().filter_map(|fit| match fit { Fit::Row(row) => Some(row), _ => None }).collect();
            let count = rows.len();
            rows.sort_unstable();
            rows.dedup();
            assert_eq!(rows.len(), count);
        }
    }
}
