//! The composition root: opens the store, starts the workers and listeners, and stops them in order.

use super::accounts;
use super::demo::{self, Script};
use super::exposed::{self, Mended};
use super::logs;
use super::memory;
use super::systemd;
use crate::alert::actions::list_open;
use crate::backup::{Backups, Watch};
use crate::clock;
use crate::config::Config;
use crate::desk::desktop::Desktop;
use crate::desk::voice::speaker::Speaker;
use crate::desk::worker::{Manner, Worker};
use crate::error::Error;
use crate::event::Event;
use crate::hub::{Hub, Room};
use crate::member::code::Codes;
use crate::menu;
use crate::network;
use crate::order::{self, actions::Terms};
use crate::payment;
use crate::payment::checkout::Checkout;
use crate::payment::provider::Provider;
use crate::payment::reconcile;
use crate::private;
use crate::provider::demo::Demo;
use crate::provider::tunnel::Tunnel;
use crate::seating::{self, Place};
use crate::staff;
use crate::store::{Publish, Store, Tx, setting};
use crate::web;
use crate::web::limits::Limits;
use crate::web::{App, Assets, Counters, Door, Floor, MenuCache, Prefixes, Seen, Stop, Tokens, Tries, Waiting, frames};
use anyhow::{Context, Result, anyhow};
use std::fs::File;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// What is still under way when the daemon stops gets this long.
const STOP_PATIENCE: Duration = Duration::from_secs(4);
const SWEEP: Duration = Duration::from_secs(60);
/// How soon the counter page hears of a line that has gone or come.
const GLANCE: Duration = Duration::from_secs(2);
/// While the PC is neither heard nor seen.
const CALL_AGAIN: Duration = Duration::from_secs(30);

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

/// Thousands may knock at once: whoever finds the queue full tries again after a second only.
fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(4096)
}

/// The socket that systemd has opened already, else one as configured.
async fn listen(
    opened: Option<std::net::TcpListener>,
    address: SocketAddr,
    what: &str,
) -> Result<(TcpListener, SocketAddr)> {
    let listener = match opened {
        Some(listener) => TcpListener::from_std(listener)?,
        None => bind(address).with_context(|| {
            format!(
                "the {what} listener cannot use {address}: is another program, or another Tablebell, running there?"
            )
        })?,
    };
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// Two daemons on one database would each believe to be the only writer. Held for as long as the file lives.
///
/// # Errors
/// A daemon runs there, or the folder can't be written.
pub fn lock(data: &Path) -> Result<File> {
    let path = data.join("tablebell.lock");
    let file = private::create_or_empty(&path)
        .with_context(|| format!("cannot write {}: is the disk full or read-only?", path.display()))?;
    file.try_lock().map_err(|_| anyhow!("another Tablebell is running on {}: stop it first", data.display()))?;
    Ok(file)
}

/// Whether a daemon holds that lock.
pub fn is_running(data: &Path) -> bool {
    File::open(data.join("tablebell.lock")).is_ok_and(|file| file.try_lock_shared().is_err())
}

/// The address by which phones reach a listener on all interfaces.
pub fn lan_address(bound: SocketAddr) -> SocketAddr {
    let found = || -> std::io::Result<IpAddr> {
        // No packet is sent: connecting a datagram socket only asks the routing table.
        let probe = UdpSocket::bind("0.0.0.0:0")?;
        probe.connect("192.0.2.1:9")?;
        Ok(probe.local_addr()?.ip())
    };
    match bound.ip().is_unspecified() {
        true => SocketAddr::new(found().unwrap_or(IpAddr::from([127, 0, 0, 1])), bound.port()),
        false => bound,
    }
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
            mend_the_future,
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
    announce(&config, &options, &places, lan, tunnel, &base_url)?;
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

fn warn_of_risks(config: &Config) {
    if config.demo_payments {
        tracing::warn!("DEMO PAYMENTS ARE ON: orders are marked paid without any money");
    }
    if config.notify_base.as_deref().is_some_and(|base| base.starts_with("http://")) {
        tracing::warn!("payment.notify_base is not https: real providers refuse such an address");
    }
    if config.open_diners {
        tracing::warn!("diner_auth is \"open\": anyone on this network can order for any table");
    }
    let own = lan_address(config.lan).ip();
    if !network::is_in(&config.presence, own) {
        tracing::warn!(
            "presence.networks does not have this PC's own address, {own}: the phones beside it have to wait for the \
             counter's approval; add their network"
        );
    }
    if config.trust_loopback {
        tracing::warn!(
            "counter.trust_loopback IS ON: whoever sits at this PC, or comes through a proxy on it that sends no \
             X-Forwarded-For, hears of new orders without logging in"
        );
    }
}

/// The clock was put right: nobody waits until a year that was never there.
fn mend_the_future(tx: &mut Tx<'_>) -> Result<(), Error> {
    staff::actions::forget_the_future(tx)?;
    order::actions::forget_the_future(tx)?;
    payment::actions::ask_all_now(tx)
}

/// Of the provider whose clock is the furthest from ours: one that refuses is enough.
fn skew_of(checkout: &Arc<Checkout>) -> clock::watch::Skew {
    let checkout = checkout.clone();
    Box::new(move || {
        let skews = checkout.providers().iter().filter_map(|provider| provider.line().skew_seconds);
        skews.max_by_key(|skew| skew.abs())
    })
}

/// Files of earlier versions are as open as the umask was.
fn warn_of_open_files(Mended { closed, left }: &Mended) {
    if !closed.is_empty() {
        let list = exposed::list(closed);
        tracing::warn!("other users of this PC could get at {list}: from now on only their owner can");
    }
    if !left.is_empty() {
        let list = exposed::list(left);
        tracing::warn!("other users of this PC can get at {list}, and it can't be changed: see `tablebell doctor`");
    }
}

/// Tells the counter page about the devices and lines, calls for a person where the PC itself cannot, and forgets idle
/// rate limits.
async fn keep_house(app: Arc<App>) {
    let mut changes = app.desktop.changes();
    let mut sweep = tokio::time::interval(SWEEP);
    let mut glance = tokio::time::interval(GLANCE);
    let mut told = Vec::new();
    let mut called: Option<Instant> = None;
    loop {
        tokio::select! {
            Ok(()) = changes.changed() => {}
            _ = glance.tick() => {}
            _ = sweep.tick() => {
                app.door.limits.sweep();
                app.door.tries.sweep(Instant::now());
                memory::give_back();
                continue;
            }
        }
        if let Ok(data) = app.status()
            && data != told
        {
            app.hub.publish_event(Room::Backstage, &frames::status(&data), 0);
            told = data;
        }
        if !app.desktop.report().is_deaf_and_blind() {
            called = None;
        } else if called.is_none_or(|at| at.elapsed() >= CALL_AGAIN) {
            // Again only while something waits.
            if called.is_none() || app.store.read(list_open).await.is_ok_and(|open| !open.is_empty()) {
                tracing::warn!("this PC is neither heard nor seen: the counter pages are told");
                // The old web makes a popup of each, which stays.
                app.hub.publish_once(Room::Counter, &frames::escalation());
                app.hub.publish_event(Room::Backstage, &frames::escalation(), 0);
            }
            called = Some(Instant::now());
        }
    }
}

/// What the printed QR codes start with: as configured, or this PC's address.
pub fn base_url(config: &Config, lan: SocketAddr) -> String {
    config.base_url.clone().unwrap_or_else(|| format!("http://{}", lan_address(lan)))
}

/// A table as scripts read it.
pub fn table_json(place: &Place, base_url: &str) -> serde_json::Value {
    serde_json::json!({
        "tableId": place.table.id,
        "tableNumber": place.table.number,
        "code": place.table.code,
        "url": place.table.url(base_url),
        "area": place.table.area,
        "seats": place.table.seats,
    })
}

/// The `ready` line of docs/protocol.md §1.8 on stdout, the last word of a start; for a demo the rest, for people, on
/// stderr before it.
fn announce(
    config: &Config,
    options: &Options,
    places: &[Place],
    lan: SocketAddr,
    tunnel: SocketAddr,
    base_url: &str,
) -> Result<()> {
    use std::io::Write;
    let mut ready = serde_json::json!({
        "lan": format!("http://{}", lan_address(lan)),
        "tunnel": format!("http://{tunnel}"),
        "pid": std::process::id(),
    });
    if options.demo {
        ready["data"] = config.data.to_string_lossy().into();
        ready["tables"] = places.iter().map(|place| table_json(place, base_url)).collect();
        ready["staff"] = serde_json::json!({ "username": "admin", "password": "123456" });
        demo::welcome(config, places, base_url);
    }
    tracing::info!("serving phones and counter on {base_url}, callbacks on http://{tunnel}");
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "ready {ready}").and_then(|()| stdout.flush()).context("printing the ready line")?;
    systemd::ready(base_url);
    Ok(())
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
