//! What comes of what is durable: what holds for whom from now on, and who hears of it.

use snug_shared::{
    ids::{Millis, RoomId},
    messages::Logged,
    people::{SecurityEvent, SecurityNotice},
};

use crate::{
    clock,
    features::{
        Event,
        erasure::Erased,
        people::{Person, user_of},
    },
    hub::Hub,
    identity::Identity,
    push::Pushes,
    register::Register,
};

/// Tells of what happened, in its order. The register is changed before the hub hears of it: who comes in meanwhile is asked by what holds now.
pub(crate) fn publish(hub: &Hub, register: &Register, pushes: &Pushes, events: Vec<Event>) {
    let check = |identity: &Identity, address| register.may_come(identity, address, clock::now());
    let mut entries = Vec::with_capacity(events.len());
    for event in events {
        match event {
            Event::Opened { info, by } => {
                let (room, people, standing) = (info.room.clone(), info.people.clone(), info.standing());
                hub.open(info);
                // Everybody is in the lobby without joining it.
                if room != RoomId::lobby() && people.is_empty() {
                    hub.gained(&room);
                    hub.join(&by, &room, standing);
                }
                for person in people {
                    hub.join(&person.chat_id, &room, standing);
                }
            }
            Event::Changed(info) => hub.change(info),
            Event::RoomDeleted { room, .. } => hub.remove(&room),
            Event::Joined { info, person } => {
                hub.gained(&info.room);
                hub.join(&person, &info.room, info.standing());
            }
            Event::Left {
                room,
                person,
                taken_out,
            } => {
                hub.lost(&room);
                hub.leave(&person, &room, taken_out);
            }
            Event::Read {
                room,
                person,
                standing,
            } => hub.read(&person, &room, standing),
            Event::Levelled { room, person, level } => hub.set_level(&person, &room, level),
            Event::SaidAgain { message, back } => {
                for (person, standing) in back {
                    hub.join(&person, &message.room, standing);
                }
                entries.push(Logged::Said(message));
            }
            Event::Said(message) => entries.push(Logged::Said(message)),
            Event::Deleted { deleted, .. } => entries.push(Logged::Deleted(deleted)),
            Event::Person(person) => hear_of(hub, register, person),
            Event::Shut(person, networks) => {
                register.set_shut(networks);
                hear_of(hub, register, person);
                hub.review(None, &check);
            }
            Event::Erased(erased) => {
                let Erased {
                    person,
                    known,
                    shut,
                    sessions,
                    left,
                    conversations,
                    deleted,
                    // For the log alone.
                    entries: _,
                } = erased;
                register.forget(&person, known);
                register.set_shut(shut);
                register.end(&sessions);
                hub.forget_name(&person);
                for room in &left {
                    hub.lost(room);
                    hub.leave(&person, room, false);
                }
                for info in conversations {
                    hub.change(info);
                }
                hub.review(Some(&person), &check);
                entries.extend(deleted.into_iter().map(Logged::Deleted));
            }
            Event::Rules(rules) => {
                register.set_rules(rules);
                hub.review(None, &check);
            }
            Event::Secured { person, by, notice } => hub.notify(&person, &by, notice),
            Event::SessionBegun {
                session,
                device,
                ended,
            } => {
                let person = session.person.clone();
                let notice = SecurityNotice {
                    what: SecurityEvent::SignedIn,
                    device,
                    at: session.seen,
                };
                hub.notify(&person, &session.id, notice);
                register.begin(session);
                register.end(&ended);
                hub.review(Some(&person), &check);
            }
            Event::SessionsEnded { person, ended } | Event::PasswordChanged { person, ended } => {
                register.end(&ended);
                hub.review(Some(&person), &check);
            }
            Event::Expired(expired) => {
                register.end(&expired.sessions);
                register.set_shut(expired.shut);
                if !expired.sessions.is_empty() {
                    hub.review(None, &check);
                }
            }
            Event::Settings { person, settings } => hub.set_settings(&person, settings),
            Event::Nothing => {}
        }
    }
    pushes.hear(&entries);
    hub.publish(entries);
}

fn hear_of(hub: &Hub, register: &Register, person: Person) {
    let (keeps_a_name, user) = (person.keeps_a_name(), user_of(&person.known));
    let muted_until = person.known.muted_until;
    let before = register.person(&user.chat_id).and_then(|it| it.known.muted_until);
    register.set(person);
    if muted_until != before {
        hub.set_muted(&user.chat_id, muted_until.unwrap_or(Millis(0)));
    }
    if keeps_a_name {
        hub.keep_name(&user);
    }
    hub.review(Some(&user.chat_id), &|identity, address| {
        register.may_come(identity, address, clock::now())
    });
}
