//! Applies durable events to the access cache, the hub and the push queue.

use snug_shared::{
    ids::{Millis, RoomId},
    messages::Logged,
    people::{SecurityEvent, SecurityNotice},
};

use crate::{
    access_cache::AccessCache,
    clock,
    features::{
        Event,
        account_deletion::DeletedAccount,
        people::{Person, user_of},
    },
    hub::Hub,
    identity::Identity,
    push::Pushes,
};

/// Publishes events in the order of the log. The access cache is updated before the hub is notified, so that a connection that
/// joins meanwhile is checked against the new state.
pub(crate) fn publish(hub: &Hub, access: &AccessCache, pushes: &Pushes, events: Vec<Event>) {
    let check = |identity: &Identity, address| access.may_connect(identity, address, clock::now());
    let mut entries = Vec::with_capacity(events.len());
    for event in events {
        match event {
            Event::RoomCreated { info, by } => {
                let (room, people, standing) =
                    (info.room.clone(), info.participants.clone(), info.read_state());
                hub.open(info);
                // All users are in the lobby without joining it.
                if room != RoomId::lobby() && people.is_empty() {
                    hub.member_added(&room);
                    hub.join(&by, &room, standing);
                }
                for person in people {
                    hub.join(&person.chat_id, &room, standing);
                }
            }
            Event::RoomChanged(info) => hub.change(info),
            Event::RoomDeleted { room, .. } => hub.remove(&room),
            Event::MemberJoined { info, person } => {
                hub.member_added(&info.room);
                hub.join(&person, &info.room, info.read_state());
            }
            Event::MemberLeft {
                room,
                person,
                removed_by_other,
            } => {
                hub.member_removed(&room);
                hub.leave(&person, &room, removed_by_other);
            }
            Event::ReadStateChanged {
                room,
                person,
                standing,
            } => hub.read(&person, &room, standing),
            Event::LevelChanged { room, person, level } => hub.set_level(&person, &room, level),
            Event::MessagePostedInHidden { message, back } => {
                for (person, standing) in back {
                    hub.join(&person, &message.room, standing);
                }
                entries.push(Logged::Said(message));
            }
            Event::MessagePosted(message) => entries.push(Logged::Said(message)),
            Event::MessageDeleted { deleted, .. } => entries.push(Logged::Deleted(deleted)),
            Event::UserChanged(person) => apply_user_change(hub, access, person),
            Event::NetworkBansChanged(person, networks) => {
                access.set_network_bans(networks);
                apply_user_change(hub, access, person);
                hub.review(None, &check);
            }
            Event::AccountDeleted(erased) => {
                let DeletedAccount {
                    person,
                    known,
                    network_bans,
                    sessions,
                    left,
                    conversations,
                    deleted,
                    // Used by the log alone.
                    entries: _,
                } = erased;
                access.mark_deleted(&person, known);
                access.set_network_bans(network_bans);
                access.remove_sessions(&sessions);
                hub.unregister_name(&person);
                for room in &left {
                    hub.member_removed(room);
                    hub.leave(&person, room, false);
                }
                for info in conversations {
                    hub.change(info);
                }
                hub.review(Some(&person), &check);
                entries.extend(deleted.into_iter().map(Logged::Deleted));
            }
            Event::RulesChanged(rules) => {
                access.set_rules(rules);
                hub.review(None, &check);
            }
            Event::SecurityEvent { person, by, notice } => hub.notify_security(&person, &by, notice),
            Event::SessionStarted {
                session,
                device,
                ended,
            } => {
                let person = session.person.clone();
                let notice = SecurityNotice {
                    event: SecurityEvent::SignedIn,
                    device,
                    at: session.seen,
                };
                hub.notify_security(&person, &session.id, notice);
                access.add_session(session);
                access.remove_sessions(&ended);
                hub.review(Some(&person), &check);
            }
            Event::SessionsEnded { person, ended } | Event::PasswordChanged { person, ended } => {
                access.remove_sessions(&ended);
                hub.review(Some(&person), &check);
            }
            Event::Expired(expired) => {
                access.remove_sessions(&expired.sessions);
                access.set_network_bans(expired.network_bans);
                if !expired.sessions.is_empty() {
                    hub.review(None, &check);
                }
            }
            Event::SettingsChanged { person, settings } => hub.set_settings(&person, settings),
            Event::Nothing => {}
        }
    }
    pushes.enqueue(&entries);
    hub.publish(entries);
}

/// Updates a person in the access cache and in the hub.
fn apply_user_change(hub: &Hub, access: &AccessCache, person: Person) {
    let (is_registered, user) = (person.is_registered(), user_of(&person.known));
    let muted_until = person.known.muted_until;
    let before = access.person(&user.chat_id).and_then(|it| it.known.muted_until);
    access.set_person(person);
    if muted_until != before {
        hub.set_muted(&user.chat_id, muted_until.unwrap_or(Millis(0)));
    }
    if is_registered {
        hub.register_name(&user);
    }
    hub.review(Some(&user.chat_id), &|identity, address| {
        access.may_connect(identity, address, clock::now())
    });
}
