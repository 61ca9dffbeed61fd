//! The services of a running server, which every request and connection shares.

use std::{ops::Deref, sync::Arc};

use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Epoch, SessionId},
    people::Role,
    presence::ChatUser,
};

use crate::{
    access_cache::AccessCache,
    authentication::Identities,
    claims::{Hold, is_chosen},
    clock,
    config::Config,
    features::{
        Applied, Command, Entry, Event,
        people::{Person, user_of},
        sessions::TouchSession,
    },
    hub::Hub,
    identity::{Identity, Nonce},
    log::Log,
    metrics::Metrics,
    net::{
        admission::{Admission, ReconnectSpreader},
        relays::Relays,
        session::Replaced,
    },
    network::ClientNetwork,
    openings::{Openings, Sweep},
    password::Passwords,
    picture::Pictures,
    push::Pushes,
    rates::{Rates, Spender},
    storage::Storage,
    store::read::Readers,
    tasks::Tasks,
    webauthn::challenges::Challenges,
};

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

impl Deref for App {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.0
    }
}

impl App {
    /// Shares the services.
    #[must_use]
    pub fn new(services: AppState) -> Self {
        Self(Arc::new(services))
    }

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
    pub fn spend_bytes(&self, by: &ChatId, role: Role, from: ClientNetwork, bytes: usize) -> Result<(), u32> {
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
    pub fn spender(&self, person: &ChatId, network: ClientNetwork) -> Spender {
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
