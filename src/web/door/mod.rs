//! Who speaks, and where they sit: each request's token becomes a diner, a member or one of the staff, as they are now.

pub(super) mod floor;
pub(super) mod token;
pub(super) mod tries;
pub(super) mod waiting;

use crate::error::{Field, Refusal, Result};
use crate::member::Member;
use crate::network::Network;
use crate::order;
use crate::seating::Diner;
use crate::store::Store;
use crate::units::{MemberId, OrderId, TableId};
use crate::web::http::limits::Limits;
use crate::web::http::places::Bearer;
use crate::web::{Request, parse};
use floor::Floor;
use hyper::Method;
use std::sync::Arc;
use token::{MemberToken, Pass, StaffToken, Tokens};
use tries::Tries;
use waiting::Waiting;

/// A staff token may be so much older than the clock says, which is set now and then.
const AHEAD_SECONDS: i64 = 300;

pub struct Door {
    pub store: Arc<Store>,
    pub tokens: Tokens,
    pub floor: Arc<Floor>,
    pub limits: Arc<Limits>,
    pub tries: Tries,
    /// Scans from outside that wait for the counter.
    pub waiting: Waiting,
    /// Whose scans need not wait.
    pub presence: Vec<Network>,
    pub trusted_proxies: Vec<Network>,
    /// `counter.trust_loopback`: this PC's own browsers hear of orders without a token.
    pub trust_loopback: bool,
    /// `diner_auth = "open"`: requests without a token speak for the table they name.
    pub open_diners: bool,
}

impl Door {
    /// The diner who speaks, where the party sits now. `named`: the table that the request is about.
    ///
    /// # Errors
    /// `Unauthorized`, `SeatingClosed`, `Forbidden`, `RateLimited` for one who only writes too fast.
    pub fn diner(&self, request: &Request, named: Option<TableId>) -> std::result::Result<Diner, Refusal> {
        let token =
            token::find_token(&request.headers, &request.query, token::DINER_COOKIE)?.ok_or(Refusal::Unauthorized)?;
        let diner = self.floor.locate(self.tokens.diner(&token).ok_or(Refusal::Unauthorized)?, named)?;
        if request.method != Method::GET {
            self.limits.check_diner(diner.id.0)?;
        }
        request.peer.know(Bearer::Table(diner.table));
        Ok(diner)
    }

    /// The diner who speaks, for the table that the request names. What follows goes by the diner's table: the one
    /// that was named may be another party's by now.
    pub async fn diner_at(&self, request: &Request, table: TableId) -> Result<Diner> {
        match self.diner(request, Some(table)) {
            Ok(diner) => Ok(diner),
            Err(Refusal::Unauthorized) if self.open_diners => {
                let diner = self.store.write(move |tx| crate::seating::actions::join_unnamed(tx, table)).await?;
                request.peer.know(Bearer::Table(diner.table));
                Ok(diner)
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The diner whose party's order this may be. With open diners it is whoever sits at the order's table.
    pub async fn diner_of_order(&self, request: &Request, id: OrderId) -> Result<Diner> {
        match self.diner(request, None) {
            Err(Refusal::Unauthorized) if self.open_diners => {
                let table = self.store.read(move |conn| Ok(order::actions::load(conn, id)?.table)).await?;
                self.diner_at(request, table).await
            }
            known => Ok(known?),
        }
    }

    /// The member of staff who speaks, with the role that they have now.
    ///
    /// # Errors
    /// `StaffOnly`, also for who was disabled and for tokens from before a change of the password; `NotAllowed`.
    pub async fn staff(&self, request: &Request) -> Result<StaffToken> {
        self.staff_by(request, token::STAFF_COOKIE).await
    }

    pub async fn staff_by(&self, request: &Request, cookie: &str) -> Result<StaffToken> {
        let token = token::find_token(&request.headers, &request.query, cookie)?.ok_or(Refusal::StaffOnly)?;
        let staff = self.staff_with(self.tokens.staff(&token).ok_or(Refusal::StaffOnly)?).await?;
        request.peer.know(Bearer::Staff(staff.id));
        Ok(staff)
    }

    /// # Errors
    /// `StaffOnly` when that token counts no longer.
    pub async fn staff_with(&self, pass: Pass) -> Result<StaffToken> {
        let found = self.store.read(move |conn| crate::staff::actions::find_enabled(conn, pass.id)).await?;
        let now = self.store.now();
        // One of the future was made while the clock was ahead: it would outlive every change of password.
        let is_of_now = pass.since <= now.plus_seconds(AHEAD_SECONDS) && now < pass.expires;
        let known = found.filter(|(_, tokens_from)| pass.since >= *tokens_from && is_of_now);
        let (staff, _) = known.ok_or(Refusal::StaffOnly)?;
        Ok(StaffToken { id: staff.id, username: staff.username, role: staff.role, pass })
    }

    /// The member who speaks, as of now.
    ///
    /// # Errors
    /// `MemberLinkOver`, `NotAllowed` for a page of another origin, `RateLimited`.
    pub async fn member(&self, request: &Request) -> Result<(Member, MemberToken)> {
        let token = self.member_token(request)?;
        let MemberToken { id, link, .. } = token;
        let member = self.store.read(move |conn| crate::member::actions::load_by_link(conn, id, link)).await?;
        request.peer.know(Bearer::Member(id));
        Ok((member, token))
    }

    /// Our token, whose link may be over.
    pub fn member_token(&self, request: &Request) -> Result<MemberToken> {
        self.check_member(token::find_token(&request.headers, &request.query, token::MEMBER_COOKIE)?)
    }

    /// The same, beside a diner's own.
    pub fn member_beside(&self, request: &Request) -> Result<MemberToken> {
        self.check_member(token::find_member_token(&request.headers)?)
    }

    pub fn check_member(&self, token: Option<String>) -> Result<MemberToken> {
        let token = token.and_then(|token| self.tokens.member(&token)).ok_or(Refusal::MemberLinkOver)?;
        self.limits.check_member(token.id.0)?;
        Ok(token)
    }

    /// The same, where the path names a member: no other than the one who speaks.
    pub fn token_of(&self, request: &Request, named: &str) -> Result<MemberToken> {
        let named: MemberId = parse(named, Field::UserId)?;
        let token = self.member_token(request)?;
        if token.id == named { Ok(token) } else { Err(Refusal::NotYourCard.into()) }
    }
}
