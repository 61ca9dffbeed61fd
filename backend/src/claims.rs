//! Claims of ids that programs choose, and which claim of each id is valid.
//!
//! Any client may claim such an id while no other claim of it is bound or held, and each claim has a nonce in its token. As soon as
//! something is stored for the id (a room, above all), its nonce is bound to it, and every other claim is void for good. Nothing is
//! stored for other claims.
//!
//! A nonce is held from before the submission of an entry that binds it until that entry is settled: there is no moment at which an
//! older token works beside it. In the tables it is bound in the entry's transaction.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, params};
use snug_shared::{error_code::ErrorCode, ids::ChatId};
use uuid::Uuid;

use crate::identity::{Identity, Nonce};

/// Whether an id was chosen by a program. The server generates UUIDs.
#[must_use]
pub fn is_chosen(id: &ChatId) -> bool {
    Uuid::try_parse(id.as_str()).is_err()
}

/// The held and bound claims of chosen ids.
#[derive(Default)]
pub struct Claims(Mutex<HashMap<ChatId, Claimed>>);

struct Claimed {
    nonce: Nonce,
    /// Entries in progress that bind the claim.
    holds: usize,
    bound: bool,
}

/// A claim that is held. No other claim of its id can be held or bound meanwhile.
pub struct Hold {
    claims: Arc<Claims>,
    id: ChatId,
    nonce: Nonce,
}

impl Claims {
    /// Loads the bound claims from the tables.
    pub fn load(tables: &Connection) -> rusqlite::Result<Self> {
        let mut query = tables.prepare("SELECT user, nonce FROM id_claims")?;
        let all = query.query_map([], |row| {
            let claimed = Claimed {
                nonce: Nonce(row.get(1)?),
                holds: 0,
                bound: true,
            };
            let id: String = row.get(0)?;
            Ok(ChatId::try_from(id).ok().map(|id| (id, claimed)))
        })?;
        let all: Vec<_> = all.collect::<Result<_, _>>()?;
        Ok(Self(Mutex::new(all.into_iter().flatten().collect())))
    }

    /// Whether another claim of the id is held or bound than the one that authenticated `identity`.
    #[must_use]
    pub fn have_another(&self, identity: &Identity) -> bool {
        let Some(nonce) = identity.nonce else {
            return false;
        };
        self.all()
            .get(&identity.chat_id)
            .is_some_and(|it| it.nonce != nonce)
    }

    /// Whether some claim of the id is held or bound.
    #[must_use]
    pub fn have(&self, id: &ChatId) -> bool {
        self.all().contains_key(id)
    }

    /// Whether a claim of the id is bound.
    #[must_use]
    pub fn is_bound(&self, id: &ChatId) -> bool {
        self.all().get(id).is_some_and(|it| it.bound)
    }

    /// Holds a claim.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ChatIdTaken`] if another claim of the same id is held or bound.
    pub fn hold(self: &Arc<Self>, id: &ChatId, nonce: Nonce) -> Result<Hold, ErrorCode> {
        let mut all = self.all();
        let claimed = all.entry(id.clone()).or_insert(Claimed {
            nonce,
            holds: 0,
            bound: false,
        });
        if claimed.nonce != nonce {
            return Err(ErrorCode::ChatIdTaken);
        }
        claimed.holds += 1;
        Ok(Hold {
            claims: self.clone(),
            id: id.clone(),
            nonce,
        })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ChatId, Claimed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
    /// Binds the claim in the tables, in the transaction of the entry that it was held for.
    pub fn write(&self, transaction: &Connection) -> rusqlite::Result<()> {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO id_claims (user, nonce) VALUES (?1, ?2)")?
            .execute(params![self.id.as_str(), self.nonce.0])?;
        Ok(())
    }

    /// Binds the claim in memory, once the transaction is durable.
    pub fn bind(self) {
        if let Some(claimed) = self.claims.all().get_mut(&self.id) {
            claimed.bound = true;
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Entry::Occupied(mut claimed) = self.claims.all().entry(self.id.clone()) {
            claimed.get_mut().holds -= 1;
            if claimed.get().holds == 0 && !claimed.get().bound {
                claimed.remove();
            }
        }
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hold").field(&self.id).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::folder::migrate;

    fn identity(nonce: Nonce) -> Identity {
        Identity {
            nonce: Some(nonce),
            ..Identity::guest(id())
        }
    }

    fn id() -> ChatId {
        ChatId::try_from("ann-bot").expect("an id")
    }

    #[test]
    fn a_claim_that_is_held_or_bound_makes_every_other_void() {
        let mut tables = Connection::open_in_memory().expect("memory");
        migrate(&mut tables).expect("tables");
        let claims = Arc::new(Claims::load(&tables).expect("none"));
        let (anns, eves) = (Nonce::generate(), Nonce::generate());
        let first = claims.hold(&id(), anns).expect("nobody holds it");
        let second = claims.hold(&id(), anns).expect("it is the same");
        assert_eq!(claims.hold(&id(), eves).err(), Some(ErrorCode::ChatIdTaken));
        drop(first);
        assert!(claims.have_another(&identity(eves)));
        assert!(!claims.have_another(&identity(anns)));
        drop(second);
        assert!(!claims.have(&id()), "nothing is kept of one that came to nothing");

        let hold = claims.hold(&id(), anns).expect("nobody holds it");
        hold.write(&tables).expect("written");
        hold.bind();
        assert!(claims.is_bound(&id()));
        for claims in [claims, Arc::new(Claims::load(&tables).expect("one"))] {
            assert!(claims.have_another(&identity(eves)));
            assert!(claims.hold(&id(), eves).is_err());
            drop(claims.hold(&id(), anns).expect("it is bound"));
            assert!(claims.is_bound(&id()));
        }
    }
}
