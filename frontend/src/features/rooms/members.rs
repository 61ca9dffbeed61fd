//! Renders the members of a room, and adds or removes members.

use std::rc::Rc;

use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Key, RoomId},
    presence::ChatUser,
    wire::ClientFrame,
};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::member::Member;
use crate::{
    client::members,
    features::directs::Chooser,
    i18n::order,
    prefs::use_words,
    store::{RequestState, use_selected, use_server_request, use_store},
};

/// The number of users that may be added at a time.
const AT_ONCE: usize = 20;

/// The members of a room, as the server last reported them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Members {
    pub(super) people: Option<Rc<[ChatUser]>>,
    pub(super) failed: bool,
    pub(super) again: Callback<()>,
}

/// Requests the members again when a user goes online or offline, and on demand. The lobby has no members.
#[hook]
pub(super) fn use_members(room: &RoomId) -> Members {
    let people = use_state(|| None::<Rc<[ChatUser]>>);
    let failed = use_state_eq(|| false);
    let times = use_state_eq(|| 0);
    let online = use_selected(|state| state.current_room().map_or(0, |room| room.roster.count));
    let (lang, _) = use_words();
    {
        let (people, failed) = (people.clone(), failed.clone());
        use_effect_with(
            (room.clone(), *times, online, lang),
            move |&(ref room, .., lang)| {
                let room = room.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    if room == RoomId::lobby() {
                        return;
                    }
                    let answer = members::of(&room).await;
                    failed.set(answer.is_err());
                    if let Ok(mut members) = answer {
                        members.sort_by(|one, other| order(lang, one.name.as_str(), other.name.as_str()));
                        people.set(Some(members.into()));
                    }
                });
            },
        );
    }
    let again = Callback::from(move |()| times.set(*times + 1));
    Members {
        people: (*people).clone(),
        failed: *failed,
        again,
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct MembersProps {
    pub(super) room: RoomId,
    pub(super) members: Members,
    /// Whether the user may remove members.
    pub(super) removable: bool,
}

/// Renders the list, which keeps its height while it is loading.
#[component(MemberList)]
pub(super) fn member_list(props: &MembersProps) -> Html {
    let (lang, words) = use_words();
    let me = use_selected(|state| state.replica.you().map(|you| you.chat_id.clone()));
    let request = use_server_request();
    let list = use_node_ref();
    {
        let (list, again) = (list.clone(), props.members.again.clone());
        use_effect_with(request.done(), move |&done| {
            if done {
                // The button that was pressed is removed.
                if let Some(list) = list.cast::<HtmlElement>() {
                    let _ = list.focus();
                }
                again.emit(());
            }
        });
    }
    let remove = |person: &ChatId| {
        let (request, room, person) = (request.clone(), props.room.clone(), person.clone());
        Callback::from(move |()| {
            request.send(|key| ClientFrame::RemoveMember {
                room: room.to_string(),
                chat_id: person.to_string(),
                key,
            });
        })
    };
    let row = |person: &ChatUser| {
        let is_me = me.as_ref() == Some(&person.chat_id);
        html! {
            <Member key={person.chat_id.as_str()} person={person.clone()} {is_me} removable={props.removable && !is_me}
                busy={request.pending()} on_remove={remove(&person.chat_id)} />
        }
    };
    let people = props.members.people.as_deref();
    html! {
        <>
            <ul ref={list.clone()} class="member-list" tabindex="-1" aria-label={words.room_members} aria-busy={people.is_none().to_string()}>
                { for people.unwrap_or_default().iter().map(row) }
            </ul>
            if let Some(code) = request.refused() {
                <p class="bad" role="alert">{ code.sentence(lang) }</p>
            } else if props.members.failed {
                <p class="bad" role="alert">{ words.members_failed }</p>
            }
        </>
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct AddProps {
    pub(super) room: RoomId,
    pub(super) members: Members,
    pub(super) on_back: Callback<()>,
}

/// Renders the chooser of users to add.
#[component(AddPeople)]
pub(super) fn add_people(props: &AddProps) -> Html {
    let (lang, words) = use_words();
    let chosen = use_state_eq(Vec::<ChatUser>::new);
    let refused = use_state_eq(|| None::<ErrorCode>);
    // The people of whom the server has yet to say whether they are added.
    let asked = use_state_eq(Vec::<(ChatUser, Key)>::new);
    let store = use_store();
    let (live, requests) = use_selected(|state| (state.replica.is_live(), state.requests.clone()));
    let pending = asked
        .iter()
        .any(|(_, key)| requests.state(key) == Some(&RequestState::Pending));
    {
        let (asked, chosen, refused) = (asked.clone(), chosen.clone(), refused.clone());
        let (store, on_back, again) = (store.clone(), props.on_back.clone(), props.members.again.clone());
        use_effect_with((*asked).clone(), move |now| {
            let now = now.clone();
            move || now.iter().for_each(|(_, key)| store.forget_request(key))
        });
        use_effect_with(!asked.is_empty() && !pending, move |&answered| {
            if !answered {
                return;
            }
            let failed = asked
                .iter()
                .filter_map(|(person, key)| Some((person.clone(), requests.refused(key)?)));
            let (left, codes): (Vec<_>, Vec<_>) = failed.unzip();
            refused.set(codes.first().copied());
            asked.set(Vec::new());
            again.emit(());
            if left.is_empty() {
                on_back.emit(());
            } else {
                // Users who could not be added stay chosen.
                chosen.set(left);
            }
        });
    }
    let on_change = {
        let (chosen, refused) = (chosen.clone(), refused.clone());
        Callback::from(move |people| {
            refused.set(None);
            chosen.set(people);
        })
    };
    let onsubmit = {
        let (room, on_back) = (props.room.clone(), props.on_back.clone());
        let chosen = chosen.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if pending {
                return;
            }
            let added = chosen.iter().map(|person| {
                let key = store.request(|key| ClientFrame::AddMember {
                    room: room.to_string(),
                    chat_id: person.chat_id.to_string(),
                    key,
                });
                (person.clone(), key)
            });
            asked.set(added.collect());
            // Without a connection nobody waits for the answers.
            if !live {
                on_back.emit(());
            }
        })
    };
    let except = props.members.people.iter().flat_map(|it| it.iter());
    let except: Vec<ChatId> = except.map(|it| it.chat_id.clone()).collect();
    html! {
        <form novalidate=true {onsubmit}>
            <Chooser most={AT_ONCE} {except} chosen={(*chosen).clone()} {on_change} />
            <p class="field-note" role="alert">{ refused.map(|code| code.sentence(lang)) }</p>
            <div class="ways-out">
                <button type="button" class="stay" onclick={props.on_back.reform(|_: MouseEvent| ())}>{ words.admin.cancel }</button>
                <button type="submit" class="primary" disabled={pending || chosen.is_empty()}>
                    { words.add }
                </button>
            </div>
        </form>
    }
}
