//! What a room is for, and the way out of it.

use snug_shared::{ids::RoomId, levels::Level};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::errand::{Standing, use_standing};
use crate::{
    features::notices::NoticeSetting,
    prefs::use_words,
    store::{use_selected, use_store},
    ui::{Choices, Dialog},
};

#[derive(PartialEq, Properties)]
pub(crate) struct AboutProps {
    pub(crate) room: RoomId,
    pub(crate) on_close: Callback<()>,
}

/// What the room is for that is shown; nothing, if nobody has said.
#[hook]
pub(crate) fn use_topic() -> AttrValue {
    let (_, words) = use_words();
    let (topic, room) = use_selected(|state| {
        let info = state.here().and_then(|room| room.info.as_ref());
        (info.map(|info| info.topic.clone()), state.room.clone())
    });
    match topic.filter(|topic| !topic.is_empty()) {
        Some(topic) => topic.to_string().into(),
        None if room == Some(RoomId::lobby()) => words.lobby_topic.into(),
        None => AttrValue::default(),
    }
}

/// What one wants to hear of a room, as it will be when the server has heard of it.
#[hook]
fn use_level(room: &RoomId) -> Level {
    let store = use_store();
    use_selected(|state| (state.revision, state.errands.clone()));
    store.state().level(room)
}

/// The dialog behind the room's name.
#[component(About)]
pub(crate) fn about(props: &AboutProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let leaving = use_state_eq(|| false);
    let stays = use_node_ref();
    let Standing {
        live,
        under_way,
        refused,
    } = use_standing(Some(&props.room));
    let name = use_selected(|state| state.name.clone());
    let topic = use_topic();
    {
        let stays = stays.clone();
        use_effect_with(*leaving, move |_| {
            if let Some(button) = stays.cast::<HtmlElement>() {
                let _ = button.focus();
            }
        });
    }
    let ask = {
        let leaving = leaving.clone();
        Callback::from(move |_: MouseEvent| leaving.set(true))
    };
    let store_for_level = store.clone();
    let leave = {
        let room = props.room.clone();
        Callback::from(move |_: MouseEvent| store.leave_room(&room))
    };
    let (room, level_store) = (props.room.clone(), store_for_level);
    let level = use_level(&room);
    let on_level = Callback::from(move |at: usize| level_store.set_level(&room, Level::ALL[at]));
    let levels = [words.hear_all, words.hear_mentions, words.hear_nothing].map(|it| (it.into(), None));
    let chosen = Level::ALL.iter().position(|it| *it == level).unwrap_or(0);
    let stay = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <Dialog label={words.about_room} close={words.close} on_close={props.on_close.clone()}>
            <h2 dir="auto">{ "#" }{ name.as_str() }</h2>
            <p class="topic" dir="auto">
                { if topic.is_empty() { words.no_topic } else { topic.as_str() } }
            </p>
            <hr />
            <Choices label={words.hear_of_room} options={levels.to_vec()} {chosen} on_choose={on_level} />
            <NoticeSetting />
            if props.room != RoomId::lobby() {
                <hr />
                if *leaving {
                    <p>{ words.leave_room_sure }</p>
                    if let Some(code) = refused {
                        <p class="bad" role="alert">{ code.sentence(lang) }</p>
                    }
                    <div class="ways-out">
                        <button type="button" class="leave" disabled={!live || under_way} onclick={leave}>
                            { if !live { words.waiting_for_connection } else if under_way { words.leaving } else { words.leave_room } }
                        </button>
                        <button ref={stays} type="button" class="stay" onclick={stay}>{ words.stay }</button>
                    </div>
                } else {
                    <button type="button" class="leave" onclick={ask}>{ words.leave_room }</button>
                }
            }
        </Dialog>
    }
}
