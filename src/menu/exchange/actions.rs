//! Writing the menu out and reading it in.

use super::plan::{self, Fit, Known, Wanted};
use super::{
    Becomes, CATEGORY, COMBO, Cells, Entry, Fate, Fault, Head, How, Line, LineKind, PRICE, Problem, Renames, Report,
    Row, Table, Unread, cells_of_dish, cells_of_section, given, read_entry, text::NamedPart,
};
use crate::error::{Column, Error, MenuFault, Refusal, Result};
use crate::event::Event;
use crate::menu::edit::{self, Dish, DishDraft, Kind, Section, SectionDraft, actions as editing, sql};
use crate::staff;
use crate::store::Tx;
use crate::units::{CategoryId, CuisineId};
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Categories first, then dishes, then combos: each knows what it is made of.
pub fn export(conn: &Connection) -> Result<Vec<Cells>> {
    let sections = sql::list_sections(conn, None, false)?;
    let mut lines: Vec<Cells> = sections.iter().map(cells_of_section).collect();
    let mut dishes = Vec::new();
    for kind in [Kind::Dish, Kind::Combo] {
        dishes.extend(sql::list_dishes(conn, &sql::Filter { kind: Some(kind), ..sql::Filter::default() })?);
    }
    let repeated = repeated_names(&dishes);
    lines.extend(dishes.iter().map(|dish| cells_of_dish(dish, &repeated)));
    Ok(lines)
}

/// The dishes whose names others have in their categories: a combo says which one it means.
fn repeated_names(dishes: &[Dish]) -> HashMap<CuisineId, String> {
    let mut named: HashMap<&str, Vec<&Dish>> = HashMap::new();
    for dish in dishes.iter().filter(|dish| dish.kind == Kind::Dish) {
        named.entry(&dish.name).or_default().push(dish);
    }
    let repeated = named.into_values().filter(|dishes| dishes.len() > 1).flatten();
    repeated.map(|dish| (dish.id, dish.category_name.clone())).collect()
}

/// Reads a table in: all of it, or nothing where a line has a problem or it is only a trial. What the table does not
/// name stays as it is. Lines are numbered as in the file, whose heads are line 1.
///
/// # Errors
/// `NamesChange` where it is no trial, names would change and nobody has said that they shall. Else internal ones only:
/// whatever a person can mend is a problem in the report.
pub fn import(tx: &mut Tx<'_>, by: &str, table: &Table, how: How) -> Result<Report> {
    let mut report = Report::default();
    let entries = read_entries(table, &mut report);
    let known = sql::list_known(tx.conn())?;
    let wanted: Vec<Wanted<'_>> = entries.iter().map(Entry::wanted).collect();
    let fits = plan::fit(&known, &wanted, how.renames);
    sql::begin_trial(tx.conn())?;
    let mut import =
        Import { tx, table, report, lacking: BTreeMap::new(), dishes: Vec::new(), renamed: HashMap::new() };
    import.park_names(&known, &entries, &fits)?;
    for (entry, fit) in entries.iter().zip(&fits) {
        import.take(entry, *fit, &known)?;
    }
    import.check_names()?;
    import.tell_lacking();
    let mut report = import.report;
    report.problems.sort_by_key(|problem| problem.row);
    report.lines.sort_by_key(|fate| fate.row);
    if let (false, true, Renames::Ask, Some(first)) =
        (how.trial, report.problems.is_empty(), how.renames, report.first_renamed())
    {
        sql::end_trial(tx.conn(), false)?;
        return Err(Refusal::NamesChange(report.renamed, first.into()).into());
    }
    let keep = report.problems.is_empty() && !how.trial;
    sql::end_trial(tx.conn(), keep)?;
    if keep && report.added + report.changed > 0 {
        let detail = format!("新增 {}，修改 {}", report.added, report.changed);
        staff::actions::record(tx, by, "menu.import", "", &detail)?;
        tx.emit(Event::MenuChanged);
    }
    Ok(report)
}

/// What others are made of comes first.
fn read_entries(table: &Table, report: &mut Report) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut seen = HashSet::new();
    let mut above = None;
    for Row { number: row, cells, faults } in &table.lines {
        let problem = |fault: Fault| Problem { row: *row, fault };
        report.problems.extend(faults.iter().cloned().map(Fault::Unread).map(problem));
        above = given(cells, CATEGORY).and_then(|category| edit::clean_name(category).ok()).or(above);
        match read_entry(*row, cells, &table.ids) {
            _ if !faults.is_empty() => {}
            Ok(mut entry) => {
                entry.above = above.clone().filter(|_| entry.category.is_none() && entry.rank() > 0);
                match seen.insert(entry.key()) {
                    true => entries.push(entry),
                    false => report.problems.push(problem(Unread::NameAbove.into())),
                }
            }
            Err(fault) => report.problems.push(problem(fault)),
        }
    }
    entries.sort_by_key(|entry| (entry.rank(), entry.row));
    entries
}

struct Import<'a, 't> {
    tx: &'a mut Tx<'t>,
    table: &'a Table,
    report: Report,
    /// Columns that the table does not have, and how many new dishes need each.
    lacking: BTreeMap<usize, usize>,
    /// What was put, and by which line.
    dishes: Vec<(usize, CuisineId)>,
    /// Dishes by the names that they had: who changes a name in one line leaves it in the combos' lines.
    renamed: HashMap<String, CuisineId>,
}

impl Import<'_, '_> {
    /// Two categories may take each other's names: those that change give theirs up first.
    fn park_names(&mut self, known: &[Known], entries: &[Entry], fits: &[Fit]) -> Result<()> {
        for (entry, fit) in entries.iter().zip(fits).filter(|(entry, _)| entry.rank() == 0) {
            match fit {
                Fit::Row(at) if known[*at].name != entry.name => {
                    sql::park_section_name(self.tx.conn(), CategoryId(known[*at].id))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn take(&mut self, entry: &Entry, fit: Fit, known: &[Known]) -> Result<()> {
        let old = match fit {
            Fit::Row(at) => Some(&known[at]),
            Fit::New | Fit::Several => None,
        };
        let taken = match &entry.line {
            _ if fit == Fit::Several => Err(Refusal::BadMenu(MenuFault::InSeveralCategories).into()),
            Line::Section(draft) => self.take_section(entry, old, draft).map(Some),
            Line::Dish { kind, draft, parts } => self.take_dish(entry, old, *kind, draft, parts.as_deref()),
        };
        match taken {
            Ok(Some(fate)) => self.report.count(fate),
            Ok(None) => {}
            Err(Error::Refused(refusal)) => {
                self.report.problems.push(Problem { row: entry.row, fault: Fault::Refused(refusal) })
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn take_section(&mut self, entry: &Entry, known: Option<&Known>, draft: &SectionDraft) -> Result<Fate> {
        let conn = self.tx.conn();
        let old = match known {
            Some(row) => Section { name: row.name.clone(), ..editing::load_section(conn, CategoryId(row.id))? },
            None => blank_section(self.tx),
        };
        let mut section = draft.clone().onto(old.clone())?;
        editing::check_section_name(conn, &section)?;
        let fate = match known {
            None => {
                let kept = entry.own.map(CategoryId).filter(|id| is_kept(id.0));
                let free = |id: &CategoryId| sql::find_section(conn, *id).is_ok_and(|there| there.is_none());
                section.id = kept.filter(free).unwrap_or(CategoryId(0));
                section.id = sql::insert_section(conn, &section)?;
                entry.fate(Becomes::New, "", Vec::new())
            }
            Some(_) if section == old => entry.fate(Becomes::Same, "", Vec::new()),
            Some(row) => {
                sql::set_section(conn, &Section { updated_at: self.tx.now, ..section.clone() })?;
                entry.fate(Becomes::of_names(&row.name, &section.name), &row.name, section.changes(&old))
            }
        };
        if let Some(number) = &entry.foreign {
            sql::set_section_foreign(conn, section.id, number)?;
        }
        Ok(fate)
    }

    /// A category that a dish names and nobody has made yet.
    fn find_or_add_section(&mut self, row: usize, kind: Kind, name: &str) -> Result<CategoryId> {
        match sql::find_section_named(self.tx.conn(), name)? {
            Some(section) => Ok(section.id),
            None => {
                let section = Section { name: name.to_owned(), kind, sort_order: 99, ..blank_section(self.tx) };
                let (name, kind) = (section.name.clone(), LineKind::Section(kind));
                let (from, detail) = (String::new(), Vec::new());
                self.report.lines.push(Fate { row, kind, name, becomes: Becomes::New, from, detail });
                sql::insert_section(self.tx.conn(), &section)
            }
        }
    }

    fn take_dish(
        &mut self,
        entry: &Entry,
        known: Option<&Known>,
        kind: Kind,
        draft: &DishDraft,
        parts: Option<&[NamedPart]>,
    ) -> Result<Option<Fate>> {
        let mut draft = draft.clone();
        let above = entry.above.as_ref().filter(|_| known.is_none());
        if known.is_none() && !self.is_whole(entry, kind, &draft, parts)? {
            return Ok(None);
        }
        if let Some(name) = entry.category.as_ref().or(above) {
            draft.category = Some(self.find_or_add_section(entry.row, kind, name)?);
        }
        if let Some(parts) = parts {
            draft.parts = Some(parts.iter().map(|part| self.find_part(part)).collect::<Result<_>>()?);
        }
        let (conn, now) = (self.tx.conn(), self.tx.now);
        let (dish, fate) = match known {
            Some(row) => {
                let old = editing::load_any(conn, CuisineId(row.id))?;
                let dish = editing::compose(conn, old.clone(), &draft, old.updated_at)?;
                match dish == old {
                    true => (dish, entry.fate(Becomes::Same, "", Vec::new())),
                    false => {
                        let fate = entry.fate(Becomes::of_names(&old.name, &dish.name), &old.name, dish.changes(&old));
                        (Dish { updated_at: now, ..dish }, fate)
                    }
                }
            }
            None => {
                let mut dish = editing::compose(conn, Dish { stopped: false, ..Dish::new(kind) }, &draft, now)?;
                dish.id = new_id(conn, entry.own)?;
                (dish, entry.fate(Becomes::New, "", Vec::new()))
            }
        };
        if fate.becomes != Becomes::Same {
            sql::put_dish(conn, &dish)?;
            self.dishes.push((entry.row, dish.id));
            if fate.becomes == Becomes::Renamed && kind == Kind::Dish {
                self.renamed.insert(fate.from.clone(), dish.id);
            }
        }
        if let Some(number) = &entry.foreign {
            sql::set_dish_foreign(conn, dish.id, kind, number)?;
        }
        Ok(Some(fate))
    }

    /// Whether a new dish has what it needs. What a whole column is missing for is told once, and not per line.
    fn is_whole(&mut self, entry: &Entry, kind: Kind, draft: &DishDraft, parts: Option<&[NamedPart]>) -> Result<bool> {
        let needs = [
            (CATEGORY, Column::Category, entry.category.is_some() || entry.above.is_some()),
            (PRICE, Column::Price, draft.price.is_some()),
            (COMBO, Column::Parts, kind == Kind::Dish || parts.is_some_and(|parts| !parts.is_empty())),
        ];
        let missing: Vec<_> = needs.into_iter().filter(|(.., has)| !has).collect();
        if let Some((_, column, _)) = missing.iter().find(|(at, ..)| !self.table.lacks[*at]) {
            return Err(Refusal::BadMenu(MenuFault::Missing(*column)).into());
        }
        missing.iter().for_each(|(at, ..)| *self.lacking.entry(*at).or_default() += 1);
        Ok(missing.is_empty())
    }

    fn tell_lacking(&mut self) {
        for (column, dishes) in &self.lacking {
            let why = Unread::NoColumn(Head::ALL[*column], *dishes, self.table.heads.clone());
            self.report.problems.push(Problem { row: self.table.head_row, fault: Fault::Unread(why) });
        }
    }

    fn find_part(&self, part: &NamedPart) -> Result<(CuisineId, i64)> {
        let all = |name: &str| sql::list_dishes_named(self.tx.conn(), name);
        if let Some((name, category)) = &part.within
            && let Some((id, _)) = all(name)?.into_iter().find(|(_, there)| there == category)
        {
            return Ok((id, part.copies));
        }
        match (&all(&part.name)?[..], self.renamed.get(&part.name)) {
            ([], Some(id)) | ([(id, _)], _) => Ok((*id, part.copies)),
            ([], None) => Err(Refusal::BadMenu(MenuFault::NoSuchPart(part.name.clone())).into()),
            ([(_, category), ..], _) => {
                Err(Refusal::BadMenu(MenuFault::SeveralParts(part.name.clone(), category.clone())).into())
            }
        }
    }

    /// Only when all is written: two dishes may have taken each other's names.
    fn check_names(&mut self) -> Result<()> {
        for (row, id) in &self.dishes {
            let dish = editing::load_any(self.tx.conn(), *id)?;
            if sql::has_namesake(self.tx.conn(), &dish)? {
                self.report
                    .problems
                    .push(Problem { row: *row, fault: Fault::Refused(Refusal::NameTaken(dish.name.into())) });
            }
        }
        Ok(())
    }
}

/// An id of ours comes back with our own table, into a shop that never gave it to another dish.
fn new_id(conn: &Connection, own: Option<i64>) -> Result<CuisineId> {
    let last = editing::last_deleted(conn)?;
    match own.filter(|id| is_kept(*id) && *id > last).map(CuisineId) {
        Some(id) if sql::find_dish(conn, id)?.is_none() => Ok(id),
        _ => sql::next_id(conn, last),
    }
}

fn is_kept(id: i64) -> bool {
    (1..=edit::MAX_KEPT_ID).contains(&id)
}

fn blank_section(tx: &Tx<'_>) -> Section {
    Section {
        id: CategoryId(0),
        name: String::new(),
        kind: Kind::Dish,
        sort_order: 0,
        enabled: true,
        hours: String::new(),
        updated_at: tx.now,
    }
}
