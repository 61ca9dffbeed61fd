//! Wires the server, in this one place: build, serve, drain.

use std::{io, net::SocketAddr, ops::Deref, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Epoch, RoomId, SessionId},
    people::Role,
    presence::ChatUser,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
};

use crate::{
    access_cache::AccessCache,
    claims::{Hold, Nonce, is_chosen},
    clock,
    config::Config,
    egress::Egress,
    expiry,
    features::{
        Applied, Command, Entry, Event, members,
        people::{Person, user_of},
        push as browsers, room_table, rooms,
        sessions::TouchSession,
    },
    http::{self, hosts, relays::Relays, session::Replaced, tls::Tls},
    hub::{self, Hub},
    identity::{Identities, Identity, SERVER},
    log::{Log, Writer},
    metrics::Metrics,
    network::Network,
    openings::Openings,
    output,
    password::Passwords,
    picture::Pictures,
    publish::publish,
    push::{self, Pushes, Vapid},
    rates::{self, Rates, Spender},
    storage::{self, Storage},
    store::{folder::Folder, read::Readers},
    sweep::{self, Sweep},
    tasks::Tasks,
    webauthn::challenges::Challenges,
    ws::{Admission, ReconnectSpreader},
};

/// The time that a draining server waits for its connections, and then for the log's thread.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes that the system may buffer for a client that does not read (Linux takes twice as many). Without this limit the buffer of
/// each connection grows to megabytes.
const SEND_BUFFER: u32 = 64 * 1024;
/// Connections that may wait to be accepted: after a restart all clients reconnect at once.
const BACKLOG: u32 = 4096;

/// A shared pointer to the server's state, cloned for every request and connection.
#[derive(Clone)]
pub struct App(Arc<AppState>);

/// The server's services and settings, see [`App`].
pub struct AppState {
    /// The settings in force.
    pub config: Arc<Config>,
    /// Authenticates guests and users.
    pub identities: Identities,
    /// The cached access checks: who may connect and read.
    pub access: Arc<AccessCache>,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// The WebAuthn challenges that were issued to browsers.
    pub challenges: Arc<Challenges>,
    /// The session cookies that were replaced a moment ago.
    pub replaced: Replaced,
    /// Decodes uploaded pictures.
    pub pictures: Pictures,
    /// The epoch of the log to which the clients' cursors belong.
    pub epoch: Epoch,
    /// Delivers events to connections.
    pub hub: Arc<Hub>,
    /// Receives entries and stores them in order.
    pub log: Log,
    /// The database connections for reads.
    pub readers: Readers,
    /// Measures the size of the data on the disk.
    pub storage: Arc<Storage>,
    /// Limits the rate at which connections join.
    pub admission: Arc<Admission>,
    /// The rate limits of users and networks.
    pub rates: Arc<Rates>,
    /// The proxies in front of the server that the settings do not name.
    pub relays: Relays,
    /// Schedules the reconnects of clients after a restart.
    pub reconnects: Arc<ReconnectSpreader>,
    /// Sends pushes to users who have no page open.
    pub pushes: Arc<Pushes>,
    /// The metrics for the operator.
    pub metrics: Metrics,
    /// Limits how fast rooms, conversations and subscriptions may be opened.
    pub openings: Openings,
    /// Requests the deletion of unused rooms.
    pub sweep: Sweep,
    /// Owns the server's tasks.
    pub tasks: Tasks,
}

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
        let bind =
            |address| listen(address).with_context(|| format!("the address {address} cannot be listened at"));
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
            Vapid::new(&folder.push_keys()?, contact(config))
                .context("the folder's key for pushes is not one")?,
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
        let app = App(Arc::new(AppState {
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
        }));
        push::run(&app);
        let storage = app.storage.clone();
        app.tasks.run_until_drained(async move { storage.watch().await });
        expiry::start(&app).await;
        sweep::run(&app);
        rates::run_pruner(&app);
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
            let line = "nobody owns this place yet; whoever opens this link first does:";
            output::line(format_args!("{line} {link}"));
        }
    }

    /// Stops accepting connections, sends every client the time to reconnect, settles the submitted entries, and ends.
    pub async fn drain(self) {
        if !self.app.tasks.drain(DRAIN_TIMEOUT).await {
            tracing::warn!("some connections did not end in time");
        }
        let Self { app, writer, .. } = self;
        drop(app);
        // The last handle on the log is dropped with the app, unless a connection did not end.
        let joined = tokio::task::spawn_blocking(|| writer.join());
        if tokio::time::timeout(DRAIN_TIMEOUT, joined).await.is_err() {
            tracing::warn!("the log did not end in time");
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
                Some(Ok(())) => tracing::info!("the certificate was read again"),
                Some(Err(error)) => tracing::error!(error = format!("{error:#}"), "the old certificate stays"),
                None => {}
            },
            _ = restart.recv() => {
                tracing::info!("beginning again");
                server.drain().await;
                server = Server::start_on(&listeners, config).await?;
                server.print_owner_link();
            }
        }
    }
    tracing::info!("draining");
    // Refuses new connections at once, so that they do not wait for a server that ends.
    drop(listeners);
    server.drain().await;
    Ok(())
}

impl Deref for App {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.0
    }
}

impl App {
    /// Returns an online or registered person as others see them.
    #[must_use]
    pub fn shown(&self, person: &ChatId) -> Option<ChatUser> {
        let kept = self.access.person(person).filter(Person::is_registered);
        match kept {
            Some(person) => Some(user_of(&person.known)),
            None => self.hub.online_user(person).map(|(user, _)| user),
        }
    }

    /// Charges `bytes` to the write allowance of a user of this role who connects from this network.
    ///
    /// # Errors
    /// The number of milliseconds until so many bytes may be written.
    pub fn spend_bytes(&self, by: &ChatId, role: Role, from: Network, bytes: usize) -> Result<(), u32> {
        let allowances = &self.storage.allowances;
        let spent = match role {
            Role::Guest => allowances.spend_as_guest(by, from, bytes),
            _ => allowances.spend_as_member(by, bytes),
        };
        spent.map_err(|wait| u32::try_from(wait.as_millis()).map_or(u32::MAX, |wait| wait.max(1)))
    }

    /// Stores the last use of a session at most once an hour, without waiting for the log.
    pub async fn note_session(&self, by: ChatId, session: SessionId) {
        let at = clock::now();
        if self.access.should_touch_session(&session, at) {
            let command = Command::TouchSession(TouchSession { session });
            drop(self.log.submit(Entry { by, at, command }).await);
        }
    }

    /// Holds the claims of the chosen ids that an entry binds, because it stores something for them. `nonce` is the claim of the
    /// submitting user, if they need not be online.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ChatIdTaken`] if another claim is valid, [`ErrorCode::NotFound`] if no user is online under an id without a
    /// claim.
    pub fn holds(&self, entry: &Entry, nonce: Option<Nonce>) -> Result<Vec<Hold>, ErrorCode> {
        let people: Vec<(&ChatId, Option<Nonce>)> = match &entry.command {
            Command::CreateRoom(_)
            | Command::JoinRoom(_)
            | Command::CreateAccount(_)
            | Command::RedeemInvite(_)
            | Command::SubscribePush(_) => vec![(&entry.by, nonce)],
            Command::OpenDirect(it) => it.participants.iter().map(|it| (&it.user, None)).collect(),
            Command::AddMember(it) => vec![(&it.user, None)],
            _ => return Ok(Vec::new()),
        };
        let chosen = people.into_iter().filter(|(id, _)| is_chosen(id));
        let claimed = chosen.filter(|(id, _)| !self.access.is_registered(id));
        let claims = &self.access.claims;
        let held = self
            .hub
            .hold(claims, claimed.map(|(id, nonce)| (id.clone(), nonce)))?;
        let held = held.into_iter().filter_map(|(id, hold)| match hold {
            Some(hold) => Some(Ok(hold)),
            None if claims.is_bound(&id) => None,
            // The user has disconnected: the next user of the id may be a different person.
            None => Some(Err(ErrorCode::NotFound)),
        });
        held.collect()
    }

    /// Returns the account to which the requests of a person from this network are charged.
    #[must_use]
    pub fn spender(&self, person: &ChatId, network: Network) -> Spender {
        let member = self.access.is_registered(person);
        Spender {
            person: person.clone(),
            guest_of: (!member).then_some(network),
        }
    }

    /// Submits a user's command, and waits until it is durable or refused.
    pub async fn submit(&self, by: ChatId, command: Command) -> Result<Event, ErrorCode> {
        self.submit_under(by, None, command).await
    }

    /// Submits a command that stores something for the user's id, and so binds their claim of it.
    pub async fn submit_as(&self, identity: &Identity, command: Command) -> Result<Event, ErrorCode> {
        self.submit_under(identity.chat_id.clone(), identity.nonce, command)
            .await
    }

    async fn submit_under(
        &self,
        by: ChatId,
        nonce: Option<Nonce>,
        command: Command,
    ) -> Result<Event, ErrorCode> {
        self.storage.take(command.adds_bytes())?;
        let at = clock::now();
        let entry = Entry { by, at, command };
        let holds = self.holds(&entry, nonce)?;
        let answer = self.log.submit_holding(entry, holds).await.await;
        match answer.unwrap_or(Err(ErrorCode::Unavailable))? {
            Applied::Logged(event) | Applied::AppliedOnly(event) | Applied::Duplicate(event) => Ok(event),
        }
    }
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
        _ => bail!("the data folder cannot be written"),
    }
}
