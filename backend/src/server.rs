//! Wires the server, in this one place: build, serve, drain.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use snug_shared::ids::{ChatId, RoomId};
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
};

use crate::{
    access_cache::AccessCache,
    app::{App, AppState},
    authentication::Identities,
    clock,
    config::Config,
    egress::Egress,
    expiry,
    features::{
        Command, Entry, members,
        people::{Person, user_of},
        push as browsers, room_table, rooms,
    },
    http::{self, tls::Tls},
    hub::{self, Hub},
    identity::SERVER,
    log::{Log, Writer},
    metrics::Metrics,
    net::{
        admission::{Admission, ReconnectSpreader},
        hosts,
        relays::Relays,
        session::Replaced,
    },
    openings::{Openings, Sweep},
    output,
    password::Passwords,
    picture::Pictures,
    publish::publish,
    push::{self, Pushes, Vapid},
    rates::{self, Rates},
    storage::{self, Storage},
    store::{folder::Folder, read::Readers},
    sweep,
    tasks::Tasks,
};

/// The time that a draining server waits for its connections, and then for the log's thread.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes that the system may buffer for a client that does not read (Linux takes twice as many). Without this limit the buffer of
/// each connection grows to megabytes.
const SEND_BUFFER: u32 = 64 * 1024;
/// Connections that may wait to be accepted: after a restart all clients reconnect at once.
const BACKLOG: u32 = 4096;

/// A server that accepts connections.
pub struct Server {
    app: App,
    writer: Writer,
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
}

/// The bound sockets and the certificate. They outlive a restart within the process: clients that connect meanwhile wait in the
/// system's queue.
pub struct Listeners {
    listener: std::net::TcpListener,
    metrics: Option<std::net::TcpListener>,
    tls: Option<Arc<Tls>>,
}

impl Listeners {
    /// Binds the addresses and loads the certificate.
    pub fn open(config: &Config) -> Result<Self> {
        let bind = |address| listen(address).with_context(|| format!("could not listen on {address}"));
        Ok(Self {
            tls: config.tls.as_ref().map(Tls::load).transpose()?.map(Arc::new),
            listener: bind(config.listen)?,
            metrics: config.metrics.map(bind).transpose()?,
        })
    }
}

impl Server {
    /// Opens the data folder and accepts connections.
    pub async fn start(config: &Config) -> Result<Self> {
        Self::start_on(&Listeners::open(config)?, config).await
    }

    /// Opens the data folder and accepts connections on sockets that are already bound.
    pub async fn start_on(listeners: &Listeners, config: &Config) -> Result<Self> {
        let mut folder = Folder::open(&config.data)?;
        let tasks = Tasks::default();
        let metrics = Metrics::default();
        let access = Arc::new(AccessCache::load(&folder.connection)?);
        let identities = Identities::new(&folder.secret()?, access.clone());
        let epoch = folder.epoch()?;
        let readers = Readers::new(folder.database().to_owned());
        if let Some(most) = config.max_data {
            folder.limit_log(storage::log_share(most))?;
        }
        let storage = Storage::open(config, readers.clone()).await;
        let hub = Hub::new(
            room_table::all(&folder.connection)?,
            config.grace,
            config.messages,
            config.recent_bytes,
        );
        for (room, members) in members::counts(&folder.connection)? {
            hub.set_members(&room, members);
        }
        hub::run_tasks(&hub, &tasks);
        for Person { known, .. } in access.people().iter().filter(|it| it.is_registered()) {
            hub.register_name(&user_of(known));
        }
        let pushes = Arc::new(Pushes::new(
            Vapid::new(&folder.push_keys(&Vapid::generate())?, contact(config))
                .context("the key for push notifications in the data folder is invalid")?,
            Egress::new(&config.push_network),
            browsers::any(&folder.connection)?,
            metrics.clone(),
        ));
        let publisher = (hub.clone(), access.clone(), pushes.clone());
        let roles = access.clone();
        let is_guest = move |id: &ChatId| id.as_str() != SERVER && roles.role(id).is_guest();
        let (log, writer) = Log::start(folder, metrics.clone(), Arc::new(is_guest), move |events| {
            publish(&publisher.0, &publisher.1, &publisher.2, events);
        });
        if hub.room(&RoomId::lobby()).is_none() {
            open_lobby(&log).await?;
        }
        let app = App::new(AppState {
            config: Arc::new(config.clone()),
            identities,
            access,
            passwords: Passwords::default(),
            challenges: Arc::default(),
            replaced: Replaced::default(),
            pictures: Pictures::default(),
            epoch,
            hub,
            log,
            readers,
            storage,
            admission: Arc::new(Admission::new(config.admissions, config.connections_by_address)),
            rates: Arc::new(Rates::new(config)),
            relays: Relays::default(),
            reconnects: Arc::new(ReconnectSpreader::new(config.admissions)),
            pushes,
            metrics,
            openings: Openings::new(config),
            sweep: Sweep::default(),
            tasks,
        });
        let services = push::Services {
            pushes: app.pushes.clone(),
            hub: app.hub.clone(),
            access: app.access.clone(),
            readers: app.readers.clone(),
            log: app.log.clone(),
        };
        push::run(services, config.grace, &app.tasks);
        let storage = app.storage.clone();
        app.tasks.run_until_drained(async move { storage.watch().await });
        expiry::start(&app).await;
        sweep::run(&app);
        rates::run_pruner(&app.rates, &app.tasks);
        let clone_of = |listener: &std::net::TcpListener| TcpListener::from_std(listener.try_clone()?);
        let listener = clone_of(&listeners.listener)?;
        let address = listener.local_addr()?;
        http::accept(&app, listener, listeners.tls.clone());
        let mut metrics_address = None;
        if let Some(listener) = &listeners.metrics {
            let listener = clone_of(listener)?;
            metrics_address = Some(listener.local_addr()?);
            http::accept_metrics(&app, listener);
        }
        Ok(Self {
            app,
            writer,
            address,
            metrics_address,
        })
    }

    /// Returns the address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address that serves the metrics, if there is one.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Creates the one-time link that makes its bearer the owner. Returns `None` if there is an owner.
    #[must_use]
    pub fn owner_link(&self) -> Option<String> {
        let secret = self.app.access.create_owner_link()?;
        let config = &self.app.config;
        let address = match (config.allow_origin.first(), config.host.first()) {
            (Some(origin), _) => origin.trim_end_matches('/').to_owned(),
            // Users reach the proxy's port, over HTTPS.
            (None, Some(host)) if !config.trusted_proxy.is_empty() => {
                format!("https://{}", hosts::of_address(host).unwrap_or(host))
            }
            (None, host) => {
                let scheme = if config.tls.is_some() { "https" } else { "http" };
                let host = host.map(|it| hosts::of_address(it).unwrap_or(it).to_owned());
                let (host, port) = (host, self.address.port());
                let host = host.unwrap_or_else(|| self.address.ip().to_string());
                format!("{scheme}://{host}:{port}")
            }
        };
        Some(format!("{address}{}#owner={secret}", config.base))
    }

    /// Prints the owner link on standard output, unless there is an owner.
    fn print_owner_link(&self) {
        if let Some(link) = self.owner_link() {
            // The process that started the server may have closed standard output.
            let line = "no owner yet; open this link to create the owner account (works once):";
            output::line(format_args!("{line} {link}"));
        }
    }

    /// Stops accepting connections, sends every client the time to reconnect, settles the submitted entries, and ends.
    pub async fn drain(self) {
        if !self.app.tasks.drain(DRAIN_TIMEOUT).await {
            tracing::warn!("some connections were not closed in time");
        }
        let Self { app, writer, .. } = self;
        drop(app);
        // The last handle on the log is dropped with the app, unless a connection did not end.
        let joined = tokio::task::spawn_blocking(|| writer.join());
        if tokio::time::timeout(DRAIN_TIMEOUT, joined).await.is_err() {
            tracing::warn!("the log was not closed in time");
        }
    }
}

/// Binds a listening socket. Accepted sockets inherit its limit of the send buffer.
fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Serves until the process receives SIGTERM or SIGINT. SIGHUP reloads the certificate; SIGUSR1, which `snug restore` sends, restarts
/// with the restored database.
pub async fn serve(config: &Config) -> Result<()> {
    // Installed before the server announces itself: a signal that arrives right afterwards ends it in order.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut reload = signal(SignalKind::hangup())?;
    let mut restart = signal(SignalKind::user_defined1())?;
    let listeners = Listeners::open(config)?;
    let mut server = Server::start_on(&listeners, config).await?;
    // Scripts read the port from the first line on standard output.
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let base = &config.base;
    let path = if base.is_root() { "" } else { base.as_str() };
    output::line(format_args!("listening on {scheme}://{}{path}", server.address()));
    if let Some(address) = server.metrics_address() {
        output::line(format_args!("metrics on http://{address}/metrics"));
    }
    server.print_owner_link();
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = reload.recv() => match listeners.tls.as_ref().map(|tls| tls.reload()) {
                Some(Ok(())) => tracing::info!("reloaded the certificate"),
                Some(Err(error)) => tracing::error!(error = format!("{error:#}"), "could not reload the certificate; still using the old one"),
                None => {}
            },
            _ = restart.recv() => {
                tracing::info!("restarting with the restored data");
                server.drain().await;
                server = Server::start_on(&listeners, config).await?;
                server.print_owner_link();
            }
        }
    }
    tracing::info!("shutting down");
    // Refuses new connections at once, so that they do not wait for a server that ends.
    drop(listeners);
    server.drain().await;
    Ok(())
}

/// Returns the contact for push services: the server's own name, if it has one.
fn contact(config: &Config) -> String {
    let origin = config.allow_origin.iter().find(|it| it.starts_with("https://"));
    let named = config.host.first().map(|host| format!("https://{host}"));
    origin
        .cloned()
        .or(named)
        .unwrap_or_else(|| "https://localhost".to_owned())
}

async fn open_lobby(log: &Log) -> Result<()> {
    let entry = Entry {
        by: ChatId::try_from(SERVER)?,
        at: clock::now(),
        command: Command::CreateRoom(rooms::CreateRoom::lobby()),
    };
    match log.submit(entry).await.await {
        Ok(Ok(_)) => Ok(()),
        _ => bail!("could not write to the data folder"),
    }
}
