//! `/admin/employee/…`: who works here.

use super::page::{Page, Rows, given};
use super::{COUNTER, done, door, loose, parse, permission};
use crate::error::{Error, Field, Refusal, Result};
use crate::staff::{self, Change, Person, Role, Secret, Staff};
use crate::store::Tx;
use crate::typed;
use crate::units::{Calendar, StaffId};
use crate::web::door::token::{self, StaffToken};
use crate::web::{App, Request};
use hyper::Method;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use warp::reply::Response;

pub async fn route(app: &Arc<App>, request: &Request, by: &StaffToken, path: &[&str]) -> Result<Response> {
    match (&request.method, path) {
        (&Method::GET, ["me"]) => show_me(app, by).await,
        (&Method::GET, ["names"]) => list_names(app).await,
        (&Method::GET, ["page"]) => list(app, request).await,
        (&Method::GET, [id]) => {
            let id = parse(id, Field::Id)?;
            let person = app.store.read(move |conn| staff::actions::load_person(conn, id)).await?;
            Ok(COUNTER.success(View { password: Some("****"), ..View::of(&person, &app.terms.calendar) }))
        }
        (&Method::POST, []) => hire(app, request, by).await,
        (&Method::PUT, []) => change(app, request, by).await,
        // The old web looks at the HTTP status of this answer, and at nothing else.
        (&Method::POST, ["status", status @ ("0" | "1")]) => {
            set_enabled(app, request, by, *status == "1").await.or_else(|error| Ok(COUNTER.honest_failure(error)))
        }
        (&Method::PUT, ["editPassword"]) => change_own_password(app, request, by).await,
        (&Method::PUT, ["password"]) => set_password(app, request, by).await,
        (&Method::PUT, ["pin"]) => set_pin(app, request, by).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

/// A member of staff as sky-take-out's web reads one, and what it passes over.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Person"))]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: StaffId,
    username: &'a str,
    name: &'a str,
    /// Only so that the old form finds the field; what comes back in it is never stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    password: Option<&'static str>,
    phone: &'a str,
    sex: &'a str,
    id_number: &'a str,
    status: i64,
    role: Role,
    has_password: bool,
    has_pin: bool,
    create_time: String,
    update_time: String,
    create_user: Option<StaffId>,
    update_user: Option<StaffId>,
}

impl<'a> View<'a> {
    fn of(person: &'a Person, calendar: &Calendar) -> View<'a> {
        View {
            id: person.staff.id,
            username: &person.staff.username,
            name: &person.staff.name,
            password: None,
            phone: &person.phone,
            sex: &person.sex,
            id_number: &person.id_number,
            status: i64::from(person.enabled),
            role: person.staff.role,
            has_password: person.has_password,
            has_pin: person.has_pin,
            create_time: calendar.minute(person.created_at),
            update_time: calendar.minute(person.updated_at),
            create_user: None,
            update_user: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    page: Option<String>,
    page_size: Option<String>,
    name: Option<String>,
}

async fn list(app: &Arc<App>, request: &Request) -> Result<Response> {
    let query: Query = request.arguments_in_query()?;
    let (rows, name) = (Rows::of(query.page, query.page_size)?, given(query.name));
    let find = move |conn: &_| staff::actions::list_people(conn, name.as_deref(), rows.limit, rows.offset);
    let (total, people) = app.store.read(find).await?;
    let records: Vec<View<'_>> = people.iter().map(|person| View::of(person, &app.terms.calendar)).collect();
    Ok(COUNTER.success(Page { total, records }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
struct Me {
    id: StaffId,
    user_name: String,
    name: String,
    role: Role,
    has_pin: bool,
    /// `POST payment/refund`, and what else this role may do.
    allowed: Vec<String>,
}

async fn show_me(app: &Arc<App>, by: &StaffToken) -> Result<Response> {
    let id = by.id;
    let person = app.store.read(move |conn| staff::actions::load_person(conn, id)).await?;
    let Person { staff: Staff { id, username: user_name, name, role }, has_pin, .. } = person;
    Ok(COUNTER.success(Me { id, user_name, name, role, has_pin, allowed: permission::allowed(role) }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "PersonName"))]
#[serde(rename_all = "camelCase")]
struct Name {
    username: String,
    name: String,
    has_pin: bool,
}

/// Who can come in, for the PIN pad.
async fn list_names(app: &Arc<App>) -> Result<Response> {
    let people = app.store.read(staff::actions::list_enabled).await?;
    let name =
        |person: Person| Name { username: person.staff.username, name: person.staff.name, has_pin: person.has_pin };
    Ok(COUNTER.success(people.into_iter().map(name).collect::<Vec<_>>()))
}

/// What the old web's form sends: everything it was given, whatever was changed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    #[serde(default, deserialize_with = "loose::number")]
    id: Option<StaffId>,
    #[serde(default, deserialize_with = "loose::text")]
    username: Option<String>,
    #[serde(default, deserialize_with = "loose::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "loose::text")]
    role: Option<String>,
    phone: Option<String>,
    #[serde(default, deserialize_with = "loose::text")]
    sex: Option<String>,
    id_number: Option<String>,
    /// Ours, for a new member of staff; the old form has four stars in it, or nothing.
    password: Option<String>,
}

const STARS: &str = "****";

impl Form {
    fn change(&self) -> Result<Change> {
        let role = |name: &String| parse(name, Field::Role);
        let trimmed = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_owned());
        Ok(Change {
            username: self.username.clone(),
            name: self.name.as_deref().map(typed::clean),
            role: self.role.as_ref().map(role).transpose()?,
            phone: trimmed(&self.phone),
            sex: self.sex.clone(),
            id_number: trimmed(&self.id_number),
        })
    }
}

/// A new member of staff has no password unless one is sent with the rest: the old web cannot send one, and the one
/// that its own back end gave everybody, 123456, is known to every guest who has used it.
async fn hire(app: &Arc<App>, request: &Request, by: &StaffToken) -> Result<Response> {
    let form: Form = request.arguments()?;
    let (change, by) = (form.change()?, by.username.clone());
    change.check()?;
    let hash = match form.password.filter(|password| !password.is_empty() && password != STARS) {
        Some(password) => {
            staff::check_password(&password)?;
            hashed(app, password).await?
        }
        None => String::new(),
    };
    done(app.store.write(move |tx| staff::actions::hire(tx, &by, &change, &hash).map(drop)).await)
}

async fn change(app: &Arc<App>, request: &Request, by: &StaffToken) -> Result<Response> {
    let form: Form = request.arguments()?;
    let id = form.id.ok_or(Refusal::BadRequest(Field::Id))?;
    let (change, by) = (form.change()?, by.username.clone());
    done(app.store.write(move |tx| staff::actions::change(tx, &by, id, &change)).await)
}

#[derive(Deserialize)]
struct Target {
    id: StaffId,
}

async fn set_enabled(app: &Arc<App>, request: &Request, by: &StaffToken, enabled: bool) -> Result<Response> {
    let target: Target = request.arguments_in_query()?;
    let (by, id) = (by.clone(), target.id);
    done(app.store.write(move |tx| staff::actions::set_enabled(tx, (by.id, &by.username), id, enabled)).await)
}

async fn hashed(app: &Arc<App>, secret: String) -> Result<String> {
    app.door.limits.hash(move || staff::actions::hash(&secret)).await?
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Passwords {
    old_password: String,
    new_password: String,
}

#[derive(Serialize)]
struct Renewed {
    token: String,
}

/// Ends every session of this person. The one that asked goes on with the token in the answer; the old web, which does
/// not look there, goes to its login page.
async fn change_own_password(app: &Arc<App>, request: &Request, by: &StaffToken) -> Result<Response> {
    let Passwords { old_password, new_password } = request.arguments()?;
    staff::check_password(&new_password)?;
    let proved = door::attempt(app, request, by.username.clone(), Secret::Password(old_password)).await;
    proved.map_err(|error| match error {
        Error::Refused(Refusal::BadLogin) => Refusal::WrongPassword.into(),
        other => other,
    })?;
    let (hash, by) = (hashed(app, new_password).await?, by.clone());
    let id = by.id;
    let set = move |tx: &mut Tx<'_>| {
        staff::actions::set_password(tx, &by.username, by.id, &hash)?;
        Ok(tx.now)
    };
    let token = app.door.tokens.for_staff(id, app.store.write(set).await?);
    door::with_cookie(COUNTER.success(Renewed { token: token.clone() }), &token, token::STAFF_SECONDS)
}

#[derive(Deserialize)]
struct NewPassword {
    #[serde(default, deserialize_with = "loose::number")]
    id: Option<StaffId>,
    password: String,
}

/// By the owner, for somebody who has none yet or has forgotten it.
async fn set_password(app: &Arc<App>, request: &Request, by: &StaffToken) -> Result<Response> {
    let NewPassword { id, password } = request.arguments()?;
    let id = id.ok_or(Refusal::BadRequest(Field::Id))?;
    staff::check_password(&password)?;
    let (hash, by) = (hashed(app, password).await?, by.username.clone());
    let staff = app.store.write(move |tx| staff::actions::set_password(tx, &by, id, &hash)).await?;
    app.door.tries.forget(&staff.username);
    Ok(COUNTER.success(()))
}

#[derive(Deserialize)]
struct NewPin {
    #[serde(default, deserialize_with = "loose::number")]
    id: Option<StaffId>,
    /// Empty: none from now on.
    pin: String,
}

/// One's own; the owner's hand reaches everybody's.
async fn set_pin(app: &Arc<App>, request: &Request, by: &StaffToken) -> Result<Response> {
    let NewPin { id, pin } = request.arguments()?;
    let id = id.unwrap_or(by.id);
    if id != by.id && by.role != Role::Owner {
        return Err(Refusal::NotAllowed.into());
    }
    let hash = match pin.as_str() {
        "" => None,
        _ => {
            staff::check_pin(&pin)?;
            Some(hashed(app, pin).await?)
        }
    };
    let by = by.clone();
    done(app.store.write(move |tx| staff::actions::set_pin(tx, (by.id, &by.username), id, hash.as_deref())).await)
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<View<'static>>();
    to.visit::<Me>();
    to.visit::<Name>();
}
