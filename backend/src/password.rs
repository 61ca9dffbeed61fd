//! Passwords: Argon2id (RFC 9106) with the minimum parameters of OWASP (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane), off
//! the runtime's threads and few at a time.

use std::{
    mem::take,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use snug_shared::{error_code::ErrorCode, people::Password};
use tokio::sync::Semaphore;

use crate::{
    background::Pool,
    network::{ClientNetwork, NetworkShares},
};

/// Hashes at the same time: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Hashes that may wait. Above the limit a client is asked to try again, so that a flood of guesses does not queue for minutes.
const WAITING: usize = 128;
/// Waiting hashes of one network (twice as many in a /56, four times in a /48): as many as register behind one address in the same
/// second.
const WAITING_OF_NETWORK: usize = 32;
/// Additional waiting hashes for browsers that have signed in before and for users who are signed in.
const RESERVE: usize = 32;

/// The hash with which the password of an unknown name is compared: the check of whether a name is registered takes as long as a
/// guess.
static NOBODYS: LazyLock<String> = LazyLock::new(|| {
    let (password, _) = crate::secret::generate();
    hash(&password, &mut blocks())
});

/// The client for which a hash is made.
#[derive(Clone, Copy, Debug)]
pub enum Asks {
    /// An unknown client from this network.
    Stranger(ClientNetwork),
    /// A browser or a session that is known to be a member's.
    Known,
}

/// Hashes passwords and verifies them.
#[derive(Clone)]
pub struct Passwords {
    threads: Pool<()>,
    places: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    networks: Arc<NetworkShares>,
    memory: Arc<Memory>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            threads: Pool::new("hash", AT_ONCE),
            places: Arc::new(Semaphore::new(WAITING)),
            reserve: Arc::new(Semaphore::new(RESERVE)),
            networks: NetworkShares::new(WAITING_OF_NETWORK),
            memory: Arc::default(),
        }
    }
}

/// The memory of hashes, reused by the next one; returned to the system when no hash is running or waiting.
#[derive(Default)]
struct Memory(Mutex<Idle>);

#[derive(Default)]
struct Idle {
    users: usize,
    blocks: Vec<Vec<Block>>,
}

impl Memory {
    fn lend<T>(&self, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let kept = self.idle().blocks.pop();
        let mut mine = kept.unwrap_or_else(blocks);
        let done = work(&mut mine);
        self.idle().blocks.push(mine);
        done
    }

    /// Registers a hash that is about to run.
    fn begin(self: &Arc<Self>) -> User {
        self.idle().users += 1;
        User(self.clone())
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A hash that runs or waits: the memory is not released meanwhile.
struct User(Arc<Memory>);

impl Drop for User {
    fn drop(&mut self) {
        let mut idle = self.0.idle();
        idle.users -= 1;
        if idle.users == 0 {
            let blocks = take(&mut idle.blocks);
            drop(idle);
            drop(blocks);
        }
    }
}

impl Passwords {
    /// Hashes a password with a random salt. Returns the hash in the PHC string format.
    ///
    /// # Errors
    /// [`ErrorCode::Overloaded`] if too many hashes wait; [`ErrorCode::Unavailable`] if the server ends.
    pub async fn hash(&self, password: Password, asks: Asks) -> Result<String, ErrorCode> {
        self.turn(asks, move |blocks| hash(password.reveal(), blocks))
            .await
    }

    /// Verifies a password against a hash; false if there is no hash.
    ///
    /// # Errors
    /// Those of [`Passwords::hash`].
    pub async fn matches(
        &self,
        password: Password,
        hash: Option<String>,
        asks: Asks,
    ) -> Result<bool, ErrorCode> {
        self.turn(asks, move |blocks| {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODYS.clone());
            verify(password.reveal(), &hash, blocks) && known
        })
        .await
    }

    async fn turn<T: Send + 'static>(
        &self,
        asks: Asks,
        work: impl FnOnce(&mut [Block]) -> T + Send + 'static,
    ) -> Result<T, ErrorCode> {
        let (places, network) = match asks {
            Asks::Stranger(network) => (
                &self.places,
                Some(self.networks.take(network).ok_or(ErrorCode::Overloaded)?),
            ),
            Asks::Known => (&self.reserve, None),
        };
        let place = places
            .clone()
            .try_acquire_owned()
            .map_err(|_| ErrorCode::Overloaded)?;
        let user = self.memory.begin();
        let memory = self.memory.clone();
        let work = self.threads.run(move |()| {
            let done = memory.lend(work);
            drop((user, place, network));
            done
        });
        work.await.map_err(|_| ErrorCode::Unavailable)
    }
}

fn blocks() -> Vec<Block> {
    vec![Block::new(); Params::DEFAULT.block_count()]
}

/// Hashes with new blocks or those of an earlier hash: each block is written before it is read.
fn hash(password: &str, blocks: &mut [Block]) -> String {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).expect("the system has randomness");
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    Argon2::default()
        .hash_password_into_with_memory(password.as_bytes(), &salt, &mut output, blocks)
        .expect("the password is short, and the blocks are as many as the parameters ask for");
    PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(&Params::DEFAULT).expect("parameters of our own"),
        salt: Some(Salt::new(&salt).expect("of the recommended length")),
        hash: Some(Output::new(&output).expect("of the default length")),
    }
    .to_string()
}

/// Whether a password matches a hash. A hash that takes more memory than ours was not made by this server, and matches nothing.
fn verify(password: &str, hash: &str, blocks: &mut [Block]) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        return false;
    };
    let (Ok(params), Ok(algorithm)) = (
        Params::try_from(&hash),
        Algorithm::try_from(hash.algorithm.as_str()),
    ) else {
        return false;
    };
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from);
    let (Some(salt), Some(expected), Ok(version)) = (hash.salt, hash.hash, version) else {
        return false;
    };
    let mut output = [0; Output::MAX_LENGTH];
    let output = &mut output[..expected.len()];
    let made = Argon2::new(algorithm, version, params).hash_password_into_with_memory(
        password.as_bytes(),
        salt.as_ref(),
        output,
        blocks,
    );
    // `Output` compares in constant time.
    made.is_ok() && Output::new(output).is_ok_and(|it| it == expected)
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, sync::mpsc};

    use argon2::password_hash::PasswordHasher;

    use super::*;

    fn password(raw: &str) -> Password {
        Password::chosen(raw).expect("long enough")
    }

    fn from(last: u8) -> Asks {
        Asks::Stranger(ClientNetwork::from(IpAddr::from([192, 0, 2, last])))
    }

    #[tokio::test]
    async fn only_its_own_password_matches_a_hash() {
        let passwords = Passwords::default();
        let hash = passwords.hash(password("correct horse"), from(1)).await;
        let hash = hash.expect("a turn");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let matches = async |raw, hash| passwords.matches(password(raw), hash, Asks::Known).await;
        assert_eq!(matches("correct horse", Some(hash.clone())).await, Ok(true));
        assert_eq!(matches("battery staple", Some(hash)).await, Ok(false));
        assert_eq!(matches("correct horse", None).await, Ok(false));
        assert_eq!(
            matches("correct horse", Some("nonsense".to_owned())).await,
            Ok(false)
        );
    }

    #[test]
    fn a_hash_of_an_earlier_version_is_known_in_memory_that_was_used() {
        // Hashed with memory of its own, as the crate does it.
        let earlier = Argon2::default().hash_password(b"correct horse");
        let earlier = earlier.expect("it has memory").to_string();
        let mut blocks = blocks();
        let other = hash("something else", &mut blocks);
        assert!(verify("correct horse", &earlier, &mut blocks));
        assert!(!verify("correct horse", &other, &mut blocks));
        let more = earlier.replace("m=19456", "m=4194304");
        assert!(!verify("correct horse", &more, &mut blocks), "it takes 4 GiB");
    }

    #[tokio::test]
    async fn a_flood_of_guesses_is_turned_away_and_holds_no_place_of_others() {
        let passwords = Passwords::default();
        let guess = |asks| passwords.matches(password("correct horse"), None, asks);
        let mut held = Vec::new();
        for _ in 0..AT_ONCE {
            let (hold, until) = mpsc::channel::<()>();
            let mut work = Box::pin(passwords.threads.run(move |()| until.recv()));
            assert!(futures_util::poll!(&mut work).is_pending());
            held.push((hold, work));
        }
        let mut waiting = Vec::new();
        for _ in 0..WAITING_OF_NETWORK {
            let mut one = Box::pin(guess(from(1)));
            assert!(futures_util::poll!(&mut one).is_pending());
            waiting.push(one);
        }
        assert_eq!(guess(from(1)).await, Err(ErrorCode::Overloaded));
        for n in WAITING_OF_NETWORK..WAITING {
            let mut one = Box::pin(guess(from(
                1 + u8::try_from(n / WAITING_OF_NETWORK).expect("few"),
            )));
            assert!(futures_util::poll!(&mut one).is_pending());
            waiting.push(one);
        }
        assert_eq!(guess(from(9)).await, Err(ErrorCode::Overloaded));
        let mut known = Box::pin(guess(Asks::Known));
        assert!(futures_util::poll!(&mut known).is_pending(), "it has a place");
        drop((held, waiting));
        assert_eq!(known.await, Ok(false));
    }

    #[test]
    fn memory_is_used_again_while_others_wait_and_then_given_back() {
        let memory = Arc::new(Memory::default());
        let (first, second) = (memory.begin(), memory.begin());
        let used = memory.lend(|blocks| blocks.as_ptr());
        drop(first);
        assert_eq!(memory.lend(|blocks| blocks.as_ptr()), used);
        assert_eq!(memory.idle().blocks.len(), 1);
        drop(second);
        assert!(memory.idle().blocks.is_empty());
    }
}
