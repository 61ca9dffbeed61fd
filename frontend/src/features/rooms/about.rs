//! Renders the dialog about a room: its topic, its members, its notification level, and leaving it.

use snug_shared::{ids::RoomId, levels::NotificationLevel, people::Role, rooms::Kind, wire::ClientFrame};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{
    blocking::Blocking,
    delete::DeleteRoom,
    edit::EditForm,
    leave::LeaveActions,
    members::{AddPeople, MemberList, use_members},
    slow::SlowDown,
};
use crate::{
    features::{notifications::NotificationSetting, room_list::use_marked_title},
    prefs::use_words,
    store::{use_selected, use_server_request, use_store},
    ui::{Choices, Dialog, Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(crate) struct AboutProps {
    pub(crate) room: RoomId,
    pub(crate) on_close: Callback<()>,
}

/// Returns the topic of the room that is shown; an empty text, if it has none.
#[hook]
pub(crate) fn use_topic() -> AttrValue {
    let (_, words) = use_words();
    let (topic, room) = use_selected(|state| {
        let info = state.current_room().and_then(|room| room.info.as_ref());
        (info.map(|info| info.topic.clone()), state.room.clone())
    });
    match topic.filter(|topic| !topic.is_empty()) {
        Some(topic) => topic.to_string().into(),
        None if room == Some(RoomId::lobby()) => words.lobby_topic.into(),
        None => AttrValue::default(),
    }
}

/// Returns the notification level of a room, as it will be once the server has confirmed it.
#[hook]
fn use_level(room: &RoomId) -> NotificationLevel {
    let store = use_store();
    use_selected(|state| (state.revision, state.requests.clone()));
    store.state().level(room)
}

/// The part that the dialog shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    All,
    Edit,
    Add,
}

/// Renders the dialog behind the room's name.
#[component(About)]
pub(crate) fn about(props: &AboutProps) -> Html {
    let (_, words) = use_words();
    let part = use_state_eq(|| Part::All);
    let (to_edit, to_add) = (use_node_ref(), use_node_ref());
    let title = use_marked_title();
    let topic = use_topic();
    let (kind, moderates, owns, keeps) = use_selected(|state| {
        let info = state.current_room().and_then(|room| room.info.as_ref());
        let role = state.replica.you().map(|you| you.role);
        (
            info.map(|info| info.kind).unwrap_or_default(),
            role >= Some(Role::Moderator),
            role == Some(Role::Owner),
            state.can_manage_room(),
        )
    });
    let members = use_members(&props.room);
    let (lobby, direct) = (props.room == RoomId::lobby(), kind == Kind::Direct);
    let show = |to: Part| {
        let part = part.clone();
        Callback::from(move |_: MouseEvent| part.set(to))
    };
    let on_back = {
        let part = part.clone();
        Callback::from(move |()| part.set(Part::All))
    };
    {
        let before = use_mut_ref(|| Part::All);
        let (to_edit, to_add) = (to_edit.clone(), to_add.clone());
        use_effect_with(*part, move |&part| {
            // The focus returns to where it was.
            let from = match before.replace(part) {
                Part::Edit => to_edit,
                Part::Add => to_add,
                Part::All => return,
            };
            if let Some(button) = from.cast::<HtmlElement>() {
                let _ = button.focus();
            }
        });
    }
    let label = if direct {
        words.about_direct
    } else {
        words.about_room
    };
    let count = members.people.as_ref().map(|people| people.len());
    let inside = match *part {
        Part::Edit => html! {
            <>
                <h2 dir="auto">{ &title }</h2>
                <EditForm room={props.room.clone()} {on_back} />
            </>
        },
        Part::Add => html! {
            <>
                <h2>{ words.add_people }</h2>
                <AddPeople room={props.room.clone()} {members} {on_back} />
            </>
        },
        Part::All => html! {
            <>
                <h2 dir="auto">{ &title }</h2>
                if !direct {
                    <p class="topic" dir="auto">
                        { if topic.is_empty() { words.no_topic } else { topic.as_str() } }
                    </p>
                    if kind == Kind::Private {
                        <p class="kept"><IconPicture icon={Icon::Lock} />{ words.private_room_about }</p>
                    }
                }
                if keeps {
                    <button ref={to_edit} type="button" class="small" onclick={show(Part::Edit)}>
                        { if lobby { words.edit_topic } else { words.edit_room } }
                    </button>
                }
                if !lobby {
                    <hr />
                    <section class="members">
                        <div class="members-head">
                            <h3>{ words.room_members }if let Some(count) = count { { " " }<span class="count">{ count }</span> }</h3>
                            if !direct {
                                <button ref={to_add} type="button" class="small" onclick={show(Part::Add)}>
                                    <IconPicture icon={Icon::Add} />{ words.add_people }
                                </button>
                            }
                        </div>
                        <MemberList room={props.room.clone()} {members} removable={keeps && kind == Kind::Private} />
                    </section>
                }
                <hr />
                <Hear room={props.room.clone()} {direct} />
                <NotificationSetting />
                if moderates && !direct {
                    <hr />
                    <SlowDown room={props.room.clone()} />
                }
                if direct {
                    <hr />
                    <Blocking room={props.room.clone()} />
                }
                if !direct && !lobby {
                    <hr />
                    <LeaveActions room={props.room.clone()} private={kind == Kind::Private} {keeps} />
                    if owns {
                        <DeleteRoom room={props.room.clone()} />
                    }
                }
            </>
        },
    };
    html! {
        <Dialog {label} close={words.close} on_close={props.on_close.clone()}>{ inside }</Dialog>
    }
}

#[derive(PartialEq, Properties)]
struct HearProps {
    room: RoomId,
    /// Whether it is a direct conversation, in which every message mentions the user.
    direct: bool,
}

/// Renders the choice of a room's notification level.
#[component(Hear)]
fn hear(props: &HearProps) -> Html {
    let (_, words) = use_words();
    let request = use_server_request();
    let level = use_level(&props.room);
    let levels: Vec<(NotificationLevel, AttrValue)> = NotificationLevel::ALL
        .into_iter()
        .zip([words.notify_all, words.notify_mentions, words.notify_nothing])
        .filter(|(level, _)| !props.direct || *level != NotificationLevel::Mentions)
        .map(|(level, word)| (level, word.into()))
        .collect();
    let chosen = levels.iter().position(|(it, _)| *it == level).unwrap_or(0);
    let (levels, options): (Vec<_>, Vec<_>) = levels.into_iter().map(|(it, word)| (it, (word, None))).unzip();
    let on_choose = {
        let room = props.room.clone();
        Callback::from(move |at: usize| {
            request.send(|key| ClientFrame::SetLevel {
                room: room.to_string(),
                level: levels[at],
                key,
            })
        })
    };
    html! { <Choices label={words.notification_level} {options} {chosen} {on_choose} /> }
}
