//! Writing the menu out and reading it in.

use super::{Cells, Line, Problem, Report, cells_of_dish, cells_of_section, problem, read_line};
use crate::error::{Error, Refusal, Result};
use crate::event::Event;
use crate::menu::edit::{self, Dish, Kind, Section, SectionDraft, actions as editing, sql};
use crate::staff;
use crate::store::Tx;
use crate::units::{CategoryId, CuisineId};
use rusqlite::Connection;
use std::collections::HashSet;

/// Categories first, then dishes, then combos: each knows what it is made of.
pub fn export(conn: &Connection) -> Result<Vec<Cells>> {
    let sections = sql::list_sections(conn, None, false)?;
    let mut lines: Vec<Cells> = sections.iter().map(cells_of_section).collect();
    for kind in [Kind::Dish, Kind::Combo] {
        let filter = sql::Filter { kind: Some(kind), ..sql::Filter::default() };
        lines.extend(sql::list_dishes(conn, &filter)?.iter().map(cells_of_dish));
    }
    Ok(lines)
}

enum Outcome {
    Added,
    Changed,
    Unchanged,
}

/// Reads a table in: all of it, or nothing where a line has a problem or it is only a trial. What the table does not
/// name stays as it is. Lines are numbered as in the file, whose heads are line 1.
///
/// # Errors
/// Internal ones only: whatever a person can mend is a problem in the report.
pub fn import(tx: &mut Tx<'_>, by: &str, table: &[(usize, Cells)], trial: bool) -> Result<Report> {
    let mut report = Report::default();
    let mut lines = Vec::new();
    let mut seen = HashSet::new();
    for (row, cells) in table {
        match read_line(cells) {
            Ok(line) if !seen.insert(key(&line)) => {
                report.problems.push(Problem { row: *row, problem: "前面已有同名的一行".into() });
            }
            Ok(line) => lines.push((*row, line)),
            Err(problem) => report.problems.push(Problem { row: *row, problem }),
        }
    }
    // What others are made of comes first.
    lines.sort_by_key(|(row, line)| (rank(line), *row));
    sql::begin_trial(tx.conn())?;
    for (row, line) in &lines {
        match take(tx, line) {
            Ok(Outcome::Added) => report.added += 1,
            Ok(Outcome::Changed) => report.changed += 1,
            Ok(Outcome::Unchanged) => report.unchanged += 1,
            Err(Error::Refused(refusal)) => report.problems.push(problem(*row, &refusal)),
            Err(error) => return Err(error),
        }
    }
    report.problems.sort_by_key(|problem| problem.row);
    let keep = report.problems.is_empty() && !trial;
    sql::end_trial(tx.conn(), keep)?;
    if keep && report.added + report.changed > 0 {
        let detail = format!("新增 {}，修改 {}", report.added, report.changed);
        staff::actions::record(tx, by, "menu.import", "", &detail)?;
        tx.emit(Event::MenuChanged);
    }
    Ok(report)
}

fn rank(line: &Line) -> u8 {
    match line {
        Line::Section { .. } => 0,
        Line::Dish { kind: Kind::Dish, .. } => 1,
        Line::Dish { kind: Kind::Combo, .. } => 2,
    }
}

fn key(line: &Line) -> (u8, String) {
    let name = match line {
        Line::Section { draft, .. } => &draft.name,
        Line::Dish { draft, .. } => &draft.name,
    };
    (rank(line), name.clone().unwrap_or_default())
}

fn take(tx: &mut Tx<'_>, line: &Line) -> Result<Outcome> {
    match line {
        Line::Section { id, draft } => take_section(tx, *id, draft),
        Line::Dish { id, kind, category, draft, parts } => {
            let mut draft = (**draft).clone();
            if let Some(name) = category {
                draft.category = Some(find_or_add_section(tx, *kind, name)?);
            }
            if let Some(parts) = parts {
                let find = |(name, copies): &(String, i64)| match sql::find_dish_named(tx.conn(), Kind::Dish, name)? {
                    Some(id) => Ok((id, *copies)),
                    None => Err(Error::from(Refusal::BadRequest(format!("套餐里的菜 {name}")))),
                };
                draft.parts = Some(parts.iter().map(find).collect::<Result<_>>()?);
            }
            take_dish(tx, *id, *kind, &draft)
        }
    }
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

fn take_section(tx: &mut Tx<'_>, id: Option<CategoryId>, draft: &SectionDraft) -> Result<Outcome> {
    let name = edit::clean_name(draft.name.as_deref().unwrap_or_default())?;
    let named = sql::find_section_named(tx.conn(), &name)?;
    let numbered = id.map(|id| sql::find_section(tx.conn(), id)).transpose()?.flatten();
    let Some(old) = numbered.or_else(|| named.clone()) else {
        let section = draft.clone().onto(blank_section(tx))?;
        sql::insert_section(tx.conn(), &Section { id: id.unwrap_or(CategoryId(0)), ..section })?;
        return Ok(Outcome::Added);
    };
    if named.is_some_and(|named| named.id != old.id) {
        return Err(Refusal::NameTaken(name).into());
    }
    let section = draft.clone().onto(old.clone())?;
    if section == old {
        return Ok(Outcome::Unchanged);
    }
    sql::set_section(tx.conn(), &Section { updated_at: tx.now, ..section })?;
    Ok(Outcome::Changed)
}

/// A category that a dish names and nobody has made yet.
fn find_or_add_section(tx: &mut Tx<'_>, kind: Kind, name: &str) -> Result<CategoryId> {
    let name = edit::clean_name(name)?;
    match sql::find_section_named(tx.conn(), &name)? {
        Some(section) => Ok(section.id),
        None => sql::insert_section(tx.conn(), &Section { name, kind, sort_order: 99, ..blank_section(tx) }),
    }
}

fn take_dish(tx: &mut Tx<'_>, id: Option<CuisineId>, kind: Kind, draft: &edit::DishDraft) -> Result<Outcome> {
    let name = edit::clean_name(draft.name.as_deref().unwrap_or_default())?;
    let numbered = id.map(|id| sql::find_dish(tx.conn(), id)).transpose()?.flatten();
    if numbered.as_ref().is_some_and(|dish| dish.kind != kind) {
        return Err(Refusal::BadRequest("编号与类型不符".into()).into());
    }
    let old = match numbered {
        Some(dish) => Some(dish),
        None => sql::find_dish_named(tx.conn(), kind, &name)?.map(|id| editing::load_any(tx.conn(), id)).transpose()?,
    };
    match old {
        Some(old) => {
            let dish = editing::compose(tx.conn(), old.clone(), draft, old.updated_at)?;
            if dish == old {
                return Ok(Outcome::Unchanged);
            }
            sql::put_dish(tx.conn(), &Dish { updated_at: tx.now, ..dish })?;
            Ok(Outcome::Changed)
        }
        None => {
            for (given, field) in [(draft.category.is_some(), "缺少分类"), (draft.price.is_some(), "缺少价格")]
            {
                if !given {
                    return Err(Refusal::BadRequest(field.into()).into());
                }
            }
            let new = Dish { stopped: false, ..Dish::new(kind) };
            let mut dish = editing::compose(tx.conn(), new, draft, tx.now)?;
            if kind == Kind::Combo && dish.parts.is_empty() {
                return Err(Refusal::BadRequest("缺少套餐菜品".into()).into());
            }
            let next = || sql::next_id(tx.conn(), editing::last_deleted(tx.conn())?);
            dish.id = id.filter(|id| id.0 > 0).map_or_else(next, Ok)?;
            sql::put_dish(tx.conn(), &dish)?;
            Ok(Outcome::Added)
        }
    }
}
