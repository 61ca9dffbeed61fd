//! Passwords: Argon2id (RFC 9106) with the parameters that OWASP asks for at least (Password Storage Cheat Sheet: 19 MiB, 2
//! passes, 1 lane), off the runtime's threads and few at a time.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use snug_shared::{code::Code, people::Password};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Hashes at the same time: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Hashes that may wait. Beyond it somebody is asked to try again, so that a flood of guesses does not queue for minutes.
const WAITING: usize = 64;

/// What somebody without a password is compared with: to find out whether a name is kept here takes as long as to guess.
static NOBODYS: LazyLock<String> = LazyLock::new(|| hash(&crate::secret::make_up().0));

/// Hashes passwords and compares them.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(WAITING)),
        }
    }
}

impl Passwords {
    /// The hash of a password, with a salt of its own, in the PHC string format.
    pub async fn hash(&self, password: Password) -> Result<String, Code> {
        self.turn(move || hash(password.reveal())).await
    }

    /// Whether it is the password of that hash; never, if there is none.
    pub async fn matches(&self, password: Password, hash: Option<String>) -> Result<bool, Code> {
        self.turn(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODYS.clone());
            let same = PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.reveal().as_bytes(), &hash)
                    .is_ok()
            });
            same && known
        })
        .await
    }

    async fn turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Code> {
        let place = self
            .places
            .clone()
            .try_acquire_owned()
            .map_err(|_| Code::TooMany)?;
        let turn = self
            .turns
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Code::Unavailable)?;
        let work = spawn_blocking(move || {
            let _held = (place, turn);
            work()
        });
        work.await.map_err(|_| Code::Unavailable)
    }
}

fn hash(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("the system has randomness, and the password is short")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(raw: &str) -> Password {
        Password::chosen(raw).expect("long enough")
    }

    #[tokio::test]
    async fn only_its_own_password_matches_a_hash() {
        let passwords = Passwords::default();
        let hash = passwords.hash(password("correct horse")).await.expect("a turn");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let matches = async |raw, hash| passwords.matches(password(raw), hash).await;
        assert_eq!(matches("correct horse", Some(hash.clone())).await, Ok(true));
        assert_eq!(matches("battery staple", Some(hash)).await, Ok(false));
        assert_eq!(matches("correct horse", None).await, Ok(false));
    }

    #[tokio::test]
    async fn a_flood_of_guesses_is_turned_away() {
        let passwords = Passwords::default();
        let places = passwords.places.clone().acquire_many_owned(WAITING as u32).await;
        assert_eq!(
            passwords.matches(password("correct horse"), None).await,
            Err(Code::TooMany)
        );
        drop(places);
        assert_eq!(
            passwords.matches(password("correct horse"), None).await,
            Ok(false)
        );
    }
}
