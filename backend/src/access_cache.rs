//! Mirrors in memory who may connect and read: people, sessions, bans and rules, as the tables have them. Writes are checked against
//! the tables themselves, in `apply`.
//!
//! The cache is updated before the hub is notified of a change, and is checked under the hub's lock when a connection joins. A
//! concurrent ban or sign-out therefore either rejects the join or is found by [`Hub::review`](crate::hub::Hub::review).

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::{Duration, Instant},
};

use ipnet::IpNet;
use rusqlite::Connection;
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Millis, SessionId},
    people::{JoinPolicy, Role, Rules},
};

use crate::{
    claims::Claims,
    features::{
        access, account_deletion,
        people::{self, Person},
        rules,
        sessions::{self, Session},
    },
    identity::Identity,
    secret,
};

/// The lifetime of a link to sign in on another device.
const LINK_TTL: Duration = Duration::from_secs(10 * 60);
/// Sign-in links that are valid at a time.
const MAX_LINKS: usize = 1_000;
/// The minimum age of the stored last use of a session at which a new use is stored, in milliseconds.
const TOUCH_INTERVAL_MS: i64 = 3_600_000;

/// Caches who may connect and read, see the module's documentation.
pub struct AccessCache {
    /// The claims of chosen ids, and which of them are valid.
    pub claims: Arc<Claims>,
    inner: RwLock<Inner>,
    /// The sign-in links, by the hash of their secret.
    links: Mutex<HashMap<String, Link>>,
    /// The hash of the secret that makes its bearer the owner, as long as there is no owner.
    owner: Mutex<Option<String>>,
}

/// A link to sign in on another device.
struct Link {
    person: ChatId,
    /// The session that created the link. The link expires with it.
    session: SessionId,
    until: Instant,
}

struct Inner {
    people: HashMap<ChatId, Person>,
    /// The ids of deleted accounts. Nothing authenticates a client as one of them any more.
    erased: HashSet<ChatId>,
    rules: Rules,
    sessions: HashMap<SessionId, Session>,
    network_bans: Vec<(IpNet, Millis)>,
}

impl AccessCache {
    /// Loads the cache from the tables.
    pub fn load(tables: &Connection) -> rusqlite::Result<Self> {
        let people = people::all(tables)?.into_iter();
        let sessions = sessions::all(tables)?.into_iter();
        Ok(Self {
            claims: Arc::new(Claims::load(tables)?),
            inner: RwLock::new(Inner {
                people: people.map(|it| (it.known.chat_id.clone(), it)).collect(),
                erased: account_deletion::all(tables)?.into_iter().collect(),
                rules: rules::rules(tables)?,
                sessions: sessions.map(|it| (it.id.clone(), it)).collect(),
                network_bans: networks(access::network_bans(tables)?),
            }),
            links: Mutex::default(),
            owner: Mutex::default(),
        })
    }

    /// Returns the rules in force.
    pub fn rules(&self) -> Rules {
        self.inner().rules
    }

    /// Returns a known person: a registered one, or a guest with an invitation, a mute or a ban.
    pub fn person(&self, id: &ChatId) -> Option<Person> {
        self.inner().people.get(id).cloned()
    }

    /// Returns all known people.
    pub fn people(&self) -> Vec<Person> {
        self.inner().people.values().cloned().collect()
    }

    /// Returns a person's role; [`Role::Guest`] for an unknown one.
    pub fn role(&self, id: &ChatId) -> Role {
        self.inner()
            .people
            .get(id)
            .map_or(Role::Guest, |it| it.known.role)
    }

    /// Whether a person has an account. Only a session authenticates them then.
    pub fn is_registered(&self, id: &ChatId) -> bool {
        self.inner().people.get(id).is_some_and(Person::is_registered)
    }

    /// Whether the account with this id was deleted. The id is never used again.
    pub fn is_erased(&self, id: &ChatId) -> bool {
        self.inner().erased.contains(id)
    }

    /// Returns the session's person if the secret matches.
    pub fn session(&self, id: &SessionId, secret: &str) -> Option<ChatId> {
        let inner = self.inner();
        let session = inner.sessions.get(id)?;
        (session.hash == secret::hash(secret)).then(|| session.person.clone())
    }

    /// Whether the use of a session now should be stored. True at most once an hour for each session.
    pub fn should_touch_session(&self, id: &SessionId, now: Millis) -> bool {
        let mut inner = self.write();
        let Some(session) = inner.sessions.get_mut(id) else {
            return false;
        };
        let due = now.0 - session.seen.0 >= TOUCH_INTERVAL_MS;
        if due {
            session.seen = now;
        }
        due
    }

    /// Checks that an identity may connect, or read, from an address.
    ///
    /// # Errors
    /// [`ErrorCode::Banned`] for a banned person or network, [`ErrorCode::SessionEnded`] if the session has ended or the guest has
    /// registered a name, [`ErrorCode::ChatIdTaken`] if another claim of the id is valid,
    /// [`ErrorCode::InviteRequired`] or [`ErrorCode::MembersOnly`] if the rules do not admit this guest.
    pub fn may_connect(&self, identity: &Identity, address: IpAddr, now: Millis) -> Result<(), ErrorCode> {
        self.check(identity, Some(address), now)
    }

    /// Returns until when a person is banned, by id or, for a guest, by their address.
    pub fn banned_until(&self, person: Option<&ChatId>, address: IpAddr, now: Millis) -> Option<Millis> {
        let inner = self.inner();
        let person = person.and_then(|it| inner.people.get(it));
        let own = person.and_then(|it| it.known.banned_until);
        let guest = !person.is_some_and(Person::is_registered);
        let by_network =
            (inner.network_bans.iter()).filter(|(network, _)| guest && network.contains(&address));
        let all = own.into_iter().chain(by_network.map(|(_, until)| *until));
        all.filter(|until| *until > now).max()
    }

    /// Whether messages may be delivered to an identity, at whatever address.
    pub fn may_receive(&self, identity: &Identity, now: Millis) -> bool {
        self.check(identity, None, now).is_ok()
    }

    fn check(&self, identity: &Identity, address: Option<IpAddr>, now: Millis) -> Result<(), ErrorCode> {
        if self.claims.have_another(identity) {
            return Err(ErrorCode::ChatIdTaken);
        }
        let inner = self.inner();
        let person = inner.people.get(&identity.chat_id);
        if person.is_some_and(|it| it.is_banned(now)) {
            return Err(ErrorCode::Banned);
        }
        let is_registered = person.is_some_and(Person::is_registered);
        match &identity.session {
            Some(id) if !inner.sessions.contains_key(id) => return Err(ErrorCode::SessionEnded),
            None if is_registered || inner.erased.contains(&identity.chat_id) => {
                return Err(ErrorCode::SessionEnded);
            }
            _ => {}
        }
        if is_registered {
            return Ok(());
        }
        let is_from = |network: &IpNet| address.is_some_and(|it| network.contains(&it));
        if (inner.network_bans.iter()).any(|(network, until)| *until > now && is_from(network)) {
            return Err(ErrorCode::Banned);
        }
        match inner.rules.join_policy {
            JoinPolicy::Anyone => Ok(()),
            JoinPolicy::Invited if person.is_some_and(|it| it.invited) => Ok(()),
            JoinPolicy::Invited => Err(ErrorCode::InviteRequired),
            JoinPolicy::Members => Err(ErrorCode::MembersOnly),
        }
    }

    /// Replaces the entry of a person.
    pub fn set_person(&self, person: Person) {
        if person.known.role == Role::Owner {
            self.owner.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        self.write().people.insert(person.known.chat_id.clone(), person);
    }

    /// Marks an account as deleted. `known` holds what still applies to the person, such as a ban.
    pub fn mark_deleted(&self, person: &ChatId, known: Option<Person>) {
        let inner = &mut *self.write();
        inner.erased.insert(person.clone());
        match known {
            Some(known) => inner.people.insert(person.clone(), known),
            None => inner.people.remove(person),
        };
    }

    /// Replaces the rules.
    pub fn set_rules(&self, rules: Rules) {
        self.write().rules = rules;
    }

    /// Replaces the banned networks, each with the end of its ban.
    pub fn set_network_bans(&self, network_bans: Vec<(String, Millis)>) {
        self.write().network_bans = networks(network_bans);
    }

    /// Adds a session.
    pub fn add_session(&self, session: Session) {
        self.write().sessions.insert(session.id.clone(), session);
    }

    /// Removes sessions, and the sign-in links that they created.
    pub fn remove_sessions(&self, sessions: &[SessionId]) {
        let mut inner = self.write();
        for session in sessions {
            inner.sessions.remove(session);
        }
        drop(inner);
        self.links().retain(|_, link| !sessions.contains(&link.session));
    }

    /// Creates a secret that makes its bearer the owner, unless there is an owner. Replaces the previous secret.
    pub fn create_owner_link(&self) -> Option<String> {
        if self
            .inner()
            .people
            .values()
            .any(|it| it.known.role == Role::Owner)
        {
            return None;
        }
        let (secret, hash) = secret::generate();
        *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = Some(hash);
        Some(secret)
    }

    /// Whether this is the secret that makes its bearer the owner.
    pub fn is_owner_secret(&self, secret: &str) -> bool {
        let owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner);
        owner.as_ref() == Some(&secret::hash(secret))
    }

    /// Creates a one-time secret that signs in another device of the session's person. It expires with the session. Replaces the
    /// person's previous secret.
    ///
    /// # Errors
    /// [`ErrorCode::SessionEnded`] if the session has ended, [`ErrorCode::Overloaded`] if there are too many links.
    pub fn create_sign_in_link(&self, session: SessionId, now: Instant) -> Result<String, ErrorCode> {
        let mut links = self.links();
        // Read under the lock: a session that ends later finds the link.
        let person = self.inner().sessions.get(&session).map(|it| it.person.clone());
        let person = person.ok_or(ErrorCode::SessionEnded)?;
        // Only the newest link of each person is valid.
        links.retain(|_, link| link.until > now && link.person != person);
        if links.len() >= MAX_LINKS {
            return Err(ErrorCode::Overloaded);
        }
        let (secret, hash) = secret::generate();
        let until = now + LINK_TTL;
        links.insert(
            hash,
            Link {
                person,
                session,
                until,
            },
        );
        Ok(secret)
    }

    /// Returns the person that a sign-in link authenticates, without redeeming the link.
    pub fn sign_in_link_person(&self, secret: &str, now: Instant) -> Option<ChatId> {
        let links = self.links();
        let link = links.get(&secret::hash(secret)).filter(|link| link.until > now)?;
        Some(link.person.clone())
    }

    /// Redeems a sign-in link. Returns the person and the session that created the link.
    pub fn redeem_sign_in_link(&self, secret: &str, now: Instant) -> Option<(ChatId, SessionId)> {
        let link = self.links().remove(&secret::hash(secret))?;
        (link.until > now).then_some((link.person, link.session))
    }

    fn links(&self) -> MutexGuard<'_, HashMap<String, Link>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn inner(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn networks(network_bans: Vec<(String, Millis)>) -> Vec<(IpNet, Millis)> {
    let network = |(network, until): (String, Millis)| Some((network.parse().ok()?, until));
    network_bans.into_iter().filter_map(network).collect()
}
