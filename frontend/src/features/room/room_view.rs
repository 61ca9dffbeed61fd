//! Renders the room itself, between the two sides: header, timeline and composer.

use snug_shared::{ids::RoomId, rooms::Kind, text::MessageBody};
use yew::prelude::*;

use crate::{
    client::{members, storage},
    features::{
        admin::DiskFull,
        composer::{Composer, Search},
        connection::{ConnectionLine, NewVersion, SaveFailure},
        notifications::NotificationOffer,
        room_list::{use_marked_title, use_room_title},
        rooms::{ArchivedNotice, Muted, NotAMember, RoomsButton, use_muted, use_topic},
        settings::SecurityNotices,
        timeline::{Timeline, Unsent},
        typing::{TypingLine, TypingReporter, use_typing_reporter},
    },
    i18n::order,
    prefs::use_words,
    store::{JumpState, use_selected, use_store},
    ui::{Icon, IconPicture, Side},
};

#[derive(PartialEq, Properties)]
pub(super) struct RoomViewProps {
    pub(super) inert: bool,
    /// Whether the room list is in a drawer.
    pub(super) phone: bool,
    /// Whether the roster is in a drawer.
    pub(super) narrow: bool,
    pub(super) to_rooms: NodeRef,
    pub(super) to_people: NodeRef,
    pub(super) open: Option<Side>,
    pub(super) on_rooms: Callback<MouseEvent>,
    pub(super) on_people: Callback<MouseEvent>,
    pub(super) on_about: Callback<MouseEvent>,
}

/// Renders the room, or in its place a notice that the user is not in it.
#[component(RoomView)]
pub(super) fn room_view(props: &RoomViewProps) -> Html {
    let (_, words) = use_words();
    let (name, room, left) =
        use_selected(|state| (state.name.clone(), state.room.clone(), state.left.clone()));
    let (kind, archived, slow) = use_selected(|state| {
        let info = state.current_room().and_then(|room| room.info.as_ref());
        info.map_or_else(Default::default, |info| {
            (info.kind, info.archived, info.slow_mode)
        })
    });
    let n = use_selected(|state| state.jump.as_ref().map(|jump| jump.n));
    let title = use_room_title().plain(words);
    let count = use_selected(|state| state.current_room().map_or(0, |room| room.roster.count));
    let topic = use_topic();
    let muted = use_muted();
    let missing = use_selected(|state| state.jump_state() == Some(JumpState::Missing));
    let missing = missing.then(|| words.message_not_found.to_owned());
    let slow = (slow > 0 && !archived).then(|| (words.slow_room)(slow));
    let left = left.map(|left| {
        let sentence = if left.removed_by_other {
            words.removed_from_room
        } else {
            words.left_room
        };
        sentence(left.name.as_str())
    });
    let otherwise = left.or(missing).or(slow).unwrap_or_default();
    let about = if kind == Kind::Direct {
        words.about_direct
    } else {
        words.about_room
    };
    let expanded = |side: Side| (props.open == Some(side)).to_string();
    html! {
        <main class="stage" inert={props.inert}>
            <header class="bar">
                if props.phone {
                    <RoomsButton node={props.to_rooms.clone()} open={props.open == Some(Side::Left)} onclick={props.on_rooms.clone()} />
                }
                <h1>
                    if room.is_some() {
                        <button type="button" class="plain" aria-haspopup="dialog" title={about}
                            dir="auto" onclick={props.on_about.clone()}>{ title }</button>
                    } else {
                        <span dir="auto">{ title }</span>
                    }
                </h1>
                <p dir="auto" title={topic.clone()}>{ topic }</p>
                if props.narrow && room.is_some() {
                    <button ref={props.to_people.clone()} type="button" class="plain people-button" aria-expanded={expanded(Side::Right)}
                        aria-haspopup="dialog" aria-label={(count == 0).then_some(words.people_online)} onclick={props.on_people.clone()}>
                        <IconPicture icon={Icon::People} />
                        if count > 0 { { (words.online_count)(count) } }
                    </button>
                }
            </header>
            if let Some(room) = &room {
                <Timeline key={room.as_str()} room={room.clone()} />
            } else {
                <NotAMember key={name.to_string()} name={name.clone()} {n} />
            }
            <div class="foot">
                <DiskFull />
                <SaveFailure />
                <Unsent />
                <NewVersion />
                <SecurityNotices />
                <NotificationOffer />
                <div class="strip">
                    <ConnectionLine {otherwise} />
                    <TypingLine />
                </div>
                if let Some(room) = &room {
                    if archived {
                        <ArchivedNotice key={room.as_str()} room={room.clone()} />
                    } else if let Some(until) = muted {
                        <Muted {until} />
                    } else {
                        <RoomComposer key={room.as_str()} room={room.clone()} />
                    }
                }
            </div>
        </main>
    }
}

#[derive(PartialEq, Properties)]
struct RoomComposerProps {
    room: RoomId,
}

/// Renders the composer, with the draft that is stored for the room.
#[component(RoomComposer)]
fn room_composer(props: &RoomComposerProps) -> Html {
    let (lang, _) = use_words();
    let store = use_store();
    let name = use_marked_title();
    let draft = use_memo(props.room.clone(), storage::draft);
    let on_draft = {
        let room = props.room.clone();
        Callback::from(move |text: String| storage::save_draft(&room, &text))
    };
    let people = {
        let store = store.clone();
        Callback::from(move |()| {
            let state = store.state();
            let people = state
                .current_room()
                .map(|room| room.roster.people())
                .unwrap_or_default();
            let me = state.replica.you().map(|you| &you.chat_id);
            let others = people.iter().filter(|it| me != Some(&it.chat_id));
            let mut others: Vec<_> = others.cloned().collect();
            others.sort_by(|one, other| order(lang, one.name.as_str(), other.name.as_str()));
            others
        })
    };
    let search = {
        let (store, room) = (store.clone(), props.room.clone());
        Callback::from(move |Search { prefix, on_found }| {
            if !store
                .state()
                .current_room()
                .is_some_and(|room| room.roster.is_partial())
            {
                return;
            }
            let (store, room) = (store.clone(), room.clone());
            wasm_bindgen_futures::spawn_local(async move {
                // Without an answer, the users in the partial roster are suggested.
                if let Ok(mut found) = members::online(&room, &prefix).await {
                    let state = store.state();
                    found.retain(|it| state.replica.you().is_none_or(|you| you.chat_id != it.chat_id));
                    drop(state);
                    on_found.emit(found);
                }
            });
        })
    };
    let TypingReporter { typed, sent } = use_typing_reporter(&props.room);
    let on_say = Callback::from(move |text: MessageBody| {
        sent.emit(());
        store.say(text);
    });
    html! { <Composer room={name} {lang} draft={(*draft).clone()} {on_draft} on_typed={typed} {people} {search} {on_say} /> }
}
