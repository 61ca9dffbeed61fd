//! What holds for whom, in memory: asked where somebody comes in or reads. Where they write, `apply` asks the tables again.
//!
//! It is changed before the hub hears of a change, and asked under the hub's lock when somebody comes in: whoever is put out or
//! signed out is either found there, or does not come in.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::{Duration, Instant},
};

use ipnet::IpNet;
use rusqlite::Connection;
use snug_shared::{
    code::Code,
    ids::{ChatId, Millis, SessionId},
    people::{Entrance, Role, Rules},
};

use crate::{
    claims::Claims,
    features::{
        erasure, house,
        people::{self, Person},
        sessions::{self, Session},
    },
    identity::Identity,
    secret,
};

/// How long a link to sign in on another device is good.
const LINK: Duration = Duration::from_secs(10 * 60);
/// Such links at a time.
const LINKS: usize = 1_000;
/// How long it is not remembered that a session was here again: an hour, in milliseconds.
const SEEN: i64 = 3_600_000;

/// See the module.
pub struct Register {
    /// Which claims of chosen ids are good.
    pub claims: Arc<Claims>,
    inner: RwLock<Inner>,
    /// By the hash of the secret.
    links: Mutex<HashMap<String, Link>>,
    /// The hash of the secret that makes its bearer the owner, as long as there is none.
    owner: Mutex<Option<String>>,
}

/// A link to sign in on another device.
struct Link {
    person: ChatId,
    /// The session that made it, with which it ends.
    session: SessionId,
    until: Instant,
}

struct Inner {
    people: HashMap<ChatId, Person>,
    /// Those whose account is deleted: nothing proves any more that somebody is one of them.
    erased: HashSet<ChatId>,
    rules: Rules,
    sessions: HashMap<SessionId, Session>,
    shut: Vec<(IpNet, Millis)>,
}

impl Register {
    /// As the tables have it.
    pub fn load(tables: &Connection) -> rusqlite::Result<Self> {
        let people = people::all(tables)?.into_iter();
        let sessions = sessions::all(tables)?.into_iter();
        Ok(Self {
            claims: Arc::new(Claims::load(tables)?),
            inner: RwLock::new(Inner {
                people: people.map(|it| (it.known.chat_id.clone(), it)).collect(),
                erased: erasure::all(tables)?.into_iter().collect(),
                rules: house::rules(tables)?,
                sessions: sessions.map(|it| (it.id.clone(), it)).collect(),
                shut: networks(house::shut(tables)?),
            }),
            links: Mutex::default(),
            owner: Mutex::default(),
        })
    }

    /// The rules in force.
    pub fn rules(&self) -> Rules {
        self.inner().rules
    }

    /// Somebody, if they are known.
    pub fn person(&self, id: &ChatId) -> Option<Person> {
        self.inner().people.get(id).cloned()
    }

    /// Everybody who is known.
    pub fn people(&self) -> Vec<Person> {
        self.inner().people.values().cloned().collect()
    }

    /// Somebody's role.
    pub fn role(&self, id: &ChatId) -> Role {
        self.inner()
            .people
            .get(id)
            .map_or(Role::Guest, |it| it.known.role)
    }

    /// Whether somebody keeps a name: then only a session proves who they are.
    pub fn keeps_a_name(&self, id: &ChatId) -> bool {
        self.inner().people.get(id).is_some_and(Person::keeps_a_name)
    }

    /// Whether the account with this id was deleted: then it is nobody's for ever.
    pub fn is_erased(&self, id: &ChatId) -> bool {
        self.inner().erased.contains(id)
    }

    /// Whose session it is, if that is its secret.
    pub fn session(&self, id: &SessionId, secret: &str) -> Option<ChatId> {
        let inner = self.inner();
        let session = inner.sessions.get(id)?;
        (session.hash == secret::hash(secret)).then(|| session.person.clone())
    }

    /// Whether it should be remembered that a session is here.
    pub fn is_news(&self, id: &SessionId, now: Millis) -> bool {
        let mut inner = self.write();
        let Some(session) = inner.sessions.get_mut(id) else {
            return false;
        };
        let news = now.0 - session.seen.0 >= SEEN;
        if news {
            session.seen = now;
        }
        news
    }

    /// Whether somebody may come in, or read, from there.
    pub fn may_come(&self, identity: &Identity, address: IpAddr, now: Millis) -> Result<(), Code> {
        self.judge(identity, Some(address), now)
    }

    /// Until when somebody is put out, or everybody who has no account and is at that address.
    pub fn out_until(&self, person: Option<&ChatId>, address: IpAddr, now: Millis) -> Option<Millis> {
        let inner = self.inner();
        let person = person.and_then(|it| inner.people.get(it));
        let own = person.and_then(|it| it.known.out_until);
        let guest = !person.is_some_and(Person::keeps_a_name);
        let shut = (inner.shut.iter()).filter(|(network, _)| guest && network.contains(&address));
        let all = own.into_iter().chain(shut.map(|(_, until)| *until));
        all.filter(|until| *until > now).max()
    }

    /// Whether somebody may be told what is said here, wherever they are.
    pub fn may_hear(&self, identity: &Identity, now: Millis) -> bool {
        self.judge(identity, None, now).is_ok()
    }

    fn judge(&self, identity: &Identity, address: Option<IpAddr>, now: Millis) -> Result<(), Code> {
        if self.claims.have_another(identity) {
            return Err(Code::ChatIdTaken);
        }
        let inner = self.inner();
        let person = inner.people.get(&identity.chat_id);
        if person.is_some_and(|it| it.is_out(now)) {
            return Err(Code::PutOut);
        }
        let keeps_a_name = person.is_some_and(Person::keeps_a_name);
        match &identity.session {
            Some(id) if !inner.sessions.contains_key(id) => return Err(Code::ChatIdTaken),
            None if keeps_a_name || inner.erased.contains(&identity.chat_id) => {
                return Err(Code::ChatIdTaken);
            }
            _ => {}
        }
        if keeps_a_name {
            return Ok(());
        }
        let is_from = |network: &IpNet| address.is_some_and(|it| network.contains(&it));
        if (inner.shut.iter()).any(|(network, until)| *until > now && is_from(network)) {
            return Err(Code::PutOut);
        }
        match inner.rules.entrance {
            Entrance::Anyone => Ok(()),
            Entrance::Invited if person.is_some_and(|it| it.invited) => Ok(()),
            Entrance::Invited => Err(Code::NotInvited),
            Entrance::Members => Err(Code::MembersOnly),
        }
    }

    /// Something else holds for somebody now.
    pub fn set(&self, person: Person) {
        if person.known.role == Role::Owner {
            self.owner.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        self.write().people.insert(person.known.chat_id.clone(), person);
    }

    /// Somebody keeps no name any more, and nothing signs them in; this still holds for them.
    pub fn forget(&self, person: &ChatId, known: Option<Person>) {
        let inner = &mut *self.write();
        inner.erased.insert(person.clone());
        match known {
            Some(known) => inner.people.insert(person.clone(), known),
            None => inner.people.remove(person),
        };
    }

    /// The rules are these.
    pub fn set_rules(&self, rules: Rules) {
        self.write().rules = rules;
    }

    /// Guests do not come in from there.
    pub fn set_shut(&self, shut: Vec<(String, Millis)>) {
        self.write().shut = networks(shut);
    }

    /// A device is signed in.
    pub fn begin(&self, session: Session) {
        self.write().sessions.insert(session.id.clone(), session);
    }

    /// Devices are signed out, and the links that they made are void.
    pub fn end(&self, sessions: &[SessionId]) {
        let mut inner = self.write();
        for session in sessions {
            inner.sessions.remove(session);
        }
        drop(inner);
        self.links().retain(|_, link| !sessions.contains(&link.session));
    }

    /// A secret that makes its bearer the owner, unless there is one. An older one is void.
    pub fn owner_link(&self) -> Option<String> {
        if self
            .inner()
            .people
            .values()
            .any(|it| it.known.role == Role::Owner)
        {
            return None;
        }
        let (secret, hash) = secret::make_up();
        *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = Some(hash);
        Some(secret)
    }

    /// Whether it is the secret that makes the owner.
    pub fn makes_the_owner(&self, secret: &str) -> bool {
        let owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner);
        owner.as_ref() == Some(&secret::hash(secret))
    }

    /// A secret that signs another device of somebody in, once and soon, and for as long as the session lasts that made it.
    pub fn sign_in_link(&self, session: SessionId, now: Instant) -> Result<String, Code> {
        let mut links = self.links();
        // Asked under the lock: a session that ends later finds the link.
        let person = self.inner().sessions.get(&session).map(|it| it.person.clone());
        let person = person.ok_or(Code::ChatIdTaken)?;
        // The newest one of each person is good.
        links.retain(|_, link| link.until > now && link.person != person);
        if links.len() >= LINKS {
            return Err(Code::TooMany);
        }
        let (secret, hash) = secret::make_up();
        let until = now + LINK;
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

    /// Whom a link signs in. It stays good.
    pub fn link_person(&self, secret: &str, now: Instant) -> Option<ChatId> {
        let links = self.links();
        let link = links.get(&secret::hash(secret)).filter(|link| link.until > now)?;
        Some(link.person.clone())
    }

    /// Whom a link signs in, and the session that made it; it is void after that.
    pub fn spend_link(&self, secret: &str, now: Instant) -> Option<(ChatId, SessionId)> {
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

fn networks(shut: Vec<(String, Millis)>) -> Vec<(IpNet, Millis)> {
    let network = |(network, until): (String, Millis)| Some((network.parse().ok()?, until));
    shut.into_iter().filter_map(network).collect()
}
