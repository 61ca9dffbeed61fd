//! The one place that wires the server: build, serve, drain.

use std::{io, net::SocketAddr, time::Duration};

use anyhow::{Context, Result, bail};
use snug_shared::ids::{ChatId, Epoch, RoomId};
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
};

use crate::{
    clock,
    config::Config,
    features::{Command, Entry, Event, rooms},
    http,
    hub::{self, Hub},
    identity::Identities,
    log::{Log, Writer},
    store::{folder::Folder, read::Readers},
    tasks::Tasks,
};
use std::sync::Arc;

/// How long a draining server waits for its connections.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes that the system may hold for a client that does not read (Linux takes twice as many). Left to
/// itself it goes up to megabytes, for each connection.
const SEND_BUFFER: u32 = 64 * 1024;
/// Connections that may wait to be accepted: after a restart everybody comes at once.
const BACKLOG: u32 = 4096;

/// What every request and connection works with.
#[derive(Clone)]
pub struct App {
    /// The settings in force.
    pub config: Arc<Config>,
    /// Who is who.
    pub identities: Identities,
    /// What the cursors belong to.
    pub epoch: Epoch,
    /// Fan-out.
    pub hub: Arc<Hub>,
    /// Takes entries.
    pub log: Log,
    /// The connections that read.
    pub readers: Readers,
    /// The tasks' owner.
    pub tasks: Tasks,
}

/// A server that accepts connections.
pub struct Server {
    app: App,
    writer: Writer,
    address: SocketAddr,
}

impl Server {
    /// Opens the folder and begins to accept.
    pub async fn start(config: &Config) -> Result<Self> {
        let folder = Folder::open(&config.data)?;
        let tasks = Tasks::default();
        let identities = Identities::new(&folder.secret()?);
        let epoch = folder.epoch()?;
        let readers = Readers::new(folder.database().to_owned());
        let hub = Hub::new(rooms::heads(&folder.connection)?, config.grace, config.messages);
        hub::keep(&hub, &tasks);
        let publisher = hub.clone();
        let (log, writer) = Log::start(folder, move |events| publish(&publisher, events));
        if hub.room(&RoomId::lobby()).is_none() {
            open_lobby(&log).await?;
        }
        let app = App {
            config: Arc::new(config.clone()),
            identities,
            epoch,
            hub,
            log,
            readers,
            tasks,
        };
        let listener = listen(config.listen)
            .with_context(|| format!("the address {} cannot be listened at", config.listen))?;
        let address = listener.local_addr()?;
        http::accept(&app, listener);
        Ok(Self { app, writer, address })
    }

    /// Where it serves.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, tells every client to come back later, settles what was submitted, and ends.
    pub async fn drain(self) {
        if !self.app.tasks.drain(PATIENCE).await {
            tracing::warn!("some connections did not end in time");
        }
        let Self { app, writer, .. } = self;
        drop(app);
        // The last handle on the log is gone with the app, unless a connection did not end.
        let joined = tokio::task::spawn_blocking(|| writer.join());
        if tokio::time::timeout(PATIENCE, joined).await.is_err() {
            tracing::warn!("the log did not end in time");
        }
    }
}

/// Accepted sockets inherit the bound on what the system holds for each.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until the process is told to end.
pub async fn serve(config: &Config) -> Result<()> {
    // Before anybody can know that it runs: whoever then ends it ends it well.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = Server::start(config).await?;
    // The one line on standard output: scripts read the port from it.
    println!("listening on http://{}", server.address());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("draining");
    server.drain().await;
    Ok(())
}

fn publish(hub: &Hub, events: Vec<Event>) {
    let mut messages = Vec::with_capacity(events.len());
    for event in events {
        match event {
            Event::Opened(room) => hub.open(room),
            Event::Said(message) => messages.push(message),
        }
    }
    hub.publish(messages);
}

async fn open_lobby(log: &Log) -> Result<()> {
    let entry = Entry {
        by: ChatId::try_from("snug")?,
        at: clock::now(),
        command: Command::Open(rooms::Open {
            room: RoomId::lobby(),
        }),
    };
    match log.submit(entry).await.await {
        Ok(Ok(_)) => Ok(()),
        _ => bail!("the data folder cannot be written"),
    }
}
