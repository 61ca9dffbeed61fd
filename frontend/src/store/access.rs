//! Decides whether the user may use the page, and whether a session still belongs to the page's user.

use snug_shared::{api::Session, avatar::Avatar, ids::RoomId, replica::Replica, wire::ClientFrame};

use super::{AccessState, State, Store};
use crate::{
    browser,
    client::{
        http, people, push,
        storage::{self, Person, Profile},
    },
};

/// The relation of a new session to the page's user before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionMatch {
    /// The session belongs to the same user, or replaces a guest whose cookie was lost.
    Same,
    /// Another user has signed in with this browser, in another tab.
    Another,
    /// The session of the registered user has ended.
    Ended,
}

impl SessionMatch {
    pub(super) fn of(before: Option<&Person>, session: &Session) -> Self {
        match before {
            Some(before) if before.chat_id == session.chat_id => Self::Same,
            Some(_) if session.account.is_some() => Self::Another,
            Some(before) if before.member => Self::Ended,
            _ => Self::Same,
        }
    }
}

impl Store {
    /// Grants access after the user has given a name, has signed in, or tries again after a refusal.
    pub(crate) fn join(&self) {
        self.update(|state| state.access = AccessState::Joined);
    }

    /// Sends the first frame on a new socket, or reacts to a session of another user.
    pub(super) fn on_open(&self, session: &Session) {
        let found = SessionMatch::of(self.state().person.as_ref(), session);
        // Another tab may have signed another user in; the storage is theirs already.
        let others = storage::person().is_some_and(|it| it.chat_id == session.chat_id);
        match found {
            SessionMatch::Same => self.send_hello(session),
            SessionMatch::Ended if !others => self.reset_signed_out(),
            SessionMatch::Ended | SessionMatch::Another => {
                people::switch_to(
                    session,
                    &browser::window().location().pathname().unwrap_or_default(),
                );
            }
        }
    }

    /// Makes the session's user the page's user: the same as before, or the first one.
    pub(crate) fn set_session(&self, session: &Session) {
        let person = people::save_session(session);
        if self.state().person.as_ref() != Some(&person) {
            self.update(|state| {
                let requests: Vec<_> = state.requests.pending().collect();
                let messages = state.replica.outbox().pending();
                self.stored_queue
                    .assign_to(person.chat_id.clone(), messages, &requests);
                state.person = Some(person);
            });
            self.take_over_queues();
        }
        self.sync_session_settings(session);
    }

    /// Sends the connection's first frame.
    fn send_hello(&self, session: &Session) {
        self.set_session(session);
        let person = session.chat_id.clone();
        wasm_bindgen_futures::spawn_local(async move { push::renew_for(&person).await });
        let Some(Profile { name, avatar }) = storage::profile() else {
            return;
        };
        let drawn = !matches!(avatar, Avatar::Picture(_));
        let mut hello = self
            .state()
            .replica
            // The server knows an account's picture. It would refuse a guest with one that this browser still
            // remembers.
            .hello(name.as_str(), drawn.then(|| avatar.to_string()));
        // The cookie identifies the user. It may be another guest than before: the server was restored
        // from a backup, or this browser's storage was cleared.
        if let ClientFrame::Hello(hello) = &mut hello {
            let person = Some(String::from(session.chat_id.clone()));
            if hello.chat_id != person {
                hello.token = None;
            }
            hello.chat_id = person;
            // This replaces the cookie in a browser that does not send it back.
            if let Some(token) = http::token_of(&session.chat_id) {
                hello.token = Some(token);
            }
            self.state.borrow_mut().own_presence.fill_hello(hello);
        }
        if let Some(connection) = self.connection.borrow().as_ref() {
            connection.send(&hello);
        }
    }

    /// Discards everything about the user, here and in this browser, since another user may come next.
    fn reset_signed_out(&self) {
        self.connection.take();
        self.read_flush.take();
        storage::forget_person();
        self.stored_queue.save(&[], &[]);
        self.update(|state| {
            let name = state.name.clone();
            *state = State::new(Replica::new(RoomId::lobby(), Vec::new()), None);
            state.name = name;
            state.access = AccessState::SignedOut;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snug_shared::{
        avatar::Avatar,
        people::{Account, Role},
    };

    fn person(id: &str, member: bool) -> Person {
        let chat_id = id.try_into().expect("an id");
        Person { chat_id, member }
    }

    fn session(id: &str, member: bool) -> Session {
        let account = || Account {
            name: "Ann".try_into().expect("a name"),
            avatar: Avatar::Face(0),
            role: Role::Member,
        };
        Session {
            chat_id: id.try_into().expect("an id"),
            account: member.then(account),
            settings: None,
            token: None,
        }
    }

    #[test]
    fn whoever_keeps_a_name_is_not_taken_for_the_guest_who_comes_after_them() {
        let ann = person("ann", true);
        assert_eq!(
            SessionMatch::of(Some(&ann), &session("ann", true)),
            SessionMatch::Same
        );
        assert_eq!(
            SessionMatch::of(Some(&ann), &session("x", false)),
            SessionMatch::Ended
        );
        assert_eq!(
            SessionMatch::of(Some(&ann), &session("bob", true)),
            SessionMatch::Another
        );
    }

    #[test]
    fn a_guest_goes_on_whatever_became_of_the_cookie_and_does_not_become_somebody_else() {
        let guest = person("x", false);
        assert_eq!(
            SessionMatch::of(Some(&guest), &session("y", false)),
            SessionMatch::Same
        );
        assert_eq!(
            SessionMatch::of(Some(&guest), &session("ann", true)),
            SessionMatch::Another
        );
        // A name was stored just now.
        assert_eq!(
            SessionMatch::of(Some(&guest), &session("x", true)),
            SessionMatch::Same
        );
        assert_eq!(SessionMatch::of(None, &session("ann", true)), SessionMatch::Same);
    }
}
