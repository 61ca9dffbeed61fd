//! Joins a connection to the hub: authenticates it, registers it and sends the first frames.

use std::{collections::BTreeMap, sync::Arc};

use snug_shared::{
    error_code::ErrorCode,
    ids::Position,
    limits::{Limits, ROOMS_OF_PERSON},
    presence::ChatUser,
    status::Status,
    text::Nickname,
    wire::{Hello, ServerFrame, Welcome, You},
};

use super::{Refused, Session};
use crate::{
    clock, emoji,
    features::{
        members,
        people::{Person, user_of},
    },
    hub::{ConnectionGuard, JoinRequest, Membership, Room},
    identity::Identity,
    ws::{mailbox::OutboundCommand, outbound::resume},
};

impl Session<'_> {
    /// Authenticates the first frame, registers the connection with the hub and sends the welcome frame.
    pub(super) async fn enter(&mut self, hello: Hello) -> Result<(), Refused> {
        let Hello {
            chat_id,
            name,
            avatar,
            token,
            status,
            away,
            epoch,
            cursors,
        } = hello;
        let name = Nickname::try_from(name)?;
        let status = status.map(Status::try_from).transpose()?;
        let (app, session) = (&self.app, self.client.session.as_ref());
        let identity = app.identities.authenticate(session, chat_id, token.as_deref())?;
        app.access
            .may_connect(&identity, self.client.network.address(), clock::now())?;
        let user = || ChatUser {
            away,
            ..self.shown(&identity, name.clone(), avatar.as_deref(), status.clone())
        };
        // Cursors of other rooms than this person's are ignored.
        if cursors.len() > 1 + ROOMS_OF_PERSON {
            return Err(ErrorCode::BadFrame.into());
        }
        let account = self.account(&identity.chat_id);
        // Joining reads history, too.
        if !cursors.is_empty() {
            let may = app.rates.may_read(&account.spender);
            may.map_err(|wait| Refused {
                code: ErrorCode::RateLimited,
                after: Some(wait),
            })?;
        }
        let mut guard = self.register(&identity, &user).await?;
        // The person's rooms are in `memberships` from now on.
        let rooms = std::mem::take(&mut guard.rooms);
        // With cursors of another log, messages of this one would be missed.
        let stale = epoch.is_some_and(|epoch| epoch != app.epoch.as_str());
        let reading = rooms.iter().map(|it| begin(it, &cursors, stale)).collect();
        if !app.access.is_registered(&identity.chat_id) {
            app.pushes.guest_joined(&identity.chat_id);
        }
        let proved_by_session = identity.session.is_some() || self.client.session.as_ref() == Some(&identity);
        let token = (!proved_by_session).then(|| app.identities.token(&identity));
        if let Some(session) = identity.session {
            self.mailbox
                .put(OutboundCommand::Notice(guard.noticed, Some(session.clone())));
            self.app.note_session(identity.chat_id, session).await;
        }
        self.welcome(&guard.user, token, &rooms);
        // Set once: only a session that has not joined enters.
        let _ = self.person.set(guard.user.chat_id.clone());
        self.mailbox.put(OutboundCommand::Subscribe(
            reading,
            guard.memberships.clone(),
            guard.seen,
            Some(account),
        ));
        self.guard = Some(guard);
        Ok(())
    }

    /// Returns a user as others see them. A registered user has the account's name; a muted guest has the name at the time of the
    /// mute, and no status, since a muted guest may change nothing that others see.
    fn shown(
        &self,
        identity: &Identity,
        name: Nickname,
        avatar: Option<&str>,
        status: Option<Status>,
    ) -> ChatUser {
        let known = self.app.access.person(&identity.chat_id);
        let muted = known.as_ref().is_some_and(|it| it.is_muted(clock::now()));
        let status = status.filter(|_| !muted);
        let nameless = |it: &Person| it.known.name == Nickname::nobody();
        match known.filter(|it| it.is_registered() || muted && !nameless(it)) {
            Some(Person { known, .. }) => ChatUser {
                status,
                ..user_of(&known)
            },
            None => ChatUser {
                status,
                avatar: emoji::of_guest(avatar, &identity.chat_id),
                ..ChatUser::guest(identity.chat_id.clone(), name)
            },
        }
    }

    /// Registers the connection with the hub, with the user's rooms and profile as of then.
    async fn register(
        &self,
        identity: &Identity,
        user: &(dyn Fn() -> ChatUser + Sync),
    ) -> Result<ConnectionGuard, ErrorCode> {
        let app = &self.app;
        let check = |identity: &Identity, address| app.access.may_connect(identity, address, clock::now());
        loop {
            let as_of = app.hub.membership_changes();
            let person = identity.chat_id.clone();
            let rooms = app
                .readers
                .read(move |tables| members::memberships_of(tables, &person))
                .await;
            let rooms = rooms.map_err(|error| {
                tracing::error!(%error, "a user's rooms could not be read");
                ErrorCode::Unavailable
            })?;
            // A user who has joined rooms under an id has bound their claim.
            if identity.nonce.is_some() && rooms.len() > 1 && !app.access.claims.have(&identity.chat_id) {
                return Err(ErrorCode::ChatIdTaken);
            }
            let joining = user();
            let request = JoinRequest {
                identity: identity.clone(),
                user: joining.clone(),
                address: self.client.network.address(),
                handle: self.mailbox.handle.clone(),
            };
            if let Some(guard) = app.hub.enter(request, (&rooms, as_of), &check)? {
                // A change of the profile or the role in between has reached the hub before the connection did.
                if user() == joining {
                    return Ok(guard);
                }
            }
        }
    }

    fn welcome(&self, user: &ChatUser, token: Option<String>, rooms: &[Membership]) {
        let known = self.app.access.person(&user.chat_id);
        self.send(&ServerFrame::Welcome(Welcome {
            you: You {
                token,
                chat_id: user.chat_id.clone(),
                name: user.name.clone(),
                avatar: user.avatar.clone(),
                role: user.role,
                muted_for: known.map_or(0, |it| it.muted_for(clock::now())),
            },
            rooms: rooms.iter().map(Membership::info).collect(),
            epoch: self.app.epoch.clone(),
            limits: Limits::CURRENT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }));
    }
}

/// Returns the position in a room from which a user resumes.
fn begin(
    membership: &Membership,
    cursors: &BTreeMap<String, Position>,
    stale: bool,
) -> (Arc<Room>, Position) {
    let room = &membership.room;
    let after = match cursors.get(room.id().as_str()) {
        None => membership.begin(),
        Some(_) if stale => resume(room, Position::START),
        Some(cursor) => resume(room, *cursor),
    };
    (room.clone(), after)
}
