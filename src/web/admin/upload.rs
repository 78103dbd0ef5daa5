//! `POST /admin/common/upload`: a dish's picture. The old web saves whatever a 200 answers as the picture's address, so
//! a refusal is none.

use super::COUNTER;
use crate::error::{Refusal, Result};
use crate::picture::{self, drawing};
use crate::web::http::{multipart, pictures};
use crate::web::{App, Request};
use std::sync::Arc;
use warp::reply::Response;

pub async fn take(app: &Arc<App>, request: &Request) -> Response {
    match keep(app, request).await {
        Ok(address) => COUNTER.success(address),
        Err(error) => COUNTER.honest_failure(error),
    }
}

async fn keep(app: &Arc<App>, request: &Request) -> Result<String> {
    let file = multipart::file(request).await?;
    if file.is_empty() {
        return Err(Refusal::NotAPicture.into());
    }
    let drawn = tokio::task::spawn_blocking(move || drawing::draw(&file)).await.map_err(anyhow::Error::from)?;
    let picture = drawn?;
    let address = format!("/pictures/{}/512.jpg", picture.hash);
    app.store.write(move |tx| picture::actions::keep(tx, &picture)).await?;
    Ok(pictures::for_counter(&address).into_owned())
}
