//! The composition root: opens the store, starts the workers and listeners, and stops them in order.

use super::demo::{self, Script};
use super::housekeeping::keep_house;
use super::listener::{base_url, listen};
use super::lock::lock;
use super::ready::announce;
use super::risks::{warn_of_open_files, warn_of_risks};
use super::{accounts, exposed, logs, memory, systemd};
use crate::backup::{Backups, Watch};
use crate::checkout::Checkout;
use crate::clock;
use crate::config::Config;
use crate::desk::desktop::Desktop;
use crate::desk::voice::speaker::Speaker;
use crate::desk::worker::{Manner, Worker};
use crate::error::Error;
use crate::event::Event;
use crate::hub::Hub;
use crate::member::code::Codes;
use crate::menu;
use crate::order::{self, actions::Terms};
use crate::payment::provider::Provider;
use crate::payment::reconcile;
use crate::provider::demo::Demo;
use crate::provider::tunnel::Tunnel;
use crate::room;
use crate::seating;
use crate::store::{Publish, Store, setting};
use crate::web;
use crate::web::limits::Limits;
use crate::web::{App, Assets, Counters, Door, Floor, MenuCache, Prefixes, Seen, Stop, Tokens, Tries, Waiting, frames};
use anyhow::{Context, Result, anyhow};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// What is still under way when the daemon stops gets this long.
const STOP_PATIENCE: Duration = Duration::from_secs(4);

/// What is not configuration: how this one run was asked for.
#[derive(Default)]
pub struct Options {
    pub check: bool,
    pub limits_off: bool,
    pub demo: bool,
    pub script: Option<Script>,
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// The daemon could not start: one sentence with what to do.
pub fn run(config: Config, options: Options) -> Result<()> {
    memory::begin();
    logs::begin();
    // Thousands of phones are thousands of files.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config, options))
}

async fn serve(config: Config, options: Options) -> Result<()> {
    let stopped = stop_signal()?;
    let _lock = lock(&config.data)?;
    let mended = exposed::mend(&config);
    let hub = Arc::new(Hub::default());
    let floor = Arc::new(Floor::default());
    let menu = Arc::new(MenuCache::default());
    let counters = Arc::new(Counters::default());
    let bells = Bells::default();
    let publish = publisher(&config, &hub, &floor, &menu, &counters, &bells);
    let store = Arc::new(Store::open(&config.database(), options.check, publish)?);
    let mut opened = systemd::listeners()?;
    let (lan_listener, lan) = listen(opened.remove("lan"), config.lan, "LAN").await?;
    let (tunnel_listener, tunnel) = listen(opened.remove("tunnel"), config.tunnel, "tunnel").await?;
    let base_url = base_url(&config, lan);
    let (places, parties) = store
        .read(|conn| Ok((seating::actions::list_places(conn)?, seating::actions::list_parties(conn)?)))
        .await
        .map_err(Error::into_anyhow)
        .context("reading the tables")?;
    floor.fill(parties);

    let (token_key, demo_key) = store
        .read(|conn| Ok((setting::load(conn, setting::TOKEN_KEY)?, setting::load(conn, setting::DEMO_KEY)?)))
        .await
        .map_err(Error::into_anyhow)
        .context("reading the shop's keys")?;
    let demo = config
        .demo_payments
        .then(|| Arc::new(Demo::new(store.clone(), &demo_key, base_url.clone(), format!("http://{tunnel}"))));
    let mut providers = accounts::open(&config)?;
    providers.extend(demo.iter().map(|demo| demo.clone() as Arc<dyn Provider>));
    let accounting = reconcile::nightly(store.clone(), providers.clone());
    let checkout = Checkout::new(store.clone(), providers, config.pay_within_seconds, bells.payment.clone());
    let checkout = Arc::new(checkout.with_fees(config.fees));
    let desktop = Arc::new(Desktop::new(config.calendar.clone()));
    let door = Door {
        store: store.clone(),
        tokens: Tokens::new(&token_key),
        floor,
        limits: Arc::new(Limits::new(!options.limits_off)),
        tries: Tries::default(),
        waiting: Waiting::default(),
        presence: config.presence.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        trust_loopback: config.trust_loopback,
        open_diners: config.open_diners,
    };
    let app = Arc::new(App {
        store: store.clone(),
        hub: hub.clone(),
        door,
        checkout: checkout.clone(),
        demo,
        tunnel: Arc::new(Tunnel::new(config.notify_base.clone())),
        codes: Arc::new(Codes::new(&token_key)),
        seen: Seen::default(),
        prefixes: Prefixes::new(config.path_prefixes.clone()),
        menu,
        desktop: desktop.clone(),
        backups: Watch::start(Backups::of(&config))?,
        clock: Arc::new(clock::watch::Watch::new(
            store.clone(),
            config.calendar.clone(),
            skew_of(&checkout),
            room::actions::forget_the_future,
        )),
        terms: Terms {
            mode: config.pay_mode,
            pay_within_seconds: config.pay_within_seconds,
            calendar: config.calendar.clone(),
            fees: config.fees,
        },
        assets: Assets::default(),
        counters,
        base_url: base_url.clone(),
        stop: Stop::default(),
    });
    warn_of_risks(&config);
    warn_of_open_files(&mended);
    let worker = Worker {
        store: store.clone(),
        desktop,
        wake: bells.alert.clone(),
        accept: order::actions::accept_alerted,
        calendar: config.calendar.clone(),
        speaker_test: config.speaker_test,
        manner: Manner {
            language: config.language,
            repeat: config.alert_repeat,
            amounts: config.speak_amounts,
            quiet: config.quiet,
        },
    };
    let ringing = tokio::spawn(worker.run(Speaker::start(config.data.join("sound"), config.volume)?));
    let bell = ringing.abort_handle();
    let (line, watching) = (app.tunnel.clone(), checkout.clone());
    until_stop(&app.stop, async move { line.watch(watching).await });
    until_stop(&app.stop, async move { checkout.watch().await });
    until_stop(&app.stop, accounting);
    let eye = app.clock.clone();
    until_stop(&app.stop, async move { eye.run().await });
    until_stop(&app.stop, keep_house(app.clone()));
    until_stop(&app.stop, menu::watch::keep_hours(store.clone(), config.calendar.clone()));
    until_stop(&app.stop, systemd::watch(store.clone()));
    let serving = tokio::spawn(web::serve(app.clone(), lan_listener, tunnel_listener));
    announce(&config, options.demo, &places, lan, tunnel, &base_url)?;
    store.check_behind()?;
    until_stop(&app.stop, systemd::report(base_url, store.clone(), app.desktop.clone()));
    if let Some(script) = options.script {
        tokio::spawn(demo::play(script, format!("http://{lan}"), places));
    }
    // An alert that is neither said nor shown is worse than a restart.
    let rang = tokio::select! {
        () = stopped => Ok(()),
        _ = ringing => Err(anyhow!("the alerts' worker has ended: see the lines above")),
    };
    systemd::stopping();
    tracing::info!("stopping");
    app.stop.begin.cancel();
    hub.finish_all();
    let _ = serving.await;
    bell.abort();
    app.stop.tasks.close();
    if tokio::time::timeout(STOP_PATIENCE, app.stop.tasks.wait()).await.is_err() {
        tracing::warn!("some connections did not end in time and are cut");
    }
    store.close().await;
    tracing::info!("stopped; everything acknowledged is on disk");
    rang
}

/// Work that goes on as long as the daemon serves. It ends before the store closes, wherever it stands: whatever it was
/// about to do is found again at the next start.
fn until_stop(stop: &Stop, work: impl Future<Output = ()> + Send + 'static) {
    let begin = stop.begin.clone();
    stop.tasks.spawn(async move { begin.run_until_cancelled(work).await.unwrap_or_default() });
}

/// Rung after a commit that gave a worker something to do.
#[derive(Default)]
struct Bells {
    alert: Arc<Notify>,
    payment: Arc<Notify>,
}

/// What happens with an event once it is on disk.
fn publisher(
    config: &Config,
    hub: &Arc<Hub>,
    floor: &Arc<Floor>,
    menu: &Arc<MenuCache>,
    counters: &Arc<Counters>,
    bells: &Bells,
) -> Publish {
    let (hub, floor, menu, counters) = (hub.clone(), floor.clone(), menu.clone(), counters.clone());
    let (alert, payment) = (bells.alert.clone(), bells.payment.clone());
    let calendar = config.calendar.clone();
    Box::new(move |event| {
        match &event {
            Event::SeatingOpened(table, seating) => floor.opened(*table, *seating),
            Event::SeatingClosed(_, seating) => floor.closed(*seating),
            Event::SeatingMoved(step, _) => {
                floor.moved(step);
                // What is open may be said and shown with another table's number now.
                alert.notify_one();
            }
            Event::MenuChanged => menu.forget(),
            Event::OrderChanged(_) => {
                counters.orders.inc();
            }
            Event::AlertRaised(_) => {
                counters.alerts.inc();
                alert.notify_one();
            }
            Event::AlertAcked(_) => alert.notify_one(),
            Event::PaymentDue => payment.notify_one(),
            Event::CartChanged(_)
            | Event::CodeRotated(_)
            | Event::TableChanged(_)
            | Event::BillChanged(..)
            | Event::MemberScanned(_)
            | Event::MemberCutOff(_) => {}
        }
        frames::broadcast(&hub, &calendar, &floor, &event);
    })
}

/// Of the provider whose clock is the furthest from ours: one that refuses is enough.
fn skew_of(checkout: &Arc<Checkout>) -> clock::watch::Skew {
    let checkout = checkout.clone();
    Box::new(move || {
        let skews = checkout.providers().iter().filter_map(|provider| provider.line().skew_seconds);
        skews.max_by_key(|skew| skew.abs())
    })
}

/// Listens from now on, so that a stop right after the `ready` line is a graceful one.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
