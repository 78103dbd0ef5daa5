//! A backup on demand, from the counter page: `POST /admin/backup`.

use super::COUNTER;
use crate::error::Result;
use crate::web::App;
use anyhow::Context;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::oneshot;
use warp::reply::Response;

#[derive(Serialize)]
struct MadeView {
    at: String,
    file: String,
    bytes: u64,
}

pub async fn make(app: &Arc<App>) -> Result<Response> {
    let (reply, made) = oneshot::channel();
    let backups = app.backups.clone();
    // A thread of its own: a disk that hangs keeps it for ever, and the daemon's stop does not wait for it.
    let thread = std::thread::Builder::new().name("backup".into());
    thread.spawn(move || reply.send(backups.make())).context("starting the backup's thread")?;
    let made = made.await.context("the backup's thread has ended")??;
    Ok(COUNTER.success(MadeView {
        at: app.terms.calendar.rfc3339(made.at),
        file: made.file.to_string_lossy().into_owned(),
        bytes: made.bytes,
    }))
}
