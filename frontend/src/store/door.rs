//! Whether one may be inside, and whether one is still who this page was.

use snug_shared::{
    api::Session, avatar::Avatar, code::Code, ids::RoomId, replica::Replica, wire::ClientFrame,
};

use super::{State, Store};
use crate::{
    browser,
    client::{
        http, people, push,
        saving::{self, Person, Profile},
    },
};

/// As far as the page knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// One has said who one is.
    Inside,
    /// One has yet to say it.
    Outside,
    /// Somebody has ended the session of this device.
    SignedOut,
    /// The server does not let one in.
    Refused(Code),
}

/// What a session is to a page that was somebody before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meeting {
    /// The same person; or a guest whose cookie was lost, who goes on as another one.
    Same,
    /// Somebody has signed in with this browser, in another tab.
    Another,
    /// The session of whoever keeps a name has ended.
    Ended,
}

impl Meeting {
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
    /// One has said who one is, or tries once more to be let in.
    pub(crate) fn come_in(&self) {
        self.change(|state| state.door = Door::Inside);
    }

    /// Answers a socket that has opened.
    pub(super) fn hello(&self, session: &Session) {
        let meeting = Meeting::of(self.state().person.as_ref(), session);
        // Another tab may have signed somebody in; what is kept is theirs already.
        let others = saving::person().is_some_and(|it| it.chat_id == session.chat_id);
        match meeting {
            Meeting::Same => self.introduce(session),
            Meeting::Ended if !others => self.signed_out(),
            Meeting::Ended | Meeting::Another => {
                people::arrive(
                    session,
                    &browser::window().location().pathname().unwrap_or_default(),
                );
            }
        }
    }

    /// Who one is by this session, from now on: the same person as before, or one's first.
    pub(crate) fn keep_session(&self, session: &Session) {
        let person = people::remember(session);
        if self.state().person.as_ref() != Some(&person) {
            self.change(|state| {
                self.kept
                    .belongs_to(person.chat_id.clone(), state.replica.outbox().pending());
                state.person = Some(person);
            });
            self.take_over_queues();
        }
        self.meet_settings(session);
    }

    fn introduce(&self, session: &Session) {
        self.keep_session(session);
        let person = session.chat_id.clone();
        wasm_bindgen_futures::spawn_local(async move { push::belongs_to(&person).await });
        let Some(Profile { name, avatar }) = saving::profile() else {
            return;
        };
        let drawn = !matches!(avatar, Avatar::Picture(_));
        let mut hello = self
            .state()
            .replica
            // A picture is the account's, which the server knows: a guest who still remembers it would be refused.
            .hello(name.as_str(), drawn.then(|| avatar.to_string()));
        // The cookie decides who one is. It may be another guest than before: the server has begun
        // anew from a backup, or somebody has emptied this browser.
        if let ClientFrame::SaveUserInfo(hello) = &mut hello {
            let person = Some(String::from(session.chat_id.clone()));
            if hello.chat_id != person {
                hello.token = None;
            }
            hello.chat_id = person;
            // Where the cookie does not come back, this does.
            if let Some(token) = http::token_of(&session.chat_id) {
                hello.token = Some(token);
            }
            self.state.borrow_mut().own_presence.fill_hello(hello);
        }
        if let Some(connection) = self.connection.borrow().as_ref() {
            connection.send(&hello);
        }
    }

    /// Nothing stays of whoever one was, here or in this browser: somebody else may come next.
    fn signed_out(&self) {
        self.connection.take();
        self.telling.take();
        saving::forget_person();
        self.kept.keep(&[]);
        self.change(|state| {
            let name = state.name.clone();
            *state = State::new(Replica::new(RoomId::lobby(), Vec::new()), None);
            state.name = name;
            state.door = Door::SignedOut;
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
        assert_eq!(Meeting::of(Some(&ann), &session("ann", true)), Meeting::Same);
        assert_eq!(Meeting::of(Some(&ann), &session("x", false)), Meeting::Ended);
        assert_eq!(Meeting::of(Some(&ann), &session("bob", true)), Meeting::Another);
    }

    #[test]
    fn a_guest_goes_on_whatever_became_of_the_cookie_and_does_not_become_somebody_else() {
        let guest = person("x", false);
        assert_eq!(Meeting::of(Some(&guest), &session("y", false)), Meeting::Same);
        assert_eq!(Meeting::of(Some(&guest), &session("ann", true)), Meeting::Another);
        // A name was kept just now.
        assert_eq!(Meeting::of(Some(&guest), &session("x", true)), Meeting::Same);
        assert_eq!(Meeting::of(None, &session("ann", true)), Meeting::Same);
    }
}
